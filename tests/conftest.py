"""
What holds for the whole run.

A test whose reason to be skipped begins with "needs " lacks something that a complete set-up has.
With `LIFECYCLE_REQUIRE_ALL=1` it fails.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from typing import TypeVar

import pytest
from hypothesis import settings

# A busy machine is no fault of the code.
settings.register_profile("patient", settings(), deadline=None)
settings.load_profile("patient")

Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)


def _strict(report: Report) -> Report:
    """Turn a skip for something missing into a failure, if nothing may be missing."""
    required = os.environ.get("LIFECYCLE_REQUIRE_ALL", "0") not in ("", "0")
    if required and report.skipped and isinstance(report.longrepr, tuple):
        path, line, reason = report.longrepr
        if reason.removeprefix("Skipped: ").startswith("needs "):
            report.outcome = "failed"
            report.longrepr = f"{path}:{line}: {reason}; LIFECYCLE_REQUIRE_ALL is set"
    return report


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the lessons be written anew."""
    parser.addoption("--rewrite", action="store_true", help="write the answers in tests/lessons")


def pytest_configure(config: pytest.Config) -> None:
    """Measure coverage in the workers alone: some tests look at what a process of theirs loads."""
    if hasattr(config, "workerinput"):
        os.environ.pop("COVERAGE_PROCESS_START", None)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Look at every test's report."""
    return _strict((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Look at every module's report: a module may be skipped as a whole."""
    return _strict((yield))
