"""
The README says what the project does.

Its examples print what stands below them, its two commands are what `.ci/run` runs, and what it
points to is there.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest
from transcripts import README, ROOT, fresh

from lifecycle.check import Level

TEXT: Final = README.read_text(encoding="utf-8")
COMMANDS: Final = re.findall(r"^```sh\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


class TestExamples:
    """What the README shows was printed."""

    def test_every_example_prints_what_stands_below_it(self) -> None:
        """Nobody edits an output, or a message without writing the README anew."""
        now = fresh(TEXT)

        assert now == TEXT, "bring it up to date with: python tests/transcripts.py"

    def test_a_transcript_that_is_out_of_date_shows(self) -> None:
        """The command is run: one letter of its output is enough."""
        block = "```console\n$ lifecycle table\n```"
        right = fresh(block)

        assert "thread" in right
        assert fresh(right) == right
        assert fresh(right.replace("thread", "tread")) == right

    def test_an_output_that_is_out_of_date_shows(self) -> None:
        """Code goes on from the code before it."""
        page = "```python\na = 2\n```\n\n```python\nprint(a)\n```\n\n```text\n{}\n```"

        assert fresh(page.format(3)) == page.format(2)

    def test_an_example_must_show_what_it_prints(self) -> None:
        """An output that is printed and not shown would never be compared."""
        with pytest.raises(AssertionError, match="it prints"):
            fresh("```python\nprint(1)\n```\n")


class TestText:
    """What the README says besides."""

    @pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\((?!https?:)([^)#]+)\)", TEXT))))
    def test_a_link_leads_somewhere(self, target: str) -> None:
        """Files that are linked exist."""
        assert (ROOT / target).exists()

    def test_the_first_two_commands_do_all_setting_up(self) -> None:
        """They start from nothing but a checkout, and name files that are there."""
        check, test = COMMANDS[:2]

        for command in (check, test):
            assert command.startswith("python3 -m venv .venv && .venv/bin/pip install -q ")
        (recording,) = re.findall(r"tests/recordings/\S+", check)
        assert (ROOT / recording).is_file()
        assert test.endswith("&& .venv/bin/pytest -n 2\n")

    def test_the_levels_are_the_levels(self) -> None:
        """The table of levels names each, in their order."""
        rows = re.findall(r"^\| (\w+) \| (.+) \|$", TEXT, re.MULTILINE)

        assert [row[0] for row in rows if row[0] in set(Level)] == list(Level)

    def test_the_benchmarks_are_there(self) -> None:
        """Every script that a command runs is shipped."""
        scripts = re.findall(r"python (\S+\.py)", "".join(COMMANDS))

        assert scripts
        assert all(Path(ROOT, script).is_file() for script in scripts)
