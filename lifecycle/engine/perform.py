"""What the engine does for each effect that a row of the thread machine names.

`step` asks the table, and performs the effects of the row that accepts. Effects that write an event
put it down; all others are owed by the host, and what they mean for the session itself is put down
as a note, so that the fold knows it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from lifecycle import effects as f, events as e
from lifecycle.engine.calls import end_request, give_result, put_answer
from lifecycle.engine.draft import Draft, part_of
from lifecycle.machines import STOPS
from lifecycle.state import (
    MessagesCancelled,
    Thread,
    ThreadArchived,
    WaitEnded,
)
from lifecycle.table import Effect, Phase, Row
from lifecycle.vocabulary import (
    CallState,
    EventType,
    StopReason,
    ThreadState,
    ThreadTrigger as T,
)

__all__ = [
    "CANCELLED",
    "INTERRUPTED",
    "account",
    "deliverable",
    "perform",
    "step",
    "unblock",
]

INTERRUPTED: Final = "Tool execution was interrupted before completion. Please retry."
"""The text of a result that closes a call. Source: recordings."""

CANCELLED: Final = "Agent cancelled."
"""What a blocking call returns when its child is archived. Source: the archive page."""

_IDLE, _ARCHIVE_CHILD = ThreadState.IDLE, T.ARCHIVE_CHILD
_PLAIN_STOPS: Final[Mapping[StopReason, e.StopReason]] = {
    reason: e.StopReason(type=reason.value)
    for reason in StopReason
    if reason is not StopReason.REQUIRES_ACTION
}


def step(d: Draft, thread_id: str, trigger: T) -> Row[ThreadState, T]:
    """Ask the thread machine, and perform what the row that accepts names."""
    thread = d.session.threads[thread_id]
    found = d.tables.thread[thread.state, trigger]
    perform(d, thread_id, trigger, found.effects)
    return found.row


def perform(d: Draft, thread_id: str, trigger: T, effects: Iterable[Effect]) -> None:
    """Perform *effects* for a thread, in their order."""
    for effect in effects:
        _PERFORM[effect.name](d, thread_id, trigger, effect)


# -- status events ---------------------------------------------------------------------------------


def _running(d: Draft, thread_id: str, trigger: T, effect: Effect) -> None:
    thread = d.session.threads[thread_id]
    mark = d.mark()
    d.post(
        e.ThreadRunning(session_thread_id=thread_id, agent_name=thread.agent_name, **mark), thread
    )


def _idle(d: Draft, thread_id: str, trigger: T, effect: Effect) -> None:
    """The thread rests; on the session's list a child's rest is followed by the account.

    That is recorded of children that the coordinator made; of threads that the platform makes for
    an errand no page says so.
    """
    thread = d.session.threads[thread_id]
    reason = STOPS[trigger]
    stop = _PLAIN_STOPS.get(reason) or e.StopReason(
        type=reason.value, event_ids=tuple(c.id for c in d.calls_of(thread_id) if c.holds)
    )
    d.post(
        e.ThreadIdle(
            session_thread_id=thread_id,
            agent_name=thread.agent_name,
            stop_reason=stop,
            **d.mark(),
        ),
        thread,
    )
    if thread.parent and not thread.advisor and not thread.errand:
        account(d)


def _rescheduled(d: Draft, thread_id: str, trigger: T, effect: Effect) -> None:
    thread = d.session.threads[thread_id]
    mark = d.mark()
    d.post(
        e.ThreadRescheduled(session_thread_id=thread_id, agent_name=thread.agent_name, **mark),
        thread,
    )


def _terminated(d: Draft, thread_id: str, trigger: T, effect: Effect) -> None:
    """The child is over; only Qoder says why, and has no word for an error."""
    archived = trigger is _ARCHIVE_CHILD
    if archived:
        d.note(ThreadArchived(thread_id), thread_id)
    thread = d.session.threads[thread_id]
    stop: e.StopReason | e.Absent = e.ABSENT
    if d.tables.dialect.style.schema:
        reason = StopReason.ARCHIVE if archived else thread.stop or StopReason.END_TURN
        stop = _PLAIN_STOPS.get(reason, _PLAIN_STOPS[StopReason.END_TURN])
    d.post(
        e.ThreadTerminated(
            session_thread_id=thread_id,
            agent_name=thread.agent_name,
            stop_reason=stop,
            **d.mark(),
        ),
        thread,
    )


def account(d: Draft) -> None:
    """Put down what the session has used so far, where the service says it."""
    if not d.tables.usage:
        return
    session = d.session
    tally = session.tally
    mark = d.mark()
    active = tally.active_us + (d.at_us - tally.since_us if tally.since_us else 0)
    usage = e.Usage(
        active_seconds=round(active / 1_000_000, 3),
        input_tokens=tally.input_tokens,
        output_tokens=tally.output_tokens,
        cache_read_input_tokens=tally.cache_read,
        cache_creation={
            "ephemeral_1h_input_tokens": 0,
            "ephemeral_5m_input_tokens": tally.cache_creation,
        },
    )
    budget = part_of(e.Budget, session.budget) if session.budget is not None else e.ABSENT
    d.put(e.SessionUsage(usage=usage, budget=budget, **mark), session.primary)


# -- duties ----------------------------------------------------------------------------------------


def _clock(d: Draft, thread_id: str, trigger: T, effect: Effect) -> None:
    d.owe(effect, thread_id)


def _deliver(d: Draft, thread_id: str, trigger: T, effect: Effect) -> None:
    """What waits is delivered after this write: by a decision of its own."""
    thread = d.session.threads[thread_id]
    if deliverable(d, thread):
        d.owe(effect, thread_id, thread.mailbox[:1], Phase.AFTER)


def deliverable(d: Draft, thread: Thread) -> bool:
    """Whether the thread could start to work on what waits for it; instructions start nothing."""
    if not thread.mailbox or thread.state is not _IDLE or thread.asked or d.session.capped:
        return False
    messages = d.session.messages
    return any(messages[name].kind is not EventType.SYSTEM_MESSAGE for name in thread.mailbox)


def _cancel(d: Draft, thread_id: str, trigger: T, effect: Effect) -> None:
    """Nobody will read what waits for the thread; a workflow run's result is read all the same."""
    messages = d.session.messages
    mailbox = d.session.threads[thread_id].mailbox
    if effect is f.FLUSH_MAILBOX:
        mailbox = tuple(m for m in mailbox if messages[m].kind is not EventType.RUN_ENDED)
    if mailbox:
        d.note(MessagesCancelled(thread_id, mailbox), thread_id)
        d.owe(effect, thread_id, mailbox)


def _close(d: Draft, thread_id: str, trigger: T, effect: Effect) -> None:
    """End the open request, and give every open call an error result."""
    thread = d.session.threads[thread_id]
    end_request(d, thread)
    calls = d.calls_of(thread_id)
    for call in calls:
        if call.state is CallState.ANSWERED:
            # What the client said of it is consumed here; the results of the calls before it stand
            # on the thread's own list alone, and so does this.
            put_answer(d, call, thread, call.answer or {}, copied=False)
        if call.id in d.session.calls:
            give_result(d, call, INTERRUPTED, True)
    if calls:
        d.owe(effect, thread_id, (call.id for call in calls))


def _free(d: Draft, thread_id: str, trigger: T, effect: Effect) -> None:
    """Advisors and the threads of workflow runs take no slot."""
    thread = d.session.threads[thread_id]
    if not thread.advisor and not thread.errand:
        d.owe(effect, thread_id)


def _unblock(d: Draft, thread_id: str, trigger: T, effect: Effect) -> None:
    """A coordinator that waits for this thread goes on."""
    if d.primary.waits_for != thread_id:
        return
    archived = trigger is _ARCHIVE_CHILD
    result = CANCELLED if archived else "Agent failed."
    d.owe(effect, d.session.primary, (thread_id,), detail=result)
    unblock(d, thread_id, result, is_error=not archived)


def unblock(d: Draft, child_id: str, result: Any, is_error: bool = False) -> None:
    """Give the coordinator's blocking call its result, and let it run again."""
    primary = d.primary
    call = d.session.calls.get(primary.wait_call)
    d.note(WaitEnded(child_id, result, is_error), primary.id)
    if call is not None:
        give_result(d, call, result, is_error)
    step(d, primary.id, T.RESUME)


_PERFORM: Final[dict[str, Callable[[Draft, str, T, Effect], None]]] = {
    f.EMIT_RUNNING.name: _running,
    f.EMIT_IDLE.name: _idle,
    f.EMIT_RESCHEDULED.name: _rescheduled,
    f.EMIT_TERMINATED.name: _terminated,
    f.START_CLOCK.name: _clock,
    f.STOP_CLOCK.name: _clock,
    f.DELIVER_NEXT.name: _deliver,
    f.CANCEL_MAILBOX.name: _cancel,
    f.FLUSH_MAILBOX.name: _cancel,
    f.CLOSE_CALLS.name: _close,
    f.FREE_SLOT.name: _free,
    f.UNBLOCK_COORDINATOR.name: _unblock,
}
"""What is done for each effect that rows of the thread machine name."""
