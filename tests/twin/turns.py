"""What opens a turn, what it does, and how it closes."""

from __future__ import annotations

from twin.moment import (
    CALLS,
    CREATED,
    ERROR,
    IDLE,
    INTERRUPT,
    OWN,
    PLATFORM_RESULTS,
    RECEIVED,
    RUNNING,
    SENT,
    SESSION_IDLE,
    SESSION_RUNNING,
    SPAN_END,
    SPAN_START,
    WAKERS,
    Event,
    Moment,
    last,
    since,
)
from twin.register import rule
from twin.waits import open_calls, open_requests

INPUTS = (*WAKERS, RECEIVED)


def asleep(m: Moment) -> Event | None:
    """The idle event that the list's own thread rests on."""
    status = m.status(OWN)
    return status if status is not None and status.type == IDLE else None


@rule("W2", "thread", SPAN_START, IDLE)
def turn_has_no_cause(m: Moment) -> str | None:
    """
    recorded W2, G7, C7: a turn is opened by input, an answer or a report.

    A turn whose beginning is all that is known may have been opened before the list. Runs, budgets,
    errors and interrupts open turns of their own (anthropic T12, T14, T21), and so does a call that
    the platform still has to run.
    """
    start = last(m.own(RUNNING))
    before = [e for e in m.own(IDLE) if start and e.line < start.line]
    if start is None or m.status(OWN) != start or not before:
        return None
    if m.now.type == IDLE and (m.now.thread != OWN or m.now.reason != "end_turn"):
        return None
    lately = since(m.past, before[-1])
    opens = any(
        e.type in (*INPUTS, ERROR, INTERRUPT, "session.updated", SPAN_START)
        or e.type.startswith("workflow_run.")
        or (e.answers is not None and e.type.startswith("user."))
        for e in lately
    )
    capped = any(e.reason == "budget_reached" for e in m.past)
    return None if opens or capped or open_calls(m) else "nothing opened the turn"


@rule("H28", "thread", RECEIVED)
def report_is_read_at_rest(m: Moment) -> str | None:
    """recorded H28, C7: a report is listed after the running of the thread that reads it."""
    advice = m.now.body.get("from_agent_name") == "anthropic.advisor"
    return "its reader rests" if asleep(m) and not advice else None


@rule("H6", "thread", "agent.message", IDLE, SESSION_IDLE, CREATED, SENT, *PLATFORM_RESULTS)
def input_is_not_read(m: Moment) -> str | None:
    """recorded H6: the event right after the input that woke a thread is the model request."""
    before = last([e for e in m.past if e.type not in (ERROR, "session.usage")])
    start = last(m.own(RUNNING))
    if before is None or start is None or before.type not in WAKERS or before.pending:
        return None
    if m.now.thread != OWN and m.now.type == IDLE:
        return None
    woke = m.status(OWN) == start and not since(m.own(SPAN_START), start)
    capped = any(e.reason == "budget_reached" for e in m.past)
    return "no request follows the input" if woke and not capped else None


@rule("E1", "thread", SPAN_START)
def works_at_rest(m: Moment) -> str | None:
    """recorded E1: a model request starts in an open turn."""
    return "the thread rests" if m.now.thread == OWN and asleep(m) else None


@rule("E1", "thread", IDLE)
def rests_in_a_request(m: Moment) -> str | None:
    """recorded E1, E2: no status event inside a request; how an interrupt closes one is D (I4)."""
    if m.now.thread != OWN or not open_requests(m):
        return None
    stopped = any(e.type == INTERRUPT for e in since(m.past, open_requests(m)[-1]))
    return None if stopped else "a model request is open"


@rule("INV-36", "thread", SESSION_RUNNING, RUNNING, SPAN_START)
def works_before_it_runs(m: Moment) -> str | None:
    """
    anthropic INV-36, recorded H18: what a list from the middle shows first tells what is open.

    Consumed input and reports are of a running thread, and words are of an open request. A
    session's running is as good as its primary's, which must follow (recorded H3).
    """
    if m.now.thread != OWN or m.own(RUNNING, IDLE):
        return None
    words = m.own("agent.message", "agent.thinking", *CALLS)
    spans = m.own(SPAN_START, SPAN_END)
    if any(e.answers for e in since(m.past, last(words))):
        return None  # a list of chosen events: it lacks the idle that was answered
    inputs = [e for e in m.own(*INPUTS) if not e.pending]
    if m.now.type == SPAN_START:
        return "a request is open already" if words and not spans else None
    return "the thread runs already" if words or inputs or spans else None


@rule("H7", "thread", IDLE)
def input_is_left_unread(m: Moment) -> str | None:
    """recorded H7, L5: an input is listed where a request consumes it, so one follows."""
    start, reads = last(m.own(RUNNING)), last(m.own(SPAN_START))
    ends = m.now.thread == OWN and m.now.reason in ("end_turn", "requires_action")
    if not ends or start is None or m.status(OWN) != start:
        return None
    lately = since(m.past, start)
    capped = any(e.reason == "budget_reached" for e in m.past)
    taken = [e for e in lately if e.type in INPUTS and e.thread == OWN and not e.pending]
    stopped = any(e.type == INTERRUPT for e in lately)
    unread = taken and (reads is None or reads.line < taken[-1].line)
    return "no request has read the input" if unread and not (capped or stopped) else None


@rule("C2", "thread", CREATED, SENT)
def delegates_otherwise(m: Moment) -> str | None:
    """recorded C2: a thread delegates when a request of its open turn has ended."""
    advisor = m.now.body.get("agent_name") == "anthropic.advisor"
    if advisor or m.now.body.get("workflow_run_id") or m.runs:
        return None
    if open_requests(m):
        return "a model request is open"
    rest = asleep(m)
    done = m.whole and rest is not None and rest.reason == "end_turn"
    return "the thread rests" if done else None
