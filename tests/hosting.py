"""A host's thread and its hooks, for the tests of embedding."""

from __future__ import annotations

import attrs

from lifecycle.effects import (
    CANCEL_MAILBOX,
    CLOSE_CALLS,
    EMIT_TERMINATED,
    FREE_SLOT,
    START_CLOCK,
    STOP_CLOCK,
    UNBLOCK_COORDINATOR,
)
from lifecycle.embed import Firing, Hooks, thread_machine
from lifecycle.table import Effect
from lifecycle.vocabulary import EventType

ARCHIVED = (CLOSE_CALLS, CANCEL_MAILBOX, UNBLOCK_COORDINATOR, FREE_SLOT, EMIT_TERMINATED)
"""What archiving an idle child owes, in order."""


@attrs.define
class Thread:
    """A host's thread: slotted, and equal to another of the same status."""

    status: str = "idle"
    log: list[str] = attrs.field(factory=list, eq=False)


def note(thread: Thread, firing: Firing) -> None:
    """Write down what a hook is called for, and the status that it sees."""
    thread.log.append(f"{firing.effect or 'hook'} ({thread.status})")


def emit(thread: Thread, event: EventType, firing: Firing) -> None:
    """Write down an event."""
    thread.log.append(f"{event} ({thread.status})")


PLAIN = (START_CLOCK, STOP_CLOCK, CLOSE_CALLS, CANCEL_MAILBOX, UNBLOCK_COORDINATOR, FREE_SLOT)
noted = thread_machine(
    hooks=Hooks(effects=dict.fromkeys(PLAIN, note), emit=emit, before=[note], after=[note])
)


class Flaky:
    """Hooks that write down their calls, and of which the nth raises, once."""

    def __init__(self, failing: int, error: BaseException | None = None) -> None:
        self.failing = failing
        self.error = error or LookupError("no such row")
        self.calls: list[str] = []

    def __call__(self, thread: Thread, firing: Firing) -> None:
        """Count down to the failure."""
        if self.failing == 0:
            self.failing = -1
            raise self.error
        self.failing -= 1
        self.calls.append(str(firing.effect or thread.status))

    def hooks(self, *effects: Effect) -> Hooks[Thread]:
        """Hook everything."""
        return Hooks(effects=dict.fromkeys(effects, self), before=[self], after=[self, self])


def fails(thread: Thread, firing: Firing) -> None:
    """Fail always."""
    raise LookupError("no slot")
