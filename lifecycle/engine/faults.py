"""Faults: errors that are retried inside a turn, turns that are put aside, and what dies of one.

A request that is open ends in an error first; then the error is told, on the failing thread's own
list, and then the status (X1). Sources: recordings (X1, X3) and the client's retry statuses; no
recording of a turn that was put aside exists (X5), so its order follows the pages.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

import attrs

from lifecycle import commands as c, events as e
from lifecycle.effects import CLOSE_CALLS, DELIVER_NEXT, END_CHILDREN
from lifecycle.engine.calls import end_request
from lifecycle.engine.draft import Draft
from lifecycle.engine.flow import settle, wake
from lifecycle.engine.perform import deliverable, perform, step
from lifecycle.engine.refusals import Refusal
from lifecycle.engine.runs import cancel_all, end_runs
from lifecycle.engine.turns import not_held
from lifecycle.state import ChildrenEnded, Thread, WaitEnded
from lifecycle.table import Phase
from lifecycle.vocabulary import (
    ErrorType,
    RefusalCode,
    RetryStatus,
    SessionTrigger,
    ThreadState,
    ThreadTrigger as T,
)

__all__ = ["fail_session", "fail_turn", "report_error", "reschedule_turn", "start_turn"]


_NO_FIELDS: Final[Mapping[str, Any]] = MappingProxyType({})
_FIELDS: Final = frozenset(one.name for one in attrs.fields(e.ErrorBody)) - {
    "type",
    "message",
    "retry_status",
    "extra",
}
"""What an error may name beyond its type: a server, a credential, a repository."""


# -- told, and no more -----------------------------------------------------------------------------


def report_error(d: Draft, command: c.ReportError) -> Refusal | None:
    """Tell an error that is retried inside the turn: no status changes. Source: recordings (X3)."""
    thread = d.named(command.thread_id)
    if thread is None:
        return d.refuse(RefusalCode.THREAD_NOT_FOUND, "no such thread", command.thread_id)
    if command.retry is not RetryStatus.RETRYING:
        reason = "an error that is not retried ends the turn, or the session: report that"
        return d.refuse(RefusalCode.INVALID_INPUT, reason, thread.id)
    if not command.fields.keys() <= _FIELDS:
        unknown = ", ".join(sorted(command.fields.keys() - _FIELDS))
        return d.refuse(RefusalCode.INVALID_INPUT, f"an error names no {unknown}", thread.id)
    if not thread.live:
        return d.denied("thread", d.tables.thread[thread.state, T.END_TURN].row, thread.id)
    _tell(d, thread, command.error, command.message, command.retry, command.fields)
    return None


def _tell(
    d: Draft,
    thread: Thread,
    error: ErrorType,
    message: str,
    retry: RetryStatus,
    fields: Mapping[str, Any] = _NO_FIELDS,
) -> None:
    """Put an error down on the list of the thread that failed. Source: pages, workflow runs."""
    status = e.RetryStatus(type=retry.value)
    body = e.ErrorBody(type=error.value, message=message, retry_status=status, **fields)
    d.own(e.SessionError(error=body, **d.mark()), thread)


# -- put aside, and taken up again -----------------------------------------------------------------


def reschedule_turn(d: Draft, command: c.RescheduleTurn) -> Refusal | None:
    """Put a turn aside until it is retried; its calls stay open. Source: client; order inferred."""
    thread = _failing(d, command.thread_id, T.RESCHEDULE)
    if isinstance(thread, Refusal):
        return thread
    end_request(d, thread)
    _tell(d, thread, command.error, command.message, RetryStatus.RETRYING)
    step(d, thread.id, T.RESCHEDULE)
    settle(d)
    return None


def _failing(d: Draft, thread_id: str, trigger: T) -> Thread | Refusal:
    """Return the thread if *trigger* can hit its turn now, or why not."""
    thread = d.named(thread_id)
    if thread is None:
        return d.refuse(RefusalCode.THREAD_NOT_FOUND, "no such thread", thread_id)
    row = d.tables.thread[thread.state, trigger].row
    return d.denied("thread", row, thread.id) or not_held(d, thread) or thread


def start_turn(d: Draft, command: c.StartTurn) -> Refusal | None:
    """Let a thread go on by itself: a turn that was put aside, or what was held back.

    A thread that rests on open asks may run unanswered, and rests on the same asks afterwards:
    recorded four times. Where a service brings a thread back at rest, that is what happens.
    """
    thread = d.named(command.thread_id)
    if thread is None:
        return d.refuse(RefusalCode.THREAD_NOT_FOUND, "no such thread", command.thread_id)
    trigger = _going_on(d, thread)
    refusal = d.denied("thread", d.tables.thread[thread.state, trigger].row, thread.id)
    if refusal is None and d.session.capped and trigger is not T.RECOVER:
        reason = "the budget is checked before each model request"
        refusal = d.refuse(RefusalCode.BUDGET_REACHED, reason, thread.id)
    if refusal is None and trigger is T.RESUME and (not thread.asked or not _held_back(d, thread)):
        refusal = d.refuse(RefusalCode.OUT_OF_TURN, "nothing of it was held back", thread.id)
    if refusal is not None:
        return refusal
    if trigger is T.RECOVER:
        step(d, thread.id, trigger)
    else:
        wake(d, thread.id, trigger)
    settle(d)
    return None


def _held_back(d: Draft, thread: Thread) -> bool:
    """Whether a thread rests beside a call that the platform runs.

    What else it could go on with (an answer, a message, a budget) wakes it by itself.
    """
    return any(c.id not in thread.asked and not c.by_client for c in d.calls_of(thread.id))


def _going_on(d: Draft, thread: Thread) -> T:
    """Return what going on is to a thread: a retry, a recovery, or more work."""
    if thread.state is not ThreadState.RESCHEDULING:
        return T.RESUME
    recovers = d.tables.thread[thread.state, T.RECOVER].row.accepts
    return T.RECOVER if recovers else T.RETRY


# -- dead ------------------------------------------------------------------------------------------


def fail_turn(d: Draft, command: c.FailTurn) -> Refusal | None:
    """End a turn that is dead: its queue is dropped. A child ends with it, as a switch says.

    Source: the client's retry statuses; the thread pages for a child's end (H8).
    """
    thread = _failing(d, command.thread_id, T.EXHAUST_RETRIES)
    if isinstance(thread, Refusal):
        return thread
    effects = d.tables.thread[thread.state, T.EXHAUST_RETRIES].effects
    _close(d, thread, T.EXHAUST_RETRIES)
    _tell(d, thread, command.error, command.message, RetryStatus.EXHAUSTED)
    perform(d, thread.id, T.EXHAUST_RETRIES, [x for x in effects if x is not CLOSE_CALLS])
    if thread.parent and d.switch("exhausted_child") == "terminates":
        step(d, thread.id, T.FINISH_CHILD)
    settle(d)
    left = d.session.threads[thread.id]  # a workflow run's result is no queued input: it is read
    if deliverable(d, left):
        d.owe(DELIVER_NEXT, left.id, left.mailbox[:1], Phase.AFTER)
    return None


def _close(d: Draft, thread: Thread, trigger: T) -> None:
    """Close the request and the calls of a thread, where its row says so: before the error."""
    effects = d.tables.thread[thread.state, trigger].effects
    perform(d, thread.id, trigger, [x for x in effects if x is CLOSE_CALLS])


def fail_session(d: Draft, command: c.FailSession) -> Refusal | None:
    """End what met an unrecoverable error: the session with its primary, or a child alone.

    Source: recordings (X1: no thread idle, no account, no stop reason); a child's scope inferred.
    """
    thread = d.named(command.thread_id)
    if thread is None:
        return d.refuse(RefusalCode.THREAD_NOT_FOUND, "no such thread", command.thread_id)
    if not thread.parent:
        _end_all(d, thread, command)
        return None
    row = d.tables.thread[thread.state, T.FINISH_CHILD]
    refusal = d.denied("thread", row.row, thread.id)
    if refusal is not None:
        return refusal
    _close(d, thread, T.FINISH_CHILD)
    _tell(d, thread, command.error, command.message, RetryStatus.TERMINAL)
    perform(d, thread.id, T.FINISH_CHILD, [x for x in row.effects if x is not CLOSE_CALLS])
    settle(d)
    return None


def _end_all(d: Draft, primary: Thread, command: c.FailSession) -> None:
    """End the primary, its children and runs, and the session: its last event."""
    end_request(d, primary)
    _tell(d, primary, command.error, command.message, RetryStatus.TERMINAL)
    if primary.waits_for:
        d.note(WaitEnded(primary.waits_for, is_error=True), primary.id)
    row = d.tables.session.step(d.session.listed, SessionTrigger.FAIL)
    children = tuple(t.id for t in d.session.threads.values() if t.live and t.parent)
    if d.switch("children_of_ended_session") == "listed":
        for name in children:
            step(d, name, T.FINISH_CHILD)
    end_runs(d)
    step(d, primary.id, T.FAIL_PRIMARY)
    cancel_all(d)
    left = tuple(name for name in children if d.session.threads[name].live)
    if left:
        d.note(ChildrenEnded(left))
    d.put(e.SessionTerminated(**d.mark()), primary.id)
    if children and END_CHILDREN in row.effects:
        d.owe(END_CHILDREN, primary.id, children)
