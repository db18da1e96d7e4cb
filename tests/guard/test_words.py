"""The lists: what an operator writes, and what the built-in ones leave alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from miaohui.guard.words import BUILT_IN, LONGEST_WORD, Words, read_words
from miaohui.kit.errors import Invalid

ORDINARY = [
    "没有收到发票，地址写错了，能改吗？",
    "这个电话打不通，客服在吗，我要投诉",
    "How do I pass the class assessment? Scunthorpe, please.",
    "开发票要多久？代金券能开发票吗",
    "枪灰色的杯子有货吗",
    "我想退货，操作步骤是什么",
]


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_shop_talk_holds_no_listed_word(text: str) -> None:
    assert read_words(None).find(text) == []


@pytest.mark.parametrize(
    ("category", "word"), [(category, word) for category in BUILT_IN for word in BUILT_IN[category]]
)
def test_every_built_in_word_is_found_in_a_sentence(category: str, word: str) -> None:
    assert [found.category for found in read_words(None).find(f"你这 {word} 啊")][:1] == [category]


def test_an_operators_file_adds_words_by_category(tmp_path: Path) -> None:
    file = tmp_path / "words.txt"
    file.write_text("# ours\n竞品甲\n[rival]\n竞品乙\n\n", encoding="utf-8")
    words = read_words(file)
    assert [found.category for found in words.find("竞品甲和竞品乙")] == ["operator", "rival"]
    assert words.find("# ours") == []


def test_a_found_word_is_where_it_stands_in_the_original() -> None:
    text = "说 敏\u200b感 了"
    (found,) = Words({"test": ["敏感"]}).find(text)
    assert text[found.start : found.end] == "敏\u200b感"


def test_a_word_beyond_the_bound_is_refused() -> None:
    with pytest.raises(Invalid):
        Words({"test": ["长" * (LONGEST_WORD + 1)]})


@pytest.mark.parametrize("gap", ["……", "...", " - ", "\u3000", "·"])
@pytest.mark.parametrize("text", ["敏{}感", "买了 YS-A460，敏{}感", "「敏{}感」" + "这是很长的一段话" * 9])
def test_a_gap_hides_a_word_nowhere_whatever_stands_around_it(gap: str, text: str) -> None:
    assert Words({"test": ["敏感"]}).find(text.format(gap))


@pytest.mark.parametrize("text", ["敏，感", "敏，感 A", "「敏。感」" + "这是很长的一段话" * 9])
def test_punctuation_parts_a_word_whatever_stands_around_it(text: str) -> None:
    assert not Words({"test": ["敏感"]}).find(text)
