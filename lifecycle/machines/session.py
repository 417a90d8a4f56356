"""The session machine, and the fold that drives it.

A session has no work of its own: it runs while a thread (or a workflow run) works and rests when
none does. `FOLD` is that rule, as an ordered table over facts: the first row whose fact holds gives
the status and the stop reason. The machine then says what each change of the fold, and each thing
that a client asks for, does to the session, and which event it writes.

An archived session is reported as terminated with ``archived_at``; its event list stays as it was,
so archiving writes no event there. What works for a session ends with it, once: a session that is put
away or deleted after its end has nothing left to end.

Sources: the session and budget pages (running, requires_action before budget_reached, budget before
end_turn); recordings for the order of events and for the refusals to archive and delete; ranks that
no page gives are marked as inferred.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import attrs

from lifecycle.effects import (
    CLOSE_STREAMS,
    EMIT_DELETED,
    EMIT_SESSION_IDLE,
    EMIT_SESSION_RESCHEDULED,
    EMIT_SESSION_RUNNING,
    EMIT_SESSION_TERMINATED,
    END_CHILDREN,
    END_RUNS,
)
from lifecycle.table import ANY, Machine, deny, move, stay
from lifecycle.vocabulary import (
    Evidence,
    Fact,
    SessionState as S,
    SessionTrigger as T,
    StopReason,
)

__all__ = ["FOLD", "SESSION", "FoldRow", "fold"]

# fmt: off
END: Final = (END_CHILDREN, END_RUNS)
RECORDED, INFERRED, UNDOCUMENTED = Evidence.RECORDED, Evidence.INFERRED, Evidence.UNDOCUMENTED

SESSION: Final = Machine("session", S, T, [S.IDLE], [
    #    in              upon                 to              effects                        because
    move(S.IDLE,         T.WORK,              S.RUNNING,      [EMIT_SESSION_RUNNING],        "a thread or a workflow run starts to work", RECORDED),
    stay(S.IDLE,         T.REST,                              [EMIT_SESSION_IDLE],           "it rests on, and what it waits for has changed", RECORDED),
    move(S.IDLE,         T.FAIL,              S.TERMINATED,   (*END, EMIT_SESSION_TERMINATED), "an unrecoverable error ends the session"),
    stay(S.IDLE,         T.SEND_INPUT,                        [],                            "the input opens a turn"),
    deny(S.IDLE,         T.SEND_INPUT_ASKED,                                                 "answer or interrupt the open calls first"),
    deny(S.IDLE,         T.SEND_INPUT_CAPPED,                                                "the budget is reached: raise or remove it first"),
    stay(S.IDLE,         T.UPDATE_AGENT,                      [],                            "nothing works, so the change cannot split a turn"),
    move(S.IDLE,         T.ARCHIVE,           S.ARCHIVED,     END,                           "an idle session may be archived", RECORDED),
    move(S.IDLE,         T.DELETE,            S.DELETED,      (*END, EMIT_DELETED, CLOSE_STREAMS), "an idle session may be deleted"),

    stay(S.RUNNING,      T.WORK,                              [],                            "it works already", RECORDED),
    move(S.RUNNING,      T.REST,              S.IDLE,         [EMIT_SESSION_IDLE],           "no thread and no workflow run works any more", RECORDED),
    move(S.RUNNING,      T.RESCHEDULE,        S.RESCHEDULING, [EMIT_SESSION_RESCHEDULED],    "a passing fault put the last working thread aside"),
    move(S.RUNNING,      T.FAIL,              S.TERMINATED,   (*END, EMIT_SESSION_TERMINATED), "an unrecoverable error ends the session", RECORDED),
    stay(S.RUNNING,      T.SEND_INPUT,                        [],                            "the input is queued, or joins the open turn", RECORDED),
    stay(S.RUNNING,      T.SEND_INPUT_ASKED,                  [],                            "another thread works, so the input is queued", INFERRED),
    deny(S.RUNNING,      T.SEND_INPUT_CAPPED,                                                "the budget is reached: raise or remove it first"),
    deny(S.RUNNING,      T.UPDATE_AGENT,                                                     "the agent cannot change while it works"),
    deny(S.RUNNING,      T.ARCHIVE,                                                          "only an idle session may be archived: interrupt it and wait", RECORDED),
    deny(S.RUNNING,      T.DELETE,                                                           "a running session cannot be deleted: interrupt it and wait", RECORDED),

    move(S.RESCHEDULING, T.WORK,              S.RUNNING,      [EMIT_SESSION_RUNNING],        "the retry starts", INFERRED),
    move(S.RESCHEDULING, T.REST,              S.IDLE,         [EMIT_SESSION_IDLE],           "the retries are used up, or the turn was interrupted"),
    stay(S.RESCHEDULING, T.RESCHEDULE,                        [],                            "it is put aside already", INFERRED),
    move(S.RESCHEDULING, T.FAIL,              S.TERMINATED,   (*END, EMIT_SESSION_TERMINATED), "the error turned out unrecoverable"),
    stay(S.RESCHEDULING, T.SEND_INPUT,                        [],                            "the input is queued for the retry", INFERRED),
    stay(S.RESCHEDULING, T.SEND_INPUT_ASKED,                  [],                            "the input is queued for the retry", INFERRED),
    deny(S.RESCHEDULING, T.SEND_INPUT_CAPPED,                                                "the budget is reached: raise or remove it first", INFERRED),
    deny(S.RESCHEDULING, T.UPDATE_AGENT,                                                     "the agent cannot change in the middle of a turn", INFERRED),
    deny(S.RESCHEDULING, T.ARCHIVE,                                                          "a retry is due: interrupt it and wait for idle", UNDOCUMENTED),
    deny(S.RESCHEDULING, T.DELETE,                                                           "a retry is due: interrupt it and wait for idle", UNDOCUMENTED),

    move(S.TERMINATED,   T.ARCHIVE,           S.ARCHIVED,     [],                            "what is over may be put away", UNDOCUMENTED),
    move(S.TERMINATED,   T.DELETE,            S.DELETED,      (EMIT_DELETED, CLOSE_STREAMS), "a session that is over may be deleted"),
    move(S.ARCHIVED,     T.DELETE,            S.DELETED,      (EMIT_DELETED, CLOSE_STREAMS), "an archived session may be deleted", INFERRED),
    stay(S.ARCHIVED,     T.ARCHIVE,                           [],                            "it is archived already; the first time stands", UNDOCUMENTED),
    stay(S.IDLE,         T.SEND_ANSWER,                       [],                            "the session waits for answers, or takes a late one as nothing"),
    stay(S.RUNNING,      T.SEND_ANSWER,                       [],                            "an answer may come as soon as its call is seen"),
    stay(S.RESCHEDULING, T.SEND_ANSWER,                       [],                            "the answer is kept for the retry", INFERRED),
    stay(S.IDLE,         T.SEND_INTERRUPT,                    [],                            "open calls are closed; otherwise there is nothing to stop"),
    stay(S.RUNNING,      T.SEND_INTERRUPT,                    [],                            "the interrupt is applied to its threads"),
    stay(S.RESCHEDULING, T.SEND_INTERRUPT,                    [],                            "the interrupt is applied to its threads", INFERRED),
    deny(S.TERMINATED,   ANY,                                                                "a terminated session accepts nothing more"),
    deny(S.ARCHIVED,     ANY,                                                                "an archived session accepts nothing more"),
    deny(S.DELETED,      ANY,                                                                "a deleted session is gone"),
    stay(ANY,            T.UPDATE,                            [],                            "titles, budgets and children may change at any time"),
    stay(ANY,            T.REPORT,                            [],                            "its agent loop may report"),
    deny(ANY,            T.RESCHEDULE,                                                       "nothing works that could be put aside"),
])


@attrs.frozen
class FoldRow:
    """One rule of the fold: when *fact* is the first that holds, the session is *state*."""

    fact: Fact
    state: S
    stop: StopReason | None
    because: str
    evidence: Evidence = Evidence.DOCUMENTED


FOLD: Final = (
    FoldRow(Fact.ARCHIVED,            S.ARCHIVED,     None,                         "archiving is not a fold: it overrules every thread", RECORDED),
    FoldRow(Fact.PRIMARY_FAILED,      S.TERMINATED,   None,                         "the primary's end is the session's end", RECORDED),
    FoldRow(Fact.THREAD_RUNNING,      S.RUNNING,      None,                         "a thread that runs keeps the session running"),
    FoldRow(Fact.THREAD_RESCHEDULING, S.RESCHEDULING, None,                         "a retry is work that is still to come", INFERRED),
    FoldRow(Fact.THREAD_ASKING,       S.IDLE,         StopReason.REQUIRES_ACTION,   "the client's answer is waited for, even while a run works"),
    FoldRow(Fact.RUN_RUNNING,         S.RUNNING,      None,                         "a workflow run that executes can hold the session running"),
    FoldRow(Fact.THREAD_CAPPED,       S.IDLE,         StopReason.BUDGET_REACHED,    "the budget outranks a turn that ended"),
    FoldRow(Fact.THREAD_EXHAUSTED,    S.IDLE,         StopReason.RETRIES_EXHAUSTED, "a dead turn outranks one that ended", INFERRED),
    FoldRow(Fact.THREAD_REFUSED,      S.IDLE,         StopReason.REFUSAL,           "a refused turn outranks one that ended", INFERRED),
    FoldRow(Fact.NOTHING,             S.IDLE,         StopReason.END_TURN,          "every turn has ended"),
)
"""The fold, highest precedence first; the last row always holds."""
# fmt: on


def fold(facts: Collection[Fact], rows: tuple[FoldRow, ...] = FOLD) -> FoldRow:
    """Return the first row whose fact is among *facts*; the row of `Fact.NOTHING` if none is."""
    return next(row for row in rows if row.fact in facts or row.fact is Fact.NOTHING)
