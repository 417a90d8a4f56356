"""What holds of a deployment's whole log: what no state remembers, and no decision can see."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

from lifecycle.deployments import (
    DeploymentChanged,
    DeploymentEntry,
    DeploymentMade,
    DeploymentMoved,
    RunOpened,
    RunRecorded,
)
from lifecycle.deployments.resource import stamp
from lifecycle.dialects import Dialect
from lifecycle.invariants.form import Violation
from lifecycle.vocabulary import DeploymentTrigger as T

__all__ = ["LogReader"]

_ONCE: Final = "a log has one run for an occurrence, and one record for a run"
_QUIET: Final = "a log has no occurrence in a pause, or outside of its life"


class LogReader:
    """Reads the log of one deployment as it is written, and remembers all of it.

    It asks no table and keeps no state: only what was made, stopped, begun anew, claimed and
    recorded, and when. Source: client, at most one run for a scheduled time (INV-64); the page on
    scheduled deployments, nothing is made up for (INV-65).

    Args:
        dialect: says whether an update lets a deployment go on.
    """

    def __init__(self, dialect: Dialect) -> None:
        self._mends: Final = dialect.switches["update_unpauses"].value != "never"
        self._claimed: Final[set[datetime]] = set()
        self._recorded: Final[dict[str, bool]] = {}
        self._times: object = None
        self._begun: datetime | None = None
        self._stopped = ""

    def hear(self, told: Iterable[DeploymentEntry]) -> Iterator[Violation]:
        """Take entries; iterate over what cannot be in this log."""
        for entry in told:
            if isinstance(entry, DeploymentMade | DeploymentChanged):
                self._set(entry)
            elif isinstance(entry, DeploymentMoved):
                yield from self._turn(entry)
            elif isinstance(entry, RunOpened):
                yield from self._open(entry)
            elif isinstance(entry, RunRecorded):
                yield from self._record(entry)

    def end(self) -> Iterator[Violation]:
        """Take the log to end here; a run may be under way for as long as it likes."""
        return iter(())

    def _set(self, entry: DeploymentMade | DeploymentChanged) -> None:
        """Begin, with the creation and with each new schedule."""
        told = entry.settings.schedule
        times = None if told is None else (told.get("expression"), told.get("timezone"))
        mended = self._mends and self._stopped == T.FIRE_FAILED_PAUSING
        if self._begun is None or mended or times != self._times:
            self._begun, self._times = entry.at, times
        if mended:
            self._stopped = ""

    def _turn(self, entry: DeploymentMoved) -> Iterator[Violation]:
        """Stop or go on; a run that found its agent deleted has no record."""
        self._recorded.pop(entry.run_id, None)
        if entry.trigger is T.UNPAUSE:
            self._stopped, self._begun = "", entry.at
        else:
            yield from self._stop(entry, entry.trigger)

    def _stop(self, entry: DeploymentEntry, trigger: T) -> Iterator[Violation]:
        """Stop: nothing that was claimed may lie behind it."""
        self._stopped = trigger
        newest = max(self._claimed, default=entry.at)
        if newest > entry.at:
            yield Violation(_QUIET, f"{stamp(newest)} fired, and it stopped at {stamp(entry.at)}")

    def _open(self, entry: RunOpened) -> Iterator[Violation]:
        """Begin a run, of an occurrence that nobody has claimed."""
        run, at = entry.run, entry.run.scheduled_at
        if run.id in self._recorded:
            yield Violation(_ONCE, f"{run.id} begins twice")
        self._recorded[run.id] = False
        if at is None:
            return
        if at in self._claimed:
            yield Violation(_ONCE, f"{stamp(at)} is claimed twice")
        self._claimed.add(at)
        if self._stopped:
            yield Violation(_QUIET, f"{stamp(at)} fires after {self._stopped}")
        elif self._begun is None or not self._begun < at <= entry.at:
            yield Violation(
                _QUIET,
                f"{stamp(at)} fires, not after {stamp(self._begun)} and by {stamp(entry.at)}",
            )

    def _record(self, entry: RunRecorded) -> Iterator[Violation]:
        """End a run; its error may have stopped the deployment."""
        run = entry.record.run
        if self._recorded.get(run.id, True):
            yield Violation(_ONCE, f"{run.id} is recorded, and has a record or never began")
        self._recorded[run.id] = True
        if entry.trigger is T.FIRE_FAILED_PAUSING and not self._stopped:
            yield from self._stop(entry, entry.trigger)
