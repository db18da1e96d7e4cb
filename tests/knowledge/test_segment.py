"""Texts and questions meet in terms."""

from __future__ import annotations

import pytest

from miaohui.knowledge.segment import normalise, parse_question, stem, terms_of


def _meets(question: str, text: str) -> bool:
    return bool(parse_question(question).weights.keys() & set(terms_of(normalise(text))))


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("怎么退？", "退货流程"),
        ("ａ４６０ 滤芯", "YS-A460 净化器"),
        ("a460 多大", "YS-A460 清岚"),
        ("订单 MH-20261120-7 到哪了", "单号 mh-20261120-7"),
        ("returning items", "How to return an item"),
        ("deliveries", "delivery"),
        ("iphone15 有货吗", "iPhone 15 手机壳"),
    ],
)
def test_a_question_meets_a_text_that_spells_it_otherwise(question: str, text: str) -> None:
    assert _meets(question, text)


@pytest.mark.parametrize(
    ("question", "text"),
    [("MH-20261120-7", "MH-20261121-8 已发出"), ("怎么办呢", "怎么办理会员"), ("what is it", "it is what it is")],
)
def test_a_question_does_not_meet_a_text_that_shares_no_content(question: str, text: str) -> None:
    assert not [word for word in parse_question(question).words if word.text in terms_of(normalise(text))]


def test_a_question_of_nothing_but_courtesy_has_no_content() -> None:
    assert parse_question("你好，请问在吗").words == ()
    assert parse_question("hello, can you help me please?").words == ()


def test_a_very_long_question_is_cut() -> None:
    assert len(parse_question("退货" * 10_000).text) <= 512


@pytest.mark.parametrize(
    ("word", "stemmed"),
    [("returns", "return"), ("returned", "return"), ("shipping", "ship"), ("boxes", "box"), ("policies", "policy")],
)
def test_inflections_fall_together(word: str, stemmed: str) -> None:
    assert stem(word) == stemmed


@pytest.mark.parametrize("word", ["status", "glass", "bus", "red", "king", "this"])
def test_what_is_no_inflection_stays(word: str) -> None:
    assert stem(word) == word


def test_both_scripts_are_one() -> None:
    assert normalise("退貨運費怎麼算？訂單號") == normalise("退货运费怎么算？订单号")
    assert _meets("退貨運費誰承擔", "退货运费由买家承担")
    assert _meets("退货运费谁承担", "退貨運費由買家承擔")


def test_what_is_written_alike_in_both_scripts_stays() -> None:
    assert normalise("面包、皇后和著名的台湾") == "面包、皇后和著名的台湾"


def test_a_word_that_may_be_asked_of_anything_is_no_content_beside_another() -> None:
    for question, about in (("return policy", "return"), ("退货政策", "退货")):
        query = parse_question(question)
        assert [word.text for word in query.words] == [about]
        assert query.weights[about] > max(
            query.weights[generic] for generic in ("policy", "政策") if generic in question
        )
    assert [word.text for word in parse_question("规则").words] == ["规则"]
