"""DR: the runs of deployments, one by one.

A run tells how the creation of a session went, and nothing of the session after that.
"""

from __future__ import annotations

from typing import Final

from lifecycle.check.findings import Level
from lifecycle.check.ledger import Ledger
from lifecycle.check.record import Run
from lifecycle.check.rule import Fault, rule
from lifecycle.check.rules.shared import BOTH, DOCUMENTED, SCHEDULED_AT
from lifecycle.vocabulary import (
    DeploymentErrorType,
    RecordType,
    RunTriggerType,
)

__all__: list[str] = []

ON: Final = RecordType.RUN


@rule("DR001", Level.ERROR, "run-with-session-and-error", ON, evidence=DOCUMENTED, dialects=BOTH)
def run_with_session_and_error(v: Ledger, e: Run) -> Fault | None:
    """A run has a session or an error, and never both.

    Qoder's earlier runs, which have a status, tell how their session went, too, and are left alone.

    Why it matters: whoever counts failures and whoever counts sessions disagree.
    Flagged:
        deployment_run manual session=s1 error=unknown_error
    Accepted:
        deployment_run manual session=s1
        deployment_run manual error=unknown_error
    Source: documented: exactly one of the two is non-null, for the run's whole life.
    """
    if e.session is None or not e.failed or e.status is not None:
        return None
    return Fault(
        "the run has a session and an error",
        expected="null, for it has a session",
        path=("error",),
    )


@rule("DR002", Level.ERROR, "run-without-session-or-error", ON, evidence=DOCUMENTED,
      dialects=BOTH)  # fmt: skip
def run_without_session_or_error(v: Ledger, e: Run) -> Fault | None:
    """A run has a session or an error.

    Both are null in one that is flagged; an export may leave them out. Qoder's earlier runs, which
    have a status, are recorded before they have either, and are left alone.

    Why it matters: nobody knows whether it ran. A run keeps its session's id when the session is
    deleted.
    Flagged:
        deployment_run manual session=null
    Accepted:
        deployment_run manual session=s1
    Source: documented: exactly one of the two is non-null; recorded: deleting the session leaves
    the run as it is.
    """
    if not e.neither or e.status is not None:
        return None
    return Fault(
        "the run has neither a session nor an error",
        expected="a session's id, or an error",
        path=("session_id",),
    )


@rule("DR003", Level.ERROR, "scheduled-run-without-its-minute", ON, evidence=DOCUMENTED)
def scheduled_run_without_its_minute(v: Ledger, e: Run) -> Fault | None:
    """A scheduled run names its occurrence, which is on a whole minute.

    `scheduled_at` is the time before the delay that spreads runs; when the run was made is its
    `created_at`.

    Why it matters: a run is known as the one of its occurrence by this time alone.
    Flagged:
        deployment_run schedule 09:00:04
    Accepted:
        deployment_run schedule 09:00 at=09:00:04
    Source: documented: the cron match before the delay, and minutes are the smallest step.
    """
    if e.trigger != RunTriggerType.SCHEDULE or e.misread(SCHEDULED_AT):
        return None
    if e.scheduled_at is None:
        return Fault(
            "the run is scheduled, and does not say for when",
            expected="`scheduled_at`, the occurrence",
            path=("trigger_context",),
        )
    if e.scheduled_at.second or e.scheduled_at.microsecond:
        return Fault(
            "the run is scheduled within a minute",
            expected="a whole minute, as every occurrence",
            path=SCHEDULED_AT,
        )
    return None


@rule("DR004", Level.WARNING, "run-by-hand-with-an-occurrence", ON, evidence=DOCUMENTED,
      dialects=BOTH)  # fmt: skip
def run_by_hand_with_an_occurrence(v: Ledger, e: Run) -> Fault | None:
    """A run by hand is of no occurrence of the schedule.

    Why it matters: it is counted as the run of that occurrence, which may be missing.
    Flagged:
        deployment_run manual 09:00
    Accepted:
        deployment_run schedule 09:00
    Source: documented: the context of a run by hand has nothing but its type.
    """
    if e.trigger != RunTriggerType.MANUAL or e.scheduled_at is None:
        return None
    return Fault(
        "the run was made by hand, and names an occurrence",
        expected="nothing: only a scheduled run has an occurrence",
        path=SCHEDULED_AT,
    )


@rule("DR005", Level.NOTE, "run-word-that-nobody-knows", ON, evidence=DOCUMENTED, dialects=BOTH)
def run_word_that_nobody_knows(v: Ledger, e: Run) -> Fault | None:
    """What made a run, and its error, are words of their sets: two, and sixteen.

    New words appear; what they mean is not checked.

    Why it matters: whether such an error pauses is not known, and so not checked.
    Flagged:
        deployment_run manual error=moon_phase_error
    Accepted:
        deployment_run manual error=mcp_egress_blocked_error
    Source: documented with the client's types.
    """
    if e.error is not None and e.error not in set(DeploymentErrorType):
        return Fault(
            f"`{e.error}` is no known error of a run",
            expected="one of the sixteen",
            path=("error", "type"),
        )
    if e.trigger is not None and e.trigger not in set(RunTriggerType):
        return Fault(
            f"`{e.trigger}` is no known trigger of a run",
            expected="`manual` or `schedule`",
            path=("trigger_context", "type"),
        )
    return None


@rule("DR006", Level.WARNING, "failed-run-without-a-message", ON, evidence=DOCUMENTED)
def failed_run_without_a_message(v: Ledger, e: Run) -> Fault | None:
    """The error of a run has a type and a message.

    Why it matters: the reason of a pause has the type alone, so only the run can say more.
    Flagged:
        deployment_run manual error=unknown_error error.message=""
    Accepted:
        deployment_run manual error=unknown_error
    Source: documented with the client's types.
    """
    if not e.failed or (e.told and e.error) or e.misread(("error",)):
        return None
    lacks = "message" if e.error else "type"
    return Fault(
        f"the run failed, and its error has no {lacks}",
        expected=f"an error with a {lacks}",
        path=("error",),
    )


@rule("DR010", Level.WARNING, "run-ahead-of-its-time", ON, evidence=DOCUMENTED, dialects=BOTH)
def run_ahead_of_its_time(v: Ledger, e: Run) -> Fault | None:
    """A scheduled run is not made before its occurrence.

    Clocks of one service may differ a little, so this is a warning.

    Why it matters: it ran with what was there before its time.
    Flagged:
        deployment_run schedule 09:00 at=08:59:00
    Accepted:
        deployment_run schedule 09:00 at=09:00
    Source: documented: a run starts at or shortly after its listed time.
    """
    if e.trigger != RunTriggerType.SCHEDULE or e.created_at is None or e.scheduled_at is None:
        return None
    if e.created_at >= e.scheduled_at:
        return None
    return Fault(
        "the run was made before its occurrence",
        expected=f"a time from {e.scheduled_at:%Y-%m-%dT%H:%M:%SZ} on",
        path=("created_at",),
    )
