"""The walk over sessions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, TypeAlias

from lifecycle.commands import Command, CreateSession
from lifecycle.dialects import Dialect
from lifecycle.engine import Decision, Engine
from lifecycle.engine.tables import Tables
from lifecycle.explore import walk
from lifecycle.explore.forms import form_of
from lifecycle.explore.moves import PRIMARY, SESSION, Bounds, moves
from lifecycle.explore.walk import NOW, End, Form, Walk, explored
from lifecycle.invariants import Listener, Made, Violation, complaints, faults, heard
from lifecycle.state import Session
from lifecycle.vocabulary import SessionState
from lifecycle.wire.bulk import Seen

__all__ = ["Explored", "Found", "Step", "explore"]

Step: TypeAlias = walk.Step[Session, Command, Decision]
"""One step of a session's way."""

Found: TypeAlias = walk.Found[Session, Command, Decision]
"""Something that does not hold of sessions."""

Explored: TypeAlias = walk.Explored[Session, Command, Decision]
"""What a walk over sessions has found."""

_ENDS: Final = {
    SessionState.TERMINATED: End.OVER,
    SessionState.ARCHIVED: End.GOAL,
    SessionState.DELETED: End.GONE,
}


class _Sessions(Walk[Session, Command, Decision]):
    """Every state of one session, at one moment; stamps go on from it by microseconds."""

    stuck = Violation(
        "every session can be archived",
        "no sequence of commands brings it to rest and archives it",
    )

    def __init__(self, dialect: Dialect, bounds: Bounds) -> None:
        super().__init__()
        self.engine: Final = Engine(dialect)
        self.tables: Final = Tables(dialect)
        self.bounds: Final = bounds

    def first(self) -> Command:
        return CreateSession(session_id=SESSION, primary_id=PRIMARY)

    def moves(self, state: Session) -> Iterator[Command]:
        return moves(state, self.bounds)

    def decide(self, state: Session | None, command: Command) -> Decision:
        return self.engine.decide(state, command, now=NOW)

    def after(
        self,
        state: Session | None,  # noqa: ARG002 - the decision has it all
        command: Command,  # noqa: ARG002
        decision: Decision,
    ) -> Session | None:
        return decision.state if decision.refusal is None else None

    def written(self, decision: Decision) -> tuple[Any, ...]:
        return decision.entries

    def form(self, state: Session) -> Form:
        return form_of(state)

    def end_of(self, state: Session) -> End:
        return _ENDS.get(state.state, End.OPEN)

    def faults(
        self, state: Session | None, command: Command, decision: Decision
    ) -> Iterator[Violation]:
        return faults(Made(self.engine, state, command, decision))

    def complaints(self, state: Session) -> Iterator[Violation]:
        return complaints(self.tables, state)

    def reader(self) -> Listener:
        return Listener(self.engine.dialect, PRIMARY)

    def told(self, entries: tuple[Any, ...]) -> Iterator[tuple[str, Seen]]:
        return heard(entries, PRIMARY)


def explore(dialect: Dialect, bounds: Bounds) -> Explored:
    """Walk every state that a session of *dialect* can reach within *bounds*."""
    return explored(_Sessions(dialect, bounds))
