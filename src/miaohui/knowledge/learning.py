"""What sample questions teach: which article a question is meant for, by its spelling.

A ridge regression (Hoerl and Kennedy, 1970) from hashed character n-grams to articles, solved over the sample
questions, of which a company has hundreds and seldom thousands. It needs no model and knows no meaning; it learns what
people say.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec
import numpy as np
import numpy.typing as npt

BUCKETS = 4_096
MOST_ARTICLES = 1_000
MOST_SAMPLES = 4_000
LEAST_SAMPLES = 2
"""An article with fewer sample questions has nothing to teach beyond the words themselves."""
_RIDGE = 0.3
_LENGTHS = (3, 4, 5)
_HAN_LENGTHS = (1, 2, 3)
_LONGEST = 256

_GAP = re.compile(r"[\W_]+")
_PRIME = np.uint64(0x9E3779B97F4A7C15)
_TOP = np.uint64(52)

Floats = npt.NDArray[np.float32]


class Learned(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What was learned from one publication."""

    weights: Floats
    """Buckets by articles."""
    rarity: Floats
    """Of each bucket."""
    articles: npt.NDArray[np.intp]
    """Article numbers, in the order of the columns."""


def learn(samples: Sequence[tuple[int, str]]) -> Learned | None:
    """From pairs of an article number and a normalised question. None when there is too little to learn from."""
    wanted = _choose(samples)
    articles = sorted({article for article, _ in wanted})
    if len(articles) < 2:
        return None
    column = {article: number for number, article in enumerate(articles)}
    counts = np.zeros((len(wanted), BUCKETS), np.float32)
    targets = np.full((len(wanted), len(articles)), -1.0 / len(articles), np.float32)
    for row, (article, text) in enumerate(wanted):
        buckets, weights = _features(text)
        counts[row, buckets] = weights
        targets[row, column[article]] += 1.0
    rarity = np.log1p(len(wanted) / np.maximum((counts > 0).sum(0), 1)).astype(np.float32)
    counts *= rarity
    counts /= np.maximum(np.linalg.norm(counts, axis=1, keepdims=True), 1e-9)
    gram = counts @ counts.T
    gram[np.diag_indices_from(gram)] += np.float32(_RIDGE)
    return Learned(
        weights=(counts.T @ np.linalg.solve(gram, targets)).astype(np.float32),
        rarity=rarity,
        articles=np.array(articles, np.intp),
    )


def judge(learned: Learned, text: str) -> Floats:
    """How much a normalised question is meant for each of the learned articles: about 1 for one of its samples."""
    buckets, weights = _features(text)
    if not len(buckets):
        return np.zeros(len(learned.articles), np.float32)
    weights = weights * learned.rarity[buckets]
    weights /= np.float32(max(float(np.sqrt(weights @ weights)), 1e-9))
    judged: Floats = weights @ learned.weights[buckets]
    return judged


def _choose(samples: Sequence[tuple[int, str]]) -> list[tuple[int, str]]:
    by_article: dict[int, list[str]] = {}
    for article, text in samples:
        by_article.setdefault(article, []).append(text)
    able = {article: texts for article, texts in by_article.items() if len(texts) >= LEAST_SAMPLES}
    first = sorted(able, key=lambda article: -len(able[article]))[:MOST_ARTICLES]
    each = max(LEAST_SAMPLES, MOST_SAMPLES // max(len(first), 1))
    return [(article, text) for article in sorted(first) for text in able[article][:each]]


def _features(text: str) -> tuple[npt.NDArray[np.intp], Floats]:
    """Buckets and damped counts of a text's n-grams; Chinese says in one character what takes English four."""
    padded = f" {_GAP.sub(' ', text[:_LONGEST]).strip()} "
    codes = np.frombuffer(padded.encode("utf-32-le", "replace"), np.uint32).astype(np.uint64)
    han = codes >= np.uint64(0x3400)
    lengths = _HAN_LENGTHS if han.any() else _LENGTHS
    rolled = np.zeros(len(codes), np.uint64)
    hashes: list[npt.NDArray[np.uint64]] = []
    for length in range(1, lengths[-1] + 1):
        if length > len(codes):
            break
        rolled = (rolled[: len(codes) - length + 1] ^ codes[length - 1 :]) * _PRIME
        rolled ^= rolled >> np.uint64(29)
        if length in lengths:
            hashes.append(rolled)
    if not hashes:
        return np.empty(0, np.intp), np.empty(0, np.float32)
    buckets, counts = np.unique((np.concatenate(hashes) * _PRIME) >> _TOP, return_counts=True)
    return buckets.astype(np.intp), (1.0 + np.log(counts)).astype(np.float32)
