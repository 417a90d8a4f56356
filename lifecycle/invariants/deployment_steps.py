"""What holds of every decision over a deployment: of what it writes, owes, and makes of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC
from typing import Any, Final

import attrs

from lifecycle import effects as f
from lifecycle.deployments import DeploymentMoved, Due, UpdateDeployment
from lifecycle.deployments.due import first_due
from lifecycle.deployments.resource import stamp
from lifecycle.deployments.steps import pauses
from lifecycle.invariants.common import (
    a_decision_is_the_fold_of_its_entries,
    effects_are_owed_once,
    effects_keep_their_phases,
    refusals_change_nothing,
)
from lifecycle.invariants.deployment_form import Decided
from lifecycle.invariants.form import Violation, violations
from lifecycle.machines import CREATION
from lifecycle.vocabulary import (
    DeploymentState as S,
    DeploymentTrigger as T,
    RefusalCode as R,
    RunTriggerType,
)

__all__ = [
    "OF_DEPLOYMENT_STEPS",
    "OfDeploymentStep",
    "a_fire_is_an_occurrence_that_came",
    "a_kept_fire_is_the_next_one",
    "a_run_by_hand_changes_nothing_else",
    "a_run_gets_one_record",
    "an_error_pauses_as_the_dialect_says",
    "an_occurrence_is_claimed_once",
    "archived_is_for_good",
    "effects_are_the_rows",
    "last_run_at_is_of_a_scheduled_run",
    "mistakes",
    "only_an_update_changes_settings",
    "runs_stay_until_their_outcome",
    "sessions_know_their_deployment",
    "the_log_goes_on",
    "the_table_decides",
    "updated_at_tells_of_changes",
    "webhooks_of_runs_are_of_scheduled_ones",
    "what_is_past_does_not_fire",
]

_BESIDE: Final = (R.INVALID_INPUT, R.ALREADY_FIRED, R.NOT_SCHEDULED, R.NOT_DUE)
"""What may be wrong with a command that the table accepts."""


# -- the table -------------------------------------------------------------------------------------


def the_table_decides(one: Decided) -> Iterator[str]:
    """A row that denies refuses, one that accepts says the state after it; nobody knows better."""
    row, refusal = one.row, one.decision.refusal
    if row is None:
        if refusal is None and one.before is not None:
            yield f"{type(one.command).__name__} is about nothing that is there, and was accepted"
        return
    if refusal is not None:
        if row.accepts and refusal.code not in _BESIDE:
            yield f"{row.state} accepts {row.trigger}, and it was refused ({refusal.code})"
    elif not row.accepts:
        yield f"{row.state} denies {row.trigger}, and it was accepted"
    elif one.after is not None and one.after.state is not row.target:
        yield f"{row.trigger} leads to {row.target}, and it is {one.after.state}"


def effects_are_the_rows(one: Decided) -> Iterator[str]:
    """The host owes what the row says, or nothing where nothing is written.

    An effect's id is its position in the log: what is owed for nothing would share it with what is
    owed next.
    """
    if one.decision.refusal is not None:
        return
    row = one.row
    owed = [o.effect for o in one.decision.effects]
    if not one.decision.entries:
        if owed:
            yield f"nothing is written, and owed are {_listed(owed)}"
        return
    said = CREATION if one.before is None else row.effects if row is not None else ()
    if sorted(map(str, owed)) != sorted(map(str, said)):
        yield f"the row says {_listed(said)}, and owed are {_listed(owed)}"


def _listed(effects: Any) -> str:
    return ", ".join(map(str, effects)) or "no effects"


def the_log_goes_on(one: Decided) -> Iterator[str]:
    """Entries are counted, and stamped by the host's clock; but never before the one that was last.

    Run ids are made of the count, and whoever reads the log takes its order for that of time.
    """
    before, after, entries = one.before, one.after, one.decision.entries
    version = (before.version if before else 0) + len(entries)
    if after is not None and after.version != version:
        yield f"the version is {after.version}, and {version} entries were made"
    now = one.now.astimezone(UTC)
    for entry in entries:
        at = now if before is None else max(now, before.clock)
        if entry.at != at:
            yield f"decided at {stamp(at)}, and stamped {stamp(entry.at)}"


# -- the settings and the stamps -------------------------------------------------------------------


def archived_is_for_good(one: Decided) -> Iterator[str]:
    """An archived deployment can only be read. Source: pages, archive (D2)."""
    if one.pair is None or one.pair[0].state is not S.ARCHIVED:
        return
    was, is_ = one.pair
    for name in ("state", "settings", "archived_at", "updated_at", "fired", "since"):
        if getattr(was, name) != getattr(is_, name):
            yield f"it was archived, and its {name.replace('_', ' ')} is another"
    if one.opened:
        yield "it was archived, and a run begins"


def only_an_update_changes_settings(one: Decided) -> Iterator[str]:
    """What a client configured is the client's; an archive may set the name free."""
    if one.pair is None or isinstance(one.command, UpdateDeployment):
        return
    was, is_ = one.pair[0].settings, one.pair[1].settings
    if one.pair[1].state is S.ARCHIVED:
        was = attrs.evolve(was, name=is_.name)
    if was != is_:
        yield f"{type(one.command).__name__} changed the settings"


def updated_at_tells_of_changes(one: Decided) -> Iterator[str]:
    """It moves with the settings and the state, and never goes back."""
    if one.pair is None:
        return
    was, is_ = one.pair
    changed = (was.state, was.settings) != (is_.state, is_.settings)
    if is_.updated_at < was.updated_at:
        yield f"updated at {stamp(was.updated_at)}, and then at {stamp(is_.updated_at)}"
    elif changed and is_.updated_at != is_.clock:
        yield f"changed at {stamp(is_.clock)}, and updated at {stamp(is_.updated_at)}"


def what_is_past_does_not_fire(one: Decided) -> Iterator[str]:
    """What lies before the creation, the end of a pause or a new schedule is not made up for.

    Source: the page on scheduled deployments, no backfill (D2); a schedule's as for a pause.
    """
    before, after = one.before, one.after
    if one.decision.refusal is not None or after is None:
        return
    if before is None:
        begins = True
    else:
        goes_on = after.state is S.ACTIVE is not before.state
        begins = goes_on or after.schedule != before.schedule
    since = after.clock if begins or before is None else before.since
    if after.since != since:
        yield f"it fires what is after {stamp(since)}, and says {stamp(after.since)}"


# -- runs ------------------------------------------------------------------------------------------


def an_occurrence_is_claimed_once(one: Decided) -> Iterator[str]:
    """Claims ascend, and each is remembered. Source: client, one run for a time (INV-64)."""
    if one.pair is None:
        return
    was, is_ = one.pair
    claims = [run.scheduled_at for run in one.opened if run.scheduled_at is not None]
    newest = claims[-1] if claims else was.fired
    if is_.fired != newest:
        yield f"the newest claim is {stamp(newest)}, and remembered is {stamp(is_.fired)}"
    for at in claims:
        if was.fired is not None and at <= was.fired:
            yield f"{stamp(at)} is claimed, and {stamp(was.fired)} was before"


def a_fire_is_an_occurrence_that_came(one: Decided) -> Iterator[str]:
    """None lies in a pause, before what began it, after its end, or in the future (INV-65)."""
    if one.pair is None:
        return
    was, is_ = one.pair
    for run in one.opened:
        at = run.scheduled_at
        if at is None:
            continue
        if was.state is not S.ACTIVE:
            yield f"it is {was.state}, and {stamp(at)} fires"
        if not was.since < at <= is_.clock:
            yield f"{stamp(at)} fires, not after {stamp(was.since)} and by {stamp(is_.clock)}"
        if was.schedule is None or not was.schedule.matches(at):
            yield f"{stamp(at)} fires, and is no occurrence"


def runs_stay_until_their_outcome(one: Decided) -> Iterator[str]:
    """What is under way is recorded, whatever became of the deployment in the meantime (D4).

    Only a run that finds its agent deleted has no record.
    """
    if one.pair is None:
        return
    was, is_ = one.pair
    ended = {record.run.id for record in one.records}
    ended |= {e.run_id for e in one.decision.entries if isinstance(e, DeploymentMoved)}
    stayed = tuple(run for run in was.open if run.id not in ended)
    if is_.open[: len(stayed)] != stayed:
        yield "a run under way is gone or another, and has no outcome"
    begun = int(one.trigger in (T.RUN, T.FIRE))
    if len(is_.open) - len(stayed) != begun:
        yield f"{len(is_.open) - len(stayed)} runs begin, and {begun} was asked for"


def a_run_gets_one_record(one: Decided) -> Iterator[str]:
    """Its session or its error, and what is stored is what is answered. Source: client (INV-64)."""
    for record in one.records:
        run, reply = record.run, one.decision.reply or {}
        if one.before is None or run not in one.before.open:
            yield f"{run.id} is recorded, and was not under way as that"
        if bool(reply.get("session_id")) == bool(reply.get("error")):
            yield f"{run.id} has a session and an error, or neither"
        stored = [o.detail for o in one.decision.effects if o.effect is f.RECORD_RUN]
        if any(detail != reply for detail in stored):
            yield f"{run.id} is stored as another than is answered"


def last_run_at_is_of_a_scheduled_run(one: Decided) -> Iterator[str]:
    """A run by hand does not move it, and nothing moves it back. Source: client (INV-68)."""
    if one.pair is None or one.pair[0].last_run_at == one.pair[1].last_run_at:
        return
    was, is_ = one.pair[0].last_run_at, one.pair[1].last_run_at
    starts = [r.run.opened_at for r in one.records if r.run.by is RunTriggerType.SCHEDULE]
    if is_ not in starts:
        yield f"the last run is of {stamp(is_)}, and no scheduled run of then has ended"
    if was is not None and (is_ is None or is_ < was):
        yield f"the last run was of {stamp(was)}, and is of {stamp(is_)}"


def an_error_pauses_as_the_dialect_says(one: Decided) -> Iterator[str]:
    """A scheduled run that fails pauses an active deployment if its error is one of those.

    Source: client, the errors among the paused reasons; a rate limit never is (INV-66).
    """
    if one.pair is None or one.pair[0].state is not S.ACTIVE:
        return
    is_ = one.pair[1]
    failed = [r.error for r in one.records if r.run.by is RunTriggerType.SCHEDULE]
    due = next((x for x in failed if x is not None and pauses(one.engine.dialect, x)), None)
    if (due is not None) != (is_.state is S.PAUSED_BY_ERROR) or is_.error is not due:
        yield f"{due or 'nothing'} is to pause it, and it is {is_.state} ({is_.error})"


def a_run_by_hand_changes_nothing_else(one: Decided) -> Iterator[str]:
    """It neither pauses nor unpauses, and moves no stamp. Source: pages, run (D2)."""
    if one.pair is None or one.trigger not in (T.RUN, T.RUN_ENDED):
        return
    was, is_ = one.pair
    kept = attrs.evolve(is_, open=was.open, clock=was.clock, version=was.version)
    if kept != was:
        yield "a run by hand changed the deployment"


# -- what the host is told -------------------------------------------------------------------------


def sessions_know_their_deployment(one: Decided) -> Iterator[str]:
    """A fired session has the deployment's id, and its name as its title. Source: recorded (D5)."""
    for owed in one.decision.effects:
        if owed.effect is f.CREATE_SESSION and one.after is not None:
            said = (owed.detail["deployment_id"], owed.detail["title"])
            if said != (one.after.id, one.after.settings.name):
                yield f"the session is of {said[0]}, and called {said[1]}"


def a_kept_fire_is_the_next_one(one: Decided) -> Iterator[str]:
    """Who keeps the next fire, in place of asking what is due, loses none by a decision."""
    for owed in one.decision.effects:
        if owed.effect is f.RESUME_FIRES and one.after is not None:
            now = max(one.now.astimezone(UTC), one.after.clock)
            wanted = first_due(one.after, now, dialect=one.engine.dialect)
            if owed.detail != wanted:
                yield f"{_told(owed.detail)} is kept as the next, and {_told(wanted)} is"


def _told(one: Due | None) -> str:
    return "nothing" if one is None else str(stamp(one.scheduled_at))


def webhooks_of_runs_are_of_scheduled_ones(one: Decided) -> Iterator[str]:
    """All webhooks of one run have its id; of runs by hand there are none. Source: webhook page."""
    about = one.decision.effects
    runs = {run.id: run for state in (one.before, one.after) if state for run in state.open}
    for owed in about:
        if owed.effect.sends is None or one.after is None:
            continue
        name, of_run = owed.detail["id"], owed.effect.sends.startswith("deployment_run.")
        if not of_run and name != one.after.id:
            yield f"{owed.effect} names {name}"
        elif of_run and (name not in runs or runs[name].by is not RunTriggerType.SCHEDULE):
            yield f"{owed.effect} names {name}, which is no scheduled run"


OfDeploymentStep = Callable[[Decided], Iterator[str]]
"""Yields what is wrong with a decision over a deployment."""

OF_DEPLOYMENT_STEPS: Final[tuple[OfDeploymentStep, ...]] = (
    refusals_change_nothing,
    the_table_decides,
    a_decision_is_the_fold_of_its_entries,
    effects_are_owed_once,
    effects_keep_their_phases,
    effects_are_the_rows,
    the_log_goes_on,
    archived_is_for_good,
    only_an_update_changes_settings,
    updated_at_tells_of_changes,
    what_is_past_does_not_fire,
    an_occurrence_is_claimed_once,
    a_fire_is_an_occurrence_that_came,
    runs_stay_until_their_outcome,
    a_run_gets_one_record,
    last_run_at_is_of_a_scheduled_run,
    an_error_pauses_as_the_dialect_says,
    a_run_by_hand_changes_nothing_else,
    sessions_know_their_deployment,
    a_kept_fire_is_the_next_one,
    webhooks_of_runs_are_of_scheduled_ones,
)
"""The invariants of a decision over a deployment."""

_OF_REFUSALS: Final = (refusals_change_nothing, the_table_decides)
"""Those that a refusal could break."""


def mistakes(one: Decided) -> Iterator[Violation]:
    """Iterate over what does not hold of a decision over a deployment."""
    return violations(OF_DEPLOYMENT_STEPS if one.decision.refusal is None else _OF_REFUSALS, one)
