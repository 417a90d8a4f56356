"""Schedules: what they match, when the clock is changed, and what is refused.

The measure is the dumb twin of `scanning`, which looks at every minute.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from importlib.resources import files
from importlib.util import find_spec
from itertools import pairwise, takewhile
from typing import Final
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, strategies as st
from scanning import MINUTE, NOW, ZONES, changes, nights, scan

from lifecycle.schedule import (
    BadSchedule,
    Expression,
    Fault,
    LeapDay,
    Schedule,
    jitter,
    jitter_bound,
)
from lifecycle.schedule.clock import STEADY


def schedule(expression: str, zone: str = "UTC", now: datetime = NOW) -> Schedule:
    """Return a schedule that is one."""
    found = Schedule.read(expression, zone, now=now)
    assert isinstance(found, Schedule), found
    return found


def refused(expression: str, zone: str = "UTC", now: datetime = NOW) -> BadSchedule:
    """Return why something is no schedule."""
    found = Schedule.read(expression, zone, now=now)
    assert isinstance(found, BadSchedule), found
    return found


def unchecked(expression: str, zone: str) -> Schedule:
    """Return a schedule, be its next occurrence ever so far away."""
    found = Schedule.known(expression, zone)
    assert isinstance(found, Schedule), found
    return found


class TestScan:
    """The fast way and the dumb twin."""

    @given(nights())
    @example(("*/15 * * * *", "Australia/Lord_Howe", datetime(2026, 4, 4, 12, tzinfo=UTC)))
    @example(("* * * * *", "America/St_Johns", datetime(2010, 11, 6, 23, tzinfo=UTC)))
    @example(("0 * * * *", "Pacific/Apia", datetime(2011, 12, 29, 12, tzinfo=UTC)))
    @example(("*/7 0 * * 0", "America/Havana", datetime(2026, 10, 31, 12, tzinfo=UTC)))
    def test_a_schedule_fires_when_a_scan_of_all_minutes_does(
        self, night: tuple[str, str, datetime]
    ) -> None:
        """No occurrence is lost, none is made up, and they come in order."""
        expression, zone, begin = night
        end = begin + timedelta(days=8)
        read = Expression.read(expression)
        if isinstance(read, BadSchedule):  # such as 31 February
            assert read.fault is Fault.NO_OCCURRENCE
            assert scan(expression, zone, begin, end) == []
            return
        coming = unchecked(expression, zone).occurrences(begin)

        assert list(takewhile(lambda at: at < end, coming)) == scan(expression, zone, begin, end)

    @given(nights())
    def test_what_it_says_of_one_minute_is_what_it_lists(
        self, night: tuple[str, str, datetime]
    ) -> None:
        """`matches` holds at an occurrence, and neither a second later nor a second before."""
        expression, zone, begin = night
        if isinstance(Expression.read(expression), BadSchedule):
            return
        found = unchecked(expression, zone)

        for at in found.upcoming(3, after=begin):
            assert found.matches(at)
            assert not found.matches(at + timedelta(seconds=1))
            assert not found.matches(at - timedelta(seconds=1))

    def test_there_are_nights_to_look_at(self) -> None:
        """All zones but one have had their clock changed, and the odd ones oddly."""
        assert [zone for zone in ZONES if not changes(zone)] == ["UTC"]
        assert datetime(2011, 12, 30, 10, tzinfo=UTC) in changes("Pacific/Apia")
        assert changes("Asia/Kathmandu") == (datetime(1985, 12, 31, 18, 30, tzinfo=UTC),)


class TestOracle:
    """`croniter`, where no clock is changed."""

    @pytest.mark.parametrize(
        "zone", ["UTC", "Asia/Kolkata", "Asia/Tokyo", "America/Phoenix", "Etc/GMT+5"]
    )
    @given(
        seed=st.integers(0, 2**32), begin=st.datetimes(datetime(2000, 1, 1), datetime(2090, 1, 1))
    )
    def test_croniter_agrees_where_no_clock_is_changed(
        self, zone: str, seed: int, begin: datetime
    ) -> None:
        """The next five, for an expression with one day field at most."""
        if find_spec("croniter") is None:
            pytest.skip("needs croniter: pip install agent-lifecycle[test]")
        from croniter import croniter

        expression = written(random.Random(seed))
        after = begin.replace(tzinfo=UTC)
        peer = croniter(expression, after.astimezone(ZoneInfo(zone)))

        assert unchecked(expression, zone).upcoming(5, after=after) == tuple(
            peer.get_next(datetime) for _ in range(5)
        )


def written(dice: random.Random) -> str:
    """Return an expression that any cron reads alike."""

    def field(low: int, high: int) -> str:
        first, last = sorted(dice.sample(range(low, high + 1), 2))
        return dice.choice(
            ["*", f"{first}", f"{first}-{last}", f"{first},{last}", f"*/{dice.randint(1, 5)}"]
        )

    drawn = [field(0, 59), field(0, 23), field(1, 28), field(1, 12), field(0, 6)]
    drawn[dice.choice([2, 4])] = "*"
    return " ".join(drawn)


# -- stories ---------------------------------------------------------------------------------------


def local(found: Schedule, count: int, after: str) -> list[str]:
    """Return the next readings after an instant, with their offsets."""
    zone = found.clock.zone
    coming = found.upcoming(count, after=datetime.fromisoformat(after))
    return [f"{at.astimezone(zone):%d %H:%M%z}" for at in coming]


class TestNights:
    """The nights on which the clock is changed."""

    def test_a_time_that_is_skipped_does_not_fire(self) -> None:
        """In New York, 2:30 was missing on 8 March 2026; the next is a day later, at 2:30."""
        assert local(schedule("30 2 * * *", "America/New_York"), 3, "2026-03-06T12:00Z") == [
            "07 02:30-0500",
            "09 02:30-0400",
            "10 02:30-0400",
        ]

    def test_a_time_that_is_repeated_fires_twice(self) -> None:
        """In New York, 1:30 was there twice on 1 November 2026."""
        assert local(schedule("30 1 * * *", "America/New_York"), 3, "2026-10-31T12:00Z") == [
            "01 01:30-0400",
            "01 01:30-0500",
            "02 01:30-0500",
        ]

    def test_every_half_hour_goes_on_through_both_nights(self) -> None:
        """To UTC nothing happens."""
        found = schedule("*/30 * * * *", "America/New_York")
        for night in ("2026-03-08T04:10Z", "2026-11-01T03:10Z"):
            coming = found.upcoming(12, after=datetime.fromisoformat(night))

            assert {b - a for a, b in pairwise(coming)} == {timedelta(minutes=30)}

    def test_half_an_hour_is_repeated_on_lord_howe(self) -> None:
        """From 2:00 back to 1:30: 1:15 is there once, and 1:45 twice."""
        assert local(schedule("15,45 1 * * *", "Australia/Lord_Howe"), 4, "2026-04-04T12:00Z") == [
            "05 01:15+1100",
            "05 01:45+1100",
            "05 01:45+1030",
            "06 01:15+1030",
        ]

    def test_a_clock_that_goes_back_over_midnight_repeats_a_day_that_had_ended(self) -> None:
        """In St John's, 00:01 became 23:01 of the day before: the 6th ended twice."""
        found = schedule("0,30 0,23 * * *", "America/St_Johns")

        assert local(found, 5, "2010-11-07T01:45:00Z") == [
            "06 23:30-0230",
            "07 00:00-0230",
            "06 23:30-0330",
            "07 00:00-0330",
            "07 00:30-0330",
        ]

    def test_a_day_that_never_was_does_not_fire(self) -> None:
        """Samoa went from 29 to 31 December 2011."""
        assert local(schedule("0 12 * * *", "Pacific/Apia"), 3, "2011-12-28T23:00Z") == [
            "29 12:00-1000",
            "31 12:00+1400",
            "01 12:00+1400",
        ]

    def test_midnight_was_skipped_in_havana(self) -> None:
        """A daily run at midnight misses the day."""
        assert local(schedule("0 0 * * *", "America/Havana"), 2, "2026-03-07T12:00Z") == [
            "09 00:00-0400",
            "10 00:00-0400",
        ]

    def test_an_old_clock_has_seconds(self) -> None:
        """Liberia was 44 minutes and 30 seconds behind until 1972: 9:00 was 9:44:30 in UTC."""
        found = unchecked("0 9 * * *", "Africa/Monrovia")
        at = datetime(1960, 5, 1, 9, 44, 30, tzinfo=UTC)

        assert found.next_after(datetime(1960, 5, 1, tzinfo=UTC)) == at
        assert found.matches(at)

    def test_what_was_skipped_can_be_listed(self) -> None:
        """With the change that left it out; a night on which the clock goes back leaves nothing."""
        found = schedule("*/30 2 * * *", "America/New_York")
        (skip,) = found.skipped(NOW, datetime(2026, 12, 31, tzinfo=UTC))

        assert [f"{reading:%m-%d %H:%M}" for reading in skip.readings] == [
            "03-08 02:00",
            "03-08 02:30",
        ]
        assert skip.change.at == datetime(2026, 3, 8, 7, tzinfo=UTC)
        assert (skip.change.leaves.hour, skip.change.reaches.hour) == (2, 3)

    def test_a_repeated_reading_is_known(self) -> None:
        """The hour from 1 to 2 on the night that the clock goes back, and no other."""
        clock = schedule("* * * * *", "America/New_York").clock

        assert clock.is_doubled(datetime(2026, 11, 1, 1, 30))
        assert not clock.is_doubled(datetime(2026, 11, 1, 2))
        assert not clock.is_doubled(datetime(2026, 3, 8, 2, 30))


class TestAsking:
    """How occurrences are asked for."""

    def test_after_is_later_than(self) -> None:
        """An occurrence is not after itself, but after the microsecond before it."""
        found, at = schedule("0 9 * * *"), datetime(2026, 5, 1, 9, tzinfo=UTC)

        assert found.next_after(at) == at + timedelta(days=1)
        assert found.next_after(at - timedelta(microseconds=1)) == at

    def test_answers_are_in_utc(self) -> None:
        """Whatever zone the question came in."""
        after = datetime(2026, 5, 1, 9, tzinfo=timezone(timedelta(hours=-7)))
        (at,) = schedule("0 9 * * *").upcoming(1, after=after)

        assert at.tzinfo is UTC
        assert at == datetime(2026, 5, 2, 9, tzinfo=UTC)

    @pytest.mark.parametrize("ask", ["next_after", "matches", "delay_bound"])
    def test_a_moment_needs_a_zone(self, ask: str) -> None:
        """A reading alone is no instant."""
        with pytest.raises(ValueError, match="needs a time zone"):
            getattr(schedule("0 9 * * *"), ask)(datetime(2026, 5, 1))

    def test_the_calendar_ends(self) -> None:
        """Before the year 9999 there is a last occurrence."""
        found = schedule("0 0 1 1 *")
        end = datetime(9997, 6, 1, tzinfo=UTC)

        assert found.upcoming(5, after=end) == (datetime(9998, 1, 1, tzinfo=UTC),)
        assert found.next_after(datetime.max.replace(tzinfo=UTC)) is None
        assert found.delay_bound(datetime(9998, 1, 1, tzinfo=UTC)) == timedelta(minutes=9)
        bad = refused("0 0 1 1 *", now=datetime(9998, 6, 1, tzinfo=UTC))
        assert bad.fault is Fault.NO_OCCURRENCE

    def test_sunday_is_0_and_7(self) -> None:
        """And a range may end on it."""
        for expression in ("0 9 * * 0", "0 9 * * 7"):
            assert local(schedule(expression), 1, "2026-05-01T00:00Z") == ["03 09:00+0000"]
        assert local(schedule("0 9 * * 6-7"), 3, "2026-05-01T00:00Z") == [
            "02 09:00+0000",
            "03 09:00+0000",
            "09 09:00+0000",
        ]

    def test_blanks_are_spaces_and_tabs(self) -> None:
        """Any number of them, also at the ends."""
        found = schedule(" 0\t9  * * 1-5 ")

        assert found.upcoming(9, after=NOW) == schedule("0 9 * * 1-5").upcoming(9, after=NOW)


class TestZones:
    """What the clock relies on."""

    def test_no_zone_changes_twice_in_the_time_that_is_looked_ahead(self) -> None:
        """Of all changes in the whole database."""
        names = files("tzdata").joinpath("zones").read_text(encoding="utf-8").split()
        gaps = [gap for name in names for gap in gaps_between_changes(name)]

        assert len(names) > 500
        assert timedelta(seconds=min(gaps)) > STEADY

    @pytest.mark.parametrize(
        ("name", "hint"),
        [
            ("america/new_york", "did you mean `America/New_York`?"),
            ("Europe/Lodnon", "did you mean `Europe/London`?"),
            ("", "such as `Europe/London`, or `UTC`"),
            ("America", None),
            ("../UTC", None),
            ("/etc/localtime", None),
            ("localtime", None),
            ("Factory", None),
            ("right/UTC", None),
            ("UTC+2", None),
            ("+02:00", None),
            ("x" * 5000, "such as `Europe/London`, or `UTC`"),
            ("UTC\x00", None),
        ],
    )
    def test_what_is_no_zone_is_refused(self, name: str, hint: str | None) -> None:
        """Only the database's own names, as it spells them."""
        bad = refused("0 9 * * *", name)

        assert (bad.where, bad.fault) == ("schedule.timezone", Fault.ZONE)
        assert bad.spans == ((0, len(name)),)
        assert hint in (None, bad.hint)

    def test_the_expression_is_looked_at_first(self) -> None:
        """Of two faults one is told."""
        assert refused("nope", "nope").where == "schedule.expression"


def gaps_between_changes(name: str) -> Iterator[int]:
    """Iterate over the seconds between one change of a zone's offset and the next (RFC 8536)."""
    data = files("tzdata").joinpath("zoneinfo", *name.split("/")).read_bytes()
    header = struct.Struct(">4s1s15x6l")
    _, _, isut, isstd, leap, times, types, chars = header.unpack_from(data)
    second = header.size + times * 5 + types * 6 + chars + leap * 8 + isstd + isut
    *_, times, types, chars = header.unpack_from(data, second)
    start = second + header.size
    at = struct.unpack_from(f">{times}q", data, start)
    kinds = data[start + times * 8 : start + times * 9]
    offsets = [o for o, _, _ in struct.iter_unpack(">lBB", data[start + times * 9 :][: types * 6])]
    read = [offsets[kind] for kind in kinds]
    changed = [at[i] for i in range(1, times) if read[i] != read[i - 1]]
    yield from (b - a for a, b in pairwise(changed))


# -- refusals --------------------------------------------------------------------------------------

# fmt: off
FAULTS: Final = [
    # expression        carets             fault            field           says
    ("",                  "^",               "length",        None,           "256 characters"),
    ("   ",               "   ^",            "missing_field", "minute",       "five fields, not 0"),
    ("* * * *",           "       ^",        "missing_field", "day-of-week",  "five fields, not 4"),
    ("0 0 12 * * *",      "^",               "seconds_field", None,           "none for seconds"),
    ("0 0 1 1 * 2027",    "          ^^^^",  "year_field",    None,           "none for years"),
    ("0 0 0 1 1 ? 2027",  "          ^^^^^^","many_fields",   None,           "five fields, not 7"),
    ("@daily",            "^^^^^^",          "shorthand",     None,           "shorthand"),
    ("@reboot",           "^^^^^^^",         "shorthand",     None,           "shorthand"),
    ("0 9 * * MON-FRI",   "        ^^^",     "name",          "day-of-week",  "such as `MON`"),
    ("0 9 1 jan *",       "      ^^^",       "name",          "month",        "such as `JAN`"),
    ("0 9 L * *",         "    ^",           "extension",     "day-of-month", "`L`"),
    ("0 9 15W * *",       "      ^",         "extension",     "day-of-month", "`W`"),
    ("0 9 * * 5#2",       "         ^",      "extension",     "day-of-week",  "`#`"),
    ("0 9 ? * 1",         "    ^",           "extension",     "day-of-month", "`?`"),
    ("0 9 * * x",         "        ^",       "character",     "day-of-week",  "ASCII"),
    ("0\xa09 * * *",      " ^^^^",           "character",     None,           "spaces or tabs"),
    ("0 \uff19 * * *",    "  ^^^^^^",        "character",     "hour",         "ASCII digits"),
    ("0 9 * * *\n",       "         ^^",     "character",     "day-of-week",  "spaces or tabs"),
    ("60 * * * *",        "^^",              "out_of_range",  "minute",       "a minute of 60"),
    ("0 24 * * *",        "  ^^",            "out_of_range",  "hour",         "an hour of 24"),
    ("0 0 0 * *",         "    ^",           "out_of_range",  "day-of-month", "day-of-month of 0"),
    ("0 0 * 1-13 *",      "        ^^",      "out_of_range",  "month",        "a month of 13"),
    ("0 0 * * 8",         "        ^",       "out_of_range",  "day-of-week",  "a day-of-week of 8"),
    ("0 22-2 * * *",      "  ^^^^",          "backwards",     "hour",         "backwards"),
    ("0 0 * * 7-2",       "        ^^^",     "backwards",     "day-of-week",  "backwards"),
    ("5/15 * * * *",      "^^^^",            "step",          "minute",       "single number"),
    ("*/0 * * * *",       "  ^",             "step",          "minute",       "a step of 0"),
    ("*/60 * * * *",      "  ^^",            "step",          "minute",       "a step of 60"),
    ("0 0 * * */7",       "          ^",     "step",          "day-of-week",  "a step of 7"),
    ("1,,2 * * * *",      "  ^",             "item",          "minute",       "no number"),
    ("1, * * * *",        "  ^",             "item",          "minute",       "no number"),
    ("-1 * * * *",        "^^",              "item",          "minute",       "no number"),
    ("1-2-3 * * * *",     "^^^^^",           "item",          "minute",       "no number"),
    ("*-5 * * * *",       "^^^",             "item",          "minute",       "no number"),
    ("** * * * *",        "^^",              "item",          "minute",       "no number"),
    ("*/ * * * *",        "^^",              "item",          "minute",       "no number"),
    ("0 0 1 * 1",         "    ^   ^",       "both_days",     None,           "both day-of-month"),
    ("0 0 */2 * 1",       "    ^^^   ^",     "both_days",     None,           "both day-of-month"),
    ("0 0 31 2 *",        "    ^^^^",        "no_occurrence", None,           "in the next year"),
    ("0 0 30-31 2 *",     "    ^^^^^^^",     "no_occurrence", None,           "in the next year"),
    ("0 0 31 2,4,6 *",    "    ^^^^^^^^",    "no_occurrence", None,           "in the next year"),
]
# fmt: on


class TestRefusals:
    """What is no schedule, why, and where."""

    @pytest.mark.parametrize(("expression", "carets", "fault", "field", "says"), FAULTS)
    def test_a_fault_is_told_with_its_place(
        self, expression: str, carets: str, fault: str, field: str | None, says: str
    ) -> None:
        """The rule, the field, the words, and carets under what is wrong."""
        bad = refused(expression)

        assert (bad.fault, bad.field) == (fault, field)
        assert bad.message.startswith("`schedule.expression` ")
        assert says in bad.message
        assert bad.pointed()[1].removesuffix(bad.hint).rstrip() == carets

    def test_every_fault_has_its_row(self) -> None:
        """Also the one that is told of zones."""
        assert {str(row[2]) for row in FAULTS} | {Fault.ZONE} == set(Fault)

    @pytest.mark.parametrize(
        ("expression", "hint"),
        [
            ("@daily", "write `0 0 * * *`"),
            ("0 9 * * fri", "write 5"),
            ("0 9 1 DEC *", "write 12"),
            ("0 22-2 * * *", "write 22-23,0-2"),
            ("0 0 * * 5-1", "write 5-6,0-1"),
            ("0 0 * * 7-2", "write 0-2"),
            ("5/15 * * * *", "write 5-59/15"),
        ],
    )
    def test_a_hint_can_be_followed(self, expression: str, hint: str) -> None:
        """What it says to write is a schedule."""
        bad = refused(expression)
        instead = bad.hint.removeprefix("write ").strip("`")
        start, end = bad.spans[0]

        assert bad.hint == hint
        schedule(expression[:start] + instead + expression[end:])

    def test_the_recorded_words_are_the_services(self) -> None:
        """Both refusals that were recorded."""
        assert refused("0 0 1 * 1").message == (
            "`schedule.expression` cannot restrict both day-of-month and day-of-week; "
            "use `*` for one"
        )
        assert refused("0 0 31 2 *").message.endswith("any occurrences in the next year")

    def test_length(self) -> None:
        """256 characters will do, 257 will not; the carets are under what is too much."""
        listed = ",".join(["0"] * 124)
        assert len(f"{listed} * * * *") == 255

        schedule(f"{listed} * * * * ")
        bad = refused(f"{listed} * * * *  ")
        assert bad.fault is Fault.LENGTH
        assert bad.spans == ((256, 257),)

    def test_of_a_long_expression_the_surroundings_are_shown(self) -> None:
        """A line stays a line, and the carets stay under the fault."""
        shown, marks = refused(f"{'0,' * 50}x{',0' * 50} * * * *").pointed()

        assert len(shown) < 80
        assert shown.startswith("...")
        assert shown.endswith("...")
        assert shown[marks.index("^")] == "x"

    @given(st.text(max_size=300))
    def test_whatever_is_written_is_answered(self, text: str) -> None:
        """With a schedule or a refusal, whose spans lie in the text and whose lines print."""
        found = Schedule.read(text, text, now=NOW)
        assert isinstance(found, BadSchedule)  # no expression is a zone

        assert all(0 <= start <= end <= len(text) for start, end in found.spans)
        assert all(line.isascii() and line.isprintable() for line in found.pointed())
        assert "^" in found.pointed()[1]


class TestYear:
    """Something has to match within the next year."""

    def test_a_yearly_schedule_always_does(self) -> None:
        """Also when it has just fired, in leap years and in others."""
        for year in range(2024, 2034):
            for expression in ("0 0 1 1 *", "0 12 1 4 *", "0 0 28 2 *"):
                (at,) = unchecked(expression, "Europe/London").upcoming(
                    1, after=datetime(year, 1, 1, tzinfo=UTC) - MINUTE
                )
                schedule(expression, "Europe/London", at)

    def test_a_leap_day_of_a_later_year_is_refused_or_waits(self) -> None:
        """By the switch; the next leap day after January 2026 is in 2028."""
        expression, leap = "0 0 29 2 *", datetime(2028, 2, 29, tzinfo=UTC)
        bad = refused(expression)
        waits = Schedule.read(expression, "UTC", now=NOW, leap_day=LeapDay.ACCEPTED)

        assert bad.fault is Fault.NO_OCCURRENCE
        assert bad.hint == "the next is in 2028"
        assert isinstance(waits, Schedule)
        assert waits.next_after(NOW) == leap

    def test_a_leap_day_within_the_year_is_a_day_as_others(self) -> None:
        """And on the leap day itself, the next one is too far."""
        schedule("0 0 29 2 *", now=datetime(2027, 3, 1, tzinfo=UTC))
        refused("0 0 29 2 *", now=datetime(2028, 2, 29, tzinfo=UTC))

    def test_eight_years_may_lie_between_leap_days(self) -> None:
        """2100 has none."""
        found = unchecked("0 0 29 2 *", "UTC")
        after = datetime(2096, 3, 1, tzinfo=UTC)

        assert found.next_after(after) == datetime(2104, 2, 29, tzinfo=UTC)

    def test_the_switch_lets_nothing_else_through(self) -> None:
        """31 February does not wait, nor does a time that this year's change of the clock skips."""
        skipped = "30 2 8 3 *"
        for expression in ("0 0 31 2 *", skipped):
            found = Schedule.read(
                expression, "America/New_York", now=NOW, leap_day=LeapDay.ACCEPTED
            )

            assert isinstance(found, BadSchedule)
        schedule(skipped, "UTC")
        assert refused(skipped, "America/New_York").hint == "the next is in 2027"


class TestJitter:
    """How late a run starts."""

    @pytest.mark.parametrize(
        ("interval", "bound"),
        [
            (timedelta(seconds=20), timedelta(seconds=5)),
            (timedelta(minutes=1), timedelta(seconds=9)),
            (timedelta(minutes=30), timedelta(minutes=4, seconds=30)),
            (timedelta(hours=1), timedelta(minutes=9)),
            (timedelta(days=365), timedelta(minutes=9)),
        ],
    )
    def test_the_bound_is_15_percent_between_5_seconds_and_9_minutes(
        self, interval: timedelta, bound: timedelta
    ) -> None:
        """Of the time between two occurrences."""
        assert jitter_bound(interval) == bound

    @given(st.text(), st.timedeltas(timedelta(minutes=1), timedelta(days=400)))
    def test_a_delay_is_within_its_bound(self, schedule_id: str, interval: timedelta) -> None:
        """From zero to less than the bound; and every schedule keeps its share of it."""
        delay, bound = jitter(schedule_id, interval), jitter_bound(interval)
        hourly = jitter(schedule_id, timedelta(hours=1))

        assert timedelta() <= delay < bound
        assert abs(delay / bound - hourly / timedelta(minutes=9)) < 1e-6

    def test_a_delay_is_the_same_on_every_machine(self) -> None:
        """Its number is written down: another one would move every run there is."""
        assert jitter("depl_01", timedelta(hours=1)) == timedelta(seconds=158, microseconds=810_844)

    def test_delays_are_spread(self) -> None:
        """Of a thousand schedules, every tenth of the bound has its share."""
        tenths = [0] * 10
        for number in range(1000):
            delay = jitter(f"depl_{number}", timedelta(hours=1))
            tenths[int(delay / timedelta(seconds=54))] += 1

        assert min(tenths) > 60

    def test_no_run_overtakes_the_one_after_it(self) -> None:
        """Each is measured by the time to the next, be that a minute or a day."""
        found = schedule("0,1 9 * * *")
        nine = datetime(2026, 5, 1, 9, tzinfo=UTC)

        assert found.delay_bound(nine) == timedelta(seconds=9)
        assert found.delay_bound(nine + MINUTE) == timedelta(minutes=9)
        for number in range(100):
            first, second = (found.delay(f"depl_{number}", nine + n * MINUTE) for n in (0, 1))
            assert nine + first < nine + MINUTE + second
