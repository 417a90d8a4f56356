"""The report as SARIF 2.1.0, for code scanning services.

Columns are code points, as `columnKind` says: SARIF knows no byte columns. A fingerprint does not
hold the line number, so that a finding stays the same one when a recording grows at its start.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path, PurePath
from typing import Any, Final
from urllib.parse import quote

from lifecycle.check.findings import Finding, Level, Witness
from lifecycle.check.formats.rendering import Rendering, place_of
from lifecycle.check.report import Report
from lifecycle.check.rule import Rule
from lifecycle.plain import visible

__all__ = ["FINGERPRINT", "render"]

FINGERPRINT: Final = "lifecycleKey/v1"
"""The name of our fingerprint."""

_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
_FLOW_LIMIT: Final = 48
"""Locations of one thread flow; services keep a thousand of them for a whole run."""
_RELATED_LIMIT: Final = 20
_SNIPPET_LIMIT: Final = 400


def render(rendering: Rendering) -> str:
    """Return the report as SARIF."""
    codes = sorted({*rendering.rules, *(finding.code for finding in rendering.findings)})
    index = {code: number for number, code in enumerate(codes)}
    run = {
        "tool": {"driver": _driver([(code, rendering.rules.get(code)) for code in codes])},
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(rendering.report)],
        "results": list(_results(rendering, index)),
        "properties": _coverage(rendering.report),
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _driver(rules: Sequence[tuple[str, Rule | None]]) -> dict[str, Any]:
    try:
        own = version("agent-lifecycle")
    except PackageNotFoundError:  # run from a checkout
        own = "0"
    described = [_rule(rule) if rule else {"id": code} for code, rule in rules]
    return {"name": "lifecycle", "version": own, "rules": described}


def _rule(rule: Rule) -> dict[str, Any]:
    page = rule.page()
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": rule.name},
        "fullDescription": {"text": f"{rule.what} {rule.why}"},
        "help": {"text": page, "markdown": page},
        "defaultConfiguration": {"level": str(rule.level)},
    }


def _invocation(report: Report) -> dict[str, Any]:
    notes = [
        _notification(f"could not be read: {file.unusable}", file.path)
        for file in report.files
        if file.unusable
    ]
    if report.checked == 0:
        notes.append(_notification("nothing was checked"))
    if report.interrupted:
        notes.append(_notification("the check was interrupted: this report is incomplete"))
    return {
        "executionSuccessful": not notes,
        "exitCode": report.exit_code,
        "toolExecutionNotifications": notes,
    }


def _notification(says: str, path: str | None = None) -> dict[str, Any]:
    note: dict[str, Any] = {"level": "error", "message": {"text": visible(says)}}
    if path is not None:
        note["locations"] = [{"physicalLocation": {"artifactLocation": {"uri": _uri(path)}}}]
    return note


def _coverage(report: Report) -> dict[str, Any]:
    return {
        "dialect": report.dialect,
        "eventsRead": report.read - len(report.records),
        "recordsRead": len(report.records),
        "eventsChecked": report.checked,
        "skipped": dict(sorted(report.skipped.items())),
        **{f"{level}s": report.count(level) for level in Level},
    }


def _results(rendering: Rendering, index: Mapping[str, int]) -> Iterator[dict[str, Any]]:
    seen: Counter[str] = Counter()
    for finding in rendering.findings:
        result = {
            "ruleId": finding.code,
            "ruleIndex": index[finding.code],
            "level": str(finding.level),
            "message": {"text": _message(finding)},
            "locations": [_primary(finding, rendering)],
            "partialFingerprints": {FINGERPRINT: _fingerprint(finding, seen)},
            "occurrenceCount": 1 + len(finding.followers),
        }
        if related := _related(finding, rendering):
            result["relatedLocations"] = related
        if finding.witness:
            result["codeFlows"] = [{"threadFlows": [_flow(finding, rendering)]}]
        yield result


def _message(finding: Finding) -> str:
    says = visible(finding.message)
    return f"{says}; expected: {visible(finding.expected)}" if finding.expected else says


def _primary(finding: Finding, rendering: Rendering) -> dict[str, Any]:
    """Return where the finding is, as exactly as can be told."""
    location = _location(finding.file, finding.line, rendering)
    place = place_of(finding, rendering.lines)
    columns = rendering.columns(finding, place)
    if place is not None and columns is not None:
        location["physicalLocation"]["region"] |= {
            "startColumn": columns[0],
            "endColumn": columns[1],
            "snippet": {"text": visible(place.value[:_SNIPPET_LIMIT])},
        }
    names = {
        "thread": finding.thread_id,
        "deployment": finding.deployment_id,
        "session": finding.session,
    }
    logical = [{"name": visible(name), "kind": kind} for kind, name in names.items() if name]
    if logical:
        location["logicalLocations"] = logical + location.get("logicalLocations", [])
    return location


def _location(path: str, line: int, rendering: Rendering, says: str = "") -> dict[str, Any]:
    """Return the location of one event: by its line, or by its position where that is counted."""
    physical: dict[str, Any] = {"artifactLocation": {"uri": _uri(path)}}
    location: dict[str, Any] = {"physicalLocation": physical}
    if rendering.unit_of(path) == "line":
        physical["region"] = {"startLine": max(1, line)}
    else:
        location["logicalLocations"] = [{"name": f"event {line}", "kind": "event"}]
    if says:
        location["message"] = {"text": visible(says)}
    return location


def _related(finding: Finding, rendering: Rendering) -> list[dict[str, Any]]:
    """Return the witness and the first followers, each with its own id."""
    own = finding.file
    says = [(one.file or own, one.line, one.says) for one in finding.witness]
    says += [(own, one.line, f"{one.code}: {one.message}") for one in finding.followers]
    return [
        {"id": number, **_location(path, line, rendering, text)}
        for number, (path, line, text) in enumerate(says[:_RELATED_LIMIT])
    ]


def _flow(finding: Finding, rendering: Rendering) -> dict[str, Any]:
    """Return the story: the latest witnesses in order, then the finding itself."""
    told = finding.witness[1 - _FLOW_LIMIT :]
    steps = [*told, Witness(finding.line, finding.event_id, finding.message)]
    flow: dict[str, Any] = {
        "locations": [
            {
                "location": _location(step.file or finding.file, step.line, rendering, step.says),
                "executionOrder": number,
                "importance": "essential",
            }
            for number, step in enumerate(steps, start=1)
        ]
    }
    if finding.thread_id:
        flow["id"] = visible(finding.thread_id)
    return flow


def _fingerprint(finding: Finding, seen: Counter[str]) -> str:
    """Return what identifies the finding in the next run's report; equal ones are numbered."""
    key = [finding.code, finding.file, finding.session, finding.thread_id, finding.event_id]
    if finding.deployment_id:
        key.append(finding.deployment_id)
    base = json.dumps([*key, list(finding.path)])
    seen[base] += 1
    return hashlib.sha256(f"{base}{seen[base]}".encode()).hexdigest()[:32]


def _uri(path: str) -> str:
    """Return *path* as a reference relative to the working directory."""
    if path == "-":
        return "stdin"
    if PurePath(path).is_absolute():
        path = os.path.relpath(path, Path.cwd())
    return quote(os.fsencode(PurePath(path).as_posix()))
