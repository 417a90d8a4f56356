"""How tool uses, their answers and their results change the view."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from lifecycle.check.steps import every
from lifecycle.check.view import IDLE, RUNNING, SESSION_RUNNING, Call, ThreadView, View
from lifecycle.check.words import CallState, E, Permission
from lifecycle.machines import SESSION
from lifecycle.wire.bulk import Brief, Seen, look_into

__all__ = ["CALLS", "brief", "forget_answered", "mention", "works"]

_AT_BIRTH: Final[dict[str | None, str]] = {
    Permission.ASK.value: CallState.ASKED.value,
    Permission.DENY.value: CallState.DENIED.value,
}


def mention(v: View, name: str | None, e: Seen) -> None:
    """Remember *e* as the first event that names the thread *name*, while nothing announced it."""
    t = v.threads.get(name or "")
    if name and (t is None or t.created is None) and v.mentioned.get(name) is None:
        v.mentioned.put(name, e)


def works(v: View) -> None:
    """Take the list's own thread to run, and with it a session of which nothing is known."""
    v.own.mask = RUNNING
    if v.mask == every(SESSION):
        v.mask = SESSION_RUNNING


def _used(v: View, e: Seen) -> None:
    """A call is made; on a session's list it may be a child's."""
    # Qoder's results name a call by the model's own id for it.
    name = e.tool_use_id or e.id
    if not name:
        v.loose_call = e
        return
    t = v.thread_of(e)
    if t is not v.own:
        mention(v, e.session_thread_id, e)
        if v.child_list is None:
            v.on_session_list()
    elif not t.request_known:
        t.words = t.words or e
        works(v)
    state = _AT_BIRTH.get(e.evaluated_permission, CallState.ALLOWED.value)
    call = Call(e, t, state, e.type, t.request if t is v.own else None, t is v.own)
    t.calls[name] = v.calls[name] = call
    idle = t.idle
    # A child's idle may stand before the call that it names (recorded five times).
    stop = idle.stop_reason if idle else None
    if stop is not None and name in (stop.event_ids or ()):
        call.named = idle


def brief(e: Seen) -> Brief:
    """Return what is remembered of a result."""
    return Brief(
        id=e.id,
        type=e.type,
        processed_at=e.processed_at,
        session_thread_id=e.session_thread_id,
        line=e.line,
    )


def _resulted(v: View, e: Seen, name: str | None) -> None:
    """A call has its result."""
    if not name:
        v.loose_call = None
        return
    call = v.calls.pop(name, None)
    v.done.put(name, brief(e))
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
    """The primary's open turn is there only to carry this answer to a child.

    An answer that waits may stand anywhere before that turn.
    """
    if v.own.mask != IDLE:
        v.own.cause = e
        v.own.asked = True
    if e.processed_at is None:
        v.own.answered = e


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
    denied = look_into(e.result) == "deny"
    call.state = CallState.DENIED.value if denied else CallState.PROCESSED.value
    _answered(v, call.thread, e)


def _waits(call: Call) -> bool:
    """Whether a child's call waits for the client."""
    custom = call.family == E.AGENT_CUSTOM_TOOL_USE and call.named is not None
    return custom or call.state == CallState.ASKED


def forget_answered(v: View, t: ThreadView) -> None:
    """Drop a child's calls that have their answer: their results stand on the child's own list."""
    for key in [k for k, call in t.calls.items() if not _waits(call)]:
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
