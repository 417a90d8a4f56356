"""Deployments at random, around nights on which a clock is changed: what must hold holds.

The clock moves by minutes or days, and now and then a little back; fires are late, doubled, or
never asked for; clients pause, update and archive in between. Which occurrences fire is worked out
a second time by looking at every minute.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, ClassVar

from deploying import DEPLOYMENT, Host
from hypothesis import HealthCheck, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from scanning import MINUTE, nights, scan

from lifecycle.deployments import (
    GRACE,
    AgentArchived,
    AgentDeleted,
    ArchiveDeployment,
    DeploymentDecision,
    Fire,
    PauseDeployment,
    RunDeployment,
    RunFailed,
    RunSucceeded,
    UnpauseDeployment,
    UpdateDeployment,
    due,
)
from lifecycle.dialects import DIALECTS
from lifecycle.schedule import BadSchedule, Schedule
from lifecycle.vocabulary import DeploymentErrorType, DeploymentState as S

MINUTES = st.integers(1, 60 * 26)
"""Minutes: up to a little more than a day."""


class Deployments(RuleBasedStateMachine):
    """A deployment of one dialect, driven at random."""

    dialect: ClassVar[str]
    host: Host

    def __init__(self) -> None:
        super().__init__()
        self.fired: list[datetime] = []
        self.open_since: datetime | None = None

    # -- what happens ------------------------------------------------------------------------------

    @initialize(night=nights())
    def begin(self, night: tuple[str, str, datetime]) -> None:
        """Make it, with a schedule if that may be one."""
        expression, zone, begin = night
        self.host = Host(self.dialect, now=begin, schedule=self.told(expression, zone, begin))
        self.open_since = begin
        self.zone = zone

    def told(self, expression: str, zone: str, now: datetime) -> dict[str, Any] | None:
        """Return a schedule to send; `None` for one that would be refused."""
        if isinstance(Schedule.read(expression, zone, now=now), BadSchedule):
            return None
        return {"expression": expression, "timezone": zone}

    @rule(minutes=MINUTES, seconds=st.integers(0, 59))
    def wait(self, minutes: int, seconds: int) -> None:
        """Time passes, and nobody asks what is due."""
        self.host.wait(minutes=minutes, seconds=seconds)

    @rule(seconds=st.integers(1, 400))
    def set_back(self, seconds: int) -> None:
        """Another host asks, whose clock lags."""
        self.host.wait(seconds=-seconds)

    @rule()
    def tick(self) -> None:
        """All that is due fires: exactly what a look at every minute finds."""
        expected = self.expected()
        fired = [run.scheduled_at for run in self.host.tick()]

        assert fired == expected
        self.fired += expected

    def expected(self) -> list[datetime]:
        """Look at every minute that may be due."""
        state, now = self.host.state, self.host.now
        told = state.settings.schedule
        if told is None or state.state is not S.ACTIVE or self.open_since is None:
            return []
        begin = max(self.open_since, now - GRACE - timedelta(minutes=10))
        minutes = scan(told["expression"], told["timezone"], begin, now + MINUTE)
        found = [at for at in minutes if begin < at and (not self.fired or at > self.fired[-1])]
        assert state.schedule is not None
        starts = {at: at + state.schedule.delay(DEPLOYMENT, at) for at in found}
        return [at for at in found if starts[at] <= now <= starts[at] + GRACE]

    @rule(pick=st.integers(0, 5), error=st.sampled_from([None, *DeploymentErrorType]))
    @precondition(lambda self: self.host.state.open)
    def end_a_run(self, pick: int, error: DeploymentErrorType | None) -> None:
        """A run under way has its session, or fails."""
        runs = self.host.state.open
        run = runs[pick % len(runs)]
        before = len(self.host.runs)
        if error is None:
            self.host.do(RunSucceeded, run_id=run.id, session_id=f"sesn_{run.id}")
        else:
            self.host.do(RunFailed, run_id=run.id, error=error)
        assert len(self.host.runs) == before + 1

    @rule(kind=st.sampled_from([PauseDeployment, UnpauseDeployment, RunDeployment]))
    def send(self, kind: Any) -> None:
        """A client pauses, unpauses, or runs by hand."""
        active = self.host.state.state is S.ACTIVE
        decision = self.host.do(kind)
        self.note(decision, active)

    @rule(night=nights(), kept=st.booleans())
    def update(self, night: tuple[str, str, datetime], kept: bool) -> None:
        """A client sends another schedule, or the same one and another name."""
        active, old = self.host.state.state is S.ACTIVE, self.host.state.settings.schedule
        told = old if kept else self.told(night[0], self.zone, self.host.now)
        decision = self.host.do(UpdateDeployment, schedule=told, name="renamed")
        self.note(decision, active)
        if self.host.state.settings.schedule != old:
            self.open_since = self.host.state.updated_at

    @rule(kind=st.sampled_from([ArchiveDeployment, AgentArchived]), really=st.integers(0, 4))
    def end(self, kind: Any, really: int) -> None:
        """Now and then it ends."""
        if not really:
            self.host.do(kind)

    @rule(really=st.integers(0, 4))
    @precondition(lambda self: self.host.state.open)
    def agent_deleted(self, really: int) -> None:
        """Now and then the agent is found deleted."""
        if not really:
            self.host.do(AgentDeleted, run_id=self.host.state.open[-1].id)

    def note(self, decision: DeploymentDecision, active: bool) -> None:
        """Keep since when it fires."""
        if decision.refusal is None and not active and self.host.state.state is S.ACTIVE:
            self.open_since = self.host.state.updated_at

    # -- what must hold ----------------------------------------------------------------------------

    @invariant()
    def claimed_once(self) -> None:
        """Occurrences are claimed in their order, and a second claim is refused."""
        assert self.fired == sorted(set(self.fired))
        for at in self.fired[-2:]:
            assert self.host.do(Fire, scheduled_at=at).refusal is not None

    @invariant()
    def asked_again(self) -> None:
        """What is due was never claimed; a paused or archived one has nothing due."""
        found = due([self.host.state], self.host.now)

        assert not {one.scheduled_at for one in found} & set(self.fired)
        assert self.host.state.state is S.ACTIVE or not found

    @invariant()
    def reported(self) -> None:
        """What is reported does not contradict itself (INV-63)."""
        shown, state = self.host.shown(), self.host.state
        archived, schedule = shown["archived_at"] is not None, shown["schedule"]

        assert (shown["paused_reason"] is not None) is (shown["status"] == "paused")
        assert archived is (state.state is S.ARCHIVED)
        assert not archived or shown["status"] == "active"
        assert schedule is None or bool(schedule["upcoming_runs_at"]) is not archived

    @invariant()
    def recorded(self) -> None:
        """Each run says one thing, and no id stands twice (INV-64)."""
        for run in self.host.runs:
            assert (run["session_id"] is None) is not (run["error"] is None)
        names = [run["id"] for run in self.host.runs]
        assert len(set(names)) == len(names)


def played(name: str) -> type[Any]:
    """Return the test of one dialect."""
    machine = type(f"Deployments_{name}", (Deployments,), {"dialect": name})
    case: type[Any] = machine.TestCase  # type: ignore[attr-defined]
    case.settings = settings(
        max_examples=60,
        stateful_step_count=30,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    return case


TestAnthropic = played(next(iter(DIALECTS)))
TestQoder = played("qoder")
