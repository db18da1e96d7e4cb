"""Databases for tests: a fresh one with every table, in milliseconds."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from pathlib import Path

import asyncmy
import asyncpg
from sqlalchemy.dialects import mysql, postgresql, sqlite
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.schema import CreateIndex, CreateTable
from tests.support.servers import database_at, find_mariadb

from miaohui.kit import copies
from miaohui.kit.database import metadata
from miaohui.kit.ids import new_id
from miaohui.kit.mariadb_words import parse_address
from miaohui.migrations.tables import all_tables


def schema(dialect: Dialect) -> list[str]:
    """The DDL of all rooms' tables."""
    statements: list[str] = []
    for table in all_tables().sorted_tables:
        statements.append(str(CreateTable(table).compile(dialect=dialect)))
        statements += [str(CreateIndex(index).compile(dialect=dialect)) for index in table.indexes]
    return statements


def make_sqlite_template(file: Path) -> None:
    """A file with all tables and no rows."""
    connection = sqlite3.connect(file)
    connection.executescript(";\n".join(schema(sqlite.dialect())))
    connection.close()


def copy_sqlite(template: Path, file: Path) -> str:
    """URL of a copy of the template."""
    shutil.copyfile(template, file)
    return f"sqlite:///{file}"


def _postgres() -> Dialect:
    dialect: Dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    return dialect


async def make_postgres_template(server_url: str, name: str) -> None:
    """A database with all tables and no rows."""
    await run_postgres(server_url, f"CREATE DATABASE {name}")
    await run_postgres(database_at(server_url, name), *schema(_postgres()))


async def copy_postgres(server_url: str, template: str, name: str) -> str:
    """URL of a copy of the template."""
    await run_postgres(server_url, f"CREATE DATABASE {name} TEMPLATE {template}")
    return database_at(server_url, name)


class Postgres:
    """One database for one test after the other: without rows, and copied anew when a test has changed its form."""

    def __init__(self, server_url: str, template: str) -> None:
        self._server_url = server_url
        self._template = template
        self._url = self._form = ""

    async def take(self) -> str:
        """URL of a database with every table and no rows; a tenth of what a copy costs."""
        if not self._url or not await self._emptied():
            self._url = await copy_postgres(self._server_url, self._template, new_id("test").lower())
            self._form = await self._read_form()
        return self._url

    async def _emptied(self) -> bool:
        names = [table.name for table in metadata.sorted_tables]
        # Who left a lock behind keeps that database.
        words = "SET lock_timeout = '1s'; SET session_replication_role = replica; "
        try:
            await run_postgres(self._url, words + "; ".join(f"DELETE FROM {name}" for name in names))
            return await self._read_form() == self._form
        except asyncpg.PostgresError:
            return False

    async def _read_form(self) -> str:
        connection = await asyncpg.connect(self._url)
        try:
            return str(await connection.fetchval(_FORM))
        finally:
            await connection.close()


_FORM = """
    SELECT (SELECT count(*) FROM pg_extension) || ' ' || (SELECT count(*) FROM pg_trigger) || ' ' ||
        string_agg(relname || '.' || attname, ' ' ORDER BY relname, attnum)
    FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
    WHERE relnamespace = 'public'::regnamespace AND attnum > 0 AND NOT attisdropped
"""


async def run_postgres(url: str, *statements: str) -> None:
    """Run statements one after the other, each in its own transaction."""
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


async def make_mariadb_template(server_url: str, name: str) -> str:
    """URL of a database with all tables and no rows."""
    url = await new_mariadb(server_url, name)
    await run_mariadb(url, *schema(mysql.dialect(is_mariadb=True)))
    return url


async def new_mariadb(server_url: str, name: str) -> str:
    """URL of a new database without tables."""
    await run_mariadb(database_at(server_url, "mysql"), f"CREATE DATABASE {name}")
    return database_at(server_url, name)


def copy_mariadb(url: str, target: str) -> None:
    """Tables and rows of one database in another, which has none; it is another history."""
    find_mariadb("mariadb-dump")
    with tempfile.TemporaryDirectory() as folder:
        copies.dump_mariadb(url, Path(folder, "all.sql"))
        copies.load_mariadb(target, Path(folder, "all.sql"))


async def empty_mariadb(url: str) -> str:
    """The same database without rows: there is no template to copy from, and this takes milliseconds."""
    tables = [row[0] for row in await run_mariadb(url, "SHOW TABLES")]
    await run_mariadb(url, "SET foreign_key_checks = 0", *(f"DELETE FROM `{name}`" for name in tables))
    return url


async def run_mariadb(url: str, *statements: str) -> list[tuple[object, ...]]:
    """Run statements one after the other, each in its own transaction; the rows of the last one."""
    connection = await asyncmy.connect(**parse_address(url), autocommit=True)
    rows: list[tuple[object, ...]] = []
    try:
        for statement in statements:
            cursor = connection.cursor()
            await cursor.execute(statement)
            rows = list(await cursor.fetchall()) if cursor.description else []
    finally:
        await connection.ensure_closed()
    return rows
