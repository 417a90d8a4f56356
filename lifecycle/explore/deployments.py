"""The walk over deployments: time goes on, hosts are late or lag, and runs are under way.

A state is a deployment at a moment. Two are one if they differ only in names, in when exactly, and
in what is over: it counts where the clock stands between two occurrences, which of them may still
fire, and how far the newest entry lies back, as far as a lagging host could write before it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final, TypeAlias

import attrs

from lifecycle.deployments import DeploymentDecision, DeploymentEngine, DeploymentEntry, RunOpened
from lifecycle.dialects import Dialect
from lifecycle.explore import walk
from lifecycle.explore.deployment_moves import (
    LAG,
    Order,
    Scene,
    Wait,
    create,
    deployment_moves,
    occurrences_within,
    phase,
)
from lifecycle.explore.walk import End, Form, Walk, explored
from lifecycle.invariants import Decided, LogReader, Look, Violation, mistakes, objections
from lifecycle.table import Row
from lifecycle.vocabulary import DeploymentState, DeploymentTrigger, RunTriggerType

__all__ = [
    "RUNS",
    "DeploymentStep",
    "DeploymentsExplored",
    "DeploymentsFound",
    "deployment_form",
    "explore_deployments",
]

RUNS: Final = 2
"""How many runs are under way at once; fewer do not reach every cell of the table."""

_OLD: Final = LAG + timedelta(seconds=1)
"""What is older, no host could be taken to have done just now."""

Move: TypeAlias = Order | Wait

DeploymentStep: TypeAlias = walk.Step[Scene, Move, DeploymentDecision]
"""One step of a deployment's way."""

DeploymentsFound: TypeAlias = walk.Found[Scene, Move, DeploymentDecision]
"""Something that does not hold of deployments."""


@attrs.frozen
class DeploymentsExplored:
    """What a walk over deployments has found.

    Attributes:
        walked: the walk's own account.
        cells: how many cells the table has.
        unreached: the rows that no command has met, neither to be accepted nor refused.
    """

    walked: walk.Explored[Scene, Move, DeploymentDecision]
    cells: int
    unreached: tuple[Row[DeploymentState, DeploymentTrigger], ...]


def deployment_form(scene: Scene) -> Form:
    """Return what makes a state itself.

    An archived deployment only waits for its runs. A paused one forgets what it could have fired:
    it begins anew when it goes on. Of an active one counts what nobody has claimed.
    """
    one = scene.deployment
    runs = _of_runs(scene)
    if one.state is DeploymentState.ARCHIVED:
        return (one.state, runs)
    after = max(one.since, one.fired or one.since)
    fires = one.state is DeploymentState.ACTIVE
    unclaimed = [scene.now - at for at in occurrences_within(scene) if fires and at > after]
    told = one.settings.schedule
    expression = None if told is None else told["expression"]
    written = min(scene.now - one.clock, LAG)
    return (one.state, one.error, expression, phase(scene.now), *unclaimed, written, runs)


def _of_runs(scene: Scene) -> Form:
    """Return what makes the runs under way: who began them, and which could be the last run.

    How long ago one began counts as far as a lagging host could begin another at the same time.
    """
    one = scene.deployment
    begun = [run.opened_at for run in one.open if run.by is RunTriggerType.SCHEDULE]
    last = one.last_run_at
    return tuple(
        (
            begun.index(run.opened_at),
            last is None or run.opened_at >= last,
            min(scene.now - run.opened_at, _OLD),
        )
        if run.by is RunTriggerType.SCHEDULE
        else ()
        for run in one.open
    )


class _Deployments(Walk[Scene, Move, DeploymentDecision]):
    """Every state of one deployment, at every moment that matters."""

    stuck = Violation(
        "every deployment can be archived",
        "no sequence of commands archives it and records all of its runs",
    )

    def __init__(self, dialect: Dialect, runs: int) -> None:
        super().__init__()
        self.engine: Final = DeploymentEngine(dialect, ids=self._run_id)
        self.begun = 0
        self.runs: Final = runs
        self.reached: Final[set[tuple[DeploymentState, DeploymentTrigger]]] = set()

    def first(self) -> Move:
        return create()

    def moves(self, state: Scene) -> Iterator[Move]:
        return deployment_moves(state, self.runs)

    def decide(self, state: Scene | None, command: Move) -> DeploymentDecision:
        before = None if state is None else state.deployment
        if isinstance(command, Wait):
            return DeploymentDecision(state=before)
        self.begun = 0 if state is None else state.begun
        return self.engine.decide(before, command.command, now=command.at)

    def _run_id(self, prefix: str, _: str, __: int) -> str:
        """Return the id of the next run: they are counted, as in a lesson."""
        return f"{prefix}{self.begun + 1}"

    def after(
        self, state: Scene | None, command: Move, decision: DeploymentDecision
    ) -> Scene | None:
        if decision.refusal is not None or decision.state is None:
            return None
        begun = 0 if state is None else state.begun
        if isinstance(command, Wait):
            return Scene(decision.state, command.until, begun)
        begun += sum(isinstance(entry, RunOpened) for entry in decision.entries)
        return Scene(decision.state, command.at if state is None else state.now, begun)

    def written(self, decision: DeploymentDecision) -> tuple[Any, ...]:
        return decision.entries

    def form(self, state: Scene) -> Form:
        return deployment_form(state)

    def end_of(self, state: Scene) -> End:
        if state.deployment.state is not DeploymentState.ARCHIVED:
            return End.OPEN
        return End.OVER if state.deployment.open else End.GOAL

    def faults(
        self, state: Scene | None, command: Move, decision: DeploymentDecision
    ) -> Iterator[Violation]:
        if isinstance(command, Wait):
            return iter(())
        before = None if state is None else state.deployment
        decided = Decided(self.engine, before, command.command, decision, command.at)
        row = decided.row
        if row is not None and row.accepts is (decision.refusal is None):
            self.reached.add((row.state, row.trigger))
        return mistakes(decided)

    def complaints(self, state: Scene) -> Iterator[Violation]:
        return objections(Look.at(self.engine.dialect, state.deployment, state.now))

    def reader(self) -> LogReader:
        return LogReader(self.engine.dialect)

    def told(self, entries: tuple[Any, ...]) -> Iterator[DeploymentEntry]:
        return iter(entries)


def explore_deployments(dialect: Dialect, runs: int = RUNS) -> DeploymentsExplored:
    """Walk every state that a deployment of *dialect* can reach with *runs* open runs at most."""
    walking = _Deployments(dialect, runs)
    walked = explored(walking)
    rows = tuple(dialect.machines["deployment"])
    left = tuple(row for row in rows if (row.state, row.trigger) not in walking.reached)
    return DeploymentsExplored(walked, len(rows), left)
