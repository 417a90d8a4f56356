"""``lifecycle check``: recordings against the rules, reported in one of the formats."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, Literal

import attrs
import click
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)

from lifecycle.check.findings import Finding, Level
from lifecycle.check.formats import FORMATS, Rendering, as_text
from lifecycle.check.formats.rendering import coverage
from lifecycle.check.report import Report
from lifecycle.check.rule import UnknownRule
from lifecycle.check.rules import RULES
from lifecycle.check.run import check_paths
from lifecycle.cli.options import dialect_option
from lifecycle.plain import counted, visible
from lifecycle.wire.readers import Unusable, expand, source_lines

__all__ = ["check"]

_PIPED_WIDTH: Final = 100
"""Columns of text that no terminal shows."""

_WIDTH_LEAST: Final = 60

_LARGE: Final = 8 << 20
"""Bytes of input from which progress is worth showing."""

_LEVELS: Final = {str(level): level for level in Level}
_QUOTING: Final = frozenset({"text", "sarif"})
"""Formats that quote the recording's lines."""

_Extent = Literal["auto", "whole", "partial"]
_Tell = Callable[[str, int, int | None], None]


def _codes(_: click.Context, __: click.Parameter, given: Sequence[str]) -> frozenset[str] | None:
    """Return the codes of ``TH,SE001`` as they were meant; `None` if nothing was said."""
    codes = frozenset(code.strip().upper() for part in given for code in part.split(","))
    return codes if given else None


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@dialect_option("The service that made the recording.")
@click.option(
    "--format",
    "form",
    type=click.Choice(list(FORMATS)),
    default="text",
    show_default=True,
    help="For people, for programs, or for a continuous integration service.",
)
@click.option(
    "--select",
    multiple=True,
    callback=_codes,
    metavar="CODES",
    help="Apply only these rules: codes or their beginnings, with commas (TH,SE001).",
)
@click.option(
    "--ignore",
    multiple=True,
    callback=_codes,
    metavar="CODES",
    help="Leave these rules out; wins over --select.",
)
@click.option(
    "--level",
    type=click.Choice(list(_LEVELS)),
    help="List findings down to this level; all are counted.  "
    "[default: warning for text, note for the other formats]",
)
@click.option(
    "--whole/--partial",
    "whole",
    default=None,
    help="Whether the recording runs from the session's birth to its rest, so that what is missing "
    "counts.  [default: as far as the recording itself shows it]",
)
@click.option(
    "--session-key",
    metavar="KEY",
    help="The field that tells apart sessions which are interleaved in one file (session_id).",
)
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    metavar="N",
    help="Processes to use; the report stays the same.",
)
@click.option(
    "--output",
    type=click.Path(dir_okay=False, writable=True),
    metavar="FILE",
    help="Write the report to FILE instead.",
)
@click.pass_context
def check(
    ctx: click.Context,
    paths: tuple[str, ...],
    dialect: str,
    form: str,
    select: frozenset[str] | None,
    ignore: frozenset[str] | None,
    level: str | None,
    whole: bool | None,
    session_key: str | None,
    jobs: int,
    output: str | None,
) -> None:
    """Check whether the recorded event streams at PATH... are possible, and records of deployments.

    PATH is a file (JSON Lines, a JSON array, pages of an API list, a server-sent event capture;
    .gz too), a directory of such files, or - for standard input. Every finding names the rule, the
    event, and the earlier events that make it wrong; what follows from the same cause is folded
    under it.

    Deployments, their runs and webhooks are told by their types. They may stand in any order, in
    one file or in several, also beside events; what several of them show together is said at the
    end.

    \b
    Exit codes:
        0    no finding is an error
        1    there are errors
        2    a file was unusable, nothing was checked, or the call was wrong
        130  interrupted; the report covers what was read

    \b
    Is this recording possible?
        lifecycle check session.jsonl
    And those of another service, in a whole directory?
        lifecycle check recordings/ --dialect qoder
    What is unusual in it, too?
        lifecycle check session.jsonl --level note
    Straight from an export that mixes many sessions?
        gunzip -c export.gz | lifecycle check - --session-key session_id
    For code scanning, without the rules about tool calls?
        lifecycle check recordings/ --format sarif --ignore CA --output lifecycle.sarif
    What did this deployment do, as far as these pages of runs and readings show it?
        lifecycle check deployment.json runs-1.json runs-2.json
    What does the rule TH003 say?
        lifecycle rule TH003
    """
    extent: _Extent = "auto" if whole is None else "whole" if whole else "partial"
    with _progress(paths) as tell:
        try:
            report = check_paths(
                paths,
                dialect=dialect,
                session_key=session_key,
                start=extent,
                end=extent,
                select=select,
                ignore=ignore or (),
                jobs=jobs,
                progress=tell,
            )
        except KeyboardInterrupt:
            report = Report([], dialect, interrupted=True)
        except (UnknownRule, Unusable) as error:
            raise click.UsageError(str(error)) from error
    listed = _LEVELS[level] if level else Level.WARNING if form == "text" else Level.NOTE
    _write(Rendering(report, RULES, listed), form, output)
    ctx.exit(report.exit_code)


def _write(rendering: Rendering, form: str, output: str | None) -> None:
    """Write the report where it is wanted."""
    if form in _QUOTING:
        shown = rendering.findings
        if form == "text":
            shown = rendering.first_of_each_rule(as_text.SHOWN)
        rendering = attrs.evolve(rendering, lines=_quoted(shown))
    console = Console(highlight=False)
    if output is not None:
        text = FORMATS[form](attrs.evolve(rendering, width=_PIPED_WIDTH))
        try:
            Path(output).write_text(text, encoding="utf-8", errors="backslashreplace")
        except OSError as error:
            raise click.FileError(output, error.strerror) from error
        report = rendering.report
        counts = ", ".join(counted(report.count(level), level) for level in Level)
        click.echo(f"{coverage(report)}; {counts}; the report is in {output}", err=True)
    elif form == "text" and console.is_terminal:
        rendering = attrs.evolve(rendering, width=max(_WIDTH_LEAST, console.width))
        console.print(as_text.styled(rendering), soft_wrap=True, end="")
    else:
        click.echo(FORMATS[form](rendering), nl=False)


def _quoted(findings: Sequence[Finding]) -> dict[tuple[str, int], bytes]:
    """Read again the lines that *findings* point at; some may be gone."""
    wanted: dict[str, set[int]] = {}
    for finding in findings:
        wanted.setdefault(finding.file, set()).add(finding.line)
    lines: dict[tuple[str, int], bytes] = {}
    for path, numbers in wanted.items():
        with suppress(Unusable):  # standard input, for one, cannot be read twice
            lines |= {(path, n): text for n, text in source_lines(path, numbers).items()}
    return lines


@contextmanager
def _progress(paths: Sequence[str]) -> Iterator[_Tell | None]:
    """Show on a terminal how many bytes are read, if there are many; else do nothing."""
    console = Console(stderr=True)
    total = _size(paths) if console.is_terminal else 0
    if total < _LARGE:
        yield None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    with Progress(*columns, TimeRemainingColumn(), console=console, transient=True) as bar:
        task = bar.add_task("checking", total=total)
        done: dict[str, int] = {}

        def tell(path: str, read: int, _: int | None) -> None:
            done[path] = read
            bar.update(task, completed=sum(done.values()), description=escape(visible(path)))

        yield tell


def _size(paths: Sequence[str]) -> int:
    """Return how many bytes there are to read, as far as that is known."""
    with suppress(Unusable, OSError):
        return sum(Path(path).stat().st_size for path in expand(paths) if path != "-")
    return 0
