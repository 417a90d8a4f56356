"""What the clocks of a time zone read, and when they are changed.

Between two changes a local clock is UTC plus a constant. So whoever knows the changes needs no
rules for local times that do not exist or exist twice: they follow.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Final
from zoneinfo import ZoneInfo

import attrs

from lifecycle.schedule.faults import TIMEZONE, BadSchedule, Fault

__all__ = ["STEADY", "Change", "Clock", "instant_of"]

STEADY: Final = timedelta(days=2)
"""No zone changes its offset twice within this time; the closest were four days apart, in 1939.

It is also longer than any two offsets can be apart.
"""

_SECOND: Final = timedelta(seconds=1)
_PLACEHOLDER: Final = "Factory"
"""A member of the database that stands for "nobody has set the zone"."""


@attrs.frozen
class Change:
    """A change of a zone's offset.

    Attributes:
        at: the first instant with the new offset, in UTC.
        before: what was added to UTC to read the clock.
        after: what is added from then on.
    """

    at: datetime
    before: timedelta
    after: timedelta

    @property
    def leaves(self) -> datetime:
        """What the clock would read at the change, had it not been changed; without a zone."""
        return self.at.replace(tzinfo=None) + self.before

    @property
    def reaches(self) -> datetime:
        """What the clock reads at the change; without a zone."""
        return self.at.replace(tzinfo=None) + self.after


@attrs.frozen
class Clock:
    """The clock of a time zone.

    Attributes:
        zone: the zone, with a name of the IANA database.
    """

    zone: ZoneInfo

    @classmethod
    def read(cls, name: str) -> Clock | BadSchedule:
        """Return the clock of the zone *name*, as the IANA database spells it.

        Source: recorded, the zone is required and validated against the database.
        """
        if name in _names().values():
            return cls(ZoneInfo(name))
        return BadSchedule(
            TIMEZONE,
            name,
            Fault.ZONE,
            ((0, len(name)),),
            "must be the name of a time zone of the IANA database",
            _hint(name),
        )

    def offset(self, instant: datetime) -> timedelta:
        """Return what is to be added to UTC at *instant*, an instant in UTC."""
        offset = instant.astimezone(self.zone).utcoffset()
        assert offset is not None, "a ZoneInfo knows its offset at every instant"
        return offset

    def reading(self, instant: datetime) -> datetime:
        """Return what the clock reads at *instant*, without a zone."""
        return instant.astimezone(self.zone).replace(tzinfo=None, fold=0)

    def next_change(self, after: datetime, until: datetime) -> Change | None:
        """Return the first change later than *after* and not later than *until*, both in UTC."""
        low, until = after.replace(microsecond=0), until.replace(microsecond=0)
        before = self.offset(low)
        while low < until:
            high = min(low + STEADY, until)
            if self.offset(high) != before:
                return self._change_within(low, high)
            low = high
        return None

    def changes(self, after: datetime, until: datetime) -> Iterator[Change]:
        """Iterate over the changes later than *after* and not later than *until*, both in UTC."""
        while change := self.next_change(after, until):
            yield change
            after = change.at

    def is_doubled(self, local: datetime) -> bool:
        """Whether the clock shows the reading *local* at two instants."""
        first, second = (local.replace(tzinfo=self.zone, fold=fold) for fold in (0, 1))
        return (first.utcoffset() or timedelta()) > (second.utcoffset() or timedelta())

    def _change_within(self, low: datetime, high: datetime) -> Change:
        """Return the one change later than *low* and not later than *high*."""
        before = self.offset(low)
        while high - low > _SECOND:
            middle = low + (high - low) // _SECOND // 2 * _SECOND
            if self.offset(middle) == before:
                low = middle
            else:
                high = middle
        return Change(high, before, self.offset(high))


def instant_of(moment: datetime) -> datetime:
    """Return *moment* in UTC.

    Raises:
        ValueError: *moment* has no time zone, so nobody knows which instant it is.
    """
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone: give it one, such as datetime.UTC")
    return moment.astimezone(UTC)


@cache
def _names() -> Mapping[str, str]:
    """Return the names of the IANA database, by how they read in lower case.

    A system's folder of zones has more: a ``localtime``, and zones that count leap seconds.
    """
    listed = files("tzdata").joinpath("zones").read_text(encoding="utf-8").split()
    return {name.lower(): name for name in listed if name != _PLACEHOLDER}


def _hint(name: str) -> str:
    """Return what may have been meant by *name*."""
    names = _names()
    near = difflib.get_close_matches(name.lower(), names, n=1) if len(name) <= 64 else []
    return f"did you mean `{names[near[0]]}`?" if near else "such as `Europe/London`, or `UTC`"
