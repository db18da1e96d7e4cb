"""What a message names, and what it is called everywhere else."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miaohui.memory.entities import MOST_CARRIED, Entity, carry, find_entities

TODAY = date(2026, 11, 21)


def _named(text: str) -> list[tuple[str, str]]:
    return [(entity.kind, entity.value) for entity in find_entities(text, TODAY)]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (
            "我的订单号是 A202611210001，手机１３８ ００１３ ８０００",
            [("order", "A202611210001"), ("phone", "+8613800138000")],
        ),
        ("order #W2378156 please", [("order", "W2378156")]),
        ("订单202611200012345退款99元", [("order", "202611200012345"), ("amount", "99 CNY")]),
        ("快递单号：SF1234567890123 到哪了", [("parcel", "SF1234567890123")]),
        ("打 +86 139-1234-5678 或 010-88886666", [("phone", "+8613912345678"), ("phone", "01088886666")]),
        ("call +44 20 7946 0958", [("phone", "+442079460958")]),
        ("写信到 Shop.Help@Example.com", [("email", "shop.help@example.com")]),
        ("花了5块3毛，又付了￥1,299.50", [("amount", "5.3 CNY"), ("amount", "1299.5 CNY")]),
        ("two thousand yuan and $4.25", [("amount", "2000 CNY"), ("amount", "4.25 dollar")]),
        ("我11月3号买的，昨天到", [("date", "2026-11-03"), ("date", "2026-11-20")]),
        ("十二月二十五日之前", [("date", "2026-12-25")]),
        ("2026年2月30日", []),
        ("上周五下的单，三天前发货", [("date", "2026-11-13"), ("date", "2026-11-18")]),
        ("bought on Nov 3rd, 5 days ago", [("date", "2026-11-03"), ("date", "2026-11-16")]),
        ("YS-K210 和 A460 有货吗", [("product", "YS-K210"), ("product", "A460")]),
    ],
)
def test_what_is_named_is_found_and_normalised(text: str, named: list[tuple[str, str]]) -> None:
    assert _named(text) == named


@pytest.mark.parametrize("text", ["怎么退货？", "一点也不好用", "give me 5 minutes", "mp3 可以吗", "第二天", ""])
def test_ordinary_words_name_nothing(text: str) -> None:
    assert _named(text) == []


def test_a_year_that_is_left_out_is_the_nearest() -> None:
    assert find_entities("1月5日", TODAY)[0].value == "2027-01-05"
    assert find_entities("6月1日", TODAY)[0].value == "2026-06-01"


def test_what_was_named_is_carried_once_and_the_last_named_comes_last() -> None:
    first = find_entities("订单号 10000001，手机 13800138000", TODAY)
    again = find_entities("还是那个订单 10000001", TODAY)
    carried = carry(carry((), first), again)
    assert [entity.kind for entity in carried] == ["phone", "order"]
    many = [Entity("order", str(number), str(number), 0, 1) for number in range(100)]
    assert len(carry(carried, many)) == MOST_CARRIED


@given(st.text(alphabet="0123456789-+.元块年月日号#WA订单 点半万亿分之$￥，a零三", max_size=60))
def test_any_text_gives_entities_that_stand_where_they_say(text: str) -> None:
    found = find_entities(text, TODAY)
    assert all(text[entity.start : entity.end] == entity.text and entity.value for entity in found)
    assert all(one.end <= other.start for one, other in pairwise(found))
