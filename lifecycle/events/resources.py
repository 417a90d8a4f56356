"""The resources that lists and reads return: sessions and their threads, in both dialects' fields.

Sources: the client library's types; Qoder's session and thread pages for the fields that follow a
blank line.
"""

from __future__ import annotations

from typing import ClassVar

import attrs

from lifecycle.events.form import ABSENT, Maybe, Objects, Plain, Record
from lifecycle.events.parts import Budget, Stats, StopReason, Usage

__all__ = ["Session", "SessionThread"]


@attrs.frozen(kw_only=True)
class Session(Record):
    """A session as its service reports it; times are RFC 3339."""

    type: ClassVar[str] = "session"
    id: Maybe[str] = ABSENT
    status: Maybe[str] = ABSENT
    title: Maybe[str] = ABSENT
    agent: Maybe[Plain] = ABSENT
    environment_id: Maybe[str] = ABSENT
    deployment_id: Maybe[str] = ABSENT
    vault_ids: Maybe[tuple[str, ...]] = ABSENT
    resources: Maybe[Objects] = ABSENT
    outcome_evaluations: Maybe[Objects] = ABSENT
    metadata: Maybe[Plain] = ABSENT
    budget: Maybe[Budget] = ABSENT
    stats: Maybe[Stats] = ABSENT
    usage: Maybe[Usage] = ABSENT
    created_at: Maybe[str] = ABSENT
    updated_at: Maybe[str] = ABSENT
    archived_at: Maybe[str] = ABSENT

    turn_status: Maybe[str] = ABSENT
    agent_id: Maybe[str] = ABSENT
    memory_store_ids: Maybe[tuple[str, ...]] = ABSENT
    environment_variables: Maybe[Plain] = ABSENT


@attrs.frozen(kw_only=True)
class SessionThread(Record):
    """A session's thread as its service reports it; the primary has a null parent."""

    type: ClassVar[str] = "session_thread"
    id: Maybe[str] = ABSENT
    session_id: Maybe[str] = ABSENT
    parent_thread_id: Maybe[str] = ABSENT
    status: Maybe[str] = ABSENT
    agent: Maybe[Plain] = ABSENT
    workflow_run_id: Maybe[str] = ABSENT
    stats: Maybe[Stats] = ABSENT
    usage: Maybe[Usage] = ABSENT
    created_at: Maybe[str] = ABSENT
    updated_at: Maybe[str] = ABSENT
    archived_at: Maybe[str] = ABSENT

    role: Maybe[str] = ABSENT
    name: Maybe[str] = ABSENT
    stop_reason: Maybe[StopReason] = ABSENT
    agent_id: Maybe[str] = ABSENT
    agent_version: Maybe[int | str] = ABSENT
    template_id: Maybe[str] = ABSENT
    created_by_tool_use_id: Maybe[str] = ABSENT
