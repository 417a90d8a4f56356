"""
The twin and the checker come to the same verdict, each in its own way.

The twin keeps the whole list and knows the future; the checker sees each event once. They share no
code, so where they disagree one of them is wrong about the references. What they may disagree
about is listed here, and why.
"""

from __future__ import annotations

import json
import random
from pathlib import Path

import corpus
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from mutants import OPERATORS, Event
from streams import sessions
from twin import judge

from lifecycle.check.findings import Finding, Follower, Level
from lifecycle.check.monitor import Monitor
from lifecycle.check.rules import RULES
from lifecycle.check.shorthand import events as told
from lifecycle.wire.bulk import seen

SCOPE = ("TH", "SE", "CA", "SP", "IN", "MS008")
"""The families of rules that speak of threads, sessions, calls and requests, as the twin does."""

FIELDS = frozenset({"CA009", "CA010"})
"""Rules of these families that compare two fields of one event; the twin reads no such fields."""

DIFFERENT = {
    "canonical-multi-agent-ingress.from-test.jsonl": "several threads without ids: the twin passes",
    "api.thread-scoped-interrupt.session-view.jsonl": "calls of two threads that do not say whose",
    "idle-without-stop-reason.jsonl": "the checker finds a field missing: another family of rules",
}
"""Recordings on which the two differ, and why (anthropic 9; recorded H12)."""

CHANGES = sorted(set(OPERATORS) - {"swap, stamps travel"})
"""All but swapped stamps: the checker reports those as such and reads on in the stamps' order."""


def checked(events: list[Event]) -> set[str]:
    """The codes of the errors, followers included, that are in the twin's scope."""
    monitor = Monitor()
    monitor.feed_all([seen(event, line) for line, event in enumerate(events, 1)])
    monitor.end()
    found: list[Finding | Follower] = [*monitor.findings]
    found += [follower for finding in monitor.findings for follower in finding.followers]
    codes = {one.code for one in found}
    errors = {code for code in codes if RULES[code].level is Level.ERROR}
    return {code for code in errors - FIELDS if code.startswith(SCOPE)}


def complained(events: list[Event]) -> set[str]:
    """The names of the rules that the twin finds broken."""
    return {complaint.rule for complaint in judge(events)}


def recordings() -> list[Path]:
    """Every recording of one Anthropic session at hand, good and bad, real and made up.

    Left out: events that somebody chose from a session, which are no list of it.
    """
    own = Path(__file__).parent / "recordings"
    foreign = corpus.folder()
    found = [*own.glob("*/*.jsonl"), *(foreign.rglob("*.jsonl") if foreign else ())]
    odd = ("envelope", "qoder", "many-sessions", "bad-json-line", ".partial.")
    return sorted(path for path in found if not any(word in path.name for word in odd))


@pytest.mark.parametrize("path", recordings(), ids=lambda path: path.name)
def test_on_a_recording(path: Path) -> None:
    """Both accept it, or both do not."""
    events = [json.loads(line) for line in path.read_text().splitlines() if line.strip()]
    codes, rules = checked(events), complained(events)

    assert (bool(codes) != bool(rules)) == (path.name in DIFFERENT), (codes, rules)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(sessions())
def test_a_plausible_session_is_accepted(lines: list[str]) -> None:
    """What grows from the references' shapes is right to both."""
    events = told("\n".join(lines))

    assert (checked(events), complained(events)) == (set(), set())


@settings(
    max_examples=400,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(sessions(), st.lists(st.tuples(st.sampled_from(CHANGES), st.integers(0, 99)), max_size=2))
def test_on_a_changed_session(lines: list[str], changes: list[tuple[str, int]]) -> None:
    """A plausible session with one thing or two told otherwise is right, or wrong, to both."""
    events = told("\n".join(lines))
    for operator, seed in changes:
        rng = random.Random(seed)
        at = rng.randrange(len(events))
        changed = [after for after, _, _ in OPERATORS[operator](events, at, rng) if after]
        events = rng.choice(changed) if changed else events
    codes, rules = checked(events), complained(events)

    assert bool(codes) == bool(rules), (codes, rules)
