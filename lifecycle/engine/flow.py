"""How a session starts to work and comes to rest: the pair, the fold, the answer on its way.

A session's running event stands only before its primary's (recorded without exception), so a
session is never said to run by the fold alone: whoever wakes a thread says it. A session is said to
rest when the fold says so, after the account of what it has used.
"""

from __future__ import annotations

from lifecycle import events as e
from lifecycle.engine.draft import Draft
from lifecycle.engine.perform import account, step
from lifecycle.engine.refusals import Refusal
from lifecycle.state import BudgetHit, Thread
from lifecycle.table import Row
from lifecycle.vocabulary import (
    EventType,
    RefusalCode,
    RunState,
    SessionState,
    SessionTrigger,
    StopReason,
    ThreadState,
    ThreadTrigger as T,
)

__all__ = [
    "in_turn",
    "open_asks",
    "pause_runs",
    "reach_budget",
    "rest_on",
    "session_runs",
    "settle",
    "unnamed",
    "wake",
]


_IDLE, _RUNNING, _RESCHEDULING = (
    SessionState.IDLE,
    SessionState.RUNNING,
    SessionState.RESCHEDULING,
)
_WORK, _REST, _END_TURN = SessionTrigger.WORK, SessionTrigger.REST, T.END_TURN
_ASKS, _TURN_IS_OVER = StopReason.REQUIRES_ACTION, StopReason.END_TURN


def session_runs(d: Draft) -> None:
    """Say that the session works, unless its list says so already."""
    if d.session.listed is not _RUNNING and _accepts(d, _WORK):
        d.put(e.SessionRunning(**d.mark()), d.session.primary)


def wake(d: Draft, thread_id: str, trigger: T) -> None:
    """Let a resting thread run, with whatever the session's list must say before.

    A child that runs while the session rests is not announced: no pair is without the primary.
    """
    if thread_id == d.session.primary or _works_alone(d):
        session_runs(d)
    step(d, thread_id, trigger)


def _works_alone(d: Draft) -> bool:
    """Whether a child may make the session run without its primary."""
    if d.tables.straight:
        return True
    return any(run.state is RunState.RUNNING for run in d.session.runs.values())


def settle(d: Draft) -> None:
    """Say that the session rests, or is put aside, if the fold says so and its list does not."""
    session = d.session
    row = d.folded()
    if row.state is _RESCHEDULING:
        if session.listed is not row.state and _accepts(d, SessionTrigger.RESCHEDULE):
            d.put(e.SessionRescheduled(**d.mark()), session.primary)
    elif row.stop is not None and _accepts(d, _REST):
        asked = open_asks(d) if row.stop is _ASKS else ()
        known = session.listed is _IDLE and session.state is _IDLE
        told = session.stop or _TURN_IS_OVER  # a session that never ran has said nothing
        if not known or (row.stop, asked) != (told, session.asked):
            rest_on(d, row.stop, asked)


def rest_on(d: Draft, stop: StopReason, asked: tuple[str, ...]) -> None:
    """Say that the session rests, after the account."""
    account(d)
    reason = e.StopReason(type=stop.value, event_ids=asked) if asked else _REASONS[stop]
    d.put(e.SessionIdle(stop_reason=reason, **d.mark()), d.session.primary)


_REASONS = {stop: e.StopReason(type=stop.value) for stop in StopReason}


def _accepts(d: Draft, trigger: SessionTrigger) -> bool:
    """Whether the session, as it is listed, takes *trigger*."""
    return d.tables.session.step(d.session.listed, trigger).accepts


def open_asks(d: Draft) -> tuple[str, ...]:
    """Return the calls that resting threads wait for, in the order in which they were made."""
    threads = d.session.threads.values()
    asked = {name for thread in threads if thread.asked for name in thread.asked}
    return tuple(name for name in d.session.calls if name in asked)


def in_turn(d: Draft, thread: Thread) -> Row[ThreadState, T]:
    """Return the row that says whether the thread's turn is open: whether it could end."""
    return d.tables.thread[thread.state, _END_TURN].row


# -- the budget, and what a service has no event for -----------------------------------------------


def reach_budget(d: Draft, thread_id: str) -> None:
    """Note that the cap is reached: nothing new starts."""
    if not d.session.capped:
        d.note(BudgetHit(), thread_id)


def pause_runs(d: Draft) -> None:
    """Pause the runs that execute: the budget is reached."""
    for run in [one for one in d.session.runs.values() if one.state is RunState.RUNNING]:
        d.put(e.RunIdle(workflow_run_id=run.id, **d.mark()), d.session.primary)


def unnamed(d: Draft, event: EventType) -> Refusal | None:
    """Return the refusal of what the service has no event for; `None` if it has one."""
    if event in d.tables.dialect.events:
        return None
    reason = f"{d.tables.dialect.title} names no `{event.value}`"
    return d.refuse(RefusalCode.INVALID_INPUT, reason)
