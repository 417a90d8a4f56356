"""What clients send: ``user.*`` and ``system.message``.

Sources: the client library's types, and the send-event pages of both services. ``decision`` and
``reason`` are Qoder's.
"""

from __future__ import annotations

from typing import ClassVar

from lifecycle.events.form import ABSENT, Content, Known, Maybe, Plain
from lifecycle.frozen import frozen_by_type
from lifecycle.vocabulary import EventType

__all__ = [
    "SystemMessage",
    "UserCustomToolResult",
    "UserDefineOutcome",
    "UserInterrupt",
    "UserMessage",
    "UserToolConfirmation",
    "UserToolResult",
]


@frozen_by_type(kw_only=True)
class UserMessage(Known):
    """A message from the client."""

    type: ClassVar[EventType] = EventType.USER_MESSAGE
    content: Maybe[Content] = ABSENT


@frozen_by_type(kw_only=True)
class UserInterrupt(Known):
    """The client stops what runs; a thread id limits it to that thread."""

    type: ClassVar[EventType] = EventType.USER_INTERRUPT
    reason: Maybe[str] = ABSENT


@frozen_by_type(kw_only=True)
class UserToolConfirmation(Known):
    """The client allows or denies an asked call."""

    type: ClassVar[EventType] = EventType.USER_TOOL_CONFIRMATION
    tool_use_id: Maybe[str] = ABSENT
    result: Maybe[str] = ABSENT
    deny_message: Maybe[str] = ABSENT
    decision: Maybe[str] = ABSENT


@frozen_by_type(kw_only=True)
class UserCustomToolResult(Known):
    """The client gives a custom tool's result."""

    type: ClassVar[EventType] = EventType.USER_CUSTOM_TOOL_RESULT
    custom_tool_use_id: Maybe[str] = ABSENT
    content: Maybe[Content] = ABSENT
    is_error: Maybe[bool] = ABSENT


@frozen_by_type(kw_only=True)
class UserToolResult(Known):
    """A self-hosted worker gives a tool's result."""

    type: ClassVar[EventType] = EventType.USER_TOOL_RESULT
    tool_use_id: Maybe[str] = ABSENT
    content: Maybe[Content] = ABSENT
    is_error: Maybe[bool] = ABSENT


@frozen_by_type(kw_only=True)
class UserDefineOutcome(Known):
    """The client sets a goal with a rubric."""

    type: ClassVar[EventType] = EventType.USER_DEFINE_OUTCOME
    outcome_id: Maybe[str] = ABSENT
    description: Maybe[str] = ABSENT
    rubric: Maybe[Plain] = ABSENT
    max_iterations: Maybe[int] = ABSENT


@frozen_by_type(kw_only=True)
class SystemMessage(Known):
    """Instructions beside a client's input."""

    type: ClassVar[EventType] = EventType.SYSTEM_MESSAGE
    content: Maybe[Content] = ABSENT
