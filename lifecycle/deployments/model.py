"""A deployment's state, its runs, and the entries of its log. Times are aware and in UTC.

The state is the fold of its entries and nothing else. An entry is a fact: it says the state that
the table's row led to, so that a log means the same after a switch of the dialect was turned.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

import attrs

from lifecycle.schedule import BadSchedule, Schedule
from lifecycle.vocabulary import (
    DeploymentErrorType,
    DeploymentState,
    DeploymentTrigger,
    RunTriggerType,
)

__all__ = [
    "Deployment",
    "DeploymentChanged",
    "DeploymentEntry",
    "DeploymentMade",
    "DeploymentMoved",
    "DeploymentRun",
    "OpenRun",
    "RunOpened",
    "RunRecorded",
    "Settings",
    "plain",
]


def plain(value: Any) -> Any:
    """Return a copy of *value*, with objects as dicts and lists as lists, all the way down."""
    if isinstance(value, Mapping):
        return {key: plain(inner) for key, inner in value.items()}
    return [plain(inner) for inner in value] if isinstance(value, list | tuple) else value


def _row(value: Any) -> Any:
    """Return a list as a tuple of copies; anything else is for the limits to refuse."""
    return tuple(plain(value)) if isinstance(value, list | tuple) else value


def _cron(value: Any) -> Any:
    """Return what of a schedule is configured; what is computed may have come along."""
    if not isinstance(value, Mapping):
        return value
    told = {"type": "cron", **plain(value)}
    return {name: told[name] for name in ("type", "expression", "timezone") if name in told}


@attrs.frozen(kw_only=True)
class Settings:
    """What a client configures. Source: client, the deployment's type.

    Objects and lists are copied, so that nobody else can change them. Nothing is refused here:
    that is the engine's, in the dialect's words.

    Attributes:
        name: 1 to 256 characters; the title of the sessions that it makes.
        agent: the agent and its version, as the wire has them.
        environment_id: where its sessions run.
        initial_events: 1 to 50 events that each session begins with, as the wire has them.
        description: what it is for.
        metadata: up to 16 pairs of strings; its sessions do not inherit them (recorded).
        resources: up to 500, as the wire has them.
        vault_ids: up to 50.
        schedule: ``type`` (``cron``), ``expression`` and ``timezone``; `None` if it only runs by
            hand.
        budget: the budget of each session, as the wire has it.
    """

    name: str
    agent: Mapping[str, Any] = attrs.field(converter=plain)
    environment_id: str
    initial_events: Sequence[Mapping[str, Any]] = attrs.field(converter=_row)
    description: str | None = None
    metadata: Mapping[str, str] = attrs.field(factory=dict, converter=plain)
    resources: Sequence[Mapping[str, Any]] = attrs.field(default=(), converter=_row)
    vault_ids: Sequence[str] = attrs.field(default=(), converter=_row)
    schedule: Mapping[str, Any] | None = attrs.field(default=None, converter=_cron)
    budget: Mapping[str, Any] | None = attrs.field(default=None, converter=plain)


@attrs.frozen(kw_only=True)
class OpenRun:
    """A run that was asked for or came due, and of which nobody has said yet what came of it.

    Attributes:
        id: the run's id.
        opened_at: when it was opened; the run's ``created_at``.
        scheduled_at: the occurrence that it is for, before any delay; `None` for a run by hand.
        agent: the agent as it was then.
    """

    id: str
    opened_at: datetime
    scheduled_at: datetime | None
    agent: Mapping[str, Any]

    @property
    def by(self) -> RunTriggerType:
        """What brought it about."""
        return RunTriggerType.SCHEDULE if self.scheduled_at else RunTriggerType.MANUAL


@attrs.frozen(kw_only=True)
class DeploymentRun:
    """The record of a run: exactly one of session and error, for good (D13).

    Attributes:
        run: what it was opened as.
        session_id: the session that it has, or empty.
        error: why it has none.
        message: the error in words.

    Raises:
        ValueError: it has both a session and an error, or neither.
    """

    run: OpenRun
    session_id: str = ""
    error: DeploymentErrorType | None = None
    message: str = ""

    def __attrs_post_init__(self) -> None:
        """Refuse a record that says both or nothing."""
        if bool(self.session_id) == (self.error is not None):
            raise ValueError(f"run {self.run.id} needs a session or an error, and not both")


@attrs.frozen(kw_only=True)
class Deployment:
    """A deployment.

    Attributes:
        id: its id.
        settings: what the client configured.
        state: its state.
        error: the error that paused it, while it is paused by one.
        created_at, updated_at, archived_at: when it was made, changed, archived.
        last_run_at: the start of its newest scheduled run.
        since: occurrences up to here do not fire: it was made, unpaused or scheduled anew then.
        fired: the newest occurrence that was claimed. Older ones never are: so no occurrence has
            two runs, and none needs to be remembered.
        open: the runs under way, in the order in which they were opened.
        clock: when its newest entry was decided; no later one is stamped before it.
        version: how many entries were folded.
        unknown: how many of them this version of the package did not know.
    """

    id: str
    settings: Settings
    created_at: datetime
    updated_at: datetime
    since: datetime
    clock: datetime
    state: DeploymentState = DeploymentState.ACTIVE
    error: DeploymentErrorType | None = None
    archived_at: datetime | None = None
    last_run_at: datetime | None = None
    fired: datetime | None = None
    open: tuple[OpenRun, ...] = ()
    version: int = 0
    unknown: int = 0

    @property
    def schedule(self) -> Schedule | None:
        """When it fires; `None` if it only runs by hand."""
        told = self.settings.schedule
        return None if told is None else _read(str(told["expression"]), str(told["timezone"]))

    def opened(self, run_id: str) -> OpenRun | None:
        """Return the run under way of that id."""
        return next((one for one in self.open if one.id == run_id), None)


@lru_cache(maxsize=4096)
def _read(expression: str, timezone: str) -> Schedule | None:
    """Read a schedule that was accepted once: nothing is asked of its next occurrence again."""
    read = Schedule.known(expression, timezone)
    # A database of time zones may have lost the name since.
    return None if isinstance(read, BadSchedule) else read


@attrs.frozen(kw_only=True)
class DeploymentEntry:
    """What every entry of a deployment's log has.

    Attributes:
        at: when it was decided.
    """

    at: datetime


@attrs.frozen(kw_only=True)
class DeploymentMade(DeploymentEntry):
    """It was created."""

    deployment_id: str
    settings: Settings


@attrs.frozen(kw_only=True)
class DeploymentMoved(DeploymentEntry):
    """It was paused, unpaused or archived.

    Attributes:
        trigger: by what.
        state: the state after it.
        run_id: the run that found its agent deleted, and is not recorded.
    """

    trigger: DeploymentTrigger
    state: DeploymentState
    run_id: str = ""


@attrs.frozen(kw_only=True)
class DeploymentChanged(DeploymentEntry):
    """Its settings were changed to these.

    Attributes:
        settings: all of them.
        state: the state after it.
    """

    settings: Settings
    state: DeploymentState


@attrs.frozen(kw_only=True)
class RunOpened(DeploymentEntry):
    """A run was asked for, or an occurrence was claimed."""

    run: OpenRun


@attrs.frozen(kw_only=True)
class RunRecorded(DeploymentEntry):
    """A run has its session, or its error.

    Attributes:
        trigger: how it ended, seen from the deployment.
        state: the state after it.
        record: the record.
    """

    trigger: DeploymentTrigger
    state: DeploymentState
    record: DeploymentRun
