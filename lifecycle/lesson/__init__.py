"""The notation of lessons: sessions told line by line, and answered by the engine.

>>> from lifecycle.lesson import Stage
>>> stage = Stage("anthropic")
>>> for line in ("create", 'message "Hello"'):
...     answer = stage.say(line)
>>> answer[0]
'session    session.status_running'
"""

from __future__ import annotations

from lifecycle.lesson.notation import PHRASES, LineError, Phrase, line_of, parse
from lifecycle.lesson.page import PageError, fresh, stages
from lifecycle.lesson.stage import LOOKS, Stage

__all__ = [
    "LOOKS",
    "PHRASES",
    "LineError",
    "PageError",
    "Phrase",
    "Stage",
    "fresh",
    "line_of",
    "parse",
    "stages",
]
