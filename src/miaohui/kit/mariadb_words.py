"""What is said otherwise to MariaDB: its address, tables as the other databases mean them, and UPDATE … RETURNING.

Importing this teaches SQLAlchemy the words; they are used for MariaDB only.
"""

from __future__ import annotations

import re
import weakref
from collections.abc import Iterator
from typing import Any, NamedTuple, cast
from urllib.parse import parse_qs, unquote, urlsplit

from sqlalchemy import Column, Float, Index, LargeBinary, Select, Table, Text, and_, bindparam, select, true, tuple_
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import CreateIndex, CreateTable, DropIndex
from sqlalchemy.sql import Executable, operators
from sqlalchemy.sql.dml import Update
from sqlalchemy.sql.elements import BinaryExpression, BindParameter, BooleanClauseList, ColumnElement, Grouping
from sqlalchemy.sql.visitors import replacement_traverse

from miaohui.kit.errors import Invalid

TABLE = "ENGINE=InnoDB ROW_FORMAT=DYNAMIC CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin"
"""Compared and sorted by bytes, spaces at the end included, as in SQLite and in PostgreSQL's "C"."""
_MODE = (
    "STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION,NO_ZERO_DATE,NO_ZERO_IN_DATE,"
    # Assignments see the row as it was, as everywhere else; by default they would see the ones before them.
    "SIMULTANEOUS_ASSIGNMENT"
)
SESSION = (
    "SET NAMES utf8mb4 COLLATE utf8mb4_nopad_bin",
    f"SET SESSION sql_mode = '{_MODE}', time_zone = '+00:00', tx_isolation = 'READ-COMMITTED'",
)
"""What a connection is told first."""
_OF = "VARCHAR(190)"
"""What a unique index over some rows is about: an id. A migration does not know the column's own type."""
_KEYS = "keys_of_those_rows"


def parse_address(url: str) -> dict[str, Any]:
    """What a driver wants to know of a URL. Raises `Invalid` without a database's name, and on what is not known.

    `?unix_socket=` names a socket; `?ssl_ca=` a file of authorities, and lets nothing through that is not encrypted.
    """
    parts = urlsplit(url)
    name = unquote(parts.path.removeprefix("/"))
    if not name:
        raise Invalid("The database URL names no database: mariadb://name:password@host/database.")
    asked = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    if unknown := asked.keys() - {"unix_socket", "ssl_ca", "charset"}:
        raise Invalid(f"The database URL asks for {', '.join(sorted(unknown))}, which is not known for MariaDB.")
    address: dict[str, Any] = {"user": unquote(parts.username or ""), "password": unquote(parts.password or "")}
    if "ssl_ca" in asked:
        address["ssl"] = {"ca": asked["ssl_ca"]}
    if "unix_socket" in asked:
        return {**address, "database": name, "unix_socket": asked["unix_socket"]}
    return {**address, "database": name, "host": parts.hostname or "localhost", "port": parts.port or 3306}


@compiles(Text, "mysql", "mariadb")
def _text(_type: Text, _compiler: Any, **_: Any) -> str:
    return "LONGTEXT"


@compiles(LargeBinary, "mysql", "mariadb")
def _bytes(_type: LargeBinary, _compiler: Any, **_: Any) -> str:
    return "LONGBLOB"


@compiles(Float, "mysql", "mariadb")
def _float(_type: Float[Any], _compiler: Any, **_: Any) -> str:
    return "DOUBLE"


# Nothing here is undone when a migration stops half-way; so each step can be taken once more.


@compiles(CreateTable, "mysql", "mariadb")
def _create_table(element: CreateTable, compiler: Any, **options: Any) -> str:
    said = str(compiler.visit_create_table(element, **options)).rstrip()
    # A primary key's own name is not kept there, and a warning would say so for every table.
    said = re.sub(r"CONSTRAINT \S+ PRIMARY KEY", "PRIMARY KEY", said)
    return re.sub(r"CREATE TABLE (IF NOT EXISTS )?", "CREATE TABLE IF NOT EXISTS ", said, count=1) + f" {TABLE}"


@compiles(CreateIndex, "mysql", "mariadb")
def _create_index(element: CreateIndex, compiler: Any, **options: Any) -> str:
    index: Index = element.element
    where = index.dialect_options["postgresql"]["where"]
    if where is None or not index.unique:
        said = str(compiler.visit_create_index(element, **options))
        return said.replace(" INDEX ", " INDEX IF NOT EXISTS ", 1)
    return _create_partial(index, str(where), compiler)


def _create_partial(index: Index, where: str, compiler: Any) -> str:
    """A unique index over some rows only: a column that is NULL in the others, which are then never the same."""
    quote, table = compiler.preparer.quote, cast("Table", index.table)
    first, *others = index.columns
    name = quote(f"{index.name}_of")
    columns = ", ".join([name, *(quote(column.name) for column in others)])
    return (
        f"ALTER TABLE {compiler.preparer.format_table(table)} ADD COLUMN IF NOT EXISTS {name} {_OF}"
        f" GENERATED ALWAYS AS (CASE WHEN {where} THEN {quote(first.name)} END) VIRTUAL INVISIBLE,"
        f" ADD UNIQUE INDEX IF NOT EXISTS {quote(index.name)} ({columns})"
    )


@compiles(DropIndex, "mysql", "mariadb")
def _drop_index(element: DropIndex, compiler: Any, **options: Any) -> str:
    said = str(compiler.visit_drop_index(element, **options))
    return said.replace("DROP INDEX ", "DROP INDEX IF EXISTS ", 1)


class Change(NamedTuple):
    """The steps that stand for an `UPDATE … RETURNING`."""

    keys: Select[Any] | None
    """Locks the rows and says which; None when the statement itself names one row by its key."""
    update: Update
    read: Select[Any]
    bind: str = _KEYS
    """The parameter of the later steps that takes what `keys` found."""


class Wordings:
    """What stands for each statement, found once."""

    def __init__(self) -> None:
        self._known: weakref.WeakKeyDictionary[Any, Any] = weakref.WeakKeyDictionary()

    def of(self, statement: Executable) -> Executable | Change:
        """The same statement in words that MariaDB knows, or the steps that stand for it."""
        if statement not in self._known:
            worded = _reworded(statement)
            # A value that is its own key would live for ever.
            self._known[statement] = None if worded is statement else worded
        known: Executable | Change | None = self._known[statement]
        return statement if known is None else known


def _reworded(statement: Any) -> Any:
    plain = replacement_traverse(statement, {}, replace=_without_limit_in_list)
    if isinstance(plain, Update) and plain.returning_column_descriptions:
        return _steps(plain)
    return plain


def _without_limit_in_list(element: Any, **_: Any) -> Any:
    """`IN (SELECT … LIMIT n)` is not known; `IN (SELECT * FROM (SELECT … LIMIT n))` is, and means the same."""
    if not isinstance(element, BinaryExpression) or element.operator not in (operators.in_op, operators.not_in_op):
        return None
    inner = getattr(element.right, "element", element.right)
    if not isinstance(inner, Select) or inner._limit_clause is None:  # noqa: SLF001  (has no public name)
        return None
    listed = element.left.in_(select(*inner.subquery().columns))
    return listed if element.operator is operators.in_op else ~listed


def _steps(statement: Update) -> Change:
    keys = list(cast("Table", statement.table).primary_key.columns)
    where = true() if statement.whereclause is None else statement.whereclause
    pinned = list(_pinned(where, keys))
    if len(pinned) == len(keys):
        return Change(None, _silent(statement), _read(statement, and_(*pinned)))
    these = (keys[0] if len(keys) == 1 else tuple_(*keys)).in_(bindparam(_KEYS, expanding=True))
    lock = select(*keys).where(where).with_for_update()
    return Change(lock, _silent(statement.where(these)), _read(statement, these))


def _pinned(where: Any, keys: list[Column[Any]]) -> Iterator[ColumnElement[Any]]:
    """The conditions that say which one row it is: every column of the key equal to a value, one for each."""
    missing = set(keys)
    for one in _conditions(where):
        is_equal = isinstance(one, BinaryExpression) and one.operator is operators.eq
        if is_equal and one.left in missing and isinstance(one.right, BindParameter):
            missing.discard(one.left)
            yield one


def _conditions(where: Any) -> Iterator[Any]:
    if isinstance(where, Grouping):
        yield from _conditions(where.element)
    elif isinstance(where, BooleanClauseList) and where.operator is operators.and_:
        for one in where.clauses:
            yield from _conditions(one)
    else:
        yield where


def _silent(statement: Update) -> Update:
    copy = statement.where()
    copy._returning = ()  # noqa: SLF001  (can be added to by a method, but not taken away)
    return copy


def _read(statement: Update, where: ColumnElement[Any]) -> Select[Any]:
    return select(*(column["expr"] for column in statement.returning_column_descriptions)).where(where)
