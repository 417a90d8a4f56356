"""The benchmarks run, and their tables have every row; how long anything takes is not tested."""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import pytest

FOLDER: Final = Path(__file__).parent.parent / "benchmarks"
PEERS: Final = {"orjson": "orjson", "python-statemachine": "statemachine", "Automat": "automat"}
"""What is measured besides, and what it is imported as."""


@cache
def printed(script: str, *arguments: str) -> str:
    """Return what a benchmark prints; it must end well."""
    done = subprocess.run(
        [sys.executable, FOLDER / script, *arguments],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def rows(table: str) -> set[str]:
    """Return the first column: what stands before two spaces."""
    return {line.partition("  ")[0] for line in table.splitlines()}


class TestBenchmarks:
    def test_checking_is_measured_beside_decoding(self) -> None:
        """The input is clean, every way has its row, and every goal what was measured for it."""
        table = printed("check.py", "--quick", "--no-memory")

        assert "no errors, no warnings" in table
        assert rows(table) >= {
            "typed decode, line by line",
            "typed decode, a file at once",
            "check, all rules",
            "json.loads",
            "json.loads and a machine for each thread",
            "--jobs 1",
            "--jobs 2",
        }
        goals = [line for line in table.splitlines() if line.startswith("goal: ")]
        assert len(goals) == 3
        assert all(line.endswith(("met", "not met")) for line in goals)

    def test_a_step_is_measured_in_every_form(self) -> None:
        """Our forms, and those of `transitions`, have their rows."""
        assert rows(printed("machines.py", "--quick")) >= {
            "compiled dicts",
            "table step",
            "embed",
            "embed, with a hook",
            "transitions, a machine each",
            "transitions, one machine",
            "transitions, flyweight",
            "embed, with an awaited hook",
        }

    def test_a_decision_is_measured_beside_callbacks(self) -> None:
        """Every command has its rows, and every goal what was measured for it."""
        table = printed("engine.py", "--quick")

        assert rows(table) >= {
            "message",
            "turn end",
            "archive",
            "transitions: message",
            "transitions: turn end",
            "transitions: archive",
        }
        goals = [line for line in table.splitlines() if line.startswith("goal: ")]
        assert len(goals) == 2
        assert all(line.endswith(("met", "not met")) for line in goals)

    def test_an_occurrence_is_measured_and_answered_alike(self) -> None:
        """Ours has a row for each clock, and every goal what was measured for it."""
        table = printed("schedule.py", "--quick")

        assert rows(table) >= {"UTC", "America/New_York", "ours", "croniter"}
        goals = [line for line in table.splitlines() if line.startswith("goal: ")]
        assert len(goals) == 4
        assert all(line.endswith(("met", "not met")) for line in goals)

    @pytest.mark.parametrize("peer", PEERS)
    def test_a_peer_is_measured_where_it_is_installed(self, peer: str) -> None:
        """A peer that is there and could not be driven would end the benchmark."""
        if find_spec(PEERS[peer]) is None:
            pytest.skip(f"needs {peer}: pip install agent-lifecycle[bench]")
        table = printed("check.py", "--quick", "--no-memory") + printed("machines.py", "--quick")

        assert peer in {row.removesuffix(".loads") for row in rows(table)}
