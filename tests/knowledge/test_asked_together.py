"""A question that goes on from another, and several questions in one message."""

from __future__ import annotations

import pytest
from tests.knowledge.test_answers import THRESHOLD, ask, index_of_the_shop
from tests.knowledge.test_indexes import article, publish

from miaohui.knowledge import policy
from miaohui.knowledge.service import Knowledge
from miaohui.knowledge.types import Retrieval


def goes_on(question: str, before: str) -> Retrieval:
    return policy.search(index_of_the_shop(), question, locale="zh-CN", limit=5, threshold=THRESHOLD, before=before)


def test_postage_after_a_return_is_the_returns() -> None:
    assert ask("那运费呢").passages[0].chunk.article_id == "zh/shipping-fee.md"
    assert "return" in goes_on("那运费呢", "怎么退货").passages[0].chunk.article_id


def test_another_matter_is_found_whatever_was_asked_before() -> None:
    assert "invoice" in goes_on("那怎么开发票呢", "怎么退货").passages[0].chunk.article_id


def test_a_question_of_nothing_but_little_words_is_the_one_before() -> None:
    assert not ask("为什么呢").answerable
    assert goes_on("为什么呢", "怎么退货").passages == ask("怎么退货").passages


@pytest.mark.parametrize("question", ["1", "2026", "3 5"])
def test_bare_numbers_have_no_answer(question: str) -> None:
    assert not ask(question).answerable


def test_the_number_of_an_order_does_not_hide_what_is_asked() -> None:
    found = ask("我的订单YS20251101008到哪了")
    assert (found.answerable, found.passages[0].chunk.article_id) == (True, "zh/tracking.md")


async def test_each_of_several_questions_is_looked_up_when_the_whole_finds_nothing(knowledge: Knowledge) -> None:
    await publish(
        knowledge,
        "ten",
        article("退货运费", "寄回的运费由买家承担。", questions=("运费谁出",)),
        article("退款", "退款三天到账。", questions=("几天到账",)),
    )
    question = "收到以后不喜欢这个颜色能退吗，运费谁出，几天到账"
    found = await knowledge.search("ten", question)
    assert found.answerable
    assert {passage.chunk.title: passage.asked for passage in found.passages} == {
        "退货运费": ("运费谁出，",),
        "退款": ("几天到账",),
    }
    nothing = await knowledge.search("ten", "你们老板是谁，公司有多少人")
    assert not nothing.answerable
    assert all(not passage.asked for passage in nothing.passages)
