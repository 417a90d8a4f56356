"""The message machine: what becomes of a message in a thread's mailbox.

A message waits (pending) until its thread can take it, and then it is delivered; or its thread ends
first, or uses up its retries, and the message is cancelled. Both ends are final.

Sources: the archive page of the Qoder seed (archiving cancels pending messages); the retry status of
the Anthropic client (queued inputs are flushed); recordings for messages that wait at the list's
tail.
"""

from __future__ import annotations

from typing import Final

from lifecycle.table import ANY, Machine, deny, move, stay
from lifecycle.vocabulary import Evidence, MessageState as S, MessageTrigger as T

__all__ = ["MESSAGE"]

# fmt: off
MESSAGE: Final = Machine("message", S, T, [S.PENDING], [
    #    in           upon       to            effects  because
    move(S.PENDING,   T.DELIVER, S.DELIVERED,  [],      "its thread takes it into a turn", Evidence.RECORDED),
    stay(S.PENDING,   T.HOLD,                  [],      "its thread is busy, waits for answers, or is to be retried", Evidence.RECORDED),
    move(S.PENDING,   T.CANCEL,  S.CANCELLED,  [],      "its thread is over"),
    move(S.PENDING,   T.FLUSH,   S.CANCELLED,  [],      "its thread used up its retries, and the queue is dropped"),
    deny(S.DELIVERED, ANY,                              "it was delivered; a message is read once"),
    deny(S.CANCELLED, ANY,                              "it was cancelled; a cancelled message is never read"),
])
# fmt: on
