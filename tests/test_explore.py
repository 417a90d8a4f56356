"""The exploration: small sessions whole, and broken tables caught with the way to the fault."""

from __future__ import annotations

import gc
from typing import Any

import attrs
import pytest
from click.testing import CliRunner

from lifecycle.cli import main
from lifecycle.cli.explore import told
from lifecycle.commands import StartRun
from lifecycle.dialects import ANTHROPIC, DIALECTS, Dialect
from lifecycle.effects import CLOSE_CALLS, EMIT_TERMINATED, FREE_SLOT, UNBLOCK_COORDINATOR
from lifecycle.explore import WIDER, Bounds, Found, explore
from lifecycle.table import Written, move
from lifecycle.vocabulary import Evidence, ThreadState as S, ThreadTrigger as T

END = (CLOSE_CALLS, UNBLOCK_COORDINATOR, FREE_SLOT, EMIT_TERMINATED)


def broken(row: Written[Any, Any]) -> Dialect:
    """Return Anthropic's dialect with one row of its thread table spoilt."""
    return attrs.evolve(ANTHROPIC, amendments={"thread": (row,)})


def found_in(dialect: Dialect, bounds: Bounds) -> Found:
    """Return what the exploration finds."""
    found = explore(dialect, bounds).found
    assert found is not None
    return found


class TestWalk:
    """What a bounded session can reach."""

    @pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
    def test_all_is_well_with_one_child_and_two_messages(self, dialect: Dialect) -> None:
        """Every invariant holds, and from every state the session can be archived."""
        result = explore(dialect, Bounds(children=1, messages=2))

        assert result.found is None
        assert result.states > 1000
        assert result.transitions > result.states

    def test_all_is_well_with_two_children_and_two_messages(self) -> None:
        """The bound that the command has of itself; it takes a minute or so."""
        result = explore(ANTHROPIC, Bounds(children=2, messages=2))

        assert result.found is None
        assert result.states > 50_000

    @pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
    def test_which_child_is_which_does_not_matter(self, dialect: Dialect) -> None:
        """A second child adds fewer states than a first one would beside each of them."""
        sizes = [explore(dialect, Bounds(n, messages=1, calls=0)).states for n in (0, 1, 2)]

        assert sizes[0] < sizes[1] < sizes[2] < sizes[1] ** 2 / sizes[0]

    @pytest.mark.parametrize("enabled", [True, False])
    def test_the_collector_of_cycles_is_left_as_it_was(self, enabled: bool) -> None:
        """A walk does without it; whoever had switched it off finds it off."""
        before = gc.isenabled()
        try:
            (gc.enable if enabled else gc.disable)()
            explore(ANTHROPIC, Bounds(children=0, messages=1, calls=0))
            assert gc.isenabled() is enabled
        finally:
            (gc.enable if before else gc.disable)()


class TestBrokenTables:
    """A table that is spoilt in one row."""

    def test_an_archive_that_forgets_the_mailbox(self) -> None:
        """The message that waited is neither read nor cancelled, and the way there is shortest."""
        row = move(S.IDLE, T.ARCHIVE_CHILD, S.ARCHIVED, END, "spoilt", Evidence.INFERRED, "a test")
        found = found_in(broken(row), Bounds(children=1, messages=1, calls=0))

        assert found.violation.rule == "messages are read or cancelled"
        names = [type(step.command).__name__ for step in found.way]
        assert names[:2] == ["CreateSession", "SendMessage"]
        assert names[-2:] == ["SpawnChild", "ArchiveThread"]

    def test_an_archive_of_a_running_child(self) -> None:
        """It would be cut in the middle of its turn."""
        row = move(
            S.RUNNING, T.ARCHIVE_CHILD, S.ARCHIVED, END, "spoilt", Evidence.INFERRED, "a test"
        )
        found = found_in(broken(row), Bounds(children=1, messages=1, calls=0))

        assert found.violation.rule == "only a resting child is archived"
        assert type(found.way[-1].command).__name__ == "ArchiveThread"

    def test_the_way_to_a_fault_is_told_as_a_lesson(self) -> None:
        """A line for each command, and below it what the engine answered."""
        row = move(S.IDLE, T.ARCHIVE_CHILD, S.ARCHIVED, END, "spoilt", Evidence.INFERRED, "a test")
        result = explore(broken(row), Bounds(children=1, messages=1, calls=0))
        lines = list(told(result, "anthropic"))

        assert "does not hold: messages are read or cancelled" in lines
        start = lines.index("```lesson anthropic")
        assert lines[start + 1] == "> create"
        assert "> archive child-1" in lines[start:]
        assert lines[-1] == "```"


class TestMoves:
    """What is tried."""

    @pytest.mark.parametrize("wider", WIDER)
    def test_a_run_through_what_is_wider_finishes(self, wider: str) -> None:
        """One workflow run is open at a time."""
        result = explore(ANTHROPIC, Bounds(0, messages=1, calls=0, wider=frozenset({wider})))

        assert result.found is None

    def test_a_command_without_a_line_is_told_all_the_same(self) -> None:
        """As it is: the telling of a violation does not fail for it."""
        row = move(S.IDLE, T.ARCHIVE_CHILD, S.ARCHIVED, END, "spoilt", Evidence.INFERRED, "a test")
        result = explore(broken(row), Bounds(children=1, messages=1, calls=0))
        assert result.found is not None
        named = StartRun(session_id="sesn_1", run_id="run-1", name="nightly")
        way = tuple(attrs.evolve(step, command=named) for step in result.found.way)
        found = attrs.evolve(result, found=attrs.evolve(result.found, way=way))

        assert f"> {named!r}" in list(told(found, "anthropic"))


class TestCommand:
    """``lifecycle explore``."""

    def test_it_says_how_much_it_has_seen(self) -> None:
        """States, transitions, refusals and the time; and that all holds."""
        result = CliRunner().invoke(main, ["explore", "--children", "0"], catch_exceptions=False)

        assert result.exit_code == 0
        assert " states, " in result.output
        assert "every invariant holds" in result.output

    def test_a_violation_fails_the_run(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """It exits 1, and tells the lesson."""
        row = move(S.IDLE, T.ARCHIVE_CHILD, S.ARCHIVED, END, "spoilt", Evidence.INFERRED, "a test")
        spoilt = {"anthropic": broken(row)}
        monkeypatch.setattr("lifecycle.cli.explore.DIALECTS", spoilt)
        args = ["explore", "--children", "1", "--messages", "1", "--calls", "0"]
        result = CliRunner().invoke(main, args, catch_exceptions=False)

        assert result.exit_code == 1
        assert "```lesson anthropic" in result.output
