"""
What may stand in a recording once more, or in another place, and still nobody could tell.

Each function is one excuse, as in `absences`.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

from absences import MODEL_END, MODEL_START, RECEIVED, RESCHEDULED, RUN, SAYS, SENT, Excuse, Place
from mutants import CALLS
from tale import CREATED, IDLE, OWN, RUNNING, TERMINATED, WAKERS, Tale

__all__ = ["STANDS"]

STANDS: list[Excuse] = []


def may_stand(source: str) -> Callable[[Place], Place]:
    """Register an excuse for an event that is there once more, or there instead of elsewhere."""

    def register(place: Place) -> Place:
        STANDS.append((place.__name__, source, place))
        return place

    return register


@may_stand("recorded H19")
def a_request_says_as_much_as_it_likes(t: Tale, at: int) -> bool:
    """A message or a thinking inside an open request of the list's own thread."""
    return t.kinds[at] in SAYS and t.whose[at] == OWN and t.request(at) is not None


def counts(usage: Any) -> dict[str, int]:
    """The token counts of a usage, by name; seconds and costs are left out."""
    flat: dict[str, int] = {}
    for name, value in usage.items() if isinstance(usage, dict) else ():
        if isinstance(value, dict):
            flat.update(counts(value))
        elif isinstance(value, int) and name.endswith("tokens"):
            flat[name] = value
    return flat


def never_decreases(t: Tale, at: int) -> bool:
    """Whether the usage event fits between the one before it and the one after it (H33)."""
    around = [*t.earlier(at, "session.usage")[:1], at, *t.later(at, "session.usage")[:1]]
    told = [counts(t.events[i].get("usage")) for i in around]
    return all(
        first[name] <= second.get(name, first[name])
        for first, second in pairwise(told)
        for name in first
    )


@may_stand("corpus, observation 2; recorded H33")
def usage_is_told_at_any_time(t: Tale, at: int) -> bool:
    """Usage may be told more than once, and anywhere, while it does not step back."""
    return t.kinds[at] == "session.usage" and not t.over(at) and never_decreases(t, at)


@may_stand("recorded, trap 19; X3")
def an_error_that_is_retried_may_recur(t: Tale, at: int) -> bool:
    """The same error may be told again, but for a credential's, which is told once (H36)."""
    error: Any = t.events[at].get("error") or {}
    once = error.get("type") == "credential_host_unreachable_error"
    return t.retry(at) == "retrying" and not once and not t.over(at)


@may_stand("recorded X1, H22")
def the_end_may_be_announced_twice(t: Tale, at: int) -> bool:
    """Between a terminal error and the end, another error is no new work."""
    rest = [t.kinds[i] for i in t.later(at)]
    return t.retry(at) is not None and rest[:1] == ["session.status_terminated"]


@may_stand("recorded H26, C2")
def a_working_agent_writes_to_a_live_thread(t: Tale, at: int) -> bool:
    """A message to a child that exists, from a coordinator at work between two requests."""
    if t.kinds[at] != SENT or not t.runs(at, OWN) or t.request(at) is not None:
        return False
    child = str(t.events[at].get("to_session_thread_id"))
    status = t.status(at, child)
    dead = status is not None and t.kinds[status] == TERMINATED
    return t.child_list or (bool(t.earlier(at, CREATED, thread=child)) and not dead)


def consumed(t: Tale, at: int) -> bool:
    """Whether a request of the turn around this place follows, or may still follow."""
    _, end = t.turn(at)
    return end == len(t.kinds) or any(i < end for i in t.later(at, MODEL_START))


@may_stand("recorded W5, C7, H28")
def a_report_joins_an_open_turn(t: Tale, at: int) -> bool:
    """A report of a thread that has run, listed before a request of the turn."""
    if t.kinds[at] != RECEIVED or not t.runs(at, OWN) or not consumed(t, at):
        return False
    if t.child_list:
        return True
    sender = str(t.events[at].get("from_session_thread_id"))
    return bool(t.earlier(at, RUNNING, thread=sender))


@may_stand("recorded W5, H7; anthropic 2.5 for outcomes: one at a time")
def input_joins_an_open_turn(t: Tale, at: int) -> bool:
    """A message listed before a request of the turn; an outcome only when no other is open."""
    if t.kinds[at] not in WAKERS or t.child_list or not t.runs(at, OWN) or t.over(at):
        return False
    return consumed(t, at) and not (t.kinds[at] == WAKERS[1] and t.earlier(at, WAKERS[1]))


@may_stand("recorded L2, W7")
def input_may_wait(t: Tale, at: int) -> bool:
    """Input without a stamp waits; an answer waits after its call."""
    if not t.pending(at):
        return False
    call = t.call(t.answers(at))
    return t.answers(at) is None or (call is not None and call < at)


@may_stand("recorded G13: unknown")
def a_confirmation_may_be_repeated(t: Tale, at: int) -> bool:
    """What a second confirmation does, nobody recorded; anthropic INV-24 is a warning."""
    call = t.call(t.answers(at))
    known = call is not None and call < at and not t.over(at)
    return t.kinds[at] == "user.tool_confirmation" and known


@may_stand("recorded I3, I8; anthropic INV-58: a warning")
def an_interrupt_with_nothing_to_close(t: Tale, at: int) -> bool:
    """An interrupt may be late, or idle; with open calls it would have closed them (H20)."""
    if t.kinds[at] != "user.interrupt" or t.over(at):
        return False
    return not any(t.open_calls(at, thread) for thread in set(t.whose))


def wakes_loudly(t: Tale, at: int) -> bool:
    """Whether the session says that it runs before the primary does."""
    wakes = ("session.status_running", RUNNING, MODEL_START)
    following = [i for i in t.later(at, *wakes) if t.whose[i] == OWN]
    return not following or t.kinds[following[0]] == "session.status_running"


@may_stand("anthropic INV-20: duplicates are legal; corpus, hp-04: twice in a row")
def a_session_in_company_reports_rest_again(t: Tale, at: int) -> bool:
    """With children, the session may report rest whenever the primary rests."""
    if t.kinds[at] != "session.status_idle" or not t.company(at) or t.runs(at, OWN):
        return False
    asked = [t.call(ask) for ask in t.asks(at)]
    known = all(call is not None and call < at for call in asked)
    told = t.reason(at) == "requires_action" or not t.waits(at)
    return not t.over(at) and known and told and wakes_loudly(t, at)


@may_stand("recorded, never recorded: budget flow; anthropic INV-20")
def a_cap_may_be_told_again(t: Tale, at: int) -> bool:
    """How often a thread at its budget says so, nobody recorded."""
    status = t.status(at, t.whose[at])
    capped = t.kinds[at] == IDLE and t.reason(at) == "budget_reached"
    return capped and status is not None and t.kinds[status] == IDLE


@may_stand("recorded O2")
def a_grading_shows_signs_of_life(t: Tale, at: int) -> bool:
    """A heartbeat between the start and the end of its own grading."""
    kinds = [k for k in t.kinds[:at] if k.startswith("span.outcome") and "ongoing" not in k]
    open_now = kinds[-1:] == ["span.outcome_evaluation_start"]
    return t.kinds[at].endswith("evaluation_ongoing") and open_now


@may_stand("anthropic 1.8")
def an_update_at_any_time(t: Tale, at: int) -> bool:
    """Budgets and titles may be updated whenever the session lives."""
    return t.kinds[at] == "session.updated" and not t.over(at)


@may_stand("anthropic 4")
def an_open_run_pauses_resumes_and_errs(t: Tale, at: int) -> bool:
    """A run may pause and resume silently, and tell several errors, while it is open."""
    run = t.events[at].get("workflow_run_id")
    of_run = [i for i in t.earlier(at) if t.events[i].get("workflow_run_id") == run]
    said = {t.kinds[i] for i in of_run}
    words = (f"{RUN}status_running", f"{RUN}status_idle", f"{RUN}error")
    return t.kinds[at] in words and f"{RUN}created" in said and f"{RUN}status_ended" not in said


@may_stand("anthropic 9: the recording may stop there")
def a_call_or_a_request_at_the_end(t: Tale, at: int) -> bool:
    """Work may begin right before the recording stops."""
    same = (*SAYS, *CALLS, MODEL_END) if t.kinds[at] in CALLS else ()
    nothing = all(t.kinds[i] in same or t.pending(i) for i in t.later(at, thread=t.whose[at]))
    if t.kinds[at] == MODEL_START:
        idle_hands = t.request(at) is None and not t.open_calls(at)
        return nothing and t.runs(at, OWN) and idle_hands and not t.over(at)
    return nothing and t.kinds[at] in CALLS and t.whose[at] == OWN and t.request(at) is not None


@may_stand("anthropic 9: the recording may stop there; recorded W3")
def a_session_wakes_at_the_end(t: Tale, at: int) -> bool:
    """A running event may be the last word, where the session has rested."""
    status = t.session_status(at)
    rested = status is not None and t.kinds[status] == "session.status_idle"
    rested = rested and t.reason(status or 0) != "budget_reached"
    if t.kinds[at] != "session.status_running":
        return False
    return t.run_is_open(at) or (not t.later(at) and (rested or t.company(at)))


def woken(t: Tale, at: int, child: str) -> bool:
    """Whether a message to a child, or an answer, came since its last status (C2, K2)."""
    status = t.status(at, child)
    since = [i for i in t.earlier(at) if status is None or i > status]
    told = any(t.events[i].get("to_session_thread_id") == child for i in since)
    answered = any(t.is_answer(i) and t.whose[i] == child for i in since)
    return told or answered or platforms_own(t, child)


@may_stand("anthropic INV-36; recorded C2")
def a_child_goes_to_work(t: Tale, at: int) -> bool:
    """A child that was told something may run, if that is the last that is heard of its status."""
    child, status = t.whose[at], t.status(at, t.whose[at])
    rests = status is None or t.kinds[status] == IDLE
    if t.kinds[at] != RUNNING or child == OWN or not rests or t.next_status(at, child) is not None:
        return False
    return bool(t.earlier(at, CREATED, thread=child)) and woken(t, at, child)


def platforms_own(t: Tale, child: str) -> bool:
    """A thread of a workflow run, or an advisor: the platform makes it and tells it what to do."""
    made = [i for i in range(len(t.kinds)) if t.kinds[i] == CREATED and t.whose[i] == child]
    events = [t.events[i] for i in made]
    return any(
        e.get("workflow_run_id") or e.get("agent_name") == "anthropic.advisor" for e in events
    )


@may_stand("recorded C5: the message comes behind the running")
def a_childs_own_list_wakes_at_the_end(t: Tale, at: int) -> bool:
    """A child's own list may stop right after its running event."""
    status = t.status(at, OWN)
    rests = status is not None and t.kinds[status] == IDLE
    return t.child_list and rests and t.kinds[at] == RUNNING and not t.later(at)


@may_stand("recorded X7; anthropic 2.4")
def a_child_may_end_when_nothing_of_it_follows(t: Tale, at: int) -> bool:
    """A child may fail or be archived once its work is done; its report may be read later."""
    child, status = t.whose[at], t.status(at, t.whose[at])
    if t.kinds[at] != TERMINATED or status is None or (child == OWN and not t.child_list):
        return False
    sent = [i for i in t.later(at) if t.events[i].get("to_session_thread_id") == child]
    return t.kinds[status] != TERMINATED and not sent and not t.later(at, thread=child)


@may_stand("recorded X5: never recorded; anthropic INV-36")
def a_running_thread_is_put_aside(t: Tale, at: int) -> bool:
    """How a retry lists, nobody recorded; only what runs can be put aside, and it does no work."""
    status, following = t.status(at, t.whose[at]), t.next_status(at, t.whose[at])
    if t.kinds[at] != RESCHEDULED or status is None or t.kinds[status] != RUNNING:
        return False
    end = len(t.kinds) if following is None else following
    work = [i for i in t.later(at, thread=t.whose[at]) if i < end]
    return not any(t.kinds[i] in (*CALLS, *SAYS, MODEL_START, MODEL_END) for i in work)


@may_stand("recorded X5: never recorded")
def a_session_is_put_aside(t: Tale, at: int) -> bool:
    """What a session lists around a retry nobody recorded."""
    status = t.session_status(at)
    runs = status is None or t.kinds[status] == "session.status_running"
    return t.kinds[at] == "session.status_rescheduled" and runs


@may_stand("recorded H23: the text also allows completion; H21")
def a_session_may_end_last(t: Tale, at: int) -> bool:
    """A session may be terminated for no reason that the list shows, if nothing follows."""
    allowed = (TERMINATED,)
    rest = [i for i in t.later(at) if not t.pending(i) and t.kinds[i] not in allowed]
    return t.kinds[at] == "session.status_terminated" and not rest and not t.over(at)
