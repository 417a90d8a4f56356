"""The words of deployments: states, paused reasons, runs, their errors, and webhooks.

Sources: the deployment and deployment run reference pages of both services, the page on scheduled
deployments, and the webhook page. The run errors are a closed set of sixteen; which of them pause
is said by each dialect, with how it is known.
"""

from __future__ import annotations

from lifecycle.vocabulary.form import Word

__all__ = [
    "DeploymentErrorType",
    "DeploymentState",
    "DeploymentTrigger",
    "PausedReason",
    "RecordType",
    "RunTriggerType",
    "WebhookType",
]

# fmt: off
# One word a line, its meaning beside it: the formatter would fold the longer ones.


class DeploymentState(Word):
    """What a deployment is doing; a dialect says which of two words it reports for each."""

    ACTIVE          = "active",          "Its schedule fires, if it has one."
    PAUSED          = "paused",          "Somebody paused it: its schedule does not fire."
    PAUSED_BY_ERROR = "paused_by_error", "A fire failed with an error that does not heal by itself."
    ARCHIVED        = "archived",        "Over for good: it can be read, and nothing else."


class DeploymentTrigger(Word):
    """What can happen to a deployment."""

    PAUSE               = "pause",               "A client pauses it."
    UNPAUSE             = "unpause",             "A client lets it go on."
    UPDATE              = "update",              "A client changes its configuration."
    RUN                 = "run",                 "A client asks for a run now."
    RUN_ENDED           = "run_ended",           "A run by hand has its session, or failed."
    FIRE                = "fire",                "An occurrence of its schedule is due."
    FIRE_SUCCEEDED      = "fire_succeeded",      "A fire has its session."
    FIRE_FAILED         = "fire_failed",         "A fire failed with an error that may pass."
    FIRE_FAILED_PAUSING = "fire_failed_pausing", "A fire failed with an error that pauses."
    ARCHIVE             = "archive",             "A client archives it."
    AGENT_ARCHIVED      = "agent_archived",      "Its agent was archived."
    AGENT_DELETED       = "agent_deleted",       "A fire found that its agent is deleted."


class PausedReason(Word):
    """``paused_reason.type`` of a deployment."""

    MANUAL = "manual", "Somebody called the pause endpoint."
    ERROR  = "error",  "A scheduled fire failed; ``error.type`` is that of the failed run."


class DeploymentErrorType(Word):
    """``error.type`` of a deployment run that has no session."""

    ENVIRONMENT_ARCHIVED   = "environment_archived_error",   "The environment is archived."
    AGENT_ARCHIVED         = "agent_archived_error",         "An agent that the agent may call is archived."
    ENVIRONMENT_NOT_FOUND  = "environment_not_found_error",  "The environment is gone."
    VAULT_NOT_FOUND        = "vault_not_found_error",        "A vault is gone."
    VAULT_ARCHIVED         = "vault_archived_error",         "A vault is archived."
    FILE_NOT_FOUND         = "file_not_found_error",         "A file is gone."
    MEMORY_STORE_ARCHIVED  = "memory_store_archived_error",  "A memory store is archived."
    SKILL_NOT_FOUND        = "skill_not_found_error",        "A skill of the agent is gone."
    SESSION_RESOURCE_NOT_FOUND = "session_resource_not_found_error", "Something that the session needs is gone; nobody says what."
    WORKSPACE_ARCHIVED     = "workspace_archived_error",     "The workspace is archived."
    ORGANIZATION_DISABLED  = "organization_disabled_error",  "The organization is disabled."
    SELF_HOSTED_RESOURCES  = "self_hosted_resources_unsupported_error", "A self-hosted environment cannot mount the resources."
    MCP_EGRESS_BLOCKED     = "mcp_egress_blocked_error",     "The environment's network policy blocks an MCP server's host."
    UNKNOWN                = "unknown_error",                "Anything that has no name of its own."
    SESSION_RATE_LIMITED   = "session_rate_limited_error",   "Too many sessions are being created."
    SESSION_CREATION_REJECTED = "session_creation_rejected_error", "The session's creation was found invalid."


class RunTriggerType(Word):
    """``trigger_context.type`` of a deployment run."""

    MANUAL   = "manual",   "A client asked for it."
    SCHEDULE = "schedule", "An occurrence of the schedule was due; ``scheduled_at`` says which."


class RecordType(Word):
    """``type`` of what is recorded of deployments, beside the events of sessions."""

    DEPLOYMENT = "deployment",     "A deployment, as it was when it was read."
    RUN        = "deployment_run", "One attempt to create a session: it has the session, or an error."
    WEBHOOK    = "event",          "The envelope of a webhook; ``data.type`` says what happened."


class WebhookType(Word):
    """``data.type`` of a webhook about a deployment; ids only, in no order, maybe twice."""

    CREATED       = "deployment.created",       "A deployment was made."
    UPDATED       = "deployment.updated",       "Its configuration changed."
    PAUSED        = "deployment.paused",        "It was paused, by hand or by an error."
    UNPAUSED      = "deployment.unpaused",      "It goes on."
    ARCHIVED      = "deployment.archived",      "It is over."
    DELETED       = "deployment.deleted",       "It is gone; no endpoint is known that does this."
    RUN_STARTED   = "deployment_run.started",   "A scheduled fire starts."
    RUN_SUCCEEDED = "deployment_run.succeeded", "That fire has its session."
    RUN_FAILED    = "deployment_run.failed",    "That fire failed."


# fmt: on
