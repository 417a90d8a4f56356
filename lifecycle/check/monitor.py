"""The monitor: one pass over one event list, findings as they arise, constant memory.

It holds one event back, so that two neighbours in the wrong order can be read in the right one and
no thread is accused of what happened on the way. Events that were delivered before are read once.
Everything else is a rule's business: the monitor asks the rules of an event's type, follows what
the event claims, and folds a fault into an earlier finding where both have one cause.

How causes are told apart: a finding taints what it is about (a thread, the session, a call). Until
that speaks again of its own status, whatever else is found about it follows from the finding.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final, Literal

from lifecycle.check.findings import Finding, Follower, Level, Witness
from lifecycle.check.follow import FOLLOW
from lifecycle.check.rule import Check, Fault
from lifecycle.check.rules import RULES
from lifecycle.check.view import Recent, View
from lifecycle.dialects import Dialect, dialect as find_dialect
from lifecycle.vocabulary import EventType as E
from lifecycle.wire.bulk import Seen, seen
from lifecycle.wire.readers import BadLine

__all__ = ["Known", "Monitor"]

Known = Literal["auto", "whole", "partial"]
"""What is known of one end of a recording."""

_HELD_AT_MOST: Final = 16
_STAMP: Final = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9})\d*)?(Z|[+-]\d\d:\d\d)")
_RESTATED: Final = frozenset(
    {E.USER_MESSAGE, E.USER_DEFINE_OUTCOME, E.USER_INTERRUPT, E.SYSTEM_MESSAGE}
)
_BAD: Final = {
    "not-json": "RC001",
    "not-object": "RC002",
    "no-type": "RC003",
    "wrong-type": "RC004",
}
_SPEAKS_OF_SESSION: Final = frozenset(
    {E.SESSION_RUNNING, E.SESSION_IDLE, E.SESSION_RESCHEDULED, E.SESSION_TERMINATED}
)
_SPEAKS_OF_THREAD: Final = frozenset(
    {E.THREAD_RUNNING, E.THREAD_IDLE, E.THREAD_RESCHEDULED, E.THREAD_TERMINATED}
)


class Monitor:
    """Checks one event list as it comes.

    Args:
        dialect: the dialect, or its name.
        start: whether the list is known from its beginning (``auto``: if it begins as one does).
        end: ``whole`` if nothing follows the last event: what is owed then is an error.
        codes: the rules to apply; `None` for all of the dialect.

    Raises:
        UnknownDialect: no dialect is called so.
    """

    def __init__(
        self,
        dialect: str | Dialect = "anthropic",
        *,
        start: Known = "auto",
        end: Known = "auto",
        codes: frozenset[str] | None = None,
    ) -> None:
        self.dialect: Final = find_dialect(dialect)
        self.findings: list[Finding] = []
        self.checked = 0
        self.skipped: dict[str, int] = {}
        self.view: View | None = None
        self._start: Final = start
        self._end: Final = end
        self._codes: Final = codes
        self._table: dict[str, tuple[tuple[tuple[str, Check], ...], Any]] = {}
        self._ids: Final[Recent[tuple[int, str, str | None]]] = Recent(512)
        self._high = ""
        self._shown: Seen | None = None
        self._held: Seen | None = None
        self._held_for = 0
        self._opening: list[Seen] = []
        self._taint: dict[str, Finding] = {}
        self._new: list[Finding] = []
        self._types: set[str] = set()

    # -- the door ---------------------------------------------------------------------------------

    def feed(self, event: Seen | BadLine | dict[str, Any]) -> list[Finding]:
        """Take the next event; return the findings that are new.

        The verdict on an event may come one event later.
        """
        one = seen(event, self.checked + 1) if isinstance(event, dict) else event
        return self.feed_all((one,))

    def feed_all(self, batch: Iterable[Seen | BadLine]) -> list[Finding]:
        """Take the next events; return the findings that are new."""
        get, put = self._ids.get, self._ids.put
        for item in batch:
            if isinstance(item, Seen):
                e = item
            else:
                self._bad(item)
                if item.event is None:
                    continue
                e = item.event
            if self.view is None:
                self._begin(e)
            stamp = e.processed_at
            name = e.id
            if name is not None:
                known = get(name)
                if known is not None and self._again(e, known):
                    continue
                put(name, (e.line, e.type, stamp))
            if stamp is not None:
                high = self._high
                if stamp >= high and len(stamp) == len(high):
                    self._high = stamp
                elif not self._in_order(e, stamp):
                    continue
            elif self._high:
                self._unstamped(e)
            held = self._held
            self._held = e
            if held is not None:
                self._see(held)
        new, self._new = self._new, []
        return new

    def end(self) -> list[Finding]:
        """Take the list to be over; return the findings about what is still owed."""
        held, self._held = self._held, None
        if held is not None:
            self._see(held)
        v = self.view
        if v is not None:
            self._child_list(v)
            if v.previous is not None:
                self._owed(v, v.previous)
        new, self._new = self._new, []
        return new

    # -- what arrives -----------------------------------------------------------------------------

    def _begin(self, first: Seen) -> None:
        """Decide from the first event what is known of the list's beginning."""
        opens = first.type == E.SESSION_RUNNING
        whole = self._start == "whole" or (self._start == "auto" and opens)
        v = self.view = View(self.dialect, whole, stripped=first.id is None)
        if whole and (opens or first.type != E.THREAD_RUNNING):
            v.child_list = False
            v.begin = first
        elif first.type == E.THREAD_RUNNING:
            # The first event of a child's own list; or a session's capture from the middle.
            v.primary = None
            v.begin = first
            v.own.id = first.session_thread_id or ""
            v.threads[v.own.id] = v.own
        partial = self._start == "partial"
        for kind in list(E):
            checks = [
                (code, rule.check)
                for code, rule in RULES.items()
                if kind in rule.on
                and self.dialect.name in rule.dialects
                and (self._codes is None or code in self._codes)
                and not (partial and rule.absence)
            ]
            self._table[kind.value] = (tuple(checks), FOLLOW.get(kind))

    def _bad(self, bad: BadLine) -> None:
        """Report a line that is no event, or not quite one."""
        fault = Fault(bad.why, expected="an event", path=bad.path)
        self._found(_BAD[bad.code], fault, bad.event or Seen(type="", line=bad.line))
        if bad.event is None:
            self.skipped["unreadable line"] = self.skipped.get("unreadable line", 0) + 1

    def _again(self, e: Seen, known: tuple[int, str, str | None]) -> bool:
        """Whether *e* was delivered before and is not to be read again."""
        line, kind, stamp = known
        first = Seen(type=kind, id=e.id, line=line, processed_at=stamp)
        same_time = stamp == e.processed_at or e.type.startswith(("user.", "system."))
        if kind != e.type or not same_time or self._told_otherwise(e):
            fault = RULES["DL001"].check(self._view(), e) or Fault("")
            fault.witness = ((first, "the id was given to this event"),)
            self._found("DL001", fault, e)
            return kind == e.type
        if stamp is None and e.processed_at is not None and kind in _RESTATED:
            return False
        fault = RULES["DL004"].check(self._view(), e) or Fault("")
        fault.witness = ((first, "it was delivered here"),)
        self._found("DL004", fault, e)
        self.skipped["delivered again"] = self.skipped.get("delivered again", 0) + 1
        return True

    def _told_otherwise(self, e: Seen) -> bool:
        """Whether *e* says other things under its id than the event that is still at hand."""
        for one in (self._held, self._view().previous, self._view().status):
            if one is not None and one.id == e.id:
                return any(
                    getattr(one, name) != getattr(e, name)
                    for name in Seen.__struct_fields__
                    if name not in ("line", "processed_at")
                )
        return False

    def _unstamped(self, e: Seen) -> None:
        """Ask whether *e* may go without a stamp in a recording that has them."""
        fault = RULES["DL007"].check(self._view(), e)
        if fault is not None and self._shown is not None and self._start != "partial":
            fault.witness = ((self._shown, "this recording has stamps"),)
            self._found("DL007", fault, e)

    def _in_order(self, e: Seen, stamp: str) -> bool:
        """Put *e* into its place by its stamp; whether the caller is to go on with it."""
        at, high = _instant(stamp), _instant(self._high) if self._high else 0
        if at is None:
            self._found("DL005", RULES["DL005"].check(self._view(), e) or Fault(""), e)
            return True
        if high is None or at >= high:
            self._high = stamp
            self._shown = self._shown or e
            return True
        held = self._held
        ahead = held or self._view().previous
        early = e.type == E.SESSION_USAGE
        code = "DL003" if early else "DL002"
        fault = RULES[code].check(self._view(), e) or Fault("")
        fault.witness = ((ahead, "this event is stamped later"),) if ahead else ()
        fault.about = ("order",)
        self._found(code, fault, e)
        held_at = _instant(held.processed_at) if held and held.processed_at else None
        if early or held_at is None or held_at <= at or self._held_for >= _HELD_AT_MOST:
            self._held_for = 0
            return True
        self._held_for += 1
        self._see(e)
        return False

    # -- what is checked --------------------------------------------------------------------------

    def _view(self) -> View:
        """Return the view; there is one as soon as there is an event."""
        assert self.view is not None
        return self.view

    def _see(self, e: Seen) -> None:
        """Ask the rules about *e*, then follow what it claims."""
        v = self.view
        assert v is not None
        self.checked += 1
        if self._taint:
            self._clear(e)
        if v.unpaired is not None or v.ended is not None or v.deleted is not None:
            self._ask_always(v, e)
        entry = self._table.get(e.type)
        if entry is None:
            self._unknown(v, e)
        else:
            for code, check in entry[0]:
                fault = check(v, e)
                if fault is not None:
                    self._found(code, fault, e)
            if entry[1] is not None:
                entry[1](v, e)
        if self.checked < 3:
            self._opening.append(e)
        v.previous = e

    def _ask_always(self, v: View, e: Seen) -> None:
        """Ask the rules that concern every event while something is due, or over."""
        for code in ("SE008", "SE002"):
            rule = RULES[code]
            off = self._codes is not None and code not in self._codes
            if off or self.dialect.name not in rule.dialects:
                continue
            if rule.absence and self._start == "partial":
                continue
            fault = rule.check(v, e)
            if fault is not None:
                self._found(code, fault, e)

    def _unknown(self, v: View, e: Seen) -> None:
        """Note an event type that nobody knows, once."""
        reason = f"unknown type {e.type}"
        self.skipped[reason] = self.skipped.get(reason, 0) + 1
        self.checked -= 1
        if e.type not in self._types:
            self._types.add(e.type)
            fault = RULES["DL006"].check(v, e)
            if fault is not None:
                self._found("DL006", fault, e)

    def _clear(self, e: Seen) -> None:
        """End the taint of whatever *e* gives a status to, and of the order before it."""
        self._taint.pop("order", None)
        if e.type in _SPEAKS_OF_SESSION:
            self._taint.pop("session", None)
        elif e.type in _SPEAKS_OF_THREAD:
            self._taint.pop(e.session_thread_id or "", None)

    def _found(self, code: str, fault: Fault, e: Seen | None) -> None:
        """Make a finding of *fault*, or fold it under the one that it follows from."""
        rule = RULES[code]
        if fault.repair is not None and self.view is not None:
            fault.repair(self.view)
        if self._codes is not None and code not in self._codes:
            return
        about = [one for one in (fault.thread, *fault.about) if one]
        here = f"line {e.line}" if e else "end"
        line = e.line if e else 0
        cause = next((f for one in (here, *about) if (f := self._taint.get(one))), None)
        if cause is not None and rule.level is not Level.NOTE and cause.level <= rule.level:
            cause.followers.append(Follower(code, line, fault.message))
            return
        finding = Finding(
            code=code,
            level=rule.level,
            line=line,
            message=fault.message,
            expected=fault.expected,
            path=fault.path,
            event_id=e.id if e else None,
            thread_id=fault.thread or (e.session_thread_id if e else None),
            witness=tuple(Witness(one.line, one.id, says) for one, says in fault.witness),
            allowed=fault.allowed,
            resync=fault.resync,
        )
        self.findings.append(finding)
        self._new.append(finding)
        if rule.level is not Level.NOTE:
            self._taint = {k: f for k, f in self._taint.items() if not k.startswith("line ")}
            self._taint.update(dict.fromkeys([here, *about], finding))

    # -- the end ----------------------------------------------------------------------------------

    def _child_list(self, v: View) -> None:
        """Ask how a list opened that turned out to be a child's own."""
        if v.child_list is not None or self._start == "partial" or len(self._opening) < 2:
            return
        first, second = self._opening
        client = any(one.type.startswith(("user.message", "user.define")) for one in (second,))
        closed = v.own.idle is not None and first.type == E.THREAD_RUNNING
        if not closed or client or second.type == E.THREAD_MESSAGE_RECEIVED or v.stripped:
            return
        fault = RULES["TH008"].check(v, second)
        if fault is not None:
            self._found("TH008", fault, second)

    def _owed(self, v: View, last: Seen) -> None:
        """Ask what the list's end leaves open: notes, unless the list is said to be whole."""
        codes = ("EN003",) if self._end == "whole" else ("EN001", "EN002")
        for code in codes:
            rule = RULES[code]
            fault = rule.check(v, last) if self.dialect.name in rule.dialects else None
            if fault is not None:
                self._found(code, fault, last)


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
