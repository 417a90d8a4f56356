"""The dialects: what a service says differently is whole, sourced, and can be switched."""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

import pytest

from lifecycle.dialects import ANTHROPIC, DIALECTS, QODER, Dialect, UnknownDialect, dialect, diff
from lifecycle.dialects.form import Switch
from lifecycle.dialects.switches import ORDERS
from lifecycle.machines import MACHINES, fold
from lifecycle.table import TableError, deny
from lifecycle.vocabulary import (
    Evidence,
    Fact,
    RefusalCode,
    SessionState,
    SessionTrigger,
    ThreadState,
    ThreadTrigger,
)

every_dialect: Final = pytest.mark.parametrize("one", DIALECTS.values(), ids=DIALECTS)

CHOICES: Final = [
    pytest.param(one, switch, choice, id=f"{one.name}-{switch.name}-{choice}")
    for one in DIALECTS.values()
    for switch in one.switches.values()
    for choice in switch.choices
    if switch.machine
]
"""Every choice of every switch that replaces rows; the others are about the order of events."""


class TestNames:
    """How a dialect is found."""

    @every_dialect
    def test_a_dialect_is_found_by_its_name_or_is_one_already(self, one: Dialect) -> None:
        """Whoever takes a dialect takes both."""
        assert dialect(one.name) is one
        assert dialect(one) is one

    def test_an_unknown_dialect_is_refused_with_the_known_ones(self) -> None:
        """The message is the whole help that is needed."""
        with pytest.raises(UnknownDialect, match="no dialect 'openai'; choose from anthropic, qod"):
            dialect("openai")

    def test_the_first_is_the_default(self) -> None:
        """Recordings are checked as Anthropic's unless somebody says otherwise."""
        assert next(iter(DIALECTS.values())) is ANTHROPIC


class TestWords:
    """What is reported."""

    @every_dialect
    def test_a_reported_state_is_a_state_and_has_one_word(self, one: Dialect) -> None:
        """A second word needs a condition."""
        for entry in one.reported:
            assert entry.state in MACHINES[entry.machine].states
            assert entry.source
        plain = Counter((r.machine, r.state) for r in one.reported if not r.when)
        assert set(plain.values()) == {1}
        assert set(plain) >= {(r.machine, r.state) for r in one.reported}

    def test_an_archived_thread_is_reported_as_terminated_by_the_one_only(self) -> None:
        """One state of ours, two words on the wire."""
        assert ANTHROPIC.word("thread", "archived") == "terminated"
        assert QODER.word("thread", "archived") == "archived"

    def test_a_word_with_a_condition_is_not_the_states_word(self) -> None:
        """Qoder's blocked is a running thread that waits; a running thread is running."""
        assert QODER.word("thread", "running") == "running"

    def test_a_state_that_nobody_reports_keeps_its_own_word(self) -> None:
        """Qoder's pages do not name rescheduling."""
        assert QODER.word("thread", "rescheduling") == "rescheduling"


class TestAnswers:
    """What a refused request is answered with."""

    @every_dialect
    def test_an_answer_is_an_http_error_of_its_code(self, one: Dialect) -> None:
        """A status from the four hundreds, a type, and a sentence or the reason alone."""
        for code, answer in one.answers.items():
            assert answer.code is code
            assert 400 <= answer.status < 500
            assert re.fullmatch(r"[a-z_]+_error", answer.type)
            assert re.fullmatch(r"[A-Z].*\.|{reason}", answer.message)
            assert answer.source

    @every_dialect
    def test_status_and_type_agree(self, one: Dialect) -> None:
        """What is not found is 404, who is not known is 401."""
        for answer in one.answers.values():
            assert (answer.status == 404) is (answer.type == "not_found_error")
            assert (answer.status == 401) is (answer.type == "authentication_error")

    def test_only_what_qoder_does_not_have_has_no_answer(self) -> None:
        """Neither workflow runs nor budgets are on its pages."""
        assert set(ANTHROPIC.answers) == set(RefusalCode)
        assert set(RefusalCode) - set(QODER.answers) == {
            RefusalCode.WORKFLOW_RUN_OPEN,
            RefusalCode.BUDGET_REACHED,
        }


class TestFieldsAndLimits:
    """What events carry, and what services do not go beyond."""

    @every_dialect
    def test_a_field_is_said_once_of_an_event_that_the_dialect_knows(self, one: Dialect) -> None:
        """Required and never there at the same time would refuse every event."""
        said = Counter((field.event, field.name) for field in one.fields)

        assert set(said.values()) == {1}
        assert {field.event for field in one.fields} <= one.events
        assert all(field.source for field in one.fields)

    @every_dialect
    def test_a_limit_is_a_number_with_a_unit(self, one: Dialect) -> None:
        """And stands under its own name."""
        for name, limit in one.limits.items():
            assert limit.name == name
            assert limit.value > 0
            assert limit.unit
            assert limit.source


class TestFold:
    """The session's fold in a dialect."""

    @every_dialect
    def test_the_fold_always_has_an_answer(self, one: Dialect) -> None:
        """Its last row holds when no other does, and no fact stands twice."""
        facts = [row.fact for row in one.fold]

        assert facts[-1] is Fact.NOTHING
        assert len(facts) == len(set(facts))
        assert fold([], one.fold).fact is Fact.NOTHING

    def test_a_fact_that_a_dialect_does_not_know_is_passed_over(self) -> None:
        """Qoder has no budget, so a capped thread there has merely ended its turn."""
        assert fold([Fact.THREAD_CAPPED], ANTHROPIC.fold).fact is Fact.THREAD_CAPPED
        assert fold([Fact.THREAD_CAPPED], QODER.fold).fact is Fact.NOTHING


class TestSwitches:
    """The points that no source settles."""

    @pytest.mark.parametrize(("one", "switch", "choice"), CHOICES)
    def test_a_choice_really_switches_its_cells(
        self, one: Dialect, switch: Switch, choice: str
    ) -> None:
        """The chosen rows are the machine's answers; all other cells stay as they are."""
        before = one.machines[switch.machine]
        after = one.switched(switch.name, choice).machines[switch.machine]

        for chosen in switch.choices[choice]:
            cell = chosen.state, chosen.trigger
            assert after.step(*cell) == chosen.at(*cell)
        touched = {(r.state, r.trigger) for rows in switch.choices.values() for r in rows}
        for row in after:
            cell = row.state, row.trigger
            assert cell in touched or row == before.step(*cell)

    @every_dialect
    def test_no_two_choices_are_the_same(self, one: Dialect) -> None:
        """A switch that changes nothing is no switch."""
        for switch in one.switches.values():
            if not switch.machine:
                assert len(switch.choices) >= 2
                continue
            tables = [
                tuple(one.switched(switch.name, choice).machines[switch.machine])
                for choice in switch.choices
            ]
            assert len(tables) == len(set(tables)) >= 2

    @every_dialect
    def test_a_switch_asks_a_question_and_says_its_source(self, one: Dialect) -> None:
        """It stands under its own name, and belongs to a machine or to the order of events."""
        for name, switch in one.switches.items():
            assert switch.name == name
            assert switch.question.endswith("?")
            assert (switch.machine in MACHINES) is (name not in ORDERS)
            assert switch.source

    def test_switching_leaves_the_dialect_as_it_was(self) -> None:
        """Two hosts in one process may choose differently."""
        cell = ThreadState.ARCHIVED, ThreadTrigger.ARCHIVE_CHILD

        refusing = ANTHROPIC.switched("thread_rearchive", "refuse")

        assert not refusing.machines["thread"].step(*cell).accepts
        assert ANTHROPIC.machines["thread"].step(*cell).accepts
        assert refusing.name == "anthropic"

    def test_a_switch_may_take_back_an_amendment(self) -> None:
        """Qoder's pages and third parties disagree about a message to a session that works."""
        cell = SessionState.RUNNING, SessionTrigger.SEND_INPUT

        queueing = QODER.switched("message_while_running", "queue")

        assert not QODER.machines["session"].step(*cell).accepts
        assert queueing.machines["session"].step(*cell).accepts

    def test_two_switches_may_be_set(self) -> None:
        """The second keeps the first."""
        both = ANTHROPIC.switched("thread_rearchive", "refuse").switched(
            "session_rearchive", "refuse"
        )

        changed = {n: s.value for n, s in both.switches.items() if s != ANTHROPIC.switches[n]}
        assert changed == {"thread_rearchive": "refuse", "session_rearchive": "refuse"}

    def test_every_dialect_settles_every_point_of_order(self) -> None:
        """The engine asks for each of them by name."""
        for one in DIALECTS.values():
            assert set(ORDERS) <= set(one.switches)

    def test_an_unknown_choice_is_refused_with_the_known_ones(self) -> None:
        """The message is the whole help that is needed."""
        with pytest.raises(ValueError, match="no choice 'maybe'; choose from idempotent, refuse"):
            ANTHROPIC.switched("thread_rearchive", "maybe")

    def test_an_unknown_switch_is_a_key_error(self) -> None:
        """Switches are a mapping."""
        with pytest.raises(KeyError, match="nonesuch"):
            ANTHROPIC.switched("nonesuch", "on")


class TestAmendments:
    """The rows that a dialect replaces."""

    def test_an_amended_row_is_the_dialects_answer_alone(self) -> None:
        """The common table and the other dialect do not see it."""
        cell = ThreadState.RESCHEDULING, ThreadTrigger.RECOVER

        assert QODER.machines["thread"].step(*cell).target is ThreadState.IDLE
        assert not ANTHROPIC.machines["thread"].step(*cell).accepts
        assert not MACHINES["thread"].step(*cell).accepts

    def test_a_machine_without_amendments_is_the_common_one(self) -> None:
        """Not a copy."""
        assert QODER.machines["call"] is MACHINES["call"]

    def test_an_amendment_that_changes_nothing_is_refused(self) -> None:
        """It would claim a difference where there is none."""
        same = MACHINES["thread"].step(ThreadState.IDLE, ThreadTrigger.END_TURN)
        row = deny(same.state, same.trigger, same.because, same.evidence, "somewhere")
        there = MACHINES["thread"].amended([row])

        with pytest.raises(TableError, match="idle x end_turn changes nothing"):
            there.amended([row])


class TestEvidence:
    """Everything that a dialect says says how it is known."""

    @every_dialect
    def test_every_entry_has_its_evidence(self, one: Dialect) -> None:
        """No key stands twice, no value is empty."""
        entries = list(one.entries())

        assert [key for key, n in Counter(key for key, _, _ in entries).items() if n > 1] == []
        assert all(value for _, value, _ in entries)
        assert all(isinstance(evidence, Evidence) for _, _, evidence in entries)

    @every_dialect
    def test_entries_cover_everything_that_the_dialect_holds(self, one: Dialect) -> None:
        """What is not an entry could differ without showing up in a diff."""
        kinds = Counter(key.split()[0] for key, _, _ in one.entries())

        assert kinds == {
            "word": len(one.reported),
            "row": sum(len(list(machine)) for machine in one.machines.values()),
            "fold": len(one.fold) + 1,
            "refusal": len(one.answers),
            "field": len(one.fields),
            "limit": len(one.limits),
            "switch": len(one.switches),
            "event": len(one.events),
            "delegation": len(one.delegation_tools),
            "list": 1,
            "style": 4,
            "pausing": len(one.pausing),
        }

    def test_qoder_claims_no_recording_of_its_own(self) -> None:
        """Nobody has published one."""
        own = [e for key, _, e in QODER.entries() if not key.startswith(("row ", "fold "))]
        rows = [r.evidence for amended in QODER.amendments.values() for r in amended]

        assert Evidence.RECORDED not in [*own, *rows, *(row.evidence for row in QODER.fold)]


class TestDiff:
    """What two dialects say differently."""

    @every_dialect
    def test_a_dialect_does_not_differ_from_itself(self, one: Dialect) -> None:
        """Not even in evidence."""
        assert diff(one, one) == ()

    def test_the_other_way_round_it_is_the_same_with_sides_swapped(self) -> None:
        """No difference depends on who is asked first."""
        there = {(d.key, d.left, d.right) for d in diff(ANTHROPIC, QODER)}
        back = {(d.key, d.right, d.left) for d in diff(QODER, ANTHROPIC)}

        assert there == back
        assert there

    def test_a_switch_shows_as_itself_and_as_its_row(self) -> None:
        """And as nothing else."""
        refusing = ANTHROPIC.switched("session_rearchive", "refuse")

        assert [d.key for d in diff(ANTHROPIC, refusing)] == [
            "row session: archived x archive",
            "switch session_rearchive",
        ]

    def test_an_entry_that_one_side_lacks_is_none_there(self) -> None:
        """Only Anthropic has workflow runs, so only it limits them."""
        (found,) = [d for d in diff(QODER, ANTHROPIC) if d.key == "limit open_workflow_runs"]

        assert found.left is None
        assert found.right == ("10 runs", Evidence.DOCUMENTED)
