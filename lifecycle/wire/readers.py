"""Recordings of any shape, read as the bulk `Seen`.

`open_recording` tells the shape from the first bytes, and refuses with `Unusable` what holds no
session events. From there on nothing raises: what is broken becomes a `BadLine`, and reading goes
on. One event a line and streams are read in constant memory; arrays and list pages are held.

How events are counted: by the physical line on which an event's text begins. Only where an array or
a list page has several events on one line, so that lines would tell nothing, by the event's
position in the document instead. Both count from 1; `Recording.counts` says which.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import chain, islice, pairwise
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Final, Literal, Self

from lifecycle.wire.bulk import Seen
from lifecycle.wire.frames import frames
from lifecycle.wire.items import BadCode, BadLine, Decoding, Item, Recorded, Skipped
from lifecycle.wire.shapes import DOCUMENTS, EMPTY, Form, recognise
from lifecycle.wire.source import LARGEST, Source, Unusable, expand, whole_lines
from lifecycle.wire.spans import BrokenText, pieces, span_of
from lifecycle.wire.words import moment

__all__ = [
    "BadCode",
    "BadLine",
    "Item",
    "Recorded",
    "Recording",
    "Skipped",
    "Unusable",
    "expand",
    "open_recording",
    "source_line",
    "source_lines",
    "span_of",
]

_HEAD: Final = 1 << 18
_BATCH: Final = 1000
_WINDOW: Final = 1 << 20


def open_recording(
    source: str | Path | BinaryIO,
    *,
    name: str | None = None,
    session_key: str | None = None,
    records: bool = False,
) -> Recording:
    """Open a recording and recognise its shape.

    Args:
        source: a path, ``-`` for standard input, or a binary file, which stays open.
        name: what to call it; the path if not given.
        session_key: the top-level field that tells interleaved sessions apart, if any.
        records: whether the records of deployments are wanted, too.

    Raises:
        Unusable: it cannot be read, is empty or binary, or holds nothing that is wanted.
    """
    read = Source(source, name)
    try:
        blocks = read.blocks()
        head, whole = _head(blocks)
        if whole and read.damage and not head.strip():
            raise Unusable(f"expected session events; {read.damage}")
        form = recognise(head, whole=whole, records=records)
        decoding = Decoding(session_key, enveloped=form.enveloped, records=records)
        return Recording(read, form, chain((head,), blocks), decoding)
    except Unusable as error:
        read.close()
        raise Unusable(error.why, read.name) from None


class Recording:
    """An open recording; a context manager, and closed by itself once it is read to its end.

    Attributes:
        name: what it is called in reports.
        shape: ``jsonl``, ``array``, ``page``, ``sse``, ``envelope`` or ``objects`` (objects over
            several lines, one after another).
        counts: whether an event's ``line`` is its line or its position; known for arrays and list
            pages once the first batch is there.
        reversed: whether a list stood newest first and is given oldest first; known as late.
    """

    def __init__(
        self, source: Source, form: Form, blocks: Iterable[bytes], decoding: Decoding
    ) -> None:
        """Read the texts in *blocks* as *form* says; use `open_recording`."""
        self.name = source.name
        self.shape = form.shape
        self.counts: Literal["lines", "positions"] = "lines"
        self.reversed = False
        self._form = form
        self._source = source
        self._blocks = blocks
        self._decoding = decoding

    @property
    def size(self) -> int | None:
        """How many bytes there are to read (compressed, if they are); ``None`` if unknown."""
        return self._source.size

    @property
    def position(self) -> int:
        """How many bytes have been read, counted as in ``size``."""
        return self._source.position

    def close(self) -> None:
        """Close the file, if it was opened here."""
        self._source.close()

    def __enter__(self) -> Self:
        """Close it at the end of the block."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it."""
        self.close()

    def key_of(self, event: Seen) -> str | None:
        """Return the event's session key as a string; ``None`` if there is none."""
        return self._decoding.key_of(event)

    def batches(self) -> Iterator[list[Item]]:
        """Iterate once over all that the recording holds, in lists of any length.

        Raises:
            Unusable: a line or a whole document is too long to be held.
        """
        try:
            if self.shape in DOCUMENTS:
                yield from _listed(self._document_items())
            elif self.shape == "sse":
                yield from _listed(self._stream_items())
            else:
                yield from self._line_batches()
        except Unusable as error:
            raise Unusable(error.why, self.name) from None
        finally:
            self.close()

    def texts(self) -> Iterator[tuple[int, bytes]]:
        """Iterate once over the texts of the events, broken ones too, instead of `batches`."""
        if self.shape in DOCUMENTS:
            texts = self._document()
        elif self.shape == "sse":
            found = frames(_numbered(self._blocks))
            texts = (frame for frame in found if isinstance(frame, tuple))
        else:
            texts = ((line, text) for line, text in _numbered(self._blocks) if text.strip())
        own = self._decoding.own
        return ((line, own(text)) for line, text in texts)

    # -- One event a line ----------------------------------------------------------------------

    def _line_batches(self) -> Iterator[list[Item]]:
        """Iterate over blocks of lines: all at once where that works, else line by line."""
        decode, line = self._decoding.block, 1
        has_records = self._decoding.has_records
        for block in whole_lines(self._blocks):
            lines = len(block) - len(block.replace(b"\n", b""))  # much faster than counting
            try:
                events: list[Any] | None = decode(block)
            except (ValueError, RecursionError):
                events = None
            if events is not None and len(events) == lines and not has_records(events):
                for place, event in enumerate(events, line):
                    event.line = place
                yield events
            else:
                yield self._one_by_one(block, line)
            line += lines
        yield from _listed(self._damage(line))

    def _one_by_one(self, block: bytes, line: int) -> list[Item]:
        """Read each line of *block*, the first of which is *line*; blank ones are nothing."""
        one = self._decoding.one
        texts = enumerate(block.split(b"\n"), line)
        return [one(text, place) for place, text in texts if text.strip()]

    def _damage(self, line: int) -> list[Item]:
        """Say that reading ended before its time, if it did."""
        damage = self._source.damage
        return [BadLine(line, "not-json", damage)] if damage else []

    # -- Streams -------------------------------------------------------------------------------

    def _stream_items(self) -> Iterator[Item]:
        """Iterate over the events of a captured stream, and what is skipped between them."""
        line = 0
        for frame in frames(_numbered(self._blocks)):
            if isinstance(frame, Skipped):
                line = frame.line
                yield frame
            else:
                line, text = frame
                item = self._decoding.one(text, line)
                is_ping = isinstance(item, Seen) and item.type == "ping"
                yield Skipped(line, "a ping") if is_ping else item
        yield from self._damage(line + 1)

    # -- Arrays, list pages, objects over several lines ----------------------------------------

    def _document_items(self) -> list[Item]:
        """Return all that a document holds, oldest first."""
        items: list[Item] = [self._decoding.one(text, line) for line, text in self._document()]
        stamps = [item.processed_at or item.created_at for item in items if isinstance(item, Seen)]
        if _descends(stamps):
            items.reverse()
            self.reversed = True
        last = max((item.line for item in items), default=0)
        items += self._damage(last + 1)
        return items or [Skipped(1, EMPTY)]

    def _document(self) -> Iterator[tuple[int, bytes]]:
        """Iterate over the events' texts in a document; the last is the rest, if it is broken."""
        text = _joined(self._blocks)
        spans: list[tuple[int, int]] = []
        try:
            for span in pieces(text):
                spans.append(span)
        except BrokenText as cut:
            spans.append((cut.at, len(text)))
        places = _lines_of(text, spans)
        if any(line == following for line, following in pairwise(places)):
            self.counts = "positions"
            places = list(range(1, len(spans) + 1))
        return ((place, text[begin:end]) for place, (begin, end) in zip(places, spans, strict=True))


def source_line(path: str | Path, line: int, *, limit: int = _WINDOW) -> bytes:
    """Return the text of the event on *line* of the recording at *path*, as it stands there.

    Raises:
        Unusable: the recording cannot be read again, or has no such event.
    """
    found = source_lines(path, (line,), limit=limit)
    if line not in found:
        raise Unusable(f"expected an event on line {line}, found none", str(path))
    return found[line]


def source_lines(
    path: str | Path, lines: Collection[int], *, limit: int = _WINDOW
) -> dict[int, bytes]:
    """Return the texts of the events on *lines* in one pass, each up to *limit* bytes.

    Lines are counted as the reader counts them. Of an enveloped event the event's own text is
    given. A line that holds no event is left out.

    Raises:
        Unusable: the recording cannot be read again.
    """
    if str(path) == "-":
        raise Unusable("expected a file, found standard input, which cannot be read twice", "-")
    wanted, found = set(lines), dict[int, bytes]()
    with open_recording(path, records=True) as recording:
        for line, text in recording.texts():
            if line in wanted:
                found[line] = text[:limit]
                if len(found) == len(wanted):
                    break
    return found


def _head(blocks: Iterator[bytes]) -> tuple[bytes, bool]:
    """Return the beginning, with the first line that is not blank, and whether that is all."""
    parts, length = list[bytes](), 0
    begun = ended = binary = False
    for block in blocks:
        text = block if begun else block.lstrip()
        begun = begun or bool(text)
        ended = ended or b"\n" in text
        binary = binary or b"\0" in block[: max(0, _BATCH - length)]
        parts.append(block)
        length += len(block)
        if binary or (ended and length >= _HEAD):
            return b"".join(parts), False
        _refuse_long(length)
    return b"".join(parts), True


def _joined(blocks: Iterable[bytes]) -> bytes:
    """Return all of a document's text."""
    parts, length = list[bytes](), 0
    for block in blocks:
        parts.append(block)
        length += len(block)
        _refuse_long(length)
    return b"".join(parts)


def _refuse_long(length: int) -> None:
    """Refuse a text that is too long to be held."""
    if length > LARGEST:
        raise Unusable(f"expected JSON Lines for more than {LARGEST:,} bytes, found one document")


def _numbered(blocks: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """Iterate over the lines of *blocks*, numbered from 1."""
    line = 1
    for block in whole_lines(blocks):
        texts = block.split(b"\n")
        if not texts[-1]:
            del texts[-1]
        yield from enumerate(texts, line)
        line += len(texts)


def _listed(items: Iterable[Item]) -> Iterator[list[Item]]:
    """Iterate over *items* in lists."""
    rest = iter(items)
    while batch := list(islice(rest, _BATCH)):
        yield batch


def _lines_of(text: bytes, spans: Iterable[tuple[int, int]]) -> list[int]:
    """Return the physical lines on which *spans* begin."""
    lines, line, at = list[int](), 1, 0
    for begin, _ in spans:
        line += text.count(b"\n", at, begin)
        at = begin
        lines.append(line)
    return lines


def _descends(stamps: Iterable[str | None]) -> bool:
    """Whether times only ever go back, and do so at least once."""
    times = [time for stamp in stamps if (time := moment(stamp)) is not None]
    return all(a >= b for a, b in pairwise(times)) and len(set(times)) > 1
