"""Text as the word filter sees it, and the way back to the characters it came from.

Each character is folded by itself (NFKC, lower case), and what is put between characters to hide a word is dropped:
blanks, zero-width marks, dots, dashes, stars. No character's folding depends on its neighbours, so a text gives the
same whether it comes whole or in pieces. `＊` stays: it is what a word is replaced by, and must part its neighbours.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

MASK = "＊＊"
MOST_GAP = 8
"""Characters dropped between two letters of a word; with more between them they are no word any more."""

_DROPPED = frozenset(" \t\r\n\f\v\u3000\u00a0*_-.|/\\~^·•・˙`'\"‧∙")
_DROPPED_CATEGORIES = frozenset({"Cf", "Cc", "Zs", "Zl", "Zp", "Mn", "Me"})
_KEPT = MASK[0]
_COMMON_GAPS = " \n*-."
_MARKS = "，。！？、：；“”《》【】（）—￥"
"""Punctuation of nearly every Chinese text: left as it is, so that such a text need not be looked at closely."""
_SHORT = 24
"""Characters of a piece of an answer: fewer than it pays to go around."""
_SAME = rf"a-z0-9\u4e00-\u9fff%,?!:;{_MARKS}"
_ODD = re.compile(rf"[^{_SAME}]")
_ODD_RUN = re.compile(rf"[^{_SAME}]+")


def is_plain(text: str) -> bool:
    """Whether it is folded to itself."""
    return _ODD.search(text) is None


class Folded(NamedTuple):
    """`places[i]` is the index in the original of the folded character `i`; None when both are the same."""

    text: str
    places: list[int] | None

    def place(self, index: int) -> int:
        """Where a folded character stands in the original."""
        return index if self.places is None else self.places[index]


class _Table(dict[int, str | None]):
    """Character to its folding, filled as characters are met; bounded by Unicode itself."""

    def __missing__(self, code: int) -> str | None:
        folded = _fold_character(chr(code)) or None
        self[code] = folded
        return folded


def _fold_character(character: str) -> str:
    if character == _KEPT or character in _MARKS:
        return character
    if character in _DROPPED or unicodedata.category(character) in _DROPPED_CATEGORIES:
        return ""
    folded = unicodedata.normalize("NFKC", character).lower()
    return "".join(
        part for part in folded if part not in _DROPPED and unicodedata.category(part) not in _DROPPED_CATEGORIES
    )


_table = _Table()


def fold_text(text: str) -> str:
    """The folded text alone, for when nothing is looked up in the original.

    Most of a Chinese text folds to itself, so only what does not is folded; a translation would visit every character.
    """
    if text.isascii():
        return text.translate(_table)
    if not _ODD.search(text):
        return text
    if len(text) <= _SHORT:
        return text.translate(_table)
    for gap in _COMMON_GAPS:
        text = text.replace(gap, "")
    return _ODD_RUN.sub(_fold_run, text)


def _fold_run(run: re.Match[str]) -> str:
    return run[0].translate(_table)


def fold(text: str) -> Folded:
    """The folded text with the way back."""
    if not _ODD.search(text):
        return Folded(text, None)
    parts = [_table[ord(character)] or "" for character in text]
    places = [index for index, part in enumerate(parts) for _ in part]
    return Folded("".join(parts), places)


def find_tail(text: str, length: int) -> int | None:
    """Where the last `length` folded characters begin in the original; None when there is too long a gap."""
    at, left, gap = len(text), length, 0
    while left > 0:
        at -= 1
        part = _table[ord(text[at])]
        if part:
            left, gap = left - len(part), 0
        elif gap == MOST_GAP:
            return None
        else:
            gap += 1
    return at


def is_letter(character: str) -> bool:
    """A character of a word that is written with blanks around it."""
    return character.isascii() and character.isalnum()
