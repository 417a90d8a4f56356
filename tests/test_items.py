"""A few bad lines amid events are items, and reading goes on."""

from __future__ import annotations

import gzip

import msgspec
import pytest
from reading import (
    IDLE,
    RUNNING,
    STORY,
    Trickle,
    events_of,
    names,
    only,
    only_last,
    read,
    refusal,
)
from wrapping import WRAPS, Wrap, array, envelopes, lines

from lifecycle.wire.bulk import NO_BYTES, Seen, look_into
from lifecycle.wire.readers import (
    BadLine,
)


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


class Failing(Trickle):
    """A disk that fails after a while."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data, 300_000)

    def read(self, size: int = -1, /) -> bytes:
        if self.data.tell() > 500_000:
            raise OSError(5, "no more")
        return super().read(size)


def test_a_raw_field_beyond_decoding_is_nothing() -> None:
    """Reading leaves raw fields alone, so a rule that looks into one must not stumble."""
    [event] = events_of(read(b'{"type":"user.message","content":"\xff"}'))

    assert event.content != NO_BYTES
    assert look_into(event.content) is None
