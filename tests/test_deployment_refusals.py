"""What is refused, in which order, and in which words."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from deploying import DEPLOYMENT, MORNING, Host, briefly, settings

from lifecycle.deployments import (
    AgentDeleted,
    ArchiveDeployment,
    CreateDeployment,
    DeploymentEngine,
    DeploymentRun,
    Fire,
    PauseDeployment,
    RunDeployment,
    RunFailed,
    RunSucceeded,
    UnpauseDeployment,
    UpdateDeployment,
)
from lifecycle.dialects import ANTHROPIC, DIALECTS, UnknownDialect
from lifecycle.vocabulary import DeploymentErrorType as E

EVENT = {"type": "user.message", "content": [{"type": "text", "text": "Go"}]}

WRONG: list[tuple[str, dict[str, Any], str, str]] = [
    ("no name", {"name": ""}, "name", "`name` has 0 characters; it takes 1 to 256"),
    ("a long name", {"name": "n" * 257}, "name", "`name` has 257 characters; it takes 1 to 256"),
    ("no agent", {"agent": {}}, "agent", "`agent` is missing: a deployment runs one"),
    (
        "no environment",
        {"environment_id": ""},
        "environment_id",
        "`environment_id` is missing: its sessions run in one",
    ),
    (
        "no events",
        {"initial_events": ()},
        "initial_events",
        "`initial_events` has 0 events; it takes 1 to 50",
    ),
    (
        "too many events",
        {"initial_events": (EVENT,) * 51},
        "initial_events",
        "`initial_events` has 51 events; it takes 1 to 50",
    ),
    (
        "another event",
        {"initial_events": (EVENT, {"type": "user.interrupt"})},
        "initial_events.1.type",
        "`initial_events.1.type` is 'user.interrupt'; it takes user.message, user.define_outcome, "
        "system.message",
    ),
    (
        "too many pairs",
        {"metadata": {f"k{n}": "v" for n in range(17)}},
        "metadata",
        "`metadata` has 17 pairs; it takes 16 at most",
    ),
    ("a pair of a number", {"metadata": {"k": 1}}, "metadata.k", "`metadata.k` is no string"),
    (
        "too many resources",
        {"resources": ({"type": "file", "file_id": "file_1"},) * 501},
        "resources",
        "`resources` has 501 resources; it takes 500 at most",
    ),
    (
        "too many vaults",
        {"vault_ids": ("vlt_1",) * 51},
        "vault_ids",
        "`vault_ids` has 51 vaults; it takes 50 at most",
    ),
    (
        "another kind of schedule",
        {"schedule": {"type": "rate", "expression": "0 9 * * *", "timezone": "UTC"}},
        "schedule.type",
        "`schedule.type` is `cron`, and nothing else",
    ),
    (
        "no zone",
        {"schedule": {"expression": "0 9 * * *"}},
        "schedule.timezone",
        "`schedule.timezone` is missing",
    ),
    (
        "no expression",
        {"schedule": {"timezone": "UTC", "expression": None}},
        "schedule.expression",
        "`schedule.expression` is no string",
    ),
    (
        "both day fields",
        {"schedule": {"expression": "0 0 1 * 1", "timezone": "UTC"}},
        "schedule.expression",
        "`schedule.expression` cannot restrict both day-of-month and day-of-week; use `*` for one",
    ),
]


KINDS: list[tuple[dict[str, Any], str]] = [
    ({"name": 5}, "`name` is no string"),
    ({"agent": "agent_1"}, "`agent` is no object"),
    ({"environment_id": 5}, "`environment_id` is no string"),
    ({"initial_events": ("x",)}, "`initial_events` is no list of objects"),
    ({"initial_events": {"type": "user.message"}}, "`initial_events` is no list of objects"),
    ({"description": 5}, "`description` is no string"),
    ({"metadata": ["a"]}, "`metadata` is no object"),
    ({"metadata": {1: "a"}}, "`metadata` is no object"),
    ({"resources": 5}, "`resources` is no list of objects"),
    ({"vault_ids": "vlt_1"}, "`vault_ids` is no list of strings"),
    ({"vault_ids": (1, 2)}, "`vault_ids` is no list of strings"),
    ({"schedule": "0 9 * * *"}, "`schedule` is no object"),
    ({"budget": 5}, "`budget` is no object"),
]


class TestSettings:
    """Settings that break a rule: the field and the rule are named, and nothing changes."""

    @pytest.mark.parametrize("dialect", DIALECTS)
    @pytest.mark.parametrize(
        ("changes", "field", "reason"), [case[1:] for case in WRONG], ids=[c[0] for c in WRONG]
    )
    def test_they_are_refused_at_creation_and_at_update(
        self, dialect: str, changes: dict[str, Any], field: str, reason: str
    ) -> None:
        """With 400, in both dialects."""
        host = Host(dialect)
        command = CreateDeployment(deployment_id="depl_2", settings=settings(**changes))
        made = host.engine.decide(None, command, now=MORNING)
        updated = host.do(UpdateDeployment, **changes)

        for refusal in (made.refusal, updated.refusal):
            assert refusal is not None
            assert (refusal.code, refusal.status) == ("invalid_input", 400)
            assert (refusal.subject, refusal.reason) == (field, reason)
            assert refusal.message == reason
            assert not refusal.retry_helps
        assert made.state is None

    @pytest.mark.parametrize(
        ("expression", "zone", "field"),
        [
            ("@daily", "UTC", "schedule.expression"),
            ("0 9 * * MON", "UTC", "schedule.expression"),
            ("0 0 9 * * *", "UTC", "schedule.expression"),
            ("0 0 31 2 *", "UTC", "schedule.expression"),
            ("*" * 257, "UTC", "schedule.expression"),
            ("0 9 * * *", "Europe/Atlantis", "schedule.timezone"),
        ],
    )
    def test_a_bad_schedule_names_its_field(self, expression: str, zone: str, field: str) -> None:
        """What is wrong where is the schedule's own message."""
        host = Host()
        told = {"expression": expression, "timezone": zone}
        refusal = host.do(UpdateDeployment, schedule=told).refusal

        assert refusal is not None
        assert refusal.subject == field
        assert refusal.reason.startswith(f"`{field}` ")

    @pytest.mark.parametrize(("changes", "reason"), KINDS)
    def test_a_value_of_another_kind_is_refused(self, changes: dict[str, Any], reason: str) -> None:
        """Whatever a host lets through: a refusal that names the field, and nothing raised."""
        host = Host()
        command = CreateDeployment(deployment_id="depl_2", settings=settings(**changes))
        made = host.engine.decide(None, command, now=MORNING)

        for refusal in (made.refusal, host.do(UpdateDeployment, **changes).refusal):
            assert refusal is not None
            assert (refusal.status, refusal.reason) == (400, reason)
            assert refusal.subject == next(iter(changes))

    @pytest.mark.parametrize("name", ["name", "agent", "environment_id", "initial_events"])
    def test_what_must_be_there_cannot_be_cleared(self, name: str) -> None:
        """Null clears only what may be without a value."""
        refusal = Host().do(UpdateDeployment, **{name: None}).refusal

        assert refusal is not None
        assert refusal.subject == name

    def test_the_limits_themselves_are_allowed(self) -> None:
        """The last that fits."""
        host = Host(
            name="n" * 256,
            initial_events=(EVENT,) * 50,
            vault_ids=("vlt_1",) * 50,
            resources=({"type": "file"},) * 500,
            metadata={f"k{n}": "v" for n in range(16)},
        )

        assert host.made.refusal is None

    def test_a_leap_day_is_a_switch(self) -> None:
        """That the year's horizon holds for it as well is inferred."""
        told = {"expression": "0 0 29 2 *", "timezone": "UTC"}
        accepting = ANTHROPIC.switched("leap_day", "accepted")

        assert Host().do(UpdateDeployment, schedule=told).refusal is not None
        assert Host(accepting).do(UpdateDeployment, schedule=told).refusal is None

    def test_a_schedule_that_stays_is_not_looked_at_again(self) -> None:
        """A leap day came near enough once; renaming the deployment later does not ask again."""
        leap = {"expression": "0 0 29 2 *", "timezone": "UTC"}
        host = Host(now=MORNING.replace(year=2027, month=6), schedule=leap)
        host.now = MORNING.replace(year=2028, month=6)

        assert host.do(UpdateDeployment, name="leaping").refusal is None


class TestIdentity:
    """Commands that meet no deployment of their own."""

    def test_one_that_is_not_made_is_not_found(self) -> None:
        """404."""
        engine = DeploymentEngine()
        refusal = engine.decide(None, PauseDeployment(deployment_id="depl_9"), now=MORNING).refusal

        assert refusal is not None
        assert (refusal.code, refusal.status) == ("deployment_not_found", 404)
        assert refusal.subject == "depl_9"

    def test_a_command_for_another_one_is_not_found(self) -> None:
        """The state that was given is that of its neighbour."""
        host = Host()
        command = PauseDeployment(deployment_id="depl_9")
        decision = host.engine.decide(host.state, command, now=MORNING)

        assert briefly(decision) == ["deployment_not_found: no such deployment"]
        assert decision.state is host.state

    def test_one_is_made_once(self) -> None:
        """409."""
        refusal = Host().do(CreateDeployment, settings=settings()).refusal

        assert refusal is not None
        assert (refusal.code, refusal.status) == ("deployment_exists", 409)

    def test_the_callers_own_mistakes_are_raised(self) -> None:
        """A time that nobody can place, a dialect that nobody knows, a word that is no error."""
        host = Host()
        with pytest.raises(ValueError, match="now has no time zone"):
            host.engine.decide(
                host.state,
                PauseDeployment(deployment_id=DEPLOYMENT),
                now=datetime(2026, 1, 1),
            )
        with pytest.raises(ValueError, match="time zone"):
            host.do(Fire, scheduled_at=datetime(2026, 3, 2, 9))
        with pytest.raises(UnknownDialect):
            DeploymentEngine("klingon")
        with pytest.raises(ValueError, match="no_such_error"):
            RunFailed(deployment_id=DEPLOYMENT, run_id="drun_1", error="no_such_error")


class TestFires:
    """Occurrences that are not to be claimed."""

    @pytest.mark.parametrize(
        ("hours", "code", "reason"),
        [
            (1, "already_fired", "2026-03-02T09:00:00Z or a later one was fired"),
            (0.5, "already_fired", "2026-03-02T09:00:00Z or a later one was fired"),
            (1.5, "not_scheduled", "nothing is scheduled for 2026-03-02T09:30:00Z"),
            (3, "not_due", "2026-03-02T11:00:00Z is yet to come"),
        ],
    )
    def test_each_says_why(self, hours: float, code: str, reason: str) -> None:
        """At half past ten, when nine o'clock was fired and ten o'clock is due."""
        host = Host()
        host.do(RunDeployment)
        host.wait(hours=1, minutes=9)
        host.do(Fire, scheduled_at=MORNING + timedelta(hours=1))
        host.wait(hours=1, minutes=21)
        decision = host.do(Fire, scheduled_at=MORNING + timedelta(hours=hours))

        assert briefly(decision) == [f"{code}: {reason}"]
        assert host.do(Fire, scheduled_at=MORNING + timedelta(hours=2)).refusal is None

    def test_nothing_is_made_up_for_a_pause(self) -> None:
        """An occurrence before the unpausing."""
        host = Host()
        host.do(PauseDeployment)
        host.wait(hours=1, minutes=30)
        host.do(UnpauseDeployment)

        assert briefly(host.do(Fire, scheduled_at=MORNING + timedelta(hours=1))) == [
            "not_scheduled: it fires what is later than 2026-03-02T09:30:00Z only"
        ]

    def test_the_moment_of_the_creation_is_not_later_than_it(self) -> None:
        """Made on the stroke of the hour, it fires an hour later for the first time."""
        host = Host()

        assert briefly(host.do(Fire, scheduled_at=MORNING)) == [
            "not_scheduled: it fires what is later than 2026-03-02T08:00:00Z only"
        ]

    def test_a_deployment_without_a_schedule_has_nothing_due(self) -> None:
        """Whatever the instant."""
        host = Host(schedule=None)

        assert briefly(host.do(Fire, scheduled_at=MORNING)) == [
            "not_scheduled: nothing is scheduled for 2026-03-02T08:00:00Z"
        ]


class TestOutcomes:
    """Outcomes of runs that are not under way."""

    def test_an_id_that_a_run_has_is_not_given_again(self) -> None:
        """A host's own maker of ids repeats itself: the first run would be lost."""
        host = Host()
        host.engine = DeploymentEngine(ids=lambda prefix, *_: f"{prefix}x")
        host.do(RunDeployment)

        assert briefly(host.do(RunDeployment)) == ["id_taken: run drun_x is under way already"]
        host.do(RunSucceeded, run_id="drun_x", session_id="sesn_1")
        assert host.do(RunDeployment).refusal is None

    def test_a_second_outcome_is_refused(self) -> None:
        """A run has one session or one error, for good (D13)."""
        host = Host()
        host.do(RunDeployment)
        (run,) = host.state.open
        host.do(RunSucceeded, run_id=run.id, session_id="sesn_9")
        late = host.do(RunFailed, run_id=run.id, error=E.UNKNOWN)

        assert briefly(late) == [f"run_not_open: no run {run.id} is under way"]
        assert late.refusal is not None
        assert late.refusal.subject == run.id

    def test_what_names_no_run_is_refused(self) -> None:
        """Each of the three outcomes."""
        host = Host()
        for kind, told in (
            (RunSucceeded, {"session_id": "sesn_9"}),
            (RunFailed, {"error": E.UNKNOWN}),
            (AgentDeleted, {}),
        ):
            assert briefly(host.do(kind, run_id="drun_9", **told)) == [
                "run_not_open: no run drun_9 is under way"
            ]

    def test_a_success_needs_its_session(self) -> None:
        """A run without a session and without an error would say nothing."""
        host = Host()
        host.do(RunDeployment)
        refusal = host.do(RunSucceeded, run_id=host.state.open[0].id, session_id="").refusal

        assert refusal is not None
        assert (refusal.status, refusal.subject) == (400, "session_id")

    def test_a_run_by_hand_does_not_archive(self) -> None:
        """Only a scheduled fire that finds the agent deleted ends the deployment (D4)."""
        host = Host()
        host.do(RunDeployment)

        assert briefly(host.do(AgentDeleted, run_id=host.state.open[0].id)) == [
            "run_not_open: only a scheduled run ends its deployment so"
        ]

    @pytest.mark.parametrize(
        "told", [{}, {"session_id": "sesn_9", "error": E.UNKNOWN}], ids=["neither", "both"]
    )
    def test_a_record_says_exactly_one_thing(self, told: dict[str, Any]) -> None:
        """A host that folds records of its own cannot make another."""
        host = Host()
        host.do(RunDeployment)
        with pytest.raises(ValueError, match="needs a session or an error, and not both"):
            DeploymentRun(run=host.state.open[0], **told)


class TestPrecedence:
    """Two things are wrong: which one does the client hear about?"""

    def test_that_it_is_archived_goes_before_what_was_sent(self) -> None:
        """The table is asked first."""
        host = Host()
        host.do(ArchiveDeployment)

        assert briefly(host.do(UpdateDeployment, name="")) == [
            "deployment_archived: an archived deployment can only be read"
        ]
        assert briefly(host.do(Fire, scheduled_at=MORNING)) == [
            "deployment_archived: an archived deployment can only be read"
        ]

    def test_that_it_is_paused_goes_before_what_is_due(self) -> None:
        """A host that fires from an old list hears the reason, not that the list is old."""
        host = Host()
        host.do(PauseDeployment)

        assert briefly(host.do(Fire, scheduled_at=MORNING)) == [
            "deployment_paused: a paused deployment does not fire, and what it misses is not made"
            " up for"
        ]

    def test_the_first_wrong_field_is_named(self) -> None:
        """In the order in which they are declared; the schedule comes last."""
        decision = Host().do(
            UpdateDeployment,
            vault_ids=("v",) * 51,
            name="",
            schedule={"expression": "x", "timezone": "UTC"},
        )

        assert decision.refusal is not None
        assert decision.refusal.subject == "name"

    def test_the_dialects_answer_differently(self) -> None:
        """400 here, 409 there, and whether a retry can help."""
        for dialect, status in (("anthropic", 400), ("qoder", 409)):
            host = Host(dialect)
            host.do(ArchiveDeployment)
            refusal = host.do(RunDeployment).refusal
            assert refusal is not None
            assert (refusal.status, refusal.retry_helps) == (status, False)
        paused = Host("qoder")
        paused.do(PauseDeployment)
        refusal = paused.do(RunDeployment).refusal
        assert refusal is not None
        assert (refusal.status, refusal.retry_helps) == (409, True)

    @pytest.mark.parametrize(
        ("switch", "kind", "first"),
        [
            ("deployment_rearchive", ArchiveDeployment, ArchiveDeployment),
            ("deployment_repause", PauseDeployment, PauseDeployment),
            ("deployment_reunpause", UnpauseDeployment, None),
        ],
    )
    def test_doing_it_again_is_a_switch(self, switch: str, kind: Any, first: Any) -> None:
        """Accepted by default; refused with the code of the state that it is in."""
        for choice, refused in (("idempotent", False), ("refuse", True)):
            host = Host(ANTHROPIC.switched(switch, choice))
            if first is not None:
                host.do(first)
            again = host.do(kind)
            assert (again.refusal is not None) is refused
            if again.refusal is not None:
                assert again.refusal.code in {
                    "deployment_archived",
                    "deployment_paused",
                    "deployment_active",
                }
