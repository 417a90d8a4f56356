"""The parts of a timeline, as data: lanes, what they show, and rows."""

from __future__ import annotations

from typing import Final

import attrs

from lifecycle.vocabulary import Word

__all__ = ["CLIENT", "OWN", "SESSION", "Kind", "Lane", "Look", "Row", "spell_seconds"]

CLIENT: Final = 0
"""The client's lane."""

SESSION: Final = 1
"""The session's lane."""

OWN: Final = 2
"""The lane of the thread whose list this is: the primary, or the child of a child's own list."""


class Look(Word):
    """What a lane shows."""

    ABSENT = "absent", "Nothing is known of it yet."
    UNKNOWN = "unknown", "It exists; its status is not known from here."
    IDLE = "idle", "It rests."
    WAITING = "waiting", "It rests until the client answers."
    RUNNING = "running", "It works."
    RESCHEDULING = "rescheduling", "It is to be tried again."
    ENDED = "ended", "It is over for good."


class Kind(Word):
    """What a row is about."""

    STATUS = "status", "A status changes."
    INPUT = "input", "The client sends something that starts or stops work."
    ASK = "ask", "A thread asks the client."
    ANSWER = "answer", "The client answers."
    MESSAGE = "message", "A thread makes another, or writes to it."
    MODEL = "model", "A model request, and what the model said in it."
    RESULT = "result", "A tool gives its result."
    NEWS = "news", "Anything else that happens to the session."
    ERROR = "error", "Something went wrong."
    GAP = "gap", "Nothing happened for a while."
    END = "end", "The recording ends."


@attrs.define
class Lane:
    """A column of the timeline.

    Attributes:
        name: what the rows call it.
        thread_id: the thread's id; ``None`` for the client, the session, and a thread not named.
        look: what it shows now.
    """

    name: str
    thread_id: str | None = None
    look: Look = Look.ABSENT


@attrs.frozen
class Row:
    """One line of the timeline.

    Attributes:
        first: the first line of the recording that it stands for, 1-based.
        last: the last one.
        at: seconds since the recording's first stamp; ``None`` where there is no stamp.
        kind: what it is about.
        lane: the index of the lane that it is about.
        target: the lane that an arrow from `lane` points to, if there is one.
        says: what happens, as a sentence without its full stop; text of the recording as it was.
        looks: what every lane shows from here on.
    """

    first: int
    last: int
    at: float | None
    kind: Kind
    lane: int
    says: str
    looks: tuple[Look, ...]
    target: int | None = None


def spell_seconds(seconds: float) -> str:
    """Return a duration as people write it: ``0.9 s``, ``11 min 12 s``, ``2 h 5 min``."""
    if round(seconds, 1) < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"
