"""The timeline of a recording as data: one lane a thread, one row an event that matters.

A `Timeline` is fed one event after the other and gives rows as they are complete, so a recording of
any length streams. It judges nothing: what the events say is what the lanes show.

What is folded: a model request and what the model says within it are one row, given when the
request ends; `session.usage` and previews give none.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

import attrs

from lifecycle.show.rows import CLIENT, OWN, SESSION, Kind, Lane, Look, Row, spell_seconds
from lifecycle.show.stage import Stage
from lifecycle.show.tellers import TELLERS, tell_other
from lifecycle.wire.bulk import Seen

__all__ = ["CLIENT", "OWN", "SESSION", "Kind", "Lane", "Look", "Row", "Timeline", "spell_seconds"]

_GAP_SECONDS: Final = 60.0
"""A silence of this many seconds gets a row of its own."""

_STANDS: Final = {
    Look.IDLE: "rests",
    Look.WAITING: "waits for the client",
    Look.RUNNING: "works",
    Look.RESCHEDULING: "is to be tried again",
}


@attrs.define
class Timeline:
    """Makes rows of one session's events, or of one thread's own list."""

    _stage: Stage = attrs.Factory(Stage)
    _start: datetime | None = None
    _latest: float = 0.0
    _line: int = 0

    @property
    def lanes(self) -> list[Lane]:
        """Every lane so far; new ones are added at the end."""
        return self._stage.lanes

    def feed(self, event: Seen) -> Iterator[Row]:
        """Yield the rows that *event* completes."""
        at = self._seconds(event.processed_at)
        self._line = max(self._line, event.line)
        if at is not None and at - self._latest >= _GAP_SECONDS:
            says = f"{spell_seconds(at - self._latest)} later"
            yield self._stage.row(event, None, Kind.GAP, SESSION, says)
        self._latest = max(self._latest, at or 0.0)
        yield from TELLERS.get(event.type, tell_other)(self._stage, event, at)

    def broken(self, line: int, why: str) -> Row:
        """Return the row of a line that could not be read."""
        self._line = max(self._line, line)
        looks = self._stage.looks()
        return Row(line, line, None, Kind.ERROR, SESSION, f"unreadable: {why}", looks)

    def end(self) -> Iterator[Row]:
        """Yield the rows of what is still open, and the end with how everything stands."""
        for lane in sorted(self._stage.requests):
            yield from self._stage.close(lane, self._line, None, "open at the end")
        known = [lane for lane in self.lanes[SESSION:] if lane.look in _STANDS]
        says = "; ".join(
            ["the recording ends", *(f"{lane.name} {_STANDS[lane.look]}" for lane in known)]
        )
        looks = self._stage.looks()
        yield Row(self._line, self._line, self._latest, Kind.END, SESSION, says, looks)

    def _seconds(self, stamp: str | None) -> float | None:
        """Return the seconds since the first stamp; ``None`` for no stamp or one that is none."""
        try:
            when = datetime.fromisoformat(stamp or "")
        except ValueError:
            return None
        when = when if when.tzinfo else when.replace(tzinfo=UTC)
        self._start = self._start or when
        return (when - self._start).total_seconds()
