"""Of whom much is known, the same comes to mind wherever vectors are compared: here, or in PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from sqlalchemy import text
from tests.support.opening import opened

from miaohui.kit.database import Database
from miaohui.memory import repository
from miaohui.memory.long_term import MUCH, LongTerm
from miaohui.memory.server.service import ServerFacts
from miaohui.memory.types import Fact
from miaohui.wiring.remembering import FactFinder

TOLD = {
    "我对花粉过敏，春天出门要戴口罩。": "我对什么过敏？",
    "我家的猫叫团子，今年三岁了。": "我的猫叫什么名字？",
    "我搬到杭州西湖区了，住六楼没有电梯。": "我住在几楼，有电梯吗？",
    "我的电动升降桌是去年双十一买的。": "升降桌什么时候买的？",
    "I always order shoes in size 42 wide.": "Which shoe size do I order?",
}
FINDER = FactFinder()


class _Nothing:
    async def said(self, tenant_id: str, conversation_id: str) -> list[object]:
        del tenant_id, conversation_id
        return []


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.pg)])
def url(request: pytest.FixtureRequest) -> str:
    found: str = request.getfixturevalue(f"{request.param}_url")
    return found


@pytest.fixture
async def db(url: str, tmp_path: Path) -> AsyncIterator[Database]:
    async with opened(url, tmp_path, readers=2) as database:
        yield database


@pytest.fixture
def long_term(db: Database, url: str) -> LongTerm:
    server = ServerFacts(db) if url.startswith("postgres") else None
    return LongTerm(db, _Nothing(), FINDER, server)  # type: ignore[arg-type]


async def remember(db: Database, contact_id: str, texts: Sequence[str]) -> list[str]:
    facts = [
        Fact(id=f"fact_{contact_id}_{n}", tenant_id="ten", contact_id=contact_id, text=one, said_at_ms=n)
        for n, one in enumerate(texts)
    ]
    await db.write(lambda: repository.keep("ten", contact_id, [(fact, FINDER.embed(fact.text)) for fact in facts]))
    return [fact.id for fact in facts]


MANY = [*TOLD, *(f"我第{n}次下单时选了{n * 7}号仓发货的第{n}款杯子。" for n in range(200))]


async def test_what_fits_comes_to_mind_of_very_many_facts(db: Database, long_term: LongTerm) -> None:
    await remember(db, "con", MANY)
    await remember(db, "other", ["我对虾过敏，不能吃海鲜。"])
    for fact, question in TOLD.items():
        told = [one.text for one in await long_term.recall("ten", "con", question)]
        assert told[0] == fact, question
    assert len(MANY) > MUCH
    assert [one.text for one in await long_term.recall("ten", "other", "我对什么过敏？")] == [
        "我对虾过敏，不能吃海鲜。"
    ]
    assert await long_term.recall("else", "con", "我对什么过敏？") == ()


async def test_what_is_forgotten_is_near_nothing_any_more(db: Database, long_term: LongTerm) -> None:
    ids = await remember(db, "con", MANY)
    question = "我对什么过敏？"
    assert (await long_term.recall("ten", "con", question))[0].id == ids[0]
    await long_term.forget("ten", ids[0])
    assert ids[0] not in [one.id for one in await long_term.recall("ten", "con", question)]
    await long_term.forget_all("ten", "con")
    assert await long_term.recall("ten", "con", question) == ()


@pytest.mark.pg
async def test_the_server_derives_the_vectors_that_the_records_hold(postgres_url: str, tmp_path: Path) -> None:
    async with opened(postgres_url, tmp_path) as db:
        first = await remember(db, "con", ["我对花粉过敏。"])
        server = ServerFacts(db)
        near = await server.nearest("ten", "con", FINDER.embed("我对花粉过敏。"), 3)
        assert [one.id for one in near or ()] == first
        await remember(db, "two", ["我家有一只猫。"])
        likeness = text("SELECT -(near <#> near) AS itself FROM contact_facts ORDER BY id")
        assert [round(row["itself"], 2) for row in await db.read(likeness)] == [1.0, 1.0]
        await db.write(lambda: repository.forget("ten", first[0]))
        gone = await db.read(text("SELECT count(*) AS remaining FROM contact_facts WHERE near IS NOT NULL"))
        assert gone[0][0] == 1
        assert await ServerFacts(db).nearest("ten", "con", FINDER.embed("花粉"), 3) is not None
