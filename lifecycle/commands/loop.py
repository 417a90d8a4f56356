"""What the server's own agent loop reports: requests, tools, turns, children, runs.

Sources: the event, thread and workflow run pages; recordings for what happens between two events.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import attrs

from lifecycle.commands.form import Content, Reported
from lifecycle.vocabulary import ErrorType, OutcomeResult, Permission, RetryStatus, RunResult

__all__ = [
    "AgentSpoke",
    "AgentThought",
    "BudgetReached",
    "ConsultAdvisor",
    "DeliverNext",
    "EvaluationEnded",
    "EvaluationStarted",
    "FailSession",
    "FailTurn",
    "FinishThread",
    "MessageChild",
    "PhaseReported",
    "Report",
    "ReportError",
    "RequestEnded",
    "RequestStarted",
    "RescheduleTurn",
    "RunEnded",
    "RunPaused",
    "RunResumed",
    "SpawnChild",
    "StartRun",
    "StartTurn",
    "ToolKind",
    "ToolResulted",
    "ToolUsed",
    "TurnEnded",
]

ToolKind = Literal["tool", "mcp", "custom"]
"""Which family a tool is of: built-in, of an MCP server, or the client's own."""


@attrs.frozen(kw_only=True)
class DeliverNext(Reported):
    """Give the thread the oldest pending message of its mailbox: it wakes, if it rests."""


@attrs.frozen(kw_only=True)
class StartTurn(Reported):
    """The server goes on by itself: a retry, a run's result, a call that may run beside asks."""


@attrs.frozen(kw_only=True)
class RequestStarted(Reported):
    """A model request starts; whatever waits in the mailbox joins it. Source: recordings."""


@attrs.frozen(kw_only=True)
class RequestEnded(Reported):
    """The open model request ends."""

    usage: Mapping[str, int] = attrs.field(factory=dict)
    is_error: bool = False


@attrs.frozen(kw_only=True)
class AgentSpoke(Reported):
    """The agent gives a message, in its open request."""

    content: Content = ""


@attrs.frozen(kw_only=True)
class AgentThought(Reported):
    """The agent thinks, in its open request."""


@attrs.frozen(kw_only=True)
class ToolUsed(Reported):
    """The agent calls a tool, in its open request.

    Attributes:
        kind: ``tool``, ``mcp`` or ``custom``.
        permission: what the policy says; custom tools have none.
        server: the MCP server's name.
        call_id: the event's id; made up if empty.
    """

    name: str = ""
    kind: ToolKind = "tool"
    permission: Permission = Permission.ALLOW
    input: Mapping[str, Any] = attrs.field(factory=dict)
    server: str = ""
    call_id: str = ""


@attrs.frozen(kw_only=True)
class ToolResulted(Reported):
    """The platform has run a call.

    Attributes:
        thread_id: the thread that made the call; empty where the call's id is to say it.
    """

    call_id: str
    content: Content = ""
    is_error: bool = False


@attrs.frozen(kw_only=True)
class TurnEnded(Reported):
    """The turn is over: it rests on its open asks, or ends.

    Attributes:
        refused: whether the model refused.
        over_budget: whether its last request has brought the session to its cost cap. The thread
            ends its turn all the same; the session rests for the budget. Source: pages, budgets.
    """

    refused: bool = False
    over_budget: bool = False


@attrs.frozen(kw_only=True)
class BudgetReached(Reported):
    """The cost cap stops the thread before its next request. Source: pages, budgets."""


@attrs.frozen(kw_only=True)
class ReportError(Reported):
    """Something went wrong and is retried inside the turn (an MCP server, a repository)."""

    error: ErrorType = ErrorType.UNKNOWN
    message: str = ""
    fields: Mapping[str, str] = attrs.field(factory=dict)
    retry: RetryStatus = RetryStatus.RETRYING


@attrs.frozen(kw_only=True)
class RescheduleTurn(Reported):
    """A passing fault puts the turn aside; `StartTurn` takes it up again."""

    error: ErrorType = ErrorType.MODEL_OVERLOADED
    message: str = ""


@attrs.frozen(kw_only=True)
class FailTurn(Reported):
    """Retries, rounds or compactions are used up: the turn is dead, queued input is dropped."""

    error: ErrorType = ErrorType.MODEL_REQUEST_FAILED
    message: str = ""


@attrs.frozen(kw_only=True)
class FailSession(Reported):
    """An unrecoverable error: of the primary it ends the session, of a child the child."""

    error: ErrorType = ErrorType.UNKNOWN
    message: str = ""


@attrs.frozen(kw_only=True)
class SpawnChild(Reported):
    """The coordinator makes a child and gives it a task.

    Attributes:
        child_id: the child's thread id; made up if empty.
        agent_name: the child's agent.
        task: the first message.
        blocking: whether the coordinator waits for the child's report (the ``Agent`` tool).
        call_id: the coordinator's call that did it, where the service lists it.
        agent_id: the id of the child's agent, where the service shows it; its name if empty.
        agent_version: the version of the child's agent.
        run_id: the workflow run that the child works for.
    """

    child_id: str = ""
    agent_name: str = "child"
    agent_id: str = ""
    agent_version: int = 1
    run_id: str = ""
    task: Content = ""
    blocking: bool = False
    call_id: str = ""


@attrs.frozen(kw_only=True)
class MessageChild(Reported):
    """The coordinator sends a message to one of its children."""

    child_id: str
    content: Content = ""


@attrs.frozen(kw_only=True)
class Report(Reported):
    """A child sends its report (or a question) to the coordinator."""

    content: Content = ""


@attrs.frozen(kw_only=True)
class ConsultAdvisor(Reported):
    """The primary consults an advisor: a thread that the platform spawns and ends by itself."""

    child_id: str = ""
    advice: Content = ""


@attrs.frozen(kw_only=True)
class FinishThread(Reported):
    """The server ends a child whose errand is done (an advisor, a workflow run's thread)."""


@attrs.frozen(kw_only=True)
class EvaluationStarted(Reported):
    """The grading of the outcome starts."""


@attrs.frozen(kw_only=True)
class EvaluationEnded(Reported):
    """The grading ends with ``satisfied``, ``needs_revision``, or another result."""

    result: OutcomeResult = OutcomeResult.SATISFIED
    explanation: str = ""


@attrs.frozen(kw_only=True)
class StartRun(Reported):
    """The primary's agent starts a workflow run; it executes later (`RunResumed`)."""

    run_id: str = ""
    name: str = ""
    phases: tuple[Mapping[str, str], ...] = ()


@attrs.frozen(kw_only=True)
class RunResumed(Reported):
    """The run executes, for the first time or after a pause."""

    run_id: str


@attrs.frozen(kw_only=True)
class RunPaused(Reported):
    """The run is paused."""

    run_id: str


@attrs.frozen(kw_only=True)
class PhaseReported(Reported):
    """A phase of the run starts, or ends."""

    run_id: str
    phase_id: str
    ended: bool = False


@attrs.frozen(kw_only=True)
class RunEnded(Reported):
    """The run ends: ``completed``, ``stopped`` or ``error`` with the error's type."""

    run_id: str
    result: RunResult = RunResult.COMPLETED
    error: str = ""
    message: str = ""
