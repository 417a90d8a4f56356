"""The deployment machine: how a deployment fires, is paused, and ends.

A deployment runs its agent by itself: while it is active, each occurrence of its schedule fires,
and a fire makes a run that has a session or an error. Pausing stops the fires and nothing else: the
sessions that exist go on, and a run by hand stays possible. An error that does not heal by itself
pauses as well, and says which one it was. Archiving is for good, whoever does it.

A fire has two steps here. First the occurrence is claimed (fire), so that no other host fires it;
then its session is created, outside, and the outcome is reported. What was on its way when the
deployment was paused or archived is recorded all the same: its occurrence lies before.

Whoever asks this table has read the conditions first: whether the run is by hand or scheduled, and
whether its error is one that pauses (which is the dialect's to say).

Sources: the pages on scheduled deployments and on webhooks, and the deployment types of the client.
"""

from __future__ import annotations

from typing import Final

from lifecycle.effects import (
    CREATE_SESSION,
    RECORD_RUN,
    RESUME_FIRES,
    SEND_ARCHIVED,
    SEND_CREATED,
    SEND_PAUSED,
    SEND_RUN_FAILED,
    SEND_RUN_STARTED,
    SEND_RUN_SUCCEEDED,
    SEND_UNPAUSED,
    SEND_UPDATED,
    SUPPRESS_FIRES,
)
from lifecycle.table import ANY, Machine, deny, move, stay
from lifecycle.vocabulary import DeploymentState as S, DeploymentTrigger as T, Evidence

__all__ = ["CREATION", "DEPLOYMENT"]

# fmt: off
PAUSE:  Final = (SUPPRESS_FIRES, SEND_PAUSED)
GO_ON:  Final = (RESUME_FIRES, SEND_UNPAUSED)
END:    Final = (SUPPRESS_FIRES, SEND_ARCHIVED)
FAILED: Final = (RECORD_RUN, SEND_RUN_FAILED)
BROKEN: Final = (RECORD_RUN, SUPPRESS_FIRES, SEND_RUN_FAILED, SEND_PAUSED)
INFERRED, UNDOCUMENTED = Evidence.INFERRED, Evidence.UNDOCUMENTED

DEPLOYMENT: Final = Machine("deployment", S, T, [S.ACTIVE], [
    #    in                 upon                   to                 effects                               because
    move(S.ACTIVE,          T.PAUSE,               S.PAUSED,          PAUSE,                                "nothing fires from now on; its sessions go on"),
    stay(S.ACTIVE,          T.UNPAUSE,                                [],                                   "it is active already", UNDOCUMENTED),
    stay(S.ACTIVE,          T.UPDATE,                                 [RESUME_FIRES, SEND_UPDATED],         "the next fire is that of the schedule as it is now"),
    stay(S.ACTIVE,          T.FIRE,                                   [RESUME_FIRES, SEND_RUN_STARTED, CREATE_SESSION], "an occurrence is due"),
    stay(S.ACTIVE,          T.FIRE_SUCCEEDED,                         [RECORD_RUN, SEND_RUN_SUCCEEDED],     "the fire has its session"),
    stay(S.ACTIVE,          T.FIRE_FAILED,                            FAILED,                               "the error may pass, so the next occurrence tries again"),
    move(S.ACTIVE,          T.FIRE_FAILED_PAUSING, S.PAUSED_BY_ERROR, BROKEN,                               "the error does not heal by itself"),
    move(S.ACTIVE,          T.AGENT_DELETED,       S.ARCHIVED,        END,                                  "without its agent it is of no use, and no run is recorded"),

    stay(S.PAUSED,          T.PAUSE,                                  [],                                   "it is paused already", UNDOCUMENTED),
    move(S.PAUSED,          T.UNPAUSE,             S.ACTIVE,          GO_ON,                                "it fires at the next occurrence; nothing is made up for"),
    stay(S.PAUSED,          T.FIRE_FAILED_PAUSING,                    FAILED,                               "somebody paused it first, and that stands", UNDOCUMENTED),

    stay(S.PAUSED_BY_ERROR, T.PAUSE,                                  [],                                   "it is paused already, and the error stays the reason", UNDOCUMENTED),
    move(S.PAUSED_BY_ERROR, T.UNPAUSE,             S.ACTIVE,          GO_ON,                                "it fires at the next occurrence, and fails again unless the cause is mended"),
    stay(S.PAUSED_BY_ERROR, T.FIRE_FAILED_PAUSING,                    FAILED,                               "the error that paused it stays the reason", UNDOCUMENTED),

    stay(S.ARCHIVED,        T.ARCHIVE,                                [],                                   "it is archived already; the first time stands", UNDOCUMENTED),
    stay(S.ARCHIVED,        T.AGENT_ARCHIVED,                         [],                                   "it is archived already", INFERRED),
    stay(S.ARCHIVED,        T.AGENT_DELETED,                          [],                                   "it is archived already", INFERRED),
    stay(S.ARCHIVED,        T.FIRE_SUCCEEDED,                         [RECORD_RUN, SEND_RUN_SUCCEEDED],     "the fire was on its way before the end", INFERRED),
    stay(S.ARCHIVED,        T.FIRE_FAILED,                            FAILED,                               "the fire was on its way before the end", INFERRED),
    stay(S.ARCHIVED,        T.FIRE_FAILED_PAUSING,                    FAILED,                               "the fire was on its way before the end, which nothing pauses", INFERRED),
    stay(S.ARCHIVED,        T.RUN_ENDED,                              [RECORD_RUN],                         "the run was on its way before the end", INFERRED),
    deny(S.ARCHIVED,        T.RUN,                                                                          "an archived deployment can only be read", UNDOCUMENTED),
    deny(S.ARCHIVED,        ANY,                                                                            "an archived deployment can only be read"),

    stay(ANY,               T.UPDATE,                                 [SEND_UPDATED],                       "an update mends what may have failed, and does not unpause", UNDOCUMENTED),
    stay(ANY,               T.RUN,                                    [CREATE_SESSION],                     "a run by hand is possible, paused or not"),
    stay(ANY,               T.RUN_ENDED,                              [RECORD_RUN],                         "a run by hand pauses nothing, whatever came of it", INFERRED),
    deny(ANY,               T.FIRE,                                                                         "a paused deployment does not fire, and what it misses is not made up for"),
    stay(ANY,               T.FIRE_SUCCEEDED,                         [RECORD_RUN, SEND_RUN_SUCCEEDED],     "the fire was on its way before the pause", INFERRED),
    stay(ANY,               T.FIRE_FAILED,                            FAILED,                               "the fire was on its way before the pause", INFERRED),
    move(ANY,               T.ARCHIVE,             S.ARCHIVED,        END,                                  "its schedule ends for good; its sessions go on"),
    move(ANY,               T.AGENT_ARCHIVED,      S.ARCHIVED,        END,                                  "it ends with its agent, and no run is recorded"),
    move(ANY,               T.AGENT_DELETED,       S.ARCHIVED,        END,                                  "the fire that found it was on its way before the pause", INFERRED),
])
# fmt: on

CREATION: Final = (RESUME_FIRES, SEND_CREATED)
"""What creating a deployment owes: it is no row, since no state is before it."""
