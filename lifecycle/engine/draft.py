"""A decision under way: entries are put down one by one, and folded as they are.

So the state after a decision is the fold of its entries by construction. Whoever decides reads the
session as it is after what was put down so far, and writes nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, TypedDict, TypeVar

import attrs

from lifecycle import events as e
from lifecycle.engine.evolve import take
from lifecycle.engine.fold import Fold
from lifecycle.engine.refusals import Refusal, refusal, refused_by
from lifecycle.engine.stamps import micros, second_of
from lifecycle.engine.tables import Tables
from lifecycle.events import Event
from lifecycle.frozen import frozen_by_type
from lifecycle.state import Call, Entry, Note, Place, Session, Thread
from lifecycle.table import Effect, Phase, Row
from lifecycle.vocabulary import RefusalCode

__all__ = ["Between", "Draft", "IdMaker", "Mark", "Owed", "content_of", "part_of", "text_of"]

P = TypeVar("P", e.Budget, e.Phase)

_SESSION, _CHILD, _BOTH, _NOWHERE = Place.SESSION, Place.CHILD, Place.BOTH, Place.NOWHERE

IdMaker = Callable[[str, str, int, int], str]
"""Makes an id of its prefix, the session's id, the session's version, and the index within."""


class Mark(TypedDict, total=False):
    """The fields by which every event is known."""

    id: str
    processed_at: str
    created_at: str
    session_id: str
    schema_version: str


@frozen_by_type
class Owed:
    """An effect that the host owes.

    Attributes:
        effect: what is to be done.
        thread: the thread that it is about.
        subjects: the messages, calls or threads that it is about.
        id: session, version and index: a second delivery is recognised by it.
        phase: in the write that stores the entries, or after it.
        detail: what doing it needs beyond that: the text of a result.
    """

    effect: Effect
    thread: str
    subjects: tuple[str, ...]
    id: str
    phase: Phase
    detail: Any = None


class Between(TypedDict, total=False):
    """The fields of a message between threads that only some services write."""

    session_thread_id: str
    from_session_thread_id: str
    to_session_thread_id: str
    direction: str


class Draft(Fold):
    """A decision under way.

    Attributes:
        now: when it is made.
        entries: what was put down.
        owed: what the host owes.
    """

    __slots__ = (
        "_at",
        "_base",
        "_ids",
        "_second",
        "_second_us",
        "_session_id",
        "_tail",
        "entries",
        "now",
        "owed",
    )

    def __init__(
        self,
        tables: Tables,
        session: Session | None,
        session_id: str,
        now: datetime,
        ids: IdMaker | None,
    ) -> None:
        super().__init__(tables, session)
        self._session_id: Final = session_id
        self.now: Final = now
        self.entries: Final[list[Entry]] = []
        self.owed: Final[list[Owed]] = []
        self._ids: Final = ids
        before = self.session
        self._base: Final = before.version
        at = micros(now)
        if at <= before.clock_us:
            at = before.clock_us + 1
        self._at = at - 1
        self._second = ""
        self._second_us = at - 1_000_000  # so that the first stamp finds its second
        self._tail: Final = f"{session_id.partition('_')[2] or session_id}_"

    @property
    def at_us(self) -> int:
        """The time of the last stamp, in microseconds since 1970."""
        return self._at

    # -- ids and stamps --------------------------------------------------------------------------

    def new_id(self, prefix: str) -> str:
        """Return the id of the next entry, or of what it makes."""
        version = self.session.version
        if self._ids is not None:
            return self._ids(prefix, self._session_id, self._base, version - self._base)
        return f"{prefix}{self._tail}{version}"

    def mark(self, event_id: str = "") -> Mark:
        """Move on by a microsecond and return the fields of a new event that is processed then.

        Args:
            event_id: its id, if it has one already.
        """
        at = self._at = self._at + 1
        micro = at - self._second_us
        if micro >= 1_000_000:
            micro = at % 1_000_000
            self._second, self._second_us = second_of(at), at - micro
        stamp = f"{self._second}{str(micro).zfill(6)}Z"
        style = self.tables.dialect.style
        name = event_id or self.new_id(style.event)
        if not style.schema:
            return {"id": name, "processed_at": stamp}
        return {
            "id": name,
            "processed_at": stamp,
            "created_at": stamp,
            "session_id": self._session_id,
            "schema_version": style.schema,
        }

    def unprocessed(self, event_id: str = "") -> Mark:
        """Return the fields of a client's event that waits."""
        mark = self.mark(event_id)
        del mark["processed_at"]
        return mark

    # -- putting down ----------------------------------------------------------------------------

    def put(self, event: Event, thread_id: str, place: Place = Place.SESSION) -> None:
        """Append an event, and fold it."""
        entry = Entry(event, thread_id, place, self._at)
        self.entries.append(entry)
        take(self, entry)

    def own(self, event: Event, thread: Thread) -> None:
        """Append an event of a thread's own list."""
        primary = thread.id == self.session.primary
        self.put(event, thread.id, _SESSION if primary else _CHILD)

    def post(self, event: Event, thread: Thread) -> None:
        """Append an event of a thread's own list that the session's list has as well."""
        primary = thread.id == self.session.primary
        self.put(event, thread.id, _SESSION if primary else _BOTH)

    def note(self, note: Note, thread_id: str = "") -> None:
        """Append what no list shows."""
        self._at += 1
        entry = Entry(note, thread_id, _NOWHERE, self._at)
        self.entries.append(entry)
        take(self, entry)

    def owe(
        self,
        effect: Effect,
        thread_id: str,
        subjects: Iterable[str] = (),
        phase: Phase | None = None,
        detail: Any = None,
    ) -> None:
        """Name an effect that the host owes."""
        name = f"{self._session_id}:{self._base}:{len(self.owed)}"
        due = effect.phase if phase is None else phase
        self.owed.append(Owed(effect, thread_id, tuple(subjects), name, due, detail))

    # -- refusing --------------------------------------------------------------------------------

    def refuse(self, code: RefusalCode, reason: str, subject: str = "") -> Refusal:
        """Return a refusal."""
        return refusal(self.tables.dialect, code, reason, subject, self.session)

    def denied(self, machine: str, row: Row[Any, Any], subject: str = "") -> Refusal | None:
        """Return the refusal of a row that denies; `None` if the row accepts."""
        if row.accepts:
            return None
        return self.refuse(refused_by(machine, row), row.because, subject)

    # -- looking up ------------------------------------------------------------------------------

    def switch(self, name: str) -> str:
        """Return the choice in force."""
        return self.tables.switches[name]

    @property
    def primary(self) -> Thread:
        """The primary thread."""
        return self.session.threads[self.session.primary]

    def named(self, thread_id: str) -> Thread | None:
        """Return the thread called *thread_id*; empty for the primary."""
        return self.session.threads.get(thread_id or self.session.primary)

    def calls_of(self, thread_id: str) -> list[Call]:
        """Return the open calls of a thread, in the order in which they were made."""
        calls = self.session.calls
        return [call for call in calls.values() if call.thread == thread_id] if calls else []


def content_of(content: str | Sequence[Any]) -> list[Any]:
    """Return content as the wire has it: blocks."""
    if isinstance(content, str):
        return [{"type": "text", "text": content}] if content else []
    return list(content)


def text_of(content: str | Sequence[Any]) -> str:
    """Return the text of content."""
    if isinstance(content, str):
        return content
    return "".join(str(block.get("text", "")) for block in content if isinstance(block, Mapping))


def part_of(kind: type[P], told: Mapping[str, Any]) -> P:
    """Return the part of an event that *told* shows; what its class does not name is kept."""
    names = {one.name for one in attrs.fields(kind)} - {"extra"}
    fields = {name: value for name, value in told.items() if name in names}
    return kind(**fields, extra={n: v for n, v in told.items() if n not in names})
