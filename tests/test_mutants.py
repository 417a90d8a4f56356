"""
The checker is sharp: it finds small changes to good recordings, and only those that are wrong.

Every event of every recording is dropped, repeated, moved, retold (`mutants`). Of each mutant
`excuses` says, from the references alone, whether it could still have come from the service. If it
could, the checker may not report an error; if it could not, the checker must, but for the classes
listed here that nobody can know.

`pytest -s tests/test_mutants.py` prints the whole table.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cache

import corpus
import pytest
from absences import MISSING
from attrs import field, frozen
from excuses import explanation
from mutants import OPERATORS, Event, Mutant, mutants
from orders import ORDERS
from presences import STANDS

from lifecycle.check.findings import Level
from lifecycle.check.monitor import Monitor
from lifecycle.wire.bulk import seen

SEED = 1
SHARP = 0.95
MANY = 5_000

SWAP = "swap, stamps stay"
UNKNOWABLE: dict[str, set[tuple[str, str]]] = {
    "a child's own list and a capture of a coordinator begin alike; it shows only at the end": {
        ("drop", "span.model_request_start"),
        *((how, "session.thread_status_running") for how in (SWAP, "move by three", "move far")),
        *((how, "agent.thread_message_received") for how in (SWAP, "move by three", "move far")),
        ("re-target", "session.thread_status_running"),
        ("re-target", "session.thread_status_idle"),
        ("move far", "session.thread_status_idle"),
        ("move far", "agent.thread_message_sent"),
    },
    "a session's list that opens otherwise than a life is a capture from the middle": {
        ("change status", "session.status_running"),
        ("move by three", "session.thread_created"),
        ("move far", "agent.custom_tool_use"),
        ("move far", "span.outcome_evaluation_start"),
    },
    "whether a worker runs the tools shows in no event": {
        ("duplicate", "agent.tool_use"),
    },
    "calls are answered in their order: a small number of recordings (recorded H17), a warning": {
        (SWAP, "agent.tool_use"),
        (SWAP, "agent.mcp_tool_use"),
        ("move by three", "agent.tool_use"),
        ("move by three", "agent.custom_tool_use"),
        ("move by three", "user.custom_tool_result"),
        ("move by three", "user.tool_confirmation"),
    },
    "when a confirmed call may run while another waits, nobody recorded (recorded G9, G11)": {
        ("move by three", "agent.tool_result"),
        ("move by three", "agent.mcp_tool_result"),
    },
    "what a second confirmation does, nobody recorded (recorded G13)": {
        ("re-target", "user.tool_confirmation"),
    },
    "a confirmed call of a child may wait on, for its worker (recorded G4)": {
        (SWAP, "user.tool_confirmation"),
        ("change asked id", "session.thread_status_idle"),
        ("change stop reason", "session.thread_status_idle"),
    },
    "the session's reasons in company are inferred (recorded S2), and stale ones known (K4)": {
        ("change stop reason", "session.status_idle"),
        ("move far", "session.status_idle"),
    },
    "how a retry lists, nobody recorded (recorded X5)": {
        ("change status", "session.thread_status_idle"),
    },
    "what a thread at its cap does, nobody recorded (recorded, budget flow)": {
        ("change both reasons", "session.thread_status_idle"),
    },
    "what an interrupt inside a request, or behind input, does is documented alone (recorded I3)": {
        ("move by three", "user.interrupt"),
        ("move far", "user.interrupt"),
        ("move far", "user.message"),
    },
    "a coordinator may write while its turn goes on: after results, too (recorded C2)": {
        ("move by three", "agent.thread_message_sent"),
    },
    "where a grading and its heartbeats stand, nobody recorded": {
        (SWAP, "span.outcome_evaluation_ongoing"),
        ("move by three", "span.outcome_evaluation_ongoing"),
        ("move by three", "span.outcome_evaluation_end"),
    },
    "workflow runs are documented alone, and their starts and pauses may go unreported": {
        *((how, "workflow_run.status_running") for how in ("drop", SWAP, "move by three")),
        ("move far", "workflow_run.status_running"),
        ("change status", "workflow_run.status_running"),
        (SWAP, "workflow_run.status_ended"),
        ("move by three", "workflow_run.phase_started"),
        ("move far", "workflow_run.phase_started"),
    },
}
"""What no checker can know of inexplicable mutants, by the reason: operators and events' types."""
LISTED = {one for several in UNKNOWABLE.values() for one in several}


@frozen
class Outcome:
    """A mutant, what explains it, and the codes of the errors that the checker reports."""

    mutant: Mutant = field(repr=False)
    excuse: str | None
    errors: tuple[str, ...]

    @property
    def where(self) -> str:
        """The mutant in a line."""
        m = self.mutant
        return f"{m.file}:{m.at + 1} {m.operator} {m.kind} {m.what} {self.excuse} {self.errors}"


def errors(events: list[Event]) -> tuple[str, ...]:
    """The codes of the errors that the checker reports."""
    monitor = Monitor()
    monitor.feed_all([seen(event, line) for line, event in enumerate(events, 1)])
    monitor.end()
    return tuple(f.code for f in monitor.findings if f.level is Level.ERROR)


@cache
def recordings() -> dict[str, list[Event]]:
    """The recordings by name; types alone, without ids, leave too little to change."""
    found = {path.name: corpus.recording(path) for path in corpus.shipped()}
    foreign = corpus.folder()
    for name in corpus.real_and_complete(foreign) if foreign else ():
        events = corpus.recording(foreign / name) if foreign else []
        if any(event.get("id") for event in events):
            found[name] = events
    return found


@cache
def outcomes() -> list[Outcome]:
    """Every mutant of every recording, none left out, judged and checked."""
    return [
        Outcome(mutant, explanation(mutant), errors(mutant.after))
        for name, events in recordings().items()
        for mutant in mutants(name, events, SEED)
    ]


def missed() -> list[Outcome]:
    """What is inexplicable and passes."""
    return [o for o in outcomes() if o.excuse is None and not o.errors]


def classes(found: list[Outcome]) -> set[tuple[str, str]]:
    """The outcomes' operators and event types."""
    return {(o.mutant.operator, o.mutant.kind) for o in found}


def table() -> str:
    """How many mutants of each class there are, and what became of them."""
    rows: defaultdict[tuple[str, str], list[int]] = defaultdict(lambda: [0] * 5)
    for o in outcomes():
        wrong, flagged = o.excuse is None, bool(o.errors)
        counts = (True, wrong, wrong and flagged, not wrong, not wrong and flagged)
        for key in (o.mutant.operator, o.mutant.kind), (o.mutant.operator, ""), ("", ""):
            rows[key] = [a + b for a, b in zip(rows[key], counts, strict=True)]
    heads = ("mutants", "inexplicable", "caught", "explicable", "falsely flagged")
    lines = [f"{'':58}" + "".join(f"{head:>16}" for head in heads)]
    order = ["", *OPERATORS]
    for operator, kind in sorted(rows, key=lambda key: (order.index(key[0]), key[1])):
        name = f"  {kind}" if kind else operator or "all"
        lines.append(f"{name:58}" + "".join(f"{n:16,}" for n in rows[operator, kind]))
    return "\n".join(lines)


@pytest.mark.parametrize("name", recordings())
def test_the_recordings_are_good(name: str) -> None:
    """A mutant's error is the change's, not the recording's."""
    assert errors(recordings()[name]) == ()


def test_there_are_many() -> None:
    """The numbers below are computed over thousands of mutants; `-s` shows them."""
    print(f"\n{len(recordings())} recordings, seed {SEED}, nothing sampled\n{table()}")

    assert len(outcomes()) > MANY
    assert {o.mutant.operator for o in outcomes()} == set(OPERATORS)


def test_what_the_service_could_have_written_is_accepted() -> None:
    """No explicable mutant has an error."""
    assert [o.where for o in outcomes() if o.excuse is not None and o.errors] == []


def test_nearly_everything_else_is_found() -> None:
    """Of the inexplicable mutants nearly all have an error."""
    wrong = [o for o in outcomes() if o.excuse is None]

    assert len([o for o in wrong if o.errors]) >= SHARP * len(wrong)


def test_what_is_missed_is_known() -> None:
    """Every class of misses is listed, with the reason why nobody can know."""
    assert [o.where for o in missed() if classes([o]) - LISTED] == []


@pytest.mark.skipif(corpus.described() is None, reason="needs all recordings in LIFECYCLE_CORPUS")
def test_what_is_listed_is_missed() -> None:
    """A class that is found by now is not listed any more."""
    assert LISTED - classes(missed()) == set()


@pytest.mark.skipif(corpus.described() is None, reason="needs all recordings in LIFECYCLE_CORPUS")
def test_no_excuse_is_idle() -> None:
    """Every excuse explains something; one that explains nothing cannot be judged by its fruits."""
    used = {name for o in outcomes() if o.excuse for name in o.excuse.split(", ")}

    assert {name for name, *_ in (*MISSING, *STANDS, *ORDERS)} - used == set()
