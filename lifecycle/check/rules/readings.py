"""DP: what several readings of a deployment say together, and beside its runs.

Readings come in any order, and what is between them may be missing. Of two, the one with the later
``updated_at`` is the later one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from lifecycle.check.findings import Level
from lifecycle.check.leaves import ROUNDING, Path
from lifecycle.check.ledger import SLACK, Ledger, timetable
from lifecycle.check.record import Snapshot
from lifecycle.check.rule import Fault, rule
from lifecycle.check.rules.shared import BOTH, DOCUMENTED
from lifecycle.schedule import BadSchedule
from lifecycle.vocabulary import Evidence, PausedReason, RecordType
from lifecycle.wire.words import dotted

__all__: list[str] = []

ON: Final = RecordType.DEPLOYMENT
_OWN_RULES: Final[frozenset[Path]] = frozenset({("updated_at",), ("archived_at",), ("created_at",)})
"""What may change, or is another rule's, in an archived deployment."""


@rule("DP010", Level.ERROR, "archived-deployment-that-comes-back", ON, evidence=DOCUMENTED,
      dialects=BOTH, across=True)  # fmt: skip
def archived_deployment_that_comes_back(v: Ledger, e: Snapshot) -> Fault | None:
    """What is archived stays archived.

    Of two readings the one with the later `updated_at` is the later one, in whatever order they
    were given; where that is not told, nothing is said, nor within a minute, by which the clocks
    of one service may differ.

    Why it matters: archiving is for good, and whoever cleaned up after it did so too early.
    Flagged:
        deployment active archived=09:00 updated=09:00
        deployment active updated=10:00
    Accepted:
        deployment active updated=10:00
        deployment active archived=11:00 updated=11:00
        deployment active updated=09:00
    Source: documented: an archived deployment cannot be modified, and nothing unarchives it.
    """
    ended = v.history(e.id).ended
    if ended is None or ended.updated_at is None:
        return None
    if e.archived is not False or e.updated_at is None or e.updated_at <= ended.updated_at + SLACK:
        return None
    return Fault(
        "the deployment is not archived, and it was",
        ((ended, f"it is archived here, updated at {ended.updated_at:%Y-%m-%dT%H:%M:%SZ}"),),
        "the same `archived_at` as before",
        ("archived_at",),
    )


@rule("DP016", Level.WARNING, "archived-deployment-that-is-archived-again", ON,
      evidence=Evidence.INFERRED, dialects=BOTH, across=True)  # fmt: skip
def archived_deployment_that_is_archived_again(v: Ledger, e: Snapshot) -> Fault | None:
    """What is archived is archived since the same time at every reading.

    A second may be a matter of rounding. Nobody says what archiving an archived deployment does: it
    may set the time anew, so this is a warning.

    Why it matters: whoever asks which runs came before the end gets two answers.
    Flagged:
        deployment active archived=09:00 updated=09:00
        deployment active archived=10:00 updated=10:00
    Accepted:
        deployment active archived=09:00 updated=09:00
        deployment active archived=09:00 updated=10:00
    Source: inferred: an archived deployment cannot be modified.
    """
    ended = v.history(e.id).ended
    if ended is None or ended.archived_at is None or e.archived_at is None:
        return None
    if abs(e.archived_at - ended.archived_at) < ROUNDING:
        return None
    return Fault(
        "the deployment was archived at another time, too",
        ((ended, f"it was archived at {ended.archived_at:%Y-%m-%dT%H:%M:%SZ} here"),),
        "one `archived_at` at every reading",
        ("archived_at",),
    )


@rule("DP011", Level.WARNING, "archived-deployment-that-changes", ON, evidence=DOCUMENTED,
      across=True)  # fmt: skip
def archived_deployment_that_changes(v: Ledger, e: Snapshot) -> Fault | None:
    """Nothing of an archived deployment changes but `updated_at` and what is computed.

    What a field of a later version of the service says is not known, so this is a warning.

    Why it matters: an archived deployment is a record of what ran, and somebody altered it.
    Flagged:
        deployment active name=a archived=09:00 updated=09:00
        deployment active name=b archived=09:00 updated=10:00
    Accepted:
        deployment active name=a updated=08:00
        deployment active name=b archived=09:00 updated=09:00
        deployment active name=b archived=09:00 updated=10:00
    Source: documented: an archived deployment cannot be modified.
    """
    ended = v.history(e.id).ended
    if ended is None or ended is e or not e.archived:
        return None
    paths = [path for path in e.leaves.unlike(ended.leaves) if path not in _OWN_RULES]
    if not paths:
        return None
    return Fault(
        f"the deployment is archived, and its {_listed(paths)} changed",
        ((ended, "it was archived already, and said otherwise"),),
        "what it said when it was archived",
        paths[0],
    )


def _listed(paths: Sequence[Path]) -> str:
    """Return where fields stand as prose."""
    named = [f"`{dotted(path)}`" for path in paths]
    return " and ".join(filter(None, [", ".join(named[:-1]), named[-1]]))


@rule("DP012", Level.ERROR, "one-deployment-created-twice", ON, evidence=DOCUMENTED,
      dialects=BOTH, across=True)  # fmt: skip
def one_deployment_created_twice(v: Ledger, e: Snapshot) -> Fault | None:
    """An id names one deployment: `created_at` is the same at every reading.

    A second may be a matter of rounding. Each time but the earliest is flagged once.

    Why it matters: two deployments were mixed, or the id was given anew.
    Flagged:
        deployment active created=08:00
        deployment active created=09:00 updated=09:00
    Accepted:
        deployment active created=08:00
        deployment d2 active created=09:00 updated=09:00
    Source: documented: the id is unique to the deployment.
    """
    first = v.history(e.id).first
    if first is None or first.created_at is None or e.created_at is None:
        return None
    is_new = v.history(e.id).created.get(e.created_at) is e
    if not is_new or e.created_at - first.created_at < ROUNDING:
        return None
    return Fault(
        "the deployment was created at an earlier time, too",
        ((first, f"it was created at {first.created_at:%Y-%m-%dT%H:%M:%SZ} here"),),
        "one `created_at` for one id",
        ("created_at",),
    )


@rule("DP013", Level.WARNING, "paused-by-an-error-that-no-run-has", ON, evidence=DOCUMENTED,
      absence=True, across=True)  # fmt: skip
def paused_by_an_error_that_no_run_has(v: Ledger, e: Snapshot) -> Fault | None:
    """The error that paused a deployment is that of its last scheduled run.

    It is asked only where no run can be missing between: the schedule has no occurrence between
    the last run that is known and the deployment's last update. Even so a run may be missing, if
    the schedule was another one meanwhile; so this is a warning.

    Why it matters: whoever reads the reason and whoever reads the run mend different things.
    Flagged:
        deployment_run schedule 09:00 error=vault_archived_error
        deployment paused agent_archived_error schedule="0 9 * * *" updated=09:01
    Accepted:
        deployment_run schedule 09:00 error=vault_archived_error
        deployment paused agent_archived_error schedule="0 9 * * *" updated=2d09:01
    Source: documented: the reason's error matches the failed run's.
    """
    known = v.pausing(e.error) if e.reason == PausedReason.ERROR else None
    if known is None or not known.pauses or e.updated_at is None:
        return None
    last = v.history(e.id).last_before(e.updated_at)
    schedule = timetable(e.expression, e.timezone)
    if last is None or schedule is None or isinstance(schedule, BadSchedule):
        return None
    following = schedule.next_after(last.scheduled_at) if last.scheduled_at else None
    if following is None or following <= e.updated_at or last.error == e.error:
        return None
    if last.created_at is not None and last.created_at > e.updated_at + SLACK:
        return None
    told = f"failed with `{last.error}`" if last.failed else "has its session"
    return Fault(
        f"the deployment is paused by `{e.error}`, and its last scheduled run {told}",
        ((last, f"the last scheduled run before that {told}"),),
        "the error of that run",
        ("paused_reason", "error", "type"),
    )
