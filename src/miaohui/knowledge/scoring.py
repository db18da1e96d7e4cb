"""How well each chunk of an index suits a question: a few array operations over all of them, a closer look at a few."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from math import inf, sqrt
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from miaohui.knowledge.counting import ANCHORS, BODY, WHOLE, Floats
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
    taught: Floats
    cosine: Floats
    fused: Floats
    """All measures in one, comparable within one question only."""

    def order(self) -> list[int]:
        """Their places, the best first."""
        places: list[int] = (-self.fused).argsort(kind="stable").tolist()
        return places


_Term = tuple[int, float, float]
"""Its number, how much a match counts, and less for a single character, which says less in a title."""
_Span = tuple[int, int, float]
"""A stretch of the entries, and what a match there counts."""
_Spans = tuple[list[_Span], list[_Span], list[_Span]]
"""By field."""
_Row = Sequence[Any]
"""Of a table, by field."""
_EVERYWHERE = (inf, inf)


def find_candidates(index: Index, query: Query, *, chinese: bool, least: int) -> Candidates:
    """The chunks that words find, at least `least` if there are any; those that spelling finds when words find little.

    All chunks are scored at once in a few array operations; only the candidates are looked at one measure at a time.
    """
    chunks, articles = len(index.article_of), len(index.anchor_starts)
    scores = _score(index, query)
    bm25 = scores[:chunks]
    likely = _best_of_each(scores[chunks + articles :], index.article_of_anchor, articles)
    likely *= np.float32(ANCHOR_SHARE)
    likely += scores[chunks : chunks + articles] * np.float32(WHOLE_SHARE)
    taught = _ask_learned(index, query)
    if taught is not None:
        likely += taught * np.float32(TAUGHT_SHARE)
    preference = index.preference[int(chinese)]
    # Chunks of one article stand together: to repeat what it scores is less work than to look it up for each.
    rough = likely.repeat(index.chunk_counts)
    rough += bm25
    rough *= preference
    slots = _leaders(rough, least)
    vector = embed(query.text)
    if max(bm25[slots].tolist(), default=0.0) < WORDS_FIND_LITTLE:
        slots = np.union1d(slots, _leaders(index.vectors @ vector * preference, least))
    cosine = index.vectors.take(slots, axis=0) @ vector
    fused = np.maximum(cosine, 0)
    fused *= np.float32(COSINE_SHARE)
    fused *= preference[slots]
    fused += rough[slots]
    learned = np.zeros(len(slots), np.float32) if taught is None else taught[index.article_of[slots]]
    return Candidates(slots, bm25[slots], learned, cosine, fused)


def score_articles(index: Index, query: Query) -> Floats:
    """Of every article, how well it suits a question, by its best chunk and as a whole."""
    chunks, articles = len(index.article_of), len(index.anchor_starts)
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
    listed = postings.entries.reshape(-1).data[::2]

    def hold(term: int | None) -> list[bool]:
        if term is None:
            return [False] * len(slots)
        start, end = postings.bounds.item(term, BODY), postings.bounds.item(term, WHOLE)
        places = [bisect_left(listed, slot, start, end) for slot in slots]
        return [place < end and listed[place] == slot for place, slot in zip(places, slots, strict=True)]

    covered = [0.0] * len(slots)
    needed = strange = 0.0
    for word in query.words:
        number = _find_term(terms, word)
        if number is None and not word.core:
            continue
        weight = postings.highest[BODY] if number is None else postings.idf.item(number, BODY) + 0.2
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
    find = index.terms.get
    size = len(index.article_of) + len(index.anchor_starts) + index.anchor_count
    own: list[_Term] = []
    unknown: list[_Term] = []
    for text, weight in query.weights.items():
        number = find(text)
        if number is not None:
            own.append((number, weight, term_weight(text)))
        elif not is_number(text):
            unknown.append((-1, weight, term_weight(text)))
    alike = [(number, weight, 1.0) for text, weight in query.synonyms.items() if (number := find(text)) is not None]
    numbers = [term[0] for term in (*own, *alike)]
    if not numbers:
        return np.zeros(size, np.float32)
    places = index.postings.bounds.take(numbers, axis=0).tolist()
    rarities = index.postings.idf.take(numbers, axis=0).tolist()
    known = len(own)
    fields, scales = _own_spans(index, own, unknown, places[:known], rarities[:known])
    _add_synonyms(index, fields, alike, places[known:], rarities[known:])
    return _add_up(index.postings.pairs, fields, scales, size)


def _own_spans(
    index: Index, own: Sequence[_Term], unknown: Sequence[_Term], places: Sequence[_Row], rarities: Sequence[_Row]
) -> tuple[_Spans, Triple]:
    """Where the question's own terms are listed, and what makes a share of each field's sum."""
    highest = index.postings.highest
    most = _reach(index)
    characters = (-1, -1) if len(index.article_of) > LARGE else most
    strange = sum(weight for _, weight, _ in unknown)
    best_body, best_whole = strange * highest[BODY], strange * highest[WHOLE]
    norm = sum((highest[ANCHORS] * letters * weight) ** 2 for _, weight, letters in unknown)
    fields: _Spans = ([], [], [])
    bodies, wholes, anchors = fields
    for (_, weight, letters), (body, whole, anchor, end), rarity in zip(own, places, rarities, strict=True):
        most_body, most_whole = _EVERYWHERE if weight == 1 else characters if weight == CHARACTER_WEIGHT else most
        if whole - body <= most_body:
            best_body += weight * rarity[BODY]
            bodies.append((body, whole, weight))
        if anchor - whole <= most_whole:
            best_whole += weight * rarity[WHOLE]
            wholes.append((whole, anchor, weight))
        part = rarity[ANCHORS] * weight * letters
        norm += part * part
        anchors.append((anchor, end, part))
    return fields, (1 / max(best_body, 1e-9), 1 / max(best_whole, 1e-9), 1 / max(sqrt(norm), 1e-9))


def _add_synonyms(
    index: Index, fields: _Spans, alike: Sequence[_Term], places: Sequence[_Row], rarities: Sequence[_Row]
) -> None:
    """Where terms are listed that would do as well."""
    bodies, wholes, anchors = fields
    most_body, most_whole = (most * SYNONYM_PART for most in _reach(index))
    for (_, weight, _), (body, whole, anchor, end), rarity in zip(alike, places, rarities, strict=True):
        if whole - body <= most_body:
            bodies.append((body, whole, weight))
        if anchor - whole <= most_whole:
            wholes.append((whole, anchor, weight))
        anchors.append((anchor, end, rarity[ANCHORS] * weight))


def _reach(index: Index) -> tuple[float, float]:
    """In how many chunks and articles a term may be that is searched for."""
    if len(index.article_of) <= LARGE:
        return _EVERYWHERE
    return COMMON_SHARE * len(index.article_of), COMMON_SHARE * len(index.anchor_starts)


def _add_up(pairs: npt.NDArray[np.int64], fields: _Spans, scales: Triple, size: int) -> Floats:
    """Weighted impacts of the terms, slot by slot, at most 1."""
    spans = [
        (start, end, weight * scale)
        for field, scale in zip(fields, scales, strict=True)
        for start, end, weight in field
        if start < end
    ]
    if not spans:
        return np.zeros(size, np.float32)
    listed = np.concatenate([pairs[start:end] for start, end, _ in spans]).view(np.int32)
    weights = np.array([weight for _, _, weight in spans], np.float32)
    impacts = listed[1::2].view(np.float32) * weights.repeat([end - start for start, end, _ in spans])
    sums = np.bincount(listed[::2], impacts, size).astype(np.float32)
    # Only synonyms beside their words may add up to more, which is seldom.
    return np.minimum(sums, np.float32(1), out=sums) if np.maximum.reduce(sums) > 1 else sums


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
