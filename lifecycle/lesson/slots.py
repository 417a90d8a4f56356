"""What may stand in the gaps of a line: names, texts, words, amounts.

A `Slot` reads a token into the value of a command's field, writes it back, and says what could
stand there now.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

import attrs

from lifecycle.commands import SendMessage
from lifecycle.state import Session
from lifecycle.vocabulary import (
    DeploymentErrorType,
    ErrorType,
    OutcomeResult,
    Permission,
    RetryStatus,
    RunResult,
)

__all__ = [
    "DEPLOYMENT_ID",
    "DEPLOYMENT_SLOTS",
    "PRIMARY",
    "SESSION_ID",
    "SLOTS",
    "Slot",
    "SlotError",
    "write_moment",
]

SESSION_ID: Final = "sesn_1"
"""The id of the one session that a lesson is about."""

PRIMARY: Final = "primary"
"""The id of its primary thread."""

DEPLOYMENT_ID: Final = "depl_1"
"""The id of the one deployment that a lesson is about."""

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
        present: what of a session, or of a deployment, may stand there.
        stem: how new names begin.
    """

    field: str
    about: str
    read: Callable[[str], Any]
    write: Callable[[Any], str]
    words: tuple[str, ...] = ()
    present: Callable[[Any], Iterable[str]] | None = None
    stem: str = ""

    def offers(self, subject: Any, used: Iterable[str]) -> list[str]:
        """Return what makes sense here now, given every name that was *used* before."""
        found = list(self.words)
        if self.present is not None and subject is not None:
            found += self.present(subject)
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


def _old(field: str, about: str, present: Callable[[Any], Iterable[str]]) -> Slot:
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


# -- deployments -----------------------------------------------------------------------------------

_ZONE: Final = re.compile(r"[A-Za-z][\w+/-]*")
_MOMENT: Final = "%Y-%m-%d %H:%M"
_UNITS: Final = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
_DURATION: Final = re.compile("".join(rf"(?:(?P<{unit}>\d{{1,6}}){unit})?" for unit in _UNITS))


def _read_label(token: str) -> str:
    return _read_text(token) if token.startswith('"') else _read_name(token)


def _write_label(value: Any) -> str:
    return value if _NAME.fullmatch(value) else _write_text(value)


def _read_zone(token: str) -> str:
    if not _ZONE.fullmatch(token):
        raise SlotError(f"{token} is no zone's name, such as Europe/Berlin")
    return token


def _read_cron(token: str) -> str | None:
    return None if token == "null" else _read_text(token)  # noqa: S105 - a word, no secret


def _write_cron(value: Any) -> str:
    return "null" if value is None else _write_text(value)


def _read_moment(token: str) -> datetime:
    day_and_time = token.removesuffix(" UTC")
    for form in (_MOMENT, f"{_MOMENT}:%S"):
        try:
            return datetime.strptime(day_and_time, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    raise SlotError(f"{token} is no moment, such as 2026-10-25 00:30 UTC")


def write_moment(at: datetime) -> str:
    """Return a moment as it is said: in UTC, with seconds if they are not zero."""
    utc = at.astimezone(UTC)
    return f"{utc:{f'{_MOMENT}:%S' if utc.second else _MOMENT}} UTC"


def _read_duration(token: str) -> timedelta:
    read = _DURATION.fullmatch(token)
    if read is None or not token:
        raise SlotError(f"{token} is no time to wait, such as 90s, 5m, 1h30m or 2d")
    return timedelta(seconds=sum(int(read[unit] or 0) * _UNITS[unit] for unit in _UNITS))


def _write_duration(value: timedelta) -> str:
    rest, said = int(value.total_seconds()), ""
    for unit, seconds in _UNITS.items():
        count, rest = divmod(rest, seconds)
        said += f"{count}{unit}" if count else ""
    return said or "0s"


def _told(
    field: str,
    about: str,
    read: Callable[[str], Any],
    write: Callable[[Any], str] = str,
    *words: str,
) -> Slot:
    return Slot(field, about, read, write, words)


# fmt: off
_CRON: Final = '"0 9 * * 1-5"'
DEPLOYMENT_SLOTS: Final = MappingProxyType({
    "NAME":     _told("name", "one word, or a text in quotes", _read_label, _write_label, "digest"),
    "CRON":     _told("expression", "five cron fields, in quotes", _read_text, _write_text, _CRON),
    "SCHEDULE": _told("expression", "as CRON, or null", _read_cron, _write_cron, "null", _CRON),
    "ZONE":     _told("timezone", "a time zone", _read_zone, str, "Europe/Berlin", "UTC"),
    "AGENT":    _told("agent", "an agent's id", _read_name, str, "agent_2"),
    "MOMENT":   _told("at", "a time, such as 2026-10-25 00:30 UTC", _read_moment, write_moment),
    "TIME":     _told("time", "90s, 5m, 1h30m, 2d, ...", _read_duration, _write_duration, "1h"),
    "RUN":      _old("run_id", "a run under way", lambda d: [run.id for run in d.open]),
    "SESSION":  _told("session_id", "a session's id; else the run's number says it", _read_name),
    "ERROR":    _word("error", "why there is no session", DeploymentErrorType),
    "SAYING":   _text("message", "the error's text, in quotes"),
})
# fmt: on
"""Every slot of the deployments' phrases by the word that stands for it."""
