"""Something that is played line by line: what sessions and deployments have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, ClassVar

from lifecycle.deployments import DeploymentDecision
from lifecycle.dialects import Dialect
from lifecycle.engine import Decision
from lifecycle.lesson.notation import Notation, Part, Phrase, tokens
from lifecycle.lesson.telling import Line, aligned

__all__ = ["Scene"]


class Scene(ABC):
    """A session or a deployment under play, with the real engine.

    Attributes:
        notation: what can be said.
        kind: what is played.
        beginning: the line that makes it.
        last: the last decision.
        said: every command that was said, also those that were refused.
    """

    notation: ClassVar[Notation]
    kind: ClassVar[str]
    beginning: ClassVar[str]

    def __init__(self) -> None:
        self.last: Decision | DeploymentDecision | None = None
        self.said: list[Any] = []

    @property
    @abstractmethod
    def dialect(self) -> Dialect:
        """The dialect that is spoken."""

    @property
    @abstractmethod
    def subject(self) -> Any:
        """The session or the deployment as it is; `None` before it was made."""

    # -- saying ----------------------------------------------------------------------------------

    def say(self, line: str) -> list[str]:
        """Say a line, and return the lines of the answer.

        Raises:
            LineError: the line says nothing that is known here.
        """
        told = self._look(tokens(line))
        if told is None:
            command = self.notation.parse(line)
            self.said.append(command)
            told = self._perform(command)
        return aligned(told)

    @abstractmethod
    def state(self) -> list[str]:
        """Return the state in words."""

    @abstractmethod
    def _perform(self, command: Any) -> list[Line]:
        """Do what a line says, and return what comes of it."""

    @abstractmethod
    def _look(self, words: list[str]) -> list[Line] | None:
        """Return what a line looks at; `None` if it is a command."""

    # -- what could be said ----------------------------------------------------------------------

    def moves(self) -> Iterator[tuple[str, Phrase]]:
        """Iterate over the lines that would be accepted now and change something."""
        for phrase in self.notation.phrases:
            for line in self._lines_of(phrase):
                if self._would(self.notation.parse(line)):
                    yield line, phrase

    @abstractmethod
    def _would(self, command: Any) -> bool:
        """Whether a command would be accepted now and change something."""

    def _moves(self) -> list[Line]:
        """Return the moves as an answer."""
        return [(phrase.command.__name__, said) for said, phrase in self.moves()]

    def _lines_of(self, phrase: Phrase) -> Iterator[str]:
        """Iterate over what a phrase could say now, without the parts that may be left out."""
        said = [""]
        for part in phrase.parts:
            if not part.optional:
                found = self._words(part)
                if part.slot is not None and part.slot.words:
                    found = found[:1]  # one error type, one amount: the others would do as well
                said = [f"{line} {word}".strip() for line in said for word in found]
        yield from (speaker + line for speaker in self._speakers(phrase) for line in said)

    def _speakers(self, phrase: Phrase) -> list[str]:  # noqa: ARG002 - a scene with threads needs it
        """Return what may stand before a phrase."""
        return [""]

    def _words(self, part: Part) -> list[str]:
        """Return what could stand for a part now."""
        slot = part.slot
        if slot is None:
            return [part.word]
        key = f"{part.key}=" if part.key else ""
        return [key + word for word in slot.offers(self.subject, self._used())]

    def _used(self) -> set[str]:
        """Return every name that was ever used."""
        return set()

    def complete(self, line: str) -> list[str]:
        """Return what the last word of an unfinished line could be.

        A line ends with a blank if its last word has not begun.
        """
        words = tokens(line)
        begun = words.pop() if words and not line.endswith(" ") else ""
        return sorted({word for word in self._next(words) if word.startswith(begun)})

    def _next(self, words: list[str]) -> Iterator[str]:
        """Iterate over what could follow these words."""
        if not words:
            yield from (look.partition(" ")[0] for look in self.notation.looks)
        for phrase in self.notation.phrases:
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
