"""Driving the engine along a recording: the first plan that leads to what was recorded is taken.

Where none does with the dialect as it is, each is tried again with one of the dialect's switches at
another choice; a switch that was needed is named and counted. The engine keeps its own choice
everywhere else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from typing import Final

import attrs

from lifecycle import commands as c
from lifecycle.dialects import DIALECTS
from lifecycle.engine import Engine
from lifecycle.events import Event
from lifecycle.replay.compare import Match, follow
from lifecycle.replay.infer import begun, plans
from lifecycle.replay.infer_work import reported_error
from lifecycle.replay.own import opened
from lifecycle.replay.signs import Sign, sign_of
from lifecycle.replay.story import Story
from lifecycle.replay.where import Plan, Where
from lifecycle.replay.words import Allowance, Verdict
from lifecycle.state import Entry, Place, Session, session_list, thread_list

__all__ = ["Difference", "Replay", "replay"]

_START: Final = datetime(2026, 1, 1, tzinfo=UTC)

_MERGED: Final = (Place.SESSION, Place.BOTH, Place.CHILD)
"""Where events stand of which a list that holds all threads' events has one copy each."""


@attrs.frozen
class Difference:
    """Where the engine and the recording part.

    Attributes:
        at: the place in the recording.
        emitted: what was emitted instead, from there on.
        commands: the commands of that plan.
        refused: why the engine took no plan at all, if it did not.
    """

    at: int
    emitted: tuple[Sign, ...] = ()
    commands: tuple[c.Command, ...] = ()
    refused: str = ""


@attrs.define
class Replay:
    """What came of replaying one recording.

    Attributes:
        story: the recording.
        commands: the inferred commands that the engine took, each with the place that it led to.
        emitted: what the engine has emitted.
        allowed: the allowances that were needed, counted.
        switches: the switches, as ``name=choice``, that were needed, counted.
        difference: where the two part; `None` if they do not.
    """

    story: Story
    commands: list[tuple[int, c.Command]] = attrs.Factory(list)
    emitted: list[Sign] = attrs.Factory(list)
    allowed: Counter[str] = attrs.Factory(Counter)
    switches: Counter[str] = attrs.Factory(Counter)
    difference: Difference | None = None

    @property
    def verdict(self) -> Verdict:
        """What came of it."""
        if self.difference is not None:
            return Verdict.DIFFERS
        return Verdict.UP_TO if self.allowed or self.switches else Verdict.EXACT


@attrs.frozen
class _Try:
    """What came of a plan."""

    match: Match
    state: Session
    emitted: tuple[Sign, ...]
    refused: str = ""

    @property
    def instead(self) -> tuple[Sign, ...]:
        """What was emitted from where it parts on."""
        for place, sign in enumerate(self.emitted):
            if sign is self.match.emitted:
                return self.emitted[place:]
        return ()


def replay(story: Story, dialect: str) -> Replay:
    """Drive the engine of *dialect* along *story*."""
    return _Drive(story, dialect).run()


@cache
def _engine(dialect: str, switch: str, choice: str) -> Engine:
    """Return the engine of a dialect with one switch at another choice; empty for none."""
    known = DIALECTS[dialect]
    return Engine(known.switched(switch, choice) if switch else known)


@cache
def _variants(dialect: str) -> tuple[tuple[str, str], ...]:
    """Return the other choices of the switches that are about the order of events."""
    return tuple(
        (switch.name, choice)
        for switch in DIALECTS[dialect].switches.values()
        if not switch.machine
        for choice in switch.choices
        if choice != switch.value
    )


class _Drive:
    """One run along a recording."""

    def __init__(self, story: Story, dialect: str) -> None:
        self._story = story
        self._dialect = dialect
        self._entries: list[Entry] = []
        self._done = Replay(story, allowed=Counter(story.allowed))
        self._match = Match(0)
        self._state: Session | None = None

    def run(self) -> Replay:
        """Go on until the recording ends, or until no plan leads on."""
        first = begun(self._story)
        commands: tuple[c.Command, ...] = (first, *opened(self._story))
        if not self._take(Plan(commands)):
            return self._done
        while self._match.at < len(self._story) and self._done.difference is None:
            if not self._step():
                return self._done
        if self._match.held:
            self._done.allowed[Allowance.PENDING_TAIL] += len(self._match.held)
        return self._done

    def _where(self) -> Where:
        """Return the place that comes next."""
        assert self._state is not None, "it is made before the first step"
        return Where(self._story, self._state, self._match.at, self._match.held)

    def _step(self) -> bool:
        """Take the first plan that leads on."""
        found = list(plans(self._where()))
        likely = [plan for plan in found if not plan.last]
        unlikely = [plan for plan in found if plan.last]
        if self._lead_on(likely) or self._lead_on(unlikely):
            return True
        self._done.difference = self._parting(found)
        return False

    def _lead_on(self, found: list[Plan]) -> bool:
        """Take the first plan that leads on, with the switches as they are or with one changed."""
        if any(self._take(plan, must_lead=True) for plan in found):
            return True
        for switch, choice in _variants(self._dialect):
            for plan in found:
                if plan.commands and self._take(plan, switch, choice, must_lead=True):
                    self._done.switches[f"{switch}={choice}"] += 1
                    return True
        return False

    def _parting(self, found: list[Plan]) -> Difference:
        """Say where the plan parts that comes furthest."""
        tried = [(plan, self._try(plan, _engine(self._dialect, "", ""))) for plan in found]
        if not tried:
            return Difference(self._match.at, refused="no command leads to this event")
        plan, best = max(tried, key=lambda one: one[1].match.at + 0.5 * (not one[1].refused))
        return Difference(best.match.at, best.instead, plan.commands, best.refused)

    def _take(
        self, plan: Plan, switch: str = "", choice: str = "", *, must_lead: bool = False
    ) -> bool:
        """Take *plan* if it leads to what was recorded."""
        if plan.skips is not None:
            return self._skip(plan.skips)
        tried = self._try(plan, _engine(self._dialect, switch, choice))
        if tried.refused or tried.match.emitted is not None:
            if not must_lead:
                self._done.difference = Difference(
                    tried.match.at, tried.instead, plan.commands, tried.refused
                )
            return False
        if must_lead and tried.match.at == self._match.at:
            return False
        self._keep(plan, tried)
        return True

    def _skip(self, why: Allowance) -> bool:
        """Pass over the recorded event, if that is excused here."""
        match = self._match
        if why is Allowance.EXTRA_USAGE and match.owed:
            match.owed -= 1
            match.at += 1
            return True
        if why is Allowance.EXTRA_USAGE and not self._story.graded(match.at):
            return False
        if why is Allowance.INPUT_UNSTAMPED:
            match.held = (*match.held, self._story.signs[match.at])
        match.at += 1
        self._done.allowed[why] += 1
        return True

    def _keep(self, plan: Plan, tried: _Try) -> None:
        """Go on from what came of a plan."""
        self._done.commands += [(self._match.at, one) for one in plan.commands]
        self._done.emitted += tried.emitted
        self._done.allowed.update(tried.match.allowed)
        errors = tried.match.errors
        self._match = attrs.evolve(tried.match, errors=(), allowed=())
        self._state = tried.state
        for place in errors:
            self._report(place)

    def _report(self, place: int) -> None:
        """Report an error that was passed over; where it stands was allowed."""
        where = self._where()
        error = self._story.events[place]
        command = reported_error(where, error)  # type: ignore[arg-type]  # `follow` has looked
        decision = _engine(self._dialect, "", "").decide(self._state, command, now=_START)
        if decision.refusal is not None:
            self._done.difference = Difference(place, refused=decision.refusal.reason)
            return
        self._state = decision.state
        self._done.commands.append((place, command))

    def _try(self, plan: Plan, engine: Engine) -> _Try:
        """Decide a plan's commands, one after the other, and follow what is emitted."""
        state, match = self._state, attrs.evolve(self._match, taken=0)
        emitted: list[Sign] = []
        for command in plan.commands:
            decision = engine.decide(state, command, now=_START)
            if decision.refusal is not None:
                why = f"{type(command).__name__}: {decision.refusal.reason}"
                return _Try(match, state, tuple(emitted), why)  # type: ignore[arg-type]
            state = decision.state
            told = tuple(self._listed(decision.entries))
            emitted += told
            match = follow(self._story, match, told)
            if match.emitted is not None:
                break
        assert state is not None, "a decision that is not refused has a state"
        return _Try(match, state, tuple(emitted))

    def _listed(self, entries: tuple[Entry, ...]) -> Iterator[Sign]:
        """Iterate over what of *entries* stands on the list that was recorded."""
        own = self._story.own
        if self._story.merged:
            for entry in entries:
                if isinstance(entry.event, Event) and entry.place in _MERGED:
                    yield sign_of(entry.event, own, whose=entry.thread)
            return
        listed = thread_list(entries, own) if self._story.is_child else session_list(entries)
        for event in listed:
            yield sign_of(event, own)
