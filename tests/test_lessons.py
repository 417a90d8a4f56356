"""
The lessons: what the engine answers is what stands on their pages.

Write them anew with ``pytest tests/test_lessons.py --rewrite``, and commit only what you can
explain.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

import lifecycle
from lifecycle import commands
from lifecycle.check import Level
from lifecycle.commands import Command, SpawnChild, ToolUsed
from lifecycle.deployments import DeploymentEngine
from lifecycle.lesson import (
    DEPLOYMENTS,
    SCENES,
    SESSIONS,
    DeploymentStage,
    LineError,
    Notation,
    PageError,
    Phrase,
    Scene,
    Stage,
    fresh,
    line_of,
    parse,
    stages,
)
from lifecycle.vocabulary import Permission

LESSONS: Final = sorted((Path(__file__).parent / "lessons").glob("*.md"))
COMMAND: Final = "pytest tests/test_lessons.py --rewrite"

every_lesson: Final = pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)


every_phrase: Final = pytest.mark.parametrize(
    ("notation", "phrase"),
    [(notation, phrase) for notation in (SESSIONS, DEPLOYMENTS) for phrase in notation.phrases],
    ids=lambda one: one.form if isinstance(one, Phrase) else "",
)


def played(*paths: Path) -> Iterator[Scene]:
    """Iterate over everything that is played on some pages."""
    for path in paths:
        yield from stages(path.read_text(encoding="utf-8"))


def staged(*lines: str, dialect: str = "anthropic") -> Stage:
    """Return a session in which *lines* were said."""
    stage = Stage(dialect)
    for line in lines:
        stage.say(line)
    return stage


class TestLessons:
    """The pages."""

    @every_lesson
    def test_the_answers_are_the_engines(self, path: Path, request: pytest.FixtureRequest) -> None:
        """Nobody edits an answer, or changes the engine without reading the lessons anew."""
        page = path.read_text(encoding="utf-8")
        now = fresh(page)
        if request.config.getoption("--rewrite"):
            path.write_text(now, encoding="utf-8", newline="\n")
            page = now

        assert now == page, f"if the change is meant, write the answers anew with: {COMMAND}"

    @every_lesson
    def test_what_a_lesson_shows_is_possible(self, path: Path) -> None:
        """The checker finds neither error nor warning, in any list of any session."""
        found = [
            (finding.code, name, finding.message)
            for stage in played(path)
            if isinstance(stage, Stage)
            for name, events in stage.lists().items()
            for finding in lifecycle.check(events, stage.dialect.name).findings
            if finding.level is not Level.NOTE
        ]

        assert found == []

    @every_lesson
    def test_a_deployments_log_is_whole(self, path: Path) -> None:
        """It is the fold of its entries, and no occurrence has two runs."""
        for stage in played(path):
            if isinstance(stage, DeploymentStage):
                engine = DeploymentEngine(stage.dialect)
                times = [one.run.scheduled_at for one in stage.records() if one.run.scheduled_at]

                assert engine.apply(None, stage.entries) == stage.deployment
                assert len(times) == len(set(times))

    def test_they_are_counted_without_a_gap(self) -> None:
        """There are at least ten, and each page has its one title."""
        assert len(LESSONS) >= 10
        for number, path in enumerate(LESSONS, 1):
            titles = [x for x in path.read_text(encoding="utf-8").splitlines() if x[:2] == "# "]
            assert path.name.startswith(f"{number:02d}-")
            assert len(titles) == 1

    @pytest.mark.parametrize("kind", SCENES)
    def test_every_command_is_shown(self, kind: str) -> None:
        """Who adds a command tells when it is said."""
        scenes = [scene for scene in played(*LESSONS) if scene.kind == kind]
        shown = {type(command) for scene in scenes for command in scene.said}

        assert {one.command for one in SCENES[kind].notation.phrases} - shown == set()

    @pytest.mark.parametrize("kind", SCENES)
    def test_they_speak_both_dialects(self, kind: str) -> None:
        """Within one page, too: that is where the two differ."""
        spoken = [{s.dialect.name for s in played(p) if s.kind == kind} for p in LESSONS]

        assert {"anthropic", "qoder"} in spoken


class TestPages:
    """How a page is read."""

    def test_a_wrong_answer_is_replaced(self) -> None:
        """What stands between two lines was never read."""
        page = "Say:\n\n```lesson anthropic\n> create\nnothing at all\n```\n\nDone.\n"

        assert fresh(page) == page.replace(
            "nothing at all", "noted  the session is made, with its thread primary"
        )

    def test_a_block_goes_on_with_the_session_before(self) -> None:
        """One that names a dialect begins another session."""
        page = '```lesson anthropic\n> create\n```\n```lesson\n> message "Hi"\n```\n'

        assert "user.message" in fresh(page)
        assert "session_not_found" in fresh(page.replace("lesson\n", "lesson qoder\n"))

    def test_a_page_has_sessions_and_deployments(self) -> None:
        """Each has words of its own; a block that names neither goes on with the last."""
        page = (
            "```lesson anthropic\n> create\n```\n"
            "```lesson anthropic deployment\n> deploy digest\n```\n"
            "```lesson\n> run\n```\n"
            "```lesson qoder session\n> create\n```\n"
        )
        found = stages(page)

        assert [scene.kind for scene in found] == ["session", "deployment", "session"]
        assert "drun_1 opened by hand" in fresh(page)
        with pytest.raises(PageError, match=r"`> create`: no line begins with `create`"):
            fresh(page.replace("> run", "> create"))

    def test_other_blocks_are_left_alone(self) -> None:
        """A page may show whatever else it likes."""
        page = "```text\n> create\n```\n"

        assert fresh(page) == page

    @pytest.mark.parametrize(
        ("page", "says"),
        [
            ("```lesson\n> create\n```\n", "in which dialect"),
            ("Hm.\n\n```lesson anthropic\n> crate\n```\n", "line 3, `> crate`: .*`create`"),
            ("```lesson french\n> create\n```\n", "french"),
            ("```lesson qoder schedule\n> tick\n```\n", "'schedule'; choose from session, deploy"),
            ("```lesson qoder deployment now\n> tick\n```\n", "'deployment now'"),
        ],
    )
    def test_a_page_that_cannot_be_played_says_where(self, page: str, says: str) -> None:
        """The line of the block, and what is wrong."""
        with pytest.raises(PageError, match=says):
            fresh(page)


EXAMPLES: Final[dict[str, Any]] = {
    "CALL": "c1",
    "THREAD": "child-1",
    "CHILD": "child-1",
    "RUN": "run_1",
    "AGENT": "a",
    "MOMENT": "2026-10-25 00:30:10 UTC",
    "SESSION": "sesn_7",
}


class TestNotation:
    """Lines and commands are the same thing."""

    def test_every_command_has_a_line(self) -> None:
        """Who adds a command says how it is told."""
        classes = {
            one
            for name in commands.__all__
            if inspect.isclass(one := getattr(commands, name)) and issubclass(one, Command)
        }

        assert classes - {phrase.command for phrase in SESSIONS.phrases} == {
            Command,
            commands.Reported,
        }

    @every_phrase
    def test_a_line_becomes_its_command_and_a_line_again(
        self, notation: Notation, phrase: Phrase
    ) -> None:
        """With everything that may stand in it, and with nothing that may be left out."""
        full, bare = [], []
        for part in phrase.parts:
            offers = part.slot.offers(None, ()) if part.slot else [part.word]
            word = EXAMPLES.get(part.word) or offers[-1]
            full.append(f"{part.key}={word}" if part.key else word)
            bare += [] if part.optional else full[-1:]
        for line in (" ".join(full), " ".join(bare)):
            command = notation.parse(line)
            assert type(command) is phrase.command
            assert notation.parse(notation.line_of(command)) == command
        assert notation.line_of(notation.parse(" ".join(bare))) == " ".join(bare)

    def test_a_line_says_what_is_meant(self) -> None:
        """Words fill the fields."""
        assert parse('child-1: tool c1 ask "grep"') == ToolUsed(
            session_id="sesn_1",
            thread_id="child-1",
            call_id="c1",
            permission=Permission.ASK,
            name="grep",
        )
        assert parse('spawn child-1 "Go" blocking call=c1') == SpawnChild(
            session_id="sesn_1", child_id="child-1", task="Go", blocking=True, call_id="c1"
        )

    def test_a_text_keeps_its_quotes_and_breaks(self) -> None:
        """They are escaped as in JSON."""
        command = commands.SendMessage(session_id="sesn_1", content='Say "ä",\nplease')

        assert line_of(command) == r'message "Say \"ä\",\nplease"'
        assert parse(line_of(command)) == command

    def test_what_no_line_can_say_is_not_half_said(self) -> None:
        """A command with another session's id would come back as one of this."""
        with pytest.raises(LineError, match="no line says all of"):
            line_of(commands.ArchiveSession(session_id="sesn_2"))

    @pytest.mark.parametrize(
        ("line", "says"),
        [
            ("mesage", "did you mean `message`"),
            ("xyzzy", "`help` lists what can: create, message, .*turn, .*state, list, moves"),
            ("", "says nothing"),
            ("child-1:", "says nothing"),
            ("message", "TEXT .* is missing"),
            ("message Hello", "a text stands in quotes"),
            ('message "Hello', "do not close"),
            ("allow 17", "17 is no name"),
            ("turn ends now", "now is too much"),
            ("turn", "`turn starts`: `starts` is missing"),
            ("error nobody_error", "none of unknown_error"),
            ("update budget=lots", "no amount"),
            ("run run-1 falls", "`opens` should stand where falls does"),
            ('child-1: message "Hi"', "a client says"),
        ],
    )
    def test_an_unknown_line_is_told_what_is_known(self, line: str, says: str) -> None:
        """Never a bare no."""
        with pytest.raises(LineError, match=says):
            parse(line)


class TestStage:
    """A session under play."""

    def test_a_refused_line_changes_nothing(self) -> None:
        """Neither the session nor its lists."""
        stage = staged("create")
        before, entries = stage.session, list(stage.entries)
        stage.say('says "too early"')

        assert stage.session is before
        assert stage.entries == entries

    def test_the_primarys_list_is_the_sessions(self) -> None:
        """A child's is its own."""
        stage = staged('create "Hi"', "request starts", "request ends", "spawn child-1")

        assert stage.say("list primary") == stage.say("list session")
        assert stage.say("list child-1") == []

    @pytest.mark.parametrize(
        ("lines", "look", "says"),
        [
            ((), "state", "no session yet"),
            ((), "list session", "nothing, without a session"),
            (("create",), "list child-1", "one of: session"),
        ],
    )
    def test_there_may_be_nothing_to_look_at(
        self, lines: tuple[str, ...], look: str, says: str
    ) -> None:
        """That is said."""
        with pytest.raises(LineError, match=says):
            staged(*lines).say(look)

    def test_every_move_is_accepted(self) -> None:
        """Each of them, said next, changes something."""
        lines = ('create "Hi"', "request starts", "tool c1 ask", "request ends", "turn ends")
        moves = [line for line, _ in staged(*lines).moves()]

        assert {"allow c1", "deny c1", "interrupt", "archive session"} <= set(moves)
        assert not {"turn ends", "request starts", 'message "..."'} & set(moves)
        for move in moves:
            stage = staged(*lines)
            stage.say(move)
            assert stage.last is not None
            assert stage.last.entries

    @pytest.mark.parametrize(
        ("line", "words"),
        [
            ("", {"create", "message", "child-1:", "state"}),
            ("all", {"allow"}),
            ("allow ", {"c1"}),
            ("archive ", {"primary", "child-1", "session"}),
            ("child-1: tu", {"turn"}),
            ("child-1: turn ", {"starts", "ends", "fails", "reschedules"}),
            ("tool ", {"c2"}),
            ("tool c2 ", {"allow", "ask", "deny", '"..."'}),
            ("tool c2 a", {"allow", "ask"}),
            ("list ", {"session", "child-1"}),
            ("spawn child-2 agent=a ", {"call=c1"}),
            ("spawn child-2 c", {"call=c1"}),
            ("spawn child-2 17 ", set()),
            ("allow c1 ", set()),
            ("xyzzy ", set()),
        ],
    )
    def test_a_line_is_completed(self, line: str, words: set[str]) -> None:
        """With words of the notation, and with names of the session."""
        stage = staged(
            'create "Hi"', "request starts", "request ends", "spawn child-1",
            "request starts", "tool c1 ask",
        )  # fmt: skip
        found = set(stage.complete(line))

        assert words <= found
        assert line == "" or words == found
