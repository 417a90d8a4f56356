"""OU: outcomes, and what else a session does while it works for one."""

from __future__ import annotations

from lifecycle.check.findings import Level
from lifecycle.check.rule import Fault, rule
from lifecycle.check.view import View
from lifecycle.check.view_work import word_in
from lifecycle.check.words import E, OutcomeResult
from lifecycle.vocabulary import Evidence
from lifecycle.wire.bulk import Seen

__all__: list[str] = []


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
    if live.outcome_id is not None and live.outcome_id == e.outcome_id:
        return None
    return Fault(
        "an outcome is defined while another one is worked for",
        ((live, "this outcome has no result yet"),),
        "its last `span.outcome_evaluation_end` must come first",
        about=(e.outcome_id or "",),
        allowed=(E.OUTCOME_END.value,),
    )


@rule("OU011", Level.ERROR, "outcome-defined-twice", E.USER_DEFINE_OUTCOME,
      evidence=Evidence.DOCUMENTED)  # fmt: skip
def outcome_defined_twice(v: View, e: Seen) -> Fault | None:
    """An outcome is defined once; the next one has an id of its own.

    Why it matters: nobody can tell which of the two texts the grading goes by.
    Flagged:
        user.define_outcome o1
        user.define_outcome o1
    Accepted:
        user.define_outcome o1
        span.outcome_evaluation_end o1 outcome_evaluation_start_id="" result=interrupted
        user.define_outcome o2
    Source: documented: one entry for each definition.
    """
    first = v.outcome
    if first is None or first.outcome_id is None or first.outcome_id != e.outcome_id:
        return None
    if first.id == e.id or e.processed_at is None:
        return None
    return Fault(
        f"the outcome `{e.outcome_id}` was defined already",
        ((first, "it was defined here"),),
        "an id of its own",
        ("outcome_id",),
        about=(e.outcome_id,),
    )
