"""The bytes of a recording: where they come from, decompressed, without a byte order mark.

Whether a file is compressed is told from its first bytes, not from its name. What is damaged is
read as far as it goes, and says so.
"""

from __future__ import annotations

import os
import stat
import sys
import zlib
from collections.abc import Iterable, Iterator
from io import FileIO
from pathlib import Path
from typing import BinaryIO, Final, cast

__all__ = ["LARGEST", "Source", "Unusable", "expand", "whole_lines"]

LARGEST: Final = 1 << 30
"""The most bytes that a line, or a document that is read as a whole, may have."""

_READ: Final = 1 << 16  # blocks that stay in the cache are decoded faster
_FIRST: Final = 1 << 18  # a small file is read at once
_GZIP: Final = b"\x1f\x8b"
_MARK: Final = b"\xef\xbb\xbf"
_SUFFIXES: Final = (".jsonl", ".ndjson", ".json", ".sse", ".txt")


class Unusable(Exception):  # noqa: N818 - reads as what it says
    """Nothing of a source can be used.

    Attributes:
        why: one sentence: what was expected, and what was found.
        name: the source's name, if it is known.
    """

    def __init__(self, why: str, name: str = "") -> None:
        """Say *why*, and of which source."""
        super().__init__(f"{name}: {why}" if name else why)
        self.why = why
        self.name = name


class Source:
    """The bytes of one recording, in blocks.

    Attributes:
        name: what it is called in reports.
        size: how many bytes there are to read, before decompression; ``None`` if nobody knows.
        position: how many of them have been read.
        damage: why reading ended before its time, if it did.
    """

    def __init__(self, source: str | Path | BinaryIO, name: str | None = None) -> None:
        """Open *source*: a path, ``-`` for standard input, or a binary file that stays open.

        Raises:
            Unusable: there is no such file, or it cannot be read.
        """
        self.position = 0
        self.damage: str | None = None
        self._owned = isinstance(source, str | Path) and str(source) != "-"
        if not isinstance(source, str | Path):
            self.name = name or str(getattr(source, "name", "recording"))
            self._file = source
        elif self._owned:
            self.name = name or str(source)
            self._file = _opened(str(source), self.name)
        else:
            self.name = name or "-"
            if sys.stdin is None:
                raise Unusable("expected a recording on standard input, which is closed", self.name)
            self._file = sys.stdin.buffer
        self.size = _size_of(self._file)

    def close(self) -> None:
        """Close the file, if it was opened here."""
        if self._owned:
            self._file.close()

    def blocks(self) -> Iterator[bytes]:
        """Iterate over the text in blocks of any length but zero."""
        raw = _primed(self._raw(), len(_GZIP))
        first = next(raw, b"")
        read = _chained(first, raw)
        text = _primed(self._inflated(read) if first.startswith(_GZIP) else read, len(_MARK))
        yield from filter(None, _chained(next(text, b"").removeprefix(_MARK), text))

    def _raw(self) -> Iterator[bytes]:
        """Iterate over the file's own bytes."""
        most = max(_READ, min((self.size or 0) + 1, _FIRST))
        while True:
            try:
                block = self._file.read(most)
            except OSError as error:
                self.damage = f"reading failed: {error.strerror or error}"
                return
            if not block:
                return
            most = _READ
            self.position += len(block)
            yield block

    def _inflated(self, raw: Iterator[bytes]) -> Iterator[bytes]:
        """Iterate over what *raw* holds compressed; several members follow one another."""
        member, begun = zlib.decompressobj(wbits=31), False
        try:
            for block in raw:
                rest = block
                while rest:
                    begun = True
                    yield member.decompress(rest, _READ)
                    rest = member.unconsumed_tail
                    if member.eof:
                        rest = member.unused_data.lstrip(b"\0")  # padding may follow a member
                        member, begun = zlib.decompressobj(wbits=31), False
            yield member.flush()
        except zlib.error:
            self.damage = "the compressed data is damaged"
        if begun and not member.eof:
            self.damage = self.damage or "the compressed data ends too early"


def whole_lines(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Cut *blocks* anew, so that each holds whole lines; the last may lack its line feed.

    Raises:
        Unusable: a line is longer than `LARGEST`.
    """
    parts: list[bytes | memoryview] = []
    held = 0
    for block in blocks:
        cut = block.rfind(b"\n") + 1
        if cut and cut == len(block) and not parts:
            yield block
        elif cut:
            yield b"".join((*parts, memoryview(block)[:cut]))
            parts, held = [], 0
        if cut < len(block):
            parts.append(block[cut:])
            held += len(block) - cut
        if held > LARGEST:
            raise Unusable(f"expected lines of at most {LARGEST:,} bytes, found a longer one")
    if parts:
        yield b"".join(parts)


def expand(paths: Iterable[str]) -> list[str]:
    """Return *paths* with every directory replaced by the recordings below it, sorted.

    Recordings are ``*.jsonl``, ``*.ndjson``, ``*.json``, ``*.sse`` and ``*.txt``, each also with
    ``.gz``; hidden directories and files are passed over. ``-`` stays as it is.

    Raises:
        Unusable: a path does not exist, or a directory holds no recording.
    """
    found: list[str] = []
    for path in paths:
        if path == "-" or not _is_folder(path):
            found.append(path)
        else:
            below = sorted(_below(path))
            if not below:
                raise Unusable(f"expected recordings ({_suffixes()}), found none", path)
            found += below
    return found


def _is_folder(path: str) -> bool:
    """Whether there is a directory at *path*, and not a file.

    Raises:
        Unusable: there is nothing.
    """
    place = Path(path)
    if place.is_file():  # mostly, and then it is asked once
        return False
    if not place.exists():
        raise Unusable("expected a file or a directory, found nothing", path)
    return place.is_dir()


def _below(path: str) -> Iterator[str]:
    """Iterate over the recordings below the directory *path*."""
    for folder, folders, files in os.walk(path):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in files:
            plain = name.lower().removesuffix(".gz")
            if plain.endswith(_SUFFIXES) and not name.startswith("."):
                yield str(Path(folder, name))


def _suffixes() -> str:
    """Name the suffixes of recordings."""
    return ", ".join(f"*{suffix}" for suffix in _SUFFIXES)


def _opened(path: str, name: str) -> BinaryIO:
    """Open the file at *path* for reading."""
    try:
        return cast(BinaryIO, FileIO(path or "."))
    except FileNotFoundError:
        raise Unusable("expected a file, found nothing", name) from None
    except (OSError, ValueError) as error:
        if isinstance(error, OSError) and Path(path).is_dir():
            raise Unusable("expected a file, found a directory", name) from None
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise Unusable(f"expected a readable file: {why}", name) from None


def _size_of(file: BinaryIO) -> int | None:
    """Return the size of *file*, if it is a regular file."""
    try:
        state = os.fstat(file.fileno())
    except (OSError, AttributeError, ValueError):
        return None
    return state.st_size if stat.S_ISREG(state.st_mode) else None


def _primed(blocks: Iterator[bytes], least: int) -> Iterator[bytes]:
    """Join the first of *blocks* until there are *least* bytes to look at."""
    first = b""
    for block in blocks:
        first += block
        if len(first) >= least:
            break
    if first:
        yield first
        yield from blocks


def _chained(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    """Put *first* back before *rest*."""
    yield first
    yield from rest
