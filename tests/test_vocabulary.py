"""The words: each is explained, each is used, and none means two things."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any, Final

import pytest

from lifecycle import vocabulary
from lifecycle.dialects import DIALECTS
from lifecycle.effects import EFFECTS
from lifecycle.machines import CREATION, FOLD, MACHINES, STOPS
from lifecycle.table import Machine, Phase, Verdict
from lifecycle.vocabulary import EventType, Fact, RefusalCode, StopReason, ThreadTrigger, Word

ENUMS: Final = [
    *(e for n, e in vars(vocabulary).items() if n in vocabulary.__all__ and e is not Word),
    *(Phase, Verdict),
]
WORDS: Final = [
    pytest.param(word, id=f"{type(word).__name__}.{word.name}") for e in ENUMS for word in e
]

ASKED_FOR_THEIR_REFUSAL: Final = {"thread": {"archive_primary"}, "session": {"send_input_capped"}}
"""Triggers that every state refuses; they exist because clients do ask, and get a reason."""


def machines() -> list[Machine[Any, Any]]:
    """Return every machine of every dialect, with every choice of every switch."""
    found = list(MACHINES.values())
    for dialect in DIALECTS.values():
        found += dialect.machines.values()
        for switch in filter(lambda one: one.machine, dialect.switches.values()):
            for choice in switch.choices:
                found.append(dialect.switched(switch.name, choice).machines[switch.machine])
    return found


class TestWords:
    """Every word by itself."""

    @pytest.mark.parametrize("word", WORDS)
    def test_a_word_is_explained_in_a_sentence(self, word: Word) -> None:
        """It starts with a capital letter and ends with a full stop."""
        assert word.__doc__
        assert re.fullmatch(r"(?:[A-Z]|``).*\.", word.__doc__)

    @pytest.mark.parametrize("word", WORDS)
    def test_a_word_is_the_text_on_the_wire(self, word: Word) -> None:
        """It equals, prints and formats as that text, and is written in small letters."""
        assert word == word.value == str(word) == f"{word}"
        assert re.fullmatch(r"[a-z][a-z_.]*", word)

    @pytest.mark.parametrize("enum", ENUMS)
    def test_no_two_words_mean_the_same(self, enum: type[Word]) -> None:
        """Neither a text nor a sentence stands twice in one enum."""
        assert len({word.value for word in enum}) == len(enum.__members__)
        assert Counter(word.__doc__ for word in enum).most_common(1)[0][1] == 1

    @pytest.mark.parametrize("enum", ENUMS)
    def test_an_enum_says_what_its_words_answer(self, enum: type[Word]) -> None:
        """The first line of its docstring is a sentence; it heads the generated tables."""
        assert (enum.__doc__ or "").splitlines()[0].endswith(".")
        assert enum.__doc__ != Word.__doc__


class TestUse:
    """No word is there without a use."""

    @pytest.mark.parametrize("name", MACHINES)
    def test_every_trigger_is_accepted_somewhere(self, name: str) -> None:
        """A trigger that every state of every dialect refuses would be a word for nothing."""
        accepted = {row.trigger for m in machines() if m.name == name for row in m if row.accepts}

        refused = {str(trigger) for trigger in MACHINES[name].triggers if trigger not in accepted}
        assert refused == ASKED_FOR_THEIR_REFUSAL.get(name, set())

    def test_every_state_enum_belongs_to_one_machine(self) -> None:
        """States and triggers are not shared, so that a word alone names its machine."""
        used = Counter(
            kind for m in MACHINES.values() for kind in (type(m.states[0]), type(m.triggers[0]))
        )

        declared = {e for e in ENUMS if e.__name__.endswith(("State", "Trigger"))}
        assert set(used) == declared
        assert set(used.values()) == {1}

    @pytest.mark.parametrize("name", MACHINES)
    def test_a_machine_has_all_words_of_its_enums(self, name: str) -> None:
        """The grid is as large as the two enums say."""
        machine = MACHINES[name]

        states: type[Word] = type(machine.states[0])
        triggers: type[Word] = type(machine.triggers[0])
        assert len(list(machine)) == len(states) * len(triggers)

    def test_every_fact_has_its_place_in_the_fold(self) -> None:
        """And the last one is the fact that always holds."""
        assert [row.fact for row in FOLD] == list(Fact)
        assert FOLD[-1].fact is Fact.NOTHING

    def test_every_stop_reason_is_given_by_a_trigger(self) -> None:
        """Except for those that only Qoder knows."""
        assert set(STOPS.values()) == set(StopReason) - {StopReason.ARCHIVE, StopReason.CANCELLED}

    def test_every_trigger_that_writes_an_idle_has_a_stop_reason(self) -> None:
        """An idle event without one would be a fault of ours."""
        resting = {
            row.trigger
            for machine in machines()
            if machine.name == "thread"
            for row in machine.emitters(EventType.THREAD_IDLE)
        }

        assert resting == set(STOPS)
        assert all(isinstance(trigger, ThreadTrigger) for trigger in STOPS)

    def test_every_refusal_is_answered_by_a_dialect(self) -> None:
        """A code that no service answers with would be a word for nothing."""
        answered = {code for dialect in DIALECTS.values() for code in dialect.answers}

        assert answered == set(RefusalCode)

    def test_every_event_type_is_named_by_a_dialect(self) -> None:
        """The vocabulary has no event that no service sends."""
        assert frozenset().union(*(d.events for d in DIALECTS.values())) == set(EventType)

    def test_every_effect_is_named_by_a_row(self) -> None:
        """What no row names, no host will ever owe."""
        named = {effect for machine in machines() for row in machine for effect in row.effects}

        assert named | set(CREATION) == set(EFFECTS)
        assert Counter(effect.name for effect in EFFECTS).most_common(1)[0][1] == 1

    def test_every_effect_is_explained(self) -> None:
        """What it is, as a sentence; what is lost without it, as a clause."""
        for effect in EFFECTS:
            assert re.fullmatch(r"[A-Z].*\.", effect.doc)
            assert re.fullmatch(r"[a-z].*[a-z]", effect.lost)
