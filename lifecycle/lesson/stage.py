"""A session that is played line by line, with the real engine and a clock that ticks a second."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from lifecycle import commands as c
from lifecycle.dialects import Dialect
from lifecycle.engine import Decision, Engine
from lifecycle.events import Event
from lifecycle.lesson.notation import PHRASES, LineError, Part, Phrase, parse, tokens
from lifecycle.lesson.telling import Line, aligned, of_decision, of_list, of_state
from lifecycle.state import Entry, Session, session_list, thread_list

__all__ = ["LOOKS", "Stage"]

LOOKS: Final = {
    "state": "Show the threads and what is open.",
    "list session": "Show the session's list of events.",
    "list THREAD": "Show a thread's own list of events.",
    "moves": "Show every line that would be accepted now and change something.",
}
"""What can be said beside commands: it changes nothing."""

_BEGIN: Final = datetime(2026, 1, 1, 12, tzinfo=UTC)


class Stage:
    """A session under play.

    Args:
        dialect: the dialect, or its name.

    Attributes:
        session: the session as it is; `None` before it was made.
        entries: its whole log.
        last: the last decision.
    """

    def __init__(self, dialect: str | Dialect = "anthropic") -> None:
        self._engine: Final = Engine(dialect)
        self.session: Session | None = None
        self.entries: Final[list[Entry]] = []
        self.last: Decision | None = None
        self._lines = 0

    @property
    def dialect(self) -> Dialect:
        """The dialect that is spoken."""
        return self._engine.dialect

    # -- saying ----------------------------------------------------------------------------------

    def say(self, line: str) -> list[str]:
        """Say a line, and return the lines of the answer.

        Raises:
            LineError: the line says nothing that is known here.
        """
        told = self._look(line)
        if told is None:
            before = self.session
            told = of_decision(self.perform(parse(line)), before)
        return aligned(told)

    def perform(self, command: c.Command) -> Decision:
        """Decide on a command, and keep what follows, a second after the last one."""
        self._lines += 1
        decision = self._decide(command)
        if decision.refusal is None:
            self.session = decision.state
            self.entries.extend(decision.entries)
        self.last = decision
        return decision

    def _decide(self, command: c.Command) -> Decision:
        now = _BEGIN + timedelta(seconds=self._lines)
        return self._engine.decide(self.session, command, now=now)

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
        children = [one.id for one in self.session.threads.values() if one.parent]
        return {
            "session": session_list(self.entries),
            **{name: thread_list(self.entries, name) for name in children},
        }

    def _look(self, line: str) -> list[Line] | None:
        """Return what a line looks at; `None` if it is a command."""
        words = tokens(line)
        if words == ["state"]:
            if self.session is None:
                raise LineError("there is no session yet: `create` makes it")
            return of_state(self.session, self.dialect)
        if words == ["moves"]:
            return [(phrase.command.__name__, said) for said, phrase in self.moves()]
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

    def moves(self) -> Iterator[tuple[str, Phrase]]:
        """Iterate over the lines that would be accepted now and change something."""
        for phrase in PHRASES:
            for line in self._lines_of(phrase):
                decision = self._decide(parse(line))
                if decision.refusal is None and decision.entries:
                    yield line, phrase

    def _lines_of(self, phrase: Phrase) -> Iterator[str]:
        """Iterate over what a phrase could say now, without the parts that may be left out."""
        speakers = [""]
        if phrase.command.reported and self.session is not None:
            children = [t.id for t in self.session.threads.values() if t.parent and t.live]
            speakers += [f"{name}: " for name in children]
        if any(part.word in ("CALL", "RUN", "PHASE") for part in phrase.parts):
            speakers = [""]  # the call, or the run, says whose it is
        said = [""]
        for part in phrase.parts:
            if not part.optional:
                found = self._words(part)
                if part.slot is not None and part.slot.words:
                    found = found[:1]  # one error type, one amount: the others would do as well
                said = [f"{line} {word}".strip() for line in said for word in found]
        yield from (speaker + line for speaker in speakers for line in said)

    def _words(self, part: Part) -> list[str]:
        """Return what could stand for a part now."""
        slot = part.slot
        if slot is None:
            return [part.word]
        key = f"{part.key}=" if part.key else ""
        return [key + word for word in slot.offers(self.session, self._used())]

    def _used(self) -> set[str]:
        """Return every name that was ever used."""
        names = {entry.thread for entry in self.entries}
        names |= {str(e.event.id) for e in self.entries if isinstance(e.event, Event)}
        return names | set(self.session.runs if self.session else ())

    def complete(self, line: str) -> list[str]:
        """Return what the last word of an unfinished line could be.

        A line ends with a blank if its last word has not begun.
        """
        words = tokens(line)
        begun = words.pop() if words and not line.endswith(" ") else ""
        if words and words[0].endswith(":"):
            words.pop(0)
        elif not words and self.session is not None:
            speakers = [f"{t.id}:" for t in self.session.threads.values() if t.parent]
            return sorted({w for w in [*self._next([]), *speakers] if w.startswith(begun)})
        return sorted({word for word in self._next(words) if word.startswith(begun)})

    def _next(self, words: list[str]) -> Iterator[str]:
        """Iterate over what could follow these words."""
        for look in LOOKS:
            first, _, _ = look.partition(" ")
            if not words:
                yield first
            elif words == [first] and first == "list":
                yield from self.lists()
        for phrase in PHRASES:
            yield from self._follows(phrase, words)

    def _follows(self, phrase: Phrase, words: list[str]) -> Iterator[str]:
        """Iterate over what could follow these words in one phrase."""
        rest = list(words)
        for part in phrase.parts:
            if rest and _fits(part, rest[0]):
                rest.pop(0)
            elif not rest:
                yield from self._words(part)
                if not part.optional:
                    return
            elif not part.optional:
                return


def _fits(part: Part, word: str) -> bool:
    """Whether a word could stand for a part."""
    if part.slot is None:
        return word == part.word
    if part.key and not word.startswith(f"{part.key}="):
        return False
    try:
        part.slot.read(word[len(part.key) + 1 :] if part.key else word)
    except ValueError:
        return False
    return True
