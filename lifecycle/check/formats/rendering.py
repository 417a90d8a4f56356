"""What every format is given: the report, the rules, and the lines that findings point at.

A format is a function from a `Rendering` to text. It reads no file and knows no terminal, so the
same rendering gives the same bytes. What stood in a recording passes `visible` on its way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import attrs

from lifecycle.check.findings import Finding, Level
from lifecycle.check.report import FileReport, Report
from lifecycle.check.rule import Rule
from lifecycle.plain import counted, visible
from lifecycle.wire.spans import span_of

__all__ = ["Format", "Place", "Rendering", "coverage", "place_of"]


@attrs.frozen
class Rendering:
    """A report, and how to look at it.

    Attributes:
        report: what the check found.
        rules: every rule, by code.
        level: the least severe level whose findings are listed; all are counted.
        lines: the lines that findings point at, by file and line number; some may be missing.
        width: how many columns text may take.
    """

    report: Report
    rules: Mapping[str, Rule]
    level: Level = Level.NOTE
    lines: Mapping[tuple[str, int], bytes] = attrs.Factory(dict)
    width: int = 100
    _positions: frozenset[str] = attrs.field(init=False)

    @_positions.default
    def _counted_by_position(self) -> frozenset[str]:
        return frozenset(f.path for f in self.report.files if f.counts == "positions")

    def unit(self, finding: Finding) -> str:
        """Return what the finding's line numbers count: ``line`` or ``event``."""
        return "event" if finding.file in self._positions else "line"

    def where(self, finding: Finding) -> str:
        """Return the finding's file and line; or event, where that is what is counted."""
        path = visible(finding.file)
        counts_lines = finding.file not in self._positions
        return f"{path}:{finding.line}" if counts_lines else f"{path}, event {finding.line}"

    def lists(self, finding: Finding) -> bool:
        """Return whether *finding* is severe enough to be listed."""
        return finding.level.rank <= self.level.rank

    @property
    def findings(self) -> list[Finding]:
        """The findings that are listed, by file and line."""
        return [finding for finding in self.report.findings if self.lists(finding)]


Format = Callable[[Rendering], str]
"""A format: the whole report as text, ended by a line break."""


@attrs.frozen
class Place:
    """A line, cut around the value that a finding is about; columns are 1-based code points."""

    before: str
    value: str
    after: str

    @property
    def column(self) -> int:
        """The value's first column."""
        return len(self.before) + 1

    @property
    def end(self) -> int:
        """The column after the value's last."""
        return self.column + len(self.value)


def place_of(finding: Finding, lines: Mapping[tuple[str, int], bytes]) -> Place | None:
    """Return where the finding's value stands; ``None`` when its line is not at hand.

    A value that is missing from the event is shown at the event's type; on a line that is no event
    the value is empty and stands at the start.
    """
    line = lines.get((finding.file, finding.line))
    if line is None:
        return None
    line = line.rstrip(b"\r\n")
    for path in (finding.path, ("type",)):
        start, end = span_of(line, path)
        if path and (start, end) != (0, len(line)):
            break
    else:
        start = end = 0
    return Place(_text(line[:start]), _text(line[start:end]), _text(line[end:]))


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "backslashreplace")


def coverage(report: Report | FileReport) -> str:
    """Return how many events were read, checked and skipped, and why, as one sentence."""
    where = f" in {counted(len(report.files), 'file')}" if isinstance(report, Report) else ""
    skipped = report.skipped
    reasons = ", ".join(f"{count} {visible(reason)}" for reason, count in sorted(skipped.items()))
    gone = f"{skipped.total()} skipped" + (f" ({reasons})" if reasons else "")
    return f"{counted(report.read, 'event')} read{where}: {report.checked} checked, {gone}"
