"""The ordinary case: a quick look that spares the rules of the most frequent events.

Nineteen events in twenty are what they should be in the plainest way: a request that starts in an
open turn, what the model says in it, its end, a result of an open call, a turn that ends with
nothing open. One look at the view tells that no rule has anything to say. The look may be wrong in
one way only: it may send an event to the rules that they let pass. A test drives every recording
and its mutants through both ways and requires the same findings.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from lifecycle.check.view import (
    IDLE,
    RUNNING,
    SESSION_IDLE,
    SESSION_RUNNING,
    Call,
    ThreadView,
    View,
)
from lifecycle.check.words import CallState, E, Permission, StopReason
from lifecycle.wire.bulk import Seen, Stop

__all__ = ["ORDINARY"]

# Plain strings: looking a word up in its enum costs as much as the comparison.
_ALLOWED: Final = CallState.ALLOWED.value
_ALLOW: Final = Permission.ALLOW.value
_END_TURN: Final = StopReason.END_TURN.value
_REQUIRES_ACTION: Final = StopReason.REQUIRES_ACTION.value
_PLAIN_STOPS: Final = (_END_TURN, _REQUIRES_ACTION)
_ASKED: Final = CallState.ASKED.value
_CUSTOM_TOOL: Final = E.AGENT_CUSTOM_TOOL_USE.value
_USAGE: Final = E.SESSION_USAGE.value
_TOOL: Final = E.AGENT_TOOL_USE.value
_MCP_TOOL: Final = E.AGENT_MCP_TOOL_USE.value


def _request_starts(v: View, e: Seen) -> bool:
    """A request starts in an open turn that has a cause, with every call answered."""
    t = v.own
    return (
        t.mask == RUNNING
        and t.request is None
        and t.words is None
        and not t.calls
        and not v.alarm
        and (v.loose_end is None or v.loose_end.model_request_start_id != e.id)
        and e.session_thread_id is None
        and (t.asked or t.cause is not None)
    )


def _request_ends(v: View, e: Seen) -> bool:
    """The open request ends."""
    request = v.own.request
    name = e.model_request_start_id
    return request is not None and name is not None and request.id == name and not v.alarm


def _speaks(v: View, e: Seen) -> bool:
    """The model speaks in its open request."""
    t = v.own
    quiet = t.cause is not v.previous and not v.alarm
    return quiet and t.request is not None and e.session_thread_id is None


def _calls(v: View, e: Seen) -> bool:
    """The model calls a tool that may run."""
    return (
        v.own.request is not None
        and e.session_thread_id is None
        and e.evaluated_permission == _ALLOW
        and not e.evaluation
        and (v.whole or v.done.get(e.id or "") is None)
        and not v.multi
        and not v.alarm
    )


def _resulted(v: View, e: Seen, name: str | None, family: str) -> bool:
    """An allowed call has its result in an open turn in which nothing is asked."""
    t = v.own
    calls = t.calls
    call = calls.get(name) if name is not None else None
    return (
        call is not None
        and call.state == _ALLOWED
        and call.family == family
        and t.mask == RUNNING
        and t.request is None
        and e.session_thread_id is None
        and t.interrupted is None
        and t.cause is not v.previous
        and not v.alarm
        and (len(calls) == 1 or all(c.state == _ALLOWED for c in calls.values()))
    )


def _tool_resulted(v: View, e: Seen) -> bool:
    """A built-in tool's ordinary result."""
    return _resulted(v, e, e.tool_use_id, _TOOL)


def _mcp_tool_resulted(v: View, e: Seen) -> bool:
    """An MCP tool's ordinary result."""
    return _resulted(v, e, e.mcp_tool_use_id, _MCP_TOOL)


def _input(v: View, e: Seen) -> bool:
    """A single-agent session's turn takes an input."""
    t = v.own
    quiet = t.request is None and v.capped is None and not v.alarm
    return quiet and t.mask == RUNNING and v.second is not None


def _session_runs(v: View, e: Seen) -> bool:
    """A resting session runs, and the platform told no result meanwhile."""
    told = v.own.result
    quiet = v.capped is None and not v.alarm and v.second is not None
    quiet = quiet and e.session_thread_id is None and v.rested is None
    return quiet and v.mask == SESSION_IDLE and (told is None or told[1].type.startswith("user."))


def _thread_runs(v: View, e: Seen) -> bool:
    """The primary runs right after its session, and rested on nothing that is still asked."""
    t = v.own
    return (
        v.unpaired is not None
        and v.previous is v.unpaired
        and e.session_thread_id == t.id
        and t is v.primary
        and t.mask == IDLE
        and t.name is not None
        and e.agent_name == t.name
        and not t.calls
        and v.terminal is None
        and v.dead_turn is None
        and v.ended is None
        and v.capped is None
        and v.second is not None
    )


def _thread_rests(v: View, e: Seen) -> bool:
    """A single-agent session's turn ends with nothing open, or rests on what it asked."""
    t, stop = v.own, e.stop_reason
    return (
        stop is not None
        and (not t.calls if stop.type == _END_TURN else _asks(v, t, stop))
        and t.mask == RUNNING
        and e.session_thread_id == t.id
        and t.request is None
        and t.result is None
        and t.unread is None
        and t.asked
        and t.cause is not v.previous
        and t.name is not None
        and e.agent_name == t.name
        and t.interrupted is None
        and not e.stop_details
        and not v.multi
        and not v.alarm
    )


def _asks(v: View, t: ThreadView, stop: Stop) -> bool:
    """A turn rests on its open asks and custom calls, on each of them and on nothing else."""
    names, calls = stop.event_ids or (), t.calls
    return (
        stop.type == _REQUIRES_ACTION
        and 0 < len(names) == len(calls) == len(set(names))
        and all(name in calls and _waits(calls[name]) for name in names)
        and all(v.done.get(name) is None for name in names)
    )


def _waits(call: Call) -> bool:
    """Whether a call plainly waits for the client."""
    return call.answer is None and (call.state == _ASKED or call.family == _CUSTOM_TOOL)


def _session_rests(v: View, e: Seen) -> bool:
    """A single-agent session rests with its thread and for the same reason."""
    stop, idle, before = e.stop_reason, v.own.idle, v.previous
    return (
        stop is not None
        and idle is not None
        and v.rested is idle
        and idle.stop_reason == stop
        and stop.type in _PLAIN_STOPS
        and v.own.answered is None
        and v.mask == SESSION_RUNNING
        and before is not None
        and before.type == _USAGE
        and e.session_thread_id is None
        and v.last_error is None
        and v.grading is None
        and not e.stop_details
        and not v.multi
        and not v.alarm
    )


def _usage_grows(v: View, e: Seen) -> bool:
    """A usage event counts no less than the one before."""
    return v.unpriced is None and not v.alarm and v.grows(e)


ORDINARY: Final[dict[str, Callable[[View, Seen], bool]]] = {
    E.SPAN_START: _request_starts,
    E.SPAN_END: _request_ends,
    E.AGENT_MESSAGE: _speaks,
    E.AGENT_THINKING: _speaks,
    E.AGENT_TOOL_USE: _calls,
    E.AGENT_MCP_TOOL_USE: _calls,
    E.AGENT_TOOL_RESULT: _tool_resulted,
    E.AGENT_MCP_TOOL_RESULT: _mcp_tool_resulted,
    E.USER_MESSAGE: _input,
    E.SESSION_RUNNING: _session_runs,
    E.SESSION_IDLE: _session_rests,
    E.THREAD_RUNNING: _thread_runs,
    E.THREAD_IDLE: _thread_rests,
    E.SESSION_USAGE: _usage_grows,
}
"""For each frequent event type, whether the event is ordinary. Other types are always looked at."""
