"""A record as rules see it: what they read of it, compactly, with its times as times.

A checker keeps every record until all are read, because records come in any order. So whatever may
be long (the first events, the resources) is kept as its number and as a fingerprint, which tells
whether two records of one thing agree.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

import attrs

from lifecycle.check.leaves import Leaves, Path, leaves_of, says_no_time, time_of
from lifecycle.events import Absent, Deployment, DeploymentRun, Webhook
from lifecycle.vocabulary import RecordType
from lifecycle.wire.readers import Recorded

__all__ = ["Filed", "Notice", "Run", "Snapshot", "filed"]

_T = TypeVar("_T")


@attrs.define(kw_only=True)
class Filed:
    """What every record has.

    Attributes:
        line: where it stands in its recording.
        file: the recording's path.
        place: its place among all records that were read, from 0.
        id: the deployment's id, the run's, or the webhook's.
        created_at: when it was made.
        leaves: what it says, to be compared with another record of the same thing.
        untimely: the values that should be times and are none, with what stands there.
        misfits: where values of the wrong kind stand, which were left out.
    """

    line: int
    file: str
    place: int = 0
    id: str | None
    created_at: datetime | None
    leaves: Leaves
    untimely: tuple[tuple[Path, str], ...]
    misfits: tuple[Path, ...] = ()

    @property
    def kind(self) -> RecordType:
        """Which kind of record it is."""
        raise NotImplementedError

    @property
    def deployment(self) -> str | None:
        """The deployment that it is about, if it says so itself."""
        raise NotImplementedError

    def misread(self, path: Path) -> bool:
        """Whether what stands at *path*, or in it, could not be read; that is said elsewhere."""
        unread = (*self.misfits, *(one for one, _ in self.untimely))
        return any(one[: len(path)] == path for one in unread)


@attrs.define(kw_only=True)
class Snapshot(Filed):
    """A deployment, as it was when somebody read it; `None` where it does not say.

    Attributes:
        paused: whether its paused reason is non-null.
        reason, error: the paused reason's type, and its error's.
        archived: whether it is archived.
        expression, timezone: its schedule; ``scheduled`` says whether it has one.
        upcoming: the times that it lists; one that cannot be read is `None`.
        first_events: the types of the events that open its sessions.
        sizes: how many it has of what is limited, by field.
    """

    status: str | None
    paused: bool | None
    reason: str | None
    error: str | None
    archived: bool | None
    archived_at: datetime | None
    updated_at: datetime | None
    scheduled: bool | None
    expression: str | None
    timezone: str | None
    last_run_at: datetime | None
    upcoming: tuple[datetime | None, ...] | None
    first_events: tuple[str | None, ...] | None
    sizes: Mapping[str, int]

    @property
    def kind(self) -> RecordType:
        """A deployment."""
        return RecordType.DEPLOYMENT

    @property
    def deployment(self) -> str | None:
        """Its own id."""
        return self.id


@attrs.define(kw_only=True)
class Run(Filed):
    """A run of a deployment; `None` where it does not say.

    Attributes:
        of: the deployment's id.
        session: the session's id.
        failed: whether it has an error.
        neither: whether it says that it has neither a session nor an error.
        error: the error's type; ``told`` says whether it has a message.
        trigger: what made it.
        scheduled_at: the occurrence that it is of.
        status: of Qoder's earlier runs, which are recorded before they have a session.
    """

    of: str | None
    session: str | None
    failed: bool
    neither: bool
    error: str | None
    told: bool
    trigger: str | None
    scheduled_at: datetime | None
    status: str | None

    @property
    def kind(self) -> RecordType:
        """A run."""
        return RecordType.RUN

    @property
    def deployment(self) -> str | None:
        """The deployment that it is of."""
        return self.of


@attrs.define(kw_only=True)
class Notice(Filed):
    """A webhook.

    Attributes:
        says: what happened.
        about: the id of what it happened to.
    """

    says: str
    about: str | None

    @property
    def kind(self) -> RecordType:
        """A webhook."""
        return RecordType.WEBHOOK

    @property
    def deployment(self) -> str | None:
        """Whom it is about, if that is a deployment."""
        return self.about if self.says.startswith("deployment.") else None


def filed(recorded: Recorded, file: str) -> Filed:
    """Return what rules read of a record."""
    record = recorded.record
    untimely: list[tuple[Path, str]] = []
    time = partial(_time, untimely)
    common: dict[str, Any] = {
        "line": recorded.line,
        "file": file,
        "id": _known(record.id) or None,
        "created_at": time(record.created_at, ("created_at",)),
        "leaves": leaves_of(record),
        "misfits": recorded.paths,
    }
    if isinstance(record, Deployment):
        own = _snapshot(record, time)
        kind: type[Filed] = Snapshot
    elif isinstance(record, DeploymentRun):
        own = _run(record, time)
        kind = Run
    else:
        own = _notice(record)
        kind = Notice
    return kind(**common, **own, untimely=tuple(untimely))


_Time = Callable[[str | Absent | None, Path], datetime | None]


def _snapshot(record: Deployment, time: _Time) -> dict[str, Any]:
    """Return what rules read of a deployment."""
    reason, schedule = _known(record.paused_reason), _known(record.schedule)
    error = _known(reason.error) if reason else None
    listed = _known(schedule.upcoming_runs_at) if schedule else None
    field = ("schedule", "upcoming_runs_at")
    events = _known(record.initial_events)
    archived_at = time(record.archived_at, ("archived_at",))
    sized = {
        "name": _known(record.name),
        "initial_events": events,
        "vault_ids": _known(record.vault_ids),
        "resources": _known(record.resources),
        "metadata": _known(record.metadata),
    }
    return {
        "status": _known(record.status),
        "paused": _given(record.paused_reason),
        "reason": _known(reason.type) if reason else None,
        "error": _known(error.type) if error else None,
        "archived": archived_at is not None or (False if record.archived_at is None else None),
        "archived_at": archived_at,
        "updated_at": time(record.updated_at, ("updated_at",)),
        "scheduled": _given(record.schedule),
        "expression": _known(schedule.expression) if schedule else None,
        "timezone": _known(schedule.timezone) if schedule else None,
        "last_run_at": time(schedule.last_run_at, ("schedule", "last_run_at"))
        if schedule
        else None,
        "upcoming": None
        if listed is None
        else tuple(time(at, (*field, place)) for place, at in enumerate(listed)),
        "first_events": None if events is None else tuple(map(_type_of, events)),
        "sizes": {name: len(value) for name, value in sized.items() if value is not None},
    }


def _run(record: DeploymentRun, time: _Time) -> dict[str, Any]:
    """Return what rules read of a run."""
    error, trigger = _known(record.error), _known(record.trigger_context)
    at = trigger.scheduled_at if trigger else None
    return {
        "of": _known(record.deployment_id) or None,
        "session": _known(record.session_id) or None,
        "failed": error is not None,
        "neither": record.session_id is None and record.error is None,
        "error": _known(error.type) if error else None,
        "told": bool(error and error.message),
        "trigger": _known(trigger.type) if trigger else None,
        "scheduled_at": time(at, ("trigger_context", "scheduled_at")),
        "status": _known(record.status),
    }


def _notice(record: Webhook) -> dict[str, Any]:
    """Return what rules read of a webhook."""
    data = _known(record.data)
    assert data is not None, "a reader takes nothing else for a webhook"
    return {"says": _known(data.type) or "", "about": _known(data.id) or None}


def _known(value: _T | Absent | None) -> _T | None:
    """Return a field's value; `None` if it is null or absent."""
    return None if isinstance(value, Absent) else value


def _given(value: object) -> bool | None:
    """Whether a field is non-null; `None` if it is absent, so that nobody knows."""
    return None if isinstance(value, Absent) else value is not None


def _type_of(event: object) -> str | None:
    """Return the type of one of the events that open a session."""
    word = event.get("type") if isinstance(event, Mapping) else None
    return word if isinstance(word, str) else None


def _time(
    untimely: list[tuple[Path, str]], stamp: str | Absent | None, path: Path
) -> datetime | None:
    """Return the time that *stamp* says; note it in *untimely* if it says none."""
    text = _known(stamp)
    if text is not None and says_no_time(text):
        untimely.append((path, text))
    return time_of(text)
