"""Arrival: what happened to events on their way, settled before any rule looks at a thread.

An event that was delivered before is read once. Two neighbours in the wrong order are read in the
right one: one event is always held back until the next one is seen. Each irregularity is a fault of
its own (family DL), so that transport noise does not accuse innocent threads.

Ids are remembered for some hundred events, so memory stays constant however long a list is; what is
stamped earlier than all of them was delivered before. A batch in which nothing is irregular is
recognised as a whole.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, Final

from lifecycle.check.rule import Fault
from lifecycle.check.rules import RULES
from lifecycle.check.view import View
from lifecycle.check.words import E
from lifecycle.wire.bulk import Seen

__all__ = ["Arrival", "Irregular"]

Irregular = tuple[str, Fault, Seen]
"""A rule's code, its fault, and the event that it is about."""

_REMEMBERED: Final = 256
_HELD_AT_MOST: Final = 16
_FEW: Final = 3
"""So many events are admitted one by one as fast as together."""
_STAMP: Final = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9})\d*)?(Z|[+-]\d\d:\d\d)")
_RESTATED: Final = frozenset(
    {E.USER_MESSAGE, E.USER_DEFINE_OUTCOME, E.USER_INTERRUPT, E.SYSTEM_MESSAGE}
)


class _Lot:
    """What is remembered of events that came together; not the events themselves.

    Columns, because a record for each event would cost more than all else that is done here.
    """

    __slots__ = ("lines", "names", "stamps", "types")

    def __init__(
        self, names: list[str], stamps: list[str | None], types: list[str], lines: list[int]
    ) -> None:
        self.names: Final = names
        self.stamps: Final = stamps
        self.types: Final = types
        self.lines: Final = lines

    def stamp(self, name: str) -> str | None:
        """Return the stamp of the event called *name*."""
        return self.stamps[self.names.index(name)]

    def event(self, name: str) -> Seen:
        """Return the event called *name*, as far as it is remembered."""
        at = self.names.index(name)
        return Seen(type=self.types[at], id=name, line=self.lines[at], processed_at=self.stamps[at])


class Arrival:
    """Puts the events of one list into their order, each once.

    Attributes:
        skipped: how many deliveries were not read again.
        irregular: what was found since it was last taken away.
    """

    def __init__(self, view: View, *, stamps_may_lack: bool) -> None:
        self.skipped = 0
        self.irregular: list[Irregular] = []
        self._view: Final = view
        self._stamps_may_lack: Final = stamps_may_lack
        self._young: dict[str, _Lot] = {}
        self._old: dict[str, _Lot] = {}
        self._high = ""
        self._stamped: Seen | None = None
        self._held: Seen | None = None
        self._held_for = 0

    def admit(self, batch: list[Seen]) -> list[Seen]:
        """Return the events that are to be read now, in their order; the last one is held back."""
        if not self._high and self._held is None and batch:
            self._open(batch[0])
        if len(batch) > _FEW and self._regular(batch):
            held, self._held = self._held, batch[-1]
            return [held, *batch[:-1]] if held is not None else batch[:-1]
        out: list[Seen] = []
        for e in batch:
            self._take(e, out)
        return out

    def last(self) -> Seen | None:
        """Return the event that was held back; the list is over."""
        held, self._held = self._held, None
        return held

    def _open(self, first: Seen) -> None:
        """Take the time of the very first event, if it says one: the others come after it."""
        if first.processed_at is not None and _instant(first.processed_at) is not None:
            self._high = first.processed_at
            self._stamped = first

    def _regular(self, batch: list[Seen]) -> bool:
        """Whether *batch* is new and in order as it stands; then its ids are remembered."""
        names: list[Any] = [e.id for e in batch]
        stamps: list[Any] = [e.processed_at for e in batch]
        try:
            in_order = sorted(stamps) == stamps and stamps[0] >= self._high
            if not in_order or {*map(len, stamps)} != {len(self._high)}:
                return False
        except TypeError:  # one has no stamp
            return False
        lot = _Lot(names, stamps, [e.type for e in batch], [e.line for e in batch])
        fresh = dict.fromkeys(names, lot)
        young, old = self._young, self._old
        if None in fresh or len(fresh) < len(names):
            return False
        if not (young.keys().isdisjoint(fresh) and old.keys().isdisjoint(fresh)):
            return False
        self._young = young | fresh if young else fresh
        self._forget()
        self._high = stamps[-1]
        return True

    def _forget(self) -> None:
        """Drop the older half of the ids when the younger is full."""
        if len(self._young) >= _REMEMBERED:
            self._old, self._young = self._young, {}

    def _take(self, e: Seen, out: list[Seen]) -> None:
        """Admit one event: into *out*, or to be held back."""
        name, stamp = e.id, e.processed_at
        if name is not None:
            known = self._young.get(name) or self._old.get(name)
            if known is not None and self._again(e, known.event(name)):
                return
            if known is None and stamp is not None and self._replayed(stamp):
                self.skipped += 1
                return
            self._young[name] = _Lot([name], [stamp], [e.type], [e.line])
            self._forget()
        if stamp is None:
            self._unstamped(e)
        elif stamp >= self._high and len(stamp) == len(self._high):
            self._high = stamp
        elif not self._in_order(e, stamp, out):
            return
        if self._held is not None:
            out.append(self._held)
        self._held = e

    def _found(self, code: str, e: Seen, witness: Seen | None, says: str) -> None:
        """Note that the rule *code* finds fault with *e*."""
        fault = RULES[code].check(self._view, e)
        if fault is not None:
            fault.witness = ((witness, says),) if witness is not None else ()
            self.irregular.append((code, fault, e))

    def _again(self, e: Seen, first: Seen) -> bool:
        """Whether *e* was delivered before, as *first*, and is not to be read again."""
        kind, stamp = first.type, first.processed_at
        same_time = stamp == e.processed_at or e.type.startswith(("user.", "system."))
        if kind != e.type or not same_time or self._told_otherwise(e):
            self._found("DL001", e, first, "the id was given to this event")
            return kind == e.type
        if stamp is None and e.processed_at is not None and kind in _RESTATED:
            return False
        self._found("DL004", e, first, "it was delivered here")
        self.skipped += 1
        return True

    def _told_otherwise(self, e: Seen) -> bool:
        """Whether *e* says other things under its id than the event that is still at hand."""
        for one in (self._held, self._view.previous, self._view.status):
            if one is not None and one.id == e.id:
                return any(
                    getattr(one, name) != getattr(e, name)
                    for name in Seen.__struct_fields__
                    if name not in ("line", "processed_at")
                )
        return False

    def _unstamped(self, e: Seen) -> None:
        """Ask whether *e* may go without a stamp in a recording that has them."""
        if self._stamped is not None and not self._stamps_may_lack:
            self._found("DL007", e, self._stamped, "this recording has stamps")

    def _replayed(self, stamp: str) -> bool:
        """Whether an event is older than all that is remembered: it was delivered before."""
        if stamp >= self._high or not self._old:
            return False
        at, oldest = _instant(stamp), _oldest(self._old)
        return at is not None and oldest is not None and at < oldest

    def _in_order(self, e: Seen, stamp: str, out: list[Seen]) -> bool:
        """Put *e* into its place by its stamp; whether the caller is to go on with it."""
        at, high = _instant(stamp), _instant(self._high) if self._high else 0
        if at is None:
            self._found("DL005", e, None, "")
            return True
        if high is None or at >= high:
            self._high = stamp
            self._stamped = self._stamped or e
            return True
        held = self._held
        early = e.type == E.SESSION_USAGE
        code = "DL003" if early else "DL002"
        self._found(code, e, held or self._view.previous, "this event is stamped later")
        held_at = _instant(held.processed_at) if held and held.processed_at else None
        if early or held_at is None or held_at <= at or self._held_for >= _HELD_AT_MOST:
            self._held_for = 0
            return True
        self._held_for += 1
        out.append(e)
        return False


def _oldest(known: dict[str, _Lot]) -> int | None:
    """Return the first instant among those of the events that are *known*."""
    stamps = (lot.stamp(name) for name, lot in known.items())
    return next((_instant(stamp) for stamp in stamps if stamp), None)


def _instant(stamp: str) -> int | None:
    """Return *stamp* in nanoseconds since 1970, or `None` if it is no RFC 3339 time."""
    found = _STAMP.fullmatch(stamp)
    if found is None:
        return None
    zone = "+00:00" if found[3] == "Z" else found[3]
    try:
        seconds = int(datetime.fromisoformat(found[1] + zone).timestamp())
    except ValueError:
        return None
    return seconds * 1_000_000_000 + int((found[2] or "0").ljust(9, "0"))
