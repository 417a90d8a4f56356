"""The records of deployments: the deployments themselves, their runs, and the webhooks about them.

None of them stands on a session's list. Deployments and runs are resources that lists and reads
return; a webhook is sent once or more, in no order, and names what it is about by its id.

Sources: the client library's types; Qoder's deployment pages for the fields that follow a blank
line, which its earlier runs have. An agent may be told by its id alone. Webhooks about sessions are
the same envelope.
"""

from __future__ import annotations

from typing import ClassVar

import attrs

from lifecycle.events.form import ABSENT, Maybe, Objects, Plain, Record
from lifecycle.events.parts import Budget
from lifecycle.vocabulary import RecordType

__all__ = [
    "Deployment",
    "DeploymentError",
    "DeploymentRun",
    "DeploymentSchedule",
    "PausedBy",
    "RunTrigger",
    "Webhook",
    "WebhookData",
]


@attrs.frozen(kw_only=True)
class DeploymentError(Record):
    """Why a run has no session; where it stands as a reason to pause it has no message."""

    type: Maybe[str] = ABSENT
    message: Maybe[str] = ABSENT


@attrs.frozen(kw_only=True)
class PausedBy(Record):
    """Why a deployment is paused: by hand, or by the error of a scheduled run."""

    type: Maybe[str] = ABSENT
    error: Maybe[DeploymentError] = ABSENT


@attrs.frozen(kw_only=True)
class DeploymentSchedule(Record):
    """When a deployment fires, and what came and will come of that; times are RFC 3339."""

    type: Maybe[str] = ABSENT
    expression: Maybe[str] = ABSENT
    timezone: Maybe[str] = ABSENT
    last_run_at: Maybe[str] = ABSENT
    upcoming_runs_at: Maybe[tuple[str, ...]] = ABSENT


@attrs.frozen(kw_only=True)
class Deployment(Record):
    """A deployment as its service reports it; times are RFC 3339."""

    type: ClassVar[str] = RecordType.DEPLOYMENT
    id: Maybe[str] = ABSENT
    name: Maybe[str] = ABSENT
    description: Maybe[str] = ABSENT
    status: Maybe[str] = ABSENT
    paused_reason: Maybe[PausedBy] = ABSENT
    agent: Maybe[Plain | str] = ABSENT
    environment_id: Maybe[str] = ABSENT
    initial_events: Maybe[Objects] = ABSENT
    resources: Maybe[Objects] = ABSENT
    vault_ids: Maybe[tuple[str, ...]] = ABSENT
    schedule: Maybe[DeploymentSchedule] = ABSENT
    budget: Maybe[Budget] = ABSENT
    metadata: Maybe[Plain] = ABSENT
    created_at: Maybe[str] = ABSENT
    updated_at: Maybe[str] = ABSENT
    archived_at: Maybe[str] = ABSENT


@attrs.frozen(kw_only=True)
class RunTrigger(Record):
    """What made a run: a request, or the occurrence of the schedule at ``scheduled_at``."""

    type: Maybe[str] = ABSENT
    scheduled_at: Maybe[str] = ABSENT


@attrs.frozen(kw_only=True)
class DeploymentRun(Record):
    """One attempt to create a session of a deployment: it has the session, or the error."""

    type: ClassVar[str] = RecordType.RUN
    id: Maybe[str] = ABSENT
    deployment_id: Maybe[str] = ABSENT
    agent: Maybe[Plain | str] = ABSENT
    session_id: Maybe[str] = ABSENT
    error: Maybe[DeploymentError] = ABSENT
    trigger_context: Maybe[RunTrigger] = ABSENT
    created_at: Maybe[str] = ABSENT

    status: Maybe[str] = ABSENT
    completed_at: Maybe[str] = ABSENT
    duration_ms: Maybe[float] = ABSENT
    cas_run_extras: Maybe[Plain] = ABSENT


@attrs.frozen(kw_only=True)
class WebhookData(Record):
    """What happened, and to whom: the id is a deployment's, a run's, or a session's."""

    type: Maybe[str] = ABSENT
    id: Maybe[str] = ABSENT
    organization_id: Maybe[str] = ABSENT
    workspace_id: Maybe[str] = ABSENT
    session_thread_id: Maybe[str] = ABSENT


@attrs.frozen(kw_only=True)
class Webhook(Record):
    """What a service sends to a subscriber; a second delivery has the same id."""

    type: ClassVar[str] = RecordType.WEBHOOK
    id: Maybe[str] = ABSENT
    created_at: Maybe[str] = ABSENT
    data: Maybe[WebhookData] = ABSENT
