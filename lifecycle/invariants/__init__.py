"""What holds of every session: of its state, of each decision, and of the lists that it emits.

Each invariant is a small function whose name says what holds and whose docstring says why. It
yields what is wrong, as a sentence; nothing, if it holds. `complaints` asks all of them about a
state, `faults` about a decision; `Listener` lets the checker read along what is emitted.

Tests and the exploration share them, so that both believe in the same session.
"""

from __future__ import annotations

from lifecycle.invariants.form import ENDED, Made, Violation
from lifecycle.invariants.lists import Listener, heard
from lifecycle.invariants.states import OF_STATES, complaints
from lifecycle.invariants.steps import OF_STEPS, faults

__all__ = [
    "ENDED",
    "OF_STATES",
    "OF_STEPS",
    "Listener",
    "Made",
    "Violation",
    "complaints",
    "faults",
    "heard",
]
