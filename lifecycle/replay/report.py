"""What came of replaying recordings, as text and as data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import attrs

from lifecycle.commands import Command
from lifecycle.dialects import Dialect
from lifecycle.plain import counted, visible
from lifecycle.replay.drive import Difference, Replay
from lifecycle.replay.signs import Sign
from lifecycle.replay.words import Allowance, Verdict

__all__ = ["Result", "as_data", "as_text", "exit_code", "told"]

_AROUND: Final = 3
"""Events shown before the first difference, and after it."""

_COLUMN: Final = 58


@attrs.frozen
class Result:
    """What came of one recording.

    Attributes:
        path: where it is; with the session's id, if it is one of several in a file.
        replay: the replay; `None` if the recording could not be used.
        why: why it could not.
    """

    path: str
    replay: Replay | None = None
    why: str = ""

    @property
    def verdict(self) -> Verdict:
        """What came of it."""
        return self.replay.verdict if self.replay is not None else Verdict.UNUSABLE

    @property
    def up_to(self) -> Counter[str]:
        """The names of the switches and allowances that were needed, counted."""
        if self.replay is None:
            return Counter()
        return self.replay.switches + self.replay.allowed


def exit_code(results: Sequence[Result]) -> int:
    """Return 0 if all are reproduced, 1 if one is not, 2 if one could not be used."""
    verdicts = {one.verdict for one in results}
    if Verdict.UNUSABLE in verdicts or not results:
        return 2
    return int(Verdict.DIFFERS in verdicts)


# -- text ------------------------------------------------------------------------------------------


def as_text(results: Sequence[Result], dialect: Dialect, *, commands: bool = False) -> str:
    """Return the results for a reader: one in full, several as a table and their differences."""
    lines: list[str] = []
    for one in results:
        lines.append(_headline(one))
        if commands and one.replay is not None:
            lines += [f"    {line}" for line in _commands(one.replay)]
        if one.replay is not None and one.replay.difference is not None:
            lines += [f"    {line}" for line in _difference(one.replay, one.replay.difference)]
    total = sum((one.up_to for one in results), Counter[str]())
    if total:
        lines += ["", "reproduced up to:"]
        width = max(map(len, total))
        lines += [
            f"    {name:<{width}}  {count:>3}  {_meaning(name, dialect)}"
            for name, count in sorted(total.items())
        ]
    if len(results) > 1:
        lines += ["", _totals(results)]
    return "".join(f"{line}\n" for line in lines)


def _headline(one: Result) -> str:
    """Return the line that says what came of a recording."""
    path = visible(one.path)
    if one.replay is None:
        return f"{path}: unusable: {visible(one.why)}"
    done = one.replay
    size = f"{counted(len(done.story), 'event')}, {counted(len(done.commands), 'command')}"
    if one.verdict is Verdict.DIFFERS:
        return f"{path}: not reproduced ({size} so far)"
    if one.verdict is Verdict.EXACT:
        return f"{path}: reproduced exactly ({size})"
    names = ", ".join(f"{name} ×{count}" for name, count in sorted(one.up_to.items()))
    return f"{path}: reproduced up to {names} ({size})"


def _totals(results: Sequence[Result]) -> str:
    """Return how many recordings came out how."""
    counts = Counter(one.verdict for one in results)
    told = [
        f"{counts[Verdict.EXACT]} exactly",
        f"{counts[Verdict.UP_TO]} up to named switches",
        f"{counts[Verdict.DIFFERS]} not reproduced",
    ]
    if counts[Verdict.UNUSABLE]:
        told.append(f"{counts[Verdict.UNUSABLE]} unusable")
    return f"{counted(len(results), 'recording')}: {', '.join(told)}"


def _meaning(name: str, dialect: Dialect) -> str:
    """Return what a switch asks, or what an allowance is."""
    switch = dialect.switches.get(name.partition("=")[0])
    return switch.question if switch is not None else str(Allowance(name).__doc__)


def _commands(done: Replay) -> Iterator[str]:
    """Iterate over the commands, each with the line that it led to."""
    for place, command in done.commands:
        yield f"{_line(done, place):>5}  {told(command)}"


def _line(done: Replay, place: int) -> str:
    """Return the line of the event at *place*; nothing past the end."""
    signs = done.story.signs
    return str(signs[place].line) if place < len(signs) else ""


def told(command: Command) -> str:
    """Return a command as it would be written, without its session and what has its default."""
    fields = ", ".join(f"{name}={value!r}" for name, value in _fields(command).items())
    return visible(f"{type(command).__name__}({fields})")


def _fields(command: Command) -> Mapping[str, Any]:
    """Return the fields of a command that say something."""
    found = {}
    for field in attrs.fields(type(command)):
        value = getattr(command, field.name)
        default = field.default
        if isinstance(default, attrs.Factory):  # type: ignore[arg-type]  # a class at runtime
            default = default.factory()
        if field.name != "session_id" and value != default:
            found[field.name] = value
    return found


def _difference(done: Replay, parting: Difference) -> Iterator[str]:
    """Iterate over the lines that show where the two part: recorded left, emitted right."""
    recorded, emitted = _sides(done, parting)
    yield f"{'recorded':<{_COLUMN + 8}}emitted"
    rows = max(len(recorded), len(emitted))
    first = min(_AROUND, parting.at)
    for row in range(rows):
        left = recorded[row] if row < len(recorded) else None
        right = emitted[row] if row < len(emitted) else None
        mark = ">" if row == first else " "
        line = str(left.line) if left is not None else ""
        yield f"{mark}{line:>5}  {_shown(left):<{_COLUMN}}  {_shown(right)}".rstrip()
    if parting.commands:
        yield f"after {', '.join(told(one) for one in parting.commands)}"
    if parting.refused:
        yield f"the engine refuses it: {visible(parting.refused)}"


def _sides(done: Replay, parting: Difference) -> tuple[list[Sign], list[Sign]]:
    """Return the events around the difference, of both sides, and alike before it."""
    signs, at = done.story.signs, parting.at
    before = signs[max(0, at - _AROUND) : at]
    return (
        [*before, *signs[at : at + _AROUND + 1]],
        [*before, *parting.emitted[: _AROUND + 1]],
    )


def _shown(sign: Sign | None) -> str:
    """Return an event in one short line."""
    if sign is None:
        return "-"
    words = [sign.type, _short(sign.thread), sign.stop]
    words += [_short(name) for name in (*sign.asked, *sign.about)]
    words.append("(waits)" if sign.waits else "")
    return visible(" ".join(word for word in words if word))


def _short(name: str) -> str:
    """Return an id's beginning and end."""
    return name if len(name) <= 12 else f"{name[:5]}…{name[-5:]}"


# -- data ------------------------------------------------------------------------------------------


def as_data(
    results: Sequence[Result], dialect: Dialect, *, commands: bool = False
) -> dict[str, Any]:
    """Return the results as JSON has them."""
    counts = Counter(one.verdict.value for one in results)
    total = sum((one.up_to for one in results), Counter[str]())
    return {
        "dialect": dialect.name,
        "recordings": [_result_data(one, commands) for one in results],
        "counts": {one.value: counts[one.value] for one in Verdict},
        "up_to": {
            name: {"count": count, "meaning": _meaning(name, dialect)}
            for name, count in sorted(total.items())
        },
    }


def _result_data(one: Result, commands: bool) -> dict[str, Any]:
    """Return one result as JSON has it."""
    data: dict[str, Any] = {"path": one.path, "verdict": one.verdict.value}
    done = one.replay
    if done is None:
        return {**data, "why": one.why}
    data |= {
        "events": len(done.story),
        "commands": len(done.commands),
        "up_to": dict(sorted(one.up_to.items())),
    }
    if commands:
        data["command_list"] = [
            {"line": _line(done, place), "command": told(command)}
            for place, command in done.commands
        ]
    if done.difference is not None:
        data["difference"] = _difference_data(done, done.difference)
    return data


def _difference_data(done: Replay, parting: Difference) -> dict[str, Any]:
    """Return a difference as JSON has it."""
    recorded = done.story.signs[parting.at : parting.at + _AROUND + 1]
    return {
        "line": _line(done, parting.at),
        "recorded": [_sign_data(one) for one in recorded],
        "emitted": [_sign_data(one) for one in parting.emitted[: _AROUND + 1]],
        "commands": [told(one) for one in parting.commands],
        "refused": parting.refused,
    }


def _sign_data(sign: Sign) -> dict[str, Any]:
    """Return what is compared of an event as JSON has it."""
    fields = attrs.asdict(sign)
    return {name: value for name, value in fields.items() if value and name != "id"}
