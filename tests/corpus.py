"""Recordings to test against: the shipped ones, and foreign ones where there are any."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

__all__ = ["described", "folder", "real_and_complete", "recording", "shipped"]

VALID = Path(__file__).parent / "recordings" / "valid"


def folder() -> Path | None:
    """The folder of foreign recordings that `LIFECYCLE_CORPUS` names; not part of the project."""
    named = os.environ.get("LIFECYCLE_CORPUS")
    return Path(named) if named else None


def described() -> Path | None:
    """The same folder, if a table in it says which recordings are sound and which are not."""
    found = folder()
    return found if found is not None and (found / "README.md").is_file() else None


def recording(path: Path) -> list[dict[str, Any]]:
    """The events of a recording, one JSON object a line."""
    return [json.loads(line) for line in path.read_text().splitlines() if line.strip()]


def real_and_complete(corpus: Path) -> list[str]:
    """The files that the corpus's own table calls real and complete; without a table, all."""
    if not (corpus / "README.md").is_file():
        return sorted(str(path.relative_to(corpus)) for path in corpus.rglob("*.jsonl"))
    rows = [line.split("|") for line in (corpus / "README.md").read_text().splitlines()]
    told = [(row[1].strip(), row[2].strip()) for row in rows if len(row) > 3]
    foreign = ("openma/", "superduck/")
    return [
        name
        for name, kind in told
        if kind.startswith("REAL") and "INCOMPLETE" not in kind and not name.startswith(foreign)
    ]


def shipped() -> list[Path]:
    """The shipped valid recordings of one Anthropic session each."""
    others = ("many-sessions", "qoder")
    return [path for path in sorted(VALID.glob("*.jsonl")) if not path.name.startswith(others)]
