"""What the dialects share of deployments: their form, which errors pause, and what is left open.

Both services have the same types for a run's errors; only one says what they do. So each dialect
has the whole table, with how it knows it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import attrs

from lifecycle.dialects.form import NO_ROWS, Pausing, Switch
from lifecycle.effects import RESUME_FIRES, SEND_PAUSED, SEND_UNPAUSED, SEND_UPDATED
from lifecycle.machines import DEPLOYMENT
from lifecycle.table import Written, deny, move
from lifecycle.vocabulary import (
    DeploymentErrorType as E,
    DeploymentState as S,
    DeploymentTrigger as T,
    EventType,
    Evidence,
)

__all__ = ["FIRST_EVENTS", "SIZES", "UPCOMING", "open_points", "pausing", "unsaid"]

FIRST_EVENTS: Final = (
    EventType.USER_MESSAGE,
    EventType.USER_DEFINE_OUTCOME,
    EventType.SYSTEM_MESSAGE,
)
"""What a deployment's session may begin with."""

SIZES: Final = {
    "name": "deployment_name",
    "initial_events": "deployment_events",
    "metadata": "deployment_metadata",
    "resources": "deployment_resources",
    "vault_ids": "deployment_vaults",
}
"""The limit of each field of a deployment that has one."""

UPCOMING: Final = 5
"""So many of the next occurrences a schedule lists."""

DOC, INF, UND = Evidence.DOCUMENTED, Evidence.INFERRED, Evidence.UNDOCUMENTED

# fmt: off
_PAUSING: Final = (
    Pausing(E.ENVIRONMENT_ARCHIVED,       True,  DOC, "client: among the reasons to pause"),
    Pausing(E.AGENT_ARCHIVED,             True,  DOC, "pages: an archived agent of the roster pauses"),
    Pausing(E.ENVIRONMENT_NOT_FOUND,      True,  DOC, "client: among the reasons to pause"),
    Pausing(E.VAULT_NOT_FOUND,            True,  DOC, "client: among the reasons to pause"),
    Pausing(E.VAULT_ARCHIVED,             True,  DOC, "client: among the reasons to pause"),
    Pausing(E.FILE_NOT_FOUND,             True,  DOC, "client: among the reasons to pause"),
    Pausing(E.MEMORY_STORE_ARCHIVED,      True,  DOC, "client: among the reasons to pause"),
    Pausing(E.SKILL_NOT_FOUND,            True,  DOC, "client: among the reasons to pause"),
    Pausing(E.SESSION_RESOURCE_NOT_FOUND, True,  DOC, "client: among the reasons to pause"),
    Pausing(E.WORKSPACE_ARCHIVED,         True,  DOC, "client: among the reasons to pause"),
    Pausing(E.ORGANIZATION_DISABLED,      True,  DOC, "client: among the reasons to pause"),
    Pausing(E.SELF_HOSTED_RESOURCES,      True,  DOC, "client: among the reasons to pause"),
    Pausing(E.MCP_EGRESS_BLOCKED,         True,  DOC, "client: among the reasons to pause"),
    Pausing(E.UNKNOWN,                    True,  DOC, "client: a fallback among the reasons to pause"),
    Pausing(E.SESSION_RATE_LIMITED,       False, DOC, "pages: recorded at once, and the schedule goes on"),
    Pausing(E.SESSION_CREATION_REJECTED,  False, INF, "client: not among the reasons, and its text leaves it open", "creation_rejected"),
)


def _denials(trigger: T, states: tuple[S, ...], because: str, switch: str) -> tuple[Written[S, T], ...]:
    """Return rows that refuse *trigger* in each of *states*."""
    return tuple(deny(state, trigger, because, UND, f"switch {switch}") for state in states)


_UPDATED: Final = (RESUME_FIRES, SEND_UPDATED, SEND_UNPAUSED)
_OPEN: Final = (
    Switch("deployment_rearchive", "What does archiving an archived deployment do?", "deployment", {
        "idempotent": NO_ROWS,
        "refuse": _denials(T.ARCHIVE, (S.ARCHIVED,), "it is archived already", "deployment_rearchive"),
    }, "idempotent", UND, "no source; similar services differ"),
    Switch("deployment_repause", "What does pausing a paused deployment do?", "deployment", {
        "idempotent": NO_ROWS,
        "takes_over": (move(S.PAUSED_BY_ERROR, T.PAUSE, S.PAUSED, [SEND_PAUSED], "the hand takes over from the error", UND, "switch deployment_repause"),),
        "refuse": _denials(T.PAUSE, (S.PAUSED, S.PAUSED_BY_ERROR), "it is paused already", "deployment_repause"),
    }, "idempotent", UND, "no source"),
    Switch("deployment_reunpause", "What does unpausing an active deployment do?", "deployment", {
        "idempotent": NO_ROWS,
        "refuse": _denials(T.UNPAUSE, (S.ACTIVE,), "it is active already", "deployment_reunpause"),
    }, "idempotent", UND, "no source"),
    Switch("update_unpauses", "Does an update let a paused deployment go on?", "deployment", {
        "never": NO_ROWS,
        "after_error": (move(S.PAUSED_BY_ERROR, T.UPDATE, S.ACTIVE, _UPDATED, "the update may have mended the cause", UND, "switch update_unpauses"),),
    }, "never", UND, "pages: update it and resume it, as two steps"),
)
# fmt: on


_BY_ITSELF: Final = (T.FIRE_FAILED_PAUSING, T.AGENT_ARCHIVED, T.AGENT_DELETED)
"""What makes a deployment move without being asked to."""


def unsaid(source: str) -> tuple[Written[S, T], ...]:
    """Return the rows by which a deployment moves by itself, for a service that does not say so."""
    return tuple(
        move(row.state, row.trigger, row.target, row.effects, row.because, UND, source)
        for row in DEPLOYMENT
        if row.trigger in _BY_ITSELF and row.target is not row.state
    )


def open_points() -> tuple[Switch, ...]:
    """Return the switches of the deployment machine; no service's source settles them."""
    return _OPEN


def pausing(evidence: Evidence | None = None, source: str = "") -> Mapping[E, Pausing]:
    """Return which errors pause; with *evidence* and *source* where a dialect knows it so."""
    rows: tuple[Pausing, ...] = _PAUSING
    if evidence is not None:
        rows = tuple(attrs.evolve(one, evidence=evidence, source=source) for one in rows)
    return MappingProxyType({one.error: one for one in rows})
