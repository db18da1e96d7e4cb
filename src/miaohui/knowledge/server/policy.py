"""The same scores as the index in the process, for a few candidates. Pure.

BM25 of chunks and of whole articles as shares of a perfect match, a cosine to titles and sample questions, and the
vectors; see `knowledge.scoring`. What sample questions teach beyond their words is not asked here.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from miaohui.knowledge.certainty import UNTAUGHT, Signs, chance
from miaohui.knowledge.index import K1, OTHER_LOCALE, B, read_fields, term_weight
from miaohui.knowledge.scoring import ANCHOR_SHARE, COSINE_SHARE, WHOLE_SHARE, WORDS_FIND_LITTLE
from miaohui.knowledge.segment import Query, Word
from miaohui.knowledge.server.types import (
    Candidate,
    CandidateArticle,
    Counts,
    Stats,
    WeighedArticle,
    WeighedChunk,
    Weights,
)
from miaohui.knowledge.types import Chunk

LEADING = 3
LOOKED_UP = 4_000
"""Rows that the rarest terms of a question may lead to; terms beyond only score what these found."""
_LEAST_TERMS = 2


class Scored(NamedTuple):
    """A chunk and its score."""

    chunk_id: str
    article_id: str
    fused: float
    bm25: float
    cosine: float


class Revision(NamedTuple):
    """Whose chunks are weighed."""

    id: str
    born: int
    ended: int


def weigh(revision: Revision, chunks: Sequence[Chunk]) -> WeighedArticle:
    """One article, by its chunks."""
    if not chunks:
        return WeighedArticle(revision.id, "", revision.born, revision.ended, 0, 0, "", (), {}, (), ())
    fields, vectors = read_fields(chunks)
    first = chunks[0]
    return WeighedArticle(
        revision.id,
        first.article_id,
        revision.born,
        revision.ended,
        first.valid_from_ms,
        first.valid_until_ms,
        first.locale.partition("-")[0],
        first.tags,
        fields.wholes[0],
        tuple(fields.anchors),
        tuple(
            WeighedChunk(chunk.id, body, chunk.locale.startswith("zh"), tuple(vector.tolist()))
            for chunk, body, vector in zip(chunks, fields.bodies, vectors, strict=True)
        ),
    )


def count(articles: Iterable[WeighedArticle]) -> tuple[Counts, Stats]:
    """What they add to the counts."""
    listed = list(articles)
    bodies = [chunk.weights for one in listed for chunk in one.chunks]
    anchors = [anchor for one in listed for anchor in one.anchors]
    return count_groups(bodies, [one.whole for one in listed], anchors)


def count_groups(
    bodies: Sequence[Weights], wholes: Sequence[Weights], anchors: Sequence[Weights]
) -> tuple[Counts, Stats]:
    """In how many of each kind every term occurs, and how long they are."""
    counts: dict[str, list[int]] = {}
    for place, group in enumerate((bodies, wholes, anchors)):
        for weights in group:
            for term in weights:
                counts.setdefault(term, [0, 0, 0])[place] += 1
    stats = Stats(
        chunks=len(bodies),
        articles=len(wholes),
        anchors=len(anchors),
        body_length=sum(sum(weights.values()) for weights in bodies),
        whole_length=sum(sum(weights.values()) for weights in wholes),
    )
    return {term: (one[0], one[1], one[2]) for term, one in counts.items()}, stats


class Ranking:
    """One question over one tenant's knowledge."""

    def __init__(self, query: Query, counts: Counts, stats: Stats, *, chinese: bool) -> None:
        self._query = query
        self._counts = counts
        self._stats = stats
        self._chinese = chinese
        self._body = _Field(query, counts, 0, stats.chunks, stats.body_length / max(stats.chunks, 1))
        self._whole = _Field(query, counts, 1, stats.articles, stats.whole_length / max(stats.articles, 1))
        self._anchor = _Anchors(query, counts, stats.anchors)

    def terms(self) -> dict[str, float]:
        """Those worth looking up, with how much a match says: the rarest, until they lead to enough."""
        weights = {**self._query.synonyms, **self._query.weights}
        known = sorted((term for term in weights if term in self._counts), key=lambda term: self._counts[term][0])
        chosen: dict[str, float] = {}
        rows = 0
        for term in known:
            rows += self._counts[term][0]
            if rows > LOOKED_UP and len(chosen) >= _LEAST_TERMS:
                break
            chosen[term] = weights[term] * _idf(self._counts[term][0], self._stats.chunks)
        return chosen

    def finds_little(self, found: Sequence[Candidate]) -> bool:
        """Whether spelling may find what words do not."""
        return max((self._body.share(one.weights) for one in found), default=0.0) < WORDS_FIND_LITTLE

    def rank(self, candidates: Sequence[Candidate], articles: Mapping[str, CandidateArticle]) -> list[Scored]:
        """The best first."""
        of_articles = {
            article_id: self._whole.share(one.whole) * WHOLE_SHARE + self._anchor.likeness(one.anchors) * ANCHOR_SHARE
            for article_id, one in articles.items()
        }
        scored = []
        for one in candidates:
            bm25 = self._body.share(one.weights)
            fused = bm25 + of_articles.get(one.article_id, 0.0) + max(one.cosine, 0.0) * COSINE_SHARE
            kept = 1.0 if one.chinese == self._chinese else OTHER_LOCALE
            scored.append(Scored(one.chunk_id, one.article_id, fused * kept, bm25, one.cosine))
        return sorted(scored, key=lambda one: -one.fused)

    def judge(self, scored: Sequence[Scored], weights: Mapping[str, Weights]) -> float:
        """How likely the answer stands in the leading ones."""
        if not scored or not self._query.words:
            return 0.0
        leading = scored[:LEADING]
        others = [one.fused for one in scored if one.article_id != leading[0].article_id]
        signs = Signs(
            coverage=max(self._coverage(weights[one.chunk_id]) for one in leading),
            bm25=max(one.bm25 for one in leading),
            taught=0.0,
            gap=leading[0].fused - max(others, default=0.0),
        )
        return chance(UNTAUGHT, signs)

    def _coverage(self, held: Weights) -> float:
        covered = needed = 0.0
        highest = math.log(1 + (self._stats.chunks + 0.5) / 0.5)
        for word in self._query.words:
            text = _find(self._counts, word)
            if text is None and not word.core:
                continue
            weight = highest if text is None else _idf(self._counts[text][0], self._stats.chunks) + 0.2
            needed += weight
            covered += weight * _share(word, text, held)
        return covered / needed if needed else 0.0


def _share(word: Word, text: str | None, held: Weights) -> float:
    share = 1.0 if text in held else 0.7 * any(synonym in held for synonym in word.synonyms)
    parts = 0.4 * sum(part in held for part in word.parts) / len(word.parts) if word.parts else 0.0
    return max(share, parts)


def _find(counts: Counts, word: Word) -> str | None:
    return word.text if word.text in counts else word.core if word.core in counts else None


def _idf(found: int, size: int) -> float:
    return math.log(1 + (size - found + 0.5) / (found + 0.5))


class _Field:
    """BM25 over one field, as a share of what a perfect match would score."""

    def __init__(self, query: Query, counts: Counts, place: int, size: int, mean: float) -> None:
        self._mean = max(mean, 1.0)
        highest = math.log(1 + (size + 0.5) / 0.5)
        self._terms: dict[str, float] = {}
        best = 0.0
        for synonym, weights in ((False, query.weights), (True, query.synonyms)):
            for term, weight in weights.items():
                idf = _idf(counts[term][place], size) if term in counts else highest
                if term in counts:
                    self._terms[term] = weight * idf
                best += 0.0 if synonym else weight * idf
        self._scale = 1 / max(best, 1e-9)

    def share(self, weights: Weights) -> float:
        norm = K1 * (1 - B + B * sum(weights.values()) / self._mean)
        impact = sum(
            part * held / (held + norm) for term, part in self._terms.items() if (held := weights.get(term, 0.0))
        )
        return min(1.0, impact * self._scale)


class _Anchors:
    """Cosines to titles and sample questions, tf-idf."""

    def __init__(self, query: Query, counts: Counts, size: int) -> None:
        self._size = size
        self._counts = counts
        self._parts: dict[str, float] = {}
        highest = math.log(1 + (size + 0.5) / 0.5)
        norm = 0.0
        for term, weight in query.weights.items():
            part = (_idf(counts[term][2], size) if term in counts else highest) * weight * term_weight(term)
            norm += part * part
            if term in counts:
                self._parts[term] = part
        for term, weight in query.synonyms.items():
            if term in counts:
                self._parts[term] = _idf(counts[term][2], size) * weight
        self._norm = max(math.sqrt(norm), 1e-9)

    def likeness(self, anchors: Sequence[Weights]) -> float:
        return math.sqrt(sum(self._cosine(anchor) ** 2 for anchor in anchors))

    def _cosine(self, anchor: Weights) -> float:
        shared = [term for term in self._parts if term in anchor]
        if not shared:
            return 0.0
        parts = {
            term: min(tf, 2.0) * term_weight(term) * _idf(self._counts.get(term, (0, 0, 1))[2], self._size)
            for term, tf in anchor.items()
        }
        norm = math.sqrt(sum(part * part for part in parts.values()))
        return min(1.0, sum(parts[term] * self._parts[term] for term in shared) / max(norm, 1e-9) / self._norm)
