"""The frames of a captured stream (server-sent events).

Captures are kinder than the standard and less tidy: a missing blank line between two frames, a last
frame without one, and lines of a transcript around them are taken for what they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from lifecycle.wire.items import Skipped

__all__ = ["frames"]


def frames(lines: Iterable[tuple[int, bytes]]) -> Iterator[tuple[int, bytes] | Skipped]:
    """Iterate over the data of the frames in numbered *lines*, each with its first data line.

    Pings, error frames, frames without data, comments and lines that are no field are skipped,
    and say so.
    """
    name, data, first = b"", list[bytes](), 0
    for line, text in chain(lines, ((0, b""),)):
        field, colon, value = text.rstrip(b"\r").partition(b":")
        value = value.removeprefix(b" ")
        if (not field and not colon) or _begins_anew(field, value, name, data):
            if name or data:
                yield _frame(name, data, first)
            name, data = b"", []
        if field == b"data":
            first = first if data else line
            data.append(value)
        elif field == b"event":
            name, first = value, line
        elif field not in (b"", b"id", b"retry"):
            yield Skipped(line, "not a field of a stream")
        elif colon and not field:
            yield Skipped(line, "a comment")


def _begins_anew(field: bytes, value: bytes, name: bytes, data: list[bytes]) -> bool:
    """Whether a line opens a new frame though no blank line stands before it."""
    if field == b"event":
        return bool(name or data)
    # No JSON text goes on with a brace on a new line after one that closes.
    return field == b"data" and bool(data) and data[-1].endswith(b"}") and value.startswith(b"{")


def _frame(name: bytes, data: list[bytes], line: int) -> tuple[int, bytes] | Skipped:
    """Return a frame's data, or why it is skipped."""
    if name == b"ping":
        return Skipped(line, "a ping")
    if name == b"error":
        return Skipped(line, "an error frame")
    if not data:
        return Skipped(line, "a frame without data")
    if data == [b"[DONE]"]:
        return Skipped(line, "a mark of the end")
    return line, b"\n".join(data)
