"""What is due: the occurrences that a host's clock should fire now.

A host calls `due` whenever it likes and decides a `Fire` for each answer. Nothing is fired twice:
an occurrence that was claimed is no answer any more, and a second claim of it is refused, also that
of another host that asked at the same time (the host's store accepts one entry for a version).

Nothing is lost by asking late: whatever came due within the *grace* is an answer. What is older has
been missed; the switch ``missed_fires`` says what becomes of it. Nothing that lies before the
creation, the last unpausing or the last change of the schedule is ever due.

The clocks of several hosts are to agree. One that lags fires late, which is no harm; of one that
is ahead, the claims of what is still to come are believed, and what lies before them is skipped.

Each run is delayed by its deployment's own share of a bound, so that a busy minute is spread: an
occurrence is due when its delay is over.

Sources: the page on scheduled deployments (delay, no making up for a pause); the grace and what is
missed are undocumented.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Final

import attrs

from lifecycle.deployments.model import Deployment
from lifecycle.dialects import Dialect, dialect as find_dialect
from lifecycle.schedule import jitter_bound
from lifecycle.schedule.clock import instant_of
from lifecycle.vocabulary import DeploymentState

__all__ = ["GRACE", "Due", "due", "first_due", "next_due", "wake_at"]

GRACE: Final = timedelta(hours=1)
"""How late a fire may start and is still not missed: a restarted host makes up for an hour."""

_DELAY_MAX: Final = jitter_bound(timedelta(days=365))
"""No run is delayed by more: an occurrence that is older than this and the grace was missed."""


@attrs.frozen(order=True)
class Due:
    """An occurrence and when its run starts; the earlier start goes first.

    Attributes:
        starts_at: the occurrence and its delay.
        deployment_id: whose it is.
        scheduled_at: the occurrence.
    """

    starts_at: datetime
    deployment_id: str
    scheduled_at: datetime


def due(
    deployments: Iterable[Deployment],
    now: datetime,
    *,
    dialect: str | Dialect = "anthropic",
    grace: timedelta = GRACE,
) -> tuple[Due, ...]:
    """Return what is to be fired at *now*, in the order in which it should have started.

    Args:
        deployments: those to look at; paused, archived and unscheduled ones have nothing due.
        now: the time.
        dialect: says what becomes of what was missed.
        grace: how late a run may start.

    Raises:
        ValueError: *now* has no time zone.
        UnknownDialect: no dialect is called so.
    """
    now = instant_of(now)
    missed = find_dialect(dialect).switches["missed_fires"].value
    found: list[Due] = []
    for deployment in deployments:
        after = _after(deployment)
        recent = max(after, now - grace - _DELAY_MAX)
        coming = _started(deployment, after if missed == "all" else recent, now)
        late = [one for one in coming if missed == "all" or now - one.starts_at <= grace]
        if missed == "newest" and not late:
            late = _newest(deployment, after, now)
        found += late
    return tuple(sorted(found))


def first_due(
    deployment: Deployment, now: datetime, *, dialect: str | Dialect = "anthropic"
) -> Due | None:
    """Return what a host is to fire next, having decided at *now*; it may be due already.

    Who keeps this in place of asking `due` must not lose, to a decision in between, a run that has
    started to be late.

    Raises:
        ValueError: *now* has no time zone.
        UnknownDialect: no dialect is called so.
    """
    late = due([deployment], now, dialect=dialect)
    return late[0] if late else next_due(deployment, now)


def next_due(deployment: Deployment, now: datetime) -> Due | None:
    """Return the first occurrence that starts after *now*; `None` if nothing is to come.

    Raises:
        ValueError: *now* has no time zone.
    """
    now = instant_of(now)
    after = max(_after(deployment), now - _DELAY_MAX)
    return next((one for one in _coming(deployment, after) if one.starts_at > now), None)


def wake_at(deployments: Iterable[Deployment], now: datetime) -> datetime | None:
    """Return when to ask `due` again, having asked at *now*; `None` if nothing is to come.

    Raises:
        ValueError: *now* has no time zone.
    """
    coming = (next_due(one, now) for one in deployments)
    return min((one.starts_at for one in coming if one is not None), default=None)


def _after(deployment: Deployment) -> datetime:
    """Return the time up to which nothing is to be fired any more."""
    return max(deployment.since, deployment.fired or deployment.since)


def _started(deployment: Deployment, after: datetime, now: datetime) -> list[Due]:
    """Return the occurrences later than *after* whose runs should have started by *now*."""
    coming = takewhile(lambda one: one.scheduled_at <= now, _coming(deployment, after))
    return [one for one in coming if one.starts_at <= now]


def _newest(deployment: Deployment, after: datetime, now: datetime) -> list[Due]:
    """Return the newest of them; the search goes back ever further, not from the beginning."""
    back = _DELAY_MAX
    while True:
        since = max(after, now - back)
        found = _started(deployment, since, now)
        if found or since == after:
            return found[-1:]
        back *= 2


def _coming(deployment: Deployment, after: datetime) -> Iterator[Due]:
    """Return the occurrences later than *after* that a deployment fires, one by one."""
    schedule = deployment.schedule
    if schedule is None or deployment.state is not DeploymentState.ACTIVE:
        return iter(())
    coming = schedule.occurrences(after)
    return (Due(at + schedule.delay(deployment.id, at), deployment.id, at) for at in coming)
