"""A host for tests of deployments: gives commands, keeps the log, checks what must always hold.

After each command: the state is the fold of the entries, in one go and one by one; the state that
was given is as it was; a refusal emits nothing and owes nothing; the effects are those of the row;
the state survives JSON.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from lifecycle.deployments import (
    CreateDeployment,
    Deployment,
    DeploymentCommand,
    DeploymentDecision,
    DeploymentEngine,
    DeploymentEntry,
    Due,
    Fire,
    OpenRun,
    Settings,
    due,
    dump_deployment,
    load_deployment,
)
from lifecycle.deployments.resource import deployment_object
from lifecycle.dialects import Dialect

__all__ = ["DEPLOYMENT", "MORNING", "Host", "briefly", "settings"]

DEPLOYMENT = "depl_1"
MORNING = datetime(2026, 3, 2, 8, tzinfo=UTC)
"""A Monday on which nothing happens to any clock."""


def settings(**changes: Any) -> Settings:
    """Return settings that are in order: every hour on the hour, in UTC."""
    told: dict[str, Any] = {
        "name": "digest",
        "agent": {"id": "agent_1", "version": 1},
        "environment_id": "env_1",
        "initial_events": ({"type": "user.message", "content": [{"type": "text", "text": "Go"}]},),
        "schedule": {"type": "cron", "expression": "0 * * * *", "timezone": "UTC"},
    }
    return Settings(**{**told, **changes})


class Host:
    """One deployment, at the hands of a host whose clock the test moves."""

    def __init__(
        self, dialect: str | Dialect = "anthropic", now: datetime = MORNING, **changes: Any
    ) -> None:
        self.engine = DeploymentEngine(dialect)
        self.log: list[DeploymentEntry] = []
        self.runs: list[dict[str, Any]] = []
        self.now = now
        self._state: Deployment | None = None
        self.made = self.do(CreateDeployment, settings=settings(**changes))

    @property
    def state(self) -> Deployment:
        """The deployment."""
        assert self._state is not None
        return self._state

    def do(self, kind: type[DeploymentCommand], /, **fields: Any) -> DeploymentDecision:
        """Give a command; return the decision, which may be a refusal."""
        given = None if self._state is None else dump_deployment(self._state)
        command = kind(deployment_id=DEPLOYMENT, **fields)
        decision = self.engine.decide(self._state, command, now=self.now)

        assert given == (None if self._state is None else dump_deployment(self._state))
        if decision.refusal is not None:
            assert not decision.entries
            assert not decision.effects
            assert decision.reply is None
            assert decision.state is self._state
            return decision
        one_by_one = self._state
        for entry in decision.entries:
            one_by_one = self.engine.evolve(one_by_one, entry)
        assert self.engine.apply(self._state, decision.entries) == one_by_one == decision.state
        assert decision.state is not None
        assert load_deployment(json.loads(json.dumps(dump_deployment(decision.state)))) == (
            decision.state
        )
        self._state = decision.state
        self.log += decision.entries
        self.runs += [
            owed.detail for owed in decision.effects if owed.effect.name == "record the run"
        ]
        return decision

    def wait(self, **time: float) -> None:
        """Let time pass."""
        self.now += timedelta(**time)

    def tick(self, **how: Any) -> list[OpenRun]:
        """Fire all that is due; return the runs that were opened."""
        found: list[Due] = list(due([self.state], self.now, dialect=self.engine.dialect, **how))
        opened = []
        for one in found:
            decision = self.do(Fire, scheduled_at=Fire.of(one).scheduled_at)
            assert decision.refusal is None, decision.refusal
            opened.append(self.state.open[-1])
        return opened

    def shown(self) -> dict[str, Any]:
        """Return the deployment as it is reported now."""
        return deployment_object(self.engine.dialect, self.state, self.now)


def briefly(decision: DeploymentDecision) -> list[str]:
    """Return the names of what a decision owes, or the refusal's code and reason."""
    if decision.refusal is not None:
        return [f"{decision.refusal.code}: {decision.refusal.reason}"]
    return [owed.effect.name for owed in decision.effects]
