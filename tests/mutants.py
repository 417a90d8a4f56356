"""
One small change to a good recording: every way to drop, repeat, move or reword one event.

A mutant is a list of events with one change. Whether that list could still have come from the
service is another question: `excuses` answers it.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from attrs import field, frozen

__all__ = ["OPERATORS", "Event", "Mutant", "instant", "mutants"]

Event = dict[str, Any]

NEVER = datetime.min.replace(tzinfo=UTC)
CALLS = ("agent.tool_use", "agent.mcp_tool_use", "agent.custom_tool_use")
NAMES_CALL = ("tool_use_id", "mcp_tool_use_id", "custom_tool_use_id")
SESSION = "session.status_"
THREAD = "session.thread_status_"
RUN = "workflow_run.status_"
STATUSES = {
    SESSION: ("running", "idle", "rescheduled", "terminated"),
    THREAD: ("running", "idle", "rescheduled", "terminated"),
    RUN: ("running", "idle", "ended"),
}
REASONS = ("end_turn", "requires_action", "retries_exhausted", "budget_reached", "refusal")
LAST_WORDS = (
    *("agent.message", "agent.tool_use", "agent.tool_result", "agent.thread_message_sent"),
    *("span.model_request_start", "span.model_request_end", "user.message", "session.usage"),
    *("session.status_running", "session.status_idle", "session.thread_status_running"),
    *("session.thread_status_idle", "session.thread_created", "session.thread_status_terminated"),
)


@frozen
class Mutant:
    """
    A recording with one change.

    Args:
        file: the recording's name.
        operator: what kind of change it is, a key of `OPERATORS`.
        before: the recording.
        after: the list with the change.
        at: the index in *before* of the event concerned.
        to: the index in *after* of that event, or of its copy; None if it is gone.
        what: the change, in a word or two.
    """

    file: str
    operator: str
    before: list[Event] = field(repr=False)
    after: list[Event] = field(repr=False)
    at: int
    to: int | None
    what: str = ""

    @property
    def kind(self) -> str:
        """The type of the event concerned, as the recording has it."""
        return str(self.before[self.at]["type"])


Change = tuple[list[Event], int | None, str]
"""The changed list, where the event concerned stands in it, and a word or two."""


def instant(event: Event) -> datetime:
    """The event's stamp; the beginning of time where it has none."""
    stamp = event.get("processed_at")
    return NEVER if stamp is None else datetime.fromisoformat(stamp)


def stamped(event: Event, moment: datetime) -> Event:
    """The event with another stamp; one without a stamp stays without."""
    if moment == NEVER or event.get("processed_at") is None:
        return event
    return {**event, "processed_at": moment.isoformat().replace("+00:00", "Z")}


def copied(event: Event, after: Event | None, before: Event | None) -> Event:
    """A copy with an id of its own, stamped a microsecond later than what stands ahead of it."""
    ahead, behind = instant(after or {}), instant(before or {})
    moment = ahead + timedelta(microseconds=1) if ahead != NEVER else behind
    if behind != NEVER and behind < moment:
        moment = max(ahead, behind)
    named = {**event, "id": f"{event['id']}_copy"} if event.get("id") else dict(event)
    return stamped(named, moment)


def inserted(events: list[Event], event: Event, at: int) -> list[Event]:
    """The list with a copy of an event at this place."""
    ahead = max(stamped_ones(events[:at]), key=instant, default=None)
    behind = next(iter(stamped_ones(events[at:])), None)
    return [*events[:at], copied(event, ahead, behind), *events[at:]]


def stamped_ones(events: list[Event]) -> list[Event]:
    """The events that have a stamp."""
    return [e for e in events if e.get("processed_at") is not None]


def moved(events: list[Event], at: int, to: int) -> list[Event]:
    """The list with one event at another place, and the stamps in the order they had."""
    order = [*events[:at], *events[at + 1 :]]
    order.insert(to, events[at])
    take = iter(sorted(stamped_ones(events), key=instant))
    for index, event in enumerate(order):
        if event.get("processed_at") is not None:
            place = next(take)
            if place["processed_at"] != event["processed_at"]:
                order[index] = {**event, "processed_at": place["processed_at"]}
    return order


def replaced(events: list[Event], at: int, **fields: Any) -> list[Event]:
    """The list with some fields of one event told otherwise; None takes a field away."""
    event = {**events[at], **fields}
    clean = {k: v for k, v in event.items() if v is not None or k not in fields}
    return [*events[:at], clean, *events[at + 1 :]]


def ids(events: list[Event], *types: str) -> list[str]:
    """The ids of the events of these types."""
    return [e["id"] for e in events if e["type"] in types and e.get("id")]


def threads(events: list[Event]) -> list[str]:
    """The threads that have a status on this list, in the order of their first."""
    named = [e.get("session_thread_id") for e in events if e["type"].startswith(THREAD)]
    return list(dict.fromkeys(name for name in named if name))


# -- The operators -----------------------------------------------------------------------------


def drop(events: list[Event], at: int, rng: random.Random) -> Iterator[Change]:
    """The event is missing."""
    yield [*events[:at], *events[at + 1 :]], None, ""


def duplicate(events: list[Event], at: int, rng: random.Random) -> Iterator[Change]:
    """The event happens twice, the second time under another id."""
    yield inserted(events, events[at], at + 1), at + 1, ""


def swap_with_stamps(events: list[Event], at: int, rng: random.Random) -> Iterator[Change]:
    """The event and the next change places, stamps and all."""
    if at + 1 < len(events) and events[at] != events[at + 1]:
        yield [*events[:at], events[at + 1], events[at], *events[at + 2 :]], at + 1, ""


def swap(events: list[Event], at: int, rng: random.Random) -> Iterator[Change]:
    """The event and the next change places, and the stamps stay in order."""
    if at + 1 < len(events):
        yield moved(events, at, at + 1), at + 1, ""


def move(events: list[Event], at: int, rng: random.Random) -> Iterator[Change]:
    """The event stands three places from where it belongs."""
    for to in (at - 3, at + 3):
        if 0 <= to < len(events):
            yield moved(events, at, to), to, f"by {to - at:+}"


def move_far(events: list[Event], at: int, rng: random.Random) -> Iterator[Change]:
    """The event stands anywhere else."""
    to = rng.randrange(len(events))
    if abs(to - at) > 1:
        yield moved(events, at, to), to, f"by {to - at:+}"


def retarget(events: list[Event], at: int, rng: random.Random) -> Iterator[Change]:
    """An id in the event names another thread, request, call or run, or nothing."""
    event = events[at]
    others = {
        **dict.fromkeys(NAMES_CALL, ids(events, *CALLS)),
        **dict.fromkeys(("to_session_thread_id", "from_session_thread_id"), threads(events)),
        "session_thread_id": threads(events),
        "model_request_start_id": ids(events, "span.model_request_start"),
        "phase_started_id": ids(events, "workflow_run.phase_started"),
        "outcome_evaluation_start_id": ids(events, "span.outcome_evaluation_start"),
        "workflow_run_id": [],
    }
    for name, known in others.items():
        if event.get(name) is None:
            continue
        choice = [one for one in known if one != event[name]]
        if choice:
            yield replaced(events, at, **{name: rng.choice(choice)}), at, f"{name}: another"
        yield replaced(events, at, **{name: f"{event[name][:9]}nobody"}), at, f"{name}: unknown"


def change_status(events: list[Event], at: int, rng: random.Random) -> Iterator[Change]:
    """A status event reports another status."""
    kind = str(events[at]["type"])
    for prefix, words in STATUSES.items():
        if not kind.startswith(prefix):
            continue
        for word in words:
            if word != kind.removeprefix(prefix):
                idle = word == "idle" and prefix != RUN
                reason = {"type": "end_turn"} if idle else None
                result = {"type": "completed"} if word == "ended" else None
                fields = {"type": prefix + word, "stop_reason": reason, "result": result}
                yield replaced(events, at, **fields), at, word


def other_reasons(events: list[Event], at: int) -> Iterator[dict[str, Any]]:
    """Every other stop reason; the client is asked for the last call made so far, if any."""
    calls = ids(events[:at], *CALLS)
    for word in REASONS:
        if word == events[at]["stop_reason"]["type"] or (word == "requires_action" and not calls):
            continue
        asks = {"event_ids": calls[-1:]} if word == "requires_action" else {}
        yield {"type": word, **asks}


def change_reason(events: list[Event], at: int, rng: random.Random) -> Iterator[Change]:
    """An idle event gives another stop reason."""
    if "stop_reason" in events[at]:
        for reason in other_reasons(events, at):
            yield replaced(events, at, stop_reason=reason), at, reason["type"]


def change_both_reasons(events: list[Event], at: int, rng: random.Random) -> Iterator[Change]:
    """The thread and the session that rests with it both give another stop reason."""
    if events[at]["type"] != THREAD + "idle":
        return
    later = [i for i, e in enumerate(events) if i > at and e["type"].startswith((THREAD, SESSION))]
    if not later or events[later[0]]["type"] != SESSION + "idle":
        return
    for reason in other_reasons(events, at):
        both = replaced(replaced(events, at, stop_reason=reason), later[0], stop_reason=reason)
        yield both, at, reason["type"]


def change_asks(events: list[Event], at: int, rng: random.Random) -> Iterator[Change]:
    """An idle event asks for another call, for something else, for one less, or for one more."""
    asks = list((events[at].get("stop_reason") or {}).get("event_ids") or [])
    if not asks:
        return
    calls = [one for one in ids(events, *CALLS) if one not in asks]
    spans = ids(events, "span.model_request_start")
    instead = {
        "unknown": [*asks[:-1], "sevt_nobody"],
        "no call": [*asks[:-1], rng.choice(spans)] if spans else asks,
        "another": [*asks[:-1], rng.choice(calls)] if calls else asks,
        "one more": [*asks, rng.choice(calls)] if calls else asks,
        "one less": asks[:-1] if len(asks) > 1 else asks,
        "the same twice": [*asks, asks[0]],
    }
    for what, named in instead.items():
        if named != asks:
            stop = {"type": "requires_action", "event_ids": named}
            yield replaced(events, at, stop_reason=stop), at, what


def answered(event: Event) -> str | None:
    """The call that a result or an answer is about."""
    return next((event[name] for name in NAMES_CALL if event.get(name)), None)


def answer_twice(events: list[Event], at: int, rng: random.Random) -> Iterator[Change]:
    """A result or an answer comes a second time, some events later."""
    if answered(events[at]) and at + 3 <= len(events):
        to = rng.randrange(at + 2, len(events) + 1)
        yield inserted(events, events[at], to), to, f"{to - at} later"


def answer_first(events: list[Event], at: int, rng: random.Random) -> Iterator[Change]:
    """A result or an answer stands right before its call."""
    named = answered(events[at])
    call = [i for i, e in enumerate(events[:at]) if e["type"] in CALLS and e.get("id") == named]
    if named and call:
        yield moved(events, at, call[0]), call[0], ""


def act_after_end(events: list[Event], at: int, rng: random.Random) -> Iterator[Change]:
    """After the last word of a session or of a thread, one more."""
    event = events[at]
    ends = event["type"] in (SESSION + "terminated", THREAD + "terminated")
    session = any(e["type"].startswith(SESSION) for e in events)
    final = at == len(events) - 1 and event["type"].endswith("_idle")
    if not (ends or final):
        return
    whose = event.get("session_thread_id")
    for kind in LAST_WORDS:
        if not session and kind.startswith((SESSION, "session.usage", "session.thread_created")):
            continue
        for pattern in [e for e in events if e["type"] == kind][-1:]:
            word = dict(pattern)
            of_child = event["type"].startswith(THREAD) and session
            if of_child and (kind.startswith(THREAD) or kind in CALLS):
                word["session_thread_id"] = whose
            if of_child and kind == "agent.thread_message_sent":
                word["to_session_thread_id"] = whose
            to = len(events) if final else at + 1
            yield inserted(events, word, to), to, kind


OPERATORS = {
    "drop": drop,
    "duplicate": duplicate,
    "swap, stamps travel": swap_with_stamps,
    "swap, stamps stay": swap,
    "move by three": move,
    "move far": move_far,
    "re-target": retarget,
    "change status": change_status,
    "change stop reason": change_reason,
    "change both reasons": change_both_reasons,
    "change asked id": change_asks,
    "answer twice": answer_twice,
    "answer first": answer_first,
    "act after the end": act_after_end,
}


def mutants(file: str, events: list[Event], seed: int) -> Iterator[Mutant]:
    """Every mutant of a recording, the same ones for the same seed."""
    rng = random.Random(f"{seed} {file}")
    for operator, change in OPERATORS.items():
        for at in range(len(events)):
            for after, to, what in change(events, at, rng):
                yield Mutant(file, operator, events, after, at, to, what)
