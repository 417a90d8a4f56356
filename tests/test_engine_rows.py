"""Every row of the tables is asked through the engine; those that never are, are listed, and why.

Sessions are played at random, with a fixed seed, over both dialects; what the engine asks its
tables is noted. A row that becomes reachable, or stops being so, changes the list.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Final

import pytest

from lifecycle import commands as c
from lifecycle.engine import Engine
from lifecycle.engine.tables import Step
from lifecycle.state import Session
from lifecycle.table import Machine, Row
from lifecycle.vocabulary import ErrorType, OutcomeResult, Permission, SessionState

SESSION: Final = "sesn_1"
BUDGET: Final = {"type": "list_cost", "max_list_cost": {"amount": "0"}}
SESSIONS, COMMANDS = 640, 130

Asked = set[tuple[str, str, str]]


class Noting(Machine[Any, Any]):
    """A machine that notes what it is asked."""

    def __init__(self, machine: Machine[Any, Any], asked: Asked) -> None:
        self.__dict__.update(machine.__dict__)
        self._asked = asked

    def step(self, state: Any, trigger: Any) -> Row[Any, Any]:
        """Note the cell, and answer as ever."""
        self._asked.add((self.name, state.value, trigger.value))
        return super().step(state, trigger)


class Cells(dict[Any, Step]):
    """The thread's cells, which note what they are asked."""

    def __init__(self, cells: dict[Any, Step], asked: Asked) -> None:
        super().__init__(cells)
        self._asked = asked

    def __getitem__(self, cell: Any) -> Step:
        self._asked.add(("thread", cell[0].value, cell[1].value))
        return super().__getitem__(cell)


def noting(name: str, asked: Asked) -> Engine:
    """Return an engine whose tables note what they are asked."""
    engine = Engine(name)
    tables: Any = engine._tables
    tables.thread = Cells(tables.thread, asked)
    for machine in ("session", "call", "span", "run"):
        setattr(tables, machine, Noting(getattr(tables, machine), asked))
    return engine


def commands(r: random.Random, state: Session, number: int) -> Iterator[tuple[Any, dict[str, Any]]]:
    """Iterate over commands that might fit, each of a random thread, call and run."""
    t = {"thread_id": r.choice(list(state.threads))}
    call = {"call_id": r.choice(list(state.calls) or ["nothing"])}
    run = {"run_id": r.choice(list(state.runs) or ["nothing"])}
    kind = r.choice(["tool", "mcp", "custom"])
    made = {"call_id": f"c{number}", "kind": kind, "permission": r.choice(list(Permission))}
    for _ in range(3):
        yield c.RequestStarted, t
        yield c.RequestEnded, t
        yield c.ToolUsed, {**t, **made}
        yield c.TurnEnded, {**t, "refused": r.random() < 0.1}
        yield c.DeliverNext, t
    yield c.SendMessage, {"content": "Go"}
    yield c.AgentSpoke, t
    yield c.ToolResulted, {**call, "is_error": r.random() < 0.4}
    yield c.ConfirmTool, {**call, "allow": r.random() < 0.5}
    yield c.AnswerTool, call
    yield c.ReturnResult, call
    yield c.Report, t
    yield c.SpawnChild, {"child_id": f"sthr_{number}", "blocking": r.random() < 0.4}
    yield c.SpawnChild, {"child_id": f"sthr_{number}", **run}
    primary = state.threads[state.primary]
    for _ in range(0 if primary.fresh or primary.request else 3):
        yield c.SpawnChild, {"child_id": f"sthr_{number}", "blocking": r.random() < 0.4}
    yield c.ArchiveThread, t
    yield c.StartTurn, t
    yield c.RescheduleTurn, t
    yield c.StartRun, {"run_id": f"wrun_{number}"}
    yield c.RunResumed, run
    yield c.RunPaused, run
    yield c.PhaseReported, {**run, "phase_id": "p1", "ended": r.random() < 0.5}
    yield c.ConsultAdvisor, {"child_id": f"sthr_a{number}"}
    if state.state is SessionState.RESCHEDULING:
        for _ in range(6):
            yield c.SendMessage, {"content": "Hello?"}
    for child in [x for x in state.threads.values() if state.threads[state.primary].asked]:
        yield c.RescheduleTurn, {"thread_id": child.id}
        yield c.RescheduleTurn, {"thread_id": child.id}
    for child in [x for x in state.threads.values() if x.parent and x.asked]:
        for _ in range(8):
            yield c.TurnEnded, {}
            yield c.ConfirmTool, {"call_id": child.asked[0], "allow": True}
            yield c.AnswerTool, {"call_id": child.asked[0]}
    for one in [x for x in state.calls.values() if x.by_client and x.state == "processed"]:
        yield c.ReturnResult, {"call_id": one.id}
    yield from rare(r, t, run)


def rare(
    r: random.Random, t: dict[str, str], run: dict[str, str]
) -> Iterator[tuple[Any, dict[str, Any]]]:
    """Iterate over what ends or stops something: a session that is over teaches little."""
    if r.random() < 0.15:
        yield c.Interrupt, {"thread_id": r.choice([None, t["thread_id"]])}
        yield c.FailTurn, {**t, "error": ErrorType.MODEL_OVERLOADED}
        yield c.BudgetReached, t
        yield c.TurnEnded, {**t, "over_budget": True}
        yield c.UpdateSession, {"changes": {"budget": {**BUDGET, "n": r.random()}}}
        yield c.UpdateSession, {"changes": {"agent": {}}}
        yield c.DefineOutcome, {"description": "A poem."}
        yield c.EvaluationStarted, {}
        yield c.EvaluationEnded, {"result": r.choice(list(OutcomeResult)).value}
        yield c.RunEnded, run
        yield c.FinishThread, t
    if r.random() < 0.02:
        yield c.FailSession, t
        yield c.ArchiveSession, {}
        yield c.DeleteSession, {}


def play(engine: Engine, r: random.Random) -> None:
    """Play one session at random."""
    now = datetime(2026, 1, 1, tzinfo=UTC)
    budget = BUDGET if engine.dialect.name == "anthropic" else None
    made = c.CreateSession(session_id=SESSION, self_hosted=r.random() < 0.4, budget=budget)
    state = engine.decide(None, made, now=now).state
    for number in range(COMMANDS):
        assert state is not None
        if len(state.threads) > 6:
            return
        options = list(commands(r, state, number))
        if number > COMMANDS // 2 and r.random() < 0.02:
            options = [(c.FailSession, {}), (c.ArchiveSession, {}), (c.DeleteSession, {})]
        kind, fields = r.choice(options)
        now += timedelta(milliseconds=1)
        state = engine.decide(state, kind(session_id=SESSION, **fields), now=now).state


@cache
def asked(name: str) -> Asked:
    """Return the cells that were asked, over many sessions of a dialect."""
    cells: Asked = set()
    engine = noting(name, cells)
    r = random.Random(7)
    for _ in range(SESSIONS):
        play(engine, r)
    return cells


OFFERED: Final = "what a resting session is asked is not looked up: it takes everything"
JUDGED: Final = "a saved answer was judged when it came; its turn is not judged again"
CLOSED: Final = "whatever is open is closed: no call refuses that"
SILENT: Final = "errors of a run change nothing, so nothing is asked"
PARTLY: Final = "an answer that leaves a thread as it is asks nothing of its table"

NEVER: Final = {
    "thread": {
        "running answer": PARTLY,
        "rescheduling answer": PARTLY,
        "running forward": "the primary works: the answer goes straight to the child",
    },
    "session": {
        "idle update": OFFERED,
        "idle send_answer": OFFERED,
        "idle send_interrupt": OFFERED,
        "idle report": OFFERED,
        "running work": "a session that is listed as running is not said to run again",
        "rescheduling reschedule": "a session that is listed as put aside is not put aside again",
    },
    "call": {
        "allowed answer": "asked as the client's result that it is; the order is the engine's",
        "asked answer": "asked as the allow or deny that it is; the order is the engine's",
        "processed answer": "asked as the client's result that it is; the order is the engine's",
        "answered allow": JUDGED,
        "answered deny": JUDGED,
        "answered client_result": JUDGED,
        "answered error_result": CLOSED,
        "asked error_result": CLOSED,
        "allowed close": CLOSED,
        "asked close": CLOSED,
        "answered close": CLOSED,
        "processed close": CLOSED,
        "denied close": CLOSED,
    },
    "span": {},
    "workflow_run": {"created error": SILENT, "running error": SILENT, "idle error": SILENT},
}
"""The accepting rows that the engine never asks for, in any dialect, and why."""

UNNAMED: Final = {
    "thread": {
        "idle reach_budget",
        "running reach_budget",
        "rescheduling reach_budget",
        "idle forward",
    },
    "session": set[str](),
    "call": set[str](),
    "span": set[str](),
    "workflow_run": {
        f"{state} {trigger}"
        for state in ("created", "running", "idle")
        for trigger in ("start", "pause", "start_phase", "end_phase", "end")
    },
}
"""What Qoder's pages have no words for: budgets, workflow runs, answers through the primary."""

BEYOND: Final = {
    "message": "the state holds messages that wait, and nothing else of them",
    "phase": "the state holds phases that are open, and nothing else of them",
    "deployment": "no session's: its own engine asks it, in tests of its own",
}
"""The machines that sessions never ask, and why."""


def never(name: str, machine: str) -> set[str]:
    """Return the accepting rows of a machine that no session has asked for."""
    return {
        f"{row.state} {row.trigger}"
        for row in Engine(name).dialect.machines[machine]
        if row.accepts and (machine, row.state.value, row.trigger.value) not in asked(name)
    }


class TestRows:
    """Which rows the engine stands on."""

    @pytest.mark.parametrize("machine", NEVER)
    def test_every_accepting_row_is_asked_or_listed(self, machine: str) -> None:
        """Both ways: a row that is listed and asked has lost its reason."""
        assert never("anthropic", machine) == set(NEVER[machine])

    @pytest.mark.parametrize("machine", NEVER)
    def test_qoder_leaves_out_what_its_pages_do_not_name(self, machine: str) -> None:
        """And has rows of its own for what is put aside: it recovers."""
        accepting = {
            f"{row.state} {row.trigger}"
            for row in Engine("qoder").dialect.machines[machine]
            if row.accepts
        }
        expected = (set(NEVER[machine]) | UNNAMED[machine]) & accepting

        assert never("qoder", machine) == expected

    def test_every_machine_is_asked_or_is_beyond(self) -> None:
        """No table is forgotten."""
        assert set(NEVER) | set(BEYOND) == set(Engine().dialect.machines)

    def test_reports_on_what_is_over_are_asked_and_denied(self) -> None:
        """The tables refuse them, and no check of the engine's own stands before."""
        for name in ("anthropic", "qoder"):
            for state in ("terminated", "archived"):
                for trigger in ("deliver", "end_turn", "resume"):
                    assert ("thread", state, trigger) in asked(name)
            for trigger in ("send_answer", "send_interrupt", "update", "report", "archive"):
                assert ("session", "terminated", trigger) in asked(name)
