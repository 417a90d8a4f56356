"""How sessions run, rest and end, and what idle events ask for."""

from __future__ import annotations

from twin.moment import (
    CALLS,
    CONFIRMATION,
    ERROR,
    IDLE,
    OWN,
    RESCHEDULED,
    RUNNING,
    SESSION_IDLE,
    SESSION_RUNNING,
    SESSION_TERMINATED,
    SPAN_START,
    TERMINATED,
    Moment,
    is_work,
    since,
)
from twin.register import rule
from twin.waits import open_calls, unanswered


@rule("H3", "session", view="session")
def runs_without_the_primary(m: Moment) -> str | None:
    """
    recorded H3, W3: only `session.error` may come between the session's running and the primary's.

    Silent where a workflow run may be what runs, or where the start failed for good or for now.
    """
    starts = m.before(SESSION_RUNNING)
    if not starts or m.runs or not is_work(m.now):
        return None
    between = since(m.past, starts[-1])
    failed = [e for e in [*between, m.now] if e.type.endswith(("_rescheduled", "_terminated"))]
    if failed or any(is_work(e) for e in between):
        return None
    is_it = m.now.type == RUNNING and m.now.thread == OWN
    return None if is_it else "the primary's running comes first"


@rule("H34", "session", SESSION_RUNNING, view="session")
def session_runs_twice(m: Moment) -> str | None:
    """recorded H34: a session of one thread idles before it runs again."""
    status = m.session_status()
    again = m.alone and status is not None and status.type == SESSION_RUNNING
    return "the session is running already" if again else None


@rule("T13", "session", "session.status_rescheduled", view="session")
def session_is_put_aside_at_rest(m: Moment) -> str | None:
    """anthropic T13, INV-36: alone, a session that rests has nothing to retry."""
    status = m.session_status()
    rests = m.alone and status is not None and status.type == SESSION_IDLE
    return "the session rests" if rests else None


@rule("H10", "session", SESSION_IDLE, view="session")
def session_idles_unled(m: Moment) -> str | None:
    """
    recorded H10, E2: the primary's idle leads the session's.

    With children one idle of the primary may lead several of the session (K2 to K4, G5), and what
    a session at its cap lists after an answer nobody recorded (anthropic T6).
    """
    status = m.status(OWN)
    if status is not None and status.type == RUNNING:
        return "the primary is running"
    if status is not None and status.type == RESCHEDULED and not m.alone:
        return None  # what a retry lists in company nobody recorded (X5)
    again = not m.alone or m.now.reason == "budget_reached"
    marks = m.before(SESSION_RUNNING) if again else m.before(SESSION_RUNNING, SESSION_IDLE)
    if not marks or m.runs:
        return None
    return None if since(m.own(IDLE), marks[-1]) else "no idle of the primary leads it"


@rule("E2", "session", SESSION_IDLE, view="session")
def session_stops_for_another_reason(m: Moment) -> str | None:
    """recorded E2: alone, session and primary stop for one reason, but for a budget (12)."""
    idles = m.own(IDLE)
    if not m.alone or not idles or None in (m.now.reason, idles[-1].reason):
        return None
    same = (m.now.reason, m.now.asks) == (idles[-1].reason, idles[-1].asks)
    capped = m.now.reason == "budget_reached"
    return None if same or capped else f"the primary stopped for {idles[-1].reason}, or other asks"


@rule("1.7", "session", SESSION_IDLE, view="session")
def session_forgets_an_ask(m: Moment) -> str | None:
    """anthropic 1.7, point 4: while a thread waits for the client, so does the session."""
    if m.now.reason not in ("end_turn", "budget_reached"):
        return None
    statuses = [s for s in map(m.status, {e.thread for e in m.past}) if s and s.type == IDLE]
    waiting = sorted(call for idle in statuses for call in unanswered(m, idle))
    return f"nobody answered {waiting[0]}" if waiting else None


@rule("H21", "session", view="session")
def goes_on_after_its_end(m: Moment) -> str | None:
    """
    recorded H21, anthropic INV-09: a terminated session lists nothing more.

    Late ends of workflow runs are documented, a tail of unconsumed input is recorded (L2), and
    whether children get terminated events of their own nobody knows.
    """
    harmless = m.now.pending or m.now.type in ("session.deleted", TERMINATED)
    ours = m.now.type.startswith(("session.", "agent.", "span.", "user."))
    ended = m.before(SESSION_TERMINATED)
    return "the session has terminated" if ended and ours and not harmless else None


@rule("H22", "session", SPAN_START, SESSION_RUNNING)
def works_after_a_terminal_error(m: Moment) -> str | None:
    """recorded H22, anthropic INV-11: after a terminal error (of this thread) nothing starts."""
    terminal = any(e.retry == "terminal" for e in m.before(ERROR))
    ours = m.alone or m.view == "thread"
    return "the error before was terminal" if terminal and ours else None


@rule("H23", "session", SESSION_TERMINATED, view="session")
def ends_with_a_stop_reason(m: Moment) -> str | None:
    """recorded H23: `session.status_terminated` has no stop reason."""
    return "an end has no stop_reason" if m.now.body.get("stop_reason") is not None else None


@rule("E2", "session", SESSION_RUNNING, RUNNING, IDLE, view="session")
def session_rests_with_its_thread(m: Moment) -> str | None:
    """recorded E2: alone, every idle of the thread is followed by one of the session."""
    status = m.status(OWN)
    if not m.alone or m.now.others or status is None or status.type != IDLE:
        return None
    capped = any(e.reason == "budget_reached" for e in m.past)
    told = [e.type for e in since(m.past, status) if e.type.startswith("session.status_")]
    said = any(kind != SESSION_RUNNING for kind in told)
    return None if said or capped else "the session has not said that it rests"


# -- Stop reasons, of threads and sessions ------------------------------------------------------


def fault_of_stop_reason(m: Moment) -> str | None:
    """
    recorded H12: an idle has a reason, and `requires_action` names earlier tool uses.

    On the session list a child's call may follow the child's idle ("Checked against the corpus"):
    that one is judged at the end, if the list ends at rest.
    """
    if m.types_only:
        return None
    if m.now.reason is None:
        return "an idle has a stop_reason"
    if m.now.reason == "requires_action" and not m.now.asks:
        return "requires_action names nothing"
    if len(m.now.asks) < len((m.now.body["stop_reason"].get("event_ids")) or []):
        return "requires_action names a call twice"
    others = m.now.type == IDLE and m.now.thread != OWN
    at_rest = any(e.type == SESSION_IDLE for e in m.future[-1:])
    for ask in sorted(m.now.asks):
        named = [e.type for e in m.past + (m.future if others else []) if e.id == ask]
        if any(kind not in CALLS for kind in named):
            return f"{ask} is no tool use"
        if not named and m.whole and (at_rest or not others):
            return f"{ask} was never seen"
    return None


@rule("H12", "thread", IDLE)
def thread_stops_for_nothing(m: Moment) -> str | None:
    """recorded H12, for a thread's idle."""
    return fault_of_stop_reason(m)


@rule("H12", "session", SESSION_IDLE, view="session")
def session_stops_for_nothing(m: Moment) -> str | None:
    """recorded H12, for the session's idle."""
    return fault_of_stop_reason(m)


@rule("G1", "thread", IDLE)
def thread_forgets_an_ask(m: Moment) -> str | None:
    """recorded G1: one idle names every call of the thread that waits for the client."""
    if m.now.thread != OWN or m.now.reason != "requires_action" or not m.now.asks:
        return None
    confirmed = {e.answers for e in m.before(CONFIRMATION)}
    for call in open_calls(m):
        asks = call.body.get("evaluated_permission") == "ask" and call.id not in confirmed
        if (asks or call.type == "agent.custom_tool_use") and call.id not in m.now.asks:
            return f"{call.id} waits too"
    return None
