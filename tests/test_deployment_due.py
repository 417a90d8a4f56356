"""What is due: late, twice, by two hosts, and after nobody looked."""

from __future__ import annotations

from datetime import datetime, timedelta

import attrs
import pytest
from deploying import DEPLOYMENT, MORNING, Host, briefly

from lifecycle.deployments import (
    GRACE,
    ArchiveDeployment,
    Fire,
    PauseDeployment,
    UnpauseDeployment,
    due,
    wake_at,
)
from lifecycle.dialects import ANTHROPIC
from lifecycle.schedule import jitter_bound

HOUR = timedelta(hours=1)
BOUND = jitter_bound(HOUR)


class TestDelay:
    """An occurrence is due when its delay is over."""

    def test_a_run_starts_within_the_bound(self) -> None:
        """15 % of the interval, and no more than nine minutes."""
        host = Host()
        (first,) = due([host.state], MORNING + HOUR + BOUND)

        assert first.scheduled_at == MORNING + HOUR
        assert timedelta(0) <= first.starts_at - first.scheduled_at < BOUND
        assert due([host.state], first.starts_at - timedelta(microseconds=1)) == ()
        assert due([host.state], first.starts_at) == (first,)

    def test_wake_at_is_when_to_ask_again(self) -> None:
        """Asking then, and not a moment earlier, finds something."""
        host = Host()
        at = wake_at([host.state], MORNING)

        assert at is not None
        assert due([host.state], at - timedelta(microseconds=1)) == ()
        assert len(due([host.state], at)) == 1

    def test_wake_at_looks_past_what_is_due_now(self) -> None:
        """It is asked after `due`, and about what comes next."""
        host = Host()
        now = MORNING + HOUR + BOUND
        at = wake_at([host.state], now)

        assert at is not None
        assert MORNING + 2 * HOUR <= at < MORNING + 2 * HOUR + BOUND

    def test_within_a_delay_the_host_is_woken_for_its_end(self) -> None:
        """The occurrence has come, and its run has not started."""
        host = Host()
        at = wake_at([host.state], MORNING)

        assert wake_at([host.state], MORNING + HOUR) == at
        assert due([host.state], MORNING + HOUR) == ()

    def test_there_may_be_nothing_to_wake_for(self) -> None:
        """No schedule, paused, archived."""
        none, paused, archived = Host(schedule=None), Host(), Host()
        paused.do(PauseDeployment)
        archived.do(ArchiveDeployment)

        assert wake_at([none.state, paused.state, archived.state], MORNING) is None
        assert wake_at([], MORNING) is None

    def test_several_deployments_come_in_the_order_of_their_starts(self) -> None:
        """Each has its own share of the bound."""
        states = [attrs.evolve(Host().state, id=f"depl_{number}") for number in range(20)]
        found = due(states, MORNING + HOUR + BOUND)

        assert len(found) == 20
        assert [one.starts_at for one in found] == sorted(one.starts_at for one in found)
        assert len({one.starts_at for one in found}) > 15


class TestOnce:
    """No occurrence fires twice."""

    def test_asking_twice_fires_once(self) -> None:
        """What was claimed is no answer any more."""
        host = Host()
        host.wait(hours=1, minutes=9)

        assert len(host.tick()) == 1
        assert host.tick() == []

    def test_two_hosts_make_one_run(self) -> None:
        """Both ask and decide on the same version; the store takes one, the other decides again."""
        host = Host()
        now = MORNING + HOUR + BOUND
        asked = [Fire.of(*due([host.state], now)) for _ in range(2)]
        first, second = (host.engine.decide(host.state, one, now=now) for one in asked)
        assert first.entries == second.entries
        assert [o.id for o in first.effects] == [o.id for o in second.effects]

        stored = host.engine.apply(host.state, first.entries)
        again = host.engine.decide(stored, asked[1], now=now)

        assert briefly(again) == ["already_fired: 2026-03-02T09:00:00Z or a later one was fired"]

    def test_a_clock_that_goes_back_fires_nothing_again(self) -> None:
        """The host's own clock was wrong, and is set right."""
        host = Host()
        host.wait(hours=2, minutes=9)
        host.tick()
        host.wait(hours=-1)

        assert host.tick() == []


class TestLate:
    """Nobody looked for a while."""

    def test_what_is_within_the_grace_is_not_lost(self) -> None:
        """A schedule of minutes, and a host that restarts for a quarter of an hour."""
        host = Host(schedule={"expression": "* * * * *", "timezone": "UTC"})
        host.wait(minutes=15, seconds=30)

        assert [run.scheduled_at for run in host.tick()] == [
            MORNING + timedelta(minutes=minute) for minute in range(1, 16)
        ]

    def test_an_hour_is_late_and_more_is_missed(self) -> None:
        """A daily fire at nine."""
        host = Host(schedule={"expression": "0 9 * * *", "timezone": "UTC"})
        at = wake_at([host.state], MORNING)
        assert at is not None

        assert len(due([host.state], at + GRACE)) == 1
        assert due([host.state], at + GRACE + timedelta(microseconds=1)) == ()

    @pytest.mark.parametrize(
        ("choice", "hours"), [("skipped", []), ("newest", [5]), ("all", [1, 2, 3, 4, 5])]
    )
    def test_what_becomes_of_the_missed_is_a_switch(self, choice: str, hours: list[int]) -> None:
        """Five hours without a host, and a grace of a minute."""
        dialect = ANTHROPIC.switched("missed_fires", choice)
        host = Host(dialect)
        found = due(
            [host.state],
            MORNING + timedelta(hours=5, minutes=40),
            dialect=dialect,
            grace=timedelta(minutes=1),
        )

        assert [one.scheduled_at for one in found] == [MORNING + HOUR * hour for hour in hours]

    def test_the_newest_is_found_after_years(self) -> None:
        """Without looking at each minute of them."""
        dialect = ANTHROPIC.switched("missed_fires", "newest")
        host = Host(dialect, schedule={"expression": "0 0 1 1 *", "timezone": "UTC"})
        (found,) = due([host.state], MORNING.replace(year=2029), dialect=dialect)

        assert found.scheduled_at == datetime(2029, 1, 1, tzinfo=MORNING.tzinfo)

    def test_of_many_that_were_missed_the_newest_is_the_last(self) -> None:
        """A schedule of minutes, and a host that comes a second too late for each of them."""
        dialect = ANTHROPIC.switched("missed_fires", "newest")
        host = Host(dialect, schedule={"expression": "* * * * *", "timezone": "UTC"})
        now = MORNING + timedelta(minutes=30, seconds=30)
        (found,) = due([host.state], now, dialect=dialect, grace=timedelta(seconds=1))

        assert found.scheduled_at == MORNING + timedelta(minutes=30)

    def test_a_pause_in_between_is_not_made_up_for(self) -> None:
        """What was claimed before it, what fell into it, and what comes after."""
        host = Host(schedule={"expression": "*/10 * * * *", "timezone": "UTC"})
        host.wait(minutes=12)
        first = host.tick()
        host.do(PauseDeployment)
        host.wait(minutes=20)
        host.do(UnpauseDeployment)
        host.wait(minutes=10)

        assert [run.scheduled_at for run in (*first, *host.tick())] == [
            MORNING + timedelta(minutes=10),
            MORNING + timedelta(minutes=40),
        ]

    def test_the_newest_is_nothing_where_nothing_was_missed(self) -> None:
        """The search ends at the creation."""
        dialect = ANTHROPIC.switched("missed_fires", "newest")
        host = Host(dialect, schedule={"expression": "0 0 1 1 *", "timezone": "UTC"})

        assert due([host.state], MORNING + timedelta(days=30), dialect=dialect) == ()

    def test_newest_changes_nothing_for_what_is_only_late(self) -> None:
        """What is within the grace fires, each of it."""
        dialect = ANTHROPIC.switched("missed_fires", "newest")
        host = Host(dialect, schedule={"expression": "*/10 * * * *", "timezone": "UTC"})

        assert len(due([host.state], MORNING + timedelta(minutes=32), dialect=dialect)) == 3

    def test_a_time_without_a_zone_is_the_callers_mistake(self) -> None:
        """Nobody knows which moment it is."""
        host = Host()
        with pytest.raises(ValueError, match="time zone"):
            due([host.state], datetime(2026, 3, 2))
        with pytest.raises(ValueError, match="time zone"):
            wake_at([host.state], datetime(2026, 3, 2))

    def test_the_command_of_an_answer_is_its_fire(self) -> None:
        """Nothing is to be copied by hand."""
        host = Host()
        (one,) = due([host.state], MORNING + HOUR + BOUND)

        assert Fire.of(one) == Fire(deployment_id=DEPLOYMENT, scheduled_at=MORNING + HOUR)
