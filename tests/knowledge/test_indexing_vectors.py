"""The index over all vectors in a PostgreSQL server: made when there is much, in one go."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text
from tests.support.opening import opened

from miaohui.kit.clock import SystemClock
from miaohui.kit.database import Database, Operation
from miaohui.knowledge.editing.types import Content
from miaohui.knowledge.server import repository, service, statements
from miaohui.knowledge.server.service import ServerIndex
from miaohui.knowledge.service import Knowledge

pytestmark = pytest.mark.pg


@pytest.fixture
async def pg(postgres_url: str, tmp_path: Path) -> AsyncIterator[Database]:
    async with opened(postgres_url, tmp_path, lanes=2, readers=2) as database:
        yield database


@pytest.fixture
def knowledge(pg: Database, monkeypatch: pytest.MonkeyPatch) -> Knowledge:
    monkeypatch.setattr(service, "FEW", 3)
    return Knowledge(pg, SystemClock(), server=ServerIndex(pg, SystemClock(), threshold=0.35))


async def publish(knowledge: Knowledge, *titles: str) -> None:
    for title in titles:
        await knowledge.editor.save("ten", "agent", Content(title=title, text=f"{title}：七天内可以退货。"))
    await knowledge.editor.publish("ten")


async def is_indexed(pg: Database) -> bool:
    rows = await pg.read(statements.FIND_NEAR_INDEX)
    return bool(rows) and bool(rows[0]["valid"])


async def test_few_chunks_have_none_and_many_have_one(pg: Database, knowledge: Knowledge) -> None:
    await publish(knowledge, "文章1", "文章2")
    assert not await is_indexed(pg)
    await publish(knowledge, "文章3", "文章4")
    assert await is_indexed(pg)
    found = await knowledge.search("ten", "文章3")
    assert found.passages[0].chunk.title == "文章3"


async def test_one_whose_maker_was_killed_is_made_anew(pg: Database, knowledge: Knowledge) -> None:
    await publish(knowledge, "文章1", "文章2", "文章3", "文章4")

    def break_off() -> Operation[None]:
        yield text("UPDATE pg_index SET indisvalid = false WHERE indexrelid = to_regclass('ix_search_bodies_near')"), {}

    await pg.write(break_off)
    assert not await is_indexed(pg)
    await repository.index_vectors(pg)
    assert await is_indexed(pg)


async def test_what_is_published_is_shown_although_the_index_cannot_be_made(
    pg: Database, knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statements, "MAKE_NEAR_INDEX", text("CREATE INDEX CONCURRENTLY ix_none ON nowhere (vector)"))
    await publish(knowledge, "文章1", "文章2", "文章3", "文章4")
    assert not await is_indexed(pg)
    assert (await knowledge.search("ten", "文章4")).passages[0].chunk.title == "文章4"
