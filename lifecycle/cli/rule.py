"""``lifecycle rule``: the checker's rules, listed or explained."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

import click
from rich.console import Console
from rich.markdown import Markdown

from lifecycle.check.rule import Rule
from lifecycle.check.rules import RULES

__all__ = ["rule"]


@click.command()
@click.argument("code", required=False, metavar="[CODE]")
def rule(code: str | None) -> None:
    """Explain the rule CODE, or list every rule.

    A page says what the rule checks, why that matters, a stream that it flags, one that comes near
    and is fine, and how the fact is known. The beginning of a code lists the rules of that family.

    \b
    Examples:
        lifecycle rule            which rules are there?
        lifecycle rule TH         which of them are about threads?
        lifecycle rule DR         and which about the runs of deployments?
        lifecycle rule TH003      what does this one say, and why?
    """
    if code is None:
        _list(list(RULES.values()))
        return
    wanted = code.upper()
    if wanted in RULES:
        _explain(RULES[wanted])
    elif family := [one for one in RULES.values() if one.code.startswith(wanted)]:
        _list(family)
    else:
        raise click.UsageError(f"no rule {code!r}; {_near(wanted)}")


def _explain(one: Rule) -> None:
    """Print the page of a rule: rendered on a terminal, as Markdown elsewhere."""
    console = Console(highlight=False)
    if console.is_terminal:
        console.print(Markdown(one.page()))
    else:
        click.echo(one.page(), nl=False)


def _list(rules: Sequence[Rule]) -> None:
    """Print code, level and name of each rule."""
    for one in sorted(rules, key=lambda one: one.code):
        click.echo(f"{one.code}  {one.level:<7}  {one.name}")


def _near(wanted: str) -> str:
    """Return what CODE may have been meant to be."""
    near = difflib.get_close_matches(wanted, RULES, n=3, cutoff=0.6)
    if near:
        return f"did you mean {' or '.join(sorted(near))}?"
    families = sorted({one.rstrip("0123456789") for one in RULES})
    return f"the families are {', '.join(families)} (lifecycle rule lists all)"
