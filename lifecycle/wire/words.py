"""How the wire's messages name a place and a value, and which time a stamp says."""

from __future__ import annotations

from datetime import datetime
from typing import Any

__all__ = ["dotted", "kind_of", "moment"]

_KINDS = {
    type(None): "null",
    bool: "true or false",
    int: "a whole number",
    float: "a number with a fraction",
    str: "a string",
    list: "a list",
    dict: "an object",
}


def dotted(path: tuple[str | int, ...]) -> str:
    """Return *path* as prose: ``stop_reason.event_ids[0]``; "the event" for the empty one."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}"
    return text.removeprefix(".") or "the event"


def kind_of(value: Any) -> str:
    """Return what kind of JSON value *value* is, in words."""
    return _KINDS.get(type(value), f"a Python {type(value).__name__}")


def moment(stamp: str | None) -> datetime | None:
    """Return the time that *stamp* says; ``None`` if it says none with a time zone."""
    try:
        time = datetime.fromisoformat(stamp) if stamp else None
    except ValueError:
        return None
    return time if time is not None and time.tzinfo is not None else None
