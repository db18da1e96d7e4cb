"""Which passages answer a question, in which order, and whether they answer it at all."""

from __future__ import annotations

import math

import numpy as np

from miaohui.knowledge.index import Index
from miaohui.knowledge.scoring import ANCHOR_SHARE, WHOLE_SHARE, Candidates, find_candidates, measure_coverage
from miaohui.knowledge.segment import Query, parse_question
from miaohui.knowledge.types import Passage, Retrieval

COSINE_SHARE = 0.3
NO_KNOWLEDGE = Retrieval(passages=(), answerability=0.0, answerable=False, version=0)


def search(index: Index, question: str, *, locale: str, limit: int, threshold: float) -> Retrieval:
    """The best passages of an index, best first."""
    query = parse_question(question)
    chinese = prefers_chinese(query, locale)
    passages: tuple[Passage, ...] = ()
    chance = 0.0
    if index.chunks and query.weights:
        found = find_candidates(index, query, chinese=chinese, least=limit)
        fused = _fuse(index, found, chinese=chinese)
        best = np.argsort(-fused, kind="stable")[:limit].tolist()
        passages = tuple(_passage(index, found, i, float(fused[i])) for i in best)
        chance = answerability(index, query, found, best[:3]) if best else 0.0
    return Retrieval(passages=passages, answerability=chance, answerable=chance >= threshold, version=index.version)


def prefers_chinese(query: Query, locale: str) -> bool:
    """The question's own script decides; the visitor's locale only when there is none to see."""
    return query.han or (locale.startswith("zh") and not any(word.text.isalpha() for word in query.words))


def answerability(index: Index, query: Query, found: Candidates, leading: list[int]) -> float:
    """0 to 1: how likely the answer stands in the leading candidates.

    Mostly the share of the question's content words, weighed by rarity, that a passage covers; a likeness to a title or
    a sample question counts beside it. A question without content words cannot be answered.
    """
    if not query.words:
        return 0.0
    coverage = measure_coverage(index, query, found.slots[leading].tolist())
    anchor, bm25, cosine = (
        max(float(measure[i]) for i in leading) for measure in (found.anchor, found.bm25, found.cosine)
    )
    signal = 5.0 * coverage + 4.0 * anchor + 2.5 * bm25 + 1.0 * cosine - 4.75
    return 1.0 / (1.0 + math.exp(-signal))


def _fuse(index: Index, found: Candidates, *, chinese: bool) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    fused = found.bm25 + found.anchor * np.float32(ANCHOR_SHARE)
    fused += found.whole * np.float32(WHOLE_SHARE)
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
