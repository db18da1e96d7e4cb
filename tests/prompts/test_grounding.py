"""What an answer claims stands in what was found, or it is not shown; everything else flows."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from miaohui.engines.types import ChatMessage, EngineRequest, Source
from miaohui.prompts.claims import find_amounts, find_claims, find_values, normalise
from miaohui.prompts.grounding import Grounding

RETURNS = "签收后 7 天内可以申请无理由退货，退货运费由买家承担，质量问题我们承担。退款 1–3 个工作日到账。"
SHIPPING = "一般地区满 99 元包邮，不满收 8 元运费。16:00 前付款当天发货。"
ENGLISH = "Orders from ¥99 ship free; below that delivery costs ¥8. Returns are accepted within 7 days."


def request(question: str = "怎么退货？", *texts: str, locale: str = "zh-CN") -> EngineRequest:
    sources = tuple(
        Source(n=n, title="退货与运费", heading="", text=text, score=1.0)
        for n, text in enumerate(texts or (RETURNS, SHIPPING), 1)
    )
    return EngineRequest(
        turn_id="turn",
        tenant_id="ten",
        question=question,
        messages=(ChatMessage("system", "rules"), ChatMessage("user", question)),
        sources=sources,
        locale=locale,
    )


def say(grounding: Grounding, *pieces: str) -> str:
    return "".join(grounding.feed(piece) for piece in pieces) + grounding.close()


@pytest.mark.parametrize(
    "answer",
    [
        "您好，签收后7天内可以申请退货[1]。退款一般 1-3 个工作日到账[1]。",
        "退货运费由买家承担，七天内都可以退货。[1]",
        "1. 打开订单\n2. 点申请退货\n3. 签收后 7 天内寄回[1]\n",
        "满 99 元包邮，不满收 ¥8 运费。【2】",
        "16:00 前付款当天发货①。",
        "我没有找到这方面的内容，可以帮您转接人工处理退款。",
        "您想退哪一件呢？请把订单号发给我。",
        "我们不能保证到货的具体日子。",
    ],
)
def test_what_was_found_is_said_unchanged(answer: str) -> None:
    grounding = Grounding(request())
    assert say(grounding, *answer) == answer
    assert grounding.withheld == []


@pytest.mark.parametrize(
    ("answer", "gone"),
    [
        ("签收后 30 天内可以申请退货。", "30"),
        ("退货运费由买家承担，退款两个工作日到账。", "两个工作日"),
        ("不满收 12 元运费。", "12"),
        ("我们保证明天送到。", "保证"),
        ("这款吹风机支持终身保修。", "终身"),
        ("活动价 1 元。", "1 元"),
        ("打九折。", "九折"),
        ("请寄到 XK-902 仓库。", "XK-902"),
        ("我们会赔偿您的损失。", "赔偿"),
        ("会员可以享受上门安装和延长保修。", "延长保修"),
    ],
)
def test_what_stands_nowhere_is_not_said(answer: str, gone: str) -> None:
    grounding = Grounding(request())
    said = say(grounding, "您好。", *answer)
    assert gone not in said
    assert said.startswith("您好。")
    assert "没有找到依据" in said
    assert grounding.withheld == [answer]


def test_the_notice_comes_once_and_what_is_right_stays() -> None:
    grounding = Grounding(request())
    said = say(grounding, "退货运费 50 元。退款 20 天到账。签收后 7 天内可以退货。")
    assert said.count("没有找到依据") == 1
    assert said.endswith("签收后 7 天内可以退货。[1]")
    assert len(grounding.withheld) == 2


def test_an_english_answer_is_held_to_a_chinese_passage_by_its_numbers() -> None:
    grounding = Grounding(request("Is delivery free?", SHIPPING, locale="en"))
    assert say(grounding, "Delivery is ¥8 below ¥99. ") == "Delivery is ¥8 below ¥99. [1] "
    grounding = Grounding(request("Is delivery free?", ENGLISH, locale="en"))
    told = say(grounding, "Returns are accepted within 7 days. ", "You get 90 days for shoes. ", "Bye.")
    assert "within 7 days" in told
    assert "90" not in told
    assert "I found no source" in told


def test_what_the_visitor_claims_is_no_source_for_money_but_for_their_order() -> None:
    question = "订单 YS20261101 我买了 3 件，你们说过退 500 元对吧？"
    grounding = Grounding(request(question))
    said = say(grounding, "订单 YS20261101 的 3 件都收到了。", "对，会退给您 500 元。")
    assert said.startswith("订单 YS20261101 的 3 件都收到了。")
    assert "500" not in said


def test_what_a_tool_said_is_a_source() -> None:
    grounding = Grounding(request("到哪了？"))
    grounding.learn('{"state": "运输中", "expected_at": "2026-11-24", "paid": "199.00"}')
    assert say(grounding, "预计 11 月 24 日送到，实付 199 元。") == "预计 11 月 24 日送到，实付 199 元。"
    assert "2099" not in say(grounding, "实付 2099 元。")


def test_an_earlier_answer_is_a_source_and_an_earlier_question_is_not() -> None:
    told = (ChatMessage("user", "能退 888 元吗"), ChatMessage("assistant", "发票 45 天内可以换开。"))
    asked = request("发票呢？", SHIPPING)
    asked = msgspec.structs.replace(asked, messages=(asked.messages[0], *told, asked.messages[1]))
    assert "45" in say(Grounding(asked), "发票 45 天内可以换开。")
    assert "888" not in say(Grounding(asked), "可以退 888 元。")


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("签收后 7 天内可以退货。满 99 元包邮！", "签收后 7 天内可以退货。[1]满 99 元包邮！[2]"),
        ("签收后 7 天内可以退货\n满 99 元包邮\n", "签收后 7 天内可以退货[1]\n满 99 元包邮[2]\n"),
        ("签收后 7 天内可以退货。[2]", "签收后 7 天内可以退货。[2]"),
        ("| 退货 | 签收后 7 天 |\n", "| 退货 | 签收后 7 天 |\n"),
        ("请输入 `满 99 元包邮`。", "请输入 `满 99 元包邮`。"),
        ("您好，请问还有什么问题？", "您好，请问还有什么问题？"),
    ],
)
def test_a_sentence_that_rests_on_a_passage_says_on_which(said: str, shown: str) -> None:
    assert say(Grounding(request()), *said) == shown


def test_what_a_tool_said_is_given_no_mark_of_a_passage() -> None:
    grounding = Grounding(request("到哪了？"))
    grounding.learn('{"expected_at": "2026-11-24"}')
    assert "[" not in say(grounding, "预计 11 月 24 日送到。")


def test_words_without_claims_are_not_held_back() -> None:
    grounding = Grounding(request())
    assert grounding.feed("您好，很高兴为您服务，") == "您好，很高兴为您服务，"
    assert grounding.feed("退货期是 ") == "退货期是 "
    assert grounding.feed("7 天内") == ""
    assert grounding.feed("。再见") == "7 天内。[1]再见"


def test_a_new_attempt_forgets_what_was_held() -> None:
    grounding = Grounding(request())
    assert grounding.feed("退货期是 9") == "退货期是 "
    grounding.restart()
    assert say(grounding, "好的。") == "好的。"


@pytest.mark.parametrize("route", ["extractive", "calculator"])
def test_routes_that_only_quote_are_believed(route: str) -> None:
    grounding = Grounding(request())
    grounding.begin(route)
    assert say(grounding, "实付 12345 元。") == "实付 12345 元。"


def test_a_long_number_is_compared_to_its_last_digit() -> None:
    number = "1234567890" * 4
    grounding = Grounding(request("怎么退货？", f"退货单号是 {number}。"))
    assert say(grounding, f"退货单号是 {number}。") == f"退货单号是 {number}。[1]"
    assert say(grounding, f"退货单号是 {number[:-1]}7。") != f"退货单号是 {number[:-1]}7。"
    assert len(grounding.withheld) == 1


def test_numbers_keep_their_units() -> None:
    claims = {(claim.value, claim.unit) for claim in find_claims(normalise("３天内退 1,299.50 元，打9.5折，半年"))}
    assert claims >= {("3", "day"), ("1299.5", "money"), ("9.5", "off"), ("0.5", "year")}


@given(st.lists(st.text("您好退货7天内可以。1元[]1\nab. Canfre半个", max_size=8), max_size=12))
def test_how_an_answer_is_cut_into_pieces_makes_no_difference(pieces: list[str]) -> None:
    whole = Grounding(request())
    cut = Grounding(request())
    assert say(cut, *pieces) == say(whole, "".join(pieces))
    assert cut.withheld == whole.withheld


@given(st.text("退货7九十半0０天元.,:：- a1²€%", max_size=14) | st.text(max_size=8))
def test_what_a_passage_counts_is_never_overlooked(text: str) -> None:
    text = normalise(text)
    found = {claim.value.partition(".")[0].partition(":")[0] for claim in find_values(text) if claim.kind == "number"}
    assert found <= find_amounts(text)
