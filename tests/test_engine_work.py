"""What the agent loop reports beside turns: faults, budgets, outcomes, workflow runs, errands.

Each story cites the section of the notes, or the page, that its order follows. After each, the
checker finds nothing on any list, as it streams and as it is read later.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playing import Play

from lifecycle import check
from lifecycle.commands import (
    AgentSpoke,
    ArchiveSession,
    BudgetReached,
    ConfirmTool,
    ConsultAdvisor,
    DefineOutcome,
    DeliverNext,
    EvaluationEnded,
    EvaluationStarted,
    FailSession,
    FailTurn,
    FinishThread,
    Interrupt,
    PhaseReported,
    Report,
    ReportError,
    RequestEnded,
    RequestStarted,
    RescheduleTurn,
    RunEnded,
    RunPaused,
    RunResumed,
    SendMessage,
    SpawnChild,
    StartRun,
    StartTurn,
    ToolResulted,
    ToolUsed,
    TurnEnded,
    UpdateSession,
)
from lifecycle.dialects import dialect
from lifecycle.engine import Decision
from lifecycle.state import session_list, settled
from lifecycle.vocabulary import (
    ErrorType,
    EventType,
    Permission,
    RefusalCode,
    RetryStatus,
    SessionState,
)
from lifecycle.wire.structure import unstructure

CHILD = "sthr_child"
BUDGET = {"type": "list_cost", "max_list_cost": {"amount": "1"}}
RAISED = {"type": "list_cost", "max_list_cost": {"amount": "2"}}


@pytest.fixture(name="play", params=["anthropic", "qoder"])
def _play(request: pytest.FixtureRequest) -> Iterator[Play]:
    """A session of either dialect; what it lists passes the checker in the end."""
    play = Play(request.param)
    yield play
    assert play.findings() == []


@pytest.fixture(name="paid")
def _paid() -> Iterator[Play]:
    """A session with a budget, of the dialect whose pages name one."""
    play = Play("anthropic", budget=BUDGET)
    yield play
    assert play.findings() == []


def named(play: Play, expected: list[str]) -> list[str]:
    """Return *expected* without the account, in the dialect that lists none."""
    has = play.engine.dialect.name == "anthropic"
    return [line for line in expected if has or line != "usage"]


def turn(play: Play, thread_id: str = "") -> None:
    """One request in which the agent says something."""
    play.do(RequestStarted, thread_id=thread_id)
    play.do(AgentSpoke, thread_id=thread_id, content="Well.")
    play.do(RequestEnded, thread_id=thread_id)


def called(play: Play, thread_id: str = "", **call: object) -> None:
    """One request with one call."""
    play.do(RequestStarted, thread_id=thread_id)
    play.do(ToolUsed, thread_id=thread_id, call_id="c1", **call)
    play.do(RequestEnded, thread_id=thread_id)


def with_child(play: Play, *, rests: bool = True, **spawn: object) -> None:
    """The coordinator makes a child, which starts, and comes to rest itself."""
    play.do(SendMessage, content="Delegate.")
    play.do(RequestStarted)
    play.do(RequestEnded)
    play.do(SpawnChild, child_id=CHILD, agent_name="kid", task="Look it up.", **spawn)
    play.do(DeliverNext, thread_id=CHILD)
    if rests:
        turn(play)
        play.do(TurnEnded)


def code(decision: Decision) -> RefusalCode:
    """Return why a command was refused; it must have been."""
    assert decision.refusal is not None
    return decision.refusal.code


class TestErrors:
    """Recorded, section 6; the client's retry statuses."""

    def test_an_error_that_is_retried_changes_no_status(self, play: Play) -> None:
        """X3: told once, and the turn goes on to its end."""
        play.do(SendMessage, content="Hello")

        assert play.says(
            ReportError,
            error=ErrorType.MCP_CONNECTION_FAILED,
            fields={"mcp_server_name": "files"},
        ) == ["error"]
        turn(play)
        assert play.says(TurnEnded) == named(
            play, ["thread_status_idle end_turn", "usage", "status_idle end_turn"]
        )

    def test_an_error_that_is_not_retried_is_reported_otherwise(self, play: Play) -> None:
        """It ends the turn or the session, and both have reports of their own."""
        exhausted = play.do(ReportError, retry=RetryStatus.EXHAUSTED)
        nonsense = play.do(ReportError, fields={"weather": "rain"})

        assert code(exhausted) is code(nonsense) is RefusalCode.INVALID_INPUT

    def test_a_terminal_error_ends_the_session_without_idle_or_account(self, play: Play) -> None:
        """X1: span end, error, terminated."""
        play.do(SendMessage, content="Hello")
        play.do(RequestStarted)

        assert play.says(FailSession) == [
            "span.model_request_end error",
            "error",
            "status_terminated",
        ]
        assert code(play.do(SendMessage, content="Hello?")) is RefusalCode.SESSION_ENDED

    def test_the_children_of_a_session_end_with_it(self, play: Play) -> None:
        """Pages, threads: its primary's end is the end of all; the message never is read."""
        with_child(play)
        play.do(SendMessage, content="More")

        ended = play.do(FailSession)

        assert "end the children" in [one.effect.name for one in ended.effects]
        assert play.state is not None
        assert not any(one.live for one in play.state.threads.values())
        assert not play.state.messages

    def test_children_may_end_with_their_session_silently(self) -> None:
        """The switch: no page says whether their ends are listed."""
        play = Play(dialect("anthropic").switched("children_of_ended_session", "silent"))
        with_child(play)

        assert play.says(FailSession) == ["error", "status_terminated"]
        assert play.state is not None
        assert not any(one.live for one in play.state.threads.values())

    def test_a_coordinator_that_waits_dies_waiting(self, play: Play) -> None:
        """Its child ends with it, and nothing unblocks it: it would run again."""
        play.do(SendMessage, content="Delegate.")
        called(play, name="Agent")
        play.do(SpawnChild, child_id=CHILD, task="Look.", blocking=True, call_id="c1")

        assert play.says(FailSession)[-1] == "status_terminated"

    def test_a_child_dies_alone(self, play: Play) -> None:
        """H9: its calls are closed, it ends on both lists, and the session rests."""
        with_child(play)
        called(play, CHILD)

        ended = play.says(FailSession, thread_id=CHILD)

        assert ended[0].startswith(f"thread_status_terminated {CHILD}")
        assert ended[1:] == named(play, ["usage", "status_idle end_turn"])
        assert code(play.do(FailSession, thread_id=CHILD)) is RefusalCode.THREAD_ENDED
        assert code(play.do(ReportError, thread_id=CHILD)) is RefusalCode.THREAD_ENDED

    def test_a_waiting_coordinator_learns_that_its_child_failed(self, play: Play) -> None:
        """What the archive page says of an archived child; the error result is inferred."""
        play.do(SendMessage, content="Delegate.")
        called(play, name="Agent")
        play.do(SpawnChild, child_id=CHILD, task="Look.", blocking=True, call_id="c1")
        play.do(DeliverNext, thread_id=CHILD)

        failed = play.do(FailSession, thread_id=CHILD)

        unblocked = next(o for o in failed.effects if o.effect.name == "unblock the coordinator")
        assert unblocked.detail == "Agent failed."
        turn(play)


class TestRetries:
    """Anthropic 1.4, T13 to T15; Qoder 1.1: back to rest, never to work. Never recorded (X5)."""

    def test_a_turn_that_is_put_aside_is_taken_up_again(self) -> None:
        """T13, T14: error, thread, session; then the pair."""
        play = Play()
        play.do(SendMessage, content="Hello")
        play.do(RequestStarted)

        assert play.says(RescheduleTurn) == [
            "span.model_request_end error",
            "error",
            "thread_status_rescheduled",
            "status_rescheduled",
        ]
        assert play.says(StartTurn) == ["status_running", "thread_status_running"]
        assert code(play.do(TurnEnded)) is RefusalCode.OUT_OF_TURN  # its request is to follow
        turn(play)
        play.do(TurnEnded)
        assert play.findings() == []

    def test_in_qoder_it_comes_back_at_rest(self) -> None:
        """Qoder 1.1: rescheduling goes to idle; what waited is delivered."""
        play = Play("qoder")
        play.do(SendMessage, content="Hello")
        called(play)
        play.do(RescheduleTurn)

        assert play.says(StartTurn) == [
            "agent.tool_result c1 error",
            "thread_status_idle end_turn",
            "status_idle end_turn",
        ]
        assert play.findings() == []

    def test_in_qoder_a_child_put_aside_keeps_no_other_thread_from_work(self) -> None:
        """Only the thread that was put aside comes back at rest; the primary may run before."""
        play = Play("qoder")
        play.do(SendMessage, content="Hello")
        turn(play)
        play.do(SpawnChild, child_id="child-1", task="Look")
        play.do(Interrupt, thread_id="sthr_1_0")
        play.do(DeliverNext, thread_id="child-1")
        assert play.says(RescheduleTurn, thread_id="child-1")[-1] == "status_rescheduled"

        assert play.says(SendMessage, content="Go on") == [
            "user.message",
            "status_running",
            "thread_status_running",
        ]
        assert play.findings() == []

    def test_exhausted_retries_drop_the_queue(self, play: Play) -> None:
        """T15: the call is closed, then the error, then rest; a new prompt opens a new turn."""
        play.do(SendMessage, content="Hello")
        called(play)
        if play.engine.dialect.name == "anthropic":
            play.do(SendMessage, content="And quickly")

        assert play.says(FailTurn) == named(
            play,
            [
                "agent.tool_result c1 error",
                "error",
                "thread_status_idle retries_exhausted",
                "usage",
                "status_idle retries_exhausted",
            ],
        )
        assert play.state is not None
        assert not play.state.messages
        assert "user.message" in play.says(SendMessage, content="Again")

    def test_a_runs_result_outlives_the_turn_that_fails(self) -> None:
        """The queue is dropped, but the primary is told of the run: that delivery is owed."""
        play = Play()
        play.do(SendMessage, content="Hi")
        turn(play)
        play.do(StartRun, run_id="wrun_1")
        play.do(RunEnded, run_id="wrun_1")
        failed = play.do(FailTurn)

        assert failed.effects[-1].effect.name == "deliver the next message"
        assert play.says(DeliverNext) == ["status_running", "thread_status_running"]
        assert play.state is not None
        assert not play.state.messages
        assert play.findings() == []

    def test_retries_may_be_exhausted_while_the_turn_is_put_aside(self, play: Play) -> None:
        """T15 from rescheduling."""
        play.do(SendMessage, content="Hello")
        play.do(RescheduleTurn)

        assert play.says(FailTurn) == named(
            play,
            [
                "error",
                "thread_status_idle retries_exhausted",
                "usage",
                "status_idle retries_exhausted",
            ],
        )

    def test_a_child_whose_retries_are_exhausted_terminates(self) -> None:
        """H8, by the client; in Qoder nothing says so, and it rests."""
        play = Play()
        with_child(play)

        assert play.says(FailTurn, thread_id=CHILD) == [
            f"thread_status_idle {CHILD} retries_exhausted",
            "usage",
            f"thread_status_terminated {CHILD}",
            "usage",
            "status_idle end_turn",
        ]
        assert play.findings() == []

    def test_in_qoder_it_rests(self) -> None:
        """The switch `exhausted_child`."""
        play = Play("qoder")
        with_child(play)

        assert play.says(FailTurn, thread_id=CHILD) == [
            f"thread_status_idle {CHILD} retries_exhausted",
            "status_idle retries_exhausted",
        ]
        assert play.findings() == []

    def test_a_thread_may_run_what_stands_beside_its_asks(self, play: Play) -> None:
        """G11, and four recordings: it runs unanswered, and rests on the same asks again."""
        play.do(SendMessage, content="Go")
        play.do(RequestStarted)
        play.do(ToolUsed, call_id="c1", kind="custom")
        play.do(ToolUsed, call_id="c2")
        play.do(RequestEnded)
        play.do(TurnEnded)

        assert play.says(StartTurn) == ["status_running", "thread_status_running"]
        assert play.says(ToolResulted, call_id="c2") == ["agent.tool_result c2"]
        assert play.says(TurnEnded) == named(
            play,
            [
                "thread_status_idle requires_action(c1)",
                "usage",
                "status_idle requires_action(c1)",
            ],
        )
        assert code(play.do(StartTurn)) is RefusalCode.OUT_OF_TURN

    def test_a_turn_does_not_start_for_nothing(self, play: Play) -> None:
        """A host that lost count is told so."""
        assert code(play.do(StartTurn)) is RefusalCode.OUT_OF_TURN
        assert code(play.do(RescheduleTurn)) is RefusalCode.OUT_OF_TURN
        assert code(play.do(FailTurn)) is RefusalCode.OUT_OF_TURN


class TestBudget:
    """Recorded, section 12 (all documented); anthropic 1.4, T6 and T10 to T12, and 1.8."""

    def test_the_budget_stops_a_turn_before_its_next_request(self, paid: Play) -> None:
        """T11; T12: another budget, and the turn goes on by itself."""
        paid.do(SendMessage, content="Hello")

        assert paid.says(BudgetReached) == [
            "thread_status_idle budget_reached",
            "usage",
            "status_idle budget_reached",
        ]
        assert code(paid.do(SendMessage, content="More")) is RefusalCode.BUDGET_REACHED
        assert paid.says(UpdateSession, changes={"budget": RAISED}) == [
            "updated",
            "status_running",
            "thread_status_running",
        ]
        turn(paid)
        paid.do(TurnEnded)

    def test_a_turn_that_ends_beyond_the_cap_has_ended(self, paid: Play) -> None:
        """Section 12: the thread says end_turn, the session budget_reached."""
        paid.do(SendMessage, content="Hello")
        turn(paid)

        assert paid.says(TurnEnded, over_budget=True) == [
            "thread_status_idle end_turn",
            "usage",
            "status_idle budget_reached",
        ]
        assert paid.says(Interrupt) == []  # T10: accepted, and not listed
        assert paid.says(UpdateSession, changes={"budget": None}) == ["updated"]
        again = paid.do(UpdateSession, changes={"budget": BUDGET})
        assert code(again) is RefusalCode.INVALID_INPUT

    def test_an_answer_at_the_cap_is_recorded_and_resumes_nothing(self, paid: Play) -> None:
        """T6; the ask outranks the cap until it is answered."""
        paid.do(SendMessage, content="Go")
        called(paid, permission=Permission.ASK)
        assert paid.says(TurnEnded, over_budget=True)[-1] == "status_idle requires_action(c1)"
        assert code(paid.do(SendMessage, content="More")) is RefusalCode.ANSWERS_REQUIRED

        assert paid.says(ConfirmTool, call_id="c1", allow=False) == [
            "user.tool_confirmation c1",
            "thread_status_idle budget_reached",
            "usage",
            "status_idle budget_reached",
        ]
        assert paid.says(UpdateSession, changes={"budget": RAISED}) == [
            "updated",
            "status_running",
            "thread_status_running",
            "agent.tool_result c1 error",
        ]
        turn(paid)
        paid.do(TurnEnded)

    def test_children_pause_and_go_on_too(self, paid: Play) -> None:
        """T11, T12: every thread by itself; what waits in a mailbox is delivered afterwards."""
        with_child(paid, rests=False)
        called(paid, CHILD, kind="tool", permission=Permission.DENY)
        turn(paid)
        paid.do(TurnEnded)
        assert paid.says(BudgetReached, thread_id=CHILD) == [
            f"thread_status_idle {CHILD} budget_reached",
            "usage",
            "usage",
            "status_idle budget_reached",
        ]
        assert code(paid.do(RequestStarted, thread_id=CHILD)) is RefusalCode.OUT_OF_TURN

        assert paid.says(UpdateSession, changes={"budget": RAISED})[0] == "updated"
        turn(paid, CHILD)
        paid.do(TurnEnded, thread_id=CHILD)

    def test_what_was_sent_before_the_cap_is_delivered_after_it(self, paid: Play) -> None:
        """A report that nobody could take wakes the coordinator when the budget is raised."""
        with_child(paid, rests=False)
        turn(paid)
        paid.do(TurnEnded, over_budget=True)
        paid.do(RequestStarted, thread_id=CHILD)
        assert code(paid.do(BudgetReached, thread_id="nobody")) is RefusalCode.THREAD_NOT_FOUND
        paid.do(BudgetReached, thread_id=CHILD)
        paid.do(Interrupt, thread_id=CHILD)
        assert paid.findings() == []

    def test_a_retry_is_checked_against_the_budget(self, paid: Play) -> None:
        """The retry is a request, too."""
        with_child(paid, rests=False)
        paid.do(RescheduleTurn, thread_id=CHILD)
        turn(paid)
        paid.do(TurnEnded, over_budget=True)

        assert code(paid.do(StartTurn, thread_id=CHILD)) is RefusalCode.BUDGET_REACHED
        assert paid.says(BudgetReached, thread_id=CHILD)[-1] == "status_idle budget_reached"

    def test_a_call_without_a_result_stops_before_the_budget_does(self, paid: Play) -> None:
        """The cap is checked before a request, and no request is due yet."""
        paid.do(SendMessage, content="Go")
        called(paid)

        assert code(paid.do(BudgetReached)) is RefusalCode.OUT_OF_TURN
        paid.do(ToolResulted, call_id="c1")
        assert paid.says(BudgetReached)[0] == "thread_status_idle budget_reached"
        assert code(paid.do(BudgetReached)) is RefusalCode.OUT_OF_TURN

    def test_qoder_names_no_budget(self) -> None:
        """What a service has no event for is refused, not invented."""
        play = Play("qoder")
        play.do(SendMessage, content="Go")
        turn(play)

        assert code(play.do(TurnEnded, over_budget=True)) is RefusalCode.INVALID_INPUT
        assert code(play.do(BudgetReached)) is RefusalCode.INVALID_INPUT


class TestUpdates:
    """Anthropic 1.8."""

    def test_only_what_changed_is_told(self) -> None:
        """Nothing changed, nothing is told; metadata that was cleared is not on the event."""
        play = Play(budget=BUDGET)

        assert play.says(UpdateSession, changes={"budget": BUDGET, "metadata": {}}) == []
        updated = play.do(UpdateSession, changes={"title": "New", "agent": {"tools": []}})

        assert [getattr(one, "title", None) for one in updated.events] == ["New"]
        assert updated.reply is not None
        assert updated.reply["id"] == "sesn_1"

    def test_what_may_not_change_is_refused_whole(self) -> None:
        """1.8: vaults never; a budget only where there was one; the agent only at rest."""
        play = Play()

        assert code(play.do(UpdateSession, changes={"vault_ids": []})) is RefusalCode.INVALID_INPUT
        added = play.do(UpdateSession, changes={"budget": BUDGET, "title": "New"})
        assert code(added) is RefusalCode.INVALID_INPUT
        play.do(SendMessage, content="Go")
        agent = play.do(UpdateSession, changes={"agent": {}, "title": "New"})
        assert code(agent) is RefusalCode.SESSION_RUNNING
        turn(play)
        play.do(StartRun, run_id="wrun_1")
        play.do(TurnEnded)
        agent = play.do(UpdateSession, changes={"agent": {}})
        assert code(agent) is RefusalCode.WORKFLOW_RUN_OPEN

    def test_qoder_changes_without_an_event(self) -> None:
        """Its pages name none."""
        assert Play("qoder").says(UpdateSession, changes={"title": "New"}) == []


class TestOutcomes:
    """Recorded, section 11; the rest documented."""

    @pytest.fixture(name="goal")
    def _goal(self) -> Iterator[Play]:
        """A session that has worked for its outcome once."""
        play = Play()
        play.do(DefineOutcome, description="A poem.", outcome_id="outc_1")
        turn(play)
        yield play
        assert play.findings() == []

    def test_it_wakes_like_a_message(self) -> None:
        """O1, W2: recorded after the pair."""
        assert Play().says(DefineOutcome, description="A poem.") == [
            "status_running",
            "thread_status_running",
            "user.define_outcome",
        ]

    def test_a_verdict_that_asks_for_more_opens_a_cycle_of_the_same_turn(self, goal: Play) -> None:
        """O2: iterations count from 0; no status event between."""
        assert goal.says(EvaluationStarted) == ["span.outcome_evaluation_start"]
        assert code(goal.do(RequestStarted)) is RefusalCode.OUT_OF_TURN
        assert goal.says(EvaluationEnded, result="needs_revision") == [
            "span.outcome_evaluation_end"
        ]
        assert code(goal.do(TurnEnded)) is RefusalCode.OUT_OF_TURN
        turn(goal)
        goal.do(EvaluationStarted)
        goal.do(EvaluationEnded)
        assert goal.says(TurnEnded)[-1] == "status_idle end_turn"
        assert [getattr(one, "iteration", None) for one in session_list(goal.log)][-5:-3] == [1, 1]
        assert code(goal.do(EvaluationStarted)) is RefusalCode.OUT_OF_TURN  # O2b: it is over

    def test_the_last_iteration_is_acknowledged(self, goal: Play) -> None:
        """O2: max_iterations_reached, one more cycle, then idle."""
        goal.do(EvaluationStarted)
        goal.do(EvaluationEnded, result="max_iterations_reached")

        assert code(goal.do(TurnEnded)) is RefusalCode.OUT_OF_TURN
        turn(goal)
        assert goal.says(TurnEnded)[-1] == "status_idle end_turn"

    def test_an_interrupt_ends_it(self, goal: Play) -> None:
        """O2: interrupted, even if no grading has started: then the start's id is empty."""
        assert goal.says(Interrupt) == [
            "user.interrupt",
            "span.outcome_evaluation_end",
            "thread_status_idle end_turn",
            "usage",
            "status_idle end_turn",
        ]
        end = session_list(goal.log)[-4]
        assert getattr(end, "outcome_evaluation_start_id", None) == ""
        assert goal.says(DefineOutcome, description="Another.")[-1] == "user.define_outcome"

    def test_one_that_waits_to_be_read_survives_an_interrupt(self) -> None:
        """It is queued input like any other, and nothing is graded yet."""
        play = Play()
        play.do(SendMessage, content="Hello")
        turn(play)
        play.do(DefineOutcome, description="A poem.")
        assert code(play.do(EvaluationStarted)) is RefusalCode.OUT_OF_TURN

        assert "span.outcome_evaluation_end" not in play.says(Interrupt)
        assert play.says(DeliverNext)[-1] == "user.define_outcome"
        assert play.findings() == []

    def test_one_that_is_dropped_is_worked_for_by_nobody(self) -> None:
        """X6: exhausted retries flush the queue; another outcome may follow."""
        play = Play()
        play.do(SendMessage, content="Hello")
        play.do(DefineOutcome, description="A poem.")
        play.do(FailTurn)

        assert play.says(DefineOutcome, description="Another.")[-1] == "user.define_outcome"

    def test_nothing_is_graded_before_the_work_is_done(self, goal: Play) -> None:
        """O3, and the pages on runs: no call, no run, the primary alone."""
        assert code(goal.do(EvaluationEnded)) is RefusalCode.OUT_OF_TURN
        other = goal.do(EvaluationStarted, thread_id="nobody")
        assert code(other) is RefusalCode.THREAD_NOT_FOUND
        second = goal.do(DefineOutcome, description="Another.")
        assert code(second) is RefusalCode.INVALID_INPUT
        goal.do(StartRun, run_id="wrun_1")
        assert code(goal.do(EvaluationStarted)) is RefusalCode.WORKFLOW_RUN_OPEN
        goal.do(RunEnded, run_id="wrun_1")
        called(goal)
        assert code(goal.do(EvaluationStarted)) is RefusalCode.OUT_OF_TURN
        goal.do(ToolResulted, call_id="c1")
        assert code(goal.do(EvaluationStarted)) is RefusalCode.OUT_OF_TURN
        turn(goal)
        goal.do(TurnEnded)
        assert code(goal.do(EvaluationStarted)) is RefusalCode.OUT_OF_TURN
        assert code(goal.do(EvaluationEnded)) is RefusalCode.OUT_OF_TURN

    def test_qoder_names_no_grading(self) -> None:
        """Its pages name the goal, not its grading; an interrupt adds nothing."""
        play = Play("qoder")
        play.do(DefineOutcome, description="A poem.")

        assert code(play.do(EvaluationStarted)) is RefusalCode.INVALID_INPUT
        assert play.says(Interrupt)[0] == "user.interrupt"


class TestRuns:
    """Anthropic 4: workflow runs; nothing of them is recorded."""

    @pytest.fixture(name="run")
    def _run(self) -> Iterator[Play]:
        """A session with a run that executes, its primary at rest."""
        play = Play(budget=BUDGET)
        play.do(SendMessage, content="Go")
        turn(play)
        play.do(StartRun, run_id="wrun_1", name="sweep", phases=({"id": "p1", "name": "look"},))
        play.do(RunResumed, run_id="wrun_1")
        play.do(TurnEnded)
        yield play
        assert play.findings() == []

    def test_a_run_that_executes_keeps_the_session_running(self, run: Play) -> None:
        """1.7, rule 2: its threads all rest, and no idle is told."""
        assert run.state is not None
        assert run.state.state is SessionState.RUNNING

    def test_its_result_gives_the_primary_a_turn(self, run: Play) -> None:
        """T21: phases end before it, its end is its last event, then the server starts a turn."""
        run.do(PhaseReported, run_id="wrun_1", phase_id="p1")
        run.do(PhaseReported, run_id="wrun_1", phase_id="p2")
        assert run.says(PhaseReported, run_id="wrun_1", phase_id="p2", ended=True) == [
            "workflow_run.phase_ended"
        ]

        assert run.says(RunEnded, run_id="wrun_1") == [
            "workflow_run.phase_ended",
            "workflow_run.status_ended",
        ]
        assert run.says(DeliverNext) == ["thread_status_running"]
        turn(run)
        assert run.says(TurnEnded)[-1] == "status_idle end_turn"

    def test_a_run_that_fails_has_told_its_error(self, run: Play) -> None:
        """4: one error before the end, with the same error; max_workflow_runs_error never."""
        never = run.do(RunEnded, run_id="wrun_1", result="error", error="max_workflow_runs_error")
        assert code(never) is RefusalCode.INVALID_INPUT
        unheard = run.do(RunEnded, run_id="wrun_1", result="exploded")
        assert code(unheard) is RefusalCode.INVALID_INPUT

        assert run.says(RunEnded, run_id="wrun_1", result="error") == [
            "workflow_run.error",
            "workflow_run.status_ended",
        ]

    def test_a_pause_lets_the_session_rest_and_a_resume_sets_it_to_work(self, run: Play) -> None:
        """1.7, rule 3; T22."""
        assert run.says(RunPaused, run_id="wrun_1") == [
            "workflow_run.status_idle",
            "usage",
            "status_idle end_turn",
        ]
        assert run.says(RunResumed, run_id="wrun_1") == [
            "workflow_run.status_running",
            "status_running",
        ]

    def test_the_result_of_a_run_keeps_the_session_at_work_until_it_is_read(self) -> None:
        """1.7, rules 2 to 4: the thread rests and wakes, and the session does not rest between."""
        play = Play()
        play.do(SendMessage, content="Hello")
        turn(play)
        play.do(StartRun, run_id="wrun_1")
        play.do(RunEnded, run_id="wrun_1")

        assert play.says(TurnEnded) == ["thread_status_idle end_turn"]
        assert play.says(DeliverNext) == ["thread_status_running"]
        assert play.findings() == []

    def test_a_session_that_a_run_alone_held_rests_without_a_thread(self, run: Play) -> None:
        """1.7, rules 2 to 4: no thread has worked since the session rested before."""
        run.do(RunPaused, run_id="wrun_1")
        run.do(RunResumed, run_id="wrun_1")

        assert run.says(RunPaused, run_id="wrun_1") == [
            "workflow_run.status_idle",
            "usage",
            "status_idle end_turn",
        ]
        assert run.findings() == []

        silent = [one for one in run.log if getattr(one.event, "type", "") != EventType.RUN_IDLE]
        plain = [unstructure(event) for event in session_list(silent)]
        assert [f.code for f in check(plain).findings] == ["SE004"]

    def test_the_budget_pauses_it_and_another_one_resumes_it(self, run: Play) -> None:
        """T11, T12."""
        run.do(RunPaused, run_id="wrun_1")
        run.do(SendMessage, content="More")
        run.do(RunResumed, run_id="wrun_1")

        assert run.says(BudgetReached) == [
            "thread_status_idle budget_reached",
            "workflow_run.status_idle",
            "usage",
            "status_idle budget_reached",
        ]
        assert code(run.do(RunResumed, run_id="wrun_1")) is RefusalCode.BUDGET_REACHED
        assert run.says(UpdateSession, changes={"budget": RAISED}) == [
            "updated",
            "status_running",
            "thread_status_running",
            "workflow_run.status_running",
        ]
        turn(run)

    def test_its_threads_end_with_it_and_take_no_slot(self, run: Play) -> None:
        """2.10: the server ends them, at the latest when the run ends."""
        run.do(RunPaused, run_id="wrun_1")
        run.do(SendMessage, content="More")
        turn(run)
        run.do(SpawnChild, child_id=CHILD, agent_name="kid", task="Look.", run_id="wrun_1")
        run.do(DeliverNext, thread_id=CHILD)
        turn(run, CHILD)

        assert run.says(RunEnded, run_id="wrun_1") == [
            f"thread_status_terminated {CHILD}",
            "workflow_run.status_ended",
        ]

    def test_too_many_runs_are_told_as_an_error_of_no_run(self) -> None:
        """4, limits: ten open runs; the eleventh is no run."""
        play = Play()
        play.do(SendMessage, content="Go")
        turn(play)
        for number in range(10):
            play.do(StartRun, run_id=f"wrun_{number}")
        assert code(play.do(StartRun, run_id="wrun_1")) is RefusalCode.ID_TAKEN

        assert play.says(StartRun) == ["workflow_run.error"]
        assert play.state is not None
        assert len(play.state.runs) == 10

    def test_what_is_not_open_is_not_found(self, run: Play) -> None:
        """A run that is over, and a phase that never started."""
        over = RefusalCode.RUN_NOT_FOUND
        assert code(run.do(RunResumed, run_id="wrun_9")) is over
        assert code(run.do(RunPaused, run_id="wrun_9")) is over
        assert code(run.do(RunEnded, run_id="wrun_9")) is over
        assert code(run.do(PhaseReported, run_id="wrun_9", phase_id="p1")) is over
        phase = run.do(PhaseReported, run_id="wrun_1", phase_id="p1", ended=True)
        assert code(phase) is over

    def test_only_the_primary_starts_one(self, run: Play) -> None:
        """4: runs do not nest; its turn must be open."""
        assert code(run.do(StartRun, thread_id="nobody")) is RefusalCode.THREAD_NOT_FOUND
        assert code(run.do(StartRun)) is RefusalCode.OUT_OF_TURN
        assert code(Play("qoder").do(StartRun)) is RefusalCode.INVALID_INPUT

    def test_an_archive_stops_it_if_the_switch_says_so(self) -> None:
        """4: an archive that succeeds ends open runs as stopped, late in the list."""
        play = Play(dialect("anthropic").switched("archive_with_open_run", "stop"))
        play.do(SendMessage, content="Go")
        turn(play)
        play.do(StartRun, run_id="wrun_1")
        play.do(TurnEnded)

        assert play.says(ArchiveSession) == ["workflow_run.status_ended"]


class TestErrands:
    """Recorded, C8; anthropic 2.2 (H15 to H17), 2.9 and 2.10."""

    def test_a_consultation_in_one_go(self, play: Play) -> None:
        """2.9: created, running, the advice, idle, terminated."""
        play.do(SendMessage, content="Hello")
        turn(play)

        said = play.says(ConsultAdvisor, child_id=CHILD, advice="Be brief.")

        assert [line.split()[0] for line in said if line != "usage"] == [
            "thread_created",
            "thread_status_running",
            "agent.thread_message_received",
            "thread_status_idle",
            "thread_status_terminated",
        ]
        turn(play)

    def test_a_consultation_step_by_step(self, play: Play) -> None:
        """H15; the advice may be read after the advisor is gone (C8)."""
        play.do(SendMessage, content="Hello")
        turn(play)
        play.do(ConsultAdvisor, child_id=CHILD)
        turn(play, CHILD)
        play.do(Report, thread_id=CHILD, content="Be brief.")
        play.do(TurnEnded, thread_id=CHILD)
        play.do(FinishThread, thread_id=CHILD)

        assert play.says(RequestStarted) == [
            "agent.thread_message_received",
            "span.model_request_start",
        ]
        play.do(RequestEnded)

    def test_an_interrupt_ends_an_advisor_without_advice(self, play: Play) -> None:
        """H16: it terminates, and the agent's turn goes on."""
        play.do(SendMessage, content="Hello")
        turn(play)
        play.do(ConsultAdvisor, child_id=CHILD)

        said = play.says(Interrupt, thread_id=CHILD)

        assert said[-1].startswith(f"thread_status_terminated {CHILD}")
        turn(play)

    def test_only_the_primary_consults_and_only_errands_finish(self, play: Play) -> None:
        """2.9; a plain child rests, and is archived by a client."""
        with_child(play)
        wrong = RefusalCode.INVALID_INPUT

        assert code(play.do(ConsultAdvisor, thread_id=CHILD)) is wrong
        assert code(play.do(FinishThread, thread_id=CHILD)) is wrong
        assert code(play.do(FinishThread)) is wrong
        assert code(play.do(ConsultAdvisor)) is RefusalCode.OUT_OF_TURN
        assert code(play.do(FinishThread, thread_id="nobody")) is RefusalCode.THREAD_NOT_FOUND

    def test_an_errand_is_over_once(self, play: Play) -> None:
        """H18; its id is taken for good."""
        play.do(SendMessage, content="Hello")
        turn(play)
        play.do(ConsultAdvisor, child_id=CHILD, advice="Be brief.")

        assert code(play.do(FinishThread, thread_id=CHILD)) is RefusalCode.THREAD_ENDED
        assert code(play.do(ConsultAdvisor, child_id=CHILD)) is RefusalCode.ID_TAKEN
        assert settled(session_list(play.log))
