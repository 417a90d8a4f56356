"""The monitor over whole recordings: the good ones pass, the broken ones are found at their break.

What is broken, and on which line, is the table of `recordings/README.md`; which rule finds it is
the table below.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Final

import pytest
from corpus import described, folder, real_and_complete, recording, shipped
from mutants import mutants
from witnesses import breach, found, numbered

from lifecycle.check import Finding, Level, Monitor, check_paths
from lifecycle.check.rules import RULES
from lifecycle.check.shorthand import events
from lifecycle.wire.bulk import Seen, seen
from lifecycle.wire.readers import BadLine, Skipped, open_recording

RECORDINGS: Final = Path(__file__).parent / "recordings"

VALID: Final = sorted(
    path.name
    for path in (RECORDINGS / "valid").glob("*.jsonl")
    if path.name != "many-sessions.jsonl"
)

FAULTS: Final[dict[str, tuple[int, str]]] = {
    "running-twice.jsonl": (17, "TH001"),
    "session-runs-twice.jsonl": (24, "SE001"),
    "session-idle-unled.jsonl": (37, "SE004"),
    "session-runs-alone.jsonl": (14, "SE002"),
    "idle-without-usage.jsonl": (37, "SE005"),
    "idle-without-stop-reason.jsonl": (36, "FI001"),
    "idle-with-open-call.jsonl": (32, "TH009"),
    "after-terminated.jsonl": (8, "SE008"),
    "primary-thread-terminated.jsonl": (7, "TH004"),
    "answer-before-ask.jsonl": (7, "CA011"),
    "asks-unanswered-then-running.jsonl": (13, "TH006"),
    "ask-result-before-confirmation.jsonl": (22, "CA003"),
    "denied-call-ran.jsonl": (15, "CA004"),
    "answered-twice.jsonl": (13, "CA007"),
    "allow-with-deny-message.jsonl": (22, "CA009"),
    "result-twice.jsonl": (12, "CA001"),
    "result-of-another-family.jsonl": (17, "CA002"),
    "requires-action-names-nothing.jsonl": (9, "SE013"),
    "requires-action-empty.jsonl": (9, "SE012"),
    "message-before-pair.jsonl": (26, "TH011"),
    "interrupt-before-its-results.jsonl": (15, "IN001"),
    "span-never-started.jsonl": (10, "SP003"),
    "two-open-requests.jsonl": (13, "SP001"),
    "message-outside-request.jsonl": (35, "SP004"),
    "thread-never-created.jsonl": (9, "TH002"),
    "sent-before-created.jsonl": (9, "TH002"),
    "report-before-running.jsonl": (17, "TH013"),
    "archived-child-runs.jsonl": (25, "TH001"),
    "own-list-names-itself.child.jsonl": (5, "FI003"),
    "reordered-neighbours.jsonl": (21, "DL002"),
    "same-id-two-bodies.jsonl": (35, "DL001"),
    "agent-event-unstamped.jsonl": (13, "DL007"),
    "bad-json-line.jsonl": (20, "RC001"),
    "usage-goes-down.jsonl": (37, "US001"),
    "phase-never-ended.jsonl": (33, "WR004"),
    "run-ends-twice.jsonl": (35, "WR003"),
    "budget-not-raised.jsonl": (19, "BU003"),
    "evaluation-skips-one.jsonl": (40, "OU001"),
    "qoder-archive-without-stop-reason.jsonl": (20, "FI001"),
    "qoder-coordinator-never-released.jsonl": (21, "QO004"),
}
"""What is found in each broken recording of one list: the line, and the rule."""

VIEWS: Final = {
    ("views-disagree.jsonl", "views-disagree.child.jsonl"): (1, 13, "XV001"),
    ("report-never-sent.jsonl", "report-never-sent.child.jsonl"): (0, 15, "XV003"),
}
"""What is found in two lists of one session: in which of them, on which line, and the rule."""


def dialect_of(name: str) -> str:
    """Return the dialect of a recording, by its file's name."""
    return "qoder" if "qoder" in name else "anthropic"


def told(path: Path) -> list[Seen | BadLine]:
    """Return the items of a recording as the monitor takes them."""
    with open_recording(path) as recording:
        batches = [*recording.batches()]
    return [item for batch in batches for item in batch if not isinstance(item, Skipped)]


def monitored(path: Path, **known: Any) -> Monitor:
    """Return the monitor that has seen a recording to its end."""
    monitor = Monitor(dialect_of(path.name), **known)
    monitor.feed_all(told(path))
    monitor.end()
    return monitor


def grave(findings: list[Finding]) -> list[tuple[int, str]]:
    """Return lines and codes of the findings that are no notes."""
    return [(f.line, f.code) for f in findings if f.level is not Level.NOTE]


class TestRecordings:
    """The recordings that are shipped."""

    @pytest.mark.parametrize("name", VALID)
    def test_a_valid_recording_is_clean(self, name: str) -> None:
        """No error and no warning; what is unusual and known to happen is a note."""
        monitor = monitored(RECORDINGS / "valid" / name)

        assert grave(monitor.findings) == []
        assert monitor.checked == len(told(RECORDINGS / "valid" / name)) - sum(
            monitor.skipped.values()
        )

    @pytest.mark.parametrize("name", VALID)
    def test_a_valid_recording_is_clean_when_it_is_known_to_begin_anywhere(self, name: str) -> None:
        """Knowing less never finds more."""
        assert grave(monitored(RECORDINGS / "valid" / name, start="partial").findings) == []

    @pytest.mark.parametrize("name", FAULTS)
    def test_a_broken_recording_has_one_finding_where_it_breaks(self, name: str) -> None:
        """Whatever follows from the fault is folded under it."""
        assert grave(monitored(RECORDINGS / "broken" / name).findings) == [FAULTS[name]]

    @pytest.mark.parametrize("name", FAULTS)
    def test_what_is_found_obeys_the_law_of_witnesses(self, name: str) -> None:
        """Of the notes, too."""
        items = [item for item in told(RECORDINGS / "broken" / name) if isinstance(item, Seen)]
        dialect = dialect_of(name)
        findings = [f for f in found(items, dialect) if not f.code.startswith(("DL", "EN"))]

        assert [breach(items, f, dialect) for f in findings] == [""] * len(findings)

    @pytest.mark.parametrize("path", shipped(), ids=lambda path: str(path.name))
    def test_the_law_holds_for_mutants_too(self, path: Path) -> None:
        """Every seventh small change to a good recording; where it reorders, nobody reads in order.

        What a list's end leaves open, and what happened on the way, has no witness to speak of.
        """
        for mutant in list(mutants(path.name, recording(path), 1))[::7]:
            items = numbered(mutant.after)
            findings = found(items)
            if {"DL002", "DL003"} & {f.code for f in findings}:
                continue
            told = [f for f in findings if not f.code.startswith(("DL", "EN"))]

            assert [one for f in told if (one := breach(items, f, "anthropic"))] == [], mutant

    @pytest.mark.parametrize(("session", "child"), VIEWS)
    def test_what_two_lists_disagree_on_is_found_beside_both(
        self, session: str, child: str
    ) -> None:
        """Each of them alone is clean."""
        which, line, code = VIEWS[session, child]
        paths = [str(RECORDINGS / "broken" / name) for name in (session, child)]
        report = check_paths(paths)

        assert grave(report.files[which].findings) == [(line, code)]
        assert grave(report.files[1 - which].findings) == []
        assert [grave(monitored(Path(path)).findings) for path in paths] == [[], []]

    def test_the_lines_are_those_that_the_readme_names(self) -> None:
        """The two tables tell of the same files and lines."""
        readme = (RECORDINGS / "README.md").read_text(encoding="utf-8")
        rows = [line.split("|") for line in readme.split("## broken")[1].splitlines()]
        lines = {
            name: int(number[0])
            for row in rows
            if len(row) > 2 and (number := re.findall(r"\d+", row[2]))
            for name in re.findall(r"`([\w.-]+\.jsonl)`", row[1])
        }
        both = {name: line for pair, (_, line, _) in VIEWS.items() for name in pair}

        assert lines == {name: line for name, (line, _) in FAULTS.items()} | both

    def test_every_shipped_recording_is_in_a_table(self) -> None:
        """A new one is to be added above."""
        named = {*FAULTS, *(name for pair in VIEWS for name in pair)}

        assert {path.name for path in (RECORDINGS / "broken").glob("*.jsonl")} == named


needs_corpus: Final = pytest.mark.skipif(
    folder() is None, reason="needs recordings of your own: set LIFECYCLE_CORPUS to their folder"
)


@needs_corpus
class TestForeignRecordings:
    """Recordings by others, where there are any."""

    def test_what_the_real_service_wrote_has_no_error(self) -> None:
        """A rule that finds one is wrong."""
        corpus = folder()
        assert corpus is not None
        errors = {
            name: [f.code for f in monitored(corpus / name).findings if f.level is Level.ERROR]
            for name in real_and_complete(corpus)
        }

        assert len(errors) > (30 if described() else 0)
        assert {name: codes for name, codes in errors.items() if codes} == {}

    @pytest.mark.parametrize("pattern", ["openma/recovered*.jsonl", "superduck/issue-260*.jsonl"])
    def test_what_is_known_to_be_wrong_has_errors(self, pattern: str) -> None:
        """A crash that was recovered from badly, and a bug report."""
        corpus = described()
        if corpus is None:
            pytest.skip("needs the recordings of broken servers in the folder LIFECYCLE_CORPUS")
        paths = sorted(corpus.glob(pattern))

        assert paths
        for path in paths:
            assert Level.ERROR in {f.level for f in monitored(path).findings}


STORY: Final = """
    session.status_running
    session.thread_status_running main
    user.message
    span.model_request_start s1
    agent.tool_use c1 ask
    span.model_request_end s1
    session.thread_status_idle main requires_action(c1)
    session.usage
    session.status_idle requires_action(c1)
    user.tool_confirmation c1 allow
    session.status_running
    session.thread_status_running main
    agent.tool_result c1
    span.model_request_start s2
    agent.message
    span.model_request_end s2
    session.thread_status_idle main end_turn
    session.usage
    session.status_idle end_turn
"""


class TestFeeding:
    """How a monitor takes events."""

    def test_one_by_one_is_as_good_as_all_at_once(self) -> None:
        """Also as plain objects, and whatever the batches."""
        path = RECORDINGS / "broken" / "two-open-requests.jsonl"
        objects = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        single, whole = Monitor(), monitored(path)
        told = [finding for one in objects for finding in single.feed(one)] + single.end()

        assert told == single.findings == whole.findings
        assert single.checked == whole.checked == len(objects)

    def test_a_verdict_may_come_one_event_later(self) -> None:
        """One event is held back, so that two neighbours can be read in the right order."""
        monitor = Monitor()
        flagged = numbered(events(RULES["SP001"].flagged))

        assert monitor.feed_all(flagged) == []
        assert [f.code for f in monitor.end() if f.level is Level.ERROR] == ["SP001"]

    def test_a_list_without_events_has_no_findings(self) -> None:
        """Nothing was checked."""
        monitor = Monitor()

        assert (monitor.end(), monitor.checked) == ([], 0)

    def test_what_is_delivered_again_is_read_once(self) -> None:
        """A replayed history is noted, and accuses nobody."""
        story = numbered(events(STORY))
        again = numbered([*events(STORY), *events(STORY)])

        assert grave(found(again)) == grave(found(story)) == []
        assert {f.code for f in found(again)} >= {"DL004"}

    def test_an_unknown_type_is_noted_once_and_skipped(self) -> None:
        """New types appear; they are no fault, and no clean pass either."""
        monitor = Monitor()
        monitor.feed_all(numbered(events(f"{STORY}\nagent.dreams\nagent.dreams")))
        monitor.end()

        assert [f.code for f in monitor.findings] == ["DL006"]
        assert monitor.skipped == {"unknown type agent.dreams": 2}

    @pytest.mark.parametrize("cut", range(1, 19))
    def test_a_capture_may_begin_anywhere(self, cut: int) -> None:
        """What came before is not known, and nothing is made of it."""
        lines = [line for line in STORY.splitlines() if line.strip()]

        assert grave(found(numbered(events("\n".join(lines[cut:]))))) == []

    @pytest.mark.parametrize("cut", range(1, 19))
    def test_a_capture_may_stop_anywhere(self, cut: int) -> None:
        """An open end is a note."""
        lines = [line for line in STORY.splitlines() if line.strip()]

        assert grave(found(numbered(events("\n".join(lines[:cut]))))) == []

    def test_chosen_rules_alone_are_asked(self) -> None:
        """What the others would have said is not told, not even as a follower."""
        flagged = numbered(events(RULES["CA001"].flagged))

        assert [f.code for f in found(flagged, codes=frozenset({"CA001"}))] == ["CA001"]
        assert found(flagged, codes=frozenset({"CA002"})) == []

    def test_what_is_missing_is_not_asked_for_in_a_part(self) -> None:
        """Rules that rest on an absence are silent where the beginning is known to be cut."""
        flagged = numbered(events(RULES["CA011"].flagged))

        assert "CA011" in {f.code for f in found(flagged)}
        assert "CA011" not in {f.code for f in found(flagged, start="partial")}


class TestFolding:
    """One cause, one finding."""

    def test_what_follows_is_folded_under_the_first(self) -> None:
        """Until that which it is about speaks of its own status again."""
        path = RECORDINGS / "broken" / "two-open-requests.jsonl"
        (finding,) = [f for f in monitored(path).findings if f.level is Level.ERROR]

        assert finding.code == "SP001"
        assert {follower.code for follower in finding.followers} == {"SP003"}

    def test_two_causes_are_two_findings(self) -> None:
        """A call has two results, and later a usage event is missing."""
        story = [line for line in STORY.splitlines() if line.strip()]
        del story[17]
        story.insert(13, "agent.tool_result c1")

        assert grave(found(numbered(events("\n".join(story))))) == [(14, "CA001"), (19, "SE005")]

    def test_a_pair_in_the_wrong_order_is_one_finding(self) -> None:
        """The primary runs, then its session: neither event is accused twice."""
        story = events(STORY)
        pair = [i for i, e in enumerate(story) if e["type"] == "session.status_running"][1]
        first, second = story[pair], story[pair + 1]
        stamps = first["processed_at"], second["processed_at"]
        story[pair], story[pair + 1] = (
            {**second, "processed_at": stamps[0]},
            {**first, "processed_at": stamps[1]},
        )

        assert grave(found(numbered(story))) == [(11, "SE003")]


class TestMemory:
    """What a monitor keeps."""

    def test_it_does_not_grow_with_the_list(self) -> None:
        """A thousand turns leave as much behind as a hundred."""

        def kept(turns: int) -> int:
            monitor = Monitor()
            for turn in range(turns):
                told = re.sub(r"\b([cs]\d)\b", rf"\1_{turn}", STORY)
                for number, event in enumerate(events(told)):
                    at = turn * 60 + number
                    stamp = f"2026-01-{1 + at // 86400:02}T{at // 3600 % 24:02}:{at // 60 % 60:02}"
                    event["processed_at"] = f"{stamp}:{at % 60:02}.000000Z"
                    event["id"] = event["id"] if "_" in event["id"] else f"{event['id']}_{turn}"
                    monitor.feed(event)
            monitor.end()
            assert grave(monitor.findings) == []
            v = monitor.view
            assert v is not None
            return len(v.calls) + len(v.threads) + sum(len(t.calls) for t in v.threads.values())

        assert kept(300) == kept(30)


def test_an_interrupt_may_name_the_primary_before_anything_else_does() -> None:
    """A thread that was never named may be the list's own: its name is still to come."""
    stream = events(
        """
        user.interrupt of=main
        session.status_running
        session.thread_status_running main
        user.message
        span.model_request_start s1
        agent.message
        span.model_request_end s1
        session.thread_status_idle main end_turn
        session.usage
        session.status_idle end_turn
        """
    )
    monitor = Monitor(start="whole")
    monitor.feed_all([seen(event, line) for line, event in enumerate(stream, 1)])
    monitor.end()

    assert monitor.findings == []
