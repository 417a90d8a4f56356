"""The exploration of deployments: small ones whole, and broken tables caught with the way there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import pytest
from click.testing import CliRunner
from deploying import DEPLOYMENT, settings

from lifecycle.cli import main
from lifecycle.cli.explore import told_of_deployments
from lifecycle.deployments import (
    CreateDeployment,
    DeploymentEngine,
    Fire,
    PauseDeployment,
    RunDeployment,
    dump_deployment,
    load_deployment,
)
from lifecycle.dialects import ANTHROPIC, DIALECTS, Dialect
from lifecycle.effects import CREATE_SESSION, RECORD_RUN, SEND_RUN_FAILED, SEND_UPDATED
from lifecycle.explore import (
    DeploymentsExplored,
    DeploymentsFound,
    Order,
    Scene,
    Wait,
    deployment_form,
    deployment_moves,
    explore_deployments,
)
from lifecycle.explore.deployment_moves import LAG
from lifecycle.lesson import DeploymentStage
from lifecycle.table import Written, deny, move, stay
from lifecycle.vocabulary import DeploymentState as S, DeploymentTrigger as T, Evidence

NINE = datetime(2026, 1, 1, 9, tzinfo=UTC)
SPOILT = ("spoilt", Evidence.INFERRED, "a test")

PAUSES_TOO_MUCH = move(
    S.ACTIVE, T.FIRE_FAILED, S.PAUSED_BY_ERROR, [RECORD_RUN, SEND_RUN_FAILED], *SPOILT
)
FIRES_WHILE_PAUSED = stay(S.PAUSED, T.FIRE, [CREATE_SESSION], *SPOILT)
CHANGES_THE_ARCHIVED = stay(S.ARCHIVED, T.UPDATE, [SEND_UPDATED], *SPOILT)
NO_WAY_OUT = tuple(
    deny(S.PAUSED, trigger, *SPOILT)
    for trigger in (T.UNPAUSE, T.ARCHIVE, T.AGENT_ARCHIVED, T.AGENT_DELETED)
)


def broken(*rows: Written[Any, Any]) -> Dialect:
    """Return Anthropic's dialect with rows of its deployment table spoilt."""
    return attrs.evolve(ANTHROPIC, amendments={"deployment": rows})


def found_in(result: DeploymentsExplored) -> DeploymentsFound:
    """Return what a walk has found."""
    assert result.walked.found is not None
    return result.walked.found


def names_of(found: DeploymentsFound) -> list[str]:
    """Return what is done on the way to it."""
    orders = [step.command for step in found.way]
    return [type(one.command if isinstance(one, Order) else one).__name__ for one in orders]


class TestWalk:
    """What a bounded deployment can reach."""

    @pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
    def test_all_is_well_with_one_run_under_way(self, dialect: Dialect) -> None:
        """Every invariant holds, and what one run cannot reach is named."""
        result = explore_deployments(dialect, 1)

        assert result.walked.found is None
        assert result.walked.states > 500
        assert {row.state for row in result.unreached} == {S.PAUSED_BY_ERROR}

    def test_two_runs_under_way_meet_every_cell(self) -> None:
        """The bound that the command has of itself: the second run ends when the first paused."""
        result = explore_deployments(ANTHROPIC)

        assert result.walked.found is None
        assert result.cells == len(S) * len(T)
        assert result.unreached == ()

    @pytest.mark.parametrize(
        ("switch", "choice"),
        [("update_unpauses", "after_error"), ("creation_rejected", "pauses")],
    )
    def test_all_is_well_however_an_open_point_is_settled(self, switch: str, choice: str) -> None:
        """The invariants know the switches."""
        assert explore_deployments(ANTHROPIC.switched(switch, choice), 1).walked.found is None

    def test_without_runs_nothing_fires(self) -> None:
        """Cells that need a run are named."""
        result = explore_deployments(ANTHROPIC, 0)
        left = {row.trigger for row in result.unreached if row.state is S.ACTIVE}

        assert result.walked.found is None
        assert left >= {T.RUN, T.FIRE, T.RUN_ENDED, T.FIRE_SUCCEEDED, T.AGENT_DELETED}


def started() -> Scene:
    """Return a deployment that was just made."""
    create = CreateDeployment(deployment_id=DEPLOYMENT, settings=settings())
    made = DeploymentEngine().decide(None, create, now=NINE - timedelta(hours=1)).state
    assert made is not None
    return Scene(made, NINE - timedelta(hours=1))


def followers(scene: Scene, runs: int) -> Iterator[Scene]:
    """Iterate over what the moves of a scene lead to."""
    engine = DeploymentEngine()
    for one in deployment_moves(scene, runs):
        if isinstance(one, Wait):
            yield attrs.evolve(scene, now=one.until)
            continue
        decision = engine.decide(scene.deployment, one.command, now=one.at)
        if decision.refusal is None and decision.state is not None:
            yield attrs.evolve(scene, deployment=decision.state)


class TestForms:
    """What counts as one state."""

    def test_what_counts_as_one_state_goes_on_alike(self) -> None:
        """Wherever one of two that are one leads to, the other does."""
        todo, goes_on, again = [started()], {}, []
        while todo:
            scene = todo.pop(0)
            form = deployment_form(scene)
            if form in goes_on:
                again.append(scene)
                continue
            leads = list(followers(scene, 1))
            goes_on[form] = frozenset(map(deployment_form, leads))
            todo += leads

        for scene in again[::30]:
            leads_to = frozenset(map(deployment_form, followers(scene, 1)))
            assert leads_to == goes_on[deployment_form(scene)]

    def test_when_exactly_does_not_matter(self) -> None:
        """A day later all is the same; half an hour later it is not."""
        scene = started()
        later = [
            attrs.evolve(scene, deployment=_moved(scene, by), now=scene.now + by)
            for by in (timedelta(days=1), timedelta(minutes=30))
        ]

        assert [deployment_form(one) == deployment_form(scene) for one in later] == [True, False]


def _moved(scene: Scene, by: timedelta) -> Any:
    """Return a deployment that was made that much later."""
    at = scene.now + by
    return attrs.evolve(scene.deployment, created_at=at, updated_at=at, since=at, clock=at)


class TestBrokenTables:
    """A table that is spoilt in one row."""

    def test_an_error_that_may_pass_and_pauses(self) -> None:
        """The way there is shortest: one fire, and one failure."""
        found = found_in(explore_deployments(broken(PAUSES_TOO_MUCH), 1))

        assert found.violation.rule == "an error pauses as the dialect says"
        assert names_of(found) == ["CreateDeployment", "Wait", "Fire", "RunFailed"]

    def test_a_fire_while_it_is_paused(self) -> None:
        """An occurrence would lie in the pause."""
        found = found_in(explore_deployments(broken(FIRES_WHILE_PAUSED), 1))

        assert found.violation.rule == "a fire is an occurrence that came"
        assert found.violation.says.startswith("it is paused, and ")
        assert sorted(names_of(found)) == ["CreateDeployment", "Fire", "PauseDeployment", "Wait"]

    def test_an_archived_deployment_that_changes(self) -> None:
        """It can only be read."""
        found = found_in(explore_deployments(broken(CHANGES_THE_ARCHIVED), 0))

        assert found.violation.rule == "archived is for good"
        assert names_of(found) == ["CreateDeployment", "ArchiveDeployment", "UpdateDeployment"]

    def test_a_pause_that_nothing_ends(self) -> None:
        """No single decision is wrong: it is the table as a whole."""
        found = found_in(explore_deployments(broken(*NO_WAY_OUT), 0))

        assert found.violation.rule == "every deployment can be archived"
        assert names_of(found) == ["CreateDeployment", "PauseDeployment"]

    def test_the_way_to_a_fault_is_a_lesson_that_can_be_played(self) -> None:
        """A line for each command, and below it what the engine answered."""
        dialect = broken(PAUSES_TOO_MUCH)
        lines = list(told_of_deployments(explore_deployments(dialect, 1), "anthropic"))
        start = lines.index("```lesson anthropic deployment")
        stage, played = DeploymentStage(dialect), []
        for line in [one for one in lines[start:] if one.startswith("> ")]:
            played += ["", line, *stage.say(line.removeprefix("> "))]

        assert "does not hold: an error pauses as the dialect says" in lines
        assert lines[start + 1 : -1] == played[1:]
        assert lines[-1] == "```"

    def test_a_clock_that_lags_is_told_as_it_is(self) -> None:
        """No lesson has one, so the block is none."""
        result = explore_deployments(broken(PAUSES_TOO_MUCH), 1)
        found = found_in(result)
        *before, last = found.way
        assert isinstance(last.command, Order)
        order = attrs.evolve(last.command, at=last.command.at - LAG)
        strange = attrs.evolve(
            order, command=RunDeployment(deployment_id="depl_2"), at=last.command.at
        )
        way = (*before, attrs.evolve(last, command=order), attrs.evolve(last, command=strange))
        walked = attrs.evolve(result.walked, found=attrs.evolve(found, way=way))
        lines = list(told_of_deployments(attrs.evolve(result, walked=walked), "anthropic"))

        assert "```text" in lines
        assert any(
            one.endswith("(on a host whose clock shows 2026-01-01 12:50 UTC)") for one in lines
        )
        assert f"> {strange.command!r}" in lines


class TestCommand:
    """``lifecycle explore --deployment``."""

    def test_it_says_how_much_it_has_seen(self) -> None:
        """States, transitions, refusals and the time; the cells; and that all holds."""
        args = ["explore", "--deployment", "--runs", "0", "--dialect", "qoder"]
        result = CliRunner().invoke(main, args, catch_exceptions=False)

        assert result.exit_code == 0
        assert " states, " in result.output
        assert (
            " of 48 cells of the deployment table were met\nnot met: active x run" in result.output
        )
        assert "every invariant holds" in result.output

    def test_a_violation_fails_the_run(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """It exits 1, and tells the lesson."""
        spoilt = {"anthropic": broken(CHANGES_THE_ARCHIVED)}
        monkeypatch.setattr("lifecycle.cli.explore.DIALECTS", spoilt)
        args = ["explore", "--deployment", "--runs", "0"]
        result = CliRunner().invoke(main, args, catch_exceptions=False)

        assert result.exit_code == 1
        assert "```lesson anthropic deployment" in result.output

    @pytest.mark.parametrize(
        ("args", "says"),
        [
            (["--runs", "1"], "--runs needs --deployment"),
            (["--deployment", "--with", "faults"], "--with is of sessions"),
            (["--deployment", "--children", "1"], "--children is of sessions"),
        ],
    )
    def test_a_bound_of_the_other_walk_is_refused(self, args: list[str], says: str) -> None:
        """Nobody is to believe that it counted."""
        result = CliRunner().invoke(main, ["explore", *args])

        assert result.exit_code == 2
        assert says in result.output


class TestWhatItFound:
    """Faults that a walk led to."""

    def test_a_host_that_lags_does_not_pause_before_what_has_fired(self) -> None:
        """Its pause is stamped as late as the fire: else an occurrence would lie in the pause."""
        engine = DeploymentEngine()
        fire = Fire(deployment_id=DEPLOYMENT, scheduled_at=NINE)
        fired = engine.decide(started().deployment, fire, now=NINE)
        assert fired.state is not None
        stored = load_deployment(dump_deployment(fired.state))
        pause = PauseDeployment(deployment_id=DEPLOYMENT)
        (paused,) = engine.decide(stored, pause, now=NINE - timedelta(minutes=5)).entries

        assert paused.at == NINE
