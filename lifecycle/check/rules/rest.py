"""SE: that a session and its threads rest and work together."""

from __future__ import annotations

from lifecycle.check.findings import Level
from lifecycle.check.rule import Fault, rule
from lifecycle.check.steps import every
from lifecycle.check.view import IDLE, RUNNING, SESSION_IDLE, View
from lifecycle.check.words import E
from lifecycle.machines import SESSION
from lifecycle.wire.bulk import Seen

__all__: list[str] = []


@rule("SE019", Level.ERROR, "input-while-the-session-rests", E.USER_MESSAGE,
      E.USER_DEFINE_OUTCOME, absence=True)  # fmt: skip
def input_while_the_session_rests(v: View, e: Seen) -> Fault | None:
    """A session that takes an input has said before that it runs.

    A session rests until it says that it runs; a list that is said to be whole shows that from its
    first event. Where its primary is known to rest as well, or a budget is reached, other rules
    tell of it.

    Why it matters: a client that watches the session's status believes that it rests.
    Flagged:
        session.status_idle end_turn
        session.thread_status_running main
        user.message
    Accepted:
        session.status_idle end_turn
        session.status_running
        session.thread_status_running main
        user.message
    Source: recorded 116 of 116 times.
    """
    if v.mask != SESSION_IDLE or e.processed_at is None:
        return None
    if v.capped is not None or (v.begin is not None and v.own.mask == IDLE):
        return None
    # A session rests until it says that it runs: known where the list is said to be whole.
    shown = v.status or (v.own.run if v.declared else None)
    if shown is None:
        return None
    return Fault(
        "the input was processed while the session rested",
        ((shown, "the session rests" if shown is v.status else "the thread ran alone"),),
        "`session.status_running` must come first",
        about=("session",),
        allowed=(E.SESSION_RUNNING.value,),
        resync="the session is taken to run",
        repair=_take_to_run,
    )


def _take_to_run(v: View) -> None:
    """Take the session to run, or to rest: nothing is known of it."""
    v.mask = every(SESSION)


@rule("SE020", Level.ERROR, "session-rests-while-its-primary-runs", E.SESSION_IDLE)
def session_rests_while_its_primary_runs(v: View, e: Seen) -> Fault | None:
    """A session with children does not rest while its primary works.

    It may while a child does. A session without children is told of by a rule of its own.

    Why it matters: a client takes the turn for done in its middle.
    Flagged:
        session.status_running
        session.thread_status_running main
        user.message
        span.model_request_start s1
        span.model_request_end s1
        session.thread_created child
        agent.thread_message_sent child
        session.thread_status_running child
        session.thread_status_idle child end_turn
        session.status_idle end_turn
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
        session.status_idle end_turn
    Source: recorded without exception, also where an answer is carried to a child.
    """
    t = v.own
    if v.spawned is None or t is not v.primary or t.run is None or t.mask != RUNNING:
        return None
    if v.begin is None or v.late is not None:
        return None
    return Fault(
        "the session rests while its primary runs",
        (
            *v.shown("the list is the primary's", v.spawned),
            (t.run, "it runs"),
            (v.spawned, "the session has children"),
        ),
        "`session.thread_status_idle` of the primary must come first",
        about=("session",),
        allowed=(E.THREAD_IDLE.value,),
    )


@rule("SE021", Level.ERROR, "thread-rests-without-its-session", E.SESSION_RUNNING,
      E.THREAD_RUNNING, E.THREAD_IDLE, absence=True)  # fmt: skip
def thread_rests_without_its_session(v: View, e: Seen) -> Fault | None:
    """A session without children rests each time that its thread does.

    Why it matters: a client that waits for the session's idle event waits for ever.
    Flagged:
        session.status_running
        session.thread_status_running main
        user.message
        span.model_request_start s1
        agent.custom_tool_use c1
        agent.custom_tool_use c2
        span.model_request_end s1
        session.thread_status_idle main requires_action(c1,c2)
        user.custom_tool_result c1
        session.thread_status_idle main requires_action(c2)
    Accepted:
        session.status_running
        session.thread_status_running main
        user.message
        span.model_request_start s1
        agent.custom_tool_use c1
        agent.custom_tool_use c2
        span.model_request_end s1
        session.thread_status_idle main requires_action(c1,c2)
        session.status_idle requires_action(c1,c2)
        user.custom_tool_result c1
        session.thread_status_idle main requires_action(c2)
    Source: recorded without exception in single-agent sessions.
    """
    t = v.own
    if t.idle is None or v.rested is not t.idle:
        return None
    if e.type != E.SESSION_RUNNING and v.status_thread(e) is not t:
        return None
    if v.child_list is not False:
        return None
    if not v.whole or v.multi or v.runs or v.run_news is not None or v.capped is not None:
        return None
    if v.run_over is not None:  # Its result is unread: the session goes on with a turn for it.
        return None
    return Fault(
        "the thread has rested, and its session has not",
        (*v.shown_whole("the session has no other thread"), (t.idle, "the thread rested")),
        "`session.status_idle` must come before",
        about=("session",),
        allowed=(E.SESSION_IDLE.value,),
    )


@rule("SE007", Level.NOTE, "session-rests-while-a-child-runs", E.SESSION_IDLE)
def session_rests_while_a_child_runs(v: View, e: Seen) -> Fault | None:
    """The session may report rest while a child works.

    It happens when an answer is forwarded to a child, and was reported between turns.

    Why it matters: a client that takes the session's idle for the end misses the child's work.
    Flagged:
        session.thread_created child
        agent.thread_message_sent child
        session.thread_status_running child
        session.status_idle end_turn
    Accepted:
        session.thread_created child
        agent.thread_message_sent child
        session.thread_status_running child
        session.thread_status_idle child end_turn
        session.status_idle end_turn
    Source: recorded ten times with an answer forwarded to a child.
    """
    for t in v.live.values():
        if t.announced is not None and t.mask == RUNNING and t.run is not None:
            return Fault(
                f"the session rests while child `{t.id}` runs",
                ((t.announced, "the child was made"), (t.run, "it runs")),
                "known to happen; wait for the child's own idle event",
                thread=t.id,
            )
    return None
