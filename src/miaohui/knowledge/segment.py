"""Text into terms: what may be matched, and how much each term of a question weighs.

Chinese is indexed by characters, bigrams and segmented words of three characters or more, so that a question and an
article that are cut differently still meet; the segmentation of the question decides which of these count as words.
English words are stemmed lightly. What holds a digit (a product code, an order number) is one exact term.

The dictionary, some 25 MB and 0.1 s of work, is read as the module is loaded: one for the process.
"""

from __future__ import annotations

import re
from collections.abc import Container, Mapping, Sequence
from functools import cache, lru_cache

import msgspec
import rjieba

from miaohui.kit.width import narrow
from miaohui.knowledge.scripts import simplify
from miaohui.knowledge.words import GENERIC, PLAIN, STOP_CHARACTERS, STOP_WORDS, SYNONYMS, TIMES

CHARACTER_WEIGHT = 0.25
BIGRAM_WEIGHT = 0.45
LONE_CHARACTER_WEIGHT = 0.7
"""A word of one character, `退`, which also stands in many other words."""
SYNONYM_WEIGHT = 0.6
GENERIC_WEIGHT = 0.4
_WORDS_KEPT = 8_192
"""Words of questions that are taken apart once."""
_QUESTION_CHARACTERS = 512
"""Of a longer question only so much is searched for."""

_RUN = re.compile(r"[\u3400-\u9fff]+|[^\W_\u3400-\u9fff]+(?:[._\-/]+[^\W_\u3400-\u9fff]+)*")
_SEPARATOR = re.compile(r"[._\-/]+")
_PART = re.compile(r"[a-z]+|[0-9]+")
_DIGIT = re.compile(r"\d")
_AN_ID = 6
_HAN = re.compile(r"[\u3400-\u9fff]")
_PLACES = frozenset({"ns", "s"})
_ACT = 0.5
_NAME = re.compile(r"(?<=[^\s.!?] )[A-Z]+[a-z]+[A-Za-z]*|\b[a-z]+[A-Z][A-Za-z]*")
NAME = 1.5
"""How much a name says what a question is about, an English word with a capital within its sentence or itself."""

_EDGES = "的了吗呢吧啊呀着过得还都也又再才就可能会要想没不有把被让给"
_AMOUNT = re.compile(
    r"[零〇一二两三四五六七八九十百千万亿半几多]*[个件块元角分钱点号天日月年次斤克只双条层楼期倍步项位周]*"
)
"""How many of what: seldom what an article says in the same words."""


class Word(msgspec.Struct, frozen=True):
    """One content word of a question: the terms that stand for it, and what may stand in for it."""

    text: str
    parts: tuple[str, ...] = ()
    """Characters of a Chinese word: half a match when the word itself is absent."""
    core: str = ""
    """Without the little words that cutting left at its ends, `都化` or `能补`; empty when nothing is left of it."""
    synonyms: tuple[str, ...] = ()
    subject: float = 0.0
    """How much it names what is asked about: a name most, a thing wholly, an act by half, a time, place or number
    not at all."""
    within: tuple[str, ...] = ()
    """Shorter words that a Chinese one is made of."""
    guess: str = ""
    """What was meant, if it is misspelt; the last of the synonyms."""


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """A question, ready to be searched for."""

    text: str
    """Normalised."""
    weights: dict[str, float]
    """Terms and how much a match of each counts."""
    synonyms: dict[str, float]
    """Terms that would do as well; not finding them takes nothing away."""
    words: tuple[Word, ...]
    """Content words, on which it depends whether the question can be answered."""
    han: bool
    """Whether any of it is Chinese."""
    pairs: dict[str, str] = {}
    """Two characters that may be one word mistyped, and the content word in which they begin."""


def normalise(text: str) -> str:
    """One width, lower case, simplified characters."""
    return text.lower() if text.isascii() else simplify(narrow(text).lower())


def terms_of(text: str) -> list[str]:
    """Every indexable term of a normalised text, with repetitions."""
    terms: list[str] = []
    for run in _RUN.findall(text):
        if run[0] >= "\u3400":
            terms += run
            terms += [run[i : i + 2] for i in range(len(run) - 1)]
            terms += [word for word in rjieba.cut_for_search(run) if len(word) > 2]
        else:
            terms += _latin_terms(run)
    return terms


def parse_question(question: str, *, characters: int = _QUESTION_CHARACTERS) -> Query:
    """What to search for, and how much each term counts; of the first so many characters."""
    text = normalise(question[:characters])
    weights: dict[str, float] = {}
    words: dict[str, Word] = {}
    pairs: dict[str, str] = {}
    han = False
    names: set[str] | None = None
    for run in _RUN.findall(text):
        if run[0] >= "\u3400":
            han = True
            pieces = rjieba.cut(run)
            _weigh_han(run, pieces, weights, words)
            _pair(pieces, words, pairs)
        else:
            if names is None:
                names = {stem(name.lower()) for name in _NAME.findall(question[:characters])}
            _weigh_latin(run, weights, words, names)
    words = _drop_generic(words, weights)
    synonyms = {
        synonym: SYNONYM_WEIGHT for word in words.values() for synonym in word.synonyms if synonym not in weights
    }
    return Query(text=text, weights=weights, synonyms=synonyms, words=tuple(words.values()), han=han, pairs=pairs)


def _drop_generic(words: dict[str, Word], weights: dict[str, float]) -> dict[str, Word]:
    """Of `return policy`, the return."""
    content = {text: word for text, word in words.items() if text not in GENERIC}
    if not content or len(content) == len(words):
        return words
    weights.update(dict.fromkeys(words.keys() & GENERIC, GENERIC_WEIGHT))
    return content


def is_number(term: str) -> bool:
    """Whether it is a number, or the number of something such as an order, which no article needs to name."""
    return term.isdecimal() or len(_DIGIT.findall(term)) >= _AN_ID


def is_word(text: str) -> bool:
    """Whether it stands in the dictionary of Chinese words."""
    return rjieba.has_word(text)


@lru_cache(maxsize=_WORDS_KEPT)
def is_thing(text: str) -> bool:
    """Whether the dictionary knows it as what something is called."""
    return is_word(text) and all(kind.startswith("n") for _, kind in rjieba.tag(text))


def is_han(text: str) -> bool:
    """Whether Chinese characters occur at all."""
    return _HAN.search(text) is not None


def _weigh_han(run: str, pieces: Sequence[str], weights: dict[str, float], words: dict[str, Word]) -> None:
    kept = [character not in STOP_CHARACTERS for character in run]
    for i in range(len(run) - 1):
        if kept[i] and kept[i + 1] and (pair := run[i : i + 2]) not in STOP_WORDS:
            weights.setdefault(pair, BIGRAM_WEIGHT)
    for piece in pieces:
        if piece in STOP_WORDS or piece in STOP_CHARACTERS:
            continue
        weights[piece] = 1.0 if len(piece) > 1 else LONE_CHARACTER_WEIGHT
        word = words[piece] = _han_word(piece)
        for part in word.parts:
            if part not in STOP_CHARACTERS:
                weights.setdefault(part, CHARACTER_WEIGHT)
        if len(piece) > 3:
            for sub in rjieba.cut_for_search(piece):
                if len(sub) > 1 and sub not in STOP_WORDS:
                    weights[sub] = max(weights.get(sub, 0.0), 0.8)


def _pair(pieces: Sequence[str], words: Mapping[str, Word], pairs: dict[str, str]) -> None:
    """Within one word, or between two of which one is a single character: there cutting is least to be trusted."""
    for piece, after in zip(pieces, (*pieces[1:], ""), strict=True):
        if piece not in words:
            continue
        pairs.update((piece[i : i + 2], piece) for i in range(len(piece) - 1))
        if after and 1 in (len(piece), len(after)) and after[0] not in STOP_CHARACTERS:
            pairs.setdefault(piece[-1] + after[0], piece)


@lru_cache(maxsize=_WORDS_KEPT)
def _han_word(text: str) -> Word:
    core = _find_core(text)
    parts = tuple(text) if len(text) > 1 else ()
    within = tuple(one for one in rjieba.cut_for_search(text) if 1 < len(one) < len(text))
    subject = _weigh_subject(text) if core else 0.0
    return Word(text, parts, core, SYNONYMS.get(text, SYNONYMS.get(core, ())), subject, within)


def _weigh_subject(word: str) -> float:
    """By the part of speech that the dictionary gives it."""
    kinds = [kind for _, kind in rjieba.tag(word)]
    if any(kind in _PLACES for kind in kinds):
        return 0.0
    if any(kind[0] in "nj" or kind == "eng" for kind in kinds):
        return 1.0
    return _ACT if any(kind.startswith("v") for kind in kinds) else 0.0


def _find_core(word: str) -> str:
    core = word.strip(_EDGES)
    return "" if core in STOP_WORDS or core in TIMES or _AMOUNT.fullmatch(core) else core


def _weigh_latin(run: str, weights: dict[str, float], words: dict[str, Word], names: Container[str]) -> None:
    if run in STOP_WORDS:
        return
    terms = _latin_terms(run)
    for term in terms:
        if term in STOP_WORDS:
            continue
        weights[term] = 1.0 if term is terms[0] else 0.5
    head = terms[0]
    told = is_number(head)
    subject = 0.0 if told or head in _plain() else NAME if head in names else 1.0
    words[head] = Word(head, (), "" if told else head, SYNONYMS.get(head, ()), subject)


@cache
def _plain() -> frozenset[str]:
    """Stems of the words that are no subject, in all their forms."""
    forms = ((word, word.removesuffix("e") + "ed", word.removesuffix("e") + "ing", word + "s") for word in PLAIN)
    return frozenset(stem(form) for of_word in forms for form in of_word)


def _latin_terms(run: str) -> list[str]:
    """A plain word's stem; a code as a whole and by its pieces, so that `a460` finds `ys-a460`."""
    if run.isalpha():
        return [stem(run)]
    terms = {run: None} if _DIGIT.search(run) else {}
    for piece in _SEPARATOR.split(run):
        terms[stem(piece) if piece.isalpha() else piece] = None
        parts = _PART.findall(piece)
        if len(parts) > 1 and len(max(parts, key=len)) > 2:
            terms.update((stem(part), None) for part in parts)
    return list(terms)


def stem(word: str) -> str:
    """Plural, -ing and -ed off; no more, so that no two different words fall together."""
    if len(word) < 4 or not word.isascii():
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    for suffix in ("ing", "ed"):
        if word.endswith(suffix) and len(word) - len(suffix) >= 3:
            word = word[: -len(suffix)]
            if word[-1] == word[-2] and word[-1] not in "lsz":
                word = word[:-1]
            break
    return word[:-1] if len(word) > 4 and word.endswith("e") else word
