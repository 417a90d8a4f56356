"""What the monitor has seen so far: threads, calls, requests and the session, in the tables' words.

A view is one event list: a session's (with its children's status events and cross-posted calls),
or one child's own. It is all that rules may look at, and it keeps only what they need: events that
are still open or that are the last of their kind. What is over goes into `Recent`, which forgets.

Where the capture starts in the middle of a life, the sets of possible states (`mask`) start full.
"""

from __future__ import annotations

from typing import Final

import msgspec

from lifecycle.check.steps import STEPS, Steps, bits, every
from lifecycle.check.view_work import Recent, Work
from lifecycle.check.words import CallState, E
from lifecycle.dialects import Dialect
from lifecycle.machines import SESSION, THREAD
from lifecycle.vocabulary import SessionState, ThreadState
from lifecycle.wire.bulk import Brief, Seen

__all__ = ["ADVISOR", "Call", "ThreadView", "View"]

IDLE: Final = bits(THREAD, ThreadState.IDLE)
RUNNING: Final = bits(THREAD, ThreadState.RUNNING)
RESCHEDULING: Final = bits(THREAD, ThreadState.RESCHEDULING)
DEAD: Final = bits(THREAD, ThreadState.TERMINATED, ThreadState.ARCHIVED)
SESSION_IDLE: Final = bits(SESSION, SessionState.IDLE)
SESSION_RUNNING: Final = bits(SESSION, SessionState.RUNNING)

ADVISOR: Final = "anthropic.advisor"
"""The agent name of threads that the platform spawns for advice."""


class Call(msgspec.Struct, eq=False):
    """A tool use that has no result yet.

    Attributes:
        use: the event that made it.
        thread: the thread that it belongs to.
        state: its state in the call machine.
        family: ``agent.tool_use``, ``agent.mcp_tool_use`` or ``agent.custom_tool_use``.
        named: the last thread idle that asked for it.
        answer: the client's last confirmation.
        request: the start of the model request that made it, where that was seen.
        own: whether its results are to be seen on this list.
        spawned: the announcement of the child that it made (Qoder says so).
        cancelled: the archive of that child, while it waits for it.
    """

    use: Seen
    thread: ThreadView
    state: str
    family: str
    request: Seen | None
    own: bool
    named: Seen | None = None
    answer: Seen | None = None
    spawned: Seen | None = None
    cancelled: Seen | None = None

    @property
    def waits(self) -> bool:
        """Whether the client must act on it before its thread goes on."""
        return self.state in (CallState.ASKED, CallState.ALLOWED)


class ThreadView:
    """A thread as it was seen.

    Attributes:
        id: its id; empty where events do not say.
        mask: the states that it could be in.
        last: its last status event.
        idle: its last idle event, while it is the last status event.
        created: the event that announced it; sent: the last message that was sent to it.
        name: its agent's name, as first seen.
        calls: its calls without a result, by id.
        request: the start of its open model request.
        closed: the end of its last model request.
        result: its last call that has its result, and that, while no request has started since.
        request_known: whether `request` is certain (not so at the start of a partial capture).
        run: its last running event; rest: the idle event before that.
        cause: what its turn was opened for, once seen.
        asked: whether a request started, or a forwarded answer passed, in the open turn.
        answered: the last answer to one of its calls since its last status event.
        waiting: an input that is listed while it rests: it opens the next turn.
        unread: an input or a report that its open turn took in, until a request starts.
        words: what it said, where the request that says it began before the list.
        interrupted: the last interrupt that reached it in its turn or since.
        resumed: whether its turn goes on from another state than an ended turn.
        ended: the event that ended it.
        errand: the workflow run that it works for; maker: the call that made it, if events say so.
        exhausted: its idle event with `retries_exhausted`, until it ends.
    """

    __slots__ = (
        "answered",
        "asked",
        "calls",
        "cause",
        "closed",
        "created",
        "ended",
        "errand",
        "exhausted",
        "id",
        "idle",
        "interrupted",
        "last",
        "maker",
        "mask",
        "name",
        "request",
        "request_known",
        "rest",
        "result",
        "resumed",
        "run",
        "sent",
        "unread",
        "waiting",
        "words",
    )

    def __init__(self, thread_id: str, mask: int, known: bool) -> None:
        self.id = thread_id
        self.mask = mask
        self.last: Seen | None = None
        self.idle: Seen | None = None
        self.created: Seen | None = None
        self.name: str | None = None
        self.calls: dict[str, Call] = {}
        self.request: Seen | None = None
        self.closed: Seen | None = None
        self.request_known = known
        self.result: tuple[Call, Seen] | None = None
        self.run: Seen | None = None
        self.cause: Seen | None = None
        self.asked = False
        self.answered: Seen | None = None
        self.waiting: Seen | None = None
        self.interrupted: Seen | None = None
        self.resumed = not known
        self.rest: Seen | None = None
        self.ended: Seen | None = None
        self.errand: str | None = None
        self.exhausted: Seen | None = None
        self.sent: Seen | None = None
        self.unread: Seen | None = None
        self.words: Seen | None = None
        self.maker: Call | None = None

    def take_over(self, other: ThreadView) -> None:
        """Take over what the list's own events said while its thread was not known."""
        self.request, self.request_known = other.request, other.request_known
        self.closed, self.asked, self.result = other.closed, other.asked, other.result
        self.answered, self.waiting, self.cause = other.answered, other.waiting, other.cause
        self.interrupted, self.unread, self.words = other.interrupted, other.unread, other.words
        for name in [name for name, call in other.calls.items() if call.own]:
            call = self.calls[name] = other.calls.pop(name)
            call.thread = self
        other.request, other.request_known = None, False

    @property
    def advisor(self) -> bool:
        """Whether it is a platform-spawned advisor."""
        return self.name == ADVISOR

    @property
    def announced(self) -> Seen | None:
        """The event that announced it, where one did: it is a child of this session."""
        created = self.created
        return created if created is not None and created.type == E.THREAD_CREATED else None

    @property
    def counts(self) -> bool:
        """Whether it is a live child that counts against the limit."""
        lives = self.announced is not None and self.ended is None
        return lives and self.errand is None and not self.advisor


class View(Work):
    """Everything that rules may look at, for one event list; what is not listed here is `Work`'s.

    Attributes:
        dialect: the dialect that the list is read in; steps: its tables, as they are stepped.
        whole: whether the list is known from its beginning.
        declared: whether that was said of it, not read off how it begins.
        stripped: whether the recording has no ids (types only): nothing can be matched by id.
        child_list: whether it is a child's own list (`None` while unknown).
        own: the thread whose own events these are.
        primary: the primary thread, once known.
        threads: every thread that was named, by id; live: those of them that have not ended.
        buried: the last event that ended a thread.
        children: how many live children there are that count against the limit.
        spawned: the first announcement of a child.
        errands: the live threads of workflow runs.
        multi: whether the session has, or may have, more than one thread.
        mask: the states that the session could be in.
        status: the last session status event.
        rested: the last thread idle since the last session status event.
        unpaired: the session's running event that still awaits the primary's.
        late: the type of the status event that the list's own thread still owes, after it was taken
            to run or to rest without one.
        ahead: whether the primary has run before its session said so.
        paired: the primary's running event by which it was known, where a list begins midlife.
        calls: every call without a result, by id.
        done: the results of calls, by call id.
        forgotten: a child's answered calls, whose results stand on its own list.
        hosted: the first idle event that asks for an allowed call: a worker runs the tools.
        loose_call: a tool use without an id and, so far, without a result.
        ended_spans: the ends of model requests, by the start's id.
        alarm: whether something is due, or over, that concerns every event (see `calm`).
        input: the first turn's input, which shows that the list is whole.
        opening: whether the first turn's input, which shows that the list is whole, is to come.
        begin: the event that shows whose list this is: the first running event of a whole list.
        second: the event after that, if it is the very first of the list.
        previous: the event before the one at hand.
        terminal: a terminal error whose termination is still to come.
        dead_turn: an exhausted error whose idle is still to come.
        last_error: the last session error since the session started to run.
        ended: the event that ended the session; deleted: the event that deleted it.
    """

    __slots__ = (
        "ahead",
        "alarm",
        "begin",
        "buried",
        "calls",
        "child_list",
        "children",
        "dead_turn",
        "declared",
        "deleted",
        "dialect",
        "done",
        "ended",
        "ended_spans",
        "errands",
        "forgotten",
        "hosted",
        "input",
        "last_error",
        "late",
        "live",
        "loose_call",
        "mask",
        "multi",
        "opening",
        "own",
        "paired",
        "previous",
        "primary",
        "rested",
        "second",
        "spawned",
        "status",
        "steps",
        "stripped",
        "terminal",
        "threads",
        "unpaired",
        "whole",
    )

    def __init__(self, dialect: Dialect, whole: bool, stripped: bool, declared: bool) -> None:
        super().__init__()
        self.dialect: Final = dialect
        self.steps: Final = STEPS.get(dialect.name) or Steps(dialect)
        self.whole = whole
        self.declared: Final = declared
        self.stripped: Final = stripped
        self.child_list: bool | None = None
        self.own = ThreadView("", IDLE if whole else every(THREAD), whole)
        self.primary: ThreadView | None = self.own if whole else None
        self.threads: dict[str, ThreadView] = {}
        self.live: dict[str, ThreadView] = {}
        self.buried: Seen | None = None
        self.children = 0
        self.spawned: Seen | None = None
        self.errands: dict[str, ThreadView] = {}
        self.multi = False
        self.mask = SESSION_IDLE if whole else every(SESSION)
        self.status: Seen | None = None
        self.rested: Seen | None = None
        self.unpaired: Seen | None = None
        self.late: str | None = None
        self.ahead = False
        self.paired: Seen | None = None
        self.calls: dict[str, Call] = {}
        self.done: Recent[Brief] = Recent()
        self.forgotten: Recent[Call] = Recent()
        self.hosted: Seen | None = None
        self.loose_call: Seen | None = None
        self.ended_spans: Recent[Brief] = Recent()
        self.input: Seen | None = None
        self.alarm = self.opening = whole
        self.begin: Seen | None = None
        self.second: Seen | None = None
        self.previous: Seen | None = None
        self.terminal: Seen | None = None
        self.dead_turn: Seen | None = None
        self.last_error: Seen | None = None
        self.ended: Seen | None = None
        self.deleted: Seen | None = None

    def thread_of(self, event: Seen) -> ThreadView:
        """Return the thread that *event* is of: the one it names, or the list's own."""
        name = event.session_thread_id
        if not name:
            return self.own
        found = self.threads.get(name)
        return self.known(name) if found is None else found

    def status_thread(self, event: Seen) -> ThreadView | None:
        """Return the thread that a status event is about; `None` if it was never named before.

        The first status event of a list that begins with its session's running names its own.
        """
        found = self.threads.get(event.session_thread_id or "")
        if found is None and self.begin is not None and not self.own.id:
            return self.own
        return found

    def known(self, name: str) -> ThreadView:
        """Return the thread called *name*, new if it was never named."""
        found = self.threads.get(name)
        if found is None:
            mask = IDLE if self.whole else every(THREAD)
            found = ThreadView(name, mask, self.whole)
            self.register(found)
        return found

    def register(self, thread: ThreadView) -> None:
        """Know *thread*, which lives, by its id."""
        self.threads[thread.id] = self.live[thread.id] = thread

    def calm(self) -> None:
        """Settle whether something is due, or over, that concerns every event."""
        due = (self.unpaired, self.terminal, self.dead_turn, self.ended, self.deleted)
        self.alarm = self.opening or any(one is not None for one in due)

    def shown(self, says: str, other: Brief | None = None) -> tuple[tuple[Seen, str], ...]:
        """Return the witness of whose list this is; empty where that is not known.

        A child's own list is known by its first two events: it runs, and it received its task.
        Where *other*, an event that is shown too, is older, it takes the primary's event as well.
        """
        if self.begin is None:
            return ()
        more = self.second if self.child_list is None else None
        if other is not None and other.line < self.begin.line:
            more = self.paired
        return ((self.begin, says),) if more is None else ((self.begin, says), (more, says))

    @property
    def calls_known(self) -> bool:
        """Whether all open calls were seen: from the session's birth, or from a child's task on."""
        return self.whole or (self.child_list is None and bool(self.begin and self.second))

    def shown_whole(self, says: str) -> tuple[tuple[Seen, str], ...]:
        """Return the witness that the list begins with the session's life: its first input too."""
        if self.input is None:
            return self.shown(says)
        return (*self.shown(says), (self.input, "this is its first input"))

    def disown(self) -> None:
        """Forget whose list this is: the thread that opened it may be any of the session's."""
        opener, self.own = self.own, ThreadView("", every(THREAD), False)
        self.own.take_over(opener)
        self.own.request_known = bool(self.own.request or self.own.closed)
        self.begin = None

    def on_session_list(self) -> None:
        """Settle that this is a session's list, not a child's own."""
        if self.child_list is None and self.own.id:
            self.disown()
        self.child_list = False

    def is_primary(self, thread: ThreadView) -> bool:
        """Whether *thread* is certainly the primary."""
        return self.primary is thread
