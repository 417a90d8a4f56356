"""The monitor: one pass over one event list, findings as they arise, constant memory.

It holds one event back, so that two neighbours in the wrong order can be read in the right one and
no thread is accused of what happened on the way. Events that were delivered before are read once.
Everything else is a rule's business: the monitor asks the rules of an event's type, follows what
the event claims, and folds a fault into an earlier finding where both have one cause.

How causes are told apart: a finding taints what it is about (a thread, the session, a call). Until
that speaks again of its own status, whatever else is found about it follows from the finding.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, Final, Literal, cast

from lifecycle.check.arrival import Arrival
from lifecycle.check.findings import Finding, Follower, Level, Witness
from lifecycle.check.follow import FOLLOW
from lifecycle.check.ordinary import next_odd
from lifecycle.check.report import UNREADABLE
from lifecycle.check.rule import Check, Fault, Shown
from lifecycle.check.rules import RULES
from lifecycle.check.view import View
from lifecycle.check.words import E
from lifecycle.dialects import Dialect, dialect as find_dialect
from lifecycle.vocabulary import EventType
from lifecycle.wire.bulk import Seen
from lifecycle.wire.items import item_of
from lifecycle.wire.readers import BadLine

__all__ = ["Known", "Monitor"]

Known = Literal["auto", "whole", "partial"]
"""What is known of one end of a recording."""

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


_NOTE: Final = Level.NOTE
_Table = dict[str, tuple[tuple[tuple[str, Check], ...], Callable[[View, Seen], None] | None]]
"""For each event type: the checks to ask, and the step that follows."""


@cache
def _table(dialect: str, partial: bool) -> _Table:
    """Return the checks that apply, by event type; monitors share it.

    Also those whose findings nobody wants to know: what they repair is what others build on.
    """
    concern = {
        kind: [code for code, rule in RULES.items() if kind in rule.on] for kind in EventType
    }
    return {
        kind.value: (_applied(dialect, partial, tuple(concern[kind])), FOLLOW.get(kind))
        for kind in EventType
    }


@cache
def _applied(dialect: str, partial: bool, wanted: tuple[str, ...]) -> tuple[tuple[str, Check], ...]:
    """Return the checks of those of the *wanted* rules that apply."""
    return tuple(
        (code, rule.check)
        for code, rule in ((code, RULES[code]) for code in wanted)
        if dialect in rule.dialects and not (partial and rule.absence)
    )


class Monitor:
    """Checks one event list as it comes.

    Args:
        dialect: the dialect, or its name.
        start: whether the list is known from its beginning (``auto``: if it begins as one does).
        end: ``whole`` if nothing follows the last event: what is owed then is an error.
        codes: the rules whose findings are told; `None` for all of the dialect.

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
        self._table: _Table = {}
        self._always: tuple[tuple[str, Check], ...] = ()
        self._arrival: Arrival | None = None
        self._taint: dict[str, Finding] = {}
        self._new: list[Finding] = []
        self._types: set[str] = set()
        self._fed = 0
        self._after_gap = False
        self.past: set[str] = set()
        self.delivered_again = 0

    # -- the door ---------------------------------------------------------------------------------

    def feed(self, event: Seen | BadLine | dict[str, Any]) -> list[Finding]:
        """Take the next event; return the findings that are new.

        The verdict on an event may come one event later. Objects are counted as lines, from 1.

        Raises:
            TypeError: *event* is no JSON object.
        """
        self._fed += 1
        if isinstance(event, dict):
            return self.feed_all([item_of(event, self._fed)])
        if not isinstance(event, Seen | BadLine):
            raise TypeError(f"an event is a JSON object, not {type(event).__name__}")
        return self.feed_all([event])

    def feed_all(self, batch: Sequence[Seen | BadLine], *, sound: bool = False) -> list[Finding]:
        """Take the next events; return the findings that are new.

        Args:
            batch: the events, and lines that are none.
            sound: whether it is known that there are only events.
        """
        if sound or BadLine not in set(map(type, batch)):
            self._read(cast("list[Seen]", batch if isinstance(batch, list) else list(batch)))
        else:
            for item in batch:
                if isinstance(item, BadLine):
                    self._bad(item)
                event = item.event if isinstance(item, BadLine) else item
                self._read([event] if event is not None else [])
        new, self._new = self._new, []
        return new

    def end(self) -> list[Finding]:
        """Take the list to be over; return the findings about what is still owed."""
        v, arrival = self.view, self._arrival
        if v is not None and arrival is not None:
            held = arrival.last()
            if held is not None:
                self._see(v, [held])
            self.delivered_again += arrival.skipped
            if self.delivered_again:
                self.skipped["delivered again"] = self.delivered_again
            self._child_list(v)
            if v.previous is not None:
                self._owed(v, v.previous)
        new, self._new = self._new, []
        return new

    # -- what arrives -----------------------------------------------------------------------------

    def _begin(self, first: Seen) -> None:
        """Decide from the first event what is known of the list's beginning."""
        opens = first.type == E.SESSION_RUNNING and not self._after_gap
        whole = (opens and self._start == "auto") or (
            self._start == "whole" and not self._after_gap
        )
        declared = whole and self._start == "whole"
        v = self.view = View(self.dialect, whole, first.id is None, declared)
        if whole and (opens or first.type != E.THREAD_RUNNING):
            v.child_list = False
            v.begin = first
        elif first.type == E.THREAD_RUNNING:
            # The first event of a child's own list; or a session's capture from the middle.
            v.primary = None
            v.begin = first
            v.own.id = first.session_thread_id or ""
            v.register(v.own)
        v.opening = opens or bool(v.own.id)
        v.calm()
        partial = self._start == "partial"
        self._arrival = Arrival(v, stamps_may_lack=partial)
        self._table = _table(self.dialect.name, partial)
        self._always = _applied(self.dialect.name, partial, ("SE008", "SE002"))

    def _bad(self, bad: BadLine) -> None:
        """Report a line that is no event, or not quite one."""
        fault = Fault(bad.why, expected="an event", path=bad.path)
        self._found(_BAD[bad.code], fault, bad.event or Seen(type="", line=bad.line))
        if bad.event is None:
            self.skipped[UNREADABLE] = self.skipped.get(UNREADABLE, 0) + 1
            self._gap()

    def _gap(self) -> None:
        """Read on as if the list began anew: what was lost may explain whatever follows."""
        v, arrival = self.view, self._arrival
        self._after_gap = True
        if v is None or arrival is None:
            return
        held = arrival.last()
        if held is not None:
            self._see(v, [held])
        self.past.update(v.threads)
        self.delivered_again += arrival.skipped
        self.view, self._arrival = None, None
        self._taint.clear()

    def _read(self, events: list[Seen]) -> None:
        """Let *events* arrive, and look at those that are to be read now."""
        if not events:
            return
        if self.view is None:
            self._begin(events[0])
        v, arrival = self.view, self._arrival
        assert v is not None
        assert arrival is not None
        # Findings about the way here come first: what follows from them is folded under them.
        admitted = arrival.admit(events)
        irregular, arrival.irregular = arrival.irregular, []
        for code, fault, e in irregular:
            self._found(code, fault, e)
        self._see(v, admitted)

    # -- what is checked --------------------------------------------------------------------------

    def _see(self, v: View, events: list[Seen]) -> None:
        """Pass over what is ordinary; else ask the rules, then follow what the event claims."""
        self.checked += len(events)
        rest = iter(events)
        while True:
            e = next(rest, None) if self._taint else next_odd(v, rest)
            if e is None:
                return
            entry = self._table.get(e.type)
            if entry is None:
                self._unknown(v, e)
            else:
                checks, follow = entry
                self._ask(v, e, checks)
                if follow is not None:
                    follow(v, e)
            v.previous = e

    def _ask(self, v: View, e: Seen, checks: tuple[tuple[str, Check], ...]) -> None:
        """Ask the rules about *e*."""
        if self._taint:
            self._clear(e)
        if v.alarm:
            self._ask_always(v, e)
        for code, check in checks:
            fault = check(v, e)
            if fault is not None:
                self._found(code, fault, e)
        if v.second is None and v.previous is v.begin:
            v.second = e if e is not v.begin else None

    def _ask_always(self, v: View, e: Seen) -> None:
        """Ask the rules that concern every event while something is due, or over."""
        if v.opening:
            self._open(v, e)
        for code, check in self._always:
            fault = check(v, e)
            if fault is not None:
                self._found(code, fault, e)

    def _open(self, v: View, e: Seen) -> None:
        """Learn from a list's first events whose list it is, and whether from the beginning.

        A session's life begins with an input; what else opens its first turn shows that there was
        life before. A child's own list begins with its running event and the task that it received.
        """
        if v.child_list is False:
            if e.type in (E.SESSION_RUNNING, E.SESSION_ERROR):
                return
            if e.type == E.THREAD_RUNNING and v.own.last is None:
                return
            if e.type in (E.USER_MESSAGE, E.USER_DEFINE_OUTCOME, E.SYSTEM_MESSAGE):
                v.input = e
            elif self._start != "whole":
                v.whole = False
        elif v.previous is None:
            return
        elif self._start != "whole" and (
            e.type != E.THREAD_MESSAGE_RECEIVED or e.from_session_thread_id in (None, v.own.id)
        ):
            v.disown()
        v.opening = False
        v.calm()

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
        line = e.line if e else 0
        about: list[str] = []
        if rule.level is not _NOTE:
            about = [f"line {line}" if e else "end", fault.thread or "", *fault.about]
            about = [one for one in about if one]
            cause = next((f for one in about if (f := self._taint.get(one))), None)
            if cause is not None and cause.level.rank <= rule.level.rank:
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
            witness=_in_order(fault.witness),
            allowed=fault.allowed,
            resync=fault.resync,
        )
        self.findings.append(finding)
        self._new.append(finding)
        if about:
            self._taint = {k: f for k, f in self._taint.items() if not k.startswith("line ")}
            self._taint.update(dict.fromkeys(about, finding))

    # -- the end ----------------------------------------------------------------------------------

    def _child_list(self, v: View) -> None:
        """Ask how a list opened that turned out to be a child's own."""
        first, second = v.begin, v.second
        if v.child_list is not None or self._start != "whole" or not first or not second:
            return
        client = second.type in (E.USER_MESSAGE, E.USER_DEFINE_OUTCOME)
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


def _in_order(shown: Shown) -> tuple[Witness, ...]:
    """Return a witness in the order of the recording; an event that shows two things is one."""
    ordered = sorted(shown, key=lambda one: one[0].line)
    return tuple({e.line: Witness(e.line, e.id, says) for e, says in ordered}.values())
