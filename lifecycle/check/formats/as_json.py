"""The report as one JSON object, for programs.

The object has `findings` (those listed), `files` (what was read of each) and `summary` (counts of
everything, listed or not). It is plain ASCII.
"""

from __future__ import annotations

import json
from typing import Any

from lifecycle.check.findings import Finding, Level
from lifecycle.check.formats.rendering import Rendering
from lifecycle.check.report import FileReport

__all__ = ["render", "summary"]


def render(rendering: Rendering) -> str:
    """Return the report as JSON."""
    body = {
        "findings": [_finding(finding) for finding in rendering.findings],
        "files": [_file(file) for file in rendering.report.files],
        "summary": summary(rendering),
    }
    return json.dumps(body, indent=2) + "\n"


def summary(rendering: Rendering) -> dict[str, Any]:
    """Return the report's counts."""
    report = rendering.report
    return {
        "dialect": report.dialect,
        "files": len(report.files),
        "events": report.read - len(report.records),
        "records": len(report.records),
        "checked": report.checked,
        "skipped": dict(sorted(report.skipped.items())),
        "unusable": [
            {"file": file.path, "why": file.unusable} for file in report.files if file.unusable
        ],
        "errors": report.count(Level.ERROR),
        "warnings": report.count(Level.WARNING),
        "notes": report.count(Level.NOTE),
        "followers": sum(len(finding.followers) for finding in report.findings),
        "listed_from": str(rendering.level),
        "interrupted": report.interrupted,
        "ok": report.ok,
    }


def _file(file: FileReport) -> dict[str, Any]:
    return {
        "file": file.path,
        "shape": file.shape,
        "counts": file.counts,
        "sessions": file.sessions,
        "threads": len(file.threads),
        "events": file.read - len(file.records),
        "records": len(file.records),
        "checked": file.checked,
        "skipped": dict(sorted(file.skipped.items())),
        "unusable": file.unusable,
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "level": str(finding.level),
        "file": finding.file,
        "line": finding.line,
        "event_id": finding.event_id,
        "thread_id": finding.thread_id,
        "deployment_id": finding.deployment_id,
        "session": finding.session,
        "message": finding.message,
        "expected": finding.expected,
        "path": list(finding.path),
        "witness": [
            {
                "file": one.file or finding.file,
                "line": one.line,
                "event_id": one.event_id,
                "says": one.says,
            }
            for one in finding.witness
        ],
        "allowed": [str(word) for word in finding.allowed],
        "resync": finding.resync,
        "followers": [
            {"code": one.code, "line": one.line, "message": one.message}
            for one in finding.followers
        ],
    }
