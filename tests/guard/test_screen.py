"""No listed word leaves, however the answer is cut; and nothing else is touched or held."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from miaohui.guard.normalise import MASK
from miaohui.guard.screen import Screen
from miaohui.guard.words import Words

LISTED = Words({"test": ["敏感词", "敏感", "感词汇", "坏人坏", "badword", "evil thing", "坏x", "词词"]})
ALPHABET = "敏感词汇坏人好x bad-word.evil thing\u200b\u200d＊*ＢＡＤ，。敏敏"

texts = st.lists(st.sampled_from([*ALPHABET, "敏感词", "敏 感", "badword", "b a d w o r d", "evil thing", "感词"])).map(
    "".join
)


def screen(*pieces: str) -> str:
    opened = Screen(LISTED)
    return "".join([*(opened.feed(piece) for piece in pieces), opened.close()])


@settings(max_examples=400, deadline=None)
@given(texts, st.lists(st.integers(0, 60)))
@example("敏感词汇", [1, 2, 3])
@example("xbadword badwordx badword", [3, 12, 20])
def test_any_cut_of_any_text_gives_what_the_whole_gives(text: str, cuts: list[int]) -> None:
    ends = sorted({0, len(text), *(cut for cut in cuts if cut < len(text))})
    assert screen(*(text[a:b] for a, b in pairwise(ends))) == screen(text)


@settings(max_examples=400, deadline=None)
@given(st.lists(texts, max_size=6))
def test_a_listed_word_never_appears_in_what_has_left(pieces: list[str]) -> None:
    opened = Screen(LISTED)
    left = ""
    for piece in pieces:
        left += opened.feed(piece)
        assert not [word for word in LISTED.find(left) if word.end < len(left) or not left[-1].isascii()]
    assert not LISTED.find(left + opened.close())


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text(alphabet="你好 想退货。abc,", max_size=12), max_size=6))
def test_a_text_without_listed_words_leaves_as_it_came(pieces: list[str]) -> None:
    opened = Screen(LISTED)
    assert "".join([*(opened.feed(piece) for piece in pieces), opened.close()]) == "".join(pieces)
    assert not opened.withheld


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("这是敏感词。", f"这是{MASK}。"),
        ("这是敏 感-词。", f"这是{MASK}。"),
        ("这是敏\u200b感\u200b词。", f"这是{MASK}。"),
        ("a BadWord here", f"a {MASK} here"),
        ("ｂａｄｗｏｒｄ", MASK),
        ("b.a.d.w.o.r.d", MASK),
        ("such an evil  thing!", f"such an {MASK}!"),
        ("敏感词汇敏感", MASK),
    ],
)
def test_a_listed_word_is_replaced_in_its_disguises(text: str, left: str) -> None:
    assert screen(text) == left


@pytest.mark.parametrize(
    "text", ["敏捷的感觉", "badwords", "abadword", "bad word", "b adword", "敏" + " " * 12 + "感", "坏 人"]
)
def test_what_only_resembles_a_listed_word_stays(text: str) -> None:
    assert screen(text) == text


def test_a_word_split_over_two_pieces_is_still_screened() -> None:
    opened = Screen(LISTED)
    assert opened.feed("请看敏") == "请看"
    assert opened.feed("感词吧") == MASK + "吧"
    assert opened.withheld


def test_only_what_may_become_a_word_is_held() -> None:
    opened = Screen(LISTED)
    assert opened.feed("您好，三天内发货") == "您好，三天内发货"
    assert opened.feed("敏") == ""
    assert opened.feed("捷") == "敏捷"
    assert not opened.withheld


def test_what_is_held_leaves_at_the_end() -> None:
    opened = Screen(LISTED)
    assert opened.feed("机敏") == "机"
    assert opened.close() == "敏"


def test_an_empty_list_screens_nothing() -> None:
    opened = Screen(Words({}))
    assert opened.feed("敏感词") + opened.close() == "敏感词"
