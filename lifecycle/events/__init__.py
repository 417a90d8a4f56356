"""Every event of both services as a class, and the resources that they speak of.

One class for each event type, declared plainly; `EVENTS` finds it by its type. A class names the
fields of both dialects, because a recording does not always say which it is in. No JSON here.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from lifecycle.events import agent, client, session, work
from lifecycle.events.agent import (
    AgentCustomToolUse,
    AgentMcpToolResult,
    AgentMcpToolUse,
    AgentMessage,
    AgentThinking,
    AgentToolResult,
    AgentToolUse,
    ThreadContextCompacted,
    ThreadMessageReceived,
    ThreadMessageSent,
    ToolUse,
)
from lifecycle.events.client import (
    SystemMessage,
    UserCustomToolResult,
    UserDefineOutcome,
    UserInterrupt,
    UserMessage,
    UserToolConfirmation,
    UserToolResult,
)
from lifecycle.events.deployments import (
    Deployment,
    DeploymentError,
    DeploymentRun,
    DeploymentSchedule,
    PausedBy,
    RunTrigger,
    Webhook,
    WebhookData,
)
from lifecycle.events.form import (
    ABSENT,
    Absent,
    Content,
    Event,
    Known,
    Maybe,
    Objects,
    Plain,
    Record,
    UnknownEvent,
)
from lifecycle.events.parts import (
    Budget,
    ErrorBody,
    Evaluation,
    ModelUsage,
    Permitted,
    Phase,
    PreviewOf,
    RetryStatus,
    RunError,
    RunResult,
    Stats,
    StopDetails,
    StopReason,
    Usage,
)
from lifecycle.events.resources import (
    Session,
    SessionThread,
)
from lifecycle.events.session import (
    SessionDeleted,
    SessionError,
    SessionIdle,
    SessionRescheduled,
    SessionRunning,
    SessionTerminated,
    SessionUpdated,
    SessionUsage,
    ThreadCreated,
    ThreadEvent,
    ThreadIdle,
    ThreadRescheduled,
    ThreadRunning,
    ThreadTerminated,
)
from lifecycle.events.work import (
    ModelRequestEnd,
    ModelRequestStart,
    OutcomeEvaluationEnd,
    OutcomeEvaluationOngoing,
    OutcomeEvaluationStart,
    OutcomeSpan,
    PhaseEnded,
    PhaseStarted,
    PreviewDelta,
    PreviewStart,
    RunCreated,
    RunEnded,
    RunEvent,
    RunFailed,
    RunIdle,
    RunRunning,
)

__all__ = [
    "ABSENT",
    "EVENTS",
    "Absent",
    "AgentCustomToolUse",
    "AgentMcpToolResult",
    "AgentMcpToolUse",
    "AgentMessage",
    "AgentThinking",
    "AgentToolResult",
    "AgentToolUse",
    "Budget",
    "Content",
    "Deployment",
    "DeploymentError",
    "DeploymentRun",
    "DeploymentSchedule",
    "ErrorBody",
    "Evaluation",
    "Event",
    "Known",
    "Maybe",
    "ModelRequestEnd",
    "ModelRequestStart",
    "ModelUsage",
    "Objects",
    "OutcomeEvaluationEnd",
    "OutcomeEvaluationOngoing",
    "OutcomeEvaluationStart",
    "OutcomeSpan",
    "PausedBy",
    "Permitted",
    "Phase",
    "PhaseEnded",
    "PhaseStarted",
    "Plain",
    "PreviewDelta",
    "PreviewOf",
    "PreviewStart",
    "Record",
    "RetryStatus",
    "RunCreated",
    "RunEnded",
    "RunError",
    "RunEvent",
    "RunFailed",
    "RunIdle",
    "RunResult",
    "RunRunning",
    "RunTrigger",
    "Session",
    "SessionDeleted",
    "SessionError",
    "SessionIdle",
    "SessionRescheduled",
    "SessionRunning",
    "SessionTerminated",
    "SessionThread",
    "SessionUpdated",
    "SessionUsage",
    "Stats",
    "StopDetails",
    "StopReason",
    "SystemMessage",
    "ThreadContextCompacted",
    "ThreadCreated",
    "ThreadEvent",
    "ThreadIdle",
    "ThreadMessageReceived",
    "ThreadMessageSent",
    "ThreadRescheduled",
    "ThreadRunning",
    "ThreadTerminated",
    "ToolUse",
    "UnknownEvent",
    "Usage",
    "UserCustomToolResult",
    "UserDefineOutcome",
    "UserInterrupt",
    "UserMessage",
    "UserToolConfirmation",
    "UserToolResult",
    "Webhook",
    "WebhookData",
]

EVENTS: Final[Mapping[str, type[Known]]] = MappingProxyType(
    {
        kind.type: kind
        for module in (client, agent, session, work)
        for kind in (getattr(module, name) for name in module.__all__)
        if "type" in vars(kind)  # the shared bases have none
    }
)
"""The class of each event type."""
