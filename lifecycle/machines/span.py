"""The span machine: a thread's model requests, one at a time.

A thread has at most one model request open. What the model says (messages, thinking, tool uses)
lies inside the request; results of tools lie outside, after its end.

Source: recordings. Every one of 976 messages, thoughts and tool uses lay inside an open request of
its thread, and no result did.
"""

from __future__ import annotations

from typing import Final

from lifecycle.table import Machine, deny, move, stay
from lifecycle.vocabulary import Evidence, SpanState as S, SpanTrigger as T

__all__ = ["SPAN"]

# fmt: off
RECORDED = Evidence.RECORDED

SPAN: Final = Machine("span", S, T, [S.CLOSED], [
    #    in        upon      to         effects  because
    move(S.CLOSED, T.START,  S.OPEN,    [],      "a model request starts", RECORDED),
    deny(S.CLOSED, T.SPEAK,                      "the model speaks only inside a request", RECORDED),
    stay(S.CLOSED, T.RESULT,            [],      "results come after the request that called", RECORDED),
    deny(S.CLOSED, T.END,                        "no request is open", RECORDED),
    deny(S.OPEN,   T.START,                      "a thread has one request open at a time", RECORDED),
    stay(S.OPEN,   T.SPEAK,             [],      "the model speaks", RECORDED),
    deny(S.OPEN,   T.RESULT,                     "results come only after the request has ended", RECORDED),
    move(S.OPEN,   T.END,    S.CLOSED,  [],      "the request ends", RECORDED),
])
# fmt: on
