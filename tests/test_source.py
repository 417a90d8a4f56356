"""Where recordings come from, and what becomes of paths."""

from __future__ import annotations

import io
import sys
import tracemalloc
from pathlib import Path
from typing import BinaryIO

import pytest
from reading import (
    RUNNING,
    STORY,
    read,
)
from wrapping import lines

from lifecycle.wire.readers import (
    Unusable,
    expand,
    open_recording,
)


class TestSources:
    """Where recordings come from."""

    def test_standard_input(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A dash is standard input, which stays open."""
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(lines(STORY))))
        with open_recording("-") as recording:
            assert recording.name == "-"
            assert recording.size is None
            assert len(list(*recording.batches())) == 2

        assert not sys.stdin.buffer.closed

    def test_a_given_file_stays_open(self) -> None:
        """Who opened it closes it."""
        file = io.BytesIO(lines(STORY))
        read(file)

        assert not file.closed

    def test_a_name_of_its_own(self, tmp_path: Path) -> None:
        """Reports may call a file what they like."""
        path = tmp_path / "a.jsonl"
        path.write_bytes(lines(STORY))
        with open_recording(path) as one, open_recording(path, name="b") as two:
            assert (one.name, two.name) == (str(path), "b")

    def test_memory_stays_flat(self) -> None:
        """Thirty megabytes of lines go through two."""
        endless = Endless(30_000_000)
        tracemalloc.start()
        try:
            with open_recording(endless) as recording:
                count = sum(len(batch) for batch in recording.batches())
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()

        assert count > 20_000
        assert peak < 2_500_000


class Endless(io.RawIOBase, BinaryIO):
    """A file that is made while it is read."""

    def __init__(self, size: int) -> None:
        self.left = size
        self.block = lines([{**RUNNING, "content": "x" * 900}]) * 64

    def read(self, size: int = -1, /) -> bytes:
        self.left -= len(self.block)
        return self.block if self.left > 0 else b""


class TestExpand:
    """Paths of a call become recordings."""

    def test_a_directory(self, tmp_path: Path) -> None:
        """Recordings below it, sorted; nothing hidden, nothing else."""
        for name in ("b.jsonl", "a/z.SSE", "a/y.json.gz", "notes.md", ".git/x.json", ".c.json"):
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).touch()

        assert expand(["-", str(tmp_path)]) == [
            "-",
            *(str(tmp_path / name) for name in ("a/y.json.gz", "a/z.SSE", "b.jsonl")),
        ]

    def test_a_file(self, tmp_path: Path) -> None:
        """A file that is named is taken, whatever its suffix."""
        (tmp_path / "notes.md").touch()

        assert expand([str(tmp_path / "notes.md")]) == [str(tmp_path / "notes.md")]

    def test_nothing_there(self, tmp_path: Path) -> None:
        """A path that does not exist is a mistake."""
        with pytest.raises(Unusable, match="expected a file or a directory, found nothing"):
            expand([str(tmp_path / "gone")])

    def test_nothing_in_it(self, tmp_path: Path) -> None:
        """So is a directory without recordings."""
        with pytest.raises(Unusable, match=r"expected recordings \(\*\.jsonl, .*\), found none"):
            expand([str(tmp_path)])
