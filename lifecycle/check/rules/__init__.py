"""The rules, by family; importing this package fills the registry.

`RULES` lists them by code. `selected` reads codes and prefixes as a user gives them.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from lifecycle.check.rule import REGISTRY, Rule, UnknownRule
from lifecycle.check.rules import (  # noqa: F401 - they register
    asks,
    call,
    child,
    confirmation,
    delivery,
    end,
    errors,
    field,
    fires,
    grading,
    interrupt,
    message,
    outcome,
    phase,
    preview,
    qoder,
    readings,
    rest,
    runs,
    session,
    snapshots,
    span,
    thread,
    traps,
    turn,
    upcoming,
    usage,
    views,
    webhooks,
    work,
)

__all__ = ["RULES", "selected"]

RULES: Final[Mapping[str, Rule]] = MappingProxyType(dict(sorted(REGISTRY.items())))
"""Every rule by its code, in the order of codes."""


def selected(codes: Iterable[str]) -> frozenset[str]:
    """Return the codes that *codes*, whole ones or prefixes, stand for.

    Raises:
        UnknownRule: one of them selects nothing; the message says which come near.
    """
    found: set[str] = set()
    for code in codes:
        chosen = {known for known in RULES if known.startswith(code)}
        if not code or not chosen:
            near = difflib.get_close_matches(code, RULES, cutoff=0.5) or sorted(
                {known[:2] for known in RULES}
            )
            raise UnknownRule(f"no rule {code!r}; did you mean {', '.join(near)}?")
        found |= chosen
    return frozenset(found)
