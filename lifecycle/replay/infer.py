"""Which commands a recording shows: for each event, what may have caused it, likeliest first.

Nothing here says what a command leads to; that is the engine's to say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import takewhile
from typing import Any, Final

from lifecycle import commands as c, events as e
from lifecycle.replay.infer_children import CHILD_PLANS
from lifecycle.replay.infer_work import WORK_PLANS
from lifecycle.replay.signs import INPUTS, Sign, call_of, use_id
from lifecycle.replay.story import Story
from lifecycle.replay.where import Mark, Plan, Where
from lifecycle.replay.words import Allowance
from lifecycle.vocabulary import StopReason, ThreadState

__all__ = ["begun", "plans"]


def begun(story: Story) -> c.CreateSession:
    """Return the command that made the session: idle, or with the first inputs, if several."""
    wakes = (e.SessionRunning, e.ThreadRunning, e.SessionError)
    first = sum(1 for _ in takewhile(lambda one: isinstance(one, wakes), story.events))
    inputs = [
        _input({"session_id": story.session_id}, event)
        for event in takewhile(_is_consumed, story.from_here(first))
    ]
    name = next((x.agent_name for x in story.events if isinstance(x, e.ThreadRunning)), "agent")
    return c.CreateSession(
        session_id=story.session_id,
        primary_id=story.primary,
        agent_name=str(name),
        initial=tuple(inputs) if first and len(inputs) > 1 else (),
        self_hosted=story.self_hosted,
        budget=story.budget,
    )


def _reported(where: Where) -> Iterator[c.Command]:
    """Iterate over the reports that children have sent before an interrupt stops them."""
    for child in where.state.threads.values():
        works = child.parent and child.state is ThreadState.RUNNING
        due = where.reports_due(child) if works and not where.story.shows(child.id) else 0
        if due > 0:
            yield from where.caught_up(child)
            yield from [c.Report(**where.on(child.id))] * due


def _is_consumed(event: e.Event) -> bool:
    """Whether it is a message or an outcome that a turn has consumed."""
    return isinstance(event, e.UserMessage | e.UserDefineOutcome) and bool(event.processed_at)


def plans(where: Where) -> Iterator[Plan]:
    """Iterate over what may have caused the event that comes next."""
    forced = where.interrupt_ahead()
    if forced is not None:
        stop = c.Interrupt(**where.mark, thread_id=forced.session_thread_id or None)
        yield Plan((*_reported(where), stop))
        yield Plan((stop,))
    for kind in type(where.event).__mro__:
        if kind in _PLANS:
            yield from _PLANS[kind](where)
            break
    if where.story.signs[where.at].waits:
        yield Plan((), Allowance.INPUT_UNSTAMPED, last=True)


# -- waking ----------------------------------------------------------------------------------------


def _runs(where: Where) -> Iterator[Plan]:
    """A thread runs, perhaps after the session: for a message, an answer, or by itself."""
    following = list(where.after(where.at - 1))[:4]
    if following and isinstance(following[0][1], e.SessionRunning):
        del following[0]
    if not following or not isinstance(following[0][1], e.ThreadRunning):
        return
    thread = where.thread_of(following[0][1])
    if thread is None:
        return
    on = where.on(thread.id)
    cause = following[1][1] if len(following) > 1 else None
    if thread.mailbox:
        yield Plan((c.DeliverNext(**on),))
    if isinstance(cause, e.ThreadMessageReceived):
        yield from _delivered(where, cause, thread.id)
    if cause is not None and isinstance(cause, INPUTS):
        yield Plan((_input(where.mark, cause),))
    for early in where.held:
        yield Plan((_input(where.mark, _event_of(where, early)),))
    yield Plan((c.StartTurn(**on),), last=True)


def _event_of(where: Where, sign: Sign) -> Any:
    """Return the event of a sign of the recording."""
    return next(
        event
        for event, one in zip(where.story.events, where.story.signs, strict=True)
        if one is sign
    )


def _delivered(where: Where, event: e.ThreadMessageReceived, reader: str) -> Iterator[Plan]:
    """A thread wakes for what another one sent, which stands on the sender's list alone."""
    sender = where.state.threads.get(str(event.from_session_thread_id))
    if sender is None or where.story.merged or where.mail_from(sender.id):
        return
    if not sender.parent:
        told = c.MessageChild(**where.on(sender.id), child_id=reader, content="…")
        yield Plan((told, c.DeliverNext(**where.on(reader))))
        return
    report = c.Report(**where.on(sender.id))
    wake = c.DeliverNext(**where.on(reader))
    yield Plan((*where.caught_up(sender), report, wake))


def _input(mark: Mark, event: Any) -> Any:
    """Return the command of a client's event."""
    if isinstance(event, e.UserMessage):
        return c.SendMessage(**mark, content="…")
    if isinstance(event, e.UserDefineOutcome):
        return c.DefineOutcome(**mark, outcome_id=str(event.outcome_id or ""))
    if isinstance(event, e.SystemMessage):
        return c.SendSystemMessage(**mark, content="…")
    call = call_of(event)
    if isinstance(event, e.UserToolConfirmation):
        return c.ConfirmTool(**mark, call_id=call, allow=event.result == "allow")
    if isinstance(event, e.UserCustomToolResult):
        return c.AnswerTool(**mark, call_id=call, is_error=bool(event.is_error))
    return c.ReturnResult(**mark, call_id=call, is_error=bool(event.is_error))


# -- inputs ----------------------------------------------------------------------------------------


def _sent(where: Where) -> Iterator[Plan]:
    """A client's input: consumed by the next request, on receipt, or waiting."""
    if where.event.processed_at:
        yield from _consumed(where)
    else:
        yield Plan((*_sent_before(where), _input(where.mark, where.event)))
    yield Plan((_input(where.mark, where.event),))


def _sent_before(where: Where) -> list[c.Command]:
    """Return the reports that must have been sent before an input that waits.

    They are received before it is consumed, by the same request: the mailbox keeps its order.
    """
    events, name = where.story.events, where.event.id
    later = range(where.at + 1, len(events))
    place = next((n for n in later if events[n].id == name), where.at)
    before = takewhile(_is_taken_in, (events[n] for n in range(place - 1, where.at, -1)))
    senders = Counter(str(getattr(one, "from_session_thread_id", "")) for one in before)
    told: list[c.Command] = []
    for child in where.state.threads.values():
        due = senders[child.id] - where.mail_from(child.id)
        if due > 0 and child.parent and not where.story.shows(child.id):
            told += [*where.caught_up(child), *[c.Report(**where.on(child.id))] * due]
    return told


def _is_taken_in(event: e.Event) -> bool:
    """Whether it is something that a request takes in."""
    return isinstance(event, e.UserMessage | e.UserDefineOutcome | e.ThreadMessageReceived)


def _consumed(where: Where) -> Iterator[Plan]:
    """The next request takes in what stands before it: what waits already, and what comes now."""
    told: list[c.Command] = []
    waiting = Counter(where.state.messages[name].sender for name in where.primary.mailbox)
    for event in where.story.from_here(where.at):
        sender = where.state.threads.get(str(getattr(event, "from_session_thread_id", "")))
        if not isinstance(event, e.UserMessage | e.UserDefineOutcome) and sender is None:
            break
        name = sender.id if sender is not None else ""
        if waiting[name]:
            waiting[name] -= 1
        elif sender is not None:
            first = not any(getattr(one, "thread_id", None) == name for one in told)
            told += where.caught_up(sender) if first else []
            told.append(c.Report(**where.on(name)))
        else:
            told.append(_input(where.mark, event))
    yield Plan((*told, c.RequestStarted(**where.on(where.whose))))


def _received(where: Where) -> Iterator[Plan]:
    """A thread at work takes a message in, with its next request."""
    start = c.RequestStarted(**where.on(where.whose))
    sender = where.state.threads.get(str(where.event.from_session_thread_id))
    if sender is None:
        return
    if where.story.is_child:
        told = c.MessageChild(**where.on(sender.id), child_id=where.story.own, content="…")
        yield Plan((start,))
        yield Plan((told, start))
    elif where.story.merged:
        yield Plan((start,))
    else:
        yield from _consumed(where)


def _answered(where: Where) -> Iterator[Plan]:
    """A client's answer."""
    yield Plan((_input(where.mark, where.event),))


# -- the turn's body -------------------------------------------------------------------------------


def _request_started(where: Where) -> Iterator[Plan]:
    yield Plan((c.RequestStarted(**where.on(where.whose)),))


def _request_ended(where: Where) -> Iterator[Plan]:
    failed = bool(where.event.is_error)
    yield Plan((c.RequestEnded(**where.on(where.whose), is_error=failed),))


def _spoke(where: Where) -> Iterator[Plan]:
    yield Plan((c.AgentSpoke(**where.on(where.whose)),))


def _thought(where: Where) -> Iterator[Plan]:
    yield Plan((c.AgentThought(**where.on(where.whose)),))


def _used(where: Where) -> Iterator[Plan]:
    """A tool is used; a child's call that stands here before its rest was answered early."""
    thread = where.thread_of(where.event)
    if thread is None or where.story.shows(thread.id):
        yield Plan((where.use(where.event, where.story.thread_of(where.event)),))
        return
    uses = takewhile(lambda one: isinstance(one, e.ToolUse), where.story.from_here(where.at))
    names = tuple(use_id(one) for one in uses if isinstance(one, e.ToolUse))
    answers = (one for _, one in where.after(where.at) if call_of(one) in names)
    early = next(answers, None)
    if early is not None and isinstance(early, INPUTS):
        yield Plan((*where.asking(thread, names), _input(where.mark, early)))


def _resulted(where: Where) -> Iterator[Plan]:
    on, failed = where.on(where.whose), bool(where.event.is_error)
    yield Plan((c.ToolResulted(**on, call_id=call_of(where.event), is_error=failed),))


def _rests(where: Where) -> Iterator[Plan]:
    """A thread rests: its turn is over, or stopped."""
    thread = where.thread_of(where.event)
    if thread is None:
        return
    on, reason = where.on(thread.id), where.story.signs[where.at]
    if reason.stop == StopReason.RETRIES_EXHAUSTED.value:
        yield Plan((c.FailTurn(**on),))
    if reason.stop == StopReason.BUDGET_REACHED.value:
        yield Plan((c.BudgetReached(**on),))
        return
    if reason.stop == StopReason.REFUSAL.value:
        yield Plan((c.TurnEnded(**on, refused=True),))
        return
    before = where.asking(thread, reason.asked)
    if thread.parent and not where.story.shows(thread.id):
        reports = c.Report(**where.on(thread.id))
        before += [reports] * max(0, where.reports_due(thread))
    yield Plan((*before, c.TurnEnded(**on)))
    yield Plan((*before, c.TurnEnded(**on, over_budget=True)))
    yield Plan((c.FinishThread(**on),))


# -- what goes wrong, and the rest -----------------------------------------------------------------


def _updated(where: Where) -> Iterator[Plan]:
    """The session was changed."""
    named = ("budget", "agent", "title", "metadata")
    changes: dict[str, Any] = {}
    for name in named:
        value = getattr(where.event, name)
        if value is not e.ABSENT:
            changes[name] = _plain(value)
    yield Plan((c.UpdateSession(**where.mark, changes=changes),))


def _plain(value: Any) -> Any:
    """Return a budget as the wire has it; all else is so already."""
    if not isinstance(value, e.Budget):
        return value
    fields = {"type": value.type, "max_list_cost": value.max_list_cost}
    return {name: one for name, one in fields.items() if one is not e.ABSENT}


def _deleted(where: Where) -> Iterator[Plan]:
    yield Plan((c.DeleteSession(**where.mark),))


def _interrupted(where: Where) -> Iterator[Plan]:
    yield Plan((c.Interrupt(**where.mark),))


def _accounted(_: Where) -> Iterator[Plan]:
    yield Plan((), Allowance.EXTRA_USAGE)


_PLANS: Final[dict[type, Callable[[Where], Iterator[Plan]]]] = {
    e.SessionRunning: _runs,
    e.ThreadRunning: _runs,
    e.UserMessage: _sent,
    e.UserDefineOutcome: _sent,
    e.SystemMessage: _answered,
    e.UserToolConfirmation: _answered,
    e.UserToolResult: _answered,
    e.UserCustomToolResult: _answered,
    e.UserInterrupt: _interrupted,
    e.ThreadMessageReceived: _received,
    e.ModelRequestStart: _request_started,
    e.ModelRequestEnd: _request_ended,
    e.AgentMessage: _spoke,
    e.AgentThinking: _thought,
    e.ToolUse: _used,
    e.AgentToolResult: _resulted,
    e.AgentMcpToolResult: _resulted,
    e.ThreadIdle: _rests,
    e.SessionUsage: _accounted,
    e.SessionUpdated: _updated,
    e.SessionDeleted: _deleted,
    **CHILD_PLANS,
    **WORK_PLANS,
}
"""What may have caused an event of each class."""
