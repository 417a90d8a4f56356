"""What happens to events on their way: told apart from what threads do wrong."""

from __future__ import annotations

import msgspec
import pytest
from corpus import shipped
from test_cuts import read

from lifecycle.check import Level, Monitor
from lifecycle.wire.bulk import Seen


def copies(events: list[Seen]) -> list[Seen]:
    """Return the events as a stream gives them: fresh objects, lines counted anew."""
    fresh = [msgspec.structs.replace(event) for event in events]
    for line, event in enumerate(fresh, 1):
        event.line = line
    return fresh


def checked(events: list[Seen], size: int = 1000) -> Monitor:
    """Return a monitor that has seen the events, in batches of *size*."""
    monitor = Monitor()
    for begin in range(0, len(events), size):
        monitor.feed_all(events[begin : begin + size])
    monitor.end()
    return monitor


def codes(monitor: Monitor) -> list[str]:
    """Return the codes of the errors and warnings."""
    return [f.code for f in monitor.findings if f.level is not Level.NOTE]


def long_list(turns: int = 40) -> list[Seen]:
    """Return one session's list with the same turns again and again, each time with fresh ids."""
    recording = read(next(path for path in shipped() if path.stem == "interrupt"))
    events = []
    for turn in range(turns):
        for event in recording:
            one = msgspec.structs.replace(event, usage=msgspec.Raw())
            one.processed_at = (event.processed_at or "").replace("2026-", f"2{turn:03}-")
            for name in ("id", "model_request_start_id", "tool_use_id"):
                value = getattr(event, name)
                setattr(one, name, f"{value}.{turn}" if value else None)
            events.append(one)
    return copies(events)


@pytest.mark.parametrize("size", [1, 7, 5000])
def test_a_whole_history_delivered_again_is_read_once(size: int) -> None:
    """However long it is: what is older than all that is remembered was delivered before."""
    events = long_list()
    monitor = checked(copies(events + events), size)

    assert codes(monitor) == []
    assert monitor.checked == len(events)
    assert monitor.skipped == {"delivered again": len(events)}


@pytest.mark.parametrize("path", shipped(), ids=lambda path: path.stem)
def test_two_neighbours_in_the_wrong_order_are_one_finding(path: object) -> None:
    """Stamps that tell the order mend it: nothing but the order itself is found fault with."""
    events = read(path)  # type: ignore[arg-type]
    for place in range(1, len(events) - 1):
        here, there = events[place], events[place + 1]
        stamps = (here.processed_at, there.processed_at)
        if None in stamps or stamps[0] == stamps[1] or here.id == there.id:
            continue
        swapped = copies([*events[:place], there, here, *events[place + 2 :]])
        found = codes(checked(swapped))

        assert found[0] in ("DL002", "DL003")
        assert here.type == "session.usage" or found == ["DL002"]


def test_an_event_delivered_twice_at_once_is_a_note() -> None:
    """The second delivery is skipped, counted, and accuses nobody."""
    events = read(next(path for path in shipped() if path.stem == "single-thread"))
    for place in range(len(events)):
        monitor = checked(copies([*events[: place + 1], *events[place:]]))

        assert codes(monitor) == []
        assert [f.code for f in monitor.findings] == ["DL004"]
        assert monitor.checked == len(events)


def test_batches_do_not_matter() -> None:
    """The same events give the same findings, however they are cut into batches."""
    events = read(next(path for path in shipped() if path.stem == "child-ask"))
    whole = checked(copies(events)).findings

    for size in (1, 2, 3, 5, 8):
        assert checked(copies(events), size).findings == whole
