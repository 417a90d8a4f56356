"""How each event changes the view: the monitor's own small steps, after the rules have looked.

Where a rule has found fault with an event, the view still follows what the event *claims*: a thread
that says it runs is taken to run. So one fault does not turn every later event into another.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from lifecycle.check.steps import IdleSteps, bits, every, observed
from lifecycle.check.view import (
    DEAD,
    IDLE,
    RESCHEDULING,
    RUNNING,
    SESSION_IDLE,
    SESSION_RUNNING,
    Call,
    Run,
    ThreadView,
    View,
)
from lifecycle.dialects import Dialect
from lifecycle.machines import SESSION
from lifecycle.vocabulary import (
    CallState,
    EventType as E,
    Permission,
    SessionState,
    StopReason,
)
from lifecycle.wire.bulk import Seen, look_into

__all__ = ["FOLLOW", "Steps", "bind"]

SESSION_RESCHEDULING: Final = bits(SESSION, SessionState.RESCHEDULING)
SESSION_TERMINATED: Final = bits(SESSION, SessionState.TERMINATED)
ANYTHING: Final = every(SESSION)

CALL_AT_BIRTH: Final = {
    Permission.ASK: CallState.ASKED,
    Permission.DENY: CallState.DENIED,
}


class Steps:
    """The tables of one dialect, as the monitor steps them."""

    def __init__(self, dialect: Dialect) -> None:
        thread, session = dialect.machines["thread"], dialect.machines["session"]
        run = dialect.machines["workflow_run"]
        self.thread_runs: Final = observed(thread, E.THREAD_RUNNING)
        self.thread_idles: Final = IdleSteps(thread)
        self.thread_reschedules: Final = observed(thread, E.THREAD_RESCHEDULED)
        self.thread_ends: Final = observed(thread, E.THREAD_TERMINATED)
        self.session_runs: Final = observed(session, E.SESSION_RUNNING)
        self.session_rests: Final = observed(session, E.SESSION_IDLE)
        self.session_reschedules: Final = observed(session, E.SESSION_RESCHEDULED)
        self.session_ends: Final = observed(session, E.SESSION_TERMINATED)
        self.run_runs: Final = observed(run, E.RUN_RUNNING)
        self.run_pauses: Final = observed(run, E.RUN_IDLE)


def bind(v: View, t: ThreadView) -> None:
    """Take *t* to be the primary, whose own events stand on this list."""
    old = v.own
    if old is not t:
        t.request, t.request_known, t.closed = old.request, old.request_known, old.closed
        t.calls.update(old.calls)
        for call in old.calls.values():
            v.calls[call.use.id or ""] = Call(call.use, t, call.state, call.own)
            t.calls[call.use.id or ""] = v.calls[call.use.id or ""]
        v.own = t
    v.primary = t
    v.child_list = False


def _named(v: View, e: Seen) -> ThreadView:
    """Return the thread of a status event, and remember its name and its agent's."""
    found = v.status_thread(e)
    if found is None:
        found = v.known(e.session_thread_id or "")
    elif not found.id:
        found.id = e.session_thread_id or ""
        v.threads[found.id] = found
    if found.name is None:
        found.name = e.agent_name
    return found


def thread_running(v: View, e: Seen) -> None:
    """A thread runs: its turn is open, and what woke it is still to be seen."""
    t = _named(v, e)
    if v.unpaired is not None:
        if v.primary is None:
            bind(v, t)
            v.begin = v.unpaired
        v.unpaired = None
        v.calm()
    elif t is v.primary and not v.multi:
        v.mask = SESSION_RUNNING
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
        _forget_answered(v, t)


def _forget_answered(v: View, t: ThreadView) -> None:
    """Drop a child's calls that have their answer: their results stand on the child's own list."""
    for key in [k for k, call in t.calls.items() if call.state != CallState.ASKED]:
        v.forgotten.put(key, t.calls.pop(key).use)
        v.calls.pop(key, None)


def thread_idle(v: View, e: Seen) -> None:
    """A thread rests, maybe on calls that it names."""
    t = _named(v, e)
    t.mask = IDLE
    t.last = t.idle = e
    v.rested = e
    t.cause = t.answered = None
    stop = e.stop_reason
    kind = stop.type if stop else None
    if kind == StopReason.REQUIRES_ACTION and stop is not None:
        for name in stop.event_ids or ():
            call = v.calls.get(name)
            if call is not None:
                call.named = e
    elif kind == StopReason.BUDGET_REACHED:
        v.capped = v.capped or e
    elif kind == StopReason.RETRIES_EXHAUSTED and t is not v.primary:
        t.exhausted = e
    if kind not in (StopReason.REQUIRES_ACTION, StopReason.BUDGET_REACHED):
        for key in t.calls:
            v.calls.pop(key, None)
        t.calls.clear()
    if t is v.own:
        t.request = None
        t.request_known = True
        v.run_news = None
        if v.dead_turn is not None:
            v.dead_turn = None
            v.calm()


def thread_rescheduled(v: View, e: Seen) -> None:
    """A thread's turn is put aside."""
    t = _named(v, e)
    t.mask = RESCHEDULING
    t.last = e
    t.request = None


def thread_terminated(v: View, e: Seen) -> None:
    """A child is over for good."""
    t = _named(v, e)
    if t.created is not None and t.ended is None and not t.advisor and t.errand is None:
        v.children -= 1
    t.mask = DEAD
    t.last = t.ended = e
    t.exhausted = None
    for key in t.calls:
        v.calls.pop(key, None)
    t.calls.clear()


def thread_created(v: View, e: Seen) -> None:
    """A child is announced."""
    v.multi = True
    v.child_list = False
    t = v.known(e.session_thread_id or "")
    t.created = e
    t.name = e.agent_name
    t.errand = e.workflow_run_id
    t.mask = IDLE
    t.request_known = True
    if not t.advisor and t.errand is None:
        v.children += 1


def session_running(v: View, e: Seen) -> None:
    """The session works; the primary's own event must follow."""
    v.child_list = False
    v.mask = SESSION_RUNNING
    v.status = v.unpaired = e
    v.alarm = True
    v.rested = v.last_error = None


def session_idle(v: View, e: Seen) -> None:
    """The session rests."""
    v.child_list = False
    v.mask = SESSION_IDLE
    if v.rested is None and not v.multi and v.status is not None:
        # It claims rest without its thread: the thread is taken to rest with it.
        v.own.mask, v.own.request, v.own.idle = IDLE, None, None
    v.status = e
    v.rested = v.updated = None
    if v.unpaired is not None:
        v.unpaired = None
        v.calm()
    stop = e.stop_reason
    if stop is not None and stop.type == StopReason.BUDGET_REACHED:
        v.capped = e


def session_rescheduled(v: View, e: Seen) -> None:
    """The session is to be tried again."""
    v.child_list = False
    v.mask = SESSION_RESCHEDULING
    v.status = e
    v.unpaired = None
    v.calm()


def session_terminated(v: View, e: Seen) -> None:
    """The session is over for good."""
    v.child_list = False
    v.mask = SESSION_TERMINATED
    v.status = v.ended = e
    v.unpaired = v.terminal = v.dead_turn = None
    v.alarm = True


def session_deleted(v: View, e: Seen) -> None:
    """The session is gone."""
    v.deleted = e
    v.alarm = True


def session_error(v: View, e: Seen) -> None:
    """An error: what it promises is remembered."""
    v.last_error = e
    error = look_into(e.error)
    retry = error.get("retry_status") if isinstance(error, dict) else None
    status = retry.get("type") if isinstance(retry, dict) else None
    if status == "terminal":
        v.terminal = e
        v.alarm = True
    elif status == "exhausted" and not v.multi:
        v.dead_turn = e
        v.alarm = True


def session_usage(v: View, e: Seen) -> None:
    """The last account is the one to compare with."""
    v.usage = e


def session_updated(v: View, e: Seen) -> None:
    """A budget that changes lifts the cap; one that is removed stays away."""
    v.updated = e
    if e.budget:
        v.capped = None
        if look_into(e.budget) is None:
            v.unpriced = e


def input_taken(v: View, e: Seen) -> None:
    """A message or an outcome: with a stamp it was consumed here, by the turn that is open."""
    t = v.own
    t.cause = e
    if t.mask == IDLE:
        t.waiting = e
    elif e.processed_at is not None and v.dialect.lists_in == "processing":
        _works(v)


def _works(v: View) -> None:
    """Take the list's own thread to run, and with it a session of which nothing is known."""
    v.own.mask = RUNNING
    if v.mask == ANYTHING:
        v.mask = SESSION_RUNNING


def interrupt(v: View, e: Seen) -> None:
    """An interrupt reaches one thread, or every live one."""
    if e.session_thread_id:
        v.known(e.session_thread_id).interrupted = e
        return
    v.own.interrupted = e
    for t in v.threads.values():
        t.interrupted = e


def report_received(v: View, e: Seen) -> None:
    """A message from another thread is consumed by the open turn."""
    v.own.cause = e
    if v.own.mask == IDLE:
        v.own.waiting = e


def request_started(v: View, e: Seen) -> None:
    """A model request is open."""
    t = v.own
    t.request = e
    t.request_known = True
    t.asked = True
    _works(v)


def request_ended(v: View, e: Seen) -> None:
    """No model request is open."""
    t = v.own
    if e.model_request_start_id:
        v.ended_spans.put(e.model_request_start_id, e)
    t.closed = e
    t.request = None
    t.request_known = True


def tool_used(v: View, e: Seen) -> None:
    """A call is made; on a session's list it may be a child's."""
    if not e.id:
        v.loose_call = e
        return
    t = v.thread_of(e)
    permission = e.evaluated_permission
    state = CALL_AT_BIRTH.get(permission, CallState.ALLOWED) if permission else CallState.ALLOWED  # type: ignore[call-overload]
    call = Call(e, t, state, t is v.own)
    t.calls[e.id] = v.calls[e.id] = call
    idle = t.idle
    # A child's idle may stand before the call that it names (recorded five times).
    stop = idle.stop_reason if idle else None
    if stop is not None and e.id in (stop.event_ids or ()):
        call.named = idle


def _resulted(v: View, e: Seen, name: str | None) -> None:
    """A call has its result."""
    if not name:
        v.loose_call = None
        return
    call = v.calls.pop(name, None)
    v.done.put(name, e)
    if call is None:
        if e.type.startswith("user."):
            v.own.answered = e
    else:
        call.thread.calls.pop(name, None)
        if e.type.startswith("user."):
            call.thread.answered = e
            if call.thread is not v.own:
                _forwarded(v, e)


def _forwarded(v: View, e: Seen) -> None:
    """The primary opened, or opens next, only to carry this answer to a child."""
    v.own.answered = e
    v.own.cause = e
    v.own.asked = True


def tool_resulted(v: View, e: Seen) -> None:
    """A built-in tool's result."""
    _resulted(v, e, e.tool_use_id)


def mcp_tool_resulted(v: View, e: Seen) -> None:
    """An MCP tool's result."""
    _resulted(v, e, e.mcp_tool_use_id)


def custom_tool_resulted(v: View, e: Seen) -> None:
    """A custom tool's result, from the client."""
    _resulted(v, e, e.custom_tool_use_id)


def confirmed(v: View, e: Seen) -> None:
    """A call is allowed or denied by the client."""
    call = v.calls.get(e.tool_use_id or "")
    if call is None:
        v.own.answered = e
        return
    call.answer = e
    call.thread.answered = e
    call.state = CallState.DENIED if look_into(e.result) == "deny" else CallState.PROCESSED
    if call.thread is not v.own:
        _forwarded(v, e)


def run_created(v: View, e: Seen) -> None:
    """A workflow run is open."""
    v.child_list = False
    v.run_news = e
    v.runs[e.workflow_run_id or ""] = Run(e, 1)


def run_changed(v: View, e: Seen) -> None:
    """A workflow run executes, pauses, or reports an error."""
    v.run_news = e
    run = v.runs.get(e.workflow_run_id or "")
    if run is None:
        return
    run.last = e
    if e.type == E.RUN_ERROR:
        run.error = e
    else:
        run.mask = 2 if e.type == E.RUN_RUNNING else 4


def run_ended(v: View, e: Seen) -> None:
    """A workflow run is over."""
    v.run_news = e
    v.runs.pop(e.workflow_run_id or "", None)
    v.ended_runs.put(e.workflow_run_id or "", e)


def phase_started(v: View, e: Seen) -> None:
    """A phase of the run that lists it, or of the only open one, is open."""
    v.run_news = e
    for run in v.runs.values():
        if e.id and (e.workflow_run_id in (None, run.created.workflow_run_id)):
            run.phases[e.id] = e
            return


def phase_ended(v: View, e: Seen) -> None:
    """A phase is over."""
    v.run_news = e
    for run in v.runs.values():
        run.phases.pop(e.phase_started_id or "", None)


FOLLOW: Final[dict[str, Callable[[View, Seen], None]]] = {
    E.USER_MESSAGE: input_taken,
    E.USER_DEFINE_OUTCOME: input_taken,
    E.USER_INTERRUPT: interrupt,
    E.USER_TOOL_CONFIRMATION: confirmed,
    E.USER_CUSTOM_TOOL_RESULT: custom_tool_resulted,
    E.USER_TOOL_RESULT: tool_resulted,
    E.AGENT_TOOL_USE: tool_used,
    E.AGENT_MCP_TOOL_USE: tool_used,
    E.AGENT_CUSTOM_TOOL_USE: tool_used,
    E.AGENT_TOOL_RESULT: tool_resulted,
    E.AGENT_MCP_TOOL_RESULT: mcp_tool_resulted,
    E.THREAD_MESSAGE_RECEIVED: report_received,
    E.SESSION_RUNNING: session_running,
    E.SESSION_IDLE: session_idle,
    E.SESSION_RESCHEDULED: session_rescheduled,
    E.SESSION_TERMINATED: session_terminated,
    E.SESSION_DELETED: session_deleted,
    E.SESSION_ERROR: session_error,
    E.SESSION_USAGE: session_usage,
    E.SESSION_UPDATED: session_updated,
    E.THREAD_CREATED: thread_created,
    E.THREAD_RUNNING: thread_running,
    E.THREAD_IDLE: thread_idle,
    E.THREAD_RESCHEDULED: thread_rescheduled,
    E.THREAD_TERMINATED: thread_terminated,
    E.SPAN_START: request_started,
    E.SPAN_END: request_ended,
    E.RUN_CREATED: run_created,
    E.RUN_RUNNING: run_changed,
    E.RUN_IDLE: run_changed,
    E.RUN_ERROR: run_changed,
    E.RUN_ENDED: run_ended,
    E.PHASE_STARTED: phase_started,
    E.PHASE_ENDED: phase_ended,
}
"""What follows each event type; the others change nothing that rules look at."""
