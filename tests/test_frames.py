"""Captured streams hold more than events."""

from __future__ import annotations

from reading import (
    STORY,
    events_of,
    only,
    read,
    told,
)
from wrapping import stream

from lifecycle.wire.readers import (
    Skipped,
)


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
