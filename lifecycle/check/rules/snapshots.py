"""DP: what a deployment says of itself at one reading."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from lifecycle.check.findings import Level
from lifecycle.check.leaves import ROUNDING, Path
from lifecycle.check.ledger import Ledger
from lifecycle.check.record import Snapshot
from lifecycle.check.rule import Fault, rule
from lifecycle.check.rules.shared import BOTH, DOCUMENTED
from lifecycle.dialects.deployments import FIRST_EVENTS, SIZES
from lifecycle.dialects.form import Pausing
from lifecycle.vocabulary import (
    DeploymentErrorType,
    Evidence,
    PausedReason,
    RecordType,
)

__all__: list[str] = []

ON: Final = RecordType.DEPLOYMENT
STATUS, REASON = ("status",), ("paused_reason",)
ERROR: Final[Path] = ("paused_reason", "error", "type")
ACTIVE, PAUSED = "active", "paused"
INFERRED: Final = Evidence.INFERRED
_ERRORS: Final = frozenset(DeploymentErrorType)


@rule("DP001", Level.ERROR, "status-against-its-paused-reason", ON, evidence=DOCUMENTED,
      dialects=BOTH)  # fmt: skip
def status_against_its_paused_reason(v: Ledger, e: Snapshot) -> Fault | None:
    """A deployment has a paused reason exactly when its status is `paused`.

    Nothing is said where one of the two is left out. Of Qoder's deployments only those are asked
    that are not archived: nobody says what becomes of the reason, and an example keeps it.

    Why it matters: whoever looks at the one believes that it fires, and whoever looks at the other
    that it does not.
    Flagged:
        deployment active manual
    Accepted:
        deployment paused manual
        deployment d2 active
    Source: documented with the field: non-null exactly when the status is `paused`.
    """
    if e.paused is None or e.status not in (ACTIVE, PAUSED) or e.paused is (e.status == PAUSED):
        return None
    if e.archived is not False and v.dialect.name != BOTH[0]:
        return None
    if e.paused:
        told = f"`{e.reason}`" if e.reason else "one"
        return Fault(
            f"the deployment is `active`, and its paused reason is {told}",
            expected="null, for it is not paused",
            path=REASON,
        )
    return Fault(
        "the deployment is paused, and does not say why",
        expected="`manual`, or the error that paused it",
        path=REASON,
    )


@rule("DP002", Level.ERROR, "archived-deployment-that-is-paused", ON, evidence=DOCUMENTED)
def archived_deployment_that_is_paused(v: Ledger, e: Snapshot) -> Fault | None:
    """An archived deployment reports `active`, with `archived_at` set; it was paused or not before.

    Why it matters: a client that offers to unpause it offers what is refused.
    Flagged:
        deployment paused manual archived=09:00
    Accepted:
        deployment active archived=09:00
    Source: documented with the type: `archived_at` tells, and the status is one of two words.
    """
    if not e.archived or e.status != PAUSED:
        return None
    return Fault(
        "the deployment is archived, and reported as paused",
        expected="`active`, as every archived deployment",
        path=STATUS,
    )


@rule("DP003", Level.ERROR, "archived-deployment-with-runs-to-come", ON, evidence=DOCUMENTED,
      dialects=BOTH)  # fmt: skip
def archived_deployment_with_runs_to_come(v: Ledger, e: Snapshot) -> Fault | None:
    """An archived deployment lists no upcoming runs.

    Why it matters: somebody waits for a run that never comes.
    Flagged:
        deployment active archived=09:00 schedule="0 9 * * *" upcoming=2d09:00
    Accepted:
        deployment active archived=09:00 schedule="0 9 * * *" upcoming=[]
    Source: documented with the field: empty once the deployment is archived.
    """
    if not e.archived or not e.upcoming:
        return None
    return Fault(
        "the deployment is archived, and lists upcoming runs",
        expected="an empty list: its schedule has ended",
        path=("schedule", "upcoming_runs_at"),
    )


@rule("DP004", Level.ERROR, "paused-by-an-error-that-never-pauses", ON, evidence=DOCUMENTED)
def paused_by_an_error_that_never_pauses(v: Ledger, e: Snapshot) -> Fault | None:
    """The error of a paused reason is one that pauses.

    Why it matters: the cause is somewhere else, and whoever mends this error mends nothing.
    Flagged:
        deployment paused session_rate_limited_error
    Accepted:
        deployment paused unknown_error
    Source: documented: a rate limit is recorded at once, and the schedule goes on.
    """
    known = _error_of(v, e)
    if known is None or known.pauses or not known.is_certain:
        return None
    return Fault(
        f"the deployment is paused by `{known.error}`, which never pauses",
        expected="an error that pauses",
        path=ERROR,
    )


@rule("DP005", Level.NOTE, "paused-by-an-error-that-should-not-pause", ON, evidence=INFERRED)
def paused_by_an_error_that_should_not_pause(v: Ledger, e: Snapshot) -> Fault | None:
    """The error of a paused reason is not one that is only inferred to let the schedule go on.

    The client's type of a paused reason lacks it, but its description may be read either way. The
    engine has a switch for it.

    Why it matters: a client with closed types fails on it.
    Flagged:
        deployment paused session_creation_rejected_error
    Accepted:
        deployment paused agent_archived_error
    Source: inferred: a rejected creation is not among the reasons to pause.
    """
    known = _error_of(v, e)
    if known is None or known.pauses or known.is_certain:
        return None
    return Fault(
        f"the deployment is paused by `{known.error}`, which should not pause",
        expected="an error that pauses",
        path=ERROR,
    )


@rule("DP006", Level.NOTE, "deployment-word-that-nobody-knows", ON, evidence=DOCUMENTED,
      dialects=BOTH)  # fmt: skip
def deployment_word_that_nobody_knows(v: Ledger, e: Snapshot) -> Fault | None:
    """Status, paused reason and its error are words of their sets.

    New words appear; what they mean is not checked.

    Why it matters: a deployment with such a word is not checked for what the word implies.
    Flagged:
        deployment sleeping
    Accepted:
        deployment paused vault_archived_error
    Source: documented: two statuses, two reasons, and the errors of runs.
    """
    told: tuple[tuple[Path, str | None, frozenset[str]], ...] = (
        (STATUS, e.status, frozenset({ACTIVE, PAUSED})),
        (("paused_reason", "type"), e.reason, frozenset(PausedReason)),
        (ERROR, e.error, _ERRORS),
    )
    for path, word, known in told:
        if word is not None and word not in known:
            few = (
                ", ".join(f"`{one}`" for one in sorted(known)) if len(known) < 3 else "a known one"
            )
            return Fault(f"`{word}` is no known word here", expected=few, path=path)
    return None


def _error_of(v: Ledger, e: Snapshot) -> Pausing | None:
    """Return what is known of the error that paused a deployment, if anything is."""
    return v.pausing(e.error) if e.reason == PausedReason.ERROR else None


@rule("DP007", Level.WARNING, "deployment-beyond-its-limits", ON, evidence=DOCUMENTED)
def deployment_beyond_its_limits(v: Ledger, e: Snapshot) -> Fault | None:
    """A deployment keeps to the service's limits.

    Its name has 1 to 256 characters; it has 1 to 50 first events, at most 50 vaults, 500 resources,
    and 16 pairs of metadata. Limits get raised, so this is a warning.

    Why it matters: no request can have made it so, and copying it elsewhere is refused.
    Flagged:
        deployment name=""
    Accepted:
        deployment name="n"
    Source: documented with the parameters of the requests that create and update it.
    """
    for field, limit in SIZES.items():
        size, most = e.sizes.get(field), v.dialect.limits[limit]
        if size is not None and not most.least <= size <= most.value:
            return Fault(
                f"the deployment has {size} {most.unit} in `{field}`",
                expected=f"{most.range} {most.unit}",
                path=(field,),
            )
    return None


@rule("DP008", Level.WARNING, "first-event-of-another-type", ON, evidence=DOCUMENTED)
def first_event_of_another_type(v: Ledger, e: Snapshot) -> Fault | None:
    """What opens a deployment's sessions is a message, an outcome or a system message.

    A service may come to allow more, so this is a warning.

    Why it matters: a session cannot begin with what answers something.
    Flagged:
        deployment initial_events=[{"type":"user.interrupt"}]
    Accepted:
        deployment initial_events=[{"type":"system.message"}]
    Source: documented: three types.
    """
    for place, kind in enumerate(e.first_events or ()):
        if kind not in FIRST_EVENTS:
            told = f"a `{kind}`" if kind else "something without a type"
            return Fault(
                f"the deployment's sessions begin with {told}",
                expected=f"one of {', '.join(FIRST_EVENTS)}",
                path=("initial_events", place, "type"),
            )
    return None


@rule("DP009", Level.WARNING, "deployment-older-than-its-creation", ON, evidence=INFERRED,
      dialects=BOTH)  # fmt: skip
def deployment_older_than_its_creation(v: Ledger, e: Snapshot) -> Fault | None:
    """A deployment is updated, archived and run by its schedule after it was created.

    Clocks of one service may differ, so this is a warning, and a second is left for rounding.

    Why it matters: sorting by these times gives a wrong history.
    Flagged:
        deployment active created=10:00 updated=09:00
    Accepted:
        deployment active created=10:00 updated=10:00
    Source: follows from what the fields mean.
    """
    if e.created_at is None:
        return None
    told: tuple[tuple[Path, datetime | None], ...] = (
        (("updated_at",), e.updated_at),
        (("archived_at",), e.archived_at),
        (("schedule", "last_run_at"), e.last_run_at),
    )
    for path, at in told:
        if at is not None and at <= e.created_at - ROUNDING:
            return Fault(
                f"`{path[-1]}` is before `created_at`",
                expected=f"a time from {e.created_at:%Y-%m-%dT%H:%M:%SZ} on",
                path=path,
            )
    return None


@rule("DP014", Level.ERROR, "deployment-time-that-is-no-time", ON, RecordType.RUN,
      RecordType.WEBHOOK, evidence=DOCUMENTED, dialects=BOTH)  # fmt: skip
def deployment_time_that_is_no_time(v: Ledger, e: Snapshot) -> Fault | None:
    """Every time of a deployment, a run or a webhook is an RFC 3339 time.

    An empty one and the year 0 are ways to write null, and a leap second is a time.

    Why it matters: its place in time is lost, and it is not checked against others.
    Flagged:
        deployment active updated=yesterday
    Accepted:
        deployment active updated=2026-03-02T09:00:00.25+01:00
    Source: documented for every such field.
    """
    if not e.untimely:
        return None
    path, text = e.untimely[0]
    return Fault(
        f"`{text}` is no RFC 3339 time",
        expected="a time such as 2026-01-01T00:00:00Z",
        path=path,
    )


@rule("DP015", Level.WARNING, "paused-by-an-error-without-a-name", ON, evidence=DOCUMENTED)
def paused_by_an_error_without_a_name(v: Ledger, e: Snapshot) -> Fault | None:
    """A deployment that an error paused says which one.

    Why it matters: nobody knows what to mend before it goes on.
    Flagged:
        deployment paused error
    Accepted:
        deployment paused unknown_error
    Source: documented with the client's types; what a later version leaves out is not known.
    """
    if e.reason != PausedReason.ERROR or e.error is not None or e.misread(REASON):
        return None
    return Fault(
        "the deployment is paused by an error, and does not say which",
        expected="the error's type",
        path=REASON,
    )
