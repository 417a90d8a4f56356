"""What the deployment engine answered, in words: moments in UTC, and on the clock of the zone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import attrs

from lifecycle import deployments as d
from lifecycle.dialects import Dialect
from lifecycle.effects import CREATE_SESSION, RESUME_FIRES
from lifecycle.engine import Owed
from lifecycle.lesson.slots import DEPLOYMENT_ID, write_moment
from lifecycle.lesson.telling import NOTHING, Line, of_refusal, owed_where, quoted, reported

__all__ = [
    "of_clock",
    "of_decision",
    "of_deployment",
    "of_runs",
    "of_show",
    "of_upcoming",
    "to_second",
]

_SECOND: Final = timedelta(seconds=1)


def to_second(at: datetime) -> datetime:
    """Return *at*, or the next full second: a host that looks then is not too early."""
    down = at.replace(microsecond=0)
    return down if down == at else down + _SECOND


def of_clock(now: datetime, deployment: d.Deployment | None) -> list[Line]:
    """Return what the clocks show."""
    return [("clock", _moment(now, deployment))]


def _moment(at: datetime, deployment: d.Deployment | None) -> str:
    """Return a moment in UTC and, if that is another, on the clock of the deployment's zone."""
    schedule = deployment.schedule if deployment is not None else None
    if schedule is None or schedule.clock.zone.key == "UTC":
        return write_moment(at)
    local = at.astimezone(schedule.clock.zone)
    seconds = ":%S" if local.second else ""
    return f"{write_moment(at)} ({local:%a %H:%M{seconds}} {local.isoformat()[-6:]})"


# -- decisions -------------------------------------------------------------------------------------


def of_decision(decision: d.DeploymentDecision, before: d.Deployment | None) -> list[Line]:
    """Return what a decision says: entries, the change of state, then effects; or the refusal."""
    if decision.refusal is not None:
        return of_refusal(decision.refusal)
    after = decision.state
    lines = [("noted", said) for entry in decision.entries for said in _entry(entry, before, after)]
    if before is not None and after is not None and before.state is not after.state:
        lines.append(("state", f"{before.state}, now {after.state}"))
    lines += [(owed_where(owed), _owed(owed, after)) for owed in decision.effects]
    return lines or [NOTHING]


def _entry(
    entry: d.DeploymentEntry, before: d.Deployment | None, after: d.Deployment | None
) -> Iterator[str]:
    """Iterate over what an entry says beside a change of state."""
    if isinstance(entry, d.DeploymentMade):
        yield "the deployment is made, active"
    elif isinstance(entry, d.DeploymentChanged):
        yield f"settings changed: {', '.join(_changed(before, after)) or 'none'}"
    elif isinstance(entry, d.RunOpened):
        yield f"{entry.run.id} opened {_why(entry.run, after)}"
    elif isinstance(entry, d.RunRecorded):
        yield f"{entry.record.run.id} {_end(entry.record)}"
    elif isinstance(entry, d.DeploymentMoved) and entry.run_id:
        yield f"{entry.run_id} is over, and is not recorded"


def _changed(before: d.Deployment | None, after: d.Deployment | None) -> list[str]:
    """Return the names of the settings that differ."""
    if before is None or after is None:
        return []
    names = [one.name for one in attrs.fields(d.Settings)]
    return [n for n in names if getattr(before.settings, n) != getattr(after.settings, n)]


def _why(run: d.OpenRun, deployment: d.Deployment | None) -> str:
    """Return what a run is for."""
    return f"for {_moment(run.scheduled_at, deployment)}" if run.scheduled_at else "by hand"


def _end(record: d.DeploymentRun) -> str:
    """Return what came of a run."""
    if record.error is None:
        return f"has its session, {record.session_id}"
    message = f" {quoted(record.message)}" if record.message else ""
    return f"failed: {record.error}{message}"


def _owed(owed: Owed, after: d.Deployment | None) -> str:
    """Return what the host owes, and about which run."""
    name, detail = owed.effect.name, owed.detail
    if owed.effect is RESUME_FIRES:
        return f"{name}: {_next(detail, after)}"
    if owed.effect is CREATE_SESSION:
        return f"{name}: {owed.subjects[1]}, titled {quoted(detail['title'])}"
    # A record and a webhook have an id; there is one deployment, so its own says nothing.
    about = detail["id"] if detail is not None else DEPLOYMENT_ID
    return name if about == DEPLOYMENT_ID else f"{name}: {about}"


def _next(coming: d.Due | None, deployment: d.Deployment | None) -> str:
    """Return what is to come: an occurrence, and how much later its run starts."""
    if coming is None:
        return "nothing is to come"
    start = to_second(coming.starts_at)
    return f"{_moment(coming.scheduled_at, deployment)}, starting {start:%H:%M:%S} UTC"


# -- the state -------------------------------------------------------------------------------------


def of_deployment(
    deployment: d.Deployment, shown: Mapping[str, Any], dialect: Dialect
) -> list[Line]:
    """Return a deployment in words: its state, what is to come, and the runs under way.

    Args:
        deployment: the deployment.
        shown: how it is reported now.
        dialect: the dialect that it is reported in.
    """
    status = reported(dialect, "deployment", deployment.state)
    if reason := shown["paused_reason"]:
        error = f": {reason['error']['type']}" if "error" in reason else ""
        status += f" ({reason['type']}{error})"
    lines = [("deployment", status)]
    if coming := of_upcoming(deployment, shown):
        more = f", and {len(coming) - 1} more" if len(coming) > 1 else ""
        lines.append(("upcoming", f"{coming[0][1]}{more}"))
    return lines + [(run.id, f"under way {_why(run, deployment)}") for run in deployment.open]


def of_upcoming(deployment: d.Deployment, shown: Mapping[str, Any]) -> list[Line]:
    """Return every occurrence that a deployment lists as upcoming, before any delay."""
    times = shown["schedule"]["upcoming_runs_at"] if shown["schedule"] else ()
    read = map(datetime.fromisoformat, times)
    return [(str(number), _moment(at, deployment)) for number, at in enumerate(read, 1)]


def of_show(deployment: d.Deployment, shown: Mapping[str, Any], dialect: Dialect) -> list[Line]:
    """Return all of a deployment that a lesson can change."""
    schedule = shown["schedule"]
    times = f"{schedule['expression']} in {schedule['timezone']}" if schedule else "no schedule"
    settings = f"{quoted(shown['name'])}, {shown['agent']['id']}, {times}"
    status, *rest = of_deployment(deployment, shown, dialect)
    lines = [status, ("settings", settings)]
    if deployment.archived_at:
        lines.append(("archived", _moment(deployment.archived_at, deployment)))
    if schedule:
        last = deployment.last_run_at
        lines.append(("last run", _moment(last, deployment) if last else "none"))
    return lines + rest


def of_runs(records: list[d.DeploymentRun], deployment: d.Deployment | None) -> list[Line]:
    """Return the records of runs, in their order."""
    lines = [(one.run.id, f"{_why(one.run, deployment)}, {_end(one)}") for one in records]
    return lines or [("nothing", "is recorded")]
