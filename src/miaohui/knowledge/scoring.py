"""How well each chunk of an index suits a question: a few array operations over all of them, a closer look at a few."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from math import inf, sqrt
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from miaohui.knowledge.counting import ANCHORS, BODY, WHOLE, Floats, Ints
from miaohui.knowledge.embedding import embed
from miaohui.knowledge.index import Index, Triple, term_weight
from miaohui.knowledge.learning import judge
from miaohui.knowledge.segment import CHARACTER_WEIGHT, Query, Word, is_number

COMMON_SHARE = 0.3
"""In a large index, single characters and bigrams in more chunks than this are not searched for."""
SYNONYM_PART = 1 / 3
"""Of that bound, for synonyms: one that is found everywhere tells nothing that the word itself would not."""
LARGE = 2_000
COSINE_SHARE = 0.3
WHOLE_SHARE = 1.5
"""Weight of the whole article's BM25 beside the chunk's own."""
ANCHOR_SHARE = 0.6
"""Weight of a likeness to the title or a sample question beside BM25."""
TAUGHT_SHARE = 2.0
"""Weight of what sample questions teach beside BM25."""
WORDS_FIND_LITTLE = 0.12
"""Below this best BM25 share the vectors of all chunks are compared too: spelling may find what words do not."""
MOST_CANDIDATES = 32
_OF_KNOWN = 0.5
"""What a compound keeps of its strangeness when a part of it is known, `手机卡` where there is `手机`; and what a word
keeps that may be another one misspelt."""

Slots = npt.NDArray[np.intp]


class Candidates(NamedTuple):
    """Chunks worth a closer look, and what each scores: from 0 to about 1, cosine from -1."""

    slots: Slots
    bm25: Floats
    whole: Floats
    anchor: Floats
    taught: Floats
    cosine: Floats


class _Term(NamedTuple):
    weight: float
    """How much a match counts; of a synonym, less."""
    synonym: bool
    letters: float
    """A single character says less in a title."""


_Span = tuple[int, int, float, int]
"""A stretch of the entries, its weight, and its field."""


def find_candidates(index: Index, query: Query, *, chinese: bool, least: int) -> Candidates:
    """The chunks that words find, at least `least` if there are any; those that spelling finds when words find little.

    All chunks are scored at once in a few array operations; only the candidates are looked at one measure at a time.
    """
    chunks, articles = len(index.chunks), len(index.anchor_starts)
    scores = _score(index, query)
    bm25, whole = scores[:chunks], scores[chunks : chunks + articles]
    anchor = _best_of_each(scores[chunks + articles :], index.article_of_anchor, articles)
    likely = anchor * np.float32(ANCHOR_SHARE) + whole * np.float32(WHOLE_SHARE)
    taught = _ask_learned(index, query)
    if taught is not None:
        likely += taught * np.float32(TAUGHT_SHARE)
    rough = likely.take(index.article_of, mode="clip")
    rough += bm25
    rough *= index.preference[int(chinese)]
    slots = _leaders(rough, least)
    vector = embed(query.text)
    if not len(slots) or float(np.maximum.reduce(bm25[slots])) < WORDS_FIND_LITTLE:
        slots = np.union1d(slots, _leaders(index.vectors @ vector * index.preference[int(chinese)], least))
    of = index.article_of[slots]
    learned = np.zeros(len(slots), np.float32) if taught is None else taught[of]
    return Candidates(slots, bm25[slots], whole[of], anchor[of], learned, index.vectors[slots] @ vector)


def score_articles(index: Index, query: Query) -> Floats:
    """Of every article, how well it suits a question, by its best chunk and as a whole."""
    chunks, articles = len(index.chunks), len(index.anchor_starts)
    scores = _score(index, query)
    best = np.zeros(articles, np.float32)
    alike = np.maximum(index.vectors @ embed(query.text), 0) * np.float32(COSINE_SHARE)
    np.maximum.at(best, index.article_of, np.where(scores[:chunks] > 0, scores[:chunks] + alike, 0))
    best += scores[chunks : chunks + articles] * np.float32(WHOLE_SHARE)
    best += _best_of_each(scores[chunks + articles :], index.article_of_anchor, articles) * np.float32(ANCHOR_SHARE)
    taught = _ask_learned(index, query)
    return best if taught is None else best + taught * np.float32(TAUGHT_SHARE)


def _ask_learned(index: Index, query: Query) -> Floats | None:
    """By article."""
    if index.learned is None:
        return None
    taught = np.zeros(len(index.anchor_starts), np.float32)
    taught[index.learned.articles] = np.clip(judge(index.learned, query.text), 0.0, 1.0)
    return taught


def _best_of_each(likeness: Floats, article_of: Slots, articles: int) -> Floats:
    """By article: the root of the summed squares, so that several that are alike say more than one of them."""
    return np.sqrt(np.bincount(article_of, likeness * likeness, articles)).astype(np.float32)


def judge_words(index: Index, query: Query, slots: Sequence[int]) -> tuple[float, float]:
    """How much of the question's content words the best of these chunks holds, and how much no article knows at all.

    Both as shares, in idf: rare words weigh more. A synonym counts for seven tenths of the word, its characters
    together for four. Of what is unknown only what the question is about counts; see `Word.subject`.
    """
    terms, postings = index.terms, index.postings
    # Looking a few slots up one by one is cheaper than an array operation for each word.
    entries = postings.entries.reshape(-1).data

    def hold(term: int | None) -> list[bool]:
        if term is None:
            return [False] * len(slots)
        start, end = postings.bounds[term, :2].tolist()
        listed = entries[2 * start : 2 * end : 2]
        places = [bisect_left(listed, slot) for slot in slots]
        return [place < end - start and listed[place] == slot for place, slot in zip(places, slots, strict=True)]

    covered = [0.0] * len(slots)
    needed = strange = 0.0
    for word in query.words:
        number = _find_term(terms, word)
        if number is None and not word.core:
            continue
        weight = postings.highest[BODY] if number is None else float(postings.idf[number, BODY]) + 0.2
        needed += weight
        if number is None:
            strange += weight * strangeness(word, terms.__contains__)
        shares = [float(held) for held in hold(number)]
        for synonym in word.synonyms:
            if synonym in terms and not all(shares):
                shares = [max(share, 0.7 * held) for share, held in zip(shares, hold(terms[synonym]), strict=True)]
        if word.parts and not all(shares):
            parts = zip(*(hold(terms.get(part)) for part in word.parts), strict=True)
            shares = [max(share, 0.4 * sum(held) / len(held)) for share, held in zip(shares, parts, strict=True)]
        covered = [sum_ + share * weight for sum_, share in zip(covered, shares, strict=True)]
    return (max(covered) / needed, strange / needed) if needed else (0.0, 0.0)


def strangeness(word: Word, is_known: Callable[[str], bool]) -> float:
    """Of a word that no article has: how much the question is about something that none of them is about."""
    if not word.subject or any(is_known(synonym) for synonym in word.synonyms if synonym != word.guess):
        return 0.0
    return word.subject * (_OF_KNOWN if word.guess or any(map(is_known, word.within)) else 1.0)


def _find_term(terms: dict[str, int], word: Word) -> int | None:
    number = terms.get(word.text)
    return number if number is not None or not word.core else terms.get(word.core)


def _score(index: Index, query: Query) -> Floats:
    """Of every chunk and article, BM25 as a share of what a perfect match would score; of every anchor, a cosine."""
    size = len(index.chunks) + len(index.anchor_starts) + index.anchor_count
    numbers: list[int] = []
    terms: list[_Term] = []
    unknown: list[_Term] = []
    for synonym, weights in ((False, query.weights), (True, query.synonyms)):
        for text, weight in weights.items():
            number = index.terms.get(text)
            if number is None:
                if not synonym and not is_number(text):
                    unknown.append(_Term(weight, synonym, term_weight(text)))
            else:
                numbers.append(number)
                terms.append(_Term(weight, synonym, term_weight(text)))
    if not numbers:
        return np.zeros(size, np.float32)
    spans, scales = _find_spans(index, numbers, terms, unknown)
    return _add_up(index.postings.entries, spans, scales, size)


def _find_spans(
    index: Index, numbers: Sequence[int], terms: Sequence[_Term], unknown: Sequence[_Term]
) -> tuple[list[_Span], Triple]:
    """Where the terms are listed, what each counts there, and what makes a share of each field's sum."""
    highest = index.postings.highest
    large = len(index.chunks) > LARGE
    most = (COMMON_SHARE * len(index.chunks), COMMON_SHARE * len(index.anchor_starts)) if large else (inf, inf)
    best = [sum(term.weight for term in unknown) * highest[field] for field in (BODY, WHOLE)]
    norm = sum((highest[ANCHORS] * term.letters * term.weight) ** 2 for term in unknown)
    spans: list[_Span] = []
    places = index.postings.bounds[numbers].tolist()
    rarities = index.postings.idf[numbers].tolist()
    for (weight, synonym, letters), bounds, idf in zip(terms, places, rarities, strict=True):
        for field in (BODY, WHOLE):
            start, end = bounds[field], bounds[field + 1]
            if not synonym:
                if weight != 1 and ((large and weight == CHARACTER_WEIGHT) or end - start > most[field]):
                    continue
                best[field] += weight * idf[field]
            elif end - start > most[field] * SYNONYM_PART:
                continue
            if end > start:
                spans.append((start, end, weight, field))
        part = idf[ANCHORS] * weight if synonym else idf[ANCHORS] * weight * letters
        if not synonym:
            norm += part * part
        start, end = bounds[ANCHORS], bounds[ANCHORS + 1]
        if end > start:
            spans.append((start, end, part, ANCHORS))
    return spans, (1 / max(best[BODY], 1e-9), 1 / max(best[WHOLE], 1e-9), 1 / max(sqrt(norm), 1e-9))


def _add_up(entries: Ints, spans: Sequence[_Span], scales: Triple, size: int) -> Floats:
    """Weighted impacts of the terms, slot by slot, at most 1."""
    if not spans:
        return np.zeros(size, np.float32)
    listed = np.concatenate([entries[start:end] for start, end, _, _ in spans])
    weights = np.array([weight * scales[field] for _, _, weight, field in spans], np.float32)
    impacts = listed[:, 1].view(np.float32) * weights.repeat([end - start for start, end, _, _ in spans])
    sums = np.bincount(listed[:, 0], impacts, size).astype(np.float32)
    return np.minimum(sums, np.float32(1), out=sums)


def _leaders(scores: Floats, least: int) -> Slots:
    """Slots of the best scores: all within reach of the best one, capped."""
    # A reduction called by its own name costs half of `max`, which asks first what it was given.
    highest = float(np.maximum.reduce(scores))
    if highest <= 0:
        return np.empty(0, np.intp)
    for share in (0.5, 0.2, 0.0):
        slots = (scores > highest * share).nonzero()[0]
        if len(slots) >= least:
            break
    most = max(MOST_CANDIDATES, least)
    if len(slots) > most:
        slots = slots[scores[slots].argpartition(-most)[-most:]]
    return slots
