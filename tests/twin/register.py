"""The twin's rules, as they register themselves, and what they complain of."""

from __future__ import annotations

from collections.abc import Callable

from attrs import frozen

from twin.moment import Moment

__all__ = ["RULES", "Complaint", "Rule", "rule"]


@frozen
class Complaint:
    """
    One thing that cannot be.

    Args:
        rule: the rule's name in the references: "H13" (recorded), "INV-36", "T3" (anthropic).
        line: 1-based index of the event in the list given to `judge`.
        about: "thread", "session" or "call".
        why: one sentence.
    """

    rule: str
    line: int
    about: str
    why: str


Rule = Callable[[Moment], str | None]
RULES: list[tuple[str, str, tuple[str, ...], tuple[str, ...], Rule]] = []


def rule(code: str, about: str, *types: str, view: str | None = None) -> Callable[[Rule], Rule]:
    """Register a rule for these event types (none: for every event) on one view or both."""
    views = (view,) if view else ("session", "thread")

    def register(function: Rule) -> Rule:
        RULES.append((code, about, types, views, function))
        return function

    return register
