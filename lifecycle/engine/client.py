"""Creating a session, and what a client sends to start work: messages, outcomes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lifecycle import commands as c, events as e
from lifecycle.effects import DELIVER_NEXT
from lifecycle.engine.draft import Draft, content_of
from lifecycle.engine.flow import session_runs, wake
from lifecycle.engine.mail import put_input
from lifecycle.engine.perform import deliverable, step
from lifecycle.engine.refusals import Refusal
from lifecycle.state import Session, SessionMade
from lifecycle.table import Phase
from lifecycle.vocabulary import (
    EventType,
    RefusalCode,
    SessionState,
    SessionTrigger,
    ThreadState,
    ThreadTrigger as T,
)

__all__ = ["create", "define_outcome", "send_message", "send_system"]

Input = c.SendMessage | c.DefineOutcome

_IDLE, _DELIVER, _USER_MESSAGE = ThreadState.IDLE, T.DELIVER, EventType.USER_MESSAGE
_SEND, _SEND_ASKED = SessionTrigger.SEND_INPUT, SessionTrigger.SEND_INPUT_ASKED


def create(d: Draft, command: c.CreateSession) -> Refusal | None:
    """Make the session; initial events set it to work at once. Source: pages, sessions."""
    for one in command.initial:
        if one.session_id != command.session_id:
            reason = "an initial event is for another session"
            return d.refuse(RefusalCode.WRONG_SESSION, reason, one.session_id)
    wrong = _wrong_start(d, command)
    if wrong:
        return d.refuse(RefusalCode.INVALID_INPUT, wrong)
    primary = command.primary_id or d.new_id(d.tables.dialect.style.thread)
    made = SessionMade(
        command.session_id, primary, command.agent_name, command.self_hosted, command.budget
    )
    d.note(made, primary)
    if command.initial:
        if d.tables.arrival:
            _put_all(d, command.initial)
        session_runs(d)
        step(d, primary, T.DELIVER)
        if not d.tables.arrival:
            _put_all(d, command.initial)
    return None


def _wrong_start(d: Draft, command: c.CreateSession) -> str:
    """Return what is wrong with the initial events; empty if nothing is."""
    for number, one in enumerate(command.initial):
        if isinstance(one, c.SendMessage) and (wrong := _empty_text(one, "initial_events", number)):
            return wrong
    most = d.tables.limits.get("initial_events", len(command.initial))
    if len(command.initial) > most:
        return f"a session starts with {most} events at most"
    if sum(isinstance(one, c.DefineOutcome) for one in command.initial) > 1:
        return "a session starts with one outcome at most"
    return ""


def _empty_text(command: c.SendMessage, where: str, number: int = 0) -> str:
    """Return what a service says of a text that is empty, in its words; empty if none is.

    Source: recordings (W7); for initial events inferred.
    """
    content = command.content
    if content and isinstance(content, str):
        return ""
    blocks = ({"type": "text", "text": content},) if isinstance(content, str) else content
    for index, block in enumerate(blocks):
        if block.get("type") == "text" and not block.get("text"):
            return f"{where}.{number}.user_message.content.{index}.text: value is required"
    return ""


def _put_all(d: Draft, inputs: tuple[Input, ...]) -> None:
    """Put the first inputs down, in their order."""
    for one in inputs:
        kind, fields = _fields(d, one)
        put_input(d, kind, fields)


def _fields(d: Draft, command: Input) -> tuple[EventType, Mapping[str, Any]]:
    """Return the type and the fields of an input's event."""
    if isinstance(command, c.SendMessage):
        return _USER_MESSAGE, {"content": content_of(command.content)}
    return EventType.USER_DEFINE_OUTCOME, {
        "outcome_id": command.outcome_id or d.new_id(d.tables.dialect.style.outcome),
        "description": command.description,
        "rubric": dict(command.rubric),
        "max_iterations": command.max_iterations,
    }


def send_message(d: Draft, command: c.SendMessage) -> Refusal | None:
    """Open a turn, or wait for the one that is open. Source: pages, events; recordings (W2, W5)."""
    wrong = _empty_text(command, "events")
    if wrong:
        return d.refuse(RefusalCode.INVALID_INPUT, wrong)
    return _send(d, command)


def define_outcome(d: Draft, command: c.DefineOutcome) -> Refusal | None:
    """Set the goal: one at a time. Source: pages, outcomes; recorded like a message (O1, O2b)."""
    if d.session.outcome is not None:
        reason = "an outcome is worked for; the next may follow its last evaluation"
        return d.refuse(RefusalCode.INVALID_INPUT, reason, d.session.outcome.id)
    return _send(d, command)


def _refused(d: Draft) -> Refusal | None:
    """Return the refusal of an input to the session as it is: asks go before the budget."""
    session = d.session
    asked = _is_asked(session)
    trigger = _SEND_ASKED if asked else _SEND
    refusal = d.denied("session", d.tables.session.step(session.state, trigger))
    if refusal is None and session.capped:
        row = d.tables.session.step(session.state, SessionTrigger.SEND_INPUT_CAPPED)
        refusal = d.denied("session", row)
    return refusal


def _is_asked(session: Session) -> bool:
    """Whether the session waits for answers: all of it, or the primary while another one works."""
    if session.asked and session.state is SessionState.IDLE:
        return any(one.asked for one in session.threads.values())
    return bool(session.threads[session.primary].asked)


def _send(d: Draft, command: Input) -> Refusal | None:
    """Let the input wake a resting primary, or wait in its mailbox."""
    refusal = _refused(d)
    if refusal is not None:
        return refusal
    kind, fields = _fields(d, command)
    primary = d.primary
    if primary.state is not _IDLE or primary.asked or primary.mailbox:
        put_input(d, kind, fields, processed=False)
        if deliverable(d, d.primary):
            d.owe(DELIVER_NEXT, primary.id, d.primary.mailbox[:1], Phase.AFTER)
    elif d.tables.arrival:
        put_input(d, kind, fields)
        wake(d, primary.id, _DELIVER)
    else:
        wake(d, primary.id, _DELIVER)
        put_input(d, kind, fields)
    return None


def send_system(d: Draft, command: c.SendSystemMessage) -> Refusal | None:
    """Add instructions beside the input that was sent last; they start nothing by themselves."""
    mark = d.mark() if d.primary.state is ThreadState.RUNNING else d.unprocessed()
    event = e.SystemMessage(content=content_of(command.content), **mark)
    d.put(event, d.session.primary)
    return None
