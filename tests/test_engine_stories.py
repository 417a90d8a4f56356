"""The recorded orders, event for event, as stories: what the session's list shows and why.

Each story cites the section of the notes on recordings that it follows. After each, the checker
finds nothing on any list, as it streams and as it is read later.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playing import Play

from lifecycle.commands import (
    AgentSpoke,
    AnswerTool,
    ArchiveThread,
    ConfirmTool,
    DeliverNext,
    Interrupt,
    Report,
    RequestEnded,
    RequestStarted,
    SendMessage,
    SpawnChild,
    ToolResulted,
    ToolUsed,
    TurnEnded,
)
from lifecycle.engine import Owed
from lifecycle.vocabulary import Permission, RefusalCode

CHILD = "sthr_child"


@pytest.fixture(name="play")
def _play() -> Iterator[Play]:
    """A session of the default dialect; what it lists passes the checker in the end."""
    play = Play()
    yield play
    assert play.findings() == []


def turn(play: Play, thread_id: str = "") -> None:
    """One request in which the agent says something."""
    play.do(RequestStarted, thread_id=thread_id)
    play.do(AgentSpoke, thread_id=thread_id, content="Well.")
    play.do(RequestEnded, thread_id=thread_id)


def asking(play: Play, *calls: tuple[str, str], thread_id: str = "") -> None:
    """One request with calls (``ask``, ``allow``, ``deny`` or ``custom``); the turn then rests."""
    play.do(RequestStarted, thread_id=thread_id)
    for name, kind in calls:
        custom = kind == "custom"
        permission = Permission.ALLOW if custom else Permission(kind)
        play.do(
            ToolUsed,
            thread_id=thread_id,
            call_id=name,
            kind="custom" if custom else "tool",
            permission=permission,
        )
    play.do(RequestEnded, thread_id=thread_id)
    play.do(TurnEnded, thread_id=thread_id)


def with_child(play: Play) -> None:
    """The coordinator makes a child, which starts, and comes to rest itself."""
    play.do(SendMessage, content="Delegate.")
    play.do(RequestStarted)
    play.do(RequestEnded)
    play.do(SpawnChild, child_id=CHILD, agent_name="kid", task="Look it up.")
    play.do(DeliverNext, thread_id=CHILD)
    turn(play)
    play.do(TurnEnded)


def owed(effects: tuple[Owed, ...]) -> list[tuple[str, tuple[str, ...]]]:
    """What the host owes, without the clocks."""
    return [(o.effect.name, o.subjects) for o in effects if "clock" not in o.effect.name]


class TestWaking:
    """Sections 2 and 3: a message and an answer."""

    def test_a_message_is_listed_after_the_pair_that_it_causes(self, play: Play) -> None:
        """W2, W3: the session runs, its primary runs, and then the message stands there."""
        assert play.says(SendMessage, content="Hello") == [
            "status_running",
            "thread_status_running",
            "user.message",
        ]

    def test_a_turn_ends_with_its_thread_the_account_and_the_session(self, play: Play) -> None:
        """E2: thread idle, usage, session idle."""
        play.do(SendMessage, content="Hello")
        turn(play)

        assert play.says(TurnEnded) == [
            "thread_status_idle end_turn",
            "usage",
            "status_idle end_turn",
        ]

    def test_a_message_to_a_busy_primary_waits_and_joins_its_next_request(self, play: Play) -> None:
        """W5, L2, L5: no second pair; it moves to where it is consumed."""
        play.do(SendMessage, content="Hello")
        play.do(RequestStarted)

        assert play.says(SendMessage, content="And quickly") == ["user.message pending"]
        play.do(RequestEnded)
        assert play.says(RequestStarted) == ["user.message", "span.model_request_start"]

    def test_a_message_that_nothing_has_read_opens_a_turn_of_its_own(self, play: Play) -> None:
        """L2: the turn ends, the host is told to deliver, and a new pair leads the message."""
        play.do(SendMessage, content="Hello")
        turn(play)
        play.do(SendMessage, content="More")

        ended = play.do(TurnEnded)

        assert [name for name, _ in owed(ended.effects)] == ["deliver the next message"]
        assert play.says(DeliverNext) == [
            "status_running",
            "thread_status_running",
            "user.message",
        ]


class TestAsks:
    """Section 4: gates, answers, denials."""

    def test_an_answer_stands_before_the_pair_and_a_denial_is_told_after_it(
        self, play: Play
    ) -> None:
        """G7, G8."""
        play.do(SendMessage, content="Go")
        asking(play, ("c1", "ask"))

        assert play.says(ConfirmTool, call_id="c1", allow=False) == [
            "user.tool_confirmation c1",
            "status_running",
            "thread_status_running",
            "agent.tool_result c1 error",
        ]

    def test_a_denial_is_told_after_the_results_of_what_may_run(self, play: Play) -> None:
        """G8: right before the next request, and so behind the results that it awaits."""
        play.do(SendMessage, content="Go")
        asking(play, ("c1", "ask"), ("c2", "allow"))

        assert play.says(ConfirmTool, call_id="c1", allow=False)[1:] == [
            "status_running",
            "thread_status_running",
        ]
        assert play.says(ToolResulted, call_id="c2") == ["agent.tool_result c2"]
        assert play.says(RequestStarted) == [
            "agent.tool_result c1 error",
            "span.model_request_start",
        ]

    def test_an_allowed_sibling_runs_only_after_the_last_ask(self, play: Play) -> None:
        """G2: nothing runs while a call of the same response is asked."""
        play.do(SendMessage, content="Go")
        asking(play, ("c1", "allow"), ("c2", "ask"))

        early = play.do(ToolResulted, call_id="c1")
        allowed = play.do(ConfirmTool, call_id="c2", allow=True)

        assert early.refusal is not None
        assert early.refusal.code is RefusalCode.OUT_OF_TURN
        assert owed(allowed.effects) == [("run the tool", ("c1",)), ("run the tool", ("c2",))]

    def test_a_partial_answer_rests_anew_on_the_remainder(self, play: Play) -> None:
        """G5: the answer, thread idle, usage, session idle, and no running between; G9 later."""
        play.do(SendMessage, content="Go")
        asking(play, ("c1", "ask"), ("c2", "custom"))

        assert play.says(ConfirmTool, call_id="c1", allow=False) == [
            "user.tool_confirmation c1",
            "thread_status_idle requires_action(c2)",
            "usage",
            "status_idle requires_action(c2)",
        ]
        assert play.says(AnswerTool, call_id="c2", content="4") == [
            "user.custom_tool_result c2",
            "status_running",
            "thread_status_running",
            "agent.tool_result c1 error",
        ]

    def test_an_answer_out_of_order_waits_for_the_earlier_one(self, play: Play) -> None:
        """G6: it changes nothing that is advertised, and is consumed after the earlier answer."""
        play.do(SendMessage, content="Go")
        asking(play, ("c1", "custom"), ("c2", "custom"))

        assert play.says(AnswerTool, call_id="c2") == ["user.custom_tool_result c2 pending"]
        assert play.says(AnswerTool, call_id="c1") == [
            "user.custom_tool_result c1",
            "user.custom_tool_result c2",
            "status_running",
            "thread_status_running",
        ]

    def test_a_message_is_refused_while_answers_are_waited_for(self, play: Play) -> None:
        """The pages on events: a 400 that says so, and that waiting helps."""
        play.do(SendMessage, content="Go")
        asking(play, ("c1", "ask"))

        refusal = play.do(SendMessage, content="Hello?").refusal

        assert refusal is not None
        assert (refusal.code, refusal.status) == (RefusalCode.ANSWERS_REQUIRED, 400)
        assert refusal.retry_helps


class TestChildren:
    """Sections 7 and 8: delegation, and a child's gate."""

    def test_a_child_is_created_and_sent_its_task(self, play: Play) -> None:
        """C2: created and sent, a microsecond apart; C5: running, then received."""
        play.do(SendMessage, content="Delegate.")
        turn(play)

        assert play.says(SpawnChild, child_id=CHILD, task="Look.") == [
            f"thread_created {CHILD}",
            "agent.thread_message_sent",
        ]
        assert play.child_says(CHILD, DeliverNext, thread_id=CHILD) == [
            f"thread_status_running {CHILD}",
            "agent.thread_message_received",
        ]

    def test_a_report_wakes_the_coordinator_before_it_is_received(self, play: Play) -> None:
        """C7: running, then received; the session never rested, so it says nothing."""
        with_child(play)
        turn(play, CHILD)

        assert play.child_says(CHILD, Report, thread_id=CHILD, content="Found.") == [
            "agent.thread_message_sent"
        ]
        assert play.says(DeliverNext) == ["thread_status_running", "agent.thread_message_received"]

    def test_a_childs_ask_is_shown_on_both_lists(self, play: Play) -> None:
        """K1: the child's idle, the account, then the call, which names the child."""
        with_child(play)
        play.do(RequestStarted, thread_id=CHILD)
        play.do(ToolUsed, thread_id=CHILD, call_id="c1", kind="custom")
        play.do(RequestEnded, thread_id=CHILD)

        assert play.says(TurnEnded, thread_id=CHILD) == [
            f"thread_status_idle {CHILD} requires_action(c1)",
            "usage",
            f"agent.custom_tool_use {CHILD} c1",
            "usage",
            "status_idle requires_action(c1)",
        ]

    def test_the_answer_to_a_child_is_carried_by_the_primary(self, play: Play) -> None:
        """K2 to K4: the pair, the answer, and an idle that names what was just answered."""
        with_child(play)
        asking(play, ("c1", "custom"), thread_id=CHILD)

        assert play.says(AnswerTool, call_id="c1") == [
            "status_running",
            "thread_status_running",
            f"user.custom_tool_result {CHILD} c1",
            f"thread_status_running {CHILD}",
            "thread_status_idle end_turn",
            "usage",
            "status_idle requires_action(c1)",
        ]
        turn(play, CHILD)
        play.do(Report, thread_id=CHILD, content="Found.")
        assert play.says(DeliverNext)[0] == "status_running"  # the list had said idle


class TestInterrupts:
    """Section 5."""

    def test_the_results_that_it_forces_stand_before_it(self, play: Play) -> None:
        """I1, I2."""
        play.do(SendMessage, content="Go")
        play.do(RequestStarted)
        play.do(ToolUsed, call_id="c1")
        play.do(RequestEnded)

        assert play.says(Interrupt) == [
            "agent.tool_result c1 error",
            "user.interrupt",
            "thread_status_idle end_turn",
            "usage",
            "status_idle end_turn",
        ]

    def test_it_closes_open_asks_in_their_own_family(self, play: Play) -> None:
        """I9, and the pages on threads: the thread rests anew, for another reason."""
        play.do(SendMessage, content="Go")
        asking(play, ("c1", "ask"), ("c2", "custom"))

        assert play.says(Interrupt) == [
            "agent.tool_result c1 error",
            "user.custom_tool_result c2 error",
            "user.interrupt",
            "thread_status_idle end_turn",
            "usage",
            "status_idle end_turn",
        ]

    def test_one_that_finds_nothing_is_merely_listed(self, play: Play) -> None:
        """I8."""
        assert play.says(Interrupt) == ["user.interrupt"]


class TestArchive:
    """Section 9, and the archive pages."""

    def test_a_child_that_asks_is_closed_and_the_session_waits_no_more(self, play: Play) -> None:
        """Its call gets an error result on its own list, and it ends on both."""
        with_child(play)
        asking(play, ("c1", "ask"), thread_id=CHILD)

        before = len(play.log)
        decision = play.do(ArchiveThread, thread_id=CHILD)

        assert decision.reply is not None
        assert (decision.reply["status"], decision.reply["archived_at"] is None) == (
            "terminated",
            False,
        )
        own = [e.event for e in play.log[before:] if e.thread == CHILD and not e.on_session_only]
        assert len(own) == 3  # the result, the note that it is archived, its end
        assert play.state is not None
        assert play.state.asked == ()

    def test_in_qoder_a_waiting_coordinator_gets_its_result_and_runs_again(self) -> None:
        """The archive page: `Agent cancelled.`, and the coordinator resumes."""
        play = Play("qoder")
        play.do(SendMessage, content="Delegate.")
        play.do(RequestStarted)
        play.do(ToolUsed, call_id="c1", name="Agent")
        play.do(RequestEnded)
        play.do(SpawnChild, child_id=CHILD, task="Look.", blocking=True, call_id="c1")
        play.do(DeliverNext, thread_id=CHILD)
        turn(play, CHILD)
        play.do(TurnEnded, thread_id=CHILD)

        assert play.says(ArchiveThread, thread_id=CHILD) == [
            f"thread_status_terminated {CHILD} archive",
            "agent.tool_result c1",
            "thread_status_running",
        ]
        assert play.findings() == []
