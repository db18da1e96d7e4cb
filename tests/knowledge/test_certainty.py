"""How sure to be is learned from what came true, and from the tenant's own articles."""

from __future__ import annotations

import pytest
from tests.knowledge.test_answers import ask

from miaohui.knowledge import policy
from miaohui.knowledge.certainty import TAUGHT, UNTAUGHT, Signs, chance, fit
from miaohui.knowledge.index import build_index
from miaohui.knowledge.rehearsal import calibrate, choose, rehearse
from miaohui.knowledge.types import Chunk

STRONG = Signs(coverage=0.9, bm25=0.6, taught=0.5, gap=1.0)
WEAK = Signs(coverage=0.2, bm25=0.1, taught=0.05, gap=0.1)
TOPICS = ("退货", "发货", "发票", "会员", "积分", "保修", "优惠券", "门店")
FORMS = ("怎么{}", "{}怎么办理", "想问{}的规定", "{}要多久", "{}在哪里看")


def _chunks(topics: tuple[str, ...] = TOPICS, forms: tuple[str, ...] = FORMS) -> list[Chunk]:
    return [
        Chunk(
            id=f"chunk_{number}",
            article_id=f"art_{number}",
            ordinal=0,
            title=f"{topic}说明",
            heading="",
            text=f"关于{topic}：请在订单页里操作，三天内处理。",
            start=0,
            end=20,
            questions=tuple(form.format(topic) for form in forms),
        )
        for number, topic in enumerate(topics)
    ]


def test_more_signs_make_surer() -> None:
    for certainty in (TAUGHT, UNTAUGHT):
        assert chance(certainty, STRONG) > 0.6
        assert chance(certainty, WEAK) < 0.35


def test_a_fit_moves_towards_what_came_true() -> None:
    strict = fit([(STRONG, False)] * 100 + [(STRONG._replace(coverage=1.0, gap=2.0), True)] * 100, TAUGHT)
    assert chance(strict, STRONG) < chance(TAUGHT, STRONG)
    assert min(strict.coverage, strict.bm25, strict.taught, strict.gap) >= 0


def test_what_no_article_knows_speaks_against_an_answer() -> None:
    for certainty in (TAUGHT, UNTAUGHT):
        assert chance(certainty, STRONG._replace(strange=0.6)) < chance(certainty, STRONG)
    strangers = [STRONG._replace(strange=0.9)] * 30
    cases = [(STRONG, True)] * 50 + [(WEAK, False)] * 50
    warned, calm = fit(cases, TAUGHT, strangers), fit(cases, TAUGHT)
    assert warned.strange < calm.strange <= 0
    assert chance(warned, strangers[0]) < chance(calm, strangers[0])


@pytest.mark.parametrize(
    ("question", "foreign"),
    [("积分股市", True), ("Netflix 会员", True), ("会员 today", False), ("会员 北京", False), ("积分怎么办理", False)],
)
def test_only_a_subject_that_nobody_wrote_of_is_strange(question: str, foreign: bool) -> None:
    """Not a day, a place or a number, which articles need not name."""
    signs = policy.read_signs(build_index(1, _chunks()), question)
    assert (signs.strange > 0.2) == foreign


@pytest.mark.parametrize("foreign", ["今天股市怎么样", "医院的挂号费是多少", "how is the stock market today"])
def test_a_shared_word_does_not_answer_a_question_of_another_field(foreign: str) -> None:
    assert not ask(foreign).answerable
    assert ask("今天下单什么时候发货").answerable


def test_a_fit_to_one_outcome_alone_changes_nothing() -> None:
    assert fit([], TAUGHT) == TAUGHT
    assert fit([(STRONG, True)] * 50, TAUGHT) == TAUGHT


def test_articles_with_sample_questions_calibrate_themselves() -> None:
    chunks = _chunks()
    index = calibrate(build_index(1, chunks), chunks)
    assert index.certainty != TAUGHT
    known = policy.search(index, "会员怎么申请", locale="zh-CN", limit=3, threshold=0.35)
    unknown = policy.search(index, "你们招聘司机吗", locale="zh-CN", limit=3, threshold=0.35)
    assert known.answerability > unknown.answerability
    assert (known.answerable, unknown.answerable) == (True, False)


@pytest.mark.parametrize("chunks", [_chunks(TOPICS[:3]), _chunks(forms=FORMS[:1])], ids=["few articles", "few samples"])
def test_too_few_sample_questions_leave_the_common_certainty(chunks: list[Chunk]) -> None:
    assert rehearse(choose(chunks)) == TAUGHT
    index = build_index(1, chunks)
    assert calibrate(index, chunks).certainty == index.certainty
