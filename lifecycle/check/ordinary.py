"""The ordinary case: a quick look that spares the rules of the most frequent events.

Nine events in ten are a request that starts in an open turn, what the model says in it, its end,
and a result of an open call. For those types one look at the view tells that no rule has anything to
say. The look may be wrong in one way only: it may send an event to the rules that they let pass. A
test drives every recording and its mutants through both ways and requires the same findings.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from lifecycle.check.view import RUNNING, View
from lifecycle.vocabulary import CallState, EventType as E
from lifecycle.wire.bulk import Seen

__all__ = ["ORDINARY"]

_ALLOWED: Final = CallState.ALLOWED.value


def _request_starts(v: View, e: Seen) -> bool:
    """A request starts in an open turn that has a cause, with every call answered."""
    t = v.own
    return (
        t.request is None
        and t.mask == RUNNING
        and not t.calls
        and (t.asked or t.cause is not None)
        and v.terminal is None
        and v.dead_turn is None
    )


def _request_ends(v: View, e: Seen) -> bool:
    """The open request ends."""
    request = v.own.request
    return request is not None and request.id is not None and request.id == e.model_request_start_id


def _speaks(v: View, e: Seen) -> bool:
    """The model speaks in its open request."""
    return v.own.request is not None and e.session_thread_id is None


def _resulted(v: View, e: Seen, name: str | None, family: str) -> bool:
    """An allowed call, the thread's only open one, has its result in an open turn."""
    if name is None:
        return False
    t = v.own
    call = t.calls.get(name)
    return (
        call is not None
        and call.state == _ALLOWED
        and call.family == family
        and t.request is None
        and t.mask == RUNNING
        and e.session_thread_id is None
        and (len(t.calls) == 1 or all(c.state == _ALLOWED for c in t.calls.values()))
    )


def _tool_resulted(v: View, e: Seen) -> bool:
    """A built-in tool's ordinary result."""
    return _resulted(v, e, e.tool_use_id, E.AGENT_TOOL_USE)


def _mcp_tool_resulted(v: View, e: Seen) -> bool:
    """An MCP tool's ordinary result."""
    return _resulted(v, e, e.mcp_tool_use_id, E.AGENT_MCP_TOOL_USE)


ORDINARY: Final[dict[str, Callable[[View, Seen], bool]]] = {
    E.SPAN_START: _request_starts,
    E.SPAN_END: _request_ends,
    E.AGENT_MESSAGE: _speaks,
    E.AGENT_THINKING: _speaks,
    E.AGENT_TOOL_RESULT: _tool_resulted,
    E.AGENT_MCP_TOOL_RESULT: _mcp_tool_resulted,
}
"""For each frequent event type, whether the event is ordinary. Other types are always looked at."""
