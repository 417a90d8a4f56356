"""Hooks over the host's own objects: machines of `transitions`, built from the tables.

A host that keeps a thread as an object with a status of its own says what performs each effect, and
fires::

    import attrs

    from lifecycle.effects import CANCEL_MAILBOX, UNBLOCK_COORDINATOR
    from lifecycle.embed import Firing, Hooks, thread_machine
    from lifecycle.vocabulary import EventType, ThreadTrigger

    @attrs.define
    class Thread:
        status: str = "idle"
        mailbox: list[str] = attrs.field(factory=list)

    def cancel(thread: Thread, firing: Firing) -> None:
        thread.mailbox.clear()

    def unblock(thread: Thread, firing: Firing) -> None:
        print("the coordinator goes on, because", firing.row.because)

    def emit(thread: Thread, event: EventType, firing: Firing) -> None:
        print("write", event)

    effects = {CANCEL_MAILBOX: cancel, UNBLOCK_COORDINATOR: unblock}
    threads = thread_machine(attribute="status", hooks=Hooks(effects=effects, emit=emit))
    fired = threads.fire(Thread(), ThreadTrigger.ARCHIVE_CHILD)
    assert fired.host.status == "archived"
    assert [str(effect) for effect in fired.left] == ["close open calls", "free the slot"]

**Order.** Hooks before, the effects that belong into the host's write (`Phase.WITH`), the status,
the effects that come after the write (`Phase.AFTER`), hooks after; effects in the order of the row.
A row that stays does all of it except the status. Effects without a hook are in ``Fired.left``, for
the caller to do; ``unhooked`` lists them beforehand. So is best done whatever fires the same object
again, such as delivering the next message: a hook that does raises `Reentered`.

**A hook that raises** ends the firing with `HookFailed`. Before the status was set it is where it
was, and ``moved`` is false; afterwards it stays set, and ``moved`` is true. ``performed`` and
``left`` part the row's effects either way. Then one of three is right:

* the host rolled back what the hooks did (``moved`` is false): ``fire`` again;
* it did not: ``resume(failure)`` goes on with the hook that failed, and calls no other again;
* it did not, and the failure is lost but for what was performed (``moved`` is false): ``fire``
  again with ``performed``.

In our tables an effect that must not be repeated (`Effect.repeatable`) comes after the status of a
row that moves. So firing again never repeats one: it meets the next state's row.

**Words.** The attribute holds our words, as strings or as members of an enum whose values they
are, and is written as it was read. They are not the words that a service reports:
``dialect.word("thread", "archived")`` is ``terminated`` in one dialect. A host may be slotted,
equal to others, or a mapped class with a property. Of a frozen attrs or data class ``Fired.host``
is the successor.

**At once.** Nothing is kept for an object that is not being fired. Threads, or the tasks of a loop
with `AsyncHooks`, take turns on one object; two objects for one database row are the host's to
lock. A cancelled task is not a failed hook: it ends with its cancellation, and a note of what was
done.
"""

from __future__ import annotations

from typing import Final

from lifecycle.embed.hooks import (
    AsyncHooks,
    Fired,
    Firing,
    HookFailed,
    Hooks,
    Reentered,
    Refused,
    UnknownWord,
)
from lifecycle.embed.machine import AsyncHookedMachine, HookedMachine, Maker
from lifecycle.machines import CALL, DEPLOYMENT, MESSAGE, SESSION, THREAD, WORKFLOW_RUN
from lifecycle.vocabulary import (
    CallState,
    CallTrigger,
    DeploymentState,
    DeploymentTrigger,
    MessageState,
    MessageTrigger,
    RunState,
    RunTrigger,
    SessionState,
    SessionTrigger,
    ThreadState,
    ThreadTrigger,
)

__all__ = [
    "AsyncHookedMachine",
    "AsyncHooks",
    "Fired",
    "Firing",
    "HookFailed",
    "HookedMachine",
    "Hooks",
    "Maker",
    "Reentered",
    "Refused",
    "UnknownWord",
    "call_machine",
    "deployment_machine",
    "message_machine",
    "session_machine",
    "thread_machine",
    "workflow_run_machine",
]

thread_machine: Final[Maker[ThreadState, ThreadTrigger]] = Maker(THREAD)
"""Makes machines over the host's threads."""

session_machine: Final[Maker[SessionState, SessionTrigger]] = Maker(SESSION)
"""Makes machines over the host's sessions."""

message_machine: Final[Maker[MessageState, MessageTrigger]] = Maker(MESSAGE)
"""Makes machines over the messages in the host's mailboxes."""

call_machine: Final[Maker[CallState, CallTrigger]] = Maker(CALL)
"""Makes machines over the host's tool uses."""

deployment_machine: Final[Maker[DeploymentState, DeploymentTrigger]] = Maker(DEPLOYMENT)
"""Makes machines over the host's deployments."""

workflow_run_machine: Final[Maker[RunState, RunTrigger]] = Maker(WORKFLOW_RUN)
"""Makes machines over the host's workflow runs."""
