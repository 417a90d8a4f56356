"""One form for all sessions that differ only in names, times, and the order of children."""

from __future__ import annotations

from itertools import chain, permutations, product

from lifecycle.explore.walk import Form
from lifecycle.invariants import ENDED
from lifecycle.state import Call, Session, Thread

__all__ = ["form_of"]


def form_of(session: Session) -> Form:
    """Return what makes a state itself: all but ids, stamps, counters and the order of children.

    Of what is over only the end counts: it accepts nothing more.
    """
    if session.state in ENDED:
        return (session.state, *sorted(thread.state for thread in session.threads.values()))
    children = [name for name, thread in session.threads.items() if thread.parent]
    if len(children) < 2:
        return _form(session, children)
    alike: dict[int, list[str]] = {}
    for name in children:
        alike.setdefault(_looks(session.threads[name]), []).append(name)
    orders = product(*(permutations(alike[looks]) for looks in sorted(alike)))
    forms = [_form(session, list(chain(*order))) for order in orders]
    return forms[0] if len(forms) == 1 else min(forms, key=hash)


def _looks(thread: Thread) -> int:
    """Return what tells a child from another at a glance; only those that look alike may swap."""
    request, mail, asked = bool(thread.request), len(thread.mailbox), len(thread.asked)
    return hash((thread.state, thread.stop, thread.unread, thread.fresh, request, mail, asked))


def _form(session: Session, children: list[str]) -> Form:
    """Return the form with the children in this order."""
    order = {session.primary: 0, "": -1, **{name: i for i, name in enumerate(children, 1)}}
    calls = {name: (order[call.thread], i) for i, (name, call) in enumerate(session.calls.items())}
    return (
        session.state,
        session.listed,
        session.stop,
        tuple(calls.get(name, "gone") for name in session.asked),
        session.capped,
        session.unpriced,
        session.budget is not None,
        session.outcome is not None and bool(session.outcome.start),
        session.outcome is None,
        tuple((run.state, len(run.phases), run.capped) for run in session.runs.values()),
        tuple([_of_thread(session, session.threads[n], order, calls) for n in order if n]),
        tuple([_of_call(call, order) for call in session.calls.values()]),
    )


def _of_thread(
    session: Session, thread: Thread, order: dict[str, int], calls: dict[str, tuple[int, int]]
) -> Form:
    if not thread.live:
        return (thread.state,)
    return (
        thread.state,
        thread.stop,
        tuple(calls.get(name, "gone") for name in thread.asked),
        bool(thread.request),
        thread.unread,
        thread.fresh,
        bool(thread.errand),
        thread.advisor,
        order[thread.waits_for],
        calls.get(thread.wait_call),
        tuple(
            (order.get(session.messages[m].sender), session.messages[m].kind)
            for m in thread.mailbox
        ),
    )


def _of_call(call: Call, order: dict[str, int]) -> Form:
    said = call.answer or {}
    return (
        order[call.thread],
        call.kind,
        call.state,
        call.permission,
        call.by_client,
        call.posted,
        call.hidden,
        call.owed,
        said.get("result"),
        call.answer is not None,
    )
