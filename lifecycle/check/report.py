"""The report of a check: findings, and how much was read, checked and skipped, and why."""

from __future__ import annotations

from collections import Counter
from typing import Final, Literal

import attrs

from lifecycle.check.findings import Finding, Level
from lifecycle.check.record import Filed

__all__ = ["UNREADABLE", "FileReport", "Report"]

UNREADABLE: Final = "unreadable line"
"""Why a line was skipped that is no event; the one reason that can be counted."""


@attrs.define
class FileReport:
    """What was read of one file.

    Attributes:
        path: the path as it was given; ``-`` for standard input.
        shape: the shape that was recognised: ``jsonl``, ``array``, ``page``, ``sse``.
        sessions: how many session streams it holds.
        threads: thread ids seen, per session key.
        read: events and records read.
        checked: those that the rules saw.
        skipped: those that the rules did not see, by reason.
        records: what is kept of the deployments, runs and webhooks; those are counted as read and
            checked, too.
        passed_over: what is rightly no event (comments, pings), by kind.
        findings: in the order of their lines.
        unusable: why nothing could be read, if so.
        interrupted: whether reading was stopped before the file's end.
        keyed: whether some event has the field that tells sessions apart.
        own: the child's id, if the file is one child's own list.
        children: the ids of the children that a session's list announces.
        counts: what a finding's line is: a line of the file or, where events share lines, the
            position of the event in the file. Both count from 1.
    """

    path: str
    shape: str = ""
    sessions: int = 0
    threads: list[str] = attrs.Factory(list)
    read: int = 0
    checked: int = 0
    skipped: Counter[str] = attrs.Factory(Counter)
    findings: list[Finding] = attrs.Factory(list)
    unusable: str | None = None
    interrupted: bool = False
    keyed: bool = False
    own: str | None = None
    children: frozenset[str] = frozenset()
    counts: Literal["lines", "positions"] = "lines"
    passed_over: Counter[str] = attrs.Factory(Counter)
    records: list[Filed] = attrs.Factory(list)


@attrs.define
class Report:
    """What a check found.

    Attributes:
        files: one report for each file, in the order in which they were given.
        dialect: the dialect's name.
        interrupted: whether the check was stopped before everything was read.
    """

    files: list[FileReport]
    dialect: str = "anthropic"
    interrupted: bool = False

    @property
    def findings(self) -> list[Finding]:
        """Every finding, by file and line."""
        return [finding for file in self.files for finding in file.findings]

    def count(self, level: Level) -> int:
        """Return how many findings are of *level*."""
        return sum(finding.level is level for finding in self.findings)

    @property
    def read(self) -> int:
        """How many events and records were read."""
        return sum(file.read for file in self.files)

    @property
    def records(self) -> list[Filed]:
        """What is kept of the records, file by file."""
        return [record for file in self.files for record in file.records]

    @property
    def checked(self) -> int:
        """How many events and records the rules saw."""
        return sum(file.checked for file in self.files)

    @property
    def skipped(self) -> Counter[str]:
        """How many of them the rules did not see, by reason."""
        return sum((file.skipped for file in self.files), Counter())

    @property
    def passed_over(self) -> Counter[str]:
        """How much was rightly no event, by kind."""
        return sum((file.passed_over for file in self.files), Counter())

    @property
    def ok(self) -> bool:
        """Whether every file was read, something was checked, and no finding is an error."""
        return self.exit_code == 0

    @property
    def exit_code(self) -> int:
        """What the process ends with.

        0 when clean, 1 when there are errors, 2 when a file was unusable or nothing was checked,
        130 when interrupted.
        """
        if self.interrupted:
            return 130
        if any(file.unusable for file in self.files) or self.checked == 0:
            return 2
        return 1 if self.count(Level.ERROR) else 0
