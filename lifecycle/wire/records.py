"""The records of deployments among what readers read: which objects they are, and their classes.

A record is a deployment, a run of one, or a webhook. Readers give it whole, as its class: its rules
read most of it, and there are far fewer records than events. A value of the wrong kind is left out,
so that the rest can still be checked.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeAlias

import msgspec

from lifecycle.events import Deployment, DeploymentRun, Webhook
from lifecycle.vocabulary import RecordType
from lifecycle.wire.structure import StructureError, structure_resource

__all__ = ["KINDS", "DeploymentRecord", "is_bare", "is_bare_text", "is_record", "read_record"]

DeploymentRecord: TypeAlias = Deployment | DeploymentRun | Webhook
"""What a record may be."""

KINDS: Final[frozenset[str]] = frozenset(RecordType)
"""The types that a record may have; an object of a webhook's may also be something else."""

_OF_EVENTS: Final = frozenset({"processed_at", "created_at", "content"})
"""What events and records have, and the data of a webhook has not."""


def is_record(word: object, data: object) -> bool:
    """Whether an object with the type *word*, and with *data* as its ``data``, is a record."""
    if word == RecordType.WEBHOOK:
        return isinstance(data, Mapping) and isinstance(data.get("type"), str)
    return isinstance(word, str) and word in KINDS


def is_bare(members: Mapping[str, Any], data: object) -> bool:
    """Whether an object with the fields *members* is itself a record, not an envelope of one.

    A webhook has ``data`` with a type as an envelope has. But it has an id, too, and its data none
    of the times that events have; who received it may have added when, or a number.

    Args:
        members: the fields, of which only the names and the type count.
        data: the value of the field ``data``, if there is one.
    """
    if not is_record(members.get("type"), data):
        return False
    if not isinstance(data, Mapping):
        return True
    return "id" in members and _OF_EVENTS.isdisjoint(data)


def is_bare_text(text: bytes) -> bool:
    """Whether the text of an object is a record in no envelope; not if it cannot be read."""
    try:
        members = msgspec.json.decode(text)
    except (ValueError, RecursionError):
        return False
    return isinstance(members, dict) and is_bare(members, members.get("data"))


def read_record(
    text: bytes | msgspec.Raw,
) -> tuple[DeploymentRecord, list[StructureError]] | None:
    """Return the record that the JSON object *text* is, and what in it is of the wrong kind.

    It is ``None`` for an object that is no record.

    Raises:
        ValueError: *text* is not JSON, or not UTF-8.
        RecursionError: *text* is nested too deeply.
    """
    members = msgspec.json.decode(text)
    if not isinstance(members, dict) or not is_record(members.get("type"), members.get("data")):
        return None
    misfits: list[StructureError] = []
    while True:
        try:
            found = structure_resource(members)
        except StructureError as misfit:
            misfits.append(misfit)
            _drop(members, misfit.path)
        else:
            assert isinstance(found, DeploymentRecord), "its type says so"
            return found, misfits


def _drop(members: Any, path: tuple[str | int, ...]) -> None:
    """Take the field at *path* out of *members*; of a list's item, the field that has the list."""
    while isinstance(path[-1], int):
        path = path[:-1]
    for step in path[:-1]:
        members = members[step]
    del members[path[-1]]
