"""Histories of deployments: what a service might record of one, made up by chance.

A history is made by a small service that keeps the rules as they are documented, and knows nothing
of the checker: an hourly schedule, and an owner who pauses, mends, archives and asks for runs. What
is recorded of it are readings of the deployment, its runs, and webhooks.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import attrs
from hypothesis import strategies as st

__all__ = ["Service", "histories"]

Json = dict[str, Any]

START: Final = datetime(2026, 3, 2, 8, 20, 11, 402118, tzinfo=UTC)
HOUR: Final = timedelta(hours=1)
DELAY: Final = timedelta(seconds=97, microseconds=310442)
PAUSING: Final = ("agent_archived_error", "vault_not_found_error", "unknown_error")
PASSING: Final = "session_rate_limited_error"
ACTS: Final = (
    "fires", "fires", "fires", "fails", "fails and pauses", "pause", "unpause", "update", "run",
    "run fails", "read", "archive",
)  # fmt: skip


def stamp(at: datetime) -> str:
    """Return a time as a service writes it."""
    return at.isoformat().replace("+00:00", "Z")


@attrs.define
class Service:
    """A service with one deployment; what it records is in ``records``, in the order of time."""

    name: str = "depl_1"
    now: datetime = START
    status: str = "active"
    reason: Json | None = None
    updated: datetime = START
    archived: datetime | None = None
    last_run: datetime | None = None
    title: str = "hourly"
    records: list[Json] = attrs.Factory(list)

    def act(self, what: str, number: int) -> None:
        """Let an hour go by, with an occurrence at its full hour, and then do *what*."""
        due = self.now.replace(minute=0, second=0, microsecond=0) + HOUR
        fires = self.status == "active" and self.archived is None
        self.now = due + DELAY
        if fires:
            self._fire(due, what, number)
        self.now = due + timedelta(minutes=20 + number % 7, seconds=number % 50)
        if self.archived is None:
            self._owner(what)
        if what in ("read", "pause", "archive", "unpause"):
            self._read()

    def _fire(self, due: datetime, what: str, number: int) -> None:
        """Fire an occurrence, which succeeds or fails."""
        error = {"fails": PASSING, "fails and pauses": PAUSING[number % 3]}.get(what)
        run = self._run({"type": "schedule", "scheduled_at": stamp(due)}, error)
        self._tell("deployment_run.started", run["id"])
        self._tell("deployment_run.failed" if error else "deployment_run.succeeded", run["id"])
        if not error:
            self.last_run = self.now
        elif error != PASSING:
            self._change("paused", {"type": "error", "error": {"type": error}})
            self._tell("deployment.paused", self.name)

    def _owner(self, what: str) -> None:
        """Let the owner do *what*, if it is something that owners do."""
        if what == "pause" and self.status == "active":
            self._change("paused", {"type": "manual"})
            self._tell("deployment.paused", self.name)
        elif what == "unpause" and self.status == "paused":
            self._change("active", None)
            self._tell("deployment.unpaused", self.name)
        elif what == "update":
            self.title += "!"
            self._change(self.status, self.reason)
            self._tell("deployment.updated", self.name)
        elif what in ("run", "run fails"):
            self._run({"type": "manual"}, "skill_not_found_error" if what == "run fails" else None)
        elif what == "archive":
            self._change("active", None)
            self.archived = self.now
            self._tell("deployment.archived", self.name)

    def _change(self, status: str, reason: Json | None) -> None:
        """Change what a reading shows."""
        self.status, self.reason, self.updated = status, reason, self.now

    def _run(self, trigger: Json, error: str | None) -> Json:
        """Record a run."""
        name = f"drun_{len(self.records)}"
        run = {
            "type": "deployment_run",
            "id": name,
            "deployment_id": self.name,
            "agent": {"type": "agent", "id": "agent_1", "version": 1},
            "trigger_context": trigger,
            "session_id": None if error else f"sesn_{name}",
            "error": {"type": error, "message": "It did not work."} if error else None,
            "created_at": stamp(self.now),
        }
        self.records.append(run)
        return run

    def _tell(self, kind: str, about: str) -> None:
        """Send a webhook."""
        self.records.append(
            {
                "type": "event",
                "id": f"wevt_{len(self.records)}",
                "created_at": stamp(self.now.replace(microsecond=0)),
                "data": {"type": kind, "id": about},
            }
        )

    def _read(self) -> None:
        """Let somebody read the deployment."""
        self.now += timedelta(seconds=1)
        coming = self.now.replace(minute=0, second=0, microsecond=0)
        listed = [] if self.archived else [stamp(coming + n * HOUR) for n in range(1, 6)]
        self.records.append(
            {
                "type": "deployment",
                "id": self.name,
                "name": self.title,
                "status": self.status,
                "paused_reason": self.reason,
                "agent": {"type": "agent", "id": "agent_1", "version": 1},
                "environment_id": "env_1",
                "initial_events": [{"type": "user.message", "content": "Look around."}],
                "resources": [],
                "vault_ids": [],
                "metadata": {},
                "schedule": {
                    "type": "cron",
                    "expression": "0 * * * *",
                    "timezone": "UTC",
                    "last_run_at": stamp(self.last_run) if self.last_run else None,
                    "upcoming_runs_at": listed,
                },
                "created_at": stamp(START),
                "updated_at": stamp(self.updated),
                "archived_at": stamp(self.archived) if self.archived else None,
            }
        )


@st.composite
def histories(draw: st.DrawFn) -> list[Json]:
    """Whole histories of one deployment, in the order of time."""
    service = Service()
    acts = draw(st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 99)), max_size=14))
    for what, number in acts:
        service.act(what, number)
    return service.records
