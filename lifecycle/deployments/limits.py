"""What is wrong with settings: the field, and the rule that it breaks.

Fields are looked at in the order of `Settings`; the first that is wrong is the answer.

Source: client, the deployment's parameters; recordings for what a schedule is refused for.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any, Final

from lifecycle.deployments.model import Settings
from lifecycle.dialects import Dialect
from lifecycle.schedule import BadSchedule, LeapDay, Schedule
from lifecycle.vocabulary import EventType

__all__ = ["EVENTS", "Wrong", "wrong_schedule", "wrong_settings"]

EVENTS: Final = (EventType.USER_MESSAGE, EventType.USER_DEFINE_OUTCOME, EventType.SYSTEM_MESSAGE)
"""What a deployment's session may begin with."""

Wrong = tuple[str, str]
"""A field and what is wrong with it, as a sentence that names the field."""

_COUNTED: Final = (
    ("resources", "deployment_resources"),
    ("vault_ids", "deployment_vaults"),
)


def wrong_settings(dialect: Dialect, settings: Settings) -> Wrong | None:
    """Return the first thing that is wrong with *settings*, its schedule aside."""
    return next(filter(None, (check(dialect, settings) for check in _CHECKS)), None)


def wrong_schedule(dialect: Dialect, settings: Settings, now: datetime) -> Wrong | None:
    """Return what is wrong with the schedule; something must match within a year from *now*.

    Raises:
        ValueError: *now* has no time zone.
    """
    told = settings.schedule
    if told is None:
        return None
    if told.get("type", "cron") != "cron":
        return "schedule.type", "`schedule.type` is `cron`, and nothing else"
    for name in ("expression", "timezone"):
        if not isinstance(told.get(name), str):
            return f"schedule.{name}", f"`schedule.{name}` is missing"
    leap_day = LeapDay(dialect.switches["leap_day"].value)
    read = Schedule.read(told["expression"], told["timezone"], now=now, leap_day=leap_day)
    return (read.where, read.message) if isinstance(read, BadSchedule) else None


def _name(dialect: Dialect, settings: Settings) -> Wrong | None:
    """A name has 1 to 256 characters."""
    most = dialect.limits["deployment_name"].value
    length = len(settings.name)
    if 1 <= length <= most:
        return None
    return "name", f"`name` has {length} characters; it takes 1 to {most}"


def _references(_: Dialect, settings: Settings) -> Wrong | None:
    """An agent and an environment are named."""
    if not settings.agent.get("id"):
        return "agent", "`agent` is missing: a deployment runs one"
    if not settings.environment_id:
        return "environment_id", "`environment_id` is missing: its sessions run in one"
    return None


def _events(dialect: Dialect, settings: Settings) -> Wrong | None:
    """There are 1 to 50 initial events, of three types."""
    most, events = dialect.limits["deployment_events"].value, settings.initial_events
    if not 1 <= len(events) <= most:
        return "initial_events", f"`initial_events` has {len(events)} events; it takes 1 to {most}"
    for number, event in enumerate(events):
        if event.get("type") not in EVENTS:
            where = f"initial_events.{number}.type"
            return where, f"`{where}` is {event.get('type')!r}; it takes {', '.join(EVENTS)}"
    return None


def _metadata(dialect: Dialect, settings: Settings) -> Wrong | None:
    """Metadata are up to 16 pairs of strings."""
    most = dialect.limits["deployment_metadata"].value
    pairs: Mapping[str, Any] = settings.metadata
    if len(pairs) > most:
        return "metadata", f"`metadata` has {len(pairs)} pairs; it takes {most} at most"
    for key, value in pairs.items():
        if not isinstance(value, str):
            return f"metadata.{key}", f"`metadata.{key}` is no string"
    return None


def _counts(dialect: Dialect, settings: Settings) -> Wrong | None:
    """Lists are not too long."""
    for name, limit in _COUNTED:
        most, held = dialect.limits[limit], getattr(settings, name)
        if len(held) > most.value:
            return name, f"`{name}` has {len(held)} {most.unit}; it takes {most.value} at most"
    return None


_CHECKS: Final[Collection[Callable[[Dialect, Settings], Wrong | None]]] = (
    _name,
    _references,
    _events,
    _metadata,
    _counts,
)
