"""Corners of the engine that no recorded story turns: choices, other forms, what is held."""

from __future__ import annotations

import pytest
from playing import SESSION, Play, brief

from lifecycle import commands as c, events as e
from lifecycle.dialects import dialect
from lifecycle.engine import Engine
from lifecycle.engine.tables import Tables
from lifecycle.invariants import complaints
from lifecycle.state import (
    Entry,
    MessagesCancelled,
    Place,
    session_list,
    settled,
    thread_list,
)
from lifecycle.vocabulary import Permission, RefusalCode, SessionState

CHILD = "sthr_child"


def body(play: Play, thread_id: str = "") -> None:
    """One request of a thread, without a word."""
    play.do(c.RequestStarted, thread_id=thread_id)
    play.do(c.RequestEnded, thread_id=thread_id)


def delegated(play: Play, **spawn: object) -> None:
    """The primary works, and so does its child."""
    play.do(c.SendMessage, content="Delegate.")
    body(play)
    play.do(c.SpawnChild, child_id=CHILD, agent_name="kid", task="Look.", **spawn)
    play.do(c.DeliverNext, thread_id=CHILD)


@pytest.mark.parametrize("name", ["anthropic", "qoder"])
def test_initial_events_set_a_session_to_work_at_once(name: str) -> None:
    """W1: created running; Qoder lists an input where it came in."""
    play = Play(name, initial=(c.SendMessage(session_id=SESSION, content="Hello"),))

    said = [brief(event) for event in session_list(play.log)]

    pair = ["status_running", "thread_status_running"]
    assert said == (["user.message", *pair] if name == "qoder" else [*pair, "user.message"])
    assert play.state is not None
    assert play.state.state is SessionState.RUNNING
    assert play.findings() == []


def test_the_host_may_make_the_ids() -> None:
    """Of the prefix, the session, its version and the index within."""
    engine = Engine(ids=lambda prefix, session, version, index: f"{prefix}{version}x{index}")
    play = Play()

    made = engine.decide(
        play.state, c.SendMessage(session_id=SESSION, content="Hello"), now=play.now
    )

    assert [event.id for event in made.events] == ["sevt_1x0", "sevt_1x1", "sevt_1x2"]


@pytest.mark.parametrize("choice", ["before_idle", "after_idle"])
def test_a_forwarded_answer_lets_the_child_run_before_or_after(choice: str) -> None:
    """K3: six recordings, and five."""
    play = Play(dialect("anthropic").switched("forwarded_child_runs", choice))
    delegated(play)
    body(play)
    play.do(c.TurnEnded)
    play.do(c.RequestStarted, thread_id=CHILD)
    play.do(c.ToolUsed, thread_id=CHILD, call_id="c1", kind="custom")
    play.do(c.RequestEnded, thread_id=CHILD)
    play.do(c.TurnEnded, thread_id=CHILD)

    said = play.says(c.AnswerTool, call_id="c1")

    runs = said.index(f"thread_status_running {CHILD}")
    assert (runs < said.index("thread_status_idle end_turn")) == (choice == "before_idle")
    assert play.findings() == []


def test_a_child_delegates_nothing_and_an_advisor_is_told_nothing() -> None:
    """Depth is one; a consultation is one question."""
    play = Play()
    delegated(play)
    body(play)
    play.do(c.ConsultAdvisor, child_id="sthr_advisor")

    for decision in (
        play.do(c.SpawnChild, thread_id=CHILD),
        play.do(c.MessageChild, child_id="sthr_advisor"),
        play.do(c.MessageChild, child_id="sthr_1_0"),
    ):
        assert decision.refusal is not None
        assert decision.refusal.code is RefusalCode.INVALID_INPUT
    assert play.says(c.MessageChild, child_id=CHILD, content="More.") == [
        "agent.thread_message_sent"
    ]


def test_in_qoder_a_report_is_the_blocking_calls_result() -> None:
    """Qoder 4.3: the report becomes the result; it is not read a second time as a message."""
    play = Play("qoder")
    play.do(c.SendMessage, content="Delegate.")
    play.do(c.RequestStarted)
    play.do(c.ToolUsed, call_id="c1", name="Agent")
    play.do(c.RequestEnded)
    blocks = ({"type": "text", "text": "Look"}, {"type": "text", "text": " it up."})
    spawned = play.do(c.SpawnChild, child_id=CHILD, task=blocks, blocking=True, call_id="c1")
    sent = next(x for x in spawned.events if isinstance(x, e.ThreadMessageSent))
    assert sent.content == "Look it up."  # its threads send plain text
    play.do(c.DeliverNext, thread_id=CHILD)
    body(play, CHILD)

    assert play.says(c.Report, thread_id=CHILD, content="Found.") == [
        "agent.tool_result c1",
        "thread_status_running",
    ]
    assert play.state is not None
    assert not play.state.messages
    assert play.findings() == []


def test_an_open_call_keeps_its_id() -> None:
    """A second call under it could not be told from the first."""
    play = Play()
    play.do(c.SendMessage, content="Go")
    play.do(c.RequestStarted)
    play.do(c.ToolUsed, call_id="c1")

    refusal = play.do(c.ToolUsed, call_id="c1").refusal

    assert refusal is not None
    assert refusal.code is RefusalCode.ID_TAKEN


def test_a_runs_thread_names_its_run() -> None:
    """Anthropic 2.10: the server has archived it with the run; asking again changes nothing."""
    play = Play()
    play.do(c.SendMessage, content="Go")
    body(play)
    play.do(c.StartRun, run_id="wrun_1")
    play.do(c.SpawnChild, child_id=CHILD, task="Look.", run_id="wrun_1")
    play.do(c.RunEnded, run_id="wrun_1")

    again = play.do(c.ArchiveThread, thread_id=CHILD)

    assert not again.entries
    assert again.reply is not None
    assert again.reply["workflow_run_id"] == "wrun_1"
    assert again.reply["archived_at"]
    assert play.findings() == []


def test_a_system_message_stands_beside_the_input() -> None:
    """Client library: it starts nothing, and waits while nothing runs."""
    play = Play()
    assert play.says(c.SendSystemMessage, content="Be brief.") == ["system.message pending"]

    busy = Play()
    busy.do(c.SendMessage, content="Hello")
    assert busy.says(c.SendSystemMessage, content="Be brief.") == ["system.message"]


def test_a_coordinator_at_rest_sends_nothing() -> None:
    """Its agent is not running, so the report is out of turn."""
    play = Play()
    delegated(play)
    play.do(c.TurnEnded)

    refusal = play.do(c.MessageChild, child_id=CHILD).refusal

    assert refusal is not None
    assert refusal.code is RefusalCode.OUT_OF_TURN


def test_beside_a_working_sibling_a_forwarded_answer_claims_no_rest() -> None:
    """K4, the eleventh recording: a sibling was running, and no session idle came."""
    play = Play()
    delegated(play)
    play.do(c.SpawnChild, child_id="sthr_other", agent_name="kid", task="Look, too.")
    play.do(c.DeliverNext, thread_id="sthr_other")
    body(play)
    play.do(c.TurnEnded)
    play.do(c.RequestStarted, thread_id=CHILD)
    play.do(c.ToolUsed, thread_id=CHILD, call_id="c1", kind="custom")
    play.do(c.RequestEnded, thread_id=CHILD)
    play.do(c.TurnEnded, thread_id=CHILD)

    said = play.says(c.AnswerTool, call_id="c1")

    assert not [line for line in said if line.startswith("status_idle")]
    assert play.findings() == []


def test_nothing_is_left_of_a_deleted_session() -> None:
    """Its children and runs end, and what waits is cancelled; only the deletion is told."""
    play = Play()
    play.do(c.SendMessage, content="Hello")
    play.do(c.RequestStarted)
    play.do(c.ToolUsed, call_id="c1", kind="custom")
    play.do(c.RequestEnded)
    play.do(c.StartRun, run_id="wrun_1")
    play.do(c.SpawnChild, child_id=CHILD)
    play.do(c.DeliverNext, thread_id=CHILD)
    play.do(c.RequestStarted, thread_id=CHILD)
    play.do(c.RequestEnded, thread_id=CHILD)
    play.do(c.Report, thread_id=CHILD, content="Done")
    play.do(c.TurnEnded, thread_id=CHILD)
    play.do(c.TurnEnded)
    assert play.state is not None
    assert (len(play.state.messages), len(play.state.calls), len(play.state.runs)) == (1, 1, 1)
    waiting = next(iter(play.state.messages))

    decision = play.do(c.DeleteSession)

    assert [str(event.type) for event in decision.events] == ["session.deleted"]
    assert [(o.effect.name, o.subjects) for o in decision.effects] == [
        ("end the children", (CHILD,)),
        ("end the workflow runs", ("wrun_1",)),
        ("close the streams", ()),
    ]
    assert MessagesCancelled("sthr_1_0", (waiting,)) in [one.event for one in decision.entries]
    assert [play.state.messages, play.state.calls, play.state.runs] == [{}, {}, {}]
    assert not any(thread.live for thread in play.state.threads.values())
    assert list(complaints(Tables(play.engine.dialect), play.state)) == []


def test_a_list_that_is_read_later_ends_with_what_waits() -> None:
    """L2: the input that waits is last; a deleted session's last word is on streams only."""
    play = Play()
    play.do(c.SendMessage, content="Hello")
    play.do(c.SendMessage, content="More")
    waits = settled(session_list(play.log))[-1]
    assert not waits.processed_at

    over = Play()
    over.do(c.DeleteSession)
    assert settled(session_list(over.log)) == []
    assert thread_list(over.log, "sthr_1_0") == session_list(over.log)


def test_an_entry_says_where_it_stands() -> None:
    """On both lists, or on the session's alone."""
    event = e.ThreadRunning(id="sevt_1", session_thread_id=CHILD)

    assert Entry(event, CHILD, Place.BOTH).posted
    assert not Entry(event, CHILD, Place.BOTH).on_session_only
    assert Entry(event, CHILD, Place.COPY).on_session_only


def test_a_denial_at_a_self_hosted_child_is_still_the_platforms_to_tell() -> None:
    """G10: the result stands before the child's running."""
    play = Play(self_hosted=True)
    delegated(play)
    play.do(c.RequestStarted, thread_id=CHILD)
    play.do(c.ToolUsed, thread_id=CHILD, call_id="c1", permission=Permission.ASK)
    play.do(c.RequestEnded, thread_id=CHILD)
    play.do(c.TurnEnded, thread_id=CHILD)

    own = play.child_says(CHILD, c.ConfirmTool, call_id="c1", allow=False)

    assert own == [
        "user.tool_confirmation c1",
        "agent.tool_result c1 error",
        f"thread_status_running {CHILD}",
    ]
    assert play.findings() == []


@pytest.mark.parametrize(("choice", "last"), [("stays_running", ""), ("", "status_idle end_turn")])
def test_a_run_that_was_only_made_may_hold_its_session(choice: str, last: str) -> None:
    """The switch: no page says whether a run holds the session before it executes."""
    base = dialect("anthropic")
    play = Play(base.switched("made_run", choice) if choice else base)
    play.do(c.SendMessage, content="Go")
    body(play)
    play.do(c.StartRun, run_id="wrun_1")

    said = play.says(c.TurnEnded)

    assert (said[-1] == "status_idle end_turn") == bool(last)
