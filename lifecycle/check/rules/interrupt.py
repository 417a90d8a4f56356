"""IN: interrupts, the calls that they close, and the rest that follows."""

from __future__ import annotations

from lifecycle.check.findings import Level
from lifecycle.check.rule import Fault, rule
from lifecycle.check.rules.shared import PLATFORM, call_named
from lifecycle.check.view import RUNNING, View
from lifecycle.check.words import CallState, E, StopReason
from lifecycle.vocabulary import Evidence
from lifecycle.wire.bulk import Seen

__all__: list[str] = []


@rule("IN001", Level.ERROR, "interrupt-before-its-results", *PLATFORM)
def interrupt_before_its_results(v: View, e: Seen) -> Fault | None:
    """An interrupt that stops running tools is listed after the error results that it forces.

    A list is in the order of processing: first the tools are stopped, then the interrupt is done.

    Why it matters: a reader that takes the order for that of arrival puts the result into the turn
    after the interrupt.
    Flagged:
        session.thread_status_running main
        agent.thread_message_received other
        span.model_request_start s1
        agent.tool_use c1 allow
        span.model_request_end s1
        user.interrupt
        agent.tool_result c1 error
    Accepted:
        session.thread_status_running main
        agent.thread_message_received other
        span.model_request_start s1
        agent.tool_use c1 allow
        span.model_request_end s1
        agent.tool_result c1 error
        user.interrupt
        session.thread_status_idle main end_turn
    Source: recorded once, with a tool of the platform in a running turn. What an interrupt does to
        other open calls is documented, its order is not.
    """
    t = v.own
    interrupt = t.interrupted
    if interrupt is None or not e.is_error or interrupt.processed_at is None:
        return None
    call = t.calls.get(call_named(e) or "")
    if call is None or call.state not in (CallState.ALLOWED, CallState.PROCESSED):
        return None
    if not t.mask & RUNNING or t.idle is not None or call.use.line > interrupt.line:
        return None
    return Fault(
        f"the error result of `{call.use.id}` stands after the interrupt that forced it",
        ((call.use, "the call was made"), (interrupt, "the turn was interrupted")),
        "the result before `user.interrupt`",
        thread=t.id or None,
        about=(call.use.id or "",),
        allowed=(E.THREAD_IDLE.value,),
    )


@rule("IN002", Level.WARNING, "interrupted-turn-goes-on", E.THREAD_IDLE,
      evidence=Evidence.DOCUMENTED)  # fmt: skip
def interrupted_turn_goes_on(v: View, e: Seen) -> Fault | None:
    """A turn that was interrupted ends: the thread rests next with `end_turn`.

    There is no stop reason of interrupts.

    Why it matters: the interrupt did not take effect, and the thread asks for more.
    Flagged:
        session.thread_status_running main
        user.interrupt
        session.thread_status_idle main retries_exhausted
    Accepted:
        session.thread_status_running main
        user.interrupt
        session.thread_status_idle main end_turn
    Source: documented with interrupts, and recorded once.
    """
    t, stop = v.status_thread(e), e.stop_reason
    if t is None or stop is None or stop.type == StopReason.END_TURN:
        return None
    interrupt = t.interrupted
    if interrupt is None or t.run is None or t.mask != RUNNING or interrupt.processed_at is None:
        return None
    return Fault(
        f"the turn was interrupted, and ends with `{stop.type}`",
        ((t.run, "the turn opened"), (interrupt, "it was interrupted")),
        f"`{StopReason.END_TURN}`",
        ("stop_reason", "type"),
        t.id or None,
    )


@rule("IN003", Level.ERROR, "interrupt-leaves-a-call-open", E.THREAD_IDLE, absence=True,
      evidence=Evidence.DOCUMENTED)  # fmt: skip
def interrupt_leaves_a_call_open(v: View, e: Seen) -> Fault | None:
    """An interrupt closes the calls that were running: each has an error result before the rest.

    Why it matters: a client waits for the result for ever, and the model's next request would miss
    it.
    Flagged:
        session.thread_status_running main
        agent.thread_message_received other
        span.model_request_start s1
        agent.tool_use c1 allow
        span.model_request_end s1
        user.interrupt
        session.thread_status_idle main end_turn
    Accepted:
        session.thread_status_running main
        agent.thread_message_received other
        span.model_request_start s1
        agent.tool_use c1 allow
        span.model_request_end s1
        agent.tool_result c1 error
        user.interrupt
        session.thread_status_idle main end_turn
    Source: documented, and recorded once for a call that the platform ran. What becomes of calls
        that wait for a client is not recorded.
    """
    t, stop = v.own, e.stop_reason
    interrupt = t.interrupted
    if not t.calls or interrupt is None or stop is None or v.status_thread(e) is not t:
        return None
    if stop.type != StopReason.END_TURN or not t.mask & RUNNING or t.idle is not None:
        return None
    for call in t.calls.values():
        if call.family != E.AGENT_TOOL_USE or call.state == CallState.ASKED or call.named:
            continue
        if call.use.line < interrupt.line and v.begin is not None:
            return Fault(
                f"the turn was interrupted, and `{call.use.id}` has no result",
                (
                    *v.shown("the list is this thread's", call.use),
                    (call.use, "the call was made"),
                    (interrupt, "the turn was interrupted"),
                ),
                "an error result before `user.interrupt`",
                thread=t.id or None,
                about=(call.use.id or "",),
                allowed=(E.AGENT_TOOL_RESULT.value, E.AGENT_MCP_TOOL_RESULT.value),
            )
    return None
