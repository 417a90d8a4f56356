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
    minutes, second = divmod(at_us // 1_000_000, 60)
    return f"{_minute(minutes)}{str(second).zfill(2)}."


@lru_cache(maxsize=4)
def _minute(minutes: int) -> str:
    """Return the stamp of a minute since 1970, up to and with the colon: it stays for a while."""
    return (_EPOCH + timedelta(minutes=minutes)).isoformat()[: len("2026-01-01T00:00:")]


def stamp_of(at_us: int) -> str:
    """Return the stamp of a time in microseconds since 1970: six digits and a Z."""
    return f"{second_of(at_us)}{str(at_us % 1_000_000).zfill(6)}Z"
