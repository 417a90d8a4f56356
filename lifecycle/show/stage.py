"""What a timeline remembers between events: lanes, open model requests, open calls, runs."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Final

import attrs

from lifecycle.plain import counted
from lifecycle.show.rows import OWN, Kind, Lane, Look, Row, spell_seconds
from lifecycle.wire.bulk import Seen

__all__ = ["Call", "Request", "Stage", "took"]

_ANSWERED_LIMIT: Final = 256
"""How many answered calls are remembered, to say so when an idle names one."""


@attrs.define
class Request:
    """A model request that is open.

    Attributes:
        line: the line of its start.
        at: its start, in seconds; ``None`` without a stamp.
        parts: what the model did in it so far, as clauses.
        asks: the rows of what it asked the client; they follow the request's own.
    """

    line: int
    at: float | None
    parts: list[str] = attrs.Factory(list)
    asks: list[Row] = attrs.Factory(list)


@attrs.frozen
class Call:
    """A tool use whose result is to come."""

    name: str
    line: int
    lane: int
    at: float | None


def _first_lanes() -> list[Lane]:
    return [Lane("the client", look=Look.UNKNOWN), Lane("the session"), Lane("the thread")]


@attrs.define
class Stage:
    """What the events so far have put on the timeline.

    Attributes:
        lanes: every lane so far; new ones are added at the end.
        requests: the open model request of each lane that has one.
        calls: tool uses without a result, by id.
        runs: workflow runs' names, by id.
    """

    lanes: list[Lane] = attrs.Factory(_first_lanes)
    requests: dict[int, Request] = attrs.Factory(dict)
    calls: dict[str, Call] = attrs.Factory(dict)
    runs: dict[str, str] = attrs.Factory(dict)
    _index: dict[str, int] = attrs.Factory(dict)
    _answered: dict[str, str] = attrs.Factory(dict)

    def row(
        self,
        event: Seen,
        at: float | None,
        kind: Kind,
        lane: int,
        says: str,
        target: int | None = None,
    ) -> Row:
        """Return the row of one event."""
        return Row(event.line, event.line, at, kind, lane, says, self.looks(), target)

    def looks(self) -> tuple[Look, ...]:
        """Return what every lane shows now."""
        return tuple(lane.look for lane in self.lanes)

    def lane(self, thread_id: str | None, name: str | None = None, *, own: bool = True) -> int:
        """Return the index of a thread's lane; no id is the list's own thread.

        The first thread that an event is about is the list's own, unless *own* is false: the event
        makes the thread, or says that another wrote to it.
        """
        if thread_id is None:
            return OWN
        if thread_id not in self._index:
            if own and self.lanes[OWN].thread_id is None:
                self._index[thread_id] = OWN
                self.lanes[OWN].thread_id = thread_id
            else:
                self._index[thread_id] = len(self.lanes)
                self.lanes.append(Lane("", thread_id, Look.UNKNOWN))
        lane = self._index[thread_id]
        if name or not self.lanes[lane].name:
            self._rename(lane, name or thread_id)
        return lane

    def _rename(self, lane: int, name: str) -> None:
        """Call the lane *name*, numbered when another lane has that name already."""
        if self.lanes[lane].name.split(" #")[0] == name:
            return
        same = sum(other.name.split(" #")[0] == name for other in self.lanes)
        self.lanes[lane].name = f"{name} #{same + 1}" if same else name

    def answer(self, call_id: str) -> Call | None:
        """Take the call out of the open ones, and remember it for a while."""
        self.note(call_id, "answered")
        return self.calls.pop(call_id, None)

    def note(self, call_id: str, how: str) -> None:
        """Remember for a while how the client met the call: answered, allowed, denied."""
        if call_id in self.calls:
            self._answered[call_id] = f"{self.calls[call_id].name} ({how} already)"
            if len(self._answered) > _ANSWERED_LIMIT:
                del self._answered[next(iter(self._answered))]

    def named(self, ids: list[str]) -> str:
        """Return what to call the calls that an idle names."""
        open_ones = {one: self.calls[one].name for one in ids if one in self.calls}
        met = {one: self._answered[one] for one in ids if one in self._answered}
        names = [*(open_ones | met).values()]
        if other := len(set(ids)) - len(names):
            names.append(f"{counted(other, 'call')} not listed yet")
        return " and ".join(names) or "something that it does not name"

    def run(self, event: Seen) -> str:
        """Return what to call the workflow run of *event*."""
        run = event.workflow_run_id or ""
        return self.runs.get(run, run) or "(refused)"

    def close(self, lane: int, line: int, at: float | None, how: str = "") -> Iterator[Row]:
        """Yield the row of the lane's open model request, if any, and those of its asks."""
        request = self.requests.pop(lane, None)
        if request is None:
            return
        says = f"{self.lanes[lane].name}: model{took(request.at, at)}"
        says += f" ({how})" if how else ""
        parts = [(part, len(list(same))) for part, same in groupby(request.parts)]
        told = [part if count == 1 else f"{part} ({count} times)" for part, count in parts]
        says += ": " + ", ".join(told) if told else ""
        yield Row(request.line, line, request.at, Kind.MODEL, lane, says, self.looks())
        yield from request.asks


def took(start: float | None, end: float | None) -> str:
    """Return how long something took, after a blank; nothing when that is not known."""
    return "" if start is None or end is None else f" {spell_seconds(end - start)}"
