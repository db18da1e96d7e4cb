"""What chunks are found by, counted: a bag of weighted terms for each chunk, article, title and sample question. Pure.

Counted once, a part of it may be kept, put beside something newer and laid out again, without reading a text twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import NamedTuple, cast

import numpy as np
import numpy.typing as npt

from miaohui.knowledge.embedding import DIMENSIONS, embed
from miaohui.knowledge.segment import normalise, terms_of
from miaohui.knowledge.types import Chunk

TITLE_BOOST, HEADING_BOOST, QUESTION_BOOST = 2.5, 2.0, 2.0
MOST_REPEATS = 8
"""How many of an article's sample questions add to the weight of a term that they share."""
MOST_WEIGHT = 32_767.5
"""Weights are halves up to this: twice a weight is kept in two bytes."""

BODY, WHOLE, ANCHORS = range(3)
"""The fields: chunks, articles as wholes, titles and sample questions."""
FIELDS = 3

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]
Bag = dict[str, float]


class Bags(NamedTuple):
    """What is counted, before terms have numbers."""

    bodies: list[Bag]
    wholes: list[Bag]
    anchors: list[Bag]
    anchor_starts: list[int]
    article_of: list[int]


class Tally(NamedTuple):
    """Occurrences in one field, in the order of slots."""

    terms: Ints
    slots: Ints
    weights: Floats
    size: int
    """Slots there are."""


class Counted(NamedTuple):
    """Everything about some articles that an index is laid out from."""

    terms: list[str]
    fields: tuple[Tally, Tally, Tally]
    chunks: Ints
    """Of each article, how many."""
    anchors: Ints
    """Of each article, how many."""
    vectors: Floats
    """Of each chunk."""


def count(chunks: Sequence[Chunk]) -> Counted:
    """Chunks of one article must stand together."""
    bags, vectors = read_bags(chunks)
    terms: dict[str, int] = {}
    body, whole, anchors = (_tally(field, terms) for field in (bags.bodies, bags.wholes, bags.anchors))
    articles = len(bags.anchor_starts)
    return Counted(
        list(terms),
        (body, whole, anchors),
        np.bincount(np.array(bags.article_of, np.intp), minlength=articles).astype(np.int32),
        np.diff(np.append(np.array(bags.anchor_starts, np.int32), anchors.size)).astype(np.int32),
        vectors,
    )


def list_samples(chunks: Sequence[Chunk]) -> list[tuple[int, str]]:
    """Article numbers and normalised sample questions."""
    articles = (next(group) for _, group in groupby(chunks, key=lambda chunk: chunk.article_id))
    return [(number, normalise(question)) for number, chunk in enumerate(articles) for question in chunk.questions]


def read_bags(chunks: Sequence[Chunk]) -> tuple[Bags, Floats]:
    """What is counted of these chunks, and their vectors. Chunks of one article must stand together."""
    bags = Bags([], [], [], [], [])
    vectors = np.zeros((len(chunks), DIMENSIONS), np.float32)
    last = ""
    shared: Bag = {}
    for number, chunk in enumerate(chunks):
        if chunk.article_id != last:
            last = chunk.article_id
            shared = _read_anchors(bags, chunk)
        bags.article_of.append(len(bags.anchor_starts) - 1)
        text, heading = normalise(chunk.text), normalise(chunk.heading)
        own = _weigh_fields(text, heading)
        bags.bodies.append(_add(dict(own), shared))
        _add(bags.wholes[-1], own)
        vectors[number] = embed(normalise(chunk.title) + "\n" + heading + "\n" + text)
    return bags, vectors


def _read_anchors(bags: Bags, chunk: Chunk) -> Bag:
    """A new article: its title and questions. What they add to every one of its chunks."""
    anchors = [_count(normalise(anchor)) for anchor in (chunk.title, *chunk.names, *chunk.questions)]
    bags.anchor_starts.append(len(bags.anchors))
    bags.anchors.extend(anchors)
    bags.wholes.append(_share_fields(anchors, MOST_REPEATS))
    return _share_fields(anchors, 1)


def _share_fields(anchors: Sequence[Mapping[str, float]], repeats: int) -> Bag:
    """Of title and sample questions; a term of many questions counts for so many of them."""
    shared = {term: TITLE_BOOST * count for term, count in anchors[0].items()}
    for term, count in Counter(term for anchor in anchors[1:] for term in anchor).items():
        shared[term] = shared.get(term, 0.0) + QUESTION_BOOST * min(count, repeats)
    return shared


def _weigh_fields(text: str, heading: str) -> Bag:
    weights = _count(text)
    for term in terms_of(heading):
        weights[term] = weights.get(term, 0.0) + HEADING_BOOST
    return weights


def _count(text: str) -> Bag:
    return cast("Bag", Counter(terms_of(text)))


def _add(weights: Bag, more: Mapping[str, float]) -> Bag:
    for term, weight in more.items():
        weights[term] = weights.get(term, 0.0) + weight
    return weights


def _tally(field: Sequence[Bag], terms: dict[str, int]) -> Tally:
    """New terms are added."""
    numbers: list[int] = []
    sizes: list[int] = []
    weights: list[float] = []
    for bag in field:
        numbers += [terms.setdefault(term, len(terms)) for term in bag]
        weights += bag.values()
        sizes.append(len(bag))
    slots = np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)
    weighed = np.minimum(np.array(weights, np.float32), np.float32(MOST_WEIGHT))
    return Tally(np.array(numbers, np.int32), slots, weighed, len(sizes))


def join(one: Counted, other: Counted) -> Counted:
    """The articles of both, one's first."""
    numbers = {term: number for number, term in enumerate(one.terms)}
    renumbered = np.array([numbers.setdefault(term, len(numbers)) for term in other.terms], np.int32)

    def join_field(field: int) -> Tally:
        first, second = one.fields[field], other.fields[field]
        return Tally(
            np.concatenate((first.terms, renumbered[second.terms])),
            np.concatenate((first.slots, second.slots + np.int32(first.size))),
            np.concatenate((first.weights, second.weights)),
            first.size + second.size,
        )

    return Counted(
        list(numbers),
        (join_field(BODY), join_field(WHOLE), join_field(ANCHORS)),
        np.concatenate((one.chunks, other.chunks)),
        np.concatenate((one.anchors, other.anchors)),
        np.concatenate((one.vectors, other.vectors)),
    )


def select(counted: Counted, articles: npt.NDArray[np.intp]) -> Counted:
    """These articles, by number, in this order; and of the terms those that occur in them."""
    chunk_of, anchor_of = places_of(counted.chunks, articles), places_of(counted.anchors, articles)
    places = (chunk_of, articles, anchor_of)
    body, whole, anchors = (_select_slots(field, wanted) for field, wanted in zip(counted.fields, places, strict=True))
    used = np.zeros(len(counted.terms), np.bool_)
    for field in (body, whole, anchors):
        used[field.terms] = True
    renumbered = (np.cumsum(used) - 1).astype(np.int32)
    body, whole, anchors = (field._replace(terms=renumbered[field.terms]) for field in (body, whole, anchors))
    return Counted(
        [counted.terms[number] for number in used.nonzero()[0].tolist()],
        (body, whole, anchors),
        counted.chunks[articles],
        counted.anchors[articles],
        counted.vectors[chunk_of],
    )


def places_of(sizes: Ints, articles: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    """Of articles with so many things each, the places of the things of these, in this order."""
    starts = np.cumsum(sizes, dtype=np.intp) - sizes
    wanted = sizes[articles].astype(np.intp)
    ends = np.cumsum(wanted)
    return np.repeat(starts[articles] - (ends - wanted), wanted) + np.arange(ends[-1] if len(ends) else 0)


def _select_slots(field: Tally, wanted: npt.NDArray[np.intp]) -> Tally:
    """Ordered by their new slots, and within one as before."""
    renumbered = np.full(field.size, -1, np.int32)
    renumbered[wanted] = np.arange(len(wanted), dtype=np.int32)
    slots = renumbered[field.slots]
    kept = (slots >= 0).nonzero()[0]
    order = kept[np.argsort(slots[kept], kind="stable")]
    return Tally(field.terms[order], slots[order], field.weights[order], len(wanted))
