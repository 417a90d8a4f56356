"""Every command that could reach a deployment, by which clock, and how time goes on meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

import attrs

from lifecycle import deployments as d
from lifecycle.deployments.due import next_due
from lifecycle.explore.walk import NOW
from lifecycle.lesson import DEPLOYMENTS
from lifecycle.lesson.deployment_telling import to_second
from lifecycle.lesson.slots import DEPLOYMENT_ID
from lifecycle.schedule import Schedule
from lifecycle.vocabulary import DeploymentErrorType as E, DeploymentState

__all__ = [
    "LAG",
    "Order",
    "Scene",
    "Wait",
    "create",
    "deployment_moves",
    "occurrences_within",
    "phase",
]

_BEGIN: Final = NOW.replace(hour=12)
"""When a lesson begins, too; it is the very moment of an occurrence, which does not fire."""

LAG: Final = timedelta(minutes=10)
"""How far the clock of a second host is behind: more than any delay."""

_REACH: Final = d.GRACE + timedelta(hours=2)
"""What lies further back is left alone: a run that was missed so long ago is missed like others."""

_CREATE: Final = DEPLOYMENTS.parse('deploy digest "0 * * * *" UTC')
_UPDATES: Final = tuple(
    DEPLOYMENTS.parse(f"update {change}")
    for change in (
        'name="digest"',
        'name=""',
        'schedule="0 * * * *" UTC',
        'schedule="0 */2 * * *" UTC',
        "schedule=null",
        'schedule="0 24 * * *" UTC',
    )
)
"""The second schedule fires at instants of the first, which may have been claimed under that.

Two of them are refused for what they say, and the first changes nothing.
"""

_ERRORS: Final = (E.VAULT_ARCHIVED, E.SESSION_RATE_LIMITED, E.SESSION_CREATION_REJECTED)
"""One that pauses, one that does not, and the one of which nobody is sure."""


@attrs.frozen
class Scene:
    """A deployment at a moment, by the clock that is right.

    Attributes:
        deployment: the deployment.
        now: the moment.
        begun: how many runs have begun; it makes the name of the next.
    """

    deployment: d.Deployment
    now: datetime
    begun: int = 0


@attrs.frozen
class Order:
    """A command, and what the clock of the host says that decides it."""

    command: d.DeploymentCommand
    at: datetime


@attrs.frozen
class Wait:
    """Nothing is asked until some moment, to a full second."""

    until: datetime


def create() -> Order:
    """Return the first command."""
    return Order(_CREATE, _BEGIN)


def phase(now: datetime) -> timedelta:
    """Return where *now* stands between the occurrences of both schedules."""
    return (now - _BEGIN) % timedelta(hours=2)


def occurrences_within(scene: Scene) -> tuple[datetime, ...]:
    """Return what the schedule names, not too long ago: claimed or not, ascending."""
    schedule: Schedule | None = scene.deployment.schedule
    if schedule is None:
        return ()
    found = []
    for at in schedule.occurrences(scene.now - _REACH):
        if at > scene.now:
            break
        found.append(at)
    return tuple(found)


def deployment_moves(scene: Scene, runs: int) -> Iterator[Order | Wait]:
    """Iterate over all that could happen in *scene*, with up to *runs* runs under way at once."""
    yield from _waits(scene)
    for at in (scene.now, scene.now - LAG):
        for command in _commands(scene, runs):
            yield Order(command, at)


def _waits(scene: Scene) -> Iterator[Wait]:
    """Iterate over what is to come: an occurrence, a run's start, and its being too late for it."""
    one, now = scene.deployment, scene.now
    if one.state is DeploymentState.ARCHIVED or one.schedule is None:
        return
    following = one.schedule.next_after(now)
    if following is not None:
        yield Wait(following)
    coming = next_due(one, now)
    if coming is not None:
        yield Wait(to_second(coming.starts_at))
    late = d.due([one], now)
    if late:
        yield Wait(to_second(late[0].starts_at + d.GRACE) + timedelta(seconds=1))


def _commands(scene: Scene, runs: int) -> Iterator[d.DeploymentCommand]:
    """Iterate over every command that could be sent."""
    yield from _of_client(len(scene.deployment.open) < runs)
    yield from _of_fires(scene, len(scene.deployment.open) < runs)
    for run in (*(run.id for run in scene.deployment.open), "drun_none"):
        yield from _of_run(run)
    yield d.AgentArchived(deployment_id=DEPLOYMENT_ID)


def _of_client(room: bool) -> Iterator[d.DeploymentCommand]:
    """Iterate over what a client could send; what is refused for its form, too."""
    yield d.PauseDeployment(deployment_id=DEPLOYMENT_ID)
    yield d.UnpauseDeployment(deployment_id=DEPLOYMENT_ID)
    yield d.ArchiveDeployment(deployment_id=DEPLOYMENT_ID)
    yield from _UPDATES
    if room:
        yield d.RunDeployment(deployment_id=DEPLOYMENT_ID)
    yield _CREATE
    yield d.PauseDeployment(deployment_id="depl_2")


def _of_fires(scene: Scene, room: bool) -> Iterator[d.DeploymentCommand]:
    """Iterate over fires: due or late, doubled, before their time, and of no occurrence.

    Whether one is due is not looked at here: a host may be wrong about all of it.
    """
    fired, now = scene.deployment.fired, scene.now
    hour = now.replace(minute=0, second=0, microsecond=0)
    wrong = [hour + timedelta(hours=2), hour + timedelta(seconds=30)]
    claimed = {fired} if fired is not None else set()
    tried = sorted({*occurrences_within(scene), hour, *wrong, *claimed})
    for at in tried:
        if room or (fired is not None and at <= fired):
            yield d.Fire(deployment_id=DEPLOYMENT_ID, scheduled_at=at)


def _of_run(run: str) -> Iterator[d.DeploymentCommand]:
    """Iterate over what could be said of a run."""
    about: Any = {"deployment_id": DEPLOYMENT_ID, "run_id": run}
    yield d.RunSucceeded(**about, session_id="sesn_1")
    yield d.RunSucceeded(**about, session_id="")
    for error in _ERRORS:
        yield d.RunFailed(**about, error=error)
    yield d.AgentDeleted(**about)
