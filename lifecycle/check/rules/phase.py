"""WR: the phases of workflow runs, and the threads that are made for them.

As with the runs, all of this rests on the documents.
"""

from __future__ import annotations

from typing import Any, Final

from lifecycle.check.findings import Level
from lifecycle.check.rule import Fault, Shown, rule
from lifecycle.check.view import View
from lifecycle.check.words import E
from lifecycle.vocabulary import Evidence
from lifecycle.wire.bulk import Seen

__all__: list[str] = []

_DOC: Final[dict[str, Any]] = {"evidence": Evidence.DOCUMENTED}


@rule("WR004", Level.ERROR, "run-ends-in-a-phase", E.RUN_ENDED, **_DOC)
def run_ends_in_a_phase(v: View, e: Seen) -> Fault | None:
    """Every phase that started has ended before its run does.

    Why it matters: a client that shows the phases shows this one as going on for ever.
    Flagged:
        workflow_run.created r1
        workflow_run.phase_started r1 p1
        workflow_run.status_ended r1 completed
    Accepted:
        workflow_run.created r1
        workflow_run.phase_started r1 p1
        workflow_run.phase_ended r1 p1 e2
        workflow_run.status_ended r1 completed
    Source: documented: exactly one end for each start, before the run's own.
    """
    run = v.runs.get(e.workflow_run_id or "")
    start = next(iter(run.phases.values()), None) if run else None
    if run is None or start is None:
        return None
    return Fault(
        f"the run ends while its phase `{start.workflow_run_phase_id}` is open",
        ((run.created, "the run was made"), (start, "the phase started")),
        "`workflow_run.phase_ended` must come first",
        about=(e.workflow_run_id or "",),
        allowed=(E.PHASE_ENDED.value,),
    )


@rule("WR005", Level.ERROR, "phase-ends-twice", E.PHASE_ENDED, **_DOC)
def phase_ends_twice(v: View, e: Seen) -> Fault | None:
    """A phase that started ends once.

    Why it matters: its time is counted twice.
    Flagged:
        workflow_run.created r1
        workflow_run.phase_started r1 p1
        workflow_run.phase_ended r1 p1 e2
        workflow_run.phase_ended r1 p1 e2
    Accepted:
        workflow_run.created r1
        workflow_run.phase_started r1 p1
        workflow_run.phase_ended r1 p1 e2
        workflow_run.phase_started r1 p1
        workflow_run.phase_ended r1 p1 e4
    Source: the phase table; documented: exactly one end for each start.
    """
    end = v.ended_phases.get(e.phase_started_id or "")
    if end is None or not e.phase_started_id:
        return None
    return Fault(
        "the phase has ended already",
        ((end, "it ended here"),),
        "the id of an open phase's start",
        ("phase_started_id",),
        about=(e.phase_started_id,),
    )


@rule("WR006", Level.ERROR, "end-of-no-phase", E.PHASE_ENDED, **_DOC)
def end_of_no_phase(v: View, e: Seen) -> Fault | None:
    """The end of a phase names the start of an open phase of its run.

    Why it matters: the phase cannot be put together, or its start is missing from the recording.
    Flagged:
        workflow_run.created r1
        workflow_run.phase_ended r1 p1 e9
    Accepted:
        workflow_run.created r1
        workflow_run.phase_started r1 p1
        workflow_run.phase_ended r1 p1 e2
    Source: documented with the fields.
    """
    name = e.phase_started_id or ""
    run = v.run_of(e)
    if run is None or not name or name in run.phases or v.ended_phases.get(name) is not None:
        return None
    return Fault(
        f"no phase of the run began at `{name}`",
        ((run.created, "the run was made, and no such phase has started since"),),
        "the id of an open phase's start",
        ("phase_started_id",),
        about=(name,),
        allowed=tuple(run.phases),
    )


@rule("WR007", Level.ERROR, "end-of-another-phase", E.PHASE_ENDED, **_DOC)
def end_of_another_phase(v: View, e: Seen) -> Fault | None:
    """The end of a phase and its start name the same phase.

    Why it matters: the wrong phase is taken for done.
    Flagged:
        workflow_run.created r1
        workflow_run.phase_started r1 p1
        workflow_run.phase_ended r1 p2 e2
    Accepted:
        workflow_run.created r1
        workflow_run.phase_started r1 p1
        workflow_run.phase_ended r1 p1 e2
    Source: documented with the fields.
    """
    run = v.run_of(e)
    start = run.phases.get(e.phase_started_id or "") if run else None
    if run is None or start is None or e.workflow_run_phase_id is None:
        return None
    if e.workflow_run_phase_id == start.workflow_run_phase_id:
        return None
    return Fault(
        f"the phase that started there is `{start.workflow_run_phase_id}`",
        ((run.created, "the run was made"), (start, "the phase started")),
        f"`{start.workflow_run_phase_id}`",
        ("workflow_run_phase_id",),
        about=(start.id or "",),
    )


@rule("WR008", Level.WARNING, "thread-of-no-open-run", E.THREAD_CREATED, absence=True, **_DOC)
def thread_of_no_open_run(v: View, e: Seen) -> Fault | None:
    """A thread that is made for a workflow run names one that is open.

    Why it matters: nobody waits for what the thread finds out.
    Flagged:
        workflow_run.created r1
        workflow_run.status_ended r1 completed
        session.thread_created child workflow_run_id=r1
    Accepted:
        workflow_run.created r1
        session.thread_created child workflow_run_id=r1
    Source: documented with run threads; the order around a run's end may blur.
    """
    name = e.workflow_run_id
    if not name or name in v.runs:
        return None
    end = v.ended_runs.get(name)
    if end is not None:
        witness: Shown = ((end, "the run ended here"),)
    elif v.whole and v.begin is not None and not v.ended_runs.full:
        witness = (*v.shown_whole("the recording begins with the session, and shows no such run"),)
    else:
        return None
    return Fault(
        f"the thread is made for the run `{name}`, which is not open",
        witness,
        "the id of an open run",
        ("workflow_run_id",),
        e.session_thread_id,
        allowed=tuple(v.runs),
    )


@rule("WR009", Level.WARNING, "run-thread-outlives-its-run", E.THREAD_RUNNING, E.SESSION_IDLE,
      **_DOC)  # fmt: skip
def run_thread_outlives_its_run(v: View, e: Seen) -> Fault | None:
    """The threads of a workflow run are over when it is: they do not run again.

    Their termination may be listed a little after the run's end, but before the session rests.

    Why it matters: somebody works, and pays, for a run that is over.
    Flagged:
        workflow_run.created r1
        session.thread_created child workflow_run_id=r1
        workflow_run.status_ended r1 completed
        session.thread_status_running child
    Accepted:
        workflow_run.created r1
        session.thread_created child workflow_run_id=r1
        session.thread_status_running child
        workflow_run.status_ended r1 completed
        session.thread_status_terminated child
    Source: documented: the server archives them at the latest when their run ends.
    """
    if not v.errands:
        return None
    named = v.errands.get(e.session_thread_id or "")
    several = v.errands.values() if e.type == E.SESSION_IDLE else (named,)
    for t in several:
        if t is None:
            continue
        end = v.ended_runs.get(t.errand) if t.errand and t.ended is None else None
        if end is not None and t.created is not None:
            return Fault(
                f"thread `{t.id}` lives on after its run",
                ((t.created, "it was made for the run"), (end, "the run ended")),
                "`session.thread_status_terminated`",
                thread=t.id,
                allowed=(E.THREAD_TERMINATED.value,),
            )
    return None
