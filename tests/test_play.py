"""
``lifecycle play``: a session or a deployment by hand.

A script is piped in, as a shell would do it; only the last test has a terminal.
"""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lifecycle.cli import main
from lifecycle.lesson import DEPLOYMENTS, PHRASES

PATIENCE = 20  # seconds, on a busy machine
ASKED = ['create "Hi"', "request starts", "tool c1 ask", "request ends", "turn ends"]


def played(*lines: str, arguments: tuple[str, ...] = ()) -> Result:
    """Return what comes of a script."""
    return CliRunner().invoke(main, ["play", *arguments], input="".join(f"{x}\n" for x in lines))


class TestScripts:
    """Standard input is a file."""

    def test_each_line_is_shown_with_its_answer_and_the_state_after_it(self) -> None:
        """So that the output can be read by itself."""
        result = played("create", 'message "Hello"')

        assert result.exit_code == 0
        assert result.output.splitlines() == [
            "> create",
            "  noted  the session is made, with its thread primary",
            "  | session  idle",
            "  | primary  idle",
            '> message "Hello"',
            "  session    session.status_running",
            "  session    session.thread_status_running  primary",
            '  session    user.message  "Hello"',
            "  owed with  start the clock: primary",
            "  | session  running",
            "  | primary  running",
        ]

    def test_another_dialect_answers_otherwise(self) -> None:
        """Qoder lists the message first."""
        result = played('create "Hello"', arguments=("--dialect", "qoder"))
        listed = [x.split()[1] for x in result.output.splitlines() if x.startswith("  session ")]

        assert listed[0] == "user.message"
        assert "reported as processing" in result.output

    def test_a_refusal_is_explained(self) -> None:
        """Its code, its reason, its answer, what the code means, and what could be said instead."""
        result = played(*ASKED, 'message "Well?"')
        told = result.output.partition('> message "Well?"\n')[2]

        assert result.exit_code == 0
        assert "answers_required: answer or interrupt the open calls first" in told
        assert "400 invalid_request_error" in told
        assert "that is: The session waits for answers first." in told
        assert "possible now: " in told
        assert "`allow c1`, `deny c1`" in told

    def test_after_the_end_nothing_is_possible(self) -> None:
        """A deleted session is gone."""
        result = played("create", "delete session", "interrupt")

        assert "possible now: nothing: it is over" in result.output

    def test_many_moves_are_cut(self) -> None:
        """The rest is one word away."""
        spawned = ['create "Hi"', "request starts", "request ends"]
        spawned += [f"spawn child-{n}" for n in range(1, 6)]
        result = played(*spawned, "archive primary")

        assert "more (`moves`)" in result.output

    def test_looking_shows_no_state_after_it(self) -> None:
        """It changes nothing."""
        result = played("create", "state")

        assert result.output.count("primary  idle") == 2

    def test_an_unknown_line_is_said_and_the_script_goes_on(self) -> None:
        """At the end the exit code tells."""
        result = played("crate", "create")

        assert result.exit_code == 2
        assert "? no line begins with `crate`; did you mean `create`?" in result.output
        assert "the session is made" in result.output

    def test_comments_and_blank_lines_are_skipped(self) -> None:
        """A script may explain itself."""
        assert played("# first", "", "create").output.startswith("> create\n")

    def test_quit_leaves_at_once(self) -> None:
        """What follows is not read."""
        result = played("create", "quit", "crate")

        assert result.exit_code == 0
        assert "crate" not in result.output.replace("create", "")

    def test_a_wrong_dialect_is_one_line(self) -> None:
        """As for every command."""
        result = played(arguments=("--dialect", "french"))

        assert result.exit_code == 2
        assert len(result.output.splitlines()) == 1


class TestDeployments:
    """``--deployment``: other words, the same play."""

    def test_a_deployment_is_played_with_a_clock(self) -> None:
        """A line of the host's clock is no decision, so no state follows it."""
        result = played(
            'deploy digest "0 9 * * *" UTC', "sleep", "tick", arguments=("--deployment",)
        )

        assert result.exit_code == 0
        assert result.output.splitlines() == [
            '> deploy digest "0 9 * * *" UTC',
            "  noted       the deployment is made, active",
            "  owed with   resume the fires: 2026-01-02 09:00 UTC, starting 09:06:16 UTC",
            "  owed after  send deployment.created",
            "  | deployment  active",
            "  | upcoming    2026-01-02 09:00 UTC, and 4 more",
            "> sleep",
            "  clock  2026-01-02 09:06:16 UTC",
            "> tick",
            "  noted       drun_1 opened for 2026-01-02 09:00 UTC",
            "  owed with   resume the fires: 2026-01-03 09:00 UTC, starting 09:06:16 UTC",
            "  owed after  send deployment_run.started: drun_1",
            '  owed after  create the session: drun_1, titled "digest"',
            "  | deployment  active",
            "  | upcoming    2026-01-03 09:00 UTC, and 4 more",
            "  | drun_1      under way for 2026-01-02 09:00 UTC",
        ]

    def test_a_refusal_is_explained(self) -> None:
        """In Qoder, a paused deployment runs not even by hand."""
        result = played(
            "deploy digest", "pause", "run", arguments=("--deployment", "--dialect", "qoder")
        )
        told = result.output.partition("> run\n")[2]

        assert result.exit_code == 0
        assert "deployment_paused: only an active deployment runs by hand" in told
        assert "that is: Not while the deployment is paused." in told
        assert "possible now: `unpause`, `update agent=agent_2`, " in told

    def test_the_end_of_a_deployment_is_the_end(self) -> None:
        """An archived one has nothing to wait for, either."""
        result = played("deploy digest", "archive", "run", arguments=("--deployment",))

        assert "possible now: nothing: it is over" in result.output

    def test_help_lists_its_own_words_and_no_others(self) -> None:
        """Who says what, and what may be looked at."""
        told = played("help", arguments=("--deployment",)).output

        for heading, phrases in DEPLOYMENTS.groups:
            assert heading in told
            for phrase in phrases:
                assert phrase.form in told
                assert phrase.about in told
        for look, about in DEPLOYMENTS.looks.items():
            assert f"  {look} " in told
            assert about in told
        assert "message TEXT" not in told

    def test_a_word_of_it_is_explained(self) -> None:
        """What stands for ERROR is another thing than in a session."""
        told = played("help fail", arguments=("--deployment",)).output

        assert "fail RUN ERROR [SAYING]" in told
        assert "RUN: a run under way" in told
        assert "ERROR: why there is no session" in told

    def test_a_sessions_word_is_unknown(self) -> None:
        """The known ones are listed."""
        result = played("create", arguments=("--deployment",))

        assert result.exit_code == 2
        assert "? no line begins with `create`; `help` lists what can: deploy, " in result.output


class TestHelp:
    """The notation, from the classes of the commands."""

    def test_every_line_is_listed_with_what_it_is_for(self) -> None:
        """And what can be said besides."""
        told = played("help").output

        for phrase in PHRASES:
            assert phrase.form in told
            assert phrase.about in told
        for word in ("state", "list THREAD", "moves", "help [WORD]", "quit"):
            assert f"  {word} " in told

    def test_one_word_is_explained_with_its_gaps(self) -> None:
        """What stands for CALL is said."""
        told = played("help deny").output

        assert "deny CALL [REASON]" in told
        assert "CALL: an open call" in told
        assert "REASON: why, in quotes" in told

    def test_help_for_an_unknown_word_is_none(self) -> None:
        """It says so."""
        result = played("help me")

        assert result.exit_code == 2
        assert "no line begins with `me`" in result.output


class TestTyping:
    """Standard input is a terminal."""

    def test_tab_completes_and_an_unknown_line_is_forgiven(self, tmp_path: Path) -> None:
        """A real terminal, a real readline: `cr<Tab>` is `create`. Ctrl-D leaves."""
        pytest.importorskip("readline")
        parent, child = pty.openpty()
        running = subprocess.Popen(
            [sys.executable, "-c", "from lifecycle.cli import main; main(['play'])"],
            stdin=child,
            stdout=child,
            stderr=child,
            env={**os.environ, "TERM": "dumb", "INPUTRC": str(tmp_path / "none")},
        )
        os.close(child)
        told = [after_prompt(parent)]
        for keys in (b"crate\n", b"cr\t\n"):
            os.write(parent, keys)
            told.append(after_prompt(parent))
        os.write(parent, b"\x04")
        code = running.wait(timeout=PATIENCE)
        os.close(parent)

        assert code == 0
        assert "Begin with `create`" in told[0]
        assert "did you mean `create`" in told[1]
        assert "the session is made" in told[2]

    def test_a_deployment_says_how_it_begins(self) -> None:
        """The same prompt, another first line."""
        parent, child = pty.openpty()
        running = subprocess.Popen(
            [
                sys.executable,
                "-c",
                "from lifecycle.cli import main; main(['play', '--deployment'])",
            ],
            stdin=child,
            stdout=child,
            stderr=child,
            env={**os.environ, "TERM": "dumb"},
        )
        os.close(child)
        told = after_prompt(parent)
        os.write(parent, b"\x04")
        code = running.wait(timeout=PATIENCE)
        os.close(parent)

        assert code == 0
        assert "A deployment of Anthropic Managed Agents" in told
        assert "Begin with `deploy digest" in told


def after_prompt(terminal: int) -> str:
    """Return what a terminal shows until its next prompt."""
    told = b""
    while not told.endswith(b"\n> ") and select.select([terminal], [], [], PATIENCE)[0]:
        told += os.read(terminal, 4096).replace(b"\r", b"")
    return told.decode()
