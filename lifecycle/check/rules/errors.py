"""SE: session errors, what must follow them, and updates that come too early."""

from __future__ import annotations

from typing import Final

from lifecycle.check.findings import Level
from lifecycle.check.rule import Fault, rule
from lifecycle.check.view import View
from lifecycle.check.view_work import word_in
from lifecycle.check.words import E, RetryStatus, StopReason
from lifecycle.vocabulary import ErrorType, Evidence, SessionState, SessionTrigger
from lifecycle.wire.bulk import Seen

__all__: list[str] = []

_REPOSITORY: Final = frozenset(one for one in ErrorType if one.startswith("repository_"))


@rule(
    "SE009", Level.ERROR, "terminal-error-goes-on", E.SPAN_START, E.SESSION_RUNNING, E.SESSION_IDLE
)
def terminal_error_goes_on(v: View, e: Seen) -> Fault | None:
    """An error that is terminal is followed by the session's termination.

    Why it matters: a client that gave up on the session is wrong about it.
    Flagged:
        session.error unknown_error terminal
        span.model_request_start s1
    Accepted:
        session.error unknown_error terminal
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
        session.error unknown_error exhausted
        span.model_request_start s1
    Accepted:
        session.error unknown_error exhausted
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
        session.error billing_error exhausted
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
        (*v.shown("the list is the primary's"), (t.run, "the thread ran")),
        "a `session.error` before",
        ("stop_reason", "type"),
        t.id,
        allowed=(E.SESSION_ERROR.value,),
    )


@rule("SE016", Level.ERROR, "credential-error-twice", E.SESSION_ERROR)
def credential_error_twice(v: View, e: Seen) -> Fault | None:
    """That a credential's host is blocked is said once in a session, however many turns it has.

    Why it matters: a client that counts errors counts one fault several times.
    Flagged:
        session.error error={"type":"credential_host_unreachable_error","credential_id":"k1"}
        session.error error={"type":"credential_host_unreachable_error","credential_id":"k1"}
    Accepted:
        session.error error={"type":"credential_host_unreachable_error","credential_id":"k1"}
        session.error error={"type":"credential_host_unreachable_error","credential_id":"k2"}
    Source: recorded: once a session and credential, before the first turn. What an MCP server does
        wrong is told anew in every cycle.
    """
    if word_in(e.error, "type") != ErrorType.CREDENTIAL_HOST_UNREACHABLE:
        return None
    name = word_in(e.error, "credential_id")
    first = v.unreachable.get(name) if name else None
    if first is None:
        return None
    return Fault(
        f"the host of the credential `{name}` was reported already",
        ((first, "it was reported here"),),
        "one report for each credential",
        ("error", "credential_id"),
        about=(name,),
    )


@rule("SE017", Level.ERROR, "repository-error-ends-the-turn", E.SESSION_ERROR,
      evidence=Evidence.DOCUMENTED)  # fmt: skip
def repository_error_ends_the_turn(v: View, e: Seen) -> Fault | None:
    """An error about a repository is always `retrying`: the session goes on without it.

    Why it matters: a client gives up a session that lives.
    Flagged:
        session.error repository_clone_error terminal
    Accepted:
        session.error repository_clone_error retrying
    Source: documented for each of these error types.
    """
    status = word_in(e.error, "retry_status", "type")
    if not status or status == RetryStatus.RETRYING or word_in(e.error, "type") not in _REPOSITORY:
        return None
    return Fault(
        f"an error about a repository is `{status}`",
        expected=f"`{RetryStatus.RETRYING}`",
        path=("error", "retry_status", "type"),
        about=("session",),
    )


@rule("SE018", Level.ERROR, "agent-changes-while-it-runs", E.SESSION_UPDATED,
      evidence=Evidence.DOCUMENTED)  # fmt: skip
def agent_changes_while_it_runs(v: View, e: Seen) -> Fault | None:
    """A session's agent is changed only while the session rests and no workflow run is open.

    Budget, title and the like may change at any time.

    Why it matters: one turn would be worked on by two agents.
    Flagged:
        session.status_running
        session.thread_status_running main
        user.message
        session.updated agent={"version":2}
    Accepted:
        session.status_idle end_turn
        session.updated agent={"version":2}
    Source: the session table; documented with the update.
    """
    if not e.agent:
        return None
    row = v.dialect.machines["session"].step(SessionState.RUNNING, SessionTrigger.UPDATE_AGENT)
    run = next(iter(v.runs.values()), None)
    if v.status is not None and v.status.type == E.SESSION_RUNNING and not row.accepts:
        shown, says = v.status, "the session runs"
    elif run is not None:
        shown, says = run.created, "a workflow run is open"
    else:
        return None
    return Fault(
        f"the agent was changed: {row.because}",
        ((shown, says),),
        "`session.status_idle` must come first",
        ("agent",),
        about=("session",),
        allowed=(E.SESSION_IDLE.value,),
    )
