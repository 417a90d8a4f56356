"""What is wrong with a schedule that is refused: which field, which rule, where, and why."""

from __future__ import annotations

from typing import Final

import attrs

from lifecycle.vocabulary import Word

__all__ = ["EXPRESSION", "TIMEZONE", "BadSchedule", "Fault", "Field"]

EXPRESSION: Final = "schedule.expression"
"""The request's field that holds the expression."""

TIMEZONE: Final = "schedule.timezone"
"""The request's field that holds the zone."""

_SHOWN_MAX: Final = 72
_CUT: Final = "..."


class Field(Word):
    """One of the five fields of an expression, in their order."""

    MINUTE = "minute", "0 to 59."
    HOUR = "hour", "0 to 23."
    DAY_OF_MONTH = "day-of-month", "1 to 31."
    MONTH = "month", "1 to 12."
    DAY_OF_WEEK = "day-of-week", "0 to 7; both 0 and 7 are Sunday."


# fmt: off
class Fault(Word):
    """The rule that a schedule breaks."""

    LENGTH         = "length",         "An expression has 1 to 256 characters."
    SHORTHAND      = "shorthand",      "There are no shorthands such as `@daily`."
    MISSING_FIELD  = "missing_field",  "An expression has five fields, not fewer."
    SECONDS_FIELD  = "seconds_field",  "There is no field for seconds."
    YEAR_FIELD     = "year_field",     "There is no field for years."
    MANY_FIELDS    = "many_fields",    "An expression has five fields, not seven or more."
    NAME           = "name",           "Months and days are numbers, not names."
    EXTENSION      = "extension",      "There is no `L`, `W`, `#` or `?`."
    CHARACTER      = "character",      "Fields have digits and `* , - /`; all of it is ASCII."
    ITEM           = "item",           "An item is `*`, a number or a range, or has a step besides."
    OUT_OF_RANGE   = "out_of_range",   "A number is one that the field has."
    BACKWARDS      = "backwards",      "A range runs from the smaller number to the larger."
    STEP           = "step",           "A step goes through `*` or a range, and is no larger."
    BOTH_DAYS      = "both_days",      "One of the two day fields is `*`, which restricts nothing."
    NO_OCCURRENCE  = "no_occurrence",  "Something matches within the next year."
    ZONE           = "zone",           "A time zone is a name of the IANA database."
# fmt: on


@attrs.frozen
class BadSchedule:
    """Why something is no schedule.

    Attributes:
        where: the request's field, `EXPRESSION` or `TIMEZONE`.
        text: what stood there.
        fault: the rule that it breaks.
        spans: where in the text, as (start, end) in characters from 0; the end is not included, and
            a span may begin at the text's end, where something is missing.
        reason: what is wrong, as a sentence without its subject.
        hint: what could be written instead, or what would be right; may be empty.
        field: the cron field that the fault is in, if it is in one.
    """

    where: str
    text: str
    fault: Fault
    spans: tuple[tuple[int, int], ...]
    reason: str
    hint: str = ""
    field: Field | None = None

    @property
    def message(self) -> str:
        """The reason with its subject, as a service words it."""
        return f"`{self.where}` {self.reason}"

    @property
    def position(self) -> int:
        """Where the fault begins, in characters from 0."""
        return self.spans[0][0]

    def pointed(self) -> tuple[str, str]:
        """Return the text and, for the line below it, carets under the fault and the hint.

        Whatever is not printable ASCII is written as an escape, so that the carets stand right on
        every terminal; of a long text only the surroundings of the fault are shown.
        """
        first = max(0, self.position - _SHOWN_MAX // 2) if len(self.text) > _SHOWN_MAX else 0
        cut = self.text[first : first + _SHOWN_MAX]
        head = _CUT if first else ""
        tail = _CUT if first + len(cut) < len(self.text) else ""
        marks = list(" " * (len(head) + len(_escaped(cut)) + 1))
        for start, end in self.spans:
            left = len(head) + len(_escaped(cut[: start - first]))
            right = len(head) + len(_escaped(cut[: max(end - first, 0)]))
            marks[left : max(right, left + 1)] = "^" * max(right - left, 1)
        return head + _escaped(cut) + tail, f"{''.join(marks).rstrip()} {self.hint}".rstrip()


def _escaped(text: str) -> str:
    """Return *text* with everything but printable ASCII as Python would escape it."""
    return "".join(c if " " <= c <= "~" else ascii(c)[1:-1] for c in text)
