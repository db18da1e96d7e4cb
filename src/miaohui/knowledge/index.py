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

from miaohui.knowledge.certainty import TAUGHT, UNTAUGHT, Certainty
from miaohui.knowledge.embedding import DIMENSIONS, embed
from miaohui.knowledge.kinds import Kinds, sort_kinds
from miaohui.knowledge.learning import Learned, learn
from miaohui.knowledge.segment import normalise, terms_of
from miaohui.knowledge.types import Chunk

K1, B = 1.2, 0.75
TITLE_BOOST, HEADING_BOOST, QUESTION_BOOST = 2.5, 2.0, 2.0
MOST_REPEATS = 8
"""How many of an article's sample questions add to the weight of a term that they share."""
OTHER_LOCALE = 0.8
"""A passage in another language than the question's keeps so much of its score: it steps back, but is not hidden."""

BODY, WHOLE, ANCHORS = range(3)
"""The fields: chunks, articles as wholes, titles and sample questions."""
FIELDS = 3

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]
Triple = tuple[float, float, float]


class Postings(NamedTuple):
    """Three inverted indexes in one: of chunks, of articles as wholes, and of anchors.

    `entries[bounds[t, f]:bounds[t, f + 1]]` are the occurrences of term `t` in field `f`: a slot, and the bits of its
    impact. The slots of all chunks come first, then those of articles, then those of anchors, so that one question is
    one pass over a few stretches of memory.
    """

    bounds: Ints
    """Terms by four."""
    entries: Ints
    """Occurrences by two, ordered by term, field and slot."""
    idf: Floats
    """Terms by three; of a term that occurs nowhere in a field, `highest`."""
    highest: tuple[float, float, float]


class Index(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One version of one tenant's knowledge, ready to search."""

    version: int
    chunks: Sequence[Chunk]
    terms: dict[str, int]
    postings: Postings
    """Impacts of chunks and articles are BM25's; what a question asks for may be spread over the chunks of one article.
    Those of anchors, which are titles and sample questions, are tf-idf parts of a unit vector."""
    anchor_starts: Ints
    """First anchor of each article; anchors are in the order of articles."""
    anchor_count: int
    article_of: npt.NDArray[np.intp]
    """Article number of each chunk."""
    article_of_anchor: npt.NDArray[np.intp]
    vectors: Floats
    chinese: npt.NDArray[np.bool_]
    """Which chunks are written in Chinese."""
    kinds: Kinds
    """For whom each chunk is."""
    preference: tuple[Floats, Floats]
    """What share of its score each chunk keeps when the question is English, and when it is Chinese."""
    learned: Learned | None = None
    """What sample questions teach; None when articles have too few of them."""
    certainty: Certainty = UNTAUGHT
    validity: npt.NDArray[np.int64] | None = None
    """From when until when each chunk holds, milliseconds; None when all hold for ever."""


class Fields(NamedTuple):
    """What is counted: a bag of weighted terms for each chunk, each article, each title or sample question."""

    bodies: list[dict[str, float]]
    wholes: list[dict[str, float]]
    anchors: list[dict[str, float]]
    anchor_starts: list[int]
    article_of: list[int]
    samples: list[tuple[int, str]]
    """Article number and normalised sample question."""


def build_index(version: int, chunks: Sequence[Chunk]) -> Index:
    """Chunks of one article must stand together."""
    fields, vectors = read_fields(chunks)
    terms: dict[str, int] = {}
    collected = [_collect(field, terms) for field in (fields.bodies, fields.wholes, fields.anchors)]
    sizes = (len(fields.bodies), len(fields.wholes), len(fields.anchors))
    chinese = np.array([chunk.locale.startswith("zh") for chunk in chunks], np.bool_)
    learned = learn(fields.samples)
    return Index(
        version=version,
        chunks=tuple(chunks),
        terms=terms,
        postings=_join(collected, sizes, list(terms)),
        anchor_starts=np.array(fields.anchor_starts, np.int32),
        anchor_count=len(fields.anchors),
        article_of=np.array(fields.article_of, np.intp),
        article_of_anchor=number_anchors(np.array(fields.anchor_starts, np.int32), len(fields.anchors)),
        vectors=vectors,
        chinese=chinese,
        kinds=sort_kinds(chunks),
        preference=prefer(chinese),
        learned=learned,
        certainty=UNTAUGHT if learned is None else TAUGHT,
        validity=_read_validity(chunks),
    )


def _read_validity(chunks: Sequence[Chunk]) -> npt.NDArray[np.int64] | None:
    if not any(chunk.valid_from_ms or chunk.valid_until_ms for chunk in chunks):
        return None
    for_ever = int(np.iinfo(np.int64).max)
    return np.array([(chunk.valid_from_ms, chunk.valid_until_ms or for_ever) for chunk in chunks], np.int64)


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


def read_fields(chunks: Sequence[Chunk]) -> tuple[Fields, Floats]:
    """What is counted of these chunks, and their vectors. Chunks of one article must stand together."""
    fields = Fields([], [], [], [], [], [])
    vectors = np.zeros((len(chunks), DIMENSIONS), np.float32)
    last = ""
    shared: dict[str, float] = {}
    for number, chunk in enumerate(chunks):
        if chunk.article_id != last:
            last = chunk.article_id
            shared = _read_anchors(fields, chunk)
        fields.article_of.append(len(fields.anchor_starts) - 1)
        text, heading = normalise(chunk.text), normalise(chunk.heading)
        own = _weigh_fields(text, heading)
        fields.bodies.append(_add(dict(own), shared))
        _add(fields.wholes[-1], own)
        vectors[number] = embed(normalise(chunk.title) + "\n" + heading + "\n" + text)
    return fields, vectors


def _read_anchors(fields: Fields, chunk: Chunk) -> dict[str, float]:
    """A new article: its title and questions. What they add to every one of its chunks."""
    number = len(fields.anchor_starts)
    questions = [normalise(question) for question in chunk.questions]
    anchors = [_count(anchor) for anchor in (normalise(chunk.title), *map(normalise, chunk.names), *questions)]
    fields.anchor_starts.append(len(fields.anchors))
    fields.anchors.extend(anchors)
    fields.samples.extend((number, question) for question in questions)
    fields.wholes.append(_share_fields(anchors, MOST_REPEATS))
    return _share_fields(anchors, 1)


def _share_fields(anchors: Sequence[Mapping[str, float]], repeats: int) -> dict[str, float]:
    """Of title and sample questions; a term of many questions counts for so many of them."""
    shared = {term: TITLE_BOOST * count for term, count in anchors[0].items()}
    for term, count in Counter(term for anchor in anchors[1:] for term in anchor).items():
        shared[term] = shared.get(term, 0.0) + QUESTION_BOOST * min(count, repeats)
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


def _collect(fields: Sequence[Mapping[str, float]], terms: dict[str, int]) -> tuple[Ints, Ints, Floats]:
    """For every occurrence its term, its slot and its weight; new terms are added."""
    term_numbers: list[int] = []
    sizes: list[int] = []
    weights: list[float] = []
    for field in fields:
        term_numbers += [terms.setdefault(term, len(terms)) for term in field]
        weights += field.values()
        sizes.append(len(field))
    slots = np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)
    return np.array(term_numbers, np.int32), slots, np.array(weights, np.float32)


def _join(
    collected: Sequence[tuple[Ints, Ints, Floats]], sizes: tuple[int, int, int], terms: Sequence[str]
) -> Postings:
    """Weigh the occurrences of each field, and lay all of them out by term."""
    keys, entries, idfs = [], [], []
    first = 0
    for field, ((numbers, slots, weights), size) in enumerate(zip(collected, sizes, strict=True)):
        idf = _idf(numbers, len(terms), size)
        if field < ANCHORS:
            impacts = _saturate(weights, slots, size) * idf[numbers]
        else:
            impacts = _unit_parts(weights, slots, size, (idf * _term_weights(terms))[numbers])
        keys.append(numbers.astype(np.int64) * FIELDS + field)
        entries.append(np.stack((slots + np.int32(first), impacts.astype(np.float32).view(np.int32)), axis=1))
        idfs.append(idf.astype(np.float32))
        first += size
    key = np.concatenate(keys)
    order = np.argsort(key, kind="stable")
    starts = np.searchsorted(key[order], np.arange(len(terms) * FIELDS + 1)).astype(np.int32)
    rows = np.arange(len(terms))[:, None] * FIELDS + np.arange(FIELDS + 1)
    highest = tuple(float(np.log(1 + (size + 0.5) / 0.5)) for size in sizes)
    return Postings(starts[rows], np.concatenate(entries)[order], np.stack(idfs, axis=1), cast("Triple", highest))


def _saturate(weights: Floats, slots: Ints, size: int) -> npt.NDArray[np.float64]:
    lengths = np.bincount(slots, weights, size)
    norms = K1 * (1 - B + B * lengths / max(float(lengths.mean()) if size else 1.0, 1.0))
    return weights / (weights + norms[slots])


def _unit_parts(weights: Floats, slots: Ints, size: int, rarity: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    parts = np.minimum(weights, 2.0) * rarity
    norms = np.sqrt(np.bincount(slots, parts * parts, size))
    return parts / np.maximum(norms[slots], 1e-9)


def _idf(numbers: Ints, vocabulary: int, size: int) -> npt.NDArray[np.float64]:
    found = np.bincount(numbers, minlength=vocabulary)
    rarity: npt.NDArray[np.float64] = np.log(1 + (size - found + 0.5) / (found + 0.5))
    return rarity


def _term_weights(vocabulary: Iterable[str]) -> npt.NDArray[np.float64]:
    return np.array([term_weight(term) for term in vocabulary], np.float64)
