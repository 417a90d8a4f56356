"""
A slow, plain second opinion on the threads, sessions and calls of a recorded event stream.

The twin exists to disagree. It is written from the references alone (`recorded.md`, cited here as
"recorded", and `anthropic.md`), shares no code with the package, keeps the whole stream in memory
and asks of every event, rule by rule: given all that was listed before, can this be?

Only hard errors are complaints: what the real service never showed and what is recorded or
documented beyond doubt. Four things make it hold its tongue:

* *An unknown past.* A list that opens otherwise than a life does (a session's with its running, a
  child's with its running and its task) started mid-life; what an earlier event could explain is
  no fault.
* *An unknown future.* A list may stop anywhere; nothing still owed at its end is a fault.
* *Missing words.* A recording of types alone has no ids and no stop reasons to judge by.
* *What nobody recorded* (rescheduling, workflow runs, budgets, interrupted waits): where the
  references say "unknown", everything is allowed.

A complaint stands on the line of the first event that cannot be right.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from twin import calls, sessions, threads, turns  # noqa: F401 - they register their rules
from twin.moment import (
    CREATED,
    ERROR,
    OWN,
    RECEIVED,
    RUNNING,
    SENT,
    SESSION_RUNNING,
    SPAN_START,
    WAKERS,
    Event,
    Moment,
)
from twin.register import RULES, Complaint

__all__ = ["RULES", "Complaint", "judge"]


def judge(
    events: list[dict[str, Any]], view: str | None = None, *, whole: bool | None = None
) -> list[Complaint]:
    """
    All that cannot be right in a list of events, in the list's order.

    Args:
        events: the decoded events of one session, in stream order.
        view: "session" for the session's list, "thread" for a child's own, None to guess.
        whole: whether the list starts at the beginning of a life, None to guess.
    """
    view = view or guess_view(events)
    types_only = not any(e.get("id") for e in events)
    if types_only and any(e.get("type") in (CREATED, SENT, RECEIVED) for e in events):
        return []  # several threads, and nothing to tell them apart
    opening = [SESSION_RUNNING] if view == "session" else [RUNNING, RECEIVED]
    if whole is None:
        whole = [e.get("type") for e in events[: len(opening)]] == opening and has_cause(events)
    stream = read(events, own_thread(events, view, whole=whole))
    complaints = []
    for at, now in enumerate(stream):
        moment = Moment(view, whole, types_only, stream[:at], now, stream[at + 1 :])
        for code, about, types, views, function in RULES:
            if view in views and (not types or now.type in types):
                why = function(moment)
                complaints += [Complaint(code, now.line, about, why)] if why else []
    return complaints


def has_cause(events: list[dict[str, Any]]) -> bool:
    """Whether input opens the first turn; an answer from before the list may have (recorded G7)."""
    types = [str(e.get("type")) for e in events]
    first = types.index(SPAN_START) if SPAN_START in types else len(types)
    return first == len(types) or any(t in (*WAKERS, RECEIVED) for t in types[:first])


def guess_view(events: list[dict[str, Any]]) -> str:
    """A list that speaks of one thread's status and of no session's is a child's own."""
    types = [str(e.get("type")) for e in events]
    statuses = [e for e in events if str(e.get("type")).startswith("session.thread_status_")]
    several = len({e.get("session_thread_id") for e in statuses}) > 1 or CREATED in types
    session = any(t.startswith("session.status_") for t in types)
    return "session" if session or several or not statuses else "thread"


def own_thread(events: list[dict[str, Any]], view: str, *, whole: bool) -> str | None:
    """
    The id of the list's own thread: that of the first status event (anthropic S6, INV-35).

    Mid-life the first may be a child's; the primary is then the one that the session's running
    leads (recorded H3), or unknown.
    """
    statuses = [e for e in events if str(e.get("type")).startswith("session.thread_status_")]
    if view == "session" and not whole:
        quiet = [e for e in events if e.get("type") != ERROR]
        pair = (SESSION_RUNNING, RUNNING)
        statuses = [b for a, b in pairwise(quiet) if (a.get("type"), b.get("type")) == pair]
    return statuses[0].get("session_thread_id") if statuses else None


def read(events: list[dict[str, Any]], own: str | None) -> list[Event]:
    """
    The events with their line and thread, each delivered once (trap 36, anthropic section 5).

    An event without a thread id, or with null (seen on the real service), is the own thread's.
    """
    stream = []
    for at, body in enumerate(events):
        thread = body.get("session_thread_id") or own
        ends = [body.get("to_session_thread_id"), body.get("from_session_thread_id")]
        others = [str(t) for t in [thread, *ends] if t is not None and t != own]
        whose = OWN if thread == own else str(thread)
        if body.get("id") is None or body not in events[:at]:
            event = Event(at + 1, str(body.get("type")), body.get("id"), whose, others, body)
            stream.append(event)
    return stream
