"""PV: previews, which a stream may show of messages before they are complete.

All of this rests on the documents, and a reader may have opened its stream anew at any time: so
these are warnings.
"""

from __future__ import annotations

from typing import Any, Final

from lifecycle.check.findings import Level
from lifecycle.check.rule import Fault, rule
from lifecycle.check.view import View
from lifecycle.check.view_work import word_in
from lifecycle.check.words import E
from lifecycle.vocabulary import Evidence
from lifecycle.wire.bulk import Seen

__all__: list[str] = []

_DOC: Final[dict[str, Any]] = {"evidence": Evidence.DOCUMENTED}


@rule("PV001", Level.NOTE, "preview-begins-twice", E.EVENT_START, **_DOC)
def preview_begins_twice(v: View, e: Seen) -> Fault | None:
    """A preview begins once a connection.

    Why it matters: the pieces that follow are to be put together anew.
    Flagged:
        event_start m1
        event_start m1
    Accepted:
        event_start m1
        event_start m2
    Source: documented; a stream that was opened anew may repeat it.
    """
    first = v.previews.get(word_in(e.event, "id"))
    if first is None:
        return None
    return Fault(
        "the preview has begun already",
        ((first, "it began here"),),
        "a preview of another event, unless the stream was opened anew",
        ("event", "id"),
    )


@rule("PV002", Level.WARNING, "preview-after-its-event", E.EVENT_START, E.EVENT_DELTA, **_DOC)
def preview_after_its_event(v: View, e: Seen) -> Fault | None:
    """The whole event, or the end of its model request, is the last of a preview.

    Why it matters: a client that has replaced the preview by the whole adds a piece to it.
    Flagged:
        event_start m1
        agent.message id=m1
        event_delta m1
    Accepted:
        event_start m1
        event_delta m1
        agent.message id=m1
    Source: documented with previews.
    """
    name = e.event_id or word_in(e.event, "id")
    end = v.previewed.get(name)
    if end is None or name in v.previews:
        return None
    begun, over = end
    return Fault(
        f"the preview of `{name}` is over",
        ((begun, "it began here"), (over, "it was over here")),
        "nothing more of this preview",
        ("event_id",) if e.event_id else ("event", "id"),
    )


@rule("PV003", Level.WARNING, "piece-of-no-preview", E.EVENT_DELTA, absence=True, **_DOC)
def piece_of_no_preview(v: View, e: Seen) -> Fault | None:
    """The pieces of a preview come after its beginning.

    Why it matters: a client does not know what the piece is of.
    Flagged:
        session.status_running
        session.thread_status_running main
        user.message
        span.model_request_start s1
        event_delta m1
    Accepted:
        session.status_running
        session.thread_status_running main
        user.message
        span.model_request_start s1
        event_start m1
        event_delta m1
    Source: documented; a stream that is opened in the middle of a preview is no place to look.
    """
    name = e.event_id
    if not name or name in v.previews or v.previewed.get(name) is not None:
        return None
    if not v.whole or v.previewed.full:
        return None
    return Fault(
        f"no preview of `{name}` has begun",
        v.shown_whole("the recording begins with the session"),
        "an `event_start` must come first",
        ("event_id",),
        allowed=(E.EVENT_START.value,),
    )


@rule("PV004", Level.WARNING, "preview-with-an-id", E.EVENT_START, E.EVENT_DELTA, **_DOC)
def preview_with_an_id(v: View, e: Seen) -> Fault | None:
    """Previews are no events of the session: they have neither an id nor a stamp.

    Why it matters: a reader that keeps events by their ids keeps a piece for a whole.
    Flagged:
        event_start m1 id=e1
    Accepted:
        event_start m1
    Source: documented with previews.
    """
    if e.id is None and e.processed_at is None:
        return None
    field = "id" if e.id is not None else "processed_at"
    return Fault(f"a preview carries `{field}`", expected=f"no `{field}`", path=(field,))
