"""The objects that stand within events and resources."""

from __future__ import annotations

import attrs

from lifecycle.events.form import ABSENT, Maybe, Plain, Record
from lifecycle.frozen import frozen_by_type

__all__ = [
    "Budget",
    "ErrorBody",
    "Evaluation",
    "ModelUsage",
    "Permitted",
    "Phase",
    "PreviewOf",
    "RetryStatus",
    "RunError",
    "RunResult",
    "Stats",
    "StopDetails",
    "StopReason",
    "Usage",
]


@attrs.frozen(kw_only=True)
class StopReason(Record):
    """Why a thread or session came to rest; ``event_ids`` names the calls to answer."""

    type: Maybe[str] = ABSENT
    event_ids: Maybe[tuple[str, ...]] = ABSENT


@attrs.frozen(kw_only=True)
class StopDetails(Record):
    """What a model said of its refusal."""

    type: Maybe[str] = ABSENT
    category: Maybe[str] = ABSENT
    explanation: Maybe[str] = ABSENT


@attrs.frozen(kw_only=True)
class RetryStatus(Record):
    """Whether the server tries again after an error."""

    type: Maybe[str] = ABSENT


@attrs.frozen(kw_only=True)
class ErrorBody(Record):
    """What went wrong in a session, and with which server, credential or repository."""

    type: Maybe[str] = ABSENT
    message: Maybe[str] = ABSENT
    retry_status: Maybe[RetryStatus] = ABSENT
    mcp_server_name: Maybe[str] = ABSENT
    credential_id: Maybe[str] = ABSENT
    vault_id: Maybe[str] = ABSENT
    repository_url: Maybe[str] = ABSENT


@attrs.frozen(kw_only=True)
class Permitted(Record):
    """What an automatic evaluation decided, and its reason's code."""

    type: Maybe[str] = ABSENT
    reason_code: Maybe[str] = ABSENT


@attrs.frozen(kw_only=True)
class Evaluation(Record):
    """The policy that decided whether a tool use may run."""

    type: Maybe[str] = ABSENT
    evaluated_permission: Maybe[Permitted] = ABSENT


@frozen_by_type(kw_only=True)
class ModelUsage(Record):
    """Tokens of one model request, or of one grading."""

    input_tokens: Maybe[int] = ABSENT
    output_tokens: Maybe[int] = ABSENT
    cache_creation_input_tokens: Maybe[int] = ABSENT
    cache_read_input_tokens: Maybe[int] = ABSENT
    speed: Maybe[str] = ABSENT


@frozen_by_type(kw_only=True)
class Usage(Record):
    """Tokens, seconds and cost of a session or thread so far."""

    active_seconds: Maybe[float] = ABSENT
    input_tokens: Maybe[int] = ABSENT
    output_tokens: Maybe[int] = ABSENT
    cache_read_input_tokens: Maybe[int] = ABSENT
    cache_creation: Maybe[Plain] = ABSENT
    list_cost: Maybe[Plain] = ABSENT
    server_tool_use: Maybe[Plain] = ABSENT


@attrs.frozen(kw_only=True)
class Budget(Record):
    """The cap on a session's cost."""

    type: Maybe[str] = ABSENT
    max_list_cost: Maybe[Plain] = ABSENT


@attrs.frozen(kw_only=True)
class Stats(Record):
    """How long a session or thread worked and lived, in seconds."""

    active_seconds: Maybe[float] = ABSENT
    duration_seconds: Maybe[float] = ABSENT
    startup_seconds: Maybe[float] = ABSENT


@attrs.frozen(kw_only=True)
class Phase(Record):
    """A phase that a workflow run announces."""

    id: Maybe[str] = ABSENT
    name: Maybe[str] = ABSENT
    description: Maybe[str] = ABSENT


@attrs.frozen(kw_only=True)
class RunError(Record):
    """What went wrong in a workflow run."""

    type: Maybe[str] = ABSENT
    message: Maybe[str] = ABSENT


@attrs.frozen(kw_only=True)
class RunResult(Record):
    """How a workflow run ended."""

    type: Maybe[str] = ABSENT
    error: Maybe[RunError] = ABSENT


@attrs.frozen(kw_only=True)
class PreviewOf(Record):
    """The event that a preview is of."""

    type: Maybe[str] = ABSENT
    id: Maybe[str] = ABSENT
