"""What ails a knowledge base: twins, contradicting numbers, what has expired, what cannot be found. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np

from miaohui.knowledge import policy
from miaohui.knowledge.editing.types import Finding
from miaohui.knowledge.index import Index
from miaohui.knowledge.segment import normalise, parse_question
from miaohui.knowledge.types import Chunk

TWINS = 0.97
"""Likeness from which on two chunks are taken for the same text."""
MOST_FINDINGS = 500
_AT_ONCE = 512
_MOST_CHUNKS = 20_000
_SENTENCE = re.compile(r"[。！？!?；;\n]+|(?<=[a-z])\.\s+")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*%?")
_LEAST_WORDS = 3
_SHARED = 0.75


def examine(index: Index, now_ms: int) -> list[Finding]:
    """All that a person should look at, by ailment."""
    findings = [*_expired(index, now_ms), *_twins(index), *_contradictions(index), *_hidden(index, now_ms)]
    return findings[:MOST_FINDINGS]


def _firsts(index: Index) -> Iterator[Chunk]:
    last = ""
    for chunk in index.chunks:
        if chunk.article_id != last:
            last = chunk.article_id
            yield chunk


def _expired(index: Index, now_ms: int) -> Iterator[Finding]:
    for chunk in _firsts(index):
        if chunk.valid_until_ms and chunk.valid_until_ms <= now_ms:
            yield Finding(ailment="expired", article_id=chunk.article_id, title=chunk.title)


def _twins(index: Index) -> Iterator[Finding]:
    """Chunks of different articles and of one language that read nearly the same."""
    vectors = index.vectors[:_MOST_CHUNKS]
    seen: set[tuple[str, str]] = set()
    for start in range(0, len(vectors), _AT_ONCE):
        likeness = vectors[start : start + _AT_ONCE] @ vectors.T
        for row, column in np.argwhere(likeness >= TWINS).tolist():
            one, other = index.chunks[start + row], index.chunks[column]
            pair = (one.article_id, other.article_id)
            if start + row < column and one.article_id != other.article_id and pair not in seen:
                seen.add(pair)
                yield Finding(
                    ailment="duplicate",
                    article_id=one.article_id,
                    title=one.title,
                    other_article_id=other.article_id,
                    detail=other.title,
                )


def _contradictions(index: Index) -> Iterator[Finding]:
    """Sentences that say the same of different numbers: 七天内可以退货, 十五天内 elsewhere."""
    said: dict[tuple[str, ...], tuple[Chunk, tuple[str, ...], str]] = {}
    for place in range(min(len(index.chunks), _MOST_CHUNKS)):
        chunk = index.chunks[place]
        for sentence in _SENTENCE.split(normalise(chunk.text)):
            numbers = tuple(_NUMBER.findall(sentence))
            frame = _frame(sentence) if numbers else ()
            if len(frame) < _LEAST_WORDS:
                continue
            other = said.setdefault(frame, (chunk, numbers, sentence))
            if other[0].article_id != chunk.article_id and other[1] != numbers:
                yield Finding(
                    ailment="contradiction",
                    article_id=chunk.article_id,
                    title=chunk.title,
                    other_article_id=other[0].article_id,
                    detail=f"{sentence.strip()[:120]} / {other[2].strip()[:120]}",
                )


def _frame(sentence: str) -> tuple[str, ...]:
    words = parse_question(_NUMBER.sub(" ", sentence)).words
    return tuple(sorted(word.text for word in words))


def _hidden(index: Index, now_ms: int) -> Iterator[Finding]:
    """Articles that not even their own title finds."""
    for chunk in _firsts(index):
        if chunk.valid_from_ms > now_ms or 0 < chunk.valid_until_ms <= now_ms:
            continue
        found = policy.search(index, chunk.title, locale=chunk.locale, limit=5, threshold=0.0).passages
        if chunk.title and chunk.article_id not in {passage.chunk.article_id for passage in found}:
            yield Finding(ailment="never_found", article_id=chunk.article_id, title=chunk.title)


def summarise(findings: Sequence[Finding]) -> dict[str, int]:
    """How many of each."""
    counts: dict[str, int] = {}
    for finding in findings:
        counts[finding.ailment] = counts.get(finding.ailment, 0) + 1
    return counts
