"""The machines: one file, one table, one screen each.

`MACHINES` lists them by name. They know no dialect, no JSON and no clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from lifecycle.machines.call import CALL
from lifecycle.machines.deployment import CREATION, DEPLOYMENT
from lifecycle.machines.message import MESSAGE
from lifecycle.machines.session import FOLD, SESSION, FoldRow, fold
from lifecycle.machines.span import SPAN
from lifecycle.machines.thread import STOPS, THREAD
from lifecycle.machines.workflow_run import PHASE, WORKFLOW_RUN
from lifecycle.table import Machine

__all__ = [
    "CALL",
    "CREATION",
    "DEPLOYMENT",
    "FOLD",
    "MACHINES",
    "MESSAGE",
    "PHASE",
    "SESSION",
    "SPAN",
    "STOPS",
    "THREAD",
    "WORKFLOW_RUN",
    "FoldRow",
    "fold",
]

_ALL: Final[tuple[Machine[Any, Any], ...]] = (
    THREAD,
    SESSION,
    MESSAGE,
    CALL,
    WORKFLOW_RUN,
    PHASE,
    SPAN,
    DEPLOYMENT,
)

MACHINES: Final[Mapping[str, Machine[Any, Any]]] = MappingProxyType({m.name: m for m in _ALL})
"""Every machine by its name."""
