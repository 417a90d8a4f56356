"""TH: how many children a session has, and how they end."""

from __future__ import annotations

from lifecycle.check.findings import Level
from lifecycle.check.rule import Fault, Shown, rule
from lifecycle.check.view import ADVISOR, IDLE, View
from lifecycle.check.words import E, StopReason
from lifecycle.vocabulary import Evidence
from lifecycle.wire.bulk import Seen

__all__: list[str] = []


@rule("TH014", Level.ERROR, "too-many-children", E.THREAD_CREATED, evidence=Evidence.DOCUMENTED)
def too_many_children(v: View, e: Seen) -> Fault | None:
    """A session has at most 25 live children at a time; those that rest count.

    Advisors and the threads of workflow runs do not count.

    Why it matters: the service refuses the next one, unless a child is archived first.
    Flagged:
        session.thread_created t1
        session.thread_created t2
        session.thread_created t3
        session.thread_created t4
        session.thread_created t5
        session.thread_created t6
        session.thread_created t7
        session.thread_created t8
        session.thread_created t9
        session.thread_created t10
        session.thread_created t11
        session.thread_created t12
        session.thread_created t13
        session.thread_created t14
        session.thread_created t15
        session.thread_created t16
        session.thread_created t17
        session.thread_created t18
        session.thread_created t19
        session.thread_created t20
        session.thread_created t21
        session.thread_created t22
        session.thread_created t23
        session.thread_created t24
        session.thread_created t25
        session.thread_created t26
    Accepted:
        session.thread_created t1
        session.thread_created t2 agent_name=anthropic.advisor
        session.thread_created t3 workflow_run_id=r1
        session.thread_status_terminated t1
        session.thread_created t4
    Source: documented with threads.
    """
    limit = v.dialect.limits["live_child_threads"]
    if v.children < limit.value or e.workflow_run_id is not None or e.agent_name == ADVISOR:
        return None
    live = [t.created for t in v.live.values() if t.counts and t.created is not None]
    return Fault(
        f"this is live child number {v.children + 1}",
        tuple((created, "a child that lives") for created in live[-limit.value :]),
        f"at most {limit.value} {limit.unit}",
        ("session_thread_id",),
        e.session_thread_id,
        about=("children",),
        allowed=(E.THREAD_TERMINATED.value,),
    )


@rule("TH015", Level.WARNING, "exhausted-child-goes-on", E.THREAD_RUNNING,
      evidence=Evidence.DOCUMENTED)  # fmt: skip
def exhausted_child_goes_on(v: View, e: Seen) -> Fault | None:
    """A child that has used up its retries is terminated; it does not run again.

    The primary may: a new message starts a new turn.

    Why it matters: a client that has given up the child misses what it does.
    Flagged:
        session.thread_created child
        agent.thread_message_sent child
        session.thread_status_running child
        session.thread_status_idle child retries_exhausted
        session.thread_status_running child
    Accepted:
        session.thread_created child
        agent.thread_message_sent child
        session.thread_status_running child
        session.thread_status_idle child retries_exhausted
        session.thread_status_terminated child
    Source: documented with the errors that use up a thread; the webhooks' page agrees.
    """
    t = v.threads.get(e.session_thread_id or "")
    if t is None or t.exhausted is None or t.announced is None:
        return None
    return Fault(
        f"child `{t.id}` runs after its retries were exhausted",
        ((t.announced, "the child was made"), (t.exhausted, "its retries were exhausted")),
        "`session.thread_status_terminated`",
        thread=t.id,
        allowed=(E.THREAD_TERMINATED.value,),
    )


@rule("TH016", Level.ERROR, "call-of-a-resting-child", E.AGENT_TOOL_USE, E.AGENT_MCP_TOOL_USE,
      E.AGENT_CUSTOM_TOOL_USE)  # fmt: skip
def call_of_a_resting_child(v: View, e: Seen) -> Fault | None:
    """A child that rests calls nothing; only the calls that it rests on may be listed behind.

    Why it matters: the client answers a call that nobody waits for.
    Flagged:
        session.thread_created child
        agent.thread_message_sent child
        session.thread_status_running child
        session.thread_status_idle child end_turn
        agent.custom_tool_use c1 of=child
    Accepted:
        session.thread_created child
        agent.thread_message_sent child
        session.thread_status_running child
        session.thread_status_idle child requires_action(c1)
        agent.custom_tool_use c1 of=child
    Source: recorded on the session's list, where the idle event may come first.
    """
    t = v.threads.get(e.session_thread_id or "")
    if t is None or t.announced is None or t.mask != IDLE or t.idle is None:
        return None
    stop = t.idle.stop_reason
    if stop is None or e.id is None or e.id in (stop.event_ids or ()):
        return None
    return Fault(
        f"child `{t.id}` rests, and `{e.id}` is not what it rests on",
        ((t.announced, "the child was made"), (t.idle, "it rests")),
        "an id that its idle event names",
        ("id",),
        t.id,
        allowed=tuple(stop.event_ids or ()),
    )


@rule("TH017", Level.ERROR, "asks-for-another-threads-call", E.THREAD_IDLE)
def asks_for_another_threads_call(v: View, e: Seen) -> Fault | None:
    """A thread rests on calls of its own.

    Why it matters: the answer goes to another thread, and this one waits for ever.
    Flagged:
        agent.custom_tool_use c1 of=child
        session.thread_status_idle main requires_action(c1)
    Accepted:
        agent.custom_tool_use c1 of=child
        session.thread_status_idle child requires_action(c1)
    Source: recorded without exception; the session's own idle event names the calls of all.
    """
    stop, name = e.stop_reason, e.session_thread_id
    if stop is None or not stop.event_ids or not name:
        return None
    t = v.threads.get(name)
    for index, asked in enumerate(stop.event_ids):
        call = v.calls.get(asked) or v.forgotten.get(asked)
        use = call.use if call is not None else v.done.get(asked)
        if use is None:
            continue
        owner = use.session_thread_id
        witness: Shown
        if owner is not None and owner != name:
            witness = ((use, "the call is another thread's"),)
        elif owner is None and t is not None and t.announced is not None and t is not v.own:
            witness = ((t.announced, "this thread is a child"), (use, "the call is not"))
        else:
            continue
        return Fault(
            f"thread `{name}` rests on `{asked}`, which it has not called",
            witness,
            "a call of this thread",
            ("stop_reason", "event_ids", index),
            name,
            about=("session",),
        )
    return None


@rule("TH021", Level.ERROR, "rests-anew-on-more", E.THREAD_IDLE)
def rests_anew_on_more(v: View, e: Seen) -> Fault | None:
    """A thread that rests anew, without having run, names what is left of its asks.

    Why it matters: the running event is missing, or the client is asked for another thread's call.
    Flagged:
        agent.custom_tool_use c1 of=child
        session.thread_status_idle child requires_action(c1)
        user.custom_tool_result c1 of=child
        session.thread_status_idle child requires_action(c2)
    Accepted:
        agent.custom_tool_use c1 of=child
        agent.custom_tool_use c2 of=child
        session.thread_status_idle child requires_action(c1,c2)
        user.custom_tool_result c1 of=child
        session.thread_status_idle child requires_action(c2)
    Source: recorded for partial answers: the thread rests on the remainder.
    """
    t, stop = v.status_thread(e), e.stop_reason
    if t is None or t.idle is None or stop is None or not stop.event_ids:
        return None
    before = t.idle.stop_reason
    if before is None or before.type != StopReason.REQUIRES_ACTION or t.interrupted is not None:
        return None
    for index, name in enumerate(stop.event_ids):
        if name not in (before.event_ids or ()):
            return Fault(
                f"the thread rests anew on `{name}`, which it has not asked for before",
                ((t.idle, "it rested on this"),),
                "`session.thread_status_running`, or some of what it rested on",
                ("stop_reason", "event_ids", index),
                t.id or None,
                about=("session",),
                allowed=tuple(before.event_ids or ()),
            )
    return None


@rule("TH022", Level.ERROR, "child-goes-on-unanswered", E.THREAD_IDLE, absence=True)
def child_goes_on_unanswered(v: View, e: Seen) -> Fault | None:
    """A child that has run since it asked has its answer, or asks for the same again.

    It may run unanswered for the calls that the platform runs, and then rests on the same asks.

    Why it matters: the answer is missing, or the child went on without the client's consent.
    Flagged:
        session.thread_created child
        agent.thread_message_sent child
        session.thread_status_running child
        agent.custom_tool_use c1 of=child
        session.thread_status_idle child requires_action(c1)
        session.thread_status_running child
        agent.custom_tool_use c2 of=child
        session.thread_status_idle child requires_action(c2)
    Accepted:
        session.thread_created child
        agent.thread_message_sent child
        session.thread_status_running child
        agent.custom_tool_use c1 of=child
        session.thread_status_idle child requires_action(c1)
        user.custom_tool_result c1 of=child
        session.thread_status_running child
        session.thread_status_idle child end_turn
    Source: recorded for every child that asked.
    """
    t, stop = v.threads.get(e.session_thread_id or ""), e.stop_reason
    if t is None or t.announced is None or t.rest is None or t.run is None or stop is None:
        return None
    if t.idle is not None or t.interrupted is not None or v.done.full or v.forgotten.full:
        return None
    if stop.type not in (StopReason.END_TURN, StopReason.REQUIRES_ACTION) or v.updated is not None:
        return None
    asked = t.rest.stop_reason.event_ids if t.rest.stop_reason else None
    for name in asked or ():
        if name in (stop.event_ids or ()):
            continue
        call = v.calls.get(name)
        answered = v.done.get(name) is not None or v.forgotten.get(name) is not None
        if answered or (call is not None and call.answer is not None):
            continue
        if call is not None and stop.type == StopReason.END_TURN:
            # Another rule tells of a turn that ends with a call left open.
            continue
        return Fault(
            f"child `{t.id}` went on, and `{name}` was not answered",
            (
                (t.announced, "the child was made"),
                (t.rest, "it rested on the call"),
                (t.run, "it ran on"),
            ),
            "an answer before it ran, or the same ask again",
            ("stop_reason",),
            t.id,
            about=(name,),
            allowed=(E.USER_CUSTOM_TOOL_RESULT.value, E.USER_TOOL_CONFIRMATION.value),
        )
    return None
