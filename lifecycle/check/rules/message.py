"""MS: messages between threads, and the children that they are for."""

from __future__ import annotations

from lifecycle.check.findings import Level
from lifecycle.check.rule import Fault, rule
from lifecycle.check.view import View
from lifecycle.vocabulary import EventType as E, Evidence
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


@rule("MS002", Level.WARNING, "child-runs-without-a-task", E.THREAD_RUNNING, absence=True)
def child_runs_without_a_task(v: View, e: Seen) -> Fault | None:
    """A child that an agent has made is sent its task before it runs.

    Advisors, and the threads of workflow runs, get theirs unseen.

    Why it matters: what the child works on is missing from the recording.
    Flagged:
        session.thread_created child
        session.thread_status_running child
    Accepted:
        session.thread_created child
        agent.thread_message_sent child
        session.thread_status_running child
    Source: recorded 12 of 12 times, right behind the child's creation.
    """
    t = v.threads.get(e.session_thread_id or "")
    if t is None or t.announced is None or t.sent is not None or t.run is not None:
        return None
    if t.advisor or t.errand is not None:
        return None
    return Fault(
        f"child `{t.id}` runs, and was sent nothing",
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
        agent.thread_message_received child from_agent_name=none
    Accepted:
        session.thread_created child
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
