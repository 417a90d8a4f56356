"""SP: model requests, and what lies inside and outside of them."""

from __future__ import annotations

from lifecycle.check.findings import Level
from lifecycle.check.rule import Fault, Shown, rule
from lifecycle.check.view import ADVISOR, RUNNING, View
from lifecycle.check.words import E, StopReason
from lifecycle.wire.bulk import Seen

__all__: list[str] = []


@rule("SP001", Level.ERROR, "second-open-request", E.SPAN_START)
def second_open_request(v: View, e: Seen) -> Fault | None:
    """A thread has one model request open at a time.

    Why it matters: two workers drive the thread at once, and their turns mix.
    Flagged:
        span.model_request_start s1
        span.model_request_start s2
    Accepted:
        span.model_request_start s1
        span.model_request_end s1
        span.model_request_start s2
    Source: recorded without exception.
    """
    start = v.own.request or v.own.words
    if start is None:
        return None
    says = "this request is still open" if v.own.request else "this is said in a request"
    return Fault(
        "a model request starts while another is open",
        ((start, says),),
        "its `span.model_request_end` must come first",
        thread=v.own.id or None,
        about=(start.id or "",),
        allowed=(E.SPAN_END.value, E.AGENT_MESSAGE.value, E.AGENT_THINKING.value),
        resync="the earlier request is taken to be over",
    )


@rule("SP002", Level.ERROR, "request-ends-twice", E.SPAN_END)
def request_ends_twice(v: View, e: Seen) -> Fault | None:
    """A model request ends once.

    Why it matters: its usage would be counted twice.
    Flagged:
        span.model_request_start s1
        span.model_request_end s1
        span.model_request_end s1
    Accepted:
        span.model_request_start s1
        span.model_request_end s1
    Source: recorded without exception.
    """
    name = e.model_request_start_id
    if name is None or (v.own.request is not None and v.own.request.id == name):
        return None
    end = v.ended_spans.get(name)
    if end is None:
        return None
    return Fault(
        f"the request `{name}` has ended already",
        ((end, "it ended here"),),
        "the id of the open request",
        ("model_request_start_id",),
        v.own.id or None,
        about=(name,),
    )


@rule("SP003", Level.ERROR, "end-of-another-request", E.SPAN_END)
def end_of_another_request(v: View, e: Seen) -> Fault | None:
    """The end of a model request names the request that is open.

    Why it matters: the span cannot be put together, or its start is missing from the recording.
    Flagged:
        session.status_running
        session.thread_status_running main
        user.message
        span.model_request_start s1
        span.model_request_end s2
    Accepted:
        session.status_running
        session.thread_status_running main
        user.message
        span.model_request_start s1
        span.model_request_end s1
    Source: recorded without exception.
    """
    t = v.own
    name = e.model_request_start_id
    if name is None or not t.request_known or v.ended_spans.get(name) is not None:
        return None
    witness: Shown
    if t.request is not None:
        if t.request.id == name or t.request.id is None:
            return None
        witness = ((t.request, "the open request is this one"),)
        message = f"the end names `{name}`, which is not the open request"
    else:
        shown = t.closed or v.begin
        witness = (
            ((shown, "no request was open here, and none has started since"),) if shown else ()
        )
        message = f"the request `{name}` was never started on this list"
    return Fault(
        message,
        witness,
        "the id of the open request",
        ("model_request_start_id",),
        t.id or None,
        about=(name,),
        resync="no request is taken to be open",
    )


@rule("SP004", Level.ERROR, "speaks-outside-a-request", E.AGENT_MESSAGE, E.AGENT_THINKING,
      E.AGENT_TOOL_USE, E.AGENT_MCP_TOOL_USE, E.AGENT_CUSTOM_TOOL_USE)  # fmt: skip
def speaks_outside_a_request(v: View, e: Seen) -> Fault | None:
    """Messages, thinking and tool uses lie inside a model request of their thread.

    Why it matters: work goes on after the turn has ended, or a request is missing here.
    Flagged:
        span.model_request_start s1
        span.model_request_end s1
        agent.message
    Accepted:
        span.model_request_start s1
        agent.message
        span.model_request_end s1
    Source: recorded 976 of 976 times.
    """
    t = v.own
    if t.request is not None or not t.request_known or (e.session_thread_id or t.id) != t.id:
        return None
    end = t.closed or v.begin
    return Fault(
        "the agent speaks while no model request is open",
        ((end, "no request was open from here"),) if end else (),
        "a `span.model_request_start` must come first",
        thread=t.id or None,
        allowed=(E.SPAN_START.value,),
        resync="a request is taken to be open",
    )


@rule("SP005", Level.ERROR, "result-inside-a-request", E.AGENT_TOOL_RESULT,
      E.AGENT_MCP_TOOL_RESULT)  # fmt: skip
def result_inside_a_request(v: View, e: Seen) -> Fault | None:
    """The platform's results stand outside of model requests.

    A client may answer as soon as it sees its call, so its results are free.

    Why it matters: a tool cannot have run before the response that called it was complete.
    Flagged:
        span.model_request_start s1
        agent.tool_use c1 allow
        agent.tool_result c1
    Accepted:
        span.model_request_start s1
        agent.tool_use c1 allow
        span.model_request_end s1
        agent.tool_result c1
    Source: recorded without exception.
    """
    start = v.own.request
    if start is None or (e.session_thread_id or v.own.id) != v.own.id:
        return None
    return Fault(
        "a tool's result stands inside a model request",
        ((start, "this request is open"),),
        "the request's `span.model_request_end` must come first",
        thread=v.own.id or None,
        about=(start.id or "",),
        allowed=(E.SPAN_END.value,),
    )


@rule("SP006", Level.ERROR, "rests-with-an-open-request", E.THREAD_IDLE)
def rests_with_an_open_request(v: View, e: Seen) -> Fault | None:
    """A thread that rests has no model request open.

    Why it matters: the request's end, with its usage, is missing.
    Flagged:
        session.thread_status_running child
        agent.thread_message_received main
        span.model_request_start s1
        session.thread_status_idle child end_turn
    Accepted:
        session.thread_status_running child
        agent.thread_message_received main
        span.model_request_start s1
        span.model_request_end s1
        session.thread_status_idle child end_turn
    Source: recorded without exception; how an interrupt closes a request is documented only.
    """
    t = v.own
    if t.request is None or v.status_thread(e) is not t or t.interrupted is not None:
        return None
    return Fault(
        "the thread rests while its model request is open",
        (*v.shown("the list is this thread's"), (t.request, "this request is open"))
        if v.begin
        else ((t.request, "this request is open"),),
        "the request's `span.model_request_end` must come first",
        thread=t.id or None,
        about=(t.request.id or "",),
        allowed=(E.SPAN_END.value,),
        resync="the request is taken to be over",
    )


@rule("SP007", Level.ERROR, "request-of-a-resting-thread", E.SPAN_START, absence=True)
def request_of_a_resting_thread(v: View, e: Seen) -> Fault | None:
    """A model request starts only in an open turn.

    Why it matters: the thread works while everybody believes that it rests.
    Flagged:
        session.status_running
        session.thread_status_running main
        session.thread_status_idle main end_turn
        span.model_request_start s1
    Accepted:
        session.status_running
        session.thread_status_running main
        user.message
        span.model_request_start s1
    Source: recorded without exception.
    """
    t = v.own
    if t.mask & RUNNING or v.begin is None:
        return None
    witness: Shown = (*v.shown("the list is this thread's"),)
    if t.last is not None:
        witness = (*witness, (t.last, "the thread rested"))
    return Fault(
        "a model request starts while the thread rests",
        witness,
        "`session.thread_status_running` must come first",
        thread=t.id or None,
        allowed=(E.THREAD_RUNNING.value,),
        resync="the thread is taken to run",
    )


@rule("SP008", Level.ERROR, "request-before-results", E.SPAN_START)
def request_before_results(v: View, e: Seen) -> Fault | None:
    """The next model request starts only when every call of the last one has its result.

    Why it matters: the model would be asked again without the result that it waits for.
    Flagged:
        span.model_request_start s1
        agent.tool_use c1 allow
        span.model_request_end s1
        span.model_request_start s2
    Accepted:
        span.model_request_start s1
        agent.tool_use c1 allow
        span.model_request_end s1
        agent.tool_result c1
        span.model_request_start s2
    Source: recorded without exception; also how a denial is told.
    """
    t = v.own
    if not t.calls or t.interrupted is not None or (t.closed and t.closed.is_error):
        return None
    call = next((c for c in t.calls.values() if c.use.session_thread_id is None), None)
    if call is None:
        return None
    return Fault(
        f"a model request starts while `{call.use.id}` has no result",
        ((call.use, "the call was made"),),
        "the call's result must come first",
        thread=t.id or None,
        about=(call.use.id or "",),
        allowed=(E.AGENT_TOOL_RESULT.value, E.AGENT_MCP_TOOL_RESULT.value,
                 E.USER_CUSTOM_TOOL_RESULT.value, E.USER_TOOL_RESULT.value),
        resync="the call is taken to be closed",
    )  # fmt: skip


@rule("SP009", Level.ERROR, "input-without-a-request", E.AGENT_MESSAGE, E.SESSION_IDLE,
      E.AGENT_TOOL_RESULT, absence=True)  # fmt: skip
def input_without_a_request(v: View, e: Seen) -> Fault | None:
    """The input that woke a single-agent session is followed at once by a model request.

    Why it matters: the turn answered nothing, or its request is missing from the recording.
    Flagged:
        session.status_running
        session.thread_status_running main
        user.message
        span.model_request_start s1
        agent.custom_tool_use c1
        agent.tool_use c2 allow
        span.model_request_end s1
        session.thread_status_idle main requires_action(c1)
        session.status_idle requires_action(c1)
        session.status_running
        session.thread_status_running main
        user.message
        agent.tool_result c2
    Accepted:
        session.status_running
        session.thread_status_running main
        user.message
        span.model_request_start s1
    Source: recorded 116 of 116 times.
    """
    before = v.previous
    if before is None or v.multi or v.child_list is not False or v.capped is not None:
        return None
    if before.type not in (E.USER_MESSAGE, E.USER_DEFINE_OUTCOME) or before.processed_at is None:
        return None
    if v.own.run is None or v.own.cause is not before or v.begin is None or v.own.asked:
        return None
    if e.stop_reason is not None and e.stop_reason.type == StopReason.BUDGET_REACHED:
        return None
    return Fault(
        f"`{before.type}` woke the session, and no model request follows",
        (*v.shown("the session runs"), (before, "the input was processed")),
        "`span.model_request_start`",
        thread=v.own.id or None,
        allowed=(E.SPAN_START.value,),
    )  # fmt: skip


@rule("SP010", Level.ERROR, "delegates-inside-a-request", E.THREAD_CREATED, E.THREAD_MESSAGE_SENT)
def delegates_inside_a_request(v: View, e: Seen) -> Fault | None:
    """A thread makes children, and sends messages, between its model requests.

    Advisors, and the threads of workflow runs, are made by the service, at any time.

    Why it matters: as with a tool's result: what the response asks for is done when it is complete.
    Flagged:
        span.model_request_start s1
        session.thread_created child
    Accepted:
        span.model_request_start s1
        span.model_request_end s1
        session.thread_created child
        agent.thread_message_sent child
    Source: recorded for every child and every message.
    """
    start = v.own.request
    if start is None or e.workflow_run_id is not None or e.agent_name == ADVISOR:
        return None
    return Fault(
        "the agent delegates while its model request is open",
        ((start, "this request is open"),),
        "the request's `span.model_request_end` must come first",
        thread=v.own.id or None,
        about=(start.id or "",),
        allowed=(E.SPAN_END.value,),
    )


@rule("SP011", Level.ERROR, "request-ends-before-it-starts", E.SPAN_START)
def request_ends_before_it_starts(v: View, e: Seen) -> Fault | None:
    """A model request starts before it ends.

    Why it matters: the recording was reordered, and its requests cannot be put together.
    Flagged:
        span.model_request_end s1
        span.model_request_start s1
    Accepted:
        span.model_request_end s0
        span.model_request_start s1
    Source: recorded without exception.
    """
    end = v.loose_end
    if end is None or end.model_request_start_id != e.id or e.id is None:
        return None
    return Fault(
        f"the request `{e.id}` has ended before",
        ((end, "it ended here"),),
        "a new request's id",
        ("id",),
        v.own.id or None,
        about=(e.id,),
    )
