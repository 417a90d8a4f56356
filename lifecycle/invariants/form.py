"""What the invariants are asked about, and what they answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import Any, Final, Generic, TypeVar

import attrs

from lifecycle.commands import Command
from lifecycle.engine import Decision, Engine
from lifecycle.state import Session, Thread
from lifecycle.table import Effect
from lifecycle.vocabulary import SessionState

__all__ = ["ENDED", "Asked", "Made", "Violation", "violations", "words_of"]

E = TypeVar("E")
S = TypeVar("S")
C = TypeVar("C")
D = TypeVar("D")

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
class Asked(Generic[E, S, C, D]):
    """What an engine was asked, and what it decided.

    Attributes:
        engine: who decided.
        before: the state that was given; `None` before there is one.
        command: the command.
        decision: what followed.
    """

    engine: E
    before: S | None
    command: C
    decision: D


@attrs.frozen
class Made(Asked[Engine, Session, Command, Decision]):
    """A decision over a session and what it was made of."""

    @property
    def after(self) -> Session | None:
        """The state after it."""
        return self.decision.state

    @cached_property
    def pairs(self) -> tuple[tuple[Thread, Thread], ...]:
        """The threads that were there before, each as it was and as it is.

        Those that are the very same, and that nothing is owed for, are left out.
        """
        if self.before is None or self.after is None:
            return ()
        about = {owed.thread for owed in self.decision.effects}
        return tuple(
            (was, is_)
            for name, was in self.before.threads.items()
            if (is_ := self.after.threads[name]) is not was or name in about
        )

    @cached_property
    def counts(self) -> Counter[tuple[str, str]]:
        """How often each effect is owed for each thread."""
        return Counter((o.effect.name, o.thread) for o in self.decision.effects)

    def owed(self, effect: Effect, thread: str) -> int:
        """Return how often *effect* is owed for *thread*."""
        return self.counts[effect.name, thread] if self.decision.effects else 0

    def subjects(self, *effects: Effect) -> set[str]:
        """Return what *effects* are owed about."""
        return {name for o in self.decision.effects if o.effect in effects for name in o.subjects}


def words_of(rule: Callable[..., Any]) -> str:
    """Return the name of an invariant in words."""
    return rule.__name__.replace("_", " ")


def violations(rules: Iterable[Callable[..., Iterator[str]]], *about: Any) -> Iterator[Violation]:
    """Iterate over what each of *rules* says of what it is asked *about*."""
    for rule in rules:
        for says in rule(*about):
            yield Violation(words_of(rule), says)
