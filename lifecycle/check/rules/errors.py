"""SE: session errors, and what must follow them."""

from __future__ import annotations

from lifecycle.check.findings import Level
from lifecycle.check.rule import Fault, rule
from lifecycle.check.view import (
    View,
)
from lifecycle.vocabulary import (
    EventType as E,
    Evidence,
    StopReason,
)
from lifecycle.wire.bulk import Seen

__all__: list[str] = []


@rule(
    "SE009", Level.ERROR, "terminal-error-goes-on", E.SPAN_START, E.SESSION_RUNNING, E.SESSION_IDLE
)
def terminal_error_goes_on(v: View, e: Seen) -> Fault | None:
    """An error that is terminal is followed by the session's termination.

    Why it matters: a client that gave up on the session is wrong about it.
    Flagged:
        session.error error={"type":"unknown_error","retry_status":{"type":"terminal"}}
        span.model_request_start s1
    Accepted:
        session.error error={"type":"unknown_error","retry_status":{"type":"terminal"}}
        session.status_terminated
    Source: recorded once, and documented.
    """
    if v.terminal is None or (v.multi and e.type != E.SESSION_RUNNING):
        return None
    return Fault(
        "the session goes on after a terminal error",
        ((v.terminal, "this error was terminal"),),
        "`session.status_terminated`",
        about=("end",),
        allowed=(E.SESSION_TERMINATED.value,),
    )


@rule("SE010", Level.ERROR, "dead-turn-goes-on", E.SPAN_START, evidence=Evidence.DOCUMENTED)
def dead_turn_goes_on(v: View, e: Seen) -> Fault | None:
    """An error that is exhausted ends its turn: the session rests before anything new starts.

    Why it matters: queued input was dropped; a turn that goes on answers something else.
    Flagged:
        session.error error={"type":"unknown_error","retry_status":{"type":"exhausted"}}
        span.model_request_start s1
    Accepted:
        session.error error={"type":"unknown_error","retry_status":{"type":"exhausted"}}
        session.thread_status_idle main retries_exhausted
        session.status_idle retries_exhausted
    Source: documented with the retry status.
    """
    if v.dead_turn is None:
        return None
    return Fault(
        "the turn goes on after its retries were exhausted",
        ((v.dead_turn, "the retries were exhausted"),),
        "an idle event with `retries_exhausted`",
        thread=v.own.id or None,
        allowed=(E.THREAD_IDLE.value,),
    )


@rule("SE011", Level.WARNING, "exhausted-without-an-error", E.THREAD_IDLE, absence=True,
      evidence=Evidence.INFERRED)  # fmt: skip
def exhausted_without_an_error(v: View, e: Seen) -> Fault | None:
    """A thread that rests with exhausted retries has reported an error since it ran.

    Why it matters: nobody learns what went wrong.
    Flagged:
        session.status_running
        session.thread_status_running main
        session.thread_status_idle main retries_exhausted
    Accepted:
        session.status_running
        session.thread_status_running main
        session.error error={"type":"billing_error","retry_status":{"type":"exhausted"}}
        session.thread_status_idle main retries_exhausted
    Source: inferred from the documented order; a child's error stands on its own list.
    """
    stop = e.stop_reason
    if stop is None or stop.type != StopReason.RETRIES_EXHAUSTED or v.last_error is not None:
        return None
    t = v.threads.get(e.session_thread_id or "")
    if t is None or t is not v.primary or t.run is None or v.begin is None:
        return None
    return Fault(
        "the retries are exhausted, and no error was reported",
        ((v.begin, "the list is the primary's"), (t.run, "the thread ran")),
        "a `session.error` before",
        ("stop_reason", "type"),
        t.id,
        allowed=(E.SESSION_ERROR.value,),
    )
