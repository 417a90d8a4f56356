"""What the invariants are asked about, and what they answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

import attrs

from lifecycle.commands import Command
from lifecycle.engine import Decision, Engine
from lifecycle.state import Session, Thread
from lifecycle.table import Effect
from lifecycle.vocabulary import SessionState

__all__ = ["ENDED", "Made", "Violation", "words_of"]

ENDED: Final = frozenset({SessionState.TERMINATED, SessionState.ARCHIVED, SessionState.DELETED})
"""The states in which a session accepts nothing more."""


@attrs.frozen
class Violation:
    """An invariant that does not hold.

    Attributes:
        rule: the invariant's name, in words.
        says: what is wrong, as a sentence.
    """

    rule: str
    says: str


@attrs.frozen
class Made:
    """A decision and what it was made of.

    Attributes:
        engine: who decided.
        before: the state that was given; `None` before the session is made.
        command: the command.
        decision: what followed.
    """

    engine: Engine
    before: Session | None
    command: Command
    decision: Decision

    @property
    def after(self) -> Session | None:
        """The state after it."""
        return self.decision.state

    def pairs(self) -> Iterator[tuple[Thread, Thread]]:
        """Iterate over the threads that were there before, each as it was and as it is."""
        if self.before is not None and self.after is not None:
            for name, thread in self.before.threads.items():
                yield thread, self.after.threads[name]

    def owed(self, effect: Effect, thread: str) -> int:
        """Return how often *effect* is owed for *thread*."""
        return sum(o.effect is effect and o.thread == thread for o in self.decision.effects)

    def subjects(self, *effects: Effect) -> set[str]:
        """Return what *effects* are owed about."""
        return {name for o in self.decision.effects if o.effect in effects for name in o.subjects}


def words_of(rule: Callable[..., Any]) -> str:
    """Return the name of an invariant in words."""
    return rule.__name__.replace("_", " ")
