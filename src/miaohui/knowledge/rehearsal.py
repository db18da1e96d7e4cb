"""What a tenant's own articles say about how sure to be: some are taken away, and their sample questions asked.

The questions of an article that was taken away have no answer; those of the others have, and the one that is asked was
not among the samples. Beside them stand questions of nobody's field, see `strangers`. So the tenant's certainty is
fitted to its own subject without anybody having to label anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import msgspec

from miaohui.knowledge import policy
from miaohui.knowledge.certainty import TAUGHT, Certainty, Signs, chance, fit
from miaohui.knowledge.index import Index, build_index
from miaohui.knowledge.strangers import strangers
from miaohui.knowledge.types import Chunk

FOLDS = 3
MOST_CHUNKS = 600
"""Of a larger knowledge base so many are rehearsed with: it costs a second of building."""
LEAST_QUESTIONS = 3
"""An article with fewer can spare none."""
LEAST_ARTICLES = 6
_QUESTIONS_EACH = 3
_STEPS = 20


def calibrate(index: Index, chunks: Sequence[Chunk]) -> Index:
    """The same index with a certainty of its own."""
    if index.learned is None:
        return index
    return msgspec.structs.replace(index, certainty=rehearse(choose(chunks)))


def rehearse(articles: Sequence[Sequence[Chunk]]) -> Certainty:
    """The certainty that fits these articles; the common one when they have too few sample questions."""
    if sum(len(article[0].questions) >= LEAST_QUESTIONS for article in articles) < LEAST_ARTICLES:
        return TAUGHT
    cases: list[tuple[Signs, bool]] = []
    foreign: list[Signs] = []
    for fold in range(FOLDS):
        index, asked = _stage(articles, fold)
        cases += _ask(index, asked)
        foreign += [policy.read_signs(index, question) for question in _strangers_to(index)]
    return fit(cases, TAUGHT, foreign)


def _strangers_to(index: Index) -> Sequence[str]:
    return strangers(chinese=bool(index.chinese.any()), english=not index.chinese.all())


class Point(msgspec.Struct, frozen=True):
    """What a threshold would do with the questions of the rehearsal."""

    threshold: float
    answered: float
    """Share of the questions with an answer that would be answered."""
    wrong: float
    """Share of the questions without one that would be answered all the same."""


def picture(certainty: Certainty, chunks: Sequence[Chunk]) -> list[Point]:
    """From threshold 0 to 1; empty for articles with too few sample questions to tell."""
    articles = choose(chunks)
    cases = [case for fold in range(FOLDS) for case in _play(articles, fold)]
    known = [chance(certainty, signs) for signs, is_known in cases if is_known]
    unknown = [chance(certainty, signs) for signs, is_known in cases if not is_known]
    if not known or not unknown:
        return []
    return [
        Point(step / _STEPS, _over(known, step / _STEPS), _over(unknown, step / _STEPS)) for step in range(_STEPS + 1)
    ]


def _over(chances: Sequence[float], threshold: float) -> float:
    return round(sum(one >= threshold for one in chances) / len(chances), 4)


def choose(chunks: Sequence[Chunk]) -> list[list[Chunk]]:
    """Articles to rehearse with: at even distances, up to the bound."""
    articles = [list(group) for _, group in groupby(chunks, key=lambda chunk: chunk.article_id)]
    return articles[:: step_of(len(chunks))]


def step_of(chunks: int) -> int:
    """Of so many chunks every so manyth article is rehearsed with."""
    return max(1, -(-chunks // MOST_CHUNKS))


def _play(articles: Sequence[Sequence[Chunk]], fold: int) -> list[tuple[Signs, bool]]:
    return _ask(*_stage(articles, fold))


def _ask(index: Index, asked: Sequence[tuple[str, bool]]) -> list[tuple[Signs, bool]]:
    return [(policy.read_signs(index, question), known) for question, known in asked]


def _stage(articles: Sequence[Sequence[Chunk]], fold: int) -> tuple[Index, list[tuple[str, bool]]]:
    """Without the articles of this fold; what is asked, and whether that has an answer."""
    kept: list[Chunk] = []
    asked: list[tuple[str, bool]] = []
    for number, article in enumerate(articles):
        questions = article[0].questions
        if number % FOLDS == fold:
            asked += [(question, False) for question in questions[:_QUESTIONS_EACH]]
            continue
        spared = questions
        if len(questions) >= LEAST_QUESTIONS:
            held = questions[fold::FOLDS][:_QUESTIONS_EACH]
            asked += [(question, True) for question in held]
            spared = tuple(question for question in questions if question not in held)
        kept += [msgspec.structs.replace(chunk, questions=spared) for chunk in article]
    return build_index(0, kept), asked
