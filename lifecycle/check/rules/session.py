"""SE: how a session runs, rests and ends, and what its threads have to do with it."""

from __future__ import annotations

from typing import Final

from lifecycle.check.findings import Level
from lifecycle.check.rule import Fault, Shown, rule
from lifecycle.check.rules.shared import BOTH
from lifecycle.check.steps import Mask, states_in
from lifecycle.check.view import RUNNING, SESSION_IDLE, SESSION_RUNNING, View
from lifecycle.check.words import E, StopReason
from lifecycle.machines import SESSION
from lifecycle.vocabulary import Evidence
from lifecycle.wire.bulk import Seen

__all__: list[str] = []

_STATUS: Final = (E.SESSION_RUNNING, E.SESSION_IDLE, E.SESSION_RESCHEDULED, E.SESSION_TERMINATED)
_PLACE: Final = {kind.value: place for place, kind in enumerate(_STATUS)}
_RUN_RESTS: Final = (E.RUN_IDLE, E.RUN_ENDED)


def _tables(v: View) -> tuple[tuple[Mask, ...], ...]:
    """Return the session's steps, in the order of `_STATUS`."""
    s = v.steps
    return (s.session_runs, s.session_rests, s.session_reschedules, s.session_ends)


def _verb(e: Seen) -> str:
    """Return the status word of an event type."""
    return e.type.rpartition("_")[2]


@rule("SE001", Level.ERROR, "session-status-out-of-order", *_STATUS, dialects=BOTH)
def session_status_out_of_order(v: View, e: Seen) -> Fault | None:
    """A session's status event must be one that its state can lead to.

    A session with children may run anew without having rested: that is a note of its own.

    Why it matters: a client that counts running and idle events loses track of the session.
    Flagged:
        session.status_running
        session.thread_status_running main
        user.message
        session.status_running
    Accepted:
        session.status_running
        session.thread_status_running main
        user.message
        span.model_request_start s1
        span.model_request_end s1
        session.thread_status_idle main end_turn
        session.status_idle end_turn
        session.status_running
    Source: recorded: a single-agent session never runs twice without an idle between.
    """
    tables = _tables(v)
    if tables[_PLACE[e.type]][v.mask]:
        return None
    unsure = v.multi or not v.whole or v.status is None
    if e.type == E.SESSION_RUNNING and unsure and v.mask & SESSION_RUNNING:
        return _known_to_run(v, e) if v.status is None and not v.multi else None
    state = " or ".join(states_in(SESSION, v.mask))
    shows = v.status or v.begin
    return Fault(
        f"session is `{state}`, so it cannot become {_verb(e)} here",
        ((shows, f"the session was {state} from here"),) if shows else (),
        f"the session is `{state}`",
        about=("session",),
        allowed=tuple(
            kind.value for kind, lead in zip(_STATUS, tables, strict=True) if lead[v.mask]
        ),
        resync=f"the session is taken to be {_verb(e)}",
    )


def _known_to_run(v: View, e: Seen) -> Fault | None:
    """A capture from the middle shows by its first work that the session runs already."""
    t = v.own
    shows = t.unread or t.request or t.words or t.closed
    if shows is None:
        return None
    return Fault(
        "session is `running` already, as its work shows",
        ((shows, "an open turn takes this"),),
        "the session is `running`",
        about=("session",),
        allowed=(E.SESSION_IDLE.value,),
    )


@rule("SE002", Level.ERROR, "session-runs-without-its-primary", absence=True)
def session_runs_without_its_primary(v: View, e: Seen) -> Fault | None:
    """`session.status_running` is followed by the primary's running event.

    Only errors may stand between the two.

    Why it matters: the primary's event is missing, or the two stand in the wrong order.
    Flagged:
        session.status_running
        user.message
    Accepted:
        session.status_running
        session.error mcp_connection_failed_error retrying
        session.thread_status_running main
    Source: recorded 162 of 162 times.
    """
    pair = v.unpaired
    if pair is None or e.type == E.SESSION_ERROR or v.runs:
        return None
    if e.type == E.THREAD_RUNNING:
        t = v.status_thread(e)
        if v.primary is None or t is v.primary or t is v.own or (t is None and not v.primary.id):
            return None
        message = "the thread that runs with the session is not its primary"
    elif e.type in (E.SESSION_TERMINATED, E.SESSION_RESCHEDULED, E.SESSION_DELETED):
        return None
    else:
        message = f"`{e.type}` stands between the session's running event and the primary's"
    witness = [(pair, "the session ran")]
    if e.type == E.THREAD_RUNNING and v.begin is not None and v.own.last is not None:
        shown = [
            *v.shown("the list is the primary's"),
            (v.paired or v.own.last, "this is the primary"),
        ]
        witness = [*shown, *witness] if v.begin is not pair else shown
    return Fault(
        message,
        tuple(witness),
        "`session.thread_status_running` of the primary",
        about=("session",),
        allowed=(E.THREAD_RUNNING.value, E.SESSION_ERROR.value),
        resync="the primary is taken to run",
        repair=_take_to_run,
    )


def _take_to_run(v: View) -> None:
    """Take the primary to have run with the session."""
    pair, v.unpaired = v.unpaired, None
    v.calm()
    if v.primary is None:
        return
    v.own.run = pair
    v.own.mask, v.late = RUNNING, E.THREAD_RUNNING
    v.own.rest, v.own.idle, v.own.answered = v.own.idle, None, None
    v.own.cause = v.own.run


@rule("SE003", Level.ERROR, "primary-runs-alone", E.THREAD_RUNNING, absence=True)
def primary_runs_alone(v: View, e: Seen) -> Fault | None:
    """The primary of a resting session runs only after the session has said that it runs.

    A session that never rested, because a child ran, is not told to run: then the primary may.

    Why it matters: a client that watches the session's status believes that it rests.
    Flagged:
        session.status_running
        session.thread_status_running main
        user.message
        span.model_request_start s1
        span.model_request_end s1
        session.thread_status_idle main end_turn
        session.status_idle end_turn
        session.thread_status_running main
    Accepted:
        session.status_running
        session.thread_status_running main
        user.message
        span.model_request_start s1
        span.model_request_end s1
        session.thread_status_idle main end_turn
        session.status_idle end_turn
        session.status_running
        session.thread_status_running main
    Source: recorded 115 of 115 times in single-agent sessions; every bare one had a running child.
    """
    t = v.threads.get(e.session_thread_id or "")
    if t is None or t is not v.primary or v.mask != SESSION_IDLE or v.unpaired is not None:
        return None
    if v.begin is None or v.status is None:
        return None
    if v.runs or t.last is None:
        return None
    return Fault(
        "the primary runs while the session rests",
        (
            *v.shown("the session runs"),
            (t.last, "this is the primary"),
            (v.status, "the session rests"),
        ),
        "`session.status_running` must come first",
        thread=t.id,
        about=("session",),
        allowed=(E.SESSION_RUNNING.value,),
        resync="the session is taken to run",
        repair=_take_to_be_ahead,
    )


def _take_to_be_ahead(v: View) -> None:
    """Take the primary to have run before its session: the session's own event may follow."""
    v.ahead = True


@rule("SE004", Level.ERROR, "session-rests-before-its-threads", E.SESSION_IDLE, absence=True)
def session_rests_before_its_threads(v: View, e: Seen) -> Fault | None:
    """A session's idle event follows the idle event of the thread that came to rest.

    Or a workflow run that held the session has paused or ended: a run works without its primary.

    Why it matters: the session claims to rest in the middle of a turn, for instance between a tool
    use and its result, and a client takes the turn for done.
    Flagged:
        session.status_running
        session.thread_status_running main
        user.message
        span.model_request_start s1
        span.model_request_end s1
        session.status_idle end_turn
    Accepted:
        session.status_running
        session.thread_status_running main
        user.message
        span.model_request_start s1
        span.model_request_end s1
        session.thread_status_idle main end_turn
        session.status_idle end_turn
    Source: recorded without exception; documented for the budget.
    """
    if v.rested is not None or v.status is None or v.child_list:
        return None
    if (v.multi or not v.whole) and v.status.type == E.SESSION_IDLE:
        # In company it may say so again: an answer was carried to a child.
        return None
    news = v.run_news if v.run_news is not None and v.run_news.type in _RUN_RESTS else None
    if any(one is not None and one.line > v.status.line for one in (v.buried, news)):
        return None
    call = next((c for c in v.calls.values() if c.own), None) or v.loose_call
    open_call = ""
    witness: Shown = ((v.status, "the session's status before"),)
    if v.status.type == E.SESSION_IDLE:
        # It rests already: what shows the fault is that its thread ran, and has not rested anew.
        witness = v.shown("the session ran")
    if call is not None:
        use = call if isinstance(call, Seen) else call.use
        open_call = f", while the call at line {use.line} has no result"
    return Fault(
        f"the session rests although no thread has come to rest{open_call}",
        witness,
        "`session.thread_status_idle` must come first",
        about=("session", v.own.id),
        allowed=(E.THREAD_IDLE.value,),
        resync="the primary is taken to rest",
    )


@rule("SE005", Level.WARNING, "session-rests-without-usage", E.SESSION_IDLE, absence=True,
      evidence=Evidence.DOCUMENTED)  # fmt: skip
def session_rests_without_usage(v: View, e: Seen) -> Fault | None:
    """`session.usage` stands right before every `session.status_idle`.

    Recordings from before August 2026 and console exports have none, and are left alone.

    Why it matters: what the turn cost is missing.
    Flagged:
        session.usage
        session.thread_status_idle main end_turn
        session.status_idle end_turn
    Accepted:
        session.thread_status_idle main end_turn
        session.usage
        session.status_idle end_turn
    Source: documented for every stop reason, and recorded since the event exists.
    """
    if v.usage is None or v.previous is None or v.previous.type == E.SESSION_USAGE:
        return None
    return Fault(
        "no `session.usage` stands before the session's idle event",
        ((v.usage, "this recording has usage events"), (v.previous, "the event before")),
        "`session.usage`",
        about=("usage",),
        allowed=(E.SESSION_USAGE.value,),
    )


@rule("SE006", Level.ERROR, "session-rests-for-another-reason", E.SESSION_IDLE)
def session_rests_for_another_reason(v: View, e: Seen) -> Fault | None:
    """A single-agent session rests for the reason for which its thread rests.

    Only the budget may be the session's reason alone.

    Why it matters: a client acts on the session's stop reason; a wrong one makes it wait, or go on.
    Flagged:
        session.status_running
        session.thread_status_running main
        user.message
        span.model_request_start s1
        agent.custom_tool_use c1
        span.model_request_end s1
        session.thread_status_idle main requires_action(c1)
        session.status_idle end_turn
    Accepted:
        session.status_running
        session.thread_status_running main
        user.message
        span.model_request_start s1
        agent.custom_tool_use c1
        span.model_request_end s1
        session.thread_status_idle main requires_action(c1)
        session.status_idle requires_action(c1)
    Source: the fold over the threads; recorded without exception in single-agent sessions.
    """
    t, stop = v.own, e.stop_reason
    if v.multi or not v.whole or stop is None or t.idle is None or v.rested is not t.idle:
        return None
    said = t.idle.stop_reason
    if said is None or v.begin is None or stop.type == StopReason.BUDGET_REACHED:
        return None
    if said.type == stop.type and sorted(said.event_ids or ()) == sorted(stop.event_ids or ()):
        return None
    differs = "event_ids" if said.type == stop.type else "type"
    return Fault(
        "the session rests for another reason than its only thread",
        (
            *v.shown_whole("the list is the primary's"),
            (t.idle, f"it rested on `{_told(said.type)}`"),
        ),
        "the thread's own stop reason",
        ("stop_reason", differs),
        about=("session",),
        allowed=(said.type,),
    )


def _told(stop: str) -> str:
    """Return a stop reason's word, for a message."""
    return stop or "nothing"


@rule("SE008", Level.ERROR, "session-goes-on-after-its-end", dialects=BOTH)
def session_goes_on_after_its_end(v: View, e: Seen) -> Fault | None:
    """Nothing follows a session's termination but its deletion, and nothing follows that.

    The last events of workflow runs may still be listed.

    Why it matters: a client that has stopped to listen misses them; a worker still runs.
    Flagged:
        session.status_terminated
        agent.message
    Accepted:
        session.status_terminated
        session.deleted
    Source: recorded once, and documented.
    """
    end = v.deleted or v.ended
    if end is None or e.type in (E.RUN_ENDED, E.PHASE_ENDED):
        return None
    if v.deleted is None and e.type in (E.SESSION_DELETED, E.THREAD_TERMINATED):
        return None
    # What a client still sends may be kept at the tail, unprocessed.
    if e.type.startswith(("user.", "system.")) and e.processed_at is None and not v.stripped:
        return None
    return Fault(
        f"`{e.type}` follows the session's end",
        ((end, "the session ended here"),),
        "nothing, or `session.deleted`",
        about=("end",),
        allowed=() if v.deleted else (E.SESSION_DELETED.value,),
    )
