"""Which articles a long text is about: a letter, a whole conversation, a cluster of questions.

A long text asks for several things. Each of its sentences is searched for by itself, and what the whole finds counts
twice what they find together; so an article that one sentence is about is not drowned by the rest.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec
import numpy as np

from miaohui.knowledge.counting import Floats
from miaohui.knowledge.index import Index
from miaohui.knowledge.scoring import score_articles
from miaohui.knowledge.segment import parse_question

MOST_SENTENCES = 60
_SHORTEST_SENTENCE = 8
_CHARACTERS = 2_000
_SENTENCES_SHARE = 0.5
_SURENESS = 1.5
"""Power: what one sentence finds well counts for more than what many find a little of."""
_MARKS = re.compile(r"[#*]+")
_SENTENCE = re.compile(r"(?<=[.!?])\s+|(?<=[。！？；;])|\n{2,}")


class Related(msgspec.Struct, frozen=True):
    """An article, and how much the text is about it: from 0 to 1, comparable within one survey only."""

    article_id: str
    title: str
    score: float


def survey(index: Index, text: str, *, limit: int) -> tuple[Related, ...]:
    """The articles, the likeliest first; none that has nothing in common with the text."""
    if not index.chunks:
        return ()
    text = _MARKS.sub("", text[:_CHARACTERS])
    scores = _norm(score_articles(index, parse_question(text, characters=_CHARACTERS)))
    sentences = [part for part in _SENTENCE.split(text) if len(part) >= _SHORTEST_SENTENCE][:MOST_SENTENCES]
    if len(sentences) > 1:
        found = [score_articles(index, parse_question(part)) ** _SURENESS for part in sentences]
        together: Floats = np.sum(found, axis=0)
        scores = _norm(scores + np.float32(_SENTENCES_SHARE) * _norm(together))
    return tuple(_related(index, scores, np.argsort(-scores, kind="stable")[:limit].tolist()))


def _norm(scores: Floats) -> Floats:
    return (scores / max(float(scores.max(initial=0.0)), 1e-9)).astype(np.float32)


def _related(index: Index, scores: Floats, articles: Sequence[int]) -> list[Related]:
    firsts = np.searchsorted(index.article_of, articles)
    found = [(index.chunks[int(first)], float(scores[place])) for first, place in zip(firsts, articles, strict=True)]
    return [Related(chunk.article_id, chunk.title, score) for chunk, score in found if score > 0]
