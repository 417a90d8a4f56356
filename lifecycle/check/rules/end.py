"""EN: what a recording's end leaves open. Asked once, after the last event.

A recording may stop anywhere, so an open end is a note. Only where the recording is said to be
whole (``--whole``) is it an error.
"""

from __future__ import annotations

from lifecycle.check.findings import Level
from lifecycle.check.rule import Fault, Shown, rule
from lifecycle.check.view import RUNNING, ThreadView, View
from lifecycle.check.words import E, StopReason
from lifecycle.wire.bulk import Seen

__all__: list[str] = []


def _running(v: View) -> ThreadView | None:
    """Return a thread whose turn is open."""
    if v.ended is not None:
        return None
    every = (v.own, *v.live.values())
    threads = [t for t in every if t.mask & RUNNING and t.run is not None]
    last = (t for t in threads if t.run is v.previous)
    return next(last, threads[0] if threads else None)


@rule("EN001", Level.NOTE, "recording-stops-in-a-turn")
def recording_stops_in_a_turn(v: View, e: Seen) -> Fault | None:
    """The recording stops while a turn is open.

    Why it matters: nothing can be said about how the turn went on.
    Flagged:
        session.status_running
        session.thread_status_running main
        user.message
    Accepted:
        session.status_running
        session.thread_status_running main
        user.message
        span.model_request_start s1
        span.model_request_end s1
        session.thread_status_idle main end_turn
        session.status_idle end_turn
    Source: recordings are often cut.
    """
    t = _running(v)
    if t is None or t.run is None:
        return None
    return Fault(
        "the recording stops while a thread's turn is open",
        ((t.run, "the turn opened"),) if t.run is not e else (),
        "the thread's idle event",
        thread=t.id or None,
        allowed=(E.THREAD_IDLE.value,),
    )


@rule("EN002", Level.NOTE, "recording-stops-on-open-asks")
def recording_stops_on_open_asks(v: View, e: Seen) -> Fault | None:
    """The recording stops while a thread waits for the client.

    Why it matters: the session is parked; somebody may have forgotten it.
    Flagged:
        session.status_running
        session.thread_status_running main
        user.message
        span.model_request_start s1
        agent.custom_tool_use c1
        span.model_request_end s1
        session.thread_status_idle main requires_action(c1)
        session.status_idle requires_action(c1)
    Accepted:
        session.status_running
        session.thread_status_running main
        user.message
        span.model_request_start s1
        span.model_request_end s1
        session.thread_status_idle main end_turn
        session.status_idle end_turn
    Source: recorded: a worker that was killed left its session waiting.
    """
    for t in v.live.values():
        stop = t.idle.stop_reason if t.idle else None
        if stop is None or t.idle is None or stop.type != StopReason.REQUIRES_ACTION:
            continue
        waiting = [name for name in stop.event_ids or () if name in v.calls]
        if waiting:
            call = v.calls[waiting[0]]
            witness: Shown = ((call.use, "the call was made"), (t.idle, "its thread rests on it"))
            return Fault(
                f"the recording stops while `{waiting[0]}` waits for the client",
                tuple((one, says) for one, says in witness if one is not e),
                "an answer",
                thread=t.id or None,
            )
    return None


@rule("EN003", Level.ERROR, "whole-recording-with-an-open-end", absence=True, whole=True)
def whole_recording_with_an_open_end(v: View, e: Seen) -> Fault | None:
    """A recording that is said to be whole ends at rest: no turn, request or call is open.

    Why it matters: the recording is not whole, or the service lost the turn.
    Flagged:
        session.status_running
        session.thread_status_running main
        user.message
    Accepted:
        session.status_running
        session.thread_status_running main
        user.message
        span.model_request_start s1
        span.model_request_end s1
        session.thread_status_idle main end_turn
        session.status_idle end_turn
    Source: every complete recording ends with a thread's and the session's idle event, or with the
        session's termination. Applied with ``--whole`` only.
    """
    fault = recording_stops_in_a_turn(v, e)
    if fault is None and v.ended is None and v.rested is not None and not v.child_list:
        if v.child_list is None:
            return None
        fault = Fault(
            "the recording ends before the session has said that it rests",
            ((v.rested, "the last thread came to rest"),) if v.rested is not e else (),
            "`session.status_idle`",
            allowed=(E.SESSION_IDLE.value,),
        )
    return fault
