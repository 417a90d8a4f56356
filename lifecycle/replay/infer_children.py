"""What delegation shows of commands: children made, messages to and from them, their ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import attrs

from lifecycle import commands as c, events as e
from lifecycle.replay.where import Plan, Where
from lifecycle.state import ADVISOR

__all__ = ["CHILD_PLANS"]

_BLOCKING: Final = "Agent"
"""The tool whose call waits for the child that it makes."""


def _created(where: Where) -> Iterator[Plan]:
    """A child is made: by the coordinator, by a workflow run, or by the platform for advice."""
    event, on = where.event, where.on(where.state.primary)
    child = str(event.session_thread_id)
    if event.agent_name == ADVISOR:
        yield Plan((c.ConsultAdvisor(**on, child_id=child),))
        return
    made = c.SpawnChild(
        **on,
        child_id=child,
        agent_name=str(event.agent_name or "child"),
        run_id=str(event.workflow_run_id or ""),
        call_id=str(event.created_by_tool_use_id or ""),
        task="…",
    )
    call = where.state.calls.get(made.call_id)
    yield Plan((attrs.evolve(made, blocking=call is not None and call.name == _BLOCKING),))
    yield Plan((made,))


def _message_sent(where: Where) -> Iterator[Plan]:
    """The coordinator sends to a child; on a child's own list it reports."""
    on, child = where.on(where.whose), str(where.event.to_session_thread_id)
    if where.story.is_child or where.whose != where.state.primary:
        yield Plan((c.Report(**on, content="…"),))
    else:
        yield Plan((c.MessageChild(**on, child_id=child, content="…"),))


def _thread_over(where: Where) -> Iterator[Plan]:
    """A child is over: archived, done with its errand, or failed."""
    name = str(where.event.session_thread_id)
    thread = where.state.threads.get(name)
    on = where.on(name)
    over = (
        c.ArchiveThread(**where.mark, thread_id=name),
        c.FinishThread(**on),
        c.FailSession(**on),
    )
    if thread is not None and (thread.advisor or thread.errand):
        yield Plan((over[1],))
    for one in over:
        yield Plan((one,))


CHILD_PLANS: Final[dict[type, Callable[[Where], Iterator[Plan]]]] = {
    e.ThreadCreated: _created,
    e.ThreadMessageSent: _message_sent,
    e.ThreadTerminated: _thread_over,
}
"""What may have caused an event of each class."""
