"""OU: the gradings of an outcome: their order, their numbers, their beginnings and ends."""

from __future__ import annotations

from lifecycle.check.findings import Level
from lifecycle.check.rule import Fault, rule
from lifecycle.check.view import View
from lifecycle.check.view_work import word_in
from lifecycle.check.words import E, StopReason
from lifecycle.vocabulary import Evidence
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


@rule("OU006", Level.ERROR, "heartbeat-of-another-grading", E.OUTCOME_ONGOING,
      evidence=Evidence.DOCUMENTED)  # fmt: skip
def heartbeat_of_another_grading(v: View, e: Seen) -> Fault | None:
    """`span.outcome_evaluation_ongoing` is of the grading that started last.

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
    if start is None or e.iteration in (None, start.iteration):
        return None
    return Fault(
        f"grading {start.iteration} was the last to start, not {e.iteration}",
        ((start, "the last grading"),),
        f"{start.iteration}",
        ("iteration",),
        about=(e.outcome_id or "",),
    )


@rule("OU009", Level.WARNING, "heartbeat-after-the-end", E.OUTCOME_ONGOING,
      evidence=Evidence.DOCUMENTED)  # fmt: skip
def heartbeat_after_the_end(v: View, e: Seen) -> Fault | None:
    """A grading that has ended goes on no more.

    Why it matters: a client that has shown the result shows a grading again.
    Flagged:
        span.outcome_evaluation_start o1 0
        span.outcome_evaluation_end o1 0 e1 satisfied
        span.outcome_evaluation_ongoing o1 0
    Accepted:
        span.outcome_evaluation_start o1 0
        span.outcome_evaluation_ongoing o1 0
        span.outcome_evaluation_end o1 0 e1 satisfied
    Source: documented; whether a heartbeat may come late is not.
    """
    grading = v.gradings.get(e.outcome_id or "")
    if grading is None or grading.start is None or grading.end is None:
        return None
    return Fault(
        "the grading has ended, and is said to go on",
        ((grading.start, "the grading began"), (grading.end, "it ended here")),
        "the heartbeat of an open grading",
        about=(e.outcome_id or "",),
    )


@rule("OU010", Level.ERROR, "heartbeat-of-no-grading", E.OUTCOME_ONGOING, absence=True,
      evidence=Evidence.DOCUMENTED)  # fmt: skip
def heartbeat_of_no_grading(v: View, e: Seen) -> Fault | None:
    """A grading starts before it goes on.

    Why it matters: the grading's beginning, and with it its time, is missing.
    Flagged:
        session.status_running
        session.thread_status_running main
        user.define_outcome o1
        span.model_request_start s1
        span.model_request_end s1
        span.outcome_evaluation_ongoing o1 0
    Accepted:
        session.status_running
        session.thread_status_running main
        user.define_outcome o1
        span.model_request_start s1
        span.model_request_end s1
        span.outcome_evaluation_start o1 0
        span.outcome_evaluation_ongoing o1 0
    Source: documented; recorded a few times.
    """
    grading = v.gradings.get(e.outcome_id or "")
    if not v.whole or v.begin is None or v.gradings.full:
        return None
    if grading is not None and grading.start is not None:
        return None
    return Fault(
        "no grading of this outcome has started on this list",
        v.shown_whole("the recording begins with the session"),
        "`span.outcome_evaluation_start` must come first",
        ("outcome_id",),
        about=(e.outcome_id or "",),
        allowed=(E.OUTCOME_START.value,),
    )


@rule("OU012", Level.WARNING, "graded-inside-a-request", E.OUTCOME_START, E.OUTCOME_END)
def graded_inside_a_request(v: View, e: Seen) -> Fault | None:
    """An outcome is graded between model requests, when the work is done.

    Why it matters: half of an answer is graded.
    Flagged:
        span.model_request_start s1
        span.outcome_evaluation_start o1 0
    Accepted:
        span.model_request_start s1
        span.model_request_end s1
        span.outcome_evaluation_start o1 0
    Source: recorded for every grading; not documented.
    """
    request = v.own.request
    if request is None:
        return None
    return Fault(
        "the grading stands inside a model request",
        ((request, "this request is open"),),
        "the request's `span.model_request_end` must come first",
        thread=v.own.id or None,
        about=(request.id or "",),
        allowed=(E.SPAN_END.value,),
    )


@rule("OU013", Level.ERROR, "grading-left-open", E.OUTCOME_START, E.SESSION_IDLE, absence=True)
def grading_left_open(v: View, e: Seen) -> Fault | None:
    """A grading ends before the next one starts, and before the session's work is done.

    Why it matters: the verdict is missing from the recording.
    Flagged:
        span.outcome_evaluation_start o1 0
        span.outcome_evaluation_start o1 1
    Accepted:
        span.outcome_evaluation_start o1 0
        span.outcome_evaluation_end o1 0 e1 needs_revision
        span.outcome_evaluation_start o1 1
    Source: recorded for every grading. One that is taken up again under its number is let pass.
    """
    start, stop = v.grading, e.stop_reason
    if start is None or (e.type == E.OUTCOME_START and e.iteration == start.iteration):
        return None
    if stop is not None and stop.type != StopReason.END_TURN:
        return None
    return Fault(
        f"grading {start.iteration} has not ended",
        ((start, "it began here"),),
        "`span.outcome_evaluation_end` must come first",
        about=(start.outcome_id or "",),
        allowed=(E.OUTCOME_END.value,),
        resync="the grading is taken to have ended",
        repair=_take_to_have_ended,
    )


def _take_to_have_ended(v: View) -> None:
    """Take no grading to be open."""
    v.grading = None
