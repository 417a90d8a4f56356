"""SE, TH: what a thread and its session ask of the client when they rest."""

from __future__ import annotations

from lifecycle.check.findings import Level
from lifecycle.check.rule import Fault, Shown, rule
from lifecycle.check.view import IDLE, View
from lifecycle.check.words import E, StopReason
from lifecycle.vocabulary import Evidence
from lifecycle.wire.bulk import Seen

__all__: list[str] = []


@rule("TH006", Level.ERROR, "runs-with-open-asks", E.THREAD_RUNNING)
def runs_with_open_asks(v: View, e: Seen) -> Fault | None:
    """A thread that rests on asks runs again only when every one of them has its answer.

    It may run while an allowed call of its own still lacks its result: the platform then runs that
    call and the thread rests on the same asks again.

    Why it matters: the agent went on without the client's consent, or the answer was lost.
    Flagged:
        span.model_request_start s1
        agent.tool_use c1 ask
        span.model_request_end s1
        session.thread_status_idle main requires_action(c1)
        session.thread_status_running main
    Accepted:
        span.model_request_start s1
        agent.tool_use c1 ask
        span.model_request_end s1
        session.thread_status_idle main requires_action(c1)
        user.tool_confirmation c1 allow
        session.thread_status_running main
    Source: recorded 32 of 32 times and in all collected recordings; the exception in four of them.
    """
    t = v.threads.get(e.session_thread_id or "")
    if t is None or t.idle is None or t.idle.stop_reason is None or t.interrupted is not None:
        return None
    names = t.idle.stop_reason.event_ids or ()
    open_asks = [c for c in map(v.calls.get, names) if c is not None and c.answer is None]
    if not open_asks or v.updated is not None:
        return None
    # An allowed call beside the asks: the platform runs it now, and the thread will ask again. So
    # every call of the response must be in view, which a child's are not on the session's list.
    call = open_asks[0]
    if call.use.session_thread_id is not None:
        return None
    seen_from: Shown = v.shown_whole("the calls are seen from here") if v.whole else ()
    if call.request is not None:
        seen_from = ((call.request, "the calls are seen from here"),)
    runs = (c for c in v.calls.values() if c.own and c.use.id not in names)
    if not call.own or not seen_from or any(c.family != E.AGENT_CUSTOM_TOOL_USE for c in runs):
        return None
    return Fault(
        f"thread runs although `{call.use.id}` is not answered",
        (
            *seen_from,
            (call.use, "the call was made"),
            (t.idle, "the thread rested on it"),
        ),
        f"an answer to `{call.use.id}` must come first",
        thread=t.id,
        allowed=_answers(call.family),
        resync="the ask is taken to be answered",
    )


def _answers(family: str) -> tuple[str, ...]:
    """Return the event types that answer a call of *family*."""
    if family == E.AGENT_CUSTOM_TOOL_USE:
        return (E.USER_CUSTOM_TOOL_RESULT.value, E.USER_INTERRUPT.value)
    return (E.USER_TOOL_CONFIRMATION.value, E.USER_TOOL_RESULT.value, E.USER_INTERRUPT.value)


@rule("TH010", Level.ERROR, "asks-for-what-has-a-result", E.THREAD_IDLE)
def asks_for_what_has_a_result(v: View, e: Seen) -> Fault | None:
    """A thread never rests on a call that has its result already.

    The session's own idle may name one: when an answer was forwarded to a child.

    Why it matters: a client would answer it again, or wait for ever.
    Flagged:
        agent.custom_tool_use c1
        user.custom_tool_result c1
        session.thread_status_idle main requires_action(c1)
    Accepted:
        agent.custom_tool_use c1
        session.thread_status_idle main requires_action(c1)
    Source: recorded without exception.
    """
    stop = e.stop_reason
    for index, name in enumerate(stop.event_ids or () if stop else ()):
        result = v.done.get(name)
        # A result without a stamp waits for the answers to earlier calls: its call is still open.
        if result is not None and (result.processed_at is not None or v.stripped):
            return Fault(
                f"the thread rests on `{name}`, which has its result",
                ((result, "its result is here"),),
                "a call that is still open",
                ("stop_reason", "event_ids", index),
                e.session_thread_id,
            )
    return None


@rule("SE012", Level.ERROR, "asks-for-no-call", E.THREAD_IDLE, E.SESSION_IDLE)
def asks_for_no_call(v: View, e: Seen) -> Fault | None:
    """`requires_action` names at least one call, and each only once.

    Why it matters: the client is to act and is not told on what.
    Flagged:
        session.status_idle requires_action()
    Accepted:
        session.status_idle requires_action(c1)
    Source: recorded and documented without exception.
    """
    stop = e.stop_reason
    if stop is None or stop.type != StopReason.REQUIRES_ACTION or v.stripped:
        return None
    names = stop.event_ids or []
    if names and len(set(names)) == len(names):
        return None
    return Fault(
        "`requires_action` names a call twice" if names else "`requires_action` names no call",
        expected="the ids of the calls to act on, each once",
        path=("stop_reason", "event_ids") if stop.event_ids is not None else ("stop_reason",),
        thread=e.session_thread_id,
        about=("session",),
    )


@rule("SE013", Level.ERROR, "asks-for-an-unknown-call", E.THREAD_IDLE, E.SESSION_IDLE, absence=True)
def asks_for_an_unknown_call(v: View, e: Seen) -> Fault | None:
    """Every id that `requires_action` names is that of an earlier tool use.

    On the session's list a child's own idle event may come before the call that it names.

    Why it matters: the client waits for an event that never comes.
    Flagged:
        session.status_running
        session.thread_status_running main
        user.message
        span.model_request_start s1
        agent.custom_tool_use c1
        span.model_request_end s1
        session.thread_status_idle main requires_action(c1,c9)
    Accepted:
        session.status_running
        session.thread_status_running main
        user.message
        span.model_request_start s1
        agent.custom_tool_use c1
        span.model_request_end s1
        session.thread_status_idle main requires_action(c1)
    Source: recorded; the exception for children five times.
    """
    stop = e.stop_reason
    if stop is None or not stop.event_ids or not v.calls_known or v.done.full:
        return None
    if e.type == E.THREAD_IDLE and v.status_thread(e) is not v.own:
        return None
    for index, name in enumerate(stop.event_ids):
        if name not in v.calls and v.done.get(name) is None and v.forgotten.get(name) is None:
            return Fault(
                f"`{name}` is not the id of a tool use on this list",
                v.shown_whole("the list begins here"),
                "the id of an earlier tool use",
                ("stop_reason", "event_ids", index),
                e.session_thread_id,
                about=("session", name),
                allowed=tuple(v.calls),
            )
    return None


@rule("SE014", Level.ERROR, "session-rests-on-nothing-asked", E.SESSION_IDLE,
      evidence=Evidence.DOCUMENTED)  # fmt: skip
def session_rests_on_nothing_asked(v: View, e: Seen) -> Fault | None:
    """A session with an unanswered ask says so when it rests.

    Why it matters: a client that reads `end_turn` takes the work for done, and a child waits on.
    Flagged:
        session.thread_created child
        agent.thread_message_sent child
        session.thread_status_running child
        agent.custom_tool_use c1 of=child
        session.thread_status_idle child requires_action(c1)
        session.status_idle end_turn
    Accepted:
        session.thread_created child
        agent.thread_message_sent child
        session.thread_status_running child
        agent.custom_tool_use c1 of=child
        session.thread_status_idle child requires_action(c1)
        session.status_idle requires_action(c1)
    Source: documented: waiting for the client outranks every other reason to rest.
    """
    stop = e.stop_reason
    if stop is None or stop.type == StopReason.REQUIRES_ACTION:
        return None
    if not v.multi and stop.type != StopReason.BUDGET_REACHED:
        # Another rule compares the reasons of a session without children and its thread.
        return None
    for call in v.calls.values():
        idle = call.named
        if idle is None or call.answer is not None or call.thread.idle is not idle:
            continue
        if call.thread is v.own and v.begin is None:
            continue
        if call.thread.mask == IDLE and call.thread.interrupted is None:
            shown = v.shown("the list is this thread's", call.use) if call.thread is v.own else ()
            return Fault(
                f"the session rests on `{stop.type}` while `{call.use.id}` waits for the client",
                tuple(
                    (one, says)
                    for one, says in (
                        *shown,
                        (call.thread.created, "the session has children"),
                        (call.use, "the call was made"),
                        (idle, "its thread rests on it"),
                    )
                    if one is not None
                ),
                "`requires_action` that names it",
                ("stop_reason", "type"),
                call.thread.id,
                about=("session",),
                allowed=(StopReason.REQUIRES_ACTION.value,),
            )
    return None


@rule("SE015", Level.ERROR, "leaves-out-an-ask", E.THREAD_IDLE)
def leaves_out_an_ask(v: View, e: Seen) -> Fault | None:
    """A thread that rests on its client names every call that waits for it.

    Why it matters: the client answers what it is told of, and the turn never goes on.
    Flagged:
        session.status_running
        session.thread_status_running main
        user.message
        span.model_request_start s1
        agent.tool_use c1 ask
        agent.tool_use c2 ask
        span.model_request_end s1
        session.thread_status_idle main requires_action(c1)
    Accepted:
        session.status_running
        session.thread_status_running main
        user.message
        span.model_request_start s1
        agent.tool_use c1 ask
        agent.tool_use c2 ask
        span.model_request_end s1
        session.thread_status_idle main requires_action(c1,c2)
    Source: recorded: several asks make one idle event that names all of them.
    """
    stop = e.stop_reason
    if stop is None or stop.type != StopReason.REQUIRES_ACTION or not stop.event_ids:
        return None
    t = v.status_thread(e)
    if t is None or t is not v.own or v.begin is None:
        return None
    for call in t.calls.values():
        needs = call.state == "asked" or call.family == E.AGENT_CUSTOM_TOOL_USE
        if needs and call.answer is None and call.use.id not in stop.event_ids:
            return Fault(
                f"`{call.use.id}` waits for the client too and is not named",
                (*v.shown("the list is this thread's", call.use), (call.use, "the call was made")),
                f"`{call.use.id}` among the ids",
                ("stop_reason", "event_ids"),
                t.id,
                about=("session",),
            )
    return None


@rule("SE022", Level.ERROR, "session-asks-before-its-thread", E.SESSION_IDLE, absence=True)
def session_asks_before_its_thread(v: View, e: Seen) -> Fault | None:
    """A session rests on a call of a child only when the child rests on it.

    Why it matters: the child's idle event is missing; the client answers what nobody waits for.
    Flagged:
        session.thread_created child
        agent.thread_message_sent child
        session.thread_status_running child
        agent.custom_tool_use c1 of=child
        session.status_idle requires_action(c1)
    Accepted:
        session.thread_created child
        agent.thread_message_sent child
        session.thread_status_running child
        agent.custom_tool_use c1 of=child
        session.thread_status_idle child requires_action(c1)
        session.status_idle requires_action(c1)
    Source: recorded for every ask of a child: the thread's idle event comes first.
    """
    stop = e.stop_reason
    for index, name in enumerate(stop.event_ids or () if stop else ()):
        call = v.calls.get(name)
        if call is None or call.named is not None or call.thread.announced is None:
            continue
        return Fault(
            f"the session asks for `{name}`, and no thread rests on it",
            ((call.thread.announced, "the child was made"), (call.use, "it made the call")),
            "`session.thread_status_idle` of the child must come first",
            ("stop_reason", "event_ids", index),
            call.thread.id,
            about=("session",),
            allowed=(E.THREAD_IDLE.value,),
        )
    return None
