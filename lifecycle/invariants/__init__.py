"""What holds of every session and deployment: of its state, of each decision, of what it writes.

Each invariant is a small function whose name says what holds and whose docstring says why. It
yields what is wrong, as a sentence; nothing, if it holds. `complaints` asks all of them about a
state, `faults` about a decision; `Listener` lets the checker read along what is emitted. Of
deployments the same is asked by `objections`, `mistakes` and `LogReader`.

Tests and the exploration share them, so that both believe in the same model.
"""

from __future__ import annotations

from lifecycle.invariants.deployment_form import Decided
from lifecycle.invariants.deployment_logs import LogReader
from lifecycle.invariants.deployment_steps import OF_DEPLOYMENT_STEPS, mistakes
from lifecycle.invariants.deployments import OF_DEPLOYMENTS, Look, objections
from lifecycle.invariants.form import ENDED, Made, Violation
from lifecycle.invariants.lists import Listener, heard
from lifecycle.invariants.states import OF_STATES, complaints
from lifecycle.invariants.steps import OF_STEPS, faults

__all__ = [
    "ENDED",
    "OF_DEPLOYMENTS",
    "OF_DEPLOYMENT_STEPS",
    "OF_STATES",
    "OF_STEPS",
    "Decided",
    "Listener",
    "LogReader",
    "Look",
    "Made",
    "Violation",
    "complaints",
    "faults",
    "heard",
    "mistakes",
    "objections",
]
