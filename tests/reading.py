"""Reading recordings in tests: a story, what its items say, and events of all kinds."""

from __future__ import annotations

import io
from typing import Any, BinaryIO

import msgspec
import pytest
from hypothesis import strategies as st
from wrapping import WRAPS, Json

from lifecycle.vocabulary import EventType
from lifecycle.wire.bulk import Seen, look_into
from lifecycle.wire.readers import (
    BadLine,
    Item,
    Skipped,
    Unusable,
    open_recording,
)

RUNNING = {"type": "session.status_running", "id": "sevt_1", "processed_at": "2026-09-01T10:00:01Z"}
IDLE = {
    "type": "session.status_idle",
    "id": "sevt_2",
    "processed_at": "2026-09-01T10:00:02.5Z",
    "stop_reason": {"type": "requires_action", "event_ids": ["sevt_0"]},
}
STORY: list[Json] = [RUNNING, IDLE]


def read(data: bytes | BinaryIO, **options: Any) -> list[Item]:
    """Everything in a recording."""
    file = io.BytesIO(data) if isinstance(data, bytes) else data
    with open_recording(file, name="story", **options) as recording:
        return [item for batch in recording.batches() for item in batch]


def refusal(data: bytes) -> str:
    """Why a recording cannot be used."""
    with pytest.raises(Unusable) as refused:
        read(data)
    assert str(refused.value) == f"story: {refused.value.why}"
    return refused.value.why


def told(item: Item) -> Any:
    """What an item says, but for its place."""
    if isinstance(item, Skipped):
        return item.why
    if isinstance(item, BadLine):
        return (item.code, item.path, item.event and told(item.event))
    values = {name: getattr(item, name) for name in item.__struct_fields__ if name != "line"}
    return {
        name: look_into(value) if isinstance(value, msgspec.Raw) else value
        for name, value in values.items()
    }


def events_of(items: list[Item]) -> list[Seen]:
    """The events among *items*."""
    return [item for item in items if isinstance(item, Seen)]


def only(items: list[Item]) -> BadLine:
    """The one bad line among *items*."""
    [bad] = [item for item in items if isinstance(item, BadLine)]
    return bad


def only_last(items: list[Item]) -> BadLine:
    """The last of *items*, which is a bad line."""
    assert isinstance(items[-1], BadLine)
    return items[-1]


class Trickle(io.RawIOBase, BinaryIO):
    """A pipe that gives a few bytes at a time."""

    def __init__(self, data: bytes, size: int) -> None:
        self.data = io.BytesIO(data)
        self.size = size

    def read(self, size: int = -1, /) -> bytes:
        return self.data.read(self.size)


# -- Events of all kinds -----------------------------------------------------------------------

scalars = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text()
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=4,
)
events = st.fixed_dictionaries(
    {"type": st.sampled_from([str(word) for word in EventType])},
    optional={
        "id": st.none() | st.text(),
        "session_thread_id": st.none() | st.text(),
        "stop_reason": st.fixed_dictionaries(
            {"type": st.text()}, optional={"event_ids": st.none() | st.lists(st.text(), max_size=2)}
        ),
        "is_error": st.booleans(),
        "iteration": st.integers(0, 9),
        "content": values,
        "usage": values,
        "session": st.text(),
        "something new": values,
    },
)
stories = st.lists(events, min_size=1, max_size=6)
names = {wrap: wrap.__name__ for wrap in WRAPS}
