"""``lifecycle play``: a session by hand, in the notation of the lessons."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import partial
from types import ModuleType
from typing import Final

import click

from lifecycle.dialects import DIALECTS
from lifecycle.lesson import LOOKS, PHRASES, LineError, Phrase, Stage
from lifecycle.lesson.slots import SLOTS

__all__ = ["play"]

_USAGE: Final = 2
"""The exit code of a script that says something unknown."""

_PROMPT: Final = "> "
_SHOWN_MOVES: Final = 12
_LEAVING: Final = ("quit", "exit")
_OWN: Final = {
    **LOOKS,
    "help [WORD]": "List what can be said, or explain the lines that begin with WORD.",
    "quit": "Leave; so does the end of the input.",
}


@click.command()
@click.option(
    "--dialect", "name", type=click.Choice(list(DIALECTS)), default=next(iter(DIALECTS)),
    show_default=True, help="Whose way of speaking the model.",
)  # fmt: skip
@click.pass_context
def play(ctx: click.Context, name: str) -> None:
    """Play a session line by line: say what a client sends or what the agent's loop reports.

    Each line is answered with the events that follow, with what the host owes, and with the state
    after it; or with the refusal, and with what could be said instead. The notation is that of the
    lessons; `help` lists it. On a terminal, Tab completes.

    \b
    Examples:
        lifecycle play                          begin with: create
        lifecycle play --dialect qoder          the same for another service
        lifecycle play < script.txt             a script; exits with 2 if a line is unknown
    """
    stage = Stage(name)
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


def _typed(stage: Stage) -> Iterator[str]:
    """Iterate over the lines that somebody types, with completion where the system has it."""
    _completing(stage)
    click.echo(f"A session of {stage.dialect.title}. Begin with `create`; `help` lists the rest.")
    while True:
        try:
            line = input(_PROMPT).strip()
        except EOFError:
            click.echo()
            return
        if line:
            yield line


def _completing(stage: Stage) -> None:
    """Let Tab complete the last word, if there is a readline."""
    try:
        import readline
    except ImportError:  # pragma: no cover - Windows has none, and Tab is then a blank
        return
    readline.set_completer_delims(" ")
    readline.set_completer(partial(_completion, stage, readline))
    readline.parse_and_bind("tab: complete")


def _completion(stage: Stage, readline: ModuleType, _: str, number: int) -> str | None:
    """Return the completion of that number of the word at the cursor; `None` after the last."""
    line = readline.get_line_buffer()[: readline.get_endidx()]
    found = [*stage.complete(line), *_own_words(line)]
    return f"{found[number]} " if number < len(found) else None


def _own_words(line: str) -> list[str]:
    """Return the words of this command that *line* may be the beginning of."""
    return [word for word in ("help", "quit") if " " not in line and word.startswith(line)]


# -- answers out -----------------------------------------------------------------------------------


def _answer(stage: Stage, line: str) -> Iterator[str]:
    """Iterate over the lines that answer *line*.

    Raises:
        LineError: nothing of the kind can be said.
    """
    first, _, rest = line.partition(" ")
    if first == "help":
        yield from _help(rest.strip())
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


def _instead(stage: Stage) -> Iterator[str]:
    """Iterate over what could be said instead of what was refused."""
    moves = [line for line, _ in stage.moves()]
    more = len(moves) - _SHOWN_MOVES
    shown = ", ".join(f"`{line}`" for line in moves[:_SHOWN_MOVES]) or "nothing: it is over"
    yield f"  possible now: {shown}" + (f", and {more} more (`moves`)" if more > 0 else "")


def _help(word: str) -> Iterator[str]:
    """Iterate over the help: everything, or the lines that begin with *word*."""
    if not word:
        yield "A client says:"
        yield from _listed([one for one in PHRASES if not one.command.reported])
        yield "The agent's loop reports, of a child with its name before (`child-1: turn ends`):"
        yield from _listed([one for one in PHRASES if one.command.reported])
        yield "And besides:"
        yield from (f"  {form:<34} {about}" for form, about in _OWN.items())
        return
    found = [one for one in PHRASES if one.words[0] == word]
    if not found:
        raise LineError(f"no line begins with `{word}`; `help` lists what can be said")
    yield from _listed(found)
    used = {part.word for phrase in found for part in phrase.parts}
    yield from (f"    {name}: {slot.about}" for name, slot in SLOTS.items() if name in used)


def _listed(phrases: list[Phrase]) -> Iterator[str]:
    """Iterate over phrases with what their commands are for."""
    for phrase in phrases:
        gap = "\n" + " " * 36 if len(phrase.form) > 33 else ""
        yield f"  {phrase.form:<33}{gap} {phrase.about}"
