"""Every fault that an engine client must survive has a test named after it, and that test speaks to a real socket."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

FAULTS = tuple(f"{number:02}" for number in range(1, 51))
_TESTS = Path(__file__).parents[1]
_ROOMS = ("engines", "tools")
_SOCKETS = {"Upstream", "over_sockets"}
_NAMED = re.compile(r"test_f(\d\d)_\w+_\w+")


def find_faults(source: str) -> set[str]:
    """Numbers of the faults whose tests in this module open a provider's socket, themselves or by what they call."""
    tree = ast.parse(source)
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names}
    if not imported & _SOCKETS:
        return set()
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return {named[1] for node in functions if _opens(node) and (named := _NAMED.match(node.name))}


def _opens(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """It builds an upstream, or takes a fixture that does."""
    taken = {ast.unparse(one.annotation) for one in function.args.args if one.annotation}
    used = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
    return bool(taken & {"Upstream", "World", "Pair"}) or bool(used & _SOCKETS)


@pytest.fixture(scope="module")
def found() -> set[str]:
    modules = [module for room in _ROOMS for module in sorted((_TESTS / room).glob("test_*.py"))]
    return {number for module in modules for number in find_faults(module.read_text(encoding="utf-8"))}


@pytest.mark.parametrize("number", FAULTS)
def test_the_fault_has_a_test_over_a_socket(found: set[str], number: str) -> None:
    assert number in found


def test_a_test_without_a_socket_does_not_count() -> None:
    scripted = "from a import FakeEngine\nasync def test_f01_it_is_survived(engine: FakeEngine) -> None: ...\n"
    assert find_faults(scripted) == set()
    beside = "from a import Upstream\nasync def test_f01_it_is_survived(engine: FakeEngine) -> None: ...\n"
    assert find_faults(beside) == set()
    real = "from a import Upstream\nasync def test_f01_it_is_survived(upstream: Upstream) -> None: ...\n"
    assert find_faults(real) == {"01"}
