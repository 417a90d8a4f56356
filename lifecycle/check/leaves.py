"""What a record says, leaf by leaf, so that two records of one thing can be compared by meaning.

A leaf is a known field at the end of a path: ``trigger_context.scheduled_at``, ``error.type``. Of
two readings one may write a time with another offset or without fractions, name an agent by its id
alone, leave out what is null, or carry fields of a later version. None of that is a difference.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import blake2b
from typing import Any, Final

import attrs

from lifecycle.events import Absent, DeploymentSchedule, Record
from lifecycle.wire.words import moment

__all__ = [
    "ROUNDING",
    "Leaves",
    "Path",
    "differ",
    "is_time",
    "leaves_of",
    "says_no_time",
    "time_of",
]

Path = tuple[str | int, ...]
"""Where a value stands in a record, by keys and positions."""

ROUNDING: Final = timedelta(seconds=1)
"""What one time may differ by between two readings: not all of them have fractions of a second."""

_BYTES: Final = 8
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_TICK: Final = timedelta(microseconds=1)
_YEARS: Final = range(1971, 9000)
_LEAP_SECOND: Final = ":59:60"
_NO_YEAR: Final = "0000-"
_TIMES: Final = ("created_at", "updated_at", "archived_at", "completed_at", "scheduled_at")
_COMPUTED: Final = frozenset({"last_run_at", "upcoming_runs_at"})
_NULLABLE: Final = frozenset({"session_id", "error", "paused_reason", "schedule"})
"""Null says something here; of every other field it says no more than leaving the field out."""


@attrs.frozen
class Leaves:
    """The leaves of a record: their paths, which records share, and eight bytes for each.

    These are a fingerprint of the value or, of a time, the instant.
    """

    paths: tuple[Path, ...]
    values: bytes

    def items(self) -> Iterator[tuple[Path, bytes]]:
        """Iterate over the paths and what stands for their values."""
        for place, path in enumerate(self.paths):
            yield path, self.values[place * _BYTES : (place + 1) * _BYTES]

    def unlike(self, other: Leaves) -> list[Path]:
        """Return the paths that both have, and with another value."""
        if self == other:
            return []
        known = dict(other.items())
        return [path for path, one in self.items() if differ(path, one, known.get(path, one))]


def differ(path: Path, one: bytes, other: bytes) -> bool:
    """Whether two values of the leaf at *path* are not the same; a time may have been rounded."""
    if one == other or not is_time(path):
        return one != other
    return abs(_instant(one) - _instant(other)) * _TICK >= ROUNDING


def is_time(path: Path) -> bool:
    """Whether the leaf at *path* is a time."""
    return path[-1] in _TIMES


def _instant(value: bytes) -> int:
    """Return the microseconds since 1970 that *value* stands for."""
    return int.from_bytes(value, signed=True)


def leaves_of(record: Record) -> Leaves:
    """Return the leaves of a record, less what a service computes anew at each reading."""
    found = dict(_leaves(record, ()))
    return Leaves(_shared(tuple(found)), b"".join(found.values()))


def _leaves(record: Record, within: Path) -> Iterator[tuple[Path, bytes]]:
    """Iterate over the leaves of a record or of a part of one, which stands at *within*."""
    for field in attrs.fields(type(record)):
        name, value = field.name, getattr(record, field.name)
        path = (*within, name)
        if name == "extra" or isinstance(value, Absent):
            continue
        if isinstance(record, DeploymentSchedule) and name in _COMPUTED:
            continue
        if name in _NULLABLE and not within:
            yield path, _print(value is None if not isinstance(value, str) else value)
        if isinstance(value, Record):
            yield from _leaves(value, path)
        elif name == "agent":
            yield from _agent(value)
        elif name in _TIMES:
            at = time_of(value)
            if at is not None:
                yield path, ((at - _EPOCH) // _TICK).to_bytes(_BYTES, signed=True)
        elif value is not None and name not in _NULLABLE:
            yield path, _print(_without_nulls(value))


def _agent(agent: Mapping[str, Any] | str | None) -> Iterator[tuple[Path, bytes]]:
    """Iterate over what tells an agent, which may be told by its id alone."""
    told = {"id": agent} if isinstance(agent, str) else agent or {}
    for name in ("id", "version"):
        if told.get(name) is not None:
            yield ("agent", name), _print(str(told[name]))


def _without_nulls(value: Any) -> Any:
    """Return a value without the fields that are null, however deep."""
    if isinstance(value, Mapping):
        return {k: _without_nulls(one) for k, one in value.items() if one is not None}
    return [_without_nulls(one) for one in value] if isinstance(value, list | tuple) else value


def time_of(text: str | None) -> datetime | None:
    """Return the time that *text* says; `None` if it says none.

    A time of no year that there was a service in stands for none: some write null as the year 1.
    """
    time = _moment(text) if text else None
    return time if time is None or time.year in _YEARS else None


def says_no_time(text: str) -> bool:
    """Whether *text* is neither a time nor one of the ways in which null is written."""
    return bool(text) and not text.startswith(_NO_YEAR) and _moment(text) is None


def _moment(text: str) -> datetime | None:
    """Return the time that *text* says; of a leap second, the second before."""
    return moment(text.upper().replace(_LEAP_SECOND, ":59:59"))


@lru_cache(maxsize=256)
def _shared(paths: tuple[Path, ...]) -> tuple[Path, ...]:
    """Return the same paths for records that have the same ones."""
    return paths


def _print(value: Any) -> bytes:
    """Return the fingerprint of a value."""
    return blake2b(json.dumps(value, sort_keys=True).encode(), digest_size=_BYTES).digest()
