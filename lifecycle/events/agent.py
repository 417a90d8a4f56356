"""What agents do: ``agent.*``.

Sources: the client library's types and recordings. ``direction`` and the second thread id of a
message are Qoder's; a cross-posted tool use carries its thread's id.
"""

from __future__ import annotations

from typing import ClassVar

from lifecycle.events.form import ABSENT, Content, Known, Maybe, Plain
from lifecycle.events.parts import Evaluation
from lifecycle.frozen import frozen_by_type
from lifecycle.vocabulary import EventType

__all__ = [
    "AgentCustomToolUse",
    "AgentMcpToolResult",
    "AgentMcpToolUse",
    "AgentMessage",
    "AgentThinking",
    "AgentToolResult",
    "AgentToolUse",
    "ThreadContextCompacted",
    "ThreadMessageReceived",
    "ThreadMessageSent",
    "ToolUse",
]


@frozen_by_type(kw_only=True)
class AgentMessage(Known):
    """The agent says something."""

    type: ClassVar[EventType] = EventType.AGENT_MESSAGE
    content: Maybe[Content] = ABSENT


@frozen_by_type(kw_only=True)
class AgentThinking(Known):
    """The agent thinks."""

    type: ClassVar[EventType] = EventType.AGENT_THINKING


@frozen_by_type(kw_only=True)
class ToolUse(Known):
    """What every call has."""

    name: Maybe[str] = ABSENT
    input: Maybe[Plain] = ABSENT


@frozen_by_type(kw_only=True)
class AgentToolUse(ToolUse):
    """The agent calls a built-in tool."""

    type: ClassVar[EventType] = EventType.AGENT_TOOL_USE
    evaluated_permission: Maybe[str] = ABSENT
    evaluation: Maybe[Evaluation] = ABSENT


@frozen_by_type(kw_only=True)
class AgentMcpToolUse(ToolUse):
    """The agent calls an MCP server's tool."""

    type: ClassVar[EventType] = EventType.AGENT_MCP_TOOL_USE
    mcp_server_name: Maybe[str] = ABSENT
    evaluated_permission: Maybe[str] = ABSENT
    evaluation: Maybe[Evaluation] = ABSENT


@frozen_by_type(kw_only=True)
class AgentCustomToolUse(ToolUse):
    """The agent calls a tool that the client runs."""

    type: ClassVar[EventType] = EventType.AGENT_CUSTOM_TOOL_USE


@frozen_by_type(kw_only=True)
class AgentToolResult(Known):
    """The platform gives a built-in tool's result."""

    type: ClassVar[EventType] = EventType.AGENT_TOOL_RESULT
    tool_use_id: Maybe[str] = ABSENT
    content: Maybe[Content] = ABSENT
    is_error: Maybe[bool] = ABSENT


@frozen_by_type(kw_only=True)
class AgentMcpToolResult(Known):
    """The platform gives an MCP tool's result."""

    type: ClassVar[EventType] = EventType.AGENT_MCP_TOOL_RESULT
    mcp_tool_use_id: Maybe[str] = ABSENT
    content: Maybe[Content] = ABSENT
    is_error: Maybe[bool] = ABSENT


@frozen_by_type(kw_only=True)
class ThreadMessageSent(Known):
    """A thread sent a message to another; no agent name means to the primary."""

    type: ClassVar[EventType] = EventType.THREAD_MESSAGE_SENT
    content: Maybe[Content] = ABSENT
    to_session_thread_id: Maybe[str] = ABSENT
    to_agent_name: Maybe[str] = ABSENT
    from_session_thread_id: Maybe[str] = ABSENT
    direction: Maybe[str] = ABSENT


@frozen_by_type(kw_only=True)
class ThreadMessageReceived(Known):
    """A thread received a message from another; no agent name means from the primary."""

    type: ClassVar[EventType] = EventType.THREAD_MESSAGE_RECEIVED
    content: Maybe[Content] = ABSENT
    from_session_thread_id: Maybe[str] = ABSENT
    from_agent_name: Maybe[str] = ABSENT
    to_session_thread_id: Maybe[str] = ABSENT
    direction: Maybe[str] = ABSENT


@frozen_by_type(kw_only=True)
class ThreadContextCompacted(Known):
    """A thread's context was compacted."""

    type: ClassVar[EventType] = EventType.CONTEXT_COMPACTED
