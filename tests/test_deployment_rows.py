"""Every cell of the deployment's table, driven through the engine: same state, effects, reason."""

from __future__ import annotations

from typing import Any

import pytest
from deploying import Host

from lifecycle.deployments import (
    AgentArchived,
    AgentDeleted,
    ArchiveDeployment,
    DeploymentDecision,
    Fire,
    PauseDeployment,
    RunDeployment,
    RunFailed,
    RunSucceeded,
    UnpauseDeployment,
    UpdateDeployment,
)
from lifecycle.dialects import DIALECTS, Dialect
from lifecycle.table import Row
from lifecycle.vocabulary import (
    DeploymentErrorType as E,
    DeploymentState as S,
    DeploymentTrigger as T,
)


def dialects() -> list[tuple[str, Dialect]]:
    """Return every dialect, and it with every choice of every switch of the machine."""
    found = [(name, one) for name, one in DIALECTS.items()]
    for name, one in DIALECTS.items():
        for switch in one.switches.values():
            if switch.machine == "deployment":
                found += [
                    (f"{name}-{switch.name}-{choice}", one.switched(switch.name, choice))
                    for choice in switch.choices
                    if choice != switch.value
                ]
    return found


CELLS = [
    pytest.param(dialect, row, id=f"{name}-{row.state}-{row.trigger}")
    for name, dialect in dialects()
    for row in dialect.machines["deployment"]
]


def brought(dialect: Dialect, state: S) -> Host:
    """Return a host whose deployment is in *state*, with a manual and two scheduled runs open."""
    host = Host(dialect)
    host.do(RunDeployment)
    for _ in range(3):
        host.wait(hours=1)
        host.wait(minutes=9)
        host.tick()
        host.wait(minutes=-9)
    if state is S.PAUSED_BY_ERROR:
        host.do(RunFailed, run_id=host.state.open[-1].id, error=E.VAULT_ARCHIVED)
    elif state is S.PAUSED:
        host.do(PauseDeployment)
    elif state is S.ARCHIVED:
        host.do(ArchiveDeployment)
    host.wait(hours=1)
    assert host.state.state is state
    return host


def pulled(host: Host, trigger: T) -> DeploymentDecision:
    """Give the command that asks the table for *trigger*."""
    by_hand, scheduled = host.state.open[0].id, host.state.open[1].id
    next_hour = host.now.replace(minute=0)
    asked: dict[T, tuple[type[Any], dict[str, Any]]] = {
        T.PAUSE: (PauseDeployment, {}),
        T.UNPAUSE: (UnpauseDeployment, {}),
        T.UPDATE: (UpdateDeployment, {"description": "New."}),
        T.RUN: (RunDeployment, {}),
        T.RUN_ENDED: (RunSucceeded, {"run_id": by_hand, "session_id": "sesn_1"}),
        T.FIRE: (Fire, {"scheduled_at": next_hour}),
        T.FIRE_SUCCEEDED: (RunSucceeded, {"run_id": scheduled, "session_id": "sesn_1"}),
        T.FIRE_FAILED: (RunFailed, {"run_id": scheduled, "error": E.SESSION_RATE_LIMITED}),
        T.FIRE_FAILED_PAUSING: (RunFailed, {"run_id": scheduled, "error": E.SKILL_NOT_FOUND}),
        T.ARCHIVE: (ArchiveDeployment, {}),
        T.AGENT_ARCHIVED: (AgentArchived, {}),
        T.AGENT_DELETED: (AgentDeleted, {"run_id": scheduled}),
    }
    kind, fields = asked[trigger]
    return host.do(kind, **fields)


@pytest.mark.parametrize(("dialect", "row"), CELLS)
def test_the_engine_answers_as_the_table_does(dialect: Dialect, row: Row[S, T]) -> None:
    """A row that accepts gives its state and owes its effects; one that denies, its reason."""
    host = brought(dialect, row.state)
    decision = pulled(host, row.trigger)

    assert host.state.state is row.target
    if row.accepts:
        assert decision.refusal is None
        assert sorted(owed.effect.name for owed in decision.effects) == sorted(
            map(str, row.effects)
        )
        assert [owed.phase for owed in decision.effects] == sorted(
            (effect.phase for effect in row.effects), reverse=True
        )
        return
    assert decision.refusal is not None
    assert decision.refusal.reason == row.because
    assert decision.refusal.status >= 400


@pytest.mark.parametrize(("dialect", "row"), CELLS)
def test_the_reported_word_is_the_dialects(dialect: Dialect, row: Row[S, T]) -> None:
    """And a reason to be paused is there exactly when it is paused (DP1)."""
    host = brought(dialect, row.state)
    pulled(host, row.trigger)
    shown = host.shown()

    assert shown["status"] == dialect.word("deployment", host.state.state)
    assert (shown["paused_reason"] is not None) is (shown["status"] == "paused")
    assert (shown["archived_at"] is not None) is (host.state.state is S.ARCHIVED)


@pytest.mark.parametrize(("dialect", "row"), CELLS)
def test_what_a_host_keeps_follows_the_state(dialect: Dialect, row: Row[S, T]) -> None:
    """Into active the fires are resumed, out of it suppressed; subscribers hear of either."""
    named = {str(effect) for effect in row.effects}
    fires, fired = row.target is S.ACTIVE, row.state is S.ACTIVE

    if fires is not fired:
        assert ("resume the fires" in named) is fires
        assert ("suppress the fires" in named) is fired
    told = {
        S.ACTIVE: "send deployment.unpaused",
        S.PAUSED: "send deployment.paused",
        S.PAUSED_BY_ERROR: "send deployment.paused",
        S.ARCHIVED: "send deployment.archived",
    }
    assert (told[row.target] in named) is (row.target is not row.state)
