"""What a visitor's words are, before anybody looks for an answer."""

from __future__ import annotations

import pytest

from miaohui.conversations.asking import Courtesy, accepts, courtesy_of, leaned_on, leans, questions_in

OFFER = "抱歉，我没有在知识库里找到这个问题的答案。需要的话，我可以为您转接人工客服。"
OFFERED = "Sorry, I could not find it. If you like, I can hand you over to a human colleague."


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("你好", "greeting"),
        ("您好！在吗？", "greeting"),
        ("现在有人吗", "greeting"),
        ("hello, is anyone there?", "greeting"),
        ("谢谢你，帮大忙了", "thanks"),
        ("好的 谢谢", "thanks"),
        ("OK, thanks so much!", "thanks"),
        ("okay bye", "assent"),
        ("没有其他问题了", "goodbye"),
        ("bye", "goodbye"),
        ("嗯嗯", "assent"),
        ("got it", "assent"),
        ("你们就是骗子，垃圾客服", "abuse"),
        ("what a useless bot", "abuse"),
        ("???", "unclear"),
        ("1", "unclear"),
        ("😂", "unclear"),
    ],
)
def test_a_courtesy_is_told_by_its_kind(text: str, kind: Courtesy) -> None:
    assert courtesy_of(text) == kind


@pytest.mark.parametrize(
    "text",
    [
        "怎么退货",
        "退货",
        "你好，请问怎么退货",
        "谢谢，那运费呢",
        "好的券怎么用",
        "在吗我想退货",
        "thanks, how do I return it",
        "你是谁",
        "可以退吗",
        "没收到货",
        "垃圾袋有卖吗",
        "骗子冒充客服怎么办",
        "2026110800001",
        "不用了能退吗",
    ],
)
def test_words_that_want_more_are_no_courtesy(text: str) -> None:
    assert courtesy_of(text) is None


@pytest.mark.parametrize(("text", "offer"), [("好的", OFFER), ("需要，谢谢", OFFER), ("yes please", OFFERED)])
def test_a_yes_is_meant_for_the_colleague_who_was_offered(text: str, offer: str) -> None:
    assert accepts(text, offer)


@pytest.mark.parametrize(
    ("text", "offer"),
    [
        ("好的", "签收后 7 天内可以退货。[1]"),
        ("不用了", OFFER),
        ("谢谢", OFFER),
        ("好的，那运费呢", OFFER),
        ("no", OFFERED),
        ("", OFFER),
    ],
)
def test_a_yes_to_nothing_and_another_word_bring_nobody(text: str, offer: str) -> None:
    assert not accepts(text, offer)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("能退吗，运费谁出，几天到账", ("能退吗，", "运费谁出，", "几天到账")),
        ("我昨天买的鞋，能退吗，运费谁出", ("我昨天买的鞋，能退吗，", "运费谁出")),
        ("how much is it and how long does it take?", ("how much is it?", "how long does it take?")),
    ],
)
def test_several_questions_of_one_message_are_told_apart(text: str, parts: tuple[str, ...]) -> None:
    assert questions_in(text) == parts


@pytest.mark.parametrize(
    "text", ["怎么退货", "洗了一次就缩水了，能退吗", "How do I return it? It came yesterday.", "你好"]
)
def test_one_question_stays_whole_with_what_is_told_around_it(text: str) -> None:
    assert questions_in(text) == (text,)


@pytest.mark.parametrize("text", ["那运费呢", "如果是质量问题呢？", "它防水吗", "and how long does it take?", "why?"])
def test_a_question_leans_on_the_one_before(text: str) -> None:
    assert leans(text)
    assert leaned_on(text, ["谢谢", "那要多久呢", "怎么退货", "有发票吗"]) == "怎么退货"


@pytest.mark.parametrize("text", ["怎么开发票", "how much is shipping", "这" + "把椅子和那张桌子一起买的话" * 3])
def test_a_question_that_says_itself_what_it_is_about_leans_on_nothing(text: str) -> None:
    assert leaned_on(text, ["怎么退货"]) == ""
