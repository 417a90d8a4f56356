"""What every event, every part of one and every resource share.

A field that the wire did not carry is `ABSENT`; one that it carried as null is ``None``. No field
is required: whether a service may leave one out is for a rule to say, not for a class. What a
class does not name is kept in ``extra``, so that nothing is lost on the way through.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any, ClassVar, Final, Literal, TypeAlias, TypeVar

import attrs

from lifecycle.frozen import frozen_by_type
from lifecycle.vocabulary import EventType

__all__ = [
    "ABSENT",
    "Absent",
    "Content",
    "Event",
    "Known",
    "Maybe",
    "Objects",
    "Plain",
    "Record",
    "UnknownEvent",
]


class Absent(Enum):
    """The type of `ABSENT`, whose truth value is false."""

    ABSENT = "absent"

    def __bool__(self) -> Literal[False]:
        """Nothing was given."""
        return False

    def __repr__(self) -> str:
        """Read as it is written."""
        return "ABSENT"


ABSENT: Final = Absent.ABSENT
"""Stands in a field that the wire did not carry; not the same as ``None``, which is null."""

_T = TypeVar("_T")
Maybe: TypeAlias = _T | Absent | None
"""A value, null (``None``), or not there at all (`ABSENT`)."""

Plain: TypeAlias = Mapping[str, Any]
"""An object that is kept as it came."""

Objects: TypeAlias = Sequence[Any]
"""A list that is kept as it came."""

Content: TypeAlias = str | Sequence[Any]
"""A list of content blocks, kept as they came; older services put a string."""


@frozen_by_type(kw_only=True)
class Record:
    """A JSON object with named fields, and all its others in ``extra``."""

    extra: Plain = attrs.field(factory=dict)


@frozen_by_type(kw_only=True)
class Event(Record):
    """What every event may carry.

    Attributes:
        id: names the event within its session.
        processed_at: when it was processed, RFC 3339; null while a client's event is queued.
        session_thread_id: the thread that it is about.
        created_at: Qoder: when it was made, RFC 3339.
        session_id: Qoder: the session that it belongs to.
        schema_version: Qoder: the version of the event's form.
        turn_id: Qoder: the turn that it belongs to.
    """

    id: Maybe[str] = ABSENT
    processed_at: Maybe[str] = ABSENT
    session_thread_id: Maybe[str] = ABSENT
    created_at: Maybe[str] = ABSENT
    session_id: Maybe[str] = ABSENT
    schema_version: Maybe[str] = ABSENT
    turn_id: Maybe[str] = ABSENT

    @property
    def type(self) -> str:
        """The word that says what happened, as on the wire."""
        raise NotImplementedError


@frozen_by_type(kw_only=True)
class Known(Event):
    """An event whose type has a class of its own."""

    type: ClassVar[EventType]


@frozen_by_type(kw_only=True)
class UnknownEvent(Event):
    """An event of a type that nobody here knows; tolerated, kept, never raised on."""

    type: str
