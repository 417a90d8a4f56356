"""The grading of an outcome: between model requests of the primary, when its work is done.

A grading that asks for more work is followed by another cycle of the same turn, and so is the last
one that is allowed (one acknowledgement); otherwise the turn ends. An interrupt ends the outcome,
whether it was being graded or not. Source: pages, outcomes (O2); no recording tells the order.
"""

from __future__ import annotations

from typing import Final

from lifecycle import commands as c, events as e
from lifecycle.engine.draft import Draft
from lifecycle.engine.flow import unnamed
from lifecycle.engine.refusals import Refusal
from lifecycle.engine.turns import outside_request, thread_in_turn
from lifecycle.state import Outcome
from lifecycle.vocabulary import EventType, OutcomeResult, RefusalCode

__all__ = ["evaluation_ended", "evaluation_started", "interrupt_outcome"]


_RESULTS: Final = frozenset(one.value for one in OutcomeResult)


def _worked_for(d: Draft, thread_id: str, wrong: str = "") -> Outcome | Refusal:
    """Return the outcome that the primary works for, or why the report is refused.

    *wrong* is what contradicts the report by itself.
    """
    if d.named(thread_id) is None:
        return d.refuse(RefusalCode.THREAD_NOT_FOUND, "no such thread", thread_id)
    if thread_id not in ("", d.session.primary):
        reason = "only the work of the primary is graded"
        return d.refuse(RefusalCode.INVALID_INPUT, reason, thread_id)
    refusal = unnamed(d, EventType.OUTCOME_START)
    if refusal is not None:
        return refusal
    if wrong:
        return d.refuse(RefusalCode.INVALID_INPUT, wrong, thread_id)
    outcome = d.session.outcome
    if outcome is None or _waits(d, outcome):
        return d.refuse(RefusalCode.OUT_OF_TURN, "no outcome is worked for")
    return outcome


def _waits(d: Draft, outcome: Outcome) -> bool:
    """Whether no turn has read the outcome yet."""
    return any(
        one.kind is EventType.USER_DEFINE_OUTCOME and one.fields.get("outcome_id") == outcome.id
        for one in d.session.messages.values()
    )


def evaluation_started(d: Draft, command: c.EvaluationStarted) -> Refusal | None:
    """Start to grade, when nothing is left to do: no call, no input, no workflow run."""
    outcome = _worked_for(d, command.thread_id)
    if isinstance(outcome, Refusal):
        return outcome
    if d.session.runs:
        reason = "no outcome is graded while a workflow run is open"
        return d.refuse(RefusalCode.WORKFLOW_RUN_OPEN, reason, next(iter(d.session.runs)))
    primary = outside_request(d, "")
    if isinstance(primary, Refusal):
        return primary
    if primary.unread or d.calls_of(primary.id):
        reason = "the work is not done: a result or an input is yet to be read"
        return d.refuse(RefusalCode.OUT_OF_TURN, reason, primary.id)
    start = e.OutcomeEvaluationStart(outcome_id=outcome.id, iteration=outcome.iteration, **d.mark())
    d.put(start, primary.id)
    return None


def evaluation_ended(d: Draft, command: c.EvaluationEnded) -> Refusal | None:
    """End the open grading."""
    known = command.result in _RESULTS
    wrong = "" if known else f"result: no grading ends {command.result!r}"
    outcome = _worked_for(d, command.thread_id, wrong)
    if isinstance(outcome, Refusal):
        return outcome
    primary = thread_in_turn(d, "")
    if isinstance(primary, Refusal):
        return primary
    if not outcome.start:
        return d.refuse(RefusalCode.OUT_OF_TURN, "no grading is open", outcome.id)
    _end(d, outcome, OutcomeResult(command.result).value, command.explanation)
    return None


def _end(d: Draft, outcome: Outcome, result: str, explanation: str) -> None:
    end = e.OutcomeEvaluationEnd(
        outcome_id=outcome.id,
        iteration=outcome.iteration,
        outcome_evaluation_start_id=outcome.start,
        result=result,
        explanation=explanation,
        **d.mark(),
    )
    d.put(end, d.session.primary)


def interrupt_outcome(d: Draft) -> None:
    """End the outcome because the primary was interrupted, though no grading may have started.

    One that no turn has read yet stays, as every queued input does.
    """
    outcome = d.session.outcome
    if outcome is None or unnamed(d, EventType.OUTCOME_END) is not None:
        return
    if not _waits(d, outcome):
        _end(d, outcome, OutcomeResult.INTERRUPTED.value, "")
