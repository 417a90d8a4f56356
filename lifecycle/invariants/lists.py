"""What holds of the lists that are emitted: the checker has nothing to say of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from lifecycle.check import Finding, Level, Monitor
from lifecycle.check.monitor import Known
from lifecycle.dialects import Dialect
from lifecycle.events import Event
from lifecycle.invariants.form import Violation
from lifecycle.state import Entry, Place
from lifecycle.wire.bulk import Seen, seen
from lifecycle.wire.structure import unstructure

__all__ = ["Listener", "heard"]


def heard(entries: Iterable[Entry], primary: str) -> Iterator[tuple[str, Seen]]:
    """Iterate over what *entries* add to lists: the list's thread, and the event as read there."""
    for entry in entries:
        event = entry.event
        if entry.place is Place.NOWHERE or not isinstance(event, Event):
            continue
        plain = unstructure(event)
        if entry.place in (Place.CHILD, Place.BOTH):
            yield entry.thread, seen(plain)
        if entry.place is not Place.CHILD:
            yield primary, seen(plain)


class Listener:
    """Reads every list of one session with the checker, as it is emitted.

    The engine is held to what the checker demands of recordings: no error and no warning, on the
    session's list, which is known from its beginning, and on each thread's own.
    """

    def __init__(self, dialect: Dialect, primary: str) -> None:
        self._dialect: Final = dialect
        self._primary: Final = primary
        self._monitors: Final[dict[str, Monitor]] = {}
        self._lines: Final[Counter[str]] = Counter()

    def hear(self, told: Iterable[tuple[str, Seen]]) -> Iterator[Violation]:
        """Take what `heard` gave; iterate over what the checker says of it."""
        for name, event in told:
            monitor = self._monitors.get(name)
            if monitor is None:
                start: Known = "whole" if name == self._primary else "auto"
                monitor = self._monitors[name] = Monitor(self._dialect, start=start)
            self._lines[name] += 1
            event.line = self._lines[name]
            yield from _said(name, monitor.feed_all([event]))

    def end(self) -> Iterator[Violation]:
        """Take every list to end here; iterate over what the checker says of that."""
        for name, monitor in self._monitors.items():
            yield from _said(name, monitor.end())


def _said(name: str, findings: Iterable[Finding]) -> Iterator[Violation]:
    """Iterate over *findings*, notes aside."""
    for one in findings:
        if one.level is not Level.NOTE:
            says = f"{name}, line {one.line}: {one.message}"
            yield Violation(f"the checker finds no {one.code}", says)
