"""What is kept of a revision to find it by, and how often its terms occur. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from miaohui.knowledge.counting import Floats, read_bags
from miaohui.knowledge.index import term_weight
from miaohui.knowledge.server.packing import pack, pack_several, unpack, unpack_several
from miaohui.knowledge.server.types import Stats, Tally, WeighedArticle, WeighedChunk
from miaohui.knowledge.types import Chunk

_MOST_REPEATS = 2.0
"""In a title or a sample question a term counts no more than twice."""


class Revision(NamedTuple):
    """Whose chunks are weighed."""

    id: str
    born: int
    ended: int


def weigh(revision: Revision, chunks: Sequence[Chunk]) -> WeighedArticle:
    """One article, by its chunks."""
    if not chunks:
        return WeighedArticle(revision.id, "", revision.born, revision.ended, 0, 0, "", (), b"", b"", ())
    bags, vectors = read_bags(chunks)
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
        pack(bags.wholes[0]),
        pack_several([_as_anchor(anchor) for anchor in bags.anchors]),
        tuple(
            WeighedChunk(chunk.id, pack(body), chunk.locale.startswith("zh"), write_vector(vector))
            for chunk, body, vector in zip(chunks, bags.bodies, vectors, strict=True)
        ),
    )


def _as_anchor(anchor: Mapping[str, float]) -> dict[str, float]:
    return {term: min(count, _MOST_REPEATS) * term_weight(term) for term, count in anchor.items()}


def write_vector(vector: Floats) -> str:
    """As pgvector reads one."""
    return str(vector.round(6).tolist())


def count(articles: Iterable[WeighedArticle]) -> tuple[Tally, Stats]:
    """What they add to the counts."""
    listed = list(articles)
    bodies = [chunk.weights for one in listed for chunk in one.chunks]
    return count_packed(bodies, [one.whole for one in listed], [one.anchors for one in listed])


def count_packed(bodies: Sequence[bytes], wholes: Sequence[bytes], anchors: Sequence[bytes]) -> tuple[Tally, Stats]:
    """In how many of each kind every term occurs, and how long they are."""
    fields = (unpack(bodies), unpack(wholes), unpack_several(anchors).bags)
    terms = np.unique(np.concatenate([field.terms for field in fields]))
    counted = [np.bincount(np.searchsorted(terms, field.terms), minlength=len(terms)).tolist() for field in fields]
    stats = Stats(
        chunks=len(bodies),
        articles=len(wholes),
        anchors=fields[2].size,
        body_length=float(fields[0].weights.sum(dtype=np.float64)),
        whole_length=float(fields[1].weights.sum(dtype=np.float64)),
    )
    return Tally(terms.tolist(), *counted), stats
