"""A host's threads with hooks: what the README shows."""

from __future__ import annotations

import attrs

from lifecycle.effects import CANCEL_MAILBOX, UNBLOCK_COORDINATOR
from lifecycle.embed import Firing, HookedMachine, Hooks, Refused, thread_machine
from lifecycle.vocabulary import EventType, ThreadState, ThreadTrigger


@attrs.define
class Thread:
    """The host's own thread."""

    id: str
    status: str = "idle"
    mailbox: list[str] = attrs.field(factory=list)
    events: list[str] = attrs.field(factory=list)


def cancel(thread: Thread, firing: Firing) -> None:
    """Cancel the pending messages."""
    thread.mailbox.clear()


def unblock(thread: Thread, firing: Firing) -> None:
    """Let the coordinator go on."""
    thread.events.append(f"tool result: {firing.context}")


def emit(thread: Thread, event: EventType, firing: Firing) -> None:
    """Write an event."""
    thread.events.append(event)


threads = thread_machine(
    attribute="status",
    hooks=Hooks(effects={CANCEL_MAILBOX: cancel, UNBLOCK_COORDINATOR: unblock}, emit=emit),
)
typed: HookedMachine[Thread, ThreadState, ThreadTrigger] = threads


def archive(thread: Thread) -> str:
    """Archive *thread*, or say why not."""
    try:
        fired = threads.fire(thread, ThreadTrigger.ARCHIVE_CHILD, context="Agent cancelled.")
    except Refused as refusal:
        return f"no: {refusal.row.because}"
    return f"yes; left to do: {', '.join(map(str, fired.left))}"


def main() -> None:
    """Archive a thread that rests, and one that works."""
    resting, working = Thread("t1", mailbox=["hello"]), Thread("t2", status="running")

    assert archive(resting) == "yes; left to do: close open calls, free the slot"
    assert resting.status == "archived"
    assert resting.mailbox == []
    assert resting.events == ["tool result: Agent cancelled.", EventType.THREAD_TERMINATED]
    assert archive(working) == "no: interrupt it first, then wait for idle"
    assert working.status == "running"
