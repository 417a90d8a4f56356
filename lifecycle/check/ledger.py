"""The ledger: every record that was read, by what it is about, in the order of time.

Files may come in any order, and pages of a list are often newest first. So no rule asks which
record was read first: snapshots of one deployment are ordered by when it was last updated, its runs
by the occurrences that they are of. A run or a webhook that was read twice counts once; one that
was told in two ways is held against nothing else.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

import attrs

from lifecycle.check.leaves import Path, differ, is_time
from lifecycle.check.record import Filed, Notice, Run, Snapshot
from lifecycle.dialects import Dialect
from lifecycle.dialects.form import Pausing
from lifecycle.schedule import BadSchedule, Expression, Schedule
from lifecycle.vocabulary import (
    DeploymentErrorType,
    DeploymentState,
    RecordType,
    RunTriggerType,
    WebhookType,
)

__all__ = ["SLACK", "History", "Ledger", "Sign", "timetable"]

SLACK: Final = timedelta(minutes=1)
"""What clocks of one service may differ by, and how long a fire may be on its way.

It is the smallest step of a schedule, so an occurrence that is closer to a change is left alone.
"""

_LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)
_NEVER: Final = datetime.max.replace(tzinfo=UTC)


@attrs.frozen
class Sign:
    """A record that shows whether a deployment was paused at some time, and how it shows that."""

    at: datetime
    paused: bool
    record: Filed
    says: str


@attrs.define
class History:
    """What is known of one deployment.

    Attributes:
        snapshots: those that say when it was last updated, in that order; of several from one
            update, in that of their last runs.
        latest: for these by their places, the one with the latest ``last_run_at`` of those that
            were updated earlier by more than the slack.
        ended: the first of these in which it is archived; else one that is not dated, if any. Of
            several from one time, the one that was archived first.
        created: the first of its snapshots for each time at which it is said to be created.
        first: of these the one with the earliest time.
        undated: its snapshots that do not say when it was last updated.
        schedules: each schedule that it ever had, by what it matches, and the first that says so.
        runs: each of its runs once, by the time of its occurrence or, by hand, of itself.
        scheduled: those of them that its schedule made.
        by_hand: when those were made that somebody asked for, with the run.
        signs: whether it was paused, in the order of time.
        archived: the webhook that says that it was archived, the earliest of several.
    """

    snapshots: list[Snapshot] = attrs.Factory(list)
    latest: dict[int, Snapshot] = attrs.Factory(dict)
    ended: Snapshot | None = None
    created: dict[datetime, Snapshot] = attrs.Factory(dict)
    first: Snapshot | None = None
    undated: list[Snapshot] = attrs.Factory(list)
    schedules: dict[object, tuple[Schedule, Snapshot]] = attrs.Factory(dict)
    runs: list[Run] = attrs.Factory(list)
    scheduled: list[Run] = attrs.Factory(list)
    by_hand: dict[datetime, Run] = attrs.Factory(dict)
    signs: list[Sign] = attrs.Factory(list)
    archived: Notice | None = None

    @property
    def end(self) -> tuple[Filed, datetime] | None:
        """When it was archived, and what says so: a reading of it, or else a webhook."""
        if self.ended is not None and self.ended.archived_at is not None:
            return self.ended, self.ended.archived_at
        if self.archived is not None and self.archived.created_at is not None:
            return self.archived, self.archived.created_at
        return None

    def latest_before(self, one: Snapshot) -> Snapshot | None:
        """Return what was clearly updated earlier, and says the latest ``last_run_at``."""
        return self.latest.get(one.place)

    def in_force(self, at: datetime) -> Snapshot | None:
        """Return a reading that shows the schedule in force at *at*, if one does.

        It was updated last clearly before, and read after: its last run is not earlier.
        """
        place = bisect_left(self.snapshots, at - SLACK, key=_updated)
        one = self.snapshots[place - 1] if place else None
        return one if one is not None and _last_run(one) >= at else None

    def last_before(self, at: datetime) -> Run | None:
        """Return the last of the scheduled runs whose occurrences are earlier than *at*."""
        place = bisect_left(self.scheduled, at, key=_occurrence)
        return self.scheduled[place - 1] if place else None

    def paused_at(self, run: Run, at: datetime) -> Sign | None:
        """Return what shows that it was paused at *at*, and still was when *run* fired.

        It is the last sign before, by more than the slack; and none around *at* but the run itself
        may show that it was not paused.
        """
        begin = bisect_left(self.signs, at - SLACK, key=_sign_at)
        last = self.signs[begin - 1] if begin else None
        around = self.signs[begin : bisect_left(self.signs, at + SLACK, key=_sign_at)]
        if last is None or not last.paused or last.record is run:
            return None
        went_on = any(not sign.paused and sign.record is not run for sign in around)
        return None if went_on else last


class Ledger:
    """Every record that is known.

    Args:
        dialect: the service's.

    Attributes:
        dialect: the service's.
    """

    def __init__(self, dialect: Dialect, records: Iterable[Filed] = ()) -> None:
        """File *records*, in the order in which they were read."""
        self.dialect: Final = dialect
        self._runs: dict[str, Run] = {}
        self._notices: dict[str, Notice] = {}
        self._occurrences: dict[tuple[str, datetime], Run] = {}
        self._sessions: dict[str, Run] = {}
        self._outcomes: dict[tuple[str, str], Notice] = {}
        self._histories: dict[str, History] = {}
        self._tellers: dict[_Name, dict[Path, tuple[bytes, Filed]]] = {}
        self._disputed: set[_Name] = set()
        again: list[Filed] = []
        for place, record in enumerate(records):
            record.place = place
            again += self._file(record)
        self._disputed.update(_name(one) for one in again if self.told_otherwise(one) is not None)
        for run in self._runs.values():
            if _name(run) not in self._disputed:
                self._file_run(run)
        for notice in self._notices.values():
            if _name(notice) not in self._disputed:
                self._file_notice(notice)
        for history in self._histories.values():
            _arrange(history, self.pauses)

    def history(self, deployment: str | None) -> History:
        """Return what is known of a deployment; nothing, if it has no id."""
        return self._histories.get(deployment or "", _NOTHING)

    def run(self, name: str | None) -> Run | None:
        """Return the first record of the run of that id."""
        return self._runs.get(name or "")

    def notice(self, name: str | None) -> Notice | None:
        """Return the first delivery of the webhook of that id."""
        return self._notices.get(name or "")

    def stands(self, record: Run | Notice) -> bool:
        """Whether *record* may be held against others: the first of its id, told in one way."""
        mine = self.run(record.id) if isinstance(record, Run) else self.notice(record.id)
        return mine is record and _name(record) not in self._disputed

    def told_otherwise(self, record: Filed) -> tuple[Path, Filed] | None:
        """Return the first leaf of a run or a webhook that another record of it tells otherwise.

        It is compared with the record that told the leaf first; a time with the earliest that was
        told, so that the order of three times, each a fraction later, does not matter.
        """
        tellers = self._tellers.get(_name(record), {})
        for path, value in record.leaves.items() if tellers else ():
            told, teller = tellers[path]
            if teller is not record and differ(path, value, told):
                return path, teller
        return None

    def occurrence(self, run: Run) -> Run | None:
        """Return the first scheduled run of the same occurrence of the same deployment."""
        return self._occurrences.get((run.of or "", run.scheduled_at or _LONG_AGO))

    def session(self, run: Run) -> Run | None:
        """Return the first run that has the same session."""
        return self._sessions.get(run.session or "")

    def outcome(self, run: str | None, says: str) -> Notice | None:
        """Return the first webhook that says *says* of the run of that id."""
        return self._outcomes.get((run or "", says))

    def pauses(self, run: Run) -> bool:
        """Whether *run* is known to have paused its deployment."""
        if run.trigger != RunTriggerType.SCHEDULE or run.session is not None:
            return False
        known = self.pausing(run.error)
        return known is not None and known.pauses and known.is_certain

    def pausing(self, error: str | None) -> Pausing | None:
        """Return whether an error of a run pauses; `None` for an error that nobody knows."""
        if error not in set(DeploymentErrorType):
            return None
        return self.dialect.pausing[DeploymentErrorType(error)]

    def _file(self, record: Filed) -> Sequence[Filed]:
        """Put *record* under its id; return the runs and webhooks that are thereby told again.

        One without an id is about nobody.
        """
        if record.id is None:
            return ()
        if isinstance(record, Snapshot):
            self._of(record.id).undated.append(record)
            return ()
        first: Filed = record
        if isinstance(record, Run):
            first = self._runs.setdefault(record.id, record)
        elif isinstance(record, Notice):
            first = self._notices.setdefault(record.id, record)
        if first is record:
            return ()
        for one in (first, record):
            self._tell(one)
        return (first, record)

    def _tell(self, record: Filed) -> None:
        """Note who was the first to tell each leaf, or the earliest time."""
        tellers = self._tellers.setdefault(_name(record), {})
        for path, value in record.leaves.items():
            told = tellers.setdefault(path, (value, record))
            if is_time(path) and value < told[0]:  # as bytes: none is before 1970
                tellers[path] = (value, record)

    def _file_run(self, run: Run) -> None:
        """Put a run where it is looked for."""
        if run.session is not None:
            self._sessions.setdefault(run.session, run)
        if run.of is None:
            return
        self._of(run.of).runs.append(run)
        if run.scheduled_at is not None and run.trigger == RunTriggerType.SCHEDULE:
            self._occurrences.setdefault((run.of, run.scheduled_at), run)

    def _file_notice(self, notice: Notice) -> None:
        """Put a webhook where it is looked for."""
        if notice.about is None:
            return
        self._outcomes.setdefault((notice.about, notice.says), notice)
        if notice.deployment is None or notice.created_at is None:
            return
        history = self._of(notice.deployment)
        if notice.says in _SIGNS:
            paused = notice.says == WebhookType.PAUSED
            history.signs.append(Sign(notice.created_at, paused, notice, _SIGNS[notice.says]))
        if notice.says == WebhookType.ARCHIVED:
            known = history.archived
            if known is None or notice.created_at < (known.created_at or _LONG_AGO):
                history.archived = notice

    def _of(self, deployment: str) -> History:
        """Return the history of a deployment, to add to it."""
        return self._histories.setdefault(deployment, History())


_Name = tuple[RecordType, str | None]


def _name(record: Filed) -> _Name:
    """Return what tells a run or a webhook from all others."""
    return record.kind, record.id


_NOTHING: Final = History()
_SIGNS: Final[Mapping[str, str]] = {
    WebhookType.PAUSED: "it was paused",
    WebhookType.UNPAUSED: "it was unpaused",
}


def _arrange(history: History, pauses: Callable[[Run], bool]) -> None:
    """Put what is known of a deployment in the order of time."""
    found, history.undated = history.undated, []
    for one in found:
        (history.undated if one.updated_at is None else history.snapshots).append(one)
    for one in found:
        if one.created_at is not None:
            history.created.setdefault(one.created_at, one)
            history.first = history.created[min(history.created)]
        schedule = timetable(one.expression, one.timezone)
        if isinstance(schedule, Schedule):
            history.schedules.setdefault(_matched(schedule), (schedule, one))
    history.snapshots.sort(key=lambda one: (_updated(one), _last_run(one)))
    dated_first = (*history.snapshots, *history.undated)
    history.ended = min((one for one in dated_first if one.archived_at), key=_end, default=None)
    _follow_last_run(history)
    history.runs.sort(key=_occurrence)
    for run in history.runs:
        if run.trigger == RunTriggerType.SCHEDULE and run.scheduled_at is not None:
            history.scheduled.append(run)
            if not pauses(run):
                history.signs.append(Sign(run.scheduled_at, False, run, "it fired"))
            elif run.created_at is not None:
                history.signs.append(Sign(run.created_at, True, run, "it failed, which pauses"))
        elif run.trigger == RunTriggerType.MANUAL and run.created_at is not None:
            history.by_hand.setdefault(run.created_at, run)
    states = {DeploymentState.ACTIVE: False, DeploymentState.PAUSED: True}
    for one in history.snapshots:
        if one.status in states and not one.archived:
            paused = states[DeploymentState(one.status)]
            history.signs.append(Sign(_updated(one), paused, one, f"it is {one.status} here"))
    # Of two signs at one time, the one that lets it fire speaks last, and so is believed.
    history.signs.sort(key=lambda sign: (sign.at, not sign.paused))


def _follow_last_run(history: History) -> None:
    """Note for each snapshot the latest last run of those that were updated earlier."""
    best: Snapshot | None = None
    earlier = iter(history.snapshots)
    following = next(earlier, None)
    for one in history.snapshots:
        while following is not None and _updated(following) < _updated(one) - SLACK:
            best = following if best is None else max(best, following, key=_last_run)
            following = next(earlier, None)
        if best is not None:
            history.latest[one.place] = best


def _matched(schedule: Schedule) -> object:
    """Return what a schedule matches, however it is written."""
    read = schedule.expression
    return read.minutes, read.hours, read.days, read.months, read.weekdays, schedule.clock


def _updated(one: Snapshot) -> datetime:
    """Return when a deployment was last updated."""
    return one.updated_at or _LONG_AGO


def _end(one: Snapshot) -> tuple[datetime, datetime]:
    """Return what puts those that are archived in order: what is not dated comes last."""
    return one.updated_at or _NEVER, one.archived_at or _NEVER


def _last_run(one: Snapshot) -> datetime:
    """Return when the last run of a deployment's schedule was."""
    return one.last_run_at or _LONG_AGO


def _occurrence(run: Run) -> datetime:
    """Return the time of a run's occurrence; of a run by hand, its own."""
    return run.scheduled_at or run.created_at or _LONG_AGO


def _sign_at(sign: Sign) -> datetime:
    """Return the time of a sign."""
    return sign.at


@lru_cache(1024)
def timetable(expression: str | None, timezone: str | None) -> Schedule | BadSchedule | None:
    """Return the schedule that a deployment reports, or what is wrong with it.

    Whether something matches within the next year is not asked: nobody knows when it was read. It
    is `None` if the expression or the zone is not known.
    """
    if expression is None:
        return None
    if timezone is not None:
        return Schedule.known(expression, timezone)
    read = Expression.read(expression)
    return read if isinstance(read, BadSchedule) else None
