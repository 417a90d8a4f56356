"""CA: what the client says about a call."""

from __future__ import annotations

from lifecycle.check.findings import Level
from lifecycle.check.rule import Fault, rule
from lifecycle.check.rules.shared import PLATFORM, call_field, call_named
from lifecycle.check.view import IDLE, View
from lifecycle.check.words import CallState, E, Permission
from lifecycle.vocabulary import Evidence
from lifecycle.wire.bulk import Seen, look_into

__all__: list[str] = []


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
    name = call_named(e) or ""
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
                (call_field(e),),
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


@rule("CA012", Level.ERROR, "result-told-at-rest", E.SESSION_RUNNING)
def result_told_at_rest(v: View, e: Seen) -> Fault | None:
    """On the primary, the result of an asked call follows the running events of its answer.

    So it is with a denial, and with an allow that was the last answer. A child's own list has a
    denial's result before them, and so has an interrupt, which forces it.

    Why it matters: a reader that pairs the result with its turn puts it into the one before.
    Flagged:
        session.status_running
        session.thread_status_running main
        user.message
        span.model_request_start s1
        agent.tool_use c1 ask
        span.model_request_end s1
        session.thread_status_idle main requires_action(c1)
        session.status_idle requires_action(c1)
        user.tool_confirmation c1 deny
        agent.tool_result c1 error
        session.status_running
    Accepted:
        session.status_running
        session.thread_status_running main
        user.message
        span.model_request_start s1
        agent.tool_use c1 ask
        span.model_request_end s1
        session.thread_status_idle main requires_action(c1)
        session.status_idle requires_action(c1)
        user.tool_confirmation c1 deny
        session.status_running
        session.thread_status_running main
        agent.tool_result c1 error
    Source: recorded on the primary 7 of 7 times for denials, and for every allowed call; a denial
        the other way round on a child.
    """
    t = v.own
    if t.result is None or t.idle is None or t.mask != IDLE or t is not v.primary:
        return None
    call, result = t.result
    told_at_rest = result.line > t.idle.line and result.type in PLATFORM
    if call.use.evaluated_permission != Permission.ASK or call.answer is None or not told_at_rest:
        return None
    if v.begin is None or t.interrupted is not None or t.answered is None:
        return None
    if call.state != CallState.DENIED and (t.calls or result.line < t.answered.line):
        return None
    return Fault(
        f"the result, at line {result.line}, stands before the running events",
        (
            *v.shown("the list is the primary's", call.use),
            (call.use, "the call was made"),
            (t.idle, "the primary rests"),
            (call.answer, "the client decided"),
            (result, "its result"),
        ),
        "the result after the running events, or an interrupt after the result",
        thread=t.id,
        allowed=(E.SESSION_RUNNING.value,),
    )


@rule("CA014", Level.ERROR, "confirmed-after-its-result", E.USER_TOOL_CONFIRMATION)
def confirmed_after_its_result(v: View, e: Seen) -> Fault | None:
    """A call that asks has its result after its confirmation, unless an interrupt closed it.

    Why it matters: the result was not the client's doing, or the two stand in the wrong order.
    Flagged:
        agent.tool_use c1 ask
        agent.tool_result c1 error
        user.tool_confirmation c1 deny
    Accepted:
        agent.tool_use c1 ask
        user.tool_confirmation c1 deny
        agent.tool_result c1 error
    Source: recorded for every confirmation.
    """
    t = v.own
    if t.result is None or t.interrupted is not None or e.processed_at is None:
        return None
    call, result = t.result
    early = call.state == CallState.ASKED and call.answer is None and result.type in PLATFORM
    if not early or call.use.id != e.tool_use_id:
        return None
    return Fault(
        f"`{e.tool_use_id}` had its result before its confirmation",
        ((call.use, "the call was made"), (result, "its result is here")),
        "the result after the confirmation",
        ("tool_use_id",),
        t.id or None,
        about=(e.tool_use_id or "",),
    )
