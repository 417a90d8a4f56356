"""A schedule: an expression on a clock, and the instants at which it fires.

The rule is one sentence: an instant fires exactly when its wall-clock reading in the zone matches.
Between two changes of the clock a reading is the instant plus a constant, so the fast way steps
from one matching reading to the next, and begins anew at a change.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import MAXYEAR, UTC, datetime, timedelta
from itertools import islice
from typing import Final

import attrs

from lifecycle.schedule.clock import STEADY, Change, Clock, instant_of
from lifecycle.schedule.expression import Expression
from lifecycle.schedule.faults import BadSchedule
from lifecycle.schedule.jitter import jitter, jitter_bound
from lifecycle.vocabulary import Word

__all__ = ["LeapDay", "Schedule", "Skipped"]

_SECOND: Final = timedelta(seconds=1)
_DAY: Final = timedelta(days=1)


class LeapDay(Word):
    """What becomes of an expression that only matches a leap day of a later year.

    Recorded is that an expression needs an occurrence within the next year; that this holds for
    29 February, too, is inferred.
    """

    REFUSED = "refused", "As any other that has no occurrence in the next year."
    ACCEPTED = "accepted", "It waits, for up to eight years."


@attrs.frozen
class Skipped:
    """The matching readings that a change of the clock leaves out.

    Attributes:
        change: the change.
        readings: what the clock never read, ascending, without a zone.
    """

    change: Change
    readings: tuple[datetime, ...]


@attrs.frozen
class Schedule:
    """When a deployment fires.

    Attributes:
        expression: which readings of the clock fire.
        clock: the clock.
    """

    expression: Expression
    clock: Clock

    @classmethod
    def read(
        cls,
        expression: str,
        timezone: str,
        *,
        now: datetime,
        leap_day: LeapDay = LeapDay.REFUSED,
    ) -> Schedule | BadSchedule:
        """Return the schedule, or what is wrong; the expression is looked at before the zone.

        Args:
            expression: the cron expression.
            timezone: a name of the IANA database.
            now: the present; something must match within a year from it, by the zone's calendar.
            leap_day: whether an expression for leap days may wait longer.

        Raises:
            ValueError: *now* has no time zone.
        """
        schedule = cls.known(expression, timezone)
        if isinstance(schedule, BadSchedule):
            return schedule
        read, clock = schedule.expression, schedule.clock
        coming = schedule.next_after(now)
        if coming is None:
            return read.never("the calendar ends before")
        local = clock.reading(coming)
        if local <= _a_year_after(clock.reading(now)):
            return schedule
        if read.leap_days_only and leap_day is LeapDay.ACCEPTED:
            return schedule
        return read.never(f"the next is in {local.year}")

    @classmethod
    def known(cls, expression: str, timezone: str) -> Schedule | BadSchedule:
        """Return a schedule that somebody has, or what is wrong; when it fires next is not asked.

        Args:
            expression: the cron expression.
            timezone: a name of the IANA database.
        """
        read = Expression.read(expression)
        if isinstance(read, BadSchedule):
            return read
        clock = Clock.read(timezone)
        return clock if isinstance(clock, BadSchedule) else cls(read, clock)

    def matches(self, instant: datetime) -> bool:
        """Whether the schedule fires at *instant*.

        Raises:
            ValueError: *instant* has no time zone.
        """
        return self.expression.matches(self.clock.reading(instant_of(instant)))

    def occurrences(self, after: datetime) -> Iterator[datetime]:
        """Iterate over the instants later than *after* at which it fires, in UTC and ascending.

        They go on until the year 9999.

        Raises:
            ValueError: *after* has no time zone.
        """
        at = instant_of(after).replace(microsecond=0)
        if at.year < MAXYEAR:
            at += _SECOND
        while at.year < MAXYEAR:
            offset = self.clock.offset(at)
            local = self.expression.first(at.replace(tzinfo=None) + offset)
            if local is None:
                return
            found = (local - offset).replace(tzinfo=UTC)
            near = min(found, at + STEADY)
            change = self.clock.next_change(at, near)
            if change:
                at = change.at
            elif near < found:
                # No offset is a whole day. So past `near` the clock reads later than it does at
                # `at`, and until a day before the reading, taken as UTC, it reads earlier than it.
                at = max(near, local.replace(tzinfo=UTC) - _DAY)
            else:
                yield found
                at = found + _SECOND

    def next_after(self, after: datetime) -> datetime | None:
        """Return the first instant later than *after* at which it fires, in UTC.

        It is `None` only where the calendar ends, at the year 9999.

        Raises:
            ValueError: *after* has no time zone.
        """
        return next(self.occurrences(after), None)

    def upcoming(self, count: int, *, after: datetime) -> tuple[datetime, ...]:
        """Return the next *count* instants later than *after* at which it fires, in UTC.

        Raises:
            ValueError: *after* has no time zone, or *count* is negative.
        """
        return tuple(islice(self.occurrences(after), count))

    def skipped(self, after: datetime, until: datetime) -> Iterator[Skipped]:
        """Iterate over what would have fired, had the clock not been put forward.

        Args:
            after: changes of the clock later than this are looked at,
            until: and not later than this.

        Raises:
            ValueError: one of the two has no time zone.
        """
        for change in self.clock.changes(instant_of(after), instant_of(until)):
            readings = tuple(self._readings(change.leaves, change.reaches))
            if readings:
                yield Skipped(change, readings)

    def delay_bound(self, occurrence: datetime) -> timedelta:
        """Return how late the run of *occurrence* may start, measured by the time to the next.

        So no run overtakes the one after it.

        Raises:
            ValueError: *occurrence* has no time zone.
        """
        return jitter_bound(self._interval(occurrence))

    def delay(self, schedule_id: str, occurrence: datetime) -> timedelta:
        """Return how late the run of *occurrence* starts, for the schedule of that id.

        Raises:
            ValueError: *occurrence* has no time zone.
        """
        return jitter(schedule_id, self._interval(occurrence))

    def _interval(self, occurrence: datetime) -> timedelta:
        """Return the time from *occurrence* to the next; at the calendar's end, the longest."""
        following = self.next_after(occurrence)
        return timedelta.max // 100 if following is None else following - instant_of(occurrence)

    def _readings(self, start: datetime, end: datetime) -> Iterator[datetime]:
        """Iterate over the matching readings from *start* to before *end*."""
        reading = self.expression.first(start)
        while reading is not None and reading < end:
            yield reading
            reading = self.expression.first(reading + timedelta(minutes=1))


def _a_year_after(local: datetime) -> datetime:
    """Return the same reading a year later; a leap day's is that of 1 March."""
    try:
        return local.replace(year=local.year + 1)
    except ValueError:
        return local.replace(year=local.year + 1, month=3, day=1)
