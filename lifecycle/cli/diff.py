"""``lifecycle diff``: what two dialects say differently, with the evidence of each side."""

from __future__ import annotations

import json
from collections.abc import Iterator

import click
from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Column, Table
from rich.text import Text

from lifecycle.cli import rendered
from lifecycle.dialects import DIALECTS, Dialect, Difference, diff as differences
from lifecycle.draw import grouped
from lifecycle.vocabulary import Evidence

__all__ = ["diff"]

Groups = dict[str, list[tuple[str, Difference]]]
Side = tuple[str, Evidence] | None


@click.command()
@click.argument("left", metavar="A", type=click.Choice(list(DIALECTS)))
@click.argument("right", metavar="B", type=click.Choice(list(DIALECTS)))
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True,
    help="For reading, or for programs.",
)  # fmt: skip
def diff(left: str, right: str, form: str) -> None:
    """Print what the dialects A and B say differently, and how each side is known.

    A service that reports another word, answers another status, or does something else on the same
    trigger shows up here, because dialects are data. Neither side is wrong, so this exits 0.

    \b
    Example:
        lifecycle diff anthropic qoder
    """
    a, b = DIALECTS[left], DIALECTS[right]
    groups = grouped(differences(a, b))
    if form == "json":
        click.echo(json.dumps(_as_data(a, b, groups), indent=2))
    elif groups:
        click.echo(rendered(*_as_text(a, b, groups)), nl=False)
    else:
        click.echo("no difference")


def _as_data(left: Dialect, right: Dialect, groups: Groups) -> dict[str, object]:
    """Return the differences as JSON has them; a side that says nothing is null."""
    found = [
        {"group": group, "about": about, "left": _side(d.left), "right": _side(d.right)}
        for group, items in groups.items()
        for about, d in items
    ]
    return {"left": left.name, "right": right.name, "differences": found}


def _side(side: Side) -> dict[str, str] | None:
    """Return one side of a difference as JSON has it."""
    return {"says": side[0], "evidence": side[1]} if side else None


def _as_text(left: Dialect, right: Dialect, groups: Groups) -> Iterator[RenderableType]:
    """Iterate over the groups: a title, and for each difference what each side says, if it does."""
    width = max(len(left.name), len(right.name))
    for group, items in groups.items():
        yield Text(group, style="bold")
        for about, difference in items:
            yield Text(f"  {about}")
            sides = Table.grid(Column(width=width), Column(), padding=(0, 2, 0, 0))
            for dialect, side in ((left, difference.left), (right, difference.right)):
                if side:
                    sides.add_row(dialect.name, Text.assemble(side[0], (f" ({side[1]})", "dim")))
            yield Padding(sides, (0, 0, 0, 4))
        yield Text("")
