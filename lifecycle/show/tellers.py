"""What each event type adds to a stage."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from lifecycle.show.rows import CLIENT, SESSION, Kind, Look, Row
from lifecycle.show.stage import Call, Request, Stage, took
from lifecycle.vocabulary import EventType as E, Permission, StopReason
from lifecycle.wire.bulk import Seen, look_into

__all__ = ["TELLERS", "Teller", "tell_other"]

Teller = Callable[[Stage, Seen, float | None], Iterator[Row]]
"""Takes an event and its seconds; changes the stage, and yields the rows that are complete."""

_QUOTE_LIMIT: Final = 200


def _tell_status(stage: Stage, event: Seen, at: float | None) -> Iterator[Row]:
    """Tell of a session or thread that runs, rests, is put aside or ends."""
    look, verb = _STATUSES[event.type]
    of_session = event.type.startswith("session.status_")
    lane = SESSION if of_session else stage.lane(event.session_thread_id, event.agent_name)
    if look is not Look.RUNNING:
        yield from stage.close(lane, event.line, at, "never ends")
    stop = event.stop_reason
    if stop is not None and stop.type == StopReason.REQUIRES_ACTION:
        look, verb = Look.WAITING, f"waits for {stage.named(stop.event_ids or [])}"
    elif stop is not None:
        verb += f": {stop.type}"
    stage.lanes[lane].look = look
    if event.type in (E.SESSION_TERMINATED, E.SESSION_DELETED):
        for other in stage.lanes[SESSION:]:
            other.look = Look.ENDED
    yield stage.row(event, at, Kind.STATUS, lane, f"{stage.lanes[lane].name} {verb}")


def _tell_input(stage: Stage, event: Seen, at: float | None) -> Iterator[Row]:
    """Tell what the client sends, other than answers."""
    lane = stage.lane(event.session_thread_id)
    says = f"the client {_INPUTS[event.type]}"
    if quote := _quote(event):
        says += f": {quote}"
    yield stage.row(event, at, Kind.INPUT, CLIENT, says, lane)


def _tell_answer(stage: Stage, event: Seen, at: float | None) -> Iterator[Row]:
    """Tell of a confirmation or a result from the client."""
    ref = event.tool_use_id or event.custom_tool_use_id or event.mcp_tool_use_id or ""
    call = stage.calls.get(ref)
    lane = call.lane if call else stage.lane(event.session_thread_id)
    verb = "answers"
    if event.type == E.USER_TOOL_CONFIRMATION:
        verb, met = _CONFIRMED.get(_word(event.result), ("answers", "answered"))
        stage.note(ref, met)
    else:
        stage.answer(ref)
    what = f"{call.name} (line {call.line})" if call else "a call that is not on this list"
    says = f"the client {verb} {stage.lanes[lane].name}'s {what}"
    says += " with an error" if event.is_error else ""
    yield stage.row(event, at, Kind.ANSWER, CLIENT, says, lane)


def _tell_call(stage: Stage, event: Seen, at: float | None) -> Iterator[Row]:
    """Tell of a tool use: an ask of the client, or a part of the model request."""
    lane = stage.lane(event.session_thread_id)
    name = event.name or "a tool"
    # Qoder's calls have an id of their own, which results refer to.
    if call_id := event.tool_use_id or event.id:
        stage.calls[call_id] = Call(name, event.line, lane, at)
    custom = event.type == E.AGENT_CUSTOM_TOOL_USE
    denied = " (policy denies it)" if event.evaluated_permission == Permission.DENY else ""
    request = stage.requests.get(lane)
    if request is not None:
        request.parts.append(f"calls {name}{denied}")
    if custom or event.evaluated_permission == Permission.ASK:
        verb = "asks the client to run" if custom else "asks the client to allow"
        says = f"{stage.lanes[lane].name} {verb} {name}"
        row = stage.row(event, at, Kind.ASK, lane, says, CLIENT)
        if request is None:
            yield row
        else:
            request.asks.append(row)
    elif request is None:
        says = f"{stage.lanes[lane].name} calls {name}{denied}"
        yield stage.row(event, at, Kind.MODEL, lane, says)


def _tell_result(stage: Stage, event: Seen, at: float | None) -> Iterator[Row]:
    """Tell of a tool's result from the platform."""
    call = stage.answer(event.tool_use_id or event.mcp_tool_use_id or "")
    lane = call.lane if call else stage.lane(event.session_thread_id)
    name = call.name if call else "a tool"
    verb = "gives an error" if event.is_error else "gives its result"
    says = f"{stage.lanes[lane].name}: {name} {verb}"
    if call and (duration := took(call.at, at)):
        says += f" after{duration}"
    yield stage.row(event, at, Kind.RESULT, lane, says)


def _tell_speech(stage: Stage, event: Seen, at: float | None) -> Iterator[Row]:
    """Tell what the model says or that it thinks: a part of the open request, if there is one."""
    lane = stage.lane(event.session_thread_id)
    says = "thinks" if event.type == E.AGENT_THINKING else f"says {_quote(event)}".rstrip()
    if lane in stage.requests:
        stage.requests[lane].parts.append(says)
    else:
        yield stage.row(event, at, Kind.MODEL, lane, f"{stage.lanes[lane].name} {says}")


def _tell_request(stage: Stage, event: Seen, at: float | None) -> Iterator[Row]:
    """Open a model request, or tell of the one that ends."""
    lane = stage.lane(event.session_thread_id)
    if event.type == E.SPAN_START:
        yield from stage.close(lane, event.line - 1, None, "never ends")
        stage.requests[lane] = Request(event.line, at)
    elif lane in stage.requests:
        yield from stage.close(lane, event.line, at, "fails" if event.is_error else "")
    else:
        says = f"{stage.lanes[lane].name}: a model request ends that began earlier"
        yield stage.row(event, at, Kind.MODEL, lane, says)


def _tell_created(stage: Stage, event: Seen, at: float | None) -> Iterator[Row]:
    """Tell of a new thread."""
    lane = stage.lane(event.session_thread_id, event.agent_name, own=False)
    stage.lanes[lane].look = Look.IDLE
    name = stage.lanes[lane].name
    if event.workflow_run_id:
        says = f"workflow run {stage.run(event)} makes {name}"
        yield stage.row(event, at, Kind.MESSAGE, SESSION, says, lane)
    else:
        parent = stage.lane(event.parent_thread_id)
        says = f"{stage.lanes[parent].name} makes {name}"
        yield stage.row(event, at, Kind.MESSAGE, parent, says, lane)


def _tell_message(stage: Stage, event: Seen, at: float | None) -> Iterator[Row]:
    """Tell of a message between threads, sent or taken in."""
    sent = event.type == E.THREAD_MESSAGE_SENT
    here = event.session_thread_id
    source = event.from_session_thread_id or (here if sent else None)
    target = event.to_session_thread_id or (None if sent else here)
    near, far = (source, target) if sent else (target, source)
    near_lane = stage.lane(near)
    far_lane = stage.lane(far, None if sent else event.from_agent_name, own=False)
    if sent and event.to_agent_name:
        stage.lane(far, event.to_agent_name, own=False)
    names = stage.lanes[near_lane].name, stage.lanes[far_lane].name
    says = f"{names[0]} writes to {names[1]}" if sent else f"{names[0]} hears from {names[1]}"
    if quote := _quote(event):
        says += f": {quote}"
    lane, to = (near_lane, far_lane) if sent else (far_lane, near_lane)
    yield stage.row(event, at, Kind.MESSAGE, lane, says, to)


def _tell_error(stage: Stage, event: Seen, at: float | None) -> Iterator[Row]:
    """Tell of an error and of what the server does about it."""
    error = _value(event.error)
    known = error if isinstance(error, dict) else {}
    says = f"error {_word(event.error)}".rstrip()
    if retry := _word_of(known.get("retry_status")):
        says += f" ({retry})"
    if isinstance(message := known.get("message"), str):
        says += f": {_cut(message)}"
    if event.type == E.RUN_ERROR:
        says = f"workflow run {stage.run(event)}: {says}"
    yield stage.row(event, at, Kind.ERROR, SESSION, says)


def _tell_run(stage: Stage, event: Seen, at: float | None) -> Iterator[Row]:
    """Tell of a workflow run or of one of its phases."""
    if event.type == E.RUN_CREATED and event.workflow_run_id and event.name:
        stage.runs[event.workflow_run_id] = event.name
    says = f"workflow run {stage.run(event)} {_RUNS[event.type]}"
    if event.type == E.RUN_ENDED:
        says += f": {_word(event.result)}"
    yield stage.row(event, at, Kind.NEWS, SESSION, says)


def _tell_news(stage: Stage, event: Seen, at: float | None) -> Iterator[Row]:
    """Tell of settings, compactions and gradings."""
    about_session = event.type == E.SESSION_UPDATED
    lane = SESSION if about_session else stage.lane(event.session_thread_id)
    says = _NEWS[event.type].format(name=stage.lanes[lane].name, iteration=event.iteration)
    if event.type == E.OUTCOME_END:
        says += f": {_word(event.result)}"
    yield stage.row(event, at, Kind.NEWS, lane, says)


def _tell_nothing(_: Stage, __: Seen, ___: float | None) -> Iterator[Row]:
    """Leave out what would only lengthen the timeline."""
    return iter(())


def tell_other(stage: Stage, event: Seen, at: float | None) -> Iterator[Row]:
    """Tell of an event whose type we do not know."""
    lane = stage.lane(event.session_thread_id) if event.session_thread_id else SESSION
    yield stage.row(event, at, Kind.NEWS, lane, f"an event of type {event.type}")


def _value(raw: Any) -> Any:
    """Return a raw field's value; ``None`` too when it cannot be read, as nobody has checked it."""
    try:
        return look_into(raw)
    except ValueError:
        return None


def _word(raw: Any) -> str:
    return _word_of(_value(raw))


def _word_of(value: Any) -> str:
    """Return the word of a field that is a word, or an object with a ``type``."""
    word = value.get("type") if isinstance(value, dict) else value
    return word if isinstance(word, str) else ""


def _quote(event: Seen) -> str:
    """Return the first text of the event's content, in quotes; nothing when it has none."""
    content = _value(event.content)
    blocks = content if isinstance(content, list) else [{"text": content}]
    for block in blocks:
        text = block.get("text") if isinstance(block, dict) else None
        if isinstance(text, str) and text.strip():
            return f'"{_cut(text)}"'
    return ""


def _cut(text: str) -> str:
    flat = " ".join(text[: 2 * _QUOTE_LIMIT].split())
    return flat if len(flat) <= _QUOTE_LIMIT else flat[: _QUOTE_LIMIT - 3] + "..."


_STATUSES: Final[Mapping[str, tuple[Look, str]]] = MappingProxyType(
    {
        E.SESSION_RUNNING: (Look.RUNNING, "runs"),
        E.THREAD_RUNNING: (Look.RUNNING, "runs"),
        E.SESSION_IDLE: (Look.IDLE, "rests"),
        E.THREAD_IDLE: (Look.IDLE, "rests"),
        E.SESSION_RESCHEDULED: (Look.RESCHEDULING, "is to be tried again"),
        E.THREAD_RESCHEDULED: (Look.RESCHEDULING, "is to be tried again"),
        E.SESSION_TERMINATED: (Look.ENDED, "is over for good"),
        E.THREAD_TERMINATED: (Look.ENDED, "is over for good"),
        E.SESSION_DELETED: (Look.ENDED, "is deleted"),
    }
)
_CONFIRMED: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {"allow": ("allows", "allowed"), "deny": ("denies", "denied")}
)
_INPUTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        E.USER_MESSAGE: "writes",
        E.USER_INTERRUPT: "interrupts",
        E.USER_DEFINE_OUTCOME: "sets an outcome to reach",
        E.SYSTEM_MESSAGE: "instructs",
    }
)
_RUNS: Final[Mapping[str, str]] = MappingProxyType(
    {
        E.RUN_CREATED: "is made",
        E.RUN_RUNNING: "runs",
        E.RUN_IDLE: "is paused",
        E.RUN_ENDED: "ends",
        E.PHASE_STARTED: "starts a phase",
        E.PHASE_ENDED: "ends a phase",
    }
)
_NEWS: Final[Mapping[str, str]] = MappingProxyType(
    {
        E.SESSION_UPDATED: "the session's settings change",
        E.CONTEXT_COMPACTED: "{name}: the context is compacted",
        E.OUTCOME_START: "grading {iteration} starts",
        E.OUTCOME_END: "grading {iteration} ends",
    }
)
TELLERS: Final[Mapping[str, Teller]] = MappingProxyType(
    {
        **dict.fromkeys(_STATUSES, _tell_status),
        **dict.fromkeys(_INPUTS, _tell_input),
        **dict.fromkeys(_RUNS, _tell_run),
        **dict.fromkeys(_NEWS, _tell_news),
        **dict.fromkeys(
            (E.USER_TOOL_CONFIRMATION, E.USER_CUSTOM_TOOL_RESULT, E.USER_TOOL_RESULT), _tell_answer
        ),
        **dict.fromkeys(
            (E.AGENT_TOOL_USE, E.AGENT_MCP_TOOL_USE, E.AGENT_CUSTOM_TOOL_USE), _tell_call
        ),
        **dict.fromkeys((E.AGENT_TOOL_RESULT, E.AGENT_MCP_TOOL_RESULT), _tell_result),
        **dict.fromkeys((E.AGENT_MESSAGE, E.AGENT_THINKING), _tell_speech),
        **dict.fromkeys((E.SPAN_START, E.SPAN_END), _tell_request),
        **dict.fromkeys((E.THREAD_MESSAGE_SENT, E.THREAD_MESSAGE_RECEIVED), _tell_message),
        **dict.fromkeys((E.SESSION_ERROR, E.RUN_ERROR), _tell_error),
        **dict.fromkeys(
            (E.SESSION_USAGE, E.OUTCOME_ONGOING, E.EVENT_START, E.EVENT_DELTA), _tell_nothing
        ),
        E.THREAD_CREATED: _tell_created,
    }
)
