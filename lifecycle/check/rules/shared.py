"""What families of rules share: groups of event types, and the call that an event names."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import msgspec

from lifecycle.check.leaves import Path
from lifecycle.check.view import View
from lifecycle.check.words import E
from lifecycle.vocabulary import Evidence
from lifecycle.wire.bulk import Seen, look_into

__all__ = [
    "BOTH",
    "DOCUMENTED",
    "PLATFORM",
    "RESULTS",
    "SCHEDULED_AT",
    "call_field",
    "call_named",
    "evaluated",
    "run_named",
]

BOTH: Final = ("anthropic", "qoder")
"""The dialects of rules that rest on what both services document."""

PLATFORM: Final = (E.AGENT_TOOL_RESULT, E.AGENT_MCP_TOOL_RESULT)
"""The results that the platform gives."""

RESULTS: Final = (*PLATFORM, E.USER_CUSTOM_TOOL_RESULT, E.USER_TOOL_RESULT)
"""The results that anybody gives."""

DOCUMENTED: Final = Evidence.DOCUMENTED
"""The evidence of most rules about records."""

SCHEDULED_AT: Final[Path] = ("trigger_context", "scheduled_at")
"""Where a run says which occurrence it is of."""

_FIELD: Final[dict[str, str]] = {
    E.AGENT_MCP_TOOL_RESULT: "mcp_tool_use_id",
    E.USER_CUSTOM_TOOL_RESULT: "custom_tool_use_id",
}


def call_named(e: Seen) -> str | None:
    """Return the id of the call that *e*, a result or a confirmation, is about."""
    return e.tool_use_id or e.mcp_tool_use_id or e.custom_tool_use_id


def call_field(e: Seen) -> str:
    """Return the field that names the call in *e*, a result or a confirmation."""
    return _FIELD.get(e.type, "tool_use_id")


def run_named(v: View, e: Seen) -> str:
    """Return the id of the workflow run that *e* is about; empty where none can be told."""
    if e.workflow_run_id:
        return e.workflow_run_id
    run = v.run_of(e) if e.type in (E.PHASE_STARTED, E.PHASE_ENDED) else None
    return (run.created.workflow_run_id or "") if run else ""


@lru_cache(maxsize=64)
def evaluated(told: bytes) -> str | None:
    """Return the permission that an evaluation, as JSON, comes to; `None` where it leaves it open.

    Recordings tell the same few again and again.
    """
    evaluation = look_into(msgspec.Raw(told))
    kind = evaluation.get("type") if isinstance(evaluation, dict) else None
    return (
        {"always_allow": "allow", "always_ask": "ask"}.get(kind) if isinstance(kind, str) else None
    )
