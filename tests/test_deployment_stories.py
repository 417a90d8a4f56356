"""Deployments as stories: what a client and a host do, and what follows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from deploying import DEPLOYMENT, MORNING, Host, briefly, settings

from lifecycle.deployments import (
    AgentArchived,
    AgentDeleted,
    ArchiveDeployment,
    Fire,
    PauseDeployment,
    RunDeployment,
    RunFailed,
    RunSucceeded,
    UnpauseDeployment,
    UpdateDeployment,
    due,
)
from lifecycle.dialects import ANTHROPIC, DIALECTS
from lifecycle.vocabulary import DeploymentErrorType as E, DeploymentState as S

both = pytest.mark.parametrize("dialect", DIALECTS)


class TestCreation:
    """A deployment is made."""

    def test_it_is_active_and_says_when_it_fires(self) -> None:
        """The host keeps the first fire, and tells the subscribers."""
        host = Host()

        assert briefly(host.made) == ["resume the fires", "send deployment.created"]
        first = host.made.effects[0].detail
        assert first.scheduled_at == MORNING + timedelta(hours=1)
        assert timedelta(0) <= first.starts_at - first.scheduled_at < timedelta(minutes=9)

    def test_it_is_reported_as_the_service_does(self) -> None:
        """Five occurrences are listed, before any delay; nothing has run yet."""
        assert Host().made.reply == {
            "id": DEPLOYMENT,
            "type": "deployment",
            "status": "active",
            "paused_reason": None,
            "name": "digest",
            "description": None,
            "agent": {"type": "agent", "id": "agent_1", "version": 1},
            "environment_id": "env_1",
            "initial_events": [
                {"type": "user.message", "content": [{"type": "text", "text": "Go"}]}
            ],
            "metadata": {},
            "resources": [],
            "vault_ids": [],
            "schedule": {
                "type": "cron",
                "expression": "0 * * * *",
                "timezone": "UTC",
                "last_run_at": None,
                "upcoming_runs_at": [f"2026-03-02T{hour:02}:00:00Z" for hour in range(9, 14)],
            },
            "created_at": "2026-03-02T08:00:00Z",
            "updated_at": "2026-03-02T08:00:00Z",
            "archived_at": None,
        }

    def test_without_a_schedule_it_runs_by_hand_only(self) -> None:
        """Nothing is ever due."""
        host = Host(schedule=None)

        assert host.made.effects[0].detail is None
        assert host.shown()["schedule"] is None
        host.wait(days=400)
        assert host.tick() == []
        assert briefly(host.do(RunDeployment)) == ["create the session"]

    def test_a_budget_is_shown_and_handed_on(self) -> None:
        """Each session copies it at its fire."""
        host = Host(budget={"type": "list_cost"})

        assert host.shown()["budget"] == {"type": "list_cost"}
        assert host.do(RunDeployment).effects[0].detail["budget"] == {"type": "list_cost"}


class TestFires:
    """An occurrence comes due."""

    def test_a_fire_makes_a_session_and_a_record(self) -> None:
        """The session is titled as the deployment is named, and knows whose it is (D5)."""
        host = Host(metadata={"team": "ops"}, vault_ids=("vlt_1",))
        host.wait(hours=1, minutes=9)

        claimed = host.do(Fire, scheduled_at=MORNING + timedelta(hours=1))
        asked = claimed.effects[2].detail
        (run,) = host.state.open
        ended = host.do(RunSucceeded, run_id=run.id, session_id="sesn_9")

        assert briefly(claimed) == [
            "resume the fires",
            "send deployment_run.started",
            "create the session",
        ]
        assert (asked["title"], asked["deployment_id"]) == ("digest", DEPLOYMENT)
        assert (asked["metadata"], asked["vault_ids"]) == ({}, ["vlt_1"])
        assert briefly(ended) == ["record the run", "send deployment_run.succeeded"]
        assert ended.reply == {
            "id": run.id,
            "type": "deployment_run",
            "deployment_id": DEPLOYMENT,
            "agent": {"type": "agent", "id": "agent_1", "version": 1},
            "trigger_context": {"type": "schedule", "scheduled_at": "2026-03-02T09:00:00Z"},
            "session_id": "sesn_9",
            "error": None,
            "created_at": "2026-03-02T09:09:00Z",
        }
        assert host.shown()["schedule"]["last_run_at"] == "2026-03-02T09:09:00Z"

    def test_webhooks_of_a_fire_name_its_run(self) -> None:
        """Started and succeeded carry the same id."""
        host = Host()
        host.wait(hours=1, minutes=9)
        claimed = host.do(Fire, scheduled_at=MORNING + timedelta(hours=1))
        (run,) = host.state.open
        ended = host.do(RunSucceeded, run_id=run.id, session_id="sesn_9")

        assert claimed.effects[1].detail == {"type": "deployment_run.started", "id": run.id}
        assert ended.effects[1].detail == {"type": "deployment_run.succeeded", "id": run.id}
        assert claimed.effects[1].id != ended.effects[1].id

    def test_a_run_keeps_the_agent_of_its_fire(self) -> None:
        """An update in between changes the next run (D15)."""
        host = Host()
        host.wait(hours=1, minutes=9)
        (run,) = host.tick()
        host.do(UpdateDeployment, agent={"id": "agent_1", "version": 2})
        ended = host.do(RunSucceeded, run_id=run.id, session_id="sesn_9")

        assert ended.reply is not None
        assert ended.reply["agent"]["version"] == 1

    def test_a_fire_does_not_wait_for_the_one_before(self) -> None:
        """No policy for overlaps is known: each occurrence has its run (D12)."""
        host = Host()
        host.wait(hours=1, minutes=9)
        first = host.tick()
        host.wait(hours=1)
        second = host.tick()

        assert host.state.open == (*first, *second)

    def test_a_lagging_clock_does_not_write_the_log_backwards(self) -> None:
        """Two hosts, one of them a minute behind."""
        host = Host()
        host.wait(minutes=10)
        host.do(PauseDeployment)
        host.wait(minutes=-1)
        host.do(UnpauseDeployment)

        assert [entry.at for entry in host.log] == sorted(entry.at for entry in host.log)


class TestFailures:
    """A fire gets no session."""

    @both
    @pytest.mark.parametrize("error", E)
    def test_fourteen_errors_pause_and_two_do_not(self, dialect: str, error: E) -> None:
        """The reason is the run's own error; the run is recorded either way."""
        host = Host(dialect)
        host.wait(hours=1, minutes=9)
        (run,) = host.tick()
        failed = host.do(RunFailed, run_id=run.id, error=error, message="It did not work.")

        goes_on = {E.SESSION_RATE_LIMITED, E.SESSION_CREATION_REJECTED}
        assert failed.reply is not None
        assert failed.reply["error"] == {"type": error.value, "message": "It did not work."}
        assert failed.reply["session_id"] is None
        if error in goes_on:
            assert host.state.state is S.ACTIVE
            assert briefly(failed) == ["record the run", "send deployment_run.failed"]
            assert host.shown()["paused_reason"] is None
        else:
            assert host.state.state is S.PAUSED_BY_ERROR
            assert host.shown()["status"] == "paused"
            assert host.shown()["paused_reason"] == {"type": "error", "error": {"type": error}}

    @both
    def test_the_table_of_pausing_errors_is_the_whole_of_it(self, dialect: str) -> None:
        """Sixteen errors, fourteen of which pause."""
        pausing = DIALECTS[dialect].pausing

        assert set(pausing) == set(E)
        assert sum(one.pauses for one in pausing.values()) == 14

    def test_a_rejected_creation_pauses_if_the_switch_says_so(self) -> None:
        """Its text leaves it open."""
        host = Host(ANTHROPIC.switched("creation_rejected", "pauses"))
        host.wait(hours=1, minutes=9)
        (run,) = host.tick()
        host.do(RunFailed, run_id=run.id, error=E.SESSION_CREATION_REJECTED)

        assert host.state.state is S.PAUSED_BY_ERROR

    @both
    @pytest.mark.parametrize("error", E)
    def test_a_run_by_hand_never_pauses(self, dialect: str, error: E) -> None:
        """Whatever its error; nor does it become the schedule's last run."""
        host = Host(dialect)
        host.do(RunDeployment)
        (run,) = host.state.open
        failed = host.do(RunFailed, run_id=run.id, error=error)

        assert briefly(failed) == ["record the run"]
        assert host.state.state is S.ACTIVE
        assert host.state.last_run_at is None

    @pytest.mark.parametrize(("choice", "moves"), [("yes", True), ("no", False)])
    def test_whether_a_failed_fire_is_the_last_run_is_a_switch(
        self, choice: str, moves: bool
    ) -> None:
        """No source says."""
        host = Host(ANTHROPIC.switched("failed_fire_is_last_run", choice))
        host.wait(hours=1, minutes=9)
        (run,) = host.tick()
        host.do(RunFailed, run_id=run.id, error=E.SESSION_RATE_LIMITED)

        assert (host.state.last_run_at == run.opened_at) is moves

    def test_outcomes_may_come_in_another_order(self) -> None:
        """The last run is the one that started last, not the one that was reported last."""
        host = Host()
        host.wait(hours=1, minutes=9)
        (first,) = host.tick()
        host.wait(hours=1)
        (second,) = host.tick()
        host.do(RunSucceeded, run_id=second.id, session_id="sesn_2")
        host.do(RunSucceeded, run_id=first.id, session_id="sesn_1")

        assert host.state.last_run_at == second.opened_at

    def test_two_fires_fail_and_the_first_error_stays_the_reason(self) -> None:
        """The second was on its way when the first one paused."""
        host = Host()
        host.wait(hours=1, minutes=9)
        (first,) = host.tick()
        host.wait(hours=1)
        (second,) = host.tick()
        host.do(RunFailed, run_id=first.id, error=E.VAULT_ARCHIVED)
        host.do(RunFailed, run_id=second.id, error=E.FILE_NOT_FOUND)

        assert host.shown()["paused_reason"]["error"] == {"type": "vault_archived_error"}
        assert [run["error"]["type"] for run in host.runs] == [
            "vault_archived_error",
            "file_not_found_error",
        ]


class TestPauses:
    """Somebody pauses it, and lets it go on."""

    def test_a_paused_one_does_not_fire_and_lists_what_it_would(self) -> None:
        """Its schedule is listed as if it were active (D11)."""
        host = Host()
        paused = host.do(PauseDeployment)
        host.wait(hours=3)

        assert briefly(paused) == ["suppress the fires", "send deployment.paused"]
        assert host.tick() == []
        assert host.shown()["paused_reason"] == {"type": "manual"}
        assert len(host.shown()["schedule"]["upcoming_runs_at"]) == 5

    def test_nothing_is_made_up_for(self) -> None:
        """It fires again at the next occurrence after the unpausing."""
        host = Host()
        host.do(PauseDeployment)
        host.wait(hours=3, minutes=30)
        unpaused = host.do(UnpauseDeployment)

        assert briefly(unpaused) == ["resume the fires", "send deployment.unpaused"]
        assert unpaused.effects[0].detail.scheduled_at == MORNING + timedelta(hours=4)
        assert host.tick() == []
        host.wait(hours=1)
        assert [run.scheduled_at for run in host.tick()] == [MORNING + timedelta(hours=4)]

    def test_what_was_on_its_way_is_recorded_while_paused(self) -> None:
        """Its occurrence lies before the pause."""
        host = Host()
        host.wait(hours=1, minutes=9)
        (run,) = host.tick()
        host.do(PauseDeployment)
        ended = host.do(RunSucceeded, run_id=run.id, session_id="sesn_9")

        assert briefly(ended) == ["record the run", "send deployment_run.succeeded"]
        assert host.state.state is S.PAUSED

    def test_a_run_by_hand_while_paused_is_allowed_by_the_one_only(self) -> None:
        """Anthropic's runs and stays paused; Qoder's is refused."""
        host, other = Host(), Host("qoder")
        host.do(PauseDeployment)
        other.do(PauseDeployment)

        assert briefly(host.do(RunDeployment)) == ["create the session"]
        assert host.state.state is S.PAUSED
        assert briefly(other.do(RunDeployment)) == [
            "deployment_paused: only an active deployment runs by hand"
        ]

    @pytest.mark.parametrize(
        ("choice", "owed", "reason"),
        [
            ("idempotent", [], {"type": "error", "error": {"type": "unknown_error"}}),
            ("takes_over", ["send deployment.paused"], {"type": "manual"}),
            (
                "refuse",
                ["deployment_paused: it is paused already"],
                {"type": "error", "error": {"type": "unknown_error"}},
            ),
        ],
    )
    def test_pausing_what_an_error_paused_is_a_switch(
        self, choice: str, owed: list[str], reason: dict[str, Any]
    ) -> None:
        """By default nothing changes, and the error is still to be read."""
        host = Host(ANTHROPIC.switched("deployment_repause", choice))
        host.wait(hours=1, minutes=9)
        (run,) = host.tick()
        host.do(RunFailed, run_id=run.id, error=E.UNKNOWN)

        assert briefly(host.do(PauseDeployment)) == owed
        assert host.shown()["paused_reason"] == reason

    def test_unpausing_after_an_error_forgets_it(self) -> None:
        """And the deployment fires again."""
        host = Host()
        host.wait(hours=1, minutes=9)
        (run,) = host.tick()
        host.do(RunFailed, run_id=run.id, error=E.VAULT_ARCHIVED)
        host.do(UnpauseDeployment)
        host.wait(hours=1)

        assert host.shown()["paused_reason"] is None
        assert len(host.tick()) == 1

    def test_what_changes_nothing_writes_nothing(self) -> None:
        """Pausing twice and unpausing an active one are accepted, and leave no trace."""
        host = Host()
        assert briefly(host.do(UnpauseDeployment)) == []
        host.do(PauseDeployment)
        before = host.state
        again = host.do(PauseDeployment)

        assert (again.entries, again.effects, host.state) == ((), (), before)


class TestUpdates:
    """The settings change."""

    def test_what_is_left_out_stays_and_null_clears(self) -> None:
        """Lists are replaced; metadata are changed pair by pair."""
        host = Host(
            description="Every hour.",
            metadata={"a": "1", "b": "2"},
            vault_ids=("vlt_1", "vlt_2"),
        )
        host.do(UpdateDeployment, vault_ids=("vlt_3",), metadata={"a": None, "c": "3"})
        assert host.state.settings == settings(
            description="Every hour.", vault_ids=("vlt_3",), metadata={"b": "2", "c": "3"}
        )
        host.do(UpdateDeployment, description=None, metadata=None, vault_ids=None, resources=None)
        assert host.state.settings == settings()

    def test_a_schedule_that_is_taken_away_leaves_it_to_the_hand(self) -> None:
        """`schedule: null` is no pause."""
        host = Host()
        changed = host.do(UpdateDeployment, schedule=None)
        host.wait(hours=5)

        assert briefly(changed) == ["resume the fires", "send deployment.updated"]
        assert changed.effects[0].detail is None
        assert host.tick() == []
        assert host.shown()["status"] == "active"

    def test_a_new_schedule_fires_from_now_on(self) -> None:
        """What the new one would have had before is not made up for."""
        host = Host(schedule={"expression": "0 9 * * *", "timezone": "UTC"})
        host.wait(minutes=50)
        host.do(UpdateDeployment, schedule={"expression": "*/20 * * * *", "timezone": "UTC"})

        assert host.tick() == []
        assert host.state.since == host.now

    def test_metadata_are_changed_pair_by_pair(self) -> None:
        """An empty patch changes nothing; null takes all of them away."""
        host = Host(metadata={"a": "1", "b": "2"})
        host.do(UpdateDeployment, metadata={})
        assert host.state.settings.metadata == {"a": "1", "b": "2"}
        host.do(UpdateDeployment, metadata={"a": None})
        assert host.state.settings.metadata == {"b": "2"}
        host.do(UpdateDeployment, metadata=None)
        assert host.state.settings.metadata == {}

    def test_an_update_that_changes_nothing_leaves_no_trace(self) -> None:
        """No entry, no webhook, and `updated_at` stays."""
        host = Host()
        before = host.state
        host.wait(minutes=1)
        decision = host.do(UpdateDeployment, name="digest", schedule=host.shown()["schedule"])

        assert (decision.entries, decision.effects, host.state) == ((), (), before)
        assert decision.reply is not None

    def test_an_update_does_not_hide_a_fire_that_is_due(self) -> None:
        """Who keeps the next fire that an effect names still learns of the one that has started."""
        host = Host()
        (started,) = due([host.state], MORNING + timedelta(hours=1, minutes=9))
        host.now = started.starts_at + timedelta(seconds=1)
        renamed = host.do(UpdateDeployment, name="renamed")

        assert renamed.effects[0].detail == started
        assert host.do(Fire, scheduled_at=started.scheduled_at).effects[0].detail > started

    def test_settings_are_the_engines_own(self) -> None:
        """A host that goes on using its lists and objects changes nothing."""
        events = [{"type": "user.message", "content": [{"type": "text", "text": "Go"}]}]
        host = Host(initial_events=events, metadata=(pairs := {"a": "1"}))
        events.append({"type": "user.interrupt"})
        events[0]["type"], pairs["a"] = "user.interrupt", "2"
        assert host.made.reply is not None
        host.made.reply["initial_events"][0]["type"] = "user.interrupt"

        assert host.state.settings == settings(metadata={"a": "1"})

    def test_the_same_schedule_said_again_loses_no_occurrence(self) -> None:
        """A client that sends the whole object with another name does not skip a fire."""
        host = Host()
        host.wait(hours=1, minutes=1)
        told = host.state.settings.schedule
        host.do(UpdateDeployment, name="hourly", schedule=told)
        host.wait(minutes=8)

        assert [run.scheduled_at for run in host.tick()] == [MORNING + timedelta(hours=1)]

    @pytest.mark.parametrize(("choice", "after"), [("never", "paused"), ("after_error", "active")])
    def test_whether_an_update_lets_it_go_on_is_a_switch(self, choice: str, after: str) -> None:
        """By default, one mends it and then unpauses it."""
        host = Host(ANTHROPIC.switched("update_unpauses", choice))
        host.wait(hours=1, minutes=9)
        (run,) = host.tick()
        host.do(RunFailed, run_id=run.id, error=E.VAULT_ARCHIVED)
        host.do(UpdateDeployment, description="Mended.")

        assert host.shown()["status"] == after


class TestEnds:
    """It is archived, or ends with its agent."""

    @both
    @pytest.mark.parametrize("kind", [ArchiveDeployment, AgentArchived])
    def test_an_archived_one_reports_active_and_never_fires(self, dialect: str, kind: Any) -> None:
        """It lists no occurrences, has no reason to be paused, and keeps its last run."""
        host = Host(dialect)
        host.wait(hours=1, minutes=9)
        (run,) = host.tick()
        host.do(RunSucceeded, run_id=run.id, session_id="sesn_9")
        host.do(PauseDeployment)
        ended = host.do(kind)
        host.wait(days=1)

        shown = host.shown()
        assert briefly(ended) == ["suppress the fires", "send deployment.archived"]
        assert (shown["status"], shown["paused_reason"]) == ("active", None)
        assert shown["archived_at"] == "2026-03-02T09:09:00Z"
        assert shown["schedule"]["upcoming_runs_at"] == []
        assert shown["schedule"]["last_run_at"] == "2026-03-02T09:09:00Z"
        assert host.tick() == []

    def test_qoder_frees_the_name(self) -> None:
        """The seconds since 1970 are put behind it; the other service leaves it."""
        host, other = Host("qoder"), Host()
        host.do(ArchiveDeployment)
        other.do(ArchiveDeployment)

        assert host.shown()["name"] == f"digest_archived_{int(MORNING.timestamp())}"
        assert other.shown()["name"] == "digest"

    def test_an_agent_found_deleted_archives_without_a_record(self) -> None:
        """The fire that found it has no run, and the deployment no future (D4)."""
        host = Host()
        host.wait(hours=1, minutes=9)
        (run,) = host.tick()
        found = host.do(AgentDeleted, run_id=run.id)

        assert briefly(found) == ["suppress the fires", "send deployment.archived"]
        assert (host.state.state, host.state.open, host.runs) == (S.ARCHIVED, (), [])

    def test_who_looks_before_the_claim_sends_no_word_of_a_run(self) -> None:
        """The same end, without a run that started and never was."""
        host = Host()
        host.wait(hours=1, minutes=9)

        assert briefly(host.do(AgentDeleted)) == ["suppress the fires", "send deployment.archived"]
        assert host.state.state is S.ARCHIVED

    def test_nothing_finds_the_agent_deleted_where_nothing_fires(self) -> None:
        """A deployment without a schedule is not archived by itself (D4); nor is a paused one."""
        unscheduled, paused = Host(schedule=None), Host()
        paused.do(PauseDeployment)

        assert briefly(unscheduled.do(AgentDeleted)) == [
            "not_scheduled: without a schedule nothing finds this by itself"
        ]
        assert briefly(paused.do(AgentDeleted))[0].startswith("deployment_paused: ")

    def test_what_was_on_its_way_is_recorded_after_the_end(self) -> None:
        """By schedule or by hand, with a session or an error."""
        host = Host()
        host.do(RunDeployment)
        host.wait(hours=1, minutes=9)
        host.tick()
        by_hand, fired = host.state.open
        host.do(ArchiveDeployment)
        host.do(RunSucceeded, run_id=by_hand.id, session_id="sesn_8")
        host.do(RunFailed, run_id=fired.id, error=E.VAULT_ARCHIVED)

        assert [run["id"] for run in host.runs] == [by_hand.id, fired.id]
        assert host.state.state is S.ARCHIVED
        assert host.shown()["paused_reason"] is None

    def test_a_deleted_agent_is_found_after_the_end_too(self) -> None:
        """The run that found it is over, and nothing else changes."""
        host = Host()
        host.wait(hours=1, minutes=9)
        (run,) = host.tick()
        host.do(ArchiveDeployment)
        archived_at = host.state.archived_at
        host.wait(minutes=1)
        host.do(AgentDeleted, run_id=run.id)

        assert (host.state.open, host.state.archived_at) == ((), archived_at)


class TestClockChanges:
    """A fire follows the clock on the wall."""

    def test_the_night_the_clock_goes_back_fires_twice(self) -> None:
        """01:30 is read at two instants, and each has its run (D9)."""
        now = datetime(2026, 11, 1, 4, tzinfo=UTC)
        host = Host(now=now, schedule={"expression": "30 1 * * *", "timezone": "America/New_York"})
        fired = []
        for _ in range(12):
            host.wait(minutes=30)
            fired += [run.scheduled_at for run in host.tick()]

        assert fired == [
            datetime(2026, 11, 1, 5, 30, tzinfo=UTC),
            datetime(2026, 11, 1, 6, 30, tzinfo=UTC),
        ]

    def test_the_night_the_clock_goes_forward_skips(self) -> None:
        """02:30 is never read that night."""
        now = datetime(2026, 3, 8, 5, tzinfo=UTC)
        host = Host(now=now, schedule={"expression": "30 2 * * *", "timezone": "America/New_York"})
        host.wait(hours=12)

        assert host.tick() == []
        assert not due([host.state], host.now, grace=timedelta(days=1))
