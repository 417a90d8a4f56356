"""DS: a deployment's schedule, what it lists as coming, and when it last ran."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from lifecycle.check.findings import Level
from lifecycle.check.leaves import ROUNDING, Path
from lifecycle.check.ledger import Ledger, timetable
from lifecycle.check.record import Run, Snapshot
from lifecycle.check.rule import Fault, rule
from lifecycle.check.rules.shared import BOTH
from lifecycle.dialects.deployments import UPCOMING
from lifecycle.schedule import BadSchedule, Expression, Schedule
from lifecycle.schedule.faults import TIMEZONE, Fault as Broken
from lifecycle.vocabulary import Evidence, RecordType

__all__: list[str] = []

ON: Final = RecordType.DEPLOYMENT
LISTED: Final[Path] = ("schedule", "upcoming_runs_at")

_REFUSED: Final = frozenset(
    {
        Broken.LENGTH,
        Broken.SHORTHAND,
        Broken.MISSING_FIELD,
        Broken.SECONDS_FIELD,
        Broken.YEAR_FIELD,
        Broken.MANY_FIELDS,
        Broken.EXTENSION,
        Broken.CHARACTER,
        Broken.OUT_OF_RANGE,
        Broken.BOTH_DAYS,
        Broken.NO_OCCURRENCE,
    }
)
"""The faults that the service itself is known to refuse; of the others nobody knows."""


@rule("DS001", Level.ERROR, "schedule-that-is-refused", ON, evidence=Evidence.DOCUMENTED)
def schedule_that_is_refused(v: Ledger, e: Snapshot) -> Fault | None:
    """A deployment's cron expression is one that the service accepts.

    That is said of five fields of numbers in their ranges, without seconds, years, shorthands and
    the signs `L W # ?`, with one of the two day fields left open. A day field that begins with a
    star (`*/2`) or has all of its numbers may count as open. Whether something matches within the
    next year depends on when it was created, and is not asked, but for days that no calendar has.

    Why it matters: no request can have made it so, and it never fires.
    Flagged:
        deployment active schedule="0 0 9 * * *"
    Accepted:
        deployment active schedule="0 9 * * 1-5"
    Source: documented with the field; recorded for both day fields, for six fields, and for days
    that never come.
    """
    bad = timetable(e.expression, e.timezone)
    return _fault(bad) if isinstance(bad, BadSchedule) and _is_refused(bad) else None


@rule("DS002", Level.WARNING, "schedule-that-nobody-can-read", ON, evidence=Evidence.INFERRED,
      dialects=BOTH)  # fmt: skip
def schedule_that_nobody_can_read(v: Ledger, e: Snapshot) -> Fault | None:
    """A deployment's cron expression and its time zone can be read.

    A service may accept more than its pages say (names of months, say), and its database of time
    zones may be newer; so this is a warning.

    Why it matters: what it lists as coming, and its runs, are not checked against the schedule.
    Flagged:
        deployment active schedule="0 9 * * MON"
    Accepted:
        deployment active schedule="0 9 * * 1" zone=America/New_York
    Source: inferred from what the pages say of expressions, and from the IANA database.
    """
    bad = timetable(e.expression, e.timezone)
    if not isinstance(bad, BadSchedule) or (_is_refused(bad) and v.dialect.name == BOTH[0]):
        return None
    return _fault(bad)


def _is_refused(bad: BadSchedule) -> bool:
    """Whether the service is known to refuse it; other white space than ours it may well strip."""
    if bad.fault is Broken.BOTH_DAYS:
        days = (bad.text[slice(*span)] for span in bad.spans)
        return not any(map(_may_be_open, days, ("0 0 {} * *", "0 0 * * {}")))
    is_space = bad.fault is Broken.CHARACTER and bad.text[bad.position].isspace()
    return bad.fault in _REFUSED and not is_space


def _may_be_open(field: str, alone: str) -> bool:
    """Whether a day field may count as open; *alone* is an expression with no other day field."""
    read = Expression.read(alone.format(field))
    is_whole = isinstance(read, Expression) and (len(read.days), len(read.weekdays)) == (31, 7)
    return field.startswith("*") or is_whole


def _fault(bad: BadSchedule) -> Fault:
    """Return what is wrong with a schedule, and where in its text."""
    name = "timezone" if bad.where == TIMEZONE else "expression"
    start = f", from character {bad.position + 1} on" if bad.position else ""
    meaning = bad.fault.__doc__ or ""
    hint = bad.hint or meaning[:1].lower() + meaning[1:].removesuffix(".")
    return Fault(f"{bad.message}{start}", expected=hint, path=("schedule", name))


@rule("DS003", Level.ERROR, "six-upcoming-runs", ON, evidence=Evidence.DOCUMENTED)
def six_upcoming_runs(v: Ledger, e: Snapshot) -> Fault | None:
    """A deployment lists at most five upcoming runs.

    Why it matters: a client that shows five shows too few.
    Flagged:
        deployment active schedule="0 * * * *" upcoming=09:00,10:00,11:00,12:00,13:00,14:00
    Accepted:
        deployment active schedule="0 * * * *" upcoming=09:00,10:00,11:00,12:00,13:00
    Source: documented with the field: up to five.
    """
    if e.archived or e.upcoming is None or len(e.upcoming) <= UPCOMING:
        return None
    return Fault(
        f"the deployment lists {len(e.upcoming)} upcoming runs",
        expected=f"at most {UPCOMING}",
        path=LISTED,
    )


@rule("DS004", Level.WARNING, "schedule-without-upcoming-runs", ON, evidence=Evidence.DOCUMENTED)
def schedule_without_upcoming_runs(v: Ledger, e: Snapshot) -> Fault | None:
    """A deployment with a schedule lists upcoming runs, paused or not, until it is archived.

    Of a schedule that waits for a leap day nothing may be in sight, so this is a warning.

    Why it matters: it looks as if nothing were to come, and something is.
    Flagged:
        deployment paused manual schedule="0 9 * * *" upcoming=[]
    Accepted:
        deployment paused manual schedule="0 9 * * *" upcoming=2d09:00
    Source: documented with the field: non-empty for active and paused deployments.
    """
    if e.archived is not False or e.upcoming != ():
        return None
    return Fault(
        "the deployment has a schedule, and lists no upcoming run",
        expected="what the schedule gives next, even while it is paused",
        path=LISTED,
    )


@rule("DS005", Level.WARNING, "upcoming-run-that-the-schedule-does-not-give", ON,
      evidence=Evidence.DOCUMENTED, dialects=BOTH)  # fmt: skip
def upcoming_run_that_the_schedule_does_not_give(v: Ledger, e: Snapshot) -> Fault | None:
    """The upcoming runs are occurrences of the schedule, one after another, with none left out.

    The service may know a change of the clocks that is not known here, or the other way round; so
    this is a warning.

    Why it matters: the deployment does not fire when its schedule says so.
    Flagged:
        deployment active schedule="0 9 * * *" upcoming=2d09:00,4d09:00
    Accepted:
        deployment active schedule="0 9 * * *" upcoming=2d09:00,3d09:00
    Source: documented: upcoming occurrences of the expression on the clock of the zone.
    """
    schedule = timetable(e.expression, e.timezone)
    if schedule is None or isinstance(schedule, BadSchedule) or not e.upcoming:
        return None
    first = e.upcoming[0]
    if first is None or e.archived:
        return None
    wanted = schedule.occurrences(first - ROUNDING)
    for place, (at, right) in enumerate(zip(e.upcoming[:UPCOMING], wanted, strict=False)):
        if at is None:
            return None
        if at != right:
            return Fault(
                _unlike(schedule, at, right),
                expected=f"{right:%Y-%m-%dT%H:%M:%SZ}",
                path=(*LISTED, place),
            )
    return None


def _unlike(schedule: Schedule, at: datetime, right: datetime) -> str:
    """Say what is wrong with an upcoming run at *at* where *right* is the next occurrence."""
    if not schedule.matches(at):
        return "this upcoming run is no occurrence of the schedule"
    if at > right:
        return "an occurrence of the schedule is left out before this upcoming run"
    return "this upcoming run stands after a later one"


@rule("DS006", Level.ERROR, "last-run-that-moves-back", ON, evidence=Evidence.DOCUMENTED,
      across=True)  # fmt: skip
def last_run_that_moves_back(v: Ledger, e: Snapshot) -> Fault | None:
    """`last_run_at` is that of the most recent scheduled run, so it never moves back.

    Of two readings the one with the later `updated_at` is the later one, if more than a minute is
    between: the clocks of one service may differ. Where the field is null nothing is said: a
    schedule that was replaced may begin anew. A second may be a matter of rounding.

    Why it matters: whoever waits for the field to move waits in vain.
    Flagged:
        deployment active schedule="0 9 * * *" last_run=3d09:00 updated=3d10:00
        deployment active schedule="0 9 * * *" last_run=2d09:00 updated=4d10:00
    Accepted:
        deployment active schedule="0 9 * * *" last_run=3d09:00 updated=3d10:00
        deployment active schedule="0 9 * * *" last_run=2d09:00 updated=2d10:00
    Source: documented with the field: the start of the most recent scheduled run.
    """
    history = v.history(e.id)
    if e.last_run_at is None or e.updated_at is None:
        return None
    before = history.latest_before(e)
    if before is None or before.last_run_at is None:
        return None
    if before.last_run_at - e.last_run_at < ROUNDING:
        return None
    return Fault(
        "the last scheduled run was a later one before",
        ((before, f"here it was at {before.last_run_at:%Y-%m-%dT%H:%M:%SZ}"),),
        "that time, or a later one",
        ("schedule", "last_run_at"),
    )


@rule("DS007", Level.WARNING, "last-run-that-was-made-by-hand", ON, evidence=Evidence.DOCUMENTED,
      absence=True, across=True)  # fmt: skip
def last_run_that_was_made_by_hand(v: Ledger, e: Snapshot) -> Fault | None:
    """A run by hand does not move `last_run_at`.

    A scheduled run of the same moment may be missing, so this is a warning.

    Why it matters: the field says that the schedule works, and somebody's hand did.
    Flagged:
        deployment_run manual at=12:00
        deployment active schedule="0 9 * * *" last_run=12:00 updated=12:00
    Accepted:
        deployment_run manual at=12:00
        deployment active schedule="0 9 * * *" last_run=09:00 updated=12:00
    Source: documented with the field: manual runs do not touch it.
    """
    if e.last_run_at is None:
        return None
    history = v.history(e.id)
    run = history.by_hand.get(e.last_run_at)
    if run is None or any(_is_at(one, e.last_run_at) for one in history.scheduled):
        return None
    return Fault(
        "the last scheduled run is one that was made by hand",
        ((run, "this run by hand was made just then"),),
        "the time of a scheduled run",
        ("schedule", "last_run_at"),
    )


def _is_at(run: Run, at: datetime) -> bool:
    """Whether a run was made at *at*, which may have been rounded."""
    return run.created_at is not None and abs(run.created_at - at) < ROUNDING
