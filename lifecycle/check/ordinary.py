"""The ordinary case: a short way that spares the most frequent events their rules.

Nineteen events in twenty are what they should be in the plainest way: a request that starts in an
open turn, what the model says in it, its end, a result of an open call, a turn that ends with
nothing open. One look at the view tells that no rule has anything to say; then the event changes
the view at once, as the step that follows its type would, in so far as that is left to do.

The look may be wrong in one way only: it may send an event to the rules that they let pass, and to
the step that follows. A test drives every recording and its mutants through both ways, and requires
the same findings and the same view.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from lifecycle.check.follow_calls import brief
from lifecycle.check.ordinary_calls import ORDINARY_CALLS
from lifecycle.check.view import (
    IDLE,
    RUNNING,
    SESSION_IDLE,
    SESSION_RUNNING,
    Call,
    ThreadView,
    View,
)
from lifecycle.check.words import CallState, E, StopReason
from lifecycle.wire.bulk import Seen, Stop

__all__ = ["ORDINARY"]

# Plain strings, and plain names: each is read for every event of its type.
_END_TURN: Final = StopReason.END_TURN.value
_REQUIRES_ACTION: Final = StopReason.REQUIRES_ACTION.value
_ASKED: Final = CallState.ASKED.value
_CUSTOM_TOOL: Final = E.AGENT_CUSTOM_TOOL_USE.value
_USAGE: Final = E.SESSION_USAGE.value


def _request_starts(v: View, e: Seen) -> bool:
    """A request starts in an open turn that has a cause, with every call answered."""
    t = v.own
    if (
        t.mask != RUNNING
        or t.request is not None
        or t.words is not None
        or t.calls
        or v.alarm
        or v.loose_end is not None
        or e.session_thread_id is not None
        or not (t.asked or t.cause is not None)
        or v.mask != SESSION_RUNNING
    ):
        return False
    t.request = e
    t.request_known = t.asked = True
    t.result = t.unread = None
    return True


def _request_ends(v: View, e: Seen) -> bool:
    """The open request ends, and nothing that it showed is incomplete."""
    t = v.own
    request, name = t.request, e.model_request_start_id
    if (
        request is None
        or name is None
        or request.id != name
        or e.session_thread_id is not None
        or v.alarm
        or v.previews
    ):
        return False
    v.ended_spans.put(name, brief(e))
    t.closed = e
    t.request = t.words = None
    return True


def _speaks(v: View, e: Seen) -> bool:
    """The model speaks in its open request."""
    t = v.own
    return (
        t.request is not None
        and t.cause is not v.previous
        and e.session_thread_id is None
        and not v.alarm
        and not v.previews
    )


def _input(v: View, e: Seen) -> bool:
    """A session's open turn takes an input."""
    t = v.own
    if (
        t.request is not None
        or t.mask != RUNNING
        or v.mask != SESSION_RUNNING
        or v.capped is not None
        or v.second is None
        or v.child_list is not False
        or e.processed_at is None
        or v.alarm
    ):
        return False
    t.cause = e
    if v.dialect.lists_in == "processing":
        t.unread = e
    return True


def _session_runs(v: View, e: Seen) -> bool:
    """A resting session runs, and the platform told no result meanwhile."""
    told = v.own.result
    if (
        v.mask != SESSION_IDLE
        or v.rested is not None
        or e.session_thread_id is not None
        or v.capped is not None
        or v.second is None
        or v.child_list is not False
        or v.ahead
        or v.alarm
        or not (told is None or told[1].type.startswith("user."))
    ):
        return False
    v.mask = SESSION_RUNNING
    v.status = v.unpaired = e
    v.alarm = True
    v.last_error = None
    return True


def _thread_runs(v: View, e: Seen) -> bool:
    """The primary runs after its session, and rested on nothing that is still asked."""
    t = v.own
    if (
        v.unpaired is None
        or v.rested is not None
        or not t.id
        or e.session_thread_id != t.id
        or t is not v.primary
        or t.mask != IDLE
        or t.name is None
        or e.agent_name != t.name
        or (t.calls and not _answered(v, t))
        or t.ended is not None
        or t.exhausted is not None
        or v.terminal is not None
        or v.dead_turn is not None
        or v.ended is not None
        or v.deleted is not None
        or v.capped is not None
        or v.second is None
        or v.opening
    ):
        return False
    v.late = v.unpaired = None
    v.alarm = t.resumed = t.asked = False
    t.mask = RUNNING
    t.last = t.run = e
    t.cause = t.answered or t.waiting
    t.rest = t.idle
    t.idle = t.answered = t.waiting = t.interrupted = None
    return True


def _answered(v: View, t: ThreadView) -> bool:
    """Whether every call that a thread rested on has its answer."""
    stop = t.idle.stop_reason if t.idle is not None else None
    open_calls = map(v.calls.get, (stop.event_ids or ()) if stop is not None else ())
    return all(call is None or call.answer is not None for call in open_calls)


def _thread_rests(v: View, e: Seen) -> bool:
    """The list's own turn ends with nothing open, or rests on what it asked."""
    t, stop = v.own, e.stop_reason
    if (
        stop is None
        or not (
            (stop.type == _END_TURN and not t.calls and not stop.event_ids) or _asks(v, t, stop)
        )
        or t.mask != RUNNING
        or t.idle is not None
        or not t.id
        or e.session_thread_id != t.id
        or t.created is not None
        or t.request is not None
        or t.result is not None
        or t.unread is not None
        or not t.asked
        or t.cause is v.previous
        or t.name is None
        or e.agent_name != t.name
        or t.interrupted is not None
        or e.stop_details
        or v.run_over is not None
        or v.alarm
    ):
        return False
    for name in stop.event_ids or ():
        v.calls[name].named = e
    t.mask = IDLE
    t.last = t.idle = v.rested = e
    t.cause = t.answered = t.words = v.late = v.run_news = None
    t.request_known = True
    return True


def _ends(t: ThreadView, stop: Stop) -> bool:
    """A turn ends with nothing open."""
    return stop.type == _END_TURN and not t.calls and not stop.event_ids


def _asks(v: View, t: ThreadView, stop: Stop) -> bool:
    """A turn rests on calls that wait, and leaves out none that waits for the client."""
    names = set(stop.event_ids or ())
    return (
        stop.type == _REQUIRES_ACTION
        and 0 < len(names) == len(stop.event_ids or ())
        and all(map(t.calls.__contains__, names))
        and _open(v, names)
        and all(
            call.use.id in names if _needs(call) else v.hosted is not None or name not in names
            for name, call in t.calls.items()
        )
    )


def _needs(call: Call) -> bool:
    """Whether a call waits for the client, which has not answered it."""
    return call.answer is None and (call.state == _ASKED or call.family == _CUSTOM_TOOL)


def _open(v: View, names: set[str]) -> bool:
    """Whether each of *names* is a call that has neither a result nor an answer."""
    calls, done = map(v.calls.get, names), map(v.done.get, names)
    return not any(done) and all(call is not None and call.answer is None for call in calls)


def _session_rests(v: View, e: Seen) -> bool:
    """A session rests with its primary and for the same reason, and no child has work."""
    stop, idle, before = e.stop_reason, v.own.idle, v.previous
    if (
        stop is None
        or idle is None
        or v.rested is not idle
        or idle.stop_reason != stop
        or not (_rests_on_nothing(v, stop) or _rests_on_asks(v, stop))
        or v.own.answered is not None
        or not v.steps.session_rests[v.mask]
        or before is None
        or before.type != _USAGE
        or e.session_thread_id is not None
        or v.last_error is not None
        or v.grading is not None
        or e.stop_details
        or v.child_list is not False
        or (v.multi and not _all_rest(v))
        or v.alarm
    ):
        return False
    v.mask = SESSION_IDLE
    v.status = e
    v.ahead = False
    v.rested = v.updated = None
    return True


def _rests_on_nothing(v: View, stop: Stop) -> bool:
    """A session rests, and no call is open."""
    return stop.type == _END_TURN and not stop.event_ids and not v.calls


def _rests_on_asks(v: View, stop: Stop) -> bool:
    """A session rests on open calls, each of which a thread has asked for."""
    names = set(stop.event_ids or ())
    return (
        stop.type == _REQUIRES_ACTION
        and 0 < len(names) == len(stop.event_ids or ())
        and _open(v, names)
        and all(v.calls[name].named is not None for name in names)
    )


def _all_rest(v: View) -> bool:
    """Whether all threads rest, and none works for a workflow run."""
    return not v.errands and all(t.mask == IDLE for t in v.live.values())


def _usage_grows(v: View, e: Seen) -> bool:
    """A usage event counts no less than the one before."""
    if v.unpriced is not None or v.alarm or v.child_list is not False or not v.grows(e):
        return False
    v.usage = e
    return True


ORDINARY: Final[dict[str, Callable[[View, Seen], bool]]] = {
    E.SPAN_START: _request_starts,
    E.SPAN_END: _request_ends,
    E.AGENT_MESSAGE: _speaks,
    E.AGENT_THINKING: _speaks,
    E.USER_MESSAGE: _input,
    E.SESSION_RUNNING: _session_runs,
    E.SESSION_IDLE: _session_rests,
    E.THREAD_RUNNING: _thread_runs,
    E.THREAD_IDLE: _thread_rests,
    E.SESSION_USAGE: _usage_grows,
    **ORDINARY_CALLS,
}
"""For each frequent event type: take the event if it is ordinary, and say whether it was.

Other types are always looked at.
"""
