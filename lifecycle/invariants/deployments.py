"""What holds of a deployment after each decision, and whenever somebody looks at it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import partial
from itertools import pairwise, takewhile
from typing import Any, Final

import attrs

from lifecycle.deployments import (
    GRACE,
    Deployment,
    Due,
    due,
    dump_deployment,
    load_deployment,
    wake_at,
)
from lifecycle.deployments.resource import deployment_object, stamp
from lifecycle.deployments.steps import pauses
from lifecycle.dialects import Dialect
from lifecycle.dialects.deployments import UPCOMING
from lifecycle.invariants.form import Violation, violations
from lifecycle.schedule import Schedule
from lifecycle.state import BadState
from lifecycle.vocabulary import DeploymentState as S, PausedReason

__all__ = [
    "OF_DEPLOYMENTS",
    "Look",
    "OfDeployment",
    "a_dump_holds_everything",
    "a_host_is_woken_in_time",
    "a_reason_is_shown_exactly_when_paused",
    "an_archived_deployment_shows_its_end",
    "an_error_is_kept_exactly_while_it_pauses",
    "claims_ascend",
    "entries_are_known",
    "nothing_is_due_that_may_not_fire",
    "objections",
    "stamps_keep_their_order",
    "upcoming_runs_are_to_come",
    "what_came_due_is_not_lost",
]


@attrs.frozen
class Look:
    """A deployment and what a reader and a host's clock see of it at some time.

    Attributes:
        dialect: whose service it is of.
        deployment: the deployment.
        now: the time.
        shown: the deployment as it is reported.
        due: what is to be fired.
        wake: when to ask again what is due.
    """

    dialect: Dialect
    deployment: Deployment
    now: datetime
    shown: Mapping[str, Any]
    due: tuple[Due, ...]
    wake: datetime | None

    @classmethod
    def at(cls, dialect: Dialect, deployment: Deployment, now: datetime) -> Look:
        """Look at *deployment*.

        Raises:
            ValueError: *now* has no time zone.
        """
        shown = deployment_object(dialect, deployment, now)
        coming = due([deployment], now, dialect=dialect)
        return cls(dialect, deployment, now, shown, coming, wake_at([deployment], now))


# -- what is reported ------------------------------------------------------------------------------


def a_reason_is_shown_exactly_when_paused(look: Look) -> Iterator[str]:
    """Who is to mend it reads why it does not fire. Source: client, the deployment's type (D1).

    The reason says whether a hand or an error paused it, and names the error.
    """
    state, status, reason = look.deployment.state, look.shown["status"], look.shown["paused_reason"]
    if (status == S.PAUSED) != (reason is not None):
        yield f"the status is {status}, and the paused reason {reason}"
    elif reason is not None:
        by_error = reason["type"] == PausedReason.ERROR
        if by_error != (state is S.PAUSED_BY_ERROR) or by_error != ("error" in reason):
            yield f"it is {state}, and the paused reason {reason}"


def an_archived_deployment_shows_its_end(look: Look) -> Iterator[str]:
    """It reports active: only the stamp and the empty list tell. Source: client (D1, DP2)."""
    state, shown = look.deployment.state, look.shown
    if bool(shown["archived_at"]) != (state is S.ARCHIVED):
        yield f"it is {state}, archived at {shown['archived_at']}"
    if state is not S.ARCHIVED:
        return
    if shown["status"] != S.ACTIVE:
        yield f"it is archived, and its status {shown['status']}"
    if shown["schedule"] and shown["schedule"]["upcoming_runs_at"]:
        yield "it is archived, and runs are to come"


def upcoming_runs_are_to_come(look: Look) -> Iterator[str]:
    """Active or paused, the next occurrences are listed, up to five. Source: client."""
    schedule, shown = look.deployment.schedule, look.shown["schedule"]
    if schedule is None or look.deployment.state is S.ARCHIVED:
        return
    coming = [datetime.fromisoformat(at) for at in shown["upcoming_runs_at"]]
    if not 1 <= len(coming) <= UPCOMING:
        yield f"{len(coming)} runs are listed as upcoming"
    for before, at in pairwise([look.now, *coming]):
        if at <= before or not schedule.matches(at):
            yield f"{stamp(at)} is listed after {stamp(before)}"


# -- what is kept ----------------------------------------------------------------------------------


def an_error_is_kept_exactly_while_it_pauses(look: Look) -> Iterator[str]:
    """The reason is that of the failed run, and only errors that pause can be one.

    Source: client, the error among the paused reasons (DP4, DP5); the dialect's table of errors.
    """
    state, error = look.deployment.state, look.deployment.error
    if (error is not None) != (state is S.PAUSED_BY_ERROR):
        yield f"it is {state}, and its error {error}"
    if error is not None and not pauses(look.dialect, error):
        yield f"{error} keeps it paused, and does not pause"


def claims_ascend(look: Look) -> Iterator[str]:
    """So none is claimed twice, and the newest is all that need be known.

    Source: client, at most one run for a deployment and a scheduled time (INV-64).
    """
    claimed = [one.scheduled_at for one in look.deployment.open if one.scheduled_at is not None]
    for before, at in pairwise(claimed):
        if at <= before:
            yield f"{stamp(at)} was claimed after {stamp(before)}"
    fired = look.deployment.fired
    if claimed and (fired is None or claimed[-1] > fired):
        yield f"{stamp(claimed[-1])} was claimed, and the newest claim is {stamp(fired)}"


def stamps_keep_their_order(look: Look) -> Iterator[str]:
    """Nothing is stamped before the creation or after the newest entry of the log."""
    one = look.deployment
    stamps = {"updated": one.updated_at, "archived": one.archived_at, "last run": one.last_run_at}
    stamps |= {"since": one.since, **{run.id: run.opened_at for run in one.open}}
    for name, at in stamps.items():
        if at is not None and not one.created_at <= at <= one.clock:
            yield f"{name} is {stamp(at)}, not from {stamp(one.created_at)} to {stamp(one.clock)}"
    if one.fired is not None and one.fired > one.clock:
        yield f"{stamp(one.fired)} was claimed before it came, at {stamp(one.clock)}"


def entries_are_known(look: Look) -> Iterator[str]:
    """The engine knows what it writes."""
    if look.deployment.unknown:
        yield f"{look.deployment.unknown} entries are not known"


def a_dump_holds_everything(look: Look) -> Iterator[str]:
    """A host may keep the state alone, as JSON."""
    try:
        loaded = load_deployment(json.loads(json.dumps(dump_deployment(look.deployment))))
    except BadState as error:
        yield str(error)
        return
    if loaded != look.deployment:
        yield "what is loaded is another deployment"


# -- what is due -----------------------------------------------------------------------------------


def nothing_is_due_that_may_not_fire(look: Look) -> Iterator[str]:
    """What is past, claimed, yet to come or no occurrence makes no run; nothing is made up for.

    Source: the page on scheduled deployments: a pause, a new schedule and an archive end what was
    to come, and a delayed run starts at or after its time.
    """
    one, schedule = look.deployment, look.deployment.schedule
    if look.due and (one.state is not S.ACTIVE or schedule is None):
        yield f"it is {one.state}, and {len(look.due)} runs are due"
        return
    after = max(one.since, one.fired or one.since)
    for number, found in enumerate(look.due):
        at = found.scheduled_at
        if at <= after:
            yield f"{stamp(at)} is due, and what is not after {stamp(after)} is over"
        if not at <= found.starts_at <= look.now:
            yield f"{stamp(at)} is due, starts {stamp(found.starts_at)}, and is yet to come"
        if schedule is not None and not schedule.matches(at):
            yield f"{stamp(at)} is due, and no occurrence"
        if number and found <= look.due[number - 1]:
            yield f"{stamp(at)} is due out of its order"


def what_came_due_is_not_lost(look: Look) -> Iterator[str]:
    """Whoever asks within the grace makes a run of everything that has started since."""
    due_at = {found.scheduled_at for found in look.due}
    for at, starts_at in takewhile(lambda one: one[0] <= look.now, _unclaimed(look)):
        if starts_at <= look.now <= starts_at + GRACE and at not in due_at:
            yield f"{stamp(at)} should have started, and is not due"


def a_host_is_woken_in_time(look: Look) -> Iterator[str]:
    """No run starts between this question and the next."""
    following = next((one for one in _unclaimed(look) if one[1] > look.now), None)
    wake = None if following is None else following[1]
    if look.wake != wake:
        yield f"the next run starts at {stamp(wake)}, and its host is woken at {stamp(look.wake)}"


def _unclaimed(look: Look) -> Iterator[tuple[datetime, datetime]]:
    """Iterate over what may fire and is not over for long, with the time at which it starts."""
    one, schedule = look.deployment, look.deployment.schedule
    if one.state is S.ACTIVE and schedule is not None:
        after = max(one.since, one.fired or one.since, look.now - 2 * GRACE)
        yield from map(partial(_starting, schedule, one.id), schedule.occurrences(after))


def _starting(schedule: Schedule, name: str, at: datetime) -> tuple[datetime, datetime]:
    """Return an occurrence with the time at which its run starts."""
    return at, at + schedule.delay(name, at)


OfDeployment = Callable[[Look], Iterator[str]]
"""Yields what is wrong with a deployment."""

OF_DEPLOYMENTS: Final[tuple[OfDeployment, ...]] = (
    a_reason_is_shown_exactly_when_paused,
    an_archived_deployment_shows_its_end,
    upcoming_runs_are_to_come,
    an_error_is_kept_exactly_while_it_pauses,
    claims_ascend,
    stamps_keep_their_order,
    entries_are_known,
    a_dump_holds_everything,
    nothing_is_due_that_may_not_fire,
    what_came_due_is_not_lost,
    a_host_is_woken_in_time,
)
"""The invariants of a deployment."""


def objections(look: Look) -> Iterator[Violation]:
    """Iterate over what does not hold of a deployment."""
    return violations(OF_DEPLOYMENTS, look)
