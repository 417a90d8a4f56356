"""What holds of a session's state after each decision."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from lifecycle.engine.tables import Tables
from lifecycle.invariants.form import ENDED, Violation, violations
from lifecycle.state import Session, Thread
from lifecycle.vocabulary import SessionState, StopReason, ThreadState

__all__ = [
    "OF_STATES",
    "OfState",
    "a_turn_that_ended_left_no_call_open",
    "an_ended_session_has_nothing_at_work",
    "asks_are_open_calls",
    "children_keep_to_their_limit",
    "clocks_run_with_their_threads",
    "complaints",
    "ended_threads_are_bare",
    "everything_fits",
    "messages_wait_in_one_live_mailbox",
    "nobody_waits_in_vain",
    "requests_belong_to_turns",
    "rest_names_its_reason",
    "status_is_the_fold",
    "the_list_tells_the_status",
    "what_is_archived_has_its_stamp",
]


def ended_threads_are_bare(tables: Tables, session: Session) -> Iterator[str]:
    """Nobody serves an ended thread: what were open in it would stay open for ever."""
    for thread in session.threads.values():
        if thread.live:
            continue
        left = [name for name in ("asked", "mailbox", "request", "waits_for") if _has(thread, name)]
        left += [f"the open call {c.id}" for c in session.calls.values() if c.thread == thread.id]
        if left:
            yield f"{thread.id} is over and still has {', '.join(left)}"


def _has(thread: Thread, name: str) -> bool:
    return bool(getattr(thread, name))


def messages_wait_in_one_live_mailbox(tables: Tables, session: Session) -> Iterator[str]:
    """A message that no mailbox holds, or a dead thread's, is never read."""
    held = [(name, thread) for thread in session.threads.values() for name in thread.mailbox]
    for name, thread in held:
        message = session.messages.get(name)
        if message is None or message.to != thread.id or not thread.live:
            yield f"the mailbox of {thread.id} holds {name}, which does not wait for it"
    if sorted(name for name, _ in held) != sorted(session.messages):
        yield "the mailboxes and the messages differ"


def nobody_waits_in_vain(tables: Tables, session: Session) -> Iterator[str]:
    """A coordinator that waits for a dead child waits for ever."""
    for thread in session.threads.values():
        if not thread.waits_for:
            continue
        child = session.threads.get(thread.waits_for)
        if thread.parent or thread.state is not ThreadState.RUNNING:
            yield f"{thread.id} waits, and is no coordinator at work"
        if child is None or not child.live:
            yield f"{thread.id} waits for {thread.waits_for}, which is over"


def status_is_the_fold(tables: Tables, session: Session) -> Iterator[str]:
    """A session has no work of its own: it runs while a thread works, and rests when none does."""
    if session.state not in ENDED and session.state is not tables.fold(session).state:
        yield f"the session is {session.state}, and the fold {tables.fold(session).state}"


def the_list_tells_the_status(tables: Tables, session: Session) -> Iterator[str]:
    """Readers know the session by its list alone.

    The list may say idle while only children work: no pair is written without the primary (the
    idle event of a forwarded answer, K2 to K4, and messages to children of a resting session).
    """
    state, listed = session.state, session.listed
    if state in ENDED:
        return
    primary = session.threads[session.primary]
    if state is SessionState.IDLE and listed is not SessionState.IDLE:
        yield f"every thread rests, and the list says {listed}"
    if primary.state is ThreadState.RUNNING and listed is not SessionState.RUNNING:
        yield f"the primary runs, and the list says {listed}"


def rest_names_its_reason(tables: Tables, session: Session) -> Iterator[str]:
    """A client acts on what the last idle event said: on its reason, and on the asks it named."""
    if session.state is not SessionState.IDLE or session.stop is None:
        return
    asked = {name for t in session.threads.values() for name in t.asked}
    silent = tables.switches["archive_restates_idle"] == "silent"
    stop = tables.fold(session).stop
    if session.stop is not stop and not silent:
        yield f"the list says {session.stop}, and the fold {stop}"
    named = set(session.asked) if session.stop is StopReason.REQUIRES_ACTION else asked
    if stop is StopReason.REQUIRES_ACTION and not asked <= named:
        yield f"the list does not name {', '.join(sorted(asked - named))}"
    if session.stop is StopReason.REQUIRES_ACTION and not (silent or named <= asked):
        yield f"the list names {', '.join(sorted(named - asked))}, which nobody waits for"


def children_keep_to_their_limit(tables: Tables, session: Session) -> Iterator[str]:
    """The service makes no thread beyond its limit; advisors and runs' threads take no slot."""
    most = tables.limits["live_child_threads"]
    children = [t for t in session.threads.values() if t.parent and t.live]
    live = sum(not (t.advisor or t.errand) for t in children)
    if live > most:
        yield f"{live} children are live, and {most} may be"


def asks_are_open_calls(tables: Tables, session: Session) -> Iterator[str]:
    """A client can answer only what is open; a thread that rests on nothing never goes on."""
    for thread in session.threads.values():
        wants = thread.live and thread.stop is StopReason.REQUIRES_ACTION
        if wants != bool(thread.asked) or (wants and thread.state is not ThreadState.IDLE):
            rest = f"{thread.state} ({thread.stop})"
            yield f"{thread.id} is {rest}, and asks {len(thread.asked)} calls"
        for name in thread.asked:
            call = session.calls.get(name)
            if call is None or call.thread != thread.id or not call.holds:
                yield f"{thread.id} asks {name}, which waits for no client"


def a_turn_that_ended_left_no_call_open(tables: Tables, session: Session) -> Iterator[str]:
    """The model's next request would miss a result, and nobody would ever give it.

    A thread that rests on asks, or for the budget between an answer and its next request, is still
    in the middle of its turn.
    """
    between = (StopReason.REQUIRES_ACTION, StopReason.BUDGET_REACHED)
    for call in session.calls.values():
        thread = session.threads.get(call.thread)
        if thread is None:
            yield f"{call.id} is a call of {call.thread}, which is not there"
        elif thread.state is ThreadState.IDLE and thread.stop not in between:
            yield f"{thread.id} rests ({thread.stop}) with the open call {call.id}"


def requests_belong_to_turns(tables: Tables, session: Session) -> Iterator[str]:
    """A model request is a part of a turn: a thread that rests has none open."""
    for thread in session.threads.values():
        if thread.request and thread.state is not ThreadState.RUNNING:
            yield f"{thread.id} is {thread.state} with an open request"


def clocks_run_with_their_threads(tables: Tables, session: Session) -> Iterator[str]:
    """Active seconds are what a thread runs, and what a session has any thread running."""
    for thread in session.threads.values():
        if bool(thread.since_us) != (thread.state is ThreadState.RUNNING):
            yield f"{thread.id} is {thread.state}, and its clock {_runs(thread.since_us)}"
    works = any(one.since_us for one in session.threads.values())
    if bool(session.tally.since_us) != works:
        yield f"the session's clock {_runs(session.tally.since_us)}, unlike those of its threads"


def _runs(since_us: int) -> str:
    return "runs" if since_us else "stands"


def what_is_archived_has_its_stamp(tables: Tables, session: Session) -> Iterator[str]:
    """The stamp is what a reader of the resource knows an archive by."""
    for thread in session.threads.values():
        if bool(thread.archived_at) != (thread.state is ThreadState.ARCHIVED):
            yield f"{thread.id} is {thread.state}, archived at {thread.archived_at}"
    if session.state is SessionState.ARCHIVED and not session.archived_at:
        yield "the session is archived and does not say when"


def an_ended_session_has_nothing_at_work(tables: Tables, session: Session) -> Iterator[str]:
    """What goes on in a session that is over is paid for, and nobody hears of it.

    Of a deleted session nothing is left that could be asked.
    """
    if session.state not in ENDED:
        return
    works = (ThreadState.RUNNING, ThreadState.RESCHEDULING)
    for thread in session.threads.values():
        if thread.state in works or (thread.parent and thread.live):
            yield f"the session is {session.state}, and {thread.id} is {thread.state}"
    if session.messages or session.runs:
        yield f"the session is {session.state}, and messages or runs are open"
    if session.state is SessionState.DELETED and session.calls:
        yield "the session is deleted, and calls are open"


def everything_fits(tables: Tables, session: Session) -> Iterator[str]:
    """The engine knows what it emits: nothing of its own is odd to it."""
    for what, count in session.unknown.items():
        yield f"{count} of {what} did not fit"


OfState = Callable[[Tables, Session], Iterator[str]]
"""Yields what is wrong with a state."""

OF_STATES: Final[tuple[OfState, ...]] = (
    ended_threads_are_bare,
    messages_wait_in_one_live_mailbox,
    nobody_waits_in_vain,
    status_is_the_fold,
    the_list_tells_the_status,
    rest_names_its_reason,
    children_keep_to_their_limit,
    asks_are_open_calls,
    a_turn_that_ended_left_no_call_open,
    requests_belong_to_turns,
    clocks_run_with_their_threads,
    what_is_archived_has_its_stamp,
    an_ended_session_has_nothing_at_work,
    everything_fits,
)
"""The invariants of a state."""


def complaints(tables: Tables, session: Session) -> Iterator[Violation]:
    """Iterate over what does not hold of *session*."""
    return violations(OF_STATES, tables, session)
