"""A database of each kind, and folders of knowledge."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from tests.support.opening import opened

from miaohui.kit.clock import SystemClock
from miaohui.kit.database import Database
from miaohui.knowledge.service import Knowledge

Write = Callable[[str, str], Path]


@pytest.fixture
async def db(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Database]:
    async with opened(sqlite_url, tmp_path) as database:
        yield database


@pytest.fixture
async def each_db(database_url: str, tmp_path: Path) -> AsyncIterator[Database]:
    async with opened(database_url, tmp_path, lanes=2) as database:
        yield database


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
