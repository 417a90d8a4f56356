"""DW: webhooks about deployments and their runs.

A webhook has ids only, comes in no order, maybe twice, and maybe never. So nothing rests on one
that is missing, and none is compared with another by the order in which they came.
"""

from __future__ import annotations

from typing import Final

from lifecycle.check.findings import Level
from lifecycle.check.leaves import Path
from lifecycle.check.ledger import SLACK, Ledger
from lifecycle.check.record import Notice
from lifecycle.check.rule import Fault, rule
from lifecycle.check.rules.shared import DOCUMENTED
from lifecycle.vocabulary import RecordType, RunTriggerType, WebhookType as W
from lifecycle.wire.words import dotted

__all__: list[str] = []

ON: Final = RecordType.WEBHOOK
SAYS: Final[Path] = ("data", "type")
_OURS: Final = ("deployment.", "deployment_run.")
_FAMILIES: Final = (*_OURS, "session.")
_OTHER: Final = {W.RUN_SUCCEEDED: W.RUN_FAILED, W.RUN_FAILED: W.RUN_SUCCEEDED}
_MODIFY: Final = (W.UPDATED, W.PAUSED, W.UNPAUSED)


@rule("DW001", Level.ERROR, "one-webhook-two-bodies", ON, evidence=DOCUMENTED, across=True)
def one_webhook_two_bodies(v: Ledger, e: Notice) -> Fault | None:
    """A webhook's id names one event: a second delivery says the same.

    What one of the two leaves out is not compared, nor how they write it. Only webhooks about
    deployments, runs and sessions are asked: what others call an event need not be one.

    Why it matters: a receiver that drops known ids drops what happened.
    Flagged:
        webhook deployment.paused depl_1 id=w1
        webhook deployment.unpaused depl_1 id=w1
    Accepted:
        webhook deployment.paused depl_1 id=w1 at=09:00
        webhook deployment.paused depl_1 id=w1 at=09:00
    Source: documented: deliveries of one event share its id, and are made from one event.
    """
    unlike = v.told_otherwise(e)
    if unlike is None or not e.says.startswith(_FAMILIES):
        return None
    path, other = unlike
    return Fault(
        f"the id was another webhook's: its `{dotted(path)}` differs",
        ((other, "the id was given to this one"),),
        "an id of its own, or the same event again",
        path,
    )


@rule("DW002", Level.ERROR, "run-that-succeeded-and-failed", ON, evidence=DOCUMENTED,
      across=True)  # fmt: skip
def run_that_succeeded_and_failed(v: Ledger, e: Notice) -> Fault | None:
    """Of one run comes the webhook that it succeeded, or the one that it failed.

    Where the run itself is known, the webhook that disagrees with it is found by that.

    Why it matters: a receiver that acts on both does the work and raises the alarm.
    Flagged:
        webhook deployment_run.succeeded r1 at=09:00
        webhook deployment_run.failed r1 at=09:01
    Accepted:
        webhook deployment_run.started r1 at=09:00
        webhook deployment_run.failed r1 at=09:01
    Source: documented: a run has a session or an error, and is not tried again.
    """
    if e.says not in _OTHER or not v.stands(e) or _has_outcome(v, e.about):
        return None
    other = v.outcome(e.about, _OTHER[W(e.says)])
    if other is None or other.place > e.place:
        return None
    return Fault(
        f"the run {_ended(e)}, and it {_ended(other)}",
        ((other, f"this says that it {_ended(other)}"),),
        "one outcome for a run",
        SAYS,
    )


def _has_outcome(v: Ledger, name: str | None) -> bool:
    """Whether the run of that id is known, and says whether it succeeded."""
    run = v.run(name)
    return run is not None and v.stands(run) and (run.session is not None) is not run.failed


def _ended(e: Notice) -> str:
    """Return the outcome that a webhook tells."""
    return e.says.removeprefix("deployment_run.")


@rule("DW003", Level.ERROR, "webhook-against-its-run", ON, evidence=DOCUMENTED, across=True)
def webhook_against_its_run(v: Ledger, e: Notice) -> Fault | None:
    """A webhook that a run succeeded or failed agrees with the run.

    Why it matters: whoever acts on the webhook acts on what did not happen.
    Flagged:
        deployment_run r1 schedule 09:00 error=unknown_error
        webhook deployment_run.succeeded r1 at=09:01
    Accepted:
        deployment_run r1 schedule 09:00 error=unknown_error
        webhook deployment_run.failed r1 at=09:01
    Source: documented: the webhook has the run's id, and a run never changes.
    """
    run = v.run(e.about)
    if run is None or e.says not in _OTHER or not _has_outcome(v, e.about):
        return None
    if not v.stands(e) or run.failed is (e.says == W.RUN_FAILED):
        return None
    has = f"failed with `{run.error}`" if run.failed else "has its session"
    return Fault(
        f"the webhook says that the run {_ended(e)}, and the run {has}",
        ((run, f"the run {has}"),),
        f"`{_OTHER[W(e.says)]}`",
        SAYS,
    )


@rule("DW004", Level.WARNING, "webhook-of-a-run-by-hand", ON, evidence=DOCUMENTED, across=True)
def webhook_of_a_run_by_hand(v: Ledger, e: Notice) -> Fault | None:
    """Runs have webhooks only if the schedule made them.

    A service may come to send more, so this is a warning.

    Why it matters: a receiver that counts scheduled runs counts too many.
    Flagged:
        deployment_run r1 manual
        webhook deployment_run.succeeded r1 at=12:01
    Accepted:
        deployment_run r1 schedule 12:00
        webhook deployment_run.succeeded r1 at=12:01
    Source: documented: for scheduled runs only.
    """
    run = v.run(e.about)
    if run is None or not e.says.startswith("deployment_run.") or not v.stands(run):
        return None
    if not v.stands(e) or run.trigger != RunTriggerType.MANUAL:
        return None
    return Fault(
        "the webhook is about a run that was made by hand",
        ((run, "somebody asked for this run"),),
        "no webhook: only scheduled runs have them",
        SAYS,
    )


@rule("DW005", Level.WARNING, "change-after-the-end", ON, evidence=DOCUMENTED, across=True)
def change_after_the_end(v: Ledger, e: Notice) -> Fault | None:
    """An archived deployment is not updated, paused or unpaused any more.

    The time that counts is when it happened, not when it was sent, and a minute is left for clocks
    that differ. That these times are right between webhooks nobody promises, so this is a warning.

    Why it matters: what was switched off for good is still worked on.
    Flagged:
        webhook deployment.archived depl_1 at=09:00
        webhook deployment.unpaused depl_1 at=10:00
    Accepted:
        webhook deployment.archived depl_1 at=10:00
        webhook deployment.paused depl_1 at=09:00
    Source: documented: an archived deployment cannot be modified.
    """
    if e.says not in _MODIFY or e.created_at is None or not v.stands(e):
        return None
    end = v.history(e.deployment).end
    if end is None or e.created_at <= end[1] + SLACK:
        return None
    return Fault(
        f"the deployment is {e.says.removeprefix('deployment.')} after it was archived",
        ((end[0], f"it was archived at {end[1]:%Y-%m-%dT%H:%M:%SZ}"),),
        "nothing: an archived deployment cannot be modified",
        SAYS,
    )


@rule("DW006", Level.NOTE, "webhook-that-nobody-knows", ON, evidence=DOCUMENTED)
def webhook_that_nobody_knows(v: Ledger, e: Notice) -> Fault | None:
    """A webhook is about a session, or says one of nine things about a deployment or a run.

    New ones appear; what they mean is not checked. Webhooks about sessions are only compared with
    themselves.

    Why it matters: it is not checked: that is no clean pass for it.
    Flagged:
        webhook deployment.dreamed depl_1
    Accepted:
        webhook session.status_idled sesn_1
    Source: documented: nine types.
    """
    is_session = e.says.startswith(_FAMILIES) and not e.says.startswith(_OURS)
    if is_session or e.says in set(W):
        return None
    return Fault(f"`{e.says}` is no known webhook, and was not checked", path=SAYS)
