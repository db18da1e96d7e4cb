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
    ANCHOR_SHARE,
    COSINE_SHARE,
    TAUGHT_SHARE,
    WHOLE_SHARE,
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
        fused = _fuse(index, found, chinese=chinese)
        earlier = None if context is None else _recall(index, context, chinese=chinese)
        if earlier is not None:
            share = CONTEXT_SHARE if len(query.words) > 1 else CONTEXT_SHARE_OF_ONE
            fused += earlier.scores[found.slots] * np.float32(share)
        best = (-fused).argsort(kind="stable")[:limit].tolist()
        passages = tuple(_passage(index, found, i, float(fused[i])) for i in best)
        if best and not all(map(_says_nothing, query.words)):
            signs = _signs(index, query, found, fused, best[:LEADING])
            sure = chance(index.certainty, signs)
            if earlier and signs.strange < _STRANGE and index.article_of[found.slots[best[0]]] == earlier.article:
                sure = max(sure, earlier.sure * CONTEXT_SURE)
    return Retrieval(passages=passages, answerability=sure, answerable=sure >= threshold, version=index.version)


def _recall(index: Index, context: Query, *, chinese: bool) -> _Earlier | None:
    """What the question before found; None for nothing."""
    before = find_candidates(index, context, chinese=chinese, least=LEADING)
    if not len(before.slots):
        return None
    fused = _fuse(index, before, chinese=chinese)
    scores = np.zeros(len(index.chunks), np.float32)
    scores[before.slots] = fused
    best = (-fused).argsort(kind="stable")[:LEADING].tolist()
    sure = chance(index.certainty, _signs(index, context, before, fused, best))
    return _Earlier(scores, int(index.article_of[before.slots[best[0]]]), sure)


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
    fused = _fuse(index, found, chinese=chinese)
    best = (-fused).argsort(kind="stable")[:LEADING].tolist()
    return _signs(index, query, found, fused, best) if best else NO_SIGNS


def _signs(index: Index, query: Query, found: Candidates, fused: Floats, leading: list[int]) -> Signs:
    articles = index.article_of[found.slots]
    others = fused[articles != articles[leading[0]]]
    coverage, strange = judge_words(index, query, found.slots[leading].tolist())
    return Signs(
        coverage=coverage,
        bm25=max(float(found.bm25[place]) for place in leading),
        taught=float(found.taught[leading[0]]),
        gap=float(fused[leading[0]]) - (float(others.max()) if len(others) else 0.0),
        strange=strange,
    )


def _fuse(index: Index, found: Candidates, *, chinese: bool) -> Floats:
    fused = found.bm25 + found.anchor * np.float32(ANCHOR_SHARE)
    fused += found.whole * np.float32(WHOLE_SHARE)
    fused += found.taught * np.float32(TAUGHT_SHARE)
    fused += np.maximum(found.cosine, 0) * np.float32(COSINE_SHARE)
    fused *= index.preference[int(chinese)][found.slots]
    return fused


def _passage(index: Index, found: Candidates, place: int, score: float) -> Passage:
    return Passage(
        chunk=index.chunks[int(found.slots[place])],
        score=score,
        bm25=float(found.bm25[place]),
        cosine=float(found.cosine[place]),
    )
