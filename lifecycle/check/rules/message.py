"""MS: messages between threads, and the children that they are for."""

from __future__ import annotations

from lifecycle.check.findings import Level
from lifecycle.check.rule import Fault, Shown, rule
from lifecycle.check.view import ADVISOR, IDLE, ThreadView, View
from lifecycle.check.words import E, StopReason
from lifecycle.vocabulary import Evidence
from lifecycle.wire.bulk import Seen

__all__: list[str] = []


@rule("MS001", Level.WARNING, "message-to-an-advisor", E.THREAD_MESSAGE_SENT,
      evidence=Evidence.DOCUMENTED)  # fmt: skip
def message_to_an_advisor(v: View, e: Seen) -> Fault | None:
    """An advisor is consulted by the service itself: no message to it is listed.

    Why it matters: a reader that shows messages shows one that the agent has not written.
    Flagged:
        session.thread_created tutor agent_name=anthropic.advisor
        agent.thread_message_sent tutor
    Accepted:
        session.thread_created child
        agent.thread_message_sent child
    Source: documented with advisors.
    """
    t = v.threads.get(e.to_session_thread_id or "")
    if t is None or t.announced is None or not t.advisor:
        return None
    return Fault(
        f"a message is sent to `{t.id}`, which is an advisor",
        ((t.announced, "the advisor was made"),),
        "a thread that an agent works in",
        ("to_session_thread_id",),
        t.id,
    )


@rule("MS002", Level.ERROR, "child-runs-without-a-task", E.THREAD_RUNNING, absence=True)
def child_runs_without_a_task(v: View, e: Seen) -> Fault | None:
    """A child that an agent has made is sent its task before it runs, and before it runs again.

    What woke a child that waited for its client, or was interrupted, may be on its own list alone.
    Advisors, and the threads of workflow runs, get their tasks unseen.

    Why it matters: what the child works on is missing from the recording.
    Flagged:
        session.thread_created child
        session.thread_status_running child
    Accepted:
        session.thread_created child
        agent.thread_message_sent child
        session.thread_status_running child
    Source: recorded 12 of 12 times, right behind the child's creation, and for every later task.
    """
    t = v.threads.get(e.session_thread_id or "")
    if t is None or t.announced is None or t.advisor or t.errand is not None:
        return None
    if t.sent is not None and (t.run is None or t.sent.line > t.run.line):
        return None
    stop = t.idle.stop_reason if t.idle else None
    if t.last is not None and (stop is None or stop.type != StopReason.END_TURN or t.ended):
        return None
    if t.answered or t.interrupted or v.updated or v.capped:
        return None
    return Fault(
        f"child `{t.id}` runs, and was sent nothing for it",
        ((t.announced, "the child was made"),),
        "`agent.thread_message_sent` must come first",
        thread=t.id,
        allowed=(E.THREAD_MESSAGE_SENT.value,),
    )


@rule("MS003", Level.NOTE, "sender-without-a-name", E.THREAD_MESSAGE_RECEIVED)
def sender_without_a_name(v: View, e: Seen) -> Fault | None:
    """A message that a child sent says the name of the child's agent.

    The documents have the name absent where the primary sent it; recordings have it there, too.

    Why it matters: a client that shows who spoke has only an id to show.
    Flagged:
        session.thread_created child
        agent.thread_message_sent child
        session.thread_status_running child
        agent.thread_message_received child from_agent_name=none
    Accepted:
        session.thread_created child
        agent.thread_message_sent child
        session.thread_status_running child
        agent.thread_message_received child from_agent_name=child
    Source: recorded eight times, always with the name.
    """
    t = v.threads.get(e.from_session_thread_id or "")
    if t is None or t.announced is None or e.from_agent_name is not None:
        return None
    return Fault(
        f"the message from `{t.id}` lacks `from_agent_name`",
        ((t.announced, "the sender is a child"),),
        f"`from_agent_name`: `{t.name}`",
        (),
        t.id,
    )


@rule("MS004", Level.NOTE, "child-addressed-without-a-name", E.THREAD_MESSAGE_SENT)
def child_addressed_without_a_name(v: View, e: Seen) -> Fault | None:
    """A message to a child says the name of the child's agent; one to the primary does not.

    Why it matters: a client that shows who is spoken to has only an id to show.
    Flagged:
        session.thread_created child
        agent.thread_message_sent child to_agent_name=none
    Accepted:
        session.thread_created child
        agent.thread_message_sent child to_agent_name=child
    Source: documented; recorded with the name absent where the coordinator is the target.
    """
    t = v.threads.get(e.to_session_thread_id or "")
    if t is None or t.announced is None or e.to_agent_name is not None:
        return None
    return Fault(
        f"the message to `{t.id}` lacks `to_agent_name`",
        ((t.announced, "the target is a child"),),
        f"`to_agent_name`: `{t.name}`",
        (),
        t.id,
    )


@rule("MS005", Level.ERROR, "delegation-by-a-tool-use", E.AGENT_TOOL_USE)
def delegation_by_a_tool_use(v: View, e: Seen) -> Fault | None:
    """In a session with children, delegating is never listed as a tool use.

    A spawn shows as `session.thread_created`, a message as `agent.thread_message_sent`, and a
    refused one as nothing at all.

    Why it matters: the call will have no result, and a client waits for it.
    Flagged:
        session.thread_created child
        agent.tool_use c1 allow name=send_to_agent
    Accepted:
        session.thread_created child
        agent.tool_use c1 allow name=bash
    Source: recorded by its absence in every session with children.
    """
    if v.spawned is None or e.name not in v.dialect.delegation_tools:
        return None
    return Fault(
        f"`{e.name}` is how an agent delegates, and is never listed",
        ((v.spawned, "the session has children"),),
        "a tool of another name",
        ("name",),
        v.thread_of(e).id or None,
        allowed=(E.THREAD_CREATED.value, E.THREAD_MESSAGE_SENT.value),
    )


@rule("MS006", Level.ERROR, "message-to-itself", E.THREAD_MESSAGE_SENT, E.THREAD_MESSAGE_RECEIVED)
def message_to_itself(v: View, e: Seen) -> Fault | None:
    """A session's primary sends its messages to others, and receives those of others.

    A child's own list is left alone: its events need not name the others.

    Why it matters: the message is another thread's, and its answer goes to the wrong one.
    Flagged:
        session.status_running
        session.thread_status_running main
        agent.thread_message_received from_session_thread_id=main
    Accepted:
        session.thread_status_running child
        agent.thread_message_received from_session_thread_id=main
    Source: recorded without exception.
    """
    sends = e.type == E.THREAD_MESSAGE_SENT
    name = e.to_session_thread_id if sends else e.from_session_thread_id
    t = v.own
    if not name or name != t.id or t is not v.primary or v.begin is None or t.last is None:
        return None
    return Fault(
        f"thread `{name}` is both the sender and the reader",
        (*v.shown("the list is the primary's"), (v.paired or t.last, "this is the primary")),
        "another thread",
        ("to_session_thread_id" if sends else "from_session_thread_id",),
        name,
    )


@rule("MS007", Level.ERROR, "report-of-a-child-that-never-ran", E.THREAD_MESSAGE_RECEIVED,
      absence=True)  # fmt: skip
def report_of_a_child_that_never_ran(v: View, e: Seen) -> Fault | None:
    """A child that reports has run before.

    Why it matters: the report is another child's, or the child's work is missing.
    Flagged:
        session.thread_created child
        agent.thread_message_received from_session_thread_id=child
    Accepted:
        session.thread_created child
        agent.thread_message_sent child
        session.thread_status_running child
        agent.thread_message_received from_session_thread_id=child
    Source: recorded for every report.
    """
    t = v.threads.get(e.from_session_thread_id or "")
    if t is None or t.announced is None or t.last is not None:
        return None
    return Fault(
        f"child `{t.id}` reports, and has never run",
        ((t.announced, "the child was made, and has not run since"),),
        "a child that has run",
        ("from_session_thread_id",),
        t.id,
        allowed=(E.THREAD_RUNNING.value,),
    )


@rule("MS008", Level.ERROR, "delegates-without-a-request", E.THREAD_CREATED, E.THREAD_MESSAGE_SENT,
      absence=True)  # fmt: skip
def delegates_without_a_request(v: View, e: Seen) -> Fault | None:
    """A thread makes children, and sends messages, because a model request of its turn says so.

    So it does neither at rest, and makes none between the input that woke it and the first request.

    Why it matters: the request that delegates is missing, or the events are in the wrong order.
    Flagged:
        session.thread_status_running child
        agent.thread_message_received from_session_thread_id=main
        span.model_request_start s1
        span.model_request_end s1
        session.thread_status_idle child end_turn
        agent.thread_message_sent main
    Accepted:
        session.thread_status_running child
        agent.thread_message_received from_session_thread_id=main
        span.model_request_start s1
        span.model_request_end s1
        agent.thread_message_sent main
    Source: recorded for every child and every message: right behind the end of a request.
    """
    t = v.own
    if v.begin is None or t.request is not None or _platforms_own(v, e):
        return None
    shown: Shown = ()
    if t.mask == IDLE and t.idle is not None:
        stop = t.idle.stop_reason
        if stop is not None and stop.type == StopReason.END_TURN:
            shown = ((t.idle, "the thread rests, and its work is done"),)
    elif t.ended is not None and t is v.own:
        shown = ((t.ended, "the thread has ended"),)
    elif _fresh(t) and t.cause is not None and t.cause is t.unread and e.type == E.THREAD_CREATED:
        shown = ((t.cause, "this opened the turn, and no request has started since"),)
    if not shown:
        return None
    return Fault(
        "the thread delegates, and no model request has said so",
        (*v.shown("the list is this thread's", shown[0][0]), *shown),
        "`span.model_request_start` must come first",
        thread=t.id or None,
        allowed=(E.SPAN_START.value,),
    )


def _platforms_own(v: View, e: Seen) -> bool:
    """Whether the service itself makes the thread that *e* is about, or writes to it."""
    t = v.threads.get(e.to_session_thread_id or "")
    told = t is not None and (t.advisor or t.errand is not None)
    return told or e.workflow_run_id is not None or e.agent_name == ADVISOR


def _fresh(t: ThreadView) -> bool:
    """Whether the open turn of *t* has asked nothing yet, and has nothing left from before."""
    stop = t.rest.stop_reason if t.rest else None
    over = t.rest is None or (stop is not None and stop.type == StopReason.END_TURN)
    return over and not t.asked
