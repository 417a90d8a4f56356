"""Diagrams, grids and documents, generated from the tables.

`generated` is the one list of what is generated; `write` brings a checkout up to date and `check`
names what is not. Whatever a table says is drawn, and nothing is drawn that no table says.
"""

from __future__ import annotations

from lifecycle.draw.files import DrawError, Stale, blocks, check, generated, splice, write
from lifecycle.draw.grid import DENIED, OWN, amended, answer, grid, meaning, owed, words
from lifecycle.draw.mermaid import Edge, diagram, edges
from lifecycle.draw.pages import (
    RuleEntry,
    diff_page,
    fold_page,
    grouped,
    index_page,
    machine_page,
    rule_index,
    vocabulary_page,
)

__all__ = [
    "DENIED",
    "OWN",
    "DrawError",
    "Edge",
    "RuleEntry",
    "Stale",
    "amended",
    "answer",
    "blocks",
    "check",
    "diagram",
    "diff_page",
    "edges",
    "fold_page",
    "generated",
    "grid",
    "grouped",
    "index_page",
    "machine_page",
    "meaning",
    "owed",
    "rule_index",
    "splice",
    "vocabulary_page",
    "words",
    "write",
]
