"""What holds no session events is refused with one sentence: expected, found."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from reading import (
    IDLE,
    STORY,
    events_of,
    names,
    read,
    refusal,
)
from wrapping import Wrap, array, lines, page, stream

from lifecycle.wire import readers, source
from lifecycle.wire.readers import (
    Unusable,
    open_recording,
)


class TestWhatIsRefused:
    """What holds no session events is refused with one sentence: expected, found."""

    @pytest.mark.parametrize(
        ("data", "found"),
        [
            (b"", "it is empty"),
            (b"\xef\xbb\xbf", "it is empty"),
            (b" \n\n", "it is blank"),
            (gzip.compress(b"", mtime=0), "it is empty"),
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
                "found a webhook, which is no event",
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
