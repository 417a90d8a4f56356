"""Folding: a deployment's state from the entries of its log. Total: nothing is raised on."""

from __future__ import annotations

from typing import Any

import attrs

from lifecycle.deployments.model import (
    Deployment,
    DeploymentChanged,
    DeploymentEntry,
    DeploymentMade,
    DeploymentMoved,
    OpenRun,
    RunOpened,
    RunRecorded,
)
from lifecycle.dialects import Dialect
from lifecycle.vocabulary import (
    DeploymentState as S,
    RunTriggerType,
)

__all__ = ["take"]


def take(dialect: Dialect, state: Deployment | None, entry: DeploymentEntry) -> Deployment | None:
    """Return *state* with *entry* folded in; `None` before the deployment was made."""
    if isinstance(entry, DeploymentMade):
        return _made(entry) if state is None else _kept(state, entry)
    if state is None:
        return None
    if isinstance(entry, DeploymentMoved):
        return _moved(dialect, state, entry)
    if isinstance(entry, DeploymentChanged):
        return _changed(dialect, state, entry)
    if isinstance(entry, RunOpened):
        return _opened(state, entry)
    if isinstance(entry, RunRecorded):
        return _recorded(dialect, state, entry)
    return _kept(state, entry)


def _made(entry: DeploymentMade) -> Deployment:
    """Return the deployment as it begins."""
    at = entry.at
    return Deployment(
        id=entry.deployment_id,
        settings=entry.settings,
        created_at=at,
        updated_at=at,
        since=at,
        clock=at,
        version=1,
    )


def _kept(state: Deployment, entry: DeploymentEntry) -> Deployment:
    """Count an entry that says nothing to this version of the package."""
    return attrs.evolve(state, **_counted(state, entry), unknown=state.unknown + 1)


def _counted(state: Deployment, entry: DeploymentEntry) -> dict[str, Any]:
    """Return the fields that every entry changes."""
    return {"version": state.version + 1, "clock": max(entry.at, state.clock)}


def _led(
    dialect: Dialect, state: Deployment, entry: DeploymentMoved | DeploymentChanged | RunRecorded
) -> dict[str, Any]:
    """Return the fields that change where an entry led to another state."""
    fields = {**_counted(state, entry), "state": entry.state}
    if entry.state is state.state:
        return fields
    fields |= {"updated_at": entry.at, "error": None}
    if entry.state is S.ACTIVE:
        fields["since"] = entry.at
    if entry.state is S.ARCHIVED:
        name = dialect.style.archived_name.format(
            name=state.settings.name, seconds=int(entry.at.timestamp())
        )
        fields |= {"archived_at": entry.at, "settings": attrs.evolve(state.settings, name=name)}
    return fields


def _moved(dialect: Dialect, state: Deployment, entry: DeploymentMoved) -> Deployment:
    """Pause, unpause, or archive."""
    fields = _led(dialect, state, entry)
    return attrs.evolve(state, **fields, open=_without(state, entry.run_id))


def _changed(dialect: Dialect, state: Deployment, entry: DeploymentChanged) -> Deployment:
    """Take the new settings; a new schedule fires from now on only."""
    fields = _led(dialect, state, entry)
    fields |= {"settings": entry.settings, "updated_at": entry.at}
    if entry.settings.schedule != state.settings.schedule:
        fields["since"] = entry.at
    return attrs.evolve(state, **fields)


def _opened(state: Deployment, entry: RunOpened) -> Deployment:
    """Remember a run under way, and which occurrence it claims."""
    at = entry.run.scheduled_at
    return attrs.evolve(
        state,
        **_counted(state, entry),
        open=(*_without(state, entry.run.id), entry.run),
        fired=state.fired if at is None else max(at, state.fired or at),
    )


def _recorded(dialect: Dialect, state: Deployment, entry: RunRecorded) -> Deployment:
    """Forget a run under way; a scheduled one is the newest, and its error may pause."""
    record = entry.record
    fields = _led(dialect, state, entry)
    if entry.state is S.PAUSED_BY_ERROR is not state.state:
        fields["error"] = record.error
    if record.run.by is RunTriggerType.SCHEDULE and _is_last_run(dialect, entry):
        fields["last_run_at"] = max(record.run.opened_at, state.last_run_at or state.created_at)
    return attrs.evolve(state, **fields, open=_without(state, record.run.id))


def _is_last_run(dialect: Dialect, entry: RunRecorded) -> bool:
    """Whether a scheduled run counts as the schedule's last: a failed one is a switch."""
    failed = entry.record.error is not None
    return not failed or dialect.switches["failed_fire_is_last_run"].value == "yes"


def _without(state: Deployment, run_id: str) -> tuple[OpenRun, ...]:
    """Return the runs under way but for one."""
    return tuple(one for one in state.open if one.id != run_id)
