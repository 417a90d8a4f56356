"""How threads run, rest and end."""

from __future__ import annotations

from twin.moment import (
    CALLS,
    CREATED,
    IDLE,
    INTERRUPT,
    OWN,
    PLATFORM_RESULTS,
    RECEIVED,
    RESCHEDULED,
    RUNNING,
    SENT,
    SESSION_RUNNING,
    SPAN_START,
    TERMINATED,
    WAKERS,
    Moment,
    is_thread_status,
    is_work,
    last,
    since,
)
from twin.register import rule
from twin.waits import open_calls, owed_results, request_of, unanswered


@rule("INV-36", "thread", RUNNING)
def runs_twice(m: Moment) -> str | None:
    """anthropic INV-36; recorded, "Checked against the corpus": no thread runs twice in a row."""
    status = m.status(m.now.thread)
    return "the thread is running already" if status and status.type == RUNNING else None


@rule("INV-36", "thread", IDLE)
def idles_twice(m: Moment) -> str | None:
    """
    anthropic INV-36, INV-20; recorded G5: an idle thread idles again only for a cause.

    The cause is an answer, which leaves the other asks; an interrupt; or the budget. A first status
    of idle needs an unknown past.
    """
    status = m.status(m.now.thread)
    if status is None:
        return "the thread idles before it ever ran" if m.whole else None
    if status.type != IDLE or None in (status.reason, m.now.reason):
        return None
    stops = since(m.before(INTERRUPT), status)
    if "budget_reached" in (m.now.reason, status.reason) or any(
        e.thread in (OWN, m.now.thread) for e in stops
    ):
        return None
    answered = status.asks & {e.answers for e in since(m.past, status)}
    rest = answered and m.now.asks <= status.asks - answered and m.now.asks
    return None if rest else "the thread is idle already, and nothing has changed"


@rule("INV-36", "thread", RESCHEDULED)
def reschedules_while_idle(m: Moment) -> str | None:
    """anthropic INV-36: only a running thread, or one that waits for a retry, is rescheduled."""
    status = m.status(m.now.thread)
    rests = status.type == IDLE if status else m.whole
    return "an idle thread has nothing to retry" if rests else None


@rule("INV-37", "thread")
def acts_after_its_end(m: Moment) -> str | None:
    """
    anthropic INV-36, INV-37: a terminated thread does nothing.

    What it sent before may be read after its end: the list is in processing order (recorded,
    "The one idea"), and advice is known to lag (recorded C8).
    """
    acts = is_thread_status(m.now) or m.now.type == SPAN_START
    says = m.now.type.startswith("agent.") and m.now.type not in (*PLATFORM_RESULTS, RECEIVED)
    if not (acts or says):
        return None
    ended = [e.thread for e in m.before(TERMINATED)]
    return "the thread has terminated" if {m.now.thread, *m.now.others} & {*ended} else None


@rule("H24", "thread", TERMINATED, view="session")
def primary_terminates(m: Moment) -> str | None:
    """recorded H24: the primary's end is the session's; it has no terminated event of its own."""
    return "the primary ends with its session" if m.now.thread == OWN else None


@rule("H25", "thread", view="session")
def appears_uncreated(m: Moment) -> str | None:
    """recorded H25: the first event to name a child is its `session.thread_created`."""
    if not m.whole or m.now.type in (CREATED, SENT):
        return None
    known = {t for e in m.past if e.type != SENT for t in e.others}
    return "no thread_created before" if set(m.now.others) - known else None


@rule("H26", "thread", SENT, view="session")
def is_told_before_it_exists(m: Moment) -> str | None:
    """recorded H26: a message is sent to a child only after its `session.thread_created`."""
    created = [e.thread for e in m.before(CREATED)]
    strangers = [t for t in m.now.others if t not in created]
    return "the message's target was never created" if m.whole and strangers else None


@rule("INV-34", "thread", CREATED, view="session")
def is_created_twice(m: Moment) -> str | None:
    """anthropic INV-34: a thread is created once, and the primary never."""
    if m.now.body.get("session_thread_id") is None:
        return None
    if m.now.thread == OWN:
        return "the primary exists from the start"
    twice = any(e.thread == m.now.thread for e in m.before(CREATED))
    return "the thread exists already" if twice else None


@rule("H27", "thread", view="thread")
def starts_without_a_task(m: Moment) -> str | None:
    """
    recorded H27: a child's own list opens with its running, then the message for it.

    Only a list that is known to be whole: one that was captured from a later turn, which an answer
    resumed, opens otherwise.
    """
    advisor = "anthropic.advisor" in [e.body.get("agent_name") for e in m.past]
    second = is_work(m.now) and len([e for e in m.past if is_work(e)]) == 1
    fault = m.whole and second and not advisor and m.now.type != RECEIVED
    return "a child's task comes second" if fault else None


@rule("H4", "thread", RUNNING, view="session")
def primary_runs_unled(m: Moment) -> str | None:
    """recorded H4, trap 22: the primary runs bare only in a session that children keep running."""
    session, status = m.session_status(), m.status(OWN)
    if m.now.thread != OWN or session is None or "rescheduled" in session.type:
        return None
    led = not since(m.own(RUNNING), session) or (status and status.type == RESCHEDULED)
    if session.type == SESSION_RUNNING and (led or not m.alone):
        return None
    return "no session.status_running leads it"


@rule("H5", "thread", *WAKERS, view="session")
def is_woken_too_early(m: Moment) -> str | None:
    """
    recorded H5: a message that wakes the idle primary is listed after the running it caused.

    A turn that died of `exhausted` flushes its queue (recorded X6); how that lists, nobody saw.
    """
    status = m.status(OWN)
    asleep = status.type == IDLE if status else m.whole
    flushed = any(e.retry == "exhausted" for e in since(m.past, last(m.own(RUNNING))))
    early = asleep and not m.now.pending and not flushed
    return "a waking message comes after the running events" if early else None


@rule("H8", "thread", RUNNING)
def runs_unanswered(m: Moment) -> str | None:
    """
    recorded H8, anthropic INV-21: a thread that waits runs again when every ask is answered.

    Two runnings come earlier and ask the model nothing: the primary's, when a child's ask is
    answered (recorded K2), and, four times in real recordings, that of a thread whose response
    also had calls for the platform: those run while the client's call is open.
    """
    idle = m.status(OWN)
    if m.now.thread != OWN or idle is None or idle.type != IDLE:
        return None
    children = {t for e in m.past for t in e.others}
    forwards = [s for s in map(m.status, children) if s and s.type == IDLE and s.asks]
    executes = [c for c in open_calls(m) if c.id not in idle.asks]
    waiting = sorted(unanswered(m, idle))
    calls = [m.call(ask) for ask in waiting]
    unseen = not m.whole and not all(call and request_of(m, call) for call in calls)
    fault = waiting and not (forwards or executes or unseen)
    return f"nobody answered {waiting[0]}" if fault else None


@rule("H8", "thread", IDLE, view="session")
def child_ran_on_unanswered(m: Moment) -> str | None:
    """
    recorded H8, anthropic INV-21, for a child: having run, it still names what nobody answered.

    Its calls for the platform are not on the session's list, so its running alone tells nothing.
    """
    status, idles = m.status(m.now.thread), [e for e in m.before(IDLE) if e.thread == m.now.thread]
    ran = status is not None and status.type == RUNNING and m.now.thread != OWN
    if not ran or not idles or m.now.reason not in ("end_turn", "requires_action"):
        return None
    ignored = sorted(unanswered(m, idles[-1]) - m.now.asks)
    return f"nobody answered {ignored[0]}" if ignored else None


@rule("H13", "thread", IDLE)
def waits_for_a_finished_call(m: Moment) -> str | None:
    """recorded H13: no id named by a *thread* idle has a processed result already."""
    finished = {e.call_answered for e in m.past if not e.pending}
    stale = sorted(m.now.asks & finished)
    return f"{stale[0]} has its result already" if stale else None


@rule("T3", "thread", IDLE)
def ends_with_an_open_call(m: Moment) -> str | None:
    """
    anthropic T2, T3; recorded E1: a turn ends when its calls have results, else it waits.

    A running that only forwards a child's answer (recorded K2) ends without a request and tells
    nothing about the primary's own calls.
    """
    if m.now.thread != OWN or m.now.reason not in ("end_turn", "refusal"):
        return None
    started = since(m.own(SPAN_START), last(m.own(RUNNING)))
    owed = owed_results(m)
    if not owed or (not started and m.view == "session" and not m.alone):
        return None
    return f"{owed[0].id} has no result"


@rule("H20", "thread", IDLE)
def waits_after_an_interrupt(m: Moment) -> str | None:
    """recorded H20, I2: what an interrupt stops idles with `end_turn`, its calls closed."""
    stops = [e for e in m.own(INTERRUPT) if not e.pending]
    if m.now.thread != OWN or not stops or since(m.own(RUNNING), stops[-1]):
        return None
    kept = [c for c in m.own(*CALLS) if c.id in m.now.asks and c.line < stops[-1].line]
    return f"the interrupt closed {kept[0].id}" if kept else None


@rule("K1", "thread", IDLE, view="session")
def asks_for_anothers_call(m: Moment) -> str | None:
    """recorded K1, C11: a thread rests on calls of its own; others' calls name their thread."""
    calls = [call for call in map(m.call, sorted(m.now.asks)) if call is not None]
    others = [call for call in calls if call.thread != m.now.thread]
    return f"{others[0].id} is another thread's" if m.whole and others else None
