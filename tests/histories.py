"""Histories of deployments: what a service might record of one, made up by chance.

A history is made by a small service that keeps the rules as they are documented, and knows nothing
of the checker: an hourly schedule, and an owner who pauses, mends, archives and asks for runs. What
is recorded of it are readings of the deployment, its runs, and webhooks.

Each record is written in a way of its own, and some are written twice: times with fractions or
without, at any offset, from clocks that differ by a second; null or nothing; an agent by its id
alone; fields of a later version.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final

import attrs
from hypothesis import strategies as st

__all__ = ["Service", "Writing", "histories", "writings"]

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


@attrs.frozen
class Writing:
    """How a record is written down.

    Attributes:
        digits: how many of a second's fraction; the others are cut off.
        offset: of times, in minutes; none is written as ``Z``.
        nulls: whether what is null is written, too.
        later: whether there are fields that nobody knows.
        by_id: whether agents are told by their id alone.
    """

    digits: int = 6
    offset: int | None = None
    nulls: bool = True
    later: bool = False
    by_id: bool = False

    def of(self, record: Json) -> Json:
        """Return a record as it is written."""
        written = {k: self._value(k, v) for k, v in record.items() if self.nulls or v is not None}
        return written | ({"later": {"when": stamp(START, self)}} if self.later else {})

    def _value(self, name: str, value: Any) -> Any:
        """Return a value of the field *name* as it is written."""
        if name == "agent" and self.by_id:
            return value["id"]
        if name == "metadata":
            return value
        if isinstance(value, dict):
            return self.of(value)
        if isinstance(value, list):
            return [stamp(one, self) if isinstance(one, datetime) else one for one in value]
        return stamp(value, self) if isinstance(value, datetime) else value


def stamp(at: datetime, how: Writing) -> str:
    """Return a time as it is written."""
    there = at.astimezone(timezone(timedelta(minutes=how.offset or 0)))
    text = f"{there:%Y-%m-%dT%H:%M:%S.%f}"
    text = text[: len(text) - 6 + how.digits].removesuffix(".")
    return text + ("Z" if how.offset is None else f"{there:%z}"[:3] + ":" + f"{there:%z}"[3:])


@attrs.define
class Service:
    """A service with one deployment; what it records is in ``records``, in the order of time.

    Attributes:
        skew: by how much the clock that stamps what happens now is wrong.
    """

    name: str = "depl_1"
    now: datetime = START
    skew: timedelta = timedelta()
    status: str = "active"
    reason: Json | None = None
    updated: datetime = START
    archived: datetime | None = None
    last_run: datetime | None = None
    title: str = "hourly"
    records: list[Json] = attrs.Factory(list)

    @property
    def clock(self) -> datetime:
        """What a clock of the service says now."""
        return self.now + self.skew

    def act(self, what: str, number: int, skew: timedelta = timedelta()) -> None:
        """Let an hour go by, with an occurrence at its full hour, and then do *what*."""
        self.skew = skew
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
        run = self._run({"type": "schedule", "scheduled_at": due}, error)
        self._tell("deployment_run.started", run["id"])
        self._tell("deployment_run.failed" if error else "deployment_run.succeeded", run["id"])
        if not error:
            self.last_run = self.clock
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
            self._run(
                {"type": "manual", "scheduled_at": None},
                "skill_not_found_error" if what == "run fails" else None,
            )
        elif what == "archive":
            self._change("active", None)
            self.archived = self.clock
            self._tell("deployment.archived", self.name)

    def _change(self, status: str, reason: Json | None) -> None:
        """Change what a reading shows."""
        self.status, self.reason, self.updated = status, reason, self.clock

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
            "created_at": self.clock,
        }
        self.records.append(run)
        return run

    def _tell(self, kind: str, about: str) -> None:
        """Send a webhook."""
        self.records.append(
            {
                "type": "event",
                "id": f"wevt_{len(self.records)}",
                "created_at": self.clock.replace(microsecond=0),
                "data": {"type": kind, "id": about, "session_thread_id": None},
            }
        )

    def _read(self) -> None:
        """Let somebody read the deployment."""
        self.now += timedelta(seconds=1)
        coming = self.now.replace(minute=0, second=0, microsecond=0)
        listed = [] if self.archived else [coming + n * HOUR for n in range(1, 6)]
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
                    "last_run_at": self.last_run,
                    "upcoming_runs_at": listed,
                },
                "created_at": START,
                "updated_at": self.updated,
                "archived_at": self.archived,
            }
        )


writings: Final = st.builds(
    Writing,
    digits=st.sampled_from([0, 3, 6]),
    offset=st.sampled_from([None, 0, 330, -480]),
    nulls=st.booleans(),
    later=st.booleans(),
    by_id=st.booleans(),
)
"""Ways to write a record."""

SKEWS: Final = st.integers(-1000, 1000).map(lambda ms: timedelta(milliseconds=ms))


@st.composite
def histories(draw: st.DrawFn) -> list[Json]:
    """Whole histories of one deployment, in the order of time; some is told again at the end."""
    service = Service()
    acts = draw(st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 99), SKEWS), max_size=14))
    for what, number, skew in acts:
        service.act(what, number, skew)
    told = service.records
    again = draw(st.lists(st.sampled_from(told), max_size=5)) if told else []
    ways = draw(st.lists(writings, min_size=1, max_size=4))
    return [ways[place % len(ways)].of(one) for place, one in enumerate([*told, *again])]
