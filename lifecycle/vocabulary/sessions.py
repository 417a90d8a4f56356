"""The words of sessions (threads, messages, tool uses, workflow runs, events), and refusals.

Sources: the event, session and thread reference pages of both services, and recordings of the
first. Open sets stay open: an unknown word on the wire is tolerated, never invented here.
"""

from __future__ import annotations

from lifecycle.vocabulary.form import Word

__all__ = [
    "CallState",
    "CallTrigger",
    "ErrorType",
    "EventType",
    "Fact",
    "MessageState",
    "MessageTrigger",
    "OutcomeResult",
    "Permission",
    "PhaseState",
    "PhaseTrigger",
    "RefusalCode",
    "RetryStatus",
    "Role",
    "RunErrorType",
    "RunResult",
    "RunState",
    "RunTrigger",
    "SessionState",
    "SessionTrigger",
    "SpanState",
    "SpanTrigger",
    "StopReason",
    "ThreadState",
    "ThreadTrigger",
]

# fmt: off
# One word a line, its meaning beside it: the formatter would fold the longer ones.


class Role(Word):
    """What a thread is within its session."""

    PRIMARY = "primary", "The thread of the session's own agent; the coordinator when it has children."
    CHILD   = "child",   "A thread that the coordinator (or the server for it) has made."


class ThreadState(Word):
    """What a thread is doing; a dialect says which word it reports for each."""

    IDLE         = "idle",         "Waits for input: a message, answers, or a lifted budget."
    RUNNING      = "running",      "A turn is open: the thread works."
    RESCHEDULING = "rescheduling", "A passing fault stopped the turn; the server tries again by itself."
    TERMINATED   = "terminated",   "Over for good after an error or a finished errand."
    ARCHIVED     = "archived",     "Over for good because somebody archived it."


class ThreadTrigger(Word):
    """What can happen to a thread."""

    DELIVER         = "deliver",         "An input leaves the mailbox for the thread."
    FORWARD         = "forward",         "The primary is opened only to carry an answer to a child."
    RESUME          = "resume",          "The server goes on by itself: a run's result, a lifted budget."
    ANSWER          = "answer",          "One of several open asks is answered."
    ANSWER_LAST     = "answer_last",     "The last open ask is answered."
    END_TURN        = "end_turn",        "The turn is finished."
    ASK             = "ask",             "The turn needs the client and rests until it answers."
    EXHAUST_RETRIES = "exhaust_retries", "The retries, rounds or compactions are used up."
    REACH_BUDGET    = "reach_budget",    "The session's cost cap stops the thread."
    REFUSE          = "refuse",          "The model refused to respond."
    INTERRUPT       = "interrupt",       "An interrupt reaches a thread that waits on nobody."
    INTERRUPT_ASKS  = "interrupt_asks",  "An interrupt reaches a thread that has open asks."
    RESCHEDULE      = "reschedule",      "A passing fault hits the turn."
    RETRY           = "retry",           "The turn is taken up again after a fault."
    RECOVER         = "recover",         "The thread is placed anew and comes back at rest."
    FAIL_PRIMARY    = "fail_primary",    "An unrecoverable error ends the primary, and the session."
    FINISH_CHILD    = "finish_child",    "A child ends for good: an error, or its errand is done."
    ARCHIVE_PRIMARY = "archive_primary", "Somebody asks to archive the primary thread."
    ARCHIVE_CHILD   = "archive_child",   "Somebody asks to archive a child thread."


class SessionState(Word):
    """What a session is doing; the first four are the reported words."""

    IDLE         = "idle",         "No thread works; the stop reason says what it waits for."
    RUNNING      = "running",      "At least one thread or workflow run works."
    RESCHEDULING = "rescheduling", "A passing fault; the server tries again by itself."
    TERMINATED   = "terminated",   "Over for good after an unrecoverable error."
    ARCHIVED     = "archived",     "Over for good because somebody archived it; still readable."
    DELETED      = "deleted",      "Gone."


class SessionTrigger(Word):
    """What can happen to a session."""

    WORK             = "work",             "The fold over the threads says running."
    REST             = "rest",             "The fold over the threads says idle."
    RESCHEDULE       = "reschedule",       "The fold over the threads says rescheduling."
    FAIL             = "fail",             "The primary met an unrecoverable error."
    SEND_INPUT       = "send_input",       "A client sends a message or an outcome."
    SEND_INPUT_ASKED = "send_input_asked", "A client sends a message while the session waits for answers."
    SEND_INPUT_CAPPED = "send_input_capped", "A client sends a message while the budget is reached."
    SEND_ANSWER      = "send_answer",      "A client answers a call."
    SEND_INTERRUPT   = "send_interrupt",   "A client interrupts."
    UPDATE           = "update",           "A client changes the title, metadata or budget, or archives a thread."
    UPDATE_AGENT     = "update_agent",     "A client replaces the agent's tools or servers."
    ARCHIVE          = "archive",          "A client archives the session."
    DELETE           = "delete",           "A client deletes the session."
    REPORT           = "report",           "The server's own agent loop reports what it does."


class Fact(Word):
    """What the session's fold looks at, in one word each."""

    ARCHIVED            = "archived",            "The session was archived."
    PRIMARY_FAILED      = "primary_failed",      "The primary met an unrecoverable error."
    THREAD_RUNNING      = "thread_running",      "Some thread runs."
    THREAD_RESCHEDULING = "thread_rescheduling", "Some thread is to be tried again."
    THREAD_ASKING       = "thread_asking",       "Some idle thread waits for the client's answers."
    RUN_RUNNING         = "run_running",         "Some workflow run executes."
    THREAD_CAPPED       = "thread_capped",       "Some thread stopped at the budget."
    THREAD_EXHAUSTED    = "thread_exhausted",    "Some thread used up its retries."
    THREAD_REFUSED      = "thread_refused",      "Some thread's model refused."
    NOTHING             = "nothing",             "None of the other facts holds."


class StopReason(Word):
    """Why a thread or session came to rest (``stop_reason.type``)."""

    END_TURN          = "end_turn",          "The turn finished, or was interrupted."
    REQUIRES_ACTION   = "requires_action",   "The client must answer the calls that ``event_ids`` names."
    RETRIES_EXHAUSTED = "retries_exhausted", "Retries, tool rounds or compactions are used up."
    BUDGET_REACHED    = "budget_reached",    "The session's cost cap is reached."
    REFUSAL           = "refusal",           "The model refused; ``stop_details`` may say more."
    ARCHIVE           = "archive",           "Qoder: the thread was archived."
    CANCELLED         = "cancelled",         "Qoder: the turn was cancelled through the cancel endpoint."


class MessageState(Word):
    """What became of a message in a mailbox."""

    PENDING   = "pending",   "Waits until its thread can take it."
    DELIVERED = "delivered", "A turn has consumed it."
    CANCELLED = "cancelled", "Its thread ended, or its queue was flushed, before it was read."


class MessageTrigger(Word):
    """What can happen to a message."""

    DELIVER = "deliver", "Its thread takes it into a turn."
    HOLD    = "hold",    "Its thread is busy, or waits for answers."
    CANCEL  = "cancel",  "Its thread was archived or terminated."
    FLUSH   = "flush",   "Its thread used up its retries, and the queue is dropped."


class CallState(Word):
    """How far a tool use has come."""

    ALLOWED   = "allowed",   "May run: by policy, or because the client runs it itself."
    ASKED     = "asked",     "Waits for the client's confirmation."
    ANSWERED  = "answered",  "The client has answered; the answer is saved and not yet consumed."
    PROCESSED = "processed", "The client's allow was consumed; the result is to come."
    DENIED    = "denied",    "Refused by the client or by policy; an error result is to come."
    RESULTED  = "resulted",  "Has its one result."


class CallTrigger(Word):
    """What can happen to a tool use."""

    ANSWER        = "answer",        "A confirmation arrives and must wait its turn."
    ALLOW         = "allow",         "A confirmation that allows is consumed."
    DENY          = "deny",          "A confirmation that denies is consumed."
    RESULT        = "result",        "The platform gives a result that is not an error."
    ERROR_RESULT  = "error_result",  "The platform gives an error result."
    CLIENT_RESULT = "client_result", "The client gives the result (custom or self-hosted tool)."
    CLOSE         = "close",         "An interrupt or an archive closes the call with an error result."


class Permission(Word):
    """``evaluated_permission`` of a tool use."""

    ALLOW = "allow", "May run at once."
    ASK   = "ask",   "Needs a confirmation first."
    DENY  = "deny",  "Refused by policy; gets an error result."


class RunState(Word):
    """What a workflow run is doing."""

    CREATED = "created", "Open, and not executing yet."
    RUNNING = "running", "Executes."
    IDLE    = "idle",    "Paused by the budget or an interrupt."
    ENDED   = "ended",   "Over; the last event of the run says how."


class RunTrigger(Word):
    """What can happen to a workflow run."""

    START       = "start",       "Execution starts, or goes on after a pause."
    PAUSE       = "pause",       "The budget or an interrupt pauses it."
    START_PHASE = "start_phase", "One of its phases starts."
    END_PHASE   = "end_phase",   "One of its phases ends."
    ERROR       = "error",       "It reports an error."
    END         = "end",         "It ends."


class RunResult(Word):
    """``result.type`` of an ended workflow run."""

    COMPLETED = "completed", "The program finished; says nothing about success."
    STOPPED   = "stopped",   "The agent stopped it, or the session was archived."
    ERROR     = "error",     "It ended in the error that an earlier event reported."


class RunErrorType(Word):
    """``error.type`` of a workflow run."""

    TIMEOUT      = "timeout_error",           "Its lifetime ran out."
    PROGRAM      = "program_error",           "The program failed."
    THREAD_LIMIT = "thread_limit_error",      "It started too many agents."
    UNKNOWN      = "unknown_error",           "Anything else."
    MAX_RUNS     = "max_workflow_runs_error", "Refused: too many runs are open; no run was made."


class PhaseState(Word):
    """What a phase of a workflow run is doing."""

    OPEN  = "open",  "Has started."
    ENDED = "ended", "Has ended."


class PhaseTrigger(Word):
    """What can happen to a started phase."""

    END = "end", "It ends."


class SpanState(Word):
    """Whether a thread has a model request open."""

    CLOSED = "closed", "No model request is open on the thread."
    OPEN   = "open",   "A model request is open on the thread."


class SpanTrigger(Word):
    """What can happen to a thread's model request."""

    START  = "start",  "A request starts."
    SPEAK  = "speak",  "The model gives a message, thinking or a tool use."
    RESULT = "result", "A tool's result is recorded."
    END    = "end",    "The request ends."


class RetryStatus(Word):
    """``retry_status.type`` of a ``session.error``."""

    RETRYING  = "retrying",  "The server tries again; the client waits."
    EXHAUSTED = "exhausted", "The turn is dead and queued input is dropped; the session rests."
    TERMINAL  = "terminal",  "The session will terminate."


class ErrorType(Word):
    """``error.type`` of a ``session.error``; an open set."""

    UNKNOWN               = "unknown_error",               "Anything that has no name of its own."
    MODEL_OVERLOADED      = "model_overloaded_error",      "The model has no capacity."
    MODEL_RATE_LIMITED    = "model_rate_limited_error",    "The model's rate limit was hit."
    MODEL_REQUEST_FAILED  = "model_request_failed_error",  "The model request failed."
    MCP_CONNECTION_FAILED = "mcp_connection_failed_error", "An MCP server cannot be reached."
    MCP_AUTHENTICATION_FAILED = "mcp_authentication_failed_error", "An MCP server refused the credential."
    BILLING               = "billing_error",               "The account cannot pay; will not heal by itself."
    CREDENTIAL_HOST_UNREACHABLE = "credential_host_unreachable_error", "A credential's host is blocked."
    TOOL_USE_LIMIT        = "tool_use_limit_reached_error",   "Too many rounds of tool use in one turn."
    COMPACTION_LIMIT      = "compaction_limit_reached_error", "Too many context compactions in one turn."
    REPOSITORY_AUTHENTICATION = "repository_authentication_error", "A repository refused the credential."
    REPOSITORY_FORBIDDEN  = "repository_forbidden_error",  "A repository may not be read."
    REPOSITORY_NOT_FOUND  = "repository_not_found_error",  "A repository does not exist."
    REPOSITORY_CHECKOUT   = "repository_checkout_error",   "A repository could not be checked out."
    REPOSITORY_CLONE      = "repository_clone_error",      "A repository could not be cloned."


class OutcomeResult(Word):
    """``result`` of an outcome evaluation; an open set."""

    SATISFIED      = "satisfied",              "The rubric is met."
    NEEDS_REVISION = "needs_revision",         "Another work cycle follows."
    MAX_ITERATIONS = "max_iterations_reached", "No more cycles; one acknowledgement turn follows."
    FAILED         = "failed",                 "The rubric cannot be met."
    INTERRUPTED    = "interrupted",            "Stopped by an interrupt, even before a start."


class RefusalCode(Word):
    """Why a request is refused; a dialect gives each its HTTP status and error type."""

    UNAUTHENTICATED     = "unauthenticated",     "The credential is missing, invalid or expired."
    WRONG_SESSION       = "wrong_session",       "The command is for another session."
    SESSION_NOT_FOUND   = "session_not_found",   "No such session."
    SESSION_EXISTS      = "session_exists",      "The session was created before."
    THREAD_NOT_FOUND    = "thread_not_found",    "No such thread in the session."
    CALL_NOT_FOUND      = "call_not_found",      "The answer names no open tool use of the session."
    RUN_NOT_FOUND       = "run_not_found",       "No such open workflow run in the session."
    ID_TAKEN            = "id_taken",            "The session uses this id already."
    INVALID_INPUT       = "invalid_input",       "The command contradicts itself, or a rule about its fields."
    PRIMARY_THREAD      = "primary_thread",      "The primary thread cannot be archived."
    THREAD_NOT_IDLE     = "thread_not_idle",     "Only an idle thread can be archived."
    THREAD_ARCHIVED     = "thread_archived",     "The thread was archived before."
    THREAD_ENDED        = "thread_ended",        "The thread accepts no further input."
    THREAD_LIMIT        = "thread_limit",        "Too many live child threads."
    SESSION_RUNNING     = "session_running",     "Not while the session runs."
    ARCHIVE_RUNNING     = "archive_running",     "No session is archived while it runs."
    DELETE_RUNNING      = "delete_running",      "No session is deleted while it runs."
    SESSION_ENDED       = "session_ended",       "The session accepts no further input."
    WORKFLOW_RUN_OPEN   = "workflow_run_open",   "Not while a workflow run is open."
    ANSWERS_REQUIRED    = "answers_required",    "The session waits for answers first."
    BUDGET_REACHED      = "budget_reached",      "The budget is reached: only answers and interrupts."
    CONFIRMATION_FIRST  = "confirmation_first",  "An asked call has no confirmation yet."
    CALL_ANSWERED       = "call_answered",       "The call has its answer already."
    WRONG_ANSWER        = "wrong_answer",        "The call takes another kind of answer."
    OUT_OF_TURN         = "out_of_turn",         "The agent loop reports what the state does not allow."
    DEPLOYMENT_NOT_FOUND = "deployment_not_found", "No such deployment."
    DEPLOYMENT_EXISTS   = "deployment_exists",   "The deployment was created before."
    DEPLOYMENT_ARCHIVED = "deployment_archived", "The deployment is archived: it only can be read."
    DEPLOYMENT_PAUSED   = "deployment_paused",   "Not while the deployment is paused."
    DEPLOYMENT_ACTIVE   = "deployment_active",   "The deployment is active already."
    ALREADY_FIRED       = "already_fired",       "The occurrence has its fire already."
    RUN_NOT_OPEN        = "run_not_open",        "No such run of the deployment is under way."
    NOT_SCHEDULED       = "not_scheduled",       "The instant is no occurrence that fires."
    NOT_DUE             = "not_due",             "The occurrence is yet to come."


class EventType(Word):
    """``type`` of an event; an open set."""

    USER_MESSAGE            = "user.message",            "A message from the client."
    USER_INTERRUPT          = "user.interrupt",          "The client stops what runs."
    USER_TOOL_CONFIRMATION  = "user.tool_confirmation",  "The client allows or denies an asked call."
    USER_CUSTOM_TOOL_RESULT = "user.custom_tool_result", "The client gives a custom tool's result."
    USER_TOOL_RESULT        = "user.tool_result",        "A self-hosted worker gives a tool's result."
    USER_DEFINE_OUTCOME     = "user.define_outcome",     "The client sets a goal with a rubric."
    SYSTEM_MESSAGE          = "system.message",          "Instructions beside a client's input."
    AGENT_MESSAGE           = "agent.message",           "The agent says something."
    AGENT_THINKING          = "agent.thinking",          "The agent thinks."
    AGENT_TOOL_USE          = "agent.tool_use",          "The agent calls a built-in tool."
    AGENT_TOOL_RESULT       = "agent.tool_result",       "The platform gives a built-in tool's result."
    AGENT_MCP_TOOL_USE      = "agent.mcp_tool_use",      "The agent calls an MCP server's tool."
    AGENT_MCP_TOOL_RESULT   = "agent.mcp_tool_result",   "The platform gives an MCP tool's result."
    AGENT_CUSTOM_TOOL_USE   = "agent.custom_tool_use",   "The agent calls a tool that the client runs."
    THREAD_MESSAGE_SENT     = "agent.thread_message_sent",      "A thread sent a message to another."
    THREAD_MESSAGE_RECEIVED = "agent.thread_message_received",  "A thread received a message from another."
    CONTEXT_COMPACTED       = "agent.thread_context_compacted", "A thread's context was compacted."
    SESSION_RUNNING         = "session.status_running",     "The session starts to work."
    SESSION_IDLE            = "session.status_idle",        "The session comes to rest."
    SESSION_RESCHEDULED     = "session.status_rescheduled", "A passing fault; the server tries again."
    SESSION_TERMINATED      = "session.status_terminated",  "The session is over for good."
    SESSION_ERROR           = "session.error",              "Something went wrong; says whether it is retried."
    SESSION_UPDATED         = "session.updated",            "The session's settings changed."
    SESSION_USAGE           = "session.usage",              "What the session has used so far."
    SESSION_DELETED         = "session.deleted",            "The session is gone; on streams only."
    THREAD_CREATED          = "session.thread_created",     "A child thread was made."
    THREAD_RUNNING          = "session.thread_status_running",     "A thread starts to work."
    THREAD_IDLE             = "session.thread_status_idle",        "A thread comes to rest."
    THREAD_RESCHEDULED      = "session.thread_status_rescheduled", "A passing fault on a thread."
    THREAD_TERMINATED       = "session.thread_status_terminated",  "A child thread is over for good."
    SPAN_START              = "span.model_request_start", "A model request starts."
    SPAN_END                = "span.model_request_end",   "A model request ends."
    OUTCOME_START           = "span.outcome_evaluation_start",   "The grading of an outcome starts."
    OUTCOME_ONGOING         = "span.outcome_evaluation_ongoing", "The grading goes on."
    OUTCOME_END             = "span.outcome_evaluation_end",     "The grading ends with a result."
    RUN_CREATED             = "workflow_run.created",        "A workflow run was made."
    RUN_RUNNING             = "workflow_run.status_running", "A workflow run executes."
    RUN_IDLE                = "workflow_run.status_idle",    "A workflow run is paused."
    RUN_ENDED               = "workflow_run.status_ended",   "A workflow run is over."
    RUN_ERROR               = "workflow_run.error",          "A workflow run met an error."
    PHASE_STARTED           = "workflow_run.phase_started",  "A phase of a workflow run starts."
    PHASE_ENDED             = "workflow_run.phase_ended",    "A phase of a workflow run ends."
    EVENT_START             = "event_start", "A preview of an event begins; on streams only."
    EVENT_DELTA             = "event_delta", "A piece of a preview; on streams only."


# fmt: on
