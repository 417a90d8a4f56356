"""The report as text, in the manner of a modern compiler.

Each finding shows its event's line with the wrong value underlined, then what makes it wrong, line
by line. The structure is plain ASCII and carries everything: colour only repeats it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from rich.cells import cell_len, chop_cells
from rich.text import Text

from lifecycle.check.findings import Finding, Follower, Level
from lifecycle.check.formats.rendering import Place, Rendering, coverage, place_of
from lifecycle.plain import counted, visible

__all__ = ["SHOWN", "render", "styled"]

SHOWN: Final = 50
"""How many findings of one rule are shown before the rest is only counted."""

_STYLES: Final = {Level.ERROR: "bold red", Level.WARNING: "bold yellow", Level.NOTE: "bold cyan"}
_GUTTER: Final = "blue"
_CUT: Final = "..."
_LINES_NAMED: Final = 8
"""How many followers' lines are named before the rest is only counted."""


def render(rendering: Rendering) -> str:
    """Return the report as plain text."""
    return styled(rendering).plain


def styled(rendering: Rendering) -> Text:
    """Return the report as text with styles."""
    text = Text()
    for line in _lines(rendering):
        line.rstrip()
        text.append_text(line).append("\n")
    return text


def _lines(rendering: Rendering) -> Iterator[Text]:
    shown = rendering.first_of_each_rule(SHOWN)
    for finding in shown:
        yield from _finding(finding, rendering)
        yield Text()
    rest = Counter(one.code for one in rendering.findings) - Counter(one.code for one in shown)
    for code, count in sorted(rest.items()):
        yield Text(f"... and {count} more of {code}, which --format json lists", "bold")
    yield from _summary(rendering)


def _finding(finding: Finding, rendering: Rendering) -> Iterator[Text]:
    style = _STYLES[finding.level]
    head = Text.assemble(
        (f"{finding.level}[{finding.code}]", style), (f": {visible(finding.message)}", "bold")
    )
    yield from _folded(head, "  ", rendering.width)
    place = place_of(finding, rendering.lines)
    gutter = " " * len(str(finding.line))
    yield Text.assemble((f"{gutter}--> ", _GUTTER), _where(finding, place, rendering))
    if place is not None:
        yield from _excerpt(place, finding, rendering.width)
    for label, says in _told(finding, rendering, shown=place is not None):
        lead = Text.assemble((f"{gutter} = ", _GUTTER), (f"{label}: ", "bold"))
        indent = " " * cell_len(lead.plain)
        yield from _folded(lead.append(visible(says)), indent, rendering.width)


def _where(finding: Finding, place: Place | None, rendering: Rendering) -> str:
    columns = rendering.columns(finding, place)
    column = f":{columns[0]}" if columns else ""
    names = [finding.event_id or ""]
    if finding.thread_id and finding.thread_id not in finding.message:
        names.append(f"thread {finding.thread_id}")
    if finding.deployment_id and finding.deployment_id != finding.event_id:
        names.append(f"deployment {finding.deployment_id}")
    if finding.session:
        names.append(f"session {finding.session}")
    named = ", ".join(visible(name) for name in names if name)
    ids = f" ({named})" if named else ""
    return f"{rendering.where(finding)}{column}{ids}"


def _told(finding: Finding, rendering: Rendering, *, shown: bool) -> Iterator[tuple[str, str]]:
    """Yield what stands below the excerpt, each with its label."""
    unit = rendering.unit(finding)
    if finding.expected and not shown:
        yield "expected", finding.expected
    for one in finding.witness:
        where, says = rendering.because(finding, one)
        yield f"because {where}", says
    if finding.allowed:
        yield "allowed from here", ", ".join(finding.allowed)
    if finding.resync:
        yield "resync", finding.resync
    if finding.followers:
        yield "help", _of_the_same_cause(finding.followers, unit)
    if rule := rendering.rules.get(finding.code):
        yield "rule", f"{rule.name} (lifecycle rule {rule.code})"


def _of_the_same_cause(followers: Sequence[Follower], unit: str) -> str:
    lines = sorted({one.line for one in followers})
    named = ", ".join(map(str, lines[:_LINES_NAMED]))
    if len(lines) > _LINES_NAMED:
        named += f" and {counted(len(lines) - _LINES_NAMED, f'more {unit}')}"
    word = unit if len(lines) == 1 else f"{unit}s"
    return f"{len(followers)} more of the same cause at {word} {named}"


def _excerpt(place: Place, finding: Finding, width: int) -> Iterator[Text]:
    """Yield the line, cut around the value, and under it the underline and what was expected."""
    style = _STYLES[finding.level]
    number = str(finding.line)
    empty = f"{' ' * len(number)} |"
    room = max(20, width - len(number) - 3)
    before, value, after = _windowed(place, room)
    yield Text(empty, _GUTTER)
    yield Text.assemble((f"{number} |", _GUTTER), f" {before}{value}{after}")
    start = cell_len(before)
    underline = "^" * max(1, cell_len(value))
    expected = visible(finding.expected)
    fits = start + len(underline) + 1 + cell_len(expected) <= room
    beside = f" {expected}" if fits else ""
    yield Text.assemble((empty, _GUTTER), f" {' ' * start}", (underline + beside, style))
    if not fits:
        indent = " " * max(0, min(start, room - 40))
        for line in _folded(Text(expected, style), "", room - len(indent)):
            yield Text.assemble((empty, _GUTTER), f" {indent}", line)


def _windowed(place: Place, room: int) -> tuple[str, str, str]:
    """Return what stands before, in and after the value, printable and at most *room* cells."""
    before = visible(place.before[-room:])
    value = _head(visible(place.value[:room]), room // 2, cut=len(place.value) > room)
    after = visible(place.after[:room])
    whole = len(place.before) <= room and cell_len(before) + cell_len(value) <= room - len(_CUT)
    if not whole:
        before = _tail(before, (room - cell_len(value)) // 2)
    left = room - cell_len(before) - cell_len(value)
    return before, value, _head(after, left, cut=len(place.after) > room)


def _head(text: str, room: int, *, cut: bool = False) -> str:
    """Return as much of the start of *text* as fits; *cut* says that it is only a start."""
    if not cut and cell_len(text) <= room:
        return text
    return next(iter(chop_cells(text, max(1, room - len(_CUT)))), "") + _CUT


def _tail(text: str, room: int) -> str:
    return _CUT + _head(text[::-1], room - len(_CUT), cut=True).removesuffix(_CUT)[::-1]


def _folded(text: Text, indent: str, width: int) -> Iterator[Text]:
    """Yield *text* in lines of at most *width* cells, all but the first indented."""
    console_width = max(20, width)
    indent = indent[: console_width // 2]
    rest = text
    lead = ""
    while cell_len(lead) + cell_len(rest.plain) > console_width:
        head = _head(rest.plain, console_width - cell_len(lead) + len(_CUT), cut=True)
        head = head.removesuffix(_CUT)
        at = head.rfind(" ", len(indent) + 1)
        at = at if at > 0 else len(head)
        first, rest = rest.divide([at])
        yield Text(lead).append_text(first)
        rest = rest[1:] if rest.plain.startswith(" ") else rest
        lead = indent
    yield Text(lead).append_text(rest)


def _summary(rendering: Rendering) -> Iterator[Text]:
    report = rendering.report
    if report.interrupted:
        yield Text("INTERRUPTED: this report is incomplete.", "bold red")
    for file in report.files:
        if file.unusable:
            says = f": could not be read: {visible(file.unusable)}"
            yield Text.assemble((visible(file.path), "bold"), (says, "bold red"))
        elif file.checked == 0 and report.checked > 0:
            yield Text(f"{visible(file.path)}: nothing was checked ({coverage(file)})", "yellow")
    if report.checked == 0 and not report.interrupted:
        yield Text("NOTHING WAS CHECKED, so this says nothing about the recording.", "bold red")
    by_rule = Counter((finding.level.rank, finding.code) for finding in report.findings)
    for (rank, code), count in sorted(by_rule.items()):
        yield _counted_rule(code, list(Level)[rank], count, rendering)
    yield Text(f"{coverage(report)} ({report.dialect} dialect)")
    if report.checked or report.findings:
        yield _verdict(rendering)


def _counted_rule(code: str, level: Level, count: int, rendering: Rendering) -> Text:
    rule = rendering.rules.get(code)
    name = f"  {rule.name}" if rule else ""
    return Text.assemble((f"{code:>7}", _STYLES[level]), f"  {counted(count, level):<14}{name}")


def _verdict(rendering: Rendering) -> Text:
    report = rendering.report
    says = Text()
    for level in Level:
        count = report.count(level)
        style = _STYLES[level] if count else ""
        said = counted(count, level) if count else f"no {level}s"
        if count and level.rank > rendering.level.rank:
            said += f" (--level {level} shows them)"
        says.append(", " if says else "").append(said, style)
    followers = sum(len(finding.followers) for finding in report.findings)
    if followers:
        says.append(f"; {followers} more folded under them")
    return says
