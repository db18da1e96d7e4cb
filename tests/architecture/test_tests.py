"""The tests read as sentences, and none of them cannot fail."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from tests.architecture.tree import functions, where
from tests.conftest import shared_with

WORDS = 3


def test_every_test_name_is_a_sentence(test_modules: list[Path]) -> None:
    assert [
        f"{where(path, function)} {function.name}"
        for path in test_modules
        for function in functions(path)
        if function.name.startswith("test_") and len(function.name.split("_")) - 1 < WORDS
    ] == []


def test_every_test_checks_something(test_modules: list[Path]) -> None:
    assert [
        f"{where(path, function)} {function.name}"
        for path in test_modules
        for function in functions(path)
        if function.name.startswith("test_") and not _checks(function)
    ] == []


def test_no_test_asserts_a_constant(test_modules: list[Path]) -> None:
    assert [
        where(path, node)
        for path in test_modules
        for function in functions(path)
        for node in ast.walk(function)
        if isinstance(node, ast.Assert) and isinstance(node.test, ast.Constant)
    ] == []


@pytest.mark.xdist_group("those-who-stay-together")
def test_tests_of_one_group_are_known_as_such_to_whoever_spreads_them(request: pytest.FixtureRequest) -> None:
    if not getattr(request.config.option, "loadgroup", False):
        pytest.skip("only where tests are spread by group")
    assert request.node.nodeid.endswith("@those-who-stay-together")


@pytest.fixture(scope="module")
def made_once() -> list[str]:
    return []


@pytest.mark.parametrize("number", range(2))
def test_tests_that_share_a_fixture_of_their_module_are_a_group(
    made_once: list[str], number: int, request: pytest.FixtureRequest
) -> None:
    group = shared_with(request.node)
    made_once += group
    assert made_once == ["tests-architecture-test_tests-py"] * (number + 1)


def test_others_are_not_kept_together(request: pytest.FixtureRequest) -> None:
    assert shared_with(request.node) == []


def _checks(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """It asserts, expects an error, or calls something that does (`check_…`, `expect_…`, `assert_…`)."""
    for node in ast.walk(function):
        if isinstance(node, ast.Assert):
            return True
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func).rpartition(".")[2]
            if name in {"raises", "warns", "fail"} or name.startswith(
                ("check", "expect", "assert", "_check", "_expect")
            ):
                return True
    return False
