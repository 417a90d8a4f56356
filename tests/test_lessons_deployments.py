"""
Deployments line by line: their notation, and the host that is played with them.

The pages are tested with those of the sessions.
"""

from __future__ import annotations

import inspect
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from lifecycle import deployments
from lifecycle.deployments import (
    CreateDeployment,
    DeploymentCommand,
    Fire,
    RunFailed,
    RunSucceeded,
    UpdateDeployment,
)
from lifecycle.dialects import ANTHROPIC
from lifecycle.lesson import DEPLOYMENTS, DeploymentStage, LineError
from lifecycle.lesson.deployments import HostLine, SetClock, Wait
from lifecycle.lesson.slots import DEPLOYMENT_SLOTS

ID = "depl_1"
DAILY = 'deploy digest "0 9 * * *" UTC'
parse, line_of = DEPLOYMENTS.parse, DEPLOYMENTS.line_of


def staged(*lines: str, dialect: str = "anthropic") -> DeploymentStage:
    """Return a deployment of which *lines* were said."""
    stage = DeploymentStage(dialect)
    for line in lines:
        stage.say(line)
    return stage


class TestNotation:
    """Lines and commands are the same thing."""

    def test_every_command_has_a_line(self) -> None:
        """Who adds a command says how it is told."""
        classes = {
            one
            for name in deployments.__all__
            if inspect.isclass(one := getattr(deployments, name))
            and issubclass(one, DeploymentCommand)
        }

        assert classes - {phrase.command for phrase in DEPLOYMENTS.phrases} == {DeploymentCommand}

    def test_a_creation_leaves_out_what_is_always_alike(self) -> None:
        """Its name and its times are said."""
        command = parse('deploy "My digest" "0 9 * * 1-5" Europe/Berlin')

        assert isinstance(command, CreateDeployment)
        assert command.deployment_id == ID
        assert command.settings.name == "My digest"
        assert command.settings.schedule == {
            "type": "cron",
            "expression": "0 9 * * 1-5",
            "timezone": "Europe/Berlin",
        }
        assert line_of(command) == 'deploy "My digest" "0 9 * * 1-5" Europe/Berlin'

    def test_without_times_there_is_no_schedule(self) -> None:
        """A zone that was forgotten is missing, not guessed."""
        bare, half = parse("deploy digest"), parse('deploy digest "0 9 * * *"')

        assert bare.settings.schedule is None
        assert half.settings.schedule == {"type": "cron", "expression": "0 9 * * *"}
        assert line_of(half) == 'deploy digest "0 9 * * *"'

    def test_an_update_says_one_thing(self) -> None:
        """The rest stays; `null` clears."""
        assert parse("update schedule=null") == UpdateDeployment(deployment_id=ID, schedule=None)
        assert parse("update name=weekly") == UpdateDeployment(deployment_id=ID, name="weekly")
        assert parse("update agent=agent_9") == UpdateDeployment(
            deployment_id=ID, agent={"id": "agent_9", "version": 1}
        )

    def test_what_no_line_can_say_is_not_half_said(self) -> None:
        """The notation has no word for a description, nor for two changes at once."""
        for fields in ({"description": "d"}, {"name": "a", "schedule": None}):
            with pytest.raises(LineError, match="no line says all of"):
                line_of(UpdateDeployment(deployment_id=ID, **fields))

    def test_a_run_has_the_session_of_its_number(self) -> None:
        """Another one can be said."""
        usual = RunSucceeded(deployment_id=ID, run_id="drun_12", session_id="sesn_12")
        other = RunSucceeded(deployment_id=ID, run_id="drun_12", session_id="sesn_7")

        assert parse("succeed drun_12") == usual
        assert parse("succeed drun_12 sesn_7") == other
        assert line_of(usual) == "succeed drun_12"
        assert line_of(other) == "succeed drun_12 sesn_7"

    def test_an_error_may_have_a_text(self) -> None:
        """Its type is one of the sixteen."""
        assert parse('fail drun_1 vault_archived_error "Gone."') == RunFailed(
            deployment_id=ID, run_id="drun_1", error="vault_archived_error", message="Gone."
        )

    @given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)))
    def test_a_moment_is_one_word(self, at: datetime) -> None:
        """To the second, and in UTC."""
        moment = at.replace(microsecond=0, tzinfo=UTC)

        assert parse(line_of(SetClock(at=moment))) == SetClock(at=moment)
        assert parse(line_of(Fire(deployment_id=ID, scheduled_at=moment))).scheduled_at == moment

    @given(st.integers(0, 10**7))
    def test_a_time_to_wait_is_one_word(self, seconds: int) -> None:
        """In days, hours, minutes and seconds."""
        wait = Wait(time=timedelta(seconds=seconds))

        assert parse(line_of(wait)) == wait

    @pytest.mark.parametrize(
        ("line", "says"),
        [
            ("create", "no line begins with `create`; .*deploy, pause, .*tick, show, upcoming"),
            ("unpuase", "did you mean `unpause`"),
            ("child-1: pause", "no line begins with `child-1:`"),
            ("deploy", "NAME .* is missing"),
            ("deploy 17", "NAME .* should stand where 17 does|17 is no name"),
            ('deploy digest "0 9 * * *', "does not fit"),
            ("deploy digest Europe/Berlin UTC", "UTC is too much"),
            ("update", "`update name=NAME`: NAME .* is missing"),
            ("update schedule=daily", "a text stands in quotes"),
            ("update schedule=null UTC", "null is no schedule, so it has no zone"),
            ("fail drun_1 bad_error", "bad_error is none of environment_archived_error, .*unknown"),
            ("agent leaves", "`archived` should stand where leaves does"),
            ("now 2026-10-25 00:30", "2026-10-25 is no moment, such as 2026-10-25 00:30 UTC"),
            ("now 2026-13-25 00:30 UTC", "2026-13-25 00:30 UTC is no moment"),
            ("now 2026-10-25 00:30 UTC+1", "is no moment"),
            ("wait long", "long is no time to wait, such as 90s"),
            ("wait 30m1h", "30m1h is no time"),
        ],
    )
    def test_an_unknown_line_is_told_what_is_known(self, line: str, says: str) -> None:
        """Never a bare no."""
        with pytest.raises(LineError, match=says):
            parse(line)

    def test_a_duration_needs_a_unit(self) -> None:
        """An empty one is none: no token is empty, and a slot does not rely on it."""
        with pytest.raises(ValueError, match="no time to wait"):
            DEPLOYMENT_SLOTS["TIME"].read("")


class TestHost:
    """The clock, and what a host does with it."""

    def test_the_clock_stands_still_unless_it_is_moved(self) -> None:
        """A session's clock ticks; here, the time is what a lesson is about."""
        stage = staged(DAILY, "pause", "unpause")

        assert stage.say("clock") == ["clock  2026-01-01 12:00 UTC"]
        assert stage.say("wait 1h30m") == ["clock  2026-01-01 13:30 UTC"]
        assert stage.say("now 2026-01-01 13:30:05 UTC") == ["clock  2026-01-01 13:30:05 UTC"]

    def test_the_clock_does_not_go_back(self) -> None:
        """It says what it shows."""
        stage = staged()
        with pytest.raises(LineError, match=r"shows 2026-01-01 12:00 UTC already, .* not go back"):
            stage.say("now 2025-12-31 12:00 UTC")

        assert stage.say("clock") == ["clock  2026-01-01 12:00 UTC"]

    @pytest.mark.parametrize("line", ["wait 1m", "wait 999999d", "now 9999-12-31 23:59 UTC"])
    def test_the_clock_stops_before_the_calendar_ends(self, line: str) -> None:
        """Until then everything can be told, in every zone."""
        stage = staged("now 8999-12-31 23:59 UTC", 'deploy d "0 0 * * *" Pacific/Kiritimati')
        with pytest.raises(LineError, match="the clock stops before 9000-01-01 00:00 UTC"):
            stage.say(line)

        assert stage.say("upcoming")[0] == "1  9000-01-01 10:00 UTC (Thu 00:00 +14:00)"

    def test_a_moment_is_told_on_the_clock_of_the_zone_too(self) -> None:
        """With its weekday, since midnight is elsewhere at another time."""
        stage = staged('deploy digest "30 0 * * 1" Pacific/Auckland')

        assert stage.say("upcoming")[0] == "1  2026-01-04 11:30 UTC (Mon 00:30 +13:00)"

    def test_a_host_sleeps_until_something_is_due(self) -> None:
        """To a full second, and never past a start."""
        stage = staged(DAILY, "sleep")

        assert stage.say("sleep") == ["nothing  to sleep for: something is due"]
        assert stage.say("tick")[0] == "noted       drun_1 opened for 2026-01-02 09:00 UTC"
        assert stage.say("tick") == ["nothing  is due"]
        assert staged("deploy digest").say("sleep") == ["nothing  is to come"]
        assert staged().say("sleep") == ["nothing  is to come"]
        assert staged().say("tick") == ["nothing  is due"]

    def test_a_tick_fires_everything_that_is_due(self) -> None:
        """Runs are counted, whoever asks for them."""
        stage = staged('deploy digest "*/20 * * * *" UTC', "run", "wait 1h10m")
        opened = [line.split()[1] for line in stage.say("tick") if "opened" in line]

        assert opened == ["drun_2", "drun_3", "drun_4"]

    def test_a_dialect_may_be_switched(self) -> None:
        """Whatever was missed is then made up for."""
        stage = DeploymentStage(ANTHROPIC.switched("missed_fires", "all"))
        stage.say(DAILY)
        stage.say("wait 3d")

        assert sum("opened" in line for line in stage.say("tick")) == 3


class TestStage:
    """A deployment under play."""

    def test_a_refused_line_changes_nothing(self) -> None:
        """Neither the deployment nor its log."""
        stage = staged(DAILY)
        before, entries = stage.deployment, list(stage.entries)
        answer = stage.say("fire 2026-01-01 09:00 UTC")

        assert answer[0].startswith("refused  not_scheduled: ")
        assert answer[1].startswith("answer   409 conflict_error: ")
        assert stage.deployment is before
        assert stage.entries == entries

    @pytest.mark.parametrize("line", ["pause", "run", "archive", "agent archived", "tick"])
    def test_without_a_deployment_nothing_is_found(self, line: str) -> None:
        """Nothing is due, either; and there is nothing to show."""
        answer = " ".join(staged().say(line))

        assert "deployment_not_found" in answer or answer == "nothing  is due"
        for look in ("show", "upcoming", "runs"):
            with pytest.raises(LineError, match="no deployment yet: `deploy"):
                staged().say(look)

    def test_it_is_made_once(self) -> None:
        """The second creation is refused."""
        assert staged(DAILY).say(DAILY)[0].startswith("refused  deployment_exists: ")

    def test_it_is_shown_as_it_is_reported(self) -> None:
        """The state's own word comes first, where it is another one."""
        stage = staged(DAILY, "sleep", "tick", "fail drun_1 vault_archived_error")
        paused = "paused_by_error, reported as paused (error: vault_archived_error)"

        assert stage.say("show") == [
            f"deployment  {paused}",
            'settings    "digest", agent_1, 0 9 * * * in UTC',
            "last run    2026-01-02 09:06:16 UTC",
            "upcoming    2026-01-03 09:00 UTC, and 4 more",
        ]
        assert stage.state() == [
            f"deployment  {paused}",
            "upcoming    2026-01-03 09:00 UTC, and 4 more",
        ]
        stage.say("archive")
        assert stage.state() == ["deployment  archived, reported as active"]
        assert stage.say("upcoming") == ["nothing  is to come"]

    def test_every_move_is_accepted(self) -> None:
        """Each of them, said next, changes something."""
        lines = (DAILY, "sleep", "tick", "wait 1d")
        moves = [line for line, _ in staged(*lines).moves()]

        assert {"pause", "run", "succeed drun_1", "agent deleted drun_1", "tick"} <= set(moves)
        assert not {"unpause", "deploy digest", "sleep"} & set(moves)
        for move in moves:
            stage = staged(*lines)
            before = list(stage.entries)
            stage.say(move)
            assert stage.entries != before

    def test_there_may_be_nothing_left_but_to_wait(self) -> None:
        """And in the end not even that."""
        stage = staged(DAILY)

        assert {"wait 1h", "sleep"} < {line for line, _ in stage.moves()}
        stage.say("archive")
        assert list(stage.moves()) == []
        assert stage.say("moves") == []

    @pytest.mark.parametrize(
        ("line", "words"),
        [
            ("un", {"unpause"}),
            ("u", {"unpause", "update", "upcoming"}),
            ("agent ", {"archived", "deleted"}),
            ("agent deleted ", {"drun_1"}),
            ("succeed ", {"drun_1"}),
            ("update n", {"name=digest"}),
            ("update s", {"schedule=null", 'schedule="0 9 * * 1-5"'}),
            ("fail drun_1 session_", {
                "session_resource_not_found_error",
                "session_rate_limited_error",
                "session_creation_rejected_error",
            }),
            ("now ", set()),
            ("now 2026-10-25 00:30 UTC ", set()),
            ("child-1: ", set()),
        ],
    )  # fmt: skip
    def test_a_line_is_completed(self, line: str, words: set[str]) -> None:
        """With words of the notation, and with the runs under way."""
        assert set(staged(DAILY, "run").complete(line)) == words

    def test_qoder_runs_only_what_is_active(self) -> None:
        """The other dialect is as far away as its name."""
        refused = staged(DAILY, "pause", dialect="qoder").say("run")

        assert refused[0].startswith("refused  deployment_paused: ")
        assert staged(DAILY, "pause").say("run")[0] == "noted       drun_1 opened by hand"

    def test_a_hosts_lines_are_no_commands(self) -> None:
        """They are said as if they were, and are kept as such."""
        stage = staged(DAILY, "wait 1h", "tick", "show")

        assert [isinstance(one, HostLine) for one in stage.said] == [False, True, True]
