"""The tests read as sentences, and none of them cannot fail."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.architecture.tree import functions, where

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
