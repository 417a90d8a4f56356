"""
A recording as the references read it: whose each event is, and what holds around it.

Written for judging mutants, from the references alone; it knows nothing of the checker. Everything
is looked up in the whole list, both ways.
"""

from __future__ import annotations

from typing import Any

from mutants import CALLS, Event, answered

__all__ = ["OWN", "Tale"]

OWN = "(own)"  # the thread that the list belongs to
SESSION = "session.status_"
STATUS = "session.thread_status_"
RUNNING = "session.thread_status_running"
IDLE = "session.thread_status_idle"
TERMINATED = "session.thread_status_terminated"
CREATED = "session.thread_created"
PLATFORM_RESULTS = ("agent.tool_result", "agent.mcp_tool_result")
WAKERS = ("user.message", "user.define_outcome")


class Tale:
    """One list of events, and questions about it; every index is a place in the list."""

    def __init__(self, events: list[Event]) -> None:
        self.events = events
        self.kinds = [str(e["type"]) for e in events]
        statuses = [e for e, k in zip(events, self.kinds, strict=True) if k.startswith(STATUS)]
        self.own = statuses[0].get("session_thread_id") if statuses else None
        self.child_list = not any(k.startswith(SESSION) for k in self.kinds)
        self.midway = not self.child_list and self.kinds[0] != "session.status_running"
        self.whose = [self._thread(e) for e in events]

    def _thread(self, event: Event) -> str:
        """The thread that an event is of; a message is its writer's, or its reader's."""
        name = event.get("session_thread_id")
        return OWN if name in (None, self.own) else str(name)

    # -- What an event is -------------------------------------------------------------------------

    def pending(self, at: int) -> bool:
        """A client's event that was not consumed yet."""
        return self.kinds[at].startswith("user.") and not self.events[at].get("processed_at")

    def is_status(self, at: int, thread: str | None = None) -> bool:
        """A status event, of this thread if one is given."""
        known = self.kinds[at].startswith(STATUS)
        return known and thread in (None, self.whose[at])

    def reason(self, at: int) -> str | None:
        """The type of the stop reason."""
        stop: Any = self.events[at].get("stop_reason")
        return stop.get("type") if isinstance(stop, dict) else None

    def asks(self, at: int) -> set[str]:
        """The calls that an idle event asks for."""
        stop: Any = self.events[at].get("stop_reason")
        return set(stop.get("event_ids") or ()) if isinstance(stop, dict) else set()

    def answers(self, at: int) -> str | None:
        """The call that an event is a result of, or an answer to."""
        return answered(self.events[at]) if "tool_use" not in self.kinds[at] else None

    def is_answer(self, at: int) -> bool:
        """What a client says about a call."""
        return self.kinds[at].startswith("user.") and self.answers(at) is not None

    def retry(self, at: int) -> str | None:
        """The retry status of a `session.error`."""
        status: Any = (self.events[at].get("error") or {}).get("retry_status")
        return status.get("type") if isinstance(status, dict) else None

    # -- What stands before and after -------------------------------------------------------------

    def later(self, at: int, *kinds: str, thread: str | None = None) -> list[int]:
        """The places after this one where such events of this thread stand; no kinds: any."""
        return [i for i in range(at + 1, len(self.kinds)) if self._fits(i, kinds, thread)]

    def earlier(self, at: int, *kinds: str, thread: str | None = None) -> list[int]:
        """The places before this one, the nearest first."""
        return [i for i in range(at - 1, -1, -1) if self._fits(i, kinds, thread)]

    def _fits(self, at: int, kinds: tuple[str, ...], thread: str | None) -> bool:
        return (not kinds or self.kinds[at] in kinds) and thread in (None, self.whose[at])

    def status(self, at: int, thread: str) -> int | None:
        """Where the thread's last status before this place stands."""
        return next((i for i in range(at - 1, -1, -1) if self.is_status(i, thread)), None)

    def next_status(self, at: int, thread: str) -> int | None:
        """Where the thread's next status after this place stands."""
        found = (i for i in range(at + 1, len(self.kinds)) if self.is_status(i, thread))
        return next(found, None)

    def session_status(self, at: int) -> int | None:
        """Where the session's last status before this place stands."""
        return next((i for i in self.earlier(at) if self.kinds[i].startswith(SESSION)), None)

    def runs(self, at: int, thread: str) -> bool:
        """Whether the thread runs at this place."""
        status = self.status(at, thread)
        return status is not None and self.kinds[status] == RUNNING

    def call(self, call_id: str | None) -> int | None:
        """Where the call with this id stands."""
        at = (i for i, e in enumerate(self.events) if e.get("id") == call_id)
        return next((i for i in at if call_id is not None and self.kinds[i] in CALLS), None)

    def results(self, call_id: str | None) -> list[int]:
        """Where the results of a call stand; a confirmation is none."""
        places = range(len(self.kinds)) if call_id else ()
        said = (i for i in places if self.answers(i) == call_id)
        return [i for i in said if self.kinds[i] != "user.tool_confirmation"]

    def request(self, at: int) -> int | None:
        """Where the open model request of the list's own thread starts."""
        marks = ("span.model_request_start", "span.model_request_end")
        last = next(iter(self.earlier(at, *marks)), None)
        return last if last is not None and self.kinds[last] == marks[0] else None

    def last_request(self, at: int) -> int | None:
        """Where the last model request of the list's own thread starts."""
        return next(iter(self.earlier(at, "span.model_request_start")), None)

    def calls_of(self, start: int) -> list[int]:
        """The own calls made in a model request."""
        following = self.later(start, "span.model_request_start")
        end = following[0] if following else len(self.kinds)
        return [i for i in self.later(start, *CALLS, thread=OWN) if i < end]

    def open_calls(self, at: int, thread: str = OWN) -> list[int]:
        """The calls of a thread that have no result yet."""
        calls = self.earlier(at, *CALLS, thread=thread)
        return [c for c in calls if all(r > at for r in self.results(self.events[c].get("id")))]

    def turn(self, at: int) -> tuple[int, int]:
        """Where the own turn around this place begins (its running) and ends (the next status)."""
        start, end = self.status(at, OWN), self.next_status(at, OWN)
        return (-1 if start is None else start, len(self.kinds) if end is None else end)

    def company(self, at: int) -> bool:
        """Whether children or runs were, or may have been, seen before this place."""
        if self.midway:
            return True
        named = any(w != OWN for w in self.whose[:at]) or CREATED in self.kinds[:at]
        return named or any(k.startswith("workflow_run.") for k in self.kinds[:at])

    def working(self, at: int) -> bool:
        """Whether a child or a workflow run is, or may be, at work at this place."""
        if self.midway:
            return True
        children = {w for w in self.whose[:at] if w != OWN}
        return self.run_is_open(at) or any(self.runs(at, child) for child in children)

    def run_is_open(self, at: int) -> bool:
        """Whether a workflow run is open at this place; it may be what runs (anthropic 1.7)."""
        opened = self.kinds[:at].count("workflow_run.created")
        return opened > self.kinds[:at].count("workflow_run.status_ended")

    def waits(self, at: int) -> bool:
        """Whether some thread rests on a call that nobody has answered, before this place."""
        said = {self.answers(i) for i in self.earlier(at) if self.is_answer(i)}
        statuses = [self.status(at, thread) for thread in set(self.whose)]
        return any(s is not None and self.asks(s) - said for s in statuses)

    def over(self, at: int) -> bool:
        """Whether the session has ended before this place."""
        return "session.status_terminated" in self.kinds[:at]

    def paired(self) -> bool:
        """Whether every session running is followed by the primary's, but for errors (H3)."""
        for at, kind in enumerate(self.kinds):
            if kind == "session.status_running" and not self.run_is_open(at):
                rest = [i for i in self.later(at) if self.kinds[i] != "session.error"]
                if rest and not (self.kinds[rest[0]] == RUNNING and self.whose[rest[0]] == OWN):
                    return False
        return True
