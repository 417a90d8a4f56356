"""The deployment engine: a command in, entries and effects out, or a refusal. Pure.

`DeploymentEngine.decide` reads no clock and no database. What it returns is to be written as one:
the entries at the version that was decided on, with the effects that belong into the write. A host
that comes second with that version decides again, and is refused what the first one has done.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

import attrs

from lifecycle.deployments import commands as c
from lifecycle.deployments.due import first_due
from lifecycle.deployments.evolve import take
from lifecycle.deployments.model import Deployment, DeploymentEntry, DeploymentMade
from lifecycle.deployments.resource import deployment_object, run_object, session_request
from lifecycle.deployments.steps import STEPS, Case, RunIdMaker, Taken, wrong
from lifecycle.dialects import Dialect, dialect as find_dialect
from lifecycle.effects import (
    CREATE_SESSION,
    RECORD_RUN,
    RESUME_FIRES,
    SEND_RUN_FAILED,
    SEND_RUN_STARTED,
    SEND_RUN_SUCCEEDED,
)
from lifecycle.engine import Owed, Refusal
from lifecycle.engine.refusals import refusal
from lifecycle.machines import CREATION
from lifecycle.table import Effect, Phase
from lifecycle.vocabulary import RefusalCode as R

__all__ = ["DeploymentDecision", "DeploymentEngine"]


@attrs.frozen
class DeploymentDecision:
    """What follows from a command.

    Attributes:
        entries: to append to the deployment's log, at the version that was decided on.
        effects: what the host owes: first what belongs in the same write, then what comes after.
        refusal: why nothing follows; `None` if the command was accepted.
        reply: the deployment as it is reported now; for an outcome, the run's record, which is the
            answer to a run by hand, too: its request has no other.
        state: the deployment after it: the fold of the entries.
    """

    entries: tuple[DeploymentEntry, ...] = ()
    effects: tuple[Owed, ...] = ()
    refusal: Refusal | None = None
    reply: Mapping[str, Any] | None = None
    state: Deployment | None = None


class DeploymentEngine:
    """Decides over deployments of one dialect.

    Args:
        dialect: the dialect, or its name.
        ids: makes the ids of runs; without it they are made of the position in the log.

    Raises:
        UnknownDialect: no dialect is called so.
    """

    def __init__(
        self, dialect: str | Dialect = "anthropic", *, ids: RunIdMaker | None = None
    ) -> None:
        self.dialect: Final = find_dialect(dialect)
        self._ids: Final = ids

    def decide(
        self, state: Deployment | None, command: c.DeploymentCommand, *, now: datetime
    ) -> DeploymentDecision:
        """Return what follows from *command*; `None` is a deployment that is not made.

        Raises:
            ValueError: *now* has no time zone.
            KeyError: *command* is of no class that this module knows.
        """
        if now.tzinfo is None:
            raise ValueError("now has no time zone: give it one, such as datetime.UTC")
        at = now.astimezone(UTC)
        if isinstance(command, c.CreateDeployment):
            return self._create(state, command, at)
        if state is None or state.id != command.deployment_id:
            return self._refused(R.DEPLOYMENT_NOT_FOUND, "no such deployment", command, state)
        # A host whose clock lags does not write a log that goes back in time.
        case = Case(self.dialect, state, max(at, state.clock), self._ids)
        taken = STEPS[type(command)](case, command)
        if isinstance(taken, Refusal):
            return DeploymentDecision(refusal=taken, state=state)
        return self._decided(case, taken)

    def evolve(self, state: Deployment | None, entry: DeploymentEntry) -> Deployment | None:
        """Return *state* with *entry* folded in; nothing that an entry holds is refused."""
        return take(self.dialect, state, entry)

    def apply(
        self, state: Deployment | None, entries: Iterable[DeploymentEntry]
    ) -> Deployment | None:
        """Return *state* with all of *entries* folded in, in their order."""
        for entry in entries:
            state = take(self.dialect, state, entry)
        return state

    def _create(
        self, state: Deployment | None, command: c.CreateDeployment, at: datetime
    ) -> DeploymentDecision:
        """Make a deployment."""
        if state is not None:
            return self._refused(R.DEPLOYMENT_EXISTS, "a deployment is made once", command, state)
        refused = wrong(self.dialect, command.settings, at)
        if refused is not None:
            return DeploymentDecision(refusal=refused)
        identity, settings = command.deployment_id, command.settings
        made = DeploymentMade(at=at, deployment_id=identity, settings=settings)
        after = take(self.dialect, None, made)
        assert after is not None, "it was made just now"
        owed = self._owed(CREATION, after, 0, None, at)
        reply = deployment_object(self.dialect, after, at)
        return DeploymentDecision((made,), owed, None, reply, after)

    def _decided(self, case: Case, taken: Taken) -> DeploymentDecision:
        """Fold the entry, and owe what the row says."""
        entries = () if taken.entry is None else (taken.entry,)
        after = self.apply(case.state, entries)
        assert after is not None, "only before the creation there is none"
        effects = case.row(taken.trigger).effects if entries else ()
        owed = self._owed(effects, after, case.state.version, taken, case.at)
        reply = None
        if taken.record is not None:
            reply = run_object(after.id, taken.record)
        elif not taken.run_id:
            reply = deployment_object(self.dialect, after, case.at)
        return DeploymentDecision(entries, owed, None, reply, after)

    def _owed(
        self,
        effects: Iterable[Effect],
        after: Deployment,
        version: int,
        taken: Taken | None,
        at: datetime,
    ) -> tuple[Owed, ...]:
        """Return the effects with what each is about; ids are of the position in the log."""
        run_id = "" if taken is None else taken.run_id
        owed = (
            Owed(
                effect,
                "",
                (after.id, run_id) if run_id and effect in _OF_RUN else (after.id,),
                f"{after.id}:{version}:{index}",
                effect.phase,
                self._detail(effect, after, taken, at),
            )
            for index, effect in enumerate(effects)
        )
        return tuple(sorted(owed, key=lambda one: one.phase is Phase.AFTER))

    def _detail(self, effect: Effect, after: Deployment, taken: Taken | None, at: datetime) -> Any:
        """Return what doing *effect* needs: the next fire, a session, a record, a webhook."""
        if effect is RESUME_FIRES:
            return first_due(after, at, dialect=self.dialect)
        if effect is CREATE_SESSION:
            return session_request(after)
        if effect is RECORD_RUN and taken is not None and taken.record is not None:
            return run_object(after.id, taken.record)
        if effect.sends is not None:
            about = taken.run_id if taken is not None and effect in _OF_RUN else after.id
            return {"type": effect.sends.value, "id": about}
        return None

    def _refused(
        self, code: R, reason: str, command: c.DeploymentCommand, state: Deployment | None
    ) -> DeploymentDecision:
        """Return the refusal of a command that meets no deployment of its own."""
        found = refusal(self.dialect, code, reason, command.deployment_id)
        return DeploymentDecision(refusal=found, state=state)


_OF_RUN: Final = (
    CREATE_SESSION,
    RECORD_RUN,
    SEND_RUN_STARTED,
    SEND_RUN_SUCCEEDED,
    SEND_RUN_FAILED,
)
"""The effects that are about a run, and not about the deployment as a whole."""
