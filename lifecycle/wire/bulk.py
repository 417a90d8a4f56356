"""The bulk path: an event as the checker sees it, decoded by msgspec.

`Seen` has only the fields that rules read; everything else on a line is skipped without becoming
Python objects. Nested objects that few rules want stay raw bytes until one asks. An unknown event
type or field costs nothing and is no fault.

`line` is where the event stood in its recording (1-based) and is set by whoever reads.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

__all__ = ["DECODER", "NO_BYTES", "Brief", "Seen", "Stop", "look_into", "seen"]

NO_BYTES: Final = msgspec.Raw()
"""What a raw field holds when the event does not carry it."""


class Stop(msgspec.Struct, gc=False):
    """A ``stop_reason``."""

    type: str = ""
    event_ids: list[str] | None = None


class Brief(msgspec.Struct, gc=False, kw_only=True):
    """What is remembered of an event that is over: small, and without raw fields.

    A raw field would keep the whole block of input that it was read from.
    """

    id: str | None = None
    type: str
    processed_at: str | None = None
    session_thread_id: str | None = None
    # Named as no wire names a field; a recording that does so all the same is overruled by whoever
    # reads, who always sets it.
    line: int = msgspec.field(default=0, name=" line")


class Seen(Brief, gc=False, kw_only=True):
    """One event, as far as rules look at it; ``None`` is null or absent, raw may be empty.

    Fields stand in the order in which frequent events have them: each is looked for from where the
    one before was found.
    """

    agent_name: str | None = None
    stop_reason: Stop | None = None
    model_request_start_id: str | None = None
    tool_use_id: str | None = None
    mcp_tool_use_id: str | None = None
    custom_tool_use_id: str | None = None
    content: msgspec.Raw = NO_BYTES
    is_error: bool | None = None
    name: str | None = None
    input: msgspec.Raw = NO_BYTES
    evaluated_permission: str | None = None
    evaluation: msgspec.Raw = NO_BYTES
    usage: msgspec.Raw = NO_BYTES
    result: msgspec.Raw = NO_BYTES
    deny_message: str | None = None
    error: msgspec.Raw = NO_BYTES
    to_session_thread_id: str | None = None
    from_session_thread_id: str | None = None
    to_agent_name: str | None = None
    from_agent_name: str | None = None
    workflow_run_id: str | None = None
    workflow_run_phase_id: str | None = None
    phase_started_id: str | None = None
    outcome_evaluation_start_id: str | None = None
    outcome_id: str | None = None
    iteration: int | None = None
    event_id: str | None = None
    created_at: str | None = None
    session_id: str | None = None
    schema_version: str | None = None
    parent_thread_id: str | None = None
    agent_id: str | None = None
    agent_version: int | str | None = None
    role: str | None = None
    created_by_tool_use_id: str | None = None
    direction: str | None = None
    budget: msgspec.Raw = NO_BYTES
    stop_details: msgspec.Raw = NO_BYTES
    phases: msgspec.Raw = NO_BYTES
    event: msgspec.Raw = NO_BYTES
    delta: msgspec.Raw = NO_BYTES
    agent: msgspec.Raw = NO_BYTES


DECODER: Final = msgspec.json.Decoder(Seen)
"""Decodes one JSON object into a `Seen`."""


def look_into(raw: msgspec.Raw) -> Any:
    """Return the value of a raw field; ``None`` if it is absent, null, or beyond decoding.

    Reading leaves raw fields alone, and so lets pass a string that is not UTF-8, say.
    """
    try:
        return msgspec.json.decode(raw) if raw else None
    except (ValueError, RecursionError):
        return None


def seen(event: dict[str, Any], line: int = 0) -> Seen:
    """Return the event *event*, a decoded JSON object, as rules see it.

    Raises:
        msgspec.ValidationError: a field that rules read has the wrong type.
    """
    one = DECODER.decode(msgspec.json.encode(event))
    one.line = line
    return one
