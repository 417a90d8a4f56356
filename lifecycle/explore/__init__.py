"""Every state that a bounded session can reach, and whether all is well in each of them.

Breadth-first from a session that was just created, by every command that a client or the host's
loop could send: those that are refused, too. Sessions that differ only in ids, stamps, counters or
in which child is which are one state (`form_of`). Bounds keep the walk finite: how many children
are ever made, how many messages wait at once, how many calls are open at once in a thread. They cut
what is tried, never what an accepted command does.

In every state the invariants of `lifecycle.invariants` are asked, on every way into a new state the
checker reads along, and in the end it is shown that from every state the session can be brought to
rest and be archived. What does not hold is told with the shortest way to it.
"""

from __future__ import annotations

from lifecycle.explore.forms import form_of
from lifecycle.explore.moves import WIDER, Bounds, moves
from lifecycle.explore.sessions import Explored, Found, Step, explore

__all__ = ["WIDER", "Bounds", "Explored", "Found", "Step", "explore", "form_of", "moves"]
