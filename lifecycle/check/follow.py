"""How each event changes the view: the monitor's own small steps, after the rules have looked.

Where a rule has found fault with an event, the view still follows what the event *claims*: a thread
that says it runs is taken to run. So one fault does not turn every later event into another.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from lifecycle.check.follow_calls import CALLS, brief, forget_answered, mention, works
from lifecycle.check.follow_work import WORK
from lifecycle.check.steps import bits, every
from lifecycle.check.view import (
    DEAD,
    IDLE,
    RESCHEDULING,
    RUNNING,
    SESSION_IDLE,
    SESSION_RUNNING,
    ThreadView,
    View,
)
from lifecycle.check.words import CallState, E, StopReason
from lifecycle.machines import SESSION, THREAD
from lifecycle.vocabulary import SessionState
from lifecycle.wire.bulk import Seen

__all__ = ["FOLLOW"]

SESSION_RESCHEDULING: Final = bits(SESSION, SessionState.RESCHEDULING)
SESSION_TERMINATED: Final = bits(SESSION, SessionState.TERMINATED)


def _bind(v: View, t: ThreadView) -> None:
    """Take *t* to be the primary, whose own events stand on this list."""
    old = v.own
    if old is not t:
        t.take_over(old)
        v.own = t
    v.primary = t
    v.on_session_list()


def _named(v: View, e: Seen) -> ThreadView:
    """Return the thread of a status event, and remember its name and its agent's."""
    found = v.status_thread(e)
    if found is None and not e.session_thread_id and not v.stripped:
        # Nobody can say whose event it is: nothing follows from it.
        return ThreadView("", every(THREAD), False)
    if found is None:
        found = v.known(e.session_thread_id or "")
        if v.child_list is None:
            # A second thread: the list is a session's.
            v.on_session_list()
    elif not found.id:
        found.id = e.session_thread_id or ""
        v.register(found)
    found.name = e.agent_name or found.name
    if found is not v.own:
        mention(v, e.session_thread_id, e)
    return found


def _thread_running(v: View, e: Seen) -> None:
    """A thread runs: its turn is open, and what woke it is still to be seen."""
    t = _named(v, e)
    if t is v.own:
        v.late = None
    if v.unpaired is not None:
        if v.primary is None:
            _bind(v, t)
            v.begin, v.paired = v.unpaired, e
        v.unpaired = None
        v.calm()
    elif t is v.primary and not v.multi:
        v.mask |= SESSION_RUNNING
    if t.ended is not None:
        t.ended = None
        v.register(t)
    t.resumed = not t.mask & IDLE or bool(t.mask & ~IDLE)
    t.mask = RUNNING
    t.last = t.run = e
    # Answers that came while it was idle are what opened this turn.
    t.cause = t.answered or t.waiting
    t.rest = t.idle
    t.idle = t.answered = t.waiting = t.interrupted = None
    t.asked = False
    if not t.calls:
        return
    if t is not v.own:
        forget_answered(v, t)


def _thread_idle(v: View, e: Seen) -> None:
    """A thread rests, maybe on calls that it names."""
    t = _named(v, e)
    t.mask = IDLE
    t.last = t.idle = e
    t.result = t.unread = None
    v.rested = e
    t.cause = t.answered = None
    stop = e.stop_reason
    kind = stop.type if stop else None
    if kind == StopReason.REQUIRES_ACTION and stop is not None:
        for name in stop.event_ids or ():
            call = v.calls.get(name)
            if call is not None:
                call.named = e
                if call.state == CallState.ALLOWED and call.family != E.AGENT_CUSTOM_TOOL_USE:
                    v.hosted = v.hosted or e
    elif kind == StopReason.BUDGET_REACHED:
        v.capped = v.capped or e
    elif kind == StopReason.RETRIES_EXHAUSTED and t is not v.primary:
        t.exhausted = e
    if kind not in (StopReason.REQUIRES_ACTION, StopReason.BUDGET_REACHED):
        for key in t.calls:
            v.calls.pop(key, None)
        t.calls.clear()
    if t is v.own:
        _own_rests(v, t)


def _own_rests(v: View, t: ThreadView) -> None:
    """The list's own thread rests: nothing of its turn is open any more."""
    v.late = t.words = None
    if t.interrupted is None:
        # An interrupted request has its end still to come.
        t.request = None
    t.request_known = True
    v.run_news = None
    if v.run_over is not None and t.run is not None and v.run_over.line < t.run.line:
        v.run_over = None
    if v.dead_turn is not None:
        v.dead_turn = None
        v.calm()


def _thread_rescheduled(v: View, e: Seen) -> None:
    """A thread's turn is put aside."""
    t = _named(v, e)
    t.mask = RESCHEDULING
    t.last = e
    t.request = None


def _thread_terminated(v: View, e: Seen) -> None:
    """A child is over for good."""
    t = _named(v, e)
    if t.counts:
        v.children -= 1
    t.mask = DEAD
    t.last = t.ended = v.buried = e
    v.live.pop(t.id, None)
    v.errands.pop(t.id, None)
    t.exhausted = None
    if t.maker is not None and e.stop_reason and e.stop_reason.type == StopReason.ARCHIVE:
        t.maker.cancelled = e
    for key in t.calls:
        v.calls.pop(key, None)
    t.calls.clear()


def _thread_created(v: View, e: Seen) -> None:
    """A child is announced."""
    v.multi = True
    v.on_session_list()
    t = v.known(e.session_thread_id or "")
    if t is v.primary and t.last is not None:
        return
    v.spawned = v.spawned or e
    v.children -= t.counts
    t.created = e
    t.name = e.agent_name
    t.errand = e.workflow_run_id
    if t.errand is not None:
        v.errands[t.id] = t
    if t.last is None:
        t.mask = IDLE
    t.request_known = True
    v.children += t.counts
    t.maker = v.calls.get(e.created_by_tool_use_id or "")
    if t.maker is not None:
        t.maker.spawned = e


def _session_running(v: View, e: Seen) -> None:
    """The session works; the primary's own event must follow."""
    v.on_session_list()
    v.mask = SESSION_RUNNING
    v.status = e
    if v.ahead:
        v.ahead = False
    else:
        v.unpaired = e
        v.alarm = True
    v.rested = v.last_error = None


def _session_idle(v: View, e: Seen) -> None:
    """The session rests."""
    v.on_session_list()
    v.mask = SESSION_IDLE
    if v.rested is None and not v.multi and v.status is not None:
        # It claims rest without its thread: the thread is taken to rest with it.
        v.own.mask, v.own.request, v.own.idle = IDLE, None, None
        v.late = E.THREAD_IDLE
    v.status = e
    v.ahead = False
    v.rested = v.updated = None
    if v.unpaired is not None:
        v.unpaired = None
        v.calm()
    stop = e.stop_reason
    if stop is not None and stop.type == StopReason.BUDGET_REACHED:
        v.capped = e


def _session_rescheduled(v: View, e: Seen) -> None:
    """The session is to be tried again."""
    v.on_session_list()
    v.mask = SESSION_RESCHEDULING
    v.status = e
    v.rested = None
    v.unpaired = None
    v.calm()


def _session_terminated(v: View, e: Seen) -> None:
    """The session is over for good."""
    v.on_session_list()
    v.mask = SESSION_TERMINATED
    v.status = v.ended = e
    v.unpaired = v.terminal = v.dead_turn = None
    v.alarm = True


def _session_deleted(v: View, e: Seen) -> None:
    """The session is gone."""
    v.deleted = e
    v.alarm = True


def _input_taken(v: View, e: Seen) -> None:
    """A message or an outcome: with a stamp it was consumed here, by the turn that is open."""
    v.on_session_list()
    t = v.own
    t.cause = e
    if t.mask == IDLE:
        t.waiting = e
    elif e.processed_at is not None and v.dialect.lists_in == "processing":
        t.unread = e
        works(v)


def _outcome_defined(v: View, e: Seen) -> None:
    """An outcome is worked for from here on, until a grading ends it."""
    _input_taken(v, e)
    if e.processed_at is not None:
        v.outcome = e


def _interrupt(v: View, e: Seen) -> None:
    """An interrupt reaches one thread, or every live one."""
    if e.session_thread_id:
        # One that was never named may be the list's own, whose name is still to come.
        v.threads.get(e.session_thread_id, v.own).interrupted = e
        return
    v.own.interrupted = e
    for t in v.live.values():
        t.interrupted = e


def _message_sent(v: View, e: Seen) -> None:
    """A thread has been given something to do."""
    mention(v, e.to_session_thread_id, e)
    t = v.threads.get(e.to_session_thread_id or "")
    if t is not None:
        t.sent = e


def _report_received(v: View, e: Seen) -> None:
    """A message from another thread is consumed by the open turn."""
    mention(v, e.from_session_thread_id, e)
    t = v.thread_of(e)
    t.cause = e
    if t.mask == IDLE:
        t.waiting = e
    else:
        t.unread = e


def _request_started(v: View, e: Seen) -> None:
    """A model request is open."""
    t = v.own if e.session_thread_id is None else v.thread_of(e)
    t.request = e
    t.request_known = True
    t.asked = True
    t.result = t.unread = t.words = None
    if t is v.own:
        if t.mask == IDLE:
            v.late = E.THREAD_RUNNING
        works(v)


def _request_ended(v: View, e: Seen) -> None:
    """No model request is open."""
    t = v.own if e.session_thread_id is None else v.thread_of(e)
    if e.model_request_start_id:
        v.ended_spans.put(e.model_request_start_id, brief(e))
        if not t.request_known:
            v.loose_end = e
            works(v)
    t.closed = e
    t.request = t.words = None
    t.request_known = True
    if v.previews:
        # What was shown and never completed is given up here.
        for name, begun in v.previews.items():
            v.previewed.put(name, (begun, e))
        v.previews.clear()


FOLLOW: Final[dict[str, Callable[[View, Seen], None]]] = {
    E.USER_MESSAGE: _input_taken,
    E.USER_DEFINE_OUTCOME: _outcome_defined,
    E.USER_INTERRUPT: _interrupt,
    E.THREAD_MESSAGE_SENT: _message_sent,
    E.THREAD_MESSAGE_RECEIVED: _report_received,
    E.SESSION_RUNNING: _session_running,
    E.SESSION_IDLE: _session_idle,
    E.SESSION_RESCHEDULED: _session_rescheduled,
    E.SESSION_TERMINATED: _session_terminated,
    E.SESSION_DELETED: _session_deleted,
    E.THREAD_CREATED: _thread_created,
    E.THREAD_RUNNING: _thread_running,
    E.THREAD_IDLE: _thread_idle,
    E.THREAD_RESCHEDULED: _thread_rescheduled,
    E.THREAD_TERMINATED: _thread_terminated,
    E.SPAN_START: _request_started,
    E.SPAN_END: _request_ended,
    **CALLS,
    **WORK,
}
"""What follows each event type; the others change nothing that rules look at."""
