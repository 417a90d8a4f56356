"""OU: outcomes, and the gradings that say whether they are reached."""

from __future__ import annotations

from lifecycle.check.findings import Level
from lifecycle.check.rule import Fault, rule
from lifecycle.check.view import View
from lifecycle.check.view_work import word_in
from lifecycle.vocabulary import EventType as E, Evidence, OutcomeResult
from lifecycle.wire.bulk import Seen

__all__: list[str] = []


@rule("OU001", Level.ERROR, "grading-out-of-count", E.OUTCOME_START, evidence=Evidence.DOCUMENTED)
def grading_out_of_count(v: View, e: Seen) -> Fault | None:
    """The gradings of an outcome are counted 0, 1, 2, and so on.

    A grading that never ended may be taken up again under its own number.

    Why it matters: a grading, and the work between two of them, is missing from the recording.
    Flagged:
        span.outcome_evaluation_start o1 0
        span.outcome_evaluation_end o1 0 e1 needs_revision
        span.outcome_evaluation_start o1 2
    Accepted:
        span.outcome_evaluation_start o1 0
        span.outcome_evaluation_end o1 0 e1 needs_revision
        span.outcome_evaluation_start o1 1
    Source: documented; recorded in every outcome that was graded more than once.
    """
    if e.iteration is None:
        return None
    grading = v.gradings.get(e.outcome_id or "")
    start = grading.start if grading else None
    if start is not None and start.iteration is not None:
        expected, shown, says = start.iteration + 1, start, "the grading before"
        if grading is not None and grading.end is None and e.iteration == start.iteration:
            return None
    elif v.outcome is not None and v.outcome.outcome_id == e.outcome_id and grading is None:
        expected, shown, says = 0, v.outcome, "the outcome was defined and not graded since"
    else:
        return None
    if e.iteration == expected:
        return None
    return Fault(
        f"the grading is counted {e.iteration}, and should be {expected}",
        ((shown, says),),
        f"{expected}",
        ("iteration",),
        about=(e.outcome_id or "",),
        resync="a grading is taken to be missing",
    )


@rule("OU002", Level.ERROR, "graded-after-its-end", E.OUTCOME_START, evidence=Evidence.DOCUMENTED)
def graded_after_its_end(v: View, e: Seen) -> Fault | None:
    """An outcome that has its last result is graded no more.

    One more turn may follow the result `max_iterations_reached`, but no grading.

    Why it matters: a client that took the result for the last one misses another.
    Flagged:
        span.outcome_evaluation_end o1 0 e0 satisfied
        span.outcome_evaluation_start o1 1
    Accepted:
        span.outcome_evaluation_end o1 0 e0 needs_revision
        span.outcome_evaluation_start o1 1
    Source: documented with the results; recorded for `satisfied` and `max_iterations_reached`.
    """
    grading = v.gradings.get(e.outcome_id or "")
    if grading is None or grading.final is None:
        return None
    return Fault(
        f"the outcome has ended with `{word_in(grading.final.result)}` and is graded again",
        ((grading.final, "its last grading"),),
        "no grading of this outcome",
        ("outcome_id",),
        about=(e.outcome_id or "",),
    )


@rule("OU003", Level.ERROR, "end-of-another-grading", E.OUTCOME_END, evidence=Evidence.DOCUMENTED)
def end_of_another_grading(v: View, e: Seen) -> Fault | None:
    """The end of a grading names the start of the one that is open, and its number.

    An end without a start names none: an interrupt may come before a grading has begun.

    Why it matters: the verdict is put to the wrong piece of work.
    Flagged:
        span.outcome_evaluation_start o1 1
        span.outcome_evaluation_end o1 1 e9 satisfied
    Accepted:
        span.outcome_evaluation_start o1 1
        span.outcome_evaluation_end o1 1 e1 satisfied
    Source: documented with the fields; recorded without exception.
    """
    name = e.outcome_evaluation_start_id
    grading = v.gradings.get(e.outcome_id or "")
    start = grading.start if grading else None
    if not name or start is None or grading is None or start.id is None:
        return None
    field = "outcome_evaluation_start_id" if name != start.id else "iteration"
    if name != start.id or e.iteration not in (None, start.iteration):
        return Fault(
            f"the end is not of the open grading, which is number {start.iteration}",
            ((start, "the open grading"),),
            f"`{start.id}`" if name != start.id else f"{start.iteration}",
            (field,),
            about=(e.outcome_id or "",),
        )
    if grading.end is None:
        return None
    return Fault(
        "the grading has ended already",
        ((start, "the grading began"), (grading.end, "it ended here")),
        "the id of an open grading",
        ("outcome_evaluation_start_id",),
        about=(e.outcome_id or "",),
    )


@rule("OU004", Level.ERROR, "grading-never-started", E.OUTCOME_END, absence=True,
      evidence=Evidence.DOCUMENTED)  # fmt: skip
def grading_never_started(v: View, e: Seen) -> Fault | None:
    """The end of a grading that names a start has one on the list.

    Why it matters: the grading's beginning, and with it its time, is missing.
    Flagged:
        session.status_running
        session.thread_status_running main
        user.define_outcome o1
        span.model_request_start s1
        span.model_request_end s1
        span.outcome_evaluation_end o1 0 e9 satisfied
    Accepted:
        session.status_running
        session.thread_status_running main
        user.define_outcome o1
        span.model_request_start s1
        span.model_request_end s1
        span.outcome_evaluation_end o1 outcome_evaluation_start_id="" result=interrupted
    Source: documented: the start's id is empty where none had begun.
    """
    name = e.outcome_evaluation_start_id
    grading = v.gradings.get(e.outcome_id or "")
    if not name or not v.whole or v.begin is None or v.gradings.full:
        return None
    if grading is not None and grading.start is not None:
        return None
    return Fault(
        f"no grading `{name}` began on this list",
        (*v.shown_whole("the recording begins with the session"),),
        "the id of an open grading, or an empty one",
        ("outcome_evaluation_start_id",),
        about=(e.outcome_id or "",),
    )


@rule("OU005", Level.WARNING, "result-without-a-grading", E.OUTCOME_END,
      evidence=Evidence.DOCUMENTED)  # fmt: skip
def result_without_a_grading(v: View, e: Seen) -> Fault | None:
    """Only an interrupt ends an outcome that was not being graded.

    Why it matters: nobody can tell what the verdict rests on.
    Flagged:
        span.outcome_evaluation_end o1 outcome_evaluation_start_id="" result=satisfied
    Accepted:
        span.outcome_evaluation_end o1 outcome_evaluation_start_id="" result=interrupted
    Source: documented with the field.
    """
    result = word_in(e.result)
    if e.outcome_evaluation_start_id != "" or not result or result == OutcomeResult.INTERRUPTED:
        return None
    return Fault(
        f"`{result}` is the result of a grading that never began",
        expected=f"the start's id, or the result `{OutcomeResult.INTERRUPTED}`",
        path=("outcome_evaluation_start_id",),
    )


@rule("OU006", Level.WARNING, "heartbeat-of-no-grading", E.OUTCOME_ONGOING,
      evidence=Evidence.DOCUMENTED)  # fmt: skip
def heartbeat_of_no_grading(v: View, e: Seen) -> Fault | None:
    """`span.outcome_evaluation_ongoing` is of the grading that is open.

    Why it matters: a client that shows the progress shows it for the wrong piece of work.
    Flagged:
        span.outcome_evaluation_start o1 0
        span.outcome_evaluation_ongoing o1 1
    Accepted:
        span.outcome_evaluation_start o1 0
        span.outcome_evaluation_ongoing o1 0
    Source: documented; recorded a few times.
    """
    grading = v.gradings.get(e.outcome_id or "")
    start = grading.start if grading else None
    if grading is None or start is None:
        return None
    if e.iteration is not None and e.iteration != start.iteration:
        return Fault(
            f"grading {start.iteration} was the last to start, not {e.iteration}",
            ((start, "the last grading"),),
            f"{start.iteration}",
            ("iteration",),
            about=(e.outcome_id or "",),
        )
    if grading.end is None:
        return None
    return Fault(
        "the grading has ended, and is said to go on",
        ((start, "the grading began"), (grading.end, "it ended here")),
        "the heartbeat of an open grading",
        about=(e.outcome_id or "",),
    )


@rule("OU007", Level.WARNING, "graded-while-a-run-is-open", E.OUTCOME_START,
      evidence=Evidence.DOCUMENTED)  # fmt: skip
def graded_while_a_run_is_open(v: View, e: Seen) -> Fault | None:
    """No grading starts while a workflow run is open.

    Why it matters: half of the work is graded.
    Flagged:
        workflow_run.created r1
        span.outcome_evaluation_start o1 0
    Accepted:
        workflow_run.created r1
        workflow_run.status_ended r1 completed
        span.outcome_evaluation_start o1 0
    Source: documented with workflow runs.
    """
    run = next(iter(v.runs.values()), None)
    if run is None:
        return None
    return Fault(
        f"the outcome is graded while the run `{run.created.workflow_run_id}` is open",
        ((run.created, "the run was made, and has not ended"),),
        "`workflow_run.status_ended` must come first",
        allowed=(E.RUN_ENDED.value,),
    )


@rule("OU008", Level.WARNING, "second-live-outcome", E.USER_DEFINE_OUTCOME,
      evidence=Evidence.DOCUMENTED)  # fmt: skip
def second_live_outcome(v: View, e: Seen) -> Fault | None:
    """A session works for one outcome at a time: the next is defined when the last has its result.

    Why it matters: nobody can tell which of the two the work, and the grading, is for.
    Flagged:
        user.define_outcome o1
        user.define_outcome o2
    Accepted:
        user.define_outcome o1
        span.outcome_evaluation_end o1 outcome_evaluation_start_id="" result=interrupted
        user.define_outcome o2
    Source: documented: the next may be sent only after the last result of the one before.
    """
    live = v.outcome
    if live is None or e.processed_at is None or live.id == e.id:
        return None
    return Fault(
        "an outcome is defined while another one is worked for",
        ((live, "this outcome has no result yet"),),
        "its last `span.outcome_evaluation_end` must come first",
        about=(e.outcome_id or "",),
        allowed=(E.OUTCOME_END.value,),
    )
