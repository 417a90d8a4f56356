"""The effects that a row may name: what the host owes when the row is taken.

An effect is data. The tables name it, the host does it, and nothing here knows who the host is.
``phase`` says whether it belongs into the write that stores the events or comes after it,
``repeatable`` whether doing it twice harms, and ``lost`` what is missing if it never happens.
"""

from __future__ import annotations

from typing import Final

from lifecycle.table import Effect, Phase
from lifecycle.vocabulary import EventType, WebhookType

__all__ = [
    "CANCEL_MAILBOX",
    "CLOSE_CALLS",
    "CLOSE_STREAMS",
    "CREATE_SESSION",
    "DELIVER_NEXT",
    "EFFECTS",
    "EMIT_DELETED",
    "EMIT_IDLE",
    "EMIT_RESCHEDULED",
    "EMIT_RUNNING",
    "EMIT_RUN_ENDED",
    "EMIT_RUN_IDLE",
    "EMIT_RUN_RUNNING",
    "EMIT_SESSION_IDLE",
    "EMIT_SESSION_RESCHEDULED",
    "EMIT_SESSION_RUNNING",
    "EMIT_SESSION_TERMINATED",
    "EMIT_TERMINATED",
    "END_CHILDREN",
    "END_RUNS",
    "FLUSH_MAILBOX",
    "FREE_SLOT",
    "GIVE_RESULT",
    "RECORD_RUN",
    "RESUME_FIRES",
    "RUN_TOOL",
    "SEND_ARCHIVED",
    "SEND_CREATED",
    "SEND_PAUSED",
    "SEND_RUN_FAILED",
    "SEND_RUN_STARTED",
    "SEND_RUN_SUCCEEDED",
    "SEND_UNPAUSED",
    "SEND_UPDATED",
    "START_CLOCK",
    "STOP_CLOCK",
    "SUPPRESS_FIRES",
    "UNBLOCK_COORDINATOR",
]


def _emit(event: EventType, lost: str) -> Effect:
    """Declare the writing of *event*; an event's id makes a second writing recognisable."""
    name = f"emit {event.value}"
    return Effect(name, f"Write a `{event.value}` event.", Phase.WITH, True, lost, emits=event)


def _send(webhook: WebhookType) -> Effect:
    """Declare the sending of *webhook*; its id makes a second delivery recognisable."""
    name = f"send {webhook.value}"
    doc = f"Send a `{webhook.value}` webhook to who subscribed to it."
    return Effect(name, doc, Phase.AFTER, True, "subscribers read a stale object", sends=webhook)


EMIT_RUNNING: Final = _emit(EventType.THREAD_RUNNING, "readers believe that the thread rests")
EMIT_IDLE: Final = _emit(EventType.THREAD_IDLE, "clients wait for a turn that is over")
EMIT_RESCHEDULED: Final = _emit(EventType.THREAD_RESCHEDULED, "readers take a retry for work")
EMIT_TERMINATED: Final = _emit(EventType.THREAD_TERMINATED, "clients wait for a dead thread")
EMIT_SESSION_RUNNING: Final = _emit(EventType.SESSION_RUNNING, "readers take work for rest")
EMIT_SESSION_IDLE: Final = _emit(EventType.SESSION_IDLE, "clients never learn that it rests")
EMIT_SESSION_RESCHEDULED: Final = _emit(EventType.SESSION_RESCHEDULED, "a retry looks like work")
EMIT_SESSION_TERMINATED: Final = _emit(EventType.SESSION_TERMINATED, "clients wait for ever")
EMIT_DELETED: Final = _emit(EventType.SESSION_DELETED, "open streams never end")
EMIT_RUN_RUNNING: Final = _emit(EventType.RUN_RUNNING, "readers believe that the run is paused")
EMIT_RUN_IDLE: Final = _emit(EventType.RUN_IDLE, "readers believe that the run executes")
EMIT_RUN_ENDED: Final = _emit(EventType.RUN_ENDED, "nobody learns that the run is over")

START_CLOCK: Final = Effect(
    "start the clock",
    "Start to count the thread's active seconds.",
    Phase.WITH,
    True,
    "active seconds are too few",
)
STOP_CLOCK: Final = Effect(
    "stop the clock",
    "Stop to count the thread's active seconds.",
    Phase.WITH,
    True,
    "active seconds grow for ever",
)
DELIVER_NEXT: Final = Effect(
    "deliver the next message",
    "Give the thread the oldest pending message of its mailbox, if there is one.",
    Phase.WITH,
    True,
    "a message waits although its thread is free",
)
CANCEL_MAILBOX: Final = Effect(
    "cancel the mailbox",
    "Cancel every pending message of the thread.",
    Phase.WITH,
    True,
    "messages wait for ever for a thread that is over",
)
FLUSH_MAILBOX: Final = Effect(
    "flush the mailbox",
    "Drop every queued input of the thread.",
    Phase.WITH,
    True,
    "input of the dead turn starts a new one",
)
UNBLOCK_COORDINATOR: Final = Effect(
    "unblock the coordinator",
    "Give a coordinator that waits for this thread its tool result, and let it run again.",
    Phase.WITH,
    True,
    "the coordinator waits for ever",
)
CLOSE_CALLS: Final = Effect(
    "close open calls",
    "Give every open call of the thread an error result.",
    Phase.WITH,
    True,
    "the model's next request misses a tool result",
)
FREE_SLOT: Final = Effect(
    "free the slot",
    "Count one live child less.",
    Phase.WITH,
    True,
    "the session reaches its thread limit too early",
)
END_CHILDREN: Final = Effect(
    "end the children",
    "End every live child thread of the session.",
    Phase.WITH,
    True,
    "children of a session that is over go on working",
)
END_RUNS: Final = Effect(
    "end the workflow runs",
    "End every open workflow run of the session as stopped.",
    Phase.WITH,
    True,
    "runs of a session that is over go on working",
)
CLOSE_STREAMS: Final = Effect(
    "close the streams",
    "End every open event stream of the session.",
    Phase.AFTER,
    True,
    "clients listen to nothing",
)
RUN_TOOL: Final = Effect(
    "run the tool",
    "Execute the call, or hand it to the worker that does.",
    Phase.AFTER,
    False,
    "the thread waits for a result that never comes",
)
GIVE_RESULT: Final = Effect(
    "give the result",
    "Put the call's result into the thread's next model request.",
    Phase.WITH,
    True,
    "the model never sees the result",
)

SUPPRESS_FIRES: Final = Effect(
    "suppress the fires",
    "Forget when the deployment's schedule is due next.",
    Phase.WITH,
    True,
    "the host wakes up for a fire that is refused",
)
RESUME_FIRES: Final = Effect(
    "resume the fires",
    "Keep when the deployment's schedule is due next, if it has one.",
    Phase.WITH,
    True,
    "an active deployment never fires again",
)
CREATE_SESSION: Final = Effect(
    "create the session",
    "Create the run's session, once for the run's id, and report what came of it.",
    Phase.AFTER,
    True,
    "the run never gets a session, nor an error",
)
RECORD_RUN: Final = Effect(
    "record the run",
    "Append the deployment run, with its session or with its error.",
    Phase.WITH,
    True,
    "nobody learns what came of the run",
)
SEND_CREATED: Final = _send(WebhookType.CREATED)
SEND_UPDATED: Final = _send(WebhookType.UPDATED)
SEND_PAUSED: Final = _send(WebhookType.PAUSED)
SEND_UNPAUSED: Final = _send(WebhookType.UNPAUSED)
SEND_ARCHIVED: Final = _send(WebhookType.ARCHIVED)
SEND_RUN_STARTED: Final = _send(WebhookType.RUN_STARTED)
SEND_RUN_SUCCEEDED: Final = _send(WebhookType.RUN_SUCCEEDED)
SEND_RUN_FAILED: Final = _send(WebhookType.RUN_FAILED)

EFFECTS: Final[tuple[Effect, ...]] = tuple(v for v in globals().values() if isinstance(v, Effect))
"""Every effect, in the order of this file."""
