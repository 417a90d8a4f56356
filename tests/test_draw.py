"""The diagrams: every move is drawn, nothing else is, and the files on disk are the tables' own.

A small parser reads the Mermaid text back. It knows the lines that we write and refuses all others,
among them what Mermaid would swallow without a complaint (a second colon or a semicolon).
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

import attrs
import pytest

from lifecycle import vocabulary
from lifecycle.cli.draw import known_rules
from lifecycle.dialects import ANTHROPIC, DIALECTS, QODER, diff
from lifecycle.draw import (
    DrawError,
    amended,
    blocks,
    check,
    diagram,
    edges,
    generated,
    grid,
    grouped,
    machine_page,
    rule_index,
    splice,
    write,
)
from lifecycle.machines import MACHINES
from lifecycle.table import Row, Verdict
from lifecycle.vocabulary import SessionState, SessionTrigger, Word

ROOT: Final = Path(__file__).parent.parent

CELLS: Final = [
    pytest.param(dialect.name, name, row, id=f"{dialect.name}-{name}-{row.state}-{row.trigger}")
    for dialect in DIALECTS.values()
    for name, machine in dialect.machines.items()
    for row in machine
]
DRAWINGS: Final = [(dialect, machine) for dialect in DIALECTS for machine in MACHINES]

WORD: Final = r"[a-z][a-z_]*"
EDGE: Final = re.compile(rf"    (?P<state>{WORD}) --> (?P<target>{WORD}) : (?P<label>[^:;#]+)")
OTHERS: Final = [
    re.compile(line)
    for line in (
        r"%% [^{]*",
        r"stateDiagram-v2",
        rf'    state "{WORD} \(reported as {WORD}\)" as {WORD}',
        rf"    \[\*\] --> {WORD}",
        rf"    {WORD} --> \[\*\]",
    )
]


@attrs.frozen
class Arrow:
    """One edge and one of its triggers, as the text has them."""

    state: str
    trigger: str
    target: str
    own: bool


def parsed(text: str) -> list[Arrow]:
    """Read the arrows of a diagram; fail on a line that is none of those that we write."""
    arrows = []
    for line in text.splitlines():
        if edge := EDGE.fullmatch(line):
            for trigger in edge["label"].split("<br>"):
                word = trigger.removesuffix(" (amended)")
                assert re.fullmatch(WORD, word), f"no trigger: {trigger!r}"
                arrows.append(Arrow(edge["state"], word, edge["target"], word != trigger))
        else:
            assert any(other.fullmatch(line) for other in OTHERS), f"not Mermaid: {line!r}"
    return arrows


class TestDiagram:
    """The text of a diagram."""

    @pytest.mark.parametrize(("dialect", "name", "row"), CELLS)
    def test_a_cell_is_drawn_as_its_row_says(
        self, dialect: str, name: str, row: Row[Any, Any]
    ) -> None:
        """A move is one arrow, a stay is a loop if it owes something, a refusal is not drawn."""
        arrows = parsed(diagram(DIALECTS[dialect], name))

        targets = [a.target for a in arrows if (a.state, a.trigger) == (row.state, row.trigger)]

        seen = row.verdict is Verdict.MOVE or (row.verdict is Verdict.STAY and row.effects)
        assert targets == ([row.target] if seen else [])

    @pytest.mark.parametrize(("dialect", "name"), DRAWINGS)
    def test_no_arrow_is_without_a_cell(self, dialect: str, name: str) -> None:
        """Whatever an arrow says, the table says."""
        machine = DIALECTS[dialect].machines[name]

        for arrow in parsed(diagram(DIALECTS[dialect], name)):
            row = machine.step(arrow.state, arrow.trigger)
            assert row.accepts
            assert row.target == arrow.target

    @pytest.mark.parametrize(("dialect", "name"), DRAWINGS)
    def test_an_edge_is_drawn_once(self, dialect: str, name: str) -> None:
        """All triggers between the same two states share one edge."""
        drawn = [(edge.state, edge.target) for edge in edges(DIALECTS[dialect], name)]

        assert len(drawn) == len(set(drawn))

    @pytest.mark.parametrize(("dialect", "name"), DRAWINGS)
    def test_an_arrow_says_when_it_is_the_dialects_own(self, dialect: str, name: str) -> None:
        """Just the arrows whose row differs from the common table are marked."""
        for arrow in parsed(diagram(DIALECTS[dialect], name)):
            cell = arrow.state, arrow.trigger
            differs = DIALECTS[dialect].machines[name].step(*cell) != MACHINES[name].step(*cell)
            assert arrow.own is differs

    def test_an_amendment_that_cannot_be_drawn_is_a_remark(self) -> None:
        """Qoder does not retry: there is no arrow to mark, so a comment says why."""
        text = diagram(QODER, "thread")

        assert "%% Amended: rescheduling x retry is refused: it comes back at rest" in text

    def test_a_row_is_the_dialects_own_even_if_only_its_reason_differs(self) -> None:
        """With the switch at queue, Qoder accepts what the common table does, on its own word."""
        queueing = QODER.switched("message_while_running", "queue")
        cell = SessionState.RUNNING, SessionTrigger.SEND_INPUT

        assert queueing.machines["session"].step(*cell).verdict is Verdict.STAY
        assert MACHINES["session"].step(*cell).verdict is Verdict.STAY
        assert cell in amended(queueing, "session")

    def test_the_happy_path_comes_first(self) -> None:
        """A thread works and rests; what can go wrong comes after."""
        first, second, *_ = edges(ANTHROPIC, "thread")

        assert (first.state, first.target) == ("idle", "running")
        assert (second.state, second.target) == ("running", "idle")

    def test_the_rest_is_in_the_order_of_the_states(self) -> None:
        """An edge that is added moves no other."""
        states = list(MACHINES["session"].states)
        _, _, *rest = edges(ANTHROPIC, "session")
        places = [(states.index(e.state), states.index(e.target)) for e in rest]

        assert places == sorted(places)

    def test_a_state_shows_the_word_that_is_reported_for_it(self) -> None:
        """An archived thread is archived here, and terminated on Anthropic's wire."""
        assert '"archived (reported as terminated)"' in diagram(ANTHROPIC, "thread")
        assert "reported as" not in diagram(QODER, "thread")

    def test_a_switch_shows_in_the_diagram(self) -> None:
        """What a switch decides is drawn like a row of the dialect's own."""
        refuse = ANTHROPIC.switched("archive_terminated_session", "refuse")

        assert "terminated --> archived : archive" in diagram(ANTHROPIC, "session")
        assert "terminated --> archived" not in diagram(refuse, "session")
        assert "%% Amended: terminated x archive is refused" in diagram(refuse, "session")


class TestPages:
    """The pages in Markdown."""

    @pytest.mark.parametrize(("dialect", "name", "row"), CELLS)
    def test_a_cell_stands_in_the_grid(self, dialect: str, name: str, row: Row[Any, Any]) -> None:
        """The grid says where a move goes, and tells staying from refusing."""
        head, rows = grid(DIALECTS[dialect], name)
        cell = next(r for r in rows if r[0] == row.trigger)[head.index(row.state)]

        says = {Verdict.MOVE: f"→ {row.target}", Verdict.STAY: "stay", Verdict.DENY: "✗"}
        assert cell.removesuffix(" †") == says[row.verdict]
        assert cell.endswith(" †") is (row != MACHINES[name].step(row.state, row.trigger))

    @pytest.mark.parametrize(("dialect", "name"), DRAWINGS)
    def test_every_row_stands_below_its_state_with_its_reason(
        self, dialect: str, name: str
    ) -> None:
        """Between a state's heading and the next stand all its rows, whole."""
        text = machine_page(DIALECTS[dialect], name)

        for row in DIALECTS[dialect].machines[name]:
            section = text.split(f"\n### {row.state}\n")[1].split("\n##")[0]
            (line,) = [line for line in section.splitlines() if f"| `{row.trigger}` |" in line]
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            effects = ", ".join(effect.name for effect in row.effects)
            assert cells[2:] == [effects, row.because, row.evidence, row.source]

    @pytest.mark.parametrize(("dialect", "name"), DRAWINGS)
    def test_every_effect_says_what_is_lost_without_it(self, dialect: str, name: str) -> None:
        """Whatever a row of the page owes is explained on the page."""
        text = machine_page(DIALECTS[dialect], name)

        for effect in {e for row in DIALECTS[dialect].machines[name] for e in row.effects}:
            repeatable = "yes" if effect.repeatable else "no"
            assert f"| {effect.name} | {effect.doc} |" in text
            assert f"| {repeatable} | {effect.lost} |" in text

    def test_a_state_says_what_is_reported_and_how_that_is_known(self) -> None:
        """A condition beyond the state stands beside its word."""
        text = machine_page(QODER, "thread")

        assert "Reported as `running` (documented: thread pages)." in text
        assert "Reported as `blocked` when the coordinator waits in the Agent tool (inf" in text

    def test_the_fold_is_in_its_order(self) -> None:
        """The page ranks the facts as the dialect does."""
        for name, dialect in DIALECTS.items():
            text = generated(())[f"diagrams/{name}/fold.md"]
            ranked = re.findall(r"^\| (\d+) \| `(\w+)` \|", text, re.MULTILINE)
            assert ranked == [(str(n), row.fact) for n, row in enumerate(dialect.fold, 1)]

    def test_every_word_is_in_the_vocabulary(self) -> None:
        """A word's line is its value and its sentence."""
        text = generated(())["diagrams/vocabulary.md"]
        enums = [v for n, v in vars(vocabulary).items() if n in vocabulary.__all__ and v != Word]

        for enum in enums:
            section = text.split(f"\n## {enum.__name__}\n")[1].split("\n## ")[0]
            for word in enum:
                assert f"| `{word}` | {word.__doc__} |" in section

    def test_every_difference_stands_on_the_page_of_differences(self) -> None:
        """None is lost in the grouping, and both sides say how they know."""
        text = generated(())["diagrams/anthropic-qoder.md"]
        differences = diff(ANTHROPIC, QODER)

        assert sum(map(len, grouped(differences).values())) == len(differences)
        for difference in differences:
            for side in (difference.left, difference.right):
                assert side is None or f"{side[0]} ({side[1]})" in text

    def test_the_rule_index_is_sorted_and_short(self) -> None:
        """Rules stand by code, each with the first paragraph of what it checks."""
        second = Entry("TH002", "error", "a-b", "One fact\nin two lines.\n\nMore.", "recorded")
        first = Entry("SE001", "note", "c|d", "Another fact.", "inferred")

        lines = rule_index([second, first]).splitlines()

        assert lines[-2] == r"| `SE001` | note | events | c\|d | Another fact. | inferred |"
        assert lines[-1] == "| `TH002` | error | events | a-b | One fact in two lines. | recorded |"


@attrs.frozen
class Entry:
    """As much of a rule as the index needs."""

    code: str
    level: str
    name: str
    what: str
    evidence: str
    subject: str = "events"


class TestFiles:
    """What is generated, on disk."""

    def test_the_files_on_disk_are_up_to_date(self) -> None:
        """Nobody edits a generated file, or a table without drawing it anew."""
        found = check(ROOT, known_rules())

        listed = "\n".join(f"  {file.how}: {file.path}" for file in found)
        assert not found, f"bring these up to date with `lifecycle draw`:\n{listed}"

    def test_generating_twice_gives_the_same(self) -> None:
        """No set's order and no clock shows."""
        assert generated(known_rules()) == generated(known_rules())

    def test_a_fresh_checkout_is_written_and_then_fine(self, tmp_path: Path) -> None:
        """All files are missing, then none is."""
        assert {file.how for file in check(tmp_path, ())} == {"missing"}
        assert [file.path for file in write(tmp_path, ())] == list(generated(()))

        assert check(tmp_path, ()) == ()
        assert write(tmp_path, ()) == ()

    def test_an_edited_file_is_stale(self, tmp_path: Path) -> None:
        """A single letter is enough, and writing takes it back."""
        write(tmp_path, ())
        thread = tmp_path / "diagrams/anthropic/thread.mmd"
        right = thread.read_text(encoding="utf-8")
        thread.write_text(right.replace("idle", "Idle", 1), encoding="utf-8")

        assert [(f.path, f.how) for f in check(tmp_path, ())] == [
            ("diagrams/anthropic/thread.mmd", "stale")
        ]
        write(tmp_path, ())
        assert thread.read_text(encoding="utf-8") == right

    def test_a_left_over_file_goes_and_a_foreign_one_stays(self, tmp_path: Path) -> None:
        """Only what says of itself that it was generated is ever removed."""
        write(tmp_path, ())
        folder = tmp_path / "diagrams"
        old, foreign = folder / "old.md", folder / "notes.md"
        old.write_text((folder / "vocabulary.md").read_text(encoding="utf-8"), encoding="utf-8")
        foreign.write_text("# Notes\n", encoding="utf-8")

        assert [(f.path, f.how) for f in check(tmp_path, ())] == [("diagrams/old.md", "extra")]
        write(tmp_path, ())
        assert not old.exists()
        assert foreign.read_text(encoding="utf-8") == "# Notes\n"

    def test_the_readme_shows_the_thread_as_it_is(self, tmp_path: Path) -> None:
        """The block between the markers is made fresh, and nothing around it is touched."""
        readme = tmp_path / "README.md"
        readme.write_text(
            "# Title\n\n<!-- generated: thread-diagram -->\nold\n<!-- end -->\n\nafter\n",
            encoding="utf-8",
        )

        assert ("README.md", "stale") in [(f.path, f.how) for f in check(tmp_path, ())]
        write(tmp_path, ())

        text = readme.read_text(encoding="utf-8")
        before, _, rest = text.partition("<!-- generated: thread-diagram -->\n```mermaid\n")
        drawn, _, after = rest.partition("```\n<!-- end -->\n")
        assert (before, after) == ("# Title\n\n", "\nafter\n")
        assert drawn == diagram(ANTHROPIC, "thread")
        assert check(tmp_path, ()) == ()


class TestSplice:
    """Blocks within a page that is written by hand."""

    def test_every_block_gets_its_own_text(self) -> None:
        """Two blocks, one of them empty so far."""
        text = "a\n<!-- generated: x -->\n<!-- end -->\nb\n<!-- generated: y -->\n?\n<!-- end -->\n"

        assert splice(text, {"x": "X\n", "y": "Y\n"}) == (
            "a\n<!-- generated: x -->\nX\n<!-- end -->\nb\n<!-- generated: y -->\nY\n<!-- end -->\n"
        )

    def test_splicing_again_changes_nothing(self) -> None:
        """A page that is fresh stays as it is."""
        page = "<!-- generated: thread-diagram -->\n<!-- end -->\n"
        once = splice(page, blocks())

        assert splice(once, blocks()) == once

    def test_a_page_without_blocks_stays_as_it_is(self) -> None:
        """Not even the line ends change."""
        assert splice("a\r\nb", blocks()) == "a\r\nb"

    def test_an_unknown_block_is_refused_with_the_known_ones(self) -> None:
        """A misspelt marker would otherwise never be made fresh."""
        with pytest.raises(DrawError, match="no generated block thred; choose from thread-diagram"):
            splice("<!-- generated: thred -->\n<!-- end -->\n", blocks())

    @pytest.mark.parametrize("rest", ["no end\n", "<!-- generated: x -->\n<!-- end -->\n"])
    def test_a_block_without_an_end_is_refused(self, rest: str) -> None:
        """It would swallow what comes after it."""
        with pytest.raises(DrawError, match="does not end"):
            splice(f"<!-- generated: x -->\n{rest}", {"x": "X\n"})
