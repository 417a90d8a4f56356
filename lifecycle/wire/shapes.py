"""Which shape a recording has, told from its first bytes.

A shape is how the events' texts are put together: one a line, in an array, in list pages, as
frames of a stream, or simply one after another. Each text is the event itself or a storage
envelope around it. What is none of these, or holds no events, is refused with one sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

import attrs
import msgspec

from lifecycle.vocabulary import EventType
from lifecycle.wire.frames import frames
from lifecycle.wire.items import members_of
from lifecycle.wire.records import is_bare, is_record
from lifecycle.wire.source import Unusable
from lifecycle.wire.spans import BrokenText, pieces

__all__ = ["DOCUMENTS", "EMPTY", "SAMPLES", "Form", "is_page", "recognise"]

DOCUMENTS: Final = frozenset({"array", "page", "objects"})
"""The shapes that are read as a whole."""

EMPTY: Final = "an empty list"
"""What a list page is that has nothing in it, as a client that pages to the end leaves them."""

SAMPLES: Final = 100
"""How many texts are looked at before a recording without an event among them is refused."""

_EVENTS: Final = "session events (objects whose type is like session.status_idle)"
_SHAPES: Final = "JSON Lines, a JSON array, list pages or a captured stream"
_EXPECTED: Final = {
    False: f"expected {_EVENTS} as {_SHAPES}",
    True: f"expected {_EVENTS}, deployments, their runs or webhooks, as {_SHAPES}",
}
"""What was expected, by whether records were, too."""
_FAMILIES: Final = tuple({word.partition(".")[0] + "." for word in EventType if "." in word})
_WORDS: Final = frozenset(EventType) | {"terminated"}  # Qoder's older pages end a stream so

_PACKED: Final = {
    b"\x28\xb5\x2f\xfd": "zstd",
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"PK\x03\x04": "zip",
}
_WIDE: Final = (b"\xff\xfe", b"\xfe\xff")
_SPACE: Final = b" \t\r\n"
_FIELD: Final = re.compile(rb"(?:event|data|id|retry):|:")
_ANY_FIELD: Final = re.compile(rb"^(?:event|data):", re.MULTILINE)


@attrs.frozen
class Form:
    """The shape of a recording, and whether its texts are envelopes."""

    shape: str
    enveloped: bool


def recognise(head: bytes, *, whole: bool, records: bool = False) -> Form:
    """Return the form of the recording that begins with *head*.

    Args:
        head: its beginning,
        whole: whether that is all of it,
        records: whether the records of deployments are looked for, too; then an empty list is
            the end of many pages, and no mistake.

    Raises:
        Unusable: it is empty, binary, or holds nothing of the kind as far as one can see.
    """
    expected = _EXPECTED[records]
    text = head.lstrip(_SPACE)
    if not text:
        raise Unusable(f"{expected}; it is empty" if not head else f"{expected}; it is blank")
    _refuse_binary(text, expected)
    shape = _shape_of(text)
    samples = []
    for sample in islice(_samples(shape, text), SAMPLES):
        samples.append(sample)
        if _is_event(sample) or (records and _is_bare(sample)):
            return Form(shape, enveloped=False)
        if _is_envelope(sample, records=records):
            return Form("envelope" if shape == "jsonl" else shape, enveloped=True)
        if records and _is_record(sample):
            return Form(shape, enveloped=False)
    if not whole and shape != "jsonl" and not any(samples):
        return Form(shape, enveloped=False)  # its first event is longer than what we look at
    if records and _is_empty(text, shape, samples):
        return Form(shape, enveloped=False)
    raise Unusable(f"{expected}; found {_described(text, shape, samples)}")


def is_page(members: dict[str, msgspec.Raw]) -> bool:
    """Whether an object is a list page."""
    return "data" in members and bytes(members["data"]).startswith(b"[")


def _refuse_binary(text: bytes, expected: str) -> None:
    """Refuse what is no text, or not in UTF-8."""
    for magic, packing in _PACKED.items():
        if text.startswith(magic):
            raise Unusable(f"{expected}; found {packing} data, which must be unpacked first")
    if text.startswith(_WIDE):
        raise Unusable(f"{expected}; found UTF-16, which must be saved as UTF-8 first")
    if b"\0" in text[:1024]:
        raise Unusable(f"{expected}; found binary data")


def _shape_of(text: bytes) -> str:
    """Return the shape of a recording that begins with *text*."""
    if text.startswith(b"["):
        return "array"
    if _FIELD.match(text):
        return "sse"
    if text.startswith(b"{"):
        first = _members(next(_lines(text)))
        if first is None:
            return _spread(text)
        return "page" if is_page(first) else "jsonl"
    return "sse" if _ANY_FIELD.search(text) else "jsonl"


def _spread(text: bytes) -> str:
    """Return the shape of a recording whose first line is not the whole of its first object."""
    try:
        begin, end = next(pieces(text), (1, 1))
    except BrokenText as cut:
        return "page" if text[: cut.at].rstrip().endswith(b"[") else "jsonl"
    if begin:
        return "page"
    # Brackets may pair by chance across lines that are cut.
    return "jsonl" if _members(text[begin:end]) is None else "objects"


def _samples(shape: str, text: bytes) -> Iterator[dict[str, msgspec.Raw] | None]:
    """Iterate over the objects that *text* shows; ``None`` for what is none, or is cut."""
    if shape in DOCUMENTS:
        try:
            yield from (_members(text[begin:end]) for begin, end in pieces(text))
        except BrokenText:
            return
    lines = _lines(text)
    if shape == "sse":
        found = frames(enumerate(lines, 1))
        yield from (_members(frame[1]) for frame in found if isinstance(frame, tuple))
    elif shape == "jsonl":
        yield from (_members(line) for line in lines if line.strip())


def _lines(text: bytes) -> Iterator[bytes]:
    """Iterate over the lines of *text*, one by one: mostly the first says enough."""
    begin = 0
    while (end := text.find(b"\n", begin)) >= 0:
        yield text[begin:end]
        begin = end + 1
    yield text[begin:]


def _members(text: bytes) -> dict[str, msgspec.Raw] | None:
    """Return the fields of the object *text*; ``None`` if it is none."""
    try:
        return members_of(text)
    except (ValueError, RecursionError):
        return None


def _word(members: dict[str, msgspec.Raw] | None) -> Any:
    """Return what an object has as its type."""
    return _value(members, "type")


def _value(members: dict[str, msgspec.Raw] | None, name: str) -> Any:
    """Return what an object has under *name*; ``None`` if it has nothing, or nothing readable."""
    if members is None or name not in members:
        return None
    try:
        return msgspec.json.decode(members[name])
    except (ValueError, RecursionError):
        return None


def _is_event(members: dict[str, msgspec.Raw] | None) -> bool:
    """Whether an object's type is like an event's, and it is no envelope."""
    word = _word(members)
    like = isinstance(word, str) and (word in _WORDS or word.startswith(_FAMILIES))
    return like and not _is_envelope(members)


def _is_record(members: dict[str, msgspec.Raw] | None) -> bool:
    """Whether an object is a record of a deployment."""
    word = _word(members)
    return is_record(word, _value(members, "data"))


def _is_bare(members: dict[str, msgspec.Raw] | None) -> bool:
    """Whether an object is a record that is in no envelope, though it may look like one."""
    if members is None or "data" not in members:
        return False
    return is_bare(members | {"type": _word(members)}, _value(members, "data"))


def _is_envelope(members: dict[str, msgspec.Raw] | None, *, records: bool = False) -> bool:
    """Whether an object is a storage envelope: its data is an event, and it says when or which."""
    if members is None or not bytes(members.get("data", b"")).startswith(b"{"):
        return False
    inner = _members(bytes(members["data"]))
    stored = {"seq", "ts"} & members.keys() or _word(members) in (None, _word(inner))
    return bool(stored) and (_is_event(inner) or (records and _is_record(inner)))


def _described(text: bytes, shape: str, samples: list[dict[str, msgspec.Raw] | None]) -> str:
    """Say what was found in place of events."""
    first = next((sample for sample in samples if sample is not None), None)
    if first is None:
        snippet = text.rstrip(_SPACE)[:40].decode(errors="replace")
        if shape == "sse" and not samples:
            return "a stream without events"
        return EMPTY if _is_empty(text, shape, samples) else f"no object: {snippet!r}"
    word = _word(first)
    if word in ("session", "session_thread", "deployment", "deployment_run"):
        return f"a {word} resource, which is no event"
    if _is_record(first):
        return "a webhook, which is no event"
    if word == "error":
        return "an API error"
    if isinstance(word, str):
        return f"objects of type {word!r}"
    return f"objects without a type, with the fields {', '.join(list(first)[:5])}"


def _is_empty(text: bytes, shape: str, samples: list[dict[str, msgspec.Raw] | None]) -> bool:
    """Whether a document has nothing in it, and is not just cut off."""
    if shape not in DOCUMENTS or samples:
        return False
    try:
        list(pieces(text))
    except BrokenText:
        return False
    return True
