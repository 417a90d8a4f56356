"""Every word of the domain, each with one sentence that says what it means.

`form` says what a word is, `sessions` has those of sessions and their threads, `deployments` those
of deployments and their runs. Nothing here knows machines or JSON.
"""

from __future__ import annotations

from lifecycle.vocabulary.deployments import (
    DeploymentErrorType,
    DeploymentState,
    DeploymentTrigger,
    PausedReason,
    RecordType,
    RunTriggerType,
    WebhookType,
)
from lifecycle.vocabulary.form import Evidence, Word
from lifecycle.vocabulary.sessions import (
    CallState,
    CallTrigger,
    ErrorType,
    EventType,
    Fact,
    MessageState,
    MessageTrigger,
    OutcomeResult,
    Permission,
    PhaseState,
    PhaseTrigger,
    RefusalCode,
    RetryStatus,
    Role,
    RunErrorType,
    RunResult,
    RunState,
    RunTrigger,
    SessionState,
    SessionTrigger,
    SpanState,
    SpanTrigger,
    StopReason,
    ThreadState,
    ThreadTrigger,
)

__all__ = [
    "CallState",
    "CallTrigger",
    "DeploymentErrorType",
    "DeploymentState",
    "DeploymentTrigger",
    "ErrorType",
    "EventType",
    "Evidence",
    "Fact",
    "MessageState",
    "MessageTrigger",
    "OutcomeResult",
    "PausedReason",
    "Permission",
    "PhaseState",
    "PhaseTrigger",
    "RecordType",
    "RefusalCode",
    "RetryStatus",
    "Role",
    "RunErrorType",
    "RunResult",
    "RunState",
    "RunTrigger",
    "RunTriggerType",
    "SessionState",
    "SessionTrigger",
    "SpanState",
    "SpanTrigger",
    "StopReason",
    "ThreadState",
    "ThreadTrigger",
    "WebhookType",
    "Word",
]
