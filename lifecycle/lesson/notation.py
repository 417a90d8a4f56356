"""The notation of lessons: a line for each command, read and written by one table of phrases.

A phrase is words and slots: ``tool NEW [POLICY] [TOOL]``. What stands in brackets may be left out.
A report of another thread than the primary begins with the thread: ``child-1: turn ends``.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import attrs

from lifecycle import commands as c
from lifecycle.lesson.slots import PRIMARY, SESSION_ID, SLOTS, Slot, SlotError
from lifecycle.vocabulary import ErrorType

__all__ = ["PHRASES", "LineError", "Part", "Phrase", "line_of", "parse", "tokens"]


class LineError(ValueError):
    """A line that is no command; the text says what could have been meant."""


@attrs.frozen
class Part:
    """One word or slot of a phrase.

    Attributes:
        word: the word, or the name of the slot.
        optional: whether it may be left out.
        key: what stands before a slot that is given by name, as in ``agent=AGENT``.
    """

    word: str
    optional: bool = False
    key: str = ""

    @property
    def slot(self) -> Slot | None:
        """The slot; `None` for a word."""
        return SLOTS.get(self.word)

    @property
    def flag(self) -> str:
        """The field that an optional word switches on."""
        return _FLAGS.get(self.word, self.word.replace("-", "_"))


_FLAGS: Final = {"error": "is_error"}


@attrs.frozen
class Phrase:
    """How one command is said.

    Attributes:
        form: its words and slots.
        command: the class that it makes.
        fixed: fields whose values the words say.
        given: fields whose values differ from the class's own defaults if the line leaves them out.
    """

    form: str
    command: type[c.Command]
    fixed: Mapping[str, Any] = attrs.field(factory=dict)
    given: Mapping[str, Any] = attrs.field(factory=dict)

    @property
    def parts(self) -> tuple[Part, ...]:
        """The words and slots, in order."""
        return tuple(_part(token) for token in self.form.split())

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


def _part(token: str) -> Part:
    optional = token.startswith("[")
    key, _, word = token.strip("[]").rpartition("=")
    return Part(word, optional, key)


_CREATE: Final = {"primary_id": PRIMARY}
_MCP: Final = {"name": "search", "server": "docs"}

# fmt: off
PHRASES: Final = (
    Phrase("create [FIRST] [self-hosted] [budget=CAP]", c.CreateSession, {}, _CREATE),
    Phrase("message TEXT",                c.SendMessage),
    Phrase("outcome GOAL",                c.DefineOutcome, given={"outcome_id": "outcome"}),
    Phrase("system TEXT",                 c.SendSystemMessage),
    Phrase("interrupt [THREAD]",          c.Interrupt),
    Phrase("allow CALL",                  c.ConfirmTool, {"allow": True}),
    Phrase("deny CALL [REASON]",          c.ConfirmTool, {"allow": False}),
    Phrase("answer CALL [TEXT] [error]",  c.AnswerTool),
    Phrase("return CALL [TEXT] [error]",  c.ReturnResult),
    Phrase("archive session",             c.ArchiveSession),
    Phrase("archive THREAD",              c.ArchiveThread),
    Phrase("delete session",              c.DeleteSession),
    Phrase("update budget=BUDGET",        c.UpdateSession),
    Phrase("update title=TITLE",          c.UpdateSession),

    Phrase("deliver",                     c.DeliverNext),
    Phrase("turn starts",                 c.StartTurn),
    Phrase("request starts",              c.RequestStarted),
    Phrase("request ends [error]",        c.RequestEnded),
    Phrase("says TEXT",                   c.AgentSpoke),
    Phrase("thinks",                      c.AgentThought),
    Phrase("tool NEW [POLICY] [TOOL]",    c.ToolUsed, {"kind": "tool"}, {"name": "bash"}),
    Phrase("mcp NEW [POLICY] [TOOL]",     c.ToolUsed, {"kind": "mcp"}, _MCP),
    Phrase("custom NEW [TOOL]",           c.ToolUsed, {"kind": "custom"}, {"name": "lookup"}),
    Phrase("result CALL [TEXT] [error]",  c.ToolResulted),
    Phrase("turn ends [refused] [over-budget]", c.TurnEnded),
    Phrase("budget reached",              c.BudgetReached),
    Phrase("error ERROR [RETRY] [SAYING]", c.ReportError),
    Phrase("turn reschedules [ERROR] [SAYING]", c.RescheduleTurn),
    Phrase("turn fails [ERROR] [SAYING]", c.FailTurn),
    Phrase("thread fails [ERROR] [SAYING]", c.FailSession, given={"error": ErrorType.BILLING}),
    Phrase("spawn NEWCOMER [TASK] [blocking] [agent=AGENT] [call=CALL] [run=RUN]", c.SpawnChild),
    Phrase("tell CHILD TEXT",             c.MessageChild),
    Phrase("report TEXT",                 c.Report),
    Phrase("advise NEWCOMER [ADVICE]",    c.ConsultAdvisor),
    Phrase("thread finishes",             c.FinishThread),
    Phrase("grading starts",              c.EvaluationStarted),
    Phrase("grading ends [GRADE] [WHY]",  c.EvaluationEnded),
    Phrase("run NEWRUN opens",            c.StartRun),
    Phrase("run RUN runs",                c.RunResumed),
    Phrase("run RUN pauses",              c.RunPaused),
    Phrase("run RUN phase PHASE starts",  c.PhaseReported, {"ended": False}),
    Phrase("run RUN phase PHASE ends",    c.PhaseReported, {"ended": True}),
    Phrase("run RUN ends [END]",          c.RunEnded),
)
# fmt: on
"""Every phrase: first what a client says, then what the agent's loop reports."""

_TOKEN: Final = re.compile(r'(?:[\w-]+=)?"(?:[^"\\]|\\.)*"|\S+')


def tokens(line: str) -> list[str]:
    """Return the words of a line; a text in quotes is one."""
    return _TOKEN.findall(line)


# -- reading ---------------------------------------------------------------------------------------


def parse(line: str) -> c.Command:
    """Return the command that a line says.

    Raises:
        LineError: it says none.
    """
    said = tokens(line)
    speaker = ""
    if said and said[0].endswith(":"):
        speaker = said.pop(0)[:-1]
    if not said:
        raise LineError("the line says nothing")
    whys = []
    for phrase in _meant(said):
        if speaker and not phrase.command.reported:
            raise LineError(f"a client says `{phrase.form}`, not a thread: leave `{speaker}:` out")
        try:
            return _make(phrase, said, speaker)
        except SlotError as error:
            whys.append(f"`{phrase.form}`: {error}")
    raise LineError("; ".join(whys) or _unknown(said[0]))


def _meant(said: list[str]) -> Iterator[Phrase]:
    """Iterate over the phrases that begin as the line does; the longest beginnings alone."""
    fitting = [p for p in PHRASES if p.words == tuple(said[: len(p.words)])]
    most = max((len(phrase.words) for phrase in fitting), default=0)
    found = [phrase for phrase in fitting if len(phrase.words) == most]
    yield from found or [p for p in PHRASES if p.words[0] == said[0]]


def _unknown(word: str) -> str:
    """Return what is said of a word that begins no phrase."""
    near = difflib.get_close_matches(word, {phrase.words[0] for phrase in PHRASES}, n=1)
    hint = f"did you mean `{near[0]}`?" if near else "`help` lists what can be said"
    return f"no line begins with `{word}`; {hint}"


def _make(phrase: Phrase, said: list[str], speaker: str) -> c.Command:
    """Return the command, if the tokens fit the phrase."""
    fields: dict[str, Any] = {"session_id": SESSION_ID, **phrase.given, **phrase.fixed}
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
    return phrase.command(**fields)


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


# -- writing ---------------------------------------------------------------------------------------


def line_of(command: c.Command) -> str:
    """Return the line that says *command*.

    Raises:
        LineError: no line says all of it.
    """
    for phrase in PHRASES:
        if phrase.command is type(command):
            try:
                line = _written(phrase, command)
                if parse(line) == command:
                    return line
            except (SlotError, LineError, KeyError, IndexError):
                continue
    raise LineError(f"no line says all of {command}")


def _written(phrase: Phrase, command: c.Command) -> str:
    """Return the line that says *command* by *phrase*, as far as the phrase can."""
    plain = {one.name: one.default for one in attrs.fields(type(command))}
    left_out = {**plain, **phrase.given, **phrase.fixed}
    said = []
    for part in phrase.parts:
        slot = part.slot
        if slot is None:
            if not part.optional or getattr(command, part.flag):
                said.append(part.word)
            continue
        value = getattr(command, slot.field)
        if not part.optional or value != left_out[slot.field]:
            said.append(f"{part.key}={slot.write(value)}" if part.key else slot.write(value))
    speaker = getattr(command, "thread_id", "") if command.reported else ""
    return " ".join([f"{speaker}:", *said] if speaker else said)
