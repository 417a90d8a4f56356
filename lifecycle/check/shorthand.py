"""Shorthand: a recorded stream on a few lines, for rule pages, lessons and tests.

One event a line: its type, then words. What the bare words mean depends on the type; ``key=value``
sets any other field (a value that is JSON is read as JSON)::

    session.status_running
    session.thread_status_running main
    user.message
    span.model_request_start s1
    agent.tool_use c1 ask
    span.model_request_end s1
    session.thread_status_idle main requires_action(c1)
    session.usage
    session.status_idle requires_action(c1)
    user.tool_confirmation c1 allow
    agent.tool_result c1 error

Events get ids (``e1``, ``e2``...) unless one is given, and stamps a millisecond apart. ``of=child``
says on whose behalf an event stands on the session's list; ``at=5`` sets the stamp to five
milliseconds after the start, ``at=none`` leaves it out. A line that starts with ``#`` is a comment.
"""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec

__all__ = ["events"]

_THREAD_EVENTS: Final = ("session.thread_",)
_CALLS: Final = ("agent.tool_use", "agent.mcp_tool_use", "agent.custom_tool_use")
_ANSWERS: Final = {
    "agent.tool_result": "tool_use_id",
    "agent.mcp_tool_result": "mcp_tool_use_id",
    "user.custom_tool_result": "custom_tool_use_id",
    "user.tool_result": "tool_use_id",
    "user.tool_confirmation": "tool_use_id",
}
_STOP: Final = re.compile(r"(\w+)(?:\(([\w,]*)\))?")
_ALIASES: Final = {"of": "session_thread_id"}


def events(text: str) -> list[dict[str, Any]]:
    """Return the events that *text* stands for, as decoded JSON objects.

    Raises:
        ValueError: a bare word has no meaning for its event type.
    """
    lines = [line.strip() for line in text.splitlines()]
    told = [line for line in lines if line and not line.startswith("#")]
    return [_event(line.split(), number) for number, line in enumerate(told, 1)]


def _event(words: list[str], number: int) -> dict[str, Any]:
    """Return the event of one line."""
    kind, *rest = words
    event: dict[str, Any] = {"id": f"e{number}", "type": kind, "processed_at": _stamp(number)}
    bare = [word for word in rest if "=" not in word]
    _read_bare(kind, bare, event)
    if kind.startswith(_THREAD_EVENTS):
        event.setdefault("agent_name", event.get("session_thread_id", "main"))
    for word in rest:
        key, equals, value = word.partition("=")
        if equals:
            _set(event, _ALIASES.get(key, key), value)
    return event


def _stamp(milliseconds: int) -> str:
    """Return an RFC 3339 stamp *milliseconds* after an arbitrary start."""
    seconds, rest = divmod(milliseconds, 1000)
    return f"2026-01-01T00:{seconds // 60:02}:{seconds % 60:02}.{rest * 1000:06}Z"


def _set(event: dict[str, Any], key: str, value: str) -> None:
    """Set one field; ``at`` and ``none`` are special."""
    if key == "at":
        event.pop("processed_at", None)
        if value != "none":
            event["processed_at"] = _stamp(int(value))
    elif value == "none":
        event.pop(key, None)
    else:
        try:
            event[key] = msgspec.json.decode(value)
        except msgspec.DecodeError:
            event[key] = value


def _read_bare(kind: str, bare: list[str], event: dict[str, Any]) -> None:
    """Read the bare words of an event of type *kind*."""
    if kind.startswith(_THREAD_EVENTS) and bare:
        event["session_thread_id"] = bare.pop(0)
    if kind == "span.model_request_start" and bare:
        event["id"] = bare.pop(0)
    elif kind == "span.model_request_end":
        if bare:
            event["model_request_start_id"] = bare.pop(0)
        event["is_error"] = False
    elif kind in _CALLS and bare:
        event["id"] = bare.pop(0)
        event["name"] = "lookup"
        if kind != "agent.custom_tool_use":
            event["evaluated_permission"] = bare.pop(0) if bare else "allow"
    elif kind in _ANSWERS and bare:
        event[_ANSWERS[kind]] = bare.pop(0)
        if kind == "user.tool_confirmation":
            event["result"] = bare.pop(0)
        else:
            event["is_error"] = bare == ["error"]
            del bare[:1]
    elif kind.endswith("_idle") and bare:
        _read_stop(bare.pop(0), event)
    if bare:
        raise ValueError(f"{kind}: what does {' '.join(bare)!r} mean?")


def _read_stop(word: str, event: dict[str, Any]) -> None:
    """Read ``end_turn`` or ``requires_action(c1,c2)`` into the stop reason."""
    found = _STOP.fullmatch(word)
    if found is None:
        raise ValueError(f"{word!r} is no stop reason")
    stop: dict[str, Any] = {"type": found[1]}
    event["stop_reason"] = stop
    if found[2] is not None:
        stop["event_ids"] = [one for one in found[2].split(",") if one]
