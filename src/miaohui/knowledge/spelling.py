"""Words that a question misspells, English ones by a letter, Chinese ones by their sound, or says in another language.

What is looked up instead is what the articles have: nothing is guessed that nobody wrote. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain, islice
from string import ascii_lowercase
from typing import TypeAlias

from msgspec.structs import replace

from miaohui.knowledge.segment import NAME, SYNONYM_WEIGHT, Query, Word, is_thing, is_word
from miaohui.knowledge.sounds import homophones
from miaohui.knowledge.tongues import IN_THE_OTHER
from miaohui.knowledge.words import SYNONYMS

SHORTEST = 5
"""Letters; of a shorter word too many others are one letter away."""
LONGEST = 20
_OF_MIXED = 0.4
"""What a word of another language than the rest of the question keeps of its weight, if articles have it too."""
MOST_WORDS = 8
"""Of a question, words whose letters are looked at."""
MOST_PAIRS = 12
"""Of a question, pairs of characters whose sound is looked up."""

Count: TypeAlias = Callable[[str], int]
"""In how many places a term occurs; 0 for one that no article has."""


def mend(query: Query, count: Count) -> Query:
    """The same question, where a word that no article has may also be one of theirs, misspelt."""
    return _mend_letters(_mend_sounds(_translate(query, count), count), count)


def guesses(query: Query, count: Count) -> set[str]:
    """Every term that `mend` would ask about, for a count that must be fetched first."""
    letters = (_one_letter_away(word.text) for word in _strange_words(query, count))
    sounds = ((*homophones(pair), *_instead_of(pair)) for pair, _ in _strange_pairs(query, count))
    tongues = (IN_THE_OTHER.get(word.text, ()) for word in query.words if _is_foreign(query, word, count))
    return set(chain(*letters, *sounds, *tongues))


def _translate(query: Query, count: Count) -> Query:
    told: dict[str, tuple[str, ...]] = {}
    for word in query.words:
        if _is_foreign(query, word, count) and (known := tuple(filter(count, IN_THE_OTHER.get(word.text, ())))):
            told[word.text] = known
    if not told:
        return query
    # One that articles have too may be meant as it stands: `Agent` is no agent where Chinese articles write it so.
    weights = {
        term: weight * (_OF_MIXED if term in told else 1.0)
        for term, weight in query.weights.items()
        if term not in told or count(term)
    }
    weights |= {
        one: 1.0 / len(known) for word, known in told.items() for one in known if one not in weights and not count(word)
    }
    synonyms = {one: SYNONYM_WEIGHT for known in told.values() for one in known if one not in weights}
    words = (replace(word, synonyms=(*word.synonyms, *told.get(word.text, ()))) for word in query.words)
    return replace(query, weights=weights, synonyms=query.synonyms | synonyms, words=tuple(words))


def _is_foreign(query: Query, word: Word, count: Count) -> bool:
    """In a language that the articles do not speak, or that the rest of the question does not."""
    return word.text in IN_THE_OTHER and ((query.han and word.text.isascii()) or not count(word.text))


def _mend_sounds(query: Query, count: Count) -> Query:
    mended: dict[str, Word] = {}
    lost: set[str] = set()
    known = {word.text: word for word in query.words}
    for pair, text in _strange_pairs(query, count):
        if text in mended or not (meant := _heard_as(pair, count)):
            continue
        word = known[text] if len(text) > 1 else Word(pair, tuple(pair), pair)
        # What is no word at all was meant for another one; a word may have been meant as it stands.
        subject = word.subject if is_word(pair) else 0.0
        mended[text] = replace(word, synonyms=(*word.synonyms, meant), subject=subject, guess=meant)
        lost |= {pair, text, *(pair if len(text) == 1 else ())}
    return _replace(query, mended, lost) if mended else query


def _heard_as(pair: str, count: Count) -> str:
    """The word that sounds so and that articles say most often, or what they say instead; empty for none."""
    for words in (homophones(pair), _instead_of(pair)):
        meant = max(words, key=count, default="")
        if meant and count(meant):
            return meant
    return ""


def _instead_of(pair: str) -> list[str]:
    return [one for word in homophones(pair) for one in SYNONYMS.get(word, ())]


def _strange_pairs(query: Query, count: Count) -> list[tuple[str, str]]:
    """A thing by its right name is not mistyped, though no article has it: `被子` is no `杯子`."""
    found: list[tuple[str, str]] = []
    for pair, text in query.pairs.items():
        if len(found) < MOST_PAIRS and not count(pair) and (len(text) == 1 or not count(text)) and not is_thing(pair):
            found.append((pair, text))
    return found


def _mend_letters(query: Query, count: Count) -> Query:
    mended = {
        word.text: replace(word, synonyms=(*word.synonyms, meant), guess=meant)
        for word in _strange_words(query, count)
        if (meant := _meant_by(word.text, count))
    }
    return _replace(query, mended, set(mended)) if mended else query


def _replace(query: Query, mended: dict[str, Word], lost: set[str]) -> Query:
    weights = {term: weight for term, weight in query.weights.items() if term not in lost}
    for word in mended.values():
        weights.setdefault(word.guess, SYNONYM_WEIGHT)
    return replace(query, weights=weights, words=tuple(mended.get(word.text, word) for word in query.words))


def _strange_words(query: Query, count: Count) -> Iterator[Word]:
    return islice((word for word in query.words if _is_strange(word, count)), MOST_WORDS)


def _is_strange(word: Word, count: Count) -> bool:
    text = word.text
    if not (SHORTEST <= len(text) <= LONGEST and text.isascii() and text.isalpha()) or word.subject == NAME:
        return False
    return not count(text) and not any(count(synonym) for synonym in word.synonyms)


def _meant_by(text: str, count: Count) -> str:
    """The likeliest slip first: two letters swapped, one too many, one missing, one for another."""
    return next((one for one in _one_letter_away(text) if count(one)), "")


def _one_letter_away(text: str) -> Iterator[str]:
    cuts = [(text[:i], text[i:]) for i in range(len(text) + 1)]
    for head, tail in cuts:
        if len(tail) > 1:
            yield head + tail[1] + tail[0] + tail[2:]
    # The first letter is seldom one too many, nor wrong: another one there makes another word.
    for head, tail in cuts[1:]:
        if tail:
            yield head + tail[1:]
    for head, tail in cuts:
        for letter in ascii_lowercase:
            yield head + letter + tail
    for head, tail in cuts[1:]:
        if tail:
            for letter in ascii_lowercase:
                yield head + letter + tail[1:]
