"""One word, one meaning: the words that the dictionary refuses do not name anything here."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.architecture.tree import parsed, where

NEVER_IN_CLASSES = {"Manager", "Helper", "Util", "Utils", "Handler", "Processor", "Impl", "Base"}
NEVER = {
    "llm": "engine, provider or route",
    "bot": "assistant",
    "chatbot": "assistant",
    "customer": "contact or visitor",
    "snippet": "passage",
    "organisation": "tenant",
    "organization": "tenant",
    "dialog": "conversation",
    "dialogue": "conversation",
}
FOREIGN = {"customer_request"}
"""Words of the wire, which are the trade's and not ours to choose."""

PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


def test_no_class_is_named_for_doing_things_in_general(sources: list[Path]) -> None:
    assert [
        f"{where(path, node)} {node.name}"
        for path in sources
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ClassDef) and NEVER_IN_CLASSES & set(PARTS.findall(node.name))
    ] == []


def test_no_name_uses_a_refused_word(sources: list[Path]) -> None:
    assert [
        f"{where(path, node)} {name}: say {NEVER[word]}"
        for path in sources
        for node, name in _named(path)
        if name not in FOREIGN
        for word in _words(name) & NEVER.keys()
    ] == []


@pytest.mark.parametrize("name", ["LLMClient", "build_llm", "chatBot", "customer_id", "RichTextSnippet"])
def test_a_refused_word_is_found_in_any_spelling(name: str) -> None:
    assert _words(name) & NEVER.keys()


@pytest.mark.parametrize("name", ["robots", "bottom", "customers_request_rate", "dialect", "database"])
def test_a_longer_word_is_not_mistaken_for_a_refused_one(name: str) -> None:
    assert not _words(name) & NEVER.keys()


def _words(name: str) -> set[str]:
    return {part.lower() for part in PARTS.findall(name)}


def _named(path: Path) -> Iterator[tuple[ast.AST, str]]:
    """Everything that gets a name in a module: classes, functions, parameters, fields and variables."""
    yield parsed(path), path.stem
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node, node.name
        elif isinstance(node, ast.arg):
            yield node, node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node, node.id
