"""Threads that the platform makes and ends by itself: advisors, and the threads of workflow runs.

An advisor is created and runs; its advice reaches the primary as a message that no list of the
session shows as sent; then it rests and is terminated. Source: pages, multi-agent orchestration
(anthropic 2.9, 2.10); recordings for what the coordinator's list does not show (C8).
"""

from __future__ import annotations

from lifecycle import commands as c
from lifecycle.engine.children import make_child, send
from lifecycle.engine.draft import Draft
from lifecycle.engine.flow import settle
from lifecycle.engine.mail import consume
from lifecycle.engine.perform import step
from lifecycle.engine.refusals import Refusal
from lifecycle.engine.turns import outside_request
from lifecycle.state import ADVISOR
from lifecycle.vocabulary import RefusalCode, ThreadTrigger as T

__all__ = ["consult_advisor", "finish_thread"]


def consult_advisor(d: Draft, command: c.ConsultAdvisor) -> Refusal | None:
    """Make an advisor, which runs at once; with its advice at hand, the consultation is over."""
    if d.named(command.thread_id) is None:
        return d.refuse(RefusalCode.THREAD_NOT_FOUND, "no such thread", command.thread_id)
    if command.thread_id not in ("", d.session.primary):
        reason = "only the primary consults an advisor"
        return d.refuse(RefusalCode.INVALID_INPUT, reason, command.thread_id)
    primary = outside_request(d, "")
    if isinstance(primary, Refusal):
        return primary
    if command.child_id in d.session.threads:
        return d.refuse(RefusalCode.ID_TAKEN, "a thread has this id", command.child_id)
    made = c.SpawnChild(
        session_id=command.session_id, child_id=command.child_id, agent_name=ADVISOR
    )
    advisor = make_child(d, made)
    step(d, advisor.id, T.DELIVER)
    if command.advice:
        send(d, advisor, primary, command.advice)
        consume(d, d.session.messages[d.primary.mailbox[-1]])
        step(d, advisor.id, T.END_TURN)
        step(d, advisor.id, T.FINISH_CHILD)
    return None


def finish_thread(d: Draft, command: c.FinishThread) -> Refusal | None:
    """End an advisor or a run's thread: one that still works is stopped, and gives nothing."""
    thread = d.named(command.thread_id)
    if thread is None:
        return d.refuse(RefusalCode.THREAD_NOT_FOUND, "no such thread", command.thread_id)
    if not thread.advisor and not thread.errand:
        reason = "only a thread that the platform made for an errand ends by itself"
        return d.refuse(RefusalCode.INVALID_INPUT, reason, thread.id)
    row = d.tables.thread[thread.state, T.FINISH_CHILD].row
    if not row.accepts:
        return d.denied("thread", row, thread.id)
    step(d, thread.id, T.FINISH_CHILD)
    settle(d)
    return None
