"""How well each chunk of an index suits a question: a few array operations over all of them, a closer look at a few."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from miaohui.knowledge.embedding import embed
from miaohui.knowledge.index import Floats, Index, Postings, term_weight
from miaohui.knowledge.segment import CHARACTER_WEIGHT, Query, Word

COMMON_SHARE = 0.3
"""In a large index, single characters and bigrams in more chunks than this are not searched for."""
LARGE = 2_000
WHOLE_SHARE = 1.5
"""Weight of the whole article's BM25 beside the chunk's own."""
ANCHOR_SHARE = 0.6
"""Weight of a likeness to the title or a sample question beside BM25."""
WORDS_FIND_LITTLE = 0.12
"""Below this best BM25 share the vectors of all chunks are compared too: spelling may find what words do not."""
MOST_CANDIDATES = 32

Slots = npt.NDArray[np.intp]


class Candidates(NamedTuple):
    """Chunks worth a closer look, and what each scores: from 0 to 1, cosine from -1."""

    slots: Slots
    bm25: Floats
    whole: Floats
    anchor: Floats
    cosine: Floats


class _Term(NamedTuple):
    number: int
    weight: float
    """How much a match counts; of a synonym, less."""
    synonym: bool
    letters: float
    """A single character says less in a title."""


class _Sought(NamedTuple):
    """The terms of a question that the index knows, and the weights of those it does not."""

    numbers: npt.NDArray[np.intp]
    terms: Sequence[_Term]
    unknown: Sequence[_Term]


def find_candidates(index: Index, query: Query, *, chinese: bool, least: int) -> Candidates:
    """The chunks that words find, at least `least` if there are any; those that spelling finds when words find little.

    All chunks are scored at once in a few array operations; only the candidates are looked at one measure at a time.
    """
    sought = _seek(index, query)
    bm25 = _score_words(index.body, sought, len(index.chunks), large=len(index.chunks) > LARGE)
    whole = _score_words(index.whole, sought, len(index.anchor_starts), large=len(index.chunks) > LARGE)
    anchor = _score_anchors(index, sought)
    rough = (anchor * np.float32(ANCHOR_SHARE) + whole * np.float32(WHOLE_SHARE)).take(index.article_of, mode="clip")
    rough += bm25
    rough *= index.preference[int(chinese)]
    slots = _leaders(rough, least)
    vector = embed(query.text)
    if not len(slots) or float(bm25[slots].max()) < WORDS_FIND_LITTLE:
        slots = np.union1d(slots, _leaders(index.vectors @ vector, least))
    articles = index.article_of[slots]
    return Candidates(slots, bm25[slots], whole[articles], anchor[articles], index.vectors[slots] @ vector)


def measure_coverage(index: Index, query: Query, slots: Slots) -> Floats:
    """The share of the question's content words that each chunk holds; in idf, so that rare words weigh more.

    A synonym counts for seven tenths of the word, its characters together for four.
    """
    body, terms = index.body, index.terms
    sought = slots.astype(np.int32)  # another type would have every list of postings converted first
    covered = np.zeros(len(slots), np.float32)
    needed = 0.0
    for word in query.words:
        number = _find_term(terms, word)
        if number is None and not word.core:
            continue
        weight = body.highest if number is None else float(body.idf[number]) + 0.2
        needed += weight
        share = _hold(body, number, sought).astype(np.float32)
        for synonym in word.synonyms:
            if synonym in terms and not share.all():
                np.maximum(share, _hold(body, terms[synonym], sought) * np.float32(0.7), out=share)
        if word.parts and not share.all():
            parts = sum((_hold(body, terms.get(part), sought) for part in word.parts), np.zeros(len(slots), np.float32))
            np.maximum(share, parts * np.float32(0.4 / len(word.parts)), out=share)
        covered += share * np.float32(weight)
    return covered / np.float32(needed) if needed else covered


def _find_term(terms: dict[str, int], word: Word) -> int | None:
    number = terms.get(word.text)
    return number if number is not None or not word.core else terms.get(word.core)


def _seek(index: Index, query: Query) -> _Sought:
    known: list[_Term] = []
    unknown: list[_Term] = []
    for synonym, weights in ((False, query.weights), (True, query.synonyms)):
        for text, weight in weights.items():
            number = index.terms.get(text)
            (unknown if number is None else known).append(_Term(number or 0, weight, synonym, term_weight(text)))
    return _Sought(np.array([term.number for term in known], np.intp), known, unknown)


def _score_words(postings: Postings, sought: _Sought, size: int, *, large: bool) -> Floats:
    """BM25 as a share of what a perfect match would score."""
    common = COMMON_SHARE * size if large else size + 1
    spans: list[tuple[int, int, float]] = []
    best = sum(term.weight for term in sought.unknown if not term.synonym) * postings.highest
    for (_, weight, synonym, _), start, end, idf in _look_up(postings, sought):
        if synonym:
            spans.append((start, end, weight))
        elif weight == 1 or not ((large and weight == CHARACTER_WEIGHT) or end - start > common):
            best += weight * idf
            spans.append((start, end, weight))
    return _add_up(postings, spans, 1 / max(best, 1e-9), size)


def _score_anchors(index: Index, sought: _Sought) -> Floats:
    """The best likeness of the question to a title or sample question of each article: a tf-idf cosine."""
    anchors = index.anchors
    spans: list[tuple[int, int, float]] = []
    norm = sum((anchors.highest * term.letters * term.weight) ** 2 for term in sought.unknown if not term.synonym)
    for (_, weight, synonym, letters), start, end, idf in _look_up(anchors, sought):
        part = idf * weight if synonym else idf * weight * letters
        if not synonym:
            norm += part * part
        if end > start:
            spans.append((start, end, part))
    likeness = _add_up(anchors, spans, 1 / max(math.sqrt(norm), 1e-9), index.anchor_count)
    return _best_of_each(likeness, index.article_of_anchor, len(index.anchor_starts))


def _best_of_each(likeness: Floats, article_of: Slots, size: int) -> Floats:
    """By article. Most anchors are not like the question at all, and are left out first."""
    best = np.zeros(size, np.float32)
    like = likeness.nonzero()[0]
    if len(like):
        articles = article_of[like]
        firsts = np.concatenate(([0], (articles[1:] != articles[:-1]).nonzero()[0] + 1))
        best[articles[firsts]] = np.maximum.reduceat(likeness[like], firsts)
    return best


def _look_up(postings: Postings, sought: _Sought) -> zip[tuple[_Term, int, int, float]]:
    """Where each known term is listed, and its idf."""
    numbers = sought.numbers
    starts, ends = postings.starts[numbers].tolist(), postings.starts[numbers + 1].tolist()
    return zip(sought.terms, starts, ends, postings.idf[numbers].tolist(), strict=True)


def _add_up(postings: Postings, spans: Sequence[tuple[int, int, float]], scale: float, size: int) -> Floats:
    """Weighted impacts of the terms, slot by slot, at most 1."""
    if not spans:
        return np.zeros(size, np.float32)
    slots = np.concatenate([postings.slots[start:end] for start, end, _ in spans])
    impacts = np.concatenate([postings.impacts[start:end] for start, end, _ in spans])
    weights = np.array([weight * scale for _, _, weight in spans], np.float32)
    impacts *= weights.repeat([end - start for start, end, _ in spans])
    return np.minimum(np.bincount(slots, impacts, size), 1.0).astype(np.float32)


def _leaders(scores: Floats, least: int) -> Slots:
    """Slots of the best scores: all within reach of the best one, capped."""
    highest = float(scores.max())
    if highest <= 0:
        return np.empty(0, np.intp)
    for share in (0.5, 0.2, 0.0):
        slots = np.flatnonzero(scores > highest * share)
        if len(slots) >= least:
            break
    if len(slots) > MOST_CANDIDATES:
        slots = slots[np.argpartition(scores[slots], -MOST_CANDIDATES)[-MOST_CANDIDATES:]]
    return slots


def _hold(body: Postings, number: int | None, slots: npt.NDArray[np.int32]) -> npt.NDArray[np.bool_]:
    """Which of the chunks hold the term."""
    if number is None:
        return np.zeros(len(slots), np.bool_)
    held = body.slots[body.starts[number] : body.starts[number + 1]]
    if not len(held):
        return np.zeros(len(slots), np.bool_)
    places = held.searchsorted(slots)
    places[places == len(held)] = 0
    return np.equal(held[places], slots)
