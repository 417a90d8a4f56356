"""What happens to a session and its threads: ``session.*``.

Sources: the client library's types and recordings; from ``parent_thread_id`` on, a created thread's
fields are Qoder's, and so is the stop reason of a terminated one.
"""

from __future__ import annotations

from typing import ClassVar

from lifecycle.events.form import ABSENT, Known, Maybe, Plain
from lifecycle.events.parts import Budget, ErrorBody, StopDetails, StopReason, Usage
from lifecycle.frozen import frozen_by_type
from lifecycle.vocabulary import EventType

__all__ = [
    "SessionDeleted",
    "SessionError",
    "SessionIdle",
    "SessionRescheduled",
    "SessionRunning",
    "SessionTerminated",
    "SessionUpdated",
    "SessionUsage",
    "ThreadCreated",
    "ThreadEvent",
    "ThreadIdle",
    "ThreadRescheduled",
    "ThreadRunning",
    "ThreadTerminated",
]


@frozen_by_type(kw_only=True)
class SessionRunning(Known):
    """The session starts to work."""

    type: ClassVar[EventType] = EventType.SESSION_RUNNING


@frozen_by_type(kw_only=True)
class SessionIdle(Known):
    """The session comes to rest."""

    type: ClassVar[EventType] = EventType.SESSION_IDLE
    stop_reason: Maybe[StopReason] = ABSENT
    stop_details: Maybe[StopDetails] = ABSENT


@frozen_by_type(kw_only=True)
class SessionRescheduled(Known):
    """A passing fault; the server tries again."""

    type: ClassVar[EventType] = EventType.SESSION_RESCHEDULED


@frozen_by_type(kw_only=True)
class SessionTerminated(Known):
    """The session is over for good."""

    type: ClassVar[EventType] = EventType.SESSION_TERMINATED


@frozen_by_type(kw_only=True)
class SessionError(Known):
    """Something went wrong; says whether it is retried."""

    type: ClassVar[EventType] = EventType.SESSION_ERROR
    error: Maybe[ErrorBody] = ABSENT


@frozen_by_type(kw_only=True)
class SessionUpdated(Known):
    """The session's settings changed; carries only those, a null budget was removed."""

    type: ClassVar[EventType] = EventType.SESSION_UPDATED
    agent: Maybe[Plain] = ABSENT
    budget: Maybe[Budget] = ABSENT
    metadata: Maybe[Plain] = ABSENT
    title: Maybe[str] = ABSENT


@frozen_by_type(kw_only=True)
class SessionUsage(Known):
    """What the session has used so far."""

    type: ClassVar[EventType] = EventType.SESSION_USAGE
    usage: Maybe[Usage] = ABSENT
    budget: Maybe[Budget] = ABSENT


@frozen_by_type(kw_only=True)
class SessionDeleted(Known):
    """The session is gone; on streams only."""

    type: ClassVar[EventType] = EventType.SESSION_DELETED


@frozen_by_type(kw_only=True)
class ThreadEvent(Known):
    """What every event of a thread's life has."""

    agent_name: Maybe[str] = ABSENT


@frozen_by_type(kw_only=True)
class ThreadCreated(ThreadEvent):
    """A child thread was made."""

    type: ClassVar[EventType] = EventType.THREAD_CREATED
    workflow_run_id: Maybe[str] = ABSENT
    parent_thread_id: Maybe[str] = ABSENT
    agent_id: Maybe[str] = ABSENT
    agent_version: Maybe[int | str] = ABSENT
    role: Maybe[str] = ABSENT
    created_by_tool_use_id: Maybe[str] = ABSENT


@frozen_by_type(kw_only=True)
class ThreadRunning(ThreadEvent):
    """A thread starts to work."""

    type: ClassVar[EventType] = EventType.THREAD_RUNNING


@frozen_by_type(kw_only=True)
class ThreadIdle(ThreadEvent):
    """A thread comes to rest."""

    type: ClassVar[EventType] = EventType.THREAD_IDLE
    stop_reason: Maybe[StopReason] = ABSENT
    stop_details: Maybe[StopDetails] = ABSENT


@frozen_by_type(kw_only=True)
class ThreadRescheduled(ThreadEvent):
    """A passing fault on a thread."""

    type: ClassVar[EventType] = EventType.THREAD_RESCHEDULED


@frozen_by_type(kw_only=True)
class ThreadTerminated(ThreadEvent):
    """A child thread is over for good."""

    type: ClassVar[EventType] = EventType.THREAD_TERMINATED
    stop_reason: Maybe[StopReason] = ABSENT
