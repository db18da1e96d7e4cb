"""What could not be answered becomes a list of what to write, and a draft."""

from __future__ import annotations

import pytest

from miaohui.kit.clock import SystemClock
from miaohui.kit.database import Database
from miaohui.kit.errors import NotFound
from miaohui.knowledge.editing.types import Content
from miaohui.knowledge.gaps import repository
from miaohui.knowledge.gaps.policy import cluster
from miaohui.knowledge.gaps.types import Unanswered
from miaohui.knowledge.service import Knowledge

ASKED = ("可以用比特币付款吗", "比特币能付款吗", "支持比特币付款吗？", "你们招聘司机吗", "招聘司机吗")


def _unanswered() -> list[Unanswered]:
    return [
        Unanswered(id=f"gap_{n}", tenant_id="ten", question=one, locale="zh-CN", answerability=0.1, at_ms=n)
        for n, one in enumerate(ASKED)
    ]


def test_questions_that_ask_for_the_same_stand_together() -> None:
    first, second = cluster(_unanswered())
    assert (first.id, first.count, set(first.questions)) == ("gap_0", 3, set(ASKED[:3]))
    assert (second.id, second.count) == ("gap_3", 2)
    assert cluster([]) == []


async def test_only_what_is_not_answered_is_noted(each_db: Database) -> None:
    knowledge = Knowledge(each_db, SystemClock())
    await knowledge.retrieve("ten", "没有知识库的时候不记")
    await knowledge.editor.save("ten", "agent:ada", Content(title="如何退货", text="七天内可以退货。"))
    await knowledge.editor.publish("ten")
    for question in (*ASKED, "如何退货", "谢谢你，帮大忙了"):
        await knowledge.retrieve("ten", question)
    await knowledge.search("ten", "你们卖不卖火箭燃料")
    found = await knowledge.gaps.list_("ten")
    assert [one.count for one in found] == [3, 2]
    assert await knowledge.gaps.list_("other") == []


async def test_a_group_of_questions_becomes_a_draft_and_is_done_with(knowledge: Knowledge) -> None:
    for question in ASKED:
        knowledge.gaps.note("ten", question, "zh-CN", 0.1)
    first, second = await knowledge.gaps.list_("ten")
    draft = await knowledge.gaps.draft("ten", "agent:ada", first.id, "目前不支持比特币。")
    assert set(draft.content.questions) == set(ASKED[:3])
    await knowledge.editor.publish("ten")
    assert (await knowledge.retrieve("ten", "比特币付款行吗")).answerable
    await knowledge.gaps.dismiss("ten", second.id)
    assert await knowledge.gaps.list_("ten") == []
    with pytest.raises(NotFound):
        await knowledge.gaps.draft("ten", "agent:ada", first.id, "再来一次")


async def test_no_more_is_kept_than_is_useful(knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repository, "MOST_KEPT", 2_000)
    for number in range(1_200):
        knowledge.gaps.note("ten", f"问题 {number}", "zh-CN", 0.1)
    assert await knowledge.gaps.flush() == 1_000
    assert await knowledge.gaps.flush() == 0
