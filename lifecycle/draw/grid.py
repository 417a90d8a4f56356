"""The grid of a machine, and what its rows, states and effects say: the views that pages share."""

from __future__ import annotations

from inspect import getdoc
from typing import Any, Final

from lifecycle.dialects import Dialect
from lifecycle.dialects.form import Reported
from lifecycle.machines import MACHINES
from lifecycle.table import Effect, Machine, Row, Verdict
from lifecycle.vocabulary import Word

__all__ = ["DENIED", "OWN", "amended", "answer", "grid", "meaning", "owed", "words"]

DENIED: Final = "✗"
"""How a refusal is marked in a grid."""

OWN: Final = "†"
"""How a dialect's own row is marked."""


def meaning(machine: Machine[Any, Any]) -> str:
    """Return in one line what a machine tells, which its states' enum says."""
    return (getdoc(type(machine.states[0])) or "").splitlines()[0]


def answer(row: Row[Any, Any]) -> str:
    """Return what a row says, in a word: where it moves to, ``stay``, or the mark of a refusal."""
    if row.verdict is Verdict.MOVE:
        return f"→ {row.target}"
    return "stay" if row.accepts else DENIED


def amended(dialect: Dialect, name: str) -> frozenset[tuple[Word, Word]]:
    """Return the cells in which *dialect* differs from the common table of the machine *name*.

    A switch amends like a row does, as long as its choice is not the common table's.

    Raises:
        KeyError: there is no such machine.
    """
    common, rows = MACHINES[name], dialect.machines[name]
    return frozenset(
        (row.state, row.trigger) for row in rows if row != common.step(row.state, row.trigger)
    )


def words(dialect: Dialect, name: str, state: str) -> tuple[Reported, ...]:
    """Return the words that *dialect* reports for *state* of the machine *name*, if any."""
    return tuple(r for r in dialect.reported if (r.machine, r.state) == (name, state))


def owed(machine: Machine[Any, Any]) -> tuple[Effect, ...]:
    """Return the effects that the rows of *machine* name, each once, in the order of the rows."""
    return tuple(dict.fromkeys(effect for row in machine for effect in row.effects))


def grid(dialect: Dialect, name: str) -> tuple[list[str], list[list[str]]]:
    """Return head and rows of the grid: a row for each trigger, a column for each state.

    Raises:
        KeyError: there is no such machine.
    """
    machine, own = dialect.machines[name], amended(dialect, name)
    rows = []
    for trigger in machine.triggers:
        steps = [machine.step(state, trigger) for state in machine.states]
        cells = [f"{answer(s)} {OWN}" if (s.state, trigger) in own else answer(s) for s in steps]
        rows.append([str(trigger), *cells])
    return ["trigger", *map(str, machine.states)], rows
