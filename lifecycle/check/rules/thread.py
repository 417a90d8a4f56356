"""TH: the threads of a session, and the order of their states."""

from __future__ import annotations

from typing import Final

from lifecycle.check.findings import Level
from lifecycle.check.rule import Fault, rule
from lifecycle.check.rules.shared import BOTH
from lifecycle.check.steps import Mask, every, states_in
from lifecycle.check.view import ThreadView, View
from lifecycle.check.words import E
from lifecycle.machines import THREAD
from lifecycle.vocabulary import Evidence
from lifecycle.wire.bulk import Seen

__all__: list[str] = []

_STATUS: Final = (E.THREAD_RUNNING, E.THREAD_IDLE, E.THREAD_RESCHEDULED, E.THREAD_TERMINATED)


def _leads(v: View, t: ThreadView, e: Seen) -> Mask:
    """Return the states that *e* leads to from where *t* could be; 0 if it cannot be."""
    steps = v.steps
    if e.type == E.THREAD_RUNNING:
        return steps.thread_runs[t.mask]
    if e.type == E.THREAD_IDLE:
        stop = e.stop_reason.type if e.stop_reason else None
        return steps.thread_idles.at(stop, *_causes(v, t))[t.mask]
    if e.type == E.THREAD_RESCHEDULED:
        return steps.thread_reschedules[t.mask]
    return steps.thread_ends[t.mask]


def _causes(v: View, t: ThreadView) -> tuple[bool, bool]:
    """Return whether *t* was answered, and whether it was interrupted, since it rested.

    Where it is not known whose list this is, the list's own may be *t*.
    """
    own = t if v.own.id else v.own
    answered = t.answered is not None or own.answered is not None
    return answered, t.interrupted is not None or own.interrupted is not None


def _possible(v: View, t: ThreadView) -> tuple[str, ...]:
    """Return the status events that could come next for *t*."""
    steps = v.steps
    idle = steps.thread_idles.at(None, *_causes(v, t))
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
    if t is None or _leads(v, t, e) or (v.late == e.type and t is v.own):
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
      E.THREAD_MESSAGE_RECEIVED, E.AGENT_TOOL_USE, E.AGENT_MCP_TOOL_USE,
      E.AGENT_CUSTOM_TOOL_USE, E.USER_TOOL_CONFIRMATION, E.USER_CUSTOM_TOOL_RESULT,
      E.USER_TOOL_RESULT, E.USER_INTERRUPT, dialects=BOTH, absence=True)  # fmt: skip
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
    witness = [*v.shown_whole("the recording begins with the session")]
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
    t = v.known(name)
    t.created, t.mask = e, every(THREAD)
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
            (
                *v.shown("the session runs"),
                (v.paired or t.last, "this is the primary"),
            ),
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
        (
            *v.shown("the session runs"),
            (v.paired or t.last, "this is the primary"),
        ),
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
    if t is None or t.ended is None or t is v.own:
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
    first = t.last or t.created
    return Fault(
        f"the thread's agent was `{t.name}`",
        ((first, "the name before"),) if first else (),
        f"`{t.name}`",
        ("agent_name",),
        t.id,
    )


@rule("TH020", Level.ERROR, "named-before-it-is-created", E.THREAD_CREATED)
def named_before_it_is_created(v: View, e: Seen) -> Fault | None:
    """No event names a child before the one that announces it.

    Why it matters: a reader that makes its threads from `session.thread_created` meets a thread
    that it does not know.
    Flagged:
        agent.thread_message_sent child
        session.thread_created child
    Accepted:
        session.thread_created child
        agent.thread_message_sent child
    Source: recorded for every child (12 of 12, and all of the collected recordings).
    """
    name = e.session_thread_id or ""
    t, first = v.threads.get(name), v.mentioned.get(name)
    if first is None or (t is not None and (t is v.primary or t.created is not None)):
        return None
    return Fault(
        f"thread `{name}` is announced after an event that names it",
        ((first, "it was named here"),),
        "`session.thread_created` before",
        thread=name,
    )
