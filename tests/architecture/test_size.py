"""Nothing grows until nobody reads it."""

from __future__ import annotations

import ast
from pathlib import Path
from statistics import median

from tests.architecture.tree import ROOT, Function, functions, where

LINES_PER_FILE = 400
LINES_PER_FUNCTION = 60
MEDIAN_FUNCTION = 9
PARAMETERS = 6


def test_no_module_is_longer_than_four_hundred_lines(sources: list[Path]) -> None:
    assert [f"{path} ({_lines(path)})" for path in sources if _lines(path) > LINES_PER_FILE] == []


def test_no_web_module_is_longer_than_four_hundred_lines() -> None:
    paths = [path for kind in ("ts", "tsx") for path in _web(kind)]
    assert [f"{path} ({_lines(path)})" for path in paths if _lines(path) > LINES_PER_FILE] == []


def test_no_function_is_longer_than_sixty_lines(sources: list[Path]) -> None:
    assert [
        f"{where(path, function)} {function.name} ({_length(function)})"
        for path in sources
        for function in functions(path)
        if _length(function) > LINES_PER_FUNCTION
    ] == []


def test_half_of_all_functions_are_short(sources: list[Path]) -> None:
    assert median(_length(function) for path in sources for function in functions(path)) <= MEDIAN_FUNCTION


def test_no_function_takes_more_parameters_than_can_be_remembered(sources: list[Path]) -> None:
    assert [
        f"{where(path, function)} {function.name} ({_parameters(function)})"
        for path in sources
        for function in functions(path)
        if _parameters(function) > PARAMETERS and not _is_edge(function)
    ] == []


def _lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def _web(kind: str) -> list[Path]:
    paths = (path for place in ("apps", "packages") for path in ROOT.glob(f"web/{place}/*/src/**/*.{kind}"))
    return [path for path in paths if "node_modules" not in path.parts and "generated" not in path.name]


def _length(function: Function) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def _parameters(function: Function) -> int:
    arguments = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    return len([argument for argument in arguments if argument.arg not in {"self", "cls"}])


def _is_edge(function: Function) -> bool:
    """A route's or a command's parameters are its form: FastAPI and click fill them."""
    decorators = " ".join(map(ast.unparse, function.decorator_list))
    return any(
        word in decorators for word in (".get(", ".post(", ".put(", ".patch(", ".delete(", "command(", "option(")
    )
