"""A deployment's state: a fold that takes anything, and JSON that loses nothing."""

from __future__ import annotations

import json
from typing import Any

import attrs
import pytest
from deploying import MORNING, Host, settings
from hypothesis import given, strategies as st

from lifecycle.deployments import (
    ArchiveDeployment,
    Deployment,
    DeploymentEngine,
    DeploymentEntry,
    DeploymentMade,
    PauseDeployment,
    RunDeployment,
    RunFailed,
    RunOpened,
    UpdateDeployment,
    dump_deployment,
    load_deployment,
    wake_at,
)
from lifecycle.dialects import ANTHROPIC
from lifecycle.state import BadState, NewerState
from lifecycle.vocabulary import DeploymentState


def lived() -> Host:
    """Return a deployment that has gone through something."""
    host = Host(metadata={"team": "ops"}, vault_ids=("vlt_1",))
    host.do(RunDeployment)
    for _ in range(2):
        host.wait(hours=1, minutes=9)
        host.tick()
    host.do(RunFailed, run_id=host.state.open[1].id, error="vault_archived_error")
    return host


def _with(plain: dict[str, Any], **settings: Any) -> dict[str, Any]:
    """Return a dumped state with other settings."""
    return {**plain, "settings": {**plain["settings"], **settings}}


class TestFold:
    """Entries in, a state out; nothing is raised on."""

    @given(cut=st.integers(0, 5))
    def test_where_the_log_is_cut_does_not_matter(self, cut: int) -> None:
        """A state that was kept, and the entries since."""
        host = lived()
        kept = host.engine.apply(None, host.log[:cut])

        assert host.engine.apply(kept, host.log[cut:]) == host.state
        assert host.state.version == len(host.log)

    def test_before_it_was_made_there_is_nothing(self) -> None:
        """A log whose first entry is lost."""
        host = lived()

        assert host.engine.apply(None, host.log[1:]) is None

    def test_what_is_not_known_is_counted(self) -> None:
        """An entry of a newer version, and a second creation."""

        @attrs.frozen(kw_only=True)
        class DeploymentPolished(DeploymentEntry):
            """Nobody here knows what that is."""

        host = Host()
        strange = [DeploymentPolished(at=MORNING), *host.made.entries]
        after = host.engine.apply(host.state, strange)

        assert after is not None
        assert (after.unknown, after.version) == (2, 3)
        assert attrs.evolve(after, unknown=0, version=1) == host.state

    def test_a_log_means_the_same_whatever_the_switches_are(self) -> None:
        """An entry says the state that it led to: a switch that is turned later changes no past."""
        host = lived()
        host.do(UpdateDeployment, name="mended")
        other = DeploymentEngine(
            ANTHROPIC.switched("update_unpauses", "after_error").switched(
                "creation_rejected", "pauses"
            )
        )

        assert other.apply(None, host.log) == host.state
        assert host.state.state is DeploymentState.PAUSED_BY_ERROR

    def test_a_log_that_another_program_wrote_is_believed(self) -> None:
        """Folding refuses nothing; what is claimed never goes back all the same."""
        host = Host()
        host.wait(hours=2, minutes=9)
        host.tick()
        older = attrs.evolve(host.state.open[0], id="drun_x", scheduled_at=MORNING)
        after = host.engine.evolve(host.state, RunOpened(at=host.now, run=older))

        assert after is not None
        assert after.fired == host.state.fired
        assert len(after.open) == len(host.state.open) + 1

    def test_a_zone_that_is_gone_stops_the_fires_and_nothing_else(self) -> None:
        """A database of time zones loses a name now and then."""
        gone = settings(schedule={"expression": "0 9 * * *", "timezone": "Europe/Atlantis"})
        made = DeploymentMade(at=MORNING, deployment_id="depl_1", settings=gone)
        engine = DeploymentEngine()
        state = engine.evolve(None, made)

        assert state is not None
        assert state.schedule is None
        assert wake_at([state], MORNING) is None
        reply = engine.decide(state, PauseDeployment(deployment_id="depl_1"), now=MORNING).reply
        assert reply is not None
        assert reply["schedule"]["upcoming_runs_at"] == []


class TestDump:
    """The state as JSON."""

    def test_it_comes_back_as_it_was(self) -> None:
        """With its runs under way, its error and its times."""
        state = lived().state
        back = load_deployment(json.loads(json.dumps(dump_deployment(state))))

        assert back == state
        assert back.state is DeploymentState.PAUSED_BY_ERROR
        assert len(back.open) == 2

    def test_a_newer_form_is_refused_by_name(self) -> None:
        """Half understood would be worse."""
        plain = {**dump_deployment(lived().state), "form": 2}

        with pytest.raises(NewerState, match="the state has form 2"):
            load_deployment(plain)

    @pytest.mark.parametrize(
        ("spoil", "why"),
        [
            (lambda plain: None, "does not say of which form"),
            (lambda plain: {**plain, "form": True}, "does not say of which form"),
            (lambda plain: {**plain, "form": 0}, "does not say of which form"),
            (lambda plain: {**plain, "state": "dozing"}, "dozing"),
            (lambda plain: {**plain, "since": "soon"}, "soon"),
            (lambda plain: {**plain, "settings": None}, "not whole"),
            (lambda plain: {**plain, "colour": "red"}, "colour"),
            (lambda plain: {**plain, "since": "2026-01-01T00:00:00"}, "time zone"),
            (lambda plain: {**plain, "version": "x"}, "its version no number"),
            (lambda plain: {**plain, "id": 5}, "its id is no string"),
            (lambda plain: {**plain, "error": None}, "its error is none"),
            (lambda plain: {**plain, "state": "active"}, "its error is vault_archived_error"),
            (lambda plain: {**plain, "archived_at": plain["since"]}, "was archived at 2026"),
            (lambda plain: _with(plain, schedule={"expression": "0 9 * * *"}), "lacks"),
            (lambda plain: _with(plain, vault_ids="vlt_1"), "`vault_ids` is no list"),
            (lambda plain: {k: v for k, v in plain.items() if k != "open"}, "open"),
        ],
    )
    def test_what_is_no_state_is_refused(self, spoil: Any, why: str) -> None:
        """The message says what is wrong."""
        with pytest.raises(BadState, match=why):
            load_deployment(spoil(dump_deployment(lived().state)))

    def test_a_state_may_be_kept_without_a_log(self) -> None:
        """The engine needs no more than that."""
        state: Deployment = load_deployment(dump_deployment(lived().state))
        decision = DeploymentEngine().decide(
            state, ArchiveDeployment(deployment_id=state.id), now=MORNING
        )

        assert decision.state is not None
        assert decision.state.state is DeploymentState.ARCHIVED
