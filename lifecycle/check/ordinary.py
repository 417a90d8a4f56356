"""The ordinary case: a short way that spares the most frequent events their rules.

Twenty-four events in twenty-five are what they should be in the plainest way: a request that starts
in an open turn, what the model says in it, its end, a result of an open call, a turn that ends with
nothing open. One look at the view tells that no rule has anything to say; then the event changes
the view at once, as the step that follows its type would, in so far as that is left to do. What is
rare is looked for once, and again after each event that was not ordinary: no step changes it.

The look may be wrong in one way only: it may send an event to the rules that they let pass, and to
the step that follows. A test drives every recording and its mutants through both ways, and requires
the same findings and the same view.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lifecycle.check.follow_calls import brief
from lifecycle.check.ordinary_calls import BETWEEN_REQUESTS, WITHIN_REQUEST, Step
from lifecycle.check.view import (
    IDLE,
    RUNNING,
    SESSION_IDLE,
    SESSION_RUNNING,
    Call,
    ThreadView,
    View,
)
from lifecycle.check.view_work import word_in
from lifecycle.check.words import CallState, E, RetryStatus, StopReason
from lifecycle.wire.bulk import Seen, Stop

__all__ = ["next_odd"]

# Plain strings, and plain names: each is read for every event of its type.
_END_TURN: Final = StopReason.END_TURN.value
_REQUIRES_ACTION: Final = StopReason.REQUIRES_ACTION.value
_ASKED: Final = CallState.ASKED.value
_RETRYING: Final = RetryStatus.RETRYING.value
_CUSTOM_TOOL: Final = E.AGENT_CUSTOM_TOOL_USE.value
_USAGE: Final = E.SESSION_USAGE.value
_REQUEST_START: Final = E.SPAN_START.value
_REQUEST_END: Final = E.SPAN_END.value
_SPEECH: Final = frozenset({E.AGENT_MESSAGE.value, E.AGENT_THINKING.value})


def next_odd(v: View, rest: Iterator[Seen]) -> Seen | None:
    """Take the ordinary events of *rest*; return the first other one, or `None` at the end.

    Where something rare is at hand, no event is ordinary until that is over.
    """
    t = v.own
    if (
        v.previews
        or v.loose_end is not None
        or t.words is not None
        or (v.alarm and (v.unpaired is None or _is_due(v)))
    ):
        return next(rest, None)
    if t.request is not None:
        if v.alarm or t.idle is not None or t.cause is v.previous:
            return next(rest, None)
        odd = _within_request(v, t, rest)
        if odd is not None:
            return odd
    listed = v.child_list is False and v.second is not None and v.capped is None
    steps = _ON_SESSION_LIST if listed else _ANYWHERE
    while (odd := _between_requests(v, t, rest, steps)) is not None:
        if odd.type != _REQUEST_START or not _request_starts(v, t, odd):
            break
        v.previous = odd
        odd = _within_request(v, t, rest)
        if odd is not None:
            break
    return odd


def _is_due(v: View) -> bool:
    """Whether more is due, or over, than that the primary runs after its session."""
    due = (v.terminal, v.dead_turn, v.ended, v.deleted)
    return v.opening or any(one is not None for one in due)


def _within_request(v: View, t: ThreadView, rest: Iterator[Seen]) -> Seen | None:
    """Take what the model says and calls in its open request, and the request's end.

    What stands before an event is told to the view at the end alone: no step here asks for it.

    Returns:
        The first event that is not ordinary; `None` after the request's end, or at the end.
    """
    name = t.request.id if t.request is not None else None
    last, odd = v.previous, None
    for e in rest:
        kind = e.type
        if e.session_thread_id is not None:
            odd = e
            break
        if kind == _REQUEST_END:
            if name is None or e.model_request_start_id != name:
                odd = e
                break
            v.ended_spans.put(name, brief(e))
            t.closed = last = e
            t.request = None
            break
        if kind not in _SPEECH and (kind not in _WITHIN or not _WITHIN[kind](v, t, e)):
            odd = e
            break
        last = e
    v.previous = last
    return odd


def _between_requests(
    v: View, t: ThreadView, rest: Iterator[Seen], steps: dict[str, Step]
) -> Seen | None:
    """Take the ordinary events up to the next request; return the first other one."""
    find = steps.get
    for e in rest:
        step = find(e.type)
        if step is None or not step(v, t, e):
            return e
        v.previous = e
    return None


def _request_starts(v: View, t: ThreadView, e: Seen) -> bool:
    """A request starts in an open turn that has a cause, with every call answered."""
    if (
        t.mask != RUNNING
        or t.calls
        or v.alarm
        or e.session_thread_id is not None
        or not (t.asked or t.cause is not None)
        or v.mask != SESSION_RUNNING
    ):
        return False
    t.request = e
    t.request_known = t.asked = True
    t.result = t.unread = None
    return True


def _input(v: View, t: ThreadView, e: Seen) -> bool:
    """A session's open turn takes an input."""
    if t.mask != RUNNING or v.mask != SESSION_RUNNING or e.processed_at is None or v.alarm:
        return False
    t.cause = e
    if v.dialect.lists_in == "processing":
        t.unread = e
    return True


def _session_runs(v: View, t: ThreadView, e: Seen) -> bool:
    """A resting session runs, and the platform told no result meanwhile."""
    told = t.result
    if (
        v.mask != SESSION_IDLE
        or v.rested is not None
        or e.session_thread_id is not None
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


def _thread_runs(v: View, t: ThreadView, e: Seen) -> bool:
    """The primary runs after its session, and rested on nothing that is still asked."""
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
    for name in (stop.event_ids or ()) if stop is not None else ():
        call = v.calls.get(name)
        if call is not None and call.answer is None:
            return False
    return True


def _thread_rests(v: View, t: ThreadView, e: Seen) -> bool:
    """The list's own turn ends with nothing open, or rests on what it asked."""
    stop = e.stop_reason
    if (
        stop is None
        or not t.id
        or e.session_thread_id != t.id
        or t.name is None
        or e.agent_name != t.name
        or t.created is not None
        or e.stop_details
        or v.run_over is not None
        or v.alarm
        or not (_ends(v, t, stop) if stop.type == _END_TURN else _asks(v, t, stop))
    ):
        return False
    for name in stop.event_ids or ():
        v.calls[name].named = e
    t.mask = IDLE
    t.last = t.idle = v.rested = e
    t.cause = t.answered = t.result = t.unread = v.late = v.run_news = None
    t.request_known = True
    return True


def _ends(v: View, t: ThreadView, stop: Stop) -> bool:
    """A turn ends with nothing open, or because it was interrupted."""
    if t.mask != RUNNING or t.idle is not None or t.calls or stop.event_ids:
        return False
    if t.interrupted is not None:
        return True
    return t.result is None and t.unread is None and t.asked and t.cause is not v.previous


def _asks(v: View, t: ThreadView, stop: Stop) -> bool:
    """A turn rests on calls, or on some of them anew when others were answered."""
    if t.interrupted is not None or t.unread is not None or not _asks_openly(v, t, stop):
        return False
    if t.idle is None:
        return t.mask == RUNNING and t.result is None and t.asked and t.cause is not v.previous
    if (
        v.rested is not None
        or not v.steps.thread_idles.at(stop.type, t.answered is not None, False)[t.mask]
    ):
        return False
    before = t.idle.stop_reason
    asked = before.event_ids or () if before is not None and before.type == stop.type else ()
    return all(name in asked for name in stop.event_ids or ())


def _asks_openly(v: View, t: ThreadView, stop: Stop) -> bool:
    """A thread rests on calls that wait, and leaves out none that waits for the client."""
    names = stop.event_ids
    if stop.type != _REQUIRES_ACTION or not names or not _open(v, names):
        return False
    for name in names:
        if name not in t.calls:
            return False
    for name, call in t.calls.items():
        if _needs(call):
            if call.use.id not in names:
                return False
        elif v.hosted is None and name in names:
            return False
    return True


def _needs(call: Call) -> bool:
    """Whether a call waits for the client, which has not answered it."""
    return call.answer is None and (call.state == _ASKED or call.family == _CUSTOM_TOOL)


def _open(v: View, names: list[str]) -> bool:
    """Whether each of *names* is there once, and a call with neither a result nor an answer."""
    for name in names:
        call = v.calls.get(name)
        if call is None or call.answer is not None or v.done.get(name) is not None:
            return False
    return len(names) == 1 or len(set(names)) == len(names)


def _session_rests(v: View, t: ThreadView, e: Seen) -> bool:
    """A session rests with its primary and for the same reason, and no child has work."""
    stop, idle, before = e.stop_reason, t.idle, v.previous
    if (
        stop is None
        or idle is None
        or v.rested is not idle
        or idle.stop_reason != stop
        or not (_rests_on_nothing(v, stop) or _rests_on_asks(v, stop))
        or t.answered is not None
        or not v.steps.session_rests[v.mask]
        or before is None
        or before.type != _USAGE
        or e.session_thread_id is not None
        or v.last_error is not None
        or v.grading is not None
        or e.stop_details
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
    names = stop.event_ids
    if stop.type != _REQUIRES_ACTION or not names or not _open(v, names):
        return False
    return all(v.calls[name].named is not None for name in names)


def _all_rest(v: View) -> bool:
    """Whether all threads rest, and none works for a workflow run."""
    return not v.errands and all(t.mask == IDLE for t in v.live.values())


def _usage_grows(v: View, t: ThreadView, e: Seen) -> bool:
    """A usage event counts no less than the one before."""
    if v.unpriced is not None or v.alarm or v.child_list is not False or not v.grows(e):
        return False
    v.usage = e
    return True


def _will_retry(v: View, t: ThreadView, e: Seen) -> bool:
    """An error after which the session tries again; it may stand before the primary's running."""
    if word_in(e.error, "retry_status", "type") != _RETRYING or word_in(e.error, "credential_id"):
        return False
    v.last_error = e
    return True


_WITHIN: Final[dict[str, Step]] = {
    E.SESSION_USAGE: _usage_grows,
    E.SESSION_ERROR: _will_retry,
    **WITHIN_REQUEST,
}
"""For each event type that may stand in a request: take it if it is ordinary, and say so."""

_ANYWHERE: Final[dict[str, Step]] = {
    E.THREAD_IDLE: _thread_rests,
    E.SESSION_USAGE: _usage_grows,
    E.SESSION_ERROR: _will_retry,
    **BETWEEN_REQUESTS,
}
"""The same for what stands between requests."""

_ON_SESSION_LIST: Final[dict[str, Step]] = {
    E.USER_MESSAGE: _input,
    E.SESSION_RUNNING: _session_runs,
    E.SESSION_IDLE: _session_rests,
    E.THREAD_RUNNING: _thread_runs,
    **_ANYWHERE,
}
"""The same on a session's list, while its budget is not used up."""
