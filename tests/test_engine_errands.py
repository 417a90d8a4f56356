"""Threads that the platform makes for an errand: advisors, and the threads of workflow runs.

No recording of either exists; the orders follow the pages.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playing import Play

from lifecycle.commands import (
    ConsultAdvisor,
    DeliverNext,
    FinishThread,
    PhaseReported,
    RequestEnded,
    RequestStarted,
    RunEnded,
    RunResumed,
    SendMessage,
    SpawnChild,
    StartRun,
    TurnEnded,
)
from lifecycle.dialects import dialect
from lifecycle.events import ABSENT, ThreadMessageReceived
from lifecycle.state import thread_list

RUN, CHILD = "wrun_1", "sthr_errand"


@pytest.fixture(name="play")
def _play() -> Iterator[Play]:
    """A session whose primary works; what it lists passes the checker in the end."""
    play = Play()
    play.do(SendMessage, content="Go")
    play.do(RequestStarted)
    play.do(RequestEnded)
    yield play
    assert play.findings() == []


class TestRunThreads:
    """What a workflow run makes."""

    def test_a_run_makes_a_thread_while_the_primary_is_in_a_request(self, play: Play) -> None:
        """The run executes by itself; its prompt stands on no list as sent."""
        play.do(StartRun, run_id=RUN)
        play.do(RunResumed, run_id=RUN)
        play.do(RequestStarted)

        made = play.says(SpawnChild, child_id=CHILD, run_id=RUN, task="Count.")

        assert made == [f"thread_created {CHILD}"]

    def test_a_prompt_comes_without_an_agents_name(self, play: Play) -> None:
        """On the thread's own list it is received from the primary all the same."""
        play.do(StartRun, run_id=RUN)
        play.do(RunResumed, run_id=RUN)
        play.do(SpawnChild, child_id=CHILD, run_id=RUN, task="Count.")
        play.do(DeliverNext, thread_id=CHILD)

        _, prompt = thread_list(play.log, CHILD)

        assert isinstance(prompt, ThreadMessageReceived)
        assert prompt.from_session_thread_id == "sthr_1_0"
        assert prompt.from_agent_name is ABSENT


class TestMadeRuns:
    """A run that is made and does not execute yet."""

    def test_by_the_pages_it_does_not_keep_the_session_from_resting(self, play: Play) -> None:
        """Only a run that executes does."""
        play.do(StartRun, run_id=RUN)

        assert play.says(TurnEnded)[-1] == "status_idle end_turn"

    def test_with_the_switch_it_does(self) -> None:
        """Whether it starts at once is not known."""
        play = Play(dialect("anthropic").switched("made_run", "stays_running"))
        play.do(SendMessage, content="Go")
        play.do(RequestStarted)
        play.do(RequestEnded)
        play.do(StartRun, run_id=RUN)

        assert play.says(TurnEnded) == ["thread_status_idle end_turn"]
        assert play.says(RunResumed, run_id=RUN) == ["workflow_run.status_running"]


class TestFailedRuns:
    """A run that ends in an error."""

    def test_the_error_is_told_before_what_it_ends(self, play: Play) -> None:
        """The phases end for it, and the run's end is its last event."""
        play.do(StartRun, run_id=RUN)
        play.do(RunResumed, run_id=RUN)
        play.do(PhaseReported, run_id=RUN, phase_id="wrph_1")

        assert play.says(RunEnded, run_id=RUN, result="error", error="timeout_error") == [
            "workflow_run.error",
            "workflow_run.phase_ended",
            "workflow_run.status_ended",
        ]


class TestAccounts:
    """Which rests of children are followed by the session's account."""

    def test_the_rest_of_an_advisor_is_followed_by_its_end(self, play: Play) -> None:
        """The account is recorded after children that a coordinator made, and after no others."""
        play.do(ConsultAdvisor, child_id=CHILD)

        assert play.says(TurnEnded, thread_id=CHILD) == [f"thread_status_idle {CHILD} end_turn"]
        assert play.says(FinishThread, thread_id=CHILD) == [f"thread_status_terminated {CHILD}"]
