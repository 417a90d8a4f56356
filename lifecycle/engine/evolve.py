"""What each entry makes of a session. Total: nothing is raised, nothing is refused.

Each event type and each note has one small step. An event of an unknown type changes nothing but
the counts of `Session.unknown`, and neither does one that does not fit: it names a thread that is
not there, or answers a call that is not open.

Copies on the session's list of what stands on a child's own list are not taken twice: the child's
own entry is the one that counts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from lifecycle import events as e
from lifecycle.engine.evolve_calls import CALL_STEPS
from lifecycle.engine.evolve_work import WORK_STEPS
from lifecycle.engine.fold import Fold
from lifecycle.engine.stamps import stamp_of
from lifecycle.state import (
    ADVISOR,
    BudgetHit,
    ChildrenEnded,
    Entry,
    Message,
    MessagesCancelled,
    MessagesRead,
    Outcome,
    Place,
    SessionArchived,
    SessionMade,
    Thread,
    ThreadArchived,
    WaitEnded,
    WaitStarted,
)
from lifecycle.vocabulary import EventType, Role, SessionState, StopReason, ThreadState

__all__ = ["STEPS", "take"]

_COPY, _BUDGET_REACHED = Place.COPY, StopReason.BUDGET_REACHED
_IDLE, _RUNNING = ThreadState.IDLE, ThreadState.RUNNING
_SESSION_IDLE, _SESSION_RUNNING = SessionState.IDLE, SessionState.RUNNING
_STOPS: Final = {reason.value: reason for reason in StopReason}
_WITHIN: Final = frozenset({StopReason.REQUIRES_ACTION, StopReason.BUDGET_REACHED})
"""The reasons for which a thread rests in the middle of a turn."""


def take(fold: Fold, entry: Entry) -> None:
    """Take *entry* into the session."""
    session = fold.session
    session.version += 1
    if entry.at_us > session.clock_us:
        session.clock_us = entry.at_us
    event = entry.event
    step = STEPS.get(type(event))
    if step is not None:
        if entry.place is not _COPY:
            step(fold, entry, event)
        else:
            _copied(fold, event)
    elif type(event) not in _TELL_NOTHING:
        fold.odd(str(getattr(event, "type", type(event).__name__)))


def _copied(fold: Fold, event: Any) -> None:
    """A child's call stands on the session's list as well, or the answer that waits for it."""
    if isinstance(event, e.ToolUse):
        call = fold.call(str(event.id))
        if call is not None:
            call.posted = True
        return
    name: object = None
    if isinstance(event, e.UserToolConfirmation | e.UserToolResult):
        name = event.tool_use_id
    elif isinstance(event, e.UserCustomToolResult):
        name = event.custom_tool_use_id
    call = fold.call(str(name)) if name else None
    if call is not None and call.answer is not None and not event.processed_at:
        call.answer = {**call.answer, "copy": event.id}


# -- the session -----------------------------------------------------------------------------------


def _session_made(fold: Fold, entry: Entry, note: SessionMade) -> None:
    session = fold.session
    stamp = stamp_of(entry.at_us)
    session.id, session.primary = note.session, note.primary
    session.self_hosted, session.budget = note.self_hosted, note.budget
    session.created_at = stamp
    session.threads.clear()
    fold.made(Thread(note.primary, Role.PRIMARY, note.agent_name, created_at=stamp))


def _session_running(fold: Fold, entry: Entry, event: e.SessionRunning) -> None:
    session = fold.session
    session.listed, session.stop, session.asked = _SESSION_RUNNING, None, ()


def _session_idle(fold: Fold, entry: Entry, event: e.SessionIdle) -> None:
    session = fold.session
    session.listed = _SESSION_IDLE  # what is listed is nothing that the status is folded of
    session.stop, session.asked = _stop(event.stop_reason)


def _session_rescheduled(fold: Fold, entry: Entry, event: e.SessionRescheduled) -> None:
    fold.session.listed = SessionState.RESCHEDULING


def _session_terminated(fold: Fold, entry: Entry, event: e.SessionTerminated) -> None:
    session = fold.session
    session.state = session.listed = SessionState.TERMINATED
    _ended(fold, fold.lead(), entry.at_us, ThreadState.TERMINATED)


def _session_archived(fold: Fold, entry: Entry, note: SessionArchived) -> None:
    fold.session.state = SessionState.ARCHIVED
    fold.session.archived_at = stamp_of(entry.at_us)


def _session_deleted(fold: Fold, entry: Entry, event: e.SessionDeleted) -> None:
    """Nothing is left that could be asked: whatever was open is gone."""
    session = fold.session
    session.state = SessionState.DELETED
    for name in [one.id for one in session.threads.values() if one.live]:
        thread = fold.thread(name)
        assert thread is not None
        _ended(fold, thread, entry.at_us, ThreadState.TERMINATED)
    session.runs.clear()
    session.outcome = None


def _children_ended(fold: Fold, entry: Entry, note: ChildrenEnded) -> None:
    for name in note.threads:
        thread = fold.thread(name)
        if thread is not None:
            _ended(fold, thread, entry.at_us, ThreadState.TERMINATED)


def _stop(reason: Any) -> tuple[StopReason | None, tuple[str, ...]]:
    """Return a stop reason's word, if it is known, and the calls that it names."""
    if not isinstance(reason, e.StopReason):
        return None, ()
    return _STOPS.get(str(reason.type)), tuple(reason.event_ids or ())


# -- threads ---------------------------------------------------------------------------------------


def _named(fold: Fold, entry: Entry, event: e.ThreadEvent) -> Thread | None:
    """Return the thread that a status event is about; one that is not there is counted."""
    thread = fold.thread(event.session_thread_id or entry.thread)
    if thread is None:
        fold.odd(event.type.value)
    fold.stale = True
    return thread


def _thread_created(fold: Fold, entry: Entry, event: e.ThreadCreated) -> None:
    name = str(event.session_thread_id or "")
    fold.made(
        Thread(
            name,
            Role.CHILD,
            str(event.agent_name or ""),
            fold.session.primary,
            errand=str(event.workflow_run_id or ""),
            advisor=event.agent_name == ADVISOR,
            created_by=str(event.created_by_tool_use_id or ""),
            created_at=stamp_of(entry.at_us),
        )
    )


def _thread_running(fold: Fold, entry: Entry, event: e.ThreadRunning) -> None:
    thread = _named(fold, entry, event)
    if thread is None:
        return
    if thread.state is _IDLE:  # what stops in the middle of a turn goes on with it
        thread.fresh = thread.stop not in _WITHIN
    thread.state, thread.stop, thread.asked = _RUNNING, None, ()
    if not thread.since_us:
        thread.since_us = entry.at_us
        tally = fold.tally()
        if not tally.since_us:
            tally.since_us = entry.at_us


def _thread_idle(fold: Fold, entry: Entry, event: e.ThreadIdle) -> None:
    thread = _named(fold, entry, event)
    if thread is None:
        return
    thread.state = _IDLE
    thread.stop, thread.asked = _stop(event.stop_reason)
    thread.unread = thread.fresh = False
    if thread.stop is _BUDGET_REACHED:
        fold.session.capped = True
    _rest(fold, thread, entry.at_us)


def _thread_rescheduled(fold: Fold, entry: Entry, event: e.ThreadRescheduled) -> None:
    thread = _named(fold, entry, event)
    if thread is not None:
        thread.state = ThreadState.RESCHEDULING
        thread.unread = thread.fresh = True  # a request is to follow
        _rest(fold, thread, entry.at_us)


def _thread_archived(fold: Fold, entry: Entry, note: ThreadArchived) -> None:
    thread = fold.thread(note.thread)
    if thread is not None:
        thread.archived_at = stamp_of(entry.at_us)


def _thread_terminated(fold: Fold, entry: Entry, event: e.ThreadTerminated) -> None:
    thread = _named(fold, entry, event)
    if thread is not None:
        archived = thread.archived_at is not None
        state = ThreadState.ARCHIVED if archived else ThreadState.TERMINATED
        _ended(fold, thread, entry.at_us, state)
        if archived:
            thread.stop = StopReason.ARCHIVE


def _rest(fold: Fold, thread: Thread, at_us: int) -> None:
    """Stop the thread's clock, and the session's if no other thread runs."""
    if not thread.since_us:
        return
    thread.active_us += at_us - thread.since_us
    thread.since_us = 0
    for one in fold.session.threads.values():
        if one.since_us:
            return
    tally = fold.tally()
    tally.active_us += at_us - tally.since_us
    tally.since_us = 0


def _ended(fold: Fold, thread: Thread, at_us: int, state: ThreadState) -> None:
    """Put a thread to its end: nothing of it is open any more."""
    session = fold.session
    thread.state, thread.asked, thread.request = state, (), ""
    thread.unread = thread.fresh = False
    thread.waits_for = thread.wait_call = ""
    for name in thread.mailbox:
        session.messages.pop(name, None)
    thread.mailbox = ()
    for name in [c.id for c in session.calls.values() if c.thread == thread.id]:
        del session.calls[name]
    _rest(fold, thread, at_us)
    fold.stale = True


# -- mailboxes and waits ---------------------------------------------------------------------------


def _message(fold: Fold, entry: Entry, event: e.UserMessage | e.SystemMessage) -> None:
    _input(fold, entry, event, {"content": event.content})


def _outcome_defined(fold: Fold, entry: Entry, event: e.UserDefineOutcome) -> None:
    named = ("outcome_id", "description", "rubric", "max_iterations")
    _input(fold, entry, event, {name: getattr(event, name) for name in named})
    if fold.session.outcome is None:
        fold.session.outcome = Outcome(str(event.outcome_id))


def _input(fold: Fold, entry: Entry, event: e.Known, fields: dict[str, Any]) -> None:
    """A client's input waits, or is consumed by the turn that is open."""
    name = str(event.id)
    if not event.processed_at:
        if event.created_at:
            fields["created_at"] = event.created_at
        given = {one: value for one, value in fields.items() if value is not e.ABSENT}
        _enqueue(fold, Message(name, entry.thread, event.type, "", given))
        return
    _dequeue(fold, name)
    if isinstance(event, e.SystemMessage):
        return
    thread = fold.thread(entry.thread)
    if thread is not None:
        thread.unread = True


def _message_sent(fold: Fold, entry: Entry, event: e.ThreadMessageSent) -> None:
    to = str(event.to_session_thread_id or "")
    _enqueue(fold, Message(str(event.id), to, event.type, entry.thread, {"content": event.content}))


def _message_received(fold: Fold, entry: Entry, event: e.ThreadMessageReceived) -> None:
    session = fold.session
    thread = fold.thread(entry.thread)
    if thread is None:
        fold.odd(event.type.value)
        return
    thread.unread = True
    for name in thread.mailbox:
        if session.messages[name].sender == event.from_session_thread_id:
            _dequeue(fold, name)
            return


def _enqueue(fold: Fold, message: Message) -> None:
    """Put a message into its mailbox."""
    thread = fold.thread(message.to)
    if thread is None or not thread.live:
        fold.odd(message.kind.value)
    elif message.id not in thread.mailbox:
        thread.mailbox = (*thread.mailbox, message.id)
        fold.session.messages[message.id] = message
        fold.stale = True


def _dequeue(fold: Fold, name: str) -> None:
    """Take a message out of its mailbox, if it waits there."""
    message = fold.session.messages.pop(name, None)
    thread = fold.thread(message.to) if message is not None else None
    if thread is not None:
        thread.mailbox = tuple(one for one in thread.mailbox if one != name)
        fold.stale = True


def _messages_gone(fold: Fold, entry: Entry, note: MessagesCancelled | MessagesRead) -> None:
    """Messages wait no longer; an outcome that nobody has read is worked for by nobody."""
    session = fold.session
    for name in note.messages:
        message = session.messages.get(name)
        if message is not None and message.kind is EventType.USER_DEFINE_OUTCOME:
            session.outcome = None
        _dequeue(fold, name)


def _wait_started(fold: Fold, entry: Entry, note: WaitStarted) -> None:
    primary = fold.lead()
    primary.waits_for, primary.wait_call = note.child, note.call


def _wait_ended(fold: Fold, entry: Entry, note: WaitEnded) -> None:
    primary = fold.lead()
    primary.waits_for = primary.wait_call = ""


def _budget_hit(fold: Fold, entry: Entry, note: BudgetHit) -> None:
    fold.session.capped = True
    fold.stale = True


STEPS: Final[dict[type, Callable[[Fold, Entry, Any], None]]] = {
    SessionMade: _session_made,
    SessionArchived: _session_archived,
    ChildrenEnded: _children_ended,
    ThreadArchived: _thread_archived,
    MessagesCancelled: _messages_gone,
    MessagesRead: _messages_gone,
    WaitStarted: _wait_started,
    WaitEnded: _wait_ended,
    BudgetHit: _budget_hit,
    e.SessionRunning: _session_running,
    e.SessionIdle: _session_idle,
    e.SessionRescheduled: _session_rescheduled,
    e.SessionTerminated: _session_terminated,
    e.SessionDeleted: _session_deleted,
    e.ThreadCreated: _thread_created,
    e.ThreadRunning: _thread_running,
    e.ThreadIdle: _thread_idle,
    e.ThreadRescheduled: _thread_rescheduled,
    e.ThreadTerminated: _thread_terminated,
    e.ThreadMessageSent: _message_sent,
    e.ThreadMessageReceived: _message_received,
    e.UserMessage: _message,
    e.SystemMessage: _message,
    e.UserDefineOutcome: _outcome_defined,
    **CALL_STEPS,
    **WORK_STEPS,
}
"""What each class of event or note makes of the session."""

_TELL_NOTHING: Final = frozenset(
    {
        e.AgentMessage,
        e.AgentThinking,
        e.ThreadContextCompacted,
        e.SessionError,
        e.RunFailed,
        e.SessionUsage,
        e.UserInterrupt,
        e.OutcomeEvaluationOngoing,
        e.PreviewStart,
        e.PreviewDelta,
    }
)
"""Known events that change nothing that the engine decides over."""
