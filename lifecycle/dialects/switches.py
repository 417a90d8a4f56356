"""The open points that are not about a table's row: what is listed, in which order, and when.

Every dialect has every one of them, with its own choice in force.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from lifecycle.dialects.form import NO_ROWS, Switch
from lifecycle.vocabulary import Evidence

__all__ = ["ORDERS", "orders"]

REC, DOC, INF, UND = (
    Evidence.RECORDED,
    Evidence.DOCUMENTED,
    Evidence.INFERRED,
    Evidence.UNDOCUMENTED,
)

# fmt: off
_POINTS: Final = (
    ("answer_to_child", "Does the primary open to carry an answer to its child?",
        ("through_primary", "straight"), REC, "recordings: eleven of eleven through the primary"),
    ("forwarded_child_runs", "Does a child that was answered run before the primary's idle, or after it?",
        ("before_idle", "after_idle"), REC, "recordings: six before, five after"),
    ("idle_interrupt", "Is an interrupt listed that found nothing to stop?",
        ("listed", "unlisted"), UND, "no recording; at the budget it is not listed"),
    ("exhausted_child", "What does a child do whose retries are used up?",
        ("terminates", "rests"), DOC, "client: it terminates; its types let it rest"),
    ("archive_restates_idle", "Does a resting session say anew what it waits for when a child that asked is archived?",
        ("restated", "silent"), UND, "client: another idle event need not follow"),
    ("archive_with_open_run", "May a session be archived while a workflow run is open?",
        ("refuse", "stop"), DOC, "pages: it may be refused, or stop the run"),
    ("made_run", "Does a session rest while a workflow run is made and does not execute yet?",
        ("rests", "stays_running"), DOC, "pages: no thread and no run executes; whether at once is open"),
    ("children_of_ended_session", "Are the children's ends listed when an error ends their session?",
        ("listed", "silent"), UND, "pages: children end with their session"),
    ("delegation_calls", "Are the calls of the delegation tools listed?",
        ("unlisted", "listed"), REC, "recordings: in no list"),
    ("creation_rejected", "Does a fire whose session is refused as invalid pause its deployment?",
        ("goes_on", "pauses"), INF, "client: not among the reasons to pause; its text leaves it open"),
    ("leap_day", "Is a schedule refused whose next day is a 29 February more than a year away?",
        ("refused", "accepted"), INF, "recordings refuse what has no day within a year; none is of a leap day"),
    ("missed_fires", "What becomes of occurrences that nobody fired within the grace of their start?",
        ("skipped", "newest", "all"), UND, "pages: only those of a pause, which are skipped"),
    ("failed_fire_is_last_run", "Does a fire that failed become the schedule's last run?",
        ("yes", "no"), UND, "client: the start of the newest scheduled run, null until one completes"),
)
# fmt: on

ORDERS: Final = tuple(name for name, *_ in _POINTS)
"""The names of these switches."""


def orders(chosen: Mapping[str, tuple[str, Evidence, str]]) -> tuple[Switch, ...]:
    """Return the switches; *chosen* gives another choice, its evidence and its source by name."""
    return tuple(
        Switch(
            name,
            question,
            "",
            MappingProxyType(dict.fromkeys(choices, NO_ROWS)),
            *chosen.get(name, (choices[0], evidence, source)),
        )
        for name, question, choices, evidence, source in _POINTS
    )
