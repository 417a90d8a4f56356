"""The ordinary case of calls: they are made, asked for, answered, and have their results.

As in `ordinary`: one look tells that no rule has anything to say, and the event changes the view at
once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from lifecycle.check.follow_calls import brief
from lifecycle.check.rules.shared import evaluated
from lifecycle.check.view import RUNNING, Call, View
from lifecycle.check.words import CallState, E, Permission
from lifecycle.wire.bulk import Seen

__all__ = ["ORDINARY_CALLS"]

_ALLOWED: Final = CallState.ALLOWED.value
_ASKED: Final = CallState.ASKED.value
_MAY_RUN: Final = (_ALLOWED, CallState.PROCESSED.value)
_AT_BIRTH: Final[dict[str | None, str]] = {
    Permission.ALLOW.value: CallState.ALLOWED,
    Permission.ASK.value: CallState.ASKED,
}
_TOOL: Final = E.AGENT_TOOL_USE.value
_MCP_TOOL: Final = E.AGENT_MCP_TOOL_USE.value
_CUSTOM_TOOL: Final = E.AGENT_CUSTOM_TOOL_USE.value
_ANSWERED: Final[dict[bytes, str]] = {
    b'"allow"': CallState.PROCESSED,
    b'"deny"': CallState.DENIED,
}
"""What a confirmation's result, as JSON, makes of a call."""


def _calls(v: View, e: Seen) -> bool:
    """The model calls a tool that may run, or that waits for consent."""
    state = _AT_BIRTH.get(e.evaluated_permission)
    if state is None or (
        e.evaluation and evaluated(bytes(e.evaluation)) not in (None, e.evaluated_permission)
    ):
        return False
    return _made(v, e, state)


def _calls_the_client(v: View, e: Seen) -> bool:
    """The model calls a tool of the client."""
    return e.evaluated_permission is None and _made(v, e, CallState.ALLOWED)


def _made(v: View, e: Seen, state: str) -> bool:
    """A call is made in the open request, and not to delegate."""
    t, name = v.own, e.id
    if (
        t.request is None
        or t.idle is not None
        or not name
        or e.tool_use_id
        or e.session_thread_id is not None
        or not (v.whole or v.done.get(name) is None)
        or (v.multi and (e.name in v.dialect.delegation_tools or "" in v.threads))
        or v.alarm
    ):
        return False
    t.calls[name] = v.calls[name] = Call(e, t, state, e.type, t.request, True)
    return True


def _resulted(v: View, e: Seen, name: str | None, family: str) -> bool:
    """A call that may run has its result in an open turn in which nothing is asked."""
    t = v.own
    calls = t.calls
    call = calls.get(name) if name else None
    if (
        call is None
        or name is None
        or call.state not in _MAY_RUN
        or call.family != family
        or t.mask != RUNNING
        or t.request is not None
        or e.session_thread_id is not None
        or t.interrupted is not None
        or t.cause is v.previous
        or v.alarm
        or not (len(calls) == 1 or all(c.state in _MAY_RUN for c in calls.values()))
        or v.calls.get(name) is not call
    ):
        return False
    del calls[name], v.calls[name]
    v.done.put(name, brief(e))
    t.result = (call, e)
    return True


def _tool_resulted(v: View, e: Seen) -> bool:
    """A built-in tool's ordinary result."""
    return _resulted(v, e, e.tool_use_id, _TOOL)


def _mcp_tool_resulted(v: View, e: Seen) -> bool:
    """An MCP tool's ordinary result."""
    return _resulted(v, e, e.mcp_tool_use_id, _MCP_TOOL)


def _first(v: View, e: Seen, name: str | None) -> Call | None:
    """Return the call that a client's answer is about, if it is the first of the list's own."""
    call = v.calls.get(name) if name else None
    plain = call is not None and call.answer is None and e.session_thread_id is None
    if not plain or v.alarm or next(iter(v.own.calls.values()), None) is not call:
        return None
    return call


def _given(v: View, e: Seen, name: str | None, family: str) -> bool:
    """The client gives the result of a call that needs no consent."""
    t, call = v.own, _first(v, e, name)
    if call is None or name is None or call.state != _ALLOWED or call.family != family:
        return False
    if name not in t.calls:
        return False
    del t.calls[name], v.calls[name]
    v.done.put(name, brief(e))
    t.result = (call, e)
    t.answered = t.cause = e
    return True


def _custom_tool_given(v: View, e: Seen) -> bool:
    """The client gives a custom tool's result."""
    return not e.tool_use_id and _given(v, e, e.custom_tool_use_id, _CUSTOM_TOOL)


def _tool_given(v: View, e: Seen) -> bool:
    """A worker of the client gives a built-in tool's result."""
    return _given(v, e, e.tool_use_id, _TOOL)


def _confirmed(v: View, e: Seen) -> bool:
    """The client answers a call that was asked."""
    t, call = v.own, _first(v, e, e.tool_use_id)
    state = _ANSWERED.get(bytes(e.result))
    if (
        call is None
        or state is None
        or call.state != _ASKED
        or call.family == _CUSTOM_TOOL
        or e.deny_message is not None
        or t.result is not None
    ):
        return False
    call.answer = t.answered = t.cause = e
    call.state = state
    return True


ORDINARY_CALLS: Final[dict[str, Callable[[View, Seen], bool]]] = {
    E.AGENT_TOOL_USE: _calls,
    E.AGENT_MCP_TOOL_USE: _calls,
    E.AGENT_CUSTOM_TOOL_USE: _calls_the_client,
    E.AGENT_TOOL_RESULT: _tool_resulted,
    E.AGENT_MCP_TOOL_RESULT: _mcp_tool_resulted,
    E.USER_TOOL_RESULT: _tool_given,
    E.USER_CUSTOM_TOOL_RESULT: _custom_tool_given,
    E.USER_TOOL_CONFIRMATION: _confirmed,
}
"""For each frequent event type about calls: take the event if it is ordinary, and say so."""
