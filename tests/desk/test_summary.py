"""What an agent is told before the first word is taken from what was said, by rule."""

from __future__ import annotations

import pytest

from miaohui.conversations.types import Citation, Message, SenderKind
from miaohui.desk.summary import Entity, entities_of, language_of, sentiment_of, summarise


def said(*items: tuple[SenderKind, str]) -> list[Message]:
    return [
        Message(
            id=f"m{n}", conversation_id="c", seq=n, sender=sender, sender_id="s", text=text, turn_id=f"t{(n + 1) // 2}"
        )
        for n, (sender, text) in enumerate(items, 1)
    ]


@pytest.mark.parametrize(
    ("text", "kind", "entity"),
    [
        ("订单 20261121000001 没到", "order", "20261121000001"),
        ("单号SF1234567890123", "order", "SF1234567890123"),
        ("打我电话13800138000", "phone", "13800138000"),
        ("写信到 li.lei@example.com。", "email", "li.lei@example.com"),
        ("退我 ¥199.50", "amount", "¥199.50"),
        ("扣了1,299元", "amount", "1,299元"),
        ("11月21日下的单", "date", "11月21日"),
        ("2026-11-21 的", "date", "2026-11-21"),
        ("见 https://shop.example/o?id=1", "url", "https://shop.example/o?id=1"),
    ],
)
def test_what_is_named_is_found(text: str, kind: str, entity: str) -> None:
    assert entities_of([text]) == (Entity(kind, entity),)


@pytest.mark.parametrize("text", ["你好", "我有 3 件", "第 12 页", "", "abc"])
def test_what_names_nothing_yields_nothing(text: str) -> None:
    assert entities_of([text]) == ()


def test_each_entity_is_told_once_in_the_order_it_came_up() -> None:
    found = entities_of(["电话 13800138000, 订单 202611210001", "202611210001 呢"])
    assert [one.kind for one in found] == ["phone", "order"]
    assert len(entities_of([f"订单 2026112100{n:04}" for n in range(100)])) == 20


@pytest.mark.parametrize(
    ("texts", "sentiment"),
    [
        (["太差了, 我要投诉"], -1),
        (["WHERE IS MY ORDER"], -1),
        (["怎么还没到!!!"], -1),
        (["谢谢, 很棒"], 1),
        (["请问几点开门"], 0),
        (["投诉", "好的", "哦", "谢谢你"], 1),
        ([], 0),
    ],
)
def test_the_mood_is_that_of_the_last_words(texts: list[str], sentiment: int) -> None:
    assert sentiment_of(texts) == sentiment


@pytest.mark.parametrize(
    ("texts", "language"),
    [(["你好"], "zh"), (["hello"], "en"), (["hello", "你好"], "zh"), (["你好", "123"], "zh"), (["1"], "")],
)
def test_the_language_is_that_of_the_last_words_that_show_one(texts: list[str], language: str) -> None:
    assert language_of(texts) == language


def test_a_wish_for_a_human_is_not_what_they_want() -> None:
    thread = said(("visitor", "订单没到"), ("assistant", "请稍等"), ("visitor", "转人工"), ("assistant", "好的"))
    summary = summarise(thread, "customer_request")
    assert (summary.wants, summary.first, summary.visitor_messages) == ("订单没到", "订单没到", 2)
    assert [(one.question, one.answer) for one in summary.tried] == [("订单没到", "请稍等"), ("转人工", "好的")]


def test_notes_and_activities_say_nothing_of_the_visitor() -> None:
    note = Message(
        id="n", conversation_id="c", seq=1, sender="agent", sender_id="s", kind="note", text="投诉 13800138000"
    )
    summary = summarise([note], None)
    assert (summary.wants, summary.entities, summary.sentiment, summary.tried) == ("", (), 0, ())


def test_what_was_tried_names_its_articles_once_each() -> None:
    cites = tuple(Citation(n=n, chunk_id=f"k{n}", article_id="a", title=title) for n, title in enumerate("退退换", 1))
    answer = Message(
        id="m", conversation_id="c", seq=2, sender="assistant", sender_id="s", text="x" * 900, citations=cites
    )
    tried = summarise([answer], None).tried[0]
    assert tried.sources == ("退", "换")
    assert len(tried.answer) == 300


FILE = "![screenshot.png](/v1/media/med_12345678901234567890123456789012)"


def test_a_picture_is_told_by_its_name_and_says_nothing_of_language_or_orders() -> None:
    told = summarise(said(("visitor", f"屏幕坏了\n{FILE}"), ("assistant", "好的"), ("visitor", FILE)), None)
    assert (told.wants, told.first, told.language) == ("屏幕坏了", "屏幕坏了", "zh")
    assert (told.entities, told.visitor_messages) == ((), 2)
    assert told.tried[0].question == "屏幕坏了 〔screenshot.png〕"
    alone = summarise(said(("visitor", FILE)), None)
    assert (alone.wants, alone.language) == ("〔screenshot.png〕", "")
