"""What ails a knowledge base is found, and a sound one has nothing."""

from __future__ import annotations

from miaohui.knowledge.health import examine, summarise
from miaohui.knowledge.index import build_index
from miaohui.knowledge.types import Chunk


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


def test_an_article_that_its_own_title_does_not_find_is_told() -> None:
    crowd = [_chunk(n, f"退货 {n}", "退货退货退货退货退货。") for n in range(10, 20)]
    hidden = [*crowd, _chunk(20, "the of", "完全另外的内容，与别的都没有关系。")]
    assert {"never_found"} == {one.ailment for one in examine(build_index(1, hidden), 1_000) if one.article_id == "a20"}
