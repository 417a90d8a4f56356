"""DL and RC: what happened to the recording itself, so that no thread is accused of it.

These rules are applied by the monitor and the readers, before any other rule sees the event.
"""

from __future__ import annotations

from lifecycle.check.findings import Level
from lifecycle.check.rule import Fault, rule
from lifecycle.check.view import View
from lifecycle.vocabulary import Evidence
from lifecycle.wire.bulk import Seen

__all__: list[str] = []

BOTH = ("anthropic", "qoder")


@rule("RC001", Level.ERROR, "line-that-is-not-json", dialects=BOTH)
def line_that_is_not_json(v: View, e: Seen) -> Fault | None:
    """Every line of a recording is JSON.

    Why it matters: what the line said is lost, and what follows may seem wrong because of it.
    Flagged:
        (a line such as {"type": "session.status_run)
    Accepted:
        session.status_running
    Source: the format.
    """
    return Fault("the line is not JSON", path=())


@rule("RC002", Level.ERROR, "line-that-is-not-an-object", dialects=BOTH)
def line_that_is_not_an_object(v: View, e: Seen) -> Fault | None:
    """Every event is a JSON object.

    Why it matters: what the line said is lost.
    Flagged:
        (a line such as 42)
    Accepted:
        session.status_running
    Source: the format.
    """
    return Fault("the event is not a JSON object", path=())


@rule("RC003", Level.ERROR, "event-without-a-type", dialects=BOTH)
def event_without_a_type(v: View, e: Seen) -> Fault | None:
    """Every event has a `type`.

    Why it matters: nothing can be known about it.
    Flagged:
        (a line such as {"id": "sevt_1"})
    Accepted:
        session.status_running
    Source: documented for every event.
    """
    return Fault("the event has no `type`", path=())


@rule("RC004", Level.ERROR, "field-of-the-wrong-type", dialects=BOTH)
def field_of_the_wrong_type(v: View, e: Seen) -> Fault | None:
    """A field that rules read has the type that the service gives it.

    The event is checked without the field.

    Why it matters: a typed client fails on it.
    Flagged:
        (a line such as {"type": "agent.tool_result", "tool_use_id": 7})
    Accepted:
        agent.tool_result c1
    Source: documented with the fields.
    """
    return Fault("a field has the wrong type")


@rule("DL001", Level.ERROR, "one-id-two-events", dialects=BOTH)
def one_id_two_events(v: View, e: Seen) -> Fault | None:
    """An id names one event: a second delivery says the same as the first.

    Only the stamp may come later: of a message that waited.

    Why it matters: a reader that drops known ids drops an event.
    Flagged:
        agent.message id=x
        agent.thinking id=x
    Accepted:
        user.message id=x at=none
        user.message id=x
    Source: documented; ids never repeat on a recorded list.
    """
    return Fault(
        f"the id `{e.id}` was another event's",
        expected="an id of its own, or the same event again",
        path=("id",),
    )


@rule("DL002", Level.ERROR, "events-out-of-order", dialects=BOTH)
def events_out_of_order(v: View, e: Seen) -> Fault | None:
    """Events stand in the order of their stamps.

    Two neighbours in the wrong order are read in the right one, so that nothing else is accused of
    it.

    Why it matters: the recording was reordered on its way, or two were mixed.
    Flagged:
        agent.message at=20
        agent.message at=10
    Accepted:
        agent.message at=10
        agent.message at=10
    Source: recorded on every list, but for usage events.
    """
    return Fault(
        f"the event is stamped {e.processed_at}, before the one that stands ahead of it",
        expected="a stamp that is not earlier",
        path=("processed_at",),
        resync="the events are read in the order of their stamps",
    )


@rule("DL003", Level.WARNING, "usage-stamped-early", dialects=BOTH)
def usage_stamped_early(v: View, e: Seen) -> Fault | None:
    """A usage event, too, is not stamped earlier than the event ahead of it.

    Why it matters: sorting by stamps moves it.
    Flagged:
        agent.message at=20
        session.usage at=10
    Accepted:
        agent.message at=10
        session.usage at=20
    Source: one recorded usage event is stamped 74 ms early.
    """
    return Fault(
        "the usage event is stamped before the event that stands ahead of it",
        expected="a stamp that is not earlier",
        path=("processed_at",),
    )


@rule("DL004", Level.NOTE, "delivered-again", dialects=BOTH, evidence=Evidence.DOCUMENTED)
def delivered_again(v: View, e: Seen) -> Fault | None:
    """An event was delivered a second time, and is read once.

    Why it matters: it does not, to a reader that knows events by their ids.
    Flagged:
        agent.message id=x at=5
        agent.message id=x at=5
    Accepted:
        agent.message
        agent.message
    Source: documented for reconnects and replays, and for messages that waited.
    """
    return Fault(
        "the event was delivered before", expected="nothing: it is read once", path=("id",)
    )


@rule("DL005", Level.ERROR, "stamp-that-is-no-time", dialects=BOTH)
def stamp_that_is_no_time(v: View, e: Seen) -> Fault | None:
    """`processed_at` is an RFC 3339 time.

    Why it matters: the event's place in time is lost.
    Flagged:
        agent.message processed_at=yesterday
    Accepted:
        agent.message
    Source: documented for every event.
    """
    return Fault(
        f"`{e.processed_at}` is no RFC 3339 time",
        expected="a time such as 2026-01-01T00:00:00Z",
        path=("processed_at",),
    )


@rule("DL006", Level.NOTE, "type-that-nobody-knows", dialects=BOTH)
def type_that_nobody_knows(v: View, e: Seen) -> Fault | None:
    """The event's type is one that the dialect's pages name.

    New types appear, and are not checked. Each is noted once.

    Why it matters: it is not checked: that is no clean pass for it.
    Flagged:
        agent.dreams
    Accepted:
        agent.message
    Source: the set of types is open, by the pages' own word.
    """
    if e.type in v.dialect.events:
        return None
    return Fault(f"`{e.type}` is not a known event type, and was not checked")


@rule("DL007", Level.ERROR, "server-event-without-a-stamp", dialects=("anthropic",))
def server_event_without_a_stamp(v: View, e: Seen) -> Fault | None:
    """What the service itself says carries `processed_at`.

    Only what a client sent may wait without one. A recording in which no event has a stamp is left
    alone.

    Why it matters: the event's place in time is lost.
    Flagged:
        session.status_running
        session.thread_status_running main at=none
    Accepted:
        session.status_running
        session.thread_status_running main
        user.message at=none
    Source: recorded on every list.
    """
    if e.type.startswith(("user.", "system.", "event_")) or e.type not in v.dialect.events:
        return None
    return Fault("the event has no `processed_at`", expected="a time", path=())
