"""The fold: who outranks whom when a session's state is read off its threads and runs."""

from __future__ import annotations

from itertools import chain, combinations

import pytest

from lifecycle.machines import FOLD, SESSION, fold
from lifecycle.vocabulary import Fact, SessionState, SessionTrigger

RANKS = """
    archived             archived      -
    primary_failed       terminated    -
    thread_running       running       -
    thread_rescheduling  rescheduling  -
    thread_asking        idle          requires_action
    run_running          running       -
    thread_capped        idle          budget_reached
    thread_exhausted     idle          retries_exhausted
    thread_refused       idle          refusal
    nothing              idle          end_turn
"""
"""The fold: the first fact that holds gives the session's state and its stop reason."""

RANKED = [line.split() for line in RANKS.strip().splitlines()]
FACTS = [Fact(fact) for fact, _, _ in RANKED]


class TestFold:
    """The session's state follows from its threads and runs."""

    def test_the_ranks_are_these(self) -> None:
        """Every fact has one rank."""
        ranked = [[str(row.fact), str(row.state), str(row.stop or "-")] for row in FOLD]

        assert ranked == RANKED
        assert set(FACTS) == set(Fact)

    @pytest.mark.parametrize(("high", "low"), list(combinations(FACTS, 2)))
    def test_the_higher_fact_wins(self, high: Fact, low: Fact) -> None:
        """Of two facts the higher one speaks, in whichever order they are told."""
        assert fold([low, high]) is fold([high, low]) is fold({high})
        assert fold([high]).fact is high

    def test_of_many_facts_the_highest_wins(self) -> None:
        """All 1024 sets of facts, against the ranks."""
        for facts in chain.from_iterable(combinations(FACTS, n) for n in range(len(FACTS) + 1)):
            expected = facts[0] if facts else Fact.NOTHING
            assert fold(facts).fact is expected

    @pytest.mark.parametrize(
        ("facts", "state", "stop"),
        [
            ("thread_running thread_asking thread_capped", "running", None),
            ("thread_asking run_running", "idle", "requires_action"),
            ("thread_asking thread_capped", "idle", "requires_action"),
            ("run_running thread_capped", "running", None),
            ("thread_capped thread_exhausted", "idle", "budget_reached"),
            ("thread_rescheduling thread_exhausted", "rescheduling", None),
            ("archived thread_running", "archived", None),
            ("", "idle", "end_turn"),
        ],
    )
    def test_what_this_means_for_a_session(self, facts: str, state: str, stop: str | None) -> None:
        """The cases that people ask about."""
        row = fold([Fact(fact) for fact in facts.split()])

        assert (row.state, row.stop) == (state, stop)

    def test_a_dialects_own_order_can_be_asked(self) -> None:
        """The fold takes any rows."""
        upside_down = tuple(reversed(FOLD[:-1])) + FOLD[-1:]

        assert fold([Fact.ARCHIVED, Fact.THREAD_REFUSED], upside_down).fact is Fact.THREAD_REFUSED

    @pytest.mark.parametrize("before", ["idle", "running", "rescheduling"])
    def test_a_live_session_can_follow_the_fold(self, before: str) -> None:
        """Whatever the fold says next, the session machine has a way there."""
        ways = {
            SessionState.RUNNING: SessionTrigger.WORK,
            SessionState.IDLE: SessionTrigger.REST,
            SessionState.RESCHEDULING: SessionTrigger.RESCHEDULE,
            SessionState.TERMINATED: SessionTrigger.FAIL,
        }
        for after, trigger in ways.items():
            row = SESSION.step(SessionState(before), trigger)
            # Who rests is not put aside: that takes a thread that works.
            rested = (before, after) == ("idle", SessionState.RESCHEDULING)
            assert (row.accepts and row.target is after) is not rested
