"""The dialect of Anthropic Managed Agents, beta 2026-04-01: the default.

Sources by short name: *recordings* are streams of the real service; *pages* are its documentation;
*client* is its published client library; *reports* are what users posted of its answers.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from lifecycle.dialects.deployments import open_points, pausing
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
from lifecycle.machines import FOLD
from lifecycle.table import deny
from lifecycle.vocabulary import (
    EventType as E,
    Evidence,
    RefusalCode as R,
    SessionState,
    SessionTrigger,
    ThreadState,
    ThreadTrigger,
)

__all__ = ["ANTHROPIC"]

REC, DOC, INF, UND = (
    Evidence.RECORDED,
    Evidence.DOCUMENTED,
    Evidence.INFERRED,
    Evidence.UNDOCUMENTED,
)

# fmt: off
_REPORTED: Final = (
    Reported("thread",  "idle",         "idle",         REC, "recordings"),
    Reported("thread",  "running",      "running",      REC, "recordings"),
    Reported("thread",  "rescheduling", "rescheduling", DOC, "client"),
    Reported("thread",  "terminated",   "terminated",   DOC, "pages: threads"),
    Reported("thread",  "archived",     "terminated",   DOC, "pages: threads; archived_at is set beside it"),
    Reported("session", "idle",         "idle",         REC, "recordings"),
    Reported("session", "running",      "running",      REC, "recordings"),
    Reported("session", "rescheduling", "rescheduling", DOC, "pages: sessions"),
    Reported("session", "terminated",   "terminated",   REC, "recordings"),
    Reported("session", "archived",     "terminated",   REC, "recordings; archived_at is set beside it"),
    Reported("deployment", "active",          "active", DOC, "client"),
    Reported("deployment", "paused",          "paused", DOC, "client; paused_reason is manual"),
    Reported("deployment", "paused_by_error", "paused", DOC, "client; paused_reason is the error"),
    Reported("deployment", "archived",        "active", DOC, "client; archived_at is set beside it"),
)

_INVALID: Final = "invalid_request_error"
_ANSWERS: Final = (
    Answer(R.UNAUTHENTICATED,    401, "authentication_error",  "The credential is missing, invalid or expired.", DOC, "pages: errors"),
    Answer(R.WRONG_SESSION,      404, "not_found_error",       "The command is for another session.", INF, "pages: errors"),
    Answer(R.SESSION_NOT_FOUND,  404, "not_found_error",       "No such session.", DOC, "pages: errors"),
    Answer(R.SESSION_EXISTS,     409, "conflict_error",        "The session was created before.", INF, "pages: errors"),
    Answer(R.THREAD_NOT_FOUND,   404, "not_found_error",       "No such thread in this session.", DOC, "pages: errors"),
    Answer(R.CALL_NOT_FOUND,     400, _INVALID,                "The id matches no tool use of this session.", INF, "reports"),
    Answer(R.RUN_NOT_FOUND,      404, "not_found_error",       "No such open workflow run in this session.", INF, "pages: errors"),
    Answer(R.ID_TAKEN,           409, "conflict_error",        "The session uses this id already.", INF, "pages: errors"),
    Answer(R.INVALID_INPUT,      400, _INVALID,                "{reason}", INF, "pages: errors; recordings name the field"),
    Answer(R.PRIMARY_THREAD,     400, _INVALID,                "The primary thread cannot be archived; archive the session instead.", REC, "recordings"),
    Answer(R.THREAD_NOT_IDLE,    400, _INVALID,                "Only an idle thread can be archived; interrupt it first.", INF, "pages: threads"),
    Answer(R.THREAD_ARCHIVED,    400, _INVALID,                "The thread is archived already.", UND, "only with the switch thread_rearchive at refuse"),
    Answer(R.THREAD_ENDED,       400, _INVALID,                "The thread accepts no further input.", DOC, "pages: threads"),
    Answer(R.THREAD_LIMIT,       400, _INVALID,                "The session has its 25 live child threads.", UND, "no source; agents see a tool error"),
    Answer(R.SESSION_RUNNING,    400, _INVALID,                "Not while the session is running; interrupt it and wait until it is idle.", INF, "recordings of its archive and delete"),
    Answer(R.ARCHIVE_RUNNING,    400, _INVALID,                'Session {session} cannot be archived while its status is "{status}". Only pending or idle sessions may be archived.', REC, "recordings"),
    Answer(R.DELETE_RUNNING,     400, _INVALID,                "Cannot delete session while it is running. Send an interrupt event or wait for the session to complete.", REC, "recordings"),
    Answer(R.SESSION_ENDED,      400, _INVALID,                "The session accepts no further events.", INF, "reports"),
    Answer(R.WORKFLOW_RUN_OPEN,  400, _INVALID,                "Not while a workflow run is open.", DOC, "pages: workflow runs"),
    Answer(R.ANSWERS_REQUIRED,   400, _INVALID,                "The session waits for answers: send those, or an interrupt.", DOC, "pages: workflow runs"),
    Answer(R.BUDGET_REACHED,     400, _INVALID,                "The budget is reached: send answers or an interrupt, or update the budget.", DOC, "pages: budgets"),
    Answer(R.CONFIRMATION_FIRST, 400, _INVALID,                "The call needs its confirmation first.", INF, "reports"),
    Answer(R.CALL_ANSWERED,      400, _INVALID,                "The call has its answer already.", UND, "reports disagree"),
    Answer(R.WRONG_ANSWER,       400, _INVALID,                "The call takes another kind of answer.", INF, "reports"),
    Answer(R.OUT_OF_TURN,        409, "conflict_error",        "The report does not fit the thread's state.", INF, "no client sees it: it answers the server's own loop"),
    Answer(R.DEPLOYMENT_NOT_FOUND, 404, "not_found_error",     "No such deployment.", DOC, "pages: errors"),
    Answer(R.DEPLOYMENT_EXISTS,  409, "conflict_error",        "The deployment was created before.", INF, "pages: errors"),
    Answer(R.DEPLOYMENT_ARCHIVED, 400, _INVALID,               "The deployment is archived and cannot be modified.", UND, "pages refuse it without a code"),
    Answer(R.DEPLOYMENT_PAUSED,  400, _INVALID,                "The deployment is paused.", UND, "a client hears it only with the switch deployment_repause at refuse"),
    Answer(R.DEPLOYMENT_ACTIVE,  400, _INVALID,                "The deployment is active.", UND, "only with the switch deployment_reunpause at refuse"),
    Answer(R.RUN_NOT_OPEN,       409, "conflict_error",        "No such run of the deployment is under way.", INF, "no client sees it: it answers the server's own report"),
    Answer(R.ALREADY_FIRED,      409, "conflict_error",        "The occurrence has its fire already.", INF, "no client sees it: it answers the server's own clock"),
    Answer(R.NOT_SCHEDULED,      409, "conflict_error",        "The instant is no occurrence that fires.", INF, "no client sees it: it answers the server's own clock"),
    Answer(R.NOT_DUE,            409, "conflict_error",        "The occurrence is yet to come.", INF, "no client sees it: it answers the server's own clock"),
)

_ON_THREAD: Final = (E.THREAD_CREATED, E.THREAD_RUNNING, E.THREAD_IDLE, E.THREAD_RESCHEDULED, E.THREAD_TERMINATED)
_ON_SESSION: Final = (E.SESSION_RUNNING, E.SESSION_IDLE, E.SESSION_RESCHEDULED, E.SESSION_TERMINATED)
_FIELDS: Final = (
    *(Field(e, "session_thread_id", Presence.REQUIRED, REC, "recordings") for e in _ON_THREAD),
    *(Field(e, "agent_name",        Presence.REQUIRED, REC, "recordings") for e in _ON_THREAD),
    *(Field(e, "session_thread_id", Presence.NEVER,    DOC, "client") for e in _ON_SESSION),
    Field(E.THREAD_IDLE,             "stop_reason",              Presence.REQUIRED, REC, "recordings"),
    Field(E.SESSION_IDLE,            "stop_reason",              Presence.REQUIRED, REC, "recordings"),
    Field(E.SESSION_TERMINATED,      "stop_reason",              Presence.NEVER,    REC, "recordings"),
    Field(E.THREAD_TERMINATED,       "stop_reason",              Presence.NEVER,    DOC, "client"),
    Field(E.SPAN_END,                "model_request_start_id",   Presence.REQUIRED, REC, "recordings"),
    Field(E.AGENT_TOOL_RESULT,       "tool_use_id",              Presence.REQUIRED, REC, "recordings"),
    Field(E.AGENT_MCP_TOOL_RESULT,   "mcp_tool_use_id",          Presence.REQUIRED, REC, "recordings"),
    Field(E.USER_CUSTOM_TOOL_RESULT, "custom_tool_use_id",       Presence.REQUIRED, REC, "recordings"),
    Field(E.USER_TOOL_RESULT,        "tool_use_id",              Presence.REQUIRED, REC, "recordings"),
    Field(E.USER_TOOL_CONFIRMATION,  "tool_use_id",              Presence.REQUIRED, REC, "recordings"),
    Field(E.USER_TOOL_CONFIRMATION,  "result",                   Presence.REQUIRED, REC, "recordings"),
    Field(E.THREAD_MESSAGE_SENT,     "to_session_thread_id",     Presence.REQUIRED, REC, "recordings"),
    Field(E.THREAD_MESSAGE_RECEIVED, "from_session_thread_id",   Presence.REQUIRED, REC, "recordings"),
    Field(E.SESSION_ERROR,           "error",                    Presence.REQUIRED, DOC, "client"),
    Field(E.RUN_CREATED,             "workflow_run_id",          Presence.REQUIRED, DOC, "client"),
    Field(E.RUN_RUNNING,             "workflow_run_id",          Presence.REQUIRED, DOC, "client"),
    Field(E.RUN_IDLE,                "workflow_run_id",          Presence.REQUIRED, DOC, "client"),
    Field(E.RUN_ENDED,               "workflow_run_id",          Presence.REQUIRED, DOC, "client"),
    Field(E.RUN_ENDED,               "result",                   Presence.REQUIRED, DOC, "client"),
    Field(E.PHASE_STARTED,           "workflow_run_phase_id",    Presence.REQUIRED, DOC, "client"),
    Field(E.PHASE_ENDED,             "workflow_run_phase_id",    Presence.REQUIRED, DOC, "client"),
    Field(E.PHASE_ENDED,             "phase_started_id",         Presence.REQUIRED, DOC, "client"),
    Field(E.OUTCOME_START,           "outcome_id",               Presence.REQUIRED, REC, "recordings"),
    Field(E.OUTCOME_END,             "outcome_id",               Presence.REQUIRED, REC, "recordings"),
    Field(E.OUTCOME_END,             "result",                   Presence.REQUIRED, REC, "recordings"),
)

_LIMITS: Final = (
    Limit("live_child_threads",  25,    "threads",    DOC, "pages: threads; advisor and run threads are exempt"),
    Limit("roster",              20,    "agents",     DOC, "client"),
    Limit("delegation_depth",    1,     "levels",     DOC, "client"),
    Limit("open_workflow_runs",  10,    "runs",       DOC, "pages: workflow runs; a default"),
    Limit("initial_events",      50,    "events",     DOC, "pages: sessions"),
    Limit("deployment_events",   50,    "events",     DOC, "client", least=1),
    Limit("deployment_name",     256,   "characters", DOC, "client", least=1),
    Limit("deployment_vaults",   50,    "vaults",     DOC, "client"),
    Limit("deployment_resources", 500,  "resources",  DOC, "client"),
    Limit("deployment_metadata", 16,    "pairs",      DOC, "client"),
)

_SWITCHES: Final = (
    Switch("thread_rearchive", "What does archiving an archived thread do?", "thread", {
        "idempotent": NO_ROWS,
        "refuse": (deny(ThreadState.ARCHIVED, ThreadTrigger.ARCHIVE_CHILD, "it is archived already", UND, "switch thread_rearchive"),),
    }, "idempotent", UND, "pages: workflow runs hint at it for run threads"),
    Switch("session_rearchive", "What does archiving an archived session do?", "session", {
        "idempotent": NO_ROWS,
        "refuse": (deny(SessionState.ARCHIVED, SessionTrigger.ARCHIVE, "it is archived already", UND, "switch session_rearchive"),),
    }, "idempotent", UND, "no source"),
    Switch("archive_terminated_session", "May a terminated session be archived?", "session", {
        "allow": NO_ROWS,
        "refuse": (deny(SessionState.TERMINATED, SessionTrigger.ARCHIVE, "a terminated session accepts nothing more", UND, "switch archive_terminated_session"),),
    }, "allow", UND, "no source"),
    *open_points(),
    *orders({}),
)
# fmt: on

ANTHROPIC: Final = Dialect(
    name="anthropic",
    title="Anthropic Managed Agents",
    reported=_REPORTED,
    amendments=MappingProxyType({}),
    answers=MappingProxyType({answer.code: answer for answer in _ANSWERS}),
    fields=_FIELDS,
    limits=MappingProxyType({limit.name: limit for limit in _LIMITS}),
    switches=MappingProxyType({switch.name: switch for switch in _SWITCHES}),
    fold=FOLD,
    events=frozenset(E),
    delegation_tools=frozenset(
        {"create_agent", "Agent", "send_to_agent", "list_agents", "send_to_parent"}
    ),
    lists_in="processing",
    style=Style("sevt_", "sthr_", "wrun_", "outc_", REC, "recordings; pages for runs"),
    pausing=pausing(),
)
