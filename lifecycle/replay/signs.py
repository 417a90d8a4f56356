"""What of an event is compared: its type, its thread, why and for what it rests, what it is about.

Stamps, contents and the ids of most events are not: the engine makes its own. The ids of threads,
calls and runs are those of the recording, since the inferred commands carry them.
"""

from __future__ import annotations

from typing import Any, Final

import attrs

from lifecycle import events as e

__all__ = ["INPUTS", "Sign", "call_of", "sign_of", "use_id"]

INPUTS: Final = (
    e.UserMessage,
    e.UserDefineOutcome,
    e.SystemMessage,
    e.UserToolConfirmation,
    e.UserToolResult,
    e.UserCustomToolResult,
)
"""What a client sends and a thread consumes: it may wait, without a stamp."""

_ABOUT: Final = (
    "from_session_thread_id",
    "to_session_thread_id",
    "workflow_run_id",
    "workflow_run_phase_id",
)

_RESULTS: Final = (
    e.AgentToolResult,
    e.AgentMcpToolResult,
    e.UserToolResult,
    e.UserCustomToolResult,
)


@attrs.frozen
class Sign:
    """What of an event is compared.

    Attributes:
        type: the event's type.
        thread: the thread that it names, but for the one whose own list this is.
        stop: the stop reason's word.
        asked: the calls that the stop reason names.
        about: the call, threads or run that it is about, and the word of its verdict or failure.
        waits: whether it is an input without a stamp.
        id: its own id, which is not compared.
        line: where it stands in its recording; 0 for an emitted one; not compared.
    """

    type: str
    thread: str = ""
    stop: str = ""
    asked: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    waits: bool = False
    id: str = attrs.field(default="", eq=False)
    line: int = attrs.field(default=0, eq=False)

    def same_but_stamp(self, other: Sign) -> bool:
        """Whether the two differ in nothing, or only in whether they wait."""
        return self == attrs.evolve(other, waits=self.waits)


def sign_of(event: e.Event, own: str = "", line: int = 0, whose: str = "") -> Sign:
    """Return the sign of *event*, which stands on the own list of the thread *own*.

    Where a list holds the events of all threads, it is one of the thread *whose*.
    """
    thread = event.session_thread_id or whose
    if thread == own and not isinstance(event, e.ThreadEvent):
        thread = ""
    reason = getattr(event, "stop_reason", None)
    stop = str(reason.type or "") if isinstance(reason, e.StopReason) else ""
    asked = tuple(reason.event_ids or ()) if isinstance(reason, e.StopReason) else ()
    waits = isinstance(event, INPUTS) and not event.processed_at
    name = str(event.id or "")
    return Sign(str(event.type), thread, stop, asked, _about(event), waits, name, line)


def _about(event: e.Event) -> tuple[str, ...]:
    """Return the ids that *event* is about, and its verdict."""
    told = [call_of(event), *(getattr(event, name, None) for name in _ABOUT)]
    if isinstance(event, e.UserToolConfirmation | e.OutcomeEvaluationEnd):
        told.append(event.result)
    if isinstance(event, e.ToolUse):
        told.append(use_id(event))
    if isinstance(event, e.OutcomeSpan):
        told.append(f"iteration {event.iteration or 0}")
    if isinstance(event, _RESULTS) and event.is_error:
        told.append("error")
    return tuple(str(one) for one in told if one)


def use_id(event: e.ToolUse) -> str:
    """Return the id by which a call is answered: its event's, or one that the event carries."""
    return str(event.extra.get("tool_use_id") or event.id)


def call_of(event: Any) -> str:
    """Return the call that an answer or a result is about; empty if it is neither."""
    named = ("tool_use_id", "mcp_tool_use_id", "custom_tool_use_id")
    return next((str(getattr(event, n)) for n in named if getattr(event, n, None)), "")
