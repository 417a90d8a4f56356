"""What every format is given: the report, the rules, and the lines that findings point at.

A format is a function from a `Rendering` to text. It reads no file and knows no terminal, so the
same rendering gives the same bytes. What stood in a recording passes `visible` on its way.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Final

import attrs

from lifecycle.check.findings import Finding, Level, Witness
from lifecycle.check.report import UNREADABLE, FileReport, Report
from lifecycle.check.rule import Rule
from lifecycle.plain import counted, visible
from lifecycle.wire.spans import span_of

__all__ = ["Format", "Place", "Rendering", "coverage", "place_of"]

_REASONS: Final = 8
"""How many reasons for skipping a sentence names; a recording may hold any number."""

_EVENT_A_LINE: Final = "jsonl"
_BREAK: Final = re.compile(r"[ \t\r]*\n[ \t\r\n]*")


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
    _files: dict[str, FileReport] = attrs.field(init=False)

    @_files.default
    def _by_path(self) -> dict[str, FileReport]:
        return {file.path: file for file in self.report.files}

    def first_of_each_rule(self, most: int) -> list[Finding]:
        """Return the listed findings, but of each rule not more than *most*."""
        taken: Counter[str] = Counter()
        chosen: list[Finding] = []
        for finding in self.findings:
            taken[finding.code] += 1
            if taken[finding.code] <= most:
                chosen.append(finding)
        return chosen

    def unit(self, finding: Finding) -> str:
        """Return what the finding's line numbers count: ``line`` or ``event``."""
        return self.unit_of(finding.file)

    def unit_of(self, path: str) -> str:
        """Return what line numbers of the file at *path* count: ``line`` or ``event``."""
        file = self._files.get(path)
        return "event" if file and file.counts == "positions" else "line"

    def because(self, finding: Finding, witness: Witness) -> tuple[str, str]:
        """Return where a witness stands, and what it shows; its file, if it is another one."""
        where = f"{self.unit_of(witness.file or finding.file)} {witness.line}"
        says = visible(witness.says)
        return where, says if witness.file is None else f"{says} (in {visible(witness.file)})"

    def where(self, finding: Finding) -> str:
        """Return the finding's file and line; or event, where that is what is counted."""
        path = visible(finding.file)
        line = self.unit(finding) == "line"
        return f"{path}:{finding.line}" if line else f"{path}, event {finding.line}"

    def columns(self, finding: Finding, place: Place | None) -> tuple[int, int] | None:
        """Return the columns of the value in its file's line: the first, and the one after.

        ``None`` where they are not known: an event that is wrapped in something else, or spread
        over lines, has its own text and not its line at hand.
        """
        file = self._files.get(finding.file)
        if place is None or not place.value or file is None or file.shape != _EVENT_A_LINE:
            return None
        start = len(place.before) + 1
        return start, start + len(place.value)

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
    """An event's text, cut around the value that a finding is about."""

    before: str
    value: str
    after: str


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
    """Return *raw* as text on one line: between JSON's tokens a line break is but a blank."""
    text = raw.decode("utf-8", "backslashreplace")
    return _BREAK.sub(" ", text) if "\n" in text else text


def coverage(report: Report | FileReport) -> str:
    """Return how many events were read, checked and skipped, and why, as one sentence."""
    where = f" in {counted(len(report.files), 'file')}" if isinstance(report, Report) else ""
    skipped = report.skipped
    ranked = sorted(skipped.items(), key=lambda item: (-item[1], item[0]))
    told = [
        counted(count, reason) if reason == UNREADABLE else f"{count} {visible(reason)}"
        for reason, count in ranked[:_REASONS]
    ]
    if rest := ranked[_REASONS:]:
        told.append(f"{sum(count for _, count in rest)} for {counted(len(rest), 'other reason')}")
    gone = f"{skipped.total()} skipped" + (f" ({', '.join(told)})" if told else "")
    aside = [f"{count} x {visible(kind)}" for kind, count in sorted(report.passed_over.items())]
    over = f"; passed over: {', '.join(aside)}" if aside else ""
    return f"{_read(report)} read{where}: {report.checked} checked, {gone}{over}"


def _read(report: Report | FileReport) -> str:
    """Return how many events were read, and how many records, if there are any."""
    records = len(report.records)
    events = report.read - records
    told = [counted(events, "event")] if events or not records else []
    return " and ".join([*told, counted(records, "record")] if records else told)
