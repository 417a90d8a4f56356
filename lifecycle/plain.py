"""Text of recordings, made fit for a terminal or a document; and small matters of wording.

Recordings are untrusted: whatever stood in one passes `visible` before it is written, so that no
escape sequence, line break or change of writing direction gets through.
"""

from __future__ import annotations

__all__ = ["counted", "visible"]


def visible(text: str) -> str:
    """Return *text* with everything that does not print written as an escape.

    Control characters, line breaks, invisible and direction-changing characters and lone surrogates
    become what Python would write for them (``\\x1b``, ``\\u202e``).
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def counted(count: int, noun: str) -> str:
    """Return "1 error" or "2 errors"."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
