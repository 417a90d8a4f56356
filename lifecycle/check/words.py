"""The words that rules compare with, where they are read fast.

Reading a member through its class goes through Python code on some versions, and costs five times
as much as reading an attribute of a plain object. The checker reads several for every event.
"""

from __future__ import annotations

from typing import Final, TypeVar, cast

from lifecycle import vocabulary
from lifecycle.vocabulary import Word

__all__ = ["CallState", "E", "OutcomeResult", "Permission", "RetryStatus", "StopReason"]

W = TypeVar("W", bound=Word)


class _Plain:
    """An object that has the members of a class of words as its attributes, and nothing else."""


def _plain(words: type[W]) -> type[W]:
    """Return an object from which the members of *words* are read as from *words* itself."""
    plain = _Plain()
    vars(plain).update(words.__members__)
    return cast("type[W]", plain)


E: Final = _plain(vocabulary.EventType)
CallState: Final = _plain(vocabulary.CallState)
OutcomeResult: Final = _plain(vocabulary.OutcomeResult)
Permission: Final = _plain(vocabulary.Permission)
RetryStatus: Final = _plain(vocabulary.RetryStatus)
StopReason: Final = _plain(vocabulary.StopReason)
