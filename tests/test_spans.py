"""Where values stand in an event's text."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest
from hypothesis import given, strategies as st
from reading import (
    values,
)

from lifecycle.wire.readers import (
    span_of,
)


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
