"""
What may be missing from a recording, and still nobody could tell.

Each function is one excuse: it names the reference that explains the list, and its docstring says
why. "Recorded", "anthropic" and "corpus" are the reference notes and the table of real recordings.
What no function excuses is inexplicable.
"""

from __future__ import annotations

from collections.abc import Callable

from mutants import CALLS
from tale import (
    IDLE,
    OWN,
    RUNNING,
    TERMINATED,
    WAKERS,
    Tale,
)

__all__ = ["MISSING", "Excuse", "Place"]

Place = Callable[[Tale, int], bool]
Excuse = tuple[str, str, Place]
"""The function's name, its reference, and the function."""

MISSING: list[Excuse] = []

RESCHEDULED = "session.thread_status_rescheduled"
MODEL_START, MODEL_END = "span.model_request_start", "span.model_request_end"
RECEIVED, SENT = "agent.thread_message_received", "agent.thread_message_sent"
SAYS = ("agent.message", "agent.thinking")
RUN = "workflow_run."


def may_be_missing(source: str) -> Callable[[Place], Place]:
    """Register an excuse for an event that is not there."""

    def register(place: Place) -> Place:
        MISSING.append((place.__name__, source, place))
        return place

    return register


def wakes(t: Tale, start: int) -> list[int]:
    """What opened the own turn that begins at this running event, as far as the list shows it."""
    rest = t.status(start, OWN)
    before = [i for i in t.earlier(start) if rest is None or i > rest]
    causes = [
        i
        for i in before
        if t.is_answer(i) or t.kinds[i] in ("session.updated", f"{RUN}status_ended", *WAKERS)
    ]
    for i in t.later(start):
        if t.kinds[i] == MODEL_START or t.is_status(i, OWN):
            break
        if t.is_answer(i) or t.kinds[i] in (*WAKERS, RECEIVED):
            causes.append(i)
    return causes


@may_be_missing("anthropic 9: the rules judge what was captured")
def the_recording_stops_there(t: Tale, at: int) -> bool:
    """Nothing follows but input that waits: the recording may have been taken before the event."""
    return all(t.pending(i) for i in t.later(at))


@may_be_missing("anthropic 9: a capture may start in the middle of a life")
def the_recording_begins_later(t: Tale, at: int) -> bool:
    """The first event: the capture may have begun with the second."""
    return at == 0


@may_be_missing("recorded G7")
def an_answer_before_the_recording_woke_it(t: Tale, at: int) -> bool:
    """A turn that an answer resumes has no message; the answer is listed before the first pair."""
    opening = ("session.status_running", "session.error", RUNNING)
    first = all(t.kinds[i] in opening and t.whose[i] == OWN for i in t.earlier(at))
    return t.kinds[at] in (RECEIVED if t.child_list else "", *WAKERS) and first


@may_be_missing("recorded, trap 35; a real turn of no words")
def a_request_may_say_nothing(t: Tale, at: int) -> bool:
    """A model request may hold no message and no thinking at all."""
    return t.kinds[at] in SAYS


@may_be_missing("recorded H11, checked against the corpus: a warning")
def older_recordings_have_no_usage(t: Tale, at: int) -> bool:
    """`session.usage` is younger than the service, and an export leaves it out."""
    return t.kinds[at] == "session.usage"


@may_be_missing("recorded X3, H23; anthropic INV-13: a warning")
def no_error_is_required(t: Tale, at: int) -> bool:
    """Nothing on the wire requires an error to have been told."""
    return t.kinds[at] == "session.error"


@may_be_missing("recorded K4 (the eleventh), H34; corpus, observation 4")
def a_session_in_company_may_not_report_rest(t: Tale, at: int) -> bool:
    """With children or runs, an idle of the primary need not make one of the session."""
    return t.kinds[at] == "session.status_idle" and t.company(at)


@may_be_missing("recorded, trap 22; H4, H34")
def a_busy_session_wakes_silently(t: Tale, at: int) -> bool:
    """While others work, the primary may run alone, if the session never reported rest."""
    status = t.session_status(at)
    rested = status is not None and t.kinds[status] == "session.status_idle"
    return t.kinds[at] == "session.status_running" and t.working(at) and not rested


@may_be_missing("recorded W5")
def the_turn_had_another_cause(t: Tale, at: int) -> bool:
    """Input that joins a turn which other input opened is nobody's only cause."""
    if t.kinds[at] not in (*WAKERS, RECEIVED) or not t.runs(at, OWN):
        return False
    start, _ = t.turn(at)
    asked = bool([i for i in t.earlier(at, MODEL_START) if i > start])
    return asked or (not t.child_list and any(i != at for i in wakes(t, start)))


@may_be_missing("recorded C9")
def a_child_may_not_report(t: Tale, at: int) -> bool:
    """Whether a child that stops tells its coordinator is unknown."""
    return t.kinds[at] == SENT and t.child_list


@may_be_missing("recorded C10, trap 6; X7")
def a_child_may_still_run_or_have_failed(t: Tale, at: int) -> bool:
    """A child without another turn may be at work still; one that ends may have ended at work."""
    if t.kinds[at] != IDLE or t.whose[at] == OWN:
        return False
    following = t.next_status(at, t.whose[at])
    named = any(t.asks(at) & t.asks(i) or t.answers(i) in t.asks(at) for i in t.later(at))
    return (following is None or t.kinds[following] == TERMINATED) and not named


@may_be_missing("anthropic INV-36; recorded X7")
def a_childs_list_may_end_at_work(t: Tale, at: int) -> bool:
    """A thread may be terminated while it runs."""
    own = t.kinds[at] == IDLE and t.whose[at] == OWN and t.child_list
    return own and [t.kinds[i] for i in t.later(at)] == [TERMINATED]


@may_be_missing("recorded C8; anthropic INV-40, INV-56: warnings")
def a_child_may_live_on(t: Tale, at: int) -> bool:
    """Nothing on the list requires a child to end."""
    return t.kinds[at] == TERMINATED


@may_be_missing("anthropic INV-48: a warning")
def a_session_may_die_inside_a_request(t: Tale, at: int) -> bool:
    """The request that killed a session may have been left open."""
    rest = [t.kinds[i] for i in t.later(at) if t.kinds[i] != "session.error"]
    return t.kinds[at] == MODEL_END and rest[:1] == ["session.status_terminated"]


@may_be_missing("recorded O2")
def gradings_have_as_many_heartbeats_as_they_like(t: Tale, at: int) -> bool:
    """A heartbeat is only a sign of life."""
    return t.kinds[at] == "span.outcome_evaluation_ongoing"


@may_be_missing("recorded E1")
def a_call_that_nobody_named(t: Tale, at: int) -> bool:
    """A call that has no answer, no result and no idle event that asks for it."""
    name = t.events[at].get("id")
    named = any(name in t.asks(i) or t.answers(i) == name for i in t.later(at))
    return t.kinds[at] in CALLS and not named
