"""Pages of lessons: prose, and transcripts in fenced blocks that the engine writes.

A block of the language ``lesson anthropic`` begins a session in that dialect, one of the language
``lesson`` goes on with it. Its lines after ``>`` are written by people; everything else in it is
what the engine answers.
"""

from __future__ import annotations

import re
from typing import Final

from lifecycle.dialects import DIALECTS
from lifecycle.lesson.stage import Stage

__all__ = ["PageError", "fresh", "stages"]

_BLOCK: Final = re.compile(
    r"^```lesson(?P<dialect>[^\n]*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL
)


class PageError(ValueError):
    """A page that cannot be played; the text says where."""


def fresh(page: str) -> str:
    """Return *page* with its answers as the engine gives them now.

    Raises:
        PageError: a line says nothing, or a block goes on before a session has begun.
    """
    return _played(page)[0]


def stages(page: str) -> list[Stage]:
    """Return the sessions of a page, as they are at its end.

    Raises:
        PageError: as for `fresh`.
    """
    return _played(page)[1]


def _played(page: str) -> tuple[str, list[Stage]]:
    begun: list[Stage] = []

    def again(block: re.Match[str]) -> str:
        dialect = block["dialect"].strip()
        if dialect and dialect not in DIALECTS:
            raise PageError(f"no dialect {dialect!r}; choose from {', '.join(DIALECTS)}")
        if dialect:
            begun.append(Stage(dialect))
        elif not begun:
            raise PageError("the first block says in which dialect: ```lesson anthropic")
        answers = [_answer(begun[-1], line, page, block) for line in _lines(block["body"])]
        return f"```lesson{' ' if dialect else ''}{dialect}\n" + "\n".join(answers) + "```"

    return _BLOCK.sub(again, page), begun


def _lines(body: str) -> list[str]:
    """Return what people wrote in a block."""
    return [line[1:].strip() for line in body.splitlines() if line.startswith(">")]


def _answer(stage: Stage, line: str, page: str, block: re.Match[str]) -> str:
    """Return a line with its answer."""
    try:
        told = stage.say(line)
    except ValueError as error:
        number = page.count("\n", 0, block.start()) + 1
        raise PageError(f"block at line {number}, `> {line}`: {error}") from error
    return "".join(f"{one}\n" for one in [f"> {line}", *told])
