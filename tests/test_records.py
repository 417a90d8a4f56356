"""Deployments, their runs and webhooks: how they are read, what is found in them, and what is not.

The rules' own pages are tested with all others (`test_rules`).
"""

from __future__ import annotations

import gzip
import io
import json
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import pytest
from click.testing import CliRunner, Result
from histories import histories
from hypothesis import given, strategies as st
from reading import read as read_all
from witnesses import as_read, breach
from wrapping import array, lines, page

import lifecycle
from lifecycle.check import FileReport, Finding, Level, RecordMonitor, Report, check_paths
from lifecycle.check.formats import FORMATS, Rendering
from lifecycle.check.rules import RULES
from lifecycle.check.shorthand import events
from lifecycle.cli import main
from lifecycle.events import Deployment, DeploymentRun, PausedBy, Webhook
from lifecycle.wire.readers import BadLine, Item, Recorded, Unusable, open_recording
from lifecycle.wire.structure import structure_resource

RECORDINGS: Final = Path(__file__).parent / "recordings"
VALID: Final = RECORDINGS / "valid" / "deployments"
BROKEN: Final = RECORDINGS / "broken" / "deployments"
LIFE: Final = VALID / "a-whole-life.jsonl"
EXAMPLE: Final = BROKEN / "example-of-a-page.json"

Json = dict[str, Any]

FAULTS: Final[dict[str, tuple[int, str]]] = {
    "active-with-a-reason": (17, "DP001"),
    "paused-without-a-reason": (13, "DP001"),
    "archived-and-paused": (27, "DP002"),
    "archived-with-runs-to-come": (27, "DP003"),
    "paused-by-a-rate-limit": (22, "DP004"),
    "too-many-first-events": (2, "DP007"),
    "comes-back": (28, "DP010"),
    "changes-after-its-end": (28, "DP011"),
    "created-twice": (24, "DP012"),
    "six-fields": (2, "DS001"),
    "both-days": (2, "DS001"),
    "six-upcoming-runs": (10, "DS003"),
    "nothing-upcoming": (17, "DS004"),
    "upcoming-leaves-one-out": (10, "DS005"),
    "last-run-moves-back": (22, "DS006"),
    "last-run-by-hand": (17, "DS007"),
    "run-with-both": (7, "DR001"),
    "run-with-neither": (9, "DR002"),
    "run-within-a-minute": (9, "DR003"),
    "run-ahead-of-its-time": (9, "DR010"),
    "run-is-late": (9, "DR011"),
    "run-forgets-its-session": (28, "DR007"),
    "occurrence-runs-twice": (7, "DR008"),
    "run-while-paused": (15, "DR013"),
    "run-after-the-end": (28, "DR012"),
    "pause-names-another-error": (22, "DP013"),
    "webhook-says-two-things": (14, "DW001"),
    "run-succeeded-and-failed": (28, "DW003"),
    "unpaused-after-its-end": (28, "DW005"),
}
"""What is found in each broken history: the line, and the rule."""


def read(data: bytes) -> list[Item]:
    """Return what a recording holds, records too."""
    return read_all(data, records=True)


def recorded(name: str) -> list[Json]:
    """Return the records of a history, one JSON object a line."""
    text = (BROKEN / f"{name}.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def found(records: Sequence[Json], dialect: str = "anthropic", **how: Any) -> list[Finding]:
    """Return what is found in *records*."""
    monitor = RecordMonitor(dialect, **how)
    for record in records:
        monitor.feed(record)
    monitor.end()
    return monitor.findings


def told(text: str, dialect: str = "anthropic", **how: Any) -> list[tuple[int, str]]:
    """Return lines and codes of what is found in the records that a shorthand stands for."""
    return [(one.line, one.code) for one in found(events(text), dialect, **how)]


def checked(*paths: Path, **how: Any) -> Report:
    """Return the report of some files."""
    return check_paths([str(path) for path in paths], **how)


class TestReading:
    """Whatever has the shape of a recording may hold records."""

    LIFE: Final = [json.loads(line) for line in LIFE.read_text(encoding="utf-8").splitlines()]

    @pytest.mark.parametrize(
        "data",
        [
            pytest.param(lines(LIFE), id="lines"),
            pytest.param(array(LIFE), id="array"),
            pytest.param(page(LIFE), id="page"),
            pytest.param(page(LIFE[:9]) + b"\n" + page(LIFE[9:]), id="two pages"),
            pytest.param(json.dumps(LIFE, indent=2).encode(), id="array over lines"),
            pytest.param(b"\n".join(json.dumps(r, indent=1).encode() for r in LIFE), id="objects"),
            pytest.param(gzip.compress(lines(LIFE)), id="gzip"),
            pytest.param(
                lines([{"seq": n, "type": r["type"], "data": r} for n, r in enumerate(LIFE)]),
                id="envelopes",
            ),
        ],
    )
    def test_every_shape(self, data: bytes) -> None:
        """All of them come, in their order, and whole."""
        items = [item for item in read(data) if isinstance(item, Recorded)]

        assert [item.record for item in items] == [structure_resource(r) for r in self.LIFE]

    def test_one_document(self) -> None:
        """What reading one deployment returned."""
        (item,) = read(json.dumps(self.LIFE[1], indent=2).encode())

        assert isinstance(item, Recorded)
        assert isinstance(item.record, Deployment)

    def test_each_type_is_a_class(self) -> None:
        """A webhook's type is the envelope's; what happened stands in its data."""
        items = [item for item in read(lines(self.LIFE)) if isinstance(item, Recorded)]

        assert {type(item.record) for item in items} == {Deployment, DeploymentRun, Webhook}

    def test_parts_of_a_record_are_classes_too(self) -> None:
        """Null and absent stay apart in them, and what nobody knows is kept."""
        plain = {"type": "deployment", "paused_reason": {"type": "error", "odd": 1}}
        made = structure_resource(plain)

        assert isinstance(made, Deployment)
        assert made.paused_reason == PausedBy(type="error", extra={"odd": 1})
        assert not made.archived_at

    def test_events_beside_them(self) -> None:
        """Each item is what it is, whichever comes first."""
        event = {"type": "session.status_running", "id": "sevt_1"}

        for story in ([event, self.LIFE[4]], [self.LIFE[4], event]):
            kinds = {isinstance(item, Recorded) for item in read(lines(story))}
            assert kinds == {True, False}

    def test_readers_of_events_refuse_them(self) -> None:
        """A timeline of a deployment there is not."""
        for record in (self.LIFE[1], self.LIFE[4], self.LIFE[0]):
            with pytest.raises(Unusable, match="which is no event"):
                open_recording(io.BytesIO(lines([record])))

    def test_an_event_envelope_without_data_is_no_webhook(self) -> None:
        """Others use the word `event`, too."""
        with pytest.raises(Unusable, match=r"deployments, their runs or webhooks.*type 'event'"):
            read(lines([{"type": "event", "name": "click"}]))

    def test_a_value_of_the_wrong_kind_is_left_out(self) -> None:
        """The path says where; the rest is there."""
        bad = {**self.LIFE[1], "vault_ids": ["vlt_1", 5], "archived_at": 7}
        (item,) = read(lines([bad]))

        assert isinstance(item, Recorded)
        assert isinstance(item.record, Deployment)
        assert "vault_ids[1]: expected a string, found a whole number" in item.misfit
        assert "archived_at: expected a string, found a whole number" in item.misfit
        assert item.record.name == "Harbour morning report"
        assert [f.code for f in found([bad])] == ["RC004"]

    def test_a_value_that_events_have_otherwise_does_not_hide_it(self) -> None:
        """An event's name is a string; this record's is not, and it is a record all the same."""
        (item,) = read(lines([{**self.LIFE[1], "name": {}}]))

        assert isinstance(item, Recorded)
        assert item.path == ("name",)

    def test_a_type_that_is_no_word(self) -> None:
        """It is looked past, wherever it stands."""
        for story in ([{"type": []}, self.LIFE[4]], [self.LIFE[4], {"type": {}, "data": {}}]):
            assert {type(item) for item in read(lines(story))} == {BadLine, Recorded}

    def test_a_broken_line_among_them(self) -> None:
        """It is found, and the records around it are checked."""
        data = lines(self.LIFE[:5]) + b'{"type": "deployment_r\n' + lines(self.LIFE[5:])

        assert [item.line for item in read(data) if isinstance(item, BadLine)] == [6]


class TestRecordings:
    """The histories that are shipped."""

    @pytest.mark.parametrize("path", sorted(VALID.iterdir()), ids=lambda path: path.name)
    def test_a_valid_history_is_clean(self, path: Path) -> None:
        """Nothing is found, not even a note, and everything was checked."""
        report = checked(path, dialect="qoder" if "qoder" in path.name else "anthropic")

        assert [(f.line, f.code) for f in report.findings] == []
        assert report.checked == report.read > 0
        assert report.records

    @pytest.mark.parametrize("name", FAULTS)
    def test_a_broken_history_has_one_finding(self, name: str) -> None:
        """Where it breaks."""
        report = checked(BROKEN / f"{name}.jsonl")

        assert [(f.line, f.code) for f in report.findings] == [FAULTS[name]]

    @pytest.mark.parametrize("name", FAULTS)
    def test_what_is_found_obeys_the_law_of_witnesses(self, name: str) -> None:
        """The witness and the flagged record alone show it, and nothing less does."""
        items = as_read(recorded(name))
        (finding,) = found(recorded(name))

        assert breach(items, finding, "anthropic") == ""

    def test_an_example_of_a_page_contradicts_itself_three_times(self) -> None:
        """Archived with runs to come, active with a reason to be paused, on no real schedule."""
        codes = [f.code for f in checked(EXAMPLE).findings]

        assert codes == ["DP001", "DP003", "DS001"]

    @pytest.mark.parametrize(
        ("change", "left"),
        [
            ({"paused_reason": None}, ["DP003", "DS001"]),
            ({"archived_at": None, "status": "paused"}, ["DS001"]),
            ({"paused_reason": None, "schedule": None}, []),
            ({"archived_at": None, "status": "paused", "schedule": None}, []),
        ],
    )
    def test_an_example_that_agrees_with_itself_passes(self, change: Json, left: list[str]) -> None:
        """Each contradiction that is mended is gone, and nothing else comes."""
        example = json.loads(EXAMPLE.read_text(encoding="utf-8"))

        assert [f.code for f in found([example | change])] == left

    def test_the_readme_names_the_same_lines(self) -> None:
        """The two tables tell of the same files."""
        readme = (RECORDINGS / "README.md").read_text(encoding="utf-8")
        section = readme.split("## broken/deployments")[1]
        rows = re.findall(r"^\| `([\w-]+)\.jsonl` \| (\d+) \|", section, re.MULTILINE)

        assert {name: int(line) for name, line in rows} == {n: at for n, (at, _) in FAULTS.items()}

    def test_every_shipped_history_is_in_a_table(self) -> None:
        """A new one is to be added above."""
        assert {path.stem for path in BROKEN.iterdir()} == {*FAULTS, EXAMPLE.stem}


class TestLaws:
    """What holds for every history, as a service that keeps the rules records it."""

    @given(histories())
    def test_a_whole_history_is_clean(self, history: list[Json]) -> None:
        """No error, no warning, no note."""
        assert [(f.line, f.code) for f in found(history)] == []

    @given(st.data())
    def test_order_does_not_matter(self, data: st.DataObject) -> None:
        """Pages are newest first, and webhooks come in no order."""
        history = data.draw(st.permutations(data.draw(histories())))

        assert [(f.line, f.code) for f in found(history)] == []

    @given(st.data())
    def test_what_is_missing_is_no_error(self, data: st.DataObject) -> None:
        """Whatever part of a history was recorded, however often; a warning may rest on a gap."""
        history = data.draw(histories())
        some = data.draw(st.lists(st.sampled_from(history))) if history else []
        findings = found(some)

        assert [(f.line, f.code) for f in findings if f.level is Level.ERROR] == []
        assert all(RULES[f.code].absence for f in findings)
        assert [f.code for f in found(some, partial=True)] == []

    @pytest.mark.parametrize("name", FAULTS)
    @given(data=st.data())
    def test_a_fault_is_found_in_whatever_order(self, name: str, data: st.DataObject) -> None:
        """Which of two records is flagged may depend on it, not that one is."""
        history = data.draw(st.permutations(recorded(name)))

        assert Counter(f.code for f in found(history)) == Counter([FAULTS[name][1]])

    @given(st.data())
    def test_it_does_not_matter_how_it_is_cut_into_files(self, data: st.DataObject) -> None:
        """What several files show together is what one file shows."""
        name = data.draw(st.sampled_from(sorted(FAULTS)))
        records = as_read(recorded(name))
        monitor = RecordMonitor()
        for record in records:
            assert isinstance(record, Recorded)
            monitor.feed(record, file=f"{data.draw(st.integers(0, 2))}.jsonl")
        monitor.end()

        assert [(f.line, f.code) for f in monitor.findings] == [FAULTS[name]]


TIMES: Final = (
    None, "", "yesterday", "2026-03-02", "2026-03-02T09:00:00", "2026-03-02T09:00:00Z",
    "2026-03-02t09:00:00.123456789z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z",
    "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "2026-03-02T09:00:00+25:00",
)  # fmt: skip
ODD: Final[st.SearchStrategy[Any]] = st.sampled_from(
    [None, True, 5, "x", "paused", "active", "error", "manual", [], {}]
)


@st.composite
def odd_records(draw: st.DrawFn) -> Json:
    """Records in which anything may stand anywhere."""
    made = draw(
        st.sampled_from(
            events(
                'deployment paused unknown_error schedule="0 9 * * *" upcoming=09:00,2d09:00\n'
                "deployment_run r1 schedule 09:00 error=unknown_error\n"
                "webhook deployment_run.failed r1\nwebhook deployment.archived depl_1"
            )
        )
    )
    record: Json = json.loads(json.dumps(made))
    for _ in range(draw(st.integers(0, 5))):
        within = record
        while True:
            name = draw(st.sampled_from(sorted(within)))
            if not isinstance(within[name], dict) or not within[name] or draw(st.booleans()):
                break
            within = within[name]
        is_time = name.endswith("_at") or name == "timezone"
        value = draw(st.sampled_from(TIMES) if is_time else ODD)
        within[name] = [value, value] if name == "upcoming_runs_at" else value
    return record


class TestOddities:
    """What no service sends stops nobody."""

    @given(st.lists(odd_records(), max_size=6), st.sampled_from(["anthropic", "qoder"]))
    def test_whatever_stands_in_a_record(self, records: list[Json], dialect: str) -> None:
        """It is read or refused line by line, and what is found can be written."""
        report = lifecycle.check(records, dialect)

        assert report.read == len(records)
        for form in FORMATS.values():
            assert form(Rendering(report, RULES))

    def test_a_note_of_who_recorded_it_is_no_change(self) -> None:
        """Fields that nobody knows are not compared."""
        for text in ("deployment_run r1", "webhook deployment.paused depl_1 id=w1"):
            one, two = events(f"{text} read_by=a at=12:00\n{text} read_by=b at=12:00")

            assert found([one, two]) == []


class TestFiles:
    """Several files, and what is mixed in them."""

    def test_files_of_one_deployment_are_read_together(self, tmp_path: Path) -> None:
        """The witness stands in the other file, which is named."""
        records = recorded("run-after-the-end")
        for name, kind in (("deployments", "deployment"), ("runs", "deployment_run")):
            part = [record for record in records if record["type"] == kind]
            (tmp_path / f"{name}.json").write_bytes(page(part[::-1]))
        report = checked(tmp_path)

        (finding,) = report.findings
        assert (finding.code, Path(finding.file).name) == ("DR012", "runs.json")
        assert [Path(one.file or "").name for one in finding.witness] == ["deployments.json"]
        for form in FORMATS.values():
            assert "deployments.json" in form(Rendering(report, RULES, width=1000))

    def test_each_alone_is_clean(self, tmp_path: Path) -> None:
        """What takes both is not said of one."""
        records = recorded("run-after-the-end")
        path = tmp_path / "runs.jsonl"
        path.write_bytes(lines([r for r in records if r["type"] == "deployment_run"]))

        assert [f.code for f in checked(path).findings if f.level is not Level.NOTE] == []

    def test_the_same_report_whatever_the_jobs(self, tmp_path: Path) -> None:
        """Processes hand over what is kept of the records."""
        for number, record in enumerate(recorded("comes-back")):
            (tmp_path / f"{number:02}.jsonl").write_bytes(lines([record]))
        one, two = checked(tmp_path), checked(tmp_path, jobs=2)

        assert [f.code for f in one.findings] == ["DP010"]
        assert one.findings == two.findings

    def test_many_deployments_in_one_file(self, tmp_path: Path) -> None:
        """Their records have nothing to do with each other."""
        path = tmp_path / "all.jsonl"
        names = ("comes-back", "run-after-the-end", "occurrence-runs-twice")
        path.write_bytes(
            lines([r for row in zip(*map(recorded, names), strict=False) for r in row])
        )
        codes = {f.code: f.deployment_id for f in checked(path).findings}

        assert set(codes) <= {"DP010", "DR012", "DR008"}
        assert len(set(codes.values())) == len(codes) > 0

    def test_a_list_of_events_beside_records(self) -> None:
        """The list is checked as ever, and its lines are its own."""
        path = VALID / "run-and-its-session.jsonl"
        text = path.read_text(encoding="utf-8").splitlines()
        swapped = [json.loads(line) for line in [text[0], text[2], text[1], *text[3:]]]
        report = lifecycle.check(swapped)

        assert {f.code for f in report.findings} == {"DL002"}
        assert [f.line for f in report.findings] == [3]
        assert (report.files[0].sessions, len(report.records)) == (1, 1)

    def test_sessions_by_their_key_beside_records(self, tmp_path: Path) -> None:
        """Records have no key, and need none."""
        path = tmp_path / "all.jsonl"
        many = (RECORDINGS / "valid" / "many-sessions.jsonl").read_bytes()
        path.write_bytes(LIFE.read_bytes() + many)
        report = checked(path, session_key="session_id")

        assert (report.files[0].sessions, len(report.records)) == (3, 27)
        assert report.skipped == {}
        assert checked(LIFE, session_key="session_id").ok

    @pytest.mark.parametrize("empty", [b'{"data": [], "has_more": false}', b"[]", b"[\n]\n"])
    def test_an_empty_page_is_the_end_of_many(self, tmp_path: Path, empty: bytes) -> None:
        """It fails nothing beside it, and by itself nothing was checked."""
        last = tmp_path / "page-2.json"
        last.write_bytes(empty)
        assert (checked(last).exit_code, checked(last).passed_over) == (2, {"an empty list": 1})

        (tmp_path / "page-1.json").write_bytes(page([json.loads(LIFE.read_text().splitlines()[1])]))
        report = checked(tmp_path)

        assert (report.exit_code, report.checked) == (0, 1)
        assert "passed over: 1 x an empty list" in FORMATS["text"](Rendering(report, RULES))

    def test_a_list_that_is_cut_off_is_none_that_is_empty(self, tmp_path: Path) -> None:
        """It cannot be used."""
        (tmp_path / "page.json").write_bytes(b'{"data": [')

        assert "found no object" in (checked(tmp_path).files[0].unusable or "")

    def test_junit_counts_events_and_records_apart(self, tmp_path: Path) -> None:
        """What was read and what was checked are of the same kind."""
        path = tmp_path / "both.jsonl"
        path.write_bytes(lines([{"type": "session.status_idle", "id": "e"}]) + LIFE.read_bytes())
        text = FORMATS["junit"](Rendering(checked(path), RULES))
        counts = dict(re.findall(r'<property name="([\w.]+)" value="(\d+)"', text))

        assert counts == {
            "events.read": "1", "events.checked": "1",
            "records.read": "27", "records.checked": "27",
        }  # fmt: skip

    def test_lines_that_cannot_be_read_are_counted_in_words(self, tmp_path: Path) -> None:
        """One line, two lines."""
        path = tmp_path / "broken.jsonl"
        for broken, told in ((1, "1 unreadable line)"), (2, "2 unreadable lines)")):
            path.write_bytes(LIFE.read_bytes() + b"oops\n" * broken)
            assert told in FORMATS["text"](Rendering(checked(path), RULES))

    def test_a_clean_report_of_records_alone(self) -> None:
        """They are counted as what they are."""
        report = checked(LIFE)
        text = FORMATS["text"](Rendering(report, RULES))

        assert "27 records read in 1 file: 27 checked, 0 skipped" in text
        assert report.exit_code == 0


class TestSingle:
    """Single facts, beyond the examples of the rules' pages."""

    def test_what_is_left_out_is_not_held_against_it(self) -> None:
        """A record with next to nothing in it contradicts nothing."""
        bare = [{"type": "deployment"}, {"type": "deployment", "id": "d", "status": "paused"}]

        assert found(bare) == []

    def test_a_run_that_leaves_both_out_is_not_said_to_have_neither(self) -> None:
        """An export may be trimmed; only null says that nothing is there."""
        bare = {"type": "deployment_run", "id": "r"}

        assert found([bare]) == found([bare | {"session_id": None}]) == []
        assert [f.code for f in found([bare | {"session_id": None, "error": None}])] == ["DR002"]

    @pytest.mark.parametrize(
        "expression", ["@daily", "0 9 * *", "0 9 * * * 2027", "0 9 L * *", "61 * * * *", "x",
                       "0 0 31 2 *", "0 0 1 * 1"]
    )  # fmt: skip
    def test_a_refused_expression_is_an_error(self, expression: str) -> None:
        """Documented or recorded; in Qoder's dialect nobody knows, so it is a warning."""
        text = f'deployment schedule="{expression}"'

        assert told(text) == [(1, "DS001")]
        assert told(text, "qoder") == [(1, "DS002")]

    @pytest.mark.parametrize(
        "rest", ['"0 9 * JAN *"', '"0 9 * * 5-1"', '"0 9/5 * * *"', '"0 9 * * *\\n"',
                 '"0 9 * * *" zone=Mars/Olympus', '"0 9 * * *" zone=utc']
    )  # fmt: skip
    def test_an_expression_that_a_service_may_accept_is_a_warning(self, rest: str) -> None:
        """Its reader may be kinder than ours, and its zones newer."""
        assert told(f"deployment schedule={rest}") == [(1, "DS002")]

    def test_a_leap_day_is_never_refused(self) -> None:
        """Whether it comes within a year depends on when it was created."""
        assert told('deployment schedule="0 0 29 2 *" upcoming=[]') == [(1, "DS004")]
        assert told('deployment schedule="0 0 29 2 *"') == []

    def test_both_of_a_repeated_time_are_occurrences(self) -> None:
        """The night the clock goes back lists two runs an hour apart."""
        text = (
            'deployment schedule="30 1 * * *" zone=America/New_York schedule.upcoming_runs_at='
            '["2026-11-01T05:30:00Z","2026-11-01T06:30:00Z","2026-11-02T06:30:00Z"]'
        )

        assert told(text) == []
        assert told(text.replace('"2026-11-01T06:30:00Z",', "")) == [(1, "DS005")]

    def test_times_are_instants(self) -> None:
        """A reading may write the same time with another offset, or without fractions."""
        text = """
            deployment active archived=2026-03-02T09:00:00.418Z updated=2026-03-02T09:00:00.418Z
            deployment active archived=2026-03-02T10:00:00+01:00 updated=2026-03-02T11:00:00+01:00
        """

        assert told(text) == []

    def test_two_readings_of_one_update_are_in_no_order(self) -> None:
        """Nothing is said of which was first."""
        text = """
            deployment active archived=09:00 updated=09:00
            deployment active updated=09:00
        """

        assert told(text) == []

    def test_a_run_may_be_late_by_what_its_schedule_allows(self) -> None:
        """Where two schedules are known, and one of them has not the occurrence, by 9 minutes."""
        late = "deployment_run schedule 09:00 at=09:05"
        often = 'deployment schedule="*/10 * * * *" updated=08:00'
        other = 'deployment schedule="30 4 * * *" updated=07:00'

        assert told(f"{often}\n{late}") == [(2, "DR011")]
        assert told(f"{often}\n{other}\n{late}") == []
        assert told(late) == []
        assert told("deployment_run schedule 09:00 at=09:11") == [(1, "DR011")]

    def test_a_fire_that_was_on_its_way_is_left_alone(self) -> None:
        """Within a minute of the end."""
        ended = "deployment active archived=08:59:30 updated=08:59:30"

        assert told(f"{ended}\ndeployment_run schedule 09:00") == []
        assert told(f"{ended}\ndeployment_run schedule 09:01") == [(2, "DR012")]
        ended = "deployment active archived=08:59 updated=08:59"
        assert told(f"{ended}\ndeployment_run schedule 09:00") == []
        ended = "webhook deployment.archived depl_1 at=08:59:30"
        assert told(f"{ended}\ndeployment_run schedule 09:00") == []
        assert told(f"{ended}\ndeployment_run schedule 09:01") == [(2, "DR016")]

    def test_a_pause_by_hand_ends_with_a_reading_that_shows_it(self) -> None:
        """The webhook that it was unpaused got lost."""
        paused = "webhook deployment.paused depl_1 at=08:00"
        active = "deployment active updated=08:30"
        run = "deployment_run schedule 09:00"

        assert told(f"{paused}\n{run}") == [(2, "DR013")]
        assert told(f"{paused}\n{active}\n{run}") == []
        assert told(f"{paused}\n{run}", partial=True) == []

    def test_an_error_that_may_or_may_not_pause_is_no_sign(self) -> None:
        """Only what is documented to pause is held against the next run."""
        text = """
            deployment_run r1 schedule 09:00 error=session_creation_rejected_error
            deployment_run r2 schedule 10:00 error=session_rate_limited_error
            deployment_run r3 schedule 11:00
        """

        assert told(text) == []

    def test_a_failed_run_by_hand_pauses_nothing(self) -> None:
        """Whatever its error."""
        text = """
            deployment_run r1 manual error=vault_archived_error
            deployment_run r2 schedule 13:00
        """

        assert told(text) == []

    def test_qoders_errors_are_not_known_to_pause(self) -> None:
        """Its client has the types, and its pages pause by hand only."""
        text = """
            deployment_run r1 schedule 09:00 error=vault_archived_error
            deployment_run r2 schedule 10:00
        """

        assert told(text, "qoder") == []

    def test_webhooks_about_sessions_are_compared_with_themselves(self) -> None:
        """One id, one body; nothing else is known of them here."""
        one = "webhook session.status_idled sesn_1 id=w"

        assert told(f"{one}\n{one} at=12:00") == []
        assert told(f"{one}\nwebhook session.status_idled sesn_2 id=w") == [(2, "DW001")]

    def test_outcomes_without_their_run(self) -> None:
        """Two webhooks suffice; where the run is known, it says which of them is wrong."""
        both = "webhook deployment_run.succeeded r1\nwebhook deployment_run.failed r1"

        assert told(both) == [(2, "DW002")]
        assert told(f"deployment_run r1 schedule 09:00\n{both}") == [(3, "DW003")]


class TestDoors:
    """From Python, and from the command line."""

    def test_records_and_events_at_hand(self) -> None:
        """As objects, or as classes."""
        run = DeploymentRun(id="drun_1", session_id=None, error=None)
        other = {"type": "deployment_run", "id": "drun_2", "session_id": None, "error": None}
        report = lifecycle.check([run, other])

        assert [(f.line, f.code) for f in report.findings] == [(1, "DR002"), (2, "DR002")]

    def test_what_one_record_shows_is_said_at_once(self) -> None:
        """What takes several, at the end."""
        monitor = RecordMonitor()
        records = events("deployment_run r1 session=null\ndeployment_run r1 session=s2")

        assert [f.code for f in monitor.feed(records[0])] == ["DR002"]
        assert monitor.feed(records[1]) == []
        assert [f.code for f in monitor.end()] == ["DR007"]
        assert [f.code for f in monitor.findings] == ["DR002", "DR007"]

    def test_an_event_is_no_record(self) -> None:
        """It has a monitor of its own."""
        with pytest.raises(TypeError, match="a deployment, a run of one, or a webhook"):
            RecordMonitor().feed({"type": "session.status_running"})

    def test_rules_are_selected(self) -> None:
        """By code and by family, as any."""
        example = str(EXAMPLE)

        assert [f.code for f in check_paths([example], select=["DS"]).findings] == ["DS001"]
        assert [f.code for f in check_paths([example], ignore=["DS", "DP001"]).findings] == [
            "DP003"
        ]

    def test_no_rule_of_records_is_asked_of_events(self) -> None:
        """Nor the other way round: what a rule is about stands on its page."""
        subjects = {code[:2]: one.subject for code, one in RULES.items()}

        assert {f for f, subject in subjects.items() if subject == "records"} == {
            "DP", "DR", "DS", "DW"
        }  # fmt: skip
        assert "about records" in RULES["DP001"].page()

    @pytest.mark.parametrize("form", FORMATS)
    def test_every_format_says_what_is_wrong(self, form: str) -> None:
        """The rule, the record and its deployment."""
        report = checked(BROKEN / "run-after-the-end.jsonl")
        (finding,) = report.findings
        text = FORMATS[form](Rendering(report, RULES))

        assert finding.deployment_id
        for said in ("DR012", finding.message):
            assert said in text
        assert finding.deployment_id in text or form == "github"

    def test_json_has_it_all(self) -> None:
        """The deployment, and the file of every witness."""
        path = BROKEN / "comes-back.jsonl"
        body = json.loads(FORMATS["json"](Rendering(checked(path), RULES)))
        (finding,) = body["findings"]

        assert finding["deployment_id"] == finding["event_id"] != ""
        assert [(one["file"], one["line"]) for one in finding["witness"]] == [(str(path), 27)]
        assert (body["summary"]["events"], body["summary"]["records"]) == (0, 28)

    def test_junit_has_a_case_for_each_deployment(self) -> None:
        """So that one without errors is a passed test."""
        text = FORMATS["junit"](Rendering(checked(VALID / "three-deployments.page.json"), RULES))

        assert text.count("<testcase") == 1 + 3
        assert 'name="records"' in text

    def test_the_value_is_underlined(self) -> None:
        """Columns are those of the line."""
        result = command("check", str(BROKEN / "run-with-both.jsonl"))

        assert result.exit_code == 1
        assert "run-with-both.jsonl:7:" in result.output
        assert "null, for it has a session" in result.output

    def test_standard_input(self) -> None:
        """An answer of the service, straight from there."""
        result = command("check", "-", stdin=EXAMPLE.read_bytes())

        assert result.exit_code == 1
        assert "error[DP001]" in result.output

    def test_no_timeline_of_a_deployment(self) -> None:
        """The sentence says what it is."""
        result = command("show", str(LIFE))

        assert result.exit_code == 2
        assert "a webhook, which is no event" in result.output

    def test_an_empty_report_has_no_records(self) -> None:
        """A file that could not be read has none."""
        assert Report([FileReport("x", unusable="gone")]).records == []


def command(*args: str, stdin: bytes | None = None) -> Result:
    """Run the command line."""
    return CliRunner().invoke(main, args, input=stdin)
