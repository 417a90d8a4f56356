"""A turn's body, as the agent loop reports it: requests, speech, tool uses, results, the end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, get_args

from lifecycle import commands as c, events as e
from lifecycle.effects import GIVE_RESULT, RUN_TOOL
from lifecycle.engine.calls import give_result, post_calls
from lifecycle.engine.draft import Draft, content_of
from lifecycle.engine.flow import in_turn, pause_runs, reach_budget, settle, unnamed
from lifecycle.engine.mail import consume
from lifecycle.engine.perform import step
from lifecycle.engine.refusals import Refusal
from lifecycle.state import Call, CallOwed, Place, Thread
from lifecycle.vocabulary import (
    CallState,
    CallTrigger,
    EventType,
    Permission,
    RefusalCode,
    SpanState,
    SpanTrigger,
    ThreadState,
    ThreadTrigger as T,
)

__all__ = [
    "DENIED",
    "agent_spoke",
    "agent_thought",
    "not_held",
    "outside_request",
    "owe_tools",
    "request_ended",
    "request_started",
    "span",
    "tell_denials",
    "thread_in_turn",
    "tool_resulted",
    "tool_used",
    "turn_ended",
]

DENIED: Final = "The tool use was denied."
"""The text of a denied call's result, where the client gave no reason."""

_OPEN, _CLOSED = SpanState.OPEN, SpanState.CLOSED
_START, _END, _RESULT = SpanTrigger.START, SpanTrigger.END, SpanTrigger.RESULT


# -- what must hold --------------------------------------------------------------------------------


def thread_in_turn(d: Draft, thread_id: str) -> Thread | Refusal:
    """Return the thread if its turn is open, or why it is not."""
    thread = d.named(thread_id)
    if thread is None:
        return d.refuse(RefusalCode.THREAD_NOT_FOUND, "no such thread", thread_id)
    return d.denied("thread", in_turn(d, thread), thread.id) or thread


def span(d: Draft, thread: Thread, trigger: SpanTrigger) -> Refusal | None:
    """Return why the thread's model request does not take *trigger*; `None` if it does."""
    state = _OPEN if thread.request else _CLOSED
    return d.denied("span", d.tables.span.step(state, trigger), thread.id)


def outside_request(d: Draft, thread_id: str) -> Thread | Refusal:
    """Return the thread if its turn is open and no request of it is, or why not."""
    thread = thread_in_turn(d, thread_id)
    if isinstance(thread, Refusal):
        return thread
    return span(d, thread, _RESULT) or not_held(d, thread) or thread


def not_held(d: Draft, thread: Thread) -> Refusal | None:
    """Return why a thread does nothing while its child, or a grader, works; `None` if none does."""
    if thread.waits_for:
        reason = "it waits for its child's report"
        return d.refuse(RefusalCode.OUT_OF_TURN, reason, thread.waits_for)
    outcome = d.session.outcome
    if outcome is not None and outcome.start and not thread.parent:
        return d.refuse(RefusalCode.OUT_OF_TURN, "its work is being graded", outcome.id)
    return None


# -- requests --------------------------------------------------------------------------------------


def request_started(d: Draft, command: c.RequestStarted) -> Refusal | None:
    """Start a request; denials are told, what waits joins it. Source: recordings (L5, W5)."""
    thread = thread_in_turn(d, command.thread_id)
    if isinstance(thread, Refusal):
        return thread
    refusal = span(d, thread, _START) or not_held(d, thread)
    if refusal is not None:
        return refusal
    if d.session.capped:
        reason = "the budget is checked before each model request"
        return d.refuse(RefusalCode.BUDGET_REACHED, reason, thread.id)
    lacking = [x for x in d.calls_of(thread.id) if x.state is not CallState.DENIED]
    if lacking:
        reason = "a call of the last request has no result"
        return d.refuse(RefusalCode.OUT_OF_TURN, reason, lacking[0].id)
    tell_denials(d, thread)
    for name in thread.mailbox:
        consume(d, d.session.messages[name])
    d.own(e.ModelRequestStart(**d.mark()), thread)
    return None


def request_ended(d: Draft, command: c.RequestEnded) -> Refusal | None:
    """End the open request; the calls that it made may run now."""
    thread = thread_in_turn(d, command.thread_id)
    if isinstance(thread, Refusal):
        return thread
    refusal = span(d, thread, _END)
    if refusal is not None:
        return refusal
    end = e.ModelRequestEnd(
        model_request_start_id=thread.request,
        model_usage=_usage(command.usage),
        is_error=command.is_error,
        **d.mark(),
    )
    d.own(end, thread)
    owe_tools(d, thread.id)
    return None


def _usage(usage: Mapping[str, int]) -> e.ModelUsage:
    """Return a request's account; what was not counted is 0."""
    return e.ModelUsage(
        input_tokens=usage.get("input_tokens", 0),
        output_tokens=usage.get("output_tokens", 0),
        cache_creation_input_tokens=usage.get("cache_creation_input_tokens", 0),
        cache_read_input_tokens=usage.get("cache_read_input_tokens", 0),
    )


def agent_spoke(d: Draft, command: c.AgentSpoke) -> Refusal | None:
    """Put down a message of the agent."""
    return _say(d, command.thread_id, e.AgentMessage, {"content": content_of(command.content)})


def agent_thought(d: Draft, command: c.AgentThought) -> Refusal | None:
    """Put down that the agent thinks."""
    return _say(d, command.thread_id, e.AgentThinking, {})


def _say(
    d: Draft, thread_id: str, kind: type[e.AgentMessage | e.AgentThinking], fields: dict[str, Any]
) -> Refusal | None:
    thread = thread_in_turn(d, thread_id)
    if isinstance(thread, Refusal):
        return thread
    refusal = span(d, thread, SpanTrigger.SPEAK)
    if refusal is None:
        d.own(kind(**fields, **d.mark()), thread)
    return refusal


# -- calls -----------------------------------------------------------------------------------------


_KINDS: Final = get_args(c.ToolKind)


def tool_used(d: Draft, command: c.ToolUsed) -> Refusal | None:
    """Put down a tool use. Some services list none of a delegation. Source: recordings (C1, E1)."""
    if command.kind not in _KINDS and d.named(command.thread_id) is not None:
        reason = f"kind: a tool is {', '.join(_KINDS)}, not {command.kind!r}"
        return d.refuse(RefusalCode.INVALID_INPUT, reason, command.call_id)
    thread = thread_in_turn(d, command.thread_id)
    if isinstance(thread, Refusal):
        return thread
    refusal = span(d, thread, SpanTrigger.SPEAK)
    if refusal is not None:
        return refusal
    if command.call_id in d.session.calls:
        return d.refuse(RefusalCode.ID_TAKEN, "an open call has this id", command.call_id)
    event = _use(command, d)
    delegates = command.name in d.tables.dialect.delegation_tools
    if delegates and d.switch("delegation_calls") == "unlisted":
        d.put(event, thread.id, Place.NOWHERE)
    else:
        d.own(event, thread)
    return None


def _use(command: c.ToolUsed, d: Draft) -> e.ToolUse:
    """Return the event of a tool use, by its kind."""
    mark = d.mark(command.call_id)
    told = dict(command.input)
    if command.kind == "custom":
        return e.AgentCustomToolUse(name=command.name, input=told, **mark)
    if command.kind == "mcp":
        return e.AgentMcpToolUse(
            name=command.name,
            input=told,
            mcp_server_name=command.server,
            evaluated_permission=command.permission.value,
            **mark,
        )
    return e.AgentToolUse(
        name=command.name, input=told, evaluated_permission=command.permission.value, **mark
    )


def owe_tools(d: Draft, thread_id: str) -> None:
    """Tell the host to run what may run: nothing while a sibling waits to be confirmed (G2)."""
    calls = d.calls_of(thread_id)
    if not calls or any(_unconfirmed(call) for call in calls):
        return
    ready = (CallState.ALLOWED, CallState.PROCESSED)
    due = [x for x in calls if x.state in ready and not x.by_client and not x.owed]
    if due:
        d.note(CallOwed(tuple(call.id for call in due)), thread_id)
    for call in due:
        d.owe(RUN_TOOL, thread_id, (call.id,))


def _unconfirmed(call: Call) -> bool:
    """Whether a call waits for its confirmation, or its confirmation for its turn."""
    if call.state is CallState.ASKED:
        return True
    return call.state is CallState.ANSWERED and call.permission is Permission.ASK


def tell_denials(d: Draft, thread: Thread) -> None:
    """Give the calls that were denied their error results. Source: recordings (G8, G9)."""
    for call in d.calls_of(thread.id):
        if call.state is CallState.DENIED:
            said = (call.answer or {}).get("deny_message") or DENIED
            give_result(d, call, said, True)
            d.owe(GIVE_RESULT, thread.id, (call.id,))


def tool_resulted(d: Draft, command: c.ToolResulted) -> Refusal | None:
    """Put down what the platform's run of a call has given. Source: recordings (G2, G11, H16)."""
    call = d.session.calls.get(command.call_id)
    if call is None:
        return d.refuse(RefusalCode.CALL_NOT_FOUND, "no open call has this id", command.call_id)
    thread = d.session.threads[call.thread]
    if command.thread_id not in ("", thread.id):
        reason = f"{call.id} is a call of {thread.id}"
        return d.refuse(RefusalCode.INVALID_INPUT, reason, command.thread_id)
    trigger = CallTrigger.ERROR_RESULT if command.is_error else CallTrigger.RESULT
    if call.state in (CallState.ASKED, CallState.ANSWERED):
        trigger = CallTrigger.RESULT  # an error by itself answers no ask
    elif call.by_client:
        return d.refuse(RefusalCode.WRONG_ANSWER, "the client runs this call", call.id)
    row = d.tables.call.step(call.state, trigger)
    refusal = d.denied("call", row, call.id) or _cannot_result(d, call, thread)
    if refusal is not None:
        return refusal
    give_result(d, call, command.content, command.is_error)
    for effect in row.effects:
        d.owe(effect, thread.id, (call.id,))
    return None


def _cannot_result(d: Draft, call: Call, thread: Thread) -> Refusal | None:
    """Return why a call that may have a result cannot have it now."""
    if thread.state is not ThreadState.IDLE or not thread.asked or call.state is CallState.DENIED:
        row = in_turn(d, thread)
        if not row.accepts:
            return d.denied("thread", row, thread.id)
    refusal = span(d, thread, SpanTrigger.RESULT)
    if refusal is None and any(_unconfirmed(one) for one in d.calls_of(thread.id)):
        reason = "another call of its request waits for its confirmation"
        return d.refuse(RefusalCode.OUT_OF_TURN, reason, call.id)
    return refusal


# -- the end ---------------------------------------------------------------------------------------


def turn_ended(d: Draft, command: c.TurnEnded) -> Refusal | None:
    """Let the thread rest: on its open asks, or as its turn is over. Source: recordings (E2)."""
    thread = outside_request(d, command.thread_id)
    if isinstance(thread, Refusal):
        return thread
    calls = d.calls_of(thread.id)
    asks = bool(calls) and any(call.wants for call in calls)
    if calls and (command.refused or not asks):
        reason = "a call of the turn has no result"
        return d.refuse(RefusalCode.OUT_OF_TURN, reason, calls[0].id)
    if thread.unread and not asks:
        reason = "no model request has read what the turn has taken in"
        return d.refuse(RefusalCode.OUT_OF_TURN, reason, thread.id)
    if command.over_budget:
        refusal = unnamed(d, EventType.SESSION_USAGE)
        if refusal is not None:
            return refusal
        reach_budget(d, thread.id)
    trigger = T.ASK if asks else T.REFUSE if command.refused else T.END_TURN
    step(d, thread.id, trigger)
    if asks:
        post_calls(d, thread)
    if command.over_budget:
        pause_runs(d)
    settle(d)
    return None
