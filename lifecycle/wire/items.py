"""What a reader gives for each event's text: the event, or why there is none.

The fast way decodes a block of lines at once. Only where that fails is a text looked at closely: is
it JSON, is it an object, has it a type, which field is of the wrong kind? An event whose fields are
of the wrong kind is given without them, so that it can still be checked.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any, Final, Literal, TypeAlias, TypeVar, cast

import attrs
import msgspec

from lifecycle.wire.bulk import Seen, Stop
from lifecycle.wire.records import KINDS, DeploymentRecord, is_bare_text, read_record
from lifecycle.wire.source import Unusable
from lifecycle.wire.spans import span_of
from lifecycle.wire.words import dotted, kind_of

__all__ = [
    "BadCode",
    "BadLine",
    "Decoding",
    "Item",
    "Recorded",
    "Skipped",
    "any_item_of",
    "item_of",
    "members_of",
]

BadCode: TypeAlias = Literal["not-json", "not-object", "no-type", "wrong-type"]
"""What can be wrong with an event's text."""


@attrs.frozen
class BadLine:
    """A text that is no event, or not quite one.

    Attributes:
        line: where it stands, counted as events are.
        code: what is wrong.
        why: the same in words, as a clause.
        path: the value that is wrong, within the event; of several, the first.
        event: the event without the fields that are of the wrong kind; ``None`` if there is none.
    """

    line: int
    code: BadCode
    why: str
    path: tuple[str | int, ...] = ()
    event: Seen | None = None


@attrs.frozen
class Skipped:
    """Something that is rightly no event: a ping, a comment, an error frame of a stream."""

    line: int
    why: str


@attrs.frozen
class Recorded(Skipped):
    """A deployment, a run of one, or a webhook: no event, but given to who asks for records.

    Attributes:
        why: which of these it is.
        record: the record, without the values that are of the wrong kind.
        misfit: what is of the wrong kind, as a clause; empty if nothing is.
        paths: where these values stand.
    """

    record: DeploymentRecord
    misfit: str = ""
    paths: tuple[tuple[str | int, ...], ...] = ()

    @property
    def path(self) -> tuple[str | int, ...]:
        """Where the first value of the wrong kind stands; empty if there is none."""
        return self.paths[0] if self.paths else ()


Item: TypeAlias = Seen | BadLine | Skipped
"""What a reader gives."""

_EXPECTED: Final[dict[Any, str]] = {
    str: "a string",
    str | None: "a string",
    bool | None: "true or false",
    int | None: "a whole number",
    int | str | None: "a whole number or a string",
    list[str] | None: "a list of strings",
    Stop | None: "an object",
    Any: "a value that can be read",
}
_UNREADABLE: Final = (ValueError, RecursionError)
"""What msgspec raises for a text that it cannot decode; its own errors are value errors."""

_ESCAPE: Final = re.compile(
    rb"\\(?:u[dD][89abAB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2}"  # both halves
    rb"|(?P<half>u[dD][89a-fA-F][\da-fA-F]{2})|.)",
    re.DOTALL,
)
_NOTICE: Final = re.compile(rb'"type"\s*:\s*"event"')
_NO_VALUE: Final = object()

_S = TypeVar("_S", bound=msgspec.Struct)


def members_of(text: bytes | msgspec.Raw) -> dict[str, msgspec.Raw]:
    """Return the texts of an object's fields, by name.

    Half a surrogate pair, which JSON allows and careless cutting leaves, is read as U+FFFD.

    Raises:
        msgspec.ValidationError: *text* is JSON, but no object.
        ValueError: *text* is not JSON, or not UTF-8.
        RecursionError: *text* is nested too deeply.
    """
    try:
        return msgspec.json.decode(text, type=dict[str, msgspec.Raw])
    except msgspec.DecodeError:
        whole = _mended(bytes(text))
        if whole == text:
            raise
        return msgspec.json.decode(whole, type=dict[str, msgspec.Raw])


class Decoding:
    """How the texts of a recording's events become `Seen`, and which field is the session's key."""

    def __init__(
        self, session_key: str | None = None, *, enveloped: bool = False, records: bool = False
    ) -> None:
        """Prepare decoding.

        Args:
            session_key: the top-level field (of the event or its envelope) that tells sessions
                apart; it need not be one that rules read.
            enveloped: whether each text is an envelope that has the event as its ``data``.
            records: whether the records of deployments are decoded, too; else they are events of
                types that nobody knows.

        Raises:
            Unusable: no JSON field that a recording has can be called *session_key*.
        """
        self._kind, self._attribute = _keyed(session_key)
        self._event = _decoder(self._kind)
        self._enveloped = enveloped
        self._records = records
        self._outer: msgspec.json.Decoder[Any] = self._event
        if enveloped:
            self._outer = _decoder(_envelope(self._kind, session_key))
        self.block: Callable[[bytes], list[Seen]] = (
            self._block if enveloped else self._event.decode_lines
        )
        """Decodes several lines at once; raises ``ValueError`` or ``RecursionError``."""

    def has_records(self, events: list[Seen]) -> bool:
        """Whether some of *events* may be records, so that their texts must be read one by one."""
        return self._records and not KINDS.isdisjoint({event.type for event in events})

    def one(self, text: bytes, line: int) -> Seen | BadLine | Recorded:
        """Return the event of *text*, which stands on *line*, or what is wrong with it."""
        enveloped = self._is_enveloped(text)
        try:
            decode = self._outer.decode if enveloped else self._event.decode
            event: Seen = self._unwrapped(decode(text)) if enveloped else decode(text)
        except _UNREADABLE:
            whole = _mended(text)
            return self._bad(text, line) if whole == text else self.one(whole, line)
        event.line = line
        if self._records and event.type in KINDS:
            record = self._record(members_of(text)["data"] if enveloped else text, line)
            return event if record is None else record
        return event

    def own(self, text: bytes) -> bytes:
        """Return the text of the event or record in *text*; an envelope is left away."""
        return text[slice(*span_of(text, ("data",)))] if self._is_enveloped(text) else text

    def _is_enveloped(self, text: bytes) -> bool:
        """Whether *text* is an envelope; records may stand among envelopes without one."""
        return self._enveloped and not (self._records and is_bare_text(text))

    def key_of(self, event: Seen) -> str | None:
        """Return the session's key as a string; ``None`` if the event has none."""
        value = getattr(event, self._attribute) if self._attribute else None
        if isinstance(value, msgspec.Raw):
            return bytes(value).decode(errors="replace") or None
        if value is None or isinstance(value, str):
            return value
        return msgspec.json.encode(value).decode()

    def _block(self, text: bytes) -> list[Seen]:
        """Decode several lines of envelopes at once; webhooks, which look like them, one by one."""
        if self._records and b'"event"' in text and _NOTICE.search(text):
            raise ValueError("it may be a webhook")
        return [self._unwrapped(one) for one in self._outer.decode_lines(text)]

    def _unwrapped(self, envelope: Any) -> Seen:
        """Return the event in *envelope*, with the envelope's session key if it has none itself."""
        event: Seen = envelope.data
        key = getattr(envelope, "session_key", None)
        if key is not None and self._attribute and not getattr(event, self._attribute):
            setattr(event, self._attribute, key if isinstance(key, str) else str(key))
        return event

    def _record(self, text: bytes | msgspec.Raw, line: int) -> Recorded | BadLine | None:
        """Return the record that *text* is, if it is one."""
        try:
            found = read_record(text)
        except _UNREADABLE as error:
            return BadLine(line, "not-json", _why_unreadable(error))
        if found is None:
            return None
        record, misfits = found
        paths = tuple(misfit.path for misfit in misfits)
        return Recorded(line, f"a {record.type}", record, "; ".join(map(str, misfits)), paths)

    def _bad(self, text: bytes, line: int) -> BadLine | Recorded:
        """Say what is wrong with *text*."""
        try:
            members = members_of(text)
            if self._is_enveloped(text):
                if "data" not in members:
                    return BadLine(line, "no-type", "expected an envelope with an event as data")
                text = bytes(members["data"])
                members = members_of(text)
            record = self._record(text, line) if self._records else None
            if record is not None:
                return record
            return self._bad_object(members, line)
        except msgspec.ValidationError:
            why = f"expected an object, found {_kind(_value(msgspec.Raw(text)))}"
            return BadLine(line, "not-object", why)
        except _UNREADABLE as error:
            return BadLine(line, "not-json", _why_unreadable(error))

    def _bad_object(self, members: dict[str, msgspec.Raw], line: int) -> BadLine:
        """Say what is wrong with an object."""
        word = _value(members["type"]) if "type" in members else None
        if not isinstance(word, str):
            found = _kind(word) if "type" in members else "none"
            why = f"expected a string as its type, found {found}"
            return BadLine(line, "no-type", why, ("type",))
        misfits: list[_Misfit] = []
        event = self._event.decode(_fitting(members, self._kind, (), misfits))
        event.line = line
        if not misfits:  # a field is there twice, and only the first is of the wrong kind
            return BadLine(line, "wrong-type", "a field is given twice", (), event)
        why = "; ".join(misfit.why for misfit in misfits)
        return BadLine(line, "wrong-type", why, misfits[0].path, event)


def item_of(event: object, line: int) -> Seen | BadLine:
    """Return an event that is at hand, as a decoded JSON value, as readers give it."""
    found = _at_hand(event, line, _EVENTS)
    assert not isinstance(found, Recorded), "it is not asked for records"
    return found


def any_item_of(value: object, line: int) -> Seen | BadLine | Recorded:
    """Return an event or a record that is at hand, as `item_of` does."""
    return _at_hand(value, line, _EVENTS_AND_RECORDS)


def _at_hand(value: object, line: int, decoding: Decoding) -> Seen | BadLine | Recorded:
    """Return what is at hand as *decoding* reads it."""
    try:
        text = msgspec.json.encode(value)
    except (TypeError, ValueError, RecursionError) as error:
        return BadLine(line, "not-json", f"expected JSON, found what JSON cannot hold: {error}")
    return decoding.one(text, line)


@attrs.frozen
class _Misfit:
    """A value of the wrong kind."""

    path: tuple[str | int, ...]
    expected: str
    found: str

    @property
    def why(self) -> str:
        """The same as a clause."""
        return f"{dotted(self.path)}: expected {self.expected}, found {self.found}"


def _fitting(
    members: dict[str, msgspec.Raw],
    kind: type[msgspec.Struct],
    at: tuple[str | int, ...],
    misfits: list[_Misfit],
) -> bytes:
    """Return an object of those *members* that fit *kind*; add the others to *misfits*."""
    known = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    for name in [name for name in members if name in known]:
        field = known[name]
        try:
            msgspec.json.decode(members[name], type=field.type)
        except _UNREADABLE:
            raw, path = members.pop(name), (*at, name)
            if field.type == Stop | None and bytes(raw).startswith(b"{"):
                inner = _fitting(members_of(raw), Stop, path, misfits)
                members[name] = msgspec.Raw(inner)
            else:
                misfits.append(_misfit(_value(raw), path, field.type))
    encode = msgspec.json.encode
    return b"{" + b",".join(encode(k) + b":" + bytes(v) for k, v in members.items()) + b"}"


def _misfit(value: Any, path: tuple[str | int, ...], kind: Any) -> _Misfit:
    """Return what is wrong with *value*; in a list of strings, with its first other item."""
    if kind == list[str] | None and isinstance(value, list):
        place, item = next((at, one) for at, one in enumerate(value) if not isinstance(one, str))
        return _Misfit((*path, place), "a string", kind_of(item))
    return _Misfit(path, _EXPECTED[kind], _kind(value))


def _value(raw: msgspec.Raw) -> Any:
    """Return the value of *raw*; `_NO_VALUE` if it has none, such as half a surrogate pair."""
    try:
        return msgspec.json.decode(raw)
    except _UNREADABLE:
        return _NO_VALUE


def _kind(value: Any) -> str:
    """Return what kind of value *value* is, in words."""
    return "a value that cannot be read" if value is _NO_VALUE else kind_of(value)


def _mended(text: bytes) -> bytes:
    """Return *text* with U+FFFD for escapes that are half a surrogate pair."""
    return _ESCAPE.sub(lambda found: rb"\ufffd" if found.group("half") else found.group(), text)


def _why_unreadable(error: Exception) -> str:
    """Say in words why a text could not be decoded."""
    if isinstance(error, RecursionError):
        return "expected JSON, found an object that is nested too deeply"
    if isinstance(error, UnicodeDecodeError):
        return "expected JSON in UTF-8, found bytes that are not UTF-8"
    if str(error) == "Input data was truncated":
        return "expected JSON, found a text that ends too early"
    return f"expected JSON, found {str(error).removeprefix('JSON is malformed: ')}"


@cache
def _decoder(kind: type[msgspec.Struct]) -> msgspec.json.Decoder[Any]:
    """Return the decoder of a *kind*; to make one takes as long as to decode a hundred events."""
    return msgspec.json.Decoder(kind)


@cache
def _keyed(session_key: str | None) -> tuple[type[Seen], str | None]:
    """Return a `Seen` that has the session's key, and the name of its attribute."""
    known = {field.encode_name: field.name for field in msgspec.structs.fields(Seen)}
    if session_key is None or session_key in known:
        return Seen, known.get(session_key or "")
    return _struct("Keyed", [_key_field(session_key)], session_key, Seen), "session_key"


@cache
def _envelope(kind: type[Seen], session_key: str | None) -> type[msgspec.Struct]:
    """Return the struct of an envelope around a *kind*."""
    fields: list[Any] = [("data", kind)]
    if session_key is not None and session_key != "data":
        fields.append(_key_field(session_key))
    return _struct("Envelope", fields, session_key, msgspec.Struct)


def _key_field(session_key: str) -> tuple[str, Any, Any]:
    """Return the definition of a field for the session's key, whatever its kind."""
    return "session_key", Any, msgspec.field(default=None, name=session_key)


def _struct(name: str, fields: list[Any], session_key: str | None, base: type[_S]) -> type[_S]:
    """Define a struct; a key that msgspec refuses as a name is the caller's mistake."""
    try:
        return cast("type[_S]", msgspec.defstruct(name, fields, bases=(base,), gc=False))
    except ValueError:
        raise Unusable(
            f"expected a field's name as the session key, found {session_key!r}"
        ) from None


_EVENTS: Final = Decoding()
_EVENTS_AND_RECORDS: Final = Decoding(records=True)
