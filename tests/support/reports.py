"""What a run of the tests tells at its end."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest
from _pytest.nodeid import NodeId

KEPT_IN = "TESTS_SKIPPED"
"""Names a file that keeps the counts too: who runs pytest more than once tells them at the end of it all."""


class Reports:
    """Names of tests without their groups, and why tests were skipped, a line for each reason."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A group's name is for spreading tests alone; what failed is not found again by it."""
        report._id = NodeId.parse(without_group(report.nodeid))

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        skipped = count_reasons(terminalreporter.stats.get("skipped", []))
        for line in lines(skipped):
            terminalreporter.write_line(line)
        if file := os.environ.get(KEPT_IN):
            with Path(file).open("a", encoding="utf-8") as kept:
                kept.writelines(f"{count}\t{reason}\n" for reason, count in skipped.items())


def without_group(nodeid: str) -> str:
    """`path::name[parameters]` of `path::name[parameters]@group`."""
    head, at, group = nodeid.rpartition("@")
    return head if at and "]" not in group and "::" in head else nodeid


def count_reasons(reports: list[pytest.TestReport]) -> Counter[str]:
    """How many tests were skipped for each reason."""
    return Counter(
        report.longrepr[2].removeprefix("Skipped: ") for report in reports if isinstance(report.longrepr, tuple)
    )


def lines(skipped: Counter[str]) -> list[str]:
    """The most first."""
    return [f"{count:>6} skipped: {reason}" for reason, count in skipped.most_common()]
