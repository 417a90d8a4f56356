"""The cost cap, and what else a client changes of a session.

Who counts the cost is the host: it reports that the cap is reached, and checks that a new one is
above what was consumed. Order of a pause: the threads' idles, the account, the session's idle (D);
runs that execute are paused before the session rests. Source: pages, budgets and sessions.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from lifecycle import commands as c, events as e
from lifecycle.effects import DELIVER_NEXT
from lifecycle.engine.draft import Draft, part_of
from lifecycle.engine.flow import pause_runs, reach_budget, settle, unnamed, wake
from lifecycle.engine.perform import deliverable, step
from lifecycle.engine.refusals import Refusal
from lifecycle.engine.runs import resume_runs
from lifecycle.engine.turns import not_held, owe_tools, span, tell_denials
from lifecycle.table import Phase
from lifecycle.vocabulary import (
    CallState,
    EventType,
    RefusalCode,
    SessionTrigger,
    SpanTrigger,
    StopReason,
    ThreadState,
    ThreadTrigger as T,
)

__all__ = ["budget_reached", "update_session"]

_CHANGES: Final = frozenset({"agent", "budget", "metadata", "title"})
"""The fields that a client may change. Source: client library; others are rejected."""


def budget_reached(d: Draft, command: c.BudgetReached) -> Refusal | None:
    """Stop a thread before its next request: what it has read waits for the budget (T11)."""
    thread = d.named(command.thread_id)
    if thread is None:
        return d.refuse(RefusalCode.THREAD_NOT_FOUND, "no such thread", command.thread_id)
    refusal = unnamed(d, EventType.SESSION_USAGE)
    if refusal is not None:
        return refusal
    row = d.tables.thread[thread.state, T.REACH_BUDGET].row
    refusal = d.denied("thread", row, thread.id)
    refusal = refusal or span(d, thread, SpanTrigger.START) or not_held(d, thread)
    if refusal is not None:
        return refusal
    if thread.state is ThreadState.IDLE:
        reason = "no turn is open that could be stopped"
        return d.refuse(RefusalCode.OUT_OF_TURN, reason, thread.id)
    lacking = [x for x in d.calls_of(thread.id) if x.state is not CallState.DENIED]
    if lacking:
        reason = "a call of the last request has no result"
        return d.refuse(RefusalCode.OUT_OF_TURN, reason, lacking[0].id)
    tell_denials(d, thread)
    reach_budget(d, thread.id)
    step(d, thread.id, T.REACH_BUDGET)
    pause_runs(d)
    settle(d)
    return None


# -- updates ---------------------------------------------------------------------------------------


def update_session(d: Draft, command: c.UpdateSession) -> Refusal | None:
    """Change the session; another budget lets what it stopped go on at once (T12)."""
    refusal = _wrong(d, command.changes)
    if refusal is not None:
        return refusal
    changes = {n: v for n, v in command.changes.items() if n != "budget" or v != d.session.budget}
    if "metadata" in changes and not changes["metadata"]:
        del changes["metadata"]  # one that was cleared is not on the event
    if not changes or unnamed(d, EventType.SESSION_UPDATED) is not None:
        return None
    capped = d.session.capped
    if changes.get("budget") is not None:
        changes["budget"] = part_of(e.Budget, changes["budget"])
    d.put(e.SessionUpdated(**changes, **d.mark()), d.session.primary)
    if capped and not d.session.capped:
        _go_on(d)
    return None


def _wrong(d: Draft, changes: Mapping[str, Any]) -> Refusal | None:
    """Return why the session cannot be changed so; the whole of it is refused."""
    session = d.session
    unknown = sorted(changes.keys() - _CHANGES)
    reason = f"a session's {', '.join(unknown)} cannot be changed" if unknown else ""
    if changes.get("budget") is not None and changes["budget"] != session.budget:
        if session.unpriced:
            reason = reason or "a budget that was removed stays away"
        elif session.budget is None:
            reason = reason or "a session has a budget from its creation on, or never"
    if reason:
        return d.refuse(RefusalCode.INVALID_INPUT, reason, session.id)
    if "agent" not in changes:
        return None
    if session.runs:
        reason = "a workflow run is open, and works with the agent as it is"
        return d.refuse(RefusalCode.WORKFLOW_RUN_OPEN, reason, next(iter(session.runs)))
    return d.denied("session", d.tables.session.step(session.state, SessionTrigger.UPDATE_AGENT))


def _go_on(d: Draft) -> None:
    """Let every thread and run go on that the budget has stopped: the primary first.

    Where it has stopped nothing, nothing comes to rest either: the session's last idle stands.
    """
    for thread in list(d.session.threads.values()):
        if thread.state is not ThreadState.IDLE or thread.asked:
            continue
        if thread.stop is StopReason.BUDGET_REACHED:
            if thread.parent:
                tell_denials(d, thread)
            wake(d, thread.id, T.RESUME)
            if not thread.parent:
                tell_denials(d, thread)
            owe_tools(d, thread.id)
        elif deliverable(d, thread):
            d.owe(DELIVER_NEXT, thread.id, thread.mailbox[:1], Phase.AFTER)
    resume_runs(d)
