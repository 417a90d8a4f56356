"""``lifecycle explore``: every state that a bounded session can reach, and whether all holds there.

A violation is told as a lesson: the shortest way to it, a line for each command and what the engine
answered, so that it can be put among the lessons and played again.
"""

from __future__ import annotations

from collections.abc import Iterator

import click

from lifecycle.commands import Command
from lifecycle.dialects import DIALECTS
from lifecycle.explore import WIDER, Bounds, Explored, Found, explore as walk
from lifecycle.lesson import LineError, line_of
from lifecycle.lesson.telling import aligned, of_decision

__all__ = ["explore", "told"]

VIOLATION = 1


@click.command()
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
    "--dialect", type=click.Choice(list(DIALECTS)), default=next(iter(DIALECTS)),
    show_default=True, help="The service whose tables decide.",
)  # fmt: skip
@click.pass_context
def explore(
    ctx: click.Context,
    children: int,
    messages: int,
    calls: int,
    wider: tuple[str, ...],
    dialect: str,
) -> None:
    """Walk every state that a bounded session can reach, and check that all is well there.

    Sessions that differ only in names, times, or which child is which count as one. In every state
    all invariants are asked; every shortest way to one is read by the checker; and from every state
    it is shown that the session can be brought to rest and be archived. Exits 1 if something does
    not hold, with the shortest way to it as a lesson.

    \b
    Examples:
        lifecycle explore                          one coordinator, two children
        lifecycle explore --children 1 --with faults --dialect qoder
    """
    result = walk(DIALECTS[dialect], Bounds(children, messages, calls, frozenset(wider)))
    click.echo("\n".join(told(result, dialect)))
    if result.found is not None:
        ctx.exit(VIOLATION)


def told(result: Explored, dialect: str) -> Iterator[str]:
    """Iterate over the lines that tell what a walk has found."""
    yield (
        f"{result.states} states, {result.transitions} transitions, {result.refused} refusals, "
        f"{result.seconds:.1f} s"
    )
    if result.found is None:
        yield "every invariant holds, and from every state the session can be archived"
    else:
        yield from _lesson(result.found, dialect)


def _lesson(found: Found, dialect: str) -> Iterator[str]:
    """Iterate over the lines of the lesson that leads to a violation."""
    yield ""
    yield f"does not hold: {found.violation.rule}"
    yield f"{found.violation.says}"
    yield ""
    yield f"```lesson {dialect}"
    for number, step in enumerate(found.way):
        if number:
            yield ""
        yield f"> {_line(step.command)}"
        yield from aligned(of_decision(step.decision, step.before))
    yield "```"


def _line(command: Command) -> str:
    """Return the line that says *command*; the command itself where the notation has none."""
    try:
        return line_of(command)
    except LineError:
        return repr(command)
