from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from miaohui.engines.tokens import estimate_tokens
from miaohui.prompts.compress import compress
from miaohui.prompts.essentials import find_essentials, gist_of

POLICY = (
    "喵选商城成立于杭州，是一家卖生活用品的商店。我们很重视每一位顾客的感受。签收后七天内可以申请退货，运费由卖家承担。"
    "生鲜商品不支持无理由退货。客服会在工作日九点到十八点回复您。满99元包邮，偏远地区除外。祝您购物愉快，欢迎常来看看。"
)


def test_a_text_that_fits_stays_as_it_is() -> None:
    assert compress(POLICY, len(POLICY), "退货") == POLICY


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("怎么申请退货?", "签收后七天内可以申请退货"),
        ("包邮吗", "满99元包邮"),
        ("几点有人回复", "工作日九点到十八点回复"),
    ],
)
def test_what_answers_the_question_stays(question: str, answer: str) -> None:
    shorter = compress(POLICY, len(POLICY) // 2, question)
    assert answer in shorter
    assert len(shorter) <= len(POLICY) // 2


def test_what_has_nothing_to_do_with_it_goes() -> None:
    assert "祝您购物愉快" not in compress(POLICY, len(POLICY) // 2, "怎么申请退货?")


def test_sentences_keep_their_order() -> None:
    shorter = compress(POLICY, int(len(POLICY) * 0.7), "退货 包邮 成立")
    places = [POLICY.index(sentence) for sentence in shorter.split("。") if sentence in POLICY and sentence]
    assert places == sorted(places)
    assert len(places) > 1


def test_a_sentence_said_twice_is_chosen_once() -> None:
    said = "退货要在七天内申请办理。"
    text = said + "退货要在七天内申请办理啊。" + "换货请联系门店。" + "发票在订单页下载。"
    shorter = compress(text, len(said) + 14, "怎么退货换货")
    assert shorter.count("退货要在七天内申请办理") == 1
    assert "换货" in shorter


@pytest.mark.parametrize("question", ["", "怎么申请退货?"])
@pytest.mark.parametrize(
    "essential",
    [
        "订单号 MH20240815001",
        "2024年8月15日",
        "¥299.00",
        "138-1234-5678",
        "a.b@example.com",
        "三百元",
        "12.5%",
        "不支持",
    ],
)
def test_no_number_date_amount_id_or_denial_is_lost(essential: str, question: str) -> None:
    text = POLICY + f"另外有一句完全无关的话里写着{essential}这样的内容而已。" + POLICY
    shorter = compress(text, len(text) // 2, question)
    assert essential.removeprefix("订单号 ") in shorter
    assert len(shorter) <= len(text) // 2


def test_what_may_not_be_lost_stays_even_where_there_is_no_room() -> None:
    text = "，".join(f"编号{n}" for n in range(10_000, 10_050))
    shorter = compress(text, 10, "无关")
    assert all(str(n) in shorter for n in range(10_000, 10_050))


def test_english_is_cut_at_its_sentences() -> None:
    text = "We are glad you came. Returns are free within 30 days. Our cats sleep a lot! Version 2.5 is not affected."
    shorter = compress(text, 75, "how do returns work")
    assert "Returns are free within 30 days." in shorter
    assert "cats" not in shorter
    assert "2.5" in shorter
    assert "not affected" in shorter


def test_room_is_counted_as_the_caller_counts() -> None:
    assert estimate_tokens(compress(POLICY, 50, "退货", estimate_tokens)) <= 50


@settings(max_examples=60, deadline=None)
@given(
    st.text(alphabet="退货七天不免运费1299元年月，。！\n（） aB.", max_size=300),
    st.sampled_from(["", "退货", "免运费?"]),
)
def test_whatever_the_text_essentials_stay_and_the_room_is_kept(text: str, question: str) -> None:
    room = len(text) // 2
    shorter = compress(text, room, question)
    parts = [text[start:end].strip() for start, end in find_essentials(text)]
    assert compress(text, room, question) == shorter
    assert len(shorter) <= max(room, sum(len(part) + 2 for part in parts) + 2 + len(text) // 5)
    digits = [char for char in text if char.isdigit()]
    assert [char for char in shorter if char.isdigit()] == digits


@pytest.mark.parametrize(
    ("text", "gist"),
    [
        ("今天天气很好", ""),
        ("请在3个工作日内寄回", "…3个工作日"),
        ("这款不防水", "…不防水"),
        ("不客气别墅", "…不客气"),
        ("非常好，非会员没有", "…非会员没有"),
        ("does not include batteries", "…not include batteries"),
    ],
)
def test_the_gist_is_what_must_stay(text: str, gist: str) -> None:
    assert gist_of(text) == gist
