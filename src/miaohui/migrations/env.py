"""Where Alembic finds the database and the tables."""

from __future__ import annotations

import asyncio
import sqlite3

from alembic import context
from sqlalchemy import Connection, create_engine, event, pool, text
from sqlalchemy.ext.asyncio import create_async_engine

from miaohui.kit.meta import CREATE, FIND, INSERT, REPLACE
from miaohui.kit.records import is_mariadb, load_mariadb
from miaohui.migrations import FLOOR, SERVES_FROM, check_serves, is_ahead
from miaohui.migrations.tables import all_tables

_LOCK = 7_410_633_205  # any number, as long as nobody else takes it


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=all_tables(),
        transaction_per_migration=False,
        # Alembic does not count on it for SQLite, whose driver commits at every DDL by itself; see `_run_sqlite`.
        transactional_ddl=True if connection.dialect.name == "sqlite" else None,
    )
    with context.begin_transaction():
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        connection.execute(CREATE)  # a backup leaves it out
        if is_ahead(context.get_context().get_current_heads()):
            check_serves(_floor(connection))
            return
        context.run_migrations()
        _tell_floor(connection)


def _floor(connection: Connection) -> list[str]:
    return [str(row[0]) for row in connection.execute(FIND, {"key": FLOOR})]


def _tell_floor(connection: Connection) -> None:
    """For programs that are older than these tables."""
    known = _floor(connection)
    if not known:
        connection.execute(INSERT, {"key": FLOOR, "value": SERVES_FROM})
    elif known != [SERVES_FROM]:
        connection.execute(REPLACE, {"its_key": FLOOR, "its_value": SERVES_FROM})


def _run_mariadb(connection: Connection) -> None:
    from miaohui.migrations.mariadb import alone  # noqa: PLC0415  (its driver is optional)

    with alone(connection):
        _run(connection)


async def _run_postgres(url: str) -> None:
    engine = create_async_engine(url, poolclass=pool.NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(_run)
        await connection.commit()
    await engine.dispose()


async def _run_on_mariadb(url: str) -> None:
    await load_mariadb().check(url)
    # Every DDL statement commits what is open; saying so beforehand keeps the version's number in step.
    engine = create_async_engine(
        "mariadb+asyncmy" + url[url.index("://") :], poolclass=pool.NullPool, isolation_level="AUTOCOMMIT"
    )
    async with engine.connect() as connection:
        await connection.run_sync(_run_mariadb)
    await engine.dispose()


def _run_sqlite(url: str) -> None:
    """All of it in one transaction, so that what was killed half-way was never there."""
    engine = create_engine(url, poolclass=pool.NullPool)

    @event.listens_for(engine, "connect")
    def _leave_transactions_to_us(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    with engine.connect() as connection:
        _run(connection)
        connection.commit()
    engine.dispose()


_url: str = context.config.attributes["url"]
if _url.startswith("sqlite:"):
    _run_sqlite(_url)
elif is_mariadb(_url):
    asyncio.run(_run_on_mariadb(_url))
else:
    asyncio.run(_run_postgres("postgresql+asyncpg" + _url[_url.index("://") :]))
