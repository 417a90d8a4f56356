"""The timeline: what a recording looks like when it is told as lanes and rows."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from lifecycle.show import CLIENT, OWN, SESSION, Kind, Look, Row, Timeline, spell_seconds
from lifecycle.show.paint import ASCII, UNICODE, Glyphs, Painter
from lifecycle.wire.bulk import DECODER, seen

RECORDINGS = Path(__file__).parent / "recordings"
CHILD = OWN + 1

Event = dict[str, Any]


def told(events: Iterable[Event], timeline: Timeline | None = None) -> list[Row]:
    """Return the rows of *events*, whose lines are 1, 2, 3 and so on."""
    timeline = timeline or Timeline()
    rows: list[Row] = []
    for line, event in enumerate(events, start=1):
        rows += timeline.feed(seen(event, line))
    return [*rows, *timeline.end()]


def recorded(name: str) -> list[Row]:
    """Return the rows of one of the recordings in the checkout."""
    timeline = Timeline()
    rows: list[Row] = []
    for line, text in enumerate((RECORDINGS / name).read_bytes().splitlines(), start=1):
        event = DECODER.decode(text)
        event.line = line
        rows += timeline.feed(event)
    return [*rows, *timeline.end()]


def says(rows: Iterable[Row]) -> list[str]:
    """Return the rows' sentences."""
    return [row.says for row in rows]


def painted(rows: Iterable[Row], width: int = 100, glyphs: Glyphs = UNICODE) -> list[str]:
    """Return the lines that *rows* are painted in, without their styles."""
    painter = Painter(width, glyphs)
    return [line.plain.rstrip() for row in rows for line in painter.paint(row)]


RUNS: Event = {"type": "session.status_running", "processed_at": "2026-01-01T00:00:00Z"}
LEAD_RUNS: Event = {
    "type": "session.thread_status_running",
    "session_thread_id": "sthr_lead",
    "agent_name": "lead",
    "processed_at": "2026-01-01T00:00:00.5Z",
}
LEAD_RESTS: Event = {
    "type": "session.thread_status_idle",
    "session_thread_id": "sthr_lead",
    "agent_name": "lead",
    "stop_reason": {"type": "end_turn"},
    "processed_at": "2026-01-01T00:00:09Z",
}
CALL: Event = {"type": "agent.tool_use", "id": "e1", "name": "bash"}
START: Event = {"type": "span.model_request_start", "processed_at": "2026-01-01T00:00:01Z"}
END: Event = {"type": "span.model_request_end", "processed_at": "2026-01-01T00:00:03Z"}


class TestAnOrdinaryTurn:
    """A session runs, the model answers, everything rests."""

    def test_it_reads_as_a_story(self) -> None:
        """Each row is a sentence; the request and what the model said in it are one."""
        message = {"type": "agent.message", "content": [{"type": "text", "text": "Four  legs."}]}
        rows = told([RUNS, LEAD_RUNS, START, {"type": "agent.thinking"}, message, END, LEAD_RESTS])

        assert says(rows) == [
            "the session runs",
            "lead runs",
            'lead: model 2.0 s: thinks, says "Four legs."',
            "lead rests: end_turn",
            "the recording ends; the session works; lead rests",
        ]

    def test_a_folded_row_names_its_lines(self) -> None:
        """The row of a model request stands for the lines from its start to its end."""
        (request,) = (row for row in told([RUNS, START, END]) if row.kind is Kind.MODEL)

        assert (request.first, request.last) == (2, 3)

    def test_the_lanes_follow_the_statuses(self) -> None:
        """A lane shows nothing before its first status, then what the last one said."""
        rows = told([RUNS, LEAD_RUNS, LEAD_RESTS])

        assert [row.looks[SESSION] for row in rows[:2]] == [Look.RUNNING, Look.RUNNING]
        assert [row.looks[OWN] for row in rows[:3]] == [Look.ABSENT, Look.RUNNING, Look.IDLE]

    def test_time_counts_from_the_first_stamp(self) -> None:
        """Rows carry seconds since the first stamp, and none without a stamp."""
        rows = told([RUNS, LEAD_RUNS, {"type": "user.message"}])

        assert [row.at for row in rows[:3]] == [0.0, 0.5, None]

    def test_a_long_silence_has_a_row(self) -> None:
        """What happens a minute or more later is announced."""
        later = {**LEAD_RESTS, "processed_at": "2026-01-01T00:11:11Z"}

        assert "11 min 11 s later" in says(told([RUNS, later]))

    def test_usage_and_previews_give_no_row(self) -> None:
        """What only counts or repeats would lengthen the timeline."""
        assert len(told([{"type": "session.usage"}, {"type": "event_delta"}])) == 1

    def test_an_unknown_type_is_told_all_the_same(self) -> None:
        """Event types are an open set."""
        assert says(told([{"type": "agent.daydream"}]))[0] == "an event of type agent.daydream"


class TestTheClient:
    """Messages, asks and answers are arrows between the client and a thread."""

    def test_a_message_points_at_the_thread(self) -> None:
        """A message without a thread goes to the list's own."""
        content = [{"type": "image"}, {"type": "text", "text": "Go on."}]
        row = told([{"type": "user.message", "content": content}])[0]

        assert (row.lane, row.target) == (CLIENT, OWN)
        assert row.says == 'the client writes: "Go on."'

    def test_an_ask_points_at_the_client(self) -> None:
        """An asked call waits for the client's word; the idle names it."""
        stop = {"type": "requires_action", "event_ids": ["e1"]}
        rows = told(
            [
                {**CALL, "evaluated_permission": "ask"},
                {**LEAD_RESTS, "stop_reason": stop},
                {"type": "user.tool_confirmation", "tool_use_id": "e1", "result": "deny"},
            ]
        )

        assert (rows[0].lane, rows[0].target) == (OWN, CLIENT)
        assert says(rows)[:3] == [
            "the thread asks the client to allow bash",
            "lead waits for bash",
            "the client denies lead's bash (line 1)",
        ]
        assert rows[1].looks[OWN] is Look.WAITING

    def test_an_ask_follows_the_request_that_made_it(self) -> None:
        """The request's row is given at its end, and then what it asked."""
        asked = {**CALL, "evaluated_permission": "ask"}
        kinds = [row.kind for row in told([START, asked, END])]

        assert kinds == [Kind.MODEL, Kind.ASK, Kind.END]

    def test_an_idle_that_names_an_answered_call_says_so(self) -> None:
        """The real service does that when it forwards an answer to a child."""
        rows = recorded("valid/child-ask.jsonl")

        assert any("(answered already)" in row.says for row in rows if row.lane == SESSION)

    def test_calls_that_nobody_must_answer_are_part_of_the_request(self) -> None:
        """Equal parts are counted."""
        calls = [{**CALL, "id": f"e{n}"} for n in range(3)]

        assert says(told([START, *calls, END]))[0] == (
            "the thread: model 2.0 s: calls bash (3 times)"
        )

    def test_a_result_says_how_long_it_took(self) -> None:
        """From the call's stamp to the result's."""
        use = {**CALL, "processed_at": "2026-01-01T00:00:00Z"}
        result = {
            "type": "agent.tool_result",
            "tool_use_id": "e1",
            "is_error": True,
            "processed_at": "2026-01-01T00:00:02.5Z",
        }

        assert says(told([use, result]))[1] == "the thread: bash gives an error after 2.5 s"


class TestThreads:
    """Children get lanes of their own, in the order in which they appear."""

    def test_the_recorded_coordinator(self) -> None:
        """Two children are made, written to, and heard from; each arrow has its direction."""
        rows = recorded("valid/coordinator-two-children.jsonl")
        arrows = [(row.lane, row.target) for row in rows if row.kind is Kind.MESSAGE]

        assert (OWN, CHILD) in arrows
        assert (OWN, CHILD + 1) in arrows
        assert (CHILD, OWN) in arrows
        assert len(rows[-1].looks) == CHILD + 2

    def test_a_childs_own_list_has_the_child_in_the_first_lane(self) -> None:
        """The coordinator is another thread there, and its status is not known."""
        rows = recorded("valid/coordinator-two-children.child-a.jsonl")
        arrows = [(row.lane, row.target) for row in rows if row.kind is Kind.MESSAGE]

        assert arrows[0] == (CHILD, OWN)
        assert rows[-1].looks[CHILD] is Look.UNKNOWN

    def test_namesakes_are_numbered(self) -> None:
        """Two threads of one agent can be told apart."""
        rows = recorded("valid/workflow-run.jsonl")

        assert any(row.says.startswith("bell-listener #2") for row in rows)

    def test_the_end_of_the_session_ends_every_lane(self) -> None:
        """A terminal error has no thread event for the primary."""
        rows = recorded("valid/terminal-error.jsonl")

        assert rows[-1].looks[OWN] is Look.ENDED

    @pytest.mark.parametrize("path", sorted(RECORDINGS.glob("*/*.jsonl")), ids=lambda p: p.name)
    def test_every_recording_can_be_told(self, path: Path) -> None:
        """Broken ones too: a timeline judges nothing."""
        timeline = Timeline()
        rows: list[Row] = []
        for line, text in enumerate(path.read_bytes().splitlines(), start=1):
            try:
                event = DECODER.decode(text)
            except ValueError:
                rows.append(timeline.broken(line, "no JSON"))
                continue
            event.line = line
            rows += timeline.feed(event)
        rows += timeline.end()

        assert all(row.says and 1 <= row.first <= row.last for row in rows)
        assert max(len(line) for line in painted(rows, 80)) <= 80


class TestPainting:
    """Rows become lines: where, when, the lanes, the sentence."""

    def test_a_small_session(self) -> None:
        """The picture of a turn, as it stands in a terminal."""
        child = {"session_thread_id": "sthr_a", "agent_name": "aide"}
        rows = told(
            [
                RUNS,
                LEAD_RUNS,
                {"type": "user.message", "content": "Count."},
                {"type": "session.thread_created", **child},
                {"type": "session.thread_status_running", **child},
                {"type": "agent.custom_tool_use", "name": "look", "id": "e1", **child},
                {"type": "session.thread_status_terminated", **child},
                LEAD_RESTS,
            ]
        )

        assert painted(rows[:-1]) == [
            "        1   0:00.0  ·  ●      the session runs",
            "        2   0:00.5  ·  ┃  ●   lead runs",
            '        3           ●──┼─▶┃   the client writes: "Count."',
            "        4           ·  ┃  ●─▶│   lead makes aide",
            "        5           ·  ┃  ┃  ●   aide runs",
            "        6           ·◀─┼──┼──●   aide asks the client to run look",
            "        7           ·  ┃  ┃  ╳   aide is over for good",
            "        8   0:09.0  ·  ┃  ●      lead rests: end_turn",
        ]

    def test_plain_characters_say_the_same(self) -> None:
        """Where the terminal knows no others."""
        lines = painted(told([RUNS, LEAD_RUNS, {"type": "user.message"}])[:3], glyphs=ASCII)

        assert lines[2] == "        3           *--+->#   the client writes"
        assert all(line.isascii() for line in lines)

    def test_a_column_is_given_on(self) -> None:
        """The column of a thread that has ended serves the next one."""
        events = [
            {"type": f"session.thread_{what}", "session_thread_id": thread, "agent_name": thread}
            for thread in ("a", "b")
            for what in ("created", "status_running", "status_terminated")
        ]
        lines = painted(told(events))

        assert [line.rindex("●─▶│") for line in lines if "makes" in line] == [26, 26]

    def test_more_threads_than_columns_share_the_last(self) -> None:
        """No line gets longer than the terminal is wide."""
        events = [
            {"type": "session.thread_created", "session_thread_id": f"t{n}", "agent_name": "aide"}
            for n in range(40)
        ]
        lines = painted(told(events), 80)

        assert max(map(len, lines)) <= 80
        assert "┼   the recording ends" in "\n".join(lines)

    def test_what_a_recording_says_cannot_steer_the_terminal(self) -> None:
        """Control characters are written out."""
        content = [{"type": "text", "text": "\x1b[2J\x07 bell \u202e backwards"}]
        (line, *_) = painted(told([{"type": "user.message", "content": content}]))

        assert line.endswith(r'"\x1b[2J\x07 bell \u202e backwards"')

    def test_the_head_names_the_first_lanes(self) -> None:
        """The names stand over their columns."""
        timeline = Timeline()
        told([RUNS, LEAD_RUNS], timeline)
        head = [line.plain.rstrip() for line in Painter(80).head(timeline.lanes)]

        assert head[2:] == [
            "                    client",
            "                    │  session",
            "     line     time  │  │  lead",
        ]


@pytest.mark.parametrize(
    ("seconds", "spelled"),
    [
        (0.04, "0.0 s"),
        (59.9, "59.9 s"),
        (59.96, "1 min 0 s"),
        (671, "11 min 11 s"),
        (7500, "2 h 5 min"),
    ],
)
def test_durations_are_spelled_as_people_do(seconds: float, spelled: str) -> None:
    """Seconds with a tenth, then minutes, then hours."""
    assert spell_seconds(seconds) == spelled
