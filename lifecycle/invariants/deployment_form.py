"""What the invariants are asked about of a decision over a deployment."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import cached_property
from typing import Any, Final

import attrs

from lifecycle.deployments import (
    AgentArchived,
    AgentDeleted,
    ArchiveDeployment,
    Deployment,
    DeploymentCommand,
    DeploymentDecision,
    DeploymentEngine,
    DeploymentRun,
    Fire,
    OpenRun,
    PauseDeployment,
    RunDeployment,
    RunFailed,
    RunRecorded,
    RunSucceeded,
    UnpauseDeployment,
    UpdateDeployment,
)
from lifecycle.deployments.steps import pauses
from lifecycle.invariants.form import Asked
from lifecycle.table import Row
from lifecycle.vocabulary import DeploymentTrigger as T, RunTriggerType

__all__ = ["Decided"]

_ASK: Final[dict[type[DeploymentCommand], T]] = {
    PauseDeployment: T.PAUSE,
    UnpauseDeployment: T.UNPAUSE,
    UpdateDeployment: T.UPDATE,
    RunDeployment: T.RUN,
    Fire: T.FIRE,
    ArchiveDeployment: T.ARCHIVE,
    AgentArchived: T.AGENT_ARCHIVED,
}


@attrs.frozen
class Decided(Asked[DeploymentEngine, Deployment, DeploymentCommand, DeploymentDecision]):
    """A decision over a deployment and what it was made of.

    Attributes:
        now: what the host's clock said.
    """

    now: datetime

    @property
    def after(self) -> Deployment | None:
        """The state after it."""
        return self.decision.state

    @cached_property
    def pair(self) -> tuple[Deployment, Deployment] | None:
        """The deployment as it was and as it is; `None` if it was not there, or is the same."""
        if self.before is None or self.after is None or self.after is self.before:
            return None
        return self.before, self.after

    @cached_property
    def trigger(self) -> T | None:
        """What the command asks of the table; `None` if it is about nothing that is there."""
        before, command = self.before, self.command
        if before is None or command.deployment_id != before.id:
            return None
        if not isinstance(command, RunSucceeded | RunFailed | AgentDeleted):
            return _ASK.get(type(command))
        run = before.opened(command.run_id)
        if run is None:
            return None
        if run.by is RunTriggerType.MANUAL:
            return None if isinstance(command, AgentDeleted) else T.RUN_ENDED
        if isinstance(command, RunFailed):
            pausing = pauses(self.engine.dialect, command.error)
            return T.FIRE_FAILED_PAUSING if pausing else T.FIRE_FAILED
        return T.AGENT_DELETED if isinstance(command, AgentDeleted) else T.FIRE_SUCCEEDED

    @cached_property
    def row(self) -> Row[Any, Any] | None:
        """The table's answer; `None` if it is not asked."""
        if self.before is None or self.trigger is None:
            return None
        return self.engine.dialect.machines["deployment"].step(self.before.state, self.trigger)

    @property
    def records(self) -> Iterator[DeploymentRun]:
        """The records that are written."""
        for entry in self.decision.entries:
            if isinstance(entry, RunRecorded):
                yield entry.record

    @cached_property
    def opened(self) -> tuple[OpenRun, ...]:
        """The runs that are under way now, and were not before."""
        pairs = [] if self.pair is None else [self.pair]
        return tuple(run for was, is_ in pairs for run in is_.open if was.opened(run.id) is None)
