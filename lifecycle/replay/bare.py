"""Recordings that keep nothing but the types of events: what those are about is filled in.

A result is that of the oldest call of its family that has none; a rest with calls that only a
client can answer waits for those.
"""

from __future__ import annotations

from typing import Any, Final

__all__ = ["filled"]

_PRIMARY: Final = "sthr_primary"
_RESULTS: Final = {
    "agent.tool_result": ("agent.tool_use", "tool_use_id"),
    "user.tool_result": ("agent.tool_use", "tool_use_id"),
    "agent.mcp_tool_result": ("agent.mcp_tool_use", "mcp_tool_use_id"),
    "user.custom_tool_result": ("agent.custom_tool_use", "custom_tool_use_id"),
}


def filled(lines: list[tuple[int, dict[str, Any]]]) -> list[tuple[int, dict[str, Any]]]:
    """Return the events with ids, stamps, threads, calls and stop reasons."""
    open_calls: list[tuple[str, str]] = []
    told = []
    for line, one in lines:
        kind = one["type"]
        event = {"id": f"sevt_{line}", "processed_at": "2026-01-01T00:00:00Z", **one}
        if kind.startswith("session.thread_status"):
            event = {"session_thread_id": _PRIMARY, "agent_name": "agent", **event}
        if kind in _RESULTS:
            family, field = _RESULTS[kind]
            call = next((each for each in open_calls if each[0] == family), None)
            if call is not None:
                open_calls.remove(call)
                event = {field: call[1], **event}
        elif kind.endswith("tool_use"):
            open_calls.append((kind, event["id"]))
        elif kind.endswith("_idle"):
            asked = [name for _, name in open_calls]
            reason = {"type": "requires_action", "event_ids": asked}
            event = {"stop_reason": reason if asked else {"type": "end_turn"}, **event}
        told.append((line, event))
    return told
