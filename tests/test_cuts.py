"""A recording may begin and stop anywhere: what an unknown past or future explains is no fault."""

from __future__ import annotations

from pathlib import Path

import pytest
from corpus import folder, real_and_complete, shipped

from lifecycle.check import Finding, Level, Monitor
from lifecycle.check.monitor import Known
from lifecycle.wire.bulk import DECODER, Seen

BIRTH = ["session.status_running", "session.thread_status_running", "user.message"]


def read(path: Path) -> list[Seen]:
    """Return the events of a recording, with their lines."""
    events = [DECODER.decode(line) for line in path.read_bytes().splitlines() if line.strip()]
    for line, event in enumerate(events, 1):
        event.line = line
    return events


def errors(events: list[Seen], start: Known) -> list[Finding]:
    """Return the errors that a monitor finds."""
    monitor = Monitor(start=start)
    monitor.feed_all(list(events))
    monitor.end()
    return [finding for finding in monitor.findings if finding.level is Level.ERROR]


@pytest.mark.parametrize("start", ["auto", "partial"])
@pytest.mark.parametrize("path", shipped(), ids=lambda path: path.stem)
def test_a_shipped_recording_may_be_cut_anywhere(path: Path, start: Known) -> None:
    """No head cut and no tail cut of a shipped recording has an error.

    But for one kind: a tail that begins as a session's life does, with its running pair and an
    input, is taken for whole. Who cuts there says ``--partial``.
    """
    events = read(path)
    for cut in range(len(events)):
        begins = [event.type for event in events[cut : cut + 3]]
        if start == "partial" or begins != BIRTH:
            assert errors(events[cut:], start) == []
        assert errors(events[: cut + 1], start) == []


@pytest.mark.parametrize("start", ["auto", "partial"])
def test_a_real_recording_may_be_cut_anywhere(start: Known) -> None:
    """No head cut and no tail cut of a complete recording of the real service has an error."""
    corpus = folder()
    if corpus is None:
        pytest.skip("needs recordings of your own: set LIFECYCLE_CORPUS to their folder")
    for name in real_and_complete(corpus):
        events = read(corpus / name)
        for cut in range(len(events)):
            assert errors(events[cut:], start) == [], (name, cut)
            assert errors(events[: cut + 1], start) == [], (name, cut)
