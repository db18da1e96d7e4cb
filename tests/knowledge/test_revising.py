"""An index that was revised is the index that would have been built."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from miaohui.knowledge.index import Index, build_index
from miaohui.knowledge.revising import revise
from miaohui.knowledge.types import Chunk

TEXTS = (
    "七天内可以退货，运费我们出。",
    "退款三天到账。",
    "The kettle YS-K210 has a two-year warranty.",
    "",
    "发票随货寄出。",
)
QUESTIONS = ("怎么退", "能退吗", "退货要几天", "多久到账", "is there a warranty", "如何开发票")
_article = st.tuples(
    st.lists(st.sampled_from(TEXTS), min_size=1, max_size=3),
    st.lists(st.sampled_from(QUESTIONS), max_size=3, unique=True),
    st.sampled_from(("退货", "Warranty", "发票")),
)
_articles = st.dictionaries(st.sampled_from([f"art_{number}" for number in range(9)]), _article, max_size=7)
Articles = dict[str, tuple[list[str], list[str], str]]


def _chunks(articles: Articles) -> list[Chunk]:
    return [
        Chunk(
            id=f"{article_id}_{number}",
            article_id=article_id,
            ordinal=number,
            title=title,
            heading="退货 › 运费",
            text=text,
            start=0,
            end=len(text),
            locale="zh-CN" if number else "en",
            questions=tuple(questions),
            tags=("audience:agents",) if number == 2 else (),
        )
        for article_id, (texts, questions, title) in sorted(articles.items())
        for number, text in enumerate(texts)
    ]


def _postings(index: Index) -> dict[str, list[tuple[Sequence[int], Sequence[int]]]]:
    """By term, for its number means nothing."""
    postings = index.postings
    found = {}
    for term, number in index.terms.items():
        spans = [slice(*postings.bounds[number, field : field + 2]) for field in range(3)]
        found[term] = [(postings.entries[span].ravel().tolist(), postings.doubles[span].tolist()) for span in spans] + [
            (postings.idf[number].view(np.int32).tolist(), [])
        ]
    return found


def _check_same(one: Index, other: Index) -> None:
    assert list(one.chunks) == list(other.chunks)
    assert _postings(one) == _postings(other)
    for name in ("anchor_starts", "article_of", "article_of_anchor", "vectors", "chinese"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    assert one.kinds.distinct == other.kinds.distinct
    assert (one.learned is None) == (other.learned is None)
    if one.learned is not None and other.learned is not None:
        np.testing.assert_array_equal(one.learned.articles, other.learned.articles)
        np.testing.assert_allclose(one.learned.weights, other.learned.weights, atol=1e-6)


@settings(max_examples=60, deadline=None)
@given(_articles, _articles, st.sets(st.sampled_from([f"art_{number}" for number in range(9)])))
def test_a_revised_index_is_the_one_that_would_be_built(before: Articles, changed: Articles, removed: set[str]) -> None:
    after = {name: one for name, one in before.items() if name not in removed} | changed
    revised = revise(build_index(1, _chunks(before)), 2, {*removed, *changed}, _chunks(changed))
    _check_same(revised, build_index(2, _chunks(after)))
    assert revised.version == 2


def test_an_index_can_be_revised_again_and_again() -> None:
    articles: Articles = {"art_0": (["七天内可以退货。"], ["怎么退", "能退吗"], "退货")}
    index = build_index(1, _chunks(articles))
    for number in range(1, 6):
        fresh: Articles = {f"art_{number}": ([f"第 {number} 号商品。"], ["多大", "多重"], "商品")}
        articles |= fresh
        index = revise(index, number + 1, (), _chunks(fresh))
    _check_same(index, build_index(6, _chunks(articles)))


def test_what_sample_questions_taught_is_taken_over_only_while_they_stay_the_same() -> None:
    before: Articles = {
        "art_1": (["退款三天到账。"], ["多久到账", "退款呢"], "退款"),
        "art_2": (["发票。"], ["发票", "开票"], "发票"),
    }
    index = build_index(1, _chunks(before))
    assert index.learned is not None
    only_text: Articles = {"art_0": (["七天内可以退货。"], [], "退货")}
    kept = revise(index, 2, (), _chunks(only_text)).learned
    assert kept is not None
    assert kept.weights is index.learned.weights
    assert kept.articles.tolist() == [1, 2]
    asked: Articles = {"art_0": (["七天内可以退货。"], ["怎么退", "能退吗"], "退货")}
    learned = revise(index, 2, (), _chunks(asked)).learned
    assert learned is not None
    assert learned.articles.tolist() == [0, 1, 2]
