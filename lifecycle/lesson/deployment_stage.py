"""A deployment that is played line by line, with a host whose clock stands still between them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from lifecycle import deployments as d
from lifecycle.deployments.resource import deployment_object
from lifecycle.dialects import Dialect
from lifecycle.lesson.deployment_telling import (
    of_clock,
    of_decision,
    of_deployment,
    of_runs,
    of_show,
    of_upcoming,
    to_second,
)
from lifecycle.lesson.deployments import DEPLOYMENTS, HostLine, SetClock, Sleep, Tick, Wait
from lifecycle.lesson.notation import LineError
from lifecycle.lesson.scene import Scene
from lifecycle.lesson.slots import write_moment
from lifecycle.lesson.telling import Line, aligned

__all__ = ["DeploymentStage"]

_BEGIN: Final = datetime(2026, 1, 1, 12, tzinfo=UTC)
_END: Final = datetime(9000, 1, 1, tzinfo=UTC)
"""Long before the calendar ends, so that every zone can tell what is to come then."""


class DeploymentStage(Scene):
    """A deployment under play.

    Args:
        dialect: the dialect, or its name.

    Attributes:
        deployment: the deployment as it is; `None` before it was made.
        entries: its whole log.
        now: what the host's clock shows.
    """

    notation = DEPLOYMENTS
    kind = "deployment"
    beginning = 'deploy digest "0 9 * * 1-5" Europe/Berlin'

    def __init__(self, dialect: str | Dialect = "anthropic") -> None:
        super().__init__()
        self._engine: Final = d.DeploymentEngine(dialect, ids=self._run_id)
        self.deployment: d.Deployment | None = None
        self.entries: Final[list[d.DeploymentEntry]] = []
        self.now = _BEGIN

    @property
    def dialect(self) -> Dialect:
        """The dialect that is spoken."""
        return self._engine.dialect

    @property
    def subject(self) -> d.Deployment | None:
        """The deployment."""
        return self.deployment

    # -- saying ----------------------------------------------------------------------------------

    def _perform(self, command: d.DeploymentCommand | HostLine) -> list[Line]:
        """Decide on a command and keep what follows, or do what a host does by itself."""
        if isinstance(command, Tick):
            return self._tick()
        if isinstance(command, SetClock):
            return self._go(command.at)
        if isinstance(command, Wait):
            return self._go(self.now + min(command.time, _END - self.now))
        if isinstance(command, Sleep):
            return self._sleep()
        assert isinstance(command, d.DeploymentCommand), "the notation has no other lines"
        return self._decided(command)

    def _decided(self, command: d.DeploymentCommand) -> list[Line]:
        before, decision = self.deployment, self._decide(command)
        if decision.refusal is None:
            self.deployment = decision.state
            self.entries.extend(decision.entries)
        self.last = decision
        return of_decision(decision, before)

    def _decide(self, command: d.DeploymentCommand) -> d.DeploymentDecision:
        return self._engine.decide(self.deployment, command, now=self.now)

    def _run_id(self, prefix: str, _: str, __: int) -> str:
        """Return the id of the next run: they are counted."""
        runs = sum(isinstance(entry, d.RunOpened) for entry in self.entries)
        return f"{prefix}{runs + 1}"

    # -- the host --------------------------------------------------------------------------------

    def _all(self) -> list[d.Deployment]:
        """Return every deployment of the host: one, or none."""
        return [] if self.deployment is None else [self.deployment]

    def _due(self) -> tuple[d.Due, ...]:
        return d.due(self._all(), self.now, dialect=self.dialect)

    def _tick(self) -> list[Line]:
        """Fire what is due."""
        lines = [line for due in self._due() for line in self._decided(d.Fire.of(due))]
        return lines or [("nothing", "is due")]

    def _sleep(self) -> list[Line]:
        """Go to the next start of a run; a host that has not fired what is due stays awake."""
        wake = d.wake_at(self._all(), self.now)
        if self._due():
            return [("nothing", "to sleep for: something is due")]
        if wake is None:
            return [("nothing", "is to come")]
        return self._go(to_second(wake))

    def _go(self, at: datetime) -> list[Line]:
        """Set the clock, which only goes forward."""
        if at < self.now:
            (_, shows), *_ = of_clock(self.now, self.deployment)
            raise LineError(f"the clock shows {shows} already, and does not go back")
        if at >= _END:
            raise LineError(f"the clock stops before {write_moment(_END)}")
        self.now = at
        return of_clock(self.now, self.deployment)

    # -- looking ---------------------------------------------------------------------------------

    def state(self) -> list[str]:
        """Return the deployment's state in words."""
        if self.deployment is None:
            return [f"no deployment yet: `{self.beginning}` makes one"]
        return aligned(of_deployment(self.deployment, self._shown(self.deployment), self.dialect))

    def records(self) -> list[d.DeploymentRun]:
        """Return the records of its runs, in the order in which they were written."""
        return [entry.record for entry in self.entries if isinstance(entry, d.RunRecorded)]

    def _shown(self, deployment: d.Deployment) -> dict[str, Any]:
        """Return the deployment as it is reported now."""
        return deployment_object(self.dialect, deployment, self.now)

    def _look(self, words: list[str]) -> list[Line] | None:
        """Return what a line looks at; `None` if it is a command."""
        look = " ".join(words)
        if look not in self.notation.looks:
            return None
        if look == "clock":
            return of_clock(self.now, self.deployment)
        if look == "moves":
            return self._moves()
        if self.deployment is None:
            raise LineError(f"there is no deployment yet: `{self.beginning}` makes one")
        if look == "runs":
            return of_runs(self.records(), self.deployment)
        shown = self._shown(self.deployment)
        if look == "upcoming":
            return of_upcoming(self.deployment, shown) or [("nothing", "is to come")]
        return of_show(self.deployment, shown, self.dialect)

    # -- what could be said ----------------------------------------------------------------------

    def _would(self, command: d.DeploymentCommand | HostLine) -> bool:
        """Whether a command would add to the log now, or whether there is something to wait for."""
        if isinstance(command, Tick):
            return bool(self._due())
        if isinstance(command, HostLine):
            return not self._due() and d.wake_at(self._all(), self.now) is not None
        decision = self._decide(command)
        return decision.refusal is None and bool(decision.entries)
