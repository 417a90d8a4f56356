"""Mistakes that a type checker finds: a line that were no error would be an unused ignore."""

from __future__ import annotations

import attrs

from lifecycle import commands
from lifecycle.effects import CANCEL_MAILBOX
from lifecycle.embed import AsyncHooks, Firing, Hooks, thread_machine
from lifecycle.engine import Decision
from lifecycle.events import UserMessage
from lifecycle.state import Entry
from lifecycle.vocabulary import SessionTrigger, ThreadTrigger


@attrs.define
class Thread:
    """The host's thread."""

    status: str = "idle"


@attrs.define
class Message:
    """Another class of the host's."""

    status: str = "pending"


def cancel(thread: Thread, firing: Firing) -> None:
    """Cancel the pending messages."""


async def cancel_later(thread: Thread, firing: Firing) -> None:
    """Cancel the pending messages, in a while."""


threads = thread_machine(hooks=Hooks(effects={CANCEL_MAILBOX: cancel}))
later = thread_machine(hooks=AsyncHooks(effects={CANCEL_MAILBOX: cancel_later}))


def a_misspelt_trigger(thread: Thread) -> None:
    """The triggers are an enum, so a slip of the pen has no member."""
    threads.fire(thread, ThreadTrigger.ARCHVE_CHILD)  # type: ignore[attr-defined]


def a_trigger_in_quotes(thread: Thread) -> None:
    """A string is no trigger."""
    threads.fire(thread, "archive_child")  # type: ignore[arg-type]


def another_machines_trigger(thread: Thread) -> None:
    """A session's trigger is no thread's."""
    threads.fire(thread, SessionTrigger.ARCHIVE)  # type: ignore[arg-type]


def another_class(message: Message) -> None:
    """The hooks say which class the machine is for."""
    threads.fire(message, ThreadTrigger.ARCHIVE_CHILD)  # type: ignore[arg-type]


def a_forgotten_await(thread: Thread) -> Thread:
    """What an asynchronous machine returns is not yet fired."""
    return later.fire(thread, ThreadTrigger.DELIVER).host  # type: ignore[no-any-return, attr-defined]


def a_hook_that_nobody_awaits() -> None:
    """Plain hooks may not be coroutine functions."""
    Hooks(effects={CANCEL_MAILBOX: cancel_later})  # type: ignore[dict-item]


def a_state_compared_with_a_trigger(thread: Thread) -> bool:
    """A state is never a trigger."""
    return threads.state(thread) is ThreadTrigger.DELIVER  # type: ignore[comparison-overlap]


def a_misspelt_command() -> None:
    """There is no such command."""
    commands.ArchveThread(session_id="s", thread_id="t")  # type: ignore[attr-defined]


def a_misspelt_field() -> None:
    """A command names what it is about by its own fields alone."""
    commands.ArchiveThread(session_id="s", thred_id="t")  # type: ignore[call-arg]


def a_misspelt_kind() -> None:
    """A tool is of one of three kinds."""
    commands.ToolUsed(session_id="s", kind="custm")  # type: ignore[arg-type]


def a_result_in_quotes() -> None:
    """A grading ends, and so does a run, with a word of its enum."""
    commands.EvaluationEnded(session_id="s", result="satisfid")  # type: ignore[arg-type]
    commands.RunEnded(session_id="s", run_id="r", result="complete")  # type: ignore[arg-type]


def a_change_of_the_past(event: UserMessage, entry: Entry, decision: Decision) -> None:
    """What was recorded or decided is frozen for the type checker, which costs nothing."""
    event.id = "sevt_2"  # type: ignore[misc]
    entry.thread = "sthr_2"  # type: ignore[misc]
    decision.entries = ()  # type: ignore[misc]
    decision.effects[0].subjects = ()  # type: ignore[misc]
