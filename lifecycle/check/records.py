"""The checker of records: deployments, their runs, and webhooks.

What one record shows by itself is said at once. What takes several is said when all are read:
records come in no order, from several files and from different times. Until then each is kept, in
about a kilobyte; an event of a session costs nothing here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Final

from lifecycle.check.findings import Finding, Witness
from lifecycle.check.ledger import Ledger
from lifecycle.check.record import Filed, filed
from lifecycle.check.report import FileReport
from lifecycle.check.rule import Check, Fault, Proof
from lifecycle.check.rules import RULES
from lifecycle.dialects import Dialect, dialect as find_dialect
from lifecycle.vocabulary import RecordType
from lifecycle.wire.items import Recorded, any_item_of
from lifecycle.wire.structure import Resource, unstructure

__all__ = ["RecordMonitor", "compare_records"]

_Table = Mapping[RecordType, tuple[tuple[str, Check], ...]]


class RecordMonitor:
    """Checks records as they come, in whatever order.

    Args:
        dialect: the dialect, or its name.
        partial: whether anything may be missing; the rules that rest on something absent are off.
        codes: the rules to apply; `None` for all of the dialect.

    Attributes:
        findings: what was found so far.
        records: what is kept of the records, in their order.

    Raises:
        UnknownDialect: no dialect is called so.
    """

    def __init__(
        self,
        dialect: str | Dialect = "anthropic",
        *,
        partial: bool = False,
        codes: frozenset[str] | None = None,
    ) -> None:
        self.findings: list[Finding] = []
        self.records: list[Filed] = []
        self._dialect: Final = find_dialect(dialect)
        self._partial: Final = partial
        self._codes: Final = codes
        self._alone: Final = Ledger(self._dialect)
        self._table: Final = _table(self._dialect.name, partial, codes, across=False)

    def feed(self, record: Recorded | Resource | dict[str, Any], file: str = "-") -> list[Finding]:
        """Take the next record; return what it shows by itself.

        Objects are counted as lines, from 1.

        Raises:
            TypeError: *record* is none.
        """
        given = unstructure(record) if isinstance(record, Resource) else record
        found = given if isinstance(given, Recorded) else any_item_of(given, len(self.records) + 1)
        if not isinstance(found, Recorded):
            raise TypeError("a record is a deployment, a run of one, or a webhook")
        one = filed(found, file)
        self.records.append(one)
        new = [_finding(code, fault, one) for code, fault in self._faults(found, one)]
        self.findings += new
        return new

    def end(self) -> list[Finding]:
        """Take all records to be there; return what several of them show together."""
        together = _together(self.records, self._dialect, self._partial, self._codes)
        new = [finding for _, finding in together]
        self.findings += new
        return new

    def _faults(self, found: Recorded, one: Filed) -> Iterable[tuple[str, Fault]]:
        """Iterate over what is wrong with one record."""
        if found.misfit and (self._codes is None or "RC004" in self._codes):
            yield "RC004", Fault(found.misfit, expected="another kind of value", path=found.path)
        for code, check in self._table[one.kind]:
            fault = check(self._alone, one)
            if fault is not None:
                yield code, fault


def compare_records(
    reports: Sequence[FileReport], dialect: str, *, partial: bool, codes: frozenset[str] | None
) -> None:
    """Add to the reports what the records of all their files show together."""
    records = [record for report in reports for record in report.records]
    owner = {id(record): report for report in reports for record in report.records}
    for record, finding in _together(records, find_dialect(dialect), partial, codes):
        owner[id(record)].findings.append(finding)
    for report in reports:
        report.findings.sort(key=lambda finding: finding.line)


def _together(
    records: Sequence[Filed], dialect: Dialect, partial: bool, codes: frozenset[str] | None
) -> Iterable[tuple[Filed, Finding]]:
    """Iterate over what *records* show together, with the record that each finding is about."""
    if not records:
        return
    ledger = Ledger(dialect, records)
    table = _table(dialect.name, partial, codes, across=True)
    for record in records:
        for code, check in table[record.kind]:
            fault = check(ledger, record)
            if fault is not None:
                yield record, _finding(code, fault, record)


@cache
def _table(dialect: str, partial: bool, codes: frozenset[str] | None, *, across: bool) -> _Table:
    """Return the rules to ask, by the kind of record: of single records, or across them."""
    return {
        kind: tuple(
            (code, rule.check)
            for code, rule in RULES.items()
            if kind in rule.on
            and rule.across is across
            and dialect in rule.dialects
            and (codes is None or code in codes)
            and not (partial and rule.absence)
        )
        for kind in RecordType
    }


def _finding(code: str, fault: Fault, record: Filed) -> Finding:
    """Make the finding about *record* that *fault* is."""
    return Finding(
        code=code,
        level=RULES[code].level,
        line=record.line,
        message=fault.message,
        expected=fault.expected,
        path=fault.path,
        event_id=record.id,
        deployment_id=record.deployment,
        witness=_shown(fault.witness, record),
        allowed=fault.allowed,
        file=record.file,
    )


def _shown(proof: Proof, record: Filed) -> tuple[Witness, ...]:
    """Return a witness in the order in which it was read."""
    told = sorted(proof, key=lambda pair: pair[0].place)
    return tuple(
        Witness(one.line, one.id, says, None if one.file == record.file else one.file)
        for one, says in told
    )
