"""Values that do not change, and that are made too often to be guarded: events, entries, decisions.

A class of attrs that is frozen sets each field by a call, so that making an event takes three times
as long, and a decision makes three. Of these classes the type checker alone refuses a change; at
run time one is neither refused nor expected. What is made once and shared stays frozen outright.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from attrs import frozen as frozen_by_type
else:
    from attrs import define as frozen_by_type

__all__ = ["frozen_by_type"]
