"""The searchable form of one tenant's knowledge: immutable, built off to the side, swapped in one assignment.

Lexical scores are BM25 (Robertson and Zaragoza, 2009, eq. 3.15) over weighted fields: body, heading, title and sample
questions. Impacts are computed when the index is built; a search adds up slices of them.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from miaohui.knowledge.embedding import DIMENSIONS, embed
from miaohui.knowledge.segment import CHARACTER_WEIGHT, Query, normalise, terms_of
from miaohui.knowledge.types import Chunk

K1, B = 1.2, 0.75
TITLE_BOOST, HEADING_BOOST, QUESTION_BOOST = 2.5, 2.0, 2.0
COMMON_SHARE = 0.3
"""In a large index, single characters and bigrams in more chunks than this are not searched for."""
LARGE = 2_000
WHOLE_SHARE = 1.5
"""Weight of the whole article's BM25 beside the chunk's own."""
ANCHOR_SHARE = 0.6
"""Weight of a likeness to the title or a sample question beside BM25."""
OTHER_LOCALE = 0.8
"""A passage in another language than the question's keeps so much of its score: it steps back, but is not hidden."""
WORDS_FIND_LITTLE = 0.12
"""Below this best BM25 share the vectors of all chunks are compared too: spelling may find what words do not."""
MOST_CANDIDATES = 32

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]


class Postings(NamedTuple):
    """An inverted index: `slots[starts[t]:starts[t + 1]]` hold term `t`, with these impacts."""

    terms: dict[str, int]
    starts: list[int]
    slots: Ints
    impacts: Floats
    idf: list[float]
    highest: float
    """The idf of a term that occurs nowhere."""


class Index(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One version of one tenant's knowledge, ready to search."""

    version: int
    chunks: tuple[Chunk, ...]
    body: Postings
    whole: Postings
    """Articles as wholes: what a question asks for may be spread over the chunks of one."""
    anchors: Postings
    """Titles and sample questions; impacts are tf-idf parts of a unit vector."""
    anchor_starts: Ints
    """First anchor of each article; anchors are in the order of articles."""
    anchor_count: int
    article_of: npt.NDArray[np.intp]
    """Article number of each chunk."""
    vectors: Floats
    preference: tuple[Floats, Floats]
    """What share of its score each chunk keeps when the question is English, and when it is Chinese."""


class Candidates(NamedTuple):
    """Chunks worth a closer look, and what each scores: from 0 to 1, cosine from -1."""

    slots: npt.NDArray[np.intp]
    bm25: Floats
    whole: Floats
    anchor: Floats
    cosine: Floats


def build_index(version: int, chunks: Sequence[Chunk]) -> Index:
    """Chunks of one article must stand together."""
    bodies: list[dict[str, float]] = []
    wholes: list[dict[str, float]] = []
    anchors: list[Counter[str]] = []
    anchor_starts: list[int] = []
    article_of: list[int] = []
    vectors = np.zeros((len(chunks), DIMENSIONS), np.float32)
    last = ""
    shared: dict[str, float] = {}
    for number, chunk in enumerate(chunks):
        if chunk.article_id != last:
            last = chunk.article_id
            anchor_starts.append(len(anchors))
            anchors += [Counter(terms_of(normalise(anchor))) for anchor in (chunk.title, *chunk.questions)]
            shared = _shared_fields(anchors[anchor_starts[-1] :])
            wholes.append(dict(shared))
        article_of.append(len(anchor_starts) - 1)
        text = normalise(chunk.text)
        heading = normalise(chunk.heading)
        own = _weigh_fields(text, heading)
        bodies.append(_add(dict(own), shared))
        _add(wholes[-1], own)
        vectors[number] = embed(normalise(chunk.title) + "\n" + heading + "\n" + text)
    chinese = np.array([chunk.locale.startswith("zh") for chunk in chunks], np.bool_)
    other = np.float32(OTHER_LOCALE)
    return Index(
        version=version,
        chunks=tuple(chunks),
        body=_impacts(bodies),
        whole=_impacts(wholes),
        anchors=_unit_impacts(anchors),
        anchor_starts=np.array(anchor_starts, np.int32),
        anchor_count=len(anchors),
        article_of=np.array(article_of, np.intp),
        vectors=vectors,
        preference=(np.where(chinese, other, np.float32(1)), np.where(chinese, np.float32(1), other)),
    )


def find_candidates(index: Index, query: Query, *, chinese: bool, least: int) -> Candidates:
    """The chunks that words find, at least `least` if there are any; those that spelling finds when words find little.

    All chunks are scored at once in a few array operations; only the candidates are looked at one measure at a time.
    """
    large = len(index.chunks) > LARGE
    bm25 = _score_body(index.body, query, len(index.chunks), large=large)
    anchor = _score_anchors(index, query)
    whole = _score_body(index.whole, query, len(anchor), large=large)
    rough = (anchor * np.float32(ANCHOR_SHARE) + whole * np.float32(WHOLE_SHARE))[index.article_of]
    rough += bm25
    rough *= index.preference[int(chinese)]
    slots = _leaders(rough, least)
    vector = embed(query.text)
    if not len(slots) or float(bm25[slots].max()) < WORDS_FIND_LITTLE:
        slots = np.union1d(slots, _leaders(index.vectors @ vector, least))
    articles = index.article_of[slots]
    return Candidates(slots, bm25[slots], whole[articles], anchor[articles], index.vectors[slots] @ vector)


def measure_coverage(index: Index, query: Query, slots: npt.NDArray[np.intp]) -> Floats:
    """The share of the question's content words that each chunk holds; in idf, so that rare words weigh more.

    A synonym counts for seven tenths of the word, its characters together for four.
    """
    body = index.body
    sought = slots.astype(np.int32)  # another type would have every list of postings converted first
    covered = np.zeros(len(slots), np.float32)
    needed = 0.0
    for word in query.words:
        number = body.terms.get(word.text)
        weight = body.highest if number is None else body.idf[number] + 0.2
        needed += weight
        share = _hold(body, word.text, sought).astype(np.float32)
        for synonym in word.synonyms:
            if synonym in body.terms and not share.all():
                np.maximum(share, _hold(body, synonym, sought) * np.float32(0.7), out=share)
        if word.parts and not share.all():
            parts = sum((_hold(body, part, sought) for part in word.parts), np.zeros(len(slots), np.float32))
            np.maximum(share, parts * np.float32(0.4 / len(word.parts)), out=share)
        covered += share * np.float32(weight)
    return covered / np.float32(needed) if needed else covered


def _leaders(scores: Floats, least: int) -> npt.NDArray[np.intp]:
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


def _shared_fields(anchors: Sequence[Counter[str]]) -> dict[str, float]:
    """What title and sample questions add to every chunk of their article; a term of many questions counts once."""
    shared = {term: TITLE_BOOST * count for term, count in anchors[0].items()}
    for term in set[str]().union(*anchors[1:]):
        shared[term] = shared.get(term, 0.0) + QUESTION_BOOST
    return shared


def _weigh_fields(text: str, heading: str) -> dict[str, float]:
    weights: dict[str, float] = dict(Counter(terms_of(text)))
    for term in terms_of(heading):
        weights[term] = weights.get(term, 0.0) + HEADING_BOOST
    return weights


def _add(weights: dict[str, float], more: Mapping[str, float]) -> dict[str, float]:
    for term, weight in more.items():
        weights[term] = weights.get(term, 0.0) + weight
    return weights


def _collect(fields: Sequence[Mapping[str, float]]) -> tuple[dict[str, int], Ints, Ints, Floats]:
    """Vocabulary, and for every posting its term, its slot and its weight, ordered by term."""
    vocabulary: dict[str, int] = {}
    term_numbers: list[int] = []
    sizes: list[int] = []
    weights: list[float] = []
    for field in fields:
        term_numbers += [vocabulary.setdefault(term, len(vocabulary)) for term in field]
        weights += field.values()
        sizes.append(len(field))
    numbers = np.array(term_numbers, np.int32)
    order = np.argsort(numbers, kind="stable")
    slots = np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)
    return vocabulary, numbers[order], slots[order], np.array(weights, np.float32)[order]


def _idf(numbers: Ints, vocabulary: int, size: int) -> tuple[npt.NDArray[np.float64], float]:
    found = np.bincount(numbers, minlength=vocabulary)
    return np.log(1 + (size - found + 0.5) / (found + 0.5)), float(np.log(1 + (size + 0.5) / 0.5))


def _impacts(fields: Sequence[dict[str, float]]) -> Postings:
    vocabulary, numbers, slots, weights = _collect(fields)
    idf, highest = _idf(numbers, len(vocabulary), len(fields))
    lengths = np.bincount(slots, weights, len(fields))
    norms = K1 * (1 - B + B * lengths / max(float(lengths.mean()) if len(lengths) else 1.0, 1.0))
    saturated = weights / (weights + norms[slots])
    return _postings(vocabulary, numbers, slots, saturated * idf[numbers], (idf, highest))


def _unit_impacts(fields: Sequence[Counter[str]]) -> Postings:
    vocabulary, numbers, slots, weights = _collect(fields)
    idf, highest = _idf(numbers, len(vocabulary), len(fields))
    parts = np.minimum(weights, 2.0) * idf[numbers] * _term_weights(vocabulary)[numbers]
    norms = np.sqrt(np.bincount(slots, parts * parts, len(fields)))
    return _postings(vocabulary, numbers, slots, parts / np.maximum(norms[slots], 1e-9), (idf, highest))


def _term_weights(vocabulary: Iterable[str]) -> npt.NDArray[np.float64]:
    return np.array([_term_weight(term) for term in vocabulary], np.float64)


def _term_weight(term: str) -> float:
    """Single characters say less."""
    return 0.4 if len(term) == 1 else 1.0


def _postings(
    vocabulary: dict[str, int],
    numbers: Ints,
    slots: Ints,
    impacts: npt.NDArray[np.floating],
    idf: tuple[npt.NDArray[np.float64], float],
) -> Postings:
    starts = np.searchsorted(numbers, np.arange(len(vocabulary) + 1))
    return Postings(vocabulary, starts.tolist(), slots, impacts.astype(np.float32), idf[0].tolist(), idf[1])


def _score_body(body: Postings, query: Query, size: int, *, large: bool) -> Floats:
    """BM25 as a share of what a perfect match would score."""
    common = COMMON_SHARE * size if large else size + 1
    found: list[tuple[int, float]] = []
    best = 0.0
    for term, weight in query.weights.items():
        number = body.terms.get(term)
        if number is None:
            best += weight * body.highest
        elif weight == 1 or not (
            (large and weight == CHARACTER_WEIGHT) or body.starts[number + 1] - body.starts[number] > common
        ):
            best += weight * body.idf[number]
            found.append((number, weight))
    found += [(body.terms[term], weight) for term, weight in query.synonyms.items() if term in body.terms]
    return _add_up(body, found, 1 / max(best, 1e-9), size)


def _add_up(postings: Postings, found: Sequence[tuple[int, float]], scale: float, size: int) -> Floats:
    """Weighted impacts of the terms, slot by slot, at most 1."""
    if not found:
        return np.zeros(size, np.float32)
    spans = [(postings.starts[number], postings.starts[number + 1], weight) for number, weight in found]
    slots = np.concatenate([postings.slots[start:end] for start, end, _ in spans])
    impacts = np.concatenate([postings.impacts[start:end] * np.float32(weight * scale) for start, end, weight in spans])
    return np.minimum(np.bincount(slots, impacts, size), 1.0).astype(np.float32)


def _hold(body: Postings, term: str, slots: Ints) -> npt.NDArray[np.bool_]:
    """Which of the chunks hold the term."""
    number = body.terms.get(term)
    if number is None:
        return np.zeros(len(slots), np.bool_)
    held = body.slots[body.starts[number] : body.starts[number + 1]]
    places = held.searchsorted(slots)
    places[places == len(held)] = 0
    return np.equal(held[places], slots)


def _score_anchors(index: Index, query: Query) -> Floats:
    """The best likeness of the question to a title or sample question of each article: a tf-idf cosine."""
    anchors = index.anchors
    found: list[tuple[int, float]] = []
    norm = 0.0
    for term, weight in query.weights.items():
        number = anchors.terms.get(term)
        part = (anchors.highest if number is None else anchors.idf[number]) * _term_weight(term) * weight
        norm += part * part
        if number is not None:
            found.append((number, part))
    for term, weight in query.synonyms.items():
        if (number := anchors.terms.get(term)) is not None:
            found.append((number, anchors.idf[number] * weight))
    likeness = _add_up(anchors, found, 1 / max(math.sqrt(norm), 1e-9), index.anchor_count)
    return np.maximum.reduceat(likeness, index.anchor_starts)
