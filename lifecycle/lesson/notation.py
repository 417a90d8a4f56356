"""A notation: a line for each command, read and written by one table of phrases.

A phrase is words and slots: ``tool NEW [POLICY] [TOOL]``. What stands in brackets may be left out.
There are two tables, of the same form: one for sessions, one for deployments.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import attrs

from lifecycle.lesson.slots import SESSION_ID, SLOTS, Slot, SlotError

__all__ = ["LineError", "Notation", "Part", "Phrase", "tokens"]


class LineError(ValueError):
    """A line that is no command; the text says what could have been meant."""


@attrs.frozen
class Part:
    """One word or slot of a phrase.

    Attributes:
        word: the word, or the name of the slot.
        slot: the slot; `None` for a word.
        optional: whether it may be left out.
        key: what stands before a slot that is given by name, as in ``agent=AGENT``.
    """

    word: str
    slot: Slot | None = None
    optional: bool = False
    key: str = ""

    @property
    def flag(self) -> str:
        """The field that an optional word switches on."""
        return _FLAGS.get(self.word, self.word.replace("-", "_"))


_FLAGS: Final = {"error": "is_error"}


def _told(command: Any) -> Mapping[str, Any]:
    """Return a command's fields as they are."""
    return attrs.asdict(command, recurse=False)


@attrs.frozen
class Phrase:
    """How one command is said.

    Attributes:
        form: its words and slots.
        command: the class that it makes.
        fixed: fields whose values the words say.
        given: fields whose values differ from the class's own defaults if the line leaves them out.
        slots: what its slots' names mean.
        base: fields that every command of the notation has.
        make: makes the command of the fields; the class itself, if it is `None`.
        told: makes the fields of a command again.
    """

    form: str
    command: type[Any]
    fixed: Mapping[str, Any] = attrs.field(factory=dict)
    given: Mapping[str, Any] = attrs.field(factory=dict)
    slots: Mapping[str, Slot] = attrs.field(default=SLOTS, kw_only=True, repr=False)
    base: Mapping[str, Any] = attrs.field(default={"session_id": SESSION_ID}, kw_only=True)
    make: Callable[..., Any] | None = attrs.field(default=None, kw_only=True)
    told: Callable[[Any], Mapping[str, Any]] = attrs.field(default=_told, kw_only=True)

    @property
    def parts(self) -> tuple[Part, ...]:
        """The words and slots, in order."""
        return tuple(self._part(token) for token in self.form.split())

    @property
    def about(self) -> str:
        """The first sentence of the command's own explanation."""
        first = (self.command.__doc__ or "").partition("\n")[0]
        return first.partition(" Source:")[0]

    @property
    def words(self) -> tuple[str, ...]:
        """The words that it begins with."""
        said = []
        for part in self.parts:
            if part.slot is not None or part.optional:
                break
            said.append(part.word)
        return tuple(said)

    def _part(self, token: str) -> Part:
        """Return the part that a token of the form stands for."""
        key, _, word = token.strip("[]").rpartition("=")
        return Part(word, self.slots.get(word), token.startswith("["), key)


_TOKEN: Final = re.compile(
    r'(?:[\w-]+=)?"(?:[^"\\]|\\.)*"|\d{4}-\d\d-\d\d \d\d:\d\d(?::\d\d)? UTC(?!\S)|\S+'
)


def tokens(line: str) -> list[str]:
    """Return the words of a line; a text in quotes is one, and so is a moment."""
    return _TOKEN.findall(line)


@attrs.frozen
class Notation:
    """Everything that can be said of one kind of thing.

    Attributes:
        groups: the phrases, under the headings that a help gives them.
        looks: what can be said beside commands, and what it shows; it changes nothing.
        threads: whether a thread's name may stand before what it reports.
    """

    groups: tuple[tuple[str, tuple[Phrase, ...]], ...]
    looks: Mapping[str, str]
    threads: bool = False

    @property
    def phrases(self) -> tuple[Phrase, ...]:
        """Every phrase."""
        return tuple(phrase for _, group in self.groups for phrase in group)

    # -- reading ---------------------------------------------------------------------------------

    def parse(self, line: str) -> Any:
        """Return the command that a line says.

        Raises:
            LineError: it says none.
        """
        said = tokens(line)
        speaker = ""
        if self.threads and said and said[0].endswith(":"):
            speaker = said.pop(0)[:-1]
        if not said:
            raise LineError("the line says nothing")
        whys = []
        for phrase in self._meant(said):
            if speaker and not phrase.command.reported:
                raise LineError(
                    f"a client says `{phrase.form}`, not a thread: leave `{speaker}:` out"
                )
            try:
                return _make(phrase, said, speaker)
            except SlotError as error:
                whys.append(f"`{phrase.form}`: {error}")
        raise LineError("; ".join(whys) or self.unknown(said[0]))

    def _meant(self, said: list[str]) -> Iterator[Phrase]:
        """Iterate over the phrases that begin as the line does; the longest beginnings alone."""
        fitting = [p for p in self.phrases if p.words == tuple(said[: len(p.words)])]
        most = max((len(phrase.words) for phrase in fitting), default=0)
        found = [phrase for phrase in fitting if len(phrase.words) == most]
        yield from found or [p for p in self.phrases if p.words[0] == said[0]]

    def unknown(self, word: str) -> str:
        """Return what is said of a word that begins no phrase."""
        lines = [*(phrase.form for phrase in self.phrases), *self.looks]
        known = list(dict.fromkeys(line.partition(" ")[0] for line in lines))
        near = difflib.get_close_matches(word, known, n=1)
        hint = f"did you mean `{near[0]}`? " if near else ""
        return f"no line begins with `{word}`; {hint}`help` lists what can: {', '.join(known)}"

    # -- writing ---------------------------------------------------------------------------------

    def line_of(self, command: Any) -> str:
        """Return the line that says *command*.

        Raises:
            LineError: no line says all of it.
        """
        for phrase in self.phrases:
            if phrase.command is type(command):
                try:
                    line = _written(phrase, command)
                    if self.parse(line) == command:
                        return line
                except (SlotError, LineError, KeyError, IndexError, TypeError):
                    continue
        raise LineError(f"no line says all of {command}")


def _make(phrase: Phrase, said: list[str], speaker: str) -> Any:
    """Return the command, if the tokens fit the phrase."""
    fields: dict[str, Any] = {**phrase.base, **phrase.given, **phrase.fixed}
    if speaker:
        fields["thread_id"] = speaker
    rest = list(said)
    for part in phrase.parts:
        token = rest[0] if rest else None
        if _takes(part, token, fields):
            rest.pop(0)
        elif not part.optional:
            raise SlotError(_missing(part, token))
    if rest:
        raise SlotError(f"{rest[0]} is too much, or does not fit")
    return (phrase.make or phrase.command)(**fields)


def _takes(part: Part, token: str | None, fields: dict[str, Any]) -> bool:
    """Whether *token* fits *part*; if it does, its field is filled."""
    if token is None or (part.key and not token.startswith(f"{part.key}=")):
        return False
    slot = part.slot
    if slot is None:
        if part.optional and token == part.word:
            fields[part.flag] = True
        return token == part.word
    try:
        fields[slot.field] = slot.read(token[len(part.key) + 1 :] if part.key else token)
    except SlotError:
        if part.optional and not part.key:
            return False
        raise
    return True


def _missing(part: Part, token: str | None) -> str:
    """Return what is said where a part has not come."""
    wanted = f"{part.word} ({part.slot.about})" if part.slot is not None else f"`{part.word}`"
    return f"{wanted} is missing" if token is None else f"{wanted} should stand where {token} does"


def _written(phrase: Phrase, command: Any) -> str:
    """Return the line that says *command* by *phrase*, as far as the phrase can."""
    plain = {one.name: one.default for one in attrs.fields(type(command))}
    left_out = {**plain, **phrase.given, **phrase.fixed}
    fields, said = phrase.told(command), []
    for part in phrase.parts:
        slot = part.slot
        if slot is None:
            if not part.optional or fields[part.flag]:
                said.append(part.word)
            continue
        value = fields[slot.field]
        if not part.optional or value != left_out.get(slot.field):
            said.append(f"{part.key}={slot.write(value)}" if part.key else slot.write(value))
    speaker = fields.get("thread_id", "") if command.reported else ""
    return " ".join([f"{speaker}:", *said] if speaker else said)
