"""JSON objects to events and resources, and back without loss.

``unstructure(structure(x)) == x`` holds for every JSON object with a string ``type``: unknown types
become `UnknownEvent`, unknown fields stand in ``extra``, null stays null and what is absent stays
absent. The only objects refused are those in which a known field has a value of the wrong kind;
`StructureError` says where. (The checker does not come this way: its bulk path drops such a field
and goes on.)

A dialect decides which event types are known; those that its service does not name become
`UnknownEvent`. Values that are kept as they came (content, input, metadata) are shared with the
given object, not copied.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import NoneType
from typing import Any, Final, TypeAlias, TypeVar, get_args, get_origin

import attrs
import cattrs
from cattrs.errors import AttributeValidationNote
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override

from lifecycle.dialects import Dialect, dialect as dialect_named
from lifecycle.events import (
    EVENTS,
    Absent,
    Deployment,
    DeploymentRun,
    Event,
    Record,
    Session,
    SessionThread,
    UnknownEvent,
    Webhook,
)
from lifecycle.wire.words import dotted, kind_of

__all__ = ["Resource", "StructureError", "Told", "structure", "structure_resource", "unstructure"]

Resource: TypeAlias = Session | SessionThread | Deployment | DeploymentRun | Webhook
"""What is told by its type, and is no event of a session."""

Told: TypeAlias = Event | Resource
"""Whatever has a type."""

_RESOURCES: Final[Mapping[str, type[Resource]]] = {
    kind.type: kind for kind in (Session, SessionThread, Deployment, DeploymentRun, Webhook)
}


class StructureError(ValueError):
    """A known field has a value of the wrong kind.

    Attributes:
        path: where the value stands, by keys and positions.
        expected: what was expected there, in words.
        found: what stood there, in words.
    """

    def __init__(self, path: tuple[str | int, ...], expected: str, found: str) -> None:
        """Say that at *path* stood *found* in place of *expected*."""
        super().__init__(f"{dotted(path)}: expected {expected}, found {found}")
        self.path = path
        self.expected = expected
        self.found = found


def structure(obj: dict[str, Any], dialect: str | Dialect = "anthropic") -> Event:
    """Return the event that the JSON object *obj* is, as the service of *dialect* names it.

    Raises:
        StructureError: *obj* is no object, its ``type`` is no string, or a known field has a value
            of the wrong kind.
        UnknownDialect: no dialect is called so.
    """
    known = dialect_named(dialect).events
    word = _type_of(obj)
    kind: type[Event] = EVENTS[word] if word in known else UnknownEvent
    return _structured(obj, kind)


def structure_resource(obj: dict[str, Any]) -> Resource:
    """Return the session, thread, deployment, run or webhook that the JSON object *obj* is.

    Raises:
        StructureError: *obj* is no object, its ``type`` is not one of these (a webhook's is
            ``event``), or a known field has a value of the wrong kind.
    """
    word = _type_of(obj)
    if word not in _RESOURCES:
        raise StructureError(("type",), " or ".join(_RESOURCES), repr(word))
    return _structured(obj, _RESOURCES[word])


def unstructure(record: Told) -> dict[str, Any]:
    """Return the JSON object that *record* was structured from; a field wins over ``extra``."""
    plain: dict[str, Any] = _CONVERTER.unstructure(record)
    word = str(record.type)
    return {"type": word} | plain | {"type": word}  # first, and whatever stands in ``extra``


def _type_of(obj: Any) -> str:
    """Return the word that says what *obj* is."""
    if type(obj) is not dict:
        raise StructureError((), "an object", kind_of(obj))
    word = obj.get("type")
    if not isinstance(word, str):
        found = kind_of(word) if "type" in obj else "nothing"
        raise StructureError(("type",), "a string", found)
    return word


# -- The converter -----------------------------------------------------------------------------


class _MismatchError(Exception):
    """A value is of the wrong kind; where it stands is known only further out."""

    def __init__(self, expected: str, value: Any) -> None:
        """Say that *value* is not what was *expected*."""
        super().__init__(expected, kind_of(value))


_Hook = Callable[[Any, Any], Any]
_R = TypeVar("_R", bound=Record)

_JSON: Final[Mapping[Any, tuple[tuple[type, ...], str]]] = {
    str: ((str,), "a string"),
    bool: ((bool,), "true or false"),
    int: ((int,), "a whole number"),
    float: ((float, int), "a number"),
    Mapping: ((dict,), "an object"),
    Sequence: ((list,), "a list"),
    tuple: ((list,), "a list"),
}
"""For each target, the exact Python types that decoded JSON may have for it, and their name."""


def _is_record(target: Any) -> bool:
    """Whether *target* is one of our classes."""
    return isinstance(target, type) and issubclass(target, Record)


def _is_maybe(target: Any) -> bool:
    """Whether *target* is a `Maybe`."""
    return Absent in get_args(target)


def _wanted(target: Any) -> tuple[tuple[type, ...], str]:
    """Return the Python types that may become *target*, and what they are in words."""
    return _JSON[Mapping if _is_record(target) else get_origin(target) or target]


def _record_hook(kind: type[Record], converter: cattrs.Converter) -> _Hook:
    """Return what makes a *kind* of an object; fields that it does not name go to ``extra``."""
    build = make_dict_structure_fn(kind, converter)
    names = frozenset(field.name for field in attrs.fields(kind)) - {"extra"}
    told = names | {"type"}  # an event's type is its class

    def hook(value: Any, _: Any) -> Any:
        if type(value) is not dict:
            raise _MismatchError("an object", value)
        known = {name: value[name] for name in names if name in value}
        extra = {name: value[name] for name in value if name not in told}
        return build({**known, "extra": extra}, kind)

    return hook


def _maybe_hook(target: Any, converter: cattrs.Converter) -> _Hook:
    """Return what takes null, or a value of one of the kinds that *target* names."""
    choices = [one for one in get_args(target) if one not in (NoneType, Absent)]
    hooks = {kind: one for one in choices for kind in _wanted(one)[0]}
    expected = " or ".join(_wanted(one)[1] for one in choices)

    def hook(value: Any, _: Any) -> Any:
        if value is None:
            return None
        if type(value) not in hooks:
            raise _MismatchError(expected, value)
        one = hooks[type(value)]
        return converter.structure(value, one) if _is_built(one) else value

    return hook


def _is_built(target: Any) -> bool:
    """Whether a value must be built for *target*, not just kept."""
    return _is_record(target) or get_origin(target) is tuple


def _text_hook(value: Any, _: Any) -> str:
    """Take a string and nothing else."""
    if type(value) is not str:
        raise _MismatchError("a string", value)
    return value


def _plain_record(kind: type[Record], converter: cattrs.Converter) -> Callable[[Any], Any]:
    """Return what makes an object of a *kind*, leaving out what is absent."""
    plain = make_dict_unstructure_fn(
        kind, converter, _cattrs_omit_if_default=True, extra=override(omit=True)
    )

    def hook(record: Any) -> dict[str, Any]:
        return {**record.extra, **plain(record)}

    return hook


def _plain_maybe(value: Any) -> Any:
    """Return the JSON value of a field."""
    if isinstance(value, tuple):
        return [_plain_maybe(one) for one in value]
    return _CONVERTER.unstructure(value) if isinstance(value, Record) else value


def _converter() -> cattrs.Converter:
    """Return the converter, strict about kinds and lax about names."""
    converter = cattrs.Converter()
    converter.register_structure_hook(str, _text_hook)
    converter.register_structure_hook_factory(_is_record, _record_hook)
    converter.register_structure_hook_factory(_is_maybe, _maybe_hook)
    converter.register_unstructure_hook_factory(_is_record, _plain_record)
    converter.register_unstructure_hook_func(_is_maybe, _plain_maybe)
    return converter


_CONVERTER: Final = _converter()


def _structured(obj: Any, kind: type[_R]) -> _R:
    """Return *obj* as a *kind*, or raise the first mismatch with its path."""
    try:
        return _CONVERTER.structure(obj, kind)
    except cattrs.BaseValidationError as error:
        path, (expected, found) = _first(error)
        raise StructureError(path, expected, found) from None


def _first(error: Exception) -> tuple[tuple[str | int, ...], tuple[str, str]]:
    """Return the path and the words of the first mismatch within *error*."""
    path: tuple[str | int, ...] = ()
    while isinstance(error, cattrs.ClassValidationError | cattrs.IterableValidationError):
        error, note = error.group_exceptions()[0][0]
        path += (note.name if isinstance(note, AttributeValidationNote) else note.index,)
    assert isinstance(error, _MismatchError), "only our own hooks refuse"
    return path, error.args
