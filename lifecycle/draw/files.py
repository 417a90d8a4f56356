"""What is generated, where it stands, and whether it is up to date.

Files below ``diagrams/`` are generated whole. In ``README.md`` only the blocks between
``<!-- generated: NAME -->`` and ``<!-- end -->`` are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from pathlib import Path
from typing import Final, Literal

import attrs

from lifecycle.dialects import ANTHROPIC, DIALECTS
from lifecycle.draw.markdown import MARK
from lifecycle.draw.mermaid import diagram
from lifecycle.draw.pages import (
    RuleEntry,
    diff_page,
    fold_page,
    index_page,
    machine_page,
    rule_index,
    vocabulary_page,
)
from lifecycle.machines import MACHINES

__all__ = ["DrawError", "Stale", "blocks", "check", "generated", "splice", "write"]

FOLDER: Final = "diagrams"
README: Final = "README.md"
_START: Final = re.compile(r"^<!-- generated: (\S+) -->$", re.MULTILINE)
_BLOCK: Final = re.compile(
    r"^(<!-- generated: (\S+) -->\n).*?^(<!-- end -->)$", re.MULTILINE | re.DOTALL
)


class DrawError(ValueError):
    """A page with generated blocks is malformed; the message says where and how."""


@attrs.frozen
class Stale:
    """A file that is not as the tables have it.

    Attributes:
        path: relative to the checkout, with forward slashes.
        how: its content differs, it is not there, or no table asks for it any more.
    """

    path: str
    how: Literal["stale", "missing", "extra"]


def blocks() -> dict[str, str]:
    """Return the generated blocks that a page may show, by name."""
    return {"thread-diagram": f"```mermaid\n{diagram(ANTHROPIC, 'thread')}```\n"}


def splice(text: str, fresh: Mapping[str, str]) -> str:
    """Return *text* with what stands between each pair of markers replaced by the fresh block.

    Raises:
        DrawError: a block has no end, or a name that *fresh* does not have.
    """
    opened = _START.findall(text)
    for name in opened:
        if name not in fresh:
            raise DrawError(f"no generated block {name}; choose from {', '.join(fresh)}")
    filled, closed = _BLOCK.subn(lambda block: f"{block[1]}{fresh[block[2]]}{block[3]}", text)
    if closed != len(opened):
        raise DrawError("a generated block does not end with <!-- end -->")
    return filled


def generated(rules: Iterable[RuleEntry], readme: str | None = None) -> dict[str, str]:
    """Return every generated file: its text by its path within the checkout.

    Args:
        rules: the checker's rules, for their index.
        readme: the text of ``README.md`` as it is, if it is there; its blocks are made fresh.

    Raises:
        DrawError: the README's blocks are malformed.
    """
    files = {
        "README.md": index_page(),
        "rules.md": rule_index(rules),
        "vocabulary.md": vocabulary_page(),
    }
    for left, right in combinations(DIALECTS.values(), 2):
        files[f"{left.name}-{right.name}.md"] = diff_page(left, right)
    for name, dialect in DIALECTS.items():
        files[f"{name}/fold.md"] = fold_page(dialect)
        for machine in MACHINES:
            files[f"{name}/{machine}.md"] = machine_page(dialect, machine)
            files[f"{name}/{machine}.mmd"] = diagram(dialect, machine)
    whole = {f"{FOLDER}/{path}": files[path] for path in sorted(files)}
    return whole if readme is None else {**whole, README: splice(readme, blocks())}


def check(root: Path, rules: Iterable[RuleEntry]) -> tuple[Stale, ...]:
    """Return which generated files below *root* are not as they should be; none if all are.

    Raises:
        DrawError: the README's blocks are malformed.
    """
    return tuple(stale for stale, _ in _compare(root, rules))


def write(root: Path, rules: Iterable[RuleEntry]) -> tuple[Stale, ...]:
    """Bring the generated files below *root* up to date; return those that were not.

    Raises:
        DrawError: the README's blocks are malformed.
        OSError: a file cannot be written.
    """
    changed = []
    for stale, text in _compare(root, rules):
        path = root / stale.path
        if text is None:
            path.unlink()
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
        changed.append(stale)
    return tuple(changed)


def _compare(root: Path, rules: Iterable[RuleEntry]) -> Iterator[tuple[Stale, str | None]]:
    """Iterate over what is not up to date, with the text that it should have."""
    readme = root / README
    wanted = generated(rules, readme.read_text(encoding="utf-8") if readme.is_file() else None)
    for path, text in wanted.items():
        if not (root / path).is_file():
            yield Stale(path, "missing"), text
        elif _read(root / path) != text:
            yield Stale(path, "stale"), text
    for path in _left_over(root):
        if path not in wanted:
            yield Stale(path, "extra"), None


def _left_over(root: Path) -> Iterator[str]:
    """Iterate over the files that say of themselves that they were generated."""
    for path in sorted((root / FOLDER).rglob("*")):
        if path.suffix in {".md", ".mmd"} and MARK in _read(path).partition("\n")[0]:
            yield path.relative_to(root).as_posix()


def _read(path: Path) -> str:
    """Return the text of a file to compare it; what is no UTF-8 differs from all that we write."""
    return path.read_text(encoding="utf-8", errors="replace")
