"""Interrupts: of one thread, or of every live one.

The results that an interrupt forces stand before it, the idle events after it (I1). Nothing but the
turn ends: what waits in a mailbox stays there, and a workflow run goes on. Source: recordings,
section 5; the thread pages (H12 to H16).
"""

from __future__ import annotations

from lifecycle import commands as c, events as e
from lifecycle.effects import CLOSE_CALLS
from lifecycle.engine.draft import Draft
from lifecycle.engine.flow import settle
from lifecycle.engine.outcome import interrupt_outcome
from lifecycle.engine.perform import INTERRUPTED, perform
from lifecycle.engine.refusals import Refusal
from lifecycle.engine.tables import Step
from lifecycle.state import Place, Thread, WaitEnded
from lifecycle.vocabulary import RefusalCode, ThreadState, ThreadTrigger as T

__all__ = ["interrupt"]

_Stopped = tuple[str, T, Step]
"""A thread that the interrupt reaches, its trigger, and the row that answers."""


def interrupt(d: Draft, command: c.Interrupt) -> Refusal | None:
    """Stop a thread, or all of them: a turn ends, open calls are closed with errors."""
    found = _reached(d, command.thread_id)
    if isinstance(found, Refusal):
        return found
    for name, trigger, one in found:
        perform(d, name, trigger, [x for x in one.effects if x is CLOSE_CALLS])
    if not _listed(d, found):
        return None
    _list(d, command.thread_id, found)
    if any(name == d.session.primary for name, _, _ in found):
        interrupt_outcome(d)
        if d.primary.waits_for:
            d.note(WaitEnded(d.primary.waits_for, INTERRUPTED, is_error=True), d.session.primary)
    for name, trigger, one in found:
        perform(d, name, trigger, [x for x in one.effects if x is not CLOSE_CALLS])
    settle(d)
    return None


def _reached(d: Draft, thread_id: str | None) -> list[_Stopped] | Refusal:
    """Return the threads that the interrupt reaches, the primary last; or why it reaches none."""
    if thread_id is None:
        threads = [t for t in d.session.threads.values() if t.live and not t.errand]
        return [_stopped(d, thread) for thread in sorted(threads, key=lambda t: not t.parent)]
    thread = d.named(thread_id)
    if thread is None:
        return d.refuse(RefusalCode.THREAD_NOT_FOUND, "no such thread", thread_id)
    if thread.live and thread.errand:
        return []
    one = _stopped(d, thread)
    return d.denied("thread", one[2].row, thread.id) or [one]


def _stopped(d: Draft, thread: Thread) -> _Stopped:
    """Return what the interrupt is to a thread, and what its table says to that."""
    trigger = T.INTERRUPT_ASKS if d.calls_of(thread.id) else T.INTERRUPT
    if thread.advisor and thread.state is ThreadState.RUNNING:
        trigger = T.FINISH_CHILD
    return thread.id, trigger, d.tables.thread[thread.state, trigger]


def _listed(d: Draft, found: list[_Stopped]) -> bool:
    """Whether the interrupt is listed: not at the budget, where it is accepted and ignored."""
    if any(one.effects for _, _, one in found):
        return True
    return not d.session.capped and d.switch("idle_interrupt") == "listed"


def _list(d: Draft, thread_id: str | None, found: list[_Stopped]) -> None:
    """Put the interrupt on the session's list, and on the own list of each child that it stops."""
    session = d.session
    primary = session.primary
    mark = d.mark()
    for name, _, one in found:
        if name != primary and (one.effects or thread_id):
            d.put(e.UserInterrupt(**mark), name, Place.CHILD)
    if thread_id is None:
        d.put(e.UserInterrupt(**mark), primary)
    else:
        place = Place.SESSION if thread_id in ("", primary) else Place.COPY
        named = thread_id or primary
        d.put(e.UserInterrupt(session_thread_id=named, **mark), named, place)
