"""Workflow runs: open from their creation to their end, which is their last event.

The agent of the primary starts a run; it executes later, is paused by the budget, and when it ends,
the primary is told with a turn of its own. What is open within it ends first: its threads, and its
phases. Source: pages, workflow runs; no recording of a run exists.
"""

from __future__ import annotations

from lifecycle import commands as c, events as e
from lifecycle.effects import DELIVER_NEXT, END_RUNS
from lifecycle.engine.draft import Draft, part_of
from lifecycle.engine.flow import session_runs, settle, unnamed
from lifecycle.engine.perform import deliverable, step
from lifecycle.engine.refusals import Refusal
from lifecycle.engine.turns import outside_request
from lifecycle.state import MessagesCancelled, Run
from lifecycle.table import Phase
from lifecycle.vocabulary import (
    EventType,
    RefusalCode,
    RunErrorType,
    RunResult,
    RunState,
    RunTrigger,
    SessionState,
    ThreadState,
    ThreadTrigger as T,
)

__all__ = [
    "cancel_all",
    "end_runs",
    "phase_reported",
    "resume_runs",
    "run_ended",
    "run_paused",
    "run_resumed",
    "start_run",
]

_RESULTS = frozenset(one.value for one in RunResult)


def start_run(d: Draft, command: c.StartRun) -> Refusal | None:
    """Open a run, or tell the agent that too many are open: then none is made."""
    if d.named(command.thread_id) is None:
        return d.refuse(RefusalCode.THREAD_NOT_FOUND, "no such thread", command.thread_id)
    if command.thread_id not in ("", d.session.primary):
        reason = "only the primary starts a workflow run"
        return d.refuse(RefusalCode.INVALID_INPUT, reason, command.thread_id)
    refusal = unnamed(d, EventType.RUN_CREATED)
    if refusal is not None:
        return refusal
    primary = outside_request(d, "")
    if isinstance(primary, Refusal):
        return primary
    if command.run_id in d.session.runs:
        return d.refuse(RefusalCode.ID_TAKEN, "an open run has this id", command.run_id)
    most = d.tables.limits["open_workflow_runs"]
    if len(d.session.runs) >= most:
        error = e.RunError(type=RunErrorType.MAX_RUNS.value, message=f"{most} runs are open")
        d.put(e.RunFailed(workflow_run_id=None, error=error, **d.mark()), primary.id)
        return None
    name = command.run_id or d.new_id(d.tables.dialect.style.run)
    phases = tuple(part_of(e.Phase, phase) for phase in command.phases)
    made = e.RunCreated(workflow_run_id=name, name=command.name, phases=phases, **d.mark())
    d.put(made, primary.id)
    return None


def _open(d: Draft, run_id: str, trigger: RunTrigger) -> Run | Refusal:
    """Return the open run, if its table takes *trigger*, or why it does not."""
    run = d.session.runs.get(run_id)
    if run is None:
        reason = d.tables.run.step(RunState.ENDED, trigger).because
        return d.refuse(RefusalCode.RUN_NOT_FOUND, f"no run of this id is open; {reason}", run_id)
    return d.denied("workflow_run", d.tables.run.step(run.state, trigger), run_id) or run


def run_resumed(d: Draft, command: c.RunResumed) -> Refusal | None:
    """Let a run execute: it may make the session run although every thread rests (T22)."""
    run = _open(d, command.run_id, RunTrigger.START)
    if isinstance(run, Refusal):
        return run
    if d.session.capped:
        return d.refuse(RefusalCode.BUDGET_REACHED, "the budget has paused it", run.id)
    _resume(d, run)
    return None


def _resume(d: Draft, run: Run) -> None:
    """Say that a run executes, and that the session works, if that is now so."""
    d.put(e.RunRunning(workflow_run_id=run.id, **d.mark()), d.session.primary)
    if d.tables.fold(d.session).state is SessionState.RUNNING:
        session_runs(d)


def resume_runs(d: Draft) -> None:
    """Let the runs go on that the budget has paused."""
    for run in [one for one in d.session.runs.values() if one.capped]:
        _resume(d, run)


def run_paused(d: Draft, command: c.RunPaused) -> Refusal | None:
    """Pause a run: it holds the session no longer."""
    run = _open(d, command.run_id, RunTrigger.PAUSE)
    if isinstance(run, Refusal):
        return run
    d.put(e.RunIdle(workflow_run_id=run.id, **d.mark()), d.session.primary)
    settle(d)
    return None


def phase_reported(d: Draft, command: c.PhaseReported) -> Refusal | None:
    """Start a phase, or end the one that was started last under this id."""
    trigger = RunTrigger.END_PHASE if command.ended else RunTrigger.START_PHASE
    run = _open(d, command.run_id, trigger)
    if isinstance(run, Refusal):
        return run
    if not command.ended:
        event = e.PhaseStarted(
            workflow_run_id=run.id, workflow_run_phase_id=command.phase_id, **d.mark()
        )
        d.put(event, d.session.primary)
        return None
    started = [start for phase, start in run.phases if phase == command.phase_id]
    if not started:
        reason = "no such phase of the run is open"
        return d.refuse(RefusalCode.RUN_NOT_FOUND, reason, command.phase_id)
    _end_phase(d, run, command.phase_id, started[-1])
    return None


def _end_phase(d: Draft, run: Run, phase_id: str, start: str) -> None:
    event = e.PhaseEnded(
        workflow_run_id=run.id, workflow_run_phase_id=phase_id, phase_started_id=start, **d.mark()
    )
    d.put(event, d.session.primary)


def run_ended(d: Draft, command: c.RunEnded) -> Refusal | None:
    """End a run, and let the primary take a turn for its result."""
    run = _open(d, command.run_id, RunTrigger.END)
    if isinstance(run, Refusal):
        return run
    if command.result not in _RESULTS or command.error == RunErrorType.MAX_RUNS:
        reason = f"a run that was made does not end {command.result} {command.error}".rstrip()
        return d.refuse(RefusalCode.INVALID_INPUT, reason, run.id)
    error: e.RunError | None = None
    if command.result == RunResult.ERROR:
        kind = command.error or RunErrorType.UNKNOWN.value
        error = e.RunError(type=kind, message=command.message)
    _end(d, run, RunResult(command.result).value, error)
    if deliverable(d, d.primary):
        d.owe(DELIVER_NEXT, d.session.primary, d.primary.mailbox[:1], Phase.AFTER)
    settle(d)
    return None


def _end(d: Draft, run: Run, result: str, error: e.RunError | None = None) -> None:
    """End the threads of a run, tell its error, end its phases, and then the run itself."""
    primary = d.session.primary
    for thread in list(d.session.threads.values()):
        if thread.errand == run.id and thread.live:
            rests = thread.state is ThreadState.IDLE
            step(d, thread.id, T.ARCHIVE_CHILD if rests else T.FINISH_CHILD)
    if error is not None:
        d.put(e.RunFailed(workflow_run_id=run.id, error=error, **d.mark()), primary)
    for phase, start in run.phases:
        _end_phase(d, run, phase, start)
    ended = e.RunResult(type=result, error=error if error is not None else e.ABSENT)
    d.put(e.RunEnded(workflow_run_id=run.id, result=ended, **d.mark()), primary)


def end_runs(d: Draft) -> None:
    """End the open runs as stopped, with their session. Source: pages, workflow runs."""
    runs = tuple(d.session.runs.values())
    for run in runs:
        _end(d, run, RunResult.STOPPED.value)
    if runs:
        d.owe(END_RUNS, d.session.primary, [run.id for run in runs])


def cancel_all(d: Draft) -> None:
    """Cancel every message that waits: nobody reads it any more."""
    for thread in list(d.session.threads.values()):
        if thread.mailbox:
            d.note(MessagesCancelled(thread.id, thread.mailbox), thread.id)
