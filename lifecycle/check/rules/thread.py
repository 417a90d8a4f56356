"""TH: how threads run, rest and end."""

from __future__ import annotations

from typing import Final

from lifecycle.check.findings import Level
from lifecycle.check.rule import Fault, Shown, rule
from lifecycle.check.steps import Mask, states_in
from lifecycle.check.view import IDLE, RUNNING, ThreadView, View
from lifecycle.machines import THREAD
from lifecycle.vocabulary import EventType as E, Evidence, StopReason
from lifecycle.wire.bulk import Seen

__all__: list[str] = []

BOTH: Final = ("anthropic", "qoder")

_STATUS: Final = (E.THREAD_RUNNING, E.THREAD_IDLE, E.THREAD_RESCHEDULED, E.THREAD_TERMINATED)


def _leads(v: View, t: ThreadView, e: Seen) -> Mask:
    """Return the states that *e* leads to from where *t* could be; 0 if it cannot be."""
    steps = v.steps
    if e.type == E.THREAD_RUNNING:
        return steps.thread_runs[t.mask]
    if e.type == E.THREAD_IDLE:
        stop = e.stop_reason.type if e.stop_reason else None
        answered, interrupted = t.answered is not None, t.interrupted is not None
        return steps.thread_idles.at(stop, answered, interrupted)[t.mask]
    if e.type == E.THREAD_RESCHEDULED:
        return steps.thread_reschedules[t.mask]
    return steps.thread_ends[t.mask]


def _possible(v: View, t: ThreadView) -> tuple[str, ...]:
    """Return the status events that could come next for *t*."""
    steps = v.steps
    idle = steps.thread_idles.at(None, t.answered is not None, t.interrupted is not None)
    leads = (steps.thread_runs, idle, steps.thread_reschedules, steps.thread_ends)
    return tuple(kind.value for kind, lead in zip(_STATUS, leads, strict=True) if lead[t.mask])


@rule("TH001", Level.ERROR, "thread-status-out-of-order", *_STATUS, dialects=BOTH)
def thread_status_out_of_order(v: View, e: Seen) -> Fault | None:
    """A thread's status event must be one that its state can lead to.

    Running follows rest or a retry; rest follows work. A resting thread rests anew only for a
    cause: an answer that leaves other asks open, an interrupt, or the budget. Nothing follows the
    end.

    Why it matters: a client that counts running and idle events loses track, and two turns of one
    thread seem to overlap.
    Flagged:
        session.status_running
        session.thread_status_running main
        user.message
        session.thread_status_running main
    Accepted:
        session.status_running
        session.thread_status_running main
        user.message
        span.model_request_start s1
        agent.tool_use c1 ask
        agent.tool_use c2 ask
        span.model_request_end s1
        session.thread_status_idle main requires_action(c1,c2)
        session.usage
        session.status_idle requires_action(c1,c2)
        user.tool_confirmation c1 allow
        session.thread_status_idle main requires_action(c2)
    Source: the thread table; no recorded thread runs or rests twice in a row without such a cause.
    """
    t = v.status_thread(e)
    if t is None or _leads(v, t, e):
        return None
    state = " or ".join(states_in(THREAD, t.mask))
    verb = e.type.rpartition("_")[2]
    shows = t.last or t.created or v.begin
    return Fault(
        f"thread is `{state}`, so it cannot become {verb} here",
        ((shows, f"the thread was {state} from here"),) if shows else (),
        f"the thread is `{state}`",
        thread=t.id,
        allowed=_possible(v, t),
        resync=f"the thread is taken to be {verb}",
    )


@rule("TH002", Level.ERROR, "thread-never-created", *_STATUS, E.THREAD_MESSAGE_SENT,
      E.THREAD_MESSAGE_RECEIVED, dialects=BOTH, absence=True)  # fmt: skip
def thread_never_created(v: View, e: Seen) -> Fault | None:
    """On a session's list, a child is announced before any other event names it.

    Why it matters: a reader that makes its threads from `session.thread_created` meets a thread
    that it does not know.
    Flagged:
        session.status_running
        session.thread_status_running main
        user.message
        session.thread_status_running child
    Accepted:
        session.status_running
        session.thread_status_running main
        user.message
        span.model_request_start s1
        span.model_request_end s1
        session.thread_created child
        agent.thread_message_sent to_session_thread_id=child
        session.thread_status_running child
    Source: recorded for every child (12 of 12, and all of the collected recordings).
    """
    if not v.whole or v.child_list is not False:
        return None
    if e.type == E.THREAD_MESSAGE_SENT:
        name, path = e.to_session_thread_id, "to_session_thread_id"
    elif e.type == E.THREAD_MESSAGE_RECEIVED:
        name, path = e.from_session_thread_id, "from_session_thread_id"
    else:
        name, path = e.session_thread_id, "session_thread_id"
    own_shown = path == "session_thread_id"
    if not name or v.begin is None or (own_shown and not v.own.id):
        return None
    t = v.threads.get(name)
    if t is not None and (t.created is not None or t is v.own):
        return None
    witness = [(v.begin, "the recording begins with the session")]
    if own_shown and v.own.last is not None:
        witness.append((v.own.last, "the session's primary is another thread"))
    return Fault(
        f"thread `{name}` was never created on this list",
        tuple(witness),
        "a `session.thread_created` for it must come first",
        (path,),
        name,
        allowed=(E.THREAD_CREATED.value,),
        resync="the thread is taken to exist",
        repair=lambda view: _take_to_exist(view, name, e),
    )


def _take_to_exist(v: View, name: str, e: Seen) -> None:
    """Take the thread *name* to have been created before *e*."""
    v.known(name).created = e
    v.multi = True


@rule("TH003", Level.ERROR, "thread-created-twice", E.THREAD_CREATED, dialects=BOTH)
def thread_created_twice(v: View, e: Seen) -> Fault | None:
    """A thread is announced once, and the primary never.

    Why it matters: a reader would make two threads of one, or take the primary for a child.
    Flagged:
        session.thread_created child
        session.thread_created child
    Accepted:
        session.thread_created child
        session.thread_created other
    Source: documented; every recorded child is announced once.
    """
    t = v.threads.get(e.session_thread_id or "")
    if t is None:
        return None
    if t is v.primary and t.last is not None and v.begin is not None:
        return Fault(
            "the primary thread is announced as a child",
            ((v.begin, "the session runs"), (t.last, "the first thread named is the primary")),
            "a child's id",
            ("session_thread_id",),
            t.id,
        )
    if t.created is None or t.created.type != E.THREAD_CREATED:
        return None
    return Fault(
        f"thread `{t.id}` was announced already",
        ((t.created, "it was created here"),),
        "a new thread's id",
        ("session_thread_id",),
        t.id,
    )


@rule("TH004", Level.ERROR, "primary-thread-terminated", E.THREAD_TERMINATED)
def primary_thread_terminated(v: View, e: Seen) -> Fault | None:
    """The primary never has a terminated event of its own: its end is the session's end.

    Why it matters: a reader that waits for `session.status_terminated` waits for ever.
    Flagged:
        session.status_running
        session.thread_status_running main
        session.thread_status_terminated main
    Accepted:
        session.status_running
        session.thread_status_running main
        session.thread_created child
        session.thread_status_terminated child
    Source: recorded by its absence, and documented for the webhooks.
    """
    t = v.threads.get(e.session_thread_id or "")
    if t is None or t is not v.primary or t.last is None or v.begin is None:
        return None
    return Fault(
        "the primary thread cannot be terminated by a thread event",
        ((v.begin, "the session runs"), (t.last, "the first thread named is the primary")),
        "`session.status_terminated`",
        thread=t.id,
        allowed=(E.SESSION_TERMINATED.value,),
    )


@rule("TH005", Level.ERROR, "ended-thread-goes-on", E.THREAD_MESSAGE_SENT,
      E.THREAD_MESSAGE_RECEIVED, E.AGENT_TOOL_USE, E.AGENT_MCP_TOOL_USE,
      E.AGENT_CUSTOM_TOOL_USE, evidence=Evidence.DOCUMENTED, dialects=BOTH)  # fmt: skip
def ended_thread_goes_on(v: View, e: Seen) -> Fault | None:
    """A thread that was terminated or archived sends, receives and calls nothing more.

    Why it matters: a message to a dead thread is never read; a call of one is never answered.
    Flagged:
        session.thread_created child
        session.thread_status_terminated child
        agent.thread_message_sent to_session_thread_id=child
    Accepted:
        session.thread_created tutor agent_name=anthropic.advisor
        session.thread_status_terminated tutor agent_name=anthropic.advisor
        agent.thread_message_received from_session_thread_id=tutor
    Source: documented; an advisor's advice may arrive after its end.
    """
    name = e.to_session_thread_id or e.from_session_thread_id or e.session_thread_id
    t = v.threads.get(name or "")
    if t is None or t.ended is None or t.advisor or t is v.own:
        return None
    # A report may have been on its way while its sender ended; only a later life is a fault.
    if e.type == E.THREAD_MESSAGE_RECEIVED:
        return None
    return Fault(
        f"thread `{name}` has ended, and takes part in nothing more",
        ((t.ended, "it ended here"),),
        "a live thread",
        ("to_session_thread_id",) if e.to_session_thread_id else ("session_thread_id",),
        t.id,
    )


@rule("TH006", Level.ERROR, "runs-with-open-asks", E.THREAD_RUNNING)
def runs_with_open_asks(v: View, e: Seen) -> Fault | None:
    """A thread that rests on asks runs again only when every one of them has its answer.

    It may run while an allowed call of its own still lacks its result: the platform then runs that
    call and the thread rests on the same asks again.

    Why it matters: the agent went on without the client's consent, or the answer was lost.
    Flagged:
        agent.tool_use c1 ask
        session.thread_status_idle main requires_action(c1)
        session.thread_status_running main
    Accepted:
        agent.tool_use c1 ask
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
    # An allowed call beside the asks: the platform runs it now, and the thread will ask again.
    runs = (c for c in v.calls.values() if c.own and c.use.id not in names)
    if open_asks[0].own and any(c.family != E.AGENT_CUSTOM_TOOL_USE for c in runs):
        return None
    call = open_asks[0]
    return Fault(
        f"thread runs although `{call.use.id}` is not answered",
        ((call.use, "the call was made"), (t.idle, "the thread rested on it")),
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


@rule("TH007", Level.ERROR, "turn-without-cause", E.SPAN_START, E.THREAD_IDLE, absence=True)
def turn_without_cause(v: View, e: Seen) -> Fault | None:
    """A turn is opened by something: an input, an answer, a report, or the server's own resuming.

    Why it matters: the input that the turn answers is missing from the recording.
    Flagged:
        session.status_running
        session.thread_status_running main
        user.message
        span.model_request_start s1
        agent.message
        span.model_request_end s1
        session.thread_status_idle main end_turn
        session.status_idle end_turn
        session.status_running
        session.thread_status_running main
        span.model_request_start s2
    Accepted:
        session.status_running
        session.thread_status_running main
        user.message
        span.model_request_start s1
        agent.message
        span.model_request_end s1
        session.thread_status_idle main end_turn
        session.status_idle end_turn
        session.status_running
        session.thread_status_running main
        user.message
        span.model_request_start s2
    Source: recorded for every wake; a workflow run's result and a lifted budget open turns too.
    """
    t = v.own
    if t.asked or t.cause is not None or t.run is None or t.resumed or t.mask != RUNNING:
        return None
    if e.type == E.THREAD_IDLE and (e.session_thread_id != t.id or _parked(e)):
        return None
    excused = (t.interrupted, v.updated, v.run_news, v.capped, v.last_error)
    if t.calls or any(one is not None for one in excused) or v.begin is None:
        return None
    if t.rest is None:
        # The first turn that is seen has no input: the capture starts in the middle of a life.
        v.whole = False
        return None
    return Fault(
        "the turn has no cause: nothing was sent, answered, reported or resumed",
        ((v.begin, "the list is this thread's"), (t.rest, "it rested"), (t.run, "it ran")),
        "an input, an answer or a report must come before",
        thread=t.id,
        allowed=(
            E.USER_MESSAGE.value,
            E.USER_DEFINE_OUTCOME.value,
            E.THREAD_MESSAGE_RECEIVED.value,
        ),
        resync="an input is taken to be missing",
    )


def _parked(e: Seen) -> bool:
    """Whether *e* rests on the client anew, or for another reason than a finished turn."""
    return e.stop_reason is None or e.stop_reason.type != StopReason.END_TURN


@rule("TH008", Level.ERROR, "child-list-opens-otherwise", absence=True)
def child_list_opens_otherwise(v: View, e: Seen) -> Fault | None:
    """A child's own list opens with its running event and then the message that it works on.

    Asked at the end of a list that turned out to be a child's own.

    Why it matters: the child's task is missing from its list.
    Flagged:
        session.thread_status_running child
        span.model_request_start s1
        agent.message
        span.model_request_end s1
        session.thread_status_idle child end_turn
    Accepted:
        session.thread_status_running child
        agent.thread_message_received from_session_thread_id=main
        span.model_request_start s1
        agent.message
        span.model_request_end s1
        session.thread_status_idle child end_turn
    Source: recorded 12 of 12 times.
    """
    return Fault(
        "a child's list opens with its running event and then the message that it received",
        ((v.begin, "the list opens"),) if v.begin else (),
        "`agent.thread_message_received`",
        thread=v.own.id,
        allowed=(E.THREAD_MESSAGE_RECEIVED.value,),
        at=e,
    )


@rule("TH009", Level.ERROR, "rests-with-open-calls", E.THREAD_IDLE)
def rests_with_open_calls(v: View, e: Seen) -> Fault | None:
    """A turn that ends has a result for every one of its calls.

    Why it matters: a client that takes `end_turn` for done loses a running tool, and the model's
    next request would miss a result.
    Flagged:
        session.thread_status_running main
        agent.tool_use c1 allow
        session.thread_status_idle main end_turn
    Accepted:
        session.thread_status_running main
        agent.tool_use c1 allow
        agent.tool_result c1
        session.thread_status_idle main end_turn
    Source: recorded without exception; an interrupt closes its calls first.
    """
    t = v.status_thread(e)
    if t is None or not t.calls or e.stop_reason is None or t.interrupted is not None:
        return None
    if e.stop_reason.type not in (StopReason.END_TURN, StopReason.REFUSAL):
        return None
    if t.closed is not None and t.closed.is_error:
        return None
    # A confirmed call of a child has its result on the child's own list.
    call = next((c for c in t.calls.values() if c.own or c.answer is None), None)
    if call is None:
        return None
    witness: Shown = ((call.use, "the call was made"),)
    if call.own and v.begin is not None:
        witness = ((v.begin, "the list is this thread's"), *witness)
    return Fault(
        f"the turn ends while `{call.use.id}` has no result",
        witness,
        "`requires_action`, or the call's result before",
        ("stop_reason", "type"),
        t.id,
        about=(call.use.id or "",),
        allowed=(StopReason.REQUIRES_ACTION.value,),
        resync="the call is taken to be closed",
    )


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
        if result is not None:
            return Fault(
                f"the thread rests on `{name}`, which has its result",
                ((result, "its result is here"),),
                "a call that is still open",
                ("stop_reason", "event_ids", index),
                e.session_thread_id,
            )
    return None


@rule("TH011", Level.ERROR, "input-to-a-resting-thread", E.USER_MESSAGE, E.USER_DEFINE_OUTCOME,
      absence=True)  # fmt: skip
def input_to_a_resting_thread(v: View, e: Seen) -> Fault | None:
    """A processed message stands after the running events that it caused, never before them.

    A message without a stamp is still waiting and may stand anywhere behind.

    Why it matters: a list is in the order of processing. A reader that expects the order of arrival
    puts the message into the wrong turn.
    Flagged:
        session.status_running
        session.thread_status_running main
        session.thread_status_idle main end_turn
        session.status_idle end_turn
        user.message
    Accepted:
        session.status_running
        session.thread_status_running main
        session.thread_status_idle main end_turn
        session.status_idle end_turn
        session.status_running
        session.thread_status_running main
        user.message
    Source: recorded 116 of 116 times.
    """
    t = v.own
    if t.mask != IDLE or e.processed_at is None or t.idle is None or t is not v.primary:
        return None
    if v.begin is None:
        return None
    return Fault(
        "the input was processed while the primary rested",
        ((v.begin, "the list is the primary's"), (t.idle, "the primary rested")),
        "the running events that it caused must come first",
        thread=t.id,
        allowed=(E.SESSION_RUNNING.value, E.THREAD_RUNNING.value),
        resync="the input is taken to wait",
    )


@rule("TH013", Level.ERROR, "report-to-a-resting-thread", E.THREAD_MESSAGE_RECEIVED, absence=True)
def report_to_a_resting_thread(v: View, e: Seen) -> Fault | None:
    """A message from another thread stands after the running event that it caused.

    Why it matters: a list is in the order of processing; the report would be read into the wrong
    turn.
    Flagged:
        session.status_running
        session.thread_status_running main
        session.thread_created child
        session.thread_status_idle main end_turn
        agent.thread_message_received from_session_thread_id=child
    Accepted:
        session.status_running
        session.thread_status_running main
        session.thread_created child
        session.thread_status_idle main end_turn
        session.thread_status_running main
        agent.thread_message_received from_session_thread_id=child
    Source: recorded 10 of 10 times, and in the collected recordings.
    """
    t = v.own
    if t.mask != IDLE or t.idle is None or v.begin is None:
        return None
    sender = v.threads.get(e.from_session_thread_id or "")
    if sender is not None and sender.advisor:
        return None
    return Fault(
        "the report was received while its reader rested",
        ((v.begin, "the list is the reader's"), (t.idle, "the reader rested")),
        "`session.thread_status_running` must come first",
        thread=t.id,
        allowed=(E.THREAD_RUNNING.value,),
        resync="the report is taken to wait",
    )


@rule("TH012", Level.WARNING, "agent-name-changes", E.THREAD_RUNNING, E.THREAD_IDLE,
      E.THREAD_TERMINATED, evidence=Evidence.INFERRED, dialects=BOTH)  # fmt: skip
def agent_name_changes(v: View, e: Seen) -> Fault | None:
    """A thread keeps its agent's name.

    Why it matters: two threads may have been given one id.
    Flagged:
        session.thread_status_running main agent_name=planner
        session.thread_status_idle main end_turn agent_name=writer
    Accepted:
        session.thread_status_running main agent_name=planner
        session.thread_status_idle main end_turn agent_name=planner
    Source: inferred; constant in every recording.
    """
    t = v.threads.get(e.session_thread_id or "")
    if t is None or t.name is None or e.agent_name is None or e.agent_name == t.name:
        return None
    first = t.created or t.last
    return Fault(
        f"the thread's agent was `{t.name}`",
        ((first, "the name before"),) if first else (),
        f"`{t.name}`",
        ("agent_name",),
        t.id,
    )
