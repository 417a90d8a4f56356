"""Refusals: every code is given by some command, and of two reasons the first in order is heard."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playing import SESSION, Play

from lifecycle import commands as c
from lifecycle.dialects import dialect
from lifecycle.engine import Decision, Engine, Refusal
from lifecycle.engine.refusals import PRECEDENCE, REFUSED, RETRY_HELPS, refused_by
from lifecycle.events import UserMessage
from lifecycle.vocabulary import Permission, RefusalCode as R

CHILD = "sthr_child"
BUDGET = {"type": "list_cost", "max_list_cost": {"amount": "1"}}

Scene = Callable[[Play], Decision]


def refused(decision: Decision) -> Refusal:
    """Return the refusal; there must be one."""
    assert decision.refusal is not None
    return decision.refusal


# -- scenes ----------------------------------------------------------------------------------------


def body(play: Play, thread_id: str = "") -> None:
    """One request of a thread, without a word."""
    play.do(c.RequestStarted, thread_id=thread_id)
    play.do(c.RequestEnded, thread_id=thread_id)


def works(play: Play) -> None:
    """The primary works, between two requests."""
    play.do(c.SendMessage, content="Go")
    body(play)


def calls(play: Play, thread_id: str = "", *, ends: bool = True, **call: Any) -> None:
    """A thread calls a tool, and rests on it."""
    play.do(c.RequestStarted, thread_id=thread_id)
    play.do(c.ToolUsed, thread_id=thread_id, call_id="c1", **call)
    play.do(c.RequestEnded, thread_id=thread_id)
    if ends:
        play.do(c.TurnEnded, thread_id=thread_id)


def asks(play: Play) -> None:
    """The primary rests on a call that must be confirmed."""
    play.do(c.SendMessage, content="Go")
    calls(play, permission=Permission.ASK)


def child(play: Play) -> None:
    """The primary works, and so does its child."""
    works(play)
    play.do(c.SpawnChild, child_id=CHILD, task="Look.")
    play.do(c.DeliverNext, thread_id=CHILD)


def dead_child(play: Play) -> None:
    """The child has failed, while the primary works."""
    child(play)
    play.do(c.FailSession, thread_id=CHILD)


def run_thread(play: Play) -> None:
    """A workflow run is open, and one of its threads works."""
    works(play)
    play.do(c.StartRun, run_id="wrun_1")
    play.do(c.SpawnChild, child_id=CHILD, task="Look.", run_id="wrun_1")
    play.do(c.DeliverNext, thread_id=CHILD)


def capped(play: Play) -> None:
    """The primary has ended its turn beyond the budget."""
    works(play)
    play.do(c.TurnEnded, over_budget=True)


def full(play: Play) -> None:
    """Every slot for a child is taken."""
    works(play)
    for number in range(play.engine.dialect.limits["live_child_threads"].value):
        play.do(c.SpawnChild, child_id=f"sthr_{number}", task="Look.")


def told(prepare: Callable[[Play], object], kind: type[c.Command], **fields: Any) -> Scene:
    """Return the scene that prepares a session, and then gives it the command."""

    def scene(play: Play) -> Decision:
        prepare(play)
        return play.do(kind, **fields)

    return scene


def nothing(play: Play) -> None:
    """A session that was only made."""


def both(*doings: Callable[[Play], object]) -> Callable[[Play], None]:
    """Return the doing of one after the other."""

    def doing(play: Play) -> None:
        for one in doings:
            one(play)

    return doing


def does(kind: type[c.Command], **fields: Any) -> Callable[[Play], Decision]:
    """Return the doing of a command."""
    return lambda play: play.do(kind, **fields)


def elsewhere(play: Play) -> Decision:
    """Give a command for another session."""
    return play.engine.decide(
        play.state, c.SendMessage(session_id="sesn_2", content="Hi"), now=play.now
    )


def ended_elsewhere(play: Play) -> Decision:
    """Give a command for another session, of a session that is over."""
    play.do(c.FailSession)
    return elsewhere(play)


def nowhere(play: Play) -> Decision:
    """Give a command before the session is made."""
    return play.engine.decide(None, c.SendMessage(session_id=SESSION, content="Hi"), now=play.now)


GIVEN: dict[R, Scene] = {
    R.WRONG_SESSION: elsewhere,
    R.SESSION_NOT_FOUND: nowhere,
    R.SESSION_EXISTS: told(nothing, c.CreateSession),
    R.SESSION_ENDED: told(lambda p: p.do(c.FailSession), c.SendMessage, content="Hi"),
    R.THREAD_NOT_FOUND: told(nothing, c.ArchiveThread, thread_id="nobody"),
    R.CALL_NOT_FOUND: told(nothing, c.AnswerTool, call_id="nothing"),
    R.RUN_NOT_FOUND: told(nothing, c.RunPaused, run_id="nothing"),
    R.INVALID_INPUT: told(asks, c.ConfirmTool, call_id="c1", allow=True, deny_message="No."),
    R.PRIMARY_THREAD: told(nothing, c.ArchiveThread, thread_id="sthr_1_0"),
    R.WORKFLOW_RUN_OPEN: told(run_thread, c.ArchiveThread, thread_id=CHILD),
    R.THREAD_ENDED: told(dead_child, c.MessageChild, child_id=CHILD),
    R.THREAD_NOT_IDLE: told(child, c.ArchiveThread, thread_id=CHILD),
    R.SESSION_RUNNING: told(works, c.UpdateSession, changes={"agent": {}}),
    R.ARCHIVE_RUNNING: told(works, c.ArchiveSession),
    R.DELETE_RUNNING: told(works, c.DeleteSession),
    R.ANSWERS_REQUIRED: told(asks, c.SendMessage, content="Hi"),
    R.BUDGET_REACHED: told(capped, c.SendMessage, content="Hi"),
    R.WRONG_ANSWER: told(asks, c.AnswerTool, call_id="c1"),
    R.CONFIRMATION_FIRST: told(asks, c.ToolResulted, call_id="c1"),
    R.OUT_OF_TURN: told(nothing, c.TurnEnded),
    R.ID_TAKEN: told(child, c.SpawnChild, child_id=CHILD),
    R.THREAD_LIMIT: told(full, c.SpawnChild),
}
"""A scene for every code of the default dialect, in the order of precedence."""

ELSEWHERE = {
    R.UNAUTHENTICATED: "credentials are the server's, and never reach the engine",
    R.THREAD_ARCHIVED: "only where a switch refuses a second archive: tested with Qoder's below",
    R.CALL_ANSWERED: "two answers: tested below",
    **dict.fromkeys(
        (
            R.DEPLOYMENT_NOT_FOUND,
            R.DEPLOYMENT_EXISTS,
            R.DEPLOYMENT_ARCHIVED,
            R.DEPLOYMENT_PAUSED,
            R.DEPLOYMENT_ACTIVE,
            R.RUN_NOT_OPEN,
            R.ALREADY_FIRED,
            R.NOT_SCHEDULED,
            R.NOT_DUE,
        ),
        "of deployments: tested with them",
    ),
}
"""The codes that no single scene of the default dialect gives, and why."""


class TestCodes:
    """What a refusal carries."""

    def test_every_code_has_its_scene(self) -> None:
        """And its place in the order of precedence."""
        assert set(GIVEN) | set(ELSEWHERE) == set(R) == set(PRECEDENCE)
        assert len(PRECEDENCE) == len(set(PRECEDENCE))
        assert set(REFUSED.values()) <= set(PRECEDENCE)

    @pytest.mark.parametrize("code", GIVEN)
    def test_a_command_is_refused_with_it(self, code: R) -> None:
        """With a reason, and the dialect's own status, type and message; nothing is emitted."""
        play = Play(budget=BUDGET)
        refusal = refused(GIVEN[code](play))
        status = play.state.state.value if play.state else ""

        answer = dialect("anthropic").answers[code]
        assert refusal.code is code
        assert refusal.reason
        assert (refusal.status, refusal.type, refusal.message) == (
            answer.status,
            answer.type,
            answer.said(session=SESSION, status=status, reason=refusal.reason),
        )
        assert refusal.retry_helps == (code in RETRY_HELPS)

    def test_a_second_archive_is_a_conflict_by_the_letter_of_the_seed(self) -> None:
        """A switch: refused in Qoder's dialect, accepted elsewhere without a second event."""
        for name, expected in (("qoder", R.THREAD_ARCHIVED), ("anthropic", None)):
            play = Play(name)
            child(play)
            body(play, CHILD)
            play.do(c.TurnEnded, thread_id=CHILD)
            first = play.do(c.ArchiveThread, thread_id=CHILD)
            again = play.do(c.ArchiveThread, thread_id=CHILD)

            assert (again.refusal.code if again.refusal else None) is expected
            assert not again.entries
            if again.refusal is None:
                assert again.reply == first.reply
            else:
                assert again.refusal.status == 409

    def test_a_call_is_answered_once(self) -> None:
        """Also while the answer still waits for an earlier one."""
        play = Play()
        play.do(c.SendMessage, content="Go")
        play.do(c.RequestStarted)
        for name in ("c1", "c2"):
            play.do(c.ToolUsed, call_id=name, kind="custom")
        play.do(c.RequestEnded)
        play.do(c.TurnEnded)
        play.do(c.AnswerTool, call_id="c2")

        assert refused(play.do(c.AnswerTool, call_id="c2")).code is R.CALL_ANSWERED

    def test_a_code_that_a_dialect_does_not_answer_is_invalid_input(self) -> None:
        """Qoder's pages know no workflow runs: nothing of theirs is made up."""
        answers = dialect("qoder").answers

        assert R.BUDGET_REACHED not in answers
        assert R.INVALID_INPUT in answers

    def test_every_denying_row_has_its_code(self) -> None:
        """Of every machine, in both dialects."""
        for name in ("anthropic", "qoder"):
            for machine, table in dialect(name).machines.items():
                codes = {refused_by(machine, row) for row in table if not row.accepts}
                assert codes <= set(PRECEDENCE)


class TestBadInput:
    """What names nothing, or somebody else's."""

    @pytest.mark.parametrize(
        ("kind", "fields", "code"),
        [
            (c.ArchiveThread, {"thread_id": "nobody"}, R.THREAD_NOT_FOUND),
            (c.Interrupt, {"thread_id": "nobody"}, R.THREAD_NOT_FOUND),
            (c.DeliverNext, {"thread_id": "nobody"}, R.THREAD_NOT_FOUND),
            (c.RequestStarted, {"thread_id": "nobody"}, R.THREAD_NOT_FOUND),
            (c.RequestEnded, {"thread_id": "nobody"}, R.THREAD_NOT_FOUND),
            (c.AgentSpoke, {"thread_id": "nobody"}, R.THREAD_NOT_FOUND),
            (c.AgentThought, {"thread_id": "nobody"}, R.THREAD_NOT_FOUND),
            (c.ToolUsed, {"thread_id": "nobody"}, R.THREAD_NOT_FOUND),
            (c.TurnEnded, {"thread_id": "nobody"}, R.THREAD_NOT_FOUND),
            (c.StartTurn, {"thread_id": "nobody"}, R.THREAD_NOT_FOUND),
            (c.ReportError, {"thread_id": "nobody"}, R.THREAD_NOT_FOUND),
            (c.RescheduleTurn, {"thread_id": "nobody"}, R.THREAD_NOT_FOUND),
            (c.FailTurn, {"thread_id": "nobody"}, R.THREAD_NOT_FOUND),
            (c.FailSession, {"thread_id": "nobody"}, R.THREAD_NOT_FOUND),
            (c.Report, {"thread_id": "nobody"}, R.THREAD_NOT_FOUND),
            (c.FinishThread, {"thread_id": "nobody"}, R.THREAD_NOT_FOUND),
            (c.ConsultAdvisor, {"thread_id": "nobody"}, R.THREAD_NOT_FOUND),
            (c.EvaluationStarted, {"thread_id": "nobody"}, R.THREAD_NOT_FOUND),
            (c.EvaluationEnded, {"thread_id": "nobody"}, R.THREAD_NOT_FOUND),
            (c.StartRun, {"thread_id": "nobody"}, R.THREAD_NOT_FOUND),
            (c.BudgetReached, {"thread_id": "nobody"}, R.THREAD_NOT_FOUND),
            (c.MessageChild, {"child_id": "nobody"}, R.THREAD_NOT_FOUND),
            (c.SpawnChild, {"thread_id": "nobody"}, R.THREAD_NOT_FOUND),
            (c.SpawnChild, {"blocking": True, "call_id": "nothing"}, R.CALL_NOT_FOUND),
            (c.SpawnChild, {"run_id": "nothing"}, R.RUN_NOT_FOUND),
            (c.ConfirmTool, {"call_id": "nothing", "allow": True}, R.CALL_NOT_FOUND),
            (c.AnswerTool, {"call_id": "nothing"}, R.CALL_NOT_FOUND),
            (c.ReturnResult, {"call_id": "nothing"}, R.CALL_NOT_FOUND),
            (c.ToolResulted, {"call_id": "nothing"}, R.CALL_NOT_FOUND),
            (c.RunResumed, {"run_id": "nothing"}, R.RUN_NOT_FOUND),
        ],
    )
    @pytest.mark.parametrize("name", ["anthropic", "qoder"])
    def test_what_is_not_there_is_not_found(
        self, name: str, kind: type[c.Command], fields: dict[str, Any], code: R
    ) -> None:
        """And the refusal names it."""
        refusal = refused(Play(name).do(kind, **fields))

        assert refusal.code is code
        assert refusal.subject in fields.values()

    def test_nobody_delegates_before_a_request_has_ended(self) -> None:
        """The coordinator delegates as a response has said; the platform's threads need none."""
        play = Play()
        spawn, tell = does(c.SpawnChild, child_id=CHILD), does(c.MessageChild, child_id=CHILD)
        play.do(c.SendMessage, content="Go")
        fresh = refused(spawn(play))
        assert (fresh.code, fresh.retry_helps) == (R.OUT_OF_TURN, True)
        assert fresh.reason == "no model request of its turn has asked for it"

        play.do(c.RequestStarted)
        assert refused(spawn(play)).code is R.OUT_OF_TURN
        play.do(c.RequestEnded)
        play.do(c.StartRun, run_id="wrun_1")
        assert spawn(play).refusal is None
        play.do(c.TurnEnded)

        play.do(c.SendMessage, content="Go on")
        assert refused(tell(play)).reason == fresh.reason
        assert play.do(c.SpawnChild, child_id="sthr_run", run_id="wrun_1").refusal is None
        assert play.do(c.ConsultAdvisor, child_id="sthr_advisor").refusal is None
        body(play)
        assert tell(play).refusal is None
        assert play.findings() == []

    def test_a_result_is_for_the_thread_that_made_the_call(self) -> None:
        """A host that mixes its threads up hears of it; without a thread, the call's id tells."""
        play = Play()
        child(play)
        calls(play, CHILD, ends=False)
        for wrong in ("sthr_1_0", "nobody"):
            refusal = refused(play.do(c.ToolResulted, thread_id=wrong, call_id="c1"))
            assert (refusal.code, refusal.subject) == (R.INVALID_INPUT, wrong)
            assert refusal.reason == f"c1 is a call of {CHILD}"

        assert play.do(c.ToolResulted, thread_id=CHILD, call_id="c1").refusal is None
        calls(play, CHILD, ends=False)
        assert play.do(c.ToolResulted, call_id="c1").refusal is None

    def test_a_turn_that_rested_on_asks_may_delegate_when_it_goes_on(self) -> None:
        """Its request came before the ask: the turn is the same."""
        play = Play()
        asks(play)
        play.do(c.ConfirmTool, call_id="c1", allow=True)
        play.do(c.ToolResulted, call_id="c1")

        assert play.do(c.SpawnChild, child_id=CHILD).refusal is None
        assert play.findings() == []

    @pytest.mark.parametrize(
        ("kind", "code", "message"),
        [
            (
                c.ArchiveSession,
                R.ARCHIVE_RUNNING,
                'Session sesn_1 cannot be archived while its status is "running".'
                " Only pending or idle sessions may be archived.",
            ),
            (
                c.DeleteSession,
                R.DELETE_RUNNING,
                "Cannot delete session while it is running."
                " Send an interrupt event or wait for the session to complete.",
            ),
        ],
    )
    def test_a_running_session_answers_in_the_recorded_words(
        self, kind: type[c.Command], code: R, message: str
    ) -> None:
        """Word for word, with 400 `invalid_request_error`. Source: recordings (section 9)."""
        play = Play()
        works(play)
        refusal = refused(play.do(kind))

        assert (refusal.code, refusal.status) == (code, 400)
        assert (refusal.type, refusal.message) == ("invalid_request_error", message)
        assert refusal.retry_helps

    def test_qoder_answers_a_session_that_has_failed_as_one_that_is_over(self) -> None:
        """It was not archived, and the answer does not say so."""
        play = Play("qoder")
        play.do(c.FailSession)
        refusal = refused(play.do(c.SendMessage, content="Hi"))

        assert (refusal.code, "archived" in refusal.message) == (R.SESSION_ENDED, False)

    @pytest.mark.parametrize(
        ("content", "index"),
        [("", 0), (({"type": "text", "text": "Hi"}, {"type": "text", "text": ""}), 1)],
        ids=["text", "block"],
    )
    def test_an_empty_text_is_refused_and_the_field_is_named(
        self, content: c.Content, index: int
    ) -> None:
        """In the recorded words, whatever else is wrong; in an initial event by its place."""
        field = f"user_message.content.{index}.text: value is required"
        play = Play()
        asks(play)
        refusal = refused(play.do(c.SendMessage, content=content))
        assert (refusal.code, refusal.message) == (R.INVALID_INPUT, f"events.0.{field}")

        hi = c.SendMessage(session_id=SESSION, content="Hi")
        empty = c.SendMessage(session_id=SESSION, content=content)
        create = c.CreateSession(session_id=SESSION, initial=(hi, empty))
        refusal = refused(Engine().decide(None, create, now=play.now))
        assert (refusal.code, refusal.message) == (R.INVALID_INPUT, f"initial_events.1.{field}")

    def test_blocks_are_taken_that_hold_no_empty_text(self) -> None:
        """A picture needs no words; the event has the blocks as they came."""
        content = ({"type": "text", "text": "Look"}, {"type": "image"})
        decision = Play().do(c.SendMessage, content=content)

        assert decision.refusal is None
        assert [x.content for x in decision.events if isinstance(x, UserMessage)] == [[*content]]

    @pytest.mark.parametrize("name", ["anthropic", "qoder"])
    def test_what_is_wrong_with_an_input_is_answered(self, name: str) -> None:
        """The answer names the reason, not merely that there is one."""
        refusal = refused(Play(name).do(c.UpdateSession, changes={"weather": 1}))

        assert refusal.message == refusal.reason == "a session's weather cannot be changed"

    @pytest.mark.parametrize(
        ("kind", "fields", "said"),
        [
            (c.ToolUsed, {"kind": "tol"}, "kind: a tool is tool, mcp, custom, not 'tol'"),
            (c.EvaluationEnded, {"result": "fine"}, "result: no grading ends 'fine'"),
        ],
    )
    def test_a_misspelt_word_is_refused(
        self, kind: type[c.Command], fields: dict[str, Any], said: str
    ) -> None:
        """Before what the state would say, and after what is not found."""
        refusal = refused(Play().do(kind, **fields))
        assert (refusal.code, refusal.message) == (R.INVALID_INPUT, said)

        refusal = refused(Play().do(kind, thread_id="nobody", **fields))
        assert refusal.code is R.THREAD_NOT_FOUND

    def test_an_initial_event_for_another_session_is_refused(self) -> None:
        """The session is not made."""
        hi = c.SendMessage(session_id="sesn_2", content="Hi")
        create = c.CreateSession(session_id=SESSION, initial=(hi,))
        refusal = refused(Engine().decide(None, create, now=Play().now))

        assert (refusal.code, refusal.subject) == (R.WRONG_SESSION, "sesn_2")

    def test_a_deleted_session_is_not_found(self) -> None:
        """It is gone, not merely over."""
        play = Play()
        play.do(c.DeleteSession)

        assert refused(play.do(c.SendMessage, content="Hi")).code is R.SESSION_NOT_FOUND
        assert refused(play.do(c.DeleteSession)).code is R.SESSION_NOT_FOUND

    def test_another_sessions_state_is_not_created_over(self) -> None:
        """A host that loaded the wrong one hears so."""
        play = Play()
        made = play.engine.decide(play.state, c.CreateSession(session_id="sesn_2"), now=play.now)

        assert refused(made).code is R.WRONG_SESSION

    @pytest.mark.parametrize(
        "initial",
        [
            tuple(c.SendMessage(session_id=SESSION, content="Hi") for _ in range(51)),
            tuple(c.DefineOutcome(session_id=SESSION) for _ in range(2)),
        ],
        ids=["too many", "two outcomes"],
    )
    def test_a_session_starts_with_what_the_pages_allow(self, initial: Any) -> None:
        """Fifty events, and one outcome among them. Source: pages, sessions (S3, S4)."""
        engine = Engine()
        play = Play()
        made = engine.decide(
            None, c.CreateSession(session_id=SESSION, initial=initial), now=play.now
        )

        assert refused(made).code is R.INVALID_INPUT
        assert refused(made).message.startswith("a session starts with ")

    def test_a_time_without_a_zone_is_the_hosts_mistake(self) -> None:
        """Nobody knows which moment it is: that is raised, not refused."""
        play = Play()
        with pytest.raises(ValueError, match="time zone"):
            play.engine.decide(
                play.state,
                c.SendMessage(session_id=SESSION, content="Hi"),
                now=play.now.replace(tzinfo=None),
            )


BOTH: list[tuple[R, R, Scene]] = [
    (R.WRONG_SESSION, R.SESSION_ENDED, ended_elsewhere),
    (R.SESSION_ENDED, R.THREAD_NOT_FOUND,
     told(lambda p: p.do(c.FailSession), c.ArchiveThread, thread_id="nobody")),
    (R.SESSION_ENDED, R.CALL_NOT_FOUND,
     told(lambda p: p.do(c.ArchiveSession), c.AnswerTool, call_id="nothing")),
    (R.SESSION_ENDED, R.OUT_OF_TURN, told(lambda p: p.do(c.ArchiveSession), c.TurnEnded)),
    (R.SESSION_ENDED, R.INVALID_INPUT,
     told(lambda p: p.do(c.ArchiveSession), c.UpdateSession, changes={"weather": 1})),
    (R.THREAD_NOT_FOUND, R.OUT_OF_TURN, told(nothing, c.MessageChild, child_id="nobody")),
    (R.CALL_NOT_FOUND, R.INVALID_INPUT,
     told(nothing, c.ConfirmTool, call_id="nothing", allow=True, deny_message="No.")),
    (R.CALL_NOT_FOUND, R.OUT_OF_TURN,
     told(nothing, c.SpawnChild, call_id="nothing", blocking=True)),
    (R.CALL_NOT_FOUND, R.RUN_NOT_FOUND,
     told(works, c.SpawnChild, call_id="nothing", blocking=True, run_id="nothing")),
    (R.RUN_NOT_FOUND, R.OUT_OF_TURN, told(nothing, c.SpawnChild, run_id="nothing")),
    (R.RUN_NOT_FOUND, R.ID_TAKEN, told(child, c.SpawnChild, run_id="nothing", child_id=CHILD)),
    (R.RUN_NOT_FOUND, R.INVALID_INPUT, told(nothing, c.RunEnded, run_id="x", result="exploded")),
    (R.INVALID_INPUT, R.WRONG_ANSWER,
     told(both(does(c.SendMessage, content="Go"), lambda p: calls(p, kind="custom")), c.ConfirmTool,
          call_id="c1", allow=True, deny_message="No.")),
    (R.INVALID_INPUT, R.OUT_OF_TURN, told(nothing, c.Report)),
    (R.INVALID_INPUT, R.OUT_OF_TURN,
     told(both(child, does(c.TurnEnded)), c.ConsultAdvisor, thread_id=CHILD)),
    (R.INVALID_INPUT, R.OUT_OF_TURN,
     told(both(child, does(c.TurnEnded)), c.StartRun, thread_id=CHILD)),
    (R.INVALID_INPUT, R.OUT_OF_TURN, told(child, c.EvaluationStarted, thread_id=CHILD)),
    (R.INVALID_INPUT, R.WORKFLOW_RUN_OPEN,
     told(run_thread, c.UpdateSession, changes={"agent": {}, "weather": 1})),
    (R.INVALID_INPUT, R.ANSWERS_REQUIRED,
     told(both(does(c.DefineOutcome), lambda p: calls(p, permission=Permission.ASK)),
          c.DefineOutcome)),
    (R.INVALID_INPUT, R.BUDGET_REACHED,
     told(both(does(c.DefineOutcome), body, does(c.TurnEnded, over_budget=True)),
          c.DefineOutcome)),
    (R.WORKFLOW_RUN_OPEN, R.THREAD_NOT_IDLE, told(run_thread, c.ArchiveThread, thread_id=CHILD)),
    (R.WORKFLOW_RUN_OPEN, R.ARCHIVE_RUNNING, told(run_thread, c.ArchiveSession)),
    (R.WORKFLOW_RUN_OPEN, R.SESSION_RUNNING,
     told(run_thread, c.UpdateSession, changes={"agent": {}})),
    (R.THREAD_ENDED, R.OUT_OF_TURN, told(dead_child, c.RequestEnded, thread_id=CHILD)),
    (R.THREAD_ENDED, R.OUT_OF_TURN,
     told(both(dead_child, does(c.TurnEnded)), c.MessageChild, child_id=CHILD)),
    (R.ANSWERS_REQUIRED, R.BUDGET_REACHED,
     told(both(does(c.SendMessage, content="Go"),
               lambda p: calls(p, ends=False, permission=Permission.ASK),
               does(c.TurnEnded, over_budget=True)), c.SendMessage, content="Hi")),
    (R.WRONG_ANSWER, R.CONFIRMATION_FIRST, told(asks, c.ReturnResult, call_id="c1")),
    (R.OUT_OF_TURN, R.ID_TAKEN,
     told(both(child, does(c.TurnEnded)), c.SpawnChild, child_id=CHILD)),
    (R.OUT_OF_TURN, R.THREAD_LIMIT, told(both(full, does(c.TurnEnded)), c.SpawnChild)),
    (R.ID_TAKEN, R.THREAD_LIMIT, told(full, c.SpawnChild, child_id="sthr_1")),
    (R.BUDGET_REACHED, R.OUT_OF_TURN,
     told(both(child, does(c.TurnEnded, over_budget=True),
               does(c.RequestStarted, thread_id=CHILD),
               does(c.ToolUsed, thread_id=CHILD, call_id="c1"),
               does(c.RequestEnded, thread_id=CHILD)),
          c.RequestStarted, thread_id=CHILD)),
]  # fmt: skip
"""Commands with which two things are wrong: what is heard, and what is not."""


class TestPrecedence:
    """Two things are wrong; which one do I hear about?"""

    @pytest.mark.parametrize(
        ("heard", "other", "scene"),
        [pytest.param(*one, id=f"{one[0]} before {one[1]} ({n})") for n, one in enumerate(BOTH)],
    )
    def test_the_first_in_order_is_heard(self, heard: R, other: R, scene: Scene) -> None:
        """As `PRECEDENCE` has it."""
        assert PRECEDENCE.index(heard) < PRECEDENCE.index(other)
        assert refused(scene(Play(budget=BUDGET))).code is heard
