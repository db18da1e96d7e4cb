"""Migrations where DDL cannot be undone: each step can be taken again, and what stopped half-way is begun anew.

A migration that stops half-way leaves its first steps behind. From the first served version on, the next start takes
them once more (`IF NOT EXISTS`) and goes on. Before it, while a new database gets its tables, there is nothing to keep:
a mark says so, and the next start begins from nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from alembic.ddl.base import AddColumn, DropColumn, visit_add_column, visit_drop_column
from sqlalchemy import Connection, text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import DropTable

from miaohui.kit.mariadb_words import SESSION
from miaohui.kit.meta import META

_LOCK = "miaohui.migrations"
_LOCK_S = 600
_MARK = "migrations_from_nothing"


@compiles(AddColumn, "mysql", "mariadb")
def _add_column(element: AddColumn, compiler: Any, **options: Any) -> str:
    element.if_not_exists = True
    return visit_add_column(element, compiler, **options)


@compiles(DropColumn, "mysql", "mariadb")
def _drop_column(element: DropColumn, compiler: Any, **options: Any) -> str:
    element.if_exists = True
    return visit_drop_column(element, compiler, **options)


@compiles(DropTable, "mysql", "mariadb")
def _drop_table(element: DropTable, compiler: Any, **options: Any) -> str:
    element.if_exists = True
    return str(compiler.visit_drop_table(element, **options))


@contextmanager
def alone(connection: Connection) -> Iterator[None]:
    """No other process migrates this database meanwhile; what one began from nothing and left is away."""
    for statement in SESSION:
        connection.execute(text(statement))
    name = f"{_LOCK}.{connection.engine.url.database}"[:64]
    connection.execute(text("SELECT GET_LOCK(:name, :seconds)"), {"name": name, "seconds": _LOCK_S})
    try:
        _begin_anew_where_left(connection)
        yield
        if _MARK in _tables(connection):
            connection.execute(text(f"DROP TABLE {_MARK}"))
    finally:
        connection.execute(text("SELECT RELEASE_LOCK(:name)"), {"name": name})


def _begin_anew_where_left(connection: Connection) -> None:
    tables = _tables(connection)
    if _MARK in tables:
        connection.execute(text("SET foreign_key_checks = 0"))
        for table in sorted(tables - {_MARK, META.name}):
            connection.execute(text(f"DROP TABLE `{table}`"))
        connection.execute(text("SET foreign_key_checks = 1"))
    elif tables <= {META.name}:
        connection.execute(text(f"CREATE TABLE {_MARK} (nothing INT)"))


def _tables(connection: Connection) -> set[str]:
    return {str(row[0]) for row in connection.execute(text("SHOW TABLES"))}
