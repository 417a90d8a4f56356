"""What a thread waits for, and what it owes."""

from __future__ import annotations

from twin.moment import CALLS, INTERRUPT, OWN, SPAN_END, SPAN_START, Event, Moment, last, since

__all__ = [
    "open_calls",
    "open_requests",
    "owed_results",
    "request_of",
    "unanswered",
]


def unanswered(m: Moment, idle: Event) -> set[str]:
    """The asks of an idle that nothing has answered, closed or interrupted (INV-21)."""
    if any(e.type == INTERRUPT and e.thread in (OWN, idle.thread) for e in since(m.past, idle)):
        return set()
    return idle.asks - {e.answers for e in m.past if e.answers is not None}


def open_calls(m: Moment) -> list[Event]:
    """The own calls that have no result yet."""
    answered = {e.call_answered for e in m.past}
    return [c for c in m.own(*CALLS) if c.id is not None and c.id not in answered]


def owed_results(m: Moment) -> list[Event]:
    """
    The own calls that must have had their result by now.

    Nobody recorded how a failed request, a rescheduled thread or an interrupted custom or MCP
    wait settles its calls (recorded I9, X5): those are let off.
    """
    errors = [e for e in m.own(SPAN_END) if e.body.get("is_error")]
    failed = {e.body.get("model_request_start_id") for e in errors}
    owed = []
    for call in open_calls(m):
        later = since(m.past, call)
        interrupted = any(e.type == INTERRUPT and e.thread == OWN for e in later)
        rescheduled = any("rescheduled" in e.type for e in later)
        excused = interrupted and call.type != "agent.tool_use"
        if request_of(m, call) not in failed and not rescheduled and not excused:
            owed.append(call)
    return owed


def request_of(m: Moment, call: Event) -> str | None:
    """The id of the model request that a call came from."""
    start = last([e for e in m.own(SPAN_START) if e.line < call.line])
    return start.id if start else None


def open_requests(m: Moment) -> list[Event]:
    """The own model requests that have started and not ended."""
    if m.types_only:
        return [e for e in m.own(SPAN_START, SPAN_END)[-1:] if e.type == SPAN_START]
    ended = {e.body.get("model_request_start_id") for e in m.own(SPAN_END)}
    return [e for e in m.own(SPAN_START) if e.id not in ended]
