"""``lifecycle explore``: every state that a bounded session can reach, and whether all holds there.

With ``--deployment``, the same of a deployment and the clocks of its hosts.

A violation is told as a lesson: the shortest way to it, a line for each command and what the engine
answered, so that it can be put among the lessons and played again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

import click
from click.core import ParameterSource

from lifecycle.cli.options import dialect_option
from lifecycle.dialects import DIALECTS
from lifecycle.explore import (
    RUNS,
    WIDER,
    Bounds,
    DeploymentsExplored,
    DeploymentStep,
    Explored,
    Order,
    Step,
    explore as walk,
    explore_deployments,
)
from lifecycle.explore.walk import Explored as AnyExplored, Found as AnyFound
from lifecycle.lesson import DEPLOYMENTS, SESSIONS, DeploymentStage, LineError, Notation
from lifecycle.lesson.deployment_telling import of_clock, of_decision as of_deployment_decision
from lifecycle.lesson.deployments import SetClock
from lifecycle.lesson.slots import write_moment
from lifecycle.lesson.telling import aligned, of_decision

__all__ = ["explore", "told", "told_of_deployments"]

VIOLATION = 1

_OF_SESSIONS: Final = ("children", "messages", "calls", "wider")
_OF_DEPLOYMENTS: Final = ("runs",)


@click.command()
@click.option(
    "--deployment", is_flag=True,
    help="Walk a deployment: its schedule, runs and pauses, with hosts that are late or lag.",
)  # fmt: skip
@click.option(
    "--children", type=click.IntRange(0), default=Bounds().children, show_default=True,
    help="How many children are ever made.",
)  # fmt: skip
@click.option(
    "--messages", type=click.IntRange(0), default=Bounds().messages, show_default=True,
    help="How many messages wait at once.",
)  # fmt: skip
@click.option(
    "--calls", type=click.IntRange(0), default=Bounds().calls, show_default=True,
    help="How many calls are open at once.",
)  # fmt: skip
@click.option(
    "--with", "wider", type=click.Choice(WIDER), multiple=True,
    help="What is tried besides; may be given several times, and takes longer each time.",
)  # fmt: skip
@click.option(
    "--runs", type=click.IntRange(0), default=RUNS, show_default=True,
    help="How many runs of a deployment are under way at once.",
)  # fmt: skip
@dialect_option("The service whose tables decide.")
@click.pass_context
def explore(
    ctx: click.Context,
    deployment: bool,
    children: int,
    messages: int,
    calls: int,
    wider: tuple[str, ...],
    runs: int,
    dialect: str,
) -> None:
    """Walk every state that a bounded session can reach, and check that all is well there.

    Sessions that differ only in names, times, or which child is which count as one. In every state
    all invariants are asked; every shortest way to one is read by the checker; and from every state
    it is shown that the session can be brought to rest and be archived. Exits 1 if something does
    not hold, with the shortest way to it as a lesson.

    With --deployment it is a deployment whose schedule is replaced and removed, whose runs succeed,
    fail and come late, and whose hosts fire twice or have a clock that lags. Deployments that
    differ only in names, and in when exactly, count as one. It is told, too, how many cells of the
    table were met, and which were not.

    \b
    Examples:
        lifecycle explore                          one coordinator, two children
        lifecycle explore --children 1 --with faults --dialect qoder
        lifecycle explore --deployment             a deployment with up to two runs under way
    """
    _refuse(ctx, _OF_SESSIONS if deployment else _OF_DEPLOYMENTS, deployment=deployment)
    if deployment:
        of_deployments = explore_deployments(DIALECTS[dialect], runs)
        violated = of_deployments.walked.found is not None
        lines = told_of_deployments(of_deployments, dialect)
    else:
        result = walk(DIALECTS[dialect], Bounds(children, messages, calls, frozenset(wider)))
        violated = result.found is not None
        lines = told(result, dialect)
    click.echo("\n".join(lines))
    if violated:
        ctx.exit(VIOLATION)


def _refuse(ctx: click.Context, names: tuple[str, ...], *, deployment: bool) -> None:
    """Refuse a bound that is of the other walk.

    Raises:
        click.UsageError: one was given.
    """
    for param in ctx.command.params:
        given = ctx.get_parameter_source(param.name or "") is ParameterSource.COMMANDLINE
        if param.name in names and given:
            says = "is of sessions: leave --deployment out" if deployment else "needs --deployment"
            raise click.UsageError(f"{param.opts[0]} {says}", ctx)


# -- telling ---------------------------------------------------------------------------------------


def told(result: Explored, dialect: str) -> Iterator[str]:
    """Iterate over the lines that tell what a walk over sessions has found."""
    yield _counted(result)
    if result.found is None:
        yield "every invariant holds, and from every state the session can be archived"
    else:
        yield from _told(result.found, f"lesson {dialect}", _session_step)


def told_of_deployments(result: DeploymentsExplored, dialect: str) -> Iterator[str]:
    """Iterate over the lines that tell what a walk over deployments has found."""
    yield _counted(result.walked)
    found = result.walked.found
    if found is not None:
        played = not any(_lags(step) for step in found.way)
        begins = f"lesson {dialect} {DeploymentStage.kind}" if played else "text"
        yield from _told(found, begins, _deployment_step)
        return
    left = [f"{row.state} x {row.trigger}" for row in result.unreached]
    yield f"{result.cells - len(left)} of {result.cells} cells of the deployment table were met"
    if left:
        yield f"not met: {', '.join(left)}"
    yield "every invariant holds, and from every state the deployment can be archived"


def _counted(result: AnyExplored[Any, Any, Any]) -> str:
    """Return the line that says how much was seen."""
    return (
        f"{result.states} states, {result.transitions} transitions, {result.refused} refusals, "
        f"{result.seconds:.1f} s"
    )


def _told(
    found: AnyFound[Any, Any, Any], begins: str, tell: Callable[[Any], list[str]]
) -> Iterator[str]:
    """Iterate over the lines of the block that leads to a violation."""
    yield ""
    yield f"does not hold: {found.violation.rule}"
    yield f"{found.violation.says}"
    yield ""
    yield f"```{begins}"
    for number, step in enumerate(found.way):
        if number:
            yield ""
        yield from tell(step)
    yield "```"


def _session_step(step: Step) -> list[str]:
    """Return a session's command and the answer."""
    return [f"> {_line(SESSIONS, step.command)}", *aligned(of_decision(step.decision, step.before))]


def _deployment_step(step: DeploymentStep) -> list[str]:
    """Return a deployment's command, or the time that goes on, and the answer."""
    before = None if step.before is None else step.before.deployment
    if not isinstance(step.command, Order):
        until = step.command.until
        line = DEPLOYMENTS.line_of(SetClock(at=until))
        return [f"> {line}", *aligned(of_clock(until, before))]
    answer = aligned(of_deployment_decision(step.decision, before))
    line = _line(DEPLOYMENTS, step.command.command)
    if _lags(step):
        line += f"   (on a host whose clock shows {write_moment(step.command.at)})"
    return [f"> {line}", *answer]


def _lags(step: DeploymentStep) -> bool:
    """Whether the host's clock is not right; a lesson has one host, and its clock goes forward."""
    order = step.command
    return isinstance(order, Order) and step.before is not None and order.at != step.before.now


def _line(notation: Notation, command: Any) -> str:
    """Return the line that says *command*; the command itself where the notation has none."""
    try:
        return notation.line_of(command)
    except LineError:
        return repr(command)
