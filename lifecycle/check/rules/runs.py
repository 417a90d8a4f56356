"""DR: the runs of deployments, side by side, and beside their deployment.

What is between two runs may be missing, and so may be whatever explains them.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from lifecycle.check.findings import Level
from lifecycle.check.ledger import SLACK, Ledger, Sign, timetable
from lifecycle.check.record import Filed, Run, Snapshot
from lifecycle.check.rule import Fault, Proof, rule
from lifecycle.check.rules.shared import BOTH, DOCUMENTED, SCHEDULED_AT
from lifecycle.schedule import Schedule, jitter_bound
from lifecycle.vocabulary import Evidence, RecordType, RunTriggerType
from lifecycle.wire.words import dotted

__all__: list[str] = []

ON: Final = RecordType.RUN
_LATEST: Final = jitter_bound(timedelta(days=366))


@rule("DR007", Level.ERROR, "run-that-changes", ON, evidence=Evidence.RECORDED, across=True)
def run_that_changes(v: Ledger, e: Run) -> Fault | None:
    """A run never changes: two readings of it say the same.

    What one of the two leaves out is not compared, nor how they write it: one may have times
    without fractions or with another offset, or name the agent by its id alone.

    Why it matters: runs are only ever added; a history that changes proves nothing.
    Flagged:
        deployment_run r1 manual session=s1
        deployment_run r1 manual session=s2
    Accepted:
        deployment_run r1 manual session=s1
        deployment_run r1 manual session=s1
    Source: recorded: a run stays as it is to the byte, even when its session is deleted.
    """
    unlike = v.told_otherwise(e)
    if unlike is None:
        return None
    path, other = unlike
    return Fault(
        f"the run's `{dotted(path)}` is not what it was",
        ((other, "here it says otherwise"),),
        "the same at every reading",
        path,
    )


@rule("DR008", Level.ERROR, "two-runs-of-one-occurrence", ON, evidence=DOCUMENTED, across=True)
def two_runs_of_one_occurrence(v: Ledger, e: Run) -> Fault | None:
    """An occurrence of a deployment's schedule has at most one run.

    A time that the clock reads twice in the night it is put back is two occurrences, an hour apart.

    Why it matters: the work was done twice.
    Flagged:
        deployment_run r1 schedule 09:00
        deployment_run r2 schedule 09:00
    Accepted:
        deployment_run r1 schedule 09:00
        deployment_run r2 schedule 10:00
        deployment_run r3 schedule 10:00 of=d2
    Source: documented: one run for each deployment and scheduled time.
    """
    first = v.occurrence(e)
    if first is None or first is e or e.id is None or first.id is None or not v.stands(e):
        return None
    if e.trigger != RunTriggerType.SCHEDULE:
        return None
    return Fault(
        "the occurrence has another run already",
        ((first, f"`{first.id}` is of the same occurrence"),),
        "one run for an occurrence",
        SCHEDULED_AT,
    )


@rule("DR009", Level.WARNING, "two-runs-with-one-session", ON, evidence=Evidence.INFERRED,
      dialects=BOTH, across=True)  # fmt: skip
def two_runs_with_one_session(v: Ledger, e: Run) -> Fault | None:
    """Each run that succeeds has a session of its own.

    Why it matters: one of the two did nothing.
    Flagged:
        deployment_run r1 manual session=s1
        deployment_run r2 manual session=s1
    Accepted:
        deployment_run r1 manual session=s1
        deployment_run r2 manual session=s2
    Source: inferred: every run creates a session.
    """
    first = v.session(e)
    if first is None or first is e or e.id is None or first.id is None or not v.stands(e):
        return None
    return Fault(
        "the run has the session of another run",
        ((first, f"`{first.id}` has this session"),),
        "a session of its own",
        ("session_id",),
    )


@rule("DR011", Level.WARNING, "run-that-is-late", ON, evidence=DOCUMENTED, dialects=BOTH,
      across=True)  # fmt: skip
def run_that_is_late(v: Ledger, e: Run) -> Fault | None:
    """A scheduled run is delayed by at most 15 % of the time to the next occurrence.

    That bound is never below 5 seconds nor above 9 minutes, and a minute more is granted. Where no
    snapshot shows a schedule that has this occurrence, it is 9 minutes. The schedule may have been
    another one, and a service may be late; so this is a warning.

    Why it matters: something held it up, or it made up for an occurrence that was missed.
    Flagged:
        deployment active schedule="*/10 * * * *"
        deployment_run schedule 09:00 at=09:03
    Accepted:
        deployment active schedule="0 9 * * *"
        deployment_run schedule 09:00 at=09:03
    Source: documented: the delay's bound; nothing is made up for.
    """
    if e.trigger != RunTriggerType.SCHEDULE or e.created_at is None or e.scheduled_at is None:
        return None
    if not v.stands(e):
        return None
    late, proof, bound = e.created_at - e.scheduled_at, Proof(), _LATEST
    if late <= SLACK:
        return None
    if late <= _LATEST + SLACK:
        known = _exceeded(v, e, late - SLACK)
        if known is None:
            return None
        bound, proof = known[0], ((known[1], "its schedule is this one"),)
    return Fault(
        f"the run was made {late.total_seconds():.0f} seconds after its occurrence",
        proof,
        f"at most {bound.total_seconds():.0f} seconds after it",
        ("created_at",),
    )


def _exceeded(v: Ledger, e: Run, late: timedelta) -> tuple[timedelta, Snapshot] | None:
    """Return the widest bound of the schedules that have a run's occurrence, and who says so.

    It is `None` if one of the bounds is as wide as *late*, or one of the schedules has not the
    occurrence: the deployment had another schedule once, or has one now.
    """
    assert e.scheduled_at is not None, "it was asked before"
    widest: tuple[timedelta, Snapshot] | None = None
    for schedule, one in v.history(e.of).schedules.values():
        if not schedule.matches(e.scheduled_at):
            return None
        bound = schedule.delay_bound(e.scheduled_at)
        if late <= bound:
            return None
        if widest is None or bound > widest[0]:
            widest = bound, one
    return widest


@rule("DR017", Level.WARNING, "run-that-its-schedule-does-not-give", ON,
      evidence=Evidence.INFERRED, dialects=BOTH, across=True)  # fmt: skip
def run_that_its_schedule_does_not_give(v: Ledger, e: Run) -> Fault | None:
    """A run is of an occurrence of the schedule that its deployment had at the time.

    It is asked where a reading shows that schedule: one that was updated last more than a minute
    before the occurrence, and whose last run is not earlier than it. That every change of the
    schedule is an update is not promised, so this is a warning.

    Why it matters: it fires when nobody asked for it.
    Flagged:
        deployment active schedule="0 9 * * *" updated=00:00 last_run=2d09:00:04
        deployment_run schedule 12:30
    Accepted:
        deployment active schedule="0 9 * * *" updated=13:00 last_run=2d09:00:04
        deployment_run schedule 12:30
    Source: inferred: a run names the cron match that it is of.
    """
    if e.trigger != RunTriggerType.SCHEDULE or e.scheduled_at is None or not v.stands(e):
        return None
    shown = v.history(e.of).in_force(e.scheduled_at)
    schedule = timetable(shown.expression, shown.timezone) if shown is not None else None
    if shown is None or not isinstance(schedule, Schedule) or schedule.matches(e.scheduled_at):
        return None
    return Fault(
        "the run is of no occurrence of its deployment's schedule",
        ((shown, f"its schedule was `{shown.expression}` then"),),
        "an occurrence of the schedule",
        SCHEDULED_AT,
    )


@rule("DR012", Level.ERROR, "run-after-the-end", ON, evidence=DOCUMENTED, dialects=BOTH,
      across=True)  # fmt: skip
def run_after_the_end(v: Ledger, e: Run) -> Fault | None:
    """No occurrence fires after its deployment was archived, as a reading of it says.

    An occurrence within a minute is left alone: its fire may have been on its way.

    Why it matters: what was switched off for good still works, and costs.
    Flagged:
        deployment active archived=08:30 updated=08:30
        deployment_run schedule 09:00
    Accepted:
        deployment active archived=09:30 updated=09:30
        deployment_run schedule 09:00
    Source: documented: archiving ends the schedule, and is for good.
    """
    ended = v.history(e.of).ended
    return _after(v, e, ended, ended.archived_at) if ended is not None else None


@rule("DR016", Level.WARNING, "run-after-a-webhook-of-the-end", ON, evidence=DOCUMENTED,
      across=True)  # fmt: skip
def run_after_a_webhook_of_the_end(v: Ledger, e: Run) -> Fault | None:
    """No occurrence fires after the webhook that its deployment was archived.

    It is asked where no reading says when that was: the time of a webhook is the one of its event,
    and nobody promises that it is the same; so this is a warning. An occurrence within a minute is
    left alone.

    Why it matters: what was switched off for good still works, and costs.
    Flagged:
        webhook deployment.archived depl_1 at=08:30
        deployment_run schedule 09:00
    Accepted:
        webhook deployment.archived depl_1 at=09:30
        deployment_run schedule 09:00
    Source: documented: archiving ends the schedule, and is for good.
    """
    history = v.history(e.of)
    told = history.archived if history.ended is None else None
    return _after(v, e, told, told.created_at) if told is not None else None


def _after(v: Ledger, e: Run, end: Filed, at: datetime | None) -> Fault | None:
    """Return what is wrong with a run of an occurrence after *at*, the end, which *end* tells."""
    if e.trigger != RunTriggerType.SCHEDULE or e.scheduled_at is None or not v.stands(e):
        return None
    if at is None or e.scheduled_at <= at + SLACK:
        return None
    return Fault(
        "the run is of an occurrence after its deployment was archived",
        ((end, f"it was archived at {at:%Y-%m-%dT%H:%M:%SZ}"),),
        "no run: the schedule has ended",
        SCHEDULED_AT,
    )


@rule("DR013", Level.WARNING, "run-while-paused", ON, evidence=DOCUMENTED, dialects=BOTH,
      absence=True, across=True)  # fmt: skip
def run_while_paused(v: Ledger, e: Run) -> Fault | None:
    """A paused deployment's occurrences do not fire, and are not made up for.

    It is paused from a webhook or a reading that says so until something says that it is not: a
    webhook, a reading, or another run. An occurrence within a minute is left alone. What let it go
    on may be missing: webhooks get lost, and nobody reads a deployment all the time. So this is a
    warning, however clear the rule is.

    Why it matters: what was switched off still works, and costs.
    Flagged:
        webhook deployment.paused depl_1 at=08:00
        deployment_run schedule 09:00
    Accepted:
        webhook deployment.paused depl_1 at=08:00
        webhook deployment.unpaused depl_1 at=08:30
        deployment_run schedule 09:00
    Source: documented: pausing suppresses the schedule until it is unpaused.
    """
    sign = _paused(v, e)
    return None if sign is None or isinstance(sign.record, Run) else _while_paused(sign)


@rule("DR015", Level.NOTE, "run-after-an-error-that-pauses", ON, evidence=DOCUMENTED,
      absence=True, across=True)  # fmt: skip
def run_after_an_error_that_pauses(v: Ledger, e: Run) -> Fault | None:
    """After a scheduled run with an error that pauses nothing fires until it is unpaused.

    A list of runs shows no unpausing, and after each error that was mended there is a next run. So
    this is a note, and of the runs after such an error only the first is flagged.

    Why it matters: either somebody mended it in between, or it was never paused.
    Flagged:
        deployment_run r1 schedule 09:00 error=vault_archived_error
        deployment_run r2 schedule 10:00
    Accepted:
        deployment_run r1 schedule 09:00 error=vault_archived_error
        webhook deployment.unpaused depl_1 at=09:30
        deployment_run r2 schedule 10:00
    Source: documented: errors that do not heal by themselves pause, and pausing suppresses the
    schedule.
    """
    sign = _paused(v, e)
    return _while_paused(sign) if sign is not None and isinstance(sign.record, Run) else None


def _paused(v: Ledger, e: Run) -> Sign | None:
    """Return what shows that a deployment was paused when *e* fired; nothing shows otherwise."""
    if e.trigger != RunTriggerType.SCHEDULE or e.scheduled_at is None or not v.stands(e):
        return None
    return v.history(e.of).paused_at(e, e.scheduled_at)


def _while_paused(sign: Sign) -> Fault:
    """Return what is wrong with a run after *sign*."""
    return Fault(
        "the occurrence fired, though its deployment was paused",
        ((sign.record, f"{sign.says}, and nothing shows that it went on"),),
        "no run until it is unpaused",
        SCHEDULED_AT,
    )


@rule("DR014", Level.WARNING, "run-before-its-deployment", ON, evidence=Evidence.INFERRED,
      dialects=BOTH, across=True)  # fmt: skip
def run_before_its_deployment(v: Ledger, e: Run) -> Fault | None:
    """A run is made after its deployment, and of an occurrence after it.

    Why it matters: it is another deployment's run, or the deployment was made anew.
    Flagged:
        deployment active created=10:00 updated=10:00
        deployment_run schedule 09:00
    Accepted:
        deployment active created=08:00 updated=10:00
        deployment_run schedule 09:00
    Source: inferred: nothing fires before it exists.
    """
    first = v.history(e.of).first
    at = e.scheduled_at or e.created_at
    if first is None or first.created_at is None or at is None or not v.stands(e):
        return None
    if at >= first.created_at - SLACK:
        return None
    return Fault(
        "the run is from before its deployment was created",
        ((first, f"it was created at {first.created_at:%Y-%m-%dT%H:%M:%SZ}"),),
        "a run of a time when the deployment was there",
        SCHEDULED_AT if e.scheduled_at else ("created_at",),
    )
