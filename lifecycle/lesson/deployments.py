"""The notation of deployments: what a client says, what its server reports, and a host's clock.

The clock's lines are no commands of the engine. They are what a host does around it: look at the
time, ask what is due, and fire that.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final

import attrs

from lifecycle import deployments as d
from lifecycle.lesson.notation import Notation, Phrase
from lifecycle.lesson.slots import DEPLOYMENT_ID, DEPLOYMENT_SLOTS, SlotError
from lifecycle.vocabulary import EventType

__all__ = ["DEPLOYMENTS", "HostLine", "SetClock", "Sleep", "Tick", "Wait"]


@attrs.frozen(kw_only=True)
class HostLine:
    """What a host does by itself; nobody decides on it."""

    reported: ClassVar[bool] = True


@attrs.frozen(kw_only=True)
class SetClock(HostLine):
    """Go to a time that is to come."""

    at: datetime


@attrs.frozen(kw_only=True)
class Wait(HostLine):
    """Let some time pass."""

    time: timedelta


@attrs.frozen(kw_only=True)
class Sleep(HostLine):
    """Sleep until the next run should start, to a full second."""


@attrs.frozen(kw_only=True)
class Tick(HostLine):
    """Ask what is due now, and fire all of it."""


# -- what a line leaves to say ---------------------------------------------------------------------

_AGENT: Final = {"id": "agent_1", "version": 1}
_EVENTS: Final = (
    {"type": EventType.USER_MESSAGE.value, "content": [{"type": "text", "text": "Begin."}]},
)


def _scheduled(expression: Any, timezone: Any) -> Mapping[str, Any] | None:
    """Return a schedule of what a line says of it; what it leaves out is missing."""
    told = {"expression": expression, "timezone": timezone}
    if not any(told.values()):
        return None
    return {"type": "cron", **{name: value for name, value in told.items() if value is not None}}


def _times(schedule: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return what a line says of a schedule."""
    return {name: (schedule or {}).get(name) for name in ("expression", "timezone")}


def _deploy(
    *, deployment_id: str, name: str, expression: str | None = None, timezone: str | None = None
) -> d.CreateDeployment:
    """Return the creation of a deployment whose agent, environment and message are always alike."""
    settings = d.Settings(
        name=name,
        agent=_AGENT,
        environment_id="env_1",
        initial_events=_EVENTS,
        schedule=_scheduled(expression, timezone),
    )
    return d.CreateDeployment(deployment_id=deployment_id, settings=settings)


def _deployed(command: d.CreateDeployment) -> Mapping[str, Any]:
    """Return what a line says of a creation."""
    return {"name": command.settings.name, **_times(command.settings.schedule)}


def _reschedule(
    *, deployment_id: str, expression: str | None, timezone: str | None = None
) -> d.UpdateDeployment:
    """Return the update of a schedule; `None` for the expression clears it."""
    if expression is None and timezone is not None:
        raise SlotError(f"{timezone} is too much: null is no schedule, so it has no zone")
    schedule = _scheduled(expression, timezone)
    return d.UpdateDeployment(deployment_id=deployment_id, schedule=schedule)


def _rescheduled(command: d.UpdateDeployment) -> Mapping[str, Any]:
    """Return what a line says of a new schedule."""
    return _times(command.schedule or None)


def _new_agent(*, deployment_id: str, agent: str) -> d.UpdateDeployment:
    """Return the update to the first version of another agent."""
    return d.UpdateDeployment(deployment_id=deployment_id, agent={"id": agent, "version": 1})


def _agent_of(command: d.UpdateDeployment) -> Mapping[str, Any]:
    """Return what a line says of another agent."""
    return {"agent": (command.agent or {}).get("id")}


def _fire(*, deployment_id: str, at: datetime) -> d.Fire:
    """Return the claim of an occurrence."""
    return d.Fire(deployment_id=deployment_id, scheduled_at=at)


def _occurrence_of(command: d.Fire) -> Mapping[str, Any]:
    """Return what a line says of a claim."""
    return {"at": command.scheduled_at}


def _succeed(*, deployment_id: str, run_id: str, session_id: str = "") -> d.RunSucceeded:
    """Return the report of a run's session: ``drun_2`` has ``sesn_2``, or what the line says."""
    session = session_id or _session_of(run_id)
    return d.RunSucceeded(deployment_id=deployment_id, run_id=run_id, session_id=session)


def _succeeded(command: d.RunSucceeded) -> Mapping[str, Any]:
    """Return what a line says of a run's session."""
    usual = command.session_id == _session_of(command.run_id)
    return {"run_id": command.run_id, "session_id": "" if usual else command.session_id}


def _session_of(run_id: str) -> str:
    """Return the id of the session that a run has in a lesson."""
    return f"sesn_{run_id.rpartition('_')[2]}"


# -- the phrases -----------------------------------------------------------------------------------


def _say(form: str, command: type[Any], **ways: Any) -> Phrase:
    """Return a phrase of this notation."""
    base = {"deployment_id": DEPLOYMENT_ID} if issubclass(command, d.DeploymentCommand) else {}
    return Phrase(form, command, slots=DEPLOYMENT_SLOTS, base=base, **ways)


# fmt: off
_CREATED:     Final[Mapping[str, Any]] = {"make": _deploy, "told": _deployed}
_OTHER_AGENT: Final[Mapping[str, Any]] = {"make": _new_agent, "told": _agent_of}
_OTHER_TIMES: Final[Mapping[str, Any]] = {"make": _reschedule, "told": _rescheduled}
_CLAIMED:     Final[Mapping[str, Any]] = {"make": _fire, "told": _occurrence_of}
_SESSION:     Final[Mapping[str, Any]] = {"make": _succeed, "told": _succeeded}

_CLIENT: Final = (
    _say("deploy NAME [CRON] [ZONE]",       d.CreateDeployment, **_CREATED),
    _say("pause",                           d.PauseDeployment),
    _say("unpause",                         d.UnpauseDeployment),
    _say("run",                             d.RunDeployment),
    _say("update name=NAME",                d.UpdateDeployment),
    _say("update agent=AGENT",              d.UpdateDeployment, **_OTHER_AGENT),
    _say("update schedule=SCHEDULE [ZONE]", d.UpdateDeployment, **_OTHER_TIMES),
    _say("archive",                         d.ArchiveDeployment),
)
_SERVER: Final = (
    _say("fire MOMENT",                     d.Fire, **_CLAIMED),
    _say("succeed RUN [SESSION]",           d.RunSucceeded, given={"session_id": ""}, **_SESSION),
    _say("fail RUN ERROR [SAYING]",         d.RunFailed),
    _say("agent archived",                  d.AgentArchived),
    _say("agent deleted RUN",               d.AgentDeleted),
)
_HOST: Final = (
    _say("now MOMENT",                      SetClock),
    _say("wait TIME",                       Wait),
    _say("sleep",                           Sleep),
    _say("tick",                            Tick),
)
# fmt: on

DEPLOYMENTS: Final = Notation(
    groups=(
        ("A client says:", _CLIENT),
        ("The server reports:", _SERVER),
        ("The host, whose clock stands still otherwise:", _HOST),
    ),
    looks={
        "show": "Show the deployment as it is reported, and the runs under way.",
        "upcoming": "Show the next occurrences, at most five, as they are reported.",
        "runs": "Show what came of its runs.",
        "clock": "Show the time.",
        "moves": "Show every line that would be accepted now and change something.",
    },
)
"""The notation of deployments."""
