"""The listed words, and where they stand in a text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick

from miaohui.guard.normalise import MOST_GAP, Folded, find_tail, fold, fold_text, is_letter, is_plain
from miaohui.kit.errors import Invalid

MOST_WORDS = 200_000
LONGEST_WORD = 64
SPACED_FROM = 4
"""A word of Latin letters is also found with gaps between all of them from this length on."""

BUILT_IN: Mapping[str, tuple[str, ...]] = {
    "abuse": (
        *("操你妈", "草泥马", "肏你", "傻逼", "妈了个逼", "狗娘养的", "去你妈的", "日你妈", "贱人去死", "脑残废物"),
        *("fuck you", "motherfucker", "cunt", "asshole", "son of a bitch"),
    ),
    "illegal": (
        *("代开发票", "出售枪支", "买卖枪支", "迷奸药", "冰毒", "海洛因", "摇头丸", "代办假证", "出售身份证"),
        *("网络赌场", "六合彩投注", "洗钱服务", "child porn", "buy cocaine", "buy heroin"),
    ),
    "sexual": ("约炮", "裸聊", "援交", "儿童色情", "卖淫嫖娼"),
}
"""Few and clear, so that no ordinary conversation is stopped, an angry one neither; an operator adds a file."""


class Found(NamedTuple):
    """A listed word, as positions in the original text."""

    start: int
    end: int
    category: str


class Words:
    """An immutable list, ready to search. To change it, build another and put it in this one's place."""

    def __init__(self, listed: Mapping[str, Iterable[str]]) -> None:
        categories: dict[str, str] = {}
        self._breaks: list[frozenset[int]] = []
        for category, words in listed.items():
            for word in words:
                folded = fold(word)
                if folded.text and folded.text not in categories:
                    categories[folded.text] = category
                    self._breaks.append(_find_breaks(folded))
        if len(categories) > MOST_WORDS or max(map(len, categories), default=0) > LONGEST_WORD:
            raise Invalid(f"At most {MOST_WORDS} words of at most {LONGEST_WORD} characters can be listed.")
        self._words = list(categories)
        self._categories = list(categories.values())
        self._search = AhoCorasick(self._words)
        self._firsts = _any_of({word[0] for word in self._words})
        self._beginnings = {word[:length] for word in self._words for length in range(1, len(word))}
        # A word that ends in a letter is only one when no letter follows, so its end must be waited for too.
        self._beginnings.update(word for word in self._words if is_letter(word[-1]))
        self._lengths = _group_lengths(self._beginnings)

    def __len__(self) -> int:
        return len(self._words)

    @property
    def counts(self) -> Mapping[str, int]:
        """How many words each category lists."""
        return Counter(self._categories)

    def find(self, text: str, before: str = "") -> list[Found]:
        """Listed words, overlapping ones too, by end. `before` is the character that came just before the text."""
        if not self._may_hold(fold_text(text)):
            return []
        return list(self._check(text, before))

    def look(self, text: str, before: str) -> tuple[list[Found], int]:
        """Listed words, and where an end begins that more text might make one of; the length when nowhere."""
        if self._firsts.search(text) is None and is_plain(text):
            return [], len(text)
        folded = fold_text(text)
        found = list(self._check(text, before)) if self._may_hold(folded) else []
        for length in self._lengths.get(folded[-1:], ()):
            if (
                len(folded) >= length
                and folded[-length:] in self._beginnings
                and (start := find_tail(text, length)) is not None
            ):
                return found, start
        return found, len(text)

    def _may_hold(self, folded: str) -> bool:
        """The search lets go of the interpreter, which costs more than looking for first characters."""
        return self._firsts.search(folded) is not None and bool(self._search.find_matches_as_indexes(folded))

    def _check(self, text: str, before: str) -> Iterator[Found]:
        folded = fold(text)
        for number, start, end in self._search.find_matches_as_indexes(folded.text, overlapping=True):
            first, last = folded.place(start), folded.place(end - 1)
            previous = text[first - 1] if first else before
            following = text[last + 1] if last + 1 < len(text) else ""
            if (
                not (is_letter(folded.text[start]) and is_letter(fold_text(previous)[-1:]))
                and not (is_letter(folded.text[end - 1]) and is_letter(fold_text(following)[:1]))
                and _largest_gap(folded, start, end) <= MOST_GAP
                and self._evenly_spaced(number, folded, start)
            ):
                yield Found(first, last + 1, self._categories[number])

    def _evenly_spaced(self, number: int, folded: Folded, start: int) -> bool:
        """Letters of a Latin word stand together, or each apart: `f u c k` is one, `as s` is none."""
        if folded.places is None:
            return True
        word, breaks = self._words[number], self._breaks[number]
        gaps = {
            folded.places[start + i + 1] - folded.places[start + i] > 1
            for i in range(len(word) - 1)
            if i not in breaks and is_letter(word[i]) and is_letter(word[i + 1])
        }
        return gaps <= {False} or (gaps == {True} and len(word) >= SPACED_FROM)


def read_words(file: Path | None) -> Words:
    """The built-in list and an operator's file: a word a line, under `[category]` lines; `#` begins a comment.

    Raises `Invalid` when the file cannot be read.
    """
    listed: dict[str, list[str]] = {category: list(words) for category, words in BUILT_IN.items()}
    category = "operator"
    for line in _lines(file) if file else ():
        word = line.strip()
        if word.startswith("[") and word.endswith("]"):
            category = word[1:-1].strip() or category
        elif word and not word.startswith("#"):
            listed.setdefault(category, []).append(word)
    return Words(listed)


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text("utf-8-sig").splitlines()
    except OSError as error:
        raise Invalid(f"The list of words {file} cannot be read: {error.strerror or error}.") from None
    except UnicodeDecodeError:
        raise Invalid(f"The list of words {file} is not text in UTF-8.") from None


def _any_of(characters: Iterable[str]) -> re.Pattern[str]:
    """Finds any of these characters; nothing when there are none."""
    listed = "".join(map(re.escape, sorted(characters)))
    return re.compile(f"[{listed}]" if listed else r"(?!)")


def _group_lengths(beginnings: Iterable[str]) -> dict[str, tuple[int, ...]]:
    """By their last character, how long beginnings are; the longest first."""
    lengths: dict[str, set[int]] = {}
    for beginning in beginnings:
        lengths.setdefault(beginning[-1], set()).add(len(beginning))
    return {last: tuple(sorted(found, reverse=True)) for last, found in lengths.items()}


def _largest_gap(folded: Folded, start: int, end: int) -> int:
    """The most characters that were dropped between two neighbours."""
    if folded.places is None:
        return 0
    places = folded.places[start:end]
    return max((b - a - 1 for a, b in pairwise(places)), default=0)


def _find_breaks(folded: Folded) -> frozenset[int]:
    """After which characters of a listed phrase a gap belongs: `son of a bitch`."""
    places = folded.places or []
    return frozenset(i for i, (a, b) in enumerate(pairwise(places)) if b - a > 1)
