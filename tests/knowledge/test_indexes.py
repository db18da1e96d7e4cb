"""One suite for both indexes: the one in the process, and the one in a PostgreSQL server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import text
from tests.support.opening import opened

from miaohui.kit.clock import SystemClock
from miaohui.kit.database import Database, Operation
from miaohui.knowledge.editing.types import Content
from miaohui.knowledge.embedding import embed
from miaohui.knowledge.server import leaving, repository
from miaohui.knowledge.server.policy import write_vector
from miaohui.knowledge.server.service import ServerIndex
from miaohui.knowledge.service import Knowledge
from miaohui.knowledge.types import Scope

SHOP = Path(__file__).parents[2] / "demo" / "knowledge"
QUESTIONS = (
    ("怎么退货？", "如何退货"),
    ("新疆运费多少", "运费怎么算"),
    ("会员等级有哪些权益", "会员等级与权益"),
    ("电动升降桌质保几年", ""),
    ("How do I get an invoice?", ""),
    ("ＹＳ－Ａ４６０ 的滤芯多久换", ""),
    ("怎么推货", "如何退货"),
    ("人工克服几点上班", ""),
    ("how do I retrun an item", ""),
    ("今天股市怎么样", ""),
    ("how do I delete my Facebook account", ""),
)


async def both(db: Database) -> AsyncIterator[tuple[str, Knowledge]]:
    yield "process", Knowledge(db, SystemClock())
    yield "server", Knowledge(db, SystemClock(), server=ServerIndex(db, SystemClock(), threshold=0.35))


@pytest.fixture
async def pg(postgres_url: str, tmp_path: Path) -> AsyncIterator[Database]:
    async with opened(postgres_url, tmp_path, lanes=2, readers=2) as database:
        yield database


@pytest.fixture(params=["process", "server"])
async def knowledge(request: pytest.FixtureRequest, pg: Database) -> Knowledge:
    server = ServerIndex(pg, SystemClock(), threshold=0.35) if request.param == "server" else None
    return Knowledge(pg, SystemClock(), server=server)


def article(title: str, text: str, **more: object) -> Content:
    return Content(title=title, text=text, **more)  # type: ignore[arg-type]


async def publish(knowledge: Knowledge, tenant: str, *contents: Content) -> int:
    for content in contents:
        await knowledge.editor.save(tenant, "agent", content)
    return (await knowledge.editor.publish(tenant)).version


async def titles(knowledge: Knowledge, tenant: str, question: str) -> list[str]:
    found = await knowledge.search(tenant, question)
    return [passage.chunk.title for passage in found.passages]


@pytest.mark.pg
async def test_what_was_published_is_found_and_answered(knowledge: Knowledge) -> None:
    await publish(
        knowledge, "ten", article("退货", "七天内可以退货。"), article("门店", "门店在南京路，晚上九点关门。")
    )
    found = await knowledge.search("ten", "几天内可以退货")
    assert (found.passages[0].chunk.title, found.answerable, found.version) == ("退货", True, 1)
    nothing = await knowledge.search("ten", "量子物理是什么")
    assert not nothing.answerable


@pytest.mark.pg
async def test_what_is_typed_by_sound_or_misspelt_is_found(knowledge: Knowledge) -> None:
    returns = article("Returns", "You may return an item within seven days.", locale="en")
    await publish(knowledge, "ten", article("退货", "七天内可以退货。"), article("门店", "门店在南京路。"), returns)
    for typed, title in (("怎么推货", "退货"), ("门电在哪里", "门店"), ("can I retrun it", "Returns")):
        found = await knowledge.search("ten", typed)
        assert (found.passages[0].chunk.title, found.answerable) == (title, True), typed
    assert not (await knowledge.search("ten", "怎么滑雪")).answerable


@pytest.mark.pg
async def test_nothing_of_another_tenant_is_found(knowledge: Knowledge) -> None:
    await publish(knowledge, "ten", article("密语", "我们的密语是黑天鹅。"))
    await publish(knowledge, "other", article("门店", "门店在南京路。"))
    assert "密语" in await titles(knowledge, "ten", "密语是什么")
    assert await titles(knowledge, "other", "密语是什么 黑天鹅") in ([], ["门店"])
    assert (await knowledge.search("nobody", "密语")).version == 0


@pytest.mark.pg
async def test_a_version_is_shown_whole_and_taken_back_whole(knowledge: Knowledge) -> None:
    first = await knowledge.editor.save("ten", "agent", article("运费", "满九十九元包邮。"))
    await knowledge.editor.publish("ten")
    await knowledge.editor.save("ten", "agent", article("运费", "满一百九十九元包邮。"), first.article_id)
    assert "满九十九元" in (await knowledge.search("ten", "多少钱包邮")).passages[0].chunk.text
    assert (await knowledge.editor.publish("ten")).version == 2
    found = await knowledge.search("ten", "多少钱包邮")
    assert [one.chunk.text for one in found.passages] == ["满一百九十九元包邮。"]
    assert (await knowledge.editor.rollback("ten", 1)).version == 3
    found = await knowledge.search("ten", "多少钱包邮")
    assert ([one.chunk.text for one in found.passages], found.version) == (["满九十九元包邮。"], 3)


@pytest.mark.pg
async def test_what_does_not_hold_yet_or_any_more_is_not_found(knowledge: Knowledge) -> None:
    now_ms = SystemClock().now_ms()
    await publish(
        knowledge,
        "ten",
        article("旧活动", "双十一满三百减四十。", valid_until_ms=now_ms - 1000),
        article("新活动", "双十二满三百减五十。", valid_from_ms=now_ms + 3_600_000),
        article("常规", "平日满一百九十九减十五。"),
    )
    assert await titles(knowledge, "ten", "满减活动满三百减多少") == ["常规"]


@pytest.mark.pg
async def test_what_is_out_of_scope_is_not_searched_at_all(knowledge: Knowledge) -> None:
    """Asked before, not after: what is left is as many as were asked for."""
    many = [article(f"内部 {n}", f"退货暗号 {n}：七天内可以退货。", tags=("audience:agents",)) for n in range(30)]
    await publish(
        knowledge,
        "ten",
        *many,
        article("退货", "七天内可以退货。", tags=("售后",)),
        article("官网退货", "官网买的七天内可以退货。", tags=("inbox:inb_web",)),
        article("Returns", "退货 returns within seven days.", locale="en"),
    )

    async def found(**scope: object) -> set[str]:
        told = await knowledge.search("ten", "七天内可以退货吗", limit=5, scope=Scope(**scope))  # type: ignore[arg-type]
        return {passage.chunk.title for passage in told.passages}

    assert await found() == {"退货", "Returns"}
    assert await found(inbox="inb_web") == {"退货", "官网退货", "Returns"}
    assert await found(tags=("售后",)) == {"退货"}
    assert await found(locales=("en",)) == {"Returns"}
    agents = await found(audience="agents")
    assert (len(agents), any(title.startswith("内部") for title in agents)) == (5, True)


@pytest.mark.pg
async def test_another_process_shows_what_this_one_published(pg: Database, knowledge: Knowledge) -> None:
    await publish(knowledge, "ten", article("退货", "七天内可以退货。"))
    server = None if knowledge.local else ServerIndex(pg, SystemClock(), threshold=0.35)
    other = Knowledge(pg, SystemClock(), server=server)
    await other.load()
    assert await titles(other, "ten", "几天可以退货") == ["退货"]
    await publish(knowledge, "ten", article("门店", "门店在南京路。"))
    await other.look_around()
    assert await titles(other, "ten", "门店在哪里") == ["门店"]
    await other.close()


@pytest.mark.pg
@pytest.mark.parametrize("few", [5, 100], ids=["by a process", "by a thread"])
async def test_many_articles_are_weighed_by_a_process_and_added_a_few_at_a_time(
    pg: Database, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr("miaohui.knowledge.server.weighing.FEW", few)
    monkeypatch.setattr("miaohui.knowledge.server.service.ADDED_AT_ONCE", 4)
    added: list[int] = []
    add = repository.add

    def note(*given: Any, **more: Any) -> Operation[bool]:
        added.append(len(given[1]))
        return add(*given, **more)

    monkeypatch.setattr(repository, "add", note)
    knowledge = Knowledge(pg, SystemClock(), server=ServerIndex(pg, SystemClock(), threshold=0.35))
    await publish(knowledge, "ten", *(article(f"文章{n}", f"第{n}条：七天内可以退货。") for n in range(10)))
    assert added == [4, 4, 2]
    _, stats = await repository.read_counts(pg, "ten", [])
    assert (stats.chunks, stats.articles) == (10, 10)
    assert (await titles(knowledge, "ten", "文章7"))[0] == "文章7"


@pytest.mark.pg
async def test_two_processes_that_show_at_once_count_nothing_twice(pg: Database) -> None:
    writer = Knowledge(pg, SystemClock())
    await publish(writer, "ten", *(article(f"文章{n}", f"第{n}条：七天内可以退货。") for n in range(30)))
    indexes = [ServerIndex(pg, SystemClock(), threshold=0.35) for _ in range(3)]
    others = [Knowledge(pg, SystemClock(), server=index) for index in indexes]
    await asyncio.gather(*(one.refresh("ten") for one in others))
    _, stats = await repository.read_counts(pg, "ten", [])
    assert (stats.chunks, stats.articles, stats.version) == (30, 30, 1)


@pytest.mark.pg
async def test_both_find_the_same_in_the_sample_shop(pg: Database) -> None:
    await Knowledge(pg, SystemClock()).import_folder("ten", SHOP)
    found: dict[str, list[list[str]]] = {}
    sure: dict[str, list[float]] = {}
    async for name, knowledge in both(pg):
        await knowledge.refresh("ten")
        found[name], sure[name] = [], []
        for question, title in QUESTIONS:
            told = await knowledge.search("ten", question)
            passages = told.passages
            sure[name].append(told.answerability)
            found[name].append([passage.chunk.id for passage in passages])
            assert not title or passages[0].chunk.title == title or title in {one.chunk.title for one in passages}
    same = [len(set(one) & set(other)) / 5 for one, other in zip(found["process"], found["server"], strict=True)]
    assert sum(same) / len(same) >= 0.95, same
    assert sure["server"] == pytest.approx(sure["process"], abs=0.02)


TAUGHT = (
    article("退换", "七天之内都可以。", questions=("东西不想要了咋办", "买错了咋整", "我后悔了咋办")),
    article("门店", "南京路，晚上九点关门。", questions=("你们在哪儿啊", "能过去看看不", "实体的在哪儿")),
    article("开票", "随货寄出。", questions=("能报销不", "抬头写错了咋整", "要报账咋弄")),
    article("会员", "满一千升一级。", questions=("积分咋算的", "怎么升级", "级别有啥用")),
)


@pytest.mark.pg
async def test_sample_questions_teach_what_words_do_not_say(knowledge: Knowledge) -> None:
    await publish(knowledge, "ten", *TAUGHT)
    for question, title in (("不想要这个东西咋办", "退换"), ("在哪儿能看看实体的", "门店"), ("要拿去报账", "开票")):
        assert (await titles(knowledge, "ten", question))[0] == title
    assert (await knowledge.search("ten", "能报销不")).answerable
    assert not (await knowledge.search("ten", "量子物理是什么")).answerable


@pytest.mark.pg
async def test_what_was_taught_changes_with_the_version_and_is_taken_back_with_it(knowledge: Knowledge) -> None:
    await publish(knowledge, "ten", *(msgspec.structs.replace(one, questions=()) for one in TAUGHT))
    assert not (await knowledge.search("ten", "能报销不")).answerable
    for one, content in zip(await knowledge.list_articles("ten"), TAUGHT, strict=True):
        await knowledge.editor.save("ten", "agent", content, one.id)
    await knowledge.editor.publish("ten")
    assert (await knowledge.search("ten", "能报销不")).passages[0].chunk.title == "开票"
    assert (await knowledge.search("ten", "能报销不")).answerable
    await knowledge.editor.rollback("ten", 1)
    assert not (await knowledge.search("ten", "能报销不")).answerable


@pytest.mark.pg
async def test_both_are_equally_sure_of_what_was_taught(pg: Database) -> None:
    """Within a hundredth: weights are kept in half precision there."""
    await publish(Knowledge(pg, SystemClock()), "ten", *TAUGHT)
    sure: dict[str, list[float]] = {}
    async for name, knowledge in both(pg):
        await knowledge.refresh("ten")
        asked = ("不想要了", "能报销不", "去哪儿看看", "级别怎么升", "晚上几点关门", "量子物理")
        sure[name] = [(await knowledge.search("ten", question)).answerability for question in asked]
    assert sure["server"] == pytest.approx(sure["process"], abs=0.01)
    assert max(sure["process"]) - min(sure["process"]) > 0.3


@pytest.mark.pg
async def test_a_process_that_cannot_learn_leaves_the_words(pg: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("miaohui.knowledge.apart._BEGIN", "import os; os.kill(os.getpid(), 9)")
    knowledge = Knowledge(pg, SystemClock(), server=ServerIndex(pg, SystemClock(), threshold=0.35))
    await publish(knowledge, "ten", *TAUGHT)
    assert (await knowledge.search("ten", "门店晚上几点关门")).passages[0].chunk.title == "门店"


@pytest.mark.pg
async def test_tables_of_an_older_form_are_made_anew(pg: Database) -> None:
    """They hold nothing that the records do not: who upgrades is not asked to do anything."""
    knowledge = Knowledge(pg, SystemClock(), server=ServerIndex(pg, SystemClock(), threshold=0.35))
    await publish(knowledge, "ten", article("退货", "七天内可以退货。"))

    def age() -> Operation[None]:
        yield text("UPDATE search_form SET form = 1"), {}
        yield text("ALTER TABLE search_chunks DROP COLUMN words"), {}

    await pg.write(age)
    newer = Knowledge(pg, SystemClock(), server=ServerIndex(pg, SystemClock(), threshold=0.35))
    await newer.refresh("ten")
    assert await titles(newer, "ten", "几天可以退货") == ["退货"]


@pytest.mark.pg
async def test_what_only_spelling_finds_is_found_in_the_server_too(pg: Database) -> None:
    """By the vectors of all chunks, and by the index of them, which must not stop at rows that are not shown."""
    server = ServerIndex(pg, SystemClock(), threshold=0.35)
    knowledge = Knowledge(pg, SystemClock(), server=server)
    hidden = [article(f"内部{n}", f"电动升降桌说明{n}", tags=("audience:agents",)) for n in range(60)]
    await publish(knowledge, "ten", *hidden, article("桌子", "电动升降桌质保三年。"))
    where: dict[str, object] = {
        "of_tenant": "ten",
        "at_version": 1,
        "now_ms": SystemClock().now_ms(),
        "audience": "visitors",
        "inbox": "",
        "languages": [],
        "of_tags": [],
        "vector": write_vector(embed("电动升降桌说明")),
    }
    await repository.index_vectors(pg)
    for exactly in (True, False):
        near = await repository.find_by_vector(pg, where, exactly=exactly)
        assert ([one.article_id for one in near.chunks], len(near.articles)) == ([near.chunks[0].article_id], 1)
        assert near.chunks[0].cosine > 0


@pytest.mark.pg
async def test_of_a_tenant_that_is_gone_no_search_table_holds_a_row(pg: Database) -> None:
    knowledge = Knowledge(pg, SystemClock(), server=ServerIndex(pg, SystemClock(), threshold=0.35))
    for tenant in ("ten_gone", "ten_kept"):
        await publish(knowledge, tenant, article("退货", "七天内可以退货。"), article("门店", "门店在南京路。"))
    before = await _searchable(pg)
    assert await leaving.forget(pg, "ten_gone") > 4
    await knowledge.forget("ten_gone")
    after = await _searchable(pg)
    assert {name: 2 * rows for name, rows in after.items()} == before
    assert await titles(knowledge, "ten_gone", "怎么退货") == []
    assert "退货" in await titles(knowledge, "ten_kept", "怎么退货")
    assert await leaving.forget(pg, "ten_gone") == 0


@pytest.mark.pg
async def test_where_nothing_is_searched_in_the_server_there_is_nothing_to_forget(pg: Database) -> None:
    assert await leaving.forget(pg, "ten_gone") == 0


async def _searchable(pg: Database) -> dict[str, int]:
    """How many rows each search table holds."""
    there = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relname LIKE 'search%' AND relname <> 'search_form'"
    names = [row["relname"] for row in await pg.read(text(there))]
    assert {"search_chunks", "search_bodies", "search_terms"} <= set(names)
    return {name: (await pg.read(text(f"SELECT count(*) AS n FROM {name}")))[0]["n"] for name in names}
