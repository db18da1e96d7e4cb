"""The door to MariaDB: tables and statements can be said in its words, and what cannot is known.

It is not served: `UPDATE … RETURNING` is unknown there, and partial unique indexes are, too.
"""

from __future__ import annotations

import importlib
import pkgutil
import warnings
from collections.abc import Iterator

import pytest
from sqlalchemy.dialects.mysql import asyncmy
from sqlalchemy.exc import CompileError
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlalchemy.sql import Executable
from sqlalchemy.sql.dml import Update

import miaohui
from miaohui.kit.database import metadata
from miaohui.kit.errors import Invalid
from miaohui.kit.records import sqlite_file
from miaohui.migrations.tables import MODULES

LEFT_OUT = ("miaohui.migrations", "miaohui.__main__", "miaohui.testing")
OWN_CLOCK = {"RENEW", "KEEP", "ADOPT", "INSERT_TURN", "EXPIRED", "ORPHANS"}
"""Leases are by the database's clock, which is asked for in each database's own words."""


def dialect() -> asyncmy.MySQLDialect_asyncmy:
    made = asyncmy.dialect(is_mariadb=True)
    made.insert_returning = made.delete_returning = made.update_returning = True
    made.server_version_info = (10, 11)
    return made


def statements() -> Iterator[tuple[str, Executable]]:
    for module in pkgutil.walk_packages(miaohui.__path__, "miaohui."):
        if not module.name.startswith(LEFT_OUT):
            for name, value in vars(importlib.import_module(module.name)).items():
                if isinstance(value, Executable) and hasattr(value, "compile"):
                    yield f"{module.name}.{name}", value


def test_every_table_and_index_can_be_said() -> None:
    for module in MODULES:
        importlib.import_module(module)
    for table in metadata.sorted_tables:
        assert str(CreateTable(table).compile(dialect=dialect())).strip()
        for index in table.indexes:
            assert str(CreateIndex(index).compile(dialect=dialect())).strip()


def test_every_statement_can_be_said_but_those_by_the_databases_own_clock() -> None:
    unsaid = set()
    for name, statement in statements():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an INSERT's values come with its parameters
            try:
                statement.compile(dialect=dialect())  # type: ignore[attr-defined]
            except CompileError:
                unsaid.add(name.rpartition(".")[2])
    assert unsaid <= OWN_CLOCK


def test_what_would_have_to_be_done_in_two_steps_there_is_known() -> None:
    two_steps = [name for name, one in statements() if isinstance(one, Update) and one._returning]
    assert 0 < len(two_steps) < 100
    partial = [index.name for table in metadata.sorted_tables for index in table.indexes if _is_partial(index)]
    assert "uq_messages_final" in partial


def _is_partial(index: object) -> bool:
    return getattr(index, "dialect_options", {})["postgresql"]["where"] is not None


@pytest.mark.parametrize("url", ["mysql://root@localhost/m", "mariadb://root@localhost/m"])
def test_until_then_its_address_is_refused_with_a_sentence(url: str) -> None:
    with pytest.raises(Invalid, match="must begin with"):
        sqlite_file(url)
