"""``lifecycle draw``: write the generated files of a checkout, or say which are not up to date."""

from __future__ import annotations

from pathlib import Path

import click

from lifecycle.check.rules import RULES
from lifecycle.draw import DrawError, RuleEntry, check, write

__all__ = ["draw", "known_rules"]


def known_rules() -> tuple[RuleEntry, ...]:
    """Return the checker's rules."""
    return tuple(RULES.values())


@click.command()
@click.option(
    "--check", "only_check", is_flag=True, help="Write nothing; exit 1 if a file is not up to date."
)
@click.option(
    "--root",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=".",
    show_default="the current directory",
    help="The checkout: diagrams/ and README.md are below it.",
)
@click.pass_context
def draw(ctx: click.Context, only_check: bool, root: Path) -> None:
    """Write the diagrams, grids and tables below diagrams/, and the generated blocks of README.md.

    All of them come from the tables, so that none can disagree with what the code does.

    \b
    Examples:
        lifecycle draw            bring every file up to date
        lifecycle draw --check    name those that are not, and write nothing
    """
    rules = known_rules()
    try:
        found = check(root, rules) if only_check else write(root, rules)
    except (DrawError, OSError, UnicodeDecodeError) as error:
        raise click.UsageError(str(error), ctx) from error
    for file in found:
        done = "removed" if file.how == "extra" else "written"
        click.echo(f"{file.how if only_check else done}: {file.path}")
    if not found:
        click.echo("every generated file is up to date")
    elif only_check:
        click.echo("bring them up to date with: lifecycle draw")
        ctx.exit(1)
