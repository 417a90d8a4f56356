"""The short way of the ordinary case never hides a finding, and leads to the same view."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from random import Random
from typing import Final

import msgspec
import pytest
from corpus import folder, real_and_complete, shipped
from test_cuts import read

from lifecycle.check import Finding, Monitor
from lifecycle.check.monitor import Known
from lifecycle.check.ordinary import next_odd
from lifecycle.check.steps import Steps
from lifecycle.check.view import ThreadView, View
from lifecycle.check.view_work import Work
from lifecycle.vocabulary import Word
from lifecycle.wire.bulk import Brief, Seen

STARTS: Final[tuple[Known, ...]] = ("auto", "partial", "whole")


def findings(events: list[Seen]) -> list[Finding]:
    """Return what a monitor finds."""
    return outcome(events)[0]


def outcome(events: list[Seen], start: Known = "auto") -> tuple[list[Finding], object]:
    """Return what a monitor finds, and the view with which it ends."""
    monitor = Monitor(start=start)
    monitor.feed_all(list(events))
    monitor.end()
    view = monitor.view
    assert view is not None
    names = (name for name in (*Work.__slots__, *View.__slots__) if not name.startswith("_"))
    kept = {name: plain(getattr(view, name)) for name in names}
    if view.child_list is False:
        del kept["second"]  # of no matter for a session's list
    return monitor.findings, kept


def plain(value: object, within: bool = False) -> object:
    """Return a part of a view so that it can be compared: events and threads by their names."""
    if isinstance(value, Brief):
        return value.line
    if isinstance(value, ThreadView) and within:
        return value.id
    if isinstance(value, dict):
        return {name: plain(one, within) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one, within) for one in value]
    names = getattr(value, "__struct_fields__", getattr(type(value), "__slots__", None))
    if names is None or isinstance(value, Word | Steps):
        return value
    return {name: plain(getattr(value, name), True) for name in names}


def disturbed(events: list[Seen], chance: Random) -> list[Seen]:
    """Return the events with one of them dropped, moved, doubled, or made another's."""
    changed = [msgspec.structs.replace(event) for event in events]
    here, there = chance.randrange(len(changed)), chance.randrange(len(changed))
    match chance.randrange(5):
        case 0:
            del changed[here]
        case 1:
            changed.insert(there, changed.pop(here))
        case 2:
            changed.insert(there, msgspec.structs.replace(changed[here], id="another"))
        case 3:
            changed[here].type = changed[there].type
        case _:
            changed[here].session_thread_id = changed[there].session_thread_id or "nobody"
    stamps = [event.processed_at for event in events]
    for line, event in enumerate(changed, 1):
        event.line = line
        event.processed_at = stamps[min(line, len(stamps)) - 1]
    return changed


def streams() -> Iterator[list[Seen]]:
    """Iterate over the shipped recordings, and over foreign ones where there are any."""
    corpus = folder()
    for path in shipped():
        yield read(path)
    if corpus is not None:
        for name in real_and_complete(corpus):
            yield read(corpus / name)


def test_looking_quickly_and_looking_closely_find_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Recordings and their disturbed copies, with the short way and without it."""
    chance = Random(7)
    told = [one for s in streams() for one in (s, *(disturbed(s, chance) for _ in range(40)))]
    quick = [outcome(events, start) for events in told for start in STARTS]
    with monkeypatch.context() as patch:
        patch.setattr(
            sys.modules[Monitor.__module__], "next_odd", lambda view, rest: next(rest, None)
        )
        close = [outcome(events, start) for events in told for start in STARTS]

    assert quick == close
    assert sum(len(found) for found, _ in quick) > 1000


def test_the_quick_look_spares_most_events_the_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a plain recording's events more than half are never looked at closely."""
    odd: list[Seen] = []

    def counted(view: View, rest: Iterator[Seen]) -> Seen | None:
        found = next_odd(view, rest)
        odd.extend([found] if found is not None else [])
        return found

    monkeypatch.setattr(sys.modules[Monitor.__module__], "next_odd", counted)
    events = read(next(path for path in shipped() if path.stem == "single-thread"))
    findings(events)

    assert len(odd) < len(events) / 2
