"""English words that are one letter away from what the articles say."""

from __future__ import annotations

import pytest
from tests.knowledge.test_answers import ask

from miaohui.knowledge.segment import parse_question
from miaohui.knowledge.spelling import mend

KNOWN = {"return", "deliver", "invoic", "item"}


@pytest.mark.parametrize(
    ("typed", "meant"), [("retrun", "return"), ("retturn", "return"), ("retrn", "return"), ("delover", "deliver")]
)
def test_a_slip_of_one_letter_also_asks_for_what_was_meant(typed: str, meant: str) -> None:
    query = mend(parse_question(f"how do I {typed} an item"), KNOWN)
    assert meant in query.weights
    assert typed not in query.weights
    assert next(word for word in query.words if word.text == typed).synonyms[-1] == meant


@pytest.mark.parametrize("typed", ["return", "torn", "xeturn", "tornado", "退货"])
def test_a_known_a_short_and_another_word_stay_as_they_are(typed: str) -> None:
    query = parse_question(f"{typed} item")
    assert mend(query, KNOWN) is query


def test_a_misspelled_question_is_answered_like_the_right_one() -> None:
    wrong, right = ask("How do I retrun an item?"), ask("How do I return an item?")
    assert wrong.answerable
    assert wrong.passages[0].chunk.article_id == right.passages[0].chunk.article_id
