"""How tool uses, their answers and their results change the view."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from lifecycle.check.view import Call, ThreadView, View
from lifecycle.vocabulary import CallState, EventType as E, Permission
from lifecycle.wire.bulk import Seen, look_into

__all__ = ["CALLS", "forget_answered"]

_AT_BIRTH: Final[dict[str | None, CallState]] = {
    Permission.ASK.value: CallState.ASKED,
    Permission.DENY.value: CallState.DENIED,
}


def _used(v: View, e: Seen) -> None:
    """A call is made; on a session's list it may be a child's."""
    # Qoder's results name a call by the model's own id for it.
    name = e.tool_use_id or e.id
    if not name:
        v.loose_call = e
        return
    t = v.thread_of(e)
    if t is not v.own and v.child_list is None:
        v.on_session_list()
    state = _AT_BIRTH.get(e.evaluated_permission, CallState.ALLOWED)
    call = Call(e, t, state, t.request if t is v.own else None, t is v.own)
    t.calls[name] = v.calls[name] = call
    idle = t.idle
    # A child's idle may stand before the call that it names (recorded five times).
    stop = idle.stop_reason if idle else None
    if stop is not None and name in (stop.event_ids or ()):
        call.named = idle


def _resulted(v: View, e: Seen, name: str | None) -> None:
    """A call has its result."""
    if not name:
        v.loose_call = None
        return
    call = v.calls.pop(name, None)
    v.done.put(name, e)
    if call is not None:
        call.thread.calls.pop(name, None)
        call.thread.result = (call, e)
    if e.type.startswith("user."):
        _answered(v, call.thread if call is not None else v.own, e)


def _answered(v: View, t: ThreadView, e: Seen) -> None:
    """A thread was answered: that opens its next turn, or gives the open one its cause."""
    t.answered = t.cause = e
    if t is not v.own:
        _forwarded(v, e)


def _forwarded(v: View, e: Seen) -> None:
    """The primary opened, or opens next, only to carry this answer to a child."""
    v.own.answered = e
    v.own.cause = e
    v.own.asked = True


def _tool_resulted(v: View, e: Seen) -> None:
    """A built-in tool's result."""
    _resulted(v, e, e.tool_use_id)


def _mcp_tool_resulted(v: View, e: Seen) -> None:
    """An MCP tool's result."""
    _resulted(v, e, e.mcp_tool_use_id)


def _custom_tool_resulted(v: View, e: Seen) -> None:
    """A custom tool's result, from the client."""
    _resulted(v, e, e.custom_tool_use_id)


def _confirmed(v: View, e: Seen) -> None:
    """A call is allowed or denied by the client."""
    call = v.calls.get(e.tool_use_id or "")
    if call is None:
        _answered(v, v.own, e)
        return
    call.answer = e
    call.state = CallState.DENIED if look_into(e.result) == "deny" else CallState.PROCESSED
    _answered(v, call.thread, e)


def forget_answered(v: View, t: ThreadView) -> None:
    """Drop a child's calls that have their answer: their results stand on the child's own list."""
    for key in [k for k, call in t.calls.items() if call.state != CallState.ASKED]:
        v.forgotten.put(key, t.calls.pop(key))
        v.calls.pop(key, None)


CALLS: Final[dict[str, Callable[[View, Seen], None]]] = {
    E.AGENT_TOOL_USE: _used,
    E.AGENT_MCP_TOOL_USE: _used,
    E.AGENT_CUSTOM_TOOL_USE: _used,
    E.AGENT_TOOL_RESULT: _tool_resulted,
    E.AGENT_MCP_TOOL_RESULT: _mcp_tool_resulted,
    E.USER_TOOL_RESULT: _tool_resulted,
    E.USER_CUSTOM_TOOL_RESULT: _custom_tool_resulted,
    E.USER_TOOL_CONFIRMATION: _confirmed,
}
"""What follows each event about a call."""
