"""The call machine: how a tool use is allowed, answered, and gets its one result.

A call is born allowed (it may run by policy, or the client runs it itself), asked (it needs a
confirmation), or denied (policy refused it). A client's answer is consumed when it arrives or, out
of order, when its turn comes: these are two marks, and the result is a third. An interrupt or an
archive closes whatever is open with an error result. Every call gets exactly one result.

Sources: the permission and event pages; recordings for answers out of order, for denials whose
result comes later, and for a self-hosted worker that answers an allowed call.
"""

from __future__ import annotations

from typing import Final

from lifecycle.effects import GIVE_RESULT, RUN_TOOL
from lifecycle.table import ANY, Machine, deny, move
from lifecycle.vocabulary import CallState as S, CallTrigger as T, Evidence

__all__ = ["CALL"]

# fmt: off
RECORDED, INFERRED = Evidence.RECORDED, Evidence.INFERRED

CALL: Final = Machine("call", S, T, [S.ALLOWED, S.ASKED, S.DENIED], [
    #    in           upon             to           effects                because
    move(S.ALLOWED,   T.RESULT,        S.RESULTED,  [GIVE_RESULT],         "the platform ran it", RECORDED),
    move(S.ALLOWED,   T.ERROR_RESULT,  S.RESULTED,  [GIVE_RESULT],         "the platform could not run it", RECORDED),
    move(S.ALLOWED,   T.CLIENT_RESULT, S.RESULTED,  [GIVE_RESULT],         "the client ran it", RECORDED),
    move(S.ALLOWED,   T.CLOSE,         S.RESULTED,  [GIVE_RESULT],         "it is closed with an error result", RECORDED),
    move(S.ALLOWED,   T.ANSWER,        S.ANSWERED,  [],                    "an earlier call is still open, so the result waits", RECORDED),
    deny(S.ALLOWED,   ANY,                                                 "it needs no confirmation", INFERRED),

    move(S.ASKED,     T.ANSWER,        S.ANSWERED,  [],                    "an earlier call is still open, so the answer waits", RECORDED),
    move(S.ASKED,     T.ALLOW,         S.PROCESSED, [RUN_TOOL],            "the client allows it", RECORDED),
    move(S.ASKED,     T.DENY,          S.DENIED,    [],                    "the client denies it", RECORDED),
    deny(S.ASKED,     T.RESULT,                                            "it must be confirmed before it can have a result", RECORDED),
    move(S.ASKED,     T.ERROR_RESULT,  S.RESULTED,  [GIVE_RESULT],         "an interrupt or an archive closes it with an error result"),
    deny(S.ASKED,     T.CLIENT_RESULT,                                     "send the confirmation first"),
    move(S.ASKED,     T.CLOSE,         S.RESULTED,  [GIVE_RESULT],         "it is closed with an error result"),

    move(S.ANSWERED,  T.ALLOW,         S.PROCESSED, [RUN_TOOL],            "its turn has come, and the client allows it", RECORDED),
    move(S.ANSWERED,  T.DENY,          S.DENIED,    [],                    "its turn has come, and the client denies it", RECORDED),
    move(S.ANSWERED,  T.ERROR_RESULT,  S.RESULTED,  [GIVE_RESULT],         "an interrupt or an archive closes it with an error result", INFERRED),
    move(S.ANSWERED,  T.CLOSE,         S.RESULTED,  [GIVE_RESULT],         "it is closed with an error result", INFERRED),
    move(S.ANSWERED,  T.CLIENT_RESULT, S.RESULTED,  [GIVE_RESULT],         "its turn has come, and the client ran it", RECORDED),
    deny(S.ANSWERED,  ANY,                                                 "it has its answer; earlier calls come first", INFERRED),

    move(S.PROCESSED, T.RESULT,        S.RESULTED,  [GIVE_RESULT],         "the platform ran it", RECORDED),
    move(S.PROCESSED, T.ERROR_RESULT,  S.RESULTED,  [GIVE_RESULT],         "the platform could not run it", RECORDED),
    move(S.PROCESSED, T.CLIENT_RESULT, S.RESULTED,  [GIVE_RESULT],         "the self-hosted worker ran it", RECORDED),
    move(S.PROCESSED, T.CLOSE,         S.RESULTED,  [GIVE_RESULT],         "it is closed with an error result", RECORDED),
    move(S.PROCESSED, T.ANSWER,        S.ANSWERED,  [],                    "an earlier call is still open, so the result waits", INFERRED),
    deny(S.PROCESSED, ANY,                                                 "it has its answer", INFERRED),

    move(S.DENIED,    T.ERROR_RESULT,  S.RESULTED,  [GIVE_RESULT],         "the agent is told of the denial", RECORDED),
    move(S.DENIED,    T.CLOSE,         S.RESULTED,  [GIVE_RESULT],         "it is closed with an error result", INFERRED),
    deny(S.DENIED,    T.RESULT,                                            "a denied call never runs"),
    deny(S.DENIED,    T.CLIENT_RESULT,                                     "a denied call never runs"),
    deny(S.DENIED,    ANY,                                                 "it has its answer", INFERRED),

    deny(S.RESULTED,  ANY,                                                 "it has its one result"),
])
# fmt: on
