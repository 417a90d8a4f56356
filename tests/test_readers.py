"""Readers take any bytes: they give events and what is broken, or refuse with a sentence."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, cast

import pytest
from hypothesis import example, given, settings, strategies as st
from reading import (
    IDLE,
    RUNNING,
    STORY,
    Trickle,
    events_of,
    names,
    only,
    read,
    stories,
    told,
)
from wrapping import SHAPES, WRAPS, Json, Wrap, array, envelopes, lines, page, stream, zipped

from lifecycle.wire.bulk import Seen, seen
from lifecycle.wire.readers import (
    BadLine,
    Item,
    Unusable,
    expand,
    open_recording,
    source_line,
    source_lines,
)


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
        """Every foreign recording is read whole; an enveloped one is the same as the plain one."""
        folder = os.environ.get("LIFECYCLE_CORPUS")
        if not folder:
            pytest.skip("needs recordings of your own: set LIFECYCLE_CORPUS to their folder")
        found = {
            path.name: [told(item) for item in items] for path, items in _all_below(Path(folder))
        }
        twice = [name for name in found if name.replace(".jsonl", ".envelope.jsonl") in found]

        assert all(
            found[name] == found[name.replace(".jsonl", ".envelope.jsonl")] for name in twice
        )
        assert all(isinstance(item, dict) for items in found.values() for item in items)


def _all_below(folder: Path) -> Iterator[tuple[Path, list[Item]]]:
    """Every recording below *folder*, read."""
    for path in expand([str(folder)]):
        with open_recording(path, records=True) as recording:
            yield Path(path), [item for batch in recording.batches() for item in batch]
