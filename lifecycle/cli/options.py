"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from lifecycle.dialects import DIALECTS

__all__ = ["dialect_option"]


def dialect_option(said: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return the option ``--dialect``, with what it *said* means to the command."""
    return click.option(
        "--dialect",
        type=click.Choice(list(DIALECTS)),
        default=next(iter(DIALECTS)),
        show_default=True,
        help=said,
    )
