from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, create_engine, inspect
from sqlalchemy.ext.asyncio import create_async_engine
from tests.support.records import run_postgres

import miaohui
from miaohui.kit.clock import SystemClock
from miaohui.kit.database import metadata
from miaohui.kit.records import open_database
from miaohui.migrations import migrate
from miaohui.migrations.tables import MODULES


def differences(connection: Connection) -> list[object]:
    for module in MODULES:
        importlib.import_module(module)
    # SQLite gives defaults back as they were written, quotes and all; PostgreSQL is asked what they mean.
    options = {"compare_type": True, "compare_server_default": connection.dialect.name == "postgresql"}
    context = MigrationContext.configure(connection, opts=options)
    found: list[object] = compare_metadata(context, metadata)
    return found


def index_columns(connection: Connection) -> dict[str, list[str | None]]:
    inspector = inspect(connection)
    return {
        str(index["name"]): index["column_names"]
        for table in inspector.get_table_names()
        for index in inspector.get_indexes(table)
    }


def test_every_room_with_tables_is_listed() -> None:
    house = Path(miaohui.__file__).parent
    rooms = {f"miaohui.{file.parent.name}.tables" for file in house.glob("*/tables.py")} - {"miaohui.migrations.tables"}
    assert rooms == set(MODULES) - {"miaohui.kit.meta"}


def test_on_sqlite_the_migrations_make_what_the_tables_say(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new' / 'miaohui.db'}"
    migrate(url)
    engine = create_engine(url)
    with engine.connect() as connection:
        assert differences(connection) == []
        assert index_columns(connection)
    engine.dispose()


@pytest.mark.pg
async def test_on_postgresql_the_migrations_make_what_the_tables_say(empty_postgres_url: str) -> None:
    migrate(empty_postgres_url)
    engine = create_async_engine(empty_postgres_url.replace("postgresql:", "postgresql+asyncpg:", 1))
    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []
        assert await connection.run_sync(index_columns)
    await engine.dispose()


@pytest.mark.pg
async def test_a_missing_column_is_noticed(empty_postgres_url: str) -> None:
    migrate(empty_postgres_url)
    await run_postgres(empty_postgres_url, "ALTER TABLE contacts DROP COLUMN name")
    engine = create_async_engine(empty_postgres_url.replace("postgresql:", "postgresql+asyncpg:", 1))
    async with engine.connect() as connection:
        assert len(await connection.run_sync(differences)) == 1
    await engine.dispose()


def migrate_at_once(url: str) -> list[int]:
    program = "import sys; from miaohui.migrations import migrate; migrate(sys.argv[1])"
    processes = [subprocess.Popen([sys.executable, "-c", program, url]) for _ in range(2)]
    return [process.wait(timeout=30) for process in processes]


@pytest.mark.pg
async def test_processes_that_start_together_migrate_once_on_postgresql(empty_postgres_url: str) -> None:
    assert migrate_at_once(empty_postgres_url) == [0, 0]


def test_processes_that_start_together_migrate_once_on_sqlite(tmp_path: Path) -> None:
    assert migrate_at_once(f"sqlite:///{tmp_path / 'miaohui.db'}") == [0, 0]


async def test_a_database_that_was_opened_first_can_still_be_migrated(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'miaohui.db'}"
    database = await open_database(url, clock=SystemClock(), data_dir=tmp_path)
    epoch = database.epoch
    await database.close()
    migrate(url)
    database = await open_database(url, clock=SystemClock(), data_dir=tmp_path)
    assert database.epoch == epoch
    await database.close()
