"""The thread machine: how a thread works, rests, and ends.

A thread rests (idle) until an input is delivered, then works (running) until its turn ends, asks
the client, meets the budget, is refused, is interrupted, or fails. A passing fault puts it aside
(rescheduling) and the server takes the turn up again. A child ends for good by itself (terminated)
or because somebody archives it (archived); the primary never emits a thread event for its end.

Whoever asks this table has read the conditions first: whether an ask is the last open one, whether
the thread is the primary, whether anything is open. So archiving the primary and archiving a child
are two triggers, and so are an answer and the last answer.

`STOPS` says which stop reason the idle event carries for the trigger that caused it.

Sources: the thread pages of both services (states, interrupts, archive); recordings for the order
of events and for what joins an open turn.
"""

from __future__ import annotations

from typing import Final

from lifecycle.effects import (
    CANCEL_MAILBOX,
    CLOSE_CALLS,
    DELIVER_NEXT,
    EMIT_IDLE,
    EMIT_RESCHEDULED,
    EMIT_RUNNING,
    EMIT_TERMINATED,
    FLUSH_MAILBOX,
    FREE_SLOT,
    START_CLOCK,
    STOP_CLOCK,
    UNBLOCK_COORDINATOR,
)
from lifecycle.table import ANY, Machine, deny, move, stay
from lifecycle.vocabulary import Evidence, StopReason, ThreadState as S, ThreadTrigger as T

__all__ = ["STOPS", "THREAD"]

# fmt: off
WAKE:     Final = (START_CLOCK, EMIT_RUNNING)
REST:     Final = (STOP_CLOCK, EMIT_IDLE)
REST_ON:  Final = (*REST, DELIVER_NEXT)
STOPPED:  Final = (CLOSE_CALLS, EMIT_IDLE, DELIVER_NEXT)
END:      Final = (CLOSE_CALLS, CANCEL_MAILBOX, UNBLOCK_COORDINATOR, FREE_SLOT, EMIT_TERMINATED)
RECORDED, INFERRED, UNDOCUMENTED = Evidence.RECORDED, Evidence.INFERRED, Evidence.UNDOCUMENTED

THREAD: Final = Machine("thread", S, T, [S.IDLE], [
    #    in              upon               to              effects                        because
    move(S.IDLE,         T.DELIVER,         S.RUNNING,      WAKE,                          "an input waits and the thread is free: a turn opens"),
    move(S.IDLE,         T.FORWARD,         S.RUNNING,      WAKE,                          "the primary opens to carry an answer to its child", RECORDED),
    move(S.IDLE,         T.RESUME,          S.RUNNING,      WAKE,                          "the server goes on with what it held back"),
    stay(S.IDLE,         T.ANSWER,                          [EMIT_IDLE],                   "the other asks stay open", RECORDED),
    move(S.IDLE,         T.ANSWER_LAST,     S.RUNNING,      WAKE,                          "nothing is asked any more: the turn goes on", RECORDED),
    stay(S.IDLE,         T.REACH_BUDGET,                    [EMIT_IDLE],                   "its answers are settled, and the budget keeps it at rest", INFERRED),
    stay(S.IDLE,         T.INTERRUPT,                       [],                            "nothing runs, so there is nothing to stop"),
    stay(S.IDLE,         T.INTERRUPT_ASKS,                  STOPPED,                       "the open calls are closed with errors and the turn is over"),
    move(S.IDLE,         T.FAIL_PRIMARY,    S.TERMINATED,   [CANCEL_MAILBOX],              "an unrecoverable error ends the session", INFERRED),
    move(S.IDLE,         T.FINISH_CHILD,    S.TERMINATED,   END,                           "the child's errand is over"),
    move(S.IDLE,         T.ARCHIVE_CHILD,   S.ARCHIVED,     END,                           "an idle child may be archived, also one that waits for answers"),

    stay(S.RUNNING,      T.DELIVER,                         [],                            "the input joins the open turn", RECORDED),
    stay(S.RUNNING,      T.FORWARD,                         [],                            "the primary works already; the answer goes straight through", RECORDED),
    stay(S.RUNNING,      T.RESUME,                          [],                            "the open turn takes it in", INFERRED),
    stay(S.RUNNING,      T.ANSWER,                          [],                            "an answer may come as soon as its call is seen"),
    stay(S.RUNNING,      T.ANSWER_LAST,                     [],                            "an answer may come as soon as its call is seen"),
    move(S.RUNNING,      T.END_TURN,        S.IDLE,         REST_ON,                       "the turn is finished", RECORDED),
    move(S.RUNNING,      T.ASK,             S.IDLE,         REST,                          "the client must answer before the turn goes on", RECORDED),
    move(S.RUNNING,      T.EXHAUST_RETRIES, S.IDLE,         (CLOSE_CALLS, *REST, FLUSH_MAILBOX), "the turn is dead and queued input is dropped"),
    move(S.RUNNING,      T.REACH_BUDGET,    S.IDLE,         REST,                          "the budget is checked before each model request"),
    move(S.RUNNING,      T.REFUSE,          S.IDLE,         REST_ON,                       "the model refused, which ends the turn"),
    move(S.RUNNING,      T.INTERRUPT,       S.IDLE,         (CLOSE_CALLS, *REST_ON),       "an interrupt ends the turn", RECORDED),
    move(S.RUNNING,      T.INTERRUPT_ASKS,  S.IDLE,         (CLOSE_CALLS, *REST_ON),       "an interrupt ends the turn", RECORDED),
    move(S.RUNNING,      T.RESCHEDULE,      S.RESCHEDULING, [STOP_CLOCK, EMIT_RESCHEDULED], "a passing fault puts the turn aside"),
    move(S.RUNNING,      T.FAIL_PRIMARY,    S.TERMINATED,   [STOP_CLOCK, CANCEL_MAILBOX],  "an unrecoverable error ends the session, without a thread event", RECORDED),
    move(S.RUNNING,      T.FINISH_CHILD,    S.TERMINATED,   (STOP_CLOCK, *END),            "an unrecoverable error ends the child"),
    deny(S.RUNNING,      T.ARCHIVE_CHILD,                                                  "interrupt it first, then wait for idle"),

    stay(S.RESCHEDULING, T.ANSWER,                          [],                            "the answer is kept for the retry", INFERRED),
    stay(S.RESCHEDULING, T.ANSWER_LAST,                     [],                            "the answer is kept for the retry", INFERRED),
    move(S.RESCHEDULING, T.EXHAUST_RETRIES, S.IDLE,         [CLOSE_CALLS, FLUSH_MAILBOX, EMIT_IDLE], "the retries are used up and queued input is dropped"),
    move(S.RESCHEDULING, T.REACH_BUDGET,    S.IDLE,         [EMIT_IDLE],                   "the budget is checked before the retry's request", INFERRED),
    move(S.RESCHEDULING, T.INTERRUPT,       S.IDLE,         STOPPED,                       "an interrupt ends the turn that was to be retried", INFERRED),
    move(S.RESCHEDULING, T.INTERRUPT_ASKS,  S.IDLE,         STOPPED,                       "an interrupt ends the turn that was to be retried", INFERRED),
    move(S.RESCHEDULING, T.RETRY,           S.RUNNING,      WAKE,                          "the turn is taken up again", INFERRED),
    move(S.RESCHEDULING, T.FAIL_PRIMARY,    S.TERMINATED,   [CANCEL_MAILBOX],              "the error turned out unrecoverable"),
    move(S.RESCHEDULING, T.FINISH_CHILD,    S.TERMINATED,   END,                           "the error turned out unrecoverable"),
    deny(S.RESCHEDULING, T.ARCHIVE_CHILD,                                                  "interrupt it first, then wait for idle", INFERRED),
    deny(S.RESCHEDULING, ANY,                                                              "a retry is due: what comes in is held until then", INFERRED),

    stay(S.ARCHIVED,     T.ARCHIVE_CHILD,                   [],                            "it is archived already; the first time stands", INFERRED),
    deny(S.TERMINATED,   ANY,                                                              "a terminated thread accepts nothing more"),
    deny(S.ARCHIVED,     ANY,                                                              "an archived thread accepts nothing more"),
    deny(S.IDLE,         T.ARCHIVE_PRIMARY,                                                "the primary cannot be archived; archive the session", RECORDED),
    deny(S.RUNNING,      T.ARCHIVE_PRIMARY,                                                "the primary cannot be archived; archive the session", RECORDED),
    deny(S.RESCHEDULING, T.ARCHIVE_PRIMARY,                                                "the primary cannot be archived; archive the session", INFERRED),
    deny(S.IDLE,         ANY,                                                              "no turn is open"),
    deny(ANY,            T.RETRY,                                                          "nothing was put aside to be retried"),
    deny(ANY,            T.RECOVER,                                                        "a thread that was put aside is retried, not brought back at rest"),
])
# fmt: on

STOPS: Final = {
    T.END_TURN: StopReason.END_TURN,
    T.INTERRUPT: StopReason.END_TURN,
    T.INTERRUPT_ASKS: StopReason.END_TURN,
    T.RECOVER: StopReason.END_TURN,
    T.ASK: StopReason.REQUIRES_ACTION,
    T.ANSWER: StopReason.REQUIRES_ACTION,
    T.EXHAUST_RETRIES: StopReason.RETRIES_EXHAUSTED,
    T.REACH_BUDGET: StopReason.BUDGET_REACHED,
    T.REFUSE: StopReason.REFUSAL,
}
