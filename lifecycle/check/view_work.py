"""What goes on beside a session's threads: accounts, budget, outcomes, workflow runs, previews.

Also `Recent`, the memory that forgets.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, Generic, TypeVar

import msgspec

from lifecycle.check.steps import bits
from lifecycle.machines import WORKFLOW_RUN
from lifecycle.vocabulary import OutcomeResult, RunState
from lifecycle.wire.bulk import NO_BYTES, Seen, look_into

__all__ = ["FINAL_RESULTS", "Grading", "Recent", "Run", "Work", "word_in"]

FINAL_RESULTS: Final = frozenset(OutcomeResult) - {OutcomeResult.NEEDS_REVISION}
"""The results after which an outcome is graded no more."""

T = TypeVar("T")


class Recent(msgspec.Struct, Generic[T], eq=False):
    """A map that forgets its oldest half when it is full: memory stays constant."""

    _size: int = 512
    _young: dict[str, T] = {}
    _old: dict[str, T] = {}

    def get(self, key: str) -> T | None:
        """Return what is remembered under *key*."""
        found = self._young.get(key)
        return self._old.get(key) if found is None else found

    def put(self, key: str, value: T) -> None:
        """Remember *value* under *key*."""
        young = self._young
        young[key] = value
        if len(young) >= self._size:
            self._old = young
            self._young = {}

    @property
    def full(self) -> bool:
        """Whether something may have been forgotten."""
        return bool(self._old)


class Run:
    """A workflow run that has not ended: its creation, state set, open phases, last error."""

    __slots__ = ("created", "error", "listed", "mask", "phases")

    def __init__(self, created: Seen) -> None:
        self.created: Final = created
        self.mask = bits(WORKFLOW_RUN, RunState.CREATED)
        self.phases: dict[str, Seen] = {}
        self.error: Seen | None = None
        told = look_into(created.phases)
        phases = told if isinstance(told, list) else []
        self.listed: Final = {str(one.get("id")) for one in phases if isinstance(one, dict)}


class Grading:
    """The gradings of an outcome: the last start, its end, and the end that was final."""

    __slots__ = ("end", "final", "start")

    def __init__(self) -> None:
        self.start: Seen | None = None
        self.end: Seen | None = None
        self.final: Seen | None = None


def word_in(raw: msgspec.Raw, *path: str) -> str:
    """Return the word that stands in a raw field, within objects at *path*; empty if none does."""
    told = _LAST.told(raw)
    for name in path:
        told = told.get(name) if isinstance(told, dict) else None
    return told if isinstance(told, str) else ""


class _Last:
    """The value of the last raw field that was asked for: several rules ask for words of it."""

    __slots__ = ("_raw", "_told")

    def __init__(self) -> None:
        self._raw: msgspec.Raw = NO_BYTES
        self._told: Any = None

    def told(self, raw: msgspec.Raw) -> Any:
        """Return the value of *raw*."""
        if raw is not self._raw:
            self._raw, self._told = raw, look_into(raw)
        return self._told


_LAST: Final = _Last()


class Work:
    """What goes on beside the threads of one event list.

    Attributes:
        usage: the last usage event.
        capped: the idle event that reached the budget, until the budget changes.
        unpriced: the update that removed the budget.
        updated: the last update since the session rested.
        runs: open workflow runs; ended_runs: the last events of ended ones.
        ended_phases: the ends of phases, by the start's id.
        run_news: the last workflow run event since the primary rested.
        run_over: the last end of a run, until a turn that came after it has ended.
        outcome: the definition of the outcome that is worked for.
        grading: the start of the grading that is open.
        gradings: what is known of the grading of outcomes, by the outcome's id.
        unreachable: the first error about each credential whose host is blocked.
        loose_end: the end of a model request whose start was not seen.
        mentioned: the first events that named a thread which was not announced.
        previews: open previews, by the id of the event that is to come.
        previewed: how previews began and ended, by the same id.
    """

    __slots__ = (
        "_account",
        "_tally",
        "capped",
        "ended_phases",
        "ended_runs",
        "grading",
        "gradings",
        "loose_end",
        "mentioned",
        "outcome",
        "previewed",
        "previews",
        "run_news",
        "run_over",
        "runs",
        "unpriced",
        "unreachable",
        "updated",
        "usage",
    )

    def __init__(self) -> None:
        self.usage: Seen | None = None
        self.capped: Seen | None = None
        self.unpriced: Seen | None = None
        self.updated: Seen | None = None
        self.runs: dict[str, Run] = {}
        self.ended_runs: Recent[Seen] = Recent(64)
        self.ended_phases: Recent[Seen] = Recent(64)
        self.run_news: Seen | None = None
        self.run_over: Seen | None = None
        self.outcome: Seen | None = None
        self.grading: Seen | None = None
        self.gradings: Recent[Grading] = Recent(64)
        self.unreachable: Recent[Seen] = Recent(64)
        self.loose_end: Seen | None = None
        self.mentioned: Recent[Seen] = Recent(64)
        self.previews: dict[str, Seen] = {}
        self.previewed: Recent[tuple[Seen, Seen]] = Recent(64)
        self._account: tuple[Seen, dict[str, int]] | None = None
        self._tally: tuple[Seen, _Tally] | None = None

    def run_of(self, event: Seen) -> Run | None:
        """Return the open run of a phase event: named, or listing the phase, or the only one."""
        if event.workflow_run_id:
            return self.runs.get(event.workflow_run_id)
        for run in self.runs.values():
            if event.workflow_run_phase_id in run.listed:
                return run
        return next(iter(self.runs.values())) if len(self.runs) == 1 else None

    def grows(self, event: Seen) -> bool:
        """Whether a usage event plainly counts no less than the one before; else look closely."""
        kept = self._tally
        try:
            new = _TALLY.decode(event.usage)
            if kept is None or kept[0] is not self.usage:
                kept = (event, _TALLY.decode(self.usage.usage) if self.usage else new)
        except ValueError:
            return False
        self._tally = (event, new)
        return _no_less(new, kept[1])

    def account(self, event: Seen) -> dict[str, int]:
        """Return the counts of a usage event by their names; the last one asked for is kept."""
        if self._account is None or self._account[0] is not event:
            self._account = (event, dict(_counts(look_into(event.usage))))
        return self._account[1]


class _Created(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    ephemeral_1h_input_tokens: int = 0
    ephemeral_5m_input_tokens: int = 0


class _Served(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    web_fetch_requests: int = 0
    web_search_requests: int = 0


class _Tally(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """What a usage event counts, where it has no field but these."""

    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_input_tokens: int = 0
    cache_creation: _Created | None = None
    server_tool_use: _Served | None = None
    active_seconds: float | None = None
    list_cost: msgspec.Raw = NO_BYTES


_TALLY: Final = msgspec.json.Decoder(_Tally)


def _no_less(new: _Tally, old: _Tally) -> bool:
    """Whether *new* counts no less than *old* of anything."""
    made, before = new.cache_creation or _NOTHING_MADE, old.cache_creation or _NOTHING_MADE
    served, earlier = new.server_tool_use or _NOTHING_SERVED, old.server_tool_use or _NOTHING_SERVED
    return (
        new.input_tokens >= old.input_tokens
        and new.output_tokens >= old.output_tokens
        and new.cache_read_input_tokens >= old.cache_read_input_tokens
        and made.ephemeral_1h_input_tokens >= before.ephemeral_1h_input_tokens
        and made.ephemeral_5m_input_tokens >= before.ephemeral_5m_input_tokens
        and served.web_fetch_requests >= earlier.web_fetch_requests
        and served.web_search_requests >= earlier.web_search_requests
    )


_NOTHING_MADE: Final = _Created()
_NOTHING_SERVED: Final = _Served()


def _counts(told: object) -> Iterator[tuple[str, int]]:
    """Iterate over the counts of tokens and requests in *told*, nested ones by dotted names."""
    for key, value in told.items() if isinstance(told, dict) else ():
        parts = value.items() if isinstance(value, dict) else [("", value)]
        for part, count in parts:
            name = f"{key}.{part}" if part else str(key)
            if type(count) is int and name.endswith(("_tokens", "_requests")):
                yield name, count
