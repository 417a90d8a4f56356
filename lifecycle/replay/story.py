"""A recording, made ready to be looked ahead in."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import attrs

from lifecycle import events as e
from lifecycle.dialects import Dialect
from lifecycle.replay.bare import filled
from lifecycle.replay.signs import INPUTS, Sign, sign_of, use_id
from lifecycle.replay.words import Allowance
from lifecycle.wire.readers import Unusable, open_recording
from lifecycle.wire.structure import StructureError, structure

__all__ = ["Story", "read_stories", "story_of"]

SESSION: Final = "sesn_replayed"

_LATE: Final = 5
"""Events among which an account that is late is looked for."""


@attrs.define
class Story:
    """The events of one list, in their order.

    Attributes:
        events: the events.
        signs: what is compared of each.
        own: the thread whose own list it is; the primary's is the session's.
        primary: the primary thread; made up where the list is a child's.
        merged: whether a session's list holds the own events of its children, too.
        session_id: the session.
        allowed: what was left out or filled in while reading.
        accounts: where accounts stand.
        uses: the tool uses, by id.
    """

    events: list[e.Event]
    signs: list[Sign]
    own: str
    primary: str
    merged: bool
    session_id: str
    allowed: Counter[str]
    accounts: list[int]
    uses: dict[str, e.ToolUse]

    def __len__(self) -> int:
        """Return how many events there are."""
        return len(self.events)

    @property
    def is_child(self) -> bool:
        """Whether it is a child's own list."""
        return self.own != self.primary

    def at(self, place: int) -> e.Event | None:
        """Return the event at *place*; `None` past the end."""
        return self.events[place] if place < len(self.events) else None

    def shows(self, thread_id: str) -> bool:
        """Whether what a thread does stands on this list."""
        return self.merged or thread_id == self.own

    def thread_of(self, event: e.Event) -> str:
        """Return the thread of an event."""
        return str(event.session_thread_id or self.own)

    def from_here(self, place: int) -> Iterator[e.Event]:
        """Iterate over the events from *place* on."""
        for index in range(place, len(self.events)):
            yield self.events[index]

    def accounts_late(self, place: int, owed: int) -> bool:
        """Whether an account stands soon after *place*, before the session rests.

        The *owed* ones that are awaited already do not count.
        """
        for event in self.events[place : place + _LATE]:
            if isinstance(event, e.SessionUsage):
                owed -= 1
                if owed < 0:
                    return True
            elif isinstance(event, e.SessionIdle):
                return False
        return False

    def graded(self, place: int) -> bool:
        """Whether a grading ended before *place*, since the session rested the last time."""
        for event in reversed(self.events[:place]):
            if isinstance(event, e.OutcomeEvaluationEnd | e.SessionIdle):
                return isinstance(event, e.OutcomeEvaluationEnd)
        return False

    @property
    def rests(self) -> bool:
        """Whether the list ends where a session or a thread rests or is over."""
        ends = (e.SessionIdle, e.SessionTerminated, e.SessionDeleted, e.ThreadTerminated)
        last = self.events[-1] if self.events else None
        return isinstance(last, ends) or (self.is_child and isinstance(last, e.ThreadIdle))

    @property
    def self_hosted(self) -> bool:
        """Whether built-in tools are run by the client's own worker."""
        if any(isinstance(one, e.UserToolResult) for one in self.events):
            return True
        asked = {name for sign in self.signs for name in sign.asked}
        uses = (self.uses.get(name) for name in asked)
        return any(
            isinstance(use, e.AgentToolUse) and use.evaluated_permission == "allow" for use in uses
        )

    @property
    def budget(self) -> Mapping[str, Any] | None:
        """The budget that the session has from its start."""
        if not any(
            isinstance(one, e.SessionUpdated) or "budget_reached" in str(sign.stop)
            for one, sign in zip(self.events, self.signs, strict=True)
        ):
            return None
        return {"type": "list_cost", "max_list_cost": {"amount": "1.00", "currency": "USD"}}


def read_stories(path: str | Path, dialect: Dialect) -> dict[str, Story]:
    """Read the recording at *path*: one story for each session in it, by its id.

    Raises:
        Unusable: it cannot be read, or holds no list of a session or thread.
    """
    with open_recording(path) as recording:
        found = [(line, _decoded(text)) for line, text in recording.texts()]
    sessions: dict[str, list[tuple[int, dict[str, Any]]]] = {}
    for line, one in found:
        if one is None:
            raise Unusable(f"expected events, found none on line {line}", str(path))
        sessions.setdefault(str(one.get("session_id") or ""), []).append((line, one))
    return {key: story_of(told, dialect, str(path)) for key, told in sessions.items()}


def _decoded(text: bytes) -> dict[str, Any] | None:
    """Return the object that *text* is; `None` if it is none."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) and isinstance(found.get("type"), str) else None


def story_of(
    objects: Iterable[tuple[int, dict[str, Any]]], dialect: Dialect, name: str = ""
) -> Story:
    """Make a story of the events *objects*, each with its line.

    Raises:
        Unusable: they are no list of one session or thread.
    """
    allowed: Counter[str] = Counter()
    lines = [(line, one) for line, one in objects if one["type"] != "ping"]
    if lines and not any("id" in one for _, one in lines):
        lines = filled(lines)
        allowed[Allowance.NO_IDS] += 1
    try:
        events = [(line, structure(one, dialect)) for line, one in lines]
    except StructureError as error:
        raise Unusable(f"expected events of known form: {error}", name) from None
    kept = list(_told(events, allowed))
    own, primary = _whose([event for _, event in kept], name)
    return Story(
        events=[event for _, event in kept],
        signs=[sign_of(event, own, line) for line, event in kept],
        own=own,
        primary=primary,
        merged=any(_is_within(event, own) for _, event in kept),
        session_id=next((str(x.session_id) for _, x in kept if x.session_id), SESSION),
        allowed=allowed,
        accounts=[n for n, (_, x) in enumerate(kept) if isinstance(x, e.SessionUsage)],
        uses={use_id(x): x for _, x in kept if isinstance(x, e.ToolUse)},
    )


_NOT_DECIDED: Final = (e.OutcomeEvaluationOngoing, e.ThreadContextCompacted)


def _told(
    events: Iterable[tuple[int, e.Event]], allowed: Counter[str]
) -> Iterator[tuple[int, e.Event]]:
    """Iterate over what a command may have caused; count the rest."""
    seen: set[object] = set()
    for line, event in events:
        stamped = event.processed_at or not isinstance(event, INPUTS)
        if isinstance(event, e.UnknownEvent):
            allowed[Allowance.UNKNOWN_EVENT] += 1
        elif isinstance(event, e.PreviewStart | e.PreviewDelta):
            allowed[Allowance.PREVIEW] += 1
        elif isinstance(event, _NOT_DECIDED):
            allowed[Allowance.NOT_DECIDED] += 1
        elif stamped and event.id in seen:
            allowed[Allowance.REPEATED] += 1
        else:
            if stamped:
                seen.add(event.id)
            yield line, event


def _is_within(event: e.Event, own: str) -> bool:
    """Whether it is an event of another thread's work, which else stands on its own list alone."""
    work = (e.ModelRequestStart, e.ModelRequestEnd, e.AgentMessage, e.ThreadMessageReceived)
    return isinstance(event, work) and (event.session_thread_id or own) != own


def _whose(events: list[e.Event], name: str) -> tuple[str, str]:
    """Return the thread whose own list *events* are, and the primary.

    A list in which a session's status stands is the session's, and so is one that makes a thread;
    any other is that of the thread that it names.
    """
    running = [str(x.session_thread_id) for x in events if isinstance(x, e.ThreadEvent)]
    ofsession = (e.SessionRunning, e.SessionIdle, e.SessionTerminated, e.ThreadCreated)
    if any(isinstance(one, ofsession) for one in events):
        made = {str(x.session_thread_id) for x in events if isinstance(x, e.ThreadCreated)}
        primary = next((one for one in running if one not in made), "sthr_primary")
        return primary, primary
    if len(set(running)) != 1:
        raise Unusable("expected the list of a session or of one thread, found neither", name)
    sender = next((x for x in events if isinstance(x, e.ThreadMessageReceived)), None)
    primary = str(sender.from_session_thread_id or "") if sender else ""
    return running[0], primary or "sthr_primary"
