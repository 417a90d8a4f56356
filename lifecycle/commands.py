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

from collections.abc import Mapping
from typing import Any, ClassVar

import attrs

from lifecycle.vocabulary import ErrorType, Permission, RetryStatus

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
    "ToolResulted",
    "ToolUsed",
    "TurnEnded",
    "UpdateSession",
]

Content = str | tuple[Mapping[str, Any], ...]
"""What a message or a result says: text, or content blocks as the wire has them."""


@attrs.frozen(kw_only=True)
class Command:
    """What every command has.

    Attributes:
        session_id: the session that it is for.
    """

    reported: ClassVar[bool] = False
    """Whether it comes from the server's own agent loop, not from a client."""

    session_id: str


@attrs.frozen(kw_only=True)
class Reported(Command):
    """What the server's agent loop reports of one thread; empty for the primary."""

    reported: ClassVar[bool] = True
    thread_id: str = ""


# -- what a client sends --------------------------------------------------------------------------


@attrs.frozen(kw_only=True)
class CreateSession(Command):
    """Create a session, idle; with initial events it runs at once. Source: pages, sessions.

    Attributes:
        primary_id: the id of the primary thread; made up if empty.
        agent_name: the name of the session's agent.
        initial: messages and at most one outcome, in order.
        self_hosted: whether built-in tools are run by the client's own worker.
        budget: the budget object, if there is one.
    """

    primary_id: str = ""
    agent_name: str = "agent"
    initial: tuple[SendMessage | DefineOutcome, ...] = ()
    self_hosted: bool = False
    budget: Mapping[str, Any] | None = None


@attrs.frozen(kw_only=True)
class SendMessage(Command):
    """Send a message to the primary: it opens a turn, joins one, or waits."""

    content: Content = ""


@attrs.frozen(kw_only=True)
class DefineOutcome(Command):
    """Set a goal with a rubric; one at a time. Source: pages, outcomes; recorded as a message."""

    description: str = ""
    rubric: Mapping[str, Any] = attrs.field(factory=dict)
    max_iterations: int = 3
    outcome_id: str = ""


@attrs.frozen(kw_only=True)
class SendSystemMessage(Command):
    """Add instructions beside the input that was sent last. Source: client library."""

    content: Content = ""


@attrs.frozen(kw_only=True)
class Interrupt(Command):
    """Stop one thread, or every live one if none is named. Source: pages, threads."""

    thread_id: str | None = None


@attrs.frozen(kw_only=True)
class ConfirmTool(Command):
    """Allow or deny an asked call. Source: pages, permissions."""

    call_id: str
    allow: bool
    deny_message: str | None = None


@attrs.frozen(kw_only=True)
class AnswerTool(Command):
    """Return a custom tool's result. Source: pages, events."""

    call_id: str
    content: Content = ""
    is_error: bool = False


@attrs.frozen(kw_only=True)
class ReturnResult(Command):
    """Return a self-hosted tool's result. Source: pages, events; recordings."""

    call_id: str
    content: Content = ""
    is_error: bool = False


@attrs.frozen(kw_only=True)
class ArchiveThread(Command):
    """Archive a child thread. Source: the archive pages of both services."""

    thread_id: str


@attrs.frozen(kw_only=True)
class ArchiveSession(Command):
    """Archive the session: final, still readable. Source: recordings."""


@attrs.frozen(kw_only=True)
class DeleteSession(Command):
    """Delete the session. Source: recordings for the refusal, pages for the event."""


@attrs.frozen(kw_only=True)
class UpdateSession(Command):
    """Change the session. A budget of `None` removes it, for good. Source: pages, budgets.

    Attributes:
        changes: the changed fields as the wire has them: ``budget``, ``agent``, ``title``,
            ``metadata``.
    """

    changes: Mapping[str, Any]


# -- what the agent loop reports -------------------------------------------------------------------


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
    kind: str = "tool"
    permission: Permission = Permission.ALLOW
    input: Mapping[str, Any] = attrs.field(factory=dict)
    server: str = ""
    call_id: str = ""


@attrs.frozen(kw_only=True)
class ToolResulted(Reported):
    """The platform has run a call."""

    call_id: str
    content: Content = ""
    is_error: bool = False


@attrs.frozen(kw_only=True)
class TurnEnded(Reported):
    """The turn is over: it rests on its open asks, or ends; ``refused`` by the model."""

    refused: bool = False


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
    """

    child_id: str = ""
    agent_name: str = "child"
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

    result: str = "satisfied"
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
    result: str = "completed"
    error: str = ""
    message: str = ""
