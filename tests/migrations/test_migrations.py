from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, create_engine, inspect, select
from sqlalchemy.ext.asyncio import create_async_engine
from tests.support.records import run_mariadb, run_postgres
from tests.support.servers import database_at

import miaohui
from miaohui.kit.clock import SystemClock
from miaohui.kit.database import metadata
from miaohui.kit.errors import Invalid, Unavailable
from miaohui.kit.records import open_database
from miaohui.migrations import check_version, migrate
from miaohui.migrations.tables import MODULES, all_tables


def differences(connection: Connection) -> list[object]:
    # SQLite gives defaults back as they were written, quotes and all; PostgreSQL is asked what they mean.
    options = {"compare_type": True, "compare_server_default": connection.dialect.name == "postgresql"}
    context = MigrationContext.configure(connection, opts=options)
    found: list[object] = compare_metadata(context, all_tables())
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


@pytest.mark.maria
async def test_processes_that_start_together_migrate_once_on_mariadb(empty_mariadb_url: str) -> None:
    assert migrate_at_once(empty_mariadb_url) == [0, 0]


KILLED = """
import os, signal, sys
from alembic.operations import Operations
from miaohui.migrations import migrate
steps, real = [int(sys.argv[2])], getattr(Operations, sys.argv[3])
def counted(*given, **more):
    steps[0] -= 1
    if not steps[0]:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(*given, **more)
setattr(Operations, sys.argv[3], counted)
migrate(sys.argv[1])
"""


@pytest.mark.parametrize(("step", "verb"), [(5, "create_table"), (1, "add_column")])
async def test_a_migration_that_is_killed_is_taken_up_again(
    fresh_url: str, tmp_path: Path, step: int, verb: str
) -> None:
    command = [sys.executable, "-c", KILLED, fresh_url, str(step), verb]
    assert (await asyncio.to_thread(subprocess.run, command, check=False)).returncode == -signal.SIGKILL
    migrate(fresh_url)
    database = await open_database(fresh_url, clock=SystemClock(), data_dir=tmp_path)
    try:
        await check_version(database)
        for table in metadata.sorted_tables:
            await database.read(select(table).limit(1))
    finally:
        await database.close()


COLUMNS = """
    SELECT table_name, column_name, column_type, is_nullable, column_default, collation_name, generation_expression
    FROM information_schema.columns
    WHERE table_schema = DATABASE() AND table_name <> 'alembic_version' ORDER BY 1, 2
"""
INDEXES = """
    SELECT table_name, index_name, seq_in_index, column_name, non_unique FROM information_schema.statistics
    WHERE table_schema = DATABASE() AND table_name <> 'alembic_version' ORDER BY 1, 2, 3
"""


async def form_of(url: str) -> list[tuple[object, ...]]:
    """Every column and every index."""
    return [row for statement in (COLUMNS, INDEXES) for row in await run_mariadb(url, statement)]


@pytest.mark.maria
async def test_on_mariadb_the_migrations_make_what_the_tables_say(empty_mariadb_url: str, mariadb_url: str) -> None:
    migrate(empty_mariadb_url)
    assert await form_of(empty_mariadb_url) == await form_of(mariadb_url)
    await run_mariadb(empty_mariadb_url, "ALTER TABLE contacts DROP COLUMN name")
    assert await form_of(empty_mariadb_url) != await form_of(mariadb_url)


@pytest.mark.maria
async def test_what_stopped_half_way_from_nothing_is_begun_anew(
    empty_mariadb_url: str, mariadb_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut = RuntimeError("the server went away")

    def fail(*_: object, **__: object) -> None:
        raise cut

    with monkeypatch.context() as broken:
        broken.setattr("alembic.operations.Operations.add_column", fail)
        with pytest.raises(RuntimeError):
            migrate(empty_mariadb_url)
    assert await run_mariadb(empty_mariadb_url, "SELECT version_num FROM alembic_version") == [("0004",)]
    migrate(empty_mariadb_url)
    assert await form_of(empty_mariadb_url) == await form_of(mariadb_url)


@pytest.mark.maria
async def test_a_later_migration_that_stopped_half_way_is_taken_again(empty_mariadb_url: str, mariadb_url: str) -> None:
    migrate(empty_mariadb_url)
    await run_mariadb(
        empty_mariadb_url,
        "INSERT INTO tenants (id, name, slug, created_at_ms) VALUES ('t', 'Acme', 'acme', 0)",
        "UPDATE alembic_version SET version_num = '0011'",
        "DROP TABLE alert_told",
    )
    migrate(empty_mariadb_url)
    assert await form_of(empty_mariadb_url) == await form_of(mariadb_url)
    assert await run_mariadb(empty_mariadb_url, "SELECT name FROM tenants") == [("Acme",)]


@pytest.mark.maria
async def test_a_server_that_cannot_be_used_is_told_in_a_sentence(mariadb_server_url: str) -> None:
    with pytest.raises(Unavailable, match="cannot be opened"):
        migrate("mariadb://nobody@127.0.0.1:1/x")
    with pytest.raises(Unavailable, match="Unknown database"):
        migrate(database_at(mariadb_server_url, "nowhere"))
    with pytest.raises(Invalid, match="names no database"):
        migrate(mariadb_server_url)


@pytest.mark.maria
async def test_the_tables_of_others_are_left_alone(empty_mariadb_url: str) -> None:
    await run_mariadb(empty_mariadb_url, "CREATE TABLE theirs (n INT)")
    migrate(empty_mariadb_url)
    migrate(empty_mariadb_url)
    assert ("theirs",) in await run_mariadb(empty_mariadb_url, "SHOW TABLES")


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
