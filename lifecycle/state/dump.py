"""The session as plain JSON values, and back without loss.

What has its default value is left out, so that an idle thread is a few words long. A state that a
newer version made is refused by name, never half understood.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any, Final, TypeVar

import attrs

from lifecycle.state.model import FORM, Call, Message, Outcome, Run, Session, Tally, Thread
from lifecycle.vocabulary import (
    CallState,
    EventType,
    Permission,
    Role,
    RunState,
    SessionState,
    StopReason,
    ThreadState,
)

__all__ = ["BadState", "NewerState", "dump", "load"]


class BadState(ValueError):  # noqa: N818 - reads as what it says
    """What was given is no session's state; the message says what is wrong with it."""


class NewerState(BadState):
    """The state was made by a newer version; the message names both."""

    def __init__(self, found: int, known: int) -> None:
        """Say that the state has the form *found*, and that *known* is the newest known here."""
        super().__init__(
            f"the state has form {found}, and this version of lifecycle reads forms up to {known}:"
            " update lifecycle to read it"
        )
        self.found = found
        self.known = known


_WORDS: Final[Mapping[str, type[Enum]]] = {
    "Thread.role": Role,
    "Thread.state": ThreadState,
    "Thread.stop": StopReason,
    "Call.kind": EventType,
    "Call.state": CallState,
    "Call.permission": Permission,
    "Message.kind": EventType,
    "Run.state": RunState,
    "Session.state": SessionState,
    "Session.listed": SessionState,
    "Session.stop": StopReason,
}
"""The fields that hold a word of the vocabulary."""

_MAPS: Final[Mapping[str, type[Any]]] = {
    "threads": Thread,
    "calls": Call,
    "messages": Message,
    "runs": Run,
}
_PARTS: Final[Mapping[str, type[Any]]] = {"outcome": Outcome, "tally": Tally}
_T = TypeVar("_T")


def dump(session: Session) -> dict[str, Any]:
    """Return *session* as values that JSON can hold."""
    plain = _plain(session)
    for name in _MAPS:
        plain[name] = [_plain(one) for one in getattr(session, name).values()]
    for name in _PARTS:
        if name in plain:
            plain[name] = _plain(getattr(session, name))
    return {"form": session.form, **plain}


def load(plain: Any) -> Session:
    """Return the session that `dump` made *plain* of.

    Raises:
        NewerState: a newer version made it.
        BadState: it is no state.
    """
    form = plain.get("form") if isinstance(plain, Mapping) else None
    if not isinstance(form, int) or isinstance(form, bool):
        raise BadState("the state does not say of which form it is")
    if form > FORM:
        raise NewerState(form, FORM)
    if form < 1:
        raise BadState(f"the state has form {form}, and the first form was 1")
    try:
        values = dict(plain)
        for name, kind in _MAPS.items():
            parts = [_built(kind, one) for one in plain[name]]
            values[name] = {part.id: part for part in parts}
        for name, kind in _PARTS.items():
            if name in values:
                values[name] = _built(kind, values[name])
        session = _built(Session, values)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadState(f"the state is not whole: {error}") from error
    if session.primary not in session.threads:
        raise BadState(f"the state has no thread {session.primary!r}, which is to be its primary")
    return session


def _plain(record: Any) -> dict[str, Any]:
    """Return the fields of *record* that differ from their defaults."""
    plain: dict[str, Any] = {}
    for field in attrs.fields(type(record)):
        value = getattr(record, field.name)
        default = field.default
        if isinstance(default, attrs.Factory):  # type: ignore[arg-type]  # a class at runtime
            default = default.factory()
        if value != default:
            plain[field.name] = _value(value)
    return plain


def _value(value: Any) -> Any:
    """Return *value* with its words as text and its tuples as lists."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple):
        return [_value(one) for one in value]
    return value


def _built(kind: type[_T], plain: Mapping[str, Any]) -> _T:
    """Return the *kind* of record that *plain* shows."""
    values: dict[str, Any] = {}
    for name, value in plain.items():
        word = _WORDS.get(f"{kind.__name__}.{name}")
        values[name] = word(value) if word is not None and value is not None else _tuples(value)
    return kind(**values)


def _tuples(value: Any) -> Any:
    """Return a list as a tuple, also within; everything else as it is."""
    return tuple(_tuples(one) for one in value) if isinstance(value, list) else value
