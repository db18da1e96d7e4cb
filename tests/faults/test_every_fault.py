"""The table of faults is whole: 104 rows, each with tests that are there, or with a word on what is not."""

from __future__ import annotations

import ast
import re
from collections.abc import Container
from functools import cache
from pathlib import Path

import pytest
from bench.__main__ import ROWS as MEASURED
from bench.certify import MODES
from bench.cluster.troubles import TROUBLES
from tests.faults.table import FAULTS

TESTS = Path(__file__).parents[1]
DOCS = TESTS.parent / "docs" / "how-to" / "prove-under-fault.md"
_PARTS: dict[str, Container[str]] = {
    "python -m bench.cluster": TROUBLES,
    "python -m bench": MEASURED,
    "miaohui bench certify": MODES,
}
_COMMAND = re.compile(rf"(?P<program>{'|'.join(map(re.escape, _PARTS))}) --only (?P<part>\S+)")
ROWS = {"A": 19, "B": 14, "C": 8, "D": 15, "E": 13, "F": 16, "G": 13, "H": 6}


@cache
def names_in(module: str) -> frozenset[str]:
    tree = ast.parse((TESTS / module).read_text(encoding="utf-8"))
    found = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return frozenset(node.name for node in found)


def is_there(test: str) -> bool:
    """A test of ours by that name, or a command that brings it about."""
    if command := _COMMAND.match(test):
        return command["part"] in _PARTS[command["program"]]
    module, _, name = test.partition("::")
    return (TESTS / module).is_file() and name in names_in(module)


def test_every_row_of_every_table_is_here() -> None:
    assert set(FAULTS) == {f"{table}{number}" for table, rows in ROWS.items() for number in range(1, rows + 1)}
    assert len(FAULTS) == 104


@pytest.mark.parametrize("name", FAULTS)
def test_the_tests_of_a_row_are_there(name: str) -> None:
    row = FAULTS[name]
    assert [test for test in row.tests if not is_there(test)] == []
    assert row.tests or row.missing


def test_a_test_that_was_renamed_is_noticed() -> None:
    assert not is_there("faults/test_crash_points.py::test_that_is_not_there")
    for program in ("python -m bench.cluster", "python -m bench", "miaohui bench certify"):
        assert not is_there(f"{program} --only nothing")


@pytest.mark.parametrize("name", [name for name, row in FAULTS.items() if row.tier == "C"])
def test_what_is_due_with_every_commit_has_a_test(name: str) -> None:
    assert FAULTS[name].tests


def test_what_is_not_covered_is_said_in_the_documentation() -> None:
    text = DOCS.read_text(encoding="utf-8")
    assert [name for name, row in FAULTS.items() if row.missing and f"| {name} | {row.missing} |" not in text] == []
    assert [name for name, row in FAULTS.items() if not row.missing and f"| {name} |" in text] == []
