"""Tool uses, their results, and the model requests around them."""

from __future__ import annotations

from twin.moment import (
    CALLS,
    CONFIRMATION,
    IDLE,
    INTERRUPT,
    OWN,
    PLATFORM_RESULTS,
    RESULT_FAMILY,
    RESULT_FIELD,
    RUNNING,
    SPAN_END,
    SPAN_START,
    Moment,
    last,
    since,
)
from twin.register import rule
from twin.waits import open_requests, owed_results, request_of


@rule("H14", "call", *RESULT_FIELD)
def result_has_no_call(m: Moment) -> str | None:
    """recorded H14: a result follows its call."""
    named, call = m.now.answers, m.call(m.now.answers)
    missing = named is not None and call is None and m.whole
    return f"{named} is no earlier tool use" if missing else None


@rule("H14", "call", *CALLS)
def call_comes_after_its_result(m: Moment) -> str | None:
    """recorded H14, anthropic INV-18: a call is listed before anything answers it."""
    early = m.now.id is not None and m.now.id in [e.answers for e in m.past]
    return "it was answered before it was made" if early else None


@rule("X6", "call", *RESULT_FIELD)
def result_of_a_dead_turn(m: Moment) -> str | None:
    """recorded X6: a turn whose retries are exhausted is dead, and so are its calls."""
    call, ended = m.call(m.now.answers), last(m.own(IDLE))
    if call is None or call.thread != OWN or ended is None or m.now.pending:
        return None
    dead = call.line < ended.line and ended.reason in ("end_turn", "refusal", "retries_exhausted")
    again = m.call_results(call.id)
    return "its turn is over" if dead and not again else None


@rule("H14", "call", *RESULT_FIELD)
def result_is_of_another_family(m: Moment) -> str | None:
    """recorded H14: results stay in the family of the call; an interrupted wait is unknown (I9)."""
    call = m.call(m.now.answers)
    if call is None or call.type == RESULT_FAMILY[m.now.type]:
        return None
    closed = m.now.type in PLATFORM_RESULTS and m.now.body.get("is_error") is True
    return None if closed else f"{m.now.type} does not answer {call.type}"


@rule("H14", "call", *RESULT_FIELD)
def result_is_the_second(m: Moment) -> str | None:
    """recorded H14: a call has one result; the queued copy of the same event is not another."""
    earlier = [e for e in m.past if e.call_answered and e.call_answered == m.now.answers]
    other = [e for e in earlier if e.id is None or e.id != m.now.id]
    return f"{m.now.answers} has its result already" if other and not m.now.pending else None


@rule("INV-22", "call", CONFIRMATION)
def confirmation_has_no_call(m: Moment) -> str | None:
    """anthropic INV-22: a confirmation is about an earlier call, and of a kind that can ask."""
    call = m.call(m.now.answers)
    if call is None:
        return f"{m.now.answers} is no earlier tool use" if m.whole and m.now.answers else None
    return "a custom call is not confirmed" if call.type == "agent.custom_tool_use" else None


@rule("INV-26", "call", *RESULT_FIELD)
def denied_call_succeeds(m: Moment) -> str | None:
    """anthropic INV-26, G8: a call that was denied, by the client or by policy, fails."""
    call = m.call(m.now.answers)
    if call is None or m.now.body.get("is_error") is True:
        return None
    said = [e.body.get("result") for e in m.before(CONFIRMATION) if e.answers == call.id]
    denied = said[-1:] == ["deny"] or (call.body.get("evaluated_permission") == "deny")
    return "the call was denied" if denied else None


@rule("H9", "call", *PLATFORM_RESULTS, view="session")
def denial_is_told_at_rest(m: Moment) -> str | None:
    """recorded H9: on the primary, a denial's result follows the pair."""
    call, status = m.call(m.now.answers), m.status(OWN)
    if call is None or call.thread != OWN or status is None or status.type != IDLE:
        return None
    stopped = any(e.type == INTERRUPT for e in since(m.past, status))
    said = [e.body.get("result") for e in m.before(CONFIRMATION) if e.answers == call.id]
    return "the primary rests" if said[-1:] == ["deny"] and not stopped else None


@rule("H15", "call", *RESULT_FIELD)
def result_without_consent(m: Moment) -> str | None:
    """recorded H15: an `ask` call has no good result before its confirmation."""
    call = m.call(m.now.answers)
    if call is None or call.body.get("evaluated_permission") != "ask":
        return None
    confirmed = any(e.answers == call.id for e in m.before(CONFIRMATION))
    return None if confirmed or m.now.body.get("is_error") is True else "nobody confirmed the call"


@rule("H16", "call", *PLATFORM_RESULTS)
def result_before_a_sibling_is_confirmed(m: Moment) -> str | None:
    """recorded H16, G2: while an ask waits, no allowed call of the same response runs."""
    call = m.call(m.now.answers)
    if call is None or call.thread != OWN or call.body.get("evaluated_permission") != "allow":
        return None
    request, confirmed = request_of(m, call), [e.answers for e in m.before(CONFIRMATION)]
    for ask in [c for c in m.own(*CALLS) if c.body.get("evaluated_permission") == "ask"]:
        sibling = request is not None and request_of(m, ask) == request
        if sibling and ask.id not in confirmed and m.now.body.get("is_error") is not True:
            return f"its sibling {ask.id} still waits for a confirmation"
    return None


@rule("H20", "call", *PLATFORM_RESULTS)
def result_after_its_interrupt(m: Moment) -> str | None:
    """recorded H20, I1: the error results that an interrupt forces are listed before it."""
    call, stops = m.call(m.now.answers), [e for e in m.own(INTERRUPT) if not e.pending]
    if call is None or call.thread != OWN or not stops or m.now.body.get("is_error") is not True:
        return None
    late = call.line < stops[-1].line and not since(m.own(RUNNING), stops[-1])
    return "the interrupt comes after the results it forces" if late else None


@rule("E1", "call", SPAN_START)
def request_before_the_results(m: Moment) -> str | None:
    """recorded E1: the next model request starts when every call of the last has its result."""
    owed = owed_results(m) if m.now.thread == OWN else []
    return f"{owed[0].id} has no result" if owed else None


@rule("H18", "call", SPAN_START)
def request_in_a_request(m: Moment) -> str | None:
    """recorded H18: a thread has one open request; a rescheduled one may never be closed (X5)."""
    still_open = open_requests(m) if m.now.thread == OWN else []
    if not still_open or any("rescheduled" in e.type for e in since(m.past, still_open[-1])):
        return None
    return "an earlier request is still open"


@rule("H18", "call", SPAN_END)
def end_of_no_request(m: Moment) -> str | None:
    """recorded H18: a request's end names an earlier start that has not ended yet."""
    if m.now.thread != OWN:
        return None
    still_open, named = open_requests(m), m.now.body.get("model_request_start_id")
    if m.types_only:
        return "no request is open" if m.whole and not still_open else None
    if named in [e.id for e in still_open]:
        return None
    known = [e for e in m.past if named in (e.id, e.body.get("model_request_start_id"))]
    return "it names no open request" if m.whole or known else None


@rule("H19", "call", "agent.message", "agent.thinking", *CALLS)
def speaks_outside_a_request(m: Moment) -> str | None:
    """recorded H19: messages, thinking and tool uses of a thread lie inside its request."""
    known = m.whole or m.own(SPAN_START, SPAN_END)
    silent = m.now.thread == OWN and known and not open_requests(m)
    return "no model request is open" if silent else None


@rule("H19", "call", *PLATFORM_RESULTS)
def result_in_a_request(m: Moment) -> str | None:
    """recorded H19, E1: no result lies inside a request (a client may answer at any time)."""
    inside = m.now.thread == OWN and open_requests(m)
    return "a model request is open" if inside else None
