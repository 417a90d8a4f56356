"""Where values stand in JSON text, by byte offsets, without building them.

For underlining a value in a report, and for taking a long document apart into the texts of its
events: also a broken one, as far as it goes. Brackets and strings are told apart; whether what
stands between them is JSON is for the decoder to say. Nothing recurses, so that depth is no limit.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from typing import Final

import msgspec

__all__ = ["BrokenText", "Span", "pieces", "span_of"]

Span = tuple[int, int]
"""From the first byte of a value to the one after its last."""

_SPACE: Final = re.compile(rb"[ \t\r\n]*+")
_TEXT: Final = rb'"(?:[^"\\]++|\\.)*+"'
_STRING: Final = re.compile(_TEXT, re.DOTALL)
_MARK: Final = re.compile(_TEXT + rb'|["\[\]{}]', re.DOTALL)
_SCALAR: Final = re.compile(rb'[^\s,:"\[\]{}]++')
_OPENING, _CLOSING, _QUOTE = b"[{", b"]}", ord('"')


class BrokenText(Exception):  # noqa: N818 - reads as what it says
    """The text stops making sense at the offset ``at``; at its end if it is cut there."""

    def __init__(self, at: int) -> None:
        """Say where."""
        super().__init__(f"broken at byte {at}")
        self.at = at


def _nested(depth: int) -> bytes:
    """Return a pattern for arrays and objects that hold others, down to *depth*."""
    inner = rb"|" + _nested(depth - 1) if depth else b""
    return rb'[\[{](?:[^"\[\]{}]++|' + _TEXT + inner + rb")*+[\]}]"


_CONTAINER: Final = re.compile(_nested(8), re.DOTALL)
"""Almost every container in one step; deeper ones are counted through."""


def span_of(text: bytes, path: tuple[str | int, ...]) -> Span:
    """Return where the value at *path* stands in *text*; the whole text if it is not there."""
    try:
        at = _after_space(text, 0)
        for step in path:
            at = _inside(text, at, step)
        return at, _value_end(text, at)
    except BrokenText:
        return 0, len(text)


def pieces(text: bytes) -> Iterator[Span]:
    """Iterate over the events' texts in *text*: arrays, list pages and objects, one after another.

    Raises:
        BrokenText: what stands from there on cannot be taken apart; the pieces before it can.
    """
    at = _after_space(text, 0)
    while at < len(text):
        if text[at] == ord("["):
            at = yield from _items(text, at)
        elif text[at] == ord("{"):
            at = yield from _page_or_object(text, at)
        else:
            raise BrokenText(at)
        at = _after_space(text, at)


def _items(text: bytes, at: int) -> Generator[Span, None, int]:
    """Yield the items of the array at *at*; return where it ends."""
    at = _after_space(text, at + 1)
    while text[at : at + 1] != b"]":
        end = _value_end(text, at)
        yield at, end
        at = _next(text, end, b"]")
    return at + 1


def _page_or_object(text: bytes, at: int) -> Generator[Span, None, int]:
    """Yield the items of the list that the object at *at* has as its data, or else itself."""
    begin, listed = at, False
    at = _after_space(text, at + 1)
    while text[at : at + 1] != b"}":
        key, at = _entry(text, at)
        if key == b'"data"' and text[at : at + 1] == b"[":
            at = yield from _items(text, at)
            listed = True
        else:
            at = _value_end(text, at)
        at = _next(text, at, b"}")
    if not listed:
        yield begin, at + 1
    return at + 1


def _inside(text: bytes, at: int, step: str | int) -> int:
    """Return where the value under *step* begins within the value at *at*."""
    found = -1
    if isinstance(step, int) and text[at : at + 1] == b"[":
        for place, (begin, _) in enumerate(_items(text, at)):
            if place == step:
                return begin
    elif isinstance(step, str) and text[at : at + 1] == b"{":
        at = _after_space(text, at + 1)
        while text[at : at + 1] != b"}":
            key, at = _entry(text, at)
            found = at if _is_key(key, step) else found  # of equal keys, decoders take the last
            at = _next(text, _value_end(text, at), b"}")
    if found < 0:
        raise BrokenText(at)
    return found


def _is_key(key: bytes, name: str) -> bool:
    """Whether the JSON string *key* says *name*."""
    try:
        return bool(msgspec.json.decode(key) == name)
    except ValueError:
        return False


def _entry(text: bytes, at: int) -> tuple[bytes, int]:
    """Return the key that begins at *at*, and where its value begins."""
    key = _STRING.match(text, at)
    if key is None:
        raise BrokenText(at)
    colon = _after_space(text, key.end())
    if text[colon : colon + 1] != b":":
        raise BrokenText(colon)
    return key.group(), _after_space(text, colon + 1)


def _next(text: bytes, at: int, closing: bytes) -> int:
    """Return where the next entry begins after one that ends at *at*, or the *closing* bracket."""
    at = _after_space(text, at)
    if text[at : at + 1] == b",":
        return _after_space(text, at + 1)
    if text[at : at + 1] != closing:
        raise BrokenText(at)
    return at


def _value_end(text: bytes, at: int) -> int:
    """Return where the value that begins at *at* ends."""
    if text[at : at + 1] in (b"[", b"{"):
        return _container_end(text, at)
    value = (_STRING if text[at : at + 1] == b'"' else _SCALAR).match(text, at)
    if value is None:
        raise BrokenText(at)
    return value.end()


def _container_end(text: bytes, at: int) -> int:
    """Return where the array or object that begins at *at* ends."""
    shallow = _CONTAINER.match(text, at)
    if shallow is not None:
        return shallow.end()
    depth = 0
    for mark in _MARK.finditer(text, at):
        begin, end = mark.span()
        byte = text[begin]
        if byte == _QUOTE:
            if end - begin == 1:
                break  # a string that never ends
        elif byte in _OPENING:
            depth += 1
        elif depth > 1:
            depth -= 1
        else:
            return end
    raise BrokenText(at)


def _after_space(text: bytes, at: int) -> int:
    """Return the offset of the next byte that is no white space."""
    space = _SPACE.match(text, at)
    assert space is not None, "the pattern matches nothing, too"
    return space.end()
