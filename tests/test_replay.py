"""Recordings as the engine's oracle: what is reproduced, up to what, and what is not.

The shipped recordings come out as the table below says. A recording in which something is changed
is not reproduced: an oracle that accepts everything would show nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
from corpus import VALID, folder, real_and_complete, recording, shipped
from playing import Play
from wandering import wander

from lifecycle import commands as c
from lifecycle.dialects import dialect
from lifecycle.replay import Allowance, Replay, Verdict, replay, replay_path, replay_paths, story_of
from lifecycle.state import session_list
from lifecycle.vocabulary import ErrorType, Permission
from lifecycle.wire.readers import Unusable
from lifecycle.wire.structure import unstructure

Events = list[dict[str, Any]]
Script = list[tuple[type[c.Command], dict[str, Any]]]

BROKEN: Final = VALID.parent / "broken"

UP_TO: Final = {
    "child-ask": {"forwarded_child_runs=after_idle": 1},
    "coordinator-two-children": {"late_usage": 1},
    "mcp-retrying": {"error_place": 4},
    "outcome": {"extra_usage": 2, "not_decided": 1},
    "queued-input": {"input_settled": 1},
    "queued-twice": {"input_unstamped": 1},
    "workflow-run-error": {"made_run=stays_running": 1},
}
"""What the shipped recordings need; those that are not here are reproduced exactly."""

BEYOND: Final = {
    "agent-event-unstamped",
    "allow-with-deny-message",
    "own-list-names-itself.child",
    "reordered-neighbours",
    "report-never-sent",
    "report-never-sent.child",
    "same-id-two-bodies",
    "usage-goes-down",
    "views-disagree",
    "views-disagree.child",
}
"""Broken recordings whose fault lies in what is not compared: stamps, contents, ids, two lists."""


def replayed(events: Events) -> Replay:
    """Replay events that are at hand."""
    return replay(story_of(list(enumerate(events, 1)), dialect("anthropic")), "anthropic")


def service(path: Path) -> str:
    """Return the dialect of a shipped recording."""
    return "qoder" if path.name.startswith("qoder") else "anthropic"


def single() -> Events:
    """A whole session of one thread."""
    return recording(VALID / "single-thread.jsonl")


def place(events: Events, kind: str, nth: int = 0) -> int:
    """Return where the event of a type stands for the *nth* time."""
    return [n for n, one in enumerate(events) if one["type"] == kind][nth]


class TestShipped:
    """The recordings that come with the project."""

    @pytest.mark.parametrize("path", shipped(), ids=lambda path: path.stem)
    def test_a_valid_recording_is_reproduced(self, path: Path) -> None:
        """Exactly, or up to what the table names, as often as it names it."""
        (result,) = replay_path(str(path))

        assert result.replay is not None, result.why
        assert result.replay.difference is None
        assert dict(result.up_to) == UP_TO.get(path.stem, {})

    def test_a_list_that_holds_all_threads_is_reproduced(self) -> None:
        """Qoder's: what a child does unseen elsewhere stands there, and is compared."""
        (result,) = replay_path(str(VALID / "qoder-archive.jsonl"), "qoder")

        assert result.verdict is Verdict.EXACT

    def test_sessions_that_share_a_file_are_told_apart(self) -> None:
        """Each has a result of its own, with its id."""
        path = VALID / "many-sessions.jsonl"
        keys = dict.fromkeys(one["session_id"] for one in recording(path))

        found = replay_path(str(path))

        assert [one.path for one in found] == [f"{path} ({key})" for key in keys]
        assert {one.verdict for one in found} == {Verdict.EXACT}

    @pytest.mark.parametrize("path", sorted(BROKEN.glob("*.jsonl")), ids=lambda path: path.stem)
    def test_a_broken_recording_is_not_reproduced(self, path: Path) -> None:
        """Unless its fault lies where the oracle does not look."""
        good = {Verdict.EXACT, Verdict.UP_TO}

        verdicts = {one.verdict for one in replay_path(str(path), service(path))}

        assert (verdicts <= good) is (path.stem in BEYOND)


@pytest.mark.skipif(
    folder() is None, reason="needs recordings of your own: set LIFECYCLE_CORPUS to their folder"
)
class TestForeign:
    """Recordings of the real service that are not part of the project."""

    def test_every_complete_one_is_reproduced(self) -> None:
        """None is not; what they are reproduced up to is a switch or a known kind of recording."""
        corpus = folder()
        assert corpus is not None
        paths = [str(corpus / name) for name in real_and_complete(corpus)]

        results = list(replay_paths(paths))

        bad = [one.path for one in results if one.verdict not in (Verdict.EXACT, Verdict.UP_TO)]
        assert results
        assert bad == []


def _dropped(kind: str, nth: int = 0) -> Callable[[Events], None]:
    def change(events: Events) -> None:
        del events[place(events, kind, nth)]

    return change


def _changed(kind: str, **fields: Any) -> Callable[[Events], None]:
    def change(events: Events) -> None:
        events[place(events, kind)].update(fields)

    return change


def _swapped(kind: str) -> Callable[[Events], None]:
    def change(events: Events) -> None:
        at = place(events, kind)
        events[at : at + 2] = [events[at + 1], events[at]]

    return change


class TestDifferences:
    """What the engine would not have emitted."""

    @pytest.mark.parametrize(
        "change",
        [
            _dropped("session.status_running"),
            _dropped("session.thread_status_running"),
            _dropped("session.usage"),
            _dropped("session.status_idle"),
            _dropped("session.thread_status_idle"),
            _dropped("agent.tool_result"),
            _dropped("span.model_request_start"),
            _dropped("span.model_request_end"),
            _swapped("session.status_running"),
            _swapped("session.thread_status_running"),
            _swapped("session.thread_status_idle"),
            _changed("session.status_idle", stop_reason={"type": "retries_exhausted"}),
            _changed("session.thread_status_idle", stop_reason={"type": "budget_reached"}),
            _changed("session.thread_status_idle", session_thread_id="sthr_nobody"),
            _changed("agent.tool_result", tool_use_id="sevt_nothing"),
        ],
    )
    def test_a_changed_recording_is_not_reproduced(self, change: Callable[[Events], None]) -> None:
        """One event less, in another place, or about something else."""
        events = single()
        change(events)

        assert replayed(events).verdict is Verdict.DIFFERS

    def test_an_account_out_of_place_is_not_excused(self) -> None:
        """Only after a grading an account stands where nothing rests."""
        events = single()
        account = events[place(events, "session.usage")]
        at = place(events, "span.model_request_start")
        events.insert(at, {**account, "id": "sevt_account"})

        assert replayed(events).verdict is Verdict.DIFFERS

    def test_a_call_that_was_not_asked_is_no_reason_to_wait(self) -> None:
        """The asked calls are compared, id by id."""
        events = recording(VALID / "parked.jsonl")
        last = events[place(events, "session.status_idle")]
        last["stop_reason"]["event_ids"] = ["sevt_another"]

        assert replayed(events).verdict is Verdict.DIFFERS

    def test_the_difference_is_where_the_two_part(self) -> None:
        """With what the engine has emitted instead, and for which command."""
        events = single()
        at = place(events, "session.usage")
        events[at]["type"] = "session.status_running"

        found = replayed(events).difference

        assert found is not None
        assert found.at == at
        assert found.emitted[0].type == "session.usage"
        assert [type(one).__name__ for one in found.commands] == ["TurnEnded"]

    def test_a_refusal_is_told(self) -> None:
        """Where the engine takes no command at all, it says why."""
        events = single()
        del events[place(events, "agent.tool_result")]

        found = replayed(events).difference

        assert found is not None
        assert found.refused == "RequestStarted: a call of the last request has no result"

    def test_what_follows_a_rest_is_emitted_or_it_is_a_difference(self) -> None:
        """A recording that ends at rest is not taken for one that was cut."""
        events = recording(VALID / "child-archived.jsonl")
        whole = replayed(events)
        del events[place(events, "session.status_idle") :]

        cut = replayed(events)

        assert whole.verdict is Verdict.EXACT
        assert dict(cut.allowed) == {Allowance.CUT: 1}


class TestAllowances:
    """Kinds of recordings that show less, or elsewhere."""

    def test_an_older_recording_has_no_accounts(self) -> None:
        """All of them lack, or it is a difference."""
        events = [one for one in single() if one["type"] != "session.usage"]

        assert dict(replayed(events).allowed) == {Allowance.NO_USAGE: 2}

    def test_a_stream_that_was_opened_anew_repeats_events(self) -> None:
        """The same event is taken once."""
        events = single()

        assert dict(replayed(events[:9] + events[4:]).allowed) == {Allowance.REPEATED: 5}

    def test_previews_and_unknown_events_are_passed_over(self) -> None:
        """No command causes them."""
        events = single()
        events.insert(
            5, {"type": "event_start", "event": {"id": "sevt_x", "type": "agent.message"}}
        )
        events.insert(7, {"type": "session.moon_rose", "id": "sevt_moon"})

        assert dict(replayed(events).allowed) == {
            Allowance.PREVIEW: 1,
            Allowance.UNKNOWN_EVENT: 1,
        }

    def test_a_message_that_waits_in_the_end_is_a_pending_tail(self) -> None:
        """Nobody can tell what it led to; the session rested when it came."""
        events = single()
        waiting = {"type": "user.message", "id": "sevt_late", "content": []}

        assert dict(replayed([*events, waiting]).allowed) == {
            Allowance.INPUT_UNSTAMPED: 1,
            Allowance.PENDING_TAIL: 1,
        }

    def test_types_alone_are_filled_in(self) -> None:
        """A result is that of the oldest call without one."""
        events = [{"type": one["type"]} for one in single()]

        found = replayed(events)

        assert found.difference is None
        assert dict(found.allowed) == {Allowance.NO_IDS: 1}

    def test_an_allowance_says_what_it_is(self) -> None:
        """In one sentence."""
        assert all(str(one.__doc__).endswith(".") for one in Allowance)


class TestCommands:
    """What is inferred."""

    def test_a_turn_becomes_its_commands(self) -> None:
        """In the order of the events that they led to."""
        found = replayed(recording(VALID / "terminal-error.jsonl"))

        assert [(at, type(one).__name__) for at, one in found.commands] == [
            (0, "CreateSession"),
            (0, "SendMessage"),
            (3, "RequestStarted"),
            (4, "RequestEnded"),
            (5, "FailSession"),
        ]

    def test_what_a_child_did_unseen_is_made_up(self) -> None:
        """A report stands on the child's own list; the coordinator's shows that it came."""
        found = replayed(recording(VALID / "child-archived.jsonl"))
        names = [type(one).__name__ for _, one in found.commands]

        report = names.index("Report")

        assert names[report - 2 : report + 2] == [
            "RequestStarted",
            "RequestEnded",
            "Report",
            "DeliverNext",
        ]

    def test_several_first_messages_were_given_at_the_creation(self) -> None:
        """They stand one after the other behind the first pair."""
        events = single()
        at = place(events, "user.message")
        events.insert(at, {**events[at], "id": "sevt_first"})

        found = replayed(events)

        assert found.verdict is Verdict.EXACT
        assert "SendMessage" not in [type(one).__name__ for _, one in found.commands[:2]]


KID: Final = "sthr_kid"
TURN: Final[Script] = [(c.RequestStarted, {}), (c.AgentSpoke, {}), (c.RequestEnded, {})]
SPAWNED: Final[Script] = [
    (c.SendMessage, {"content": "Go"}),
    *TURN,
    (c.SpawnChild, {"child_id": KID, "task": "Look."}),
    (c.DeliverNext, {"thread_id": KID}),
    (c.RequestStarted, {"thread_id": KID}),
    (c.RequestEnded, {"thread_id": KID}),
]
RUNNING_RUN: Final[Script] = [
    (c.SendMessage, {"content": "Go"}),
    *TURN,
    (c.StartRun, {"run_id": "wrun_1", "phases": ({"id": "wrph_1", "name": "Count"},)}),
    (c.RunResumed, {"run_id": "wrun_1"}),
]

SCRIPTS: Final[dict[str, Script]] = {
    "an idle session is interrupted, told something, and deleted": [
        (c.SendMessage, {"content": "Go"}),
        *TURN,
        (c.TurnEnded, {}),
        (c.Interrupt, {}),
        (c.DeleteSession, {}),
    ],
    "a turn is put aside and taken up again": [
        (c.SendMessage, {"content": "Go"}),
        (c.RescheduleTurn, {"error": ErrorType.MODEL_OVERLOADED}),
        (c.StartTurn, {}),
        *TURN,
        (c.TurnEnded, {}),
    ],
    "retries are used up": [
        (c.SendMessage, {"content": "Go"}),
        (c.FailTurn, {"error": ErrorType.MODEL_OVERLOADED}),
    ],
    "the model refuses": [
        (c.SendMessage, {"content": "Go"}),
        *TURN,
        (c.TurnEnded, {"refused": True}),
    ],
    "a system message stands beside the input": [
        (c.SendMessage, {"content": "Go"}),
        (c.SendSystemMessage, {"content": "Be brief."}),
        *TURN,
        (c.TurnEnded, {}),
    ],
    "a message waits, and joins the next request": [
        (c.SendMessage, {"content": "Go"}),
        (c.RequestStarted, {}),
        (c.SendMessage, {"content": "And"}),
        (c.RequestEnded, {}),
        *TURN,
        (c.TurnEnded, {}),
    ],
    "a message waits, and wakes": [
        (c.SendMessage, {"content": "Go"}),
        (c.RequestStarted, {}),
        (c.SendMessage, {"content": "And"}),
        (c.RequestEnded, {}),
        (c.TurnEnded, {}),
        (c.DeliverNext, {}),
        *TURN,
        (c.TurnEnded, {}),
    ],
    "a child reports while the coordinator works": [
        *SPAWNED,
        (c.Report, {"thread_id": KID, "content": "There."}),
        (c.TurnEnded, {"thread_id": KID}),
        *TURN,
        (c.TurnEnded, {}),
    ],
    "a child is told more, and fails": [
        *SPAWNED,
        (c.TurnEnded, {"thread_id": KID}),
        (c.MessageChild, {"child_id": KID, "content": "More."}),
        (c.DeliverNext, {"thread_id": KID}),
        (c.TurnEnded, {}),
        (c.FailSession, {"thread_id": KID}),
    ],
    "a child's retries are used up": [
        *SPAWNED,
        (c.TurnEnded, {}),
        (c.FailTurn, {"thread_id": KID}),
    ],
    "an asked tool is interrupted": [
        (c.SendMessage, {"content": "Go"}),
        (c.RequestStarted, {}),
        (c.ToolUsed, {"call_id": "c1", "permission": Permission.ASK}),
        (c.ToolUsed, {"call_id": "c2", "kind": "mcp", "server": "m"}),
        (c.ToolUsed, {"call_id": "c3", "kind": "custom"}),
        (c.RequestEnded, {}),
        (c.TurnEnded, {}),
        (c.Interrupt, {}),
    ],
    "an answer comes early": [
        (c.SendMessage, {"content": "Go"}),
        (c.RequestStarted, {}),
        (c.ToolUsed, {"call_id": "c1", "kind": "custom"}),
        (c.ToolUsed, {"call_id": "c2", "kind": "custom"}),
        (c.RequestEnded, {}),
        (c.TurnEnded, {}),
        (c.AnswerTool, {"call_id": "c2"}),
        (c.AnswerTool, {"call_id": "c1"}),
        *TURN,
        (c.TurnEnded, {}),
    ],
    "a run is paused, resumed and done": [
        *RUNNING_RUN,
        (c.TurnEnded, {}),
        (c.PhaseReported, {"run_id": "wrun_1", "phase_id": "wrph_1"}),
        (c.RunEnded, {"run_id": "wrun_1"}),
        (c.DeliverNext, {}),
        *TURN,
        (c.TurnEnded, {}),
    ],
}


class TestEngine:
    """What the engine lists by itself."""

    @pytest.mark.parametrize("name", SCRIPTS)
    def test_the_engine_reproduces_itself(self, name: str) -> None:
        """The commands are found again from the events alone, or others that lead to the same."""
        play = Play()
        for command, fields in SCRIPTS[name]:
            play.says(command, **fields)
        events = [unstructure(one) for one in session_list(play.log)]

        found = replayed(events)

        assert found.difference is None
        assert found.verdict is Verdict.EXACT

    @pytest.mark.parametrize("seed", range(30))
    def test_whatever_one_thread_does_is_found_again(self, seed: int) -> None:
        """Messages, asks, early answers, errors and interrupts, in any order that is accepted."""
        events = [unstructure(one) for one in session_list(wander(seed, 60).log)]

        assert replayed(events).verdict is Verdict.EXACT


class TestUnusable:
    """What is no recording of a session."""

    @pytest.mark.parametrize(
        "events",
        [
            [],
            [{"type": "agent.message", "id": "sevt_1"}],
            [{"type": "session.status_idle", "id": "sevt_1", "stop_reason": 3}],
        ],
    )
    def test_it_says_why(self, events: Events) -> None:
        """No list of a session or of a thread, or an event of no known form."""
        with pytest.raises(Unusable, match="expected"):
            replayed(events)

    def test_a_path_that_is_not_there(self) -> None:
        """The others are replayed all the same."""
        good = str(VALID / "parked.jsonl")

        found = list(replay_paths(["/nowhere", good]))

        assert [one.verdict for one in found] == [Verdict.UNUSABLE, Verdict.EXACT]
