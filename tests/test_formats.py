"""The formats of a report: the same findings for people, programs and services."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any, Final
from xml.etree import ElementTree as ET

import attrs
import pytest

from lifecycle.check.findings import Finding, Follower, Level, Witness
from lifecycle.check.formats import FORMATS, Rendering
from lifecycle.check.formats.as_github import KEPT
from lifecycle.check.formats.as_sarif import FINGERPRINT
from lifecycle.check.formats.as_text import SHOWN, styled
from lifecycle.check.report import FileReport, Report
from lifecycle.check.rule import Rule
from lifecycle.vocabulary import Evidence

RULES = {
    code: Rule(
        code,
        level,
        name,
        on=(),
        check=lambda view, event: None,
        evidence=Evidence.RECORDED,
        dialects=("anthropic",),
        absence=False,
        whole=False,
        what="What it checks.",
        why="Why it matters.",
        flagged="run idle idle",
        accepted="run idle",
        source="A recording.",
    )
    for code, level, name in (
        ("TH003", Level.ERROR, "work-after-archive"),
        ("SE001", Level.WARNING, "rest-without-usage"),
        ("SE002", Level.NOTE, "late-answer"),
    )
}

ARCHIVED_RUNS = Finding(
    "TH003",
    Level.ERROR,
    line=42,
    message="the thread is `archived`, so it cannot become running here",
    expected="nothing more of this thread",
    event_id="sevt_42",
    thread_id="sthr_1",
    witness=(Witness(12, "sevt_12", "the thread was archived"),),
    allowed=("user.message", "session.status_idle"),
    resync="the thread is taken to be running",
    file="rec.jsonl",
    session="sesn_1",
    followers=[Follower("TH003", 43, "again"), Follower("CA001", 50, "a call")],
)
NO_USAGE = Finding("SE001", Level.WARNING, 50, "no usage", file="rec.jsonl")
LATE = Finding("SE002", Level.NOTE, 60, "the answer is late", file="rec.jsonl")
LINE_42 = b'{"id":"sevt_42","type":"session.thread_status_running"}\n'


def read(*findings: Finding, path: str = "rec.jsonl", threads: int = 2) -> FileReport:
    """Return the report of a file of a hundred events."""
    names = [f"sthr_{number}" for number in range(1, threads + 1)]
    skipped = Counter({"duplicated delivery": 3, "preview": 2})
    return FileReport(path, "jsonl", 1, names, 100, 95, skipped, list(findings))


def rendering(*files: FileReport, level: Level = Level.NOTE, **how: Any) -> Rendering:
    """Return what a format is given."""
    lines = {("rec.jsonl", 42): LINE_42}
    return Rendering(Report(list(files)), RULES, level, lines, **how)


THREE = rendering(read(ARCHIVED_RUNS, NO_USAGE, LATE))
NOTHING = rendering(FileReport("empty.jsonl", "jsonl"))
UNUSABLE = rendering(read(), FileReport("bad.gz", unusable="expected gzip, found a cat"))
INTERRUPTED = attrs.evolve(THREE, report=attrs.evolve(THREE.report, interrupted=True))


def commands(text: str, command: str) -> list[str]:
    """Return the workflow commands of one kind."""
    return [line for line in text.splitlines() if line.startswith(f"::{command} ")]


class TestEveryFormat:
    """What holds whatever the format."""

    @pytest.mark.parametrize("form", FORMATS)
    def test_it_says_how_much_was_read_checked_and_skipped(self, form: str) -> None:
        """And why events were skipped."""
        text = FORMATS[form](THREE)

        assert {"100", "95"} <= set(re.findall(r"\d+", text))
        assert "duplicated delivery" in text
        assert "preview" in text

    @pytest.mark.parametrize("form", FORMATS)
    def test_nothing_checked_is_not_clean(self, form: str) -> None:
        """A run that checked nothing differs from a clean one in words, not only in its code."""
        said = {"json": '"ok": false', "junit": "nothing-checked"}.get(form, "nothing was checked")

        assert said in FORMATS[form](NOTHING).lower()
        assert NOTHING.report.exit_code == 2

    @pytest.mark.parametrize("form", FORMATS)
    def test_an_unusable_file_is_named_with_its_reason(self, form: str) -> None:
        """It is no finding, and it is not passed over."""
        text = FORMATS[form](UNUSABLE)

        assert "bad.gz" in text
        assert "found a cat" in text
        assert UNUSABLE.report.exit_code == 2

    @pytest.mark.parametrize("form", FORMATS)
    def test_an_interrupted_check_says_so(self, form: str) -> None:
        """The report of what was read is not the report of everything."""
        assert "interrupted" in FORMATS[form](INTERRUPTED).lower()
        assert INTERRUPTED.report.exit_code == 130

    @pytest.mark.parametrize("form", FORMATS)
    def test_what_a_recording_says_cannot_steer_its_reader(self, form: str) -> None:
        """Escape sequences, line breaks and hidden characters are written out."""
        sly = "\x1b[2J\n::error::\u202egnol\x00"
        finding = attrs.evolve(
            ARCHIVED_RUNS, message=sly, expected=sly, thread_id=sly, event_id=sly
        )
        text = FORMATS[form](rendering(read(finding)))

        assert not set("\x1b\u202e\x00") & set(text)
        assert not any(line.startswith("::error::") for line in text.splitlines())

    @pytest.mark.parametrize("form", FORMATS)
    def test_it_ends_with_a_line_break(self, form: str) -> None:
        """And with one only."""
        assert re.search(r"[^\n]\n\Z", FORMATS[form](THREE))

    @pytest.mark.parametrize("form", FORMATS)
    def test_milder_findings_are_left_out_but_counted(self, form: str) -> None:
        """With level error, the warning and the note are only numbers."""
        text = FORMATS[form](attrs.evolve(THREE, level=Level.ERROR))

        assert "work-after-archive" in text or "TH003" in text
        assert "no usage" not in text
        assert "the answer is late" not in text


class TestPositions:
    """Where several events share a line, findings count events instead."""

    GIVEN: Final = rendering(attrs.evolve(read(ARCHIVED_RUNS), shape="array", counts="positions"))

    @pytest.mark.parametrize("form", ["text", "github", "junit", "sarif"])
    def test_the_event_is_named(self, form: str) -> None:
        """Not a line that it does not stand on."""
        text = FORMATS[form](self.GIVEN)

        assert "event 42" in text
        assert "event 12" in text
        assert not re.search(r"rec.jsonl:42|line=42|startLine|line 12", text)

    def test_programs_are_told_what_is_counted(self) -> None:
        """For each file."""
        assert json.loads(FORMATS["json"](self.GIVEN))["files"][0]["counts"] == "positions"


class TestText:
    """For people: one picture a finding, then a summary."""

    def test_a_finding_is_a_picture(self) -> None:
        """The value underlined, what was expected beside it, and below it why."""
        picture, _, _ = FORMATS["text"](rendering(read(ARCHIVED_RUNS))).partition("\n\n")

        assert picture.splitlines() == [
            "error[TH003]: the thread is `archived`, so it cannot become running here",
            "  --> rec.jsonl:42:24 (sevt_42, thread sthr_1, session sesn_1)",
            "   |",
            '42 | {"id":"sevt_42","type":"session.thread_status_running"}',
            f"   |                        {31 * '^'} nothing more of this thread",
            "   = because line 12: the thread was archived",
            "   = allowed from here: user.message, session.status_idle",
            "   = resync: the thread is taken to be running",
            "   = help: 2 more of the same cause at lines 43, 50",
            "   = rule: work-after-archive (lifecycle rule TH003)",
        ]

    def test_the_summary_counts_everything(self) -> None:
        """Findings by rule, what was read, and how to see what is not listed."""
        text = FORMATS["text"](attrs.evolve(THREE, level=Level.WARNING))

        assert text.splitlines()[-5:] == [
            "  TH003  1 error         work-after-archive",
            "  SE001  1 warning       rest-without-usage",
            "  SE002  1 note          late-answer",
            "100 events read in 1 file: 95 checked, 5 skipped (3 duplicated delivery, 2 preview) "
            "(anthropic dialect)",
            "1 error, 1 warning, 1 note (--level note shows them); 2 more folded under them",
        ]

    def test_a_clean_file_takes_two_lines(self) -> None:
        """What was read, and that nothing is wrong."""
        assert FORMATS["text"](rendering(read())).splitlines()[1:] == [
            "no errors, no warnings, no notes"
        ]

    @pytest.mark.parametrize("width", [80, 100, 140])
    def test_no_line_is_wider_than_asked(self, width: int) -> None:
        """Long records are cut around the value, long sentences are folded."""
        long = b'{"x":"' + b"a" * 500 + b'","type":"' + b"t" * 300 + b'","y":"' + b"b" * 500 + b'"}'
        finding = attrs.evolve(
            ARCHIVED_RUNS, message="m " * 90, expected="e " * 90, allowed=("user.message",) * 20
        )
        given = attrs.evolve(rendering(read(finding)), width=width, lines={("rec.jsonl", 42): long})
        lines = FORMATS["text"](given).splitlines()

        assert max(map(len, lines[: lines.index("")])) <= width
        assert any("^" * (width // 3) in line for line in lines)

    def test_a_label_wider_than_the_page_leaves_room(self) -> None:
        """On a very narrow page the words still come, a few a line."""
        finding = attrs.evolve(ARCHIVED_RUNS, allowed=("user.message", "user.interrupt"))
        text = FORMATS["text"](attrs.evolve(rendering(read(finding)), width=20))

        assert "user.interrupt" in text.replace("\n", "").replace(" ", "")

    def test_the_underline_stands_under_wide_characters(self) -> None:
        """Columns are cells, not bytes."""
        line = '{"note":"日本","type":"x"}'.encode()
        given = attrs.evolve(rendering(read(ARCHIVED_RUNS)), lines={("rec.jsonl", 42): line})
        shown, underlined = FORMATS["text"](given).splitlines()[3:5]

        assert underlined.index("^") == shown.index('"x"') + len("日本")

    def test_a_missing_value_is_shown_at_the_type(self) -> None:
        """An event that lacks its stop reason has a type to point at."""
        finding = attrs.evolve(ARCHIVED_RUNS, path=("stop_reason", "type"))

        assert ":42:24 " in FORMATS["text"](rendering(read(finding)))

    @pytest.mark.parametrize("line", [b"", b"{", b"\xff\xfe", b"[1,", b"null", b'"\x1b[2J"'])
    def test_a_broken_line_is_shown_as_it_is(self, line: bytes) -> None:
        """With what does not print written out."""
        given = attrs.evolve(rendering(read(ARCHIVED_RUNS)), lines={("rec.jsonl", 42): line})
        text = FORMATS["text"](given)

        assert "\n42 |" in text
        assert "nothing more of this thread" in text
        assert "\x1b" not in text

    def test_without_the_line_the_words_remain(self) -> None:
        """Standard input cannot be read twice."""
        text = FORMATS["text"](attrs.evolve(THREE, lines={}))

        assert "  --> rec.jsonl:42 (" in text
        assert "   = expected: nothing more of this thread" in text

    def test_a_flood_is_shown_in_part_and_counted(self) -> None:
        """Nobody reads ten thousand pictures; another rule's single finding is among the shown."""
        many = [attrs.evolve(ARCHIVED_RUNS, line=line) for line in range(1, 10_001)]
        text = FORMATS["text"](rendering(read(*many, NO_USAGE)))

        assert text.count("error[TH003]") == SHOWN
        assert text.count("warning[SE001]") == 1
        assert f"... and {10_000 - SHOWN} more of TH003, which --format json lists" in text
        assert "  TH003  10000 errors" in text

    def test_colour_only_repeats_the_words(self) -> None:
        """The styled text reads the same."""
        assert styled(THREE).plain == FORMATS["text"](THREE)


class TestJson:
    """For programs: one object."""

    def test_a_finding_has_all_that_a_rule_said(self) -> None:
        """Keys that tools rely on, and some more."""
        (finding, *_) = json.loads(FORMATS["json"](THREE))["findings"]

        assert finding == {
            "code": "TH003",
            "level": "error",
            "file": "rec.jsonl",
            "line": 42,
            "event_id": "sevt_42",
            "thread_id": "sthr_1",
            "deployment_id": None,
            "session": "sesn_1",
            "message": "the thread is `archived`, so it cannot become running here",
            "expected": "nothing more of this thread",
            "path": ["type"],
            "witness": [
                {
                    "file": "rec.jsonl",
                    "line": 12,
                    "event_id": "sevt_12",
                    "says": "the thread was archived",
                }
            ],
            "allowed": ["user.message", "session.status_idle"],
            "resync": "the thread is taken to be running",
            "followers": [
                {"code": "TH003", "line": 43, "message": "again"},
                {"code": "CA001", "line": 50, "message": "a call"},
            ],
        }

    def test_the_summary(self) -> None:
        """Counts of everything, and what could not be read."""
        both = rendering(
            read(ARCHIVED_RUNS, NO_USAGE), FileReport("bad.gz", unusable="no gzip"),
            level=Level.ERROR,
        )  # fmt: skip

        assert json.loads(FORMATS["json"](both))["summary"] == {
            "dialect": "anthropic",
            "files": 2,
            "events": 100,
            "records": 0,
            "checked": 95,
            "skipped": {"duplicated delivery": 3, "preview": 2},
            "unusable": [{"file": "bad.gz", "why": "no gzip"}],
            "errors": 1,
            "warnings": 1,
            "notes": 0,
            "followers": 2,
            "listed_from": "error",
            "interrupted": False,
            "ok": False,
        }


class TestSarif:
    """For code scanning: SARIF 2.1.0."""

    def run_of(self, given: Rendering) -> dict[str, Any]:
        """Return the only run, after a look at its structure."""
        log = json.loads(FORMATS["sarif"](given))
        assert log["version"] == "2.1.0"
        (run,) = log["runs"]
        rules = run["tool"]["driver"]["rules"]
        for result in run["results"]:
            assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
            assert result["level"] in {"error", "warning", "note"}
            assert result["message"]["text"]
            flows = [step["location"] for flow in result.get("codeFlows", [])
                     for thread in flow["threadFlows"] for step in thread["locations"]]  # fmt: skip
            for location in [*result["locations"], *result.get("relatedLocations", []), *flows]:
                physical = location["physicalLocation"]
                assert not re.match(r"/|\w+:", physical["artifactLocation"]["uri"])
                assert physical["region"]["startLine"] >= 1
        return dict(run)

    def test_the_value_is_a_region(self) -> None:
        """Columns count from one; the end is the column after."""
        run = self.run_of(THREE)
        region = run["results"][0]["locations"][0]["physicalLocation"]["region"]

        assert run["columnKind"] == "unicodeCodePoints"
        assert region == {
            "startLine": 42,
            "startColumn": 24,
            "endColumn": 55,
            "snippet": {"text": '"session.thread_status_running"'},
        }

    def test_the_witness_is_a_story(self) -> None:
        """The thread's flow runs from the cause to the finding."""
        (flow,) = self.run_of(THREE)["results"][0]["codeFlows"][0]["threadFlows"]
        steps = [
            (
                step["executionOrder"],
                step["location"]["physicalLocation"]["region"]["startLine"],
                step["location"]["message"]["text"],
            )
            for step in flow["locations"]
        ]

        assert flow["id"] == "sthr_1"
        assert steps == [(1, 12, "the thread was archived"), (2, 42, ARCHIVED_RUNS.message)]

    def test_followers_are_occurrences(self) -> None:
        """One fault, three events."""
        assert self.run_of(THREE)["results"][0]["occurrenceCount"] == 3

    def test_a_long_story_keeps_its_end(self) -> None:
        """Services keep only so many locations."""
        witness = tuple(Witness(line, None, f"event {line}") for line in range(1, 1001))
        finding = attrs.evolve(ARCHIVED_RUNS, line=2000, witness=witness)
        (flow,) = self.run_of(rendering(read(finding)))["results"][0]["codeFlows"][0]["threadFlows"]
        lines = [
            step["location"]["physicalLocation"]["region"]["startLine"]
            for step in flow["locations"]
        ]

        assert len(lines) <= 48
        assert lines[-2:] == [1000, 2000]

    def test_a_fingerprint_survives_a_move(self) -> None:
        """The line number is no part of it; two equal faults still differ."""
        moved = attrs.evolve(ARCHIVED_RUNS, line=99)
        twin = attrs.evolve(NO_USAGE, line=70)

        def prints(*findings: Finding) -> list[str]:
            results = self.run_of(rendering(read(*findings)))["results"]
            return [result["partialFingerprints"][FINGERPRINT] for result in results]

        assert prints(ARCHIVED_RUNS) == prints(moved)
        assert len(set(prints(NO_USAGE, twin, ARCHIVED_RUNS))) == 3

    def test_rules_have_their_pages(self) -> None:
        """A rule without findings, too: it was applied."""
        rules = {
            rule["id"]: rule for rule in self.run_of(rendering(read()))["tool"]["driver"]["rules"]
        }

        assert set(rules) == set(RULES)
        assert rules["TH003"]["defaultConfiguration"] == {"level": "error"}
        assert rules["TH003"]["help"]["markdown"] == RULES["TH003"].page()

    def test_the_run_says_what_it_could_not_do(self) -> None:
        """Unusable files are notifications of the tool, not results."""
        run = self.run_of(UNUSABLE)
        (invocation,) = run["invocations"]
        (note,) = invocation["toolExecutionNotifications"]

        assert invocation["executionSuccessful"] is False
        assert invocation["exitCode"] == 2
        assert note["message"]["text"] == "could not be read: expected gzip, found a cat"
        assert run["results"] == []

    def test_the_run_says_what_it_covered(self) -> None:
        """In its properties."""
        properties = self.run_of(THREE)["properties"]

        assert properties["eventsRead"] == 100
        assert properties["eventsChecked"] == 95
        assert properties["skipped"] == {"duplicated delivery": 3, "preview": 2}

    @pytest.mark.parametrize(
        ("path", "uri"),
        [("-", "stdin"), ("a b/c:d.jsonl", "a%20b/c%3Ad.jsonl"), ("über.jsonl", "%C3%BCber.jsonl")],
    )
    def test_paths_are_relative_references(self, path: str, uri: str) -> None:
        """Escaped as such."""
        finding = attrs.evolve(NO_USAGE, file=path)
        (result,) = self.run_of(rendering(read(finding, path=path)))["results"]

        assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == uri


class TestGithub:
    """For GitHub's annotations, of which it keeps ten of a kind."""

    def test_an_annotation_says_where_and_why(self) -> None:
        """Line breaks are escaped, and so is what would end a property."""
        finding = attrs.evolve(ARCHIVED_RUNS, file="a,b:c.jsonl")
        (command,) = commands(FORMATS["github"](rendering(read(finding))), "error")

        assert command == (
            "::error file=a%2Cb%3Ac.jsonl,line=42,title=TH003 work-after-archive::"
            "the thread is `archived`, so it cannot become running here%0A"
            "because line 12: the thread was archived%0A"
            "expected: nothing more of this thread%0A"
            "2 more of the same cause follow"
        )

    def test_every_rule_has_its_turn(self) -> None:
        """Fifty findings of one rule do not hide the one of another."""
        many = [attrs.evolve(ARCHIVED_RUNS, line=line) for line in range(1, 51)]
        other = attrs.evolve(ARCHIVED_RUNS, code="ZZ001", line=99)
        text = FORMATS["github"](rendering(read(*many, other)))

        assert len(commands(text, "error")) == KEPT
        assert sum("ZZ001" in line for line in commands(text, "error")) == 1
        assert "41 findings withheld here" in commands(text, "notice")[-1]

    def test_the_coverage_has_its_place_among_the_notices(self) -> None:
        """Ten notices are kept, and it is the tenth."""
        many = [attrs.evolve(LATE, line=line) for line in range(1, 51)]
        notices = commands(FORMATS["github"](rendering(read(*many))), "notice")

        assert len(notices) == KEPT
        assert "95 checked, 5 skipped (3 duplicated delivery, 2 preview)" in notices[-1]


class TestJunit:
    """For test reports: a suite for each file, a case for each thread."""

    def test_a_thread_without_errors_has_passed(self) -> None:
        """Warnings and notes are output of the session's case."""
        (suite,) = ET.fromstring(FORMATS["junit"](THREE)).findall("testsuite")
        failed = [case.get("name") for case in suite if case.find("failure") is not None]

        assert [case.get("name") for case in suite.findall("testcase")] == [
            "session", "sthr_1", "sthr_2",
        ]  # fmt: skip
        assert failed == ["sthr_1"]
        assert "no usage" in (suite.findtext("testcase/system-out") or "")

    def test_the_counts_add_up(self) -> None:
        """Of the suite and of the whole."""
        root = ET.fromstring(FORMATS["junit"](THREE))
        counts = {"tests": "3", "failures": "1", "errors": "0", "skipped": "0"}

        assert {name: root.get(name) for name in counts} == counts
        assert {name: root[0].get(name) for name in counts} == counts

    def test_nothing_checked_is_an_error(self) -> None:
        """A suite without cases would pass."""
        assert ET.fromstring(FORMATS["junit"](NOTHING)).get("errors") == "1"

    def test_very_many_threads_are_one_case(self) -> None:
        """A report of a million cases helps nobody; the finding stays."""
        root = ET.fromstring(FORMATS["junit"](rendering(read(ARCHIVED_RUNS, threads=5000))))

        assert root.get("tests") == "1"
        assert root.get("failures") == "1"
