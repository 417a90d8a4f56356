"""The tables as the monitor steps them: over *sets* of states, one small integer each.

A capture may start in the middle of a life, so the monitor keeps the set of states that a thread or
session could be in, as a bit mask. A status event is possible when some state of the set has an
accepting row that *writes* such an event; the new set is where those rows lead. So what may be
observed is read off the same rows that the engine and the hooks run.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from lifecycle.dialects import DIALECTS, Dialect
from lifecycle.machines import STOPS
from lifecycle.table import Machine, Row
from lifecycle.vocabulary import EventType as E, RunTrigger, StopReason, ThreadTrigger, Word

__all__ = [
    "RUN_TRIGGERS",
    "STEPS",
    "IdleSteps",
    "Mask",
    "Steps",
    "bits",
    "every",
    "observed",
    "states_in",
    "triggered",
]

Mask = int
"""A set of states: bit *i* stands for the machine's *i*-th state."""

RUN_TRIGGERS: Final = {
    E.RUN_RUNNING: RunTrigger.START,
    E.RUN_IDLE: RunTrigger.PAUSE,
    E.RUN_ERROR: RunTrigger.ERROR,
    E.RUN_ENDED: RunTrigger.END,
    E.PHASE_STARTED: RunTrigger.START_PHASE,
    E.PHASE_ENDED: RunTrigger.END_PHASE,
}
"""What each event of a workflow run says that happened to it."""


def bits(machine: Machine[Any, Any], *states: Word) -> Mask:
    """Return the set of *states*."""
    return sum(1 << machine.states.index(state) for state in states)


def every(machine: Machine[Any, Any]) -> Mask:
    """Return the set of all states."""
    return (1 << len(machine.states)) - 1


def states_in(machine: Machine[Any, Any], mask: Mask) -> tuple[str, ...]:
    """Return the words of the states in *mask*."""
    return tuple(state.value for i, state in enumerate(machine.states) if mask >> i & 1)


def _leads(machine: Machine[Any, Any], rows: list[Row[Any, Any]]) -> tuple[Mask, ...]:
    """Return, for every set of states, the set that *rows* lead to (0: none applies)."""
    leads = [0] * (every(machine) + 1)
    for mask in range(len(leads)):
        for row in rows:
            if mask & bits(machine, row.state):
                leads[mask] |= bits(machine, row.target)
    return tuple(leads)


def observed(
    machine: Machine[Any, Any],
    event: E,
    keep: Callable[[Row[Any, Any]], bool] = lambda row: True,
) -> tuple[Mask, ...]:
    """Return where observing *event* leads from every set of states, over the rows in *keep*."""
    return _leads(machine, [row for row in machine.emitters(event) if keep(row)])


def triggered(machine: Machine[Any, Any], trigger: Word) -> tuple[Mask, ...]:
    """Return where *trigger* leads from every set of states."""
    return _leads(machine, [row for row in machine if row.accepts and row.trigger is trigger])


class IdleSteps:
    """Where a thread's idle event leads, by its stop reason and by what happened before it.

    An idle thread idles again only for a cause: an answer (the other asks stay open), an interrupt
    (the open calls are closed), or the budget. A stop reason that nobody knows may be any.
    """

    def __init__(self, machine: Machine[Any, Any]) -> None:
        self._machine: Final = machine
        self._steps: Final[dict[tuple[str | None, bool, bool], tuple[Mask, ...]]] = {}

    def at(self, stop: str | None, answered: bool, interrupted: bool) -> tuple[Mask, ...]:
        """Return the steps for *stop*, given whether an answer or an interrupt came before."""
        key = (stop, answered, interrupted)
        if key not in self._steps:
            self._steps[key] = observed(
                self._machine, E.THREAD_IDLE, lambda row: self._fits(row, *key)
            )
        return self._steps[key]

    @staticmethod
    def _fits(row: Row[Any, Any], stop: str | None, answered: bool, interrupted: bool) -> bool:
        """Whether *row* can have written an idle event with *stop*."""
        trigger = row.trigger
        if trigger is ThreadTrigger.ANSWER and not answered:
            return False
        if trigger in (ThreadTrigger.INTERRUPT, ThreadTrigger.INTERRUPT_ASKS) and not interrupted:
            return False
        known = stop is not None and stop in list(StopReason)
        return not known or STOPS[trigger] == stop


class Steps:
    """The tables of one dialect, as the monitor steps them.

    A workflow run writes no event for a phase or an error, so its steps are asked by what happened:
    `run` says where each of its event types leads.
    """

    def __init__(self, dialect: Dialect) -> None:
        thread, session = dialect.machines["thread"], dialect.machines["session"]
        run = dialect.machines["workflow_run"]
        self.thread_runs: Final = observed(thread, E.THREAD_RUNNING)
        self.thread_idles: Final = IdleSteps(thread)
        self.thread_reschedules: Final = observed(thread, E.THREAD_RESCHEDULED)
        self.thread_ends: Final = observed(thread, E.THREAD_TERMINATED)
        self.session_runs: Final = observed(session, E.SESSION_RUNNING)
        self.session_rests: Final = observed(session, E.SESSION_IDLE)
        self.session_reschedules: Final = observed(session, E.SESSION_RESCHEDULED)
        self.session_ends: Final = observed(session, E.SESSION_TERMINATED)
        self.run: Final[dict[str, tuple[Mask, ...]]] = {
            event.value: triggered(run, trigger) for event, trigger in RUN_TRIGGERS.items()
        }


STEPS: Final = {name: Steps(dialect) for name, dialect in DIALECTS.items()}
"""The steps of every dialect, by its name."""
