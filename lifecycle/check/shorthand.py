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

    user.define_outcome o1
    span.outcome_evaluation_start o1 0
    span.outcome_evaluation_end o1 0 e3 satisfied
    agent.thread_message_sent child
    session.error billing_error exhausted
    workflow_run.created r1
    workflow_run.phase_started r1 p1
    workflow_run.phase_ended r1 p1 e8
    workflow_run.status_ended r1 completed

Events get ids (``e1``, ``e2``...) unless one is given, and stamps a millisecond apart; previews
(``event_start``, ``event_delta``) have neither. ``of=child`` says on whose behalf an event stands
on the session's list; ``at=5`` sets the stamp to five milliseconds after the start, ``at=none``
leaves it out. What stands in quotes is one word. A line that starts with ``#`` is a comment.
Records of deployments have lines of their own (`record_shorthand`).
"""

from __future__ import annotations

import re
from copy import deepcopy
from typing import Any, Final

import msgspec

from lifecycle.check.record_shorthand import WORDS, record

__all__ = ["events"]

_THREAD_EVENTS: Final = "session.thread_"
_RESULT: Final = {"is_error": False}
_CALL: Final = {"name": "lookup", "evaluated_permission": "allow"}
_CARRIED: Final[dict[str, dict[str, Any]]] = {
    "span.model_request_end": {"is_error": False},
    "event_start": {"event": {"type": "agent.message"}},
    "event_delta": {"delta": {"type": "content_delta"}},
    "agent.tool_use": _CALL,
    "agent.mcp_tool_use": _CALL,
    "agent.custom_tool_use": {"name": "lookup"},
    "agent.tool_result": _RESULT,
    "agent.mcp_tool_result": _RESULT,
    "user.custom_tool_result": _RESULT,
    "user.tool_result": _RESULT,
}
_NAMED: Final[dict[str, tuple[str, ...]]] = {
    "span.model_request_start": ("id",),
    "span.model_request_end": ("model_request_start_id",),
    "agent.tool_use": ("id", "evaluated_permission"),
    "agent.mcp_tool_use": ("id", "evaluated_permission"),
    "agent.custom_tool_use": ("id",),
    "agent.tool_result": ("tool_use_id", "is_error"),
    "agent.mcp_tool_result": ("mcp_tool_use_id", "is_error"),
    "user.custom_tool_result": ("custom_tool_use_id", "is_error"),
    "user.tool_result": ("tool_use_id", "is_error"),
    "user.tool_confirmation": ("tool_use_id", "result"),
    "user.define_outcome": ("outcome_id",),
    "agent.thread_message_sent": ("to_session_thread_id",),
    "agent.thread_message_received": ("from_session_thread_id",),
    "session.status_idle": ("stop_reason",),
    "session.thread_status_idle": ("session_thread_id", "stop_reason"),
    "session.error": ("error.type", "error.retry_status.type"),
    "span.outcome_evaluation_start": ("outcome_id", "iteration"),
    "span.outcome_evaluation_ongoing": ("outcome_id", "iteration"),
    "span.outcome_evaluation_end": (
        "outcome_id",
        "iteration",
        "outcome_evaluation_start_id",
        "result",
    ),
    "event_start": ("event.id",),
    "event_delta": ("event_id",),
    "workflow_run.created": ("workflow_run_id",),
    "workflow_run.status_running": ("workflow_run_id",),
    "workflow_run.status_idle": ("workflow_run_id",),
    "workflow_run.error": ("workflow_run_id", "error.type"),
    "workflow_run.status_ended": ("workflow_run_id", "result.type", "result.error.type"),
    "workflow_run.phase_started": ("workflow_run_id", "workflow_run_phase_id"),
    "workflow_run.phase_ended": ("workflow_run_id", "workflow_run_phase_id", "phase_started_id"),
}
_QODER: Final[dict[str, dict[str, Any]]] = {
    "session.thread_created": {
        "parent_thread_id": "main",
        "agent_id": "agent",
        "agent_version": 1,
        "role": "child",
        "created_by_tool_use_id": "c1",
    },
    "agent.thread_message_sent": {
        "direction": "coordinator_to_child",
        "from_session_thread_id": "main",
        "content": "Do this.",
    },
}
_WORDS: Final = re.compile(r'(?:"(?:\\.|[^"\\])*"|\S)+')
_MESSAGES: Final = {
    "agent.thread_message_sent": ("to_session_thread_id", "to_agent_name"),
    "agent.thread_message_received": ("from_session_thread_id", "from_agent_name"),
}
_STOP: Final = re.compile(r"(\w+)(?:\(([\w,]*)\))?")
_ALIASES: Final = {"of": "session_thread_id"}


def events(text: str, dialect: str = "anthropic") -> list[dict[str, Any]]:
    """Return the events that *text* stands for, as decoded JSON objects.

    In *dialect* ``qoder`` they carry what every event of that service carries: its session, its
    thread (``main``, unless named), and so on.

    Raises:
        ValueError: a bare word has no meaning for its event type.
    """
    lines = [line.strip() for line in text.splitlines()]
    told = [line for line in lines if line and not line.startswith("#")]
    made = [_event(_WORDS.findall(line), number) for number, line in enumerate(told, 1)]
    return [_as_qoder(event) for event in made] if dialect == "qoder" else made


def _event(words: list[str], number: int) -> dict[str, Any]:
    """Return the event of one line."""
    kind, *rest = words
    if kind in WORDS:
        return record(kind, rest, number)
    event: dict[str, Any] = {"type": kind}
    if not kind.startswith("event_"):
        event |= {"id": f"e{number}", "processed_at": _stamp(number)}
    bare = [word for word in rest if "=" not in word]
    _read_bare(kind, bare, event)
    if kind.startswith(_THREAD_EVENTS):
        event["agent_name"] = event.get("session_thread_id", "main")
    elif kind in _MESSAGES:
        field, name = _MESSAGES[kind]
        other = event.get(field, "main")
        # The primary is spoken to without its name.
        event |= {} if (name, other) == ("to_agent_name", "main") else {name: other}
    for word in rest:
        key, equals, value = word.partition("=")
        if equals:
            _set(event, _ALIASES.get(key, key), value)
    return event


def _as_qoder(event: dict[str, Any]) -> dict[str, Any]:
    """Return *event* with what it lacks of the fields that Qoder's events carry."""
    carried: dict[str, Any] = {
        "schema_version": "1.0",
        "session_id": "sess",
        "session_thread_id": "main",
        "created_at": event.get("processed_at"),
        **_QODER.get(event["type"], {}),
    }
    return carried | event


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
    event.update(deepcopy(_CARRIED.get(kind, {})))
    names = _NAMED.get(kind, ("session_thread_id",) if kind.startswith(_THREAD_EVENTS) else ())
    if len(bare) > len(names):
        raise ValueError(f"{kind}: what does {' '.join(bare[len(names) :])!r} mean?")
    for name, word in zip(names, bare, strict=False):
        *outer, last = name.split(".")
        within = event
        for part in outer:
            within = within.setdefault(part, {})
        within[last] = _read_word(last, word)


def _read_word(name: str, word: str) -> Any:
    """Return the value that *word* stands for in the field *name*."""
    if name == "stop_reason":
        return _read_stop(word)
    if name == "is_error":
        return word == "error"
    return int(word) if name == "iteration" else word


def _read_stop(word: str) -> dict[str, Any]:
    """Return the stop reason that ``end_turn`` or ``requires_action(c1,c2)`` stands for."""
    found = _STOP.fullmatch(word)
    if found is None:
        raise ValueError(f"{word!r} is no stop reason")
    stop: dict[str, Any] = {"type": found[1]}
    if found[2] is not None:
        stop["event_ids"] = [one for one in found[2].split(",") if one]
    return stop
