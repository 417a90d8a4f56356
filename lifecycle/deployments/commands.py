"""What a server asks of the deployment engine: one class for each command.

Two kinds again. What a *client* sends (create, update, pause, unpause, run, archive), and what the
server *reports*: an occurrence came due, a run has its session or failed, the agent was archived or
found deleted.

Sources: the deployment pages of both services.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, Self

import attrs

from lifecycle.deployments.due import Due
from lifecycle.deployments.model import Settings
from lifecycle.events import ABSENT, Absent
from lifecycle.vocabulary import DeploymentErrorType

__all__ = [
    "AgentArchived",
    "AgentDeleted",
    "ArchiveDeployment",
    "CreateDeployment",
    "DeploymentCommand",
    "Fire",
    "PauseDeployment",
    "RunDeployment",
    "RunFailed",
    "RunSucceeded",
    "UnpauseDeployment",
    "UpdateDeployment",
]


@attrs.frozen(kw_only=True)
class DeploymentCommand:
    """What every command has.

    Attributes:
        deployment_id: the deployment that it is for.
    """

    reported: ClassVar[bool] = False
    """Whether the server reports it, and no client sends it."""

    deployment_id: str


@attrs.frozen(kw_only=True)
class CreateDeployment(DeploymentCommand):
    """Make a deployment, active."""

    settings: Settings


@attrs.frozen(kw_only=True)
class UpdateDeployment(DeploymentCommand):
    """Change the settings: what is left out stays, null clears.

    Schedule, resources, vaults and initial events are replaced whole; metadata is changed pair by
    pair, and a pair whose value is null goes (inferred, as for other objects of the service).
    What cannot be without a value (name, agent, environment, initial events) is not cleared.
    """

    name: str | Absent | None = ABSENT
    agent: Mapping[str, Any] | Absent | None = ABSENT
    environment_id: str | Absent | None = ABSENT
    initial_events: Sequence[Mapping[str, Any]] | Absent | None = ABSENT
    description: str | Absent | None = ABSENT
    metadata: Mapping[str, str | None] | Absent | None = ABSENT
    resources: Sequence[Mapping[str, Any]] | Absent | None = ABSENT
    vault_ids: Sequence[str] | Absent | None = ABSENT
    schedule: Mapping[str, Any] | Absent | None = ABSENT
    budget: Mapping[str, Any] | Absent | None = ABSENT


@attrs.frozen(kw_only=True)
class PauseDeployment(DeploymentCommand):
    """Stop the fires from now on."""


@attrs.frozen(kw_only=True)
class UnpauseDeployment(DeploymentCommand):
    """Fire again, from the next occurrence on."""


@attrs.frozen(kw_only=True)
class ArchiveDeployment(DeploymentCommand):
    """End it for good."""


@attrs.frozen(kw_only=True)
class RunDeployment(DeploymentCommand):
    """Run it now, by hand."""


@attrs.frozen(kw_only=True)
class Fire(DeploymentCommand):
    """Claim an occurrence that is due; one that has been claimed is refused.

    Attributes:
        scheduled_at: the occurrence, before any delay.

    Raises:
        ValueError: on deciding, if *scheduled_at* has no time zone.
    """

    reported: ClassVar[bool] = True
    scheduled_at: datetime

    @classmethod
    def of(cls, due: Due) -> Self:
        """Return the command that fires *due*."""
        return cls(deployment_id=due.deployment_id, scheduled_at=due.scheduled_at)


@attrs.frozen(kw_only=True)
class RunSucceeded(DeploymentCommand):
    """A run under way has its session."""

    reported: ClassVar[bool] = True
    run_id: str
    session_id: str


@attrs.frozen(kw_only=True)
class RunFailed(DeploymentCommand):
    """A run under way got no session.

    Attributes:
        error: why; a scheduled run may pause its deployment with it.
        message: why, in words.
    """

    reported: ClassVar[bool] = True
    run_id: str
    error: DeploymentErrorType = attrs.field(converter=DeploymentErrorType)
    message: str = ""


@attrs.frozen(kw_only=True)
class AgentArchived(DeploymentCommand):
    """Its agent was archived: the host reports it to each deployment of the agent."""

    reported: ClassVar[bool] = True


@attrs.frozen(kw_only=True)
class AgentDeleted(DeploymentCommand):
    """At a fire the agent was found to be deleted; no run is recorded.

    A host that looks before it claims has sent nobody word of a run that starts.

    Attributes:
        run_id: the scheduled run under way that found it; empty if nothing was claimed yet.
    """

    reported: ClassVar[bool] = True
    run_id: str = ""
