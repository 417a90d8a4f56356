"""Times: microseconds since 1970, and the RFC 3339 stamps that events carry."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

__all__ = ["micros", "second_of", "stamp_of"]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def micros(now: datetime) -> int:
    """Return *now* in microseconds since 1970.

    Raises:
        ValueError: *now* has no time zone, so nobody knows which moment it is.
    """
    if now.tzinfo is None:
        raise ValueError("now has no time zone: give it one, such as datetime.UTC")
    since = now - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def second_of(at_us: int) -> str:
    """Return the stamp of a time in microseconds since 1970, up to and with the dot."""
    days, second = divmod(at_us // 1_000_000, 86_400)
    minutes, second = divmod(second, 60)
    return f"{_day(days)}{minutes // 60:02d}:{minutes % 60:02d}:{second:02d}."


@lru_cache(maxsize=4)
def _day(days: int) -> str:
    """Return the date of a day since 1970, up to and with the T: asked for again all day long."""
    return f"{(_EPOCH + timedelta(days=days)).date().isoformat()}T"


def stamp_of(at_us: int) -> str:
    """Return the stamp of a time in microseconds since 1970: six digits and a Z."""
    return f"{second_of(at_us)}{at_us % 1_000_000:06d}Z"
