"""What a client says about calls: confirmations and results, in order and out of it, of any thread.

Answers are consumed in the order of their calls: one that comes early is listed without a stamp and
waits (G6). On the primary the answer stands before the running pair that it causes (G7), and a
denial's result after it (G8); on a child a denial's result stands before its running (G10). The
answer to a child goes through the primary (K2 to K4). Source: recordings, sections 4 and 8.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lifecycle import commands as c
from lifecycle.effects import GIVE_RESULT
from lifecycle.engine.calls import put_answer
from lifecycle.engine.draft import Draft, content_of
from lifecycle.engine.flow import rest_on, session_runs, settle, wake
from lifecycle.engine.perform import step
from lifecycle.engine.refusals import Refusal
from lifecycle.engine.turns import owe_tools, tell_denials
from lifecycle.state import Call, Thread
from lifecycle.vocabulary import (
    CallState,
    CallTrigger,
    EventType,
    RefusalCode,
    SessionState,
    StopReason,
    ThreadState,
    ThreadTrigger as T,
)

__all__ = ["answer_tool", "confirm_tool", "return_result"]


def confirm_tool(d: Draft, command: c.ConfirmTool) -> Refusal | None:
    """Allow or deny an asked call. Source: pages, permissions."""
    call = d.session.calls.get(command.call_id)
    if call is None:
        return _unknown(d, command.call_id)
    if command.allow and command.deny_message is not None:
        reason = "a reason for a denial stands beside an allow"
        return d.refuse(RefusalCode.INVALID_INPUT, reason, call.id)
    if call.kind is EventType.AGENT_CUSTOM_TOOL_USE:
        return d.refuse(RefusalCode.WRONG_ANSWER, "a custom tool takes its result", call.id)
    said: dict[str, Any] = {"result": "allow" if command.allow else "deny"}
    if command.deny_message is not None:
        said["deny_message"] = command.deny_message
    return _answer(d, call, CallTrigger.ALLOW if command.allow else CallTrigger.DENY, said)


def answer_tool(d: Draft, command: c.AnswerTool) -> Refusal | None:
    """Return a custom tool's result. Source: pages, events."""
    call = d.session.calls.get(command.call_id)
    if call is None:
        return _unknown(d, command.call_id)
    if call.kind is not EventType.AGENT_CUSTOM_TOOL_USE:
        return d.refuse(RefusalCode.WRONG_ANSWER, "only a custom tool takes this", call.id)
    said = {"content": content_of(command.content), "is_error": command.is_error}
    return _answer(d, call, CallTrigger.CLIENT_RESULT, said)


def return_result(d: Draft, command: c.ReturnResult) -> Refusal | None:
    """Return a self-hosted tool's result. Source: pages, events; recordings (G3, G4)."""
    call = d.session.calls.get(command.call_id)
    if call is None:
        return _unknown(d, command.call_id)
    if call.kind is not EventType.AGENT_TOOL_USE or not d.session.self_hosted:
        reason = "only a built-in tool of a self-hosted session takes this"
        return d.refuse(RefusalCode.WRONG_ANSWER, reason, call.id)
    said = {"content": content_of(command.content), "is_error": command.is_error}
    return _answer(d, call, CallTrigger.CLIENT_RESULT, said)


def _unknown(d: Draft, call_id: str) -> Refusal:
    return d.refuse(RefusalCode.CALL_NOT_FOUND, "no open call has this id", call_id)


# -- in order, or out of it ------------------------------------------------------------------------


def _answer(d: Draft, call: Call, trigger: CallTrigger, said: Mapping[str, Any]) -> Refusal | None:
    """Consume the answer, or keep it until the earlier calls have theirs."""
    asked = CallTrigger.ANSWER if call.state is CallState.ANSWERED else trigger
    row = d.tables.call.step(call.state, asked)
    refusal = d.denied("call", row, call.id)
    if refusal is not None:
        return refusal
    thread = d.session.threads[call.thread]
    before = d.session.asked
    if any(one.holds for one in _earlier(d, call)):
        put_answer(d, call, thread, said, processed=False)
        return None
    for effect in row.effects:
        if effect is GIVE_RESULT:  # what may run is told when no sibling asks any more
            d.owe(effect, thread.id, (call.id,))
    if not thread.parent:
        _consume(d, call, thread, said)
        _goes_on(d, thread)
    else:
        _to_child(d, call, thread, said, before)
    settle(d)
    return None


def _earlier(d: Draft, call: Call) -> list[Call]:
    """Return the open calls that its thread made before this one."""
    calls = d.calls_of(call.thread)
    return calls[: [one.id for one in calls].index(call.id)]


def _consume(d: Draft, call: Call, thread: Thread, said: Mapping[str, Any]) -> None:
    """Put the answer down, and after it the later ones that have waited for it."""
    put_answer(d, call, thread, said)
    for one in d.calls_of(thread.id):
        if one.state is CallState.ANSWERED:
            put_answer(d, one, thread, one.answer or {})
            if one.id not in d.session.calls:
                d.owe(GIVE_RESULT, thread.id, (one.id,))
        elif one.holds:
            return


# -- what follows ----------------------------------------------------------------------------------


def _trigger(d: Draft, thread: Thread) -> T | None:
    """Read what an answer did to its thread; `None` where it still waits for the same calls."""
    left = [one.id for one in d.calls_of(thread.id) if one.holds]
    if left and set(left) >= set(thread.asked):
        return None
    if left:
        return T.ANSWER
    idle = thread.state is ThreadState.IDLE
    return T.REACH_BUDGET if d.session.capped and idle else T.ANSWER_LAST


def _goes_on(d: Draft, thread: Thread) -> None:
    """Let the primary rest on what is left, or run again; then it is told of its denials."""
    trigger = _trigger(d, thread)
    if trigger is T.ANSWER_LAST and thread.state is ThreadState.IDLE:
        wake(d, thread.id, trigger)
        if all(call.state is CallState.DENIED for call in d.calls_of(thread.id)):
            tell_denials(d, thread)  # else with the next request, after the results of the others
    elif trigger is not None:
        step(d, thread.id, trigger)
    owe_tools(d, thread.id)


def _to_child(
    d: Draft, call: Call, child: Thread, said: Mapping[str, Any], before: tuple[str, ...]
) -> None:
    """Answer a child's call: straight, or through the primary if the session rests with it."""
    last = child.state is ThreadState.IDLE and not any(
        one.wants for one in d.calls_of(child.id) if one.id != call.id
    )
    stays = call.by_client and said.get("result") == "allow"
    through = last and not stays and not d.session.capped and _carries(d)
    if through:
        _through_primary(d, call, child, said, before)
        return
    _consume(d, call, child, said)
    trigger = _trigger(d, child)
    if trigger is T.ANSWER_LAST and child.state is ThreadState.IDLE:
        tell_denials(d, child)
        wake(d, child.id, trigger)
    elif trigger is not None:
        step(d, child.id, trigger)
    owe_tools(d, child.id)


def _carries(d: Draft) -> bool:
    """Whether the primary is free to carry an answer to its child."""
    primary = d.primary
    return not d.tables.straight and primary.state is ThreadState.IDLE and not primary.asked


def _through_primary(
    d: Draft, call: Call, child: Thread, said: Mapping[str, Any], before: tuple[str, ...]
) -> None:
    """Carry the last answer to a child: the primary runs and rests, and the child goes on.

    Unless another thread works, the session then claims to rest on the very call that was answered.
    """
    stale = child.asked
    others = d.tables.fold(d.session).state is not SessionState.IDLE
    session_runs(d)
    step(d, d.session.primary, T.FORWARD)
    _consume(d, call, child, said)
    tell_denials(d, child)
    first = d.switch("forwarded_child_runs") == "before_idle"
    if first:
        step(d, child.id, T.ANSWER_LAST)
    step(d, d.session.primary, T.END_TURN)
    if not others:
        known = [name for name in before if name in stale or name in d.session.calls]
        names = tuple(dict.fromkeys([*known, *stale]))
        rest_on(d, StopReason.REQUIRES_ACTION, names)
    if not first:
        step(d, child.id, T.ANSWER_LAST)
    owe_tools(d, child.id)
