"""English words that are one letter away from what the articles say, and Chinese ones that sound the same."""

from __future__ import annotations

import pytest
from tests.knowledge.test_answers import ask

from miaohui.knowledge.segment import parse_question
from miaohui.knowledge.sounds import homophones
from miaohui.knowledge.spelling import guesses, mend

KNOWN = {"return": 3, "deliver": 2, "invoic": 2, "item": 1, "退货": 5, "退伙": 1, "运费": 4, "客服": 2, "快递": 3}


def count(term: str) -> int:
    return KNOWN.get(term, 0)


@pytest.mark.parametrize(
    ("typed", "meant"), [("retrun", "return"), ("retturn", "return"), ("retrn", "return"), ("delover", "deliver")]
)
def test_a_slip_of_one_letter_also_asks_for_what_was_meant(typed: str, meant: str) -> None:
    query = mend(parse_question(f"how do I {typed} an item"), count)
    assert meant in query.weights
    assert typed not in query.weights
    assert next(word for word in query.words if word.text == typed).synonyms[-1] == meant


@pytest.mark.parametrize("typed", ["return", "torn", "xeturn", "tornado", "退货"])
def test_a_known_a_short_and_another_word_stay_as_they_are(typed: str) -> None:
    query = parse_question(f"{typed} item")
    assert mend(query, count) is query


def test_a_misspelled_question_is_answered_like_the_right_one() -> None:
    wrong, right = ask("How do I retrun an item?"), ask("How do I return an item?")
    assert wrong.answerable
    assert wrong.passages[0].chunk.article_id == right.passages[0].chunk.article_id


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("怎么推货", "退货"), ("游费多少", "运费"), ("人工克服", "客服"), ("快第几天到", "快递"), ("我要腿货", "退货")],
)
def test_a_word_that_sounds_like_one_of_the_articles_also_asks_for_that(typed: str, meant: str) -> None:
    query = mend(parse_question(typed), count)
    assert meant in query.weights
    assert meant in {word.guess for word in query.words}


@pytest.mark.parametrize("typed", ["怎么退货", "邮费", "今天股市", "客服", "火箭"])
def test_a_known_word_and_one_that_sounds_like_none_stay_as_they_are(typed: str) -> None:
    query = parse_question(typed)
    assert mend(query, lambda term: count(term) + (term == "邮费")) is query


def test_a_thing_by_its_right_name_is_not_taken_for_another_that_sounds_alike() -> None:
    assert "杯子" in homophones("被子")
    query = parse_question("被子有什么颜色")
    assert mend(query, lambda term: int(term in {"杯子", "颜色"})) is query


def test_a_name_within_a_sentence_is_not_taken_for_a_slip() -> None:
    named, slip = parse_question("how do I Retrun it"), parse_question("how do I retrun it")
    assert mend(named, count) is named
    assert "return" in mend(slip, count).weights


def test_what_must_be_counted_first_holds_everything_that_is_asked_about() -> None:
    for typed in ("怎么推货", "人工克服在吗", "how do I retrun an itme"):
        asked: set[str] = set()

        def note(term: str, asked: set[str] = asked) -> int:
            asked.add(term)
            return count(term)

        query = parse_question(typed)
        mend(query, note)
        told = {*query.weights, *query.synonyms, *query.pairs, *(word.text for word in query.words)}
        assert asked - told <= guesses(query, count)


def test_a_long_question_has_only_so_much_looked_up() -> None:
    query = parse_question("".join(chr(0x4E00 + 7 * n) for n in range(500)) + " qwerty" * 80)
    assert len(guesses(query, count)) < 20_000


@pytest.mark.parametrize(
    ("typed", "meant"), [("怎么推货", "怎么退货"), ("游费多少", "运费多少"), ("人工克服在吗", "人工客服在吗")]
)
def test_a_question_typed_by_sound_is_answered_like_the_right_one(typed: str, meant: str) -> None:
    wrong, right = ask(typed), ask(meant)
    assert wrong.answerable
    assert wrong.passages[0].chunk.article_id == right.passages[0].chunk.article_id


def test_every_common_character_sounds_like_itself() -> None:
    for pair, word in (("重新", "崇信"), ("银行", "银杏"), ("地址", "地质")):
        assert pair not in homophones(pair)
        assert word not in homophones(word)
    assert "地址" in homophones("地质")
    assert homophones("囧囧") == ()


@pytest.mark.parametrize(
    ("asked", "meant"),
    [("我的 parcel 到哪了", {"快递"}), ("能 return 吗", {"退货"}), ("how much is postage", {"运费"})],
)
def test_a_shops_word_in_the_other_language_asks_for_ours(asked: str, meant: set[str]) -> None:
    query = mend(parse_question(asked), count)
    assert meant <= {*query.weights, *query.synonyms}
    assert meant & {synonym for word in query.words for synonym in word.synonyms}


@pytest.mark.parametrize("asked", ["how do I return it", "我的 A460 坏了", "deliver the item"])
def test_a_word_that_the_articles_have_is_not_put_into_the_other_language(asked: str) -> None:
    query = parse_question(asked)
    assert mend(query, count) is query


@pytest.mark.parametrize("asked", ["do you ship to Japan", "can you deliver to Canada?", "能寄到美国吗"])
def test_a_far_country_asks_whether_it_goes_abroad(asked: str) -> None:
    assert ask(asked).passages[0].chunk.article_id.endswith("shipping-areas.md")


def test_a_mixed_question_is_answered_in_its_own_language() -> None:
    assert ask("我的 coupon 怎么用").passages[0].chunk.locale == "zh-CN"
    assert ask("how do I use a coupon").passages[0].chunk.locale == "en"
