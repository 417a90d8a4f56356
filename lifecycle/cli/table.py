"""``lifecycle table``: a machine in the terminal, its grid and every row with its reason."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import click
from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Column, Table
from rich.text import Text

from lifecycle.cli import rendered
from lifecycle.cli.options import dialect_option
from lifecycle.dialects import DIALECTS, Dialect
from lifecycle.draw import (
    DENIED,
    OWN,
    amended,
    answer,
    grid,
    machine_page,
    meaning,
    owed,
    words,
)
from lifecycle.draw.markdown import table as markdown_table
from lifecycle.machines import MACHINES
from lifecycle.table import Row
from lifecycle.vocabulary import Word

__all__ = ["table"]


def _known(ctx: click.Context, _: click.Parameter, name: str | None) -> str | None:
    """Refuse a machine that there is not, naming those that there are."""
    if name is not None and name not in MACHINES:
        ctx.fail(f"no machine {name!r}; choose from {', '.join(MACHINES)}")
    return name


@click.command()
@click.argument("machine", required=False, callback=_known)
@dialect_option("Whose way of speaking the model.")
@click.option(
    "--format", "form", type=click.Choice(["text", "markdown", "json"]), default="text",
    show_default=True, help="For the terminal, for a document, or for programs.",
)  # fmt: skip
def table(machine: str | None, dialect: str, form: str) -> None:
    """Print MACHINE: what every trigger does in every state, and why.

    Without MACHINE, list the machines.

    \b
    Examples:
        lifecycle table                           which machines are there?
        lifecycle table thread                    what may happen to a thread?
        lifecycle table session --dialect qoder   the same for another service
    """
    spoken = DIALECTS[dialect]
    if form == "json":
        data = _as_data(spoken, machine) if machine else _listed(spoken)
        click.echo(json.dumps(data, indent=2, ensure_ascii=False))
    elif form == "markdown":
        click.echo(machine_page(spoken, machine) if machine else _markdown_list(spoken), nl=False)
    elif machine:
        click.echo(rendered(*_as_text(spoken, machine)), nl=False)
    else:
        click.echo(rendered(_text_list(spoken)), nl=False)


def _listed(dialect: Dialect) -> list[dict[str, str]]:
    """Return every machine's name with what it tells."""
    return [{"machine": name, "about": meaning(m)} for name, m in dialect.machines.items()]


def _text_list(dialect: Dialect) -> RenderableType:
    """Return the list of machines for the terminal."""
    lines = Table.grid(padding=(0, 2, 0, 0))
    for entry in _listed(dialect):
        lines.add_row(Text(entry["machine"], style="bold"), entry["about"])
    return lines


def _markdown_list(dialect: Dialect) -> str:
    """Return the list of machines for a document."""
    rows = [[entry["machine"], entry["about"]] for entry in _listed(dialect)]
    return markdown_table(["machine", "what it tells"], rows) + "\n"


def _as_data(dialect: Dialect, name: str) -> dict[str, Any]:
    """Return the machine *name* as JSON has it."""
    machine, own = dialect.machines[name], amended(dialect, name)
    return {
        "machine": name,
        "dialect": dialect.name,
        "about": meaning(machine),
        "initial": list(machine.initial),
        "states": [
            {"state": s, "meaning": s.__doc__, "reported": _reported(dialect, name, s)}
            for s in machine.states
        ],
        "triggers": [{"trigger": t, "meaning": t.__doc__} for t in machine.triggers],
        "rows": [_row(row, (row.state, row.trigger) in own) for row in machine],
        "effects": [
            {
                "effect": e.name,
                "meaning": e.doc,
                "phase": e.phase,
                "repeatable": e.repeatable,
                "lost": e.lost,
            }
            for e in owed(machine)
        ],
    }


def _reported(dialect: Dialect, name: str, state: Word) -> list[dict[str, str]]:
    """Return the reported words of a state as JSON has them."""
    return [
        {"word": r.word, "when": r.when, "evidence": r.evidence, "source": r.source}
        for r in words(dialect, name, state)
    ]


def _row(row: Row[Any, Any], own: bool) -> dict[str, Any]:
    """Return one row as JSON has it."""
    return {
        "state": row.state,
        "trigger": row.trigger,
        "verdict": row.verdict,
        "target": row.target,
        "effects": [effect.name for effect in row.effects],
        "because": row.because,
        "evidence": row.evidence,
        "source": row.source,
        "amended": own,
    }


def _as_text(dialect: Dialect, name: str) -> Iterator[RenderableType]:
    """Iterate over what the terminal shows: a title, the grid, and each state with its rows."""
    machine = dialect.machines[name]
    yield Text.assemble((f"{name} ({dialect.name})", "bold"), f"  {meaning(machine)}")
    yield Text("")
    yield from _grid(dialect, name)
    for state in machine.states:
        yield Text("")
        yield from _state(dialect, name, state)


def _grid(dialect: Dialect, name: str) -> Iterator[RenderableType]:
    """Iterate over the grid and its legend; a state that refuses everything gets no column."""
    head, rows = grid(dialect, name)
    refuses = [state for i, state in enumerate(head) if all(row[i] == DENIED for row in rows)]
    shown = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="bold")
    for state in head:
        if state not in refuses:
            shown.add_column(state)
    for row in rows:
        cells = [cell for state, cell in zip(head, row, strict=True) if state not in refuses]
        shown.add_row(*(Text(c, style="dim" if c == DENIED else "") for c in cells))
    yield shown
    yield Text("")
    if refuses:
        yield Text(f"Refuses everything: {', '.join(refuses)}.")
    own = f"  {OWN} this dialect's own row" if amended(dialect, name) else ""
    yield Text(
        f"→ moves there  stay: accepted, the state stays  {DENIED} refused{own}", style="dim"
    )


def _state(dialect: Dialect, name: str, state: Word) -> Iterator[RenderableType]:
    """Iterate over one state: what it means, what it accepts, and what it refuses and why."""
    machine, own = dialect.machines[name], amended(dialect, name)
    reports = [
        f" Reported as {r.word}{f' when {r.when}' if r.when else ''}."
        for r in words(dialect, name, state)
    ]
    yield Text.assemble((state, "bold"), f"  {state.__doc__}", *reports)
    accepted = Table.grid(
        Column(no_wrap=True), Column(no_wrap=True), Column(), padding=(0, 2, 0, 0)
    )
    refused: dict[str, list[str]] = {}
    for row in (machine.step(state, trigger) for trigger in machine.triggers):
        mark = f" {OWN}" if (state, row.trigger) in own else ""
        source = f"{row.evidence}: {row.source}" if row.source else row.evidence
        because = f"{row.because} ({source})"
        if row.accepts:
            effects = f"\nowes: {', '.join(map(str, row.effects))}" if row.effects else ""
            reason = Text.assemble(because, (effects, "dim"))
            accepted.add_row(str(row.trigger), answer(row) + mark, reason)
        else:
            refused.setdefault(f"{DENIED}{mark} {because}", []).append(str(row.trigger))
    if accepted.row_count:
        yield Padding(accepted, (0, 0, 0, 2))
    for reason_, triggers in refused.items():
        yield Padding(Text(reason_), (0, 0, 0, 2))
        which = "every trigger" if len(triggers) == len(machine.triggers) else ", ".join(triggers)
        yield Padding(Text(which, style="dim"), (0, 0, 0, 6))
