"""The form of a machine: rows that move, stay or deny, checked for totality when they are read.

A machine is a small total table. Every state has an answer for every trigger, and every answer has
its reason in words::

    move(S.IDLE, T.ARCHIVE, S.ARCHIVED, [CANCEL_MAILBOX], "an idle child may be archived")
    stay(S.RUNNING, T.DELIVER, [], "the input joins the open turn")
    deny(S.RUNNING, T.ARCHIVE, "interrupt it first, then wait for idle")

``ANY`` stands for every state, or every trigger, that no more exact row names: an exact cell goes
before a whole state, and a whole state before a whole trigger. There are no guards; a condition is
read into a trigger before the table is asked.

`Machine` refuses to be made with a missing or doubled cell, an unreachable state, a row that covers
nothing, or a row without a reason. So a module that imports has a whole table.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from typing import Final, Generic, TypeVar

import attrs

from lifecycle.vocabulary import EventType, Evidence, WebhookType, Word

__all__ = [
    "ANY",
    "Any_",
    "Effect",
    "Machine",
    "Phase",
    "Row",
    "TableError",
    "Verdict",
    "Written",
    "deny",
    "move",
    "stay",
]


class Verdict(Word):
    """What a row says."""

    MOVE = "move", "Accepted; the state changes."
    STAY = "stay", "Accepted; the state stays as it is."
    DENY = "deny", "Refused; nothing changes."


class Phase(Word):
    """When an effect is to be done, seen from the write that stores the events."""

    WITH = "with", "In the same write as the events."
    AFTER = "after", "After that write; at least once."


class Any_(Enum):  # noqa: N801 - the word that rows use is ANY; this is only its type
    """The type of `ANY`."""

    ANY = "any"

    def __str__(self) -> str:
        """Return the word as rows write it: complaints quote it."""
        return self.name


ANY: Final = Any_.ANY
"""Every state, or every trigger, that no more exact row names."""


class TableError(ValueError):
    """A table is not whole: the message says which cell or state, and what is wrong with it."""


@attrs.frozen
class Effect:
    """Something that a row may name and that only the host may do.

    Attributes:
        name: what rows, hooks and documents call it.
        doc: what doing it means, as a sentence.
        phase: in the write that stores the events, or after it.
        repeatable: whether doing it twice is as good as doing it once.
        lost: what is lost if it is never done.
        emits: the event type that the effect writes, if it is the writing of an event.
        sends: the webhook that the effect sends, if it is the sending of one.
    """

    name: str
    doc: str = attrs.field(eq=False)
    phase: Phase = attrs.field(eq=False)
    repeatable: bool = attrs.field(eq=False)
    lost: str = attrs.field(eq=False)
    emits: EventType | None = attrs.field(default=None, eq=False)
    sends: WebhookType | None = attrs.field(default=None, eq=False)

    def __str__(self) -> str:
        """Return the name."""
        return self.name


S = TypeVar("S", bound=Word)
T = TypeVar("T", bound=Word)


@attrs.frozen
class Row(Generic[S, T]):
    """One answer of a machine: what *trigger* does in *state*.

    Attributes:
        verdict: move, stay or deny.
        state: the state before.
        trigger: what happens.
        target: the state after; the state before, unless the row moves.
        effects: what the host owes, in order.
        because: the reason, as the end of a sentence; also the refusal's message.
        evidence: how the reason is known.
        source: where it is said, where that is not the module's own general source.
        accepts: whether it accepts the trigger: it moves or stays. Said once, asked at every step.
    """

    verdict: Verdict
    state: S
    trigger: T
    target: S
    effects: tuple[Effect, ...]
    because: str
    evidence: Evidence
    source: str
    accepts: bool = attrs.field(init=False, eq=False, repr=False)

    @accepts.default
    def _moves_or_stays(self) -> bool:
        return self.verdict is not Verdict.DENY


@attrs.frozen
class Written(Generic[S, T]):
    """A row as it is written: may stand for several cells by `ANY`."""

    verdict: Verdict
    state: S | Any_
    trigger: T | Any_
    target: S | None
    effects: tuple[Effect, ...]
    because: str
    evidence: Evidence
    source: str

    def at(self, state: S, trigger: T) -> Row[S, T]:
        """Return the row for one of the cells that this stands for."""
        target = state if self.target is None else self.target
        return Row(
            self.verdict,
            state,
            trigger,
            target,
            self.effects,
            self.because,
            self.evidence,
            self.source,
        )


def move(
    state: S | Any_,
    trigger: T,
    target: S,
    effects: Iterable[Effect],
    because: str,
    evidence: Evidence = Evidence.DOCUMENTED,
    source: str = "",
) -> Written[S, T]:
    """Accept *trigger* in *state* and go to *target*."""
    return Written(Verdict.MOVE, state, trigger, target, tuple(effects), because, evidence, source)


def stay(
    state: S | Any_,
    trigger: T | Any_,
    effects: Iterable[Effect],
    because: str,
    evidence: Evidence = Evidence.DOCUMENTED,
    source: str = "",
) -> Written[S, T]:
    """Accept *trigger* in *state* and remain there."""
    return Written(Verdict.STAY, state, trigger, None, tuple(effects), because, evidence, source)


def deny(
    state: S | Any_,
    trigger: T | Any_,
    because: str,
    evidence: Evidence = Evidence.DOCUMENTED,
    source: str = "",
) -> Written[S, T]:
    """Refuse *trigger* in *state*."""
    return Written(Verdict.DENY, state, trigger, None, (), because, evidence, source)


class Machine(Generic[S, T]):
    """A named, total table over the states *S* and the triggers *T*.

    Iterating gives one `Row` for every cell, in the order of the two enums.

    Raises:
        TableError: a cell is missing or doubled, a state cannot be reached from the initial ones, a
            row covers no cell, moves to where it is, or gives no reason.
    """

    def __init__(
        self,
        name: str,
        states: type[S],
        triggers: type[T],
        initial: Iterable[S],
        rows: Iterable[Written[S, T]],
    ) -> None:
        self.name: Final = name
        self.states: Final[tuple[S, ...]] = tuple(states)
        self.triggers: Final[tuple[T, ...]] = tuple(triggers)
        self.initial: Final[tuple[S, ...]] = tuple(initial)
        self._types: Final = (states, triggers)
        self._written: Final = tuple(rows)
        self._cells: Final = self._expand()
        self._check_reachable()

    def _expand(self) -> dict[tuple[S, T], Row[S, T]]:
        """Give every cell its most exact row."""
        cells: dict[tuple[S, T], Row[S, T]] = {}
        for rows in self._by_exactness():
            fresh: dict[tuple[S, T], Row[S, T]] = {}
            for row in rows:
                covered = [cell for cell in self._covers(row) if cell not in cells]
                self._check_row(row, covered, fresh)
                fresh.update({cell: row.at(*cell) for cell in covered})
            cells.update(fresh)
        missing = [f"{s} x {t}" for s in self.states for t in self.triggers if (s, t) not in cells]
        if missing:
            raise TableError(f"{self.name}: no row for {', '.join(missing)}")
        return {(s, t): cells[s, t] for s in self.states for t in self.triggers}

    def _by_exactness(self) -> tuple[list[Written[S, T]], ...]:
        """Sort the written rows into exact cells, whole states, whole triggers."""
        ranks: tuple[list[Written[S, T]], ...] = ([], [], [])
        for row in self._written:
            if row.state is ANY and row.trigger is ANY:
                raise TableError(f"{self.name}: a row for ANY state and ANY trigger says nothing")
            ranks[2 if row.state is ANY else 1 if row.trigger is ANY else 0].append(row)
        return ranks

    def _covers(self, row: Written[S, T]) -> list[tuple[S, T]]:
        """List the cells that *row* names."""
        states = self.states if isinstance(row.state, Any_) else (row.state,)
        triggers = self.triggers if isinstance(row.trigger, Any_) else (row.trigger,)
        return [(state, trigger) for state in states for trigger in triggers]

    def _check_row(
        self,
        row: Written[S, T],
        covered: list[tuple[S, T]],
        fresh: Mapping[tuple[S, T], Row[S, T]],
    ) -> None:
        """Refuse a row that is empty, doubled, reasonless or moves nowhere."""
        cell = f"{self.name}: {row.state} x {row.trigger}"
        if not row.because:
            raise TableError(f"{cell} gives no reason")
        if not covered:
            raise TableError(f"{cell} covers nothing that a more exact row leaves open")
        if any(one in fresh for one in covered):
            raise TableError(f"{cell} is there twice")
        if any(state is row.target for state, _ in covered):
            raise TableError(f"{cell} moves to where it is; write stay")

    def _check_reachable(self) -> None:
        """Refuse a state that no sequence of triggers can reach."""
        reached = set(self.initial)
        todo = list(self.initial)
        while todo:
            state = todo.pop()
            fresh = {self.step(state, trigger).target for trigger in self.triggers} - reached
            reached |= fresh
            todo.extend(fresh)
        lost = [state for state in self.states if state not in reached]
        if lost:
            raise TableError(f"{self.name}: nothing leads to {', '.join(lost)}")

    def __iter__(self) -> Iterator[Row[S, T]]:
        """Iterate over every cell's row."""
        return iter(self._cells.values())

    def __repr__(self) -> str:
        """Return the name and the size."""
        return f"<Machine {self.name}: {len(self.states)} states x {len(self.triggers)} triggers>"

    def step(self, state: S, trigger: T) -> Row[S, T]:
        """Return the row for *trigger* in *state*: the one answer of the machine.

        Raises:
            KeyError: *state* or *trigger* is not a word of this machine.
        """
        return self._cells[state, trigger]

    def allowed(self, state: S) -> tuple[T, ...]:
        """Return the triggers that *state* accepts, in the order of the enum."""
        return tuple(t for t in self.triggers if self._cells[state, t].accepts)

    def amended(self, rows: Iterable[Written[S, T]]) -> Machine[S, T]:
        """Return this machine with single cells replaced; *rows* must name exact cells.

        Raises:
            TableError: a row names `ANY`, has no source, is there twice, or changes nothing.
        """
        cells: dict[tuple[S, T], Written[S, T]] = {}
        for row in rows:
            cell = f"{self.name}: the amendment {row.state} x {row.trigger}"
            if isinstance(row.state, Any_) or isinstance(row.trigger, Any_) or not row.source:
                raise TableError(f"{cell} must name one cell and its source")
            if (row.state, row.trigger) in cells:
                raise TableError(f"{cell} is there twice")
            if self.step(row.state, row.trigger) == row.at(row.state, row.trigger):
                raise TableError(f"{cell} changes nothing")
            cells[row.state, row.trigger] = row
        kept = [_written(row) for cell, row in self._cells.items() if cell not in cells]
        states, triggers = self._types
        return Machine(self.name, states, triggers, self.initial, [*cells.values(), *kept])

    def compiled(self) -> dict[str, dict[str, str | None]]:
        """Return the table as plain dicts: state to trigger to target, ``None`` where denied.

        The keys are the words' plain strings. One step is two dict look-ups.
        """
        return {
            state.value: {
                trigger.value: row.target.value if row.accepts else None
                for trigger in self.triggers
                for row in (self._cells[state, trigger],)
            }
            for state in self.states
        }

    def emitters(self, event: EventType) -> tuple[Row[S, T], ...]:
        """Return the accepting rows whose effects write an *event*: how it can come about."""
        return tuple(
            row for row in self if row.accepts and any(e.emits is event for e in row.effects)
        )


def _written(row: Row[S, T]) -> Written[S, T]:
    """Turn a cell's row back into a written one."""
    target = row.target if row.verdict is Verdict.MOVE else None
    rest = (row.effects, row.because, row.evidence, row.source)
    return Written(row.verdict, row.state, row.trigger, target, *rest)
