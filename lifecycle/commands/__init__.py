"""What a server asks of the engine: one class for each command.

Two kinds. What a *client* sends (messages, answers, interrupts, archives), and what the server's
own agent loop *reports* (a model request started, a tool was used, the turn ended). Both go through
`Engine.decide`; a report can be refused, too, for instance when it comes for a thread that was
archived meanwhile.

Every command names its session; one for another session is refused. Threads and calls are named by
their ids. ``thread_id`` is empty for the primary.

Sources: the session, thread, event, permission, budget and workflow run pages; recordings for what
the agent's loop does between two events.
"""

from __future__ import annotations

from lifecycle.commands.client import (
    AnswerTool,
    ArchiveSession,
    ArchiveThread,
    ConfirmTool,
    CreateSession,
    DefineOutcome,
    DeleteSession,
    Interrupt,
    ReturnResult,
    SendMessage,
    SendSystemMessage,
    UpdateSession,
)
from lifecycle.commands.form import Command, Content, Reported
from lifecycle.commands.loop import (
    AgentSpoke,
    AgentThought,
    BudgetReached,
    ConsultAdvisor,
    DeliverNext,
    EvaluationEnded,
    EvaluationStarted,
    FailSession,
    FailTurn,
    FinishThread,
    MessageChild,
    PhaseReported,
    Report,
    ReportError,
    RequestEnded,
    RequestStarted,
    RescheduleTurn,
    RunEnded,
    RunPaused,
    RunResumed,
    SpawnChild,
    StartRun,
    StartTurn,
    ToolKind,
    ToolResulted,
    ToolUsed,
    TurnEnded,
)

__all__ = [
    "AgentSpoke",
    "AgentThought",
    "AnswerTool",
    "ArchiveSession",
    "ArchiveThread",
    "BudgetReached",
    "Command",
    "ConfirmTool",
    "ConsultAdvisor",
    "Content",
    "CreateSession",
    "DefineOutcome",
    "DeleteSession",
    "DeliverNext",
    "EvaluationEnded",
    "EvaluationStarted",
    "FailSession",
    "FailTurn",
    "FinishThread",
    "Interrupt",
    "MessageChild",
    "PhaseReported",
    "Report",
    "ReportError",
    "Reported",
    "RequestEnded",
    "RequestStarted",
    "RescheduleTurn",
    "ReturnResult",
    "RunEnded",
    "RunPaused",
    "RunResumed",
    "SendMessage",
    "SendSystemMessage",
    "SpawnChild",
    "StartRun",
    "StartTurn",
    "ToolKind",
    "ToolResulted",
    "ToolUsed",
    "TurnEnded",
    "UpdateSession",
]
