"""A session and everything in it: threads, mailboxes, calls, waits, runs, budget, outcome.

The session is the unit of consistency: one value, one version. It holds what is open, never what is
over, so that a decision costs the same however long the session has lived: no history, no results,
only calls without one, messages that nobody has read, runs that have not ended.

Values are treated as frozen: whoever changes one has made a `fork` of it first. They are not
declared frozen because building one would cost three times as much.

Times are microseconds since 1970 (``_us``) where the model counts with them, and RFC 3339 stamps
where a resource shows them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import attrs

from lifecycle.vocabulary import (
    CallState,
    EventType,
    Permission,
    Role,
    RunState,
    SessionState,
    StopReason,
    ThreadState,
)

__all__ = ["ADVISOR", "FORM", "Call", "Message", "Outcome", "Run", "Session", "Tally", "Thread"]

FORM: Final = 1
"""The version of the state's form; a state of a newer form is not read."""

ADVISOR: Final = "anthropic.advisor"
"""The agent name of threads that the platform spawns for advice."""

_OVER: Final = frozenset({ThreadState.TERMINATED, ThreadState.ARCHIVED})
_FOR_CLIENT: Final = frozenset({CallState.ALLOWED, CallState.PROCESSED})
_ASKED, _ANSWERED = CallState.ASKED, CallState.ANSWERED


@attrs.define
class Thread:
    """One thread.

    Attributes:
        id: its id.
        role: primary, or child.
        agent_name: the name of its agent.
        parent: the thread that made it; empty for the primary.
        state: what it is doing.
        stop: why it came to rest the last time.
        asked: the calls that it rests on, in the order in which they were made.
        archived_at: when it was archived, as a stamp.
        mailbox: the messages that wait for it, oldest first.
        request: its open model request: the id of the event that started it.
        unread: whether it has taken in an input or a result that no model request has followed.
        fresh: whether its turn has asked the model nothing yet.
        waits_for: the child whose report it waits for, in a blocking call.
        wait_call: that call, if the service lists it.
        errand: the workflow run that it works for.
        advisor: whether the platform made it for advice; it ends by itself.
        created_by: the call that made it.
        created_at: when it was made, as a stamp.
        since_us: when it started to run; 0 while it rests.
        active_us: how long it has run before that.
    """

    id: str
    role: Role
    agent_name: str
    parent: str = ""
    state: ThreadState = ThreadState.IDLE
    stop: StopReason | None = None
    asked: tuple[str, ...] = ()
    archived_at: str | None = None
    mailbox: tuple[str, ...] = ()
    request: str = ""
    unread: bool = False
    fresh: bool = False
    waits_for: str = ""
    wait_call: str = ""
    errand: str = ""
    advisor: bool = False
    created_by: str = ""
    created_at: str = ""
    since_us: int = 0
    active_us: int = 0

    @property
    def live(self) -> bool:
        """Whether it is neither terminated nor archived."""
        return self.state not in _OVER

    def fork(self) -> Thread:
        """Return a copy that may be changed."""
        return Thread(
            self.id,
            self.role,
            self.agent_name,
            self.parent,
            self.state,
            self.stop,
            self.asked,
            self.archived_at,
            self.mailbox,
            self.request,
            self.unread,
            self.fresh,
            self.waits_for,
            self.wait_call,
            self.errand,
            self.advisor,
            self.created_by,
            self.created_at,
            self.since_us,
            self.active_us,
        )


@attrs.define
class Call:
    """A tool use that has no result yet.

    Attributes:
        id: the id of its event.
        thread: the thread that made it.
        kind: the type of its event: built-in, MCP or custom.
        name: the tool.
        state: how far it has come.
        permission: what the policy said; custom tools have none.
        by_client: whether the client runs it: a custom tool, or a self-hosted one.
        answer: the client's answer while it waits for its turn, or the reason of its denial; as
            the fields of its event.
        posted: whether it stands on the session's list beside its thread's own.
        hidden: whether it stands on no list at all.
        owed: whether the host was told to run it.
        server: its MCP server.
        input: what it was called with; kept for a child's call, which may have to be shown on the
            session's list.
    """

    id: str
    thread: str
    kind: EventType
    name: str = ""
    state: CallState = CallState.ALLOWED
    permission: Permission | None = None
    by_client: bool = False
    answer: Mapping[str, Any] | None = None
    posted: bool = False
    hidden: bool = False
    owed: bool = False
    server: str = ""
    input: Mapping[str, Any] = attrs.field(factory=dict)

    @property
    def wants(self) -> bool:
        """Whether the client has still to act on it: to confirm it, or to give its result."""
        if self.state is _ASKED:
            return True
        return self.by_client and self.state in _FOR_CLIENT

    @property
    def holds(self) -> bool:
        """Whether the answers to later calls must wait for it."""
        return self.wants or self.state is _ANSWERED

    def fork(self) -> Call:
        """Return a copy that may be changed."""
        return Call(
            self.id,
            self.thread,
            self.kind,
            self.name,
            self.state,
            self.permission,
            self.by_client,
            self.answer,
            self.posted,
            self.hidden,
            self.owed,
            self.server,
            self.input,
        )


@attrs.frozen
class Message:
    """A message that waits in a mailbox.

    Attributes:
        id: the id of the event that sent it.
        to: the thread whose mailbox it is in.
        kind: the type of that event.
        sender: the thread that sent it; empty for a client.
        fields: what the event says.
    """

    id: str
    to: str
    kind: EventType
    sender: str = ""
    fields: Mapping[str, Any] = attrs.field(factory=dict)


@attrs.frozen
class Run:
    """A workflow run that has not ended.

    Attributes:
        id: its id.
        state: what it is doing.
        phases: the open phases: the phase's id and the id of the event that started it.
        capped: whether the budget paused it.
    """

    id: str
    state: RunState = RunState.CREATED
    phases: tuple[tuple[str, str], ...] = ()
    capped: bool = False


@attrs.frozen
class Outcome:
    """The goal that the session works for.

    Attributes:
        id: its id.
        iteration: how many gradings have ended.
        start: the id of the event that started the open grading; empty while none is open.
    """

    id: str
    iteration: int = 0
    start: str = ""


@attrs.define
class Tally:
    """What a session has used: tokens, and the time in which any thread ran, overlaps once."""

    input_tokens: int = 0
    output_tokens: int = 0
    cache_read: int = 0
    cache_creation: int = 0
    since_us: int = 0
    active_us: int = 0

    def fork(self) -> Tally:
        """Return a copy that may be changed."""
        return Tally(
            self.input_tokens,
            self.output_tokens,
            self.cache_read,
            self.cache_creation,
            self.since_us,
            self.active_us,
        )


@attrs.define
class Session:
    """A session.

    Attributes:
        id: its id.
        primary: the id of its primary thread.
        threads: its threads by id, the primary first; ended ones stay.
        calls: its open calls by id, in the order in which they were made.
        messages: its unread messages by id.
        runs: its open workflow runs by id.
        version: how many entries it is the fold of.
        state: what the fold over its threads says, or how it ended.
        listed: the status that its list told last. The two differ while a child works on an answer
            that was forwarded to it: the list says idle.
        stop: the reason that the last idle event gave.
        asked: the calls that it named.
        budget: the budget object; `None` if there is none.
        capped: whether the budget is reached.
        unpriced: whether the budget was removed, which is for good.
        outcome: the goal that is worked for.
        self_hosted: whether built-in tools are run by the client's own worker.
        created_at, archived_at: stamps.
        clock_us: the stamp of the last entry.
        tally: what it has used.
        unknown: how many events it has met that it does not know, or that did not fit, by type.
        form: the version of this form.
    """

    id: str
    primary: str
    threads: dict[str, Thread]
    calls: dict[str, Call] = attrs.Factory(dict)
    messages: dict[str, Message] = attrs.Factory(dict)
    runs: dict[str, Run] = attrs.Factory(dict)
    version: int = 0
    state: SessionState = SessionState.IDLE
    listed: SessionState = SessionState.IDLE
    stop: StopReason | None = None
    asked: tuple[str, ...] = ()
    budget: Mapping[str, Any] | None = None
    capped: bool = False
    unpriced: bool = False
    outcome: Outcome | None = None
    self_hosted: bool = False
    created_at: str = ""
    archived_at: str | None = None
    clock_us: int = 0
    tally: Tally = attrs.Factory(Tally)
    unknown: dict[str, int] = attrs.Factory(dict)
    form: int = FORM

    def fork(self) -> Session:
        """Return a copy whose mappings may be changed; what they hold is still shared."""
        return Session(
            self.id,
            self.primary,
            self.threads.copy(),
            self.calls.copy(),
            self.messages.copy(),
            self.runs.copy(),
            self.version,
            self.state,
            self.listed,
            self.stop,
            self.asked,
            self.budget,
            self.capped,
            self.unpriced,
            self.outcome,
            self.self_hosted,
            self.created_at,
            self.archived_at,
            self.clock_us,
            self.tally,
            self.unknown,
            self.form,
        )
