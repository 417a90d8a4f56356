"""A place in a recording, with the session as it is there: what plans are made from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypedDict

import attrs

from lifecycle import commands as c, events as e
from lifecycle.replay.signs import INPUTS, Sign, call_of, use_id
from lifecycle.replay.story import Story
from lifecycle.replay.words import Allowance
from lifecycle.state import Session, Thread
from lifecycle.vocabulary import CallState, Permission

__all__ = ["Mark", "On", "Plan", "Where"]


class Mark(TypedDict):
    """What every command names."""

    session_id: str


class On(Mark):
    """What every report of a thread names."""

    thread_id: str


@attrs.frozen
class Plan:
    """What may have happened.

    Attributes:
        commands: the commands, in their order.
        skips: what allows passing over the recorded event instead.
        last: whether all others go before it, also with a switch at another choice.
    """

    commands: tuple[c.Command, ...]
    skips: Allowance | None = None
    last: bool = False


@attrs.frozen
class Where:
    """A place in a recording.

    Attributes:
        story: the recording.
        state: the session.
        at: the place of the event that comes next.
        held: inputs that were recorded before, without a stamp, and were not emitted yet.
    """

    story: Story
    state: Session
    at: int
    held: tuple[Sign, ...] = ()

    @property
    def event(self) -> Any:
        """The event that comes next."""
        return self.story.events[self.at]

    @property
    def primary(self) -> Thread:
        """The primary thread."""
        return self.state.threads[self.state.primary]

    @property
    def whose(self) -> str:
        """The thread that the event is of, if it is one of a thread's work."""
        return self.story.thread_of(self.event) if self.story.merged else self.story.own

    @property
    def mark(self) -> Mark:
        """What every command names."""
        return {"session_id": self.state.id}

    def on(self, thread_id: str) -> On:
        """Return what every report about a thread names."""
        return {"session_id": self.state.id, "thread_id": thread_id}

    def thread_of(self, event: e.Event) -> Thread | None:
        """Return the thread of an event; `None` if it is not made yet."""
        return self.state.threads.get(self.story.thread_of(event))

    def after(self, place: int) -> Iterator[tuple[int, e.Event]]:
        """Iterate over the events after *place*, errors and accounts aside."""
        for index in range(place + 1, len(self.story)):
            event = self.story.events[index]
            if not isinstance(event, e.SessionError | e.SessionUsage):
                yield index, event

    # -- what a thread must have done without being seen -----------------------------------------

    def caught_up(self, thread: Thread) -> list[c.Command]:
        """Return what brings a child's unseen turn to where it may end, ask or report."""
        told: list[c.Command] = []
        if self.story.shows(thread.id):
            return told
        if thread.request:
            told.append(c.RequestEnded(**self.on(thread.id)))
        calls = [call for call in self.state.calls.values() if call.thread == thread.id]
        ready = (CallState.ALLOWED, CallState.PROCESSED)
        told += [
            c.ToolResulted(**self.on(thread.id), call_id=call.id)
            for call in calls
            if call.state in ready and not call.by_client
        ]
        if thread.unread or thread.mailbox or calls or len(told) > bool(thread.request):
            told += self.request(thread)
        return told

    def request(self, thread: Thread, *within: c.Command) -> list[c.Command]:
        """Return a request of a thread, with what it gives."""
        on = self.on(thread.id)
        return [c.RequestStarted(**on), *within, c.RequestEnded(**on)]

    def asking(self, thread: Thread, asked: tuple[str, ...]) -> list[c.Command]:
        """Return what made a child ask: a request with the calls that its rest names."""
        new = [name for name in asked if name not in self.state.calls]
        if self.story.shows(thread.id) or not new:
            return self.caught_up(thread)
        uses = [self.use(self.story.uses.get(name), thread.id, name) for name in new]
        before = self.caught_up(thread)
        if before and isinstance(before[-1], c.RequestEnded) and len(before) > 1:
            return [*before[:-1], *uses, before[-1]]
        return [*before, *self.request(thread, *uses)]

    def use(self, event: e.ToolUse | None, thread_id: str, call_id: str = "") -> c.Command:
        """Return the command of a tool use; one that is nowhere listed was asked for."""
        if event is None:
            return c.ToolUsed(**self.on(thread_id), call_id=call_id, permission=Permission.ASK)
        kind: c.ToolKind = "tool"
        if isinstance(event, e.AgentCustomToolUse):
            kind = "custom"
        elif isinstance(event, e.AgentMcpToolUse):
            kind = "mcp"
        told = getattr(event, "evaluated_permission", None)
        known = {one.value: one for one in Permission}
        return c.ToolUsed(
            **self.on(thread_id),
            name=str(event.name or ""),
            kind=kind,
            permission=known.get(str(told), Permission.ALLOW),
            server=str(getattr(event, "mcp_server_name", None) or ""),
            call_id=use_id(event),
        )

    # -- what is known of what comes later -------------------------------------------------------

    def reports_due(self, child: Thread) -> int:
        """Count the reports that a child sends before it runs again, and that are not sent yet."""
        due = 0
        for event in self.story.from_here(self.at + 1):
            if isinstance(event, e.ThreadMessageReceived):
                due += event.from_session_thread_id == child.id
            elif isinstance(event, e.ThreadRunning) and event.session_thread_id == child.id:
                break
        return due - self.mail_from(child.id)

    def mail_from(self, sender: str) -> int:
        """Count the unread messages of the primary that *sender* sent."""
        messages = self.state.messages
        return sum(messages[name].sender == sender for name in self.primary.mailbox)

    def _is_kept(self, call_id: str) -> bool:
        """Whether a call has an answer that waits for its turn."""
        call = self.state.calls.get(call_id)
        return call is not None and call.state is CallState.ANSWERED

    def interrupt_ahead(self) -> e.UserInterrupt | None:
        """Return the interrupt that forced what comes next; `None` if none did."""
        for event in self.story.from_here(self.at):
            if isinstance(event, e.UserInterrupt):
                return event
            if isinstance(event, INPUTS) and self._is_kept(call_of(event)):
                continue  # an answer that has waited is consumed before the call is closed
            forced = isinstance(event, e.ModelRequestEnd) or call_of(event)
            if not (forced and getattr(event, "is_error", None)):
                return None
        return None
