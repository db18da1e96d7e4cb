from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest
from tests.engines.streams import ask

from miaohui.engines.cache_semantic import SemanticAnswers, SemanticBounds, read_meaning
from miaohui.engines.cache_store import Kept
from miaohui.engines.types import ChatMessage, Source
from miaohui.testing.clock import FakeClock

KEPT = Kept(text="七天内。[1]", route="sim", output_tokens=9, knowledge_version=1, kept_at_ms=0)
SOURCE = Source(n=1, title="退货", heading="", text="签收七天内可退。", score=1.0)
SAME = np.ones(4, np.float32) / 2


def answers(embed: Any = lambda _text: SAME, **bounds: Any) -> SemanticAnswers:
    return SemanticAnswers(embed, FakeClock(), lambda _tenant: "m", SemanticBounds(**bounds))


def kept(question: str = "七天无理由退货怎么办理", embed: Any = lambda _text: SAME) -> SemanticAnswers:
    found = answers(embed)
    found.keep(ask(question, SOURCE), KEPT)
    return found


def test_another_wording_finds_the_answer() -> None:
    assert kept().find(ask("七天无理由退货 怎么办理呢", SOURCE)) == KEPT


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("满99元包邮吗", "满199元包邮吗"),
        ("第2件半价怎么算", "第3件半价怎么算"),
        ("七天内可以退货吗", "十五天内可以退货吗"),
        ("生鲜支持无理由退货吗", "生鲜不支持无理由退货吗"),
        ("已经发货的订单", "未发货的订单"),
        ("怎么取消自动续费", "怎么自动续费"),
        ("can I return opened items", "can I not return opened items"),
        ("退款多久到账", "退款怎么到账"),
        ("会员积分什么时候到账", "会员积分多少到账"),
        ("x100 支持快充吗", "x200 支持快充吗"),
        ("《用户协议》在哪里看", "《隐私政策》在哪里看"),
    ],
)
def test_a_near_twin_that_means_something_else_does_not(one: str, other: str) -> None:
    assert read_meaning(one) != read_meaning(other)
    assert kept(one).find(ask(other, SOURCE)) is None
    assert kept(one).find(ask(one, SOURCE)) == KEPT


def test_likeness_under_the_bound_is_not_enough() -> None:
    near = np.array([0.94, float(np.sqrt(1 - 0.94**2))], np.float32)

    def embed(text: str) -> Any:
        return np.array([1.0, 0.0], np.float32) if text.endswith("办理") else near

    assert kept(embed=embed).find(ask("七天无理由退货怎么办理呢", SOURCE)) is None


def test_likeness_without_common_words_is_not_enough() -> None:
    assert kept("怎么办理退货").find(ask("怎么修改地址", SOURCE)) is None


@pytest.mark.parametrize(
    "fields",
    [
        {"tenant_id": "tnt_2"},
        {"knowledge_version": 7},
        {"locale": "en"},
        {"sources": (msgspec.structs.replace(SOURCE, text="改了"),)},
        {"sources": ()},
        {"messages": (ChatMessage("system", "另一个角色"), ChatMessage("user", "q"))},
        {
            "messages": (
                ChatMessage("system", "你是客服"),
                ChatMessage("user", "a"),
                ChatMessage("assistant", "b"),
                ChatMessage("user", "q"),
            )
        },
    ],
)
def test_nothing_is_told_across_tenants_versions_prompts_passages_and_conversations(fields: dict[str, object]) -> None:
    request = msgspec.structs.replace(ask("七天无理由退货怎么办理呢", SOURCE), **fields)
    assert kept().find(request) is None


def test_the_time_of_an_answer_ends() -> None:
    clock = FakeClock()
    found = SemanticAnswers(lambda _text: SAME, clock, lambda _tenant: "m", SemanticBounds(keep_s=300))
    found.keep(ask("怎么退货", SOURCE), KEPT)
    clock.advance(299)
    assert found.find(ask("怎么退货", SOURCE)) == KEPT
    clock.advance(1)
    assert found.find(ask("怎么退货", SOURCE)) is None


def test_what_is_compared_is_bounded() -> None:
    found = answers(entries=2, partitions=2)
    for question in ("怎么退货", "怎么换货", "怎么开票"):
        found.keep(ask(question, SOURCE), KEPT)
    assert [found.find(ask(q, SOURCE)) is not None for q in ("怎么退货", "怎么换货", "怎么开票")] == [False, True, True]
    for version in (1, 2):
        found.keep(msgspec.structs.replace(ask("怎么开票", SOURCE), knowledge_version=version), KEPT)
    assert found.find(ask("怎么开票", SOURCE)) is None
