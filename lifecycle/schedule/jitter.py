"""How long after its time a run may start: a delay that is stable, and not random.

Services spread the runs of a busy minute. The documented rule: at most 15 % of the interval, the
bound itself no lower than 5 seconds and no higher than 9 minutes, the same delay for the same
schedule. What a run reports as its scheduled time is the time before the delay.
"""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from typing import Final

__all__ = ["jitter", "jitter_bound"]

_PERCENT: Final = 15
_LEAST: Final = timedelta(seconds=5)
_MOST: Final = timedelta(minutes=9)
_BYTES: Final = 8


def jitter_bound(interval: timedelta) -> timedelta:
    """Return how late a run may start whose schedule fires again after *interval*.

    Source: the services' pages, 15 % between 5 seconds and 9 minutes.
    """
    return min(max(interval * _PERCENT // 100, _LEAST), _MOST)


def jitter(schedule_id: str, interval: timedelta) -> timedelta:
    """Return the delay of a run, from zero up to but not including `jitter_bound`.

    The share of the bound comes from a SHA-256 of *schedule_id*, so that every host, in every
    process and on every day, delays the same schedule alike.

    Args:
        schedule_id: what the schedule belongs to; a deployment's id.
        interval: the time until the schedule fires again.
    """
    share = int.from_bytes(sha256(schedule_id.encode()).digest()[:_BYTES], "big")
    bound_us = jitter_bound(interval) // timedelta(microseconds=1)
    return timedelta(microseconds=bound_us * share >> 8 * _BYTES)
