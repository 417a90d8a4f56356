"""Deployments: an agent that runs by itself, by a schedule or by hand.

The engine takes a deployment's state and a command, and returns what to append and what the host
owes, or a refusal. `due` tells a host's clock which occurrences to fire now.

>>> from datetime import UTC, datetime, timedelta
>>> from lifecycle.deployments import (
...     CreateDeployment, DeploymentEngine, Fire, RunFailed, Settings, due
... )
>>> engine = DeploymentEngine("anthropic")
>>> settings = Settings(
...     name="digest", agent={"id": "agent_1", "version": 1}, environment_id="env_1",
...     initial_events=({"type": "user.message", "content": [{"type": "text", "text": "Go"}]},),
...     schedule={"type": "cron", "expression": "0 9 * * *", "timezone": "Europe/Berlin"},
... )
>>> now = datetime(2026, 11, 20, 7, 30, tzinfo=UTC)
>>> made = engine.decide(None, CreateDeployment(deployment_id="depl_1", settings=settings), now=now)
>>> now += timedelta(hours=1)
>>> [str(one.scheduled_at) for one in due([made.state], now)]
['2026-11-20 08:00:00+00:00']
>>> fired = engine.decide(made.state, Fire.of(*due([made.state], now)), now=now)
>>> [effect.effect.name for effect in fired.effects]
['resume the fires', 'send deployment_run.started', 'create the session']
>>> (run,) = fired.state.open
>>> failed = RunFailed(deployment_id="depl_1", run_id=run.id, error="vault_archived_error")
>>> engine.decide(fired.state, failed, now=now).state.state.value
'paused_by_error'

Sources: the deployment, run, schedule and webhook pages; what they leave open is a switch of the
dialect.
"""

from __future__ import annotations

from lifecycle.deployments.commands import (
    AgentArchived,
    AgentDeleted,
    ArchiveDeployment,
    CreateDeployment,
    DeploymentCommand,
    Fire,
    PauseDeployment,
    RunDeployment,
    RunFailed,
    RunSucceeded,
    UnpauseDeployment,
    UpdateDeployment,
)
from lifecycle.deployments.due import GRACE, Due, due, wake_at
from lifecycle.deployments.dump import dump_deployment, load_deployment
from lifecycle.deployments.engine import DeploymentDecision, DeploymentEngine
from lifecycle.deployments.model import (
    Deployment,
    DeploymentChanged,
    DeploymentEntry,
    DeploymentMade,
    DeploymentMoved,
    DeploymentRun,
    OpenRun,
    RunOpened,
    RunRecorded,
    Settings,
)
from lifecycle.deployments.steps import RunIdMaker

__all__ = [
    "GRACE",
    "AgentArchived",
    "AgentDeleted",
    "ArchiveDeployment",
    "CreateDeployment",
    "Deployment",
    "DeploymentChanged",
    "DeploymentCommand",
    "DeploymentDecision",
    "DeploymentEngine",
    "DeploymentEntry",
    "DeploymentMade",
    "DeploymentMoved",
    "DeploymentRun",
    "Due",
    "Fire",
    "OpenRun",
    "PauseDeployment",
    "RunDeployment",
    "RunFailed",
    "RunIdMaker",
    "RunOpened",
    "RunRecorded",
    "RunSucceeded",
    "Settings",
    "UnpauseDeployment",
    "UpdateDeployment",
    "due",
    "dump_deployment",
    "load_deployment",
    "wake_at",
]
