"""The commands that print and draw the tables, and the door that all commands share."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Final

import click
import pytest
from click.testing import CliRunner, Result

from lifecycle.cli import COMMANDS, main
from lifecycle.dialects import ANTHROPIC, DIALECTS, QODER, diff
from lifecycle.draw import machine_page
from lifecycle.machines import MACHINES

ROOT: Final = Path(__file__).parent.parent
PROGRAM: Final = "import sys; from lifecycle.cli import main; main(prog_name='lifecycle')"


def run(*args: str) -> Result:
    """Call ``lifecycle`` with *args* in this process."""
    return CliRunner().invoke(main, args, catch_exceptions=False)


def python(code: str, *args: str) -> subprocess.CompletedProcess[str]:
    """Run *code* in a Python of its own, at the checkout."""
    return subprocess.run(
        [sys.executable, "-c", code, *args],
        cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip


class TestDoor:
    """``lifecycle`` itself."""

    def test_help_teaches(self) -> None:
        """It says what this is, shows three calls, and names every command."""
        result = run("--help")

        assert result.exit_code == 0
        assert result.output.count("\n      lifecycle ") == 3
        assert all(f"\n  {name} " in result.output for name in COMMANDS)

    def test_no_arguments_is_help(self) -> None:
        """Who types only the name wants to know what it is."""
        assert run().output == run("--help").output
        assert run().exit_code == 0

    def test_version(self) -> None:
        """One line, whether installed or not."""
        result = run("--version")

        assert result.exit_code == 0
        assert result.output.startswith("lifecycle ")
        assert result.output.count("\n") == 1

    @pytest.mark.parametrize("name", COMMANDS)
    def test_every_command_is_there(self, name: str) -> None:
        """What the help names can be called, and has a help with an example."""
        result = run(name, "--help")

        assert result.exit_code == 0
        assert f"Usage: lifecycle {name}" in result.output
        assert f" lifecycle {name}" in result.output.partition("Usage: ")[2].partition("\n")[2]

    @pytest.mark.parametrize(
        ("args", "says"),
        [
            (["tabel"], f"lifecycle: no command 'tabel'; choose from {', '.join(COMMANDS)}"),
            (["--nope"], "lifecycle: No such option"),
            (
                ["table", "tread"],
                f"lifecycle table: no machine 'tread'; choose from {', '.join(MACHINES)}",
            ),
            (["table", "thread", "--dialect", "x"], "'x' is not one of 'anthropic', 'qoder'."),
            (["table", "--format", "xml"], "'xml' is not one of 'text', 'markdown', 'json'."),
            (["diff", "anthropic"], "lifecycle diff: Missing argument 'B'."),
            (["diff", "anthropic", "x"], "'x' is not one of 'anthropic', 'qoder'."),
            (["draw", "--root", "/nowhere"], "lifecycle draw: Invalid value for '--root'"),
        ],
    )
    def test_a_wrong_call_is_one_line_that_names_the_choices(
        self, args: list[str], says: str
    ) -> None:
        """Exit code 2, nothing on standard output."""
        result = run(*args)

        assert result.exit_code == 2
        assert result.stdout == ""
        assert says in result.stderr
        assert result.stderr.count("\n") == 1

    def test_help_imports_no_command_and_no_heavy_library(self) -> None:
        """A door that is opened to ask the way stays light."""
        code = (
            "import sys\n"
            "from lifecycle.cli import main\n"
            "try: main(['--help'])\n"
            "except SystemExit: pass\n"
            "print('IMPORTED', *sys.modules)"
        )
        imported = set(python(code).stdout.split("IMPORTED")[1].split())

        heavy = {"transitions", "rich"}
        assert "lifecycle.cli" in imported
        assert not imported & {*heavy, *(module for module, _ in COMMANDS.values())}

    def test_a_command_imports_only_what_it_needs(self) -> None:
        """Printing a table needs no other command and no hooks."""
        code = (
            "import sys\n"
            "from lifecycle.cli import main\n"
            "try: main(['table', 'thread'])\n"
            "except SystemExit: pass\n"
            "print('IMPORTED', *sys.modules)"
        )
        imported = set(python(code).stdout.split("IMPORTED")[1].split())

        assert "lifecycle.cli.table" in imported
        unneeded = {"transitions", "lifecycle.cli.check", "lifecycle.cli.diff", "lifecycle.show"}
        assert not imported & unneeded

    def test_ctrl_c_is_130(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Interrupting is no error: no traceback, and the shell's own code."""

        @click.command()
        def table() -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr("lifecycle.cli.table.table", table)
        result = run("table")

        assert result.exit_code == 130
        assert result.output.strip() == ""

    @pytest.mark.skipif(os.name == "nt", reason="signals are POSIX")
    def test_ctrl_c_from_the_terminal_is_130(self) -> None:
        """The same with a real signal, in the middle of a command."""
        code = (
            "import time, lifecycle.cli.table as t\n"
            "import click\n"
            "@click.command()\n"
            "def table():\n"
            "    print('ready', flush=True)\n"
            "    time.sleep(60)\n"
            "t.table = table\n"
            "from lifecycle.cli import main\n"
            "main(['table'])"
        )
        with subprocess.Popen(
            [sys.executable, "-c", code],
            cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        ) as process:  # fmt: skip
            assert process.stdout
            assert process.stderr
            assert process.stdout.readline() == "ready\n"
            time.sleep(0.1)
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=20) == 130
            assert process.stderr.read().strip() == ""

    @pytest.mark.skipif(os.name == "nt", reason="pipes close in another way there")
    @pytest.mark.parametrize("args", [["table", "thread"], ["diff", "anthropic", "qoder"], []])
    def test_a_reader_that_goes_away_is_no_fault(self, args: list[str]) -> None:
        """With ``| head`` there is nothing on standard error."""
        reader, writer = os.pipe()
        os.close(reader)
        with os.fdopen(writer, "wb") as closed:
            result = subprocess.run(
                [sys.executable, "-c", PROGRAM, *args],
                cwd=ROOT, stdout=closed, stderr=subprocess.PIPE, text=True, check=False,
            )  # fmt: skip

        assert result.stderr == ""
        assert result.returncode == 141

    def test_a_terminal_without_arrows_is_no_fault(self) -> None:
        """What an old code page cannot show becomes a question mark, not a traceback."""
        result = subprocess.run(
            [sys.executable, "-c", PROGRAM, "table", "thread"],
            cwd=ROOT, capture_output=True, check=False,
            env={**os.environ, "PYTHONIOENCODING": "cp1252"},
        )  # fmt: skip

        assert result.returncode == 0
        assert b"? running" in result.stdout


class TestTable:
    """``lifecycle table``."""

    def test_without_a_machine_it_lists_them(self) -> None:
        """One line each: the name and what it tells."""
        result = run("table")

        assert result.exit_code == 0
        assert [line.split()[0] for line in result.output.splitlines() if line[0] != " "] == list(
            MACHINES
        )

    @pytest.mark.parametrize("dialect", DIALECTS)
    @pytest.mark.parametrize("machine", MACHINES)
    def test_it_fits_into_80_columns(self, machine: str, dialect: str) -> None:
        """In a pipe there is no wider terminal to hope for; and no blanks dangle."""
        lines = run("table", machine, "--dialect", dialect).output.splitlines()

        assert max(map(len, lines)) <= 80
        assert not [line for line in lines if line != line.rstrip()]

    @pytest.mark.parametrize("dialect", DIALECTS)
    @pytest.mark.parametrize("machine", MACHINES)
    def test_every_reason_is_printed(self, machine: str, dialect: str) -> None:
        """Refusals of one reason share a line; none is left out."""
        words = " ".join(run("table", machine, "--dialect", dialect).output.split())

        for row in DIALECTS[dialect].machines[machine]:
            start, _, _ = row.because.partition(" ")
            assert start in words
            assert "".join(f"{row.because} ({row.evidence}".split()) in "".join(words.split())

    def test_the_grid_leads_from_trigger_and_state_to_the_answer(self) -> None:
        """A state that refuses everything has no column; it is named below."""
        lines = run("table", "thread").output.splitlines()
        head = next(line for line in lines if line.startswith("trigger"))
        archive = next(line for line in lines if line.startswith("archive_child"))

        assert head.split() == ["trigger", "idle", "running", "rescheduling", "archived"]
        assert archive.split() == ["archive_child", "→", "archived", "✗", "✗", "stay"]
        assert "Refuses everything: terminated." in lines

    def test_a_dialects_own_rows_are_marked(self) -> None:
        """Qoder recovers where the common table retries."""
        lines = run("table", "thread", "--dialect", "qoder").output.splitlines()

        recover = next(line for line in lines if line.startswith("recover "))
        assert recover.split() == ["recover", "✗", "✗", "→", "idle", "†", "✗"]
        assert "this dialect's own row" in " ".join(lines)
        assert "†" not in run("table", "thread").output

    def test_in_markdown_it_is_the_generated_page(self) -> None:
        """The same page that stands below diagrams/."""
        assert run("table", "call", "--format", "markdown").output == machine_page(
            ANTHROPIC, "call"
        )
        assert "| thread | What a thread is doing" in run("table", "--format", "markdown").output

    @pytest.mark.parametrize("machine", MACHINES)
    def test_in_json_the_whole_table_comes_back(self, machine: str) -> None:
        """From the rows alone, the machine's answer for every cell can be read."""
        data = json.loads(run("table", machine, "--dialect", "qoder", "--format", "json").output)

        table = QODER.machines[machine]
        assert (data["machine"], data["dialect"]) == (machine, "qoder")
        read = {(r["state"], r["trigger"]): (r["verdict"], r["target"]) for r in data["rows"]}
        assert read == {(r.state, r.trigger): (r.verdict, r.target) for r in table}
        named = {effect for row in data["rows"] for effect in row["effects"]}
        assert named == {effect["effect"] for effect in data["effects"]}
        assert [state["state"] for state in data["states"]] == list(table.states)
        assert [trigger["trigger"] for trigger in data["triggers"]] == list(table.triggers)

    def test_in_json_a_state_has_its_reported_words(self) -> None:
        """With the condition, where there is one."""
        data = json.loads(run("table", "thread", "--dialect", "qoder", "--format", "json").output)
        (running,) = [state for state in data["states"] if state["state"] == "running"]

        assert [(r["word"], r["when"]) for r in running["reported"]] == [
            ("running", ""),
            ("blocked", "the coordinator waits in the Agent tool"),
        ]

    def test_in_json_the_list_has_names_and_lines(self) -> None:
        """The list without a machine is for programs too."""
        data = json.loads(run("table", "--format", "json").output)

        assert [entry["machine"] for entry in data] == list(MACHINES)
        assert all(entry["about"].endswith(".") for entry in data)


class TestDraw:
    """``lifecycle draw``."""

    def test_check_names_the_stale_files_and_the_command(self, tmp_path: Path) -> None:
        """Exit code 1, and nothing is written."""
        run("draw", "--root", str(tmp_path))
        page = tmp_path / "diagrams" / "qoder" / "call.md"
        page.write_text("old\n", encoding="utf-8")

        result = run("draw", "--check", "--root", str(tmp_path))

        assert result.exit_code == 1
        assert result.output.splitlines() == [
            "stale: diagrams/qoder/call.md",
            "bring them up to date with: lifecycle draw",
        ]
        assert page.read_text(encoding="utf-8") == "old\n"

    def test_draw_brings_them_up_to_date(self, tmp_path: Path) -> None:
        """It says what it wrote, and then there is nothing to do."""
        first = run("draw", "--root", str(tmp_path))
        assert first.exit_code == 0
        assert "written: diagrams/anthropic/thread.mmd" in first.output.splitlines()

        for args in ([], ["--check"]):
            again = run("draw", "--root", str(tmp_path), *args)
            assert (again.exit_code, again.output) == (0, "every generated file is up to date\n")

    def test_a_malformed_readme_is_unusable_input(self, tmp_path: Path) -> None:
        """The message names what is wrong, and nothing is written."""
        (tmp_path / "README.md").write_text("<!-- generated: thread-diagram -->\n", "utf-8")

        result = run("draw", "--root", str(tmp_path))

        assert result.exit_code == 2
        assert "does not end with <!-- end -->" in result.stderr
        assert not (tmp_path / "diagrams").exists()


class TestDiff:
    """``lifecycle diff``."""

    def test_it_is_grouped_and_says_how_each_side_knows(self) -> None:
        """A title for each group; neither side is wrong, so the exit code is 0."""
        result = run("diff", "anthropic", "qoder")

        assert result.exit_code == 0
        titles = [line for line in result.output.splitlines() if line and line[0] != " "]
        assert titles == [
            *("Reported words", "Rows", "Fold", "Refusals"),
            *("Fields", "Limits", "Switches", "Events", "Lists", "Style"),
        ]
        assert (
            "  thread.archived\n"
            "    anthropic  terminated (documented)\n"
            "    qoder      archived (documented)\n"
        ) in result.output
        assert max(map(len, result.output.splitlines())) <= 80

    def test_json_has_every_difference(self) -> None:
        """A side that says nothing is null."""
        data = json.loads(run("diff", "qoder", "anthropic", "--format", "json").output)

        def side(entry: dict[str, str] | None) -> tuple[Any, ...] | None:
            return (entry["says"], entry["evidence"]) if entry else None

        assert (data["left"], data["right"]) == ("qoder", "anthropic")
        found = {(side(d["left"]), side(d["right"])) for d in data["differences"]}
        assert found == {(d.left, d.right) for d in diff(QODER, ANTHROPIC)}
        assert len(data["differences"]) == len(diff(QODER, ANTHROPIC))

    @pytest.mark.parametrize("name", DIALECTS)
    def test_a_dialect_does_not_differ_from_itself(self, name: str) -> None:
        """And that is said, not left as silence."""
        result = run("diff", name, name)

        assert (result.exit_code, result.output) == (0, "no difference\n")
