"""Each room says which question it answers, and keeps to the plan of a room."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.architecture.tree import PACKAGE, functions, parsed, where

NOT_ROOMS = {"migrations", "sample", "static", "testing", "__pycache__"}


def _rooms() -> list[Path]:
    return [path.parent for path in sorted(PACKAGE.glob("*/__init__.py")) if path.parent.name not in NOT_ROOMS]


def test_every_room_begins_with_the_question_it_answers() -> None:
    assert [room.name for room in _rooms() if "?" not in (ast.get_docstring(parsed(room / "__init__.py")) or "")] == []


def test_every_module_says_what_it_is_for(sources: list[Path]) -> None:
    without = [path for path in sources if not ast.get_docstring(parsed(path)) and "migrations" not in path.parts]
    assert [str(path.relative_to(PACKAGE)) for path in without] == []


def test_every_function_is_annotated(sources: list[Path]) -> None:
    assert [
        f"{where(path, function)} {function.name}"
        for path in sources
        for function in functions(path)
        if function.returns is None or _unannotated(function)
    ] == []


def test_nothing_is_left_for_later(sources: list[Path]) -> None:
    left = ("TODO", "FIXME", "XXX", "NotImplementedError", "pragma: no cover")
    found = [
        f"{path.relative_to(PACKAGE)}:{number}"
        for path in sources
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if any(word in line for word in left)
    ]
    assert found == []


def test_the_contracts_name_every_room() -> None:
    contracts = (PACKAGE.parents[1] / ".importlinter").read_text(encoding="utf-8")
    floors = contracts.partition("layers =")[2].partition("[importlinter:")[0]
    named = set(floors.replace("(", " ").replace(")", " ").replace("|", " ").replace(":", " ").split())
    assert {room.name for room in _rooms()} - named == set()


def _unannotated(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    arguments = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    return any(argument.annotation is None and argument.arg not in {"self", "cls"} for argument in arguments)
