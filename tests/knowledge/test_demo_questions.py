"""The questions that the demo shop publishes beside its knowledge: how many are answered right, how many refused."""

from __future__ import annotations

from pathlib import Path

import msgspec
from tests.knowledge.test_answers import ask

FILE = Path(__file__).parents[2] / "demo" / "questions.json"


class Asked(msgspec.Struct, frozen=True):
    question: str
    locale: str = "zh-CN"
    articles: tuple[str, ...] = ()


class Questions(msgspec.Struct, frozen=True):
    answerable: tuple[Asked, ...]
    unanswerable: tuple[Asked, ...]


QUESTIONS = msgspec.json.decode(FILE.read_bytes(), type=Questions)


def _rank(asked: Asked) -> int:
    """Of the first right article among the passages; 99 for none."""
    sources = [passage.chunk.article_id for passage in ask(asked.question).passages]
    return min((rank for rank, source in enumerate(sources, 1) if source in asked.articles), default=99)


def test_nearly_all_that_the_shop_knows_is_answered_from_the_right_article() -> None:
    missed = [
        asked.question for asked in QUESTIONS.answerable if _rank(asked) > 5 or not ask(asked.question).answerable
    ]
    assert len(missed) / len(QUESTIONS.answerable) <= 0.07, missed


def test_the_right_article_comes_first_mostly() -> None:
    ranks = [_rank(asked) for asked in QUESTIONS.answerable]
    assert sum(rank == 1 for rank in ranks) / len(ranks) >= 0.85
    assert sum(rank <= 5 for rank in ranks) / len(ranks) >= 0.95


def test_nearly_all_that_the_shop_does_not_know_is_refused() -> None:
    answered = [asked.question for asked in QUESTIONS.unanswerable if ask(asked.question).answerable]
    assert len(answered) / len(QUESTIONS.unanswerable) <= 0.1, answered
