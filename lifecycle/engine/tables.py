"""A dialect's tables as the engine steps them: one look-up a step, made once per engine.

`Tables` joins each row of the thread machine with what the engine does for the effects that it
names, and the session's fold with the facts that a thread's state and stop reason show. Nothing is
decided here: rows and ranks are the dialect's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import attrs

from lifecycle.dialects import Dialect
from lifecycle.effects import UNBLOCK_COORDINATOR
from lifecycle.machines import FoldRow, fold
from lifecycle.state import Session, Thread
from lifecycle.table import Effect, Row
from lifecycle.vocabulary import (
    EventType,
    Fact,
    RunState,
    SessionState,
    StopReason,
    ThreadState,
    ThreadTrigger,
)

__all__ = ["FACT_OF_STOP", "Step", "Tables", "facts_of", "has_work"]

FACT_OF_STOP: Final[Mapping[StopReason | None, Fact]] = {
    StopReason.REQUIRES_ACTION: Fact.THREAD_ASKING,
    StopReason.BUDGET_REACHED: Fact.THREAD_CAPPED,
    StopReason.RETRIES_EXHAUSTED: Fact.THREAD_EXHAUSTED,
    StopReason.REFUSAL: Fact.THREAD_REFUSED,
}
"""What an idle thread's stop reason shows of its session."""

_BIT: Final = {fact: 1 << index for index, fact in enumerate(Fact)}
_STOPS: Final = {stop: _BIT[fact] for stop, fact in FACT_OF_STOP.items()}
_WORKS: Final = _BIT[Fact.THREAD_RUNNING]
_STATES: Final = {
    ThreadState.RUNNING: _WORKS,
    ThreadState.RESCHEDULING: _BIT[Fact.THREAD_RESCHEDULING],
}
_ENDS: Final = {
    SessionState.ARCHIVED: _BIT[Fact.ARCHIVED],
    SessionState.DELETED: _BIT[Fact.ARCHIVED],
}
_IDLE, _TERMINATED = ThreadState.IDLE, ThreadState.TERMINATED
_TURN_IS_OVER: Final = StopReason.END_TURN


@attrs.frozen
class Step:
    """A row of the thread machine, its effects in the order in which the engine performs them.

    What a row owes to *another* thread comes last: a waiting coordinator goes on after the events
    of the child that it waited for.
    """

    row: Row[ThreadState, ThreadTrigger]
    effects: tuple[Effect, ...]


class Tables:
    """The tables of one dialect."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect: Final = dialect
        self.thread: Final = {
            (row.state, row.trigger): Step(row, tuple(sorted(row.effects, key=_reaches_out)))
            for row in dialect.machines["thread"]
        }
        self.session: Final = dialect.machines["session"]
        self.call: Final = dialect.machines["call"]
        self.span: Final = dialect.machines["span"]
        self.run: Final = dialect.machines["workflow_run"]
        self.switches: Final = {name: switch.value for name, switch in dialect.switches.items()}
        self.usage: Final = EventType.SESSION_USAGE in dialect.events
        self.straight: Final = self.switches["answer_to_child"] == "straight"
        self.holds: Final = self.switches["made_run"] == "stays_running"
        self.arrival: Final = dialect.lists_in == "arrival"
        self.limits: Final = {name: limit.value for name, limit in dialect.limits.items()}
        self._folds: Final[dict[int, FoldRow]] = {}

    def fold(self, session: Session) -> FoldRow:
        """Return the row of the dialect's fold that holds for *session*."""
        mask = facts_of(session)
        if self.holds and any(run.state is RunState.CREATED for run in session.runs.values()):
            mask |= _BIT[Fact.RUN_RUNNING]
        row = self._folds.get(mask)
        if row is None:
            facts = [fact for fact, bit in _BIT.items() if mask & bit]
            row = self._folds[mask] = fold(facts, self.dialect.fold)
        return row


def _reaches_out(effect: Effect) -> bool:
    """Whether an effect is about another thread than its row's."""
    return effect is UNBLOCK_COORDINATOR


def facts_of(session: Session) -> int:
    """Return the facts that hold for *session*, one bit each, in the order of `Fact`."""
    mask = _ENDS.get(session.state, 0)
    if session.capped:
        mask |= _BIT[Fact.THREAD_CAPPED]
    for run in session.runs.values():
        if run.state is RunState.RUNNING:
            mask |= _BIT[Fact.RUN_RUNNING]
    if session.threads[session.primary].state is _TERMINATED:
        mask |= _BIT[Fact.PRIMARY_FAILED]
    for thread in session.threads.values():
        if thread.state is not _IDLE:
            mask |= _STATES.get(thread.state, 0)
            continue
        if thread.stop is not _TURN_IS_OVER:
            mask |= _STOPS.get(thread.stop, 0)
        if thread.mailbox and has_work(session, thread):
            mask |= _WORKS
    return mask


def has_work(session: Session, thread: Thread) -> bool:
    """Whether an idle thread is about to work on what another one sent to it.

    A client's message does not count: its session rests first, and then wakes for it.
    """
    if thread.asked or session.capped:
        return False
    dead = thread.stop is StopReason.RETRIES_EXHAUSTED  # then a run's result wakes it (T21)
    holds = _SENT - {EventType.RUN_ENDED} if dead else _SENT
    return any(session.messages[name].kind in holds for name in thread.mailbox)


_SENT: Final = frozenset({EventType.THREAD_MESSAGE_SENT, EventType.RUN_ENDED})
