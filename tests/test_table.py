"""The form of a machine: what a table must say, what it may leave to `ANY`, how it is amended."""

from __future__ import annotations

from typing import Any

import pytest

from lifecycle.effects import EMIT_IDLE, EMIT_RUNNING, START_CLOCK, STOP_CLOCK
from lifecycle.machines import MACHINES
from lifecycle.table import ANY, Machine, TableError, Verdict, Written, deny, move, stay
from lifecycle.vocabulary import EventType, Evidence, Word


class Door(Word):
    """What a door is."""

    SHUT = "shut", "Nobody gets through."
    OPEN = "open", "Everybody gets through."
    GONE = "gone", "There is a hole in the wall."


class Hand(Word):
    """What can happen to a door."""

    PUSH = "push", "Somebody pushes."
    PULL = "pull", "Somebody pulls."
    KICK = "kick", "Somebody kicks."


SHUT, OPEN, GONE = Door
PUSH, PULL, KICK = Hand

ROWS: tuple[Written[Door, Hand], ...] = (
    move(SHUT, PUSH, OPEN, [START_CLOCK, EMIT_RUNNING], "it opens outwards"),
    deny(SHUT, ANY, "push it"),
    stay(OPEN, PUSH, [EMIT_IDLE], "it is open already"),
    move(OPEN, PULL, SHUT, [STOP_CLOCK], "it falls shut"),
    deny(GONE, ANY, "there is no door"),
    move(ANY, KICK, GONE, [], "it comes off its hinges"),
)


def door(*rows: Written[Door, Hand], initial: tuple[Door, ...] = (SHUT,)) -> Machine[Door, Hand]:
    """Make a door of these rows."""
    return Machine("door", Door, Hand, initial, rows)


def without(index: int) -> tuple[Written[Door, Hand], ...]:
    """Leave one of the rows out."""
    return ROWS[:index] + ROWS[index + 1 :]


class TestSteps:
    """A machine has one answer for every state and trigger."""

    @pytest.mark.parametrize(
        ("state", "trigger", "verdict", "target", "because"),
        [
            (SHUT, PUSH, Verdict.MOVE, OPEN, "it opens outwards"),
            (SHUT, PULL, Verdict.DENY, SHUT, "push it"),
            (SHUT, KICK, Verdict.DENY, SHUT, "push it"),
            (OPEN, PUSH, Verdict.STAY, OPEN, "it is open already"),
            (OPEN, PULL, Verdict.MOVE, SHUT, "it falls shut"),
            (OPEN, KICK, Verdict.MOVE, GONE, "it comes off its hinges"),
            (GONE, PUSH, Verdict.DENY, GONE, "there is no door"),
            (GONE, PULL, Verdict.DENY, GONE, "there is no door"),
            (GONE, KICK, Verdict.DENY, GONE, "there is no door"),
        ],
    )
    def test_a_step_is_the_most_exact_row(
        self, state: Door, trigger: Hand, verdict: Verdict, target: Door, because: str
    ) -> None:
        """A cell goes before its state's `ANY`, and that before its trigger's `ANY`."""
        row = door(*ROWS).step(state, trigger)

        assert (row.verdict, row.target, row.because) == (verdict, target, because)
        assert (row.state, row.trigger) == (state, trigger)
        assert row.accepts is (verdict is not Verdict.DENY)

    @pytest.mark.parametrize("turn", range(len(ROWS)))
    def test_the_order_of_the_rows_says_nothing(self, turn: int) -> None:
        """Exactness decides, not place."""
        assert list(door(*ROWS)) == list(door(*ROWS[turn:], *ROWS[:turn]))

    def test_iterating_gives_every_cell_in_the_enums_order(self) -> None:
        """States first, triggers within."""
        cells = [(row.state, row.trigger) for row in door(*ROWS)]

        assert cells == [(state, trigger) for state in Door for trigger in Hand]

    def test_a_row_keeps_what_was_written(self) -> None:
        """Effects in order, evidence and source."""
        rows = (*without(0), move(SHUT, PUSH, OPEN, [STOP_CLOCK], "x", Evidence.RECORDED, "page 1"))
        row = door(*rows).step(SHUT, PUSH)

        assert (row.effects, row.evidence, row.source) == (
            (STOP_CLOCK,),
            Evidence.RECORDED,
            "page 1",
        )
        assert door(*ROWS).step(SHUT, PUSH).effects == (START_CLOCK, EMIT_RUNNING)

    def test_a_word_of_another_machine_has_no_answer(self) -> None:
        """It is a slip of the caller's, not a refusal."""
        strange: Any = "locked"
        with pytest.raises(KeyError):
            door(*ROWS).step(strange, PUSH)
        with pytest.raises(KeyError):
            door(*ROWS).step(SHUT, strange)

    def test_allowed_lists_what_a_state_accepts(self) -> None:
        """Moves and stays, in the order of the enum."""
        machine = door(*ROWS)

        assert machine.allowed(SHUT) == (PUSH,)
        assert machine.allowed(OPEN) == (PUSH, PULL, KICK)
        assert machine.allowed(GONE) == ()

    def test_compiled_dicts_hold_plain_strings(self) -> None:
        """State to trigger to target, and nothing where the table denies."""
        compiled = door(*ROWS).compiled()

        assert compiled == {
            "shut": {"push": "open", "pull": None, "kick": None},
            "open": {"push": "open", "pull": "shut", "kick": "gone"},
            "gone": {"push": None, "pull": None, "kick": None},
        }
        assert {type(word) for row in compiled.values() for word in row} == {str}

    def test_emitters_say_how_an_event_can_come_about(self) -> None:
        """The accepting rows that write the event."""
        machine = door(*ROWS)

        assert machine.emitters(EventType.THREAD_IDLE) == (machine.step(OPEN, PUSH),)
        assert machine.emitters(EventType.SESSION_DELETED) == ()

    def test_a_machine_is_called_by_its_name_and_size(self) -> None:
        """Not by nine rows."""
        assert repr(door(*ROWS)) == "<Machine door: 3 states x 3 triggers>"


class TestWholeness:
    """A table that does not say everything, once, is refused when it is read."""

    @pytest.mark.parametrize(
        ("index", "complaint"),
        [
            (2, "door: no row for open x push"),
            (3, "door: no row for open x pull"),
            (1, "door: no row for shut x pull"),
            (5, "door: no row for open x kick"),
        ],
    )
    def test_a_missing_cell_is_named(self, index: int, complaint: str) -> None:
        """Leaving a row out leaves a cell without an answer."""
        with pytest.raises(TableError) as caught:
            door(*without(index))
        assert str(caught.value) == complaint

    def test_every_missing_cell_is_named_at_once(self) -> None:
        """A new state or trigger shows all of its work."""
        with pytest.raises(TableError) as caught:
            door(move(SHUT, PUSH, OPEN, [], "x"), move(OPEN, KICK, GONE, [], "x"))
        assert str(caught.value) == (
            "door: no row for shut x pull, shut x kick, open x push, open x pull, "
            "gone x push, gone x pull, gone x kick"
        )

    @pytest.mark.parametrize(
        ("double", "complaint"),
        [
            (deny(OPEN, PULL, "it sticks"), "door: open x pull is there twice"),
            (move(OPEN, PULL, SHUT, [STOP_CLOCK], "it falls shut"), "open x pull is there twice"),
            (stay(GONE, ANY, [], "still gone"), "door: gone x ANY is there twice"),
            (deny(ANY, KICK, "it is steel"), "door: ANY x kick is there twice"),
        ],
    )
    def test_a_doubled_cell_is_refused_even_if_both_agree(
        self, double: Written[Door, Hand], complaint: str
    ) -> None:
        """Of two rows of one exactness nobody could say which holds."""
        with pytest.raises(TableError, match=complaint):
            door(*ROWS, double)

    def test_a_state_that_nothing_leads_to_is_refused(self) -> None:
        """A state is there because something can come to it."""
        rows = (*without(5), deny(OPEN, KICK, "it is steel"))
        with pytest.raises(TableError) as caught:
            door(*rows)
        assert str(caught.value) == "door: nothing leads to gone"

    def test_a_state_may_be_an_initial_one_instead(self) -> None:
        """Objects may be born in it."""
        rows = (*without(5), deny(OPEN, KICK, "it is steel"))

        assert door(*rows, initial=(SHUT, GONE)).initial == (SHUT, GONE)

    def test_states_that_lead_only_to_each_other_are_lost(self) -> None:
        """What counts is the way from the initial states."""
        with pytest.raises(TableError, match="door: nothing leads to shut, open"):
            door(*ROWS, initial=(GONE,))

    @pytest.mark.parametrize(
        ("row", "complaint"),
        [
            (deny(GONE, PUSH, ""), "door: gone x push gives no reason"),
            (deny(ANY, ANY, "no"), "door: a row for ANY state and ANY trigger says nothing"),
            (
                deny(ANY, PUSH, "no"),
                "door: ANY x push covers nothing that a more exact row leaves open",
            ),
            (move(GONE, PUSH, GONE, [], "x"), "door: gone x push moves to where it is; write stay"),
        ],
        ids=["no reason", "any x any", "covers nothing", "moves nowhere"],
    )
    def test_a_row_that_says_nothing_is_refused(
        self, row: Written[Door, Hand], complaint: str
    ) -> None:
        """Every row gives a reason, covers a cell, and says a thing of its own."""
        with pytest.raises(TableError) as caught:
            door(*ROWS, row)
        assert str(caught.value) == complaint

    def test_a_move_for_every_state_may_not_cover_its_own_target(self) -> None:
        """The target's own cell needs a more exact row, as `GONE` has here."""
        with pytest.raises(TableError, match="door: ANY x kick moves to where it is; write stay"):
            door(*without(4), deny(GONE, PUSH, "no door"), deny(GONE, PULL, "no door"))

    def test_a_whole_state_goes_before_a_whole_trigger(self) -> None:
        """Where both would cover a cell, the state's row holds."""
        machine = door(*ROWS)

        assert machine.step(GONE, KICK).because == "there is no door"
        assert machine.step(SHUT, KICK).because == "push it"


class TestAmendments:
    """A dialect replaces single cells, with its reason and its source."""

    def test_only_the_named_cells_change(self) -> None:
        """Everything else is the base machine's, also what was written with `ANY`."""
        base = door(*ROWS)
        amended = base.amended(
            [stay(SHUT, KICK, [], "it is steel", Evidence.INFERRED, "the joiner")]
        )
        changed = [(was, now) for was, now in zip(base, amended, strict=True) if was != now]

        ((was, now),) = changed
        assert (was.because, now.because) == ("push it", "it is steel")
        assert (now.verdict, now.evidence, now.source) == (
            Verdict.STAY,
            Evidence.INFERRED,
            "the joiner",
        )

    def test_the_base_machine_stays_as_it_was(self) -> None:
        """An amendment makes a machine and changes none."""
        base = door(*ROWS)
        before = list(base)
        base.amended([deny(OPEN, PULL, "it sticks", source="the joiner")])

        assert list(base) == before

    def test_an_amended_machine_may_be_amended(self) -> None:
        """A switch speaks after a dialect."""
        once = door(*ROWS).amended([deny(OPEN, PULL, "it sticks", source="the joiner")])
        twice = once.amended([stay(OPEN, PULL, [], "it is stuck", source="the owner")])

        assert twice.step(OPEN, PULL).because == "it is stuck"

    def test_an_amendment_may_not_cut_a_state_off(self) -> None:
        """The amended machine is checked like any other."""
        with pytest.raises(TableError, match="door: nothing leads to gone"):
            door(*ROWS).amended([deny(OPEN, KICK, "it is steel", source="the joiner")])

    @pytest.mark.parametrize(
        ("rows", "complaint"),
        [
            ([deny(OPEN, PULL, "it sticks")], "open x pull must name one cell and its source"),
            ([deny(ANY, PULL, "no", source="s")], "ANY x pull must name one cell and its source"),
            ([deny(OPEN, ANY, "no", source="s")], "open x ANY must name one cell and its source"),
            (
                [deny(OPEN, PULL, "a", source="s"), deny(OPEN, PULL, "b", source="s")],
                "open x pull is there twice",
            ),
        ],
        ids=["no source", "any state", "any trigger", "twice"],
    )
    def test_a_careless_amendment_is_refused(
        self, rows: list[Written[Door, Hand]], complaint: str
    ) -> None:
        """It names one cell, once, and says who says so."""
        with pytest.raises(TableError) as caught:
            door(*ROWS).amended(rows)
        assert str(caught.value) == f"door: the amendment {complaint}"

    def test_an_amendment_that_changes_nothing_is_refused(self) -> None:
        """A dialect that agrees says nothing."""
        same = deny(SHUT, PULL, "push it", source="the joiner")
        base = door(*ROWS).amended([same])
        with pytest.raises(TableError, match="the amendment shut x pull changes nothing"):
            base.amended([same])

    @pytest.mark.parametrize(
        ("row", "complaint"),
        [
            (move(OPEN, PULL, OPEN, [], "x", source="s"), "moves to where it is; write stay"),
            (deny(OPEN, PULL, "", source="s"), "gives no reason"),
        ],
    )
    def test_an_amendment_is_a_row_like_any_other(
        self, row: Written[Door, Hand], complaint: str
    ) -> None:
        """It must move somewhere, or stay, and give its reason."""
        with pytest.raises(TableError, match=complaint):
            door(*ROWS).amended([row])

    def test_no_amendment_gives_the_same_table(self) -> None:
        """Amending with nothing is allowed, and changes nothing."""
        base = door(*ROWS)

        assert list(base.amended([])) == list(base)


class TestOurs:
    """The machines that we ship are whole; that they import says so, and this says it again."""

    @pytest.mark.parametrize("name", MACHINES)
    def test_every_cell_has_a_row_with_a_reason(self, name: str) -> None:
        """States times triggers, each with words, and none of them a sentence of its own."""
        machine = MACHINES[name]
        rows = list(machine)

        assert len(rows) == len(machine.states) * len(machine.triggers)
        for row in rows:
            assert row.because
            assert row.because == row.because.strip()
            assert not row.because.endswith(".")

    @pytest.mark.parametrize("name", MACHINES)
    def test_a_stay_and_a_denial_keep_the_state(self, name: str) -> None:
        """Only a move has another target."""
        for row in MACHINES[name]:
            assert (row.target is not row.state) is (row.verdict is Verdict.MOVE)
            if row.verdict is Verdict.DENY:
                assert row.effects == ()
