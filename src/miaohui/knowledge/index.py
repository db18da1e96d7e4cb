"""The searchable form of one tenant's knowledge: immutable, built off to the side, swapped in one assignment.

Lexical scores are BM25 (Robertson and Zaragoza, 2009, eq. 3.15) over weighted fields: body, heading, title and sample
questions. Impacts are computed when the index is built; a search adds up slices of them. Everything but the vocabulary
is a flat array, so that an index can lie in a file and be searched there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, cast

import msgspec
import numpy as np
import numpy.typing as npt

from miaohui.knowledge.embedding import DIMENSIONS, embed
from miaohui.knowledge.segment import normalise, terms_of
from miaohui.knowledge.types import Chunk

K1, B = 1.2, 0.75
TITLE_BOOST, HEADING_BOOST, QUESTION_BOOST = 2.5, 2.0, 2.0
OTHER_LOCALE = 0.8
"""A passage in another language than the question's keeps so much of its score: it steps back, but is not hidden."""

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]


class Postings(NamedTuple):
    """An inverted index: `slots[starts[t]:starts[t + 1]]` hold term `t`, with these impacts."""

    starts: Ints
    slots: Ints
    impacts: Floats
    idf: Floats
    """By term; of one that occurs nowhere here, `highest`."""
    highest: float


class Index(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One version of one tenant's knowledge, ready to search. The three lists of postings number terms alike."""

    version: int
    chunks: Sequence[Chunk]
    terms: dict[str, int]
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
    article_of_anchor: npt.NDArray[np.intp]
    vectors: Floats
    chinese: npt.NDArray[np.bool_]
    """Which chunks are written in Chinese."""
    preference: tuple[Floats, Floats]
    """What share of its score each chunk keeps when the question is English, and when it is Chinese."""


class _Fields(NamedTuple):
    """What is counted: a bag of weighted terms for each chunk, each article, each title or sample question."""

    bodies: list[dict[str, float]]
    wholes: list[dict[str, float]]
    anchors: list[dict[str, float]]
    anchor_starts: list[int]
    article_of: list[int]


def build_index(version: int, chunks: Sequence[Chunk]) -> Index:
    """Chunks of one article must stand together."""
    fields, vectors = _read_fields(chunks)
    terms: dict[str, int] = {}
    body = _impacts(fields.bodies, terms)
    chinese = np.array([chunk.locale.startswith("zh") for chunk in chunks], np.bool_)
    return Index(
        version=version,
        chunks=tuple(chunks),
        terms=terms,
        body=body,
        whole=_impacts(fields.wholes, terms),
        anchors=_unit_impacts(fields.anchors, terms),
        anchor_starts=np.array(fields.anchor_starts, np.int32),
        anchor_count=len(fields.anchors),
        article_of=np.array(fields.article_of, np.intp),
        article_of_anchor=number_anchors(np.array(fields.anchor_starts, np.int32), len(fields.anchors)),
        vectors=vectors,
        chinese=chinese,
        preference=prefer(chinese),
    )


def prefer(chinese: npt.NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Shares of the score for an English and for a Chinese question."""
    other, own = np.float32(OTHER_LOCALE), np.float32(1)
    return np.where(chinese, other, own), np.where(chinese, own, other)


def number_anchors(starts: Ints, count: int) -> npt.NDArray[np.intp]:
    """Article number of each anchor."""
    return np.arange(len(starts)).repeat(np.diff(np.append(starts, count)))


def term_weight(term: str) -> float:
    """Single characters say less."""
    return 0.4 if len(term) == 1 else 1.0


def _read_fields(chunks: Sequence[Chunk]) -> tuple[_Fields, Floats]:
    fields = _Fields([], [], [], [], [])
    vectors = np.zeros((len(chunks), DIMENSIONS), np.float32)
    last = ""
    shared: dict[str, float] = {}
    for number, chunk in enumerate(chunks):
        if chunk.article_id != last:
            last = chunk.article_id
            anchors = [_count(normalise(anchor)) for anchor in (chunk.title, *chunk.questions)]
            fields.anchor_starts.append(len(fields.anchors))
            fields.anchors.extend(anchors)
            shared = _shared_fields(anchors)
            fields.wholes.append(dict(shared))
        fields.article_of.append(len(fields.anchor_starts) - 1)
        text, heading = normalise(chunk.text), normalise(chunk.heading)
        own = _weigh_fields(text, heading)
        fields.bodies.append(_add(dict(own), shared))
        _add(fields.wholes[-1], own)
        vectors[number] = embed(normalise(chunk.title) + "\n" + heading + "\n" + text)
    return fields, vectors


def _shared_fields(anchors: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """What title and sample questions add to every chunk of their article; a term of many questions counts once."""
    shared = {term: TITLE_BOOST * count for term, count in anchors[0].items()}
    for term in dict.fromkeys(term for anchor in anchors[1:] for term in anchor):
        shared[term] = shared.get(term, 0.0) + QUESTION_BOOST
    return shared


def _weigh_fields(text: str, heading: str) -> dict[str, float]:
    weights = _count(text)
    for term in terms_of(heading):
        weights[term] = weights.get(term, 0.0) + HEADING_BOOST
    return weights


def _count(text: str) -> dict[str, float]:
    return cast("dict[str, float]", Counter(terms_of(text)))


def _add(weights: dict[str, float], more: Mapping[str, float]) -> dict[str, float]:
    for term, weight in more.items():
        weights[term] = weights.get(term, 0.0) + weight
    return weights


def _impacts(fields: Sequence[Mapping[str, float]], terms: dict[str, int]) -> Postings:
    numbers, slots, weights = _collect(fields, terms)
    idf, highest = _idf(numbers, len(terms), len(fields))
    lengths = np.bincount(slots, weights, len(fields))
    norms = K1 * (1 - B + B * lengths / max(float(lengths.mean()) if len(lengths) else 1.0, 1.0))
    saturated = weights / (weights + norms[slots])
    return _postings(numbers, slots, saturated * idf[numbers], (idf, highest))


def _unit_impacts(fields: Sequence[Mapping[str, float]], terms: dict[str, int]) -> Postings:
    numbers, slots, weights = _collect(fields, terms)
    idf, highest = _idf(numbers, len(terms), len(fields))
    parts = np.minimum(weights, 2.0) * idf[numbers] * _term_weights(terms)[numbers]
    norms = np.sqrt(np.bincount(slots, parts * parts, len(fields)))
    return _postings(numbers, slots, parts / np.maximum(norms[slots], 1e-9), (idf, highest))


def _collect(fields: Sequence[Mapping[str, float]], terms: dict[str, int]) -> tuple[Ints, Ints, Floats]:
    """For every posting its term, its slot and its weight, ordered by term; new terms are added."""
    term_numbers: list[int] = []
    sizes: list[int] = []
    weights: list[float] = []
    for field in fields:
        term_numbers += [terms.setdefault(term, len(terms)) for term in field]
        weights += field.values()
        sizes.append(len(field))
    numbers = np.array(term_numbers, np.int32)
    order = np.argsort(numbers, kind="stable")
    slots = np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)
    return numbers[order], slots[order], np.array(weights, np.float32)[order]


def _idf(numbers: Ints, vocabulary: int, size: int) -> tuple[npt.NDArray[np.float64], float]:
    found = np.bincount(numbers, minlength=vocabulary)
    return np.log(1 + (size - found + 0.5) / (found + 0.5)), float(np.log(1 + (size + 0.5) / 0.5))


def _term_weights(vocabulary: Iterable[str]) -> npt.NDArray[np.float64]:
    return np.array([term_weight(term) for term in vocabulary], np.float64)


def _postings(
    numbers: Ints, slots: Ints, impacts: npt.NDArray[np.floating], idf: tuple[npt.NDArray[np.float64], float]
) -> Postings:
    starts = np.searchsorted(numbers, np.arange(len(idf[0]) + 1)).astype(np.int32)
    return Postings(starts, slots, impacts.astype(np.float32), idf[0].astype(np.float32), idf[1])
