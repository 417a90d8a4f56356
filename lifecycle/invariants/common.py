"""What holds of every decision, whatever it is about: both engines answer in one form."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, TypeAlias

from lifecycle.invariants.form import Asked
from lifecycle.table import Phase

__all__ = [
    "AnyAsked",
    "a_decision_is_the_fold_of_its_entries",
    "effects_are_owed_once",
    "effects_keep_their_phases",
    "refusals_change_nothing",
]

AnyAsked: TypeAlias = Asked[Any, Any, Any, Any]
"""What any engine was asked, and what it decided."""


def refusals_change_nothing(made: AnyAsked) -> Iterator[str]:
    """Who was refused may ask again, as if nothing had been asked."""
    decision = made.decision
    if decision.refusal is None:
        return
    if decision.entries or decision.effects or decision.reply is not None:
        yield f"refused ({decision.refusal.code}), and something follows from it"
    if decision.state is not made.before:
        yield f"refused ({decision.refusal.code}), and the state is another"


def a_decision_is_the_fold_of_its_entries(made: AnyAsked) -> Iterator[str]:
    """A host may keep the log alone: folding it anew gives the same state."""
    if made.decision.refusal is None:
        folded = made.engine.apply(made.before, made.decision.entries)
        if folded != made.decision.state:
            yield "the state is not what its entries make of the one before"


def effects_are_owed_once(made: AnyAsked) -> Iterator[str]:
    """What is owed twice is done twice; a second delivery is known by the effect's id alone."""
    owed = made.decision.effects
    if len(owed) < 2:
        return
    for one, count in Counter((o.effect.name, o.thread, o.subjects) for o in owed).items():
        if count > 1:
            yield f"{one[0]} is owed {count} times for {one[1] or ', '.join(one[2])}"
    if len({o.id for o in owed}) != len(owed):
        yield "two effects have one id"


def effects_keep_their_phases(made: AnyAsked) -> Iterator[str]:
    """What belongs in the write comes before what may only follow it."""
    if len(made.decision.effects) < 2:
        return
    phases = [o.phase for o in made.decision.effects]
    if phases != sorted(phases, key=lambda phase: phase is Phase.AFTER):
        yield "what comes after the write stands before what belongs in it"
