"""Archiving a thread or a session, deleting a session, and the resources that answer.

Archiving a child closes its calls, cancels its mailbox, ends it, and releases a coordinator that
waits for it, all in one decision. Sources: the archive pages of both services; recordings for the
session (section 9).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lifecycle import commands as c, events as e
from lifecycle.effects import CLOSE_STREAMS, END_CHILDREN, END_RUNS
from lifecycle.engine.draft import Draft
from lifecycle.engine.flow import settle
from lifecycle.engine.perform import step
from lifecycle.engine.refusals import Refusal
from lifecycle.engine.runs import cancel_all, end_runs
from lifecycle.engine.tables import Tables
from lifecycle.state import (
    ChildrenEnded,
    Session,
    SessionArchived,
    Thread,
)
from lifecycle.vocabulary import (
    RefusalCode,
    SessionState,
    SessionTrigger,
    ThreadState,
    ThreadTrigger as T,
)

__all__ = ["archive_session", "archive_thread", "delete_session", "session_object", "thread_object"]


def archive_thread(d: Draft, command: c.ArchiveThread) -> Refusal | None:
    """Archive a child that rests; one that is archived already stays so, or is refused."""
    thread = d.session.threads.get(command.thread_id)
    if thread is None:
        return d.refuse(RefusalCode.THREAD_NOT_FOUND, "no such thread", command.thread_id)
    trigger = T.ARCHIVE_CHILD if thread.parent else T.ARCHIVE_PRIMARY
    if thread.errand in d.session.runs and thread.state is not ThreadState.ARCHIVED:
        reason = "its workflow run is open, and ends it by itself"
        return d.refuse(RefusalCode.WORKFLOW_RUN_OPEN, reason, thread.id)
    row = d.tables.thread[thread.state, trigger].row
    if not row.accepts:
        return d.denied("thread", row, thread.id)
    asked = bool(thread.asked)
    step(d, thread.id, trigger)
    if row.effects and not (asked and d.switch("archive_restates_idle") == "silent"):
        settle(d)
    return None


def archive_session(d: Draft, command: c.ArchiveSession) -> Refusal | None:
    """Archive the session: its list stays as it is, and so does its primary."""
    session = d.session
    if session.runs and d.switch("archive_with_open_run") == "refuse":
        return d.refuse(
            RefusalCode.WORKFLOW_RUN_OPEN, "a workflow run is open", next(iter(session.runs))
        )
    row = d.tables.session.step(session.state, SessionTrigger.ARCHIVE)
    if not row.accepts:
        return d.denied("session", row)
    if session.state is SessionState.ARCHIVED:
        return None
    end_runs(d)
    cancel_all(d)
    children = _end_children(d)
    d.note(SessionArchived())
    for effect in row.effects:
        subjects = children if effect is END_CHILDREN else ()
        if effect is not END_RUNS and subjects:
            d.owe(effect, session.primary, subjects)
    return None


def delete_session(d: Draft, command: c.DeleteSession) -> Refusal | None:
    """Delete the session: open streams say so and end.

    What is open within it ends, and nothing reports that. Source: pages, workflow runs.
    """
    row = d.tables.session.step(d.session.state, SessionTrigger.DELETE)
    if not row.accepts:
        return d.denied("session", row)
    primary, runs = d.session.primary, tuple(d.session.runs)
    cancel_all(d)
    children = _end_children(d)
    d.put(e.SessionDeleted(**d.mark()), primary)
    for effect, subjects in ((END_CHILDREN, children), (END_RUNS, runs)):
        if effect in row.effects and subjects:
            d.owe(effect, primary, subjects)
    d.owe(CLOSE_STREAMS, primary)
    return None


def _end_children(d: Draft) -> tuple[str, ...]:
    """Note that the live children end, without a word on any list; return them."""
    children = tuple(t.id for t in d.session.threads.values() if t.live and t.parent)
    if children:
        d.note(ChildrenEnded(children))
    return children


# -- resources -------------------------------------------------------------------------------------


def thread_object(tables: Tables, session: Session, thread: Thread) -> Mapping[str, Any]:
    """Return a thread as its service reports it, as far as the engine knows it."""
    dialect = tables.dialect
    shown: dict[str, Any] = {
        "id": thread.id,
        "type": "session_thread",
        "session_id": session.id,
        "parent_thread_id": thread.parent or None,
        "status": dialect.word("thread", thread.state),
        "archived_at": thread.archived_at,
        "created_at": thread.created_at,
    }
    if dialect.style.schema:
        shown["role"] = "child" if thread.parent else "coordinator"
        shown["name"] = thread.agent_name
        shown["stop_reason"] = None if thread.stop is None else {"type": thread.stop.value}
        shown["created_by_tool_use_id"] = thread.created_by or None
    elif thread.errand:
        shown["workflow_run_id"] = thread.errand
    return shown


def session_object(tables: Tables, session: Session) -> Mapping[str, Any]:
    """Return a session as its service reports it, as far as the engine knows it."""
    if session.state is SessionState.DELETED:
        return {"id": session.id, "type": "session_deleted"}
    return {
        "id": session.id,
        "type": "session",
        "status": tables.dialect.word("session", session.state),
        "budget": session.budget,
        "archived_at": session.archived_at,
        "created_at": session.created_at,
    }
