"""Deployments and runs as their service reports them, as far as the engine knows them.

An archived deployment reports ``active``, and a paused one what its schedule would do (D1, D11).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from lifecycle.deployments.model import Deployment, DeploymentRun, plain
from lifecycle.dialects import Dialect
from lifecycle.dialects.deployments import UPCOMING
from lifecycle.vocabulary import DeploymentState, PausedReason

__all__ = ["deployment_object", "run_object", "session_request", "stamp"]


def stamp(at: datetime | None) -> str | None:
    """Return a time as RFC 3339 in UTC."""
    return None if at is None else at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def deployment_object(dialect: Dialect, deployment: Deployment, now: datetime) -> dict[str, Any]:
    """Return a deployment as it is reported at *now*.

    Raises:
        ValueError: *now* has no time zone.
    """
    settings = deployment.settings
    shown = {
        "id": deployment.id,
        "type": "deployment",
        "status": dialect.word("deployment", deployment.state),
        "paused_reason": _reason(deployment),
        "name": settings.name,
        "description": settings.description,
        "agent": {"type": "agent", **plain(settings.agent)},
        "environment_id": settings.environment_id,
        "initial_events": plain(settings.initial_events),
        "metadata": plain(settings.metadata),
        "resources": plain(settings.resources),
        "vault_ids": plain(settings.vault_ids),
        "schedule": _schedule(deployment, now),
        "created_at": stamp(deployment.created_at),
        "updated_at": stamp(deployment.updated_at),
        "archived_at": stamp(deployment.archived_at),
    }
    return shown if settings.budget is None else {**shown, "budget": plain(settings.budget)}


def _reason(deployment: Deployment) -> dict[str, Any] | None:
    """Return why it is paused; only a paused one says so."""
    if deployment.state is DeploymentState.PAUSED:
        return {"type": PausedReason.MANUAL.value}
    if deployment.state is DeploymentState.PAUSED_BY_ERROR and deployment.error:
        return {"type": PausedReason.ERROR.value, "error": {"type": deployment.error.value}}
    return None


def _schedule(deployment: Deployment, now: datetime) -> dict[str, Any] | None:
    """Return the schedule with what it did last and would do next."""
    told, schedule = deployment.settings.schedule, deployment.schedule
    if told is None:
        return None
    ended = schedule is None or deployment.state is DeploymentState.ARCHIVED
    coming = () if schedule is None or ended else schedule.upcoming(UPCOMING, after=now)
    return {
        "type": "cron",
        "expression": told["expression"],
        "timezone": told["timezone"],
        "last_run_at": stamp(deployment.last_run_at),
        "upcoming_runs_at": [stamp(at) for at in coming],
    }


def run_object(deployment_id: str, record: DeploymentRun) -> dict[str, Any]:
    """Return the record of a run as it is reported, for its whole life."""
    run = record.run
    context: dict[str, Any] = {"type": run.by.value}
    if run.scheduled_at is not None:
        context["scheduled_at"] = stamp(run.scheduled_at)
    error = (
        None if record.error is None else {"type": record.error.value, "message": record.message}
    )
    return {
        "id": run.id,
        "type": "deployment_run",
        "deployment_id": deployment_id,
        "agent": {"type": "agent", **plain(run.agent)},
        "trigger_context": context,
        "session_id": record.session_id or None,
        "error": error,
        "created_at": stamp(run.opened_at),
    }


def session_request(deployment: Deployment) -> Mapping[str, Any]:
    """Return what the session of a run is created with; its metadata are empty (recorded)."""
    settings = deployment.settings
    request: dict[str, Any] = {
        "title": settings.name,
        "deployment_id": deployment.id,
        "agent": plain(settings.agent),
        "environment_id": settings.environment_id,
        "initial_events": plain(settings.initial_events),
        "resources": plain(settings.resources),
        "vault_ids": plain(settings.vault_ids),
        "metadata": {},
    }
    return request if settings.budget is None else {**request, "budget": plain(settings.budget)}
