"""The fold under way: a fork of the session that entries are taken into, one after the other.

Threads and calls are copied when they are first written to; whatever no entry touches is shared
with the session that the fold began with.
"""

from __future__ import annotations

from typing import Final

from lifecycle.engine.tables import Tables
from lifecycle.machines import FoldRow
from lifecycle.state import Call, Session, Tally, Thread
from lifecycle.vocabulary import Role, SessionState

__all__ = ["ENDED", "Fold", "nobody"]

ENDED: Final = frozenset({SessionState.TERMINATED, SessionState.ARCHIVED, SessionState.DELETED})
"""The states in which a session accepts nothing more."""


def nobody() -> Session:
    """Return what there is before a session is made."""
    return Session("", "", {"": Thread("", Role.PRIMARY, "")})


class Fold:
    """A session that may be written to.

    Attributes:
        session: the fork; read it freely, write through the methods.
        tables: the dialect's tables.
        stale: whether something has changed that the status is folded of.
    """

    __slots__ = ("_own_tally", "_own_threads", "_row", "session", "stale", "tables")

    def __init__(self, tables: Tables, session: Session | None) -> None:
        self.tables: Final = tables
        self.session: Final = nobody() if session is None else session.fork()
        self.stale = False
        self._row: FoldRow | None = None
        self._own_threads: set[str] = set()
        self._own_tally = False

    def thread(self, thread_id: str) -> Thread | None:
        """Return the thread to write to; `None` if there is none of that id."""
        threads = self.session.threads
        thread = threads.get(thread_id)
        if thread is None or thread_id in self._own_threads:
            return thread
        fork = threads[thread_id] = thread.fork()
        self._own_threads.add(thread_id)
        return fork

    def lead(self) -> Thread:
        """Return the primary to write to: there is one from the first entry on."""
        thread = self.thread(self.session.primary)
        assert thread is not None
        return thread

    def call(self, call_id: str) -> Call | None:
        """Return the open call to write to; `None` if there is none of that id."""
        call = self.session.calls.get(call_id)
        if call is None:
            return None
        fork = self.session.calls[call_id] = call.fork()
        return fork

    def tally(self) -> Tally:
        """Return the account to write to."""
        if not self._own_tally:
            self.session.tally = self.session.tally.fork()
            self._own_tally = True
        return self.session.tally

    def made(self, thread: Thread) -> None:
        """Add a thread."""
        self.session.threads[thread.id] = thread
        self._own_threads.add(thread.id)
        self.stale = True

    def odd(self, what: str) -> None:
        """Count an event that is not known, or that does not fit."""
        self.session.unknown = {**self.session.unknown, what: self.session.unknown.get(what, 0) + 1}

    def folded(self) -> FoldRow:
        """Return what the fold says now; the tables are asked only if something has changed."""
        if self.stale or self._row is None:
            self._row = self.tables.fold(self.session)
            self.stale = False
        return self._row

    def finish(self) -> Session:
        """Fold the status anew, if something may have changed it, and return the session."""
        session = self.session
        if (self.stale or self._row is not None) and session.state not in ENDED:
            session.state = self.folded().state
        return session
