"""CA: tool uses, their answers, and their one result."""

from __future__ import annotations

from typing import Final

from lifecycle.check.findings import Level
from lifecycle.check.rule import Fault, rule
from lifecycle.check.view import IDLE, Call, View
from lifecycle.dialects import DIALECTS
from lifecycle.vocabulary import CallState, CallTrigger, EventType as E, Evidence, Permission
from lifecycle.wire.bulk import Seen, look_into

__all__: list[str] = []

BOTH: Final = ("anthropic", "qoder")
PLATFORM: Final = (E.AGENT_TOOL_RESULT, E.AGENT_MCP_TOOL_RESULT)
RESULTS: Final = (*PLATFORM, E.USER_CUSTOM_TOOL_RESULT, E.USER_TOOL_RESULT)
FAMILY: Final[dict[str, tuple[str, ...]]] = {
    E.AGENT_TOOL_RESULT: (E.AGENT_TOOL_USE,),
    E.AGENT_MCP_TOOL_RESULT: (E.AGENT_MCP_TOOL_USE,),
    E.USER_CUSTOM_TOOL_RESULT: (E.AGENT_CUSTOM_TOOL_USE,),
    E.USER_TOOL_RESULT: (E.AGENT_TOOL_USE,),
    E.USER_TOOL_CONFIRMATION: (E.AGENT_TOOL_USE, E.AGENT_MCP_TOOL_USE),
}
ID_FIELD: Final[dict[str, str]] = {
    E.AGENT_MCP_TOOL_RESULT: "mcp_tool_use_id",
    E.USER_CUSTOM_TOOL_RESULT: "custom_tool_use_id",
}
CALLS: Final = {name: dialect.machines["call"] for name, dialect in DIALECTS.items()}


def _name(e: Seen) -> str | None:
    """Return the id of the call that *e* is about."""
    return e.tool_use_id or e.mcp_tool_use_id or e.custom_tool_use_id


def _field(e: Seen) -> str:
    """Return the field that names the call in *e*."""
    return ID_FIELD.get(e.type, "tool_use_id")


def _trigger(e: Seen) -> CallTrigger:
    """Read a result into the trigger that the call machine is asked about."""
    if e.type in PLATFORM:
        return CallTrigger.ERROR_RESULT if e.is_error else CallTrigger.RESULT
    return CallTrigger.CLIENT_RESULT


@rule("CA001", Level.ERROR, "second-result", *RESULTS)
def second_result(v: View, e: Seen) -> Fault | None:
    """A tool use has one result.

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
    name = _name(e)
    if name is None or name in v.calls:
        return None
    first = v.done.get(name)
    if first is None:
        return None
    return Fault(
        f"`{name}` has its result already",
        ((first, "its result is here"),),
        "a call that is still open",
        (_field(e),),
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
    name = _name(e)
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
    call = v.calls.get(_name(e) or "")
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
    call = v.calls.get(_name(e) or "")
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
    call = v.calls.get(_name(e) or "")
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


@rule("CA006", Level.WARNING, "answers-out-of-order", E.USER_TOOL_CONFIRMATION,
      E.USER_CUSTOM_TOOL_RESULT, E.USER_TOOL_RESULT)  # fmt: skip
def answers_out_of_order(v: View, e: Seen) -> Fault | None:
    """Calls of one thread are processed in the order in which they were made.

    A later call's answer may arrive first; it is then listed without a stamp until its turn comes.

    Why it matters: a reader that takes the list for the order of processing sees the wrong one.
    Flagged:
        agent.custom_tool_use c1
        agent.custom_tool_use c2
        session.thread_status_idle main requires_action(c1,c2)
        user.custom_tool_result c2
    Accepted:
        agent.custom_tool_use c1
        agent.custom_tool_use c2
        session.thread_status_idle main requires_action(c1,c2)
        user.custom_tool_result c1
    Source: recorded in two sessions, a small number.
    """
    name = _name(e) or ""
    call = v.calls.get(name)
    if call is None or e.processed_at is None or call.named is None:
        return None
    for other in call.thread.calls.values():
        if other is call:
            return None
        if other.named is call.named and other.answer is None:
            return Fault(
                f"`{name}` is processed before the earlier `{other.use.id}`",
                (
                    (other.use, "the earlier call"),
                    (call.use, "the later call"),
                    (call.named, "both are asked for"),
                ),
                f"the answer to `{other.use.id}`",
                (_field(e),),
                call.thread.id or None,
            )
    return None


@rule("CA007", Level.WARNING, "second-confirmation", E.USER_TOOL_CONFIRMATION,
      evidence=Evidence.INFERRED)  # fmt: skip
def second_confirmation(v: View, e: Seen) -> Fault | None:
    """A call is confirmed once.

    What the service does with a second confirmation was never recorded.

    Why it matters: the two may disagree.
    Flagged:
        agent.tool_use c1 ask
        user.tool_confirmation c1 allow
        user.tool_confirmation c1 deny
    Accepted:
        agent.tool_use c1 ask
        user.tool_confirmation c1 allow
    Source: inferred; reports have the second one refused.
    """
    call = v.calls.get(e.tool_use_id or "")
    if call is None or call.answer is None:
        return None
    return Fault(
        f"`{e.tool_use_id}` was confirmed already",
        ((call.use, "the call was made"), (call.answer, "it was confirmed")),
        "a call that still asks",
        ("tool_use_id",),
        call.thread.id or None,
    )


@rule("CA008", Level.WARNING, "confirms-what-was-not-asked", E.USER_TOOL_CONFIRMATION,
      evidence=Evidence.INFERRED)  # fmt: skip
def confirms_what_was_not_asked(v: View, e: Seen) -> Fault | None:
    """A confirmation is for a call that asks.

    Why it matters: the client works from an old picture of the session.
    Flagged:
        agent.tool_use c1 allow
        user.tool_confirmation c1 allow
    Accepted:
        agent.tool_use c1 ask
        user.tool_confirmation c1 allow
    Source: inferred; a self-hosted worker's allowed call may be released by one.
    """
    call = v.calls.get(e.tool_use_id or "")
    if call is None or call.use.evaluated_permission != Permission.ALLOW or call.named is not None:
        return None
    return Fault(
        f"`{e.tool_use_id}` was allowed by policy and asks nothing",
        ((call.use, "the call was made"),),
        "a call that asks",
        ("tool_use_id",),
        call.thread.id or None,
    )


@rule("CA009", Level.ERROR, "deny-message-beside-allow", E.USER_TOOL_CONFIRMATION,
      evidence=Evidence.DOCUMENTED)  # fmt: skip
def deny_message_beside_allow(v: View, e: Seen) -> Fault | None:
    """A confirmation explains a denial only where it denies.

    Why it matters: one of the two is a mistake, and nobody can tell which.
    Flagged:
        user.tool_confirmation c1 allow deny_message=no
    Accepted:
        user.tool_confirmation c1 deny deny_message=no
    Source: documented with the field.
    """
    if e.deny_message is None or look_into(e.result) != "allow":
        return None
    return Fault("an allow carries a denial's message", expected="no `deny_message`",
                 path=("deny_message",))  # fmt: skip


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
    if not e.evaluation:
        return None
    evaluation = look_into(e.evaluation)
    kind = evaluation.get("type") if isinstance(evaluation, dict) else None
    expected = {"always_allow": "allow", "always_ask": "ask"}.get(kind) if kind else None
    if expected is None or e.evaluated_permission in (None, expected):
        return None
    return Fault(
        f"`{kind}` evaluates to `{expected}`, not to `{e.evaluated_permission}`",
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
    name = _name(e)
    if name is None or not v.whole or v.begin is None or name in v.calls:
        return None
    if v.done.get(name) is not None or v.done.full:
        return None
    # The answer to a child's call may stand on this list although its call does not.
    if e.session_thread_id and e.session_thread_id != v.own.id:
        return None
    return Fault(
        f"no tool use `{name}` was made on this list",
        ((v.begin, "the recording begins with the session"),),
        "the id of an open call",
        (_field(e),),
        about=(name,),
        allowed=tuple(v.calls),
    )


@rule("CA012", Level.ERROR, "denial-told-at-rest", *PLATFORM)
def denial_told_at_rest(v: View, e: Seen) -> Fault | None:
    """On the primary, a denial's result follows the running events that the answer caused.

    A child's own list has it before them.

    Why it matters: a reader that pairs the result with its turn puts it into the one before.
    Flagged:
        session.status_running
        session.thread_status_running main
        agent.tool_use c1 ask
        session.thread_status_idle main requires_action(c1)
        session.status_idle requires_action(c1)
        user.tool_confirmation c1 deny
        agent.tool_result c1 error
    Accepted:
        session.status_running
        session.thread_status_running main
        agent.tool_use c1 ask
        session.thread_status_idle main requires_action(c1)
        session.status_idle requires_action(c1)
        user.tool_confirmation c1 deny
        session.status_running
        session.thread_status_running main
        agent.tool_result c1 error
    Source: recorded 7 of 7 times on the primary, and the other way round on a child.
    """
    t = v.own
    call = v.calls.get(_name(e) or "")
    if call is None or call.state != CallState.DENIED or call.answer is None or t is not v.primary:
        return None
    if t.mask != IDLE or t.idle is None or v.begin is None or t.interrupted is not None:
        return None
    return Fault(
        "the denial's result stands before the running events",
        (
            (v.begin, "the list is the primary's"),
            (call.use, "the call was made"),
            (t.idle, "the primary rests"),
            (call.answer, "the client denied"),
        ),
        "`session.status_running` and the primary's own must come first",
        thread=t.id,
        allowed=(E.SESSION_RUNNING.value,),
    )
