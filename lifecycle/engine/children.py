"""Delegation: children made, messages between threads, reports, and waiting for them.

Sources: recordings (C1 to C7) for the order of events; the thread pages of both services for limits
and for what a blocking call waits for.
"""

from __future__ import annotations

from lifecycle import commands as c, events as e
from lifecycle.effects import DELIVER_NEXT, UNBLOCK_COORDINATOR
from lifecycle.engine.draft import Between, Draft, content_of, text_of
from lifecycle.engine.mail import direction
from lifecycle.engine.perform import deliverable, unblock
from lifecycle.engine.refusals import Refusal
from lifecycle.engine.turns import outside_request
from lifecycle.state import MessagesRead, Place, Thread, WaitStarted
from lifecycle.table import Phase
from lifecycle.vocabulary import RefusalCode, ThreadTrigger as T

__all__ = ["live_children", "make_child", "message_child", "report", "send", "spawn_child"]


def spawn_child(d: Draft, command: c.SpawnChild) -> Refusal | None:
    """Make a child and give it its task; a blocking call then waits for its report.

    A workflow run makes its threads by itself, whatever the primary does meanwhile.
    """
    refusal = _names_nothing(d, command)
    if refusal is not None:
        return refusal
    primary = d.primary if command.run_id else _coordinator(d, command.thread_id)
    if isinstance(primary, Refusal):
        return primary
    refusal = _cannot_make(d, command)
    if refusal is not None:
        return refusal
    child = make_child(d, command)
    send(d, primary, child, command.task)
    if command.blocking:
        d.note(WaitStarted(child.id, command.call_id), primary.id)
    return None


def _coordinator(d: Draft, thread_id: str) -> Thread | Refusal:
    """Return the primary if it may delegate now, or why not.

    It delegates between its model requests, never before the first of a turn. Source: recordings.
    """
    if thread_id and thread_id in d.session.threads and thread_id != d.session.primary:
        return d.refuse(RefusalCode.INVALID_INPUT, "only the coordinator delegates", thread_id)
    primary = outside_request(d, thread_id)
    if not isinstance(primary, Refusal) and primary.fresh:
        reason = "no model request of its turn has asked for it"
        return d.refuse(RefusalCode.OUT_OF_TURN, reason, primary.id)
    return primary


def _names_nothing(d: Draft, command: c.SpawnChild) -> Refusal | None:
    """Return the refusal of a call or a run that is not there."""
    call_id = command.call_id
    if command.blocking and call_id and call_id not in d.session.calls:
        return d.refuse(RefusalCode.CALL_NOT_FOUND, "no open call has this id", call_id)
    if command.run_id and command.run_id not in d.session.runs:
        return d.refuse(RefusalCode.RUN_NOT_FOUND, "no open run has this id", command.run_id)
    return None


def _cannot_make(d: Draft, command: c.SpawnChild) -> Refusal | None:
    """Return why no child can be made; `None` if one can."""
    child_id = command.child_id
    if child_id in d.session.threads:
        return d.refuse(RefusalCode.ID_TAKEN, "a thread has this id", child_id)
    most = d.tables.limits["live_child_threads"]
    if not command.run_id and live_children(d) >= most:
        return d.refuse(RefusalCode.THREAD_LIMIT, f"{most} children are live; archive one")
    return None


def live_children(d: Draft) -> int:
    """Count the children that take a slot; advisors and the threads of runs take none."""
    return sum(
        one.live and not one.advisor and not one.errand and bool(one.parent)
        for one in d.session.threads.values()
    )


def make_child(d: Draft, command: c.SpawnChild) -> Thread:
    """Put down that a child was made, and return it."""
    style = d.tables.dialect.style
    child_id = command.child_id or d.new_id(style.thread)
    mark = d.mark()
    if style.schema:
        event = e.ThreadCreated(
            session_thread_id=child_id,
            agent_name=command.agent_name,
            parent_thread_id=d.session.primary,
            agent_id=command.agent_id or command.agent_name,
            agent_version=command.agent_version,
            role="child",
            created_by_tool_use_id=command.call_id or f"toolu_{child_id}",
            **mark,
        )
    else:
        run = command.run_id or e.ABSENT
        event = e.ThreadCreated(
            session_thread_id=child_id, agent_name=command.agent_name, workflow_run_id=run, **mark
        )
    d.put(event, d.session.primary)
    return d.session.threads[child_id]


def send(d: Draft, sender: Thread, to: Thread, content: c.Content) -> None:
    """Put a message into another thread's mailbox, to be delivered after this write.

    The prompt of a workflow run's thread stands on no list as sent. Source: pages, run threads.
    """
    style = d.tables.dialect.style
    extra: Between = {"to_session_thread_id": to.id}
    if style.schema:
        extra["session_thread_id"] = extra["from_session_thread_id"] = sender.id
        extra["direction"] = direction(d, sender.id)
    sent = e.ThreadMessageSent(
        content=text_of(content) if style.text else content_of(content),
        to_agent_name=to.agent_name if to.parent else e.ABSENT,
        **extra,
        **d.mark(),
    )
    if to.errand:
        d.put(sent, sender.id, Place.NOWHERE)
    else:
        d.own(sent, sender)
    reader = d.session.threads[to.id]
    if deliverable(d, reader):
        d.owe(DELIVER_NEXT, to.id, reader.mailbox[:1], Phase.AFTER)


def message_child(d: Draft, command: c.MessageChild) -> Refusal | None:
    """Send a message to a live child: it waits until the child can take it."""
    child = d.session.threads.get(command.child_id)
    if child is None:
        return d.refuse(RefusalCode.THREAD_NOT_FOUND, "no such thread", command.child_id)
    if not child.parent:
        return d.refuse(RefusalCode.INVALID_INPUT, "the coordinator is no child", child.id)
    if child.advisor:
        return d.refuse(RefusalCode.INVALID_INPUT, "an advisor takes no messages", child.id)
    row = d.tables.thread[child.state, T.DELIVER].row
    if not row.accepts and not child.live:
        return d.denied("thread", row, child.id)
    primary = _coordinator(d, command.thread_id)
    if isinstance(primary, Refusal):
        return primary
    send(d, primary, child, command.content)
    return None


def report(d: Draft, command: c.Report) -> Refusal | None:
    """Send a child's report: the result of a blocking call, or a message that wakes."""
    if command.thread_id in ("", d.session.primary):
        reason = "the coordinator reports to nobody"
        return d.refuse(RefusalCode.INVALID_INPUT, reason, d.session.primary)
    child = outside_request(d, command.thread_id)
    if isinstance(child, Refusal):
        return child
    waited = d.primary.waits_for == child.id
    send(d, child, d.primary, command.content)
    if waited:
        _release(d, child, command.content)
    return None


def _release(d: Draft, child: Thread, content: c.Content) -> None:
    """Give the report to the coordinator that waits for it.

    Where the call is listed, the report is its result; otherwise it is read as a message, with the
    coordinator's next request.
    """
    primary = d.primary
    call = d.session.calls.get(primary.wait_call)
    if call is not None and not call.hidden:
        d.note(MessagesRead(primary.id, primary.mailbox[-1:]), primary.id)
    d.owe(UNBLOCK_COORDINATOR, primary.id, (child.id,), detail=content)
    unblock(d, child.id, content)
