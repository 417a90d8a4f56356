"""What a word is, and how a fact is known.

A word is a member of an enum whose value is what stands on the wire (or, for a word that never
travels, what we call it). The sentence is its ``__doc__``.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Self

__all__ = ["Evidence", "Word"]


class Word(StrEnum):
    """A word with its meaning: ``Word.value`` is the word, ``Word.__doc__`` the sentence.

    Before Python 3.12 asking the class for a member costs as much as a call. So modules that every
    decision passes through ask once: ``_IDLE = ThreadState.IDLE``.
    """

    def __new__(cls, value: str, doc: str = "") -> Self:
        """Make the member that stands for *value* and is explained by *doc*."""
        word = str.__new__(cls, value)
        word._value_ = value
        word.__doc__ = doc
        return word


# fmt: off
# One word a line, its meaning beside it: the formatter would fold the longer ones.


class Evidence(Word):
    """How a fact is known; it decides how hard a rule may speak."""

    RECORDED    = "recorded",    "Seen in recordings of the real service."
    DOCUMENTED  = "documented",  "Said by the service's own pages or its published client."
    INFERRED    = "inferred",    "Follows from documented facts, or is the only reading that fits."
    UNDOCUMENTED = "undocumented", "No source says; the careful choice, kept as a switch."


# fmt: on
