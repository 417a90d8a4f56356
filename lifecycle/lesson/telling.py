"""What the engine answered, in words: one line an event, an effect or a note; or the refusal.

Every line begins with where it stands: the list that has the event, ``owed with`` or ``owed after``
for what the host owes in the same write or after it, ``noted`` for what no list shows.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final

import attrs

from lifecycle import events as e
from lifecycle.dialects import Dialect
from lifecycle.engine import Decision, Owed, Refusal
from lifecycle.state import CallOwed, Entry, Note, Place, Session, SessionMade, WaitEnded
from lifecycle.table import Phase
from lifecycle.vocabulary import StopReason

__all__ = [
    "NOTHING",
    "Line",
    "aligned",
    "of_decision",
    "of_event",
    "of_list",
    "of_refusal",
    "of_state",
    "owed_where",
    "quoted",
    "reported",
]

Line = tuple[str, str]
"""Where it stands, and what it says."""

NOTHING: Final[Line] = ("nothing", "accepted, and nothing follows")
"""What is said where there is nothing to say."""


def aligned(lines: Iterable[Line]) -> list[str]:
    """Return the lines with their second halves below one another."""
    kept = list(lines)
    width = max((len(where) for where, _ in kept), default=0)
    return [f"{where:<{width}}  {what}".rstrip() for where, what in kept]


def of_decision(decision: Decision, before: Session | None) -> list[Line]:
    """Return what a decision says: entries in their order, then effects; or the refusal."""
    if decision.refusal is not None:
        return of_refusal(decision.refusal)
    lines = [_entry(entry, decision.state) for entry in decision.entries]
    lines += [_owed(owed, before, decision.state) for owed in decision.effects]
    return lines or [NOTHING]


def of_refusal(refusal: Refusal) -> list[Line]:
    """Return a refusal: its code and reason, what the client is answered, whether to try again."""
    subject = f" ({refusal.subject})" if refusal.subject else ""
    hope = "later, the same may be accepted" if refusal.retry_helps else "a retry will not help"
    return [
        ("refused", f"{refusal.code}: {refusal.reason}{subject}"),
        ("answer", f'{refusal.status} {refusal.type}: "{refusal.message}"'),
        ("retry", hope),
    ]


# -- entries ---------------------------------------------------------------------------------------


def _entry(entry: Entry, after: Session | None) -> Line:
    event = entry.event
    if isinstance(event, Note):
        return "noted", _note(event)
    primary = after.primary if after is not None else ""
    where = {
        Place.SESSION: "session",
        Place.CHILD: entry.thread,
        Place.BOTH: f"session, {entry.thread}",
        Place.COPY: "session, copy",
        Place.NOWHERE: "no list",
    }[entry.place]
    return where, of_event(event, primary)


def of_event(event: e.Event, primary: str = "") -> str:
    """Return an event as one line: its type, and what matters of it."""
    details = [_subject(event, primary), _TOLD[type(event)](event) if type(event) in _TOLD else ""]
    if str(event.type).startswith(("user.", "system.")) and not event.processed_at:
        details.append("(waits)")
    return "  ".join([str(event.type), *filter(None, details)])


def _subject(event: e.Event, primary: str) -> str:
    """Return whose event it is, where it says so."""
    said = event.session_thread_id
    if isinstance(event, e.ThreadMessageSent | e.ThreadMessageReceived):
        return ""
    return str(said) if said and (said != primary or isinstance(event, e.ThreadEvent)) else ""


def quoted(content: Any) -> str:
    """Return the text of content in quotes; nothing if there is none."""
    if not content:
        return ""
    if not isinstance(content, str):
        content = "".join(str(block.get("text", "")) for block in content)
    return json.dumps(content, ensure_ascii=False)


def _said(event: Any) -> str:
    return quoted(event.content)


def _stop(event: Any) -> str:
    stop = event.stop_reason
    if not stop:
        return ""
    asked = ", ".join(stop.event_ids or ())
    return f"{stop.type}: {asked}" if asked else str(stop.type)


def _use(event: Any) -> str:
    policy = getattr(event, "evaluated_permission", None)
    asks = f" [{policy}]" if policy and policy != "allow" else ""
    return f"{event.id} {event.name}{asks}"


def _result(event: Any) -> str:
    names = ("tool_use_id", "mcp_tool_use_id", "custom_tool_use_id")
    call = next(getattr(event, name) for name in names if hasattr(event, name))
    return " ".join(filter(None, [str(call), event.is_error and "error", quoted(event.content)]))


def _confirmation(event: e.UserToolConfirmation) -> str:
    why = quoted(event.deny_message) if event.deny_message else ""
    return " ".join(filter(None, [str(event.tool_use_id), str(event.result), why]))


def _error(event: e.SessionError) -> str:
    body = event.error
    if not body:
        return ""
    retry = body.retry_status.type if body.retry_status else ""
    return " ".join(filter(None, [f"{body.type}, {retry}", quoted(body.message)]))


def _updated(event: e.SessionUpdated) -> str:
    changed = [
        n for n in ("agent", "budget", "metadata", "title") if getattr(event, n) is not e.ABSENT
    ]
    return ", ".join(changed)


def _run(event: Any) -> str:
    result = event.result.type if isinstance(event, e.RunEnded) and event.result else ""
    phase = getattr(event, "workflow_run_phase_id", "")
    return " ".join(str(part) for part in (event.workflow_run_id, phase, result) if part)


_TOLD: Final[Mapping[type[e.Event], Callable[[Any], str]]] = MappingProxyType(
    {
        **dict.fromkeys((e.UserMessage, e.SystemMessage, e.AgentMessage), _said),
        **dict.fromkeys((e.SessionIdle, e.ThreadIdle, e.ThreadTerminated), _stop),
        **dict.fromkeys((e.AgentToolUse, e.AgentMcpToolUse, e.AgentCustomToolUse), _use),
        **dict.fromkeys(
            (e.AgentToolResult, e.AgentMcpToolResult, e.UserToolResult, e.UserCustomToolResult),
            _result,
        ),
        **dict.fromkeys(
            (e.RunCreated, e.RunRunning, e.RunIdle, e.RunEnded, e.PhaseStarted, e.PhaseEnded), _run
        ),
        e.UserToolConfirmation: _confirmation,
        e.UserDefineOutcome: lambda event: quoted(event.description),
        e.ThreadMessageSent: lambda event: f"to {event.to_session_thread_id}: {_said(event)}",
        e.ThreadMessageReceived: lambda event: (
            f"from {event.from_session_thread_id}: {_said(event)}"
        ),
        e.ModelRequestEnd: lambda event: "error" if event.is_error else "",
        e.OutcomeEvaluationEnd: lambda event: str(event.result or ""),
        e.SessionError: _error,
        e.SessionUpdated: _updated,
    }
)
"""What is told of an event besides its type and its thread."""


def _note(note: Note) -> str:
    """Return what a note says; the ids of messages would mean nothing to a reader."""
    if isinstance(note, SessionMade):
        return f"the session is made, with its thread {note.primary}"
    if isinstance(note, CallOwed):
        return f"the host is told to run {', '.join(note.calls)}"
    if isinstance(note, WaitEnded):
        result = quoted(note.result)
        return f"the coordinator waits no longer for {note.child}; its call returns {result}"
    words = "".join(f" {c.lower()}" if c.isupper() else c for c in type(note).__name__).strip()
    values = attrs.asdict(note, recurse=False)
    about = values.get("thread") or values.get("child") or ", ".join(values.get("threads", ()))
    many = len(values.get("messages", ()))
    count = f" ({many})" if many else ""
    return f"{words}: {about}{count}" if about else words


# -- effects ---------------------------------------------------------------------------------------


def owed_where(owed: Owed) -> str:
    """Return where an effect stands: in the same write, or after it."""
    return "owed with" if owed.phase is Phase.WITH else "owed after"


def _owed(owed: Owed, before: Session | None, after: Session | None) -> Line:
    """Return what the host owes; a message is told by what it says."""
    about = [_named(name, before, after) for name in owed.subjects if name != owed.thread]
    detail = quoted(owed.detail)
    rest = "; ".join(filter(None, [", ".join(about), detail]))
    return owed_where(owed), f"{owed.effect.name}: {owed.thread}" + (f", {rest}" if rest else "")


def _named(name: str, before: Session | None, after: Session | None) -> str:
    for session in (before, after):
        if session is not None and name in session.messages:
            message = session.messages[name]
            text = message.fields.get("content") or message.fields.get("description")
            return quoted(text) or str(message.kind)
    return name


# -- the state -------------------------------------------------------------------------------------


def of_list(events: Iterable[e.Event], primary: str) -> list[Line]:
    """Return a list of events as a reader gets it."""
    return [(str(at), of_event(event, primary)) for at, event in enumerate(events, 1)]


def of_state(session: Session, dialect: Dialect) -> list[Line]:
    """Return the session, its threads, and everything in it that is open."""
    lines = [("session", _status(dialect, "session", session.state, session.stop, session.asked))]
    for thread in session.threads.values():
        told = _status(dialect, "thread", thread.state, thread.stop, thread.asked)
        extra = [f"waits for {thread.waits_for}"] if thread.waits_for else []
        extra += ["model request open"] if thread.request else []
        texts = [_named(name, session, None) for name in thread.mailbox]
        extra += [f"mailbox: {', '.join(texts)}"] if texts else []
        lines.append((thread.id, "; ".join([told, *extra])))
    for call in session.calls.values():
        lines.append((call.id, f"call of {call.thread}, {call.state}"))
    lines += [(run.id, f"workflow run, {run.state}") for run in session.runs.values()]
    if session.outcome is not None:
        lines.append(("outcome", f"graded {session.outcome.iteration} times"))
    if session.capped:
        lines.append(("budget", "reached"))
    return lines


def reported(dialect: Dialect, machine: str, state: str) -> str:
    """Return a state, and the word that is reported for it if that is another one."""
    word = dialect.word(machine, state)
    return str(state) if word == state else f"{state}, reported as {word}"


def _status(
    dialect: Dialect, machine: str, state: str, stop: StopReason | None, asked: tuple[str, ...]
) -> str:
    said = reported(dialect, machine, state)
    if state != "idle" or stop is None:
        return said
    return f"{said} ({stop}: {', '.join(asked)})" if asked else f"{said} ({stop})"
