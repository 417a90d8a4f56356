"""The law of witnesses: what a finding names shows its fault alone, and all of it is needed."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from lifecycle.check import Finding, Monitor, RecordMonitor
from lifecycle.wire.bulk import Seen, seen
from lifecycle.wire.items import Recorded, any_item_of

__all__ = ["Read", "as_read", "breach", "found", "numbered"]

Read = Seen | Recorded
"""An event or a record, as rules are given it."""


def numbered(events: Sequence[dict[str, Any]]) -> list[Seen]:
    """Return the events as rules see them, on the lines 1, 2, 3 and so on."""
    return [seen(event, line) for line, event in enumerate(events, 1)]


def as_read(events: Sequence[dict[str, Any]]) -> list[Read]:
    """Return events, and records too, as rules see them, on the lines 1, 2, 3 and so on."""
    items = [any_item_of(event, line) for line, event in enumerate(events, 1)]
    return [
        item if isinstance(item, Recorded) else seen(event, item.line)
        for item, event in zip(items, events, strict=True)
    ]


def found(events: Sequence[Read], dialect: str = "anthropic", **known: Any) -> list[Finding]:
    """Return what fresh monitors find; *known* is what they are told of the list's ends."""
    monitor = Monitor(dialect, **known)
    monitor.feed_all([one for one in events if isinstance(one, Seen)])
    monitor.end()
    records = RecordMonitor(dialect, codes=known.get("codes"))
    for one in events:
        if isinstance(one, Recorded):
            records.feed(one)
    records.end()
    return [*monitor.findings, *records.findings]


def _is_shown(events: Sequence[Read], finding: Finding, dialect: str, **known: Any) -> bool:
    """Whether *events* give *finding*'s code on its line, as a finding or folded under one."""
    told = found(events, dialect, **known)
    every = [(f.code, f.line) for f in told] + [(x.code, x.line) for f in told for x in f.followers]
    return (finding.code, finding.line) in every


def breach(events: Sequence[Read], finding: Finding, dialect: str, **known: Any) -> str:
    """Return how *finding* breaks the law; empty if it does not.

    The witness and the flagged event alone, in order, show the fault. Without any one of the
    witness they do not.
    """
    lines = [witness.line for witness in finding.witness]
    if any(a >= b for a, b in pairwise(lines)) or finding.line in lines:
        return f"the witness {lines} of line {finding.line} is not in order"
    alone = [event for event in events if event.line in {*lines, finding.line}]
    if not _is_shown(alone, finding, dialect, **known):
        return f"{finding.code} on line {finding.line} is not shown by {lines}"
    for line in lines:
        if _is_shown([e for e in alone if e.line != line], finding, dialect, **known):
            return f"{finding.code} on line {finding.line} is shown without line {line} of {lines}"
    return ""
