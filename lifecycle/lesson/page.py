"""Pages of lessons: prose, and transcripts in fenced blocks that the engine writes.

A block of the language ``lesson anthropic`` begins a session in that dialect, one of the language
``lesson anthropic deployment`` a deployment; one of the language ``lesson`` goes on with what was
begun last. Its lines after ``>`` are written by people; everything else in it is what the engine
answers.
"""

from __future__ import annotations

import re
from typing import Final

from lifecycle.dialects import DIALECTS
from lifecycle.lesson.deployment_stage import DeploymentStage
from lifecycle.lesson.scene import Scene
from lifecycle.lesson.stage import Stage

__all__ = ["SCENES", "PageError", "fresh", "stages"]

SCENES: Final[dict[str, type[Stage] | type[DeploymentStage]]] = {
    scene.kind: scene for scene in (Stage, DeploymentStage)
}
"""What can be played, by what it is called; the first needs no name."""

_BLOCK: Final = re.compile(
    r"^```lesson(?P<begins>[^\n]*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL
)


class PageError(ValueError):
    """A page that cannot be played; the text says where."""


def fresh(page: str) -> str:
    """Return *page* with its answers as the engine gives them now.

    Raises:
        PageError: a line says nothing, or a block goes on before anything has begun.
    """
    return _played(page)[0]


def stages(page: str) -> list[Scene]:
    """Return the sessions and deployments of a page, as they are at its end.

    Raises:
        PageError: as for `fresh`.
    """
    return _played(page)[1]


def _played(page: str) -> tuple[str, list[Scene]]:
    begun: list[Scene] = []

    def again(block: re.Match[str]) -> str:
        words = block["begins"].split()
        if words:
            begun.append(_begun(*words))
        elif not begun:
            raise PageError("the first block says in which dialect: ```lesson anthropic")
        answers = [_answer(begun[-1], line, page, block) for line in _lines(block["body"])]
        return " ".join(["```lesson", *words]) + "\n" + "\n".join(answers) + "```"

    return _BLOCK.sub(again, page), begun


def _begun(dialect: str, kind: str = Stage.kind, *more: str) -> Scene:
    """Return what a block begins."""
    if dialect not in DIALECTS:
        raise PageError(f"no dialect {dialect!r}; choose from {', '.join(DIALECTS)}")
    if kind not in SCENES or more:
        words = " ".join([kind, *more])
        raise PageError(
            f"nothing is played that is called {words!r}; choose from {', '.join(SCENES)}"
        )
    return SCENES[kind](dialect)


def _lines(body: str) -> list[str]:
    """Return what people wrote in a block."""
    return [line[1:].strip() for line in body.splitlines() if line.startswith(">")]


def _answer(stage: Scene, line: str, page: str, block: re.Match[str]) -> str:
    """Return a line with its answer."""
    try:
        told = stage.say(line)
    except ValueError as error:
        number = page.count("\n", 0, block.start()) + 1
        raise PageError(f"block at line {number}, `> {line}`: {error}") from error
    return "".join(f"{one}\n" for one in [f"> {line}", *told])
