"""TH: what opens a turn, what it takes in, and how it ends."""

from __future__ import annotations

from lifecycle.check.findings import Level
from lifecycle.check.rule import Fault, Shown, rule
from lifecycle.check.view import IDLE, RUNNING, View
from lifecycle.check.view_work import word_in
from lifecycle.check.words import E, StopReason
from lifecycle.wire.bulk import Seen

__all__: list[str] = []


@rule("TH007", Level.ERROR, "turn-without-cause", E.SPAN_START, E.THREAD_IDLE, absence=True)
def turn_without_cause(v: View, e: Seen) -> Fault | None:
    """A turn is opened by something: an input, an answer, a report, or the server's own resuming.

    Why it matters: the input that the turn answers is missing from the recording.
    Flagged:
        session.status_running
        session.thread_status_running main
        user.message
        span.model_request_start s1
        agent.message
        span.model_request_end s1
        session.thread_status_idle main end_turn
        session.status_idle end_turn
        session.status_running
        session.thread_status_running main
        span.model_request_start s2
    Accepted:
        session.status_running
        session.thread_status_running main
        user.message
        span.model_request_start s1
        agent.message
        span.model_request_end s1
        session.thread_status_idle main end_turn
        session.status_idle end_turn
        session.status_running
        session.thread_status_running main
        user.message
        span.model_request_start s2
    Source: recorded for every wake; a workflow run's result and a lifted budget open turns too.
    """
    t = v.own
    if t.asked or t.cause is not None or t.run is None or t.resumed or t.mask != RUNNING:
        return None
    if e.type == E.THREAD_IDLE and (e.session_thread_id != t.id or _parked(e)):
        return None
    excused = (t.interrupted, v.updated, v.run_over, v.capped)
    if t.calls or any(one is not None for one in excused) or v.begin is None:
        return None
    if v.last_error is not None and _may_open(v.last_error, t.rest):
        return None
    if t.rest is None and not (v.declared and v.child_list is False):
        # The first turn that is seen has no input: the capture starts in the middle of a life, or
        # it is a child's own list, of which another rule tells.
        return None
    rested: Shown = ((t.rest, "it rested"),) if t.rest is not None else ()
    return Fault(
        "the turn has no cause: nothing was sent, answered, reported or resumed",
        (*v.shown("the list is this thread's"), *rested, (t.run, "it ran")),
        "an input, an answer or a report must come before",
        thread=t.id,
        allowed=(
            E.USER_MESSAGE.value,
            E.USER_DEFINE_OUTCOME.value,
            E.THREAD_MESSAGE_RECEIVED.value,
        ),
        resync="an input is taken to be missing",
    )


def _may_open(error: Seen, rest: Seen | None) -> bool:
    """Whether recovering from *error*, since the thread rested, may have opened the turn.

    A server or a credential that fails is told when a turn begins, and opens none.
    """
    kind = word_in(error.error, "type")
    recent = rest is None or error.line > rest.line
    return recent and not kind.startswith(("mcp_", "credential_"))


def _parked(e: Seen) -> bool:
    """Whether *e* rests on the client anew, or for another reason than a finished turn."""
    return e.stop_reason is None or e.stop_reason.type != StopReason.END_TURN


@rule("TH008", Level.ERROR, "child-list-opens-otherwise", absence=True, whole=True)
def child_list_opens_otherwise(v: View, e: Seen) -> Fault | None:
    """A child's own list opens with its running event and then the message that it works on.

    Asked at the end of a list that turned out to be a child's own, and only where the list is said
    to be whole: a list may begin in the middle of a life.

    Why it matters: the child's task is missing from its list.
    Flagged:
        session.thread_status_running child
        span.model_request_start s1
        agent.message
        span.model_request_end s1
        session.thread_status_idle child end_turn
    Accepted:
        session.thread_status_running child
        agent.thread_message_received from_session_thread_id=main
        span.model_request_start s1
        agent.message
        span.model_request_end s1
        session.thread_status_idle child end_turn
    Source: recorded 12 of 12 times.
    """
    shows = ((v.begin, "the list opens"), (v.own.idle, "and its thread rests, without a session's"))
    return Fault(
        "a child's list opens with its running event and then the message that it received",
        tuple((one, says) for one, says in shows if one is not None),
        "`agent.thread_message_received`",
        thread=v.own.id,
        allowed=(E.THREAD_MESSAGE_RECEIVED.value,),
        at=e,
    )


@rule("TH009", Level.ERROR, "rests-with-open-calls", E.THREAD_IDLE)
def rests_with_open_calls(v: View, e: Seen) -> Fault | None:
    """A turn that ends has a result for every one of its calls.

    Why it matters: a client that takes `end_turn` for done loses a running tool, and the model's
    next request would miss a result.
    Flagged:
        session.thread_status_running child
        agent.thread_message_received main
        span.model_request_start s1
        agent.tool_use c1 allow
        span.model_request_end s1
        session.thread_status_idle child end_turn
    Accepted:
        session.thread_status_running child
        agent.thread_message_received main
        span.model_request_start s1
        agent.tool_use c1 allow
        span.model_request_end s1
        agent.tool_result c1
        span.model_request_start s2
        span.model_request_end s2
        session.thread_status_idle child end_turn
    Source: recorded without exception; an interrupt closes its calls first.
    """
    t = v.status_thread(e)
    if t is None or not t.calls or e.stop_reason is None or t.interrupted is not None:
        return None
    if e.stop_reason.type not in (StopReason.END_TURN, StopReason.REFUSAL):
        return None
    if t.closed is not None and t.closed.is_error:
        return None
    # A confirmed call of a child has its result on the child's own list.
    own = (c for c in t.calls.values() if c.own and c.use.session_thread_id is None)
    call = next(own, None) or next((c for c in t.calls.values() if not (c.own or c.answer)), None)
    if call is None:
        return None
    witness: Shown = ((call.use, "the call was made"),)
    if call.own and v.begin is not None:
        witness = (*v.shown("the list is this thread's", call.use), *witness)
    return Fault(
        f"the turn ends while `{call.use.id}` has no result",
        witness,
        "`requires_action`, or the call's result before",
        ("stop_reason", "type"),
        t.id,
        about=(call.use.id or "",),
        allowed=(StopReason.REQUIRES_ACTION.value,),
        resync="the call is taken to be closed",
    )


@rule("TH011", Level.ERROR, "input-to-a-resting-thread", E.USER_MESSAGE, E.USER_DEFINE_OUTCOME,
      absence=True)  # fmt: skip
def input_to_a_resting_thread(v: View, e: Seen) -> Fault | None:
    """A processed message stands after the running events that it caused, never before them.

    A message without a stamp is still waiting and may stand anywhere behind.

    Why it matters: a list is in the order of processing. A reader that expects the order of arrival
    puts the message into the wrong turn.
    Flagged:
        session.status_running
        session.thread_status_running main
        user.message
        span.model_request_start s1
        span.model_request_end s1
        session.thread_status_idle main end_turn
        session.status_idle end_turn
        user.message
    Accepted:
        session.status_running
        session.thread_status_running main
        user.message
        span.model_request_start s1
        span.model_request_end s1
        session.thread_status_idle main end_turn
        session.status_idle end_turn
        session.status_running
        session.thread_status_running main
        user.message
    Source: recorded 116 of 116 times.
    """
    t = v.own
    if t.mask != IDLE or e.processed_at is None or t.idle is None or t is not v.primary:
        return None
    if v.begin is None:
        return None
    return Fault(
        "the input was processed while the primary rested",
        (*v.shown("the list is the primary's"), (t.idle, "the primary rested")),
        "the running events that it caused must come first",
        thread=t.id,
        allowed=(E.SESSION_RUNNING.value, E.THREAD_RUNNING.value),
        resync="the input is taken to wait",
    )


@rule("TH013", Level.ERROR, "report-to-a-resting-thread", E.THREAD_MESSAGE_RECEIVED, absence=True)
def report_to_a_resting_thread(v: View, e: Seen) -> Fault | None:
    """A message from another thread stands after the running event that it caused.

    Why it matters: a list is in the order of processing; the report would be read into the wrong
    turn.
    Flagged:
        session.status_running
        session.thread_status_running main
        user.message
        span.model_request_start s1
        span.model_request_end s1
        session.thread_created child
        agent.thread_message_sent child
        session.thread_status_running child
        session.thread_status_idle main end_turn
        agent.thread_message_received from_session_thread_id=child
    Accepted:
        session.status_running
        session.thread_status_running main
        user.message
        span.model_request_start s1
        span.model_request_end s1
        session.thread_created child
        agent.thread_message_sent child
        session.thread_status_running child
        session.thread_status_idle main end_turn
        session.thread_status_running main
        agent.thread_message_received from_session_thread_id=child
    Source: recorded 10 of 10 times, and in the collected recordings.
    """
    t = v.own
    if t.mask != IDLE or t.idle is None or v.begin is None:
        return None
    sender = v.threads.get(e.from_session_thread_id or "")
    if sender is not None and sender.advisor:
        return None
    return Fault(
        "the report was received while its reader rested",
        (*v.shown("the list is the reader's"), (t.idle, "the reader rested")),
        "`session.thread_status_running` must come first",
        thread=t.id,
        allowed=(E.THREAD_RUNNING.value,),
        resync="the report is taken to wait",
    )


@rule("TH018", Level.ERROR, "turn-ends-on-a-result", E.THREAD_IDLE, absence=True)
def turn_ends_on_a_result(v: View, e: Seen) -> Fault | None:
    """A turn ends with what the model says: behind a tool's result there is another request.

    Why it matters: the model has not seen the result, or its answer is missing from the recording.
    Flagged:
        session.thread_status_running child
        agent.thread_message_received main
        span.model_request_start s1
        agent.tool_use c1 allow
        span.model_request_end s1
        agent.tool_result c1
        session.thread_status_idle child end_turn
    Accepted:
        session.thread_status_running child
        agent.thread_message_received main
        span.model_request_start s1
        agent.tool_use c1 allow
        span.model_request_end s1
        agent.tool_result c1 error
        user.interrupt
        session.thread_status_idle child end_turn
    Source: recorded without exception; an interrupt, or the budget, may end a turn anywhere.
    """
    t, stop = v.own, e.stop_reason
    if t.result is None or t.interrupted is not None or v.status_thread(e) is not t:
        return None
    if stop is None or stop.type != StopReason.END_TURN or v.begin is None:
        return None
    call, result = t.result
    if call.use.session_thread_id is not None:
        return None
    return Fault(
        "the turn ends on a result that the model has not seen",
        (
            *v.shown("the list is this thread's", call.use),
            (call.use, "the call was made"),
            (result, "its result is here, and no request has started since"),
        ),
        "`span.model_request_start` must come before",
        thread=t.id or None,
        allowed=(E.SPAN_START.value,),
    )


@rule("TH019", Level.ERROR, "input-that-nobody-reads", E.THREAD_IDLE, absence=True)
def input_that_nobody_reads(v: View, e: Seen) -> Fault | None:
    """A turn that takes in a message, or a report, has a model request that reads it.

    A message without a stamp still waits.

    Why it matters: the model has not seen the input, and the client believes that it has.
    Flagged:
        session.status_running
        session.thread_status_running main
        user.message
        span.model_request_start s1
        user.message
        span.model_request_end s1
        session.thread_status_idle main end_turn
    Accepted:
        session.status_running
        session.thread_status_running main
        user.message
        span.model_request_start s1
        span.model_request_end s1
        user.message
        span.model_request_start s2
        span.model_request_end s2
        session.thread_status_idle main end_turn
    Source: recorded: input is stamped when a request consumes it, in 139 of 140 cases one
        microsecond before that request.
    """
    t, stop = v.own, e.stop_reason
    unread = t.unread
    if unread is None or stop is None or v.begin is None or v.status_thread(e) is not t:
        return None
    if stop.type not in (StopReason.END_TURN, StopReason.REQUIRES_ACTION):
        return None
    if t.interrupted is not None or v.capped is not None:
        return None
    return Fault(
        "the turn ends, and no request has read what it took in",
        (
            *v.shown("the list is this thread's", unread),
            (unread, "it was taken in here, and no request has started since"),
        ),
        "`span.model_request_start` must come before",
        thread=t.id or None,
        allowed=(E.SPAN_START.value,),
    )
