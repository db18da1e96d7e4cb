"""A database with this room's tables, of each kind, and folders of knowledge."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from sqlalchemy.dialects import mysql, postgresql, sqlite
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.schema import CreateIndex, CreateTable
from tests.support import records

from miaohui.kit.clock import SystemClock
from miaohui.kit.database import Database
from miaohui.kit.records import RecordsOptions, open_database
from miaohui.knowledge.service import Knowledge
from miaohui.knowledge.tables import CHUNKS, DRAFTS, KNOWLEDGE_VERSIONS, REVISIONS, UNANSWERED

Write = Callable[[str, str], Path]


def _statements(dialect: Dialect) -> list[str]:
    tables = (REVISIONS, CHUNKS, KNOWLEDGE_VERSIONS, DRAFTS, UNANSWERED)
    return [str(CreateTable(table).compile(dialect=dialect)) for table in tables] + [
        str(CreateIndex(index).compile(dialect=dialect)) for table in tables for index in table.indexes
    ]


@pytest.fixture
def sqlite_with_tables(tmp_path: Path) -> str:
    file = tmp_path / "knowledge.db"
    connection = sqlite3.connect(file)
    connection.executescript(";\n".join(_statements(sqlite.dialect())))
    connection.close()
    return f"sqlite:///{file}"


@pytest.fixture
async def postgres_with_tables(empty_postgres_url: str) -> str:
    await records.run_postgres(empty_postgres_url, *_statements(postgresql.dialect()))  # type: ignore[no-untyped-call]
    return empty_postgres_url


@pytest.fixture
async def mariadb_with_tables(empty_mariadb_url: str) -> str:
    await records.run_mariadb(empty_mariadb_url, *_statements(mysql.dialect(is_mariadb=True)))
    return empty_mariadb_url


@pytest.fixture
async def db(sqlite_with_tables: str, tmp_path: Path) -> AsyncIterator[Database]:
    options = RecordsOptions(readers=1)
    opened = await open_database(sqlite_with_tables, clock=SystemClock(), data_dir=tmp_path, options=options)
    yield opened
    await opened.close()


@pytest.fixture(
    params=[
        "sqlite",
        pytest.param("postgres", marks=pytest.mark.pg, id="postgresql"),
        pytest.param("mariadb", marks=pytest.mark.maria),
    ]
)
def each_url(request: pytest.FixtureRequest) -> str:
    url: str = request.getfixturevalue(f"{request.param}_with_tables")
    return url


@pytest.fixture
async def each_db(each_url: str, tmp_path: Path) -> AsyncIterator[Database]:
    options = RecordsOptions(lanes=2, readers=1)
    opened = await open_database(each_url, clock=SystemClock(), data_dir=tmp_path, options=options)
    yield opened
    await opened.close()


@pytest.fixture
def knowledge(db: Database) -> Knowledge:
    return Knowledge(db, SystemClock())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "kb"
    path.mkdir()
    return path


@pytest.fixture
def write(folder: Path) -> Write:
    def put(name: str, text: str) -> Path:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return put
