"""``lifecycle show``: a recording as a timeline in the terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Final

import click
from rich.console import Console
from rich.text import Text

from lifecycle.check.findings import Finding, Level
from lifecycle.cli.options import dialect_option
from lifecycle.plain import visible
from lifecycle.show import OWN, Row, Timeline
from lifecycle.show.paint import ASCII, UNICODE, Painter
from lifecycle.wire.readers import BadLine, Item, Recording, Skipped, Unusable, open_recording

__all__ = ["show"]

_PIPED_WIDTH: Final = 100
_HELD_ROWS: Final = 24
"""How many rows wait for the name of the list's own thread before the head is printed without."""

_NAMED_SESSIONS: Final = 5
_STYLES: Final = {Level.ERROR: "bold red", Level.WARNING: "bold yellow", Level.NOTE: "cyan"}


@click.command()
@click.argument("path", metavar="PATH")
@click.option(
    "--session-key",
    default="session_id",
    show_default=True,
    metavar="KEY",
    help="The field that tells apart sessions which are interleaved in one file.",
)
@click.option("--session", metavar="ID", help="Which of them to show.  [default: the first]")
@click.option("--check", "checked", is_flag=True, help="Mark what the checker finds.")
@dialect_option("The service that made the recording, for --check.")
def show(path: str, session_key: str, session: str | None, checked: bool, dialect: str) -> None:
    """Show the recording at PATH as a timeline: one lane a thread, one row an event that matters.

    Messages between threads, and between a thread and the client, are arrows. A model request and
    what the model said in it are one row. PATH may be - for standard input; nothing is judged,
    unless with --check.

    \b
    What happened in this session?
        lifecycle show session.jsonl | less -R
    And where is it wrong?
        lifecycle show session.jsonl --check
    One of many sessions in an export?
        lifecycle show export.jsonl.gz --session sesn_01
    """
    console = Console(highlight=False)
    terminal = console.is_terminal
    marks = _findings(path, session_key, dialect) if checked else {}
    try:
        with open_recording(path, session_key=session_key) as recording:
            told = _Telling(recording, session, marks)
            width = console.width if terminal else _PIPED_WIDTH
            for line in told.lines(Painter(width, UNICODE if _speaks_unicode() else ASCII)):
                line.rstrip()
                if terminal:
                    console.print(line, soft_wrap=True)
                else:
                    click.echo(line.plain)
    except Unusable as error:
        raise click.UsageError(str(error)) from error
    if session is not None and told.session != session:
        raise click.UsageError(f"{path} has no session {session!r}; it has {told.others()}")
    if told.other_sessions:
        click.echo(f"not shown (--session ID): {told.others()}", err=True)


class _Telling:
    """Tells one session of a recording, line by line."""

    def __init__(
        self, recording: Recording, session: str | None, marks: dict[int, list[Finding]]
    ) -> None:
        self.session: str | None = None
        self.other_sessions: dict[str, None] = {}
        self._recording: Final = recording
        self._wanted: Final = session
        self._marks: Final = marks
        self._timeline: Final = Timeline()

    def lines(self, painter: Painter) -> Iterator[Text]:
        """Yield the head, the rows, and the findings under the rows that they are about."""
        held: list[tuple[Row, Finding | None]] | None = []
        for told in self._told():
            if held is None:
                yield from _painted(painter, *told)
                continue
            held.append(told)
            if self._timeline.lanes[OWN].thread_id or len(held) == _HELD_ROWS:
                yield from self._begun(painter, held)
                held = None
        if held:
            yield from self._begun(painter, held)

    def others(self) -> str:
        """Return the names of the sessions that were not told, or of the first of them."""
        names = list(self.other_sessions)
        more = len(names) - _NAMED_SESSIONS
        shown = ", ".join(visible(name) for name in names[:_NAMED_SESSIONS])
        return f"{shown} and {more} more" if more > 0 else shown or "none that is named"

    def _begun(self, painter: Painter, held: list[tuple[Row, Finding | None]]) -> Iterator[Text]:
        """Yield the head and the rows that waited for it."""
        unit = "event" if self._recording.counts == "positions" else "line"
        yield from painter.head(self._timeline.lanes, unit)
        for told in held:
            yield from _painted(painter, *told)

    def _told(self) -> Iterator[tuple[Row, Finding | None]]:
        """Yield every row; after it, again with each finding about its events."""
        row: Row | None = None
        for batch in self._recording.batches():
            for item in batch:
                for row in self._rows(item):
                    yield row, None
                if row is not None and item.line in self._marks and self._tells(item):
                    for finding in self._marks.pop(item.line):
                        yield row, finding
        if row is not None:
            for row in self._timeline.end():
                yield row, None

    def _rows(self, item: Item) -> Iterator[Row]:
        """Yield the rows that *item* completes."""
        event = item.event if isinstance(item, BadLine) else item
        if isinstance(item, BadLine):
            yield self._timeline.broken(item.line, item.why)
        if event is not None and not isinstance(event, Skipped) and self._tells(item):
            yield from self._timeline.feed(event)

    def _tells(self, item: Item) -> bool:
        """Return whether *item* belongs to the session that is told; the first one, if not said."""
        event = item.event if isinstance(item, BadLine) else item
        key = None if event is None or isinstance(event, Skipped) else self._recording.key_of(event)
        if key is None:
            return self._wanted is None
        if self.session is None and self._wanted in (None, key):
            self.session = key
        if key != self.session:
            self.other_sessions[key] = None
        return key == self.session


def _painted(painter: Painter, row: Row, finding: Finding | None) -> Iterator[Text]:
    if finding is None:
        return painter.paint(row)
    note = f"{finding.level}[{finding.code}]: {finding.message}"
    return painter.paint(row, note, _STYLES[finding.level])


def _findings(path: str, session_key: str, dialect: str) -> dict[int, list[Finding]]:
    """Return what the checker finds in the recording, by line."""
    from lifecycle.check.run import check_paths  # all the rules: not for a mere look

    if path == "-":
        raise click.UsageError("--check reads the recording twice: it needs a file")
    found: dict[int, list[Finding]] = {}
    for finding in check_paths([path], dialect=dialect, session_key=session_key).findings:
        found.setdefault(finding.line, []).append(finding)
    return found


def _speaks_unicode() -> bool:
    """Return whether standard output knows the characters that lanes are drawn with."""
    try:
        "┃▶╎".encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True
