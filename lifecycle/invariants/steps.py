"""What holds of every decision: of what it puts down, what it owes, and the state after it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Final

from lifecycle import effects as f, events as e
from lifecycle.invariants.common import (
    a_decision_is_the_fold_of_its_entries,
    effects_are_owed_once,
    effects_keep_their_phases,
    refusals_change_nothing,
)
from lifecycle.invariants.form import ENDED, Made, Violation, violations
from lifecycle.state import Entry, MessagesCancelled, MessagesRead, Place, Session, Thread
from lifecycle.vocabulary import EventType, SessionState, ThreadState

__all__ = [
    "OF_STEPS",
    "OfStep",
    "calls_get_one_result",
    "clocks_are_told",
    "deliveries_are_owed",
    "ends_are_final",
    "faults",
    "messages_are_read_or_cancelled",
    "only_a_resting_child_is_archived",
    "slots_are_freed",
    "the_log_moves_on",
    "waits_end_with_their_child",
]


def the_log_moves_on(made: Made) -> Iterator[str]:
    """Ids are made of positions and stamps order a list: neither may stand still."""
    before, after = made.before, made.after
    if made.decision.refusal is not None or after is None:
        return
    version = (before.version if before else 0) + len(made.decision.entries)
    if after.version != version:
        yield f"the version is {after.version}, and {version} entries were made"
    clock, last = before.clock_us if before else 0, None
    for entry in made.decision.entries:
        name = entry.event.id if isinstance(entry.event, e.Event) else None
        again = name is not None and name == last  # one event that stands on two lists
        if entry.at_us < clock or (entry.at_us == clock and not again):
            yield f"the stamp of {name or entry.event} does not follow the one before"
        clock, last = entry.at_us, name


def ends_are_final(made: Made) -> Iterator[str]:
    """Archived and terminated absorb: clients stop looking."""
    for was, is_ in made.pairs:
        if not was.live and (was.state, was.archived_at) != (is_.state, is_.archived_at):
            yield f"{was.id} was {was.state} and is {is_.state}"
    before, after = made.before, made.after
    if before is None or after is None or before.state not in ENDED or after.state is before.state:
        return
    then = [SessionState.TERMINATED, SessionState.ARCHIVED, SessionState.DELETED]
    if after.state not in then[then.index(before.state) :]:
        yield f"the session was {before.state} and is {after.state}"


def only_a_resting_child_is_archived(made: Made) -> Iterator[str]:
    """What works would be cut in the middle of a turn. Source: the archive page."""
    for was, is_ in made.pairs:
        if is_.state is ThreadState.ARCHIVED and was.state not in (
            ThreadState.IDLE,
            ThreadState.ARCHIVED,
        ):
            yield f"{was.id} was {was.state}, and is archived"


def clocks_are_told(made: Made) -> Iterator[str]:
    """The host counts the active seconds: it must hear when a thread starts and stops to run."""
    for was, is_ in made.pairs:
        ran, runs = was.state is ThreadState.RUNNING, is_.state is ThreadState.RUNNING
        starts = made.owed(f.START_CLOCK, was.id)
        stops = made.owed(f.STOP_CLOCK, was.id)
        ended = is_.id in made.subjects(f.END_CHILDREN)
        if starts - stops != runs - ran and not (ended and ran):
            yield f"{was.id} was {was.state}, is {is_.state}: {starts} starts, {stops} stops"


def slots_are_freed(made: Made) -> Iterator[str]:
    """A child that is over takes no slot of the thread limit any more."""
    for was, is_ in made.pairs:
        freed = made.owed(f.FREE_SLOT, was.id)
        due = was.live and not is_.live and bool(was.parent) and not (was.advisor or was.errand)
        if freed != due and not (due and was.id in made.subjects(f.END_CHILDREN)):
            yield f"{was.id} was {was.state}, is {is_.state}, and frees its slot {freed} times"


def messages_are_read_or_cancelled(made: Made) -> Iterator[str]:
    """A message that vanishes silently is one that somebody waits for."""
    if made.before is None or made.after is None:
        return
    gone = [m for name, m in made.before.messages.items() if name not in made.after.messages]
    if not gone:
        return
    events = [one.event for one in made.decision.entries]
    read = {str(x.id) for x in events if isinstance(x, e.Event) and x.id}
    read |= {name for x in events if isinstance(x, MessagesRead) for name in x.messages}
    cancelled = {n for x in events if isinstance(x, MessagesCancelled) for n in x.messages}
    owed = made.subjects(f.CANCEL_MAILBOX, f.FLUSH_MAILBOX)
    over = made.after.state in ENDED
    received = Counter(
        (one.thread, str(one.event.from_session_thread_id))
        for one in made.decision.entries
        if isinstance(one.event, e.ThreadMessageReceived)
    )
    for message in gone:
        if message.id in cancelled:
            if message.id not in owed and not over:
                yield f"{message.id} is cancelled, and nobody is told"
        elif received[message.to, message.sender]:
            received[message.to, message.sender] -= 1
        elif message.id not in read:
            yield f"{message.id} waited for {message.to}, and is neither read nor cancelled"


def calls_get_one_result(made: Made) -> Iterator[str]:
    """The model is told once of each of its calls."""
    before, after = made.before, made.after
    if before is None or after is None or after.state in ENDED or not before.calls:
        return
    results = Counter(
        name for one in made.decision.entries if (name := _result_of(one)) is not None
    )
    for call in before.calls.values():
        due, given = call.id not in after.calls, results[call.id]
        if given != due:
            yield f"{call.id} of {call.thread} has {given} results, and {int(due)} is due"


def _result_of(entry: Entry) -> str | None:
    """Return the call that *entry* gives its result; copies and waiting answers give none."""
    event = entry.event
    if entry.place is Place.COPY or not isinstance(event, e.Event) or not event.processed_at:
        return None
    if isinstance(event, e.AgentToolResult | e.UserToolResult):
        return str(event.tool_use_id)
    if isinstance(event, e.AgentMcpToolResult):
        return str(event.mcp_tool_use_id)
    if isinstance(event, e.UserCustomToolResult):
        return str(event.custom_tool_use_id)
    return None


def deliveries_are_owed(made: Made) -> Iterator[str]:
    """A message that waits for a free thread waits for ever, unless the host is told."""
    before, after = made.before, made.after
    if before is None or after is None or after.state in ENDED:
        return
    for thread in after.threads.values():
        can, owed = _could_take(after, thread), made.owed(f.DELIVER_NEXT, thread.id)
        if owed and not can:
            yield f"{thread.id} is owed a delivery, and can take none"
        if owed or not can:
            continue
        was = before.threads.get(thread.id)
        if was is None or not _could_take(before, was):
            yield f"{thread.id} is free, {thread.mailbox[0]} waits for it, and nobody delivers"


def _could_take(session: Session, thread: Thread) -> bool:
    """Whether a message waits for a thread that is free to take it.

    Instructions start no turn by themselves.
    """
    if not thread.mailbox or thread.state is not ThreadState.IDLE or thread.asked:
        return False
    if session.capped:
        return False
    return any(session.messages[m].kind is not EventType.SYSTEM_MESSAGE for m in thread.mailbox)


def waits_end_with_their_child(made: Made) -> Iterator[str]:
    """A coordinator whose child is over gets a result for its call, and goes on."""
    for was, is_ in made.pairs:
        if not was.waits_for or made.after is None or made.after.state in ENDED:
            continue
        child = made.after.threads[was.waits_for]
        told = was.waits_for in made.subjects(f.UNBLOCK_COORDINATOR)
        if not child.live and (is_.waits_for or not told):
            yield f"{was.id} waited for {child.id}, which is over, and is not told"


OfStep = Callable[[Made], Iterator[str]]
"""Yields what is wrong with a decision."""

OF_STEPS: Final[tuple[OfStep, ...]] = (
    refusals_change_nothing,
    a_decision_is_the_fold_of_its_entries,
    the_log_moves_on,
    effects_are_owed_once,
    effects_keep_their_phases,
    ends_are_final,
    only_a_resting_child_is_archived,
    clocks_are_told,
    slots_are_freed,
    messages_are_read_or_cancelled,
    calls_get_one_result,
    deliveries_are_owed,
    waits_end_with_their_child,
)
"""The invariants of a decision."""

_OF_REFUSALS: Final = (refusals_change_nothing,)
"""Those that a refusal could break."""


def faults(made: Made) -> Iterator[Violation]:
    """Iterate over what does not hold of a decision."""
    rules = OF_STEPS if made.decision.refusal is None else _OF_REFUSALS
    return violations(rules, made)
