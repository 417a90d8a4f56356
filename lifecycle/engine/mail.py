"""Mailboxes: what waits for a thread, and how a turn takes it in.

A client's input that waits is listed without a stamp, and again with one where a turn consumes it;
a message from another thread is listed by its reader when it is consumed. Oldest first.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lifecycle import commands as c, events as e
from lifecycle.engine.draft import Between, Draft
from lifecycle.engine.flow import settle, wake
from lifecycle.engine.perform import deliverable
from lifecycle.engine.refusals import Refusal
from lifecycle.state import Message, MessagesRead, Thread
from lifecycle.vocabulary import EventType, RefusalCode, ThreadState, ThreadTrigger as T

__all__ = ["consume", "deliver_next", "direction", "put_input", "put_received"]

_INPUTS: Mapping[EventType, type[e.UserMessage | e.UserDefineOutcome | e.SystemMessage]] = {
    EventType.USER_MESSAGE: e.UserMessage,
    EventType.USER_DEFINE_OUTCOME: e.UserDefineOutcome,
    EventType.SYSTEM_MESSAGE: e.SystemMessage,
}


def put_input(
    d: Draft,
    kind: EventType,
    fields: Mapping[str, Any],
    *,
    processed: bool = True,
    event_id: str = "",
) -> None:
    """Put a client's input down: consumed by the open turn, or waiting."""
    mark = d.mark(event_id) if processed else d.unprocessed(event_id)
    told = {**mark, **fields}  # one that is listed again was made when it was listed first
    d.put(_INPUTS[kind](**told), d.session.primary)


def put_received(d: Draft, message: Message) -> None:
    """Put down that a thread has read what another one sent."""
    reader = d.session.threads[message.to]
    sender = d.session.threads[message.sender]
    extra: Between = {"from_session_thread_id": sender.id}
    if d.tables.dialect.style.schema:
        extra["session_thread_id"] = extra["to_session_thread_id"] = reader.id
        extra["direction"] = direction(d, sender.id)
    d.own(
        e.ThreadMessageReceived(
            content=message.fields.get("content"),
            from_agent_name=e.ABSENT if reader.errand else sender.agent_name,
            **extra,
            **d.mark(),
        ),
        reader,
    )


def direction(d: Draft, sender_id: str) -> str:
    """Return the word for which way a message goes. Source: thread pages; the second inferred."""
    primary = sender_id == d.session.primary
    return "coordinator_to_child" if primary else "child_to_coordinator"


def consume(d: Draft, message: Message) -> None:
    """Let the open turn take a message in."""
    if message.kind in _INPUTS:
        put_input(d, message.kind, message.fields, event_id=message.id)
    elif message.kind is EventType.RUN_ENDED:
        d.note(MessagesRead(message.to, (message.id,)), message.to)
    else:
        put_received(d, message)


def deliver_next(d: Draft, command: c.DeliverNext) -> Refusal | None:
    """Wake a resting thread for the oldest message that waits for it.

    Nothing happens where nothing waits, or where the thread cannot take it yet: a thread that works
    takes it in with its next request. Source: recordings (C5, C7, L2).
    """
    thread = d.named(command.thread_id)
    if thread is None:
        return d.refuse(RefusalCode.THREAD_NOT_FOUND, "no such thread", command.thread_id)
    row = d.tables.thread[thread.state, T.DELIVER].row
    if not row.accepts and not thread.live:
        return d.denied("thread", row, thread.id)
    if thread.state is ThreadState.IDLE and deliverable(d, thread):
        first = _first(d, thread)
        resumed = first[-1].kind is EventType.RUN_ENDED
        wake(d, thread.id, T.RESUME if resumed else T.DELIVER)
        for message in first:
            consume(d, message)
        settle(d)
    return None


def _first(d: Draft, thread: Thread) -> list[Message]:
    """Return the oldest message that starts a turn, and before it the instructions that do not."""
    messages = [d.session.messages[name] for name in thread.mailbox]
    kinds = [message.kind is EventType.SYSTEM_MESSAGE for message in messages]
    return messages[: kinds.index(False) + 1]
