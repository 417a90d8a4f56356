"""``lifecycle play``: a session or a deployment by hand, in the notation of the lessons."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from functools import partial
from types import ModuleType
from typing import Final

import click

from lifecycle.cli.options import dialect_option
from lifecycle.lesson import DeploymentStage, LineError, Phrase, Scene, Stage

__all__ = ["play"]

_USAGE: Final = 2
"""The exit code of a script that says something unknown."""

_PROMPT: Final = "> "
_SHOWN_MOVES: Final = 12
_LEAVING: Final = ("quit", "exit")
_OWN: Final = {
    "help [WORD]": "List what can be said, or explain the lines that begin with WORD.",
    "quit": "Leave; so does the end of the input.",
}


@click.command()
@dialect_option("Whose way of speaking the model.")
@click.option(
    "--deployment", is_flag=True,
    help="Play a deployment: its schedule, runs and pauses, with a clock that you set.",
)  # fmt: skip
@click.pass_context
def play(ctx: click.Context, dialect: str, deployment: bool) -> None:
    """Play a session line by line: say what a client sends or what the agent's loop reports.

    Each line is answered with the events that follow, with what the host owes, and with the state
    after it; or with the refusal, and with what could be said instead. The notation is that of the
    lessons; `help` lists it. On a terminal, Tab completes.

    \b
    Examples:
        lifecycle play                          begin with: create
        lifecycle play --dialect qoder          the same for another service
        lifecycle play --deployment             a deployment; begin with: deploy digest
        lifecycle play < script.txt             a script; exits with 2 if a line is unknown
    """
    stage: Scene = DeploymentStage(dialect) if deployment else Stage(dialect)
    typed = sys.stdin.isatty()
    lines = _typed(stage) if typed else _piped()
    understood = True
    for line in lines:
        if line in _LEAVING:
            break
        try:
            answer = list(_answer(stage, line))
        except LineError as error:
            understood = False
            answer = [f"? {error}"]
        click.echo("\n".join(answer))
    if not (typed or understood):
        ctx.exit(_USAGE)


# -- lines in --------------------------------------------------------------------------------------


def _piped() -> Iterator[str]:
    """Iterate over the lines of standard input; each is shown, as in a lesson."""
    for line in map(str.strip, sys.stdin):
        if line and not line.startswith("#"):
            click.echo(f"{_PROMPT}{line}")
            yield line


def _typed(stage: Scene) -> Iterator[str]:
    """Iterate over the lines that somebody types, with completion where the system has it."""
    _completing(stage)
    begin = f"Begin with `{stage.beginning}`; `help` lists the rest."
    click.echo(f"A {stage.kind} of {stage.dialect.title}. {begin}")
    while True:
        try:
            line = input(_PROMPT).strip()
        except EOFError:
            click.echo()
            return
        if line:
            yield line


def _completing(stage: Scene) -> None:
    """Let Tab complete the last word, if there is a readline."""
    try:
        import readline
    except ImportError:  # pragma: no cover - Windows has none, and Tab is then a blank
        return
    readline.set_completer_delims(" ")
    readline.set_completer(partial(_completion, stage, readline))
    readline.parse_and_bind("tab: complete")


def _completion(stage: Scene, readline: ModuleType, _: str, number: int) -> str | None:
    """Return the completion of that number of the word at the cursor; `None` after the last."""
    line = readline.get_line_buffer()[: readline.get_endidx()]
    found = [*stage.complete(line), *_own_words(line)]
    return f"{found[number]} " if number < len(found) else None


def _own_words(line: str) -> list[str]:
    """Return the words of this command that *line* may be the beginning of."""
    return [word for word in ("help", "quit") if " " not in line and word.startswith(line)]


# -- answers out -----------------------------------------------------------------------------------


def _answer(stage: Scene, line: str) -> Iterator[str]:
    """Iterate over the lines that answer *line*.

    Raises:
        LineError: nothing of the kind can be said.
    """
    first, _, rest = line.partition(" ")
    if first == "help":
        yield from _help(stage, rest.strip())
        return
    decided = stage.last
    yield from (f"  {told}" for told in stage.say(line))
    if stage.last is decided or stage.last is None:
        return
    if stage.last.refusal is not None:
        yield f"  that is: {stage.last.refusal.code.__doc__}"
        yield from _instead(stage)
    else:
        yield from (f"  | {told}" for told in stage.state())


def _instead(stage: Scene) -> Iterator[str]:
    """Iterate over what could be said instead of what was refused."""
    moves = [line for line, _ in stage.moves()]
    more = len(moves) - _SHOWN_MOVES
    shown = ", ".join(f"`{line}`" for line in moves[:_SHOWN_MOVES]) or "nothing: it is over"
    yield f"  possible now: {shown}" + (f", and {more} more (`moves`)" if more > 0 else "")


def _help(stage: Scene, word: str) -> Iterator[str]:
    """Iterate over the help: everything, or the lines that begin with *word*."""
    if not word:
        for heading, phrases in stage.notation.groups:
            yield heading
            yield from _listed(phrases)
        yield "And besides:"
        yield from (
            f"  {form:<34} {about}" for form, about in {**stage.notation.looks, **_OWN}.items()
        )
        return
    found = [one for one in stage.notation.phrases if one.words[0] == word]
    if not found:
        raise LineError(stage.notation.unknown(word))
    yield from _listed(found)
    gaps = {part.word: part.slot.about for one in found for part in one.parts if part.slot}
    yield from (f"    {name}: {about}" for name, about in gaps.items())


def _listed(phrases: Iterable[Phrase]) -> Iterator[str]:
    """Iterate over phrases with what their commands are for."""
    for phrase in phrases:
        gap = "\n" + " " * 36 if len(phrase.form) > 33 else ""
        yield f"  {phrase.form:<33}{gap} {phrase.about}"
