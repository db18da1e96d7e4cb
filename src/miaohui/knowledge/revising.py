"""An index made from the one before it: what did not change is taken over as it was counted, the rest is read. Pure.

The outcome is the index that `build_index` makes of all the chunks, to the last bit of every score; only the numbers of
terms, which mean nothing, may be others. Reading a text is most of what building costs, so a publication that changes
a tenth takes about a tenth of the time.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import msgspec
import numpy as np

from miaohui.knowledge.counting import (
    ANCHORS,
    BODY,
    FIELDS,
    WHOLE,
    Counted,
    Tally,
    count,
    join,
    list_samples,
    places_of,
    select,
)
from miaohui.knowledge.index import Index, lay_out
from miaohui.knowledge.learning import Learned, learn
from miaohui.knowledge.types import Chunk


def revise(index: Index, version: int, gone: Collection[str], chunks: Sequence[Chunk]) -> Index:
    """The index without the articles that are `gone`, and with those of these chunks; articles are ordered by id.

    Chunks of one article must stand together. One that is written anew is both gone and among the chunks.
    """
    told = index.chunks[:]
    firsts = np.searchsorted(index.article_of, np.arange(len(index.anchor_starts)))
    known = [told[place].article_id for place in firsts.tolist()]
    fresh = list(dict.fromkeys(chunk.article_id for chunk in chunks))
    kept = [number for number, article_id in enumerate(known) if article_id not in gone]
    names = [*(known[number] for number in kept), *fresh]
    order = np.array([*kept, *range(len(known), len(known) + len(fresh))], np.intp)
    order = order[sorted(range(len(names)), key=names.__getitem__)]
    counted = join(recount(index), count(chunks))
    both = (*told, *chunks)
    shown = [both[place] for place in places_of(counted.chunks, order).tolist()]
    return lay_out(version, shown, select(counted, order), _learn(index, told, shown))


def recount(index: Index) -> Counted:
    """What an index was laid out from."""
    postings = index.postings
    articles = len(index.anchor_starts)
    keys = np.arange(len(index.terms) * FIELDS, dtype=np.int32).repeat(np.diff(postings.bounds, axis=1).ravel())
    sizes = (len(index.chunks), articles, index.anchor_count)

    def recount_field(field: int) -> Tally:
        places = (keys % FIELDS == field).nonzero()[0]
        return Tally(
            keys[places] // np.int32(FIELDS),
            postings.entries[places, 0] - np.int32(sum(sizes[:field])),
            postings.doubles[places].astype(np.float32) / np.float32(2),
            sizes[field],
        )

    return Counted(
        list(index.terms),
        (recount_field(BODY), recount_field(WHOLE), recount_field(ANCHORS)),
        np.bincount(index.article_of, minlength=articles).astype(np.int32),
        np.diff(np.append(index.anchor_starts, index.anchor_count)).astype(np.int32),
        index.vectors,
    )


def _learn(index: Index, before: Sequence[Chunk], after: Sequence[Chunk]) -> Learned | None:
    """Solving is seconds of work: when nobody touched a sample question, what they taught is still so."""
    samples = list_samples(after)
    if index.learned is None or _name_samples(before) != _name_samples(after):
        return learn(samples)
    numbers = {old: new for (old, _), (new, _) in zip(list_samples(before), samples, strict=True)}
    articles = np.array([numbers[old] for old in index.learned.articles.tolist()], np.intp)
    return msgspec.structs.replace(index.learned, articles=articles)


def _name_samples(chunks: Sequence[Chunk]) -> list[tuple[str, tuple[str, ...]]]:
    return list(dict.fromkeys((chunk.article_id, chunk.questions) for chunk in chunks if chunk.questions))
