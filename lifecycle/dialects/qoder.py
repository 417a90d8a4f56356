"""The dialect of Qoder Cloud Agents, as its June 2026 pages have it (threads with a mailbox).

The service changed its model several times in 2026; this is the one in which threads have a role, a
mailbox and a stop reason of their own, and an archived thread says so. Nobody has published a
recording of it, so nothing here is recorded.

Sources by short name: *archive page*, *thread pages*, *session pages* are its documentation of that
time; *notes* are third parties who quote pages that can no longer be read.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Any, Final

import attrs

from lifecycle.dialects.deployments import open_points, pausing, unsaid
from lifecycle.dialects.form import (
    NO_ROWS,
    Answer,
    Dialect,
    Field,
    Limit,
    Presence,
    Reported,
    Style,
    Switch,
)
from lifecycle.dialects.switches import orders
from lifecycle.effects import CLOSE_CALLS, DELIVER_NEXT, EMIT_IDLE, EMIT_RUNNING
from lifecycle.machines import FOLD
from lifecycle.table import Written, deny, move, stay
from lifecycle.vocabulary import (
    DeploymentState,
    DeploymentTrigger,
    EventType as E,
    Evidence,
    Fact,
    RefusalCode as R,
    SessionState,
    SessionTrigger,
    ThreadState as S,
    ThreadTrigger as T,
)

__all__ = ["QODER"]

DOC, INF, UND = Evidence.DOCUMENTED, Evidence.INFERRED, Evidence.UNDOCUMENTED

# fmt: off
_REPORTED: Final = (
    Reported("thread",  "idle",       "idle",       DOC, "thread pages"),
    Reported("thread",  "running",    "running",    DOC, "thread pages"),
    Reported("thread",  "running",    "blocked",    INF, "thread pages name the word, not its meaning", when="the coordinator waits in the Agent tool"),
    Reported("thread",  "archived",   "archived",   DOC, "archive page"),
    Reported("thread",  "terminated", "terminated", DOC, "thread pages name the word, not its cause"),
    Reported("session", "idle",       "idle",       DOC, "session pages"),
    Reported("session", "running",    "processing", DOC, "session pages"),
    Reported("session", "archived",   "archived",   DOC, "session pages"),
    Reported("deployment", "active",          "active", DOC, "deployment pages"),
    Reported("deployment", "paused",          "paused", DOC, "deployment pages; paused_reason is manual"),
    Reported("deployment", "paused_by_error", "paused", INF, "its client has the type"),
    Reported("deployment", "archived",        "active", DOC, "deployment pages; archived_at is set beside it"),
)

_AMENDMENTS: Final[dict[str, tuple[Written[Any, Any], ...]]] = {
    "thread": (
        move(S.RESCHEDULING, T.RECOVER, S.IDLE, [CLOSE_CALLS, EMIT_IDLE, DELIVER_NEXT], "it is placed anew and comes back at rest", DOC, "later session pages"),
        stay(S.RUNNING, T.RESUME, [EMIT_RUNNING], "a coordinator that waited in the Agent tool goes on", INF, "archive page: it resumes execution"),
        deny(S.RESCHEDULING, T.RETRY, "it comes back at rest, not at work", DOC, "later session pages"),
    ),
    "session": (
        deny(SessionState.RUNNING, SessionTrigger.SEND_INPUT, "the session processes a turn; wait for idle", INF, "notes: 409 while running"),
        deny(SessionState.RUNNING, SessionTrigger.SEND_INPUT_ASKED, "the session processes a turn; wait for idle", INF, "notes: 409 while running"),
    ),
    "deployment": (
        deny(DeploymentState.PAUSED, DeploymentTrigger.RUN, "only an active deployment runs by hand", DOC, "deployment pages: run"),
        deny(DeploymentState.PAUSED_BY_ERROR, DeploymentTrigger.RUN, "only an active deployment runs by hand", DOC, "deployment pages: run"),
        deny(DeploymentState.ARCHIVED, DeploymentTrigger.RUN, "only an active deployment runs by hand", DOC, "deployment pages: run"),
        *unsaid("its client has the types; its pages pause by hand, and name no end with the agent"),
    ),
}

_INVALID: Final = "invalid_request_error"
_ANSWERS: Final = (
    Answer(R.UNAUTHENTICATED,    401, "authentication_error", "The token is invalid or expired.", DOC, "archive page"),
    Answer(R.WRONG_SESSION,      404, "not_found_error",      "The command is for another session.", INF, "archive page"),
    Answer(R.SESSION_NOT_FOUND,  404, "not_found_error",      "Session was not found.", DOC, "archive page"),
    Answer(R.SESSION_EXISTS,     409, "conflict_error",       "The session was created before.", UND, "no source"),
    Answer(R.THREAD_NOT_FOUND,   404, "not_found_error",      "Thread was not found.", DOC, "archive page"),
    Answer(R.CALL_NOT_FOUND,     400, _INVALID,               "The id matches no tool use of this session.", UND, "no source"),
    Answer(R.RUN_NOT_FOUND,      404, "not_found_error",      "The workflow run was not found.", UND, "no source"),
    Answer(R.ID_TAKEN,           409, "conflict_error",       "The session uses this id already.", UND, "no source"),
    Answer(R.INVALID_INPUT,      400, _INVALID,               "{reason}", INF, "later session pages"),
    Answer(R.PRIMARY_THREAD,     409, _INVALID,               "A coordinator thread cannot be archived.", DOC, "archive page; the general table would say conflict_error"),
    Answer(R.THREAD_NOT_IDLE,    409, _INVALID,               "The thread is not idle and cannot be archived.", DOC, "archive page"),
    Answer(R.THREAD_ARCHIVED,    409, _INVALID,               "The thread is not idle and cannot be archived.", INF, "archive page, by the letter"),
    Answer(R.THREAD_ENDED,       409, "conflict_error",       "The thread accepts no further input.", UND, "no source"),
    Answer(R.THREAD_LIMIT,       409, "conflict_error",       "The session has all the threads that it may have.", UND, "no source"),
    Answer(R.SESSION_RUNNING,    409, "conflict_error",       "The session processes a turn.", INF, "notes"),
    Answer(R.ARCHIVE_RUNNING,    409, "conflict_error",       "The session processes a turn.", INF, "notes"),
    Answer(R.DELETE_RUNNING,     409, "conflict_error",       "The session processes a turn.", INF, "notes"),
    Answer(R.SESSION_ENDED,      409, "conflict_error",       "The session is over: it accepts nothing more.", INF, "later session pages"),
    Answer(R.ANSWERS_REQUIRED,   409, "conflict_error",       "The session waits for answers.", UND, "no source"),
    Answer(R.CONFIRMATION_FIRST, 400, _INVALID,               "The call needs its confirmation first.", UND, "no source"),
    Answer(R.CALL_ANSWERED,      400, _INVALID,               "The call has its answer already.", UND, "no source"),
    Answer(R.WRONG_ANSWER,       400, _INVALID,               "The call takes another kind of answer.", UND, "no source"),
    Answer(R.OUT_OF_TURN,        409, "conflict_error",       "The report does not fit the thread's state.", UND, "no source"),
    Answer(R.DEPLOYMENT_NOT_FOUND, 404, "not_found_error",    "Deployment was not found.", INF, "as for sessions"),
    Answer(R.DEPLOYMENT_EXISTS,  409, "conflict_error",       "The deployment was created before.", UND, "no source"),
    Answer(R.DEPLOYMENT_ARCHIVED, 409, _INVALID,              "The deployment is archived.", INF, "forward schedule pages: 409 on an archived one"),
    Answer(R.DEPLOYMENT_PAUSED,  409, _INVALID,               "The deployment is paused.", UND, "run page: refused, without a code"),
    Answer(R.DEPLOYMENT_ACTIVE,  409, _INVALID,               "The deployment is active.", UND, "no source"),
    Answer(R.RUN_NOT_OPEN,       409, "conflict_error",       "No such run of the deployment is under way.", UND, "no source"),
    Answer(R.ALREADY_FIRED,      409, "conflict_error",       "The occurrence has its fire already.", UND, "no source"),
    Answer(R.NOT_SCHEDULED,      409, "conflict_error",       "The instant is no occurrence that fires.", UND, "no source"),
    Answer(R.NOT_DUE,            409, "conflict_error",       "The occurrence is yet to come.", UND, "no source"),
)

_COMMON: Final = ("schema_version", "session_id", "session_thread_id", "created_at")
_THREAD_EVENTS: Final = (E.THREAD_CREATED, E.THREAD_RUNNING, E.THREAD_IDLE, E.THREAD_TERMINATED, E.THREAD_MESSAGE_SENT)
_FIELDS: Final = (
    *(Field(event, name, Presence.REQUIRED, DOC, "thread pages") for event in _THREAD_EVENTS for name in _COMMON),
    *(Field(E.THREAD_CREATED, name, Presence.REQUIRED, DOC, "thread pages") for name in ("parent_thread_id", "agent_id", "agent_version", "agent_name", "role", "created_by_tool_use_id")),
    *(Field(E.THREAD_MESSAGE_SENT, name, Presence.REQUIRED, DOC, "thread pages") for name in ("direction", "content", "from_session_thread_id", "to_session_thread_id")),
    Field(E.THREAD_IDLE,       "stop_reason", Presence.REQUIRED, DOC, "thread pages"),
    Field(E.THREAD_TERMINATED, "stop_reason", Presence.REQUIRED, DOC, "archive page"),
)

_LIMITS: Final = (
    Limit("live_child_threads", 24, "threads", INF, "notes: 25 threads that are not archived, the coordinator among them"),
    Limit("roster",             20, "agents",  DOC, "thread pages"),
    Limit("delegation_depth",   1,  "levels",  INF, "notes"),
    Limit("deployment_events",  50, "events",  UND, "its client has the types, without numbers", least=1),
    Limit("deployment_name",    256, "characters", UND, "its client has the types, without numbers", least=1),
    Limit("deployment_vaults",  50, "vaults",  UND, "its client has the types, without numbers"),
    Limit("deployment_resources", 500, "resources", UND, "its client has the types, without numbers"),
    Limit("deployment_metadata", 16, "pairs",  UND, "its client has the types, without numbers"),
)

_SWITCHES: Final = (
    Switch("thread_rearchive", "What does archiving an archived thread do?", "thread", {
        "idempotent": NO_ROWS,
        "refuse": (deny(S.ARCHIVED, T.ARCHIVE_CHILD, "only an idle thread can be archived, and it is archived", INF, "archive page, by the letter"),),
    }, "refuse", INF, "archive page, by the letter; a sister product documents idempotent"),
    Switch("message_while_running", "What does a message to a working session do?", "session", {
        "refuse": NO_ROWS,
        "queue": (
            stay(SessionState.RUNNING, SessionTrigger.SEND_INPUT, [], "the input is queued", DOC, "session pages: accepted and queued"),
        ),
    }, "refuse", INF, "pages and notes disagree: queued, or 409"),
    Switch("session_rearchive", "What does archiving an archived session do?", "session", {
        "idempotent": NO_ROWS,
        "refuse": (deny(SessionState.ARCHIVED, SessionTrigger.ARCHIVE, "it is archived already", UND, "switch session_rearchive"),),
    }, "idempotent", UND, "no source; a sister product answers 409"),
    *open_points(),
    *orders({
        "answer_to_child": ("straight", UND, "no source"),
        "forwarded_child_runs": ("before_idle", UND, "no source"),
        "exhausted_child": ("rests", UND, "no source"),
        "archive_with_open_run": ("refuse", UND, "no source; its pages name no runs"),
        "children_of_ended_session": ("listed", UND, "no source"),
        "delegation_calls": ("listed", INF, "thread pages: a child names the call that made it"),
    }),
)

# The pages name no workflow runs, budgets, graded outcomes or previews for this time.
_UNNAMED: Final = frozenset(
    e for e in E
    if e.startswith(("workflow_run.", "span.outcome", "event_"))
    or e in (E.SESSION_USAGE, E.SESSION_UPDATED, E.SESSION_DELETED, E.CONTEXT_COMPACTED)
)
_RANKED: Final = tuple(
    attrs.evolve(row, evidence=INF) for row in FOLD if row.fact not in (Fact.RUN_RUNNING, Fact.THREAD_CAPPED)
)
# fmt: on

QODER: Final = Dialect(
    name="qoder",
    title="Qoder Cloud Agents (threads with a mailbox, June 2026)",
    reported=_REPORTED,
    amendments=MappingProxyType(_AMENDMENTS),
    answers=MappingProxyType({answer.code: answer for answer in _ANSWERS}),
    fields=_FIELDS,
    limits=MappingProxyType({limit.name: limit for limit in _LIMITS}),
    switches=MappingProxyType({switch.name: switch for switch in _SWITCHES}),
    fold=_RANKED,
    events=frozenset(E) - _UNNAMED,
    delegation_tools=frozenset(
        {"create_agent", "Agent", "send_to_agent", "list_agents", "send_to_parent"}
    ),
    lists_in="arrival",
    style=Style(
        "evt_",
        "sthr_",
        "wrun_",
        "outc_",
        DOC,
        "thread pages",
        schema="1.0",
        text=True,
        deployment="dep_",
        archived_name="{name}_archived_{seconds}",
    ),
    pausing=pausing(UND, "its client has the types; its pages pause by hand only"),
)
