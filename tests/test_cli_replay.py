"""``lifecycle replay``: what it prints, and what it ends with."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from corpus import VALID, recording

from lifecycle.cli import main


def run(*args: object) -> Result:
    """Call ``lifecycle replay`` in this process."""
    return CliRunner().invoke(main, ["replay", *map(str, args)], catch_exceptions=False)


@pytest.fixture(name="differing")
def _differing(tmp_path: Path) -> Path:
    """A recording in which a session rests without its account."""
    events = recording(VALID / "single-thread.jsonl")
    places = [n for n, one in enumerate(events) if one["type"] == "session.usage"]
    del events[places[0]]
    path = tmp_path / "differing.jsonl"
    path.write_text("".join(json.dumps(one) + "\n" for one in events))
    return path


class TestText:
    """For reading."""

    def test_a_recording_that_is_reproduced_exactly(self) -> None:
        """One line, and exit code 0."""
        path = VALID / "parked.jsonl"
        result = run(path)

        assert result.exit_code == 0
        assert result.output == f"{path}: reproduced exactly (11 events, 8 commands)\n"

    def test_what_it_is_reproduced_up_to_is_named_counted_and_explained(self) -> None:
        """Switches and allowances alike; still exit code 0."""
        result = run(VALID / "child-ask.jsonl", VALID / "mcp-retrying.jsonl")

        assert result.exit_code == 0
        assert "reproduced up to forwarded_child_runs=after_idle ×1 (" in result.output
        assert "reproduced up to error_place ×4 (" in result.output
        assert "1  Does a child that was answered run before" in result.output
        assert "2 recordings: 0 exactly, 2 up to named switches, 0 not" in result.output

    def test_the_first_difference_shows_both_sides(self, differing: Path) -> None:
        """Side by side, with the command that led there; exit code 1."""
        result = run(differing)
        (marked,) = [line for line in result.output.splitlines() if line.startswith("    >")]

        assert result.exit_code == 1
        assert "not reproduced" in result.output
        assert marked.split()[2:] == ["session.status_idle", "end_turn", "session.usage"]
        assert "    after TurnEnded(thread_id=" in result.output

    def test_commands_are_listed_on_demand(self) -> None:
        """Each with the line of the event that it led to, and without what is a default."""
        told = run(VALID / "parked.jsonl", "--commands").output.splitlines()

        assert told[1].split(None, 1)[0] == "1"
        assert "CreateSession(primary_id=" in told[1]
        assert told[2].endswith("SendMessage(content='…')")

    def test_a_directory_is_a_table(self, differing: Path) -> None:
        """One line for each, and how many came out how."""
        (differing.parent / "whole.jsonl").write_text((VALID / "parked.jsonl").read_text())

        result = run(differing.parent)

        assert result.exit_code == 1
        assert result.output.splitlines()[-1] == (
            "2 recordings: 1 exactly, 0 up to named switches, 1 not reproduced"
        )


class TestJson:
    """For programs."""

    def test_everything_is_there(self, differing: Path) -> None:
        """Verdicts, counts, what is allowed, and both sides of a difference."""
        result = run(differing, VALID / "queued-input.jsonl", "--format", "json", "--commands")
        told = json.loads(result.output)
        first, second = told["recordings"]

        assert result.exit_code == 1
        assert told["counts"] == {"exact": 0, "up to": 1, "differs": 1, "unusable": 0}
        assert told["up_to"]["input_settled"]["count"] == 1
        assert first["difference"]["recorded"][0]["type"] == "session.status_idle"
        assert first["difference"]["emitted"][0]["type"] == "session.usage"
        assert second["up_to"] == {"input_settled": 1}
        assert second["command_list"][1] == {"line": "1", "command": "SendMessage(content='…')"}


class TestUnusable:
    """What cannot be replayed."""

    @pytest.mark.parametrize("text", ["", "not JSON\n", '{"type": "agent.message", "id": "x"}\n'])
    def test_it_is_told_and_the_exit_code_is_2(self, tmp_path: Path, text: str) -> None:
        """With the reason."""
        path = tmp_path / "bad.jsonl"
        path.write_text(text)

        result = run(path)

        assert result.exit_code == 2
        assert result.output.startswith(f"{path}: unusable: expected ")

    def test_a_missing_file(self) -> None:
        """The same, also as JSON."""
        result = run("/nowhere.jsonl", "--format", "json")

        assert result.exit_code == 2
        assert json.loads(result.output)["recordings"][0]["verdict"] == "unusable"
