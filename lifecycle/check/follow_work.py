"""How errors, accounts, outcomes, workflow runs and previews change the view."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from lifecycle.check.follow_calls import works
from lifecycle.check.view import View
from lifecycle.check.view_work import FINAL_RESULTS, Grading, Run, word_in
from lifecycle.check.words import E, RetryStatus
from lifecycle.wire.bulk import Seen, look_into

__all__ = ["WORK"]

_PREVIEWS_AT_MOST: Final = 256


def _session_error(v: View, e: Seen) -> None:
    """An error: what it promises is remembered."""
    v.last_error = e
    status = word_in(e.error, "retry_status", "type")
    if status == RetryStatus.TERMINAL:
        v.terminal = e
        v.alarm = True
    elif status == RetryStatus.EXHAUSTED and not v.multi:
        v.dead_turn = e
        v.alarm = True
    credential = word_in(e.error, "credential_id")
    if credential:
        v.unreachable.put(credential, v.unreachable.get(credential) or e)


def _session_usage(v: View, e: Seen) -> None:
    """The last account is the one to compare with."""
    v.on_session_list()
    v.usage = e


def _session_updated(v: View, e: Seen) -> None:
    """A budget that changes lifts the cap; one that is removed stays away."""
    v.on_session_list()
    v.updated = e
    if e.budget:
        v.capped = None
        if look_into(e.budget) is None:
            v.unpriced = e


def _grading_started(v: View, e: Seen) -> None:
    """An outcome is graded."""
    name = e.outcome_id or ""
    grading = v.gradings.get(name)
    if grading is None:
        grading = Grading()
        v.gradings.put(name, grading)
    grading.start, grading.end = e, None
    v.grading = e


def _grading_ended(v: View, e: Seen) -> None:
    """A grading is over; with most results, so is the outcome."""
    name = e.outcome_id or ""
    grading = v.gradings.get(name)
    if grading is None:
        grading = Grading()
        v.gradings.put(name, grading)
    # A raw field would keep the whole block that it was read from.
    e.result, e.usage = e.result.copy(), e.usage.copy()
    grading.end = e
    v.grading = None
    if word_in(e.result) in FINAL_RESULTS:
        grading.final = e
        if v.outcome is not None and v.outcome.outcome_id in (None, e.outcome_id):
            v.outcome = None


def _run_created(v: View, e: Seen) -> None:
    """A workflow run is open."""
    v.on_session_list()
    v.run_news = e
    v.runs[e.workflow_run_id or ""] = Run(e)


def _run_changed(v: View, e: Seen) -> None:
    """A workflow run executes, pauses, or reports an error."""
    v.run_news = e
    run = v.runs.get(e.workflow_run_id or "")
    if run is None:
        return
    run.mask = v.steps.run[e.type][run.mask] or run.mask
    if e.type == E.RUN_ERROR:
        run.error = e


def _run_ended(v: View, e: Seen) -> None:
    """A workflow run is over."""
    v.run_news = v.run_over = e
    v.runs.pop(e.workflow_run_id or "", None)
    v.ended_runs.put(e.workflow_run_id or "", e)


def _phase_started(v: View, e: Seen) -> None:
    """A phase of a run is open."""
    v.run_news = e
    run = v.run_of(e)
    if run is not None and e.id:
        run.phases[e.id] = e


def _phase_ended(v: View, e: Seen) -> None:
    """A phase is over."""
    v.run_news = e
    name = e.phase_started_id or ""
    for run in v.runs.values():
        run.phases.pop(name, None)
    v.ended_phases.put(name, e)


def _preview_started(v: View, e: Seen) -> None:
    """An event is shown before it is complete."""
    name = word_in(e.event, "id")
    if name:
        if len(v.previews) >= _PREVIEWS_AT_MOST:
            v.previews.clear()
        v.previews[name] = e


def _spoke(v: View, e: Seen) -> None:
    """The whole event is there: its preview is over."""
    t = v.own
    if not t.request_known:
        t.words = t.words or e
        works(v)
    if v.previews and (begun := v.previews.pop(e.id or "", None)) is not None:
        v.previewed.put(e.id or "", (begun, e))


WORK: Final[dict[str, Callable[[View, Seen], None]]] = {
    E.AGENT_MESSAGE: _spoke,
    E.AGENT_THINKING: _spoke,
    E.SESSION_ERROR: _session_error,
    E.SESSION_USAGE: _session_usage,
    E.SESSION_UPDATED: _session_updated,
    E.OUTCOME_START: _grading_started,
    E.OUTCOME_END: _grading_ended,
    E.RUN_CREATED: _run_created,
    E.RUN_RUNNING: _run_changed,
    E.RUN_IDLE: _run_changed,
    E.RUN_ERROR: _run_changed,
    E.RUN_ENDED: _run_ended,
    E.PHASE_STARTED: _phase_started,
    E.PHASE_ENDED: _phase_ended,
    E.EVENT_START: _preview_started,
}
"""What follows each event about errors, accounts, outcomes, runs and previews."""
