"""Large inputs, chained from the shipped recordings.

A session is a chain of turns: whole recordings that begin with a running and end at rest. Their
texts stay as they are. Each turn gets fresh ids and later stamps; the primary thread keeps its id
and its agent through the session, and what was used only ever adds up. Some sessions open with a
coordinator and its children, once, since a child is created once. The same seed gives the same
bytes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, Final

import attrs

__all__ = ["OPENINGS", "TURNS", "sessions", "write_files", "write_interleaved"]

RECORDINGS: Final = Path(__file__).parent.parent / "tests" / "recordings" / "valid"

TURNS: Final = {
    "single-thread": 12,
    "mcp-retrying": 2,
    "interrupt": 2,
    "asks-partial-answers": 1,
    "denied": 1,
    "allow-beside-custom": 1,
    "self-hosted": 1,
    "outcome": 1,
}
"""The recordings that a session goes on with, and how often each is drawn."""

OPENINGS: Final = {"": 27, "coordinator-two-children": 1, "child-ask": 1, "workflow-run": 1}
"""The recordings that a session may open with; nine in ten open with none of them."""

_CHANGED: Final = re.compile(rb"[a-z]+_01[0-9A-Za-z]{22}|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
_USAGE: Final = b'"type": "session.usage"'
_GAP: Final = timedelta(seconds=20)


@attrs.frozen
class _Recording:
    """A recording, and what is to be told apart in it."""

    text: bytes
    primary: bytes
    agent: bytes
    begin: datetime
    end: datetime


@cache
def _recording(name: str) -> _Recording:
    """Read the recording *name*."""
    text = (RECORDINGS / f"{name}.jsonl").read_bytes()
    events = [json.loads(line) for line in text.splitlines()]
    primary = next(e for e in events if e["type"] == "session.thread_status_running")
    stamps = [datetime.fromisoformat(e["processed_at"]) for e in events]
    agent = b'"agent_name": ' + json.dumps(primary["agent_name"]).encode()
    return _Recording(text, primary["session_thread_id"].encode(), agent, stamps[0], max(stamps))


class _Session:
    """One session, turn after turn."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._thread = self._fresh(b"sthr")
        self._clock = datetime(2026, 9, 1, tzinfo=UTC) + timedelta(seconds=random.random() * 3600)
        self._used: Any = {}

    def _fresh(self, prefix: bytes) -> bytes:
        """Return an id that nothing has."""
        return b"%b_01%022x" % (prefix, self._random.getrandbits(88))

    def turn(self, name: str) -> Iterator[bytes]:
        """Iterate over the lines of the recording *name*, told as the session's next turn."""
        recording = _recording(name)
        shift = self._clock - recording.begin
        changed = {recording.primary: self._thread}

        def change(found: re.Match[bytes]) -> bytes:
            old = found[0]
            new = changed.get(old)
            if new is None:
                if b"_" in old:
                    new = self._fresh(old.partition(b"_")[0])
                else:
                    moved = datetime.fromisoformat(old.decode()) + shift
                    new = moved.strftime("%Y-%m-%dT%H:%M:%S.%fZ").encode()
                changed[old] = new
            return new

        text = _CHANGED.sub(change, recording.text).replace(recording.agent, b'"agent_name": "one"')
        self._clock += recording.end - recording.begin + _GAP
        before = self._used
        for line in text.splitlines(keepends=True):
            yield self._adding(line, before) if _USAGE in line else line

    def _adding(self, line: bytes, before: Any) -> bytes:
        """Return a usage event that counts on from *before*; a budget is left out."""
        event = json.loads(line)
        self._used = event["usage"] = _sum(event["usage"], before)
        event.pop("budget", None)
        return json.dumps(event).encode() + b"\n"


def _sum(one: Any, other: Any) -> Any:
    """Add up two usages, number by number; amounts of money are strings."""
    if isinstance(one, dict):
        return {key: _sum(value, (other or {}).get(key)) for key, value in one.items()}
    if isinstance(one, str):
        return str(int(one) + int(other or 0)) if one.isdecimal() else one
    return round(one + (other or 0), 3)


def _drawn(random: Random, weights: dict[str, int]) -> str:
    """Draw a name."""
    return random.choices(list(weights), list(weights.values()))[0]


def sessions(events: int, count: int, *, seed: int = 1) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Iterate over *count* sessions of at least *events* events in all: each its key and lines."""
    for place in range(count):
        random = Random(seed * 1_000_003 + place)
        yield f"sesn_01{random.getrandbits(88):022x}", _lines(random, -(-events // count))


def _lines(random: Random, events: int) -> Iterator[bytes]:
    """Iterate over the lines of one session of at least *events* events."""
    session, told = _Session(random), 0
    name = _drawn(random, OPENINGS) or _drawn(random, TURNS)
    while told < events:
        for line in session.turn(name):
            told += 1
            yield line
        name = _drawn(random, TURNS)


def write_files(folder: Path, events: int, count: int) -> list[Path]:
    """Write each session to a file of its own below *folder*; return the paths."""
    paths = []
    for key, lines in sessions(events, count):
        paths.append(folder / f"{key}.jsonl")
        paths[-1].write_bytes(b"".join(lines))
    return sorted(paths)


def write_interleaved(path: Path, events: int, count: int) -> None:
    """Write all sessions to *path*, an event of each in turn, with a ``session_id`` in every one.

    All of them are alive nearly to the end.
    """
    keyed = [(b'{"session_id": "%b", ' % key.encode(), one) for key, one in sessions(events, count)]
    with path.open("wb") as file:
        while keyed:
            left = []
            for key, lines in keyed:
                line = next(lines, None)
                if line is not None:
                    file.write(key + line[1:])
                    left.append((key, lines))
            keyed = left
