"""Cron expressions of five fields: what they match, and the first reading that they match.

Accepted are `*`, numbers, ranges, lists, and steps through `*` or a range. POSIX has no steps;
every service's examples do. What other crons have besides is refused, each with its own reason.

A day has to match both day fields, and at most one of them may be restricted. POSIX would let a day
match either; the recorded service refuses the question.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from calendar import monthrange
from collections.abc import Iterator
from datetime import MAXYEAR, date, datetime, timedelta
from typing import Final

import attrs

from lifecycle.schedule.faults import EXPRESSION, BadSchedule, Fault, Field

__all__ = ["LENGTH_MAX", "Expression"]

LENGTH_MAX: Final = 256
"""How many characters an expression may have."""

_LOW: Final = {
    Field.MINUTE: 0,
    Field.HOUR: 0,
    Field.DAY_OF_MONTH: 1,
    Field.MONTH: 1,
    Field.DAY_OF_WEEK: 0,
}
_LAST: Final = {
    Field.MINUTE: 59,
    Field.HOUR: 23,
    Field.DAY_OF_MONTH: 31,
    Field.MONTH: 12,
    Field.DAY_OF_WEEK: 6,
}
"""Where `*` ends; a day of week may also be written as 7."""
_SUNDAY_TOO: Final = 7
_LONGEST: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
"""How many days each month has at most."""
_FEBRUARY, _LEAP_DAY = 2, 29

_SHORTHANDS: Final = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
# fmt: off
_NUMBERS: Final = {
    "JAN": 1, "FEB": 2, "MAR": 3, "APR": 4, "MAY": 5, "JUN": 6,
    "JUL": 7, "AUG": 8, "SEP": 9, "OCT": 10, "NOV": 11, "DEC": 12,
    "SUN": 0, "MON": 1, "TUE": 2, "WED": 3, "THU": 4, "FRI": 5, "SAT": 6,
}
# fmt: on
_EXTENSIONS: Final = {
    "L": "the last day of a month has no sign here",
    "W": "the nearest working day has no sign here",
    "#": "the nth weekday of a month has no sign here",
    "?": "write `*`",
}

_WORD: Final = re.compile(r"[^ \t]+")
_ALIEN: Final = re.compile(rf"{'|'.join(_NUMBERS)}|[^0-9*,\-/]", re.IGNORECASE)
_ITEM: Final = re.compile(r"(?:\*|(?P<low>[0-9]+)(?:-(?P<high>[0-9]+))?)(?:/(?P<step>[0-9]+))?")
_YEAR: Final = re.compile(r"[0-9]{4}")
_ALL: Final = "*"

Words = list[re.Match[str]]


@attrs.frozen
class Expression:
    """A cron expression.

    Attributes:
        text: as it was written.
        minutes: the minutes that match, ascending.
        hours: the hours, ascending.
        days: the days of the month.
        months: the months.
        weekdays: the days of the week, Sunday being 0.
        dates_at: where the day of the month and the month stand in the text, as (start, end).
    """

    text: str
    minutes: tuple[int, ...] = attrs.field(eq=False)
    hours: tuple[int, ...] = attrs.field(eq=False)
    days: frozenset[int] = attrs.field(eq=False)
    months: frozenset[int] = attrs.field(eq=False)
    weekdays: frozenset[int] = attrs.field(eq=False)
    dates_at: tuple[int, int] = attrs.field(eq=False, repr=False)

    @classmethod
    def read(cls, text: str) -> Expression | BadSchedule:
        """Return the expression that *text* is, or what is wrong with it.

        Sources: recorded, that both day fields cannot be restricted and that there is no sixth
        field; documented, what else a field cannot hold; the rest is chosen with care.
        """
        try:
            words = _words(text)
            values = [_values(text, field, word) for field, word in zip(Field, words, strict=True)]
            _one_day_field(text, words)
        except _Refused as refused:
            return refused.bad
        minutes, hours, days, months, weekdays = values
        dates_at = (words[2].start(), words[3].end())
        found = cls(
            text, tuple(sorted(minutes)), tuple(sorted(hours)), days, months, weekdays, dates_at
        )
        return found if found._has_dates() else found.never("no such day is in any calendar")

    @property
    def leap_days_only(self) -> bool:
        """Whether nothing but a 29 February matches."""
        return self.months == {_FEBRUARY} and min(self.days) == _LEAP_DAY

    def matches(self, local: datetime) -> bool:
        """Whether the wall-clock reading *local* matches."""
        return (
            (local.second, local.microsecond) == (0, 0)
            and local.minute in self.minutes
            and local.hour in self.hours
            and local.day in self.days
            and local.month in self.months
            and local.isoweekday() % 7 in self.weekdays
        )

    def first(self, local: datetime) -> datetime | None:
        """Return the first reading from *local* on that matches; `None` when the calendar ends.

        Readings have no zone. The calendar ends before the year 9999, so that every zone can still
        say which instant a reading is.
        """
        if local.second or local.microsecond:
            local = local.replace(second=0, microsecond=0) + timedelta(minutes=1)
        today = local.date()
        for day in self._dates(today):
            time = self._time_from(local.hour, local.minute) if day == today else self._opening
            if time:
                return datetime(day.year, day.month, day.day, *time)
        return None

    def never(self, hint: str) -> BadSchedule:
        """Return the refusal of an expression that matches nothing soon; *hint* says more."""
        reason = "does not have any occurrences in the next year"
        return BadSchedule(
            EXPRESSION, self.text, Fault.NO_OCCURRENCE, (self.dates_at,), reason, hint
        )

    @property
    def _opening(self) -> tuple[int, int]:
        """The first hour and minute of a day that matches."""
        return self.hours[0], self.minutes[0]

    def _time_from(self, hour: int, minute: int) -> tuple[int, int] | None:
        """Return the first hour and minute from these on; `None` if the day has no more."""
        if hour in self.hours and minute <= self.minutes[-1]:
            return hour, self.minutes[bisect_left(self.minutes, minute)]
        later = bisect_left(self.hours, hour + 1)
        return (self.hours[later], self.minutes[0]) if later < len(self.hours) else None

    def _dates(self, start: date) -> Iterator[date]:
        """Iterate over the days from *start* on that match."""
        year, month, first = start.year, start.month, start.day
        while year < MAXYEAR:
            if month in self.months:
                weekday, length = monthrange(year, month)  # Monday is 0, so the 1st is one more
                for day in range(first, length + 1):
                    if day in self.days and (weekday + day) % 7 in self.weekdays:
                        yield date(year, month, day)
            year, month, first = (year, month + 1, 1) if month < 12 else (year + 1, 1, 1)

    def _has_dates(self) -> bool:
        """Whether a month that matches has a day that matches, in some year."""
        return any(min(self.days) <= _LONGEST[month - 1] for month in self.months)


# -- reading ---------------------------------------------------------------------------------------


class _Refused(Exception):  # noqa: N818 - it carries a refusal out of the reader, no further
    """Nothing can be read; *bad* says why."""

    def __init__(self, bad: BadSchedule) -> None:
        super().__init__(bad.message)
        self.bad: Final = bad


def _refuse(
    text: str,
    fault: Fault,
    span: tuple[int, int],
    reason: str,
    hint: str = "",
    field: Field | None = None,
) -> _Refused:
    """Return the refusal of *text* with one span."""
    return _Refused(BadSchedule(EXPRESSION, text, fault, (span,), reason, hint, field))


def _words(text: str) -> Words:
    """Return the five fields' texts, made of nothing but what fields are made of.

    Raises:
        _Refused: there are fewer or more, or something else is in them.
    """
    if not 0 < len(text) <= LENGTH_MAX:
        reason = f"must have 1 to {LENGTH_MAX} characters, not {len(text)}"
        raise _refuse(text, Fault.LENGTH, (min(len(text), LENGTH_MAX), len(text)), reason)
    words = list(_WORD.finditer(text))
    if words and words[0].group().startswith("@"):
        raise _shorthand(text, words[0])
    if len(words) > len(Field):
        raise _too_many(text, words)
    for index, word in enumerate(words):
        if alien := _ALIEN.search(text, *word.span()):
            raise _alien(text, alien, list(Field)[index] if len(words) == len(Field) else None)
    if len(words) < len(Field):
        missing = list(Field)[len(words) :]
        raise _refuse(
            text, Fault.MISSING_FIELD, (len(text), len(text)),
            f"must have five fields, not {len(words)}", f"no {', '.join(missing)}", missing[0],
        )  # fmt: skip
    return words


def _shorthand(text: str, word: re.Match[str]) -> _Refused:
    """Return the refusal of an expression that begins with an @."""
    meant = _SHORTHANDS.get(word.group().lower())
    hint = f"write `{meant}`" if meant else ""
    return _refuse(
        text, Fault.SHORTHAND, word.span(), "must be five fields, not a shorthand with `@`", hint
    )


def _too_many(text: str, words: Words) -> _Refused:
    """Return the refusal of six fields and more, of which six have one of two traditions."""
    reason = f"must have five fields, not {len(words)}"
    first, last = words[0], words[-1]
    if len(words) > len(Field) + 1:
        span = (words[len(Field)].start(), last.end())
        return _refuse(text, Fault.MANY_FIELDS, span, f"{reason}: none is for seconds or years")
    if _YEAR.search(last.group()):
        return _refuse(text, Fault.YEAR_FIELD, last.span(), f"{reason}: there is none for years")
    return _refuse(text, Fault.SECONDS_FIELD, first.span(), f"{reason}: there is none for seconds")


def _alien(text: str, alien: re.Match[str], field: Field | None) -> _Refused:
    """Return the refusal of something that fields are not made of."""
    found = alien.group().upper()
    if found in _NUMBERS:
        reason, hint = f"cannot have names such as `{found}`", f"write {_NUMBERS[found]}"
        return _refuse(text, Fault.NAME, alien.span(), reason, hint, field)
    if found in _EXTENSIONS:
        reason = f"cannot have `{found}`"
        return _refuse(text, Fault.EXTENSION, alien.span(), reason, _EXTENSIONS[found], field)
    reason = "can only have ASCII digits and `* , - /`, with spaces or tabs between fields"
    return _refuse(text, Fault.CHARACTER, alien.span(), reason, "", field)


def _values(text: str, field: Field, word: re.Match[str]) -> frozenset[int]:
    """Return the numbers that one field stands for.

    Raises:
        _Refused: an item of it is none, or stands for no number of the field.
    """
    values: set[int] = set()
    start = word.start()
    for part in word.group().split(","):
        item = _ITEM.fullmatch(text, start, start + len(part))
        if item is None:
            reason = f"has something in {field} that is no number, range or step"
            span = (start, start + len(part))
            raise _refuse(text, Fault.ITEM, span, reason, "", field)
        values.update(_numbers(text, field, item))
        start += len(part) + 1
    if field is Field.DAY_OF_WEEK:
        values = {value % 7 for value in values}
    return frozenset(values)


def _numbers(text: str, field: Field, item: re.Match[str]) -> range:
    """Return the numbers that one item of a list stands for.

    Raises:
        _Refused: a number is not the field's, the range is backwards, or the step is no step.
    """
    low, last = _LOW[field], _LAST[field]
    most = _SUNDAY_TOO if field is Field.DAY_OF_WEEK else last
    for group in ("low", "high"):
        if item[group] and not low <= int(item[group]) <= most:
            article = "an" if field is Field.HOUR else "a"
            reason, hint = f"has {article} {field} of {item[group]}", f"it is {low} to {most}"
            raise _refuse(text, Fault.OUT_OF_RANGE, item.span(group), reason, hint, field)
    if item["low"] is None:
        begin, end = low, last
    else:
        begin, end = int(item["low"]), int(item["high"] or item["low"])
    if begin > end:
        hint = f"write {begin}-{last},{low}-{end}" if begin <= last else f"write {low}-{end}"
        reason = f"has a range in {field} that runs backwards"
        raise _refuse(text, Fault.BACKWARDS, item.span(), reason, hint, field)
    return range(begin, end + 1, _step(text, field, item, end - begin))


def _step(text: str, field: Field, item: re.Match[str], span: int) -> int:
    """Return the step of an item whose range is *span* long, 1 if it has none.

    Raises:
        _Refused: the step is 0, larger than its range, or goes through no range.
    """
    if item["step"] is None:
        return 1
    step = int(item["step"])
    if item["low"] and not item["high"]:
        reason = f"has a step in {field} from a single number"
        hint = f"write {item['low']}-{_LAST[field]}/{step}"
        raise _refuse(text, Fault.STEP, item.span(), reason, hint, field)
    if not 1 <= step <= max(span, 1):
        reason, hint = f"has a step of {step} in {field}", f"here it is 1 to {max(span, 1)}"
        raise _refuse(text, Fault.STEP, item.span("step"), reason, hint, field)
    return step


def _one_day_field(text: str, words: Words) -> None:
    """Require that one of the two day fields is `*`.

    Raises:
        _Refused: both are restricted; the words are the recorded service's.
    """
    day, weekday = words[2], words[4]
    if _ALL not in (day.group(), weekday.group()):
        raise _Refused(
            BadSchedule(
                EXPRESSION,
                text,
                Fault.BOTH_DAYS,
                (day.span(), weekday.span()),
                "cannot restrict both day-of-month and day-of-week; use `*` for one",
            )
        )
