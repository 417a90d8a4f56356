"""
Which two events of a recording may as well stand the other way round.

Each function is one excuse, as in `absences`: it is asked about two places of a good recording, the
earlier first, and says whether the references leave their order open.
"""

from __future__ import annotations

from collections.abc import Callable

from absences import (
    MODEL_END,
    MODEL_START,
    RECEIVED,
    RUN,
    SAYS,
    SENT,
    wakes,
)
from mutants import CALLS
from presences import consumed, counts, platforms_own
from tale import CREATED, IDLE, OWN, PLATFORM_RESULTS, RUNNING, WAKERS, Tale

__all__ = ["ORDERS"]

Pair = Callable[[Tale, int, int], bool]
ORDERS: list[tuple[str, str, Pair]] = []


def order_is_open(source: str) -> Callable[[Pair], Pair]:
    """Register an excuse for two events in the other order."""

    def register(pair: Pair) -> Pair:
        ORDERS.append((pair.__name__, source, pair))
        return pair

    return register


def either(t: Tale, a: int, b: int, *kinds: str) -> int | None:
    """The one of the two places that has such an event; not both."""
    found = [i for i in (a, b) if t.kinds[i] in kinds]
    return found[0] if len(found) == 1 else None


def final(t: Tale, b: int) -> bool:
    """The later event ends the session; nothing may be listed after it (H21)."""
    return t.kinds[b] == "session.status_terminated"


@order_is_open("corpus, observation 2; recorded H11: a warning")
def usage_stands_anywhere(t: Tale, a: int, b: int) -> bool:
    """Usage is counted on the side; only its own counts may not step back (H33)."""
    both = t.kinds[a] == t.kinds[b] == "session.usage"
    if both:
        return counts(t.events[a].get("usage")) == counts(t.events[b].get("usage"))
    return either(t, a, b, "session.usage") is not None and not final(t, b)


@order_is_open("recorded X3, W3")
def errors_that_are_retried_stand_anywhere(t: Tale, a: int, b: int) -> bool:
    """An error is told when it happens, also between the two running events."""
    retried = "retrying" in (t.retry(a), t.retry(b))
    return retried and not final(t, b)


@order_is_open("recorded X1: one recording")
def the_terminal_error_and_its_request(t: Tale, a: int, b: int) -> bool:
    """Whether a failed request ends before its error is told was seen once."""
    return t.kinds[a] == MODEL_END and t.retry(b) == "terminal"


@order_is_open("recorded L2, trap 24")
def waiting_input_stands_where_it_likes(t: Tale, a: int, b: int) -> bool:
    """Input without a stamp stands anywhere before what it caused, an answer after its call."""
    if t.pending(a) and (t.is_status(b) or t.kinds[b] == MODEL_START or t.answers(b)):
        return t.pending(b)
    call = t.pending(b) and t.events[a].get("id") == t.answers(b) is not None
    return (t.pending(a) or t.pending(b)) and not call


@order_is_open("recorded E1, H19")
def words_and_calls_of_one_request(t: Tale, a: int, b: int) -> bool:
    """Inside a request, what is said, thought and called has no fixed order."""
    both = all(t.kinds[i] in (*SAYS, *CALLS) and t.whose[i] == OWN for i in (a, b))
    return both and not (t.kinds[a] in CALLS and t.kinds[b] in CALLS)


@order_is_open("recorded E1, G9")
def calls_of_one_request(t: Tale, a: int, b: int) -> bool:
    """Parallel calls have no fixed order, unless the client answered both, in theirs (H17)."""
    if not all(t.kinds[i] in CALLS and t.whose[i] == OWN for i in (a, b)):
        return False
    said = [
        [i for i in t.later(call) if t.is_answer(i) and t.answers(i) == t.events[call].get("id")]
        for call in (a, b)
    ]
    return not all(said)


@order_is_open("recorded G9; G2 is one session")
def results_of_the_platform(t: Tale, a: int, b: int) -> bool:
    """Results come as tools finish."""
    return t.kinds[a] in PLATFORM_RESULTS and t.kinds[b] in PLATFORM_RESULTS


@order_is_open("recorded G11, trap 13")
def results_beside_the_clients(t: Tale, a: int, b: int) -> bool:
    """An allowed call may have its result while its thread waits for a custom one."""
    result = either(t, a, b, *PLATFORM_RESULTS)
    if result is None:
        return False
    call, other = t.call(t.answers(result)), a + b - result
    if call is None or t.events[call].get("evaluated_permission") != "allow":
        return False
    start = t.last_request(call)
    siblings = t.calls_of(start) if start is not None else []
    custom = [i for i in siblings if t.kinds[i] == "agent.custom_tool_use"]
    asking = [i for i in siblings if t.events[i].get("evaluated_permission") == "ask"]
    moves = ("session.status_running", "session.status_idle", RUNNING, IDLE)
    around = t.is_answer(other) or (t.kinds[other] in moves and t.whose[other] == OWN)
    ends = t.reason(other) in ("end_turn", "refusal")
    ends = ends or (t.kinds[other] == RUNNING and not any(t.is_answer(i) for i in wakes(t, other)))
    return bool(custom) and not asking and around and not ends


@order_is_open("recorded W5, H7")
def input_that_joins_and_the_turns_work(t: Tale, a: int, b: int) -> bool:
    """A message that joins a turn stands anywhere in it, before a request that consumes it."""
    inputs = [i for i in (a, b) if t.kinds[i] in (*WAKERS, RECEIVED)]
    if len(inputs) == 2:
        return t.runs(a, OWN) and t.turn(a) == t.turn(b) and not t.child_list
    if not inputs or not t.runs(a, OWN):
        return False
    joins, other = inputs[0], a + b - inputs[0]
    start, _ = t.turn(joins)
    asked = [i for i in t.earlier(joins, MODEL_START) if start < i != other]
    work = (*SAYS, *CALLS, *PLATFORM_RESULTS, MODEL_START, MODEL_END, SENT, CREATED)
    later = t.kinds[b] != MODEL_START or consumed(t, b)
    return bool(asked) and t.kinds[other] in work and t.whose[other] == OWN and later


@order_is_open("anthropic 2.6: results may be sent as soon as the call is seen; recorded trap 7")
def answers_and_what_the_client_was_told(t: Tale, a: int, b: int) -> bool:
    """The client answers on seeing the call: the session's idle may come after the answer."""
    if not t.is_answer(b) or t.answers(b) == t.events[a].get("id"):
        return False
    worker = any(t.kinds[i] == "user.tool_result" for i in t.results(t.answers(b)))
    release = t.kinds[b] == "user.tool_confirmation" and worker  # the call waits on (G4)
    before = t.kinds[a] in (IDLE, MODEL_END, *SAYS, *CALLS) and t.whose[a] == t.whose[b]
    return t.kinds[a] == "session.status_idle" or (release and before)


# -- Several threads -----------------------------------------------------------------------------


@order_is_open("recorded C3, C4, K3, C7; corpus, observation 9")
def two_threads_go_their_own_ways(t: Tale, a: int, b: int) -> bool:
    """What two threads do is in no order, unless one caused the other."""
    first, second = t.whose[a], t.whose[b]
    return not (first == second or caused(t, a, b) or final(t, b))


def caused(t: Tale, a: int, b: int) -> bool:
    """Whether the earlier event, of another thread, is why the later one could be."""
    child = t.whose[a] if t.whose[a] != OWN else t.whose[b]
    ends = {t.events[i].get(f"{way}_session_thread_id") for i in (a, b) for way in ("to", "from")}
    if CREATED in (t.kinds[a], t.kinds[b]) and not platforms_own(t, child):
        return spawned(t, a, b)
    if t.kinds[a] == SENT and child in ends:
        return t.kinds[b] == RUNNING
    if t.kinds[b] == RECEIVED and child in ends:
        ran = t.earlier(a + 1, RUNNING, thread=child)
        return t.kinds[a] == RUNNING and len(ran) == 1
    if t.is_status(a) and t.kinds[b] == "session.status_idle":
        return bool(t.asks(a) & t.asks(b)) and not stale(t, b)
    if t.kinds[a] == "session.status_idle" and t.asks(b):
        return t.is_status(b) and t.reason(a) != "requires_action"
    if t.kinds[a] in CALLS:
        name = t.events[a].get("id")
        return name in t.asks(b) or t.answers(b) == name
    return forwarded(t, a, b)


def spawned(t: Tale, a: int, b: int) -> bool:
    """A coordinator makes a child between two requests, and then writes to it (C2)."""
    made, other = (a, b) if t.kinds[a] == CREATED else (b, a)
    ways = ("to_session_thread_id", "from_session_thread_id")
    if t.whose[made] in [t.events[other].get(way) for way in ways]:
        return True
    of_turn = (*SAYS, *CALLS, *PLATFORM_RESULTS, MODEL_START, MODEL_END, RUNNING, IDLE)
    return t.whose[other] == OWN and t.kinds[other] in of_turn


def stale(t: Tale, at: int) -> bool:
    """A session's idle that names only what was answered before (K4)."""
    said = {t.answers(i) for i in t.earlier(at) if t.is_answer(i)}
    return bool(t.asks(at)) and t.asks(at) <= said


def forwarded(t: Tale, a: int, b: int) -> bool:
    """A child's answer stands inside the primary's empty turn, behind its running (K2)."""
    answer = next((i for i in (a, b) if t.is_answer(i) and t.whose[i] != OWN), None)
    if answer is None:
        return False
    other = a + b - answer
    pair = t.kinds[other] in ("session.status_running", RUNNING, IDLE) and t.whose[other] == OWN
    start, end = t.turn(answer)
    return pair and (start <= other <= end or other == answer + 1)


@order_is_open("corpus, observation 6; anthropic 2.3")
def a_childs_call_and_its_rest(t: Tale, a: int, b: int) -> bool:
    """On the session's list a child's call comes before or after the idle that asks for it."""
    child = t.whose[a] == t.whose[b] != OWN
    return child and {t.kinds[a], t.kinds[b]} <= {*CALLS, IDLE} and t.kinds[a] != t.kinds[b]


@order_is_open("recorded G11; corpus, observation 3")
def a_child_may_run_while_it_waits(t: Tale, a: int, b: int) -> bool:
    """A child that waits for a custom call may run others, which its own list alone shows."""
    answer, runs = either(t, a, b, "user.custom_tool_result"), either(t, a, b, RUNNING)
    return answer is not None and runs is not None and t.whose[a] == t.whose[b] != OWN


# -- Runs and gradings -----------------------------------------------------------------------------


@order_is_open("anthropic 4; INV-56: a warning")
def a_run_and_the_threads(t: Tale, a: int, b: int) -> bool:
    """A run's events and those of threads have no fixed order; its end may cause a turn."""
    runs = [i for i in (a, b) if t.kinds[i].startswith(RUN)]
    woke = t.kinds[a] == f"{RUN}status_ended" and t.kinds[b] == RUNNING and t.whose[b] == OWN
    return len(runs) == 1 and not woke and not final(t, b)


@order_is_open("anthropic 4: none of it guaranteed")
def phases_of_a_run(t: Tale, a: int, b: int) -> bool:
    """Phases may overlap, and errors come at any time before the end."""
    kinds = (t.kinds[a], t.kinds[b])
    same = t.events[b].get("phase_started_id") == t.events[a].get("id")
    phases = {f"{RUN}phase_started", f"{RUN}phase_ended", f"{RUN}error"}
    return set(kinds) <= phases and not same


@order_is_open("recorded, never recorded: grading order")
def gradings_stand_anywhere(t: Tale, a: int, b: int) -> bool:
    """Where a grading stands among the other events, nobody recorded."""
    graded = [i for i in (a, b) if t.kinds[i].startswith("span.outcome")]
    return len(graded) == 1 and t.kinds[a] != "user.define_outcome" and not final(t, b)


@order_is_open("recorded, never recorded: budget flow")
def results_and_the_cap(t: Tale, a: int, b: int) -> bool:
    """Whether a thread at its cap waits for its running tools, nobody recorded."""
    capped = [i for i in (a, b) if t.reason(i) == "budget_reached"]
    return len(capped) == 1 and t.kinds[a + b - capped[0]] in PLATFORM_RESULTS


@order_is_open("recorded G10: one denial")
def results_and_a_childs_running(t: Tale, a: int, b: int) -> bool:
    """On a child's own list a gated call's result was seen before the running, once."""
    result = either(t, a, b, *PLATFORM_RESULTS)
    call = t.call(t.answers(result)) if result is not None else None
    if not t.child_list or call is None or result is None:
        return False
    other, gated = a + b - result, t.events[call].get("evaluated_permission") == "ask"
    return gated and t.kinds[other] == RUNNING
