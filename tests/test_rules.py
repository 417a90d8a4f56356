"""The rules, one by one: the examples on their pages are their tests.

A page's flagged example breaks its rule on the last line and no other rule as hard; its accepted
example breaks none. What a finding names as its witness shows the fault alone.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

import pytest
from witnesses import Read, as_read, breach, found, numbered

from lifecycle.check import Finding, Level, Monitor
from lifecycle.check.rule import REGISTRY, Rule, UnknownRule, rule
from lifecycle.check.rules import RULES, selected
from lifecycle.check.shorthand import events
from lifecycle.dialects import DIALECTS
from lifecycle.vocabulary import EventType, Evidence
from lifecycle.wire.readers import Skipped, open_recording

KNOWN: Final[dict[str, dict[str, Any]]] = {
    "EN003": {"start": "whole", "end": "whole"},
    "TH008": {"start": "whole"},
}
"""What the monitor must be told before it asks a rule."""

IN_WORDS: Final = {code for code, one in RULES.items() if one.flagged.startswith("(")}
"""Rules whose examples no stream of events can tell: of broken lines, and of two lists."""

TOLD: Final = [one for code, one in RULES.items() if code not in IN_WORDS]

BROKEN_LINES: Final = {
    "RC001": '{"type": "session.status_run',
    "RC002": "42",
    "RC003": '{"id": "sevt_1"}',
    "RC004": '{"id": "sevt_1", "type": "agent.tool_result", "tool_use_id": 7}',
}

by_code: Final = pytest.mark.parametrize("one", TOLD, ids=lambda one: one.code)


def flagged(one: Rule) -> list[Read]:
    """Return the flagged example of a rule's page."""
    return as_read(events(one.flagged, one.dialects[0]))


def accepted(one: Rule) -> list[Read]:
    """Return the accepted example of a rule's page."""
    return as_read(events(one.accepted, one.dialects[0]))


def findings(one: Rule, example: list[Read]) -> list[Finding]:
    """Return what is found in an example, in the rule's first dialect."""
    return found(example, one.dialects[0], **KNOWN.get(one.code, {}))


class TestExamples:
    """The examples on the pages."""

    @by_code
    def test_the_flagged_example_breaks_the_rule_on_its_last_line(self, one: Rule) -> None:
        """Or at its end, where the rule is asked then."""
        example = flagged(one)
        mine = [f for f in findings(one, example) if f.code == one.code]

        assert [f.level for f in mine] == [one.level]
        assert mine[0].line == len(example) or one.code in KNOWN

    @by_code
    def test_the_flagged_example_breaks_no_other_rule(self, one: Rule) -> None:
        """A page shows one fault; notes may stand beside it."""
        others = [f for f in findings(one, flagged(one)) if f.code != one.code]

        assert [(f.code, f.line) for f in others if f.level is not Level.NOTE] == []
        assert [x for f in findings(one, flagged(one)) for x in f.followers] == []

    @by_code
    def test_the_accepted_example_breaks_no_rule(self, one: Rule) -> None:
        """It comes near its own, and is fine."""
        told = findings(one, accepted(one))

        assert [(f.code, f.line) for f in told if f.level is Level.ERROR] == []
        assert [f.line for f in told if f.code == one.code] == []

    @by_code
    def test_a_rule_that_is_left_out_says_nothing(self, one: Rule) -> None:
        """And the others do not say it for it."""
        others = frozenset(RULES) - {one.code}
        told = found(flagged(one), one.dialects[0], codes=others, **KNOWN.get(one.code, {}))

        assert one.code not in {f.code for f in told}

    @pytest.mark.parametrize("code", BROKEN_LINES)
    def test_a_broken_line_is_found_by_its_reader(self, code: str, tmp_path: Path) -> None:
        """Rules about lines are applied before there is an event."""
        good = '{"id": "e1", "type": "session.status_running"}'
        path = tmp_path / "recording.jsonl"
        path.write_text(f"{good}\n{BROKEN_LINES[code]}\n", encoding="utf-8")
        monitor = Monitor()
        with open_recording(path) as recording:
            for batch in recording.batches():
                monitor.feed_all([one for one in batch if not isinstance(one, Skipped)])

        assert [(f.code, f.line) for f in monitor.findings] == [(code, 2)]

    def test_every_rule_has_an_example_that_can_be_told(self) -> None:
        """But for broken lines, and for what takes two lists."""
        assert set(BROKEN_LINES) | {c for c in RULES if c.startswith("XV")} == IN_WORDS


class TestWitnesses:
    """What findings name as their witness."""

    @by_code
    def test_the_witness_shows_the_fault_alone(self, one: Rule) -> None:
        """All of it is needed, and nothing else."""
        example, known = flagged(one), KNOWN.get(one.code, {})
        mine = [f for f in findings(one, example) if f.code == one.code]

        assert [breach(example, f, one.dialects[0], **known) for f in mine] == [""]

    @by_code
    def test_a_witness_says_what_it_shows(self, one: Rule) -> None:
        """Every earlier event comes with a clause, and the finding with a sentence's worth."""
        for finding in findings(one, flagged(one)):
            assert finding.message
            assert not finding.message.endswith(".")
            assert all(witness.says for witness in finding.witness)

    def test_a_witness_too_many_is_noticed(self) -> None:
        """The law's own test: an event that shows nothing."""
        example = numbered(events(RULES["CA001"].flagged))
        (finding,) = [f for f in found(example) if f.code == "CA001"]
        (witness,) = finding.witness
        others = [w for w in (1, 2, 3) if w not in (witness.line, finding.line)]
        finding.witness = (*(type(witness)(w, None, "nothing") for w in others), witness)

        assert "shown without line 1" in breach(example, finding, "anthropic")

    def test_a_missing_witness_is_noticed(self) -> None:
        """The law's own test: a finding that names nothing."""
        example = numbered(events(RULES["CA001"].flagged))
        (finding,) = [f for f in found(example) if f.code == "CA001"]
        finding.witness = ()

        assert "is not shown by []" in breach(example, finding, "anthropic")


class TestPages:
    """The rules' pages."""

    @pytest.mark.parametrize("one", RULES.values(), ids=lambda one: one.code)
    def test_a_page_is_complete(self, one: Rule) -> None:
        """Every section says something, and the page shows all of them."""
        page = one.page()

        assert all((one.what, one.why, one.flagged, one.accepted, one.source))
        assert page.startswith(f"# {one.code} {one.name}\n")
        assert [line for line in page.splitlines() if line.startswith("## ")] == [
            "## What it checks",
            "## Why it matters",
            "## Flagged",
            "## Accepted",
            "## Source",
        ]

    @pytest.mark.parametrize("one", RULES.values(), ids=lambda one: one.code)
    def test_a_name_reads_after_allow(self, one: Rule) -> None:
        """It names the pattern, in lower case, and does not begin with a no."""
        assert re.fullmatch(r"[A-Z]{2}\d{3}", one.code)
        assert re.fullmatch(r"[a-z]+(-[a-z]+)+", one.name)
        assert not one.name.startswith(("no-", "not-", "dis", "missing-no"))

    def test_a_name_is_given_once(self) -> None:
        """So that a rule can be spoken of by its name."""
        assert len({one.name for one in RULES.values()}) == len(RULES)

    @pytest.mark.parametrize("one", RULES.values(), ids=lambda one: one.code)
    def test_an_error_rests_on_what_is_known(self, one: Rule) -> None:
        """What is inferred or not documented is a warning or a note at most."""
        known = one.evidence in (Evidence.RECORDED, Evidence.DOCUMENTED)

        assert known or one.level is not Level.ERROR

    @pytest.mark.parametrize("one", RULES.values(), ids=lambda one: one.code)
    def test_a_rule_belongs_to_dialects_that_there_are(self, one: Rule) -> None:
        """The first of them is the one that its examples are written in."""
        assert set(one.dialects) <= set(DIALECTS)
        assert one.dialects

    def test_every_family_counts_from_one(self) -> None:
        """No number is skipped, so that a missing rule is noticed."""
        families = {code[:2] for code in RULES}
        for family in families:
            numbers = [int(code[2:]) for code in RULES if code.startswith(family)]

            assert numbers == list(range(1, len(numbers) + 1)), family


class TestRegistry:
    """How rules are declared and selected."""

    def test_a_code_is_given_once(self) -> None:
        """A second rule of one code is a mistake in the program."""
        with pytest.raises(ValueError, match="the code TH001 is taken"):
            rule("TH001", Level.NOTE, "any-name")(lambda v, e: None)

    def test_a_page_without_a_section_is_refused(self) -> None:
        """The message says which one."""

        def check(v: object, e: object) -> None:
            """What it checks.

            Why it matters: it does.
            Flagged:
                agent.message
            Source: none.
            """

        with pytest.raises(ValueError, match="the page of ZZ001 lacks: Accepted"):
            rule("ZZ001", Level.NOTE, "any-name", EventType.AGENT_MESSAGE)(check)
        assert "ZZ001" not in REGISTRY

    def test_codes_and_their_beginnings_select(self) -> None:
        """Whole ones, prefixes, or both."""
        assert selected(["TH001"]) == {"TH001"}
        assert selected(["RC"]) == {"RC001", "RC002", "RC003", "RC004"}
        assert selected(["RC00", "TH001"]) == selected(["TH001", "RC"])

    @pytest.mark.parametrize(("code", "near"), [("TH0O1", "TH0"), ("ZZ", "CA"), ("", "CA")])
    def test_an_unknown_code_is_refused(self, code: str, near: str) -> None:
        """The message names what comes near."""
        with pytest.raises(UnknownRule, match=near):
            selected([code])
