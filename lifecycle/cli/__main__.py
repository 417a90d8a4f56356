"""``python -m lifecycle.cli``: the program without its installed name."""

from __future__ import annotations

from lifecycle.cli import main

__all__: list[str] = []

main()
