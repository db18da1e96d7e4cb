"""What a visitor's words are, before anybody looks for an answer."""

from __future__ import annotations

import pytest

from miaohui.conversations.asking import Courtesy, accepts, courtesy_of, leaned_on, leans, questions_in, wanted

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
        "你是哪家公司的",
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


@pytest.mark.parametrize(
    "text", ["你是谁", "你是机器人吗", "你叫什么名字？", "你是真人还是机器人", "are you a robot?", "What's your name?"]
)
def test_who_asks_for_the_assistant_itself_is_answered_as_such(text: str) -> None:
    assert courtesy_of(text) == "identity"


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("不是这个，是换货", "换货"),
        ("不对，我要的是专票", "专票"),
        ("no, I meant the refund", "the refund"),
        ("不要人工，怎么退款", "怎么退款"),
        ("请用英文回答：怎么退货", "怎么退货"),
        ("Please answer in English. 怎么退货", "怎么退货"),
    ],
)
def test_what_is_said_of_the_asking_is_not_looked_up(text: str, meant: str) -> None:
    assert wanted(text) == meant


@pytest.mark.parametrize(
    "text", ["没有收到货", "不能退吗", "不对", "不是这个", "人工几点上班", "英文说明书有吗", "nothing arrived", "不"]
)
def test_what_only_looks_like_a_correction_stays_whole(text: str) -> None:
    assert wanted(text) == text


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("1. 怎么退货 2. 怎么开票 3. 客服电话", ("怎么退货", "怎么开票", "客服电话")),
        ("1、怎么退货2、怎么开票", ("怎么退货", "怎么开票")),
        ("第一个问题怎么退货第二个问题运费谁出", ("怎么退货", "运费谁出")),
        ("1.5 升的水壶多少钱", ("1.5 升的水壶多少钱",)),
        ("满 3.8 折 2.5 折", ("满 3.8 折 2.5 折",)),
        ("第一个订单到哪了", ("第一个订单到哪了",)),
    ],
)
def test_a_list_of_questions_is_taken_apart_and_numbers_are_not(text: str, parts: tuple[str, ...]) -> None:
    assert questions_in(text) == parts


@pytest.mark.parametrize("text", ["买两个多少钱", "三个呢", "有什么颜色", "有没有别的颜色"])
def test_how_many_and_of_which_kind_lean_on_what_was_named_before(text: str) -> None:
    assert leans(text)
    assert not leans("一个保温杯多少钱")
