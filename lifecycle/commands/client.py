"""What a client sends: messages, answers, interrupts, archives.

Sources: the session, thread, event, permission and budget pages.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from lifecycle.commands.form import Command, Content

__all__ = [
    "AnswerTool",
    "ArchiveSession",
    "ArchiveThread",
    "ConfirmTool",
    "CreateSession",
    "DefineOutcome",
    "DeleteSession",
    "Interrupt",
    "ReturnResult",
    "SendMessage",
    "SendSystemMessage",
    "UpdateSession",
]


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
    """Send a message to the primary: it opens a turn, joins one, or waits.

    An empty text is refused. Source: recordings (W7).
    """

    content: Content


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
