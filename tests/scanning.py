"""A dumb twin of schedules, for tests: it looks at every minute, and reads the zone's clock.

It compares five fields, and knows nothing of changes, steps or days. Beside it: what draws
expressions, zones, and nights on which a clock is changed.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

__all__ = ["MINUTE", "NOW", "ZONES", "changes", "expressions", "nights", "scan"]

ZONES: Final = (
    "Australia/Lord_Howe",
    "America/Havana",
    "America/St_Johns",
    "Africa/Casablanca",
    "Pacific/Apia",
    "Asia/Kathmandu",
    "America/New_York",
    "Europe/London",
    "UTC",
    "Asia/Tehran",
)
MINUTE: Final = timedelta(minutes=1)
NOW: Final = datetime(2026, 1, 15, 12, tzinfo=UTC)
LIMITS: Final = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))


def numbers(field: str, low: int, high: int) -> set[int]:
    """Return what a field stands for, number by number."""
    found = set()
    for item in field.split(","):
        span, _, step = item.partition("/")
        first, _, last = span.partition("-")
        begin, end = (low, high) if span == "*" else (int(first), int(last or first))
        found |= {n for n in range(begin, end + 1) if (n - begin) % int(step or 1) == 0}
    return found


def scan(expression: str, zone: str, begin: datetime, end: datetime) -> list[datetime]:
    """Return the whole minutes after *begin* and before *end* whose reading matches."""
    minutes, hours, days, months, weekdays = (
        numbers(field, *limits)
        for field, limits in zip(expression.split(), LIMITS, strict=True)
    )  # fmt: skip
    weekdays = {day % 7 for day in weekdays}
    key, found = ZoneInfo(zone), []
    at = begin.replace(second=0, microsecond=0) + MINUTE
    while at < end:
        local = at.astimezone(key)
        if (
            local.minute in minutes and local.hour in hours and local.day in days
            and local.month in months and local.isoweekday() % 7 in weekdays
        ):  # fmt: skip
            found.append(at)
        at += MINUTE
    return found


@cache
def changes(zone: str) -> tuple[datetime, ...]:
    """Return the instants at which the clock of *zone* was changed, or will be, 1980 to 2040."""
    key, found = ZoneInfo(zone), []

    def offset(at: datetime) -> timedelta | None:
        return at.astimezone(key).utcoffset()

    day, end = datetime(1980, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC)
    while day < end:
        following = day + timedelta(days=1)
        if offset(day) != offset(following):
            minutes = (day + n * MINUTE for n in range(1, 24 * 60 + 1))
            found.append(next(at for at in minutes if offset(at) != offset(day)))
        day = following
    return tuple(found)


@st.composite
def fields(draw: st.DrawFn, low: int, high: int, near: int) -> str:
    """Draw a field; as often as not one that *near* matches."""
    number = st.one_of(st.just(near), st.integers(low, high))
    items = []
    for _ in range(draw(st.integers(1, 3))):
        first, last = sorted((draw(number), draw(number)))
        kind = draw(st.sampled_from(["number", "range", "range step", "star step"]))
        if kind == "number" or first == last:
            items.append(f"{first}")
        elif kind == "range":
            items.append(f"{first}-{last}")
        elif kind == "range step":
            items.append(f"{first}-{last}/{draw(st.integers(1, last - first))}")
        else:
            items.append(f"*/{draw(st.integers(1, 6 if high == 7 else high - low))}")
    return ",".join(items)


@st.composite
def expressions(draw: st.DrawFn, near: datetime) -> str:
    """Draw an expression that has some chance to match around the reading *near*."""
    reading = (near.minute, near.hour, near.day, near.month, near.isoweekday())
    drawn = [
        draw(st.one_of(st.just("*"), fields(low, high, value)))
        for (low, high), value in zip(LIMITS, reading, strict=True)
    ]
    drawn[draw(st.sampled_from([2, 4]))] = "*"
    return " ".join(drawn)


@st.composite
def nights(draw: st.DrawFn) -> tuple[str, str, datetime]:
    """Draw an expression, a zone, and a start around a change of its clock."""
    zone = draw(st.sampled_from(ZONES))
    change = draw(st.sampled_from(changes(zone) or (NOW,)))
    hours = draw(st.sampled_from([30, 150]))
    begin = change + timedelta(seconds=draw(st.integers(-hours * 3600, 3 * 3600)))
    near = change + timedelta(minutes=draw(st.integers(-30 * 60, 30 * 60)))
    return draw(expressions(near.astimezone(ZoneInfo(zone)))), zone, begin
