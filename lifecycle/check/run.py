"""The run: recordings in, a report out.

Every file is read once, by one monitor for each session in it, and one for the records of
deployments; what several records show together is asked when all files are read. Files may be
shared out among processes; the report is the same for the same bytes, in the order in which the
files were given.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, Final, cast

import attrs

from lifecycle.check.monitor import Known, Monitor
from lifecycle.check.records import RecordMonitor, compare_records
from lifecycle.check.report import FileReport, Report
from lifecycle.check.rule import UnknownRule
from lifecycle.check.rules import RULES, selected
from lifecycle.check.views import compare_views
from lifecycle.dialects import dialect as find_dialect
from lifecycle.wire.bulk import Seen
from lifecycle.wire.items import any_item_of
from lifecycle.wire.readers import (
    BadLine,
    Item,
    Recorded,
    Skipped,
    Unusable,
    expand,
    open_recording,
)
from lifecycle.wire.structure import Told, unstructure

__all__ = ["Progress", "check", "check_events", "check_paths"]

_TOGETHER: Final = 20_000
"""So many events of a file with many sessions wait to be checked session by session."""

Progress = Callable[[str, int, int | None], None]
"""Told the path, the bytes read of it, and its size in bytes where that is known."""


@attrs.frozen
class _Job:
    """How every file of a run is checked."""

    dialect: str
    session_key: str | None
    start: Known
    end: Known
    codes: frozenset[str] | None

    @property
    def partial(self) -> bool:
        """Whether anything may be missing."""
        return self.start == "partial"

    def monitor(self) -> Monitor:
        """Return a monitor for one session."""
        return Monitor(self.dialect, start=self.start, end=self.end, codes=self.codes)

    def record_monitor(self) -> RecordMonitor:
        """Return a monitor for the records of one file."""
        return RecordMonitor(self.dialect, partial=self.partial, codes=self.codes)


def check(
    source: str | Path | Iterable[str | Path | Mapping[str, Any] | Told],
    dialect: str = "anthropic",
    **how: Any,
) -> Report:
    """Check recordings, or events and records that are at hand.

    Args:
        source: a path; several paths; or the events of one session in their order, as JSON objects
            or as event classes, and records of deployments in any order.
        dialect: the name of the dialect.
        how: as for `check_paths`.

    Raises:
        TypeError: *source* is none of these, or paths and events together.
        UnknownDialect: no dialect is called so.
        UnknownRule: a code selects no rule, or no rule is left.
    """
    if isinstance(source, str | Path):
        return check_paths([str(source)], dialect=dialect, **how)
    if isinstance(source, Mapping | bytes) or hasattr(source, "read"):
        kind = type(source).__name__
        raise TypeError(f"expected a path, paths, or the events of one session, not a {kind}")
    items = list(source)
    paths = [str(item) for item in items if isinstance(item, str | Path)]
    if paths and len(paths) < len(items):
        raise TypeError("expected paths or events, not both")
    if paths:
        return check_paths(paths, dialect=dialect, **how)
    events = (item for item in items if not isinstance(item, str | Path))
    return check_events(events, dialect=dialect, **how)


def check_events(
    events: Iterable[Mapping[str, Any] | Told],
    *,
    dialect: str = "anthropic",
    start: Known = "auto",
    end: Known = "auto",
    select: Iterable[str] | None = None,
    ignore: Iterable[str] = (),
) -> Report:
    """Check the events of one session, and records; a finding's line is the position, from 1.

    Raises:
        UnknownDialect: no dialect is called so.
        UnknownRule: a code selects no rule.
    """
    job = _Job(find_dialect(dialect).name, None, start, end, _codes(dialect, select, ignore))
    report = FileReport("-", shape="events", counts="positions")
    monitors = _Sessions(job, report)
    objects = (unstructure(e) if isinstance(e, Told) else e for e in events)
    items: list[Item] = [any_item_of(event, line) for line, event in enumerate(objects, 1)]
    monitors.take(items, lambda e: None)
    monitors.finish()
    compare_records([report], job.dialect, partial=job.partial, codes=job.codes)
    return Report([report], job.dialect)


def check_paths(
    paths: Sequence[str],
    *,
    dialect: str = "anthropic",
    session_key: str | None = None,
    start: Known = "auto",
    end: Known = "auto",
    select: Iterable[str] | None = None,
    ignore: Iterable[str] = (),
    jobs: int = 1,
    progress: Progress | None = None,
) -> Report:
    """Check the recordings at *paths*: files, directories, or ``-`` for standard input.

    Args:
        paths: what to check; what cannot be read is in the report, and the rest is checked.
        dialect: the name of the dialect.
        session_key: the field that tells interleaved sessions apart.
        start: what is known of the recordings' beginnings.
        end: what is known of their ends.
        select: codes or prefixes of the rules to apply; `None` for all.
        ignore: codes or prefixes of rules to leave out.
        jobs: how many processes share the files.
        progress: told how far reading is.

    Raises:
        UnknownDialect: no dialect is called so.
        UnknownRule: a code selects no rule.
    """
    job = _Job(find_dialect(dialect).name, session_key, start, end, _codes(dialect, select, ignore))
    report = Report([], job.dialect)
    todo = list(_found(paths))
    try:
        for one in _checked(todo, job, jobs, progress):
            report.files.append(one)
            if one.interrupted:
                raise KeyboardInterrupt
        compare_views(report.files, job.codes)
        compare_records(report.files, job.dialect, partial=job.partial, codes=job.codes)
        _require_key(report, session_key)
    except KeyboardInterrupt:
        report.interrupted = True
    return report


def _codes(
    dialect: str, select: Iterable[str] | None, ignore: Iterable[str]
) -> frozenset[str] | None:
    """Return the codes to apply; `None` for all, which is faster to ask."""
    chosen = frozenset(RULES) if select is None else selected(_split(select))
    left = chosen - selected(_split(ignore))
    if not any(dialect in RULES[code].dialects for code in left):
        raise UnknownRule(f"no rule of the {dialect} dialect is left to apply")
    return None if left == frozenset(RULES) else left


def _require_key(report: Report, key: str | None) -> None:
    """Call files unusable that were to be told apart by a field which no event of any has."""
    if key is None or any(file.keyed for file in report.files):
        return
    for file in report.files:
        if file.read > len(file.records) and file.unusable is None:
            file.unusable = f"no event has a field {key!r}, by which sessions were to be told apart"


def _split(codes: Iterable[str]) -> list[str]:
    """Read codes that are given as a list, or as one string with commas."""
    return [code.strip() for code in codes.split(",")] if isinstance(codes, str) else list(codes)


def _found(paths: Sequence[str]) -> Iterator[str | FileReport]:
    """Expand directories; what is not there becomes its own report."""
    for path in paths:
        try:
            yield from expand([path])
        except Unusable as error:
            yield FileReport(path, unusable=error.why)


def _checked(
    todo: list[str | FileReport], job: _Job, jobs: int, progress: Progress | None
) -> Iterator[FileReport]:
    """Check every file, in this process or in several; keep the order."""
    files = [one for one in todo if isinstance(one, str) and one != "-"]
    if jobs > 1 and len(files) > 1:
        share = max(1, min(64, len(files) // (jobs * 4)))
        # What a process inherits is not looked at by its collector of garbage.
        with ProcessPoolExecutor(jobs, initializer=gc.freeze) as pool:
            results = pool.map(partial(_check_file, job=job), files, chunksize=share)
            for one in todo:
                if isinstance(one, FileReport):
                    yield one
                elif one == "-":
                    yield _check_file(one, job, progress)
                else:
                    yield _told(next(results), progress)
        return
    for one in todo:
        yield one if isinstance(one, FileReport) else _check_file(one, job, progress)


def _told(report: FileReport, progress: Progress | None) -> FileReport:
    """Tell *progress* that the whole of a file is read."""
    if progress is not None:
        size = Path(report.path).stat().st_size if Path(report.path).exists() else 0
        progress(report.path, size, size)
    return report


def _check_file(path: str, job: _Job, progress: Progress | None = None) -> FileReport:
    """Check one file."""
    report = FileReport(path)
    monitors = _Sessions(job, report)
    try:
        with open_recording(path, session_key=job.session_key, records=True) as recording:
            report.shape = recording.shape
            key_of = recording.key_of if job.session_key else lambda e: None
            for batch in recording.batches():
                monitors.take(batch, key_of)
                if progress is not None:
                    progress(path, recording.position, recording.size)
            report.counts = recording.counts
    except Unusable as error:
        report.unusable = error.why
    except KeyboardInterrupt:
        report.interrupted = True
    monitors.finish()
    return report


class _Sessions:
    """The monitors of one file, by session key, and the file's report."""

    def __init__(self, job: _Job, report: FileReport) -> None:
        self._job = job
        self._report = report
        self._monitors: dict[str | None, Monitor] = {}
        self._records: RecordMonitor | None = None
        # A file whose first event has no key holds one session, whatever the other files hold.
        self._keyed = False
        self._shares: dict[str | None, list[Seen | BadLine]] = {}
        self._waiting = 0

    def _of(self, key: str | None) -> Monitor:
        """Return the monitor of the session *key*."""
        found = self._monitors.get(key)
        if found is None:
            found = self._monitors[key] = self._job.monitor()
        return found

    def take(self, batch: list[Item], key_of: Callable[[Seen], str | None]) -> None:
        """Feed a batch to the monitors of its sessions."""
        report = self._report
        if self._job.session_key is None:
            events, sound = batch, set(map(type, batch)) == {Seen}
            if not sound:
                self._pass_over(batch)
                events = [one for one in batch if not isinstance(one, Skipped)]
            report.read += len(events)
            if events:
                self._of(None).feed_all(cast("list[Seen | BadLine]", events), sound=sound)
            return
        self._pass_over(batch)
        shares = self._shares
        for item in batch:
            if isinstance(item, Skipped):
                continue
            report.read += 1
            event = item.event if isinstance(item, BadLine) else item
            key = key_of(event) if event is not None else None
            if event is not None and not self._monitors and not shares:
                self._keyed = key is not None
            if event is not None and key is None and self._keyed:
                report.skipped[f"no {self._job.session_key}"] += 1
                continue
            report.keyed = report.keyed or key is not None
            shares.setdefault(key, []).append(item)
        self._waiting += len(batch)
        if self._waiting >= _TOGETHER:
            self._share_out()

    def _pass_over(self, batch: list[Item]) -> None:
        """Check the records, and count what is rightly no event: comments, pings."""
        for one in batch:
            if isinstance(one, Recorded):
                if self._records is None:
                    self._records = self._job.record_monitor()
                self._records.feed(one, self._report.path)
            elif isinstance(one, Skipped):
                self._report.passed_over[one.why] += 1

    def _share_out(self) -> None:
        """Feed what waits to the monitors of its sessions."""
        for key, share in self._shares.items():
            self._of(key).feed_all(share)
        self._shares, self._waiting = {}, 0

    def finish(self) -> None:
        """End every list, and bring their findings together in the order of lines."""
        self._share_out()
        report = self._report
        if self._records is not None:
            report.records = self._records.records
            report.read += len(report.records)
            report.checked += len(report.records)
            report.findings += self._records.findings
        for key, monitor in self._monitors.items():
            monitor.end()
            report.checked += monitor.checked
            report.skipped.update(monitor.skipped)
            for finding in monitor.findings:
                finding.file, finding.session = report.path, key
                report.findings.append(finding)
            view = monitor.view
            if view is not None:
                report.sessions += 1
                report.threads += [
                    name for name in {**dict.fromkeys(sorted(monitor.past)), **view.threads} if name
                ]
                created = (t for t in view.threads.values() if t.created is not None)
                report.children |= {t.id for t in created}
                if view.child_list is None and view.own.id:
                    report.own = view.own.id
        report.findings.sort(key=lambda finding: finding.line)
