"""What errors, gradings and workflow runs show of commands."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from lifecycle import commands as c, events as e
from lifecycle.replay.where import Plan, Where
from lifecycle.vocabulary import ErrorType, OutcomeResult, RetryStatus, RunResult

__all__ = ["WORK_PLANS", "reported_error"]

_ERRORS: Final = {one.value: one for one in ErrorType}
_GRADES: Final = {one.value: one for one in OutcomeResult}
_RESULTS: Final = {one.value: one for one in RunResult}


def _kind(event: e.SessionError) -> ErrorType:
    """Return the word of an error."""
    body = event.error
    return _ERRORS.get(str(body.type) if body else "", ErrorType.UNKNOWN)


def reported_error(where: Where, event: e.SessionError) -> c.ReportError:
    """Return the report of an error that is retried."""
    return c.ReportError(**where.on(where.story.thread_of(event)), error=_kind(event))


def _failed(where: Where) -> Iterator[Plan]:
    """Something went wrong: it is retried, the turn is dead, or the session is."""
    event = where.event
    on, kind = where.on(where.story.thread_of(event)), _kind(event)
    status = event.error.retry_status if event.error else None
    word = status.type if status else ""
    if word == RetryStatus.TERMINAL.value:
        yield Plan((c.FailSession(**on, error=kind),))
    elif word == RetryStatus.EXHAUSTED.value:
        yield Plan((c.FailTurn(**on, error=kind),))
    else:
        following = next((one for _, one in where.after(where.at)), None)
        if isinstance(following, e.ThreadRescheduled):
            yield Plan((c.RescheduleTurn(**on, error=kind),))
        yield Plan((c.ReportError(**on, error=kind),))


def _rescheduled(where: Where) -> Iterator[Plan]:
    yield Plan((c.RescheduleTurn(**where.on(where.story.thread_of(where.event))),))


def _terminated(where: Where) -> Iterator[Plan]:
    yield Plan((c.FailSession(**where.on(where.whose)),))


# -- gradings --------------------------------------------------------------------------------------


def _grading_started(where: Where) -> Iterator[Plan]:
    yield Plan((c.EvaluationStarted(**where.on(where.whose)),))


def _grading_ended(where: Where) -> Iterator[Plan]:
    result = _GRADES.get(str(where.event.result))
    if result is not None:
        yield Plan((c.EvaluationEnded(**where.on(where.whose), result=result),))


# -- workflow runs ---------------------------------------------------------------------------------


def _run_created(where: Where) -> Iterator[Plan]:
    event = where.event
    phases = tuple({"id": str(one.id), "name": str(one.name or "")} for one in event.phases or ())
    run = str(event.workflow_run_id)
    on = where.on(where.whose)
    yield Plan((c.StartRun(**on, run_id=run, name=str(event.name or ""), phases=phases),))


def _run_runs(where: Where) -> Iterator[Plan]:
    yield Plan((c.RunResumed(**where.on(""), run_id=str(where.event.workflow_run_id)),))


def _run_rests(where: Where) -> Iterator[Plan]:
    yield Plan((c.RunPaused(**where.on(""), run_id=str(where.event.workflow_run_id)),))


def _run_ended(where: Where) -> Iterator[Plan]:
    yield from _over(where, where.at)


def _run_failed(where: Where) -> Iterator[Plan]:
    """The end of the run follows, with what belongs to it."""
    for place in range(where.at, len(where.story)):
        event = where.story.events[place]
        if isinstance(event, e.RunEnded) and event.workflow_run_id == where.event.workflow_run_id:
            yield from _over(where, place)
            return


def _over(where: Where, place: int) -> Iterator[Plan]:
    """The run ends as its event at *place* says."""
    event = where.story.events[place]
    result = event.result if isinstance(event, e.RunEnded) else None
    how = _RESULTS.get(str(result.type)) if result else RunResult.COMPLETED
    error = result.error if result else None
    kind = str(error.type) if error else ""
    run = str(where.event.workflow_run_id)
    if how is not None:
        yield Plan((c.RunEnded(**where.on(""), run_id=run, result=how, error=kind),))


def _phase(where: Where) -> Iterator[Plan]:
    event = where.event
    yield Plan(
        (
            c.PhaseReported(
                **where.on(""),
                run_id=str(event.workflow_run_id),
                phase_id=str(event.workflow_run_phase_id),
                ended=isinstance(event, e.PhaseEnded),
            ),
        )
    )


def _phase_ended(where: Where) -> Iterator[Plan]:
    yield from _phase(where)
    yield from _run_failed(where)


WORK_PLANS: Final[dict[type, Callable[[Where], Iterator[Plan]]]] = {
    e.SessionError: _failed,
    e.SessionRescheduled: _rescheduled,
    e.ThreadRescheduled: _rescheduled,
    e.SessionTerminated: _terminated,
    e.OutcomeEvaluationStart: _grading_started,
    e.OutcomeEvaluationEnd: _grading_ended,
    e.RunCreated: _run_created,
    e.RunRunning: _run_runs,
    e.RunIdle: _run_rests,
    e.RunEnded: _run_ended,
    e.RunFailed: _run_failed,
    e.PhaseStarted: _phase,
    e.PhaseEnded: _phase_ended,
}
"""What may have caused an event of each class."""
