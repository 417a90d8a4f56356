"""What was emitted against what was recorded, event by event."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import attrs

from lifecycle.replay.signs import Sign
from lifecycle.replay.story import Story
from lifecycle.replay.words import Allowance
from lifecycle.vocabulary import EventType, RetryStatus

__all__ = ["Match", "follow"]

_USAGE: Final = EventType.SESSION_USAGE.value
_ERROR: Final = EventType.SESSION_ERROR.value


@attrs.define
class Match:
    """How far the emitted events follow the recorded ones.

    Attributes:
        at: the place in the recording that comes next.
        held: inputs that were recorded without a stamp, and were not emitted yet.
        taken: how many recorded events the plan at hand has led to.
        owed: how many accounts were emitted that are recorded a little later.
        errors: the places of errors that were passed over, and are still to be reported.
        allowed: what was allowed on the way.
        emitted: the emitted event that is not what was recorded; `None` while all are.
    """

    at: int
    held: tuple[Sign, ...] = ()
    taken: int = 0
    owed: int = 0
    errors: tuple[int, ...] = ()
    allowed: tuple[Allowance, ...] = ()
    emitted: Sign | None = None

    def allow(self, what: Allowance, held: tuple[Sign, ...] | None = None, ahead: int = 0) -> None:
        """Note an allowance, and go on."""
        self.allowed += (what,)
        self.at += ahead
        if held is not None:
            self.held = held


def follow(story: Story, match: Match, emitted: Iterable[Sign]) -> Match:
    """Return *match* taken on by what was *emitted*."""
    match = attrs.evolve(match)
    for one in emitted:
        while not _taken(story, match, one):
            if not _passed(story, match, one):
                match.emitted = one
                return match
    return match


def _taken(story: Story, match: Match, one: Sign) -> bool:
    """Take an emitted event: it stands here, or need not."""
    if match.at >= len(story):
        return _after_end(story, match, one)
    sign = story.signs[match.at]
    if sign == one:
        match.at += 1
        match.taken += 1
        match.held = tuple(each for each in match.held if each.id != sign.id)
        return True
    if sign.waits and sign.same_but_stamp(one):
        match.allow(Allowance.INPUT_UNSTAMPED, ahead=1)
        match.taken += 1
        return True
    return _need_not_stand(story, match, one)


def _need_not_stand(story: Story, match: Match, one: Sign) -> bool:
    """Whether an emitted event may be left out of the recording here."""
    if one.waits:
        match.allow(Allowance.INPUT_SETTLED)
        return True
    early = next((each for each in match.held if each.same_but_stamp(one)), None)
    if early is not None:
        match.held = tuple(each for each in match.held if each is not early)
        return True
    if one.type == _USAGE and story.accounts_late(match.at, match.owed):
        match.owed += 1
        match.allow(Allowance.LATE_USAGE)
        return True
    if one.type == _USAGE and not story.accounts:
        match.allow(Allowance.NO_USAGE)
        return True
    return False


def _after_end(story: Story, match: Match, one: Sign) -> bool:
    """Nothing is recorded any more: what is emitted was cut off, unless the recording rests."""
    if _need_not_stand(story, match, one):
        return True
    if story.rests or not match.taken:
        return False
    if Allowance.CUT not in match.allowed:
        match.allow(Allowance.CUT)
    return True


def _passed(story: Story, match: Match, one: Sign) -> bool:
    """Pass over a recorded event that no decision need have emitted here."""
    if match.at >= len(story):
        return False
    sign = story.signs[match.at]
    if sign.waits:
        match.allow(Allowance.INPUT_UNSTAMPED, held=(*match.held, sign), ahead=1)
    elif sign.type == _USAGE and match.owed:
        match.owed -= 1
        match.at += 1
    elif sign.type == _USAGE and story.graded(match.at):
        match.allow(Allowance.EXTRA_USAGE, ahead=1)
    elif sign.type == _ERROR and _is_retried(story, match.at) and one.type != _ERROR:
        match.errors += (match.at,)
        match.allow(Allowance.ERROR_PLACE, ahead=1)
    else:
        return False
    return True


def _is_retried(story: Story, at: int) -> bool:
    """Whether the error at a place says that it is retried."""
    status = getattr(getattr(story.events[at], "error", None), "retry_status", None)
    return bool(getattr(status, "type", None) == RetryStatus.RETRYING.value)
