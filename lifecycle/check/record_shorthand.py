"""Shorthand for records: deployments, runs and webhooks on a line each, as `shorthand` has events.

    deployment depl_1 paused manual schedule="0 9 * * *" upcoming=2d09:00,3d09:00
    deployment active archived=09:00 updated=09:00
    deployment paused agent_archived_error
    deployment_run r1 schedule 09:00 at=09:00:04
    deployment_run manual error=unknown_error
    webhook deployment.paused depl_1 at=09:00

What is not said is as it would be, and consistent: a deployment is active and has no schedule, a
run has its session. A bare word names the record, where it is not one of the words that it may be
followed by. Times are of one day in UTC, ``2d09:00`` is on the next; ``key=value`` sets any other
field, with dots to reach into one. ``of`` is the deployment of a run.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from lifecycle.vocabulary import (
    DeploymentErrorType,
    DeploymentState,
    RecordType,
    RunTriggerType,
)

__all__ = ["WORDS", "record"]

WORDS: Final = ("deployment", "deployment_run", "webhook")
"""The words that begin the line of a record."""

_TIME: Final = re.compile(r"(?:(\d+)d)?(\d\d):(\d\d)(?::(\d\d))?")
_STATUSES: Final = (DeploymentState.ACTIVE, DeploymentState.PAUSED, "sleeping")
_ALIASES: Final[Mapping[str, str]] = {
    "created": "created_at",
    "updated": "updated_at",
    "archived": "archived_at",
    "at": "created_at",
    "of": "deployment_id",
    "session": "session_id",
    "error": "error.type",
    "schedule": "schedule.expression",
    "zone": "schedule.timezone",
    "last_run": "schedule.last_run_at",
    "upcoming": "schedule.upcoming_runs_at",
}


def record(word: str, words: list[str], number: int) -> dict[str, Any]:
    """Return the record of the *number*-th line, which begins with *word*.

    Raises:
        ValueError: a bare word has no meaning there.
    """
    bare = [one for one in words if "=" not in one]
    pairs = [(key, value) for key, is_, value in (one.partition("=") for one in words) if is_]
    if word == "deployment":
        made = _deployment(bare)
    else:
        made = {"deployment_run": _run, "webhook": _webhook}[word](bare, number)
    if bare:
        raise ValueError(f"{word}: what does {' '.join(bare)!r} mean?")
    for key, text in pairs:
        if key == "schedule":
            made["schedule"] = {"type": "cron", "timezone": "UTC", "last_run_at": None}
        if key == "error":
            made |= {"session_id": made["session_id"] if _names(pairs, "session") else None}
            made["error"] = {"message": "It could not be created."}
        *outer, last = _ALIASES.get(key, key).split(".")
        within = made
        for part in outer:
            within = within[part]
        value = _value(text)
        single = key == "upcoming" and not isinstance(value, list)
        within[last] = [value] if single else value
    if _names(pairs, "created") and not _names(pairs, "updated"):
        made["updated_at"] = made["created_at"]
    return made


def _names(pairs: list[tuple[str, str]], key: str) -> bool:
    """Whether *key* is set."""
    return any(name == key for name, _ in pairs)


def _deployment(bare: list[str]) -> dict[str, Any]:
    """Return a deployment, and take from *bare* what says which."""
    named = bool(bare) and bare[0] not in _STATUSES
    name = bare.pop(0) if named else "depl_1"
    status = bare.pop(0) if bare else DeploymentState.ACTIVE.value
    reason = bare.pop(0) if bare else None
    error = {"type": "error", "error": {"type": reason}}
    by = error if reason in set(DeploymentErrorType) else {"type": reason}
    return {
        "type": RecordType.DEPLOYMENT.value,
        "id": name,
        "name": "reports",
        "description": None,
        "status": status,
        "paused_reason": by if reason is not None else None,
        "agent": {"type": "agent", "id": "agent_1", "version": 1},
        "environment_id": "env_1",
        "initial_events": [{"type": "user.message", "content": "Write the report."}],
        "resources": [],
        "vault_ids": [],
        "schedule": None,
        "metadata": {},
        "created_at": _time("00:00"),
        "updated_at": _time("00:00"),
        "archived_at": None,
    }


def _run(bare: list[str], number: int) -> dict[str, Any]:
    """Return a run, and take from *bare* what says which."""
    named = bool(bare) and bare[0] not in set(RunTriggerType)
    name = bare.pop(0) if named else f"drun_{number}"
    trigger: dict[str, Any] = {"type": bare.pop(0) if bare else RunTriggerType.MANUAL.value}
    at = _time("12:00")
    if bare:
        trigger["scheduled_at"] = at = _time(bare.pop(0))
    return {
        "type": RecordType.RUN.value,
        "id": name,
        "deployment_id": "depl_1",
        "agent": {"type": "agent", "id": "agent_1", "version": 1},
        "session_id": f"sesn_{name}",
        "error": None,
        "trigger_context": trigger,
        "created_at": at,
    }


def _webhook(bare: list[str], number: int) -> dict[str, Any]:
    """Return a webhook, and take from *bare* what says which."""
    says = bare.pop(0) if bare else "deployment.updated"
    about = bare.pop(0) if bare else "depl_1"
    return {
        "type": RecordType.WEBHOOK.value,
        "id": f"wh_{number}",
        "created_at": _time("12:00"),
        "data": {"type": says, "id": about, "organization_id": "org_1", "workspace_id": "w_1"},
    }


def _value(text: str) -> Any:
    """Return what stands for a value: times, JSON, or a text."""
    parts = text.split(",")
    if all(_TIME.fullmatch(part) for part in parts) and text:
        times = [_time(part) for part in parts]
        return times if len(times) > 1 else times[0]
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return text


def _time(text: str) -> str:
    """Return the time that ``2d09:00`` stands for; what is no such time is returned as it is."""
    found = _TIME.fullmatch(text)
    if found is None:
        return text
    day, hour, minute, second = found.groups()
    return f"2026-03-{int(day or 1) + 1:02}T{hour}:{minute}:{second or '00'}Z"
