from __future__ import annotations

import re
import time

import msgspec
import pytest
from tests.engines.streams import ask, listen
from tests.prompts.briefs import retrieval

from miaohui.engines.extractive import Extractive
from miaohui.engines.markdown import read_blocks
from miaohui.engines.types import EngineRequest, Source, Text
from miaohui.prompts.citations import cite

STEPS = """## 步骤

1. **提交申请**：打开「我的订单」，点「申请售后」，选好商品和原因。
2. **等待审核**：我们在 24 小时内审核，[结果](https://x.example/a)会用短信通知您。
3. **寄回商品**：审核通过后 7 天内寄出。

4. **退款**：验货通过即原路退回。
"""
RETURNS = "签收后 7 天内，商品完好就可以申请无理由退货。全程在线办理，不用打电话。"
POINTS = "# 积分\n\n得积分：实付 1 元得 1 分。\n\n用积分：100 分抵 1 元。"
TIMES = """# 退款多久到账

退款一律原路退回，到账时间：

| 付款方式 | 时间 |
|---|---|
| 微信 | 1–3 天 |
| 银行卡 | 3–7 天 |
"""


def source(n: int, title: str, text: str, heading: str = "", score: float = 1.0) -> Source:
    return Source(n=n, title=title, heading=heading, text=text, score=score)


ARTICLES = (
    source(1, "如何退货", RETURNS, "如何退货"),
    source(2, "如何退货", STEPS, "如何退货 › 步骤"),
    source(3, "积分怎么用", POINTS),
)


async def answer(request: EngineRequest) -> str:
    told = await listen(Extractive(), request)
    assert told.failure is None
    assert told.finished is not None
    assert (told.finished.reason == "stop") == request.answerable
    return told.text


async def test_the_steps_of_an_article_are_given_whole_and_cited() -> None:
    text = await answer(ask("如何退货?", *ARTICLES))
    assert RETURNS + "[1]" in text
    for step in ("1. 提交申请：", "2. 等待审核：", "3. 寄回商品：", "4. 退款：验货通过即原路退回。[2]"):
        assert step in text
    assert "积分" not in text
    assert not re.search(r"\*\*|##|https?:", text)


async def test_every_number_in_an_answer_names_a_source() -> None:
    text = await answer(ask("如何退货?", *ARTICLES))
    found = retrieval(*[one.text for one in ARTICLES])
    assert [citation.n for citation in cite(text, found)] == [1, 2]


async def test_every_sentence_stands_in_the_sources() -> None:
    text = await answer(ask("如何退货?", *ARTICLES))
    said = "".join(one.text for one in ARTICLES).replace("**", "").replace("[结果](https://x.example/a)", "结果")
    for line in re.sub(r"\[\d\]", "", text).splitlines():
        assert line in said


async def test_the_passage_that_answers_is_chosen_over_the_others() -> None:
    text = await answer(ask("100 积分能抵多少钱？", *ARTICLES))
    assert "100 分抵 1 元。[3]" in text
    assert "提交申请" not in text


async def test_a_table_keeps_the_line_that_announces_it() -> None:
    text = await answer(ask("退款多久到账", source(1, "退款多久到账", TIMES)))
    assert text == "退款一律原路退回，到账时间：\n付款方式 · 时间\n微信 · 1–3 天\n银行卡 · 3–7 天[1]"


async def test_a_question_and_answer_pair_gives_its_answer() -> None:
    text = await answer(ask("能指定顺丰吗", source(1, "能指定顺丰吗？", "问：能指定顺丰吗？\n答：暂时不能指定。")))
    assert text == "暂时不能指定。[1]"


async def test_a_bare_list_is_introduced_in_the_readers_language() -> None:
    steps = "1. Open the order.\n2. Press Return."
    english = ask("How do I return it?", source(1, "Returns", steps), locale="en")
    assert await answer(english) == "About “Returns”:\n1. Open the order.\n2. Press Return. [1]"
    chinese = await answer(ask("怎么退？", source(1, "退货", "1. 打开订单。\n2. 点退货。")))
    assert chinese.startswith("关于“退货”：\n1.")


async def test_of_a_long_paragraph_the_sentences_that_answer_are_kept() -> None:
    filler = "".join(f"这是第{i}句与问题没有关系的说明文字，讲的是别的事情。" for i in range(30))
    text = await answer(ask("保修期多长", source(1, "说明", f"{filler}保修期为两年，从签收那天算起。{filler}")))
    assert "保修期为两年，从签收那天算起。" in text
    assert len(text) < 400
    assert text.endswith("[1]")


async def test_the_same_words_in_two_articles_are_said_once() -> None:
    text = await answer(ask("如何退货?", source(1, "退货", RETURNS), source(2, "售后", RETURNS)))
    assert text.count("签收后 7 天内") == 1


async def test_what_is_not_known_is_said_with_what_is_near_and_a_human_offered() -> None:
    text = await answer(ask("退货能用比特币结算吗？", *ARTICLES, answerable=False))
    assert text.startswith("抱歉，我没有在知识库里找到")
    assert "《如何退货》" in text
    assert "《积分怎么用》" not in text
    assert "人工客服" in text
    assert not re.search(r"\[\d", text)


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
async def test_far_articles_are_not_named(locale: str) -> None:
    text = await answer(ask("火箭用什么燃料？", *ARTICLES, answerable=False, locale=locale))
    assert "《" not in text
    assert "“" not in text
    assert ("human" if locale == "en" else "人工") in text


async def test_without_any_words_in_the_sources_it_does_not_know() -> None:
    told = await listen(Extractive(), ask("如何退货?", source(1, "空", "# 标题\n\n---\n")))
    assert told.finished is not None
    assert told.finished.reason == "unknown_answer"


async def test_it_streams_in_small_pieces_that_never_split_a_mark() -> None:
    told = await listen(Extractive(pace_s=0.0001), ask("如何退货?", *ARTICLES))
    pieces = [piece.text for piece in told.pieces if isinstance(piece, Text)]
    assert len(pieces) > 30
    assert "[1]" in pieces
    assert max(map(len, pieces)) < 12


@pytest.mark.parametrize("piece", ["[", "[1,", "[a](", "<!--", "**a", "- ", "<a ", "\n", "| a", " "])
def test_an_article_made_of_marks_is_read_in_no_more_than_its_time(piece: str) -> None:
    began = time.process_time()
    read_blocks(piece * (16_000 // len(piece)))
    assert time.process_time() - began < 1.0


def test_links_and_pictures_give_way_to_their_words() -> None:
    assert read_blocks("见[退货说明](https://a.example/c?d=1)和![图](x.png)吧") == ["见退货说明和吧"]


@pytest.mark.parametrize(
    ("words", "locale", "reply"),
    [
        ("你好", "zh-CN", "您好"),
        ("谢谢！", "zh-CN", "不客气"),
        ("useless bot", "en", "I'm sorry"),
        ("bye", "en", "goodbye"),
    ],
)
async def test_a_courtesy_is_answered_in_kind_and_is_no_gap(words: str, locale: str, reply: str) -> None:
    told = await listen(Extractive(), ask(words, *ARTICLES, answerable=False, locale=locale))
    assert reply in told.text
    assert told.finished is not None
    assert told.finished.reason == "stop"


async def test_a_list_is_introduced_by_its_article_unless_its_heading_was_asked_for() -> None:
    steps = "1. 打开订单。\n2. 点退货。"
    assert (await answer(ask("怎么退货", source(1, "如何退货", steps, "如何退货 › 步骤")))).startswith("关于“如何退货”")
    assert (await answer(ask("退货的步骤", source(1, "如何退货", steps, "如何退货 › 步骤")))).startswith("关于“步骤”")


async def test_an_article_with_a_chance_word_in_common_is_not_near() -> None:
    text = await answer(
        ask("今天天气怎么样", source(1, "物流不更新", "超过今天没有更新就联系客服。"), answerable=False)
    )
    assert "《" not in text


async def test_a_sample_question_speaks_for_its_article() -> None:
    fees = source(1, "Delivery fees", "Free from ¥99, otherwise ¥8.")
    late = source(2, "Dispatch", "If we are late in shipping, you get a coupon.")
    question = "how much is shipping"
    assert "coupon" in await answer(ask(question, fees, late, locale="en"))
    taught = msgspec.structs.replace(fees, questions=("How much is shipping?",))
    assert (await answer(ask(question, taught, late, locale="en"))).startswith("Free from ¥99")


async def test_of_several_questions_each_is_answered_and_what_is_open_is_said() -> None:
    question = "积分怎么用，退款几天到账，你们老板叫什么名字"
    points = msgspec.structs.replace(ARTICLES[2], asked=("积分怎么用，",))
    times = msgspec.structs.replace(source(4, "退款", "退款三天到账。"), asked=("退款几天到账，",))
    text = await answer(ask(question, points, times))
    assert "100 分抵 1 元。[3]" in text
    assert "退款三天到账。[4]" in text
    assert text.endswith("至于“你们老板叫什么名字”，我没有在知识库里找到答案。需要的话，我可以为您转接人工客服。")


ORDERS = (
    'recent_orders: {"id":"2026110800001","state":"运输中","goods":["净化器","滤芯"],"total_yuan":"1059.00"}',
    'recent_orders: {"id":"2026110300002","state":"已签收","note":null}',
    'recent_orders: {"id":"20261',
)


async def test_an_order_is_told_from_the_visitors_own_records() -> None:
    request = msgspec.structs.replace(ask("查一下订单2026110800001", *ARTICLES, answerable=False), records=ORDERS)
    told = await listen(Extractive(), request)
    assert told.text == "您的记录里查到：\n- 2026110800001 · 运输中 · 净化器、滤芯 · 1059.00"
    assert told.finished is not None
    assert told.finished.reason == "stop"
    every = await listen(Extractive(), msgspec.structs.replace(request, question="我的订单到哪了"))
    assert every.text.count("\n- ") == 2
    assert every.text.startswith("您的记录里查到这些。想细问哪一笔，告诉我订单号或尾号就行：")


@pytest.mark.parametrize(
    ("state", "locale", "told"),
    [
        ("shipped", "zh-CN", "已发货"),
        ("Out for delivery", "zh-CN", "派送中"),
        ("out_for_delivery", "en", "out for delivery"),
        ("已发货", "en", "shipped"),
        ("已发货", "zh-CN", "已发货"),
        ("warehouse 7", "zh-CN", "warehouse 7"),
    ],
)
async def test_a_state_is_told_in_the_visitors_language(state: str, locale: str, told: str) -> None:
    record = f'recent_orders: {{"id":"2026110800001","state":"{state}"}}'
    request = msgspec.structs.replace(
        ask("订单到哪了", answerable=False),
        records=(record,),
        locale=locale,
    )
    assert (await listen(Extractive(), request)).text.endswith(f"\n- 2026110800001 · {told}")


async def test_the_number_of_another_order_tells_nothing_of_ones_own() -> None:
    request = msgspec.structs.replace(ask("订单2026110899999到哪了", answerable=False), records=ORDERS)
    assert "1059" not in (await listen(Extractive(), request)).text


@pytest.mark.parametrize(
    "question", ["2026100800001", "查订单 2026100800001", "尾号 3921 的那单", "order ending in 3921"]
)
async def test_an_order_of_somebody_unknown_is_not_told_and_says_why(question: str) -> None:
    locale = "en" if question.isascii() and "order" in question else "zh-CN"
    request = msgspec.structs.replace(ask(question, answerable=False), locale=locale)
    told = await listen(Extractive(), request)
    assert ("登录" if locale == "zh-CN" else "log in") in told.text
    assert told.finished is not None
    assert told.finished.reason == "unknown_answer"
    plain = await listen(Extractive(), msgspec.structs.replace(request, question="火箭什么时候发射"))
    assert "登录" not in plain.text


async def test_a_mixed_question_is_told_in_the_visitors_language() -> None:
    english = source(1, "Shipping", "Orders ship the same day, every order.")
    chinese = source(2, "发货", "下单当天发货。")
    assert (await answer(ask("我的order什么时候ship，几天发货", english, chinese))).startswith("下单当天发货。")


async def test_an_answer_is_in_one_language_the_visitors_when_that_was_found_first() -> None:
    chinese = source(1, "门店自提", "三家门店每天 10:00–21:30 营业，到店出示取货码。")
    english = source(2, "Store pick-up", "Our three stores are open every day; show the store your code.")
    assert await answer(ask("store 在哪里", chinese, english)) == f"{chinese.text}[1]"
    both = await answer(ask("store 取货码在哪里看", english, chinese))
    assert both == f"{chinese.text}[1]"
    foreign = await answer(msgspec.structs.replace(ask("where is the store", english), locale="zh-CN"))
    assert foreign == f"{english.text} [2]"


async def test_why_something_is_not_yet_so_asks_about_that_thing() -> None:
    times = source(1, "发货时间", "16:00 前付款，当天发货；之后次日发货。")
    address = source(2, "修改地址", "未发货可以自己改地址，还不用补运费。为防冒名，冷链不发新地址。")
    assert (await answer(ask("为什么还不发货", times, address))).startswith(times.text)
