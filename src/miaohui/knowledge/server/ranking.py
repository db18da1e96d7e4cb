"""The same scores as the index in the process, for a few candidates. Pure.

BM25 of chunks and of whole articles as shares of a perfect match, a cosine to titles and sample questions, and the
vectors, and what sample questions teach; see `knowledge.scoring`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import NamedTuple, cast

import numpy as np
import numpy.typing as npt

from miaohui.knowledge.certainty import Certainty, Signs, chance
from miaohui.knowledge.counting import ANCHORS, BODY, WHOLE
from miaohui.knowledge.index import K1, OTHER_LOCALE, B, term_weight
from miaohui.knowledge.policy import LEADING
from miaohui.knowledge.scoring import (
    ANCHOR_SHARE,
    COMMON_SHARE,
    COSINE_SHARE,
    LARGE,
    SYNONYM_PART,
    TAUGHT_SHARE,
    WHOLE_SHARE,
    WORDS_FIND_LITTLE,
    strangeness,
)
from miaohui.knowledge.segment import CHARACTER_WEIGHT, Query, Word
from miaohui.knowledge.server.packing import Bags, Terms, number, unpack, unpack_several
from miaohui.knowledge.server.types import Counts, Found, Stats

LOOKED_UP = 4_000
"""Rows that the rarest terms of a question may lead to; terms beyond only score what these found."""
_LEAST_TERMS = 2
_MEANT, _MOST_MEANT = 0.1, 5
"""From what likeness to its sample questions on an article is looked at though words did not find it, and how many."""

Doubles = npt.NDArray[np.float64]


class Lesson(NamedTuple):
    """What sample questions say."""

    taught: Mapping[str, float]
    """By article, how much the question is meant for it, from 0 to 1."""
    certainty: Certainty


class Scored(NamedTuple):
    """A chunk and its score."""

    chunk_id: str
    article_id: str
    fused: float
    bm25: float
    cosine: float
    weights: bytes


class _Term(NamedTuple):
    number: int
    weight: float
    synonym: bool
    letters: float
    """A single character says less in a title."""


class Ranking:
    """One question over one tenant's knowledge."""

    def __init__(self, query: Query, known: tuple[Counts, Stats], lesson: Lesson, *, chinese: bool) -> None:
        """`known` is of the query's terms, and how much there is of everything."""
        counts, stats = known
        self._query = query
        self._taught, self._certainty = lesson
        self._counts = counts
        self._stats = stats
        self._chinese = chinese
        terms = _read_terms(query)
        self._terms = terms
        self._body = _Field(terms, counts, BODY, stats)
        self._whole = _Field(terms, counts, WHOLE, stats)
        self._anchor = _Anchors(terms, counts, stats.anchors)

    def terms(self) -> dict[int, float]:
        """Those worth looking up, with how much a match says: the rarest, until they lead to enough."""
        worths = self._body.worths
        known = sorted(worths, key=lambda term: self._counts[term][BODY])
        chosen: dict[int, float] = {}
        rows = 0
        for term in known:
            rows += self._counts[term][BODY]
            if rows > LOOKED_UP and len(chosen) >= _LEAST_TERMS:
                break
            chosen[term] = worths[term]
        return chosen

    def meant(self, found: Found) -> list[str]:
        """Articles that sample questions say are meant, and that words did not find."""
        known = {one.article_id for one in found.chunks}
        likely = sorted(self._taught.items(), key=lambda one: -one[1])[:_MOST_MEANT]
        return [article_id for article_id, share in likely if share >= _MEANT and article_id not in known]

    def finds_little(self, found: Found) -> bool:
        """Whether spelling may find what words do not."""
        if not found.chunks:
            return True
        return float(self._body.share(unpack([one.weights for one in found.chunks])).max()) < WORDS_FIND_LITTLE

    def rank(self, found: Found) -> list[Scored]:
        """The best first."""
        bm25 = self._body.share(unpack([one.weights for one in found.chunks]))
        revisions = {revision: place for place, revision in enumerate(found.articles)}
        articles = list(found.articles.values())
        likely = self._whole.share(unpack([one.whole for one in articles])) * WHOLE_SHARE
        likely += self._anchor.likeness([one.anchors for one in articles]) * ANCHOR_SHARE
        scored = []
        for one, share in zip(found.chunks, bm25.tolist(), strict=True):
            place = revisions.get(one.revision_id)
            fused = share + (float(likely[place]) if place is not None else 0.0) + max(one.cosine, 0.0) * COSINE_SHARE
            fused += self._taught.get(one.article_id, 0.0) * TAUGHT_SHARE
            kept = 1.0 if one.chinese == self._chinese else OTHER_LOCALE
            scored.append(Scored(one.chunk_id, one.article_id, fused * kept, share, one.cosine, one.weights))
        return sorted(scored, key=lambda one: -one.fused)

    def judge(self, scored: Sequence[Scored]) -> float:
        """How likely the answer stands in the leading ones."""
        if not scored or not self._query.words:
            return 0.0
        leading = scored[:LEADING]
        others = [one.fused for one in scored if one.article_id != leading[0].article_id]
        signs = Signs(
            coverage=max(self._coverage(set(unpack([one.weights]).terms.tolist())) for one in leading),
            bm25=max(one.bm25 for one in leading),
            taught=self._taught.get(leading[0].article_id, 0.0),
            gap=leading[0].fused - max(others, default=0.0),
            strange=self._strange(),
        )
        return chance(self._certainty, signs)

    def _coverage(self, held: set[int]) -> float:
        covered = needed = 0.0
        for word, term, weight in self._weighed:
            needed += weight
            covered += weight * _share(word, term, held)
        return covered / needed if needed else 0.0

    def _strange(self) -> float:
        """See `knowledge.scoring.judge_words`."""
        strange = needed = 0.0
        for word, term, weight in self._weighed:
            needed += weight
            if term is None:
                strange += weight * strangeness(word, lambda text: number(text) in self._counts)
        return strange / needed if needed else 0.0

    @cached_property
    def _weighed(self) -> list[tuple[Word, int | None, float]]:
        """The content words, each with its term, None for one that no article has, and its weight."""
        weighed: list[tuple[Word, int | None, float]] = []
        for word in self._query.words:
            term = self._find(word)
            if term is not None:
                weighed.append((word, term, _idf(self._counts[term][BODY], self._stats.chunks) + 0.2))
            elif word.core:
                weighed.append((word, None, _idf(0, self._stats.chunks)))
        return weighed

    def _find(self, word: Word) -> int | None:
        text, core = number(word.text), number(word.core)
        return text if text in self._counts else core if word.core and core in self._counts else None


def _read_terms(query: Query) -> list[_Term]:
    wanted = [_Term(number(text), weight, False, term_weight(text)) for text, weight in query.weights.items()]
    return wanted + [_Term(number(text), weight, True, term_weight(text)) for text, weight in query.synonyms.items()]


def _share(word: Word, term: int | None, held: set[int]) -> float:
    share = 1.0 if term in held else 0.7 * any(number(synonym) in held for synonym in word.synonyms)
    parts = 0.4 * sum(number(part) in held for part in word.parts) / len(word.parts) if word.parts else 0.0
    return max(share, parts)


def _idf(found: int, size: int) -> float:
    return math.log(1 + (size - found + 0.5) / (found + 0.5))


class _Lookup:
    """What some terms are worth."""

    def __init__(self, worths: dict[int, float]) -> None:
        self._terms: Terms = np.array(sorted(worths), np.uint32)
        self._worths = np.array([worths[term] for term in sorted(worths)], np.float64)

    def find(self, terms: Terms) -> tuple[npt.NDArray[np.intp], Doubles]:
        """Places of those that are known, and their worths."""
        if not len(self._terms):
            return np.empty(0, np.intp), np.empty(0)
        at = np.minimum(np.searchsorted(self._terms, terms), len(self._terms) - 1)
        places = (self._terms[at] == terms).nonzero()[0]
        return places, self._worths[at[places]]


class _Field:
    """BM25 over one field, as a share of what a perfect match would score."""

    def __init__(self, terms: Sequence[_Term], counts: Counts, field: int, stats: Stats) -> None:
        sizes, lengths = (stats.chunks, stats.articles), (stats.body_length, stats.whole_length)
        size = sizes[field]
        large = stats.chunks > LARGE
        most = COMMON_SHARE * size if large else math.inf
        self._mean = max(lengths[field] / max(size, 1), 1.0)
        self.worths: dict[int, float] = {}
        best = 0.0
        for term in terms:
            known = term.number in counts
            found = counts[term.number][field] if known else 0
            if term.synonym and found > most * SYNONYM_PART:
                continue
            faint = known and not term.synonym and term.weight != 1 and large
            if faint and (term.weight == CHARACTER_WEIGHT or found > most):
                continue
            worth = term.weight * _idf(found, size)
            best += 0.0 if term.synonym else worth
            if found:
                self.worths[term.number] = worth
        self._scale = 1 / max(best, 1e-9)
        self._lookup = _Lookup(self.worths)

    def share(self, bags: Bags) -> Doubles:
        """Of each bag."""
        lengths = np.bincount(bags.bag_of, bags.weights, bags.size)
        norms = K1 * (1 - B + B * lengths / self._mean)
        places, worths = self._lookup.find(bags.terms)
        held, of = bags.weights[places], bags.bag_of[places]
        impacts = worths * held / (held + norms[of])
        return cast("Doubles", np.minimum(np.bincount(of, impacts, bags.size) * self._scale, 1.0))


class _Anchors:
    """Cosines to titles and sample questions, tf-idf."""

    def __init__(self, terms: Sequence[_Term], counts: Counts, size: int) -> None:
        rarities: dict[int, float] = {}
        parts: dict[int, float] = {}
        norm = 0.0
        for term in terms:
            found = counts[term.number][ANCHORS] if term.number in counts else 0
            part = _idf(found, size) * term.weight * (1.0 if term.synonym else term.letters)
            norm += 0.0 if term.synonym else part * part
            if found:
                rarities[term.number] = _idf(found, size)
                parts[term.number] = part
        self._norm = max(math.sqrt(norm), 1e-9)
        self._rarities, self._parts = _Lookup(rarities), _Lookup(parts)
        self._unknown = _idf(1, size)
        """A term that was not asked for is taken for rare."""

    def likeness(self, packed: Sequence[bytes]) -> Doubles:
        """Of each article: the root of the summed squares, so that several that are alike say more than one."""
        bags, group_of_bag = unpack_several(packed)
        places, rarities = self._rarities.find(bags.terms)
        _, parts = self._parts.find(bags.terms)
        weighed = bags.weights * self._unknown
        weighed[places] = bags.weights[places] * rarities
        norms = np.sqrt(np.bincount(bags.bag_of, weighed * weighed, bags.size))
        dots = np.bincount(bags.bag_of[places], weighed[places] * parts, bags.size)
        cosines = np.minimum(dots / np.maximum(norms, 1e-9) / self._norm, 1.0)
        return np.sqrt(np.bincount(group_of_bag, cosines * cosines, len(packed)))
