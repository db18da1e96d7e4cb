"""English words that a question misspells, by one letter: what the articles would call them. Pure."""

from __future__ import annotations

from collections.abc import Container, Iterator
from string import ascii_lowercase

from msgspec.structs import replace

from miaohui.knowledge.segment import SYNONYM_WEIGHT, Query, Word

SHORTEST = 5
"""Letters; of a shorter word too many others are one letter away."""
LONGEST = 20


def mend(query: Query, known: Container[str]) -> Query:
    """The same question, where a word that no article has may also be the one that is one letter away."""
    mended: dict[str, Word] = {}
    for word in query.words:
        if _is_strange(word, known) and (meant := _meant_by(word.text, known)):
            mended[word.text] = replace(word, synonyms=(*word.synonyms, meant))
    if not mended:
        return query
    meanings = {word.synonyms[-1]: SYNONYM_WEIGHT for word in mended.values()}
    weights = {term: weight for term, weight in query.weights.items() if term not in mended}
    return replace(
        query,
        weights=weights | {term: weight for term, weight in meanings.items() if term not in weights},
        words=tuple(mended.get(word.text, word) for word in query.words),
    )


def _is_strange(word: Word, known: Container[str]) -> bool:
    text = word.text
    if not (SHORTEST <= len(text) <= LONGEST and text.isascii() and text.isalpha()) or text in known:
        return False
    return not any(synonym in known for synonym in word.synonyms)


def _meant_by(text: str, known: Container[str]) -> str:
    """The likeliest slip first: two letters swapped, one too many, one missing, one for another."""
    return next((one for one in _one_letter_away(text) if one in known), "")


def _one_letter_away(text: str) -> Iterator[str]:
    cuts = [(text[:i], text[i:]) for i in range(len(text) + 1)]
    for head, tail in cuts:
        if len(tail) > 1:
            yield head + tail[1] + tail[0] + tail[2:]
    for head, tail in cuts:
        if tail:
            yield head + tail[1:]
    for head, tail in cuts:
        for letter in ascii_lowercase:
            yield head + letter + tail
    # The first letter is seldom wrong, and another one there makes another word.
    for head, tail in cuts[1:]:
        if tail:
            for letter in ascii_lowercase:
                yield head + letter + tail[1:]
