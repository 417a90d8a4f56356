"""XV: a session's list beside its children's own lists.

These rules need several recordings of one session, and are asked when they are checked together.
An event of a child stands on both lists under one id (its status events, the calls that its client
must see); what a client answers may have an id of its own on each.
"""

from __future__ import annotations

from lifecycle.check.findings import Level
from lifecycle.check.rule import Fault, rule
from lifecycle.check.view import View
from lifecycle.vocabulary import Evidence
from lifecycle.wire.bulk import Seen

__all__: list[str] = []


@rule("XV001", Level.ERROR, "views-that-disagree")
def views_that_disagree(v: View, e: Seen) -> Fault | None:
    """An event that stands on both lists says the same on both.

    Why it matters: two readers of one session see two different histories.
    Flagged:
        (the session's list has a call under an id, and the child's own list has another one)
    Accepted:
        (both have the same call; only the session's copy names the child)
    Source: recorded: status events and cross-posted calls are the same under one id.
    """
    return Fault("the session's list says otherwise under this id", path=("id",))


@rule("XV002", Level.ERROR, "status-on-one-view-only", absence=True)
def status_on_one_view_only(v: View, e: Seen) -> Fault | None:
    """A child's status events stand on its own list and on the session's.

    Why it matters: one of the two readers believes that the child still runs, or still rests.
    Flagged:
        (the child's own list has an idle event that the session's list lacks)
    Accepted:
        (the session's list stops before the event)
    Source: recorded: status events have one id and one stamp on both lists.
    """
    return Fault("the status event stands on one of the two lists only")


@rule("XV003", Level.WARNING, "message-on-one-view-only", absence=True,
      evidence=Evidence.DOCUMENTED)  # fmt: skip
def message_on_one_view_only(v: View, e: Seen) -> Fault | None:
    """What one thread sends, the other receives.

    Why it matters: a report or a task got lost.
    Flagged:
        (the session's list received a report that the child's own list never sent)
    Accepted:
        (the child's own list sent it)
    Source: documented; an advisor's input and a workflow run's prompts are exempt.
    """
    return Fault("the message was received, and the other list never sent it")
