"""Findings: what a rule says about a recording, as data.

A finding names its rule, the event that breaks it, and its witness: the earlier events that make it
wrong. One law holds for every rule: the witness events and the flagged one alone, in order, show
the fault; without any one of them they do not.

What follows from the same cause is folded under the finding as a follower, so that one fault is one
finding.
"""

from __future__ import annotations

import attrs

from lifecycle.vocabulary import Word

__all__ = ["Finding", "Follower", "Level", "Witness"]


class Level(Word):
    """How sure a rule is; only errors fail a run."""

    ERROR = "error", "Never seen on the real service: recorded, or documented beyond doubt."
    WARNING = "warning", "Documented, but lossy or dependent on the service's age."
    NOTE = "note", "Unusual, and known to happen."

    @property
    def rank(self) -> int:
        """Its severity: 0 is the most severe."""
        return list(Level).index(self)


@attrs.frozen
class Witness:
    """An earlier event, or another record, that makes the flagged one wrong.

    Attributes:
        line: its line in the recording, 1-based.
        event_id: its id, if it has one.
        says: what it shows, as a clause ("the thread went idle").
        file: its recording, if it is another one than the finding's.
    """

    line: int
    event_id: str | None
    says: str
    file: str | None = None


@attrs.frozen
class Follower:
    """A later finding that has the same cause."""

    code: str
    line: int
    message: str


@attrs.define
class Finding:
    """What a rule says about one event.

    Attributes:
        code: the rule's code.
        level: error, warning or note.
        file: the recording's path as it was given; ``-`` for standard input.
        line: the flagged event's line, 1-based; the last line for what is missing at the end.
        event_id: its id, if it has one.
        thread_id: the thread that it is about, if it is about one.
        deployment_id: the deployment that it is about, if it is about one.
        session: the session's key, where many are interleaved in one file.
        message: what is wrong, as a sentence.
        expected: what was expected instead, as a clause; stands under the underlined value.
        path: the JSON path of the value that is wrong, within the event.
        witness: the earlier events that make it wrong, in order.
        allowed: the event types (or words) that were allowed from here.
        resync: what the monitor believes from here on.
        followers: later findings of the same cause.
    """

    code: str
    level: Level
    line: int
    message: str
    expected: str = ""
    path: tuple[str | int, ...] = ("type",)
    event_id: str | None = None
    thread_id: str | None = None
    deployment_id: str | None = None
    witness: tuple[Witness, ...] = ()
    allowed: tuple[str, ...] = ()
    resync: str = ""
    file: str = "-"
    session: str | None = None
    followers: list[Follower] = attrs.Factory(list)
