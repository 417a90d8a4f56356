"""The report as JUnit XML: a suite for each file, a test case for each thread and deployment.

So a thread without errors is a passed test, and a run that checked nothing cannot look like one
that passed. Warnings and notes stand in a case's output and fail nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final
from xml.etree import ElementTree as ET

from lifecycle.check.findings import Finding, Level
from lifecycle.check.formats.rendering import Rendering, coverage
from lifecycle.check.report import FileReport
from lifecycle.plain import visible

__all__ = ["MANY_THREADS", "render"]

MANY_THREADS: Final = 3000
"""With more threads and deployments than this in one file, the file is one test case."""


def render(rendering: Rendering) -> str:
    """Return the report as JUnit XML."""
    root = ET.Element("testsuites", name="lifecycle check")
    faults = list(_faults(rendering))
    if faults:
        suite = ET.SubElement(root, "testsuite", name="lifecycle check")
        case = ET.SubElement(suite, "testcase", classname="lifecycle check", name="coverage")
        for kind, says in faults:
            ET.SubElement(case, "error", type=kind, message=says)
    for file in rendering.report.files:
        _suite(root, file, rendering)
    for suite in root:
        _count(suite, [suite])
    _count(root, list(root))
    ET.indent(root)
    document: bytes = ET.tostring(root, "us-ascii", xml_declaration=True)
    return document.decode("ascii") + "\n"


def _faults(rendering: Rendering) -> Iterable[tuple[str, str]]:
    if rendering.report.interrupted:
        yield "interrupted", "the check was interrupted: this report is incomplete"
    if rendering.report.checked == 0:
        yield "nothing-checked", f"nothing was checked: {coverage(rendering.report)}"


def _suite(root: ET.Element, file: FileReport, rendering: Rendering) -> None:
    findings = [finding for finding in file.findings if rendering.lists(finding)]
    path = visible(file.path)
    suite = ET.SubElement(root, "testsuite", name=path)
    properties = ET.SubElement(suite, "properties")
    records = len(file.records)
    counts = {"events.read": file.read - records, "events.checked": file.checked - records}
    if records:
        counts |= {"records.read": records, "records.checked": records}
    counts |= {f"events.skipped.{visible(why)}": n for why, n in sorted(file.skipped.items())}
    for name, value in counts.items():
        ET.SubElement(properties, "property", name=name, value=str(value))
    for name, own in _cases(file, findings).items():
        case = ET.SubElement(suite, "testcase", classname=path, name=visible(name))
        _fill(case, own, rendering)
    if file.unusable or file.checked == 0:
        why = file.unusable or f"nothing was checked: {coverage(file)}"
        case = ET.SubElement(suite, "testcase", classname=path, name="coverage")
        ET.SubElement(case, "error" if file.unusable else "skipped", message=visible(why))


def _cases(file: FileReport, findings: Sequence[Finding]) -> Mapping[str, list[Finding]]:
    """Return the findings by test case: the file's own, then one for each thread and deployment."""
    deployments = dict.fromkeys(one.deployment for one in file.records if one.deployment)
    named = [*file.threads, *deployments]
    apart = len(named) <= MANY_THREADS
    own = "records" if file.read == len(file.records) > 0 else "session"
    cases: dict[str, list[Finding]] = {own: []} if file.checked else {}
    if apart:
        cases |= {name: [] for name in named}
    for finding in findings:
        name = (apart and (finding.thread_id or finding.deployment_id)) or own
        cases.setdefault(name, []).append(finding)
    return cases


def _fill(case: ET.Element, findings: Sequence[Finding], rendering: Rendering) -> None:
    milder: list[str] = []
    for finding in findings:
        if finding.level is Level.ERROR:
            message = visible(finding.message)
            failure = ET.SubElement(case, "failure", type=finding.code, message=message)
            failure.text = _told(finding, rendering)
        else:
            milder.append(_told(finding, rendering))
    if milder:
        ET.SubElement(case, "system-out").text = "\n".join(milder)


def _told(finding: Finding, rendering: Rendering) -> str:
    says = [
        f"{rendering.where(finding)}: {finding.level}[{finding.code}]: {visible(finding.message)}"
    ]
    told = (rendering.because(finding, one) for one in finding.witness)
    says += [f"  because {where}: {shown}" for where, shown in told]
    if finding.expected:
        says.append(f"  expected: {visible(finding.expected)}")
    if finding.followers:
        says.append(f"  {len(finding.followers)} more of the same cause follow")
    return "\n".join(says)


def _count(element: ET.Element, suites: Sequence[ET.Element]) -> None:
    """Write how many cases the suites hold, and how many failed, onto *element*."""
    tags = {"tests": "testcase", "failures": "testcase[failure]", "errors": "testcase[error]"}
    tags["skipped"] = "testcase[skipped]"
    for name, path in tags.items():
        element.set(name, str(sum(len(suite.findall(path)) for suite in suites)))
