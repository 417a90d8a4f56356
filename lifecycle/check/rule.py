"""The form of a rule: one function, its code, its level, and its page.

A rule of events is a function over the view (what was seen so far) and one event; a rule of records
one over the ledger (every record that is known) and one record. It returns `None` or a `Fault`. Its
docstring is its page, and the page has five sections::

    What it checks, as the first paragraph.

    Why it matters: ...
    Flagged: (a stream in shorthand, whose last line breaks the rule)
    Accepted: (a stream in shorthand that comes near and is fine)
    Source: ...

The examples are the rule's first tests. `REGISTRY` fills as the families of rules are imported.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Final, TypeVar

import attrs

from lifecycle.check.findings import Level
from lifecycle.vocabulary import EventType, Evidence, RecordType

if TYPE_CHECKING:
    from lifecycle.check.record import Filed
    from lifecycle.check.view import View
    from lifecycle.wire.bulk import Brief, Seen

__all__ = ["REGISTRY", "Check", "Fault", "Proof", "Rule", "Shown", "UnknownRule", "rule"]

Check = Callable[[Any, Any], "Fault | None"]
"""What a rule's function looks like: over a view and an event, or over a ledger and a record."""

_C = TypeVar("_C", bound=Check)

Shown = tuple[tuple["Brief", str], ...]
"""A witness as rules of events give it: earlier events, each with what it shows."""

Proof = tuple[tuple["Filed", str], ...]
"""A witness as rules of records give it: other records, each with what it shows."""

REGISTRY: Final[dict[str, Rule]] = {}
"""Every rule by its code, in the order of declaration."""

_SECTIONS: Final = ("Why it matters", "Flagged", "Accepted", "Source")


class UnknownRule(ValueError):  # noqa: N818 - reads as what it says
    """A code or prefix selects no rule; the message names those that it comes near."""


@attrs.define
class Fault:
    """What a rule has to say about an event; the monitor makes a finding of it.

    Attributes:
        message: what is wrong, as a sentence.
        witness: the earlier events (or other records) that make it wrong, each with what it shows.
        expected: what was expected instead, as a clause.
        path: the JSON path of the wrong value.
        thread: the thread that it is about.
        about: what it is about beyond the thread, for folding followers.
        allowed: what was allowed from here.
        resync: what is believed from here on.
        at: the flagged event, if it is not the one at hand.
        repair: what makes the view agree with *resync*, where following the event does not.
    """

    message: str
    witness: tuple[tuple[Any, str], ...] = ()
    expected: str = ""
    path: tuple[str | int, ...] = ("type",)
    thread: str | None = None
    about: tuple[str, ...] = ()
    allowed: tuple[str, ...] = ()
    resync: str = ""
    at: Seen | None = None
    repair: Callable[[View], None] | None = None


@attrs.frozen
class Rule:
    """One rule with its page.

    Attributes:
        code: family and number, as ``TH001``.
        level: how sure it is.
        name: reads after "allow".
        on: the types of events or records that concern it; empty for a rule that is asked
            elsewhere.
        check: the function.
        evidence: how its fact is known.
        dialects: the names of the dialects that it belongs to.
        absence: whether it rests on an event that is missing (off for partial recordings).
        whole: whether it is asked only of recordings that are said to be whole (``--whole``).
        what, why, flagged, accepted, source: the sections of its page.
        across: of records: whether it needs several, and is asked when all of them are read.
    """

    code: str
    level: Level
    name: str
    on: tuple[EventType | RecordType, ...]
    check: Check
    evidence: Evidence
    dialects: tuple[str, ...]
    absence: bool
    whole: bool
    what: str
    why: str
    flagged: str
    accepted: str
    source: str
    across: bool = False

    @property
    def subject(self) -> str:
        """What it is asked about: ``events`` of a session, or ``records`` of deployments."""
        return "records" if any(isinstance(kind, RecordType) for kind in self.on) else "events"

    def page(self) -> str:
        """Return the rule's page as Markdown."""
        return "\n".join(
            (
                f"# {self.code} {self.name}",
                "",
                f"**{self.level}**, {self.evidence}, about {self.subject}, dialects: "
                f"{', '.join(self.dialects)}",
                "",
                "## What it checks",
                "",
                self.what,
                "",
                "## Why it matters",
                "",
                self.why,
                "",
                "## Flagged",
                "",
                f"```\n{self.flagged}\n```",
                "",
                "## Accepted",
                "",
                f"```\n{self.accepted}\n```",
                "",
                "## Source",
                "",
                self.source,
                "",
            )
        )


def rule(
    code: str,
    level: Level,
    name: str,
    *on: EventType | RecordType,
    evidence: Evidence = Evidence.RECORDED,
    dialects: Iterable[str] = ("anthropic",),
    absence: bool = False,
    whole: bool = False,
    across: bool = False,
) -> Callable[[_C], _C]:
    """Register the decorated function as the rule *code*.

    Raises:
        ValueError: the code is taken, or the page lacks a section.
    """

    def register(check: _C) -> _C:
        if code in REGISTRY:
            raise ValueError(f"the code {code} is taken")
        what, sections = _page(code, inspect.getdoc(check) or "")
        why, flagged, accepted, source = (sections[title] for title in _SECTIONS)
        REGISTRY[code] = Rule(
            code,
            level,
            name,
            on,
            check,
            evidence,
            tuple(dialects),
            absence,
            whole,
            what,
            why,
            flagged,
            accepted,
            source,
            across,
        )
        return check

    return register


def _page(code: str, doc: str) -> tuple[str, dict[str, str]]:
    """Split a docstring into its first paragraph and its sections."""
    parts: dict[str, list[str]] = {"What": []}
    current = parts["What"]
    for text in doc.splitlines():
        title, colon, rest = text.partition(":")
        if colon and title in _SECTIONS:
            current = parts.setdefault(title, [])
            text = rest.strip()
        current.append(text)
    missing = [title for title in _SECTIONS if not "".join(parts.get(title, [])).strip()]
    if missing:
        raise ValueError(f"the page of {code} lacks: {', '.join(missing)}")
    pages = {title: inspect.cleandoc("\n".join(["", *text])) for title, text in parts.items()}
    return pages.pop("What"), pages
