"""Events about calls: results in the call's own family, and what a client says of one.

An answer that waits for its turn is listed without a stamp, and again under the same id when it is
consumed. The answer to a child's call has a copy on the session's list, with an id of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lifecycle import events as e
from lifecycle.engine.draft import Draft, content_of
from lifecycle.state import Call, Place, Thread
from lifecycle.vocabulary import EventType

__all__ = ["end_request", "give_result", "post_calls", "put_answer"]


def end_request(d: Draft, thread: Thread) -> None:
    """End a request that is cut off, in an error: every start has its end. Source: pages."""
    if thread.request:
        end = e.ModelRequestEnd(
            model_request_start_id=thread.request,
            is_error=True,
            model_usage=e.ModelUsage(
                input_tokens=0,
                output_tokens=0,
                cache_creation_input_tokens=0,
                cache_read_input_tokens=0,
            ),
            **d.mark(),
        )
        d.own(end, thread)


def give_result(d: Draft, call: Call, content: Any, is_error: bool) -> None:
    """Put down a result that the platform gives, in the call's own family."""
    told = content_of(content)
    mark = d.mark()
    event: e.Event
    if call.kind is EventType.AGENT_CUSTOM_TOOL_USE:
        event = e.UserCustomToolResult(
            custom_tool_use_id=call.id, content=told, is_error=is_error, **mark
        )
    elif call.kind is EventType.AGENT_MCP_TOOL_USE:
        event = e.AgentMcpToolResult(
            mcp_tool_use_id=call.id, content=told, is_error=is_error, **mark
        )
    else:
        event = e.AgentToolResult(tool_use_id=call.id, content=told, is_error=is_error, **mark)
    if call.hidden:
        d.put(event, call.thread, Place.NOWHERE)
    else:
        d.own(event, d.session.threads[call.thread])


def put_answer(
    d: Draft,
    call: Call,
    thread: Thread,
    said: Mapping[str, Any],
    *,
    processed: bool = True,
    copied: bool = True,
) -> None:
    """Put an answer down, and its copy on the session's list, which names the child."""
    fields = {name: value for name, value in said.items() if name not in ("id", "copy")}
    if copied:
        post_calls(d, thread, call.id)
    own = _answer(d, call, fields, str(said.get("id", "")), processed)
    d.own(own, thread)
    if thread.parent and copied:
        if own.created_at:
            fields["created_at"] = own.created_at
        event = _answer(d, call, fields, str(said.get("copy", "")), processed, thread.id)
        d.put(event, thread.id, Place.COPY)


def post_calls(d: Draft, thread: Thread, last: str = "") -> None:
    """Show a child's calls that need the client on the session's list, up to *last*.

    They are shown when the thread has come to rest on them (K1), or before their answer.
    """
    if not thread.parent:
        return
    for call in d.calls_of(thread.id):
        if call.holds and not call.posted:
            d.put(_copy(d, call), thread.id, Place.COPY)
        if call.id == last:
            return


def _answer(
    d: Draft,
    call: Call,
    fields: Mapping[str, Any],
    event_id: str,
    processed: bool,
    thread_id: str = "",
) -> e.Event:
    """Return the event of an answer, in its call's family."""
    mark = d.mark(event_id) if processed else d.unprocessed(event_id)
    told = {**mark, **fields}  # one that is listed again was made when it was listed first
    of = thread_id or e.ABSENT
    if "result" in fields:
        return e.UserToolConfirmation(tool_use_id=call.id, session_thread_id=of, **told)
    if call.kind is EventType.AGENT_CUSTOM_TOOL_USE:
        return e.UserCustomToolResult(custom_tool_use_id=call.id, session_thread_id=of, **told)
    return e.UserToolResult(tool_use_id=call.id, session_thread_id=of, **told)


def _copy(d: Draft, call: Call) -> e.ToolUse:
    """Return the session's copy of a child's call, under the call's own id."""
    mark = d.mark(call.id)
    told = dict(call.input)
    if call.kind is EventType.AGENT_CUSTOM_TOOL_USE:
        return e.AgentCustomToolUse(
            session_thread_id=call.thread, name=call.name, input=told, **mark
        )
    permission = call.permission.value if call.permission is not None else e.ABSENT
    if call.kind is EventType.AGENT_MCP_TOOL_USE:
        return e.AgentMcpToolUse(
            session_thread_id=call.thread,
            name=call.name,
            input=told,
            mcp_server_name=call.server,
            evaluated_permission=permission,
            **mark,
        )
    return e.AgentToolUse(
        session_thread_id=call.thread,
        name=call.name,
        input=told,
        evaluated_permission=permission,
        **mark,
    )
