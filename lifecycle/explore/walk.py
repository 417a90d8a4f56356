"""The walk: breadth-first over all states, every command tried in each of them."""

from __future__ import annotations

import gc
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Final

import attrs

from lifecycle.commands import Command, CreateSession
from lifecycle.dialects import Dialect
from lifecycle.engine import Decision, Engine
from lifecycle.engine.tables import Tables
from lifecycle.explore.forms import Form, form_of
from lifecycle.explore.moves import PRIMARY, SESSION, Bounds, moves
from lifecycle.invariants import ENDED, Listener, Made, Violation, complaints, faults, heard
from lifecycle.state import Entry, Session
from lifecycle.vocabulary import SessionState
from lifecycle.wire.bulk import Seen

__all__ = ["NOW", "Explored", "Found", "Step", "explore"]

NOW: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""The one moment at which everything is decided; stamps go on from it by microseconds."""


@attrs.frozen
class Step:
    """One step of a way: the state before it, the command, and what was decided."""

    before: Session | None
    command: Command
    decision: Decision


@attrs.frozen
class Found:
    """Something that does not hold, with the shortest way to it."""

    violation: Violation
    way: tuple[Step, ...]


@attrs.frozen
class Explored:
    """What a walk has found.

    Attributes:
        states: how many states can be reached.
        transitions: how many accepted commands lead from one to one.
        refused: how many commands were refused.
        seconds: how long it took.
        found: what does not hold; `None` if all holds.
    """

    states: int
    transitions: int
    refused: int
    seconds: float
    found: Found | None = None


@attrs.define
class _Met:
    """A state that was met.

    Attributes:
        came: the number of the state before it on the shortest way; -1 for the first.
        command: the command that led here.
        status: the session's.
        before: the numbers of all states from which a command leads here.
        entries: what that command put down.
    """

    came: int
    command: Command
    status: SessionState
    before: set[int]
    entries: tuple[Entry, ...]


class _Walk:
    """A walk under way; states are numbered as they are met."""

    def __init__(self, dialect: Dialect, bounds: Bounds) -> None:
        self.engine: Final = Engine(dialect)
        self.tables: Final = Tables(dialect)
        self.bounds: Final = bounds
        self.numbers: Final[dict[Form, int]] = {}
        self.met: Final[list[_Met]] = []
        self.todo: Final[deque[tuple[int, Session]]] = deque()
        self.transitions = 0
        self.refused = 0

    def run(self) -> Found | None:
        """Meet every state; return the first thing that is wrong."""
        create = CreateSession(session_id=SESSION, primary_id=PRIMARY)
        found = self._try(-1, None, create)
        while self.todo and found is None:
            here, session = self.todo.popleft()
            for command in moves(session, self.bounds):
                found = self._try(here, session, command)
                if found is not None:
                    break
        return found or self._unheard() or self._stuck()

    def _try(self, here: int, session: Session | None, command: Command) -> Found | None:
        """Send one command; return what is wrong with what follows."""
        decision = self.engine.decide(session, command, now=NOW)
        for violation in faults(Made(self.engine, session, command, decision)):
            return Found(violation, (*self._way(here), Step(session, command, decision)))
        after = decision.state
        if decision.refusal is not None or after is None:
            self.refused += 1
            return None
        self.transitions += 1
        there = self.numbers.setdefault(form_of(after), len(self.met))
        new = there == len(self.met)
        if new:
            self.met.append(_Met(here, command, after.state, {here}, decision.entries))
            self.todo.append((there, after))
        else:
            self.met[there].before.add(here)
        if new or after.state in ENDED:
            for violation in complaints(self.tables, after):
                return Found(violation, (*self._way(here), Step(session, command, decision)))
        return None

    def _way(self, number: int) -> tuple[Step, ...]:
        """Return the shortest way to a state, by deciding anew."""
        commands: list[Command] = []
        for one in self._back(number):
            commands.append(self.met[one].command)
        steps: list[Step] = []
        session: Session | None = None
        for command in reversed(commands):
            decision = self.engine.decide(session, command, now=NOW)
            steps.append(Step(session, command, decision))
            session = decision.state
        return tuple(steps)

    def _back(self, number: int) -> Iterator[int]:
        """Iterate over the states on the shortest way to one, the last first."""
        while number >= 0:
            yield number
            number = self.met[number].came

    # -- what needs the whole graph ----------------------------------------------------------------

    def _unheard(self) -> Found | None:
        """Let the checker read along every shortest way; return the shortest that it objects to."""
        inner = {one.came for one in self.met}
        told: dict[int, tuple[tuple[str, Seen], ...]] = {}
        worst: tuple[int, int, Violation] | None = None
        for number in range(len(self.met)):
            if number not in inner:
                objection = self._objection(number, told)
                if objection is not None and (worst is None or objection[0] < worst[0]):
                    worst = objection
        return Found(worst[2], self._way(worst[1])) if worst is not None else None

    def _objection(
        self, number: int, told: dict[int, tuple[tuple[str, Seen], ...]]
    ) -> tuple[int, int, Violation] | None:
        """Return how far on the way to a state the checker objects, where, and to what."""
        listener = Listener(self.engine.dialect, PRIMARY)
        for length, one in enumerate(reversed(list(self._back(number)))):
            if one not in told:
                told[one] = tuple(heard(self.met[one].entries, PRIMARY))
            for violation in listener.hear(told[one]):
                return length, one, violation
        for violation in listener.end():
            return length, number, violation
        return None

    def _stuck(self) -> Found | None:
        """Return a state from which the session cannot be brought to rest and be archived."""
        todo = [n for n, one in enumerate(self.met) if one.status is SessionState.ARCHIVED]
        reached = {-1, *todo}
        while todo:
            fresh = self.met[todo.pop()].before - reached
            reached |= fresh
            todo.extend(fresh)
        for number, one in enumerate(self.met):
            if number not in reached and one.status is not SessionState.DELETED:
                says = "no sequence of commands brings it to rest and archives it"
                return Found(Violation("every session can be archived", says), self._way(number))
        return None


@contextmanager
def _uncollected() -> Iterator[None]:
    """Keep the collector of cycles from what stays: states make none, and looking costs half."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def explore(dialect: Dialect, bounds: Bounds) -> Explored:
    """Walk every state that a session of *dialect* can reach within *bounds*."""
    started = time.perf_counter()
    walk = _Walk(dialect, bounds)
    with _uncollected():
        found = walk.run()
    seconds = time.perf_counter() - started
    return Explored(len(walk.met), walk.transitions, walk.refused, seconds, found)
