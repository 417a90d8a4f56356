"""US, BU: what a session has used, and what its budget lets it do."""

from __future__ import annotations

from lifecycle.check.findings import Level
from lifecycle.check.rule import Fault, rule
from lifecycle.check.view import View
from lifecycle.check.words import E, StopReason
from lifecycle.vocabulary import Evidence
from lifecycle.wire.bulk import Seen, look_into

__all__: list[str] = []


@rule("US001", Level.ERROR, "usage-goes-down", E.SESSION_USAGE)
def usage_goes_down(v: View, e: Seen) -> Fault | None:
    """The counts of `session.usage` are sums over the whole session: they never go down.

    Seconds are left alone: the service itself takes some back while an outcome is graded.

    Why it matters: whoever bills by differences bills too little.
    Flagged:
        session.usage usage={"input_tokens":10,"output_tokens":300}
        session.usage usage={"input_tokens":12,"output_tokens":290}
    Accepted:
        session.usage usage={"input_tokens":10,"output_tokens":300,"active_seconds":9.5}
        session.usage usage={"input_tokens":10,"output_tokens":300,"active_seconds":7.1}
    Source: recorded 37 of 37 times; documented as cumulative.
    """
    if v.usage is None:
        return None
    before = v.account(v.usage)
    for name, count in v.account(e).items():
        if count < before.get(name, 0):
            return Fault(
                f"`{name}` went down from {before[name]} to {count}",
                ((v.usage, f"it was {before[name]} here"),),
                f"at least {before[name]}",
                ("usage", *name.split(".")),
                about=("usage",),
            )
    return None


@rule("BU001", Level.WARNING, "budget-pause-without-usage", E.SESSION_IDLE, absence=True,
      evidence=Evidence.DOCUMENTED)  # fmt: skip
def budget_pause_without_usage(v: View, e: Seen) -> Fault | None:
    """A session that stops at its budget says right before what it has used.

    The order is: each thread comes to rest, `session.usage`, `session.status_idle`. Elsewhere usage
    events may be missing, because old recordings have none; budgets are younger than they are.

    Why it matters: nobody can tell how far the budget was exceeded, or by how much to raise it.
    Flagged:
        session.thread_status_idle main budget_reached
        session.status_idle budget_reached
    Accepted:
        session.thread_status_idle main budget_reached
        session.usage
        session.status_idle budget_reached
    Source: documented with budgets.
    """
    before, stop = v.previous, e.stop_reason
    if stop is None or stop.type != StopReason.BUDGET_REACHED or before is None:
        return None
    if before.type == E.SESSION_USAGE:
        return None
    return Fault(
        "no `session.usage` stands before the session stops at its budget",
        ((before, "the event before"),),
        "`session.usage`",
        about=("usage",),
        allowed=(E.SESSION_USAGE.value,),
    )


@rule("BU002", Level.ERROR, "input-at-the-budget", E.USER_MESSAGE, E.USER_DEFINE_OUTCOME,
      evidence=Evidence.DOCUMENTED, absence=True)  # fmt: skip
def input_at_the_budget(v: View, e: Seen) -> Fault | None:
    """While a session rests at its budget, it takes no message and no outcome.

    Answers and interrupts are accepted, and a message that came before may wait, without a stamp.

    Why it matters: work began that nobody has a budget for.
    Flagged:
        session.status_idle budget_reached
        user.message
    Accepted:
        session.status_idle budget_reached
        session.updated budget={"type":"limit"}
        session.status_running
        session.thread_status_running main
        user.message
    Source: documented with budgets: such a request is refused.
    """
    if v.capped is None or v.capped.type != E.SESSION_IDLE or e.processed_at is None:
        return None
    return Fault(
        f"`{e.type}` was processed although the budget is reached",
        ((v.capped, "the session reached its budget"),),
        "a `session.updated` with a budget must come first",
        about=("session",),
        allowed=(E.SESSION_UPDATED.value, E.USER_INTERRUPT.value),
    )


@rule("BU003", Level.ERROR, "runs-at-the-budget", E.SESSION_RUNNING, absence=True,
      evidence=Evidence.DOCUMENTED)  # fmt: skip
def runs_at_the_budget(v: View, e: Seen) -> Fault | None:
    """A session that has reached its budget runs again only when the budget was changed or removed.

    Why it matters: the cap does not hold, and the session spends what nobody granted.
    Flagged:
        session.status_idle budget_reached
        session.status_running
    Accepted:
        session.status_idle budget_reached
        session.updated budget={"type":"limit"}
        session.status_running
        session.thread_status_running main
    Source: documented with budgets: no event resumes such a session. Whether it runs for a moment
        to carry an answer to a child is not documented, and is let pass.
    """
    if v.capped is None or v.capped.type != E.SESSION_IDLE or (v.multi and v.calls):
        return None
    return Fault(
        "the session runs although its budget is reached",
        ((v.capped, "the session reached its budget"),),
        "a `session.updated` with a budget must come first",
        about=("session",),
        allowed=(E.SESSION_UPDATED.value,),
        resync="the budget is taken to have been raised",
        repair=_take_to_be_raised,
    )


def _take_to_be_raised(v: View) -> None:
    """Take the budget to have been raised, so that the turn has its cause."""
    v.updated, v.capped = v.capped, None


@rule("BU004", Level.ERROR, "budget-comes-back", E.SESSION_UPDATED, E.SESSION_USAGE,
      evidence=Evidence.DOCUMENTED)  # fmt: skip
def budget_comes_back(v: View, e: Seen) -> Fault | None:
    """A budget that was removed stays away.

    Why it matters: a client that has stopped to watch the costs does not learn of the new cap.
    Flagged:
        session.updated budget=null
        session.updated budget={"type":"limit"}
    Accepted:
        session.updated budget={"type":"limit"}
        session.updated budget=null
    Source: documented: the removal cannot be taken back.
    """
    if v.unpriced is None or not e.budget or look_into(e.budget) is None:
        return None
    return Fault(
        "the session has a budget again after it was removed",
        ((v.unpriced, "the budget was removed"),),
        "no budget",
        ("budget",),
        about=("budget",),
    )
