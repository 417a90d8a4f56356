"""What the machines owe on the way from state to state, and how they say no."""

from __future__ import annotations

from typing import Any

import pytest

from lifecycle.dialects import DIALECTS
from lifecycle.effects import (
    CANCEL_MAILBOX,
    CLOSE_CALLS,
    CLOSE_STREAMS,
    DELIVER_NEXT,
    EMIT_DELETED,
    EMIT_IDLE,
    EMIT_RESCHEDULED,
    EMIT_RUN_ENDED,
    EMIT_RUN_IDLE,
    EMIT_RUN_RUNNING,
    EMIT_RUNNING,
    EMIT_SESSION_IDLE,
    EMIT_SESSION_RESCHEDULED,
    EMIT_SESSION_RUNNING,
    EMIT_SESSION_TERMINATED,
    EMIT_TERMINATED,
    END_CHILDREN,
    END_RUNS,
    FLUSH_MAILBOX,
    FREE_SLOT,
    GIVE_RESULT,
    RUN_TOOL,
    START_CLOCK,
    STOP_CLOCK,
    UNBLOCK_COORDINATOR,
)
from lifecycle.machines import CALL, MESSAGE, SESSION, STOPS, THREAD, WORKFLOW_RUN
from lifecycle.table import Effect, Machine, Row
from lifecycle.vocabulary import (
    CallState,
    CallTrigger,
    MessageState,
    RunState,
    SessionState,
    SessionTrigger,
    ThreadState as S,
    ThreadTrigger as T,
)


def accepted(machine: Machine[Any, Any]) -> list[Row[Any, Any]]:
    """List the rows that accept."""
    return [row for row in machine if row.accepts]


def owing(machine: Machine[Any, Any], effect: Effect) -> set[tuple[str, str]]:
    """Return the cells whose rows owe *effect*."""
    return {(str(row.state), str(row.trigger)) for row in machine if effect in row.effects}


def cells(text: str) -> set[tuple[str, str]]:
    """Read ``state trigger`` lines."""
    pairs = [line.split() for line in text.strip().splitlines()]
    return {(state, trigger) for state, trigger in pairs}


class TestThread:
    """What a thread owes on its way."""

    def test_the_clock_runs_exactly_while_the_thread_does(self) -> None:
        """It is started on the way into running, stopped on the way out, and nowhere else."""
        for row in accepted(THREAD):
            enters = row.target is S.RUNNING is not row.state
            leaves = row.state is S.RUNNING is not row.target
            assert (START_CLOCK in row.effects) is enters, row
            assert (STOP_CLOCK in row.effects) is leaves, row

    def test_a_thread_that_starts_or_is_put_aside_says_so(self) -> None:
        """One running event a turn, one rescheduled event a fault; joining writes nothing."""
        for row in accepted(THREAD):
            moves = row.target is not row.state
            assert (EMIT_RUNNING in row.effects) is (moves and row.target is S.RUNNING), row
            assert (EMIT_RESCHEDULED in row.effects) is (moves and row.target is S.RESCHEDULING)

    def test_a_thread_that_rests_says_so_each_time_that_its_reason_changes(self) -> None:
        """Coming to rest writes an idle event; so do three things that happen at rest."""
        resting = {
            (str(row.state), str(row.trigger))
            for row in accepted(THREAD)
            if row.target is S.IDLE is not row.state
        }
        assert owing(THREAD, EMIT_IDLE) - resting == cells("""
            idle  answer
            idle  reach_budget
            idle  interrupt_asks
        """)
        assert resting <= owing(THREAD, EMIT_IDLE)

    def test_every_idle_event_has_a_stop_reason_and_no_other_event_has(self) -> None:
        """`STOPS` names exactly the triggers that write an idle event, in some dialect."""
        tables = [dialect.machines["thread"] for dialect in DIALECTS.values()]
        idle = {row.trigger for table in tables for row in table if EMIT_IDLE in row.effects}

        assert idle == set(STOPS)

    @pytest.mark.parametrize(
        ("trigger", "stop"),
        [
            (T.END_TURN, "end_turn"),
            (T.INTERRUPT, "end_turn"),
            (T.INTERRUPT_ASKS, "end_turn"),
            (T.RECOVER, "end_turn"),
            (T.ASK, "requires_action"),
            (T.ANSWER, "requires_action"),
            (T.EXHAUST_RETRIES, "retries_exhausted"),
            (T.REACH_BUDGET, "budget_reached"),
            (T.REFUSE, "refusal"),
        ],
    )
    def test_the_stop_reason_follows_from_the_trigger(self, trigger: T, stop: str) -> None:
        """An interrupt has no reason of its own, and a partial answer still waits."""
        assert STOPS[trigger] == stop

    def test_the_next_message_is_delivered_when_the_thread_is_free_again(self) -> None:
        """Not while it waits for answers, is capped, or has dropped its queue."""
        assert owing(THREAD, DELIVER_NEXT) == cells("""
            idle          interrupt_asks
            running       end_turn
            running       refuse
            running       interrupt
            running       interrupt_asks
            rescheduling  interrupt
            rescheduling  interrupt_asks
        """)

    def test_used_up_retries_drop_the_queue(self) -> None:
        """Wherever they are used up, and only then."""
        assert owing(THREAD, FLUSH_MAILBOX) == cells("""
            running       exhaust_retries
            rescheduling  exhaust_retries
        """)

    def test_a_childs_end_is_one_list_of_duties_in_one_order(self) -> None:
        """Calls closed, mailbox cancelled, coordinator unblocked, slot freed, event written."""
        end = (CLOSE_CALLS, CANCEL_MAILBOX, UNBLOCK_COORDINATOR, FREE_SLOT, EMIT_TERMINATED)
        ends = [
            (row.state, row.trigger, row.effects)
            for row in accepted(THREAD)
            if row.target is not row.state
            and row.target in (S.TERMINATED, S.ARCHIVED)
            and row.trigger is not T.FAIL_PRIMARY
        ]
        assert ends == [
            (S.IDLE, T.FINISH_CHILD, end),
            (S.IDLE, T.ARCHIVE_CHILD, end),
            (S.RUNNING, T.FINISH_CHILD, (STOP_CLOCK, *end)),
            (S.RESCHEDULING, T.FINISH_CHILD, end),
        ]

    def test_the_primarys_end_is_silent(self) -> None:
        """Its mailbox is cancelled, and only the session says that it is over."""
        assert owing(THREAD, EMIT_TERMINATED).isdisjoint(
            (str(state), "fail_primary") for state in S
        )
        for state in (S.IDLE, S.RUNNING, S.RESCHEDULING):
            assert CANCEL_MAILBOX in THREAD.step(state, T.FAIL_PRIMARY).effects

    def test_no_end_leaves_a_message_or_a_coordinator_behind(self) -> None:
        """Whatever ends a thread cancels its mailbox; whatever ends a child unblocks."""
        for row in accepted(THREAD):
            if row.target is not row.state and row.target in (S.TERMINATED, S.ARCHIVED):
                assert CANCEL_MAILBOX in row.effects
                assert (UNBLOCK_COORDINATOR in row.effects) is (row.trigger is not T.FAIL_PRIMARY)

    def test_archiving_again_owes_nothing(self) -> None:
        """The first time stands: no second event, no second tool result."""
        assert THREAD.step(S.ARCHIVED, T.ARCHIVE_CHILD).effects == ()

    @pytest.mark.parametrize(
        ("state", "trigger", "because"),
        [
            (S.RUNNING, T.ARCHIVE_CHILD, "interrupt it first, then wait for idle"),
            (S.RESCHEDULING, T.ARCHIVE_CHILD, "interrupt it first, then wait for idle"),
            (S.TERMINATED, T.ARCHIVE_CHILD, "a terminated thread accepts nothing more"),
            (S.IDLE, T.ARCHIVE_PRIMARY, "the primary cannot be archived; archive the session"),
            (S.RUNNING, T.ARCHIVE_PRIMARY, "the primary cannot be archived; archive the session"),
            (S.ARCHIVED, T.DELIVER, "an archived thread accepts nothing more"),
            (S.IDLE, T.END_TURN, "no turn is open"),
            (S.RUNNING, T.RETRY, "nothing was put aside to be retried"),
            (S.RESCHEDULING, T.DELIVER, "a retry is due: what comes in is held until then"),
        ],
    )
    def test_a_refusal_says_what_to_do_or_why(self, state: S, trigger: T, because: str) -> None:
        """These are the sentences that clients read."""
        assert THREAD.step(state, trigger).because == because


class TestSession:
    """What a session owes on its way."""

    def test_a_change_of_the_fold_writes_its_event(self) -> None:
        """One event for each state that a session can come to by work; rest says so twice."""
        events = {
            SessionState.RUNNING: EMIT_SESSION_RUNNING,
            SessionState.IDLE: EMIT_SESSION_IDLE,
            SessionState.RESCHEDULING: EMIT_SESSION_RESCHEDULED,
            SessionState.TERMINATED: EMIT_SESSION_TERMINATED,
        }
        for row in accepted(SESSION):
            if row.target is not row.state and row.target in events:
                assert row.effects[-1] is events[row.target], row
        assert owing(SESSION, EMIT_SESSION_IDLE) == cells("""
            idle          rest
            running       rest
            rescheduling  rest
        """)

    def test_archiving_writes_no_event(self) -> None:
        """The list of an archived session stays as it was; its children and runs are ended."""
        assert SESSION.step(SessionState.IDLE, SessionTrigger.ARCHIVE).effects == (
            END_CHILDREN,
            END_RUNS,
        )
        assert SESSION.step(SessionState.TERMINATED, SessionTrigger.ARCHIVE).effects == ()

    def test_a_failure_ends_the_children_before_it_is_told(self) -> None:
        """Children and runs first, the session's own event last."""
        for state in (SessionState.IDLE, SessionState.RUNNING, SessionState.RESCHEDULING):
            assert SESSION.step(state, SessionTrigger.FAIL).effects == (
                END_CHILDREN,
                END_RUNS,
                EMIT_SESSION_TERMINATED,
            )

    def test_deleting_tells_the_streams_and_then_ends_them(self) -> None:
        """Wherever it is accepted; children and runs end before, unless they have ended already."""
        deleting = {r.state: r for r in accepted(SESSION) if r.trigger is SessionTrigger.DELETE}

        assert set(deleting) == {"idle", "terminated", "archived"}
        for state, row in deleting.items():
            assert row.effects[-2:] == (EMIT_DELETED, CLOSE_STREAMS)
            assert row.effects[:-2] == ((END_CHILDREN, END_RUNS) if state == "idle" else ())

    def test_what_a_client_sends_moves_no_session(self) -> None:
        """Input opens a turn of a thread, and the fold moves the session."""
        for row in accepted(SESSION):
            if row.trigger.startswith("send_"):
                assert (row.target, row.effects) == (row.state, ())

    @pytest.mark.parametrize(
        ("state", "trigger", "because"),
        [
            ("idle", "send_input_asked", "answer or interrupt the open calls first"),
            ("idle", "send_input_capped", "the budget is reached: raise or remove it first"),
            (
                "running",
                "archive",
                "only an idle session may be archived: interrupt it and wait",
            ),
            (
                "running",
                "delete",
                "a running session cannot be deleted: interrupt it and wait",
            ),
            ("running", "update_agent", "the agent cannot change while it works"),
            ("archived", "send_input", "an archived session accepts nothing more"),
            ("deleted", "delete", "a deleted session is gone"),
        ],
    )
    def test_a_refusal_says_what_to_do_or_why(self, state: str, trigger: str, because: str) -> None:
        """These are the sentences that clients read."""
        row = SESSION.step(SessionState(state), SessionTrigger(trigger))

        assert not row.accepts
        assert row.because == because


class TestCallsAndRuns:
    """What a call, a message and a run owe on their way."""

    def test_a_message_ends_once(self) -> None:
        """An ended message accepts nothing at all."""
        assert MESSAGE.allowed(MessageState.DELIVERED) == ()
        assert MESSAGE.allowed(MessageState.CANCELLED) == ()

    def test_a_call_has_exactly_one_result(self) -> None:
        """The result is given on the way into the last state, which accepts nothing more."""
        for row in accepted(CALL):
            assert (GIVE_RESULT in row.effects) is (row.target is CallState.RESULTED), row
        assert CALL.allowed(CallState.RESULTED) == ()

    def test_every_open_call_can_be_closed(self) -> None:
        """An interrupt or an archive leaves no call open."""
        for state in CallState:
            closing = CALL.step(state, CallTrigger.CLOSE)
            assert closing.target is CallState.RESULTED
            assert closing.accepts is (state is not CallState.RESULTED)

    def test_a_tool_is_run_when_its_confirmation_is_consumed(self) -> None:
        """Not when the answer merely waits, and never after a denial."""
        assert owing(CALL, RUN_TOOL) == cells("""
            asked     allow
            answered  allow
        """)
        assert not CALL.step(CallState.DENIED, CallTrigger.RESULT).accepts
        assert not CALL.step(CallState.ASKED, CallTrigger.RESULT).accepts

    def test_a_run_reports_what_it_does(self) -> None:
        """A start, a pause and an end each write their event, also when one went unreported."""
        events = {"start": EMIT_RUN_RUNNING, "pause": EMIT_RUN_IDLE, "end": EMIT_RUN_ENDED}
        for row in accepted(WORKFLOW_RUN):
            expected = (events[row.trigger],) if row.trigger in events else ()
            assert row.effects == expected, row
        assert WORKFLOW_RUN.allowed(RunState.ENDED) == ()
