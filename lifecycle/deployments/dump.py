"""A deployment's state as plain JSON values, and back without loss.

Hosts keep it beside the log, or in its place: the engine needs no more than the state. One that a
newer version made is refused by name, never half understood.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import attrs

from lifecycle.deployments.limits import wrong_kind
from lifecycle.deployments.model import Deployment, OpenRun, Settings
from lifecycle.deployments.resource import stamp
from lifecycle.schedule.clock import instant_of
from lifecycle.state import BadState, NewerState
from lifecycle.vocabulary import DeploymentErrorType, DeploymentState

__all__ = ["FORM", "dump_deployment", "load_deployment"]

FORM: Final = 1
"""The form of what is dumped here; the first."""

_TIMES: Final = (
    "created_at",
    "updated_at",
    "archived_at",
    "last_run_at",
    "since",
    "fired",
    "clock",
)
_LISTS: Final = ("initial_events", "resources", "vault_ids")


def dump_deployment(deployment: Deployment) -> dict[str, Any]:
    """Return *deployment* as values that JSON can hold."""
    plain = attrs.asdict(deployment)
    plain |= {name: stamp(plain[name]) for name in _TIMES}
    plain["state"] = deployment.state.value
    plain["error"] = deployment.error and deployment.error.value
    plain["settings"] |= {name: list(plain["settings"][name]) for name in _LISTS}
    plain["open"] = [
        {**one, "opened_at": stamp(one["opened_at"]), "scheduled_at": stamp(one["scheduled_at"])}
        for one in plain["open"]
    ]
    return {"form": FORM, **plain}


def load_deployment(plain: Any) -> Deployment:
    """Return the deployment that `dump_deployment` made *plain* of.

    Raises:
        NewerState: a newer version made it.
        BadState: it is no state.
    """
    form = plain.get("form") if isinstance(plain, Mapping) else None
    if not isinstance(form, int) or isinstance(form, bool) or form < FORM:
        raise BadState("the state does not say of which form it is")
    if form > FORM:
        raise NewerState(form, FORM)
    try:
        deployment = _loaded({name: value for name, value in plain.items() if name != "form"})
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadState(f"the state is not whole: {error}") from error
    if wrong := _wrong(deployment):
        raise BadState(f"the state contradicts itself: {wrong}")
    return deployment


def _wrong(one: Deployment) -> str:
    """Return what no fold of entries could have come to; empty if nothing is."""
    identity: Any = one.id
    version: Any = one.version
    if not isinstance(identity, str) or not isinstance(version, int):
        return "its id is no string, or its version no number"
    if (one.error is not None) is not (one.state is DeploymentState.PAUSED_BY_ERROR):
        return f"it is {one.state}, and its error is {one.error or 'none'}"
    if (one.archived_at is not None) is not (one.state is DeploymentState.ARCHIVED):
        return f"it is {one.state}, and was archived at {stamp(one.archived_at) or 'no time'}"
    told = one.settings.schedule
    if told is not None and not {"expression", "timezone"} <= told.keys():
        return "its schedule lacks its expression or its zone"
    kind = wrong_kind(one.settings)
    return "" if kind is None else kind[1]


def _loaded(values: dict[str, Any]) -> Deployment:
    """Build the deployment from its values."""
    values |= {name: _time(values[name]) for name in _TIMES}
    values["state"] = DeploymentState(values["state"])
    values["error"] = values["error"] and DeploymentErrorType(values["error"])
    values["settings"] = Settings(**values["settings"])
    values["open"] = tuple(
        OpenRun(
            **{
                **one,
                "opened_at": instant_of(datetime.fromisoformat(one["opened_at"])),
                "scheduled_at": _time(one["scheduled_at"]),
            }
        )
        for one in values["open"]
    )
    return Deployment(**values)


def _time(text: str | None) -> datetime | None:
    """Return the time that *text* says, in UTC."""
    return None if text is None else instant_of(datetime.fromisoformat(text))
