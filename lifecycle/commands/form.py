"""What every command has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import attrs

__all__ = ["Command", "Content", "Reported"]

Content = str | tuple[Mapping[str, Any], ...]
"""What a message or a result says: text, or content blocks as the wire has them."""


@attrs.frozen(kw_only=True)
class Command:
    """What every command has.

    Attributes:
        session_id: the session that it is for.
    """

    reported: ClassVar[bool] = False
    """Whether it comes from the server's own agent loop, not from a client."""

    session_id: str


@attrs.frozen(kw_only=True)
class Reported(Command):
    """What the server's agent loop reports of one thread; empty for the primary."""

    reported: ClassVar[bool] = True
    thread_id: str = ""
