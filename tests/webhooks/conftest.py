from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy.dialects import mysql, postgresql, sqlite
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.schema import CreateIndex, CreateTable
from tests.support import records

from miaohui.kit.clock import SystemClock
from miaohui.kit.database import Database
from miaohui.kit.records import RecordsOptions, open_database
from miaohui.webhooks.tables import outbox, webhook_attempts, webhook_endpoints


def _statements(dialect: Dialect) -> list[str]:
    tables = (webhook_endpoints, outbox, webhook_attempts)
    return [str(CreateTable(table).compile(dialect=dialect)) for table in tables] + [
        str(CreateIndex(index).compile(dialect=dialect)) for table in tables for index in table.indexes
    ]


@pytest.fixture
def sqlite_with_outbox(tmp_path: Path) -> str:
    file = tmp_path / "webhooks.db"
    connection = sqlite3.connect(file)
    connection.executescript(";\n".join(_statements(sqlite.dialect())))
    connection.close()
    return f"sqlite:///{file}"


@pytest.fixture
async def postgres_with_outbox(empty_postgres_url: str) -> str:
    await records.run_postgres(empty_postgres_url, *_statements(postgresql.dialect()))  # type: ignore[no-untyped-call]
    return empty_postgres_url


@pytest.fixture
async def mariadb_with_outbox(empty_mariadb_url: str) -> str:
    await records.run_mariadb(empty_mariadb_url, *_statements(mysql.dialect(is_mariadb=True)))
    return empty_mariadb_url


@pytest.fixture(
    params=[
        "sqlite",
        pytest.param("postgres", marks=pytest.mark.pg, id="postgresql"),
        pytest.param("mariadb", marks=pytest.mark.maria),
    ]
)
def outbox_url(request: pytest.FixtureRequest) -> str:
    url: str = request.getfixturevalue(f"{request.param}_with_outbox")
    return url


@pytest.fixture
async def db(outbox_url: str, tmp_path: Path) -> AsyncIterator[Database]:
    options = RecordsOptions(lanes=2, readers=1)
    opened = await open_database(outbox_url, clock=SystemClock(), data_dir=tmp_path, options=options)
    yield opened
    await opened.close()
