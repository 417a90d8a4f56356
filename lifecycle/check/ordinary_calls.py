"""The ordinary case of calls: they are made, asked for, answered, and have their results.

As in `ordinary`: one look tells that no rule has anything to say, and the event changes the view at
once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from lifecycle.check.follow_calls import brief
from lifecycle.check.rules.shared import evaluated
from lifecycle.check.view import RUNNING, Call, ThreadView, View
from lifecycle.check.words import CallState, E, Permission
from lifecycle.wire.bulk import Seen

__all__ = ["BETWEEN_REQUESTS", "WITHIN_REQUEST", "Step"]

Step = Callable[[View, ThreadView, Seen], bool]
"""Takes an event of the list's own thread if it is ordinary, and says whether it was."""

_ALLOWED: Final = CallState.ALLOWED.value
_ASKED: Final = CallState.ASKED.value
_DENIED: Final = CallState.DENIED.value
_PROCESSED: Final = CallState.PROCESSED.value
_MAY_RUN: Final = (_ALLOWED, _PROCESSED)
_AT_BIRTH: Final[dict[str | None, str]] = {
    Permission.ALLOW.value: _ALLOWED,
    Permission.ASK.value: _ASKED,
}
_TOOL: Final = E.AGENT_TOOL_USE.value
_MCP_TOOL: Final = E.AGENT_MCP_TOOL_USE.value
_CUSTOM_TOOL: Final = E.AGENT_CUSTOM_TOOL_USE.value
_ANSWERED: Final[dict[bytes, str]] = {
    b'"allow"': _PROCESSED,
    b'"deny"': _DENIED,
}
"""What a confirmation's result, as JSON, makes of a call."""


def _calls(v: View, t: ThreadView, e: Seen) -> bool:
    """The model calls a tool that may run, or that waits for consent."""
    state = _AT_BIRTH.get(e.evaluated_permission)
    if state is None or (
        e.evaluation and evaluated(bytes(e.evaluation)) not in (None, e.evaluated_permission)
    ):
        return False
    return _made(v, t, e, state)


def _calls_the_client(v: View, t: ThreadView, e: Seen) -> bool:
    """The model calls a tool of the client."""
    return e.evaluated_permission is None and _made(v, t, e, _ALLOWED)


def _made(v: View, t: ThreadView, e: Seen, state: str) -> bool:
    """A call is made in the open request, and not to delegate."""
    name = e.id
    if (
        not name
        or e.tool_use_id
        or not (v.whole or v.done.get(name) is None)
        or (v.multi and (e.name in v.dialect.delegation_tools or "" in v.threads))
    ):
        return False
    t.calls[name] = v.calls[name] = Call(e, t, state, e.type, t.request, True)
    return True


def _resulted(v: View, t: ThreadView, e: Seen, name: str | None, family: str) -> bool:
    """A call has its result in an open turn, as its state allows."""
    calls = t.calls
    call = calls.get(name) if name else None
    if (
        call is None
        or name is None
        or call.family != family
        or t.mask != RUNNING
        or e.session_thread_id is not None
        or t.interrupted is not None
        or t.cause is v.previous
        or v.alarm
        or not (call.state in _MAY_RUN or (e.is_error and call.state == _DENIED))
        or (len(calls) > 1 and call.state == _ALLOWED and _is_asked(calls))
        or v.calls.get(name) is not call
    ):
        return False
    del calls[name], v.calls[name]
    v.done.put(name, brief(e))
    t.result = (call, e)
    return True


def _is_asked(calls: dict[str, Call]) -> bool:
    """Whether a call waits for consent."""
    return _ASKED in [call.state for call in calls.values()]


def _tool_resulted(v: View, t: ThreadView, e: Seen) -> bool:
    """A built-in tool's ordinary result."""
    return _resulted(v, t, e, e.tool_use_id, _TOOL)


def _mcp_tool_resulted(v: View, t: ThreadView, e: Seen) -> bool:
    """An MCP tool's ordinary result."""
    return _resulted(v, t, e, e.mcp_tool_use_id, _MCP_TOOL)


def _answered(v: View, t: ThreadView, e: Seen, name: str | None) -> Call | None:
    """Return the list's own call that a client's answer is about, if no earlier one waits."""
    call = t.calls.get(name) if name else None
    if call is None or call.answer is not None or e.session_thread_id is not None or v.alarm:
        return None
    for earlier in t.calls.values():
        if earlier is call:
            break
        if earlier.answer is None and earlier.named is call.named:
            return None
    return call if v.calls.get(name or "") is call else None


def _given(v: View, t: ThreadView, e: Seen, name: str | None, family: str) -> bool:
    """The client gives the result of a call that needs no consent."""
    call = _answered(v, t, e, name)
    if call is None or name is None or call.state != _ALLOWED or call.family != family:
        return False
    del t.calls[name], v.calls[name]
    v.done.put(name, brief(e))
    t.result = (call, e)
    t.answered = t.cause = e
    return True


def _custom_tool_given(v: View, t: ThreadView, e: Seen) -> bool:
    """The client gives a custom tool's result."""
    return not e.tool_use_id and _given(v, t, e, e.custom_tool_use_id, _CUSTOM_TOOL)


def _tool_given(v: View, t: ThreadView, e: Seen) -> bool:
    """A worker of the client gives a built-in tool's result."""
    return _given(v, t, e, e.tool_use_id, _TOOL)


def _confirmed(v: View, t: ThreadView, e: Seen) -> bool:
    """The client answers a call that was asked."""
    call = _answered(v, t, e, e.tool_use_id)
    state = _ANSWERED.get(bytes(e.result))
    if (
        call is None
        or state is None
        or call.state != _ASKED
        or call.family == _CUSTOM_TOOL
        or (e.deny_message is not None and state != _DENIED)
        or t.result is not None
    ):
        return False
    call.answer = t.answered = t.cause = e
    call.state = state
    return True


WITHIN_REQUEST: Final[dict[str, Step]] = {
    E.AGENT_TOOL_USE: _calls,
    E.AGENT_MCP_TOOL_USE: _calls,
    E.AGENT_CUSTOM_TOOL_USE: _calls_the_client,
}
"""For each event type by which a call is made: take it if it is ordinary, and say so."""

BETWEEN_REQUESTS: Final[dict[str, Step]] = {
    E.AGENT_TOOL_RESULT: _tool_resulted,
    E.AGENT_MCP_TOOL_RESULT: _mcp_tool_resulted,
    E.USER_TOOL_RESULT: _tool_given,
    E.USER_CUSTOM_TOOL_RESULT: _custom_tool_given,
    E.USER_TOOL_CONFIRMATION: _confirmed,
}
"""The same for what follows upon a call."""
