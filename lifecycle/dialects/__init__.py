"""The dialects by name, and what differs between two of them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import attrs

from lifecycle.dialects.anthropic import ANTHROPIC
from lifecycle.dialects.form import Dialect
from lifecycle.dialects.qoder import QODER
from lifecycle.vocabulary import Evidence

__all__ = [
    "ANTHROPIC",
    "DIALECTS",
    "QODER",
    "Dialect",
    "Difference",
    "UnknownDialect",
    "dialect",
    "diff",
]

DIALECTS: Final[Mapping[str, Dialect]] = MappingProxyType({d.name: d for d in (ANTHROPIC, QODER)})
"""Every dialect by the name that ``--dialect`` takes; the first is the default."""


class UnknownDialect(ValueError):  # noqa: N818 - reads as what it says
    """There is no dialect of that name; the message lists those that there are."""


@attrs.frozen
class Difference:
    """One entry in which two dialects differ; ``None`` where one does not have it."""

    key: str
    left: tuple[str, Evidence] | None
    right: tuple[str, Evidence] | None


def dialect(name: str | Dialect) -> Dialect:
    """Return the dialect called *name* (or *name* itself, if it is one).

    Raises:
        UnknownDialect: no dialect is called so.
    """
    if isinstance(name, Dialect):
        return name
    if name not in DIALECTS:
        raise UnknownDialect(f"no dialect {name!r}; choose from {', '.join(DIALECTS)}")
    return DIALECTS[name]


def diff(left: Dialect, right: Dialect) -> tuple[Difference, ...]:
    """Return what *left* and *right* say differently, in the order in which they say it."""
    here = {key: (value, evidence) for key, value, evidence in left.entries()}
    there = {key: (value, evidence) for key, value, evidence in right.entries()}
    keys = [*here, *(key for key in there if key not in here)]
    found = (Difference(key, here.get(key), there.get(key)) for key in keys)
    return tuple(d for d in found if not _same(d))


def _same(difference: Difference) -> bool:
    """Whether both sides say the same; how each knows it is not a difference."""
    left, right = difference.left, difference.right
    return left is not None and right is not None and left[0] == right[0]
