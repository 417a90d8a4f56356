"""The report as GitHub workflow commands, which become annotations.

GitHub keeps ten errors, ten warnings and ten notices a step and drops the rest without a word. So
the ten are chosen, each rule getting its turn, and a last notice says what was read, checked and
withheld.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, zip_longest
from typing import Final

from lifecycle.check.findings import Finding, Level
from lifecycle.check.formats.rendering import Rendering, coverage
from lifecycle.plain import counted, visible

__all__ = ["KEPT", "render"]

KEPT: Final = 10
"""How many annotations of each kind GitHub keeps a step."""

_COMMANDS: Final = {Level.ERROR: "error", Level.WARNING: "warning", Level.NOTE: "notice"}


def render(rendering: Rendering) -> str:
    """Return the report as workflow commands, the most severe first."""
    faults = [_command("error", says, title=title) for title, says in _faults(rendering)][:KEPT]
    room = {Level.ERROR: KEPT - len(faults), Level.WARNING: KEPT, Level.NOTE: KEPT - 1}
    commands = faults
    withheld = 0
    for level in Level:
        ranked = _by_turns([finding for finding in rendering.findings if finding.level is level])
        withheld += max(0, len(ranked) - room[level])
        commands += [_annotation(finding, rendering) for finding in ranked[: room[level]]]
    commands.append(_command("notice", _summary(rendering, withheld), title="lifecycle check"))
    return "\n".join(commands) + "\n"


def _faults(rendering: Rendering) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with the run itself."""
    if rendering.report.interrupted:
        yield "interrupted", "The check was interrupted: this report is incomplete."
    if rendering.report.checked == 0:
        yield "nothing checked", f"Nothing was checked: {coverage(rendering.report)}."
    for file in rendering.report.files:
        if file.unusable:
            yield "unusable", f"{file.path}: {file.unusable}"


def _by_turns(findings: Sequence[Finding]) -> list[Finding]:
    """Return the findings so that every rule has its first before any has its second."""
    rules: dict[str, list[Finding]] = {}
    for finding in findings:
        rules.setdefault(finding.code, []).append(finding)
    turns = zip_longest(*(rules[code] for code in sorted(rules)))
    return [finding for finding in chain.from_iterable(turns) if finding is not None]


def _annotation(finding: Finding, rendering: Rendering) -> str:
    rule = rendering.rules.get(finding.code)
    unit = rendering.unit(finding)
    says = [visible(finding.message)]
    told = (rendering.because(finding, one) for one in finding.witness)
    says += [f"because {where}: {shown}" for where, shown in told]
    if finding.expected:
        says.append(f"expected: {visible(finding.expected)}")
    if finding.followers:
        says.append(f"{len(finding.followers)} more of the same cause follow")
    if unit == "line" and finding.file != "-":
        where = {"file": finding.file, "line": str(finding.line)}
    else:  # there is no line that an annotation could stand at
        where = {} if finding.file == "-" else {"file": finding.file}
        says[0] = f"{unit} {finding.line}: {says[0]}"
    return _command(
        _COMMANDS[finding.level],
        "\n".join(says),
        **where,
        title=f"{finding.code} {rule.name}" if rule else finding.code,
    )


def _summary(rendering: Rendering, withheld: int) -> str:
    report = rendering.report
    counts = ", ".join(counted(report.count(level), level) for level in Level)
    says = f"{coverage(report)}; {counts}"
    if withheld:
        says += f"; {counted(withheld, 'finding')} withheld here (--format json has all)"
    return says


def _command(name: str, says: str, **properties: str) -> str:
    """Return one workflow command, escaped as the runner's own toolkit does it."""
    pairs = ",".join(f"{key}={_escaped_property(value)}" for key, value in properties.items())
    return f"::{name} {pairs}::{_escaped(says)}"


def _escaped(text: str) -> str:
    lines = "\n".join(visible(line) for line in text.split("\n"))
    return lines.replace("%", "%25").replace("\n", "%0A")


def _escaped_property(text: str) -> str:
    return _escaped(visible(text)).replace(":", "%3A").replace(",", "%2C")
