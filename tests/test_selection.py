"""What a rule finds does not depend on which others are selected, and `--whole` is believed."""

from __future__ import annotations

from typing import Final

import pytest
from corpus import shipped
from test_cuts import read

from lifecycle.check import Finding, Monitor
from lifecycle.check.rules import RULES
from lifecycle.check.shorthand import events
from lifecycle.wire.bulk import seen

TURN: Final = """
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


def monitored(text: str, without: str = "", **how: object) -> Monitor:
    """Return a monitor that has seen the stream, and reports nothing of the rule *without*."""
    codes = frozenset(RULES) - {without} if without else None
    monitor = Monitor(codes=codes, **how)  # type: ignore[arg-type]
    monitor.feed_all([seen(event, line) for line, event in enumerate(events(text), 1)])
    monitor.end()
    return monitor


def told(findings: list[Finding]) -> list[tuple[str, int]]:
    """Return the codes and lines of findings."""
    return [(one.code, one.line) for one in findings]


class TestDeclaredWhole:
    """A list that is said to be whole lacks its first events for no good reason."""

    @pytest.mark.parametrize(
        ("lacks", "found"),
        [
            ("", []),
            ("session.status_running", [("SE019", 2)]),
            ("session.thread_status_running main", [("SE002", 2)]),
            ("user.message", [("TH007", 3)]),
        ],
    )
    def test_what_its_first_turn_lacks_is_found(
        self, lacks: str, found: list[tuple[str, int]]
    ) -> None:
        """Each of the three events that open a session's life."""
        stream = TURN.replace(lacks, "", 1)

        assert told(monitored(stream, start="whole").findings) == found

    @pytest.mark.parametrize("lacks", ["session.status_running", "user.message"])
    def test_otherwise_the_list_may_begin_in_the_middle_of_a_life(self, lacks: str) -> None:
        """Nobody has said that it is whole."""
        assert monitored(TURN.replace(lacks, "", 1)).findings == []

    @pytest.mark.parametrize("path", shipped(), ids=lambda path: path.stem)
    def test_a_good_recording_is_whole(self, path: object) -> None:
        """Children's own lists, too."""
        monitor = Monitor(start="whole")
        monitor.feed_all(read(path))  # type: ignore[arg-type]
        monitor.end()

        assert [one for one in monitor.findings if one.level != "note"] == []


class TestSelection:
    """Rules that are not selected still help to follow the list."""

    def test_what_is_known_of_a_list_does_not_depend_on_the_selection(self) -> None:
        """A first turn without an input: whether the list is whole was said, and stays so."""
        stream = TURN.replace("user.message", "")
        views = [monitored(stream, code, start="whole").view for code in ("", "TH007")]

        assert [view.whole for view in views if view is not None] == [True, True]

    def test_a_fault_that_is_not_reported_is_mended_all_the_same(self) -> None:
        """A thread that was never announced is taken to exist: nothing else follows from it."""
        stream = f"""{TURN}
            session.status_running
            session.thread_status_running main
            user.message
            span.model_request_start s2
            span.model_request_end s2
            session.thread_status_running child
            session.thread_status_idle child end_turn
            session.thread_status_running child
        """
        whole, without = monitored(stream), monitored(stream, "TH002")

        assert "TH002" in [one.code for one in whole.findings]
        assert told(without.findings) == [one for one in told(whole.findings) if one[0] != "TH002"]
        assert without.view is not None
        assert without.view.multi

    def test_selecting_a_rule_finds_what_it_finds_among_all(self) -> None:
        """For each finding about a stream with several faults of different causes."""
        stream = TURN.replace("agent.message", "agent.tool_use c1 ask") + TURN.replace(
            "user.message", "user.message\n    session.status_running"
        )
        for one in monitored(stream).findings:
            monitor = Monitor(codes=frozenset({one.code}))
            monitor.feed_all([seen(event, line) for line, event in enumerate(events(stream), 1)])
            monitor.end()

            assert (one.code, one.line) in told(monitor.findings)
