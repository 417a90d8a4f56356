"""Decisions that were never made: one thing of a real one is changed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol, TypeVar

import attrs

from lifecycle.engine.draft import Owed
from lifecycle.invariants.form import Asked
from lifecycle.table import Effect

__all__ = ["AnyForge", "decided", "nth", "owing", "without"]

M = TypeVar("M", bound=Asked[Any, Any, Any, Any])


class AnyForge(Protocol):
    """Makes another decision of one, whichever engine it is of."""

    def __call__(self, one: M, /) -> M: ...


def decided(**changes: Any) -> AnyForge:
    """Change the decision itself."""

    def forge(one: M, /) -> M:
        return attrs.evolve(one, decision=attrs.evolve(one.decision, **changes))

    return forge


def owing(effects: Iterable[Owed]) -> AnyForge:
    """Owe something else."""
    return decided(effects=tuple(effects))


def without(effect: Effect) -> AnyForge:
    """Forget an effect."""

    def forge(one: M, /) -> M:
        return owing(o for o in one.decision.effects if o.effect is not effect)(one)

    return forge


def nth(of: str, index: int, **changes: Any) -> AnyForge:
    """Change one of the entries, or of the effects."""

    def forge(one: M, /) -> M:
        items = list(getattr(one.decision, of))
        items[index] = attrs.evolve(items[index], **changes)
        return decided(**{of: tuple(items)})(one)

    return forge
