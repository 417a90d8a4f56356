"""What each command comes to: a trigger and an entry, or a refusal.

The table is asked first, and what it cannot know is looked at beside it: whether an instant is an
occurrence that is due, which run an outcome is of, and whether settings keep to their limits. So
who updates an archived deployment with a bad name hears that it is archived.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

import attrs

from lifecycle.deployments import commands as c
from lifecycle.deployments.limits import wrong_schedule, wrong_settings
from lifecycle.deployments.model import (
    Deployment,
    DeploymentChanged,
    DeploymentEntry,
    DeploymentMoved,
    DeploymentRun,
    OpenRun,
    RunOpened,
    RunRecorded,
    Settings,
)
from lifecycle.deployments.resource import stamp
from lifecycle.dialects import Dialect
from lifecycle.engine.refusals import Refusal, refusal, refused_by
from lifecycle.events import ABSENT
from lifecycle.schedule.clock import instant_of
from lifecycle.table import Row
from lifecycle.vocabulary import (
    DeploymentErrorType,
    DeploymentTrigger as T,
    RefusalCode as R,
    RunTriggerType,
)

__all__ = ["STEPS", "Case", "RunIdMaker", "Taken", "pauses", "wrong"]

RunIdMaker = Callable[[str, str, int], str]
"""Makes a run's id of its prefix, the deployment's id, and the deployment's version."""


@attrs.frozen
class Case:
    """What a command is decided on: the dialect, the deployment, the time, and who makes ids."""

    dialect: Dialect
    state: Deployment
    at: datetime
    ids: RunIdMaker | None

    def row(self, trigger: T) -> Row[Any, Any]:
        """Return the table's answer to *trigger*."""
        return self.dialect.machines["deployment"].step(self.state.state, trigger)

    def denied(self, trigger: T) -> Refusal | None:
        """Return the refusal of the row for *trigger*; `None` if it accepts."""
        row = self.row(trigger)
        return None if row.accepts else self.refuse(refused_by("deployment", row), row.because)

    def refuse(self, code: R, reason: str, subject: str = "") -> Refusal:
        """Return a refusal about the deployment, or about *subject*."""
        return refusal(self.dialect, code, reason, subject or self.state.id)


@attrs.frozen
class Taken:
    """What a command comes to.

    Attributes:
        trigger: what happens to the deployment.
        entry: what to append; `None` if nothing changes.
        run_id: the run that it is about.
        record: what came of that run.
    """

    trigger: T
    entry: DeploymentEntry | None
    run_id: str = ""
    record: DeploymentRun | None = None


_Step = Callable[[Case, Any], Taken | Refusal]


def _plain(case: Case, trigger: T, run_id: str = "") -> Taken | Refusal:
    """Take a trigger that says everything; a row that changes nothing makes no entry."""
    denied = case.denied(trigger)
    if denied is not None:
        return denied
    row = case.row(trigger)
    if row.target is row.state and not run_id:
        return Taken(trigger, None)
    moved = DeploymentMoved(at=case.at, trigger=trigger, state=row.target, run_id=run_id)
    return Taken(trigger, moved)


def _update(case: Case, command: c.UpdateDeployment) -> Taken | Refusal:
    """Change the settings; a schedule that stays is not looked at again.

    An update that changes nothing is accepted, and writes and owes nothing.
    """
    denied = case.denied(T.UPDATE)
    if denied is not None:
        return denied
    old = case.state.settings
    new = _changed(old, command)
    refused = wrong(case.dialect, new, case.at, scheduled_anew=new.schedule != old.schedule)
    if refused is not None:
        return refused
    row = case.row(T.UPDATE)
    if new == old and row.target is row.state:
        return Taken(T.UPDATE, None)
    return Taken(T.UPDATE, DeploymentChanged(at=case.at, settings=new, state=row.target))


def wrong(
    dialect: Dialect, settings: Settings, at: datetime, *, scheduled_anew: bool = True
) -> Refusal | None:
    """Return the refusal of settings that break a rule; it names the field and the rule."""
    found = wrong_settings(dialect, settings)
    if found is None and scheduled_anew:
        found = wrong_schedule(dialect, settings, at)
    if found is None:
        return None
    field, reason = found
    return refusal(dialect, R.INVALID_INPUT, reason, field)


def _changed(old: Settings, command: c.UpdateDeployment) -> Settings:
    """Return the settings with what *command* names changed; `None` is what an unset field has."""
    told: dict[str, Any] = {}
    for field in attrs.fields(Settings):
        value = getattr(command, field.name)
        if value is not ABSENT:
            told[field.name] = _UNSET.get(field.name) if value is None else value
    if isinstance(command.metadata, Mapping):
        pairs = {**old.metadata, **command.metadata}
        told["metadata"] = {key: value for key, value in pairs.items() if value is not None}
    return attrs.evolve(old, **told)


_UNSET: Final[Mapping[str, Any]] = {
    "name": "",
    "agent": {},
    "environment_id": "",
    "initial_events": (),
    "metadata": {},
    "resources": (),
    "vault_ids": (),
}
"""What a field has that is cleared; `None`, where it is not named here."""


def _run(case: Case, command: c.RunDeployment) -> Taken | Refusal:  # noqa: ARG001 - says it all
    """Open a run by hand."""
    return case.denied(T.RUN) or _opened(case, T.RUN, None)


def _fire(case: Case, command: c.Fire) -> Taken | Refusal:
    """Claim an occurrence."""
    denied = case.denied(T.FIRE)
    if denied is not None:
        return denied
    state, due = case.state, instant_of(command.scheduled_at)
    if state.fired is not None and due <= state.fired:
        return case.refuse(R.ALREADY_FIRED, f"{stamp(state.fired)} or a later one was fired")
    if state.schedule is None or not state.schedule.matches(due):
        return case.refuse(R.NOT_SCHEDULED, f"nothing is scheduled for {stamp(due)}")
    if due <= state.since:
        return case.refuse(
            R.NOT_SCHEDULED, f"it fires what is later than {stamp(state.since)} only"
        )
    if due > case.at:
        return case.refuse(R.NOT_DUE, f"{stamp(due)} is yet to come")
    return _opened(case, T.FIRE, due)


def _opened(case: Case, trigger: T, scheduled_at: datetime | None) -> Taken | Refusal:
    """Open a run."""
    state, make = case.state, case.ids or _run_id
    run_id = make(case.dialect.style.fired, state.id, state.version)
    if state.opened(run_id) is not None:
        return case.refuse(R.ID_TAKEN, f"run {run_id} is under way already", run_id)
    run = OpenRun(
        id=run_id,
        opened_at=case.at,
        scheduled_at=scheduled_at,
        agent=state.settings.agent,
    )
    return Taken(trigger, RunOpened(at=case.at, run=run), run.id)


def _run_id(prefix: str, deployment_id: str, version: int) -> str:
    """Return a run's id that is made of its position in the log."""
    return f"{prefix}{deployment_id.partition('_')[2] or deployment_id}_{version}"


def _succeeded(case: Case, command: c.RunSucceeded) -> Taken | Refusal:
    """Record the session of a run."""
    run = case.state.opened(command.run_id)
    if run is None:
        return _unopened(case, command.run_id)
    if not command.session_id or not isinstance(command.session_id, str):
        reason = "`session_id` is no id: a run that succeeded has a session"
        return case.refuse(R.INVALID_INPUT, reason, "session_id")
    record = DeploymentRun(run=run, session_id=command.session_id)
    return _recorded(case, T.FIRE_SUCCEEDED, record)


def _failed(case: Case, command: c.RunFailed) -> Taken | Refusal:
    """Record the error of a run."""
    run = case.state.opened(command.run_id)
    if run is None:
        return _unopened(case, command.run_id)
    record = DeploymentRun(run=run, error=command.error, message=command.message)
    fired = T.FIRE_FAILED_PAUSING if pauses(case.dialect, command.error) else T.FIRE_FAILED
    return _recorded(case, fired, record)


def _unopened(case: Case, run_id: str) -> Refusal:
    """Refuse what is about a run that is not under way."""
    return case.refuse(R.RUN_NOT_OPEN, f"no run {run_id} is under way", run_id)


def _recorded(case: Case, fired: T, record: DeploymentRun) -> Taken | Refusal:
    """Record what came of a run: *fired*, unless it was one by hand."""
    run = record.run
    trigger = T.RUN_ENDED if run.by is RunTriggerType.MANUAL else fired
    state = case.row(trigger).target
    entry = RunRecorded(at=case.at, trigger=trigger, state=state, record=record)
    return case.denied(trigger) or Taken(trigger, entry, run.id, record)


def pauses(dialect: Dialect, error: DeploymentErrorType) -> bool:
    """Whether a scheduled run's error pauses its deployment."""
    known = dialect.pausing[error]
    return dialect.switches[known.switch].value == "pauses" if known.switch else known.pauses


def _agent_deleted(case: Case, command: c.AgentDeleted) -> Taken | Refusal:
    """Archive at a fire; a run by hand that finds this is to be reported as failed."""
    if not command.run_id:
        return _agent_missed(case)
    run = case.state.opened(command.run_id)
    if run is None:
        return _unopened(case, command.run_id)
    if run.by is RunTriggerType.MANUAL:
        return case.refuse(R.RUN_NOT_OPEN, "only a scheduled run ends its deployment so", run.id)
    return _plain(case, T.AGENT_DELETED, run.id)


def _agent_missed(case: Case) -> Taken | Refusal:
    """Archive before a fire is claimed: what would not fire could not have found this."""
    denied = case.denied(T.FIRE)
    if denied is not None:
        return denied
    if case.state.schedule is None:
        return case.refuse(R.NOT_SCHEDULED, "without a schedule nothing finds this by itself")
    return _plain(case, T.AGENT_DELETED)


STEPS: Final[Mapping[type[c.DeploymentCommand], _Step]] = {
    c.UpdateDeployment: _update,
    c.PauseDeployment: lambda case, _: _plain(case, T.PAUSE),
    c.UnpauseDeployment: lambda case, _: _plain(case, T.UNPAUSE),
    c.ArchiveDeployment: lambda case, _: _plain(case, T.ARCHIVE),
    c.RunDeployment: _run,
    c.Fire: _fire,
    c.RunSucceeded: _succeeded,
    c.RunFailed: _failed,
    c.AgentArchived: lambda case, _: _plain(case, T.AGENT_ARCHIVED),
    c.AgentDeleted: _agent_deleted,
}
"""What decides each command, but for the creation."""
