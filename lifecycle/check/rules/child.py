"""TH: how many children a session has, and how they end."""

from __future__ import annotations

from lifecycle.check.findings import Level
from lifecycle.check.rule import Fault, rule
from lifecycle.check.view import ADVISOR, View
from lifecycle.vocabulary import EventType as E, Evidence
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
    live = [t.created for t in v.threads.values() if t.counts and t.created is not None]
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
