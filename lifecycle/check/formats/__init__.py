"""The formats of a report, by the name that ``--format`` takes."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from lifecycle.check.formats import as_github, as_json, as_junit, as_sarif, as_text
from lifecycle.check.formats.rendering import Format, Rendering

__all__ = ["FORMATS", "Format", "Rendering"]

FORMATS: Final[Mapping[str, Format]] = MappingProxyType(
    {
        "text": as_text.render,
        "json": as_json.render,
        "sarif": as_sarif.render,
        "github": as_github.render,
        "junit": as_junit.render,
    }
)
"""Every format, by name."""
