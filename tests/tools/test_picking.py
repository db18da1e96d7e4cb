"""Which of their orders a visitor means."""

from __future__ import annotations

from typing import Any

import pytest

from miaohui.tools.connectors.picking import pick

ORDERS: list[dict[str, Any]] = [
    {"id": "2026111003921", "created_at": "2026-11-10T08:00:00", "goods": "人体工学椅 × 1", "total_yuan": "1299.00"},
    {"id": "2026110200017", "created_at": "2026-11-02T08:00:00", "goods": "保温杯 × 2", "total_yuan": "278.00"},
    {
        "id": "2026102000005",
        "created_at": "2026-10-20T08:00:00",
        "goods": "空气净化器 × 1",
        "total_yuan": "1099.00",
    },
    {"id": "2026100100001", "created_at": "2026-10-01T08:00:00", "goods": "马克杯 × 1", "total_yuan": "79.00"},
]
CHAIR, BOTTLE, PURIFIER, MUG = ORDERS


@pytest.mark.parametrize(
    ("question", "meant"),
    [
        ("尾号 3921 的订单到哪了", CHAIR),
        ("后四位0017的那单", BOTTLE),
        ("the order ending in 0005", PURIFIER),
        ("订单 2026100100001 发货了吗", MUG),
        ("我的第一个订单", MUG),
        ("第二笔订单呢", PURIFIER),
        ("倒数第二单", BOTTLE),
        ("最近那个订单", CHAIR),
        ("上次买的到哪了", CHAIR),
        ("上次那个便宜的", MUG),
        ("最贵的那个订单", CHAIR),
        ("净化器到哪了", PURIFIER),
        ("保温杯发货了吗", BOTTLE),
        ("where is my first order", MUG),
        ("my second order", PURIFIER),
        ("my latest order", CHAIR),
        ("the cheapest one", MUG),
    ],
)
def test_the_order_that_is_meant_is_picked(question: str, meant: dict[str, Any]) -> None:
    assert pick(ORDERS, question) == [meant]
    assert pick(list(reversed(ORDERS)), question) == [meant]


@pytest.mark.parametrize("question", ["我的订单到哪了", "尾号 9999 的订单", "第九个订单", "where is my parcel", "快递"])
def test_what_tells_none_of_them_apart_leaves_all(question: str) -> None:
    assert pick(ORDERS, question) == ORDERS


def test_a_word_that_several_have_leaves_those() -> None:
    more = [*ORDERS, {"id": "2026090100001", "created_at": "2026-09-01", "goods": "马克杯 × 3", "total_yuan": "237.00"}]
    assert pick(more, "马克杯的订单") == [MUG, more[-1]]
    assert pick(more, "马克杯的第一个订单") == [more[-1]]


def test_things_without_a_day_or_a_price_are_taken_newest_first() -> None:
    bare = [{"id": "MH-2"}, {"id": "MH-1"}]
    assert pick(bare, "第一个订单") == [{"id": "MH-1"}]
    assert pick(bare, "便宜的那个") == bare
    assert pick([], "第一个订单") == []
