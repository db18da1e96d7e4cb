"""Which passages answer a question, in which order, and whether they answer it at all."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain, zip_longest
from typing import NamedTuple

import numpy as np
from msgspec.structs import replace

from miaohui.knowledge.certainty import Signs, chance
from miaohui.knowledge.counting import Floats
from miaohui.knowledge.index import Index
from miaohui.knowledge.scoring import (
    Candidates,
    find_candidates,
    judge_words,
)
from miaohui.knowledge.segment import Query, Word, parse_question
from miaohui.knowledge.spelling import mend
from miaohui.knowledge.types import Passage, Retrieval

CONTEXT_SHARE = 0.5
"""Weight of what the question before finds, for one that goes on from it."""
CONTEXT_SHARE_OF_ONE = 1.0
"""The same where the question has one word of its own, such as `颜色`."""
CONTEXT_SURE = 0.6
"""Of how sure the question before was, for one that goes on from it within the same article."""
_STRANGE = 0.25
"""A question that is about something else does not go on from it."""
LEADING = 3
"""Passages that an answer is looked for in when it is judged whether there is one."""
NO_SIGNS = Signs(coverage=0.0, bm25=0.0, taught=0.0, gap=0.0, strange=0.0)
NO_KNOWLEDGE = Retrieval(passages=(), answerability=0.0, answerable=False, version=0)


class _Earlier(NamedTuple):
    """What the question before found."""

    scores: Floats
    """Of every chunk."""
    article: int
    """The first one's."""
    sure: float


def search(  # noqa: PLR0913  (a question, where from, where in, and how far)
    index: Index, question: str, *, locale: str, limit: int, threshold: float, before: str = ""
) -> Retrieval:
    """The best passages of an index, best first. `before` is a question that this one goes on from."""
    query = mend(parse_question(question), index.count)
    context = mend(parse_question(before), index.count) if before else None
    if context is not None and not query.words:
        query, context = context, None
    chinese = prefers_chinese(query, locale)
    passages: tuple[Passage, ...] = ()
    sure = 0.0
    if index.chunks and query.weights:
        found = find_candidates(index, query, chinese=chinese, least=limit)
        earlier = None if context is None else _recall(index, context, chinese=chinese)
        if earlier is not None:
            share = CONTEXT_SHARE if len(query.words) > 1 else CONTEXT_SHARE_OF_ONE
            np.add(found.fused, earlier.scores[found.slots] * np.float32(share), out=found.fused)
        order = found.order()
        passages = tuple(_passage(index, found, place) for place in order[:limit])
        if order and not all(map(_says_nothing, query.words)):
            signs = _signs(index, query, found, order, order[: min(limit, LEADING)])
            sure = chance(index.certainty, signs)
            if earlier and signs.strange < _STRANGE and index.article_of[found.slots[order[0]]] == earlier.article:
                sure = max(sure, earlier.sure * CONTEXT_SURE)
    return Retrieval(passages=passages, answerability=sure, answerable=sure >= threshold, version=index.version)


def _recall(index: Index, context: Query, *, chinese: bool) -> _Earlier | None:
    """What the question before found; None for nothing."""
    before = find_candidates(index, context, chinese=chinese, least=LEADING)
    if not len(before.slots):
        return None
    scores = np.zeros(len(index.chunks), np.float32)
    scores[before.slots] = before.fused
    order = before.order()
    sure = chance(index.certainty, _signs(index, context, before, order, order[:LEADING]))
    return _Earlier(scores, int(index.article_of[before.slots[order[0]]]), sure)


def _says_nothing(word: Word) -> bool:
    """A question without content words, or of a bare number, cannot be answered."""
    return word.text.isdecimal()


def tells_all(whole: Retrieval, parts: Mapping[str, Retrieval]) -> bool:
    """Whether the whole message found what its questions would find one by one."""
    articles = {found.passages[0].chunk.article_id for found in parts.values() if found.answerable}
    return whole.answerable and articles <= {passage.chunk.article_id for passage in whole.passages[:1]}


def merge(whole: Retrieval, parts: Mapping[str, Retrieval], limit: int) -> Retrieval:
    """What was found for each of several questions of one message, by turns; one that has an answer is enough."""
    known = [[(question, one) for one in _leading(found)] for question, found in parts.items() if found.answerable]
    if not known:
        return whole
    passages: dict[str, Passage] = {}
    for question, passage in filter(None, chain.from_iterable(zip_longest(*known))):
        told = passages.get(passage.chunk.id, passage)
        passages[passage.chunk.id] = replace(told, asked=(*told.asked, question))
    sure = max(found.answerability for found in parts.values())
    return replace(whole, passages=tuple(passages.values())[:limit], answerability=sure, answerable=True)


def _leading(found: Retrieval) -> list[Passage]:
    """Of the article that comes first: beside other questions there is no room for more."""
    first = found.passages[0].chunk.article_id
    return [passage for passage in found.passages if passage.chunk.article_id == first]


def prefers_chinese(query: Query, locale: str) -> bool:
    """The question's own script decides; the visitor's locale only when there is none to see."""
    return query.han or (locale.startswith("zh") and not any(word.text.isalpha() for word in query.words))


def read_signs(index: Index, question: str) -> Signs:
    """What an index shows of how sure an answer is."""
    query = mend(parse_question(question), index.count)
    if not index.chunks or not query.words:
        return NO_SIGNS
    chinese = prefers_chinese(query, "")
    found = find_candidates(index, query, chinese=chinese, least=LEADING)
    order = found.order()
    return _signs(index, query, found, order, order[:LEADING]) if order else NO_SIGNS


def _signs(index: Index, query: Query, found: Candidates, order: list[int], leading: list[int]) -> Signs:
    """Of candidates in this order, the first of which are looked at closely."""
    articles = index.article_of[found.slots].tolist()
    first = articles[order[0]]
    next_ = next((found.fused.item(place) for place in order if articles[place] != first), 0.0)
    coverage, strange = judge_words(index, query, [found.slots.item(place) for place in leading])
    return Signs(
        coverage=coverage,
        bm25=max(found.bm25.item(place) for place in leading),
        taught=found.taught.item(order[0]),
        gap=found.fused.item(order[0]) - next_,
        strange=strange,
    )


def _passage(index: Index, found: Candidates, place: int) -> Passage:
    return Passage(
        chunk=index.chunks[found.slots.item(place)],
        score=found.fused.item(place),
        bm25=found.bm25.item(place),
        cosine=found.cosine.item(place),
    )
