"""``lifecycle schedule``: occurrences on two clocks, nights that are odd, and faults explained."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from click.testing import CliRunner, Result

from lifecycle.cli import main


def run(*args: str) -> Result:
    """Call ``lifecycle schedule`` with *args* in this process."""
    return CliRunner().invoke(main, ["schedule", *args], catch_exceptions=False)


def told(*args: str) -> str:
    """Return what it prints; it must end well."""
    result = run(*args)
    assert (result.exit_code, result.stderr) == (0, "")
    return result.stdout


def data(*args: str) -> Any:
    """Return what it prints for programs."""
    return json.loads(told(*args, "--format", "json"))


class TestText:
    """For reading."""

    def test_occurrences_in_the_zone_and_in_utc(self) -> None:
        """Beside each, how late its run may start: 15 % of the time to the next, at most 9 min."""
        args = ("--timezone", "America/New_York", "--from", "2026-03-06", "--count", "3")

        assert told("0,30 9 * * 1-5", *args) == (
            "America/New_York             UTC               late by up to\n"
            "Fri 2026-03-06 09:00 -05:00  2026-03-06 14:00  4 min 30 s\n"
            "Fri 2026-03-06 09:30 -05:00  2026-03-06 14:30  9 min\n"
            "Mon 2026-03-09 09:00 -04:00  2026-03-09 13:00  4 min 30 s\n"
        )

    def test_a_skipped_time_is_marked(self) -> None:
        """It stands where it would have fired."""
        args = ("--timezone", "America/New_York", "--from", "2026-03-07", "--count", "2")

        assert told("30 2 * * *", *args).splitlines()[1:] == [
            "Sat 2026-03-07 02:30 -05:00  2026-03-07 07:30  9 min",
            "Sun 2026-03-08 02:30         skipped           the clock goes from 02:00 to 03:00",
            "Mon 2026-03-09 02:30 -04:00  2026-03-09 06:30  9 min",
        ]

    def test_many_skipped_times_are_one_line(self) -> None:
        """Also those of a day that never was, and before the change's own instant."""
        args = ("--timezone", "Pacific/Apia", "--from", "2011-12-29T18:00", "--count", "2")

        assert told("0 */6 * * *", *args).splitlines()[1:] == [
            "Thu 2011-12-29 18:00 -10:00  2011-12-30 04:00  9 min",
            "Fri 2011-12-30 00:00 to 18:00  skipped, 4 times  "
            "the clock goes from 2011-12-30 00:00 to 2011-12-31 00:00",
            "Sat 2011-12-31 00:00 +14:00  2011-12-30 10:00  9 min",
        ]

    def test_a_doubled_time_is_marked(self) -> None:
        """Both of it, and nothing else."""
        args = ("--timezone", "Europe/London", "--from", "2026-10-24", "--count", "4")

        assert told("30 1 * * *", *args).splitlines()[1:] == [
            "Sat 2026-10-24 01:30 +01:00  2026-10-24 00:30  9 min",
            "Sun 2026-10-25 01:30 +01:00  2026-10-25 00:30  9 min          "
            "first of two: the clock shows this time twice",
            "Sun 2026-10-25 01:30 +00:00  2026-10-25 01:30  9 min          "
            "second of two: the clock shows this time twice",
            "Mon 2026-10-26 01:30 +00:00  2026-10-26 01:30  9 min",
        ]

    def test_five_from_now_in_utc(self) -> None:
        """When nothing else is said."""
        before = datetime.now(UTC)
        lines = told("* * * * *").splitlines()
        first = datetime.strptime(lines[1][4:27], "%Y-%m-%d %H:%M %z")

        assert len(lines) == 6
        assert lines[0].startswith("UTC ")
        assert 0 <= (first - before).total_seconds() < 120


class TestJson:
    """For programs."""

    def test_a_night_with_a_skipped_time(self) -> None:
        """RFC 3339 throughout; what was skipped has the offset from before the change."""
        assert data(
            "30 2 * * *", "--timezone", "America/New_York", "--from", "2026-03-07", "--count", "2"
        ) == {
            "occurrences": [
                {"utc": "2026-03-07T07:30:00Z", "local": "2026-03-07T02:30:00-05:00"},
                {"utc": "2026-03-09T06:30:00Z", "local": "2026-03-09T02:30:00-04:00"},
            ],
            "skipped": ["2026-03-08T02:30:00-05:00"],
        }

    def test_a_night_with_a_doubled_time(self) -> None:
        """Two instants, told apart by their offsets."""
        found = data(
            "30 1 * * *", "--timezone", "America/New_York", "--from", "2026-11-01", "--count", "2"
        )

        assert [at["local"] for at in found["occurrences"]] == [
            "2026-11-01T01:30:00-04:00",
            "2026-11-01T01:30:00-05:00",
        ]
        assert found["skipped"] == []

    def test_the_calendar_ends(self) -> None:
        """What is asked for beyond is not there."""
        found = data("0 0 1 1 *", "--from", "9000-01-01", "--count", "1500")

        assert len(found["occurrences"]) == 999


class TestFrom:
    """``--from``."""

    @pytest.mark.parametrize(
        ("begin", "first"),
        [
            ("2026-05-01", "2026-05-01T04:00:00Z"),
            ("2026-05-01T00:00:00", "2026-05-01T04:00:00Z"),
            ("2026-05-01T00:00:01", "2026-05-02T04:00:00Z"),
            ("2026-05-01T00:00:00Z", "2026-05-01T04:00:00Z"),
            ("2026-05-01T04:00:00Z", "2026-05-01T04:00:00Z"),
            ("2026-05-01T06:00:00+02:00", "2026-05-01T04:00:00Z"),
            ("2026-05-01T06:00:01+02:00", "2026-05-02T04:00:00Z"),
        ],
    )
    def test_the_first_instant_counts(self, begin: str, first: str) -> None:
        """Without an offset it is read on the zone's clock; midnight in New York is 4:00 in UTC."""
        found = data("0 0 * * *", "--timezone", "America/New_York", "--from", begin)

        assert found["occurrences"][0]["utc"] == first

    def test_a_midnight_that_never_was(self) -> None:
        """What it skips is still told."""
        found = data(
            "0 0 * * *", "--timezone", "America/Havana", "--from", "2026-03-08", "--count", "1"
        )

        assert found == {
            "occurrences": [{"utc": "2026-03-09T04:00:00Z", "local": "2026-03-09T00:00:00-04:00"}],
            "skipped": ["2026-03-08T00:00:00-05:00"],
        }

    @pytest.mark.parametrize("begin", ["yesterday", "2026-13-01", "", "1972-12-31", "9001-01-01"])
    def test_what_is_no_time_is_refused(self, begin: str) -> None:
        """In one line."""
        result = run("0 0 * * *", "--from", begin)

        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr.startswith("lifecycle schedule: Invalid value for '--from': ")
        assert result.stderr.count("\n") == 1


class TestRefusals:
    """What is no schedule."""

    @pytest.mark.parametrize("form", ["text", "json"])
    @pytest.mark.parametrize(
        ("args", "says"),
        [
            (
                ["0 24 * * *"],
                "lifecycle schedule: `schedule.expression` has an hour of 24\n"
                "    0 24 * * *\n"
                "      ^^ it is 0 to 23\n",
            ),
            (
                ["0 0 1 * 1"],
                "lifecycle schedule: `schedule.expression` cannot restrict both day-of-month and "
                "day-of-week; use `*` for one\n"
                "    0 0 1 * 1\n"
                "        ^   ^\n",
            ),
            (
                ["0 0 29 2 *", "--from", "2026-01-01"],
                "lifecycle schedule: `schedule.expression` does not have any occurrences in the "
                "next year\n"
                "    0 0 29 2 *\n"
                "        ^^^^ the next is in 2028\n",
            ),
            (
                ["0 9 * * *", "--timezone", "Europe/Lodnon"],
                "lifecycle schedule: `schedule.timezone` must be the name of a time zone of the "
                "IANA database\n"
                "    Europe/Lodnon\n"
                "    ^^^^^^^^^^^^^ did you mean `Europe/London`?\n",
            ),
            (
                ["\x1b[31m 9 * * *"],
                "lifecycle schedule: `schedule.expression` can only have ASCII digits and "
                "`* , - /`, with spaces or tabs between fields\n"
                "    \\x1b[31m 9 * * *\n"
                "    ^^^^\n",
            ),
        ],
    )
    def test_a_fault_is_explained_with_carets(self, args: list[str], says: str, form: str) -> None:
        """On standard error, with exit code 2, whatever the format."""
        result = run(*args, "--format", form)

        assert (result.exit_code, result.stdout, result.stderr) == (2, "", says)

    @pytest.mark.parametrize("count", ["0", "-1", "10001", "some"])
    def test_a_count_is_a_number_within_reason(self, count: str) -> None:
        """From 1 to 10,000."""
        result = run("0 9 * * *", "--count", count)

        assert (result.exit_code, result.stdout) == (2, "")
        assert "--count" in result.stderr
