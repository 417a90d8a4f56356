"""Refusals: what a command gets that cannot be done, and which reason goes before which.

A refusal is a value. Where a row of a table denies, `REFUSED` names the code for it and the row's
own reason is the refusal's; what no table holds (an id that names nothing) is refused by hand.

`PRECEDENCE` answers "two things are wrong; which one do I hear about?": the one that stands first.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import attrs

from lifecycle.dialects import Dialect
from lifecycle.state import Session
from lifecycle.table import Row
from lifecycle.vocabulary import (
    CallState as C,
    CallTrigger,
    DeploymentState as D,
    RefusalCode as R,
    SessionState as S,
    SessionTrigger,
    ThreadState as T,
    ThreadTrigger,
    Word,
)

__all__ = ["PRECEDENCE", "REFUSED", "RETRY_HELPS", "Refusal", "refusal", "refused_by"]

PRECEDENCE: Final = (
    R.UNAUTHENTICATED,
    R.WRONG_SESSION,
    R.SESSION_NOT_FOUND,
    R.SESSION_EXISTS,
    R.SESSION_ENDED,
    R.THREAD_NOT_FOUND,
    R.CALL_NOT_FOUND,
    R.RUN_NOT_FOUND,
    R.INVALID_INPUT,
    R.PRIMARY_THREAD,
    R.WORKFLOW_RUN_OPEN,
    R.THREAD_ENDED,
    R.THREAD_ARCHIVED,
    R.THREAD_NOT_IDLE,
    R.SESSION_RUNNING,
    R.ARCHIVE_RUNNING,
    R.DELETE_RUNNING,
    R.ANSWERS_REQUIRED,
    R.BUDGET_REACHED,
    R.WRONG_ANSWER,
    R.CALL_ANSWERED,
    R.CONFIRMATION_FIRST,
    R.OUT_OF_TURN,
    R.ID_TAKEN,
    R.THREAD_LIMIT,
    R.DEPLOYMENT_NOT_FOUND,
    R.DEPLOYMENT_EXISTS,
    R.DEPLOYMENT_ARCHIVED,
    R.DEPLOYMENT_PAUSED,
    R.DEPLOYMENT_ACTIVE,
    R.RUN_NOT_OPEN,
    R.ALREADY_FIRED,
    R.NOT_SCHEDULED,
    R.NOT_DUE,
)
"""Every code, the first that applies goes before the rest."""

RETRY_HELPS: Final = frozenset(
    {
        R.THREAD_NOT_IDLE,
        R.SESSION_RUNNING,
        R.ARCHIVE_RUNNING,
        R.DELETE_RUNNING,
        R.ANSWERS_REQUIRED,
        R.BUDGET_REACHED,
        R.CONFIRMATION_FIRST,
        R.OUT_OF_TURN,
        R.THREAD_LIMIT,
        R.WORKFLOW_RUN_OPEN,
        R.DEPLOYMENT_PAUSED,
        R.NOT_DUE,
    }
)
"""Codes that say "not now": the same command may be accepted once something else has happened."""

# fmt: off
REFUSED: Final[Mapping[tuple[str, Word | None, Word | None], R]] = {
    ("session",      S.DELETED,        None):                              R.SESSION_NOT_FOUND,
    ("session",      S.TERMINATED,     None):                              R.SESSION_ENDED,
    ("session",      S.ARCHIVED,       None):                              R.SESSION_ENDED,
    ("session",      None,             SessionTrigger.SEND_INPUT):         R.SESSION_RUNNING,
    ("session",      S.RUNNING,        SessionTrigger.SEND_INPUT_ASKED):   R.SESSION_RUNNING,
    ("session",      None,             SessionTrigger.SEND_INPUT_ASKED):   R.ANSWERS_REQUIRED,
    ("session",      None,             SessionTrigger.SEND_INPUT_CAPPED):  R.BUDGET_REACHED,
    ("session",      None,             SessionTrigger.UPDATE_AGENT):       R.SESSION_RUNNING,
    ("session",      None,             SessionTrigger.ARCHIVE):            R.ARCHIVE_RUNNING,
    ("session",      None,             SessionTrigger.DELETE):             R.DELETE_RUNNING,
    ("session",      None,             None):                              R.OUT_OF_TURN,

    ("thread",       None,             ThreadTrigger.ARCHIVE_PRIMARY):     R.PRIMARY_THREAD,
    ("thread",       T.ARCHIVED,       ThreadTrigger.ARCHIVE_CHILD):       R.THREAD_ARCHIVED,
    ("thread",       T.ARCHIVED,       None):                              R.THREAD_ENDED,
    ("thread",       T.TERMINATED,     None):                              R.THREAD_ENDED,
    ("thread",       None,             ThreadTrigger.ARCHIVE_CHILD):       R.THREAD_NOT_IDLE,
    ("thread",       None,             None):                              R.OUT_OF_TURN,

    ("message",      None,             None):                              R.OUT_OF_TURN,

    ("call",         C.ASKED,          CallTrigger.CLIENT_RESULT):         R.CONFIRMATION_FIRST,
    ("call",         C.ASKED,          CallTrigger.RESULT):                R.CONFIRMATION_FIRST,
    ("call",         C.ALLOWED,        CallTrigger.ALLOW):                 R.WRONG_ANSWER,
    ("call",         C.ALLOWED,        CallTrigger.DENY):                  R.WRONG_ANSWER,
    ("call",         None,             None):                              R.CALL_ANSWERED,

    ("span",         None,             None):                              R.OUT_OF_TURN,

    ("workflow_run", None,             None):                              R.RUN_NOT_FOUND,
    ("phase",        None,             None):                              R.RUN_NOT_FOUND,

    ("deployment",   D.ARCHIVED,       None):                              R.DEPLOYMENT_ARCHIVED,
    ("deployment",   D.ACTIVE,         None):                              R.DEPLOYMENT_ACTIVE,
    ("deployment",   None,             None):                              R.DEPLOYMENT_PAUSED,
}
# fmt: on
"""The code of each denying row; an exact cell goes before a state, a state before a trigger."""


@attrs.frozen
class Refusal:
    """Why a command was refused.

    Attributes:
        code: the code.
        reason: why, as the end of a sentence: the row's own words where a row refused it.
        status: the HTTP status that the dialect answers with.
        type: the error type that it answers with.
        message: its message.
        retry_helps: whether the same command may be accepted later.
        subject: the id of what it is about, if it is about something.
    """

    code: R
    reason: str
    status: int
    type: str
    message: str
    retry_helps: bool
    subject: str = ""


def refused_by(machine: str, row: Row[Word, Word]) -> R:
    """Return the code of a row of *machine* that denies.

    Raises:
        KeyError: the machine's refusals have no codes.
    """
    keys = (
        (machine, row.state, row.trigger),
        (machine, row.state, None),
        (machine, None, row.trigger),
    )
    return next((REFUSED[k] for k in keys if k in REFUSED), REFUSED[machine, None, None])


def refusal(
    dialect: Dialect, code: R, reason: str, subject: str = "", session: Session | None = None
) -> Refusal:
    """Return the refusal with *code* as *dialect* answers it for *session*."""
    answer = dialect.answers.get(code) or dialect.answers[R.INVALID_INPUT]
    return Refusal(
        code,
        reason,
        answer.status,
        answer.type,
        answer.said(
            session=session.id if session else "",
            status=dialect.word("session", session.state) if session else "",
            reason=reason,
        ),
        code in RETRY_HELPS,
        subject,
    )
