"""What may stand in the gaps of a line: names, texts, words, amounts.

A `Slot` reads a token into the value of a command's field, writes it back, and says what could
stand there now.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

import attrs

from lifecycle.commands import SendMessage
from lifecycle.state import Session
from lifecycle.vocabulary import ErrorType, OutcomeResult, Permission, RetryStatus, RunResult

__all__ = ["PRIMARY", "SESSION_ID", "SLOTS", "Slot", "SlotError"]

SESSION_ID: Final = "sesn_1"
"""The id of the one session that a lesson is about."""

PRIMARY: Final = "primary"
"""The id of its primary thread."""

_NAME: Final = re.compile(r"[A-Za-z_][\w.-]*")


class SlotError(ValueError):
    """A token that does not fit its slot; the text says what would."""


@attrs.frozen
class Slot:
    """A gap in a phrase.

    Attributes:
        field: the field of the command that it fills.
        about: what stands there, for the help.
        read: makes the field's value of a token, or raises `SlotError`.
        write: makes the token of a value again.
        words: what may always stand there, or the first of it.
        present: what of a session may stand there.
        stem: how new names begin.
    """

    field: str
    about: str
    read: Callable[[str], Any]
    write: Callable[[Any], str]
    words: tuple[str, ...] = ()
    present: Callable[[Session], Iterable[str]] | None = None
    stem: str = ""

    def offers(self, session: Session | None, used: Iterable[str]) -> list[str]:
        """Return what makes sense here now, given every name that was *used* before."""
        found = list(self.words)
        if self.present is not None and session is not None:
            found += self.present(session)
        if self.stem:
            taken = set(used)
            names = (f"{self.stem}{n}" for n in range(1, len(taken) + 2))
            found.append(next(name for name in names if name not in taken))
        return found


# -- tokens ----------------------------------------------------------------------------------------


def _read_text(token: str) -> str:
    if not token.startswith('"'):
        raise SlotError('a text stands in quotes: "..."')
    try:
        return str(json.loads(token))
    except ValueError:
        raise SlotError(f"the quotes of {token} do not close") from None


def _write_text(value: Any) -> str:
    if not isinstance(value, str):
        raise SlotError("only a text can be written down")
    return json.dumps(value, ensure_ascii=False)


def _read_name(token: str) -> str:
    if not _NAME.fullmatch(token):
        raise SlotError(f"{token} is no name")
    return token


def _text(field: str, about: str) -> Slot:
    return Slot(field, about, _read_text, _write_text, ('"..."',))


def _old(field: str, about: str, present: Callable[[Session], Iterable[str]]) -> Slot:
    return Slot(field, about, _read_name, str, present=present)


def _new(field: str, about: str, stem: str = "") -> Slot:
    return Slot(field, about, _read_name, str, stem=stem)


def _word(field: str, about: str, words: type[StrEnum]) -> Slot:
    def read(token: str) -> StrEnum:
        if token not in list(words):
            raise SlotError(f"{token} is none of {', '.join(words)}")
        return words(token)

    return Slot(field, about, read, str, tuple(str(word) for word in words))


# -- special values --------------------------------------------------------------------------------


def _read_first(token: str) -> tuple[SendMessage, ...]:
    return (SendMessage(session_id=SESSION_ID, content=_read_text(token)),)


def _write_first(value: Any) -> str:
    return _write_text(value[0].content)


def _read_cap(token: str) -> dict[str, Any]:
    if not re.fullmatch(r"\d+(\.\d+)?", token):
        raise SlotError(f"{token} is no amount")
    return {"max_list_cost": {"amount": token, "currency": "USD"}}


def _write_cap(value: Any) -> str:
    return str(value["max_list_cost"]["amount"])


def _read_budget(token: str) -> dict[str, Any]:
    return {"budget": None if token == "none" else _read_cap(token)}  # noqa: S105 - a word, no secret


def _write_budget(value: Any) -> str:
    return "none" if value["budget"] is None else _write_cap(value["budget"])


def _read_title(token: str) -> dict[str, Any]:
    return {"title": _read_text(token)}


def _write_title(value: Any) -> str:
    return _write_text(value["title"])


def _children(session: Session) -> list[str]:
    return [thread.id for thread in session.threads.values() if thread.parent]


# fmt: off
SLOTS: Final = MappingProxyType({
    "TEXT":     _text("content", "a text in quotes"),
    "TASK":     _text("task", "the child's first message, in quotes"),
    "ADVICE":   _text("advice", "a text in quotes"),
    "REASON":   _text("deny_message", "why, in quotes"),
    "GOAL":     _text("description", "the goal, in quotes"),
    "WHY":      _text("explanation", "a text in quotes"),
    "SAYING":   _text("message", "the error's text, in quotes"),
    "TOOL":     _text("name", "the tool's name, in quotes"),
    "FIRST":    Slot("initial", "a message, in quotes", _read_first, _write_first, ('"..."',)),
    "TITLE":    Slot("changes", "a title, in quotes", _read_title, _write_title, ('"..."',)),
    "CAP":      Slot("budget", "an amount in dollars", _read_cap, _write_cap, ("5",)),
    "BUDGET":   Slot("changes", "dollars, or none", _read_budget, _write_budget, ("5", "none")),
    "CALL":     _old("call_id", "an open call", lambda s: s.calls),
    "THREAD":   _old("thread_id", "a thread: primary, child-1, ...", lambda s: s.threads),
    "CHILD":    _old("child_id", "a child thread", _children),
    "RUN":      _old("run_id", "an open workflow run", lambda s: s.runs),
    "PHASE":    _new("phase_id", "a phase of the run, such as phase-1", "phase-"),
    "NEW":      _new("call_id", "a name for the call, such as c1", "c"),
    "NEWCOMER": _new("child_id", "a name for the child, such as child-1", "child-"),
    "NEWRUN":   _new("run_id", "a name for the run, such as run-1", "run-"),
    "AGENT":    _new("agent_name", "the child's agent"),
    "POLICY":   _word("permission", "allow, ask or deny", Permission),
    "ERROR":    _word("error", "an error's type", ErrorType),
    "RETRY":    _word("retry", "retrying, exhausted or terminal", RetryStatus),
    "GRADE":    _word("result", "how the grading ends", OutcomeResult),
    "END":      _word("result", "completed, stopped or error", RunResult),
})
# fmt: on
"""Every slot by the word that stands for it in a phrase."""
