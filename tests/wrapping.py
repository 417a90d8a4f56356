"""The same events as recordings of every shape, for the tests of the readers."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Mapping
from typing import Any

Json = dict[str, Any]
Wrap = Callable[[list[Json]], bytes]


def lines(events: list[Json]) -> bytes:
    return b"".join(json.dumps(event).encode() + b"\n" for event in events)


def lines_without_last_feed(events: list[Json]) -> bytes:
    return lines(events).removesuffix(b"\n")


def lines_from_windows(events: list[Json]) -> bytes:
    return b"\xef\xbb\xbf" + lines(events).replace(b"\n", b"\r\n")


def lines_with_blanks(events: list[Json]) -> bytes:
    return b"\n" + lines(events).replace(b"\n", b"\n \t\n")


def lines_unescaped(events: list[Json]) -> bytes:
    return b"".join(json.dumps(e, ensure_ascii=False).encode() + b"\n" for e in events)


def array(events: list[Json]) -> bytes:
    return json.dumps(events).encode()


def array_pretty(events: list[Json]) -> bytes:
    return json.dumps(events, indent=2).encode() + b"\n"


def page(events: list[Json]) -> bytes:
    return json.dumps({"data": events, "has_more": False, "next_page": None}).encode()


def page_pretty(events: list[Json]) -> bytes:
    return json.dumps({"first_id": "[{", "data": events, "meta": {"data": []}}, indent=4).encode()


def pages_one_a_line(events: list[Json]) -> bytes:
    return page(events[:1]) + b"\n" + page(events[1:]) + b"\n" + page([])


def pages_pretty(events: list[Json]) -> bytes:
    return page_pretty(events[:1]) + b"\n\n" + page_pretty(events[1:])


def objects_pretty(events: list[Json]) -> bytes:
    return b"\n".join(json.dumps(event, indent=1).encode() for event in events)


def envelopes(events: list[Json]) -> bytes:
    return lines([_envelope(seq, event) for seq, event in enumerate(events)])


def array_of_envelopes(events: list[Json]) -> bytes:
    return array([_envelope(seq, event) for seq, event in enumerate(events)])


def stream(events: list[Json]) -> bytes:
    frames = (f"event: {event['type']!r}\ndata: {json.dumps(event)}\n\n" for event in events)
    return b": open\n\n" + "event: ping\ndata: {}\n\n".join(frames).encode()


def stream_from_windows(events: list[Json]) -> bytes:
    return stream(events).replace(b"\n", b"\r\n")


def stream_of_many_lines(events: list[Json]) -> bytes:
    texts = (json.dumps(event, indent=1).replace("\n", "\ndata: ") for event in events)
    return "".join(f"id: {at}\ndata: {text}\n\n" for at, text in enumerate(texts)).encode()


def stream_without_blanks(events: list[Json]) -> bytes:
    return b"".join(b"data:" + json.dumps(event).encode() + b"\n" for event in events)


def _envelope(seq: int, event: Json) -> Json:
    return {"seq": seq, "type": event["type"], "data": event, "ts": 1778138491 + seq}


SHAPES: Mapping[str, list[Wrap]] = {
    "jsonl": [
        lines,
        lines_without_last_feed,
        lines_from_windows,
        lines_with_blanks,
        lines_unescaped,
    ],
    "array": [array, array_pretty, array_of_envelopes],
    "page": [page, page_pretty, pages_one_a_line, pages_pretty],
    "objects": [objects_pretty],
    "envelope": [envelopes],
    "sse": [stream, stream_from_windows, stream_of_many_lines, stream_without_blanks],
}

WRAPS: list[Wrap] = [wrap for wraps in SHAPES.values() for wrap in wraps]


def zipped(data: bytes) -> bytes:
    """The same bytes compressed, in two members."""
    middle = len(data) // 2
    return gzip.compress(data[:middle], 1) + gzip.compress(data[middle:], 1)
