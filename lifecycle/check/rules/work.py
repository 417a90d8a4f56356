"""WR: workflow runs.

What a run's event may follow is read off the workflow run machine; no recording of a run was
available, so all of this rests on the documents.
"""

from __future__ import annotations

from typing import Any, Final

from lifecycle.check.findings import Level
from lifecycle.check.rule import Fault, rule
from lifecycle.check.rules.shared import run_named
from lifecycle.check.steps import RUN_TRIGGERS, bits
from lifecycle.check.view import View
from lifecycle.check.view_work import word_in
from lifecycle.check.words import E
from lifecycle.machines import WORKFLOW_RUN
from lifecycle.vocabulary import EventType, Evidence, RunErrorType, RunResult, RunState
from lifecycle.wire.bulk import Seen

__all__: list[str] = []

_ENDED: Final = bits(WORKFLOW_RUN, RunState.ENDED)
_EVENTS: Final = tuple(RUN_TRIGGERS)
_DOC: Final[dict[str, Any]] = {"evidence": Evidence.DOCUMENTED}


@rule("WR001", Level.ERROR, "run-created-twice", E.RUN_CREATED, **_DOC)
def run_created_twice(v: View, e: Seen) -> Fault | None:
    """A workflow run is announced once.

    Why it matters: a reader would make two runs of one.
    Flagged:
        workflow_run.created r1
        workflow_run.created r1
    Accepted:
        workflow_run.created r1
        workflow_run.created r2
    Source: documented: once, before the run's other events.
    """
    name = e.workflow_run_id or ""
    run = v.runs.get(name)
    before = run.created if run else v.ended_runs.get(name)
    if before is None:
        return None
    says = "it was made here" if run else "it ended here"
    return Fault(
        f"the run `{name}` was announced already",
        ((before, says),),
        "a new run's id",
        ("workflow_run_id",),
        about=(name,),
    )


@rule("WR002", Level.ERROR, "run-never-created", *_EVENTS, absence=True, **_DOC)
def run_never_created(v: View, e: Seen) -> Fault | None:
    """A run is announced before its other events.

    Only an error may be of no run: where none could be made.

    Why it matters: a reader that makes its runs from `workflow_run.created` meets one that it does
    not know.
    Flagged:
        session.status_running
        session.thread_status_running main
        user.message
        span.model_request_start s1
        span.model_request_end s1
        workflow_run.status_running r1
    Accepted:
        session.status_running
        session.thread_status_running main
        user.message
        span.model_request_start s1
        span.model_request_end s1
        workflow_run.created r1
        workflow_run.status_running r1
    Source: documented: once, before the run's other events.
    """
    name = e.workflow_run_id
    if not name or name in v.runs or not v.whole or v.begin is None or v.ended_runs.full:
        return None
    if v.ended_runs.get(name) is not None:
        return None
    return Fault(
        f"the run `{name}` was never created on this list",
        (*v.shown_whole("the recording begins with the session"),),
        "a `workflow_run.created` for it must come first",
        ("workflow_run_id",),
        about=(name,),
        allowed=(E.RUN_CREATED.value,),
    )


@rule("WR003", Level.ERROR, "ended-run-goes-on", *_EVENTS, **_DOC)
def ended_run_goes_on(v: View, e: Seen) -> Fault | None:
    """Nothing follows the end of a workflow run: it is the last of the run's events.

    Why it matters: a client that took the run for done misses what follows.
    Flagged:
        workflow_run.created r1
        workflow_run.status_ended r1 completed
        workflow_run.status_ended r1 completed
    Accepted:
        workflow_run.created r1
        workflow_run.status_idle r1
        workflow_run.status_ended r1 completed
    Source: the workflow run table; documented: once, and always the last event of the run.
    """
    name = run_named(v, e)
    end = v.ended_runs.get(name) if name else None
    if end is None or v.steps.run[e.type][_ENDED] or name in v.runs:
        return None
    row = v.dialect.machines["workflow_run"].step(RunState.ENDED, RUN_TRIGGERS[EventType(e.type)])
    return Fault(
        f"the run `{name}` is over: {row.because}",
        ((end, "it ended here"),),
        "an event of an open run",
        ("workflow_run_id",) if e.workflow_run_id else ("type",),
        about=(name,),
    )


@rule("WR010", Level.ERROR, "refusal-of-a-run-that-was-made", E.RUN_ERROR, E.RUN_ENDED, **_DOC)
def refusal_of_a_run_that_was_made(v: View, e: Seen) -> Fault | None:
    """`max_workflow_runs_error` says that no run was made: it names none, and ends none.

    Why it matters: a client waits for a run that does not exist, or gives up one that does.
    Flagged:
        workflow_run.error r1 max_workflow_runs_error
    Accepted:
        workflow_run.error error={"type":"max_workflow_runs_error"}
    Source: documented with the error types.
    """
    at_end = e.type == E.RUN_ENDED
    kind = word_in(e.result, "error", "type") if at_end else word_in(e.error, "type")
    if kind != RunErrorType.MAX_RUNS or not e.workflow_run_id:
        return None
    return Fault(
        f"the run `{e.workflow_run_id}` cannot have been refused: it has an id",
        expected="an error of a run, or no `workflow_run_id`",
        path=("result", "error", "type") if at_end else ("error", "type"),
        about=(e.workflow_run_id,),
    )


@rule("WR011", Level.ERROR, "run-fails-without-an-error", E.RUN_ENDED, absence=True, **_DOC)
def run_fails_without_an_error(v: View, e: Seen) -> Fault | None:
    """A run that ends in an error has reported it in an event of its own before.

    Why it matters: a client that watches for errors misses it.
    Flagged:
        workflow_run.created r1
        workflow_run.status_ended r1 error timeout_error
    Accepted:
        workflow_run.created r1
        workflow_run.error r1 timeout_error
        workflow_run.status_ended r1 error timeout_error
    Source: documented with the result.
    """
    run = v.runs.get(e.workflow_run_id or "")
    if run is None or run.error is not None or word_in(e.result, "type") != RunResult.ERROR:
        return None
    return Fault(
        "the run ends in an error that it has not reported",
        ((run.created, "the run was made, and has reported no error since"),),
        "`workflow_run.error` must come first",
        ("result", "type"),
        about=(e.workflow_run_id or "",),
        allowed=(E.RUN_ERROR.value,),
    )


@rule("WR012", Level.ERROR, "run-fails-with-another-error", E.RUN_ENDED, **_DOC)
def run_fails_with_another_error(v: View, e: Seen) -> Fault | None:
    """A run ends in the error that it has reported last.

    Why it matters: nobody can tell what ended it.
    Flagged:
        workflow_run.created r1
        workflow_run.error r1 timeout_error
        workflow_run.status_ended r1 error program_error
    Accepted:
        workflow_run.created r1
        workflow_run.error r1 timeout_error
        workflow_run.status_ended r1 completed
    Source: documented with the result: the same error. An error alone does not end a run.
    """
    run = v.runs.get(e.workflow_run_id or "")
    ended = word_in(e.result, "error", "type")
    if run is None or run.error is None or not ended:
        return None
    reported = word_in(run.error.error, "type")
    if ended == reported:
        return None
    return Fault(
        f"the run ends in `{ended}`, and has reported `{reported}`",
        ((run.created, "the run was made"), (run.error, "the error that it reported")),
        f"`{reported}`",
        ("result", "error", "type"),
        about=(e.workflow_run_id or "",),
    )


@rule("WR013", Level.WARNING, "too-many-open-runs", E.RUN_CREATED, **_DOC)
def too_many_open_runs(v: View, e: Seen) -> Fault | None:
    """A session has at most ten open workflow runs; paused ones count.

    Why it matters: the service refuses the eleventh, unless the session has a limit of its own.
    Flagged:
        workflow_run.created r1
        workflow_run.created r2
        workflow_run.created r3
        workflow_run.created r4
        workflow_run.created r5
        workflow_run.created r6
        workflow_run.created r7
        workflow_run.created r8
        workflow_run.created r9
        workflow_run.created r10
        workflow_run.created r11
    Accepted:
        workflow_run.created r1
        workflow_run.status_ended r1 completed
        workflow_run.created r2
    Source: documented as a default.
    """
    limit = v.dialect.limits.get("open_workflow_runs")
    if limit is None or len(v.runs) < limit.value:
        return None
    newest = list(v.runs.values())[-limit.value :]
    return Fault(
        f"this is open run number {len(v.runs) + 1}",
        tuple((run.created, "a run that is open") for run in newest),
        f"at most {limit.value} {limit.unit}",
        about=("runs",),
    )
