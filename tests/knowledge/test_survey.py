"""What a long text is about, article by article."""

from __future__ import annotations

from miaohui.knowledge.index import build_index
from miaohui.knowledge.survey import survey
from miaohui.knowledge.types import Chunk

ARTICLES = {"退货": "七天内可以退货。", "发票": "电子发票在订单页下载。", "门店": "门店在南京路。"}


def _index() -> list[Chunk]:
    return [
        Chunk(id=title, article_id=title, ordinal=0, title=title, heading="", text=text, start=0, end=len(text))
        for title, text in ARTICLES.items()
    ]


def test_a_letter_about_two_things_finds_both_articles() -> None:
    found = survey(build_index(1, _index()), "买来的东西我想退货，不喜欢。另外上个月的发票我还没有拿到。", limit=5)
    assert {one.title for one in found[:2]} == {"退货", "发票"}
    assert found[0].score >= found[1].score > 0


def test_a_text_about_nothing_here_finds_no_article() -> None:
    assert survey(build_index(1, _index()), "quantum physics", limit=5) == ()
    assert survey(build_index(1, []), "退货", limit=5) == ()
