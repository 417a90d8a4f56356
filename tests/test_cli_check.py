"""The commands ``check``, ``rule`` and ``show``, as somebody calls them."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner, Result

from lifecycle.check.report import Report
from lifecycle.check.rules import RULES
from lifecycle.cli import check as check_module, main

RECORDINGS: Final = Path(__file__).parent / "recordings"
CLEAN: Final = RECORDINGS / "valid" / "single-thread.jsonl"
BROKEN: Final = RECORDINGS / "broken" / "running-twice.jsonl"
MANY: Final = RECORDINGS / "valid" / "many-sessions.jsonl"
TERMINAL: Final = {"FORCE_COLOR": "1", "TERM": "xterm-256color", "COLUMNS": "120"}


def run(*args: str | Path, stdin: bytes | None = None, env: dict[str, str] | None = None) -> Result:
    """Call ``lifecycle`` with *args* in this process."""
    runner = CliRunner(env={"COLUMNS": "100", **(env or {})})
    return runner.invoke(main, [str(one) for one in args], input=stdin, catch_exceptions=False)


def findings(result: Result) -> list[dict[str, Any]]:
    """Return the findings of a report in JSON."""
    found: list[dict[str, Any]] = json.loads(result.stdout)["findings"]
    return found


class TestExitCodes:
    """What the process ends with: never two meanings for one number."""

    def test_a_clean_recording_is_0(self) -> None:
        """And says what was checked."""
        result = run("check", CLEAN)

        assert result.exit_code == 0
        assert "38 events read in 1 file: 38 checked" in result.stdout

    def test_an_error_is_1(self) -> None:
        """The finding names file, line and column, and quotes the line."""
        result = run("check", BROKEN)

        assert result.exit_code == 1
        assert f"--> {BROKEN}:17:49 " in result.stdout
        assert '\n17 | {"id": ' in result.stdout

    @pytest.mark.parametrize(
        ("args", "says"),
        [
            (["--format", "xml", CLEAN], "'text', 'json', 'sarif', 'github', 'junit'"),
            (["--dialect", "klingon", CLEAN], "'anthropic', 'qoder'"),
            (["--select", "XY", CLEAN], "no rule 'XY'; did you mean"),
            (["--ignore", "TH999", CLEAN], "no rule 'TH999'"),
            (["--level", "fatal", CLEAN], "'error', 'warning', 'note'"),
            ([], "PATH"),
            (["no-such-file.jsonl"], "no-such-file.jsonl"),
        ],
        ids=lambda value: " ".join(map(str, value)) if isinstance(value, list) else None,
    )
    def test_a_wrong_call_is_2(self, args: Sequence[str | Path], says: str) -> None:
        """One line that names what would be right."""
        result = run("check", *args)

        assert result.exit_code == 2
        assert says in result.output

    @pytest.mark.parametrize("args", [["--format", "xml"], ["--dialect", "x"], ["--select", "XY"]])
    def test_a_wrong_call_takes_one_line(self, args: list[str]) -> None:
        """On standard error."""
        result = run("check", CLEAN, *args)

        assert len(result.stderr.splitlines()) == 1
        assert result.stdout == ""

    @pytest.mark.parametrize("text", [b"", b"\n", b"hello\n", b"\x00\x01", b'{"a": 1}\n'])
    def test_nothing_checked_is_2(self, tmp_path: Path, text: bytes) -> None:
        """What holds no events is not clean."""
        path = tmp_path / "x.jsonl"
        path.write_bytes(text)
        result = run("check", path)

        assert result.exit_code == 2
        assert "NOTHING WAS CHECKED" in result.stdout

    def test_one_unusable_file_among_good_ones_is_2(self, tmp_path: Path) -> None:
        """The others are checked all the same."""
        bad = tmp_path / "bad.jsonl"
        bad.write_bytes(b"\x00\x01")
        result = run("check", CLEAN, bad)

        assert result.exit_code == 2
        assert "38 checked" in result.stdout

    def test_an_interruption_is_130(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """And the report says that it is incomplete."""

        def interrupted(*_: object, **__: object) -> Report:
            raise KeyboardInterrupt

        monkeypatch.setattr(check_module, "check_paths", interrupted)
        result = run("check", CLEAN)

        assert result.exit_code == 130
        assert "INTERRUPTED: this report is incomplete." in result.stdout


class TestInput:
    """Files, directories, standard input, compressed or not."""

    def test_standard_input(self) -> None:
        """It cannot be read twice, so nothing is quoted."""
        result = run("check", "-", stdin=BROKEN.read_bytes())

        assert result.exit_code == 1
        assert "  --> -:17 (" in result.stdout

    def test_a_directory(self) -> None:
        """Every recording below it."""
        result = run("check", RECORDINGS / "broken", "--format", "json")

        assert json.loads(result.stdout)["summary"]["files"] == len(
            list((RECORDINGS / "broken").rglob("*.json*"))
        )

    def test_compressed(self, tmp_path: Path) -> None:
        """The report quotes what was compressed."""
        path = tmp_path / "broken.jsonl.gz"
        path.write_bytes(gzip.compress(BROKEN.read_bytes()))

        assert '\n17 | {"id": ' in run("check", path).stdout

    def test_one_line_with_many_events(self, tmp_path: Path) -> None:
        """There the event's position is told."""
        path = tmp_path / "list.json"
        events = [json.loads(line) for line in BROKEN.read_bytes().splitlines()]
        path.write_text(json.dumps({"data": events}))

        assert f"--> {path}, event 17 (" in run("check", path).stdout

    def test_interleaved_sessions(self) -> None:
        """A key tells them apart."""
        result = run("check", MANY, "--session-key", "session_id", "--format", "json")

        assert result.exit_code == 0
        assert json.loads(result.stdout)["files"][0]["sessions"] == 3


class TestChoice:
    """Which rules apply, and what is listed."""

    def test_select_takes_beginnings(self) -> None:
        """Commas, and in any case."""
        codes = {one["code"] for one in findings(run("check", BROKEN, "--format", "json"))}

        assert codes == {"TH001"}
        assert run("check", BROKEN, "--select", "ca,SE001").exit_code == 0
        assert run("check", BROKEN, "--select", "CA,TH").exit_code == 1

    def test_ignore_wins(self) -> None:
        """Over what is selected."""
        assert run("check", BROKEN, "--select", "TH", "--ignore", "TH001").exit_code == 0

    def test_level_hides_and_counts(self) -> None:
        """Text leaves notes out unless asked; other formats have everything."""
        noted = RECORDINGS / "valid" / "child-ask.jsonl"
        text = run("check", noted).stdout
        notes = json.loads(run("check", noted, "--format", "json").stdout)["summary"]["notes"]

        assert notes > 0
        assert "note[" not in text
        assert "(--level note shows them)" in text
        assert run("check", noted, "--level", "note").stdout.count("note[") == notes

    def test_a_partial_recording_owes_nothing(self, tmp_path: Path) -> None:
        """What stands before the capture began is not missing."""
        middle = tmp_path / "middle.jsonl"
        middle.write_bytes(b"".join(CLEAN.read_bytes().splitlines(keepends=True)[7:]))

        assert run("check", middle, "--partial").exit_code == 0


class TestOutput:
    """Where the report goes, and that it is always the same."""

    @pytest.mark.parametrize("form", ["text", "json", "sarif", "github", "junit"])
    def test_the_same_bytes_whatever_the_jobs(self, form: str) -> None:
        """For the same bytes in."""
        one, two = (
            run("check", RECORDINGS / "broken", "--format", form, "--jobs", jobs)
            for jobs in ("1", "2")
        )

        assert one.stdout_bytes == two.stdout_bytes
        assert one.exit_code == two.exit_code

    @pytest.mark.parametrize("form", ["text", "json", "sarif", "github", "junit"])
    def test_a_file_has_what_standard_output_would_have(self, tmp_path: Path, form: str) -> None:
        """And standard error says in a line what is in it."""
        path = tmp_path / "report"
        result = run("check", BROKEN, "--format", form, "--output", path)

        assert path.read_text(encoding="utf-8") == run("check", BROKEN, "--format", form).stdout
        assert result.stdout == ""
        assert result.stderr.endswith(f"1 error, 0 warnings, 0 notes; the report is in {path}\n")
        assert result.exit_code == 1

    def test_a_file_that_cannot_be_written_is_2(self, tmp_path: Path) -> None:
        """One line."""
        result = run("check", CLEAN, "--output", tmp_path / "no" / "such" / "folder")

        assert result.exit_code == 2
        assert len(result.stderr.splitlines()) == 1

    def test_xml_and_json_can_be_read(self) -> None:
        """By the parsers of the standard library."""
        assert ET.fromstring(run("check", BROKEN, "--format", "junit").stdout).tag == "testsuites"
        assert json.loads(run("check", BROKEN, "--format", "sarif").stdout)["version"] == "2.1.0"

    def test_nothing_but_the_report_is_written(self) -> None:
        """No progress where nobody watches, no escape sequences in a pipe."""
        result = run("check", BROKEN)

        assert result.stderr == ""
        assert "\x1b" not in result.stdout

    def test_a_terminal_has_colour(self) -> None:
        """Unless NO_COLOR asks for none; the words are the same."""
        colour = run("check", BROKEN, env=TERMINAL).stdout
        none = run("check", BROKEN, env={**TERMINAL, "NO_COLOR": "1"}).stdout

        assert "\x1b[1;31merror[TH001]" in colour
        assert "\x1b[1;31m" not in none
        assert "error[TH001]" in none


class TestHelp:
    """Help teaches."""

    def test_it_shows_calls_and_exit_codes(self) -> None:
        """Each call under the question that it answers."""
        text = run("check", "--help").stdout

        assert text.count("\n      lifecycle check ") == 5
        assert "\n      130  interrupted" in text


class TestRule:
    """``lifecycle rule``: the rules, listed or explained."""

    def test_the_list_has_every_rule(self) -> None:
        """Code, level and name."""
        lines = run("rule").stdout.splitlines()

        assert [line.split() for line in lines] == [
            [code, str(RULES[code].level), RULES[code].name] for code in sorted(RULES)
        ]

    def test_a_family(self) -> None:
        """By the beginning of its codes."""
        assert {line[:2] for line in run("rule", "th").stdout.splitlines()} == {"TH"}

    def test_a_page(self) -> None:
        """In a pipe it is Markdown."""
        assert run("rule", "th001").stdout == RULES["TH001"].page()

    def test_a_page_on_a_terminal(self) -> None:
        """There it is rendered."""
        text = run("rule", "TH001", env=TERMINAL).stdout

        assert "\x1b" in text
        assert "## What" not in text

    @pytest.mark.parametrize(("code", "near"), [("TG001", "TH001"), ("ZZ", "CA, DL")])
    def test_an_unknown_code_is_2(self, code: str, near: str) -> None:
        """One line with the codes that come near."""
        result = run("rule", code)

        assert result.exit_code == 2
        assert near in result.stderr
        assert len(result.stderr.splitlines()) == 1


class TestShow:
    """``lifecycle show``: a recording as a timeline."""

    def test_the_head_names_the_lanes(self) -> None:
        """The list's own thread by its agent."""
        lines = run("show", RECORDINGS / "valid" / "parked.jsonl").stdout.splitlines()

        assert lines[0].startswith("┃ works")
        assert lines[4] == "     line     time  │  │  ferry-clerk"
        assert lines[5] == "        1   0:00.0  ·  ●      the session runs"

    def test_findings_can_be_marked(self) -> None:
        """Under the row of the event that they are about."""
        lines = run("show", BROKEN, "--check").stdout.splitlines()
        marked = next(at for at, line in enumerate(lines) if "error[TH001]" in line)

        assert lines[marked - 1].lstrip().startswith("17 ")

    def test_the_first_of_many_sessions(self) -> None:
        """The others are named, and each can be shown."""
        first = run("show", MANY)
        other = first.stderr.split()[-1]
        second = run("show", MANY, "--session", other)

        assert "not shown (--session ID): " in first.stderr
        assert second.exit_code == 0
        assert second.stdout != first.stdout

    def test_a_session_that_is_not_there_is_2(self) -> None:
        """The message names those that are."""
        result = run("show", MANY, "--session", "sesn_none")

        assert result.exit_code == 2
        assert "it has sesn_" in result.stderr

    def test_a_broken_line_is_a_row(self) -> None:
        """Among the others."""
        text = run("show", RECORDINGS / "broken" / "bad-json-line.jsonl").stdout

        assert "unreadable: " in text
        assert "the recording ends" in text

    @pytest.mark.parametrize("stdin", [b"", b"hello\n"])
    def test_no_recording_is_2(self, stdin: bytes) -> None:
        """There is nothing to show."""
        assert run("show", "-", stdin=stdin).exit_code == 2

    def test_marks_need_a_file(self) -> None:
        """Standard input cannot be read twice."""
        assert run("show", "-", "--check", stdin=CLEAN.read_bytes()).exit_code == 2
