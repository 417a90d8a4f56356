"""A session that is played line by line, with the real engine and a clock that ticks a second."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from lifecycle import commands as c
from lifecycle.dialects import Dialect
from lifecycle.engine import Decision, Engine
from lifecycle.events import Event
from lifecycle.lesson.notation import LineError, Phrase
from lifecycle.lesson.scene import Scene
from lifecycle.lesson.sessions import SESSIONS
from lifecycle.lesson.telling import Line, aligned, of_decision, of_list, of_state
from lifecycle.state import Entry, Session, session_list, thread_list

__all__ = ["Stage"]

_BEGIN: Final = datetime(2026, 1, 1, 12, tzinfo=UTC)


class Stage(Scene):
    """A session under play.

    Args:
        dialect: the dialect, or its name.

    Attributes:
        session: the session as it is; `None` before it was made.
        entries: its whole log.
    """

    notation = SESSIONS
    kind = "session"
    beginning = "create"

    def __init__(self, dialect: str | Dialect = "anthropic") -> None:
        super().__init__()
        self._engine: Final = Engine(dialect)
        self.session: Session | None = None
        self.entries: Final[list[Entry]] = []

    @property
    def dialect(self) -> Dialect:
        """The dialect that is spoken."""
        return self._engine.dialect

    @property
    def subject(self) -> Session | None:
        """The session."""
        return self.session

    # -- saying ----------------------------------------------------------------------------------

    def _perform(self, command: c.Command) -> list[Line]:
        """Decide on a command, and keep what follows, a second after the last one."""
        before, decision = self.session, self._decide(command)
        if decision.refusal is None:
            self.session = decision.state
            self.entries.extend(decision.entries)
        self.last = decision
        return of_decision(decision, before)

    def _decide(self, command: c.Command) -> Decision:
        now = _BEGIN + timedelta(seconds=len(self.said))
        return self._engine.decide(self.session, command, now=now)

    def _would(self, command: c.Command) -> bool:
        """Whether a command would be accepted now and add to the log."""
        decision = self._decide(command)
        return decision.refusal is None and bool(decision.entries)

    # -- looking ---------------------------------------------------------------------------------

    def state(self) -> list[str]:
        """Return the session's state in words."""
        if self.session is None:
            return ["no session yet: `create` makes it"]
        return aligned(of_state(self.session, self.dialect))

    def lists(self) -> dict[str, list[Event]]:
        """Return every list of the session: its own, and those of its children by their names."""
        if self.session is None:
            return {}
        return {
            "session": session_list(self.entries),
            **{name: thread_list(self.entries, name) for name in self._children()},
        }

    def _look(self, words: list[str]) -> list[Line] | None:
        """Return what a line looks at; `None` if it is a command."""
        if words == ["state"]:
            if self.session is None:
                raise LineError("there is no session yet: `create` makes it")
            return of_state(self.session, self.dialect)
        if words == ["moves"]:
            return self._moves()
        if words[:1] == ["list"]:
            return self._list(words[1:])
        return None

    def _list(self, names: list[str]) -> list[Line]:
        lists = self.lists()
        name = " ".join(names)
        if self.session is not None and name == self.session.primary:
            name = "session"  # the primary's own list is the session's
        if name not in lists:
            raise LineError(
                f"`list` takes one of: {', '.join(lists) or 'nothing, without a session'}"
            )
        return of_list(lists[name], self.session.primary if self.session else "")

    # -- what could be said ----------------------------------------------------------------------

    def _children(self, *, live: bool = False) -> list[str]:
        """Return the names of the child threads, perhaps of those only that are not over."""
        threads = self.session.threads.values() if self.session else ()
        return [one.id for one in threads if one.parent and (one.live or not live)]

    def _speakers(self, phrase: Phrase) -> list[str]:
        """Return what may stand before a phrase: nothing, or a child that reports it."""
        says_whose = any(part.word in ("CALL", "RUN", "PHASE") for part in phrase.parts)
        if says_whose or not phrase.command.reported:
            return [""]
        return ["", *(f"{name}: " for name in self._children(live=True))]

    def _used(self) -> set[str]:
        """Return every name that was ever used."""
        names = {entry.thread for entry in self.entries}
        names |= {str(e.event.id) for e in self.entries if isinstance(e.event, Event)}
        return names | set(self.session.runs if self.session else ())

    def _next(self, words: list[str]) -> Iterator[str]:
        """Iterate over what could follow these words; a child may speak, and has a list."""
        if not words:
            yield from (f"{name}:" for name in self._children())
        elif words == ["list"]:
            yield from self.lists()
        elif words[0].endswith(":"):
            words = words[1:]
        yield from super()._next(words)
