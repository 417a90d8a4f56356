"""The cross-view check: a session's list beside its children's own lists.

Only the lists that belong together are read again, and only the child's share of each is compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import zip_longest
from typing import Any, Final

import attrs

from lifecycle.check.findings import Finding, Witness
from lifecycle.check.report import FileReport
from lifecycle.check.rules import RULES
from lifecycle.check.words import E
from lifecycle.wire.bulk import Seen, look_into
from lifecycle.wire.readers import open_recording

__all__ = ["compare_views"]

_STATUS: Final = frozenset(
    {E.THREAD_RUNNING, E.THREAD_IDLE, E.THREAD_RESCHEDULED, E.THREAD_TERMINATED}
)
_CALLS: Final = frozenset({E.AGENT_TOOL_USE, E.AGENT_MCP_TOOL_USE, E.AGENT_CUSTOM_TOOL_USE})
_SAME: Final = ("type", "name", "stop_reason", "evaluated_permission")


@attrs.define
class _Share:
    """One child's share of a list: status events, calls, and messages to and from it."""

    status: list[Seen] = attrs.Factory(list)
    calls: dict[str, Seen] = attrs.Factory(dict)
    sent: list[Seen] = attrs.Factory(list)
    received: list[Seen] = attrs.Factory(list)
    last: str = ""


def compare_views(reports: Iterable[FileReport], codes: frozenset[str] | None) -> None:
    """Add to each child's report what its list and the session's list disagree on."""
    files = [report for report in reports if report.unusable is None and report.path != "-"]
    announced = {name: file for file in files for name in file.children}
    for child in files:
        session = announced.get(child.own) if child.own is not None else None
        if session is None or child.own is None:
            continue
        own = _share(child.path, child.own, on_session=False)
        posted = _share(session.path, child.own, on_session=True)
        found = [*_calls(own, posted), *_status(own, posted), *_messages(own, posted)]
        for code, event, other, message in found:
            if codes is None or code in codes:
                at_child = code != "XV003" or event in own.received
                here, there = (child, session) if at_child else (session, child)
                here.findings.append(_finding(code, event, other, message, here, there, child.own))
                here.findings.sort(key=lambda finding: finding.line)


_Found = tuple[str, Seen, Seen | None, str]


def _share(path: str, child: str, *, on_session: bool) -> _Share:
    """Read *child*'s share of the list at *path*."""
    share = _Share()
    with open_recording(path) as recording:
        for batch in recording.batches():
            for event in batch:
                if isinstance(event, Seen):
                    _take(share, event, child, on_session)
    return share


def _take(share: _Share, e: Seen, child: str, on_session: bool) -> None:
    """Add *e* to *share*, if it is the child's."""
    share.last = max(share.last, e.processed_at or "")
    if e.type in _STATUS and e.session_thread_id == child:
        share.status.append(e)
    elif e.type in _CALLS and e.id and (e.session_thread_id == child or not on_session):
        share.calls[e.id] = e
    elif e.type == E.THREAD_MESSAGE_SENT and (e.to_session_thread_id == child or not on_session):
        share.sent.append(e)
    elif e.type == E.THREAD_MESSAGE_RECEIVED and (
        e.from_session_thread_id == child or not on_session
    ):
        share.received.append(e)


def _told(e: Seen) -> tuple[Any, ...]:
    """Return what must be the same on both lists."""
    return (*(getattr(e, name) for name in _SAME), look_into(e.input))


def _calls(own: _Share, posted: _Share) -> Iterator[_Found]:
    """Compare the calls that stand on both lists."""
    for name, e in own.calls.items():
        other = posted.calls.get(name)
        if other is not None and _told(e) != _told(other):
            yield "XV001", e, other, "the session's list has another call under this id"


def _status(own: _Share, posted: _Share) -> Iterator[_Found]:
    """Compare the status events, as far as both lists go."""
    here = {e.id: e for e in own.status}
    there = {e.id: e for e in posted.status}
    for name, e in here.items():
        other = there.get(name)
        if other is not None:
            if _told(e) != _told(other):
                yield "XV001", e, other, "the session's list has another status under this id"
        elif posted.status and _within(e, posted.status[0], posted.last):
            near = _before(posted.status, e)
            yield "XV002", e, near, "the session's list lacks this status event"
    for name, e in there.items():
        if name in here or not own.status or not _within(e, own.status[0], own.last):
            continue
        near = _before(own.status, e) or own.status[0]
        yield "XV002", near, e, f"this list lacks `{e.type}`, which the session's list has next"


def _within(e: Seen, first: Seen, last: str) -> bool:
    """Whether *e* is stamped between what a list begins and ends with."""
    return (first.processed_at or "") < (e.processed_at or "") < last


def _before(events: list[Seen], e: Seen) -> Seen | None:
    """Return the last of *events* that is not stamped later than *e*."""
    earlier = [one for one in events if (one.processed_at or "") <= (e.processed_at or "")]
    return earlier[-1] if earlier else None


def _messages(own: _Share, posted: _Share) -> Iterator[_Found]:
    """Compare the messages: the nth that one received is the nth that the other sent."""
    pairs = ((own.sent, posted.received, "child"), (posted.sent, own.received, "session"))
    for sent, received, sender in pairs:
        for before, e in zip_longest(sent, received):
            if before is None:
                last = sent[-1] if sent else None
                yield "XV003", e, last, f"the {sender}'s list never sent this message"


def _finding(
    code: str,
    e: Seen,
    other: Seen | None,
    message: str,
    here: FileReport,
    there: FileReport,
    thread: str,
) -> Finding:
    """Make the finding about *e* of the list *here*, with *other* of *there* as its witness."""
    witness = (
        (Witness(other.line, other.id, "the other list says this", there.path),) if other else ()
    )
    return Finding(
        code=code,
        level=RULES[code].level,
        line=e.line,
        message=message,
        expected="the same on both lists",
        path=("id",) if code == "XV001" else ("type",),
        event_id=e.id,
        thread_id=thread,
        witness=witness,
        file=here.path,
    )
