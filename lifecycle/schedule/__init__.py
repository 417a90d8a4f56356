"""When a deployment fires: five-field cron expressions read on the clock of a time zone.

A `Schedule` is an `Expression` on a `Clock`. It fires at exactly the instants whose wall-clock
reading in the zone matches: a reading that a night's change leaves out never fires, one that it
repeats fires twice. What cannot be a schedule is a `BadSchedule`, a value that says where and why.

    >>> from datetime import UTC, datetime
    >>> now = datetime(2026, 3, 7, 12, tzinfo=UTC)
    >>> daily = Schedule.read("30 2 * * *", "America/New_York", now=now)
    >>> [str(at) for at in daily.upcoming(2, after=now)]
    ['2026-03-09 06:30:00+00:00', '2026-03-10 06:30:00+00:00']
    >>> Schedule.read("0 24 * * *", "UTC", now=now).message
    '`schedule.expression` has an hour of 24'
"""

from __future__ import annotations

from lifecycle.schedule.clock import Change, Clock
from lifecycle.schedule.expression import Expression
from lifecycle.schedule.faults import BadSchedule, Fault, Field
from lifecycle.schedule.jitter import jitter, jitter_bound
from lifecycle.schedule.schedule import LeapDay, Schedule, Skipped

__all__ = [
    "BadSchedule",
    "Change",
    "Clock",
    "Expression",
    "Fault",
    "Field",
    "LeapDay",
    "Schedule",
    "Skipped",
    "jitter",
    "jitter_bound",
]
