"""NT: what looks wrong, is known to happen, and is worth a reader's attention."""

from __future__ import annotations

from lifecycle.check.findings import Level
from lifecycle.check.rule import Fault, Shown, rule
from lifecycle.check.rules.shared import PLATFORM, call_named
from lifecycle.check.view import IDLE, SESSION_RUNNING, View
from lifecycle.check.view_work import word_in
from lifecycle.check.words import CallState, E, OutcomeResult, Permission, RetryStatus, StopReason
from lifecycle.vocabulary import Evidence
from lifecycle.wire.bulk import Seen

__all__: list[str] = []


@rule("NT001", Level.NOTE, "session-asks-for-what-was-answered", E.SESSION_IDLE)
def session_asks_for_what_was_answered(v: View, e: Seen) -> Fault | None:
    """A session's idle event may name a call that was answered a moment ago.

    It happens when an answer is carried to a child: the session rests on what it asked before.

    Why it matters: a client that answers again is refused; look at the child's own status.
    Flagged:
        session.thread_created child
        agent.custom_tool_use c1 of=child
        user.custom_tool_result c1 of=child
        session.status_idle requires_action(c1)
    Accepted:
        session.thread_created child
        agent.thread_message_sent child
        session.thread_status_running child
        agent.custom_tool_use c1 of=child
        session.thread_status_idle child requires_action(c1)
        session.status_idle requires_action(c1)
    Source: recorded 10 of 11 times with an answer to a child; never on a thread's own idle event.
    """
    stop = e.stop_reason
    for index, name in enumerate(stop.event_ids or () if stop else ()):
        result = v.done.get(name)
        call = v.calls.get(name) or v.forgotten.get(name)
        witness: Shown
        if result is not None:
            witness = ((result, "its result is here"),)
        elif call is not None and call.answer is not None:
            witness = ((call.use, "the call was made"), (call.answer, "it was answered"))
        else:
            continue
        return Fault(
            f"the session rests on `{name}`, which is answered",
            witness,
            "known to happen; wait for the child's own events",
            ("stop_reason", "event_ids", index),
        )
    return None


@rule("NT002", Level.NOTE, "result-while-the-thread-waits", *PLATFORM)
def result_while_the_thread_waits(v: View, e: Seen) -> Fault | None:
    """The platform may run an allowed call, and list its result, while its thread waits.

    It happens when one response calls a tool of the platform beside tools of the client.

    Why it matters: the list looks as if the thread worked on; it still waits for the client.
    Flagged:
        session.status_running
        session.thread_status_running main
        user.message
        span.model_request_start s1
        agent.tool_use c1 allow
        agent.custom_tool_use c2
        span.model_request_end s1
        session.thread_status_idle main requires_action(c2)
        session.status_idle requires_action(c2)
        agent.tool_result c1
    Accepted:
        session.status_running
        session.thread_status_running main
        user.message
        span.model_request_start s1
        agent.tool_use c1 allow
        agent.custom_tool_use c2
        span.model_request_end s1
        agent.tool_result c1
        session.thread_status_idle main requires_action(c2)
        session.status_idle requires_action(c2)
    Source: recorded between the answers to two calls of the client.
    """
    t = v.own
    stop = t.idle.stop_reason if t.idle is not None else None
    if stop is None or t.idle is None or stop.type != StopReason.REQUIRES_ACTION or not v.begin:
        return None
    call = t.calls.get(call_named(e) or "")
    if call is None or call.state != CallState.ALLOWED or t.mask != IDLE:
        return None
    return Fault(
        f"`{call.use.id}` has its result while its thread waits for the client",
        (
            *v.shown("the list is this thread's", call.use),
            (call.use, "the call was made"),
            (t.idle, "the thread rests"),
        ),
        "known to happen; the thread runs again with the client's answer",
        thread=t.id or None,
    )


@rule("NT003", Level.NOTE, "retrying-and-then-a-good-end", E.SESSION_IDLE)
def retrying_and_then_a_good_end(v: View, e: Seen) -> Fault | None:
    """After an error that is `retrying`, the turn may end as if nothing had happened.

    An MCP server that cannot be reached is reported once in every cycle, with nothing rescheduled.

    Why it matters: it is no retry loop; the agent works without the server.
    Flagged:
        session.error mcp_connection_failed_error retrying
        session.status_idle end_turn
    Accepted:
        session.error unknown_error exhausted
        session.status_idle retries_exhausted
    Source: recorded in five errors of a series.
    """
    error, stop = v.last_error, e.stop_reason
    if error is None or stop is None or stop.type != StopReason.END_TURN:
        return None
    if word_in(error.error, "retry_status", "type") != RetryStatus.RETRYING:
        return None
    kind = word_in(error.error, "type")
    return Fault(
        f"the turn ended well although `{kind or 'an error'}` was to be retried",
        ((error, "the error"),),
        "known to happen; nothing needs to be done",
        ("stop_reason", "type"),
    )


@rule("NT004", Level.NOTE, "asks-for-an-allowed-call", E.THREAD_IDLE)
def asks_for_an_allowed_call(v: View, e: Seen) -> Fault | None:
    """A thread may wait for the result of a call that needs no consent.

    It happens where the client's own worker runs the tools: the worker answers with
    `user.tool_result`. It is noted once.

    Why it matters: a client that waits for asks alone leaves the session parked.
    Flagged:
        agent.tool_use c1 allow
        session.thread_status_idle main requires_action(c1)
    Accepted:
        agent.tool_use c1 ask
        session.thread_status_idle main requires_action(c1)
    Source: recorded with self-hosted environments.
    """
    stop = e.stop_reason if v.hosted is None else None
    for index, name in enumerate(stop.event_ids or () if stop else ()):
        call = v.calls.get(name)
        if call is not None and call.use.evaluated_permission == Permission.ALLOW:
            return Fault(
                f"the thread waits for the result of `{name}`, which is allowed",
                ((call.use, "the call was made, and allowed"),),
                "known to happen; a worker of the client runs the tool",
                ("stop_reason", "event_ids", index),
                e.session_thread_id,
            )
    return None


@rule("NT005", Level.NOTE, "session-runs-anew", E.SESSION_RUNNING)
def session_runs_anew(v: View, e: Seen) -> Fault | None:
    """A session with children may say twice in a row that it runs.

    It happens when an answer is carried to a child while another one works: no rest is listed.

    Why it matters: a client that counts running and idle events loses track of the session.
    Flagged:
        session.thread_created child
        session.status_running
        session.thread_status_running main
        session.status_running
    Accepted:
        session.thread_created child
        session.status_running
        session.thread_status_running main
        session.thread_status_idle main end_turn
        session.status_idle end_turn
        session.status_running
    Source: recorded in one of eleven answers to a child.
    """
    if v.spawned is None or v.status is None or v.mask != SESSION_RUNNING:
        return None
    if v.status.type != E.SESSION_RUNNING:
        return None
    return Fault(
        "the session runs anew, and has not rested",
        ((v.status, "the session ran"), (v.spawned, "the session has children")),
        "known to happen while a child works",
    )


@rule("NT006", Level.NOTE, "outcome-ends-ungraded", E.OUTCOME_END, evidence=Evidence.DOCUMENTED)
def outcome_ends_ungraded(v: View, e: Seen) -> Fault | None:
    """An outcome may end before any grading of it has begun.

    It happens when the work for it is interrupted.

    Why it matters: there is no start to pair the end with.
    Flagged:
        span.outcome_evaluation_end o1 outcome_evaluation_start_id="" result=interrupted
    Accepted:
        span.outcome_evaluation_start o1 0
        span.outcome_evaluation_end o1 0 e1 interrupted
    Source: documented with the field: the start's id is empty.
    """
    if e.outcome_evaluation_start_id != "" or word_in(e.result) != OutcomeResult.INTERRUPTED:
        return None
    return Fault(
        "the outcome ends without a grading",
        expected="known to happen with an interrupt",
        path=("outcome_evaluation_start_id",),
    )
