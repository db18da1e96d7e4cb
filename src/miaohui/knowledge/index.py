"""The searchable form of one tenant's knowledge: immutable, built off to the side, swapped in one assignment.

Lexical scores are BM25 (Robertson and Zaragoza, 2009, eq. 3.15) over weighted fields: body, heading, title and sample
questions. Impacts are computed when the index is built; a search adds up slices of them. Everything but the vocabulary
is a flat array, so that an index can lie in a file and be searched there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple, cast

import msgspec
import numpy as np
import numpy.typing as npt

from miaohui.knowledge.certainty import TAUGHT, UNTAUGHT, Certainty
from miaohui.knowledge.counting import ANCHORS, FIELDS, Counted, Floats, Ints, Tally, count, list_samples
from miaohui.knowledge.kinds import Kinds, sort_kinds
from miaohui.knowledge.learning import Learned, learn
from miaohui.knowledge.types import Chunk

K1, B = 1.2, 0.75
OTHER_LOCALE = 0.8
"""A passage in another language than the question's keeps so much of its score: it steps back, but is not hidden."""

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
    pairs: npt.NDArray[np.int64]
    """The same memory with each occurrence as one number: one dimension is cut and joined in less time than two."""
    idf: Floats
    """Terms by three; of a term that occurs nowhere in a field, `highest`."""
    highest: tuple[float, float, float]
    doubles: npt.NDArray[np.uint16]
    """Of each occurrence twice its weight, which no search looks at: what the next index is made from."""


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
    chunk_counts: npt.NDArray[np.intp]
    """How many chunks each article has."""
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

    def count(self, term: str) -> int:
        """In how many places it occurs."""
        number = self.terms.get(term)
        if number is None:
            return 0
        return self.postings.bounds.item(number, FIELDS) - self.postings.bounds.item(number, 0)


def build_index(version: int, chunks: Sequence[Chunk]) -> Index:
    """Chunks of one article must stand together."""
    return lay_out(version, chunks, count(chunks), learn(list_samples(chunks)))


def lay_out(version: int, chunks: Sequence[Chunk], counted: Counted, learned: Learned | None) -> Index:
    """The index of chunks that are counted."""
    chinese = np.array([chunk.locale.startswith("zh") for chunk in chunks], np.bool_)
    articles = np.arange(len(counted.chunks))
    return Index(
        version=version,
        chunks=tuple(chunks),
        terms={term: number for number, term in enumerate(counted.terms)},
        postings=_join(counted.fields, counted.terms),
        anchor_starts=(np.cumsum(counted.anchors) - counted.anchors).astype(np.int32),
        anchor_count=counted.fields[ANCHORS].size,
        article_of=articles.repeat(counted.chunks),
        chunk_counts=counted.chunks.astype(np.intp),
        article_of_anchor=articles.repeat(counted.anchors),
        vectors=counted.vectors,
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


def _join(fields: Sequence[Tally], terms: Sequence[str]) -> Postings:
    """Weigh the occurrences of each field, and lay all of them out by term."""
    keys, entries, idfs, doubles = [], [], [], []
    first = 0
    for field, (numbers, slots, weights, size) in enumerate(fields):
        idf = _idf(numbers, len(terms), size)
        if field < ANCHORS:
            impacts = _saturate(weights, slots, size) * idf[numbers]
        else:
            impacts = _unit_parts(weights, slots, size, (idf * _term_weights(terms))[numbers])
        keys.append(numbers.astype(np.int64) * FIELDS + field)
        entries.append(np.stack((slots + np.int32(first), impacts.astype(np.float32).view(np.int32)), axis=1))
        idfs.append(idf.astype(np.float32))
        doubles.append((weights * 2).astype(np.uint16))
        first += size
    key = np.concatenate(keys)
    order = np.argsort(key, kind="stable")
    starts = np.searchsorted(key[order], np.arange(len(terms) * FIELDS + 1)).astype(np.int32)
    rows = np.arange(len(terms))[:, None] * FIELDS + np.arange(FIELDS + 1)
    highest = cast("Triple", tuple(float(np.log(1 + (field.size + 0.5) / 0.5)) for field in fields))
    listed = np.concatenate(entries)[order]
    return Postings(
        bounds=starts[rows],
        entries=listed,
        pairs=listed.reshape(-1).view(np.int64),
        idf=np.stack(idfs, axis=1),
        highest=highest,
        doubles=np.concatenate(doubles)[order],
    )


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
