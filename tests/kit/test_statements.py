"""Statements compiled once, and forgotten with the statement."""

from __future__ import annotations

import gc
import weakref

import pytest
from sqlalchemy import Select, bindparam, select
from sqlalchemy.dialects import sqlite

from miaohui.kit.meta import META
from miaohui.kit.statements import Statements

_KEY = META.c.key


def built_for_one_call() -> Select[tuple[str]]:
    return select(META.c.value).where(_KEY.in_(["a", "b"]))


def made() -> Statements:
    return Statements(sqlite.dialect(paramstyle="qmark"))


@pytest.mark.parametrize("built", [built_for_one_call, lambda: select(META.c.value).where(_KEY == "a")])
def test_a_statement_built_for_one_call_dies_with_it_also_one_with_a_list_of_values(built: object) -> None:
    assert callable(built)
    statements = made()
    for _ in range(3):
        statement = built()
        statements.bind(statement, {})
        alive = weakref.ref(statement)
        del statement
        gc.collect()
        assert alive() is None
    assert not statements._entries


def test_a_lasting_statement_with_a_list_takes_each_number_of_values() -> None:
    statements = made()
    statement = select(META.c.value).where(_KEY.in_(bindparam("keys", expanding=True)))
    for keys in (["a"], ["a", "b", "c"], ["d"]):
        text, values = statements.bind(statement, {"keys": keys})
        assert list(values) == keys
        assert text.count("?") == len(keys)
    assert statements.bind(statement, {"keys": []})[1] == ()
