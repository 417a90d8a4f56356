"""What a rule of the twin sees: one event, all that came before it and all that came after."""

from __future__ import annotations

from typing import Any

from attrs import frozen

__all__ = [
    "CALLS",
    "CONFIRMATION",
    "CREATED",
    "ERROR",
    "IDLE",
    "INTERRUPT",
    "OWN",
    "PLATFORM_RESULTS",
    "RECEIVED",
    "RESCHEDULED",
    "RESULT_FAMILY",
    "RESULT_FIELD",
    "RUNNING",
    "SENT",
    "SESSION_IDLE",
    "SESSION_RUNNING",
    "SESSION_TERMINATED",
    "SPAN_END",
    "SPAN_START",
    "TERMINATED",
    "WAKERS",
    "Event",
    "Moment",
    "is_thread_status",
    "is_work",
    "last",
    "since",
]


OWN = "(own)"  # the thread that a list belongs to: the primary's, or a child's own list

SESSION_RUNNING = "session.status_running"
SESSION_IDLE = "session.status_idle"
SESSION_TERMINATED = "session.status_terminated"
CREATED = "session.thread_created"
RUNNING = "session.thread_status_running"
IDLE = "session.thread_status_idle"
RESCHEDULED = "session.thread_status_rescheduled"
TERMINATED = "session.thread_status_terminated"
SENT = "agent.thread_message_sent"
RECEIVED = "agent.thread_message_received"
SPAN_START = "span.model_request_start"
SPAN_END = "span.model_request_end"
ERROR = "session.error"
INTERRUPT = "user.interrupt"
CONFIRMATION = "user.tool_confirmation"

WAKERS = ["user.message", "user.define_outcome"]
CALLS = ["agent.tool_use", "agent.mcp_tool_use", "agent.custom_tool_use"]
PLATFORM_RESULTS = ["agent.tool_result", "agent.mcp_tool_result"]

# Which field of a result names its call, and of which family that call must be (recorded H14).
RESULT_FIELD = {
    "agent.tool_result": "tool_use_id",
    "agent.mcp_tool_result": "mcp_tool_use_id",
    "user.tool_result": "tool_use_id",
    "user.custom_tool_result": "custom_tool_use_id",
}
RESULT_FAMILY = {
    "agent.tool_result": "agent.tool_use",
    "agent.mcp_tool_result": "agent.mcp_tool_use",
    "user.tool_result": "agent.tool_use",
    "user.custom_tool_result": "agent.custom_tool_use",
}


@frozen
class Event:
    """One event, its place in the list, and the thread whose event it is."""

    line: int
    type: str
    id: str | None
    thread: str
    others: list[str]  # the threads, other than the list's own, that it is of, from or for
    body: dict[str, Any]

    @property
    def pending(self) -> bool:
        """Not consumed yet: only client events may lack `processed_at` (recorded L3, INV-04)."""
        return self.type.startswith("user.") and self.body.get("processed_at") is None

    @property
    def reason(self) -> str | None:
        """The type of the stop reason, None where there is none."""
        stop = self.body.get("stop_reason")
        return stop.get("type") if isinstance(stop, dict) else None

    @property
    def asks(self) -> set[str]:
        """The ids that a `requires_action` waits for."""
        if self.reason != "requires_action":
            return set()
        return set(self.body["stop_reason"].get("event_ids") or [])

    @property
    def answers(self) -> str | None:
        """The id of the call that this result or confirmation is about."""
        field = "tool_use_id" if self.type == CONFIRMATION else RESULT_FIELD.get(self.type)
        return self.body.get(field) if field else None

    @property
    def call_answered(self) -> str | None:
        """The id of the call that this event is the result of; a confirmation is no result."""
        return self.answers if self.type in RESULT_FIELD else None

    @property
    def retry(self) -> str | None:
        """A `session.error`'s retry status: retrying, exhausted or terminal."""
        error = self.body.get("error")
        status = error.get("retry_status") if isinstance(error, dict) else None
        return status.get("type") if isinstance(status, dict) else None


@frozen
class Moment:
    """One event between all that came before it and all that came after."""

    view: str
    whole: bool  # the list starts at the beginning of the session's (or the child's) life
    types_only: bool
    past: list[Event]
    now: Event
    future: list[Event]

    def before(self, *types: str) -> list[Event]:
        """The earlier events of these types, on whatever thread."""
        return [e for e in self.past if e.type in types]

    def own(self, *types: str) -> list[Event]:
        """The earlier events of these types on the list's own thread."""
        return [e for e in self.before(*types) if e.thread == OWN]

    def status(self, thread: str) -> Event | None:
        """The thread's last status event, None when it had none yet."""
        return last([e for e in self.past if is_thread_status(e) and e.thread == thread])

    def session_status(self) -> Event | None:
        """The session's last status event."""
        return last([e for e in self.past if e.type.startswith("session.status_")])

    def call(self, call_id: str | None) -> Event | None:
        """The earlier tool use with this id."""
        return last([e for e in self.before(*CALLS) if e.id is not None and e.id == call_id])

    def call_results(self, call_id: str | None) -> list[Event]:
        """The earlier results of this call."""
        return [e for e in self.past if call_id is not None and e.call_answered == call_id]

    @property
    def runs(self) -> bool:
        """A workflow run was seen: it can hold the session running (anthropic 1.7, point 2)."""
        return any(e.type.startswith("workflow_run.") for e in self.past)

    @property
    def alone(self) -> bool:
        """The primary has had no company so far; an unknown past may hold some."""
        return self.whole and not self.runs and not any(e.others for e in self.past)


def is_thread_status(event: Event) -> bool:
    return event.type.startswith("session.thread_status_")


def is_work(event: Event) -> bool:
    """The event can only be of a running thread: no error, no queued input, nothing unknown."""
    if event.type.startswith(("agent.", "span.", "user.", "session.thread_")):
        return not event.pending
    return event.type in (SESSION_RUNNING, SESSION_IDLE, "session.usage")


def last(events: list[Event]) -> Event | None:
    return events[-1] if events else None


def since(past: list[Event], mark: Event | None) -> list[Event]:
    """What follows the mark; everything when there is none."""
    return [e for e in past if mark is None or e.line > mark.line]
