"""The workflow run machine, and the machine of its phases.

A run is open from its creation to its end. It executes, may be paused and go on, and its last event
says how it ended. A pause or a resume after an interrupt may be silent, so a phase event in a paused
run is no fault. A phase that has started ends exactly once, before its run does.

Source: the workflow run pages. No recording of a run was available, so nothing here is recorded.
"""

from __future__ import annotations

from typing import Final

from lifecycle.effects import EMIT_RUN_ENDED, EMIT_RUN_IDLE, EMIT_RUN_RUNNING
from lifecycle.table import ANY, Machine, deny, move, stay
from lifecycle.vocabulary import (
    Evidence,
    PhaseState,
    PhaseTrigger,
    RunState as S,
    RunTrigger as T,
)

__all__ = ["PHASE", "WORKFLOW_RUN"]

# fmt: off
INFERRED = Evidence.INFERRED

WORKFLOW_RUN: Final = Machine("workflow_run", S, T, [S.CREATED], [
    #    in         upon           to          effects             because
    move(S.CREATED, T.START,       S.RUNNING,  [EMIT_RUN_RUNNING], "execution starts, maybe long after the creation"),
    move(S.CREATED, T.PAUSE,       S.IDLE,     [EMIT_RUN_IDLE],    "a run may start paused"),
    stay(S.CREATED, T.START_PHASE,             [],                 "a start may go unreported", INFERRED),

    stay(S.RUNNING, T.START,                   [EMIT_RUN_RUNNING], "it goes on after a pause that went unreported"),
    move(S.RUNNING, T.PAUSE,       S.IDLE,     [EMIT_RUN_IDLE],    "the budget or an interrupt pauses it"),
    stay(S.RUNNING, T.START_PHASE,             [],                 "a phase starts"),

    move(S.IDLE,    T.START,       S.RUNNING,  [EMIT_RUN_RUNNING], "it goes on"),
    stay(S.IDLE,    T.PAUSE,                   [EMIT_RUN_IDLE],    "it is paused again after a resume that went unreported", INFERRED),
    stay(S.IDLE,    T.START_PHASE,             [],                 "a resume after an interrupt may go unreported"),

    deny(S.ENDED,   ANY,                                           "its end is its last event"),
    stay(ANY,       T.END_PHASE,               [],                 "a phase ends"),
    stay(ANY,       T.ERROR,                   [],                 "an error alone does not end it"),
    move(ANY,       T.END,         S.ENDED,    [EMIT_RUN_ENDED],   "it ends, also out of a pause"),
])

PHASE: Final = Machine("phase", PhaseState, PhaseTrigger, [PhaseState.OPEN], [
    move(PhaseState.OPEN,  PhaseTrigger.END, PhaseState.ENDED, [], "a phase that started ends once"),
    deny(PhaseState.ENDED, PhaseTrigger.END,                       "it has ended already"),
])
# fmt: on
