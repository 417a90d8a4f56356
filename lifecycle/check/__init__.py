"""The checker of recorded streams and records: monitors, rules, their findings, and reports."""

from __future__ import annotations

from lifecycle.check.findings import Finding, Follower, Level, Witness
from lifecycle.check.monitor import Monitor
from lifecycle.check.records import RecordMonitor
from lifecycle.check.report import FileReport, Report
from lifecycle.check.rule import Rule, UnknownRule
from lifecycle.check.rules import RULES
from lifecycle.check.run import check, check_events, check_paths

__all__ = [
    "RULES",
    "FileReport",
    "Finding",
    "Follower",
    "Level",
    "Monitor",
    "RecordMonitor",
    "Report",
    "Rule",
    "UnknownRule",
    "Witness",
    "check",
    "check_events",
    "check_paths",
]
