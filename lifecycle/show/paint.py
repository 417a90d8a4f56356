"""Rows of a timeline as lines of text with styles: bars and arrows in lanes, the sentence beside.

A lane keeps its column until it has ended; then another may take it. When there are more lanes than
columns, the last column is shared and says so. Text of the recording passes `visible` here.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import Final

import attrs
from rich.cells import cell_len, chop_cells
from rich.text import Text

from lifecycle.plain import visible
from lifecycle.show.rows import CLIENT, OWN, SESSION, Kind, Lane, Look, Row

__all__ = ["ASCII", "UNICODE", "Glyphs", "Painter"]

_PITCH: Final = 3
_LINE_WIDTH: Final = 9
_TIME_WIDTH: Final = 9
_SAYS_MIN: Final = 34
_CUT_KINDS: Final = frozenset({Kind.MODEL, Kind.INPUT, Kind.MESSAGE})
"""Rows whose sentence ends in a quotation: it is cut where the line ends; others are folded."""


@attrs.frozen
class Glyphs:
    """The characters that lanes are drawn with."""

    bars: dict[Look, str]
    dot: str
    end: str
    shared: str
    dash: str
    cross: str
    left: str
    right: str


UNICODE: Final = Glyphs(
    {
        Look.ABSENT: " ",
        Look.UNKNOWN: "·",
        Look.IDLE: "│",
        Look.WAITING: "╎",
        Look.RUNNING: "┃",
        Look.RESCHEDULING: "┊",
        Look.ENDED: " ",
    },
    dot="●",
    end="╳",
    shared="┼",
    dash="─",
    cross="┼",
    left="◀",
    right="▶",
)
ASCII: Final = Glyphs(
    {
        Look.ABSENT: " ",
        Look.UNKNOWN: ".",
        Look.IDLE: "|",
        Look.WAITING: ":",
        Look.RUNNING: "#",
        Look.RESCHEDULING: "~",
        Look.ENDED: " ",
    },
    dot="*",
    end="x",
    shared="+",
    dash="-",
    cross="+",
    left="<",
    right=">",
)
_BAR_STYLES: Final = {
    Look.ABSENT: "",
    Look.UNKNOWN: "dim",
    Look.IDLE: "dim",
    Look.WAITING: "yellow",
    Look.RUNNING: "green",
    Look.RESCHEDULING: "magenta",
    Look.ENDED: "red",
}
_SAYS_STYLES: Final = {
    Kind.STATUS: "",
    Kind.INPUT: "cyan",
    Kind.ASK: "yellow",
    Kind.ANSWER: "cyan",
    Kind.MESSAGE: "blue",
    Kind.MODEL: "",
    Kind.RESULT: "",
    Kind.NEWS: "",
    Kind.ERROR: "bold red",
    Kind.GAP: "dim italic",
    Kind.END: "bold",
}
_LEGEND: Final = (
    (Look.RUNNING, "works"),
    (Look.WAITING, "waits for the client"),
    (Look.IDLE, "rests"),
    (Look.RESCHEDULING, "to be tried again"),
    (Look.UNKNOWN, "not known"),
)


class Painter:
    """Paints rows, in their order, in lines of at most *width* cells (80 at least)."""

    def __init__(self, width: int = 100, glyphs: Glyphs = UNICODE) -> None:
        self._width: Final = max(80, width)
        self._glyphs: Final = glyphs
        room = self._width - _LINE_WIDTH - _TIME_WIDTH - 2 - _SAYS_MIN
        self._columns: Final = room // _PITCH
        self._column: dict[int, int] = {CLIENT: 0, SESSION: 1, OWN: 2}
        self._used: int = 3

    def head(self, lanes: Sequence[Lane], unit: str = "line") -> Iterator[Text]:
        """Yield the legend, and the names of the first lanes over their columns.

        *unit* is what the rows' numbers count.
        """
        legend = [
            Text.assemble((self._bar(look), _BAR_STYLES[look]), f" {says}")
            for look, says in _LEGEND
        ]
        legend.append(Text.assemble((self._glyphs.end, _BAR_STYLES[Look.ENDED]), " ends"))
        yield Text("   ").join(legend)
        yield Text()
        names = [visible(lanes[n].name).removeprefix("the ") for n in (CLIENT, SESSION, OWN)]
        bar = self._glyphs.bars[Look.IDLE]
        for number, name in enumerate(names):
            margin = f"{unit:>{_LINE_WIDTH}}{'time':>{_TIME_WIDTH}}  "
            margin = margin if number == len(names) - 1 else " " * len(margin)
            bars = "".join(bar.ljust(_PITCH) for _ in range(number))
            room = self._width - cell_len(margin + bars)
            yield Text.assemble((margin, "dim"), (bars, "dim"), (_cut(name, room), "bold"))

    def paint(self, row: Row, note: str = "", style: str = "") -> Iterator[Text]:
        """Yield the lines of *row*; the first has the recording's line, the time, and the arrow.

        With *note*, that stands in place of the row's sentence, and without line, time and arrow.
        """
        self._place(row)
        where = f"{row.first}" if row.first == row.last else f"{row.first}-{row.last}"
        margin = f"{where:>{_LINE_WIDTH}}{_clock(row.at):>{_TIME_WIDTH}}  "
        blank = " " * (_LINE_WIDTH + _TIME_WIDTH + 2)
        bars = self._bars(row)
        says = visible(note or row.says)
        room = self._width - cell_len(blank) - cell_len(bars.plain) - 1
        cut = row.kind in _CUT_KINDS and not note
        lines = [_cut(says, room)] if cut else _fold(says, room)
        style = style or _SAYS_STYLES[row.kind]
        for number, line in enumerate(lines):
            first = number == 0 and not note
            drawn = self._drawn(row, bars) if first else bars
            yield Text.assemble((margin if first else blank, "dim"), drawn, " ", (line, style))

    def _bar(self, look: Look) -> str:
        return self._glyphs.bars[look]

    def _place(self, row: Row) -> None:
        """Give every lane of the row a column."""
        for lane, look in enumerate(row.looks):
            if lane in self._column and look is Look.ENDED and lane not in (row.lane, row.target):
                if lane > OWN:
                    del self._column[lane]
            elif lane not in self._column and (
                look is not Look.ENDED or lane in (row.lane, row.target)
            ):
                taken = set(self._column.values())
                free = (c for c in range(OWN + 1, self._columns) if c not in taken)
                self._column[lane] = next(free, self._columns - 1)
        self._used = max(self._used, 1 + max(self._column.values()))

    def _bars(self, row: Row) -> Text:
        """Return what every lane shows after the row."""
        cells: list[tuple[str, str]] = [(" ", "")] * self._used
        for lane, column in self._column.items():
            look = row.looks[lane]
            shared = sum(other == column for other in self._column.values()) > 1
            bar = self._glyphs.shared if shared else self._bar(look)
            cells[column] = (bar, _BAR_STYLES[look])
        text = Text()
        for bar, style in cells:
            text.append(bar, style).append(" " * (_PITCH - 1))
        return text

    def _drawn(self, row: Row, bars: Text) -> Text:
        """Return the bars with the row's mark in its lane, and its arrow to the other."""
        if row.kind is Kind.GAP:
            return bars
        chars = list(bars.plain)
        source = self._column[row.lane] * _PITCH
        ended = row.looks[row.lane] is Look.ENDED
        chars[source] = self._glyphs.end if ended else self._glyphs.dot
        style = _SAYS_STYLES[row.kind] or _BAR_STYLES[row.looks[row.lane]]
        drawn = (source, source + 1)
        if row.target is not None:
            target = self._column[row.target] * _PITCH
            drawn = self._arrow(chars, source, target)
        text = Text("".join(chars))
        for span in bars.spans:
            text.stylize(span.style, span.start, span.end)
        text.stylize(style, *drawn)
        return text

    def _arrow(self, chars: list[str], source: int, target: int) -> tuple[int, int]:
        """Draw an arrow into *chars*; return the range that it and its mark take."""
        glyphs = self._glyphs
        rightward = target > source
        inner = range(source + 1, target) if rightward else range(target + 1, source)
        for at in inner:
            chars[at] = glyphs.cross if at % _PITCH == 0 and chars[at] != " " else glyphs.dash
        if inner:
            chars[inner[-1] if rightward else inner[0]] = glyphs.right if rightward else glyphs.left
        return (source, target) if rightward else (target + 1, source + 1)


def _clock(seconds: float | None) -> str:
    """Return seconds since the start as ``m:ss.t`` or ``h:mm:ss``."""
    if seconds is None:
        return ""
    tenths = max(0, round(seconds * 10))
    minutes, rest = divmod(tenths, 600)
    if minutes < 60:
        return f"{minutes}:{rest // 10:02}.{rest % 10}"
    return f"{minutes // 60}:{minutes % 60:02}:{rest // 10:02}"


def _cut(text: str, room: int) -> str:
    if cell_len(text) <= room:
        return text
    return next(iter(chop_cells(text, max(1, room - 3))), "") + "..."


def _fold(text: str, room: int) -> list[str]:
    wide = max(10, room)
    return textwrap.wrap(text, wide, subsequent_indent="  ", break_on_hyphens=False) or [""]
