"""The executable model of how agent-session threads live, pause and end.

Three doors: check a recording (`check`, `Monitor`), embed the machines in a server
(`lifecycle.embed`), and learn the model (`MACHINES`, `RULES`, the ``lifecycle`` command).

    >>> import lifecycle
    >>> events = [
    ...     {"type": "session.status_running", "id": "e1"},
    ...     {"type": "session.thread_status_running", "id": "e2", "session_thread_id": "t",
    ...      "agent_name": "a"},
    ...     {"type": "session.thread_status_running", "id": "e3", "session_thread_id": "t",
    ...      "agent_name": "a"},
    ... ]
    >>> report = lifecycle.check(events)
    >>> [finding.code for finding in report.findings if finding.level == "error"]
    ['TH001']
"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

from lifecycle.check import (
    RULES,
    Finding,
    Level,
    Monitor,
    RecordMonitor,
    Report,
    Rule,
    UnknownRule,
    Witness,
    check,
)
from lifecycle.dialects import ANTHROPIC, DIALECTS, QODER, Dialect, UnknownDialect, dialect, diff
from lifecycle.machines import MACHINES
from lifecycle.table import Machine, Row

try:
    __version__ = version("agent-lifecycle")
except PackageNotFoundError:  # pragma: no cover - a checkout that nobody installed
    __version__ = "0+unknown"

__all__ = [
    "ANTHROPIC",
    "DIALECTS",
    "MACHINES",
    "QODER",
    "RULES",
    "Dialect",
    "Finding",
    "Level",
    "Machine",
    "Monitor",
    "RecordMonitor",
    "Report",
    "Row",
    "Rule",
    "UnknownDialect",
    "UnknownRule",
    "Witness",
    "__version__",
    "check",
    "dialect",
    "diff",
]
