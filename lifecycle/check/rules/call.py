"""CA: tool uses and their one result."""

from __future__ import annotations

from typing import Final

from lifecycle.check.findings import Level
from lifecycle.check.rule import Fault, rule
from lifecycle.check.rules.shared import PLATFORM, RESULTS, call_field, call_named, evaluated
from lifecycle.check.view import Call, View
from lifecycle.check.words import E
from lifecycle.dialects import DIALECTS
from lifecycle.vocabulary import CallState, CallTrigger, Evidence
from lifecycle.wire.bulk import Seen

__all__: list[str] = []

FAMILY: Final[dict[str, tuple[str, ...]]] = {
    E.AGENT_TOOL_RESULT: (E.AGENT_TOOL_USE,),
    E.AGENT_MCP_TOOL_RESULT: (E.AGENT_MCP_TOOL_USE,),
    E.USER_CUSTOM_TOOL_RESULT: (E.AGENT_CUSTOM_TOOL_USE,),
    E.USER_TOOL_RESULT: (E.AGENT_TOOL_USE,),
    E.USER_TOOL_CONFIRMATION: (E.AGENT_TOOL_USE, E.AGENT_MCP_TOOL_USE),
}
_ANSWERS: Final = (E.USER_CUSTOM_TOOL_RESULT, E.USER_TOOL_CONFIRMATION)
CALLS: Final = {name: dialect.machines["call"] for name, dialect in DIALECTS.items()}


def _trigger(e: Seen) -> CallTrigger:
    """Read a result into the trigger that the call machine is asked about."""
    if e.type in PLATFORM:
        return CallTrigger.ERROR_RESULT if e.is_error else CallTrigger.RESULT
    return CallTrigger.CLIENT_RESULT


@rule("CA001", Level.ERROR, "second-result", *RESULTS)
def second_result(v: View, e: Seen) -> Fault | None:
    """A tool use has one result.

    A client's second answer may wait, without a stamp, and is never processed.

    Why it matters: the model would see two results for one call, which its interface refuses.
    Flagged:
        agent.tool_use c1 allow
        agent.tool_result c1
        agent.tool_result c1
    Accepted:
        agent.tool_use c1 allow
        agent.tool_result c1
    Source: recorded without exception.
    """
    name = call_named(e)
    if name is None or name in v.calls:
        return None
    first = v.done.get(name)
    waits = e.processed_at is None and e.type not in PLATFORM and not v.stripped
    if first is None or waits:
        return None
    return Fault(
        f"`{name}` has its result already",
        ((first, "its result is here"),),
        "a call that is still open",
        (call_field(e),),
        v.thread_of(e).id or None,
        about=(name,),
    )


@rule("CA002", Level.ERROR, "wrong-kind-of-answer", *RESULTS, E.USER_TOOL_CONFIRMATION)
def wrong_kind_of_answer(v: View, e: Seen) -> Fault | None:
    """An answer is of its call's family: built-in, MCP, or custom.

    An error result may close a call of any family when an interrupt does it.

    Why it matters: the answer would be lost, and the call would wait for ever.
    Flagged:
        agent.custom_tool_use c1
        user.tool_confirmation c1 allow
    Accepted:
        agent.custom_tool_use c1
        user.custom_tool_result c1
    Source: recorded without exception; the fields' names say it.
    """
    name = call_named(e)
    call = v.calls.get(name) if name else None
    if call is None or call.family in FAMILY[e.type]:
        return None
    if e.type in PLATFORM and e.is_error:
        return None
    return Fault(
        f"`{e.type}` cannot answer `{call.family}`",
        ((call.use, "the call was made"),),
        "an answer of the call's own family",
        thread=call.thread.id or None,
        about=(name or "",),
        allowed=tuple(str(kind) for kind, uses in FAMILY.items() if call.family in uses),
    )


@rule("CA003", Level.ERROR, "result-before-confirmation", *RESULTS)
def result_before_confirmation(v: View, e: Seen) -> Fault | None:
    """A call that was asked has no result, other than an error, before its confirmation.

    Why it matters: the tool ran without the client's consent.
    Flagged:
        agent.tool_use c1 ask
        agent.tool_result c1
    Accepted:
        agent.tool_use c1 ask
        user.tool_confirmation c1 allow
        agent.tool_result c1
    Source: recorded without exception; a worker's early result is refused with a 400.
    """
    call = v.calls.get(call_named(e) or "")
    if call is None or call.state != CallState.ASKED or call.family == E.AGENT_CUSTOM_TOOL_USE:
        return None
    return _denied(v, e, call)


def _denied(v: View, e: Seen, call: Call) -> Fault | None:
    """Ask the call machine; its denial's reason is the message."""
    row = CALLS[v.dialect.name].step(CallState(call.state), _trigger(e))
    if row.accepts:
        return None
    witness = [(call.use, "the call was made")]
    if call.answer is not None:
        witness.append((call.answer, "the client answered"))
    machine = CALLS[v.dialect.name]
    return Fault(
        f"a result of `{call.use.id}`: {row.because}",
        tuple(witness),
        f"the call is `{call.state}`",
        ("is_error",) if e.is_error is False else ("type",),
        call.thread.id or None,
        about=(call.use.id or "",),
        allowed=tuple(trigger.value for trigger in machine.allowed(CallState(call.state))),
    )


@rule("CA004", Level.ERROR, "denied-call-succeeds", *RESULTS)
def denied_call_succeeds(v: View, e: Seen) -> Fault | None:
    """A denied call gets an error result, never another.

    Why it matters: the tool ran although the client, or the policy, had refused it.
    Flagged:
        agent.tool_use c1 ask
        user.tool_confirmation c1 deny
        agent.tool_result c1
    Accepted:
        agent.tool_use c1 ask
        user.tool_confirmation c1 deny
        agent.tool_result c1 error
    Source: recorded 7 of 7 times for the client's denials; documented for the policy's.
    """
    call = v.calls.get(call_named(e) or "")
    if call is None or call.state != CallState.DENIED:
        return None
    return _denied(v, e, call)


@rule("CA005", Level.ERROR, "result-while-a-sibling-asks", *PLATFORM)
def result_while_a_sibling_asks(v: View, e: Seen) -> Fault | None:
    """While one call of a response waits for confirmation, no allowed one of it has run.

    Why it matters: what the client would deny may depend on what ran meanwhile.
    Flagged:
        span.model_request_start s1
        agent.tool_use c1 allow
        agent.tool_use c2 ask
        span.model_request_end s1
        agent.tool_result c1
    Accepted:
        span.model_request_start s1
        agent.tool_use c1 allow
        agent.tool_use c2 ask
        span.model_request_end s1
        user.tool_confirmation c2 allow
        agent.tool_result c1
    Source: recorded in three readings of one session; custom calls do not hold others back.
    """
    call = v.calls.get(call_named(e) or "")
    if call is None or e.is_error or call.state != CallState.ALLOWED:
        return None
    for other in call.thread.calls.values():
        if other.state == CallState.ASKED and other.answer is None and call.own:
            return Fault(
                f"`{call.use.id}` ran while `{other.use.id}` waits for its confirmation",
                ((call.use, "the call was made"), (other.use, "its sibling asks")),
                "the sibling's confirmation must come first",
                thread=call.thread.id or None,
                allowed=(E.USER_TOOL_CONFIRMATION.value,),
            )
    return None


@rule("CA010", Level.ERROR, "permission-contradicts-evaluation", E.AGENT_TOOL_USE,
      E.AGENT_MCP_TOOL_USE, evidence=Evidence.DOCUMENTED)  # fmt: skip
def permission_contradicts_evaluation(v: View, e: Seen) -> Fault | None:
    """`evaluated_permission` and `evaluation` say the same.

    Why it matters: the client asks, or does not ask, for the wrong calls.
    Flagged:
        agent.tool_use c1 allow evaluation={"type":"always_ask"}
    Accepted:
        agent.tool_use c1 ask evaluation={"type":"always_ask"}
    Source: documented with the fields.
    """
    expected = evaluated(bytes(e.evaluation)) if e.evaluation else None
    if expected is None or e.evaluated_permission in (None, expected):
        return None
    return Fault(
        f"`always_{expected}` evaluates to `{expected}`, not to `{e.evaluated_permission}`",
        expected=f"`{expected}`",
        path=("evaluated_permission",),
    )


@rule("CA011", Level.ERROR, "answer-to-no-call", *RESULTS, E.USER_TOOL_CONFIRMATION,
      absence=True)  # fmt: skip
def answer_to_no_call(v: View, e: Seen) -> Fault | None:
    """An answer or a result names an earlier tool use of the list.

    Why it matters: the call is missing from the recording, or the id is wrong.
    Flagged:
        session.status_running
        session.thread_status_running main
        user.message
        span.model_request_start s1
        span.model_request_end s1
        agent.tool_result c9
    Accepted:
        session.status_running
        session.thread_status_running main
        user.message
        span.model_request_start s1
        agent.tool_use c9 allow
        span.model_request_end s1
        agent.tool_result c9
    Source: recorded without exception.
    """
    name = call_named(e)
    if name is None or not v.calls_known or name in v.calls:
        return None
    if v.done.get(name) is not None or v.done.full:
        return None
    # The result of a child's call may stand on this list although the call, which asks nothing of
    # the client, does not.
    others = e.session_thread_id and e.session_thread_id != v.own.id
    if others and (e.type not in _ANSWERS or v.forgotten.get(name) is not None):
        return None
    return Fault(
        f"no tool use `{name}` was made on this list",
        v.shown_whole("the list begins here"),
        "the id of an open call",
        (call_field(e),),
        about=(name,),
        allowed=tuple(v.calls),
    )


@rule("CA013", Level.ERROR, "call-after-its-answer", E.AGENT_TOOL_USE, E.AGENT_MCP_TOOL_USE,
      E.AGENT_CUSTOM_TOOL_USE)  # fmt: skip
def call_after_its_answer(v: View, e: Seen) -> Fault | None:
    """A tool use is listed before its answer.

    Why it matters: a reader that matches answers to calls finds none, and then an open call.
    Flagged:
        user.custom_tool_result c1
        agent.custom_tool_use c1
    Accepted:
        agent.custom_tool_use c1
        user.custom_tool_result c1
    Source: recorded without exception, and documented for the calls of children.
    """
    if e.id is None or (v.whole and e.session_thread_id is None):
        return None
    answer = v.done.get(e.id)
    if answer is None:
        return None
    return Fault(
        f"`{e.id}` has its answer already",
        ((answer, "it was answered here"),),
        "the answer after the call",
        ("id",),
        v.thread_of(e).id or None,
        about=(e.id,),
    )
