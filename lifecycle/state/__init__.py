"""The session aggregate, its log, and how both are kept.

`Session` is the value that the engine decides over; `Entry` is what a decision appends.
"""

from __future__ import annotations

from lifecycle.state.dump import BadState, NewerState, dump, load
from lifecycle.state.entry import (
    BudgetHit,
    CallOwed,
    ChildrenEnded,
    Entry,
    MessagesCancelled,
    MessagesRead,
    Note,
    Place,
    SessionArchived,
    SessionMade,
    ThreadArchived,
    WaitEnded,
    WaitStarted,
    session_list,
    settled,
    thread_list,
)
from lifecycle.state.model import (
    ADVISOR,
    FORM,
    Call,
    Message,
    Outcome,
    Run,
    Session,
    Tally,
    Thread,
)

__all__ = [
    "ADVISOR",
    "FORM",
    "BadState",
    "BudgetHit",
    "Call",
    "CallOwed",
    "ChildrenEnded",
    "Entry",
    "Message",
    "MessagesCancelled",
    "MessagesRead",
    "NewerState",
    "Note",
    "Outcome",
    "Place",
    "Run",
    "Session",
    "SessionArchived",
    "SessionMade",
    "Tally",
    "Thread",
    "ThreadArchived",
    "WaitEnded",
    "WaitStarted",
    "dump",
    "load",
    "session_list",
    "settled",
    "thread_list",
]
