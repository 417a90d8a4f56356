"""The walk: breadth-first over all states, every command tried in each of them.

What is walked is said by a class of its own, one for sessions and one for deployments.
"""

from __future__ import annotations

import gc
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import Enum
from typing import Any, Final, Generic, Protocol, TypeVar

import attrs

from lifecycle.invariants import Violation

__all__ = ["NOW", "End", "Explored", "Form", "Found", "Reader", "Step", "Walk", "explored"]

NOW: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""When a walk begins; where time does not matter, everything is decided then."""

Form = tuple[Any, ...]
"""What makes a state itself; it can be compared, and nothing else."""

S = TypeVar("S")
C = TypeVar("C")
D = TypeVar("D")
T_contra = TypeVar("T_contra", contravariant=True)


class End(Enum):
    """How far a state is from its end: open, over, over as it should be, or gone altogether."""

    OPEN = 0
    OVER = 1
    GOAL = 2
    GONE = 3


@attrs.frozen
class Step(Generic[S, C, D]):
    """One step of a way: the state before it, the command, and what was decided."""

    before: S | None
    command: C
    decision: D


@attrs.frozen
class Found(Generic[S, C, D]):
    """Something that does not hold, with the shortest way to it."""

    violation: Violation
    way: tuple[Step[S, C, D], ...]


@attrs.frozen
class Explored(Generic[S, C, D]):
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
    found: Found[S, C, D] | None = None


class Reader(Protocol[T_contra]):
    """Reads what is written along a way, and objects to what cannot be."""

    def hear(self, told: Iterable[T_contra]) -> Iterator[Violation]:
        """Take what one step wrote; iterate over what is wrong with it."""
        ...

    def end(self) -> Iterator[Violation]:
        """Take everything to end here; iterate over what is wrong with that."""
        ...


@attrs.define
class _Met(Generic[C]):
    """A state that was met.

    Attributes:
        came: the number of the state before it on the shortest way; -1 for the first.
        command: the command that led here.
        end: how far it is from its end.
        before: the numbers of all states from which a command leads here.
        entries: what that command put down.
    """

    came: int
    command: C
    end: End
    before: set[int]
    entries: tuple[Any, ...]


class Walk(ABC, Generic[S, C, D]):
    """A walk under way; states are numbered as they are met."""

    stuck: Violation
    """What is wrong with a state from which no way leads to the goal."""

    def __init__(self) -> None:
        self.numbers: Final[dict[Form, int]] = {}
        self.met: Final[list[_Met[C]]] = []
        self.todo: Final[deque[tuple[int, S]]] = deque()
        self.transitions = 0
        self.refused = 0

    # -- what is walked ----------------------------------------------------------------------------

    @abstractmethod
    def first(self) -> C:
        """Return the command that makes the first state."""

    @abstractmethod
    def moves(self, state: S) -> Iterator[C]:
        """Iterate over every command that is tried in *state*."""

    @abstractmethod
    def decide(self, state: S | None, command: C) -> D:
        """Return what follows from *command*."""

    @abstractmethod
    def after(self, state: S | None, command: C, decision: D) -> S | None:
        """Return the state after a decision; `None` if it refused."""

    @abstractmethod
    def written(self, decision: D) -> tuple[Any, ...]:
        """Return what a decision puts down."""

    @abstractmethod
    def form(self, state: S) -> Form:
        """Return what makes *state* itself."""

    @abstractmethod
    def end_of(self, state: S) -> End:
        """Return how far *state* is from its end."""

    @abstractmethod
    def faults(self, state: S | None, command: C, decision: D) -> Iterator[Violation]:
        """Iterate over what is wrong with a decision."""

    @abstractmethod
    def complaints(self, state: S) -> Iterator[Violation]:
        """Iterate over what is wrong with *state*."""

    @abstractmethod
    def reader(self) -> Reader[Any]:
        """Return who reads along a way."""

    @abstractmethod
    def told(self, entries: tuple[Any, ...]) -> Iterator[Any]:
        """Iterate over what the reader hears of what a step put down."""

    # -- the walk ----------------------------------------------------------------------------------

    def run(self) -> Found[S, C, D] | None:
        """Meet every state; return the first thing that is wrong."""
        found = self._try(-1, None, self.first())
        while self.todo and found is None:
            here, state = self.todo.popleft()
            for command in self.moves(state):
                found = self._try(here, state, command)
                if found is not None:
                    break
        return found or self._unheard() or self._stuck()

    def _try(self, here: int, state: S | None, command: C) -> Found[S, C, D] | None:
        """Send one command; return what is wrong with what follows."""
        decision = self.decide(state, command)
        for violation in self.faults(state, command, decision):
            return Found(violation, (*self._way(here), Step(state, command, decision)))
        after = self.after(state, command, decision)
        if after is None:
            self.refused += 1
            return None
        self.transitions += 1
        there = self.numbers.setdefault(self.form(after), len(self.met))
        new = there == len(self.met)
        end = self.end_of(after)
        if new:
            self.met.append(_Met(here, command, end, {here}, self.written(decision)))
            self.todo.append((there, after))
        else:
            self.met[there].before.add(here)
        if new or end is not End.OPEN:
            for violation in self.complaints(after):
                return Found(violation, (*self._way(here), Step(state, command, decision)))
        return None

    def _way(self, number: int) -> tuple[Step[S, C, D], ...]:
        """Return the shortest way to a state, by deciding anew."""
        commands = [self.met[one].command for one in self._back(number)]
        steps: list[Step[S, C, D]] = []
        state: S | None = None
        for command in reversed(commands):
            decision = self.decide(state, command)
            steps.append(Step(state, command, decision))
            state = self.after(state, command, decision)
        return tuple(steps)

    def _back(self, number: int) -> Iterator[int]:
        """Iterate over the states on the shortest way to one, the last first."""
        while number >= 0:
            yield number
            number = self.met[number].came

    # -- what needs the whole graph ----------------------------------------------------------------

    def _unheard(self) -> Found[S, C, D] | None:
        """Let the reader read along every shortest way; return the shortest that it objects to."""
        inner = {one.came for one in self.met}
        told: dict[int, tuple[Any, ...]] = {}
        worst: tuple[int, int, Violation] | None = None
        for number in range(len(self.met)):
            if number not in inner:
                objection = self._objection(number, told)
                if objection is not None and (worst is None or objection[0] < worst[0]):
                    worst = objection
        return Found(worst[2], self._way(worst[1])) if worst is not None else None

    def _objection(
        self, number: int, told: dict[int, tuple[Any, ...]]
    ) -> tuple[int, int, Violation] | None:
        """Return how far on the way to a state the reader objects, where, and to what."""
        reader = self.reader()
        for length, one in enumerate(reversed(list(self._back(number)))):
            if one not in told:
                told[one] = tuple(self.told(self.met[one].entries))
            for violation in reader.hear(told[one]):
                return length, one, violation
        for violation in reader.end():
            return length, number, violation
        return None

    def _stuck(self) -> Found[S, C, D] | None:
        """Return a state from which no way leads to the goal."""
        todo = [n for n, one in enumerate(self.met) if one.end is End.GOAL]
        reached = {-1, *todo}
        while todo:
            fresh = self.met[todo.pop()].before - reached
            reached |= fresh
            todo.extend(fresh)
        for number, one in enumerate(self.met):
            if number not in reached and one.end is not End.GONE:
                return Found(self.stuck, self._way(number))
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


def explored(walk: Walk[S, C, D]) -> Explored[S, C, D]:
    """Walk to the end, and return what was found."""
    started = time.perf_counter()
    with _uncollected():
        found = walk.run()
    seconds = time.perf_counter() - started
    return Explored(len(walk.met), walk.transitions, walk.refused, seconds, found)
