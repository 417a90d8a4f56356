"""What is wrong with settings: the field, and the rule that it breaks.

First every value is of its kind, then sizes, then what is in them; the schedule comes last.

Source: client, the deployment's parameters; recordings for what a schedule is refused for.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any, Final

from lifecycle.deployments.model import Settings
from lifecycle.dialects import Dialect
from lifecycle.dialects.deployments import FIRST_EVENTS, SIZES
from lifecycle.schedule import BadSchedule, LeapDay, Schedule

__all__ = ["Wrong", "wrong_kind", "wrong_schedule", "wrong_settings"]

Wrong = tuple[str, str]
"""A field and what is wrong with it, as a sentence that names the field."""


def wrong_kind(settings: Settings) -> Wrong | None:
    """Return the first value that is of no kind that its field takes."""
    for name, (fits, kind) in _KINDS.items():
        if not fits(getattr(settings, name)):
            return name, f"`{name}` is no {kind}"
    return None


def wrong_settings(dialect: Dialect, settings: Settings) -> Wrong | None:
    """Return the first thing that is wrong with *settings*, its schedule aside."""
    found = wrong_kind(settings)
    if found is not None:
        return found
    return next(filter(None, (check(dialect, settings) for check in _CHECKS)), None)


def wrong_schedule(dialect: Dialect, settings: Settings, now: datetime) -> Wrong | None:
    """Return what is wrong with the schedule; something must match within a year from *now*.

    Raises:
        ValueError: *now* has no time zone.
    """
    told = settings.schedule
    if told is None:
        return None
    if told["type"] != "cron":
        return "schedule.type", "`schedule.type` is `cron`, and nothing else"
    for name in ("expression", "timezone"):
        if not isinstance(told.get(name), str):
            lacks = "is no string" if name in told else "is missing"
            return f"schedule.{name}", f"`schedule.{name}` {lacks}"
    leap_day = LeapDay(dialect.switches["leap_day"].value)
    read = Schedule.read(told["expression"], told["timezone"], now=now, leap_day=leap_day)
    return (read.where, read.message) if isinstance(read, BadSchedule) else None


def _string(value: Any) -> bool:
    """Whether it is a string."""
    return isinstance(value, str)


def _object(value: Any) -> bool:
    """Whether it is a JSON object."""
    return isinstance(value, Mapping) and all(map(_string, value))


def _list_of(fits: Callable[[Any], bool]) -> Callable[[Any], bool]:
    """Return what tells whether something is a list of what *fits*."""
    return lambda value: isinstance(value, list | tuple) and all(map(fits, value))


def _or_null(fits: Callable[[Any], bool]) -> Callable[[Any], bool]:
    """Return what tells whether something is null or *fits*."""
    return lambda value: value is None or fits(value)


_KINDS: Final[Mapping[str, tuple[Callable[[Any], bool], str]]] = {
    "name": (_string, "string"),
    "agent": (_object, "object"),
    "environment_id": (_string, "string"),
    "initial_events": (_list_of(_object), "list of objects"),
    "description": (_or_null(_string), "string"),
    "metadata": (_object, "object"),
    "resources": (_list_of(_object), "list of objects"),
    "vault_ids": (_list_of(_string), "list of strings"),
    "schedule": (_or_null(_object), "object"),
    "budget": (_or_null(_object), "object"),
}
"""For each field, what its value is."""


def _references(_: Dialect, settings: Settings) -> Wrong | None:
    """An agent and an environment are named."""
    if not settings.agent.get("id"):
        return "agent", "`agent` is missing: a deployment runs one"
    if not settings.environment_id:
        return "environment_id", "`environment_id` is missing: its sessions run in one"
    return None


def _sizes(dialect: Dialect, settings: Settings) -> Wrong | None:
    """Texts and lists are neither too short nor too long."""
    for name, limit in SIZES.items():
        most, size = dialect.limits[limit], len(getattr(settings, name))
        if not most.least <= size <= most.value:
            return name, f"`{name}` has {size} {most.unit}; it takes {most.range}"
    return None


def _events(_: Dialect, settings: Settings) -> Wrong | None:
    """Initial events are of three types."""
    for number, event in enumerate(settings.initial_events):
        if event.get("type") not in FIRST_EVENTS:
            where = f"initial_events.{number}.type"
            return where, f"`{where}` is {event.get('type')!r}; it takes {', '.join(FIRST_EVENTS)}"
    return None


def _metadata(_: Dialect, settings: Settings) -> Wrong | None:
    """Metadata are strings."""
    for key, value in settings.metadata.items():
        if not _string(value):
            return f"metadata.{key}", f"`metadata.{key}` is no string"
    return None


_CHECKS: Final[Collection[Callable[[Dialect, Settings], Wrong | None]]] = (
    _sizes,
    _references,
    _events,
    _metadata,
)
