"""What the engine of deployments reports, the checker of records accepts.

A host drives a deployment at random, and asks late what is due. Its readings, runs and webhooks are
recorded, thrown together, and partly lost.
"""

from __future__ import annotations

from typing import Any, Final

import pytest
from deploying import Host
from hypothesis import given, strategies as st
from scanning import nights

from lifecycle.check import Level, RecordMonitor
from lifecycle.deployments import (
    ArchiveDeployment,
    DeploymentCommand,
    PauseDeployment,
    RunDeployment,
    RunFailed,
    RunSucceeded,
    UnpauseDeployment,
    UpdateDeployment,
)
from lifecycle.deployments.resource import stamp
from lifecycle.dialects import DIALECTS
from lifecycle.schedule import BadSchedule, Schedule
from lifecycle.vocabulary import DeploymentErrorType

Json = dict[str, Any]

ERRORS: Final = (None, None, None, *DeploymentErrorType)
ASKS: Final[dict[str, tuple[type[DeploymentCommand], Json]]] = {
    "pause": (PauseDeployment, {}),
    "unpause": (UnpauseDeployment, {}),
    "run": (RunDeployment, {}),
    "update": (UpdateDeployment, {"name": "renamed"}),
    "archive": (ArchiveDeployment, {}),
    "nothing": (UpdateDeployment, {}),
}
LATE: Final = "DR011"
"""The rule about late runs, which a host that asks late breaks."""

STEPS: Final = st.lists(
    st.tuples(
        st.integers(1, 90), st.sampled_from([*ASKS, "nothing", "nothing"]), st.sampled_from(ERRORS)
    ),
    max_size=12,
)


class Recorder(Host):
    """A host that records what a service would show."""

    def record(self, steps: list[tuple[int, str, DeploymentErrorType | None]]) -> list[Json]:
        """Let time pass, fire what is due, end its runs, ask for things; return the records."""
        records: list[Json] = [self.shown()]
        for minutes, ask, error in steps:
            self.wait(minutes=minutes)
            self.tick()
            kind, fields = ASKS[ask]
            decisions = [self.do(kind, **fields)] if ask != "nothing" else []
            for run in self.state.open:
                self.wait(seconds=1)
                if error is None:
                    done = self.do(RunSucceeded, run_id=run.id, session_id=f"sesn_{run.id}")
                else:
                    done = self.do(RunFailed, run_id=run.id, error=error, message="No luck.")
                decisions.append(done)
            records += [
                self.webhook(owed.effect.name.removeprefix("send "), owed.subjects[-1], owed.id)
                for decision in decisions
                for owed in decision.effects
                if owed.effect.name.startswith("send ")
            ]
            self.wait(seconds=1)
            records.append(self.shown())
        return records + self.runs

    def webhook(self, says: str, about: str, name: str) -> Json:
        """Return what is sent to a subscriber."""
        data = {"type": says, "id": about}
        return {"type": "event", "id": name, "created_at": stamp(self.now), "data": data}


def found(records: list[Json], dialect: str) -> list[tuple[str, str, str]]:
    """Return what the checker finds."""
    monitor = RecordMonitor(dialect)
    for record in records:
        monitor.feed(record)
    monitor.end()
    return [(f.level, f.code, f.message) for f in monitor.findings]


@pytest.mark.parametrize("dialect", DIALECTS)
@given(data=st.data())
def test_what_the_engine_reports_is_possible(dialect: str, data: st.DataObject) -> None:
    """In whatever order, and whatever part of it; a warning may rest on what is missing."""
    expression, zone, begin = data.draw(nights())
    if isinstance(Schedule.read(expression, zone, now=begin), BadSchedule):
        schedule = None
    else:
        schedule = {"expression": expression, "timezone": zone}
    host = Recorder(dialect, now=begin, schedule=schedule)
    records = host.record(data.draw(STEPS))
    some = data.draw(st.lists(st.sampled_from(records)))

    whole = [one for one in found(records, dialect) if one[0] != Level.NOTE]
    assert [one for one in whole if one[1] != LATE] == []
    assert [one for one in found(some, dialect) if one[0] == Level.ERROR] == []
