"""A host for tests: gives commands to the engine, keeps the log, and checks what must always hold.

After each command: the state is the fold of the entries, in one go and one by one; the state that
was given is as it was; a refusal emits nothing; the state survives JSON.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import lifecycle
from lifecycle.commands import Command, CreateSession
from lifecycle.dialects import Dialect
from lifecycle.engine import Decision, Engine
from lifecycle.events import Event, StopReason
from lifecycle.state import Entry, Session, dump, load, session_list, settled, thread_list
from lifecycle.wire.structure import unstructure

__all__ = ["SESSION", "Play", "brief"]

SESSION = "sesn_1"


class Play:
    """One session, played command by command; a second passes before each."""

    def __init__(self, dialect: str | Dialect = "anthropic", **create: Any) -> None:
        self.engine = Engine(dialect)
        self.state: Session | None = None
        self.log: list[Entry] = []
        self.now = datetime(2026, 1, 1, tzinfo=UTC)
        self.do(CreateSession, **create)

    def do(self, kind: type[Command], /, **fields: Any) -> Decision:
        """Give a command; return the decision, which may be a refusal."""
        self.now += timedelta(seconds=1)
        given = dump(self.state) if self.state is not None else None
        decision = self.engine.decide(self.state, kind(session_id=SESSION, **fields), now=self.now)

        assert given == (dump(self.state) if self.state is not None else None)
        if decision.refusal is not None:
            assert not decision.entries
            assert not decision.effects
            assert decision.state is self.state
            return decision
        one_by_one = self.state
        for entry in decision.entries:
            one_by_one = self.engine.evolve(one_by_one, entry)
        assert self.engine.apply(self.state, decision.entries) == one_by_one == decision.state
        assert decision.state is not None
        assert load(json.loads(json.dumps(dump(decision.state)))) == decision.state
        self.state = decision.state
        self.log += decision.entries
        return decision

    def says(self, kind: type[Command], /, **fields: Any) -> list[str]:
        """Give a command that must be accepted; return what it adds to the session's list."""
        before = len(self.log)
        decision = self.do(kind, **fields)
        assert decision.refusal is None, decision.refusal
        return [brief(event) for event in session_list(self.log[before:])]

    def child_says(self, thread_id: str, kind: type[Command], /, **fields: Any) -> list[str]:
        """Give a command that must be accepted; return what it adds to a child's own list."""
        before = len(self.log)
        decision = self.do(kind, **fields)
        assert decision.refusal is None, decision.refusal
        return [brief(event) for event in thread_list(self.log[before:], thread_id)]

    def findings(self) -> list[tuple[str, str, int, str]]:
        """Return what the checker finds on any list that is more than a note."""
        assert self.state is not None
        lists = {"session": session_list(self.log)}
        lists |= {name: thread_list(self.log, name) for name in self.state.threads}
        found = []
        for name, events in lists.items():
            for form in (events, settled(events)):
                plain = [unstructure(event) for event in form]
                report = lifecycle.check(plain, dialect=self.engine.dialect.name)
                found += [
                    (name, f.code, f.line, f.message) for f in report.findings if f.level != "note"
                ]
        return found


def brief(event: Event) -> str:
    """Return an event's type, whose it is, its stop reason and calls, and whether it waits."""
    plain = unstructure(event)
    words = [plain["type"].removeprefix("session.")]
    for name in ("session_thread_id", "tool_use_id", "mcp_tool_use_id", "custom_tool_use_id"):
        if name in plain and (name != "session_thread_id" or plain[name] != "sthr_1_0"):
            words.append(plain[name])
    if "_tool_use" in plain["type"]:
        words.append(plain["id"])
    stop = getattr(event, "stop_reason", None)
    if isinstance(stop, StopReason):
        names = ",".join(stop.event_ids or ())
        words.append(f"{stop.type}({names})" if names else str(stop.type))
    if plain.get("is_error"):
        words.append("error")
    if "processed_at" not in plain:
        words.append("pending")
    return " ".join(words)
