"""The log: what a decision appends to a session, and the lists that readers see of it.

An entry is an event with the place where it stands, or a note: what the session knows and no list
shows. The primary's own list is the session's list. A child's status events stand on both lists
under one id (posted); a call of a child that needs the client, and the client's answer to it, have
a copy on the session's list.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from lifecycle.events import Event, SessionDeleted
from lifecycle.frozen import frozen_by_type
from lifecycle.vocabulary import Word

__all__ = [
    "BudgetHit",
    "CallOwed",
    "ChildrenEnded",
    "Entry",
    "MessagesCancelled",
    "MessagesRead",
    "Note",
    "Place",
    "SessionArchived",
    "SessionMade",
    "ThreadArchived",
    "WaitEnded",
    "WaitStarted",
    "session_list",
    "settled",
    "thread_list",
]


@attrs.frozen
class Note:
    """Something that happened and that no list shows."""


@attrs.frozen
class SessionMade(Note):
    """The session and its primary thread exist."""

    session: str
    primary: str
    agent_name: str
    self_hosted: bool = False
    budget: Mapping[str, Any] | None = None


@attrs.frozen
class SessionArchived(Note):
    """The session was archived; its list stays as it was."""


@attrs.frozen
class ThreadArchived(Note):
    """A child is archived: the termination that follows is of this kind."""

    thread: str


@attrs.frozen
class ChildrenEnded(Note):
    """The live children ended with their session, and no list says so."""

    threads: tuple[str, ...]


@attrs.frozen
class MessagesCancelled(Note):
    """Messages that nobody will read: their thread ended, or its queue was dropped."""

    thread: str
    messages: tuple[str, ...]


@attrs.frozen
class MessagesRead(Note):
    """Messages that a turn has taken in, and of which no list says so."""

    thread: str
    messages: tuple[str, ...]


@attrs.frozen
class WaitStarted(Note):
    """The coordinator waits, in a blocking call, for a child's report."""

    child: str
    call: str = ""


@attrs.frozen
class WaitEnded(Note):
    """The coordinator waits no longer; *result* is what its call returns."""

    child: str
    result: Any = ""
    is_error: bool = False


@attrs.frozen
class CallOwed(Note):
    """The host was told to run these calls."""

    calls: tuple[str, ...]


@attrs.frozen
class BudgetHit(Note):
    """The cost cap is reached."""


class Place(Word):
    """Where an entry's event stands."""

    SESSION = "session", "On the session's list, which is the primary's own."
    CHILD = "child", "On a child's own list alone."
    BOTH = "both", "On a child's own list and on the session's, under one id."
    COPY = "copy", "On the session's list alone: the copy of an event of a child's own list."
    NOWHERE = "nowhere", "On no list."


@frozen_by_type
class Entry:
    """One entry of the log.

    Attributes:
        event: the event as the wire has it, or a note.
        thread: the thread that it is of.
        place: where the event stands.
        at_us: when it was decided, in microseconds since 1970.
    """

    event: Event | Note
    thread: str
    place: Place = Place.SESSION
    at_us: int = 0

    @property
    def posted(self) -> bool:
        """Whether it stands on a child's own list and on the session's as well."""
        return self.place is Place.BOTH

    @property
    def on_session_only(self) -> bool:
        """Whether it is the session's copy of an event of a child's own list."""
        return self.place is Place.COPY


def session_list(entries: Iterable[Entry]) -> list[Event]:
    """Return the session's events as a stream has them: an input that waited stands there twice."""
    return [
        one.event
        for one in entries
        if isinstance(one.event, Event) and one.place in (Place.SESSION, Place.BOTH, Place.COPY)
    ]


def thread_list(entries: Iterable[Entry], thread_id: str) -> list[Event]:
    """Return the events of one thread's own list as a stream has them.

    The primary's own list is the session's.
    """
    kept = [one for one in entries if isinstance(one.event, Event)]
    if any(one.thread == thread_id and one.place is Place.SESSION for one in kept):
        return session_list(kept)
    return [
        one.event
        for one in kept
        if one.thread == thread_id
        and one.place in (Place.CHILD, Place.BOTH)
        and isinstance(one.event, Event)
    ]


def settled(events: Iterable[Event]) -> list[Event]:
    """Return the list as a later reading has it.

    An input that waited stands only where it was consumed, one that still waits at the end, and
    what only streams carry is gone.
    """
    last: dict[Any, Event] = {}
    for event in events:
        if not isinstance(event, SessionDeleted):
            last.pop(event.id, None)
            last[event.id] = event
    consumed = [event for event in last.values() if event.processed_at]
    return consumed + [event for event in last.values() if not event.processed_at]
