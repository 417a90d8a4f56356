"""``lifecycle replay``: recordings as the engine's oracle."""

from __future__ import annotations

import json

import click

from lifecycle.cli.options import dialect_option
from lifecycle.dialects import DIALECTS
from lifecycle.replay import as_data, as_text, exit_code, replay_paths

__all__ = ["replay"]


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@dialect_option("The service that made the recording.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="For reading, or for programs.",
)
@click.option("--commands", is_flag=True, help="List the commands that were inferred, too.")
@click.pass_context
def replay(
    ctx: click.Context, paths: tuple[str, ...], dialect: str, form: str, commands: bool
) -> None:
    """Infer the commands behind the recordings at PATH..., decide them, and compare the events.

    PATH is a session's list, or a child's own, in any form that check reads; a directory of such
    files; or - for standard input. Compared are each event's type, thread, stop reason, the calls
    that are asked, and the order; not stamps and contents. Where the engine has a switch that the
    recording needs at another choice, or the recording is of a documented kind that shows less or
    elsewhere, that is named and counted. The first difference is shown with both sides. What a
    child did on its own list is guessed from what is recorded of it, and may be guessed wrongly.

    \b
    Exit codes:
        0    all are reproduced: exactly, or up to what is named
        1    one is not
        2    one could not be used, or the call was wrong

    \b
    Does the engine do what this service did?
        lifecycle replay session.jsonl
    Which commands does that take?
        lifecycle replay session.jsonl --commands
    And for a whole directory?
        lifecycle replay recordings/
    """
    results = list(replay_paths(paths, dialect))
    known = DIALECTS[dialect]
    if form == "json":
        click.echo(json.dumps(as_data(results, known, commands=commands), indent=2))
    else:
        click.echo(as_text(results, known, commands=commands), nl=False)
    ctx.exit(exit_code(results))
