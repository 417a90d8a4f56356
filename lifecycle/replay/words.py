"""How a recording may differ from what the engine emits without the one contradicting the other."""

from __future__ import annotations

from lifecycle.vocabulary import Word

__all__ = ["Allowance", "Verdict"]


class Allowance(Word):
    """A documented way in which a recording differs; counted wherever it was needed."""

    INPUT_SETTLED = (
        "input_settled",
        "An input that waited stands only where it was consumed: a later reading.",
    )
    INPUT_UNSTAMPED = (
        "input_unstamped",
        "An input stands without its stamp where it arrived, though it was consumed.",
    )
    PENDING_TAIL = (
        "pending_tail",
        "An input at the end waits, and nothing tells what became of it.",
    )
    NO_USAGE = ("no_usage", "No account stands before a rest: an older recording, or an export.")
    LATE_USAGE = (
        "late_usage",
        "The account of a rest stands a few events late, behind those of another thread.",
    )
    EXTRA_USAGE = (
        "extra_usage",
        "An account stands where nothing rests: recorded a few events after each grading.",
    )
    ERROR_PLACE = (
        "error_place",
        "An error that is retried stands among the running events, not before or after them.",
    )
    NOT_DECIDED = (
        "not_decided",
        "An event that no command causes: a grading's heartbeat, a compaction.",
    )
    UNKNOWN_EVENT = ("unknown_event", "An event of a type that the dialect does not name.")
    PREVIEW = ("preview", "Previews of an event that follows stand in a stream alone.")
    REPEATED = ("repeated", "An event stands there twice: the stream was opened anew.")
    CUT = ("cut", "The recording ends amid what one decision writes.")
    NO_IDS = ("no_ids", "The recording has types alone; what they are about was filled in.")


class Verdict(Word):
    """What came of replaying a recording."""

    EXACT = "exact", "Every event was emitted, in its place."
    UP_TO = "up to", "Reproduced, but for the named switches and allowances."
    DIFFERS = "differs", "The engine does not emit what was recorded."
    UNUSABLE = "unusable", "The recording is no session's, or cannot be read."
