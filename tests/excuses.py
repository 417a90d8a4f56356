"""
Whether a mutant could still have come from the service, and which reference explains it.

Three questions make up nearly all answers: may this event be missing, may it stand here too, and
may these two stand the other way round? What is left are changed words, judged below. A mutant that
nothing here explains is inexplicable.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

from absences import MISSING, RECEIVED, Excuse
from mutants import NEVER, Event, Mutant, instant
from orders import ORDERS, stale
from presences import STANDS
from tale import IDLE, OWN, RUNNING, Tale

__all__ = ["explanation"]

Judge = Callable[[Mutant, Tale, Tale], str | None]
"""Given the mutant, the tale before and the tale after: the excuse's name."""


def first(excuses: Sequence[Excuse], tale: Tale, at: int) -> str | None:
    """The first excuse that applies at a place."""
    return next((name for name, _, applies in excuses if applies(tale, at)), None)


def drop(m: Mutant, old: Tale, new: Tale) -> str | None:
    """What is dropped may be missing."""
    return first(MISSING, old, m.at) if new.paired() else None


def extra(m: Mutant, old: Tale, new: Tale) -> str | None:
    """What is added may stand there."""
    assert m.to is not None
    return first(STANDS, new, m.to) if new.paired() else None


def instead(m: Mutant, old: Tale, new: Tale) -> str | None:
    """The one may be missing, and the other may stand there."""
    gone, there = first(MISSING, old, m.at), extra(m, old, new)
    return f"{gone}, {there}" if gone and there else None


def order(m: Mutant, old: Tale, new: Tale) -> str | None:
    """Every two events that changed places may do so; or the event may as well stand there."""
    assert m.to is not None
    if not new.paired():
        return None
    low, high = sorted((m.at, m.to))
    crossed = [i for i in range(low, high + 1) if i != m.at]
    names = [open_order(old, *sorted((i, m.at))) for i in crossed]
    return ", ".join(sorted(set(filter(None, names)))) if all(names) else instead(m, old, new)


def open_order(old: Tale, a: int, b: int) -> str | None:
    """The first excuse for two events in the other order."""
    return next((name for name, _, applies in ORDERS if applies(old, a, b)), None)


def order_by_stamps(m: Mutant, old: Tale, new: Tale) -> str | None:
    """Stamps that stepped back explain nothing (H1), but for a usage event's."""
    both = [instant(old.events[i]) for i in (m.at, m.at + 1)]
    late = NEVER not in both and both[0] < both[1]
    if late and old.kinds[m.at] != "session.usage":
        return None
    return order(m, old, new)


def status(m: Mutant, old: Tale, new: Tale) -> str | None:
    """Another status instead; what is put aside for a retry owes nothing else (X5)."""
    assert m.to is not None
    if m.what != "rescheduled" or not new.paired():
        return instead(m, old, new)
    following = next((k for k in new.kinds[m.to + 1 :] if k.startswith("session.status_")), "")
    led = new.next_status(m.to, OWN)
    rests = m.kind == IDLE and following.endswith("_idle") and old.whose[m.at] == OWN
    until = new.kinds.index(following, m.to) if following else m.to
    others = [i for i in new.later(m.to, IDLE) if i < until and new.whose[i] != OWN]
    unled = rests and not others and (led is None or until < led)
    begins = old.session_status(m.at) is None and old.midway | (m.at == 0)
    bare = m.kind == "session.status_running" and not begins
    return None if unled or bare else first(STANDS, new, m.to)


# -- Changed words -----------------------------------------------------------------------------


def target(m: Mutant, old: Tale, new: Tale) -> str | None:
    """Another name: as if the one were missing and the other there, or nobody can check it."""
    name, _, which = m.what.partition(": ")
    if old.child_list and name in ("to_session_thread_id", "from_session_thread_id"):
        return "a child's own list names no other threads (recorded C5, C6)"
    if m.kind == "session.thread_created" and name == "workflow_run_id":
        return "threads of unknown runs: a warning (anthropic INV-56)"
    if m.kind == RECEIVED and which == "another":
        sender = str(new.events[m.at].get("from_session_thread_id"))
        ran = old.earlier(m.at, RUNNING, thread=sender)
        return "another child that has run may have reported (recorded C7)" if ran else None
    names = {e["session_thread_id"] for e in m.after if e.get("session_thread_id")}
    if name == "session_thread_id" and len(names) == 1:
        return "the only name is the primary's (anthropic INV-35)"
    if old.child_list and name == "session_thread_id" and alternates(m.after):
        return "a capture from the middle may be a coordinator's (anthropic 9)"
    return instead(m, old, new)


def alternates(events: list[Event]) -> bool:
    """Whether no thread runs twice in a row, nor rests twice, and none asks for anything."""
    told: dict[str, list[str]] = {}
    for event in events:
        if event["type"].startswith("session.thread_status_"):
            told.setdefault(event["session_thread_id"], []).append(event["type"])
    again = any(a == b for kinds in told.values() for a, b in pairwise(kinds))
    return not again and not any((e.get("stop_reason") or {}).get("event_ids") for e in events)


def resumes_without_update(t: Tale, at: int) -> bool:
    """Whether anything runs after this place before the budget has changed (INV-32)."""
    for i in t.later(at):
        if t.kinds[i] == "session.updated":
            return False
        if t.kinds[i] in ("session.status_running", RUNNING, "span.model_request_start"):
            return True
    return False


def unread(t: Tale, at: int) -> bool:
    """Whether results of the last request wait for another request that never came (E1)."""
    start = t.last_request(at)
    return start is not None and t.whose[at] == OWN and bool(t.calls_of(start))


def turn_may_die(t: Tale, at: int) -> bool:
    """Whether the own calls that are asked for are never answered, in a list that ends there."""
    own = {str(t.events[c].get("id")) for c in t.open_calls(at)}
    return t.asks(at) <= own and not any(t.answers(i) in own for i in t.later(at))


def both_reasons(m: Mutant, old: Tale, new: Tale) -> str | None:
    """A turn that ends may end for any reason that its calls leave open."""
    session = next(i for i in old.later(m.at) if old.kinds[i] == "session.status_idle")
    if m.what == "retries_exhausted" and turn_may_die(old, m.at):
        return "how a dead turn leaves its calls is unknown (recorded X6)"
    if old.asks(m.at) or (old.asks(session) and not stale(old, session)) or old.waits(session):
        return None
    if m.what == "budget_reached":
        capped = not resumes_without_update(old, session)
        return "the cap was reached, and nothing ran after (recorded 12)" if capped else None
    if m.what in ("refusal", "retries_exhausted"):
        return "stop reasons are open; an error may be missing (recorded E7, anthropic INV-13)"
    return None


def thread_reason(m: Mutant, old: Tale, new: Tale) -> str | None:
    """A thread's reason alone: only in company, or at the cap, may the session's differ."""
    following = [i for i in old.later(m.at) if old.kinds[i].startswith("session.status_")]
    capped = bool(following) and old.reason(following[0]) == "budget_reached"
    alone = not old.company(m.at) and not old.child_list
    if m.what == "budget_reached" and (old.child_list or not (alone or old.asks(m.at))):
        return "what a thread at the cap does was never recorded (recorded, budget flow)"
    if old.asks(m.at) or m.what == "requires_action" or (alone and not capped):
        return None
    if m.what == "end_turn":
        return None if unread(old, m.at) else "a thread at the cap may finish (recorded 12)"
    return "stop reasons are open, the fold is inferred (recorded E7, S2)"


def session_reason(m: Mutant, old: Tale, new: Tale) -> str | None:
    """The session's reason alone: it may be the cap, and in company the fold is inferred."""
    unanswered = old.waits(m.at) or (bool(old.asks(m.at)) and not stale(old, m.at))
    if unanswered:
        return None
    if m.what == "budget_reached":
        capped = not resumes_without_update(old, m.at)
        return "the session may be at its cap alone (recorded 12)" if capped else None
    if not old.company(m.at):
        idle = old.status(m.at, OWN)
        same = idle is not None and new.reason(m.at) == old.reason(idle)
        return "the session says what its only thread says (recorded E2)" if same else None
    if m.what == "requires_action":
        call = new.call(next(iter(new.asks(m.at))))
        childs = call is not None and new.whose[call] != OWN and stale(new, m.at)
        return "a stale idle names a child's answered call (recorded K4)" if childs else None
    return "in company the fold over the threads is inferred (recorded S2, S4)"


def reason(m: Mutant, old: Tale, new: Tale) -> str | None:
    """Who rests decides."""
    return (thread_reason if m.kind == IDLE else session_reason)(m, old, new)


def asks(m: Mutant, old: Tale, new: Tale) -> str | None:
    """A session in company may name a child's answered call instead, or as well (trap 7)."""
    if m.kind == IDLE or not old.company(m.at) or m.what not in ("another", "one more"):
        return None
    added = new.asks(m.at) - old.asks(m.at)
    calls: list[Any] = [new.call(name) for name in added]
    known = all(c is not None and c < m.at and new.whose[c] != OWN for c in calls)
    said = {new.answers(i) for i in new.earlier(m.at) if new.is_answer(i)}
    answered = added <= said
    stale_one = known and answered
    return "a stale idle names answered calls (recorded trap 7, S2)" if stale_one else None


JUDGES: dict[str, Judge] = {
    "drop": drop,
    "duplicate": extra,
    "swap, stamps travel": order_by_stamps,
    "swap, stamps stay": order,
    "move by three": order,
    "move far": order,
    "re-target": target,
    "change status": status,
    "change stop reason": reason,
    "change both reasons": both_reasons,
    "change asked id": asks,
    "answer twice": extra,
    "answer first": lambda m, old, new: None,
    "act after the end": extra,
}


_TALES: dict[int, Tale] = {}


def explanation(m: Mutant) -> str | None:
    """Which excuses explain a mutant; None if it is inexplicable."""
    if id(m.before) not in _TALES:
        _TALES.clear()
        _TALES[id(m.before)] = Tale(m.before)
    return JUDGES[m.operator](m, _TALES[id(m.before)], Tale(m.after))
