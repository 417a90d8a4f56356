"""State diagrams in Mermaid's text: every move of a machine is an edge, and every edge is a move.

The happy path comes first, so that the layout draws it straight; then the edges by state and
target. All triggers of one edge share its label. A row that stays is a loop only if it owes
effects; what is refused is not drawn. A dialect's own rows say so.

Labels hold words only: Mermaid ends a label at a colon or a semicolon without a complaint.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs

from lifecycle.dialects import Dialect
from lifecycle.draw.grid import amended
from lifecycle.draw.markdown import MARK
from lifecycle.table import Machine, Row, Verdict

__all__ = ["Edge", "diagram", "edges"]


@attrs.frozen
class Edge:
    """One arrow of a diagram.

    Attributes:
        state: where it starts.
        target: where it ends; the same for a loop.
        triggers: what takes it, in the order of the enum.
        own: those of the triggers whose row is the dialect's own.
    """

    state: str
    target: str
    triggers: tuple[str, ...]
    own: frozenset[str]

    @property
    def label(self) -> str:
        """The triggers, one a line."""
        return "<br>".join(f"{t} (amended)" if t in self.own else t for t in self.triggers)


def edges(dialect: Dialect, name: str) -> tuple[Edge, ...]:
    """Return the edges of the machine *name*, the happy path first.

    Raises:
        KeyError: there is no such machine.
    """
    machine, own = dialect.machines[name], amended(dialect, name)
    found: dict[tuple[str, str], list[Row[Any, Any]]] = {
        (state, target): [] for state in machine.states for target in machine.states
    }
    for row in machine:
        if _is_drawn(row):
            found[row.state, row.target].append(row)
    order = [*_happy_path(machine), *found]
    return tuple(
        Edge(
            str(state),
            str(target),
            tuple(str(row.trigger) for row in rows),
            frozenset(str(row.trigger) for row in rows if (row.state, row.trigger) in own),
        )
        for state, target in dict.fromkeys(order)
        if (rows := found[state, target])
    )


def diagram(dialect: Dialect, name: str) -> str:
    """Return the ``stateDiagram-v2`` of the machine *name*.

    Raises:
        KeyError: there is no such machine.
    """
    machine, drawn = dialect.machines[name], edges(dialect, name)
    left = {edge.state for edge in drawn if edge.state != edge.target}
    lines = [f"%% {MARK}", *_remarks(dialect, name), "stateDiagram-v2"]
    for state in machine.states:
        if (word := dialect.word(name, state)) != state:
            lines.append(f'    state "{state} (reported as {word})" as {state}')
    lines += [f"    [*] --> {state}" for state in machine.initial]
    lines += [f"    {edge.state} --> {edge.target} : {edge.label}" for edge in drawn]
    lines += [f"    {state} --> [*]" for state in machine.states if state not in left]
    return "\n".join(lines) + "\n"


def _is_drawn(row: Row[Any, Any]) -> bool:
    """Whether a row is seen in the diagram: it moves, or stays and owes something."""
    return row.verdict is Verdict.MOVE or (row.accepts and bool(row.effects))


def _happy_path(machine: Machine[Any, Any]) -> Iterator[tuple[Any, Any]]:
    """Follow from each initial state the first trigger that moves, until a step would repeat.

    The enums list what usually happens first, which is what makes this path the happy one.
    """
    walked: set[tuple[Any, Any]] = set()
    for state in machine.initial:
        step = _first_move(machine, state)
        while step and (step.state, step.target) not in walked:
            walked.add((step.state, step.target))
            yield step.state, step.target
            step = _first_move(machine, step.target)


def _first_move(machine: Machine[Any, Any], state: Any) -> Row[Any, Any] | None:
    """Return the row of the first trigger that moves *state*, if one does."""
    rows = (machine.step(state, trigger) for trigger in machine.triggers)
    return next((row for row in rows if row.verdict is Verdict.MOVE), None)


def _remarks(dialect: Dialect, name: str) -> Iterator[str]:
    """Say what the dialect amended and the drawing cannot show, as comments."""
    machine, own = dialect.machines[name], amended(dialect, name)
    for row in machine:
        if (row.state, row.trigger) in own and not _is_drawn(row):
            how = "changes nothing" if row.accepts else "is refused"
            yield f"%% Amended: {row.state} x {row.trigger} {how}: {row.because}."
