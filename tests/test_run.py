"""A run: what goes in that is no recording, and what comes out of it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from corpus import shipped

import lifecycle
from lifecycle.check import Level, Monitor, UnknownRule, check_paths
from lifecycle.check.formats.rendering import coverage

HERE = Path(__file__).parent
SINGLE = HERE / "recordings" / "valid" / "single-thread.jsonl"
MANY = HERE / "recordings" / "valid" / "many-sessions.jsonl"
EVENT = {"type": "session.status_running", "id": "e1"}


@pytest.mark.parametrize("path", shipped(), ids=lambda path: path.stem)
def test_an_unreadable_line_accuses_no_other(path: Path, tmp_path: Path) -> None:
    """What it said is lost, and may explain whatever follows: one broken line is one finding."""
    lines = path.read_bytes().splitlines()
    for place in range(len(lines)):
        broken = tmp_path / "broken.jsonl"
        broken.write_bytes(b"\n".join([*lines[:place], b'{"cut', *lines[place + 1 :]]))
        (report,) = check_paths([str(broken)]).files
        grave = [(f.code, f.line) for f in report.findings if f.level is not Level.NOTE]

        assert grave == [("RC001", place + 1)]


def test_a_session_key_that_no_event_has_makes_the_run_unusable() -> None:
    """Else a slip of the finger would mix the sessions, or check nothing apart."""
    report = check_paths([str(MANY), str(SINGLE)], session_key="sesion_id")

    assert report.exit_code == 2
    assert "no event has a field 'sesion_id'" in (report.files[0].unusable or "")
    assert check_paths([str(MANY)], session_key="session_id").files[0].sessions == 3


def test_a_file_without_the_key_is_one_session_beside_files_that_have_it() -> None:
    """A directory may hold both kinds."""
    report = check_paths([str(MANY), str(SINGLE)], session_key="session_id")

    assert [file.sessions for file in report.files] == [3, 1]
    assert report.files[1].unusable is None


@pytest.mark.parametrize("how", [{"select": "TH", "ignore": "TH"}, {"select": "QO"}])
def test_no_rule_left_is_no_clean_pass(how: dict[str, str]) -> None:
    """A selection that leaves nothing to apply is refused."""
    with pytest.raises(UnknownRule, match="no rule of the anthropic dialect is left"):
        lifecycle.check(SINGLE, **how)


def test_codes_may_be_one_string() -> None:
    """As on the command line."""
    report = lifecycle.check([EVENT, EVENT | {"id": "e2"}], select="SE001, TH", ignore="TH")

    assert {finding.code for finding in report.findings} <= {"SE001"}


@pytest.mark.parametrize("source", [[SINGLE, EVENT], [EVENT, str(SINGLE)], EVENT, b"{}"])
def test_what_is_neither_paths_nor_events_is_refused(source: Any) -> None:
    """Nothing that was given is left out in silence."""
    with pytest.raises(TypeError, match="expected"):
        lifecycle.check(source)


def test_an_open_file_is_refused() -> None:
    """Its lines would be taken for paths."""
    with SINGLE.open() as file, pytest.raises(TypeError, match="expected a path"):
        lifecycle.check(file)


@pytest.mark.parametrize(
    ("item", "code"), [(None, "RC002"), (1, "RC002"), ({}, "RC003"), ({"type": 5}, "RC003")]
)
def test_an_item_that_is_no_event_is_a_finding(item: Any, code: str) -> None:
    """As it is in a file."""
    report = lifecycle.check([EVENT, item])

    assert [f.code for f in report.findings if f.level is Level.ERROR] == [code]


@pytest.mark.parametrize("item", [None, 3, "text", b"bytes"])
def test_a_monitor_is_fed_objects(item: Any) -> None:
    """Anything else is the caller's mistake."""
    with pytest.raises(TypeError, match="an event is a JSON object"):
        Monitor().feed(item)


def test_comments_of_a_stream_are_no_events(tmp_path: Path) -> None:
    """They are counted apart, and what was read is what was checked."""
    frames = b": ping\n\n".join(b"data: %s\n\n" % line for line in SINGLE.read_bytes().splitlines())
    stream = tmp_path / "stream.sse"
    stream.write_bytes(frames + b"data: [DONE]\n\n")
    report = check_paths([str(stream)])

    assert (report.read, report.checked, report.exit_code) == (38, 38, 0)
    assert report.passed_over == {"a comment": 37, "a mark of the end": 1}
    assert "passed over: 37 x a comment" in coverage(report)


def shell(line: str) -> subprocess.CompletedProcess[str]:
    """Run a shell line in which ``lifecycle`` is this Python's own."""
    own = f"lifecycle() {{ '{sys.executable}' -m lifecycle.cli \"$@\"; }}"
    return subprocess.run(
        ["bash", "-c", f"{own}; {line}"], capture_output=True, text=True, check=False
    )


def test_a_closed_standard_input_is_unusable() -> None:
    """Not a crash that reads as if there were errors."""
    result = shell("lifecycle check - <&-")

    assert result.returncode == 2
    assert "which is closed" in result.stdout
    assert "Traceback" not in result.stderr


def test_a_report_that_cannot_be_written_is_one_line() -> None:
    """A full disk is told, with the exit code of what is unusable."""
    result = shell(f"lifecycle check '{SINGLE}' > /dev/full")

    assert result.returncode == 2
    assert result.stderr.count("\n") == 1
