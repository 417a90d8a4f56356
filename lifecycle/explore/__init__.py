"""Every state that a bounded session can reach, and whether all is well in each of them.

Breadth-first from a session that was just created, by every command that a client or the host's
loop could send: those that are refused, too. Sessions that differ only in ids, stamps, counters or
in which child is which are one state (`form_of`). Bounds keep the walk finite: how many children
are ever made, how many messages wait at once, how many calls are open at once in a thread. They cut
what is tried, never what an accepted command does.

In every state the invariants of `lifecycle.invariants` are asked, on every way into a new state the
checker reads along, and in the end it is shown that from every state the session can be brought to
rest and be archived. What does not hold is told with the shortest way to it.

`explore_deployments` walks a deployment in the same manner. There, time goes on as well: to the
next occurrence, to a run's start, and until it is too late for it.
"""

from __future__ import annotations

from lifecycle.explore.deployment_moves import Order, Scene, Wait, deployment_moves
from lifecycle.explore.deployments import (
    RUNS,
    DeploymentsExplored,
    DeploymentsFound,
    DeploymentStep,
    deployment_form,
    explore_deployments,
)
from lifecycle.explore.forms import form_of
from lifecycle.explore.moves import WIDER, Bounds, moves
from lifecycle.explore.sessions import Explored, Found, Step, explore

__all__ = [
    "RUNS",
    "WIDER",
    "Bounds",
    "DeploymentStep",
    "DeploymentsExplored",
    "DeploymentsFound",
    "Explored",
    "Found",
    "Order",
    "Scene",
    "Step",
    "Wait",
    "deployment_form",
    "deployment_moves",
    "explore",
    "explore_deployments",
    "form_of",
    "moves",
]
