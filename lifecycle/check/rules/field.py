"""FI: fields that are missing, that never appear, or that contradict the list they stand on.

What is known of each event's fields is data of its dialect; two rules read it. Whether a field is
null or absent cannot be told apart here, so a null counts as missing. A recording of types alone
(without ids) is left alone.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any, Final

import msgspec

from lifecycle.check.findings import Level
from lifecycle.check.rule import Fault, Shown, rule
from lifecycle.check.rules.shared import BOTH
from lifecycle.check.view import View
from lifecycle.check.words import E, StopReason
from lifecycle.dialects import DIALECTS
from lifecycle.dialects.form import Presence
from lifecycle.vocabulary import EventType, Evidence
from lifecycle.wire.bulk import Seen

__all__: list[str] = []

_NULL: Final = b"null"


def _fields(presence: Presence) -> dict[str, dict[str, tuple[str, ...]]]:
    """Return the fields of *presence* by dialect and event type."""
    found: dict[str, dict[str, tuple[str, ...]]] = {name: {} for name in DIALECTS}
    for name, dialect in DIALECTS.items():
        for field in dialect.fields:
            if field.presence is presence:
                known = found[name].get(field.event, ())
                found[name][field.event] = (*known, field.name)
    return found


_REQUIRED: Final = _fields(Presence.REQUIRED)
_NEVER: Final = _fields(Presence.NEVER)
_Values = Callable[[Seen], tuple[Any, ...]]
# `type` stands beside the fields so that there are two at least: the values come as a tuple.
_VALUES: Final[dict[str, dict[str, _Values]]] = {
    name: {event: attrgetter("type", *fields) for event, fields in events.items()}
    for name, events in _REQUIRED.items()
}
_RAW: Final = frozenset(
    event
    for events in _REQUIRED.values()
    for event, fields in events.items()
    if any(isinstance(getattr(Seen(type=""), field), msgspec.Raw) for field in fields)
)
_WITH_REQUIRED: Final = tuple(
    EventType(e) for e in dict.fromkeys(e for d in _REQUIRED.values() for e in d)
)
_WITH_NEVER: Final = tuple(
    EventType(e) for e in dict.fromkeys(e for d in _NEVER.values() for e in d)
)


def _is_null(value: object) -> bool:
    """Whether a field's value is a raw null; it is as true as any other bytes."""
    return type(value) is msgspec.Raw and len(value) == len(_NULL) and bytes(value) == _NULL


def _is_missing(value: object) -> bool:
    """Whether a field's value is absent or null; an empty word names nothing."""
    if isinstance(value, msgspec.Raw):
        return not len(value) or _is_null(value)
    return value is None or value == ""


@rule("FI001", Level.ERROR, "missing-field", *_WITH_REQUIRED, dialects=BOTH)
def missing_field(v: View, e: Seen) -> Fault | None:
    """An event carries the fields that every event of its type carries, and none of them is null.

    Why it matters: a typed client fails on it, and nobody can tell what the event is about.
    Flagged:
        session.thread_status_idle main
    Accepted:
        session.thread_status_idle main end_turn
    Source: the dialect's table of fields, where each has its own evidence.
    """
    values = _VALUES[v.dialect.name].get(e.type)
    if values is None or v.stripped:
        return None
    told = values(e)
    if all(told) and (e.type not in _RAW or not any(map(_is_null, told))):
        return None
    names = _REQUIRED[v.dialect.name][e.type]
    missing = [name for name, one in zip(names, told[1:], strict=True) if _is_missing(one)]
    if not missing:
        return None
    quoted = ", ".join(f"`{name}`" for name in missing)
    return Fault(
        f"{quoted} {'is' if len(missing) == 1 else 'are'} missing",
        expected=f"{quoted}, which every `{e.type}` carries",
        path=(missing[0],) if getattr(e, missing[0]) else (),
        thread=e.session_thread_id,
        about=() if e.session_thread_id else ("session",),
    )


@rule("FI002", Level.ERROR, "field-that-never-appears", *_WITH_NEVER, dialects=BOTH)
def field_that_never_appears(v: View, e: Seen) -> Fault | None:
    """An event carries none of the fields that no event of its type ever carries.

    Why it matters: a client that looks at the field takes the event for something else, a session's
    status for a thread's, say.
    Flagged:
        session.status_terminated stop_reason={"type":"end_turn"}
    Accepted:
        session.status_terminated
    Source: the dialect's table of fields; recorded for the reason of a termination.
    """
    for name in _NEVER[v.dialect.name].get(e.type, ()):
        if not _is_missing(getattr(e, name)):
            return Fault(
                f"`{e.type}` never carries `{name}`",
                expected=f"no `{name}`",
                path=(name,),
            )
    return None


@rule("FI003", Level.ERROR, "call-names-its-own-list", E.AGENT_TOOL_USE, E.AGENT_MCP_TOOL_USE,
      E.AGENT_CUSTOM_TOOL_USE, E.USER_TOOL_CONFIRMATION, E.USER_CUSTOM_TOOL_RESULT,
      E.USER_TOOL_RESULT)  # fmt: skip
def call_names_its_own_list(v: View, e: Seen) -> Fault | None:
    """A call, or an answer, names a thread only on the session's list, and then a child.

    On the list of the thread that made the call, the thread is not named.

    Why it matters: a reader tells a child's cross-posted call from the list's own by that field.
    Flagged:
        session.thread_status_running child
        agent.thread_message_received from_session_thread_id=main
        span.model_request_start s1
        agent.custom_tool_use c1 of=child
    Accepted:
        session.thread_created child
        agent.thread_message_sent child
        session.thread_status_running child
        agent.custom_tool_use c1 of=child
    Source: recorded on both lists of every child, and documented.
    """
    name = e.session_thread_id
    if name is None or name != v.own.id or v.begin is None:
        return None
    witness: Shown
    if v.primary is v.own and v.own.last is not None:
        named = v.paired or v.own.last
        witness = (*v.shown("the session runs"), (named, "the first thread is the primary"))
        expected = "a child's id, or none: this list is the primary's own"
    elif v.second is not None and v.second.type == E.THREAD_MESSAGE_RECEIVED and not v.primary:
        witness = v.shown("the list opens with this thread and its task")
        expected = "no thread: this list is the thread's own"
    else:
        return None
    return Fault(
        f"the event names `{name}`, whose own list this is",
        witness,
        expected,
        ("session_thread_id",),
        name,
    )


@rule("FI004", Level.ERROR, "child-speaks-on-the-session-list", E.AGENT_MESSAGE, E.AGENT_THINKING,
      E.SPAN_START, evidence=Evidence.DOCUMENTED)  # fmt: skip
def child_speaks_on_the_session_list(v: View, e: Seen) -> Fault | None:
    """A child's messages, thinking and model requests stand on its own list alone.

    The session's list has a child's status events, and those of its calls that need the client.

    Why it matters: a reader of the session's list takes them for the primary's.
    Flagged:
        session.thread_created child
        agent.thread_message_sent child
        session.thread_status_running child
        agent.message of=child
    Accepted:
        session.thread_created child
        agent.thread_message_sent child
        session.thread_status_running child
        agent.tool_use c1 ask of=child
    Source: documented, and recorded by its absence.
    """
    if e.session_thread_id is None:
        return None
    t = v.threads.get(e.session_thread_id)
    if t is None or t.announced is None:
        return None
    return Fault(
        f"`{e.type}` of a child stands on the session's list",
        ((t.announced, "the thread is a child of this session"),),
        "the primary's own events; the child's stand on its own list",
        ("session_thread_id",),
        t.id,
    )


@rule("FI005", Level.WARNING, "details-without-a-refusal", E.THREAD_IDLE, E.SESSION_IDLE,
      evidence=Evidence.INFERRED)  # fmt: skip
def details_without_a_refusal(v: View, e: Seen) -> Fault | None:
    """`stop_details` tells more about a refusal, and about nothing else.

    Why it matters: the reason and its details disagree, and a client shows the wrong one.
    Flagged:
        session.thread_status_idle main end_turn stop_details={"type":"refusal"}
    Accepted:
        session.thread_status_idle main refusal stop_details={"type":"refusal"}
    Source: inferred from the client library, where only a refusal has details.
    """
    if not e.stop_details or e.stop_reason is None or e.stop_reason.type == StopReason.REFUSAL:
        return None
    if bytes(e.stop_details) == _NULL:
        return None
    return Fault(
        f"the event has details of a refusal, and its reason is `{e.stop_reason.type}`",
        expected="no `stop_details`, or the reason `refusal`",
        path=("stop_details",),
        thread=e.session_thread_id,
    )
