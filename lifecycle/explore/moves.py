"""Every command that could be sent to a session, by a client or by the host's loop."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import attrs

from lifecycle import commands as c
from lifecycle.state import Session, Thread
from lifecycle.vocabulary import OutcomeResult, Permission

__all__ = ["PRIMARY", "SESSION", "WIDER", "Bounds", "moves"]

SESSION: Final = "sesn_1"
"""The id of the one session."""

PRIMARY: Final = "primary"
"""The id of its primary thread."""


WIDER: Final = ("faults", "budget", "outcomes", "runs")
"""What may be tried beyond messages, calls, children, interrupts and archives."""


@attrs.frozen
class Bounds:
    """What keeps the walk finite.

    Attributes:
        children: how many children are ever made.
        messages: how many messages wait at once, in all mailboxes together.
        calls: how many calls are open at once, in all threads together.
        wider: what is tried beyond messages, calls, children, interrupts and archives; of `WIDER`.
    """

    children: int = 2
    messages: int = 2
    calls: int = 1
    wider: frozenset[str] = frozenset()


_TOOLS: Final[tuple[dict[str, Any], ...]] = (
    {"permission": Permission.ASK},
    {"permission": Permission.ALLOW},
    {"permission": Permission.DENY},
    {"kind": "custom"},
)
_CAP: Final = {"type": "list_cost", "max_list_cost": {"amount": "5", "currency": "USD"}}


def moves(session: Session, bounds: Bounds) -> Iterator[c.Command]:
    """Iterate over every command that could be sent to *session*, within *bounds*."""
    room = len(session.messages) < bounds.messages
    yield from _of_client(session, room)
    for thread in session.threads.values():
        yield from _of_loop(session, thread, len(session.calls) < bounds.calls)
        if "faults" in bounds.wider:
            yield from _of_faults(thread)
    children = [name for name, thread in session.threads.items() if thread.parent]
    if room:
        yield from _of_delegation(children, bounds.children)
    if "budget" in bounds.wider:
        yield from _of_budget(session)
    if "outcomes" in bounds.wider:
        yield from _of_outcomes(room)
    if "runs" in bounds.wider:
        yield from _of_runs(session, room)


def _of_client(session: Session, room: bool) -> Iterator[c.Command]:
    """Iterate over what a client could send."""
    if room:
        yield c.SendMessage(session_id=SESSION, content="Hi")
    for name in session.calls:
        yield c.ConfirmTool(session_id=SESSION, call_id=name, allow=True)
        yield c.ConfirmTool(session_id=SESSION, call_id=name, allow=False)
        yield c.AnswerTool(session_id=SESSION, call_id=name, content="42")
    yield c.Interrupt(session_id=SESSION)
    for name in session.threads:
        yield c.Interrupt(session_id=SESSION, thread_id=name)
        yield c.ArchiveThread(session_id=SESSION, thread_id=name)
    yield c.ArchiveSession(session_id=SESSION)
    yield c.DeleteSession(session_id=SESSION)


def _about(thread: Thread) -> dict[str, Any]:
    """Return how a report names its session and its thread."""
    return {"session_id": SESSION, "thread_id": thread.id if thread.parent else ""}


def _of_loop(session: Session, thread: Thread, more: bool) -> Iterator[c.Command]:
    """Iterate over what the host's loop could report of a thread's turn.

    Of a thread that is over one report stands for all, and so does one call without a request.
    """
    about = _about(thread)
    yield c.DeliverNext(**about)
    yield c.RequestStarted(**about)
    if not thread.live:
        return
    if more:
        for tool in _TOOLS if thread.request else _TOOLS[:1]:
            yield c.ToolUsed(**about, **tool, name="look", call_id=f"c{session.version}")
    yield c.RequestEnded(**about)
    for call in session.calls.values():
        if call.thread == thread.id:
            yield c.ToolResulted(**about, call_id=call.id, content="ok")
    yield c.TurnEnded(**about)
    yield c.StartTurn(**about)


def _of_delegation(children: list[str], most: int) -> Iterator[c.Command]:
    """Iterate over what threads could send to each other."""
    for name in children:
        yield c.MessageChild(session_id=SESSION, child_id=name, content="Go on")
        yield c.Report(session_id=SESSION, thread_id=name, content="Done")
    if len(children) < most:
        name = f"child-{len(children) + 1}"
        yield c.SpawnChild(session_id=SESSION, child_id=name, task="Look")
        yield c.SpawnChild(session_id=SESSION, child_id=name, task="Look", blocking=True)


def _of_faults(thread: Thread) -> Iterator[c.Command]:
    """Iterate over what could go wrong in a thread."""
    about = _about(thread)
    yield c.TurnEnded(**about, refused=True)
    yield c.RescheduleTurn(**about)
    yield c.FailTurn(**about)
    yield c.FailSession(**about)
    yield c.ReportError(**about)


def _of_budget(session: Session) -> Iterator[c.Command]:
    """Iterate over what a budget could do."""
    yield c.UpdateSession(session_id=SESSION, changes={"budget": dict(_CAP)})
    yield c.UpdateSession(session_id=SESSION, changes={"budget": None})
    for thread in session.threads.values():
        yield c.BudgetReached(**_about(thread))
        yield c.TurnEnded(**_about(thread), over_budget=True)


def _of_outcomes(room: bool) -> Iterator[c.Command]:
    """Iterate over what could become of a goal."""
    if room:
        yield c.DefineOutcome(session_id=SESSION, description="Tests pass", outcome_id="goal")
    yield c.EvaluationStarted(session_id=SESSION)
    yield c.EvaluationEnded(session_id=SESSION, result=OutcomeResult.SATISFIED)
    yield c.EvaluationEnded(session_id=SESSION, result=OutcomeResult.NEEDS_REVISION)


def _of_runs(session: Session, room: bool) -> Iterator[c.Command]:
    """Iterate over what a workflow run could do; one is open at a time."""
    if not session.runs:
        yield c.StartRun(session_id=SESSION, run_id=f"run-{session.version}")
    for name in session.runs:
        yield c.RunResumed(session_id=SESSION, run_id=name)
        yield c.RunPaused(session_id=SESSION, run_id=name)
        if room:  # its result waits for the primary
            yield c.RunEnded(session_id=SESSION, run_id=name)
