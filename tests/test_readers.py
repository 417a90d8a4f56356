"""Readers take any bytes: they give events and what is broken, or refuse with a sentence."""

from __future__ import annotations

import gzip
import io
import json
import os
import sys
import tracemalloc
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, cast

import msgspec
import pytest
from hypothesis import example, given, settings, strategies as st
from wrapping import SHAPES, WRAPS, Json, Wrap, array, envelopes, lines, page, stream, zipped

from lifecycle.vocabulary import EventType
from lifecycle.wire import readers, source
from lifecycle.wire.bulk import NO_BYTES, Seen, look_into, seen
from lifecycle.wire.readers import (
    BadLine,
    Item,
    Skipped,
    Unusable,
    expand,
    open_recording,
    source_line,
    source_lines,
    span_of,
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


class TestEveryShape:
    """The shape of a recording makes no difference to what is read."""

    @pytest.mark.parametrize("wrap", WRAPS, ids=names.get)
    def test_is_recognised(self, wrap: Wrap) -> None:
        """Each is called by its name."""
        with open_recording(io.BytesIO(wrap(STORY))) as recording:
            assert wrap in SHAPES[recording.shape]

    @pytest.mark.parametrize("wrap", WRAPS, ids=names.get)
    @given(story=stories)
    @settings(max_examples=30)
    def test_gives_the_same_events(self, wrap: Wrap, story: list[Json]) -> None:
        """Wrapped in any shape, compressed or not, the same events come out in the same order."""
        expected = [told(seen(event)) for event in story]

        assert expected == [told(item) for item in events_of(read(wrap(story)))]
        assert expected == [told(item) for item in events_of(read(zipped(wrap(story))))]

    @pytest.mark.parametrize("wrap", WRAPS, ids=names.get)
    @given(story=stories)
    @settings(max_examples=20)
    def test_has_nothing_broken(self, wrap: Wrap, story: list[Json]) -> None:
        """Nothing of a whole recording is a bad line."""
        assert not [item for item in read(wrap(story)) if isinstance(item, BadLine)]

    @pytest.mark.parametrize("wrap", WRAPS, ids=names.get)
    @given(story=stories, size=st.integers(1, 9), packed=st.booleans())
    @settings(max_examples=20)
    def test_reads_alike_in_small_portions(
        self, wrap: Wrap, story: list[Json], size: int, packed: bool
    ) -> None:
        """A slow pipe gives the same items on the same lines as a file."""
        data = zipped(wrap(story)) if packed else wrap(story)
        at_once, slowly = read(data), read(Trickle(data, size))

        assert [(item.line, told(item)) for item in at_once] == [
            (item.line, told(item)) for item in slowly
        ]

    @pytest.mark.parametrize("wrap", WRAPS, ids=names.get)
    @given(story=stories)
    @settings(max_examples=15)
    def test_can_be_read_again_for_a_report(
        self, wrap: Wrap, story: list[Json], tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        """The line of an event leads back to its very text."""
        path = tmp_path_factory.mktemp("again") / "recording"
        path.write_bytes(zipped(wrap(story)))
        found = events_of(read(wrap(story)))
        texts = source_lines(path, {event.line for event in found})

        assert [json.loads(texts[event.line]) for event in found] == story

    @pytest.mark.parametrize("wrap", WRAPS, ids=names.get)
    def test_says_how_far_it_is(self, wrap: Wrap, tmp_path: Path) -> None:
        """A progress bar ends where the file ends, compressed or not."""
        path = tmp_path / "recording"
        path.write_bytes(zipped(wrap(STORY * 2000)))
        with open_recording(path) as recording:
            positions = [recording.position for _ in recording.batches()]

        assert recording.size == path.stat().st_size
        assert positions == sorted(positions)
        assert positions[-1] == recording.size


class Trickle(io.RawIOBase, BinaryIO):
    """A pipe that gives a few bytes at a time."""

    def __init__(self, data: bytes, size: int) -> None:
        self.data = io.BytesIO(data)
        self.size = size

    def read(self, size: int = -1, /) -> bytes:
        return self.data.read(self.size)


class TestLines:
    """How events are counted."""

    def test_by_the_line(self) -> None:
        """Blank lines hold nothing, but count."""
        items = read(b"\n\n" + lines(STORY).replace(b"\n", b"\n\n"))

        assert [item.line for item in items] == [3, 5]

    def test_by_the_line_where_a_document_has_several(self) -> None:
        """A pretty-printed event stands where its brace stands."""
        data = json.dumps({"data": STORY}, indent=2).encode()

        assert [item.line for item in read(data)] == [3, 8]

    def test_by_position_where_lines_tell_nothing(self) -> None:
        """Several events on one line are counted through, over all pages."""
        with open_recording(io.BytesIO(page(STORY) + b"\n" + page(STORY))) as recording:
            items = [item for batch in recording.batches() for item in batch]

        assert recording.counts == "positions"
        assert [item.line for item in items] == [1, 2, 3, 4]

    def test_by_the_data_line_in_a_stream(self) -> None:
        """An event stands where its data begins, not its frame."""
        items = read(stream(STORY))

        assert [(item.line, told(item)["id"]) for item in events_of(items)] == [
            (4, "sevt_1"),
            (10, "sevt_2"),
        ]

    def test_over_many_blocks(self) -> None:
        """No event of a long file is lost or miscounted where two blocks meet."""
        story = [{**RUNNING, "id": f"sevt_{n}", "content": "x" * (n % 701)} for n in range(5000)]
        found = events_of(read(lines(story)))

        assert [(event.line, event.id) for event in found] == [
            (n + 1, f"sevt_{n}") for n in range(5000)
        ]

    def test_after_a_broken_one(self) -> None:
        """A bad line in a long file moves no other."""
        story = [lines([{**RUNNING, "id": f"sevt_{n}"}]) for n in range(5000)]
        story[2500] = b"{\n"
        items = read(b"".join(story))

        assert [item.line for item in items] == list(range(1, 5001))
        assert only(items).line == 2501


class TestNewestFirst:
    """Lists that were asked for in descending order."""

    def test_is_turned_round(self) -> None:
        """Events come oldest first, each still with its own place in the document."""
        with open_recording(io.BytesIO(array([IDLE, RUNNING]))) as recording:
            items = [item for batch in recording.batches() for item in batch]

        assert recording.reversed
        assert [(item.line, told(item)["id"]) for item in items] == [(2, "sevt_1"), (1, "sevt_2")]

    def test_over_pages(self) -> None:
        """Pages that follow each other are one list."""
        with open_recording(io.BytesIO(page([IDLE]) + page([RUNNING]))) as recording:
            items = events_of([item for batch in recording.batches() for item in batch])

        assert recording.reversed
        assert [item.id for item in items] == ["sevt_1", "sevt_2"]

    @pytest.mark.parametrize(
        "story",
        [
            STORY,
            [RUNNING, RUNNING],
            [IDLE, RUNNING, IDLE],
            [{"type": "user.message"}, RUNNING],
            [{**IDLE, "processed_at": "late"}, RUNNING],
            [{**IDLE, "processed_at": "2026-09-01"}, RUNNING],
        ],
        ids=["ascending", "equal", "up and down", "unstamped", "no time", "no zone"],
    )
    def test_only_if_all_of_it_is(self, story: list[Json]) -> None:
        """One step back is a fault to be found, not an order."""
        with open_recording(io.BytesIO(array(story))) as recording:
            items = events_of([item for batch in recording.batches() for item in batch])

        assert not recording.reversed
        assert [item.type for item in items] == [event["type"] for event in story]

    def test_is_left_alone_in_lines(self) -> None:
        """A line at a time, nobody knows what is to come: lines stay as they stand."""
        with open_recording(io.BytesIO(lines([IDLE, RUNNING]))) as recording:
            items = events_of([item for batch in recording.batches() for item in batch])

        assert not recording.reversed
        assert [item.id for item in items] == ["sevt_2", "sevt_1"]


class TestBadLines:
    """A few bad lines amid events are items, and reading goes on."""

    @pytest.mark.parametrize(
        ("text", "code", "why"),
        [
            (b'{"type":"user.mess', "not-json", "expected JSON, found a text that ends too early"),
            (b"-- restarted --", "not-json", "expected JSON, found invalid character (byte 1)"),
            (
                b'{"type":"a"}{"type":"b"}',
                "not-json",
                "expected JSON, found trailing characters (byte 13)",
            ),
            (
                b'{"type":"a","x":' + b"[" * 100_000,
                "not-json",
                "expected JSON, found an object that is nested too deeply",
            ),
            (
                b'{"type":"a","id":1,"\xff":1}',
                "not-json",
                "expected JSON in UTF-8, found bytes that are not UTF-8",
            ),
            (b"[1]", "not-object", "expected an object, found a list"),
            (b"null", "not-object", "expected an object, found null"),
            (b'{"id":"sevt_3"}', "no-type", "expected a string as its type, found none"),
            (b'{"type":null}', "no-type", "expected a string as its type, found null"),
            (
                b'{"type":"a","id":7}',
                "wrong-type",
                "id: expected a string, found a whole number",
            ),
            (
                b'{"type":"a","id":"\xff"}',
                "wrong-type",
                "id: expected a string, found a value that cannot be read",
            ),
            (
                b'{"type":"a","stop_reason":{"event_ids":["x",{}]},"is_error":"no"}',
                "wrong-type",
                "stop_reason.event_ids[1]: expected a string, found an object;"
                " is_error: expected true or false, found a string",
            ),
            (
                b'{"type":"a","id":[5]}',
                "wrong-type",
                "id: expected a string, found a list",
            ),
            (
                b'{"type":"a","stop_reason":{"event_ids":["x","\xff"]}}',
                "wrong-type",
                "stop_reason.event_ids: expected a list of strings,"
                " found a value that cannot be read",
            ),
            (b'{"type":"a","id":1,"id":"sevt_3"}', "wrong-type", "a field is given twice"),
        ],
    )
    def test_say_what_is_wrong(self, text: bytes, code: str, why: str) -> None:
        """The events on both sides are read."""
        items = read(lines([RUNNING]) + text + b"\n" + lines([IDLE]))
        bad = only(items)

        assert (bad.line, bad.code) == (2, code)
        assert bad.why == why
        assert [(event.line, event.id) for event in events_of(items)] == [
            (1, "sevt_1"),
            (3, "sevt_2"),
        ]

    def test_keep_what_can_be_checked(self) -> None:
        """An event of which one field is wrong is given without it, down to the smallest part."""
        text = b'{"type":"a","id":"sevt_3","stop_reason":{"type":"end_turn","event_ids":5}}'
        bad = only(read(lines([RUNNING]) + text))

        assert bad.path == ("stop_reason", "event_ids")
        assert bad.event is not None
        assert (bad.event.line, bad.event.id) == (2, "sevt_3")
        assert bad.event.stop_reason is not None
        assert bad.event.stop_reason.type == "end_turn"
        assert bad.event.stop_reason.event_ids is None

    @pytest.mark.parametrize(
        "name",
        [
            field.encode_name
            for field in msgspec.structs.fields(Seen)
            if field.type is not msgspec.Raw and field.name not in ("type", "line")
        ],
    )
    def test_for_every_field_that_rules_read(self, name: str) -> None:
        """No field of any event can bring reading down."""
        bad = only(read(lines([{**RUNNING, name: {"wrong": []} if name != "stop_reason" else 5}])))

        assert (bad.code, bad.path) == ("wrong-type", (name,))
        assert bad.event is not None
        assert bad.event.type == RUNNING["type"]

    def test_half_a_surrogate_pair_is_no_fault(self) -> None:
        """JSON allows it, and whoever cuts text by its UTF-16 length leaves it behind."""
        [event] = events_of(read(rb'{"type":"user.message","name":"\ud83d","content":"\ude00 a"}'))

        assert event.name == "\N{REPLACEMENT CHARACTER}"
        assert look_into(event.content) == "\N{REPLACEMENT CHARACTER} a"

    def test_a_whole_pair_beside_it_stays(self) -> None:
        """So does an escaped backslash before a u."""
        [event] = events_of(read(rb'{"type":"user.message","name":"\udc00 \ud83d\ude00 \\ud83d"}'))

        assert event.name == "\N{REPLACEMENT CHARACTER} \N{GRINNING FACE} \\ud83d"

    def test_a_long_line_is_no_fault(self) -> None:
        """Fifty million characters are one event."""
        long = b'{"type":"agent.message","id":"sevt_3","content":"' + b"a\\n" * 17_000_000 + b'"}\n'
        items = read(lines([RUNNING]) + long + lines([IDLE]))

        assert [event.id for event in events_of(items)] == ["sevt_1", "sevt_3", "sevt_2"]

    def test_a_long_first_line_is_no_fault(self) -> None:
        """The shape is recognised by a line, however long."""
        long = b'{"type":"agent.message","id":"sevt_3","content":"' + b"a" * 1_000_000 + b'"}\n'
        items = read(long + lines([IDLE]))

        assert [event.id for event in events_of(items)] == ["sevt_3", "sevt_2"]

    def test_a_long_first_event_of_a_document_is_no_fault(self) -> None:
        """An array is taken for one of events until its first event is seen."""
        items = read(array([{"content": "a" * 1_000_000, **RUNNING}, IDLE]).replace(b"[", b"[\n"))

        assert [event.id for event in events_of(items)] == ["sevt_1", "sevt_2"]

    def test_a_cut_document(self) -> None:
        """What stands before the cut is read; the rest is one bad line."""
        items = read(array(STORY)[:-20])

        assert [event.id for event in events_of(items)] == ["sevt_1"]
        assert (only(items).line, only(items).code) == (2, "not-json")

    def test_a_document_cut_between_events(self) -> None:
        """An array that never closes is not whole."""
        items = read(array(STORY)[:-1])

        assert len(events_of(items)) == 2
        assert only(items).why == "expected JSON, found a text that ends too early"

    def test_a_document_with_a_bad_item(self) -> None:
        """Only the bad item is lost."""
        items = read(array([RUNNING, 5, IDLE]))  # type: ignore[list-item]

        assert [event.id for event in events_of(items)] == ["sevt_1", "sevt_2"]
        assert (only(items).line, only(items).code) == (2, "not-object")

    def test_an_envelope_without_an_event(self) -> None:
        """What an envelope holds is looked at as closely as a line."""
        items = read(envelopes(STORY) + b'{"seq":3}\n{"seq":4,"data":[]}\n{"data":{"type":5}}\n')
        bad = [item for item in items if isinstance(item, BadLine)]

        assert [(one.line, one.code) for one in bad] == [
            (3, "no-type"),
            (4, "not-object"),
            (5, "no-type"),
        ]

    def test_a_cut_compressed_file(self) -> None:
        """What could be unpacked is read, and the cut is told."""
        packed = gzip.compress(lines(STORY * 2000))
        items = read(packed[: len(packed) // 2])

        assert len(events_of(items)) > 100
        assert only_last(items).why == "the compressed data ends too early"

    @pytest.mark.parametrize("wrap", WRAPS, ids=names.get)
    def test_a_cut_compressed_file_of_any_shape(self, wrap: Wrap) -> None:
        """The cut is told last, after what stands before it."""
        packed = gzip.compress(wrap([{**RUNNING, "id": f"sevt_{n}"} for n in range(200)]))
        items = read(packed[:-8])

        assert len(events_of(items)) == 200
        assert only_last(items).line >= max(item.line for item in items[:-1])

    def test_a_damaged_compressed_file(self) -> None:
        """A checksum that does not hold is told, too."""
        packed = bytearray(gzip.compress(lines(STORY)))
        packed[-8] ^= 1

        assert "the compressed data is damaged" in refusal(bytes(packed))
        assert "the compressed data ends too early" in refusal(bytes(packed[:5]))

    def test_a_disk_that_fails(self) -> None:
        """An error while reading ends the recording; it does not end the program."""
        items = read(Failing(lines(STORY * 4000)))

        assert len(events_of(items)) > 100
        assert only_last(items).why == "reading failed: no more"


def only_last(items: list[Item]) -> BadLine:
    """The last of *items*, which is a bad line."""
    assert isinstance(items[-1], BadLine)
    return items[-1]


class Failing(Trickle):
    """A disk that fails after a while."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data, 300_000)

    def read(self, size: int = -1, /) -> bytes:
        if self.data.tell() > 500_000:
            raise OSError(5, "no more")
        return super().read(size)


class TestStreams:
    """Captured streams hold more than events."""

    def test_what_is_skipped(self) -> None:
        """Pings, comments, error frames and noise are no events, and no faults."""
        capture = (
            b"HTTP/2 200 OK\n\n"
            b": welcome\n\n"
            b'event: session.status_running\ndata: {"type":"session.status_running"}\n\n'
            b'event: ping\ndata: {"type":"ping"}\n\n'
            b'data: {"type":"ping"}\n\n'
            b"id: 7\nevent: nothing\n\n"
            b"retry: 100\n\n"
            b'event: error\ndata: {"type":"error"}\n\n'
        )

        assert [(item.line, told(item)) for item in read(capture) if isinstance(item, Skipped)] == [
            (1, "not a field of a stream"),
            (3, "a comment"),
            (9, "a ping"),
            (11, "a ping"),
            (14, "a frame without data"),
            (19, "an error frame"),
        ]

    def test_bad_data(self) -> None:
        """A cut frame is a bad line; the stream goes on."""
        items = read(b'data: {"type":"user.mess\n\n' + stream(STORY))

        assert (only(items).line, only(items).code) == (1, "not-json")
        assert len(events_of(items)) == 2

    def test_the_last_frame_needs_no_blank_line(self) -> None:
        """A capture may stop right after an event."""
        items = read(stream(STORY).rstrip())

        assert len(events_of(items)) == 2


class TestWhatIsRefused:
    """What holds no session events is refused with one sentence: expected, found."""

    @pytest.mark.parametrize(
        ("data", "found"),
        [
            (b"", "it is empty"),
            (b"\xef\xbb\xbf", "it is empty"),
            (b" \n\n", "it is blank"),
            (gzip.compress(b""), "it is empty"),
            (b"\x89PNG\r\n\x1a\n\0\0", "found binary data"),
            (b"SQLite format 3\0", "found binary data"),
            ("{}".encode("utf-16"), "found UTF-16, which must be saved as UTF-8 first"),
            (b"\x28\xb5\x2f\xfd...", "found zstd data, which must be unpacked first"),
            (b"[]", "found an empty list"),
            (page([]), "found an empty list"),
            (json.dumps({"data": []}, indent=1).encode(), "found an empty list"),
            (b'{"type":"\xff"}', "found objects without a type, with the fields type"),
            (b"[1, 2]", "found no object: '[1, 2]'"),
            (b"hello", "found no object: 'hello'"),
            (b'{"type":"user.mess', 'found no object: \'{"type":"user.mess\''),
            (lines([{"type": "session"}]), "found a session resource, which is no event"),
            (
                page([{"type": "session_thread", "status": "idle"}]),
                "found a session_thread resource, which is no event",
            ),
            (lines([{"type": "error", "error": {}}]), "found an API error"),
            (lines([{"type": "log"}] * 3), "found objects of type 'log'"),
            (
                lines([{"level": "info", "msg": "up", "ts": 5}] * 3),
                "found objects without a type, with the fields level, msg, ts",
            ),
            (
                lines([{"type": "event", "data": {"type": "session.status_idled"}}]),
                "found objects of type 'event'",
            ),
            (b"event: ping\ndata: {}\n\n", "found a stream without events"),
        ],
    )
    def test_with_what_was_found(self, data: bytes, found: str) -> None:
        """The sentence is short enough for one line of a report."""
        why = refusal(data)

        assert why.startswith("expected session events")
        assert why.endswith(found)
        assert "\n" not in why

    def test_not_for_a_bad_beginning(self) -> None:
        """Noise before the first event is bad lines, as long as an event is near."""
        items = read(b"$ tail -f\n" * 50 + lines(STORY))

        assert len(events_of(items)) == 2
        assert len(items) == 52

    def test_a_missing_file(self, tmp_path: Path) -> None:
        """The message names the file."""
        with pytest.raises(Unusable, match=r"gone\.jsonl: expected a file, found nothing"):
            open_recording(tmp_path / "gone.jsonl")

    def test_a_directory(self, tmp_path: Path) -> None:
        """A directory is for `expand`."""
        with pytest.raises(Unusable, match="expected a file, found a directory"):
            open_recording(str(tmp_path))

    def test_a_name_that_no_file_has(self) -> None:
        """Not even a name that the system refuses is a traceback."""
        with pytest.raises(Unusable, match="expected a"):
            open_recording("a\0b")

    @pytest.mark.parametrize("wrap", [lines, array, stream], ids=names.get)
    def test_more_than_can_be_held(self, wrap: Wrap, monkeypatch: pytest.MonkeyPatch) -> None:
        """A line or a document beyond the limit is refused before memory runs out."""
        monkeypatch.setattr(source, "LARGEST", 400_000)
        monkeypatch.setattr(readers, "LARGEST", 400_000)
        story = [*STORY * 2000, {**IDLE, "content": "x" * 800_000}]

        with pytest.raises(Unusable, match="400,000 bytes"):
            read(wrap(story))

    def test_a_long_way_to_the_first_line(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Bytes without an end are not read for ever."""
        monkeypatch.setattr(readers, "LARGEST", 400_000)

        assert "400,000 bytes" in refusal(b"x" * 500_000)


class TestSessionKey:
    """Which session an event belongs to, where several are interleaved."""

    @pytest.mark.parametrize("wrap", WRAPS, ids=names.get)
    @pytest.mark.parametrize("key", ["session_id", "session", "session-id", "Sitzung"])
    def test_any_field(self, wrap: Wrap, key: str) -> None:
        """A field that rules read, and one that they do not."""
        story: list[Json] = [{**RUNNING, key: "sesn_1"}, {**IDLE, key: "sesn_2"}, RUNNING]
        with open_recording(io.BytesIO(wrap(story)), session_key=key) as recording:
            found = events_of([item for batch in recording.batches() for item in batch])

        assert [recording.key_of(event) for event in found] == ["sesn_1", "sesn_2", None]

    @pytest.mark.parametrize(
        ("value", "key"), [(7, "7"), (True, "true"), ("7", "7"), (None, None), ([1], "[1]")]
    )
    def test_any_value(self, value: Any, key: str | None) -> None:
        """A key is a string in the end."""
        data = lines([{**RUNNING, "session": value}])
        with open_recording(io.BytesIO(data), session_key="session") as recording:
            [[event]] = recording.batches()

            assert recording.key_of(cast(Seen, event)) == key

    def test_any_kind_of_field(self) -> None:
        """Also one that is an object, or kept as bytes."""
        for name, value in (("agent", {"id": "a"}), ("iteration", 3), ("agent", "a")):
            data = lines([{**RUNNING, name: value}, RUNNING])
            with open_recording(io.BytesIO(data), session_key=name) as recording:
                keys = [recording.key_of(event) for event in events_of(*recording.batches())]

            assert keys == [json.dumps(value), None]

    def test_on_the_envelope(self) -> None:
        """A store keeps the session beside the event; the event's own key wins."""
        story: list[Json] = [
            {"seq": 1, "session_id": "sesn_1", "data": RUNNING},
            {"seq": 2, "session_id": 2, "data": RUNNING},
            {"seq": 3, "session_id": "sesn_1", "data": {**IDLE, "session_id": "sesn_3"}},
        ]
        with open_recording(io.BytesIO(lines(story)), session_key="session_id") as recording:
            found = events_of([item for batch in recording.batches() for item in batch])

        assert [recording.key_of(event) for event in found] == ["sesn_1", "2", "sesn_3"]

    def test_without_one(self) -> None:
        """No key was asked for, and none is found."""
        with open_recording(io.BytesIO(lines([{**RUNNING, "session_id": "s"}]))) as recording:
            [[event]] = recording.batches()

            assert recording.key_of(cast(Seen, event)) is None

    def test_that_cannot_be_read(self) -> None:
        """The event is kept, and has no key."""
        data = b'{"type":"user.message","session":"\xff"}'
        with open_recording(io.BytesIO(data), session_key="session") as recording:
            [[bad]] = recording.batches()

        assert isinstance(bad, BadLine)
        assert bad.path == ("session",)
        assert bad.event is not None
        assert recording.key_of(bad.event) is None

    def test_no_field_can_be_called_so(self) -> None:
        """The mistake is the caller's, and named."""
        with pytest.raises(Unusable, match="expected a field's name as the session key"):
            read(lines(STORY), session_key='say "session"')


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


class TestReadingAgain:
    """Texts for a report."""

    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        """A recording with a bad line."""
        path = tmp_path / "a.jsonl"
        path.write_bytes(lines([RUNNING]) + b"{bad\n\n" + lines([IDLE]))
        return path

    def test_a_bad_line(self, path: Path) -> None:
        """What is broken is shown as it stands."""
        assert source_line(path, 2) == b"{bad"

    def test_a_long_line(self, path: Path) -> None:
        """No more is given than a report can use."""
        assert source_line(path, 1, limit=6) == b'{"type'

    def test_no_event_there(self, path: Path) -> None:
        """A blank line has no text."""
        with pytest.raises(Unusable, match="expected an event on line 3, found none"):
            source_line(path, 3)

    def test_an_enveloped_event(self, tmp_path: Path) -> None:
        """The event is shown, not its envelope."""
        path = tmp_path / "a.jsonl"
        path.write_bytes(envelopes(STORY))

        assert json.loads(source_line(path, 2)) == IDLE

    def test_standard_input(self) -> None:
        """What went by is gone."""
        with pytest.raises(Unusable, match="cannot be read twice"):
            source_line("-", 1)


class TestSpans:
    """Where a value stands in an event's text."""

    TEXT = b' {"\\ud800": 0, "a\\u0062": [1, "x\\"]", {"b" : -1.5e3}], "c": null, "c": {"d": []} } '

    @pytest.mark.parametrize(
        ("path", "value"),
        [
            (("ab",), b'[1, "x\\"]", {"b" : -1.5e3}]'),
            (("ab", 0), b"1"),
            (("ab", 1), b'"x\\"]"'),
            (("ab", 2, "b"), b"-1.5e3"),
            (("c",), b'{"d": []}'),
            (("c", "d"), b"[]"),
            ((), TEXT.strip()),
            (("e",), TEXT),
            (("ab", 3), TEXT),
            (("ab", "b"), TEXT),
            (("c", 0), TEXT),
        ],
    )
    def test_of_a_value(self, path: tuple[str | int, ...], value: bytes) -> None:
        """The last of equal keys counts; what is not there is the whole."""
        begin, end = span_of(self.TEXT, path)

        assert value == self.TEXT[begin:end]

    @pytest.mark.parametrize(
        "text", [b"", b"{", b'{"a', b'{"a"', b'{"a" 1}', b'{"a":1', b"[}", b'{"a":{"']
    )
    def test_of_broken_text(self, text: bytes) -> None:
        """The whole is underlined."""
        assert span_of(text, ("a", "b")) == (0, len(text))

    @pytest.mark.parametrize("depth", [1, 4, 5, 200])
    def test_of_something_deep(self, depth: int) -> None:
        """No depth is too deep, and brackets within strings are none."""
        text = b'{"a":' + b'[{"b":' * depth + b'"]}"' + b"}]" * depth + b"}"

        begin, end = span_of(text, ("a",))

        assert (begin, end) == (5, len(text) - 1)
        begin, end = span_of(text, ("a", *(0, "b") * depth))
        assert text[begin:end] == b'"]}"'

    @given(values, st.data())
    def test_anywhere(self, value: Any, data: st.DataObject) -> None:
        """Whatever path leads to a value, its span holds the value."""
        text = json.dumps(value, indent=data.draw(st.sampled_from([None, 1]))).encode()
        path: tuple[str | int, ...] = ()
        while value and isinstance(value, list | dict):
            keys = list(value) if isinstance(value, dict) else list(range(len(value)))
            path += (data.draw(st.sampled_from(keys)),)
            value = cast(Any, value)[path[-1]]
        begin, end = span_of(text, path)

        assert json.loads(text[begin:end]) == value


broken = st.builds(
    lambda data, at, cut, junk: data[: at % len(data)] + junk + data[at % len(data) + cut :],
    st.builds(lambda wrap, story: wrap(story), st.sampled_from(WRAPS), stories),
    st.integers(0, 10_000),
    st.integers(0, 40),
    st.binary(max_size=8) | st.text('{}[]",:\\\n0 ', max_size=8).map(str.encode),
)


class TestAnyBytes:
    """Whatever stands in a file, the only exception is `Unusable`."""

    @given(st.binary() | broken | broken.map(zipped))
    @example(b"\x1f\x8b")
    @example(b"{" * 100_000)
    @example(b"[" * 100_000)
    @example(b'{"data":' * 50_000)
    @example(b'[{"type":"user.message","content":' + b"[" * 100_000)
    @example(b"data: {\n" * 100)
    @settings(max_examples=400)
    def test_are_read_or_refused(self, data: bytes) -> None:
        """Items have a line and can be asked for their key and their values."""
        items: list[Item] = []
        with suppress(Unusable), open_recording(io.BytesIO(data), session_key="session") as file:
            for batch in file.batches():
                items += batch

        for item in items:
            assert item.line >= 1
            event = item.event if isinstance(item, BadLine) else item
            if isinstance(event, Seen):
                assert isinstance(file.key_of(event), str | None)
                assert event.line == item.line
                told(event)

    @given(broken)
    @settings(max_examples=100)
    def test_are_read_alike_in_small_portions(self, data: bytes) -> None:
        """Where blocks meet makes no difference, not even to what is broken."""
        outcomes = []
        for file in (io.BytesIO(data), Trickle(data, 3)):
            try:
                outcomes.append([(item.line, told(item)) for item in read(cast(BinaryIO, file))])
            except Unusable as error:
                outcomes.append([(0, error.why)])

        assert outcomes[0] == outcomes[1]


class TestRecordings:
    """Real files."""

    def test_ours(self) -> None:
        """Every recording that ships with us is read; one has a bad line on purpose."""
        bad = [
            path.name
            for path, items in _all_below(Path(__file__).parent / "recordings")
            if any(isinstance(item, BadLine) for item in items)
        ]

        assert bad == ["bad-json-line.jsonl"]

    def test_the_corpus(self) -> None:
        """Every foreign recording is read whole; the enveloped one is the same as the plain one."""
        folder = os.environ.get("LIFECYCLE_CORPUS")
        if not folder:
            pytest.skip("LIFECYCLE_CORPUS names no folder of recordings")
        found = {
            path.name: [told(item) for item in items] for path, items in _all_below(Path(folder))
        }
        name = "recovered-cf-lane.sess-u1rj1dh06j2px27p"

        assert found[f"{name}.envelope.jsonl"] == found[f"{name}.jsonl"]
        assert all(isinstance(item, dict) for items in found.values() for item in items)


def _all_below(folder: Path) -> Iterator[tuple[Path, list[Item]]]:
    """Every recording below *folder*, read."""
    for path in expand([str(folder)]):
        with open_recording(path) as recording:
            yield Path(path), [item for batch in recording.batches() for item in batch]


def test_a_raw_field_beyond_decoding_is_nothing() -> None:
    """Reading leaves raw fields alone, so a rule that looks into one must not stumble."""
    [event] = events_of(read(b'{"type":"user.message","content":"\xff"}'))

    assert event.content != NO_BYTES
    assert look_into(event.content) is None
