"""A recording as the engine's oracle: its commands inferred, decided anew, and compared.

What a recording shows of what was done (messages, answers, tool uses, turn ends, children made and
reporting, interrupts, errors, gradings) becomes commands; the engine decides them; and what it
emits is compared with what was recorded, event by event.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

from lifecycle.dialects import dialect as dialect_named
from lifecycle.replay.drive import Difference, Replay, replay
from lifecycle.replay.report import Result, as_data, as_text, exit_code
from lifecycle.replay.story import Story, read_stories, story_of
from lifecycle.replay.words import Allowance, Verdict
from lifecycle.wire.readers import Unusable, expand

__all__ = [
    "Allowance",
    "Difference",
    "Replay",
    "Result",
    "Story",
    "Verdict",
    "as_data",
    "as_text",
    "exit_code",
    "replay",
    "replay_path",
    "replay_paths",
    "story_of",
]


def replay_paths(paths: Iterable[str], dialect: str = "anthropic") -> Iterator[Result]:
    """Replay the recordings at *paths*, files or directories; what cannot be used says why.

    Raises:
        UnknownDialect: no dialect is called so.
    """
    one_path = partial(replay_path, dialect=dialect)
    for path in paths:
        try:
            found = expand([path])
        except Unusable as error:
            yield Result(path, None, error.why)
            continue
        for name in found:
            yield from one_path(name)


def replay_path(path: str, dialect: str = "anthropic") -> list[Result]:
    """Replay every session of the recording at *path*; one that cannot be used says why.

    Raises:
        UnknownDialect: no dialect is called so.
    """
    try:
        stories = read_stories(path, dialect_named(dialect))
    except Unusable as error:
        return [Result(path, None, error.why)]
    several = len(stories) > 1
    return [
        Result(f"{path} ({key})" if several else path, replay(story, dialect))
        for key, story in stories.items()
    ]
