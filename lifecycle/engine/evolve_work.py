"""What model requests, outcomes, budgets and workflow runs make of a session."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import attrs

from lifecycle import events as e
from lifecycle.engine.fold import Fold
from lifecycle.state import Entry, Message, Outcome, Run
from lifecycle.vocabulary import OutcomeResult, RunState

__all__ = ["FINAL_RESULTS", "WORK_STEPS"]

FINAL_RESULTS: Final = frozenset(one.value for one in OutcomeResult) - {
    OutcomeResult.NEEDS_REVISION.value
}
"""The results after which an outcome is worked for no longer."""

_GO_ON: Final = (OutcomeResult.NEEDS_REVISION.value, OutcomeResult.MAX_ITERATIONS.value)
"""The results that the agent reads in one more cycle of its turn. Source: pages, outcomes."""


def _request_started(fold: Fold, entry: Entry, event: e.ModelRequestStart) -> None:
    thread = fold.thread(entry.thread)
    if thread is None:
        fold.odd(event.type.value)
        return
    thread.request, thread.unread, thread.fresh = str(event.id), False, False


def _request_ended(fold: Fold, entry: Entry, event: e.ModelRequestEnd) -> None:
    thread = fold.thread(entry.thread)
    if thread is None:
        fold.odd(event.type.value)
        return
    thread.request = ""
    usage = event.model_usage
    if usage:
        tally = fold.tally()
        tally.input_tokens += usage.input_tokens or 0
        tally.output_tokens += usage.output_tokens or 0
        tally.cache_read += usage.cache_read_input_tokens or 0
        tally.cache_creation += usage.cache_creation_input_tokens or 0


def _updated(fold: Fold, entry: Entry, event: e.SessionUpdated) -> None:
    """Another budget lifts the cap; one that is removed stays away."""
    if event.budget is e.ABSENT:
        return
    session = fold.session
    session.capped = False
    session.unpriced = session.unpriced or event.budget is None
    session.budget = None
    if isinstance(event.budget, e.Budget):
        named = {name: getattr(event.budget, name) for name in ("type", "max_list_cost")}
        given = {name: value for name, value in named.items() if value is not e.ABSENT}
        session.budget = {**given, **event.budget.extra}
    fold.stale = True


def _grading_started(fold: Fold, entry: Entry, event: e.OutcomeEvaluationStart) -> None:
    outcome = fold.session.outcome
    if outcome is not None:
        fold.session.outcome = attrs.evolve(outcome, start=str(event.id))


def _grading_ended(fold: Fold, entry: Entry, event: e.OutcomeEvaluationEnd) -> None:
    outcome = fold.session.outcome
    if event.result in _GO_ON:
        primary = fold.lead()
        primary.unread = primary.fresh = True
    if outcome is None or event.result in FINAL_RESULTS:
        fold.session.outcome = None
    else:
        fold.session.outcome = Outcome(outcome.id, outcome.iteration + 1)


def _run_created(fold: Fold, entry: Entry, event: e.RunCreated) -> None:
    name = str(event.workflow_run_id)
    fold.session.runs[name] = Run(name)
    fold.stale = True


def _run(fold: Fold, event: e.RunEvent) -> Run | None:
    """Return the open run of an event; one that is not there is counted."""
    run = fold.session.runs.get(str(event.workflow_run_id))
    if run is None:
        fold.odd(event.type.value)
    fold.stale = True
    return run


def _run_running(fold: Fold, entry: Entry, event: e.RunRunning) -> None:
    run = _run(fold, event)
    if run is not None:
        fold.session.runs[run.id] = Run(run.id, RunState.RUNNING, run.phases)


def _run_idle(fold: Fold, entry: Entry, event: e.RunIdle) -> None:
    run = _run(fold, event)
    if run is not None:
        capped = fold.session.capped
        fold.session.runs[run.id] = Run(run.id, RunState.IDLE, run.phases, capped)


def _run_ended(fold: Fold, entry: Entry, event: e.RunEnded) -> None:
    """A run is over; its result waits for the primary."""
    run = _run(fold, event)
    session = fold.session
    if run is None:
        return
    del session.runs[run.id]
    primary = fold.lead()
    if primary.live:
        name = str(event.id)
        primary.mailbox = (*primary.mailbox, name)
        session.messages[name] = Message(name, primary.id, event.type, run.id)


def _phase_started(fold: Fold, entry: Entry, event: e.PhaseStarted) -> None:
    run = _run(fold, event)
    if run is not None:
        phase = (str(event.workflow_run_phase_id), str(event.id))
        fold.session.runs[run.id] = attrs.evolve(run, phases=(*run.phases, phase))


def _phase_ended(fold: Fold, entry: Entry, event: e.PhaseEnded) -> None:
    run = _run(fold, event)
    if run is not None:
        left = tuple(one for one in run.phases if one[1] != event.phase_started_id)
        fold.session.runs[run.id] = attrs.evolve(run, phases=left)


WORK_STEPS: Final[dict[type, Callable[[Fold, Entry, Any], None]]] = {
    e.ModelRequestStart: _request_started,
    e.ModelRequestEnd: _request_ended,
    e.SessionUpdated: _updated,
    e.OutcomeEvaluationStart: _grading_started,
    e.OutcomeEvaluationEnd: _grading_ended,
    e.RunCreated: _run_created,
    e.RunRunning: _run_running,
    e.RunIdle: _run_idle,
    e.RunEnded: _run_ended,
    e.PhaseStarted: _phase_started,
    e.PhaseEnded: _phase_ended,
}
"""What each event of work makes of the session."""
