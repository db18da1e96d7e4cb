"""What ails a knowledge base is found, and a sound one has nothing."""

from __future__ import annotations

from miaohui.journal.repository import record_turn
from miaohui.journal.types import Fact, Stage, TurnEntry
from miaohui.kit.clock import SystemClock
from miaohui.kit.database import Database, Operation
from miaohui.knowledge.editing.types import Content
from miaohui.knowledge.health import examine, summarise
from miaohui.knowledge.index import build_index
from miaohui.knowledge.service import Knowledge
from miaohui.knowledge.types import Chunk
from miaohui.knowledge.usage import LEAST_TURNS


def _chunk(number: int, title: str, text: str, **more: int) -> Chunk:
    return Chunk(
        id=f"c{number}",
        article_id=f"a{number}",
        ordinal=0,
        title=title,
        heading="",
        text=text,
        start=0,
        end=len(text),
        valid_until_ms=more.get("valid_until_ms", 0),
    )


SOUND = [_chunk(1, "如何退货", "签收后7天内可以申请退货。"), _chunk(2, "门店地址", "门店在南京路一百号。")]


def test_a_sound_knowledge_base_has_nothing() -> None:
    assert examine(build_index(1, SOUND), 1_000) == []


def test_twins_contradictions_and_what_has_expired_are_found() -> None:
    text = "电子发票在订单详情页下载，三天之内开出，发到您的邮箱里。"
    ill = [
        *SOUND,
        _chunk(3, "退货时限", "签收后15天内可以申请退货。"),
        _chunk(4, "发票", text),
        _chunk(5, "发票", text),
        _chunk(6, "旧活动", "活动已经结束了，感谢参加。", valid_until_ms=500),
    ]
    findings = examine(build_index(1, ill), 1_000)
    assert summarise(findings) == {"expired": 1, "duplicate": 1, "contradiction": 1}
    twins = next(one for one in findings if one.ailment == "duplicate")
    assert {twins.article_id, twins.other_article_id} == {"a4", "a5"}
    numbers = next(one for one in findings if one.ailment == "contradiction")
    assert "15" in numbers.detail
    assert "7" in numbers.detail


async def _ask(db: Database, count: int, passages: list[str], at_ms: int) -> None:
    def record() -> Operation[None]:
        for number in range(count):
            facts: dict[str, Fact] = {"passages": [f"{passage} 0.9 标题" for passage in passages]}
            yield from record_turn(
                TurnEntry(
                    turn_id=f"turn_{at_ms}_{number}",
                    tenant_id="ten",
                    conversation_id="conv",
                    started_at_ms=at_ms + number,
                    ended_at_ms=at_ms + number,
                    outcome="answered",
                    stages=(Stage(name="recall_and_retrieve", at_ms=0, took_ms=1, facts=facts),),
                )
            )

    await db.write(record)


async def _unused(knowledge: Knowledge) -> list[str]:
    return [one.title for one in await knowledge.health("ten") if one.ailment == "never_retrieved"]


async def test_an_article_that_no_question_led_to_is_told_after_enough_questions(db: Database) -> None:
    knowledge = Knowledge(db, SystemClock())
    for title, text in (("如何退货", "签收后7天内可以申请退货。"), ("门店地址", "门店在南京路一百号。")):
        await knowledge.editor.save("ten", "agent", Content(title=title, text=text))
    await knowledge.editor.publish("ten")
    (shown,) = (await knowledge.search("ten", "怎么退货", limit=1)).passages
    later_ms = SystemClock().now_ms() + 1_000
    await _ask(db, LEAST_TURNS - 1, [shown.chunk.id], later_ms)
    assert await _unused(knowledge) == []
    await _ask(db, 1, [shown.chunk.id, "chunk_of_old"], later_ms + LEAST_TURNS)
    assert await _unused(knowledge) == ["门店地址"]


async def test_an_article_that_is_newer_than_the_questions_is_not_told(db: Database) -> None:
    await _ask(db, LEAST_TURNS, [], SystemClock().now_ms() - 60_000)
    knowledge = Knowledge(db, SystemClock())
    await knowledge.editor.save("ten", "agent", Content(title="如何退货", text="签收后7天内可以申请退货。"))
    await knowledge.editor.publish("ten")
    assert await _unused(knowledge) == []


def test_an_article_that_its_own_title_does_not_find_is_told() -> None:
    crowd = [_chunk(n, f"退货 {n}", "退货退货退货退货退货。") for n in range(10, 20)]
    hidden = [*crowd, _chunk(20, "the of", "完全另外的内容，与别的都没有关系。")]
    assert {"never_found"} == {one.ailment for one in examine(build_index(1, hidden), 1_000) if one.article_id == "a20"}
