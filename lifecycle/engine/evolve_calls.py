"""What tool uses, their answers and their results make of a session."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from lifecycle import events as e
from lifecycle.engine.fold import Fold
from lifecycle.state import Call, CallOwed, Entry, Place
from lifecycle.vocabulary import CallState, EventType, Permission

__all__ = ["CALL_STEPS"]

_PERMISSIONS: Final = {one.value: one for one in Permission}
_AT_BIRTH: Final = {Permission.ASK: CallState.ASKED, Permission.DENY: CallState.DENIED}


def _used(fold: Fold, entry: Entry, event: e.AgentToolUse | e.AgentMcpToolUse) -> None:
    """A call is made that policy has judged."""
    permission = _PERMISSIONS.get(str(event.evaluated_permission))
    built_in = event.type is EventType.AGENT_TOOL_USE
    delegates = event.name in fold.tables.dialect.delegation_tools
    by_client = fold.session.self_hosted and built_in and not delegates
    state = _AT_BIRTH.get(permission, CallState.ALLOWED) if permission else CallState.ALLOWED
    _made(fold, entry, event, state, permission, by_client and state is not CallState.DENIED)


def _custom_used(fold: Fold, entry: Entry, event: e.AgentCustomToolUse) -> None:
    """A call is made that the client runs."""
    _made(fold, entry, event, CallState.ALLOWED, None, True)


def _made(
    fold: Fold,
    entry: Entry,
    event: e.ToolUse,
    state: CallState,
    permission: Permission | None,
    by_client: bool,
) -> None:
    name = str(event.id)
    fold.session.calls[name] = Call(
        name,
        entry.thread,
        event.type,
        str(event.name or ""),
        state,
        permission,
        by_client,
        hidden=entry.place is Place.NOWHERE,
        server=str(getattr(event, "mcp_server_name", None) or ""),
        input=(event.input or {}) if entry.thread != fold.session.primary else {},
    )


def _confirmed(fold: Fold, entry: Entry, event: e.UserToolConfirmation) -> None:
    """The client allows or denies; without a stamp the answer waits for its turn."""
    call = fold.call(str(event.tool_use_id))
    if call is None:
        fold.odd(event.type.value)
        return
    said = {"id": event.id, "result": event.result, **_made_at(event)}
    if event.deny_message:
        said["deny_message"] = event.deny_message
    if not event.processed_at:
        call.state, call.answer = CallState.ANSWERED, said
    elif event.result == "deny":
        call.state, call.answer = CallState.DENIED, said
    else:
        call.state, call.answer = CallState.PROCESSED, None


def _custom_result(fold: Fold, entry: Entry, event: e.UserCustomToolResult) -> None:
    _client_result(fold, event, event.custom_tool_use_id)


def _tool_result(fold: Fold, entry: Entry, event: e.UserToolResult) -> None:
    _client_result(fold, event, event.tool_use_id)


def _client_result(
    fold: Fold, event: e.UserCustomToolResult | e.UserToolResult, name: object
) -> None:
    """The client gives a result; without a stamp it waits for its turn."""
    if event.processed_at:
        _resulted(fold, name, event.type)
        return
    call = fold.call(str(name))
    if call is None:
        fold.odd(event.type.value)
    else:
        call.state = CallState.ANSWERED
        said = {"id": event.id, "content": event.content, "is_error": event.is_error}
        call.answer = {**said, **_made_at(event)}


def _made_at(event: e.Event) -> dict[str, Any]:
    """Return when an answer was made, where the service says it: it says the same again."""
    return {"created_at": event.created_at} if event.created_at else {}


def _platform_result(fold: Fold, entry: Entry, event: e.AgentToolResult) -> None:
    _resulted(fold, event.tool_use_id, event.type)


def _mcp_result(fold: Fold, entry: Entry, event: e.AgentMcpToolResult) -> None:
    _resulted(fold, event.mcp_tool_use_id, event.type)


def _resulted(fold: Fold, name: object, kind: EventType) -> None:
    """A call has its result: it is no longer open."""
    call = fold.session.calls.pop(str(name), None)
    thread = fold.thread(call.thread) if call is not None else None
    if thread is None:
        fold.odd(kind.value)
    else:
        thread.unread = True


def _owed(fold: Fold, entry: Entry, note: CallOwed) -> None:
    """The host was told to run these calls."""
    for name in note.calls:
        call = fold.call(name)
        if call is not None:
            call.owed = True


CALL_STEPS: Final[dict[type, Callable[[Fold, Entry, Any], None]]] = {
    CallOwed: _owed,
    e.AgentToolUse: _used,
    e.AgentMcpToolUse: _used,
    e.AgentCustomToolUse: _custom_used,
    e.UserToolConfirmation: _confirmed,
    e.UserCustomToolResult: _custom_result,
    e.UserToolResult: _tool_result,
    e.AgentToolResult: _platform_result,
    e.AgentMcpToolResult: _mcp_result,
}
"""What each event about a call makes of the session."""
