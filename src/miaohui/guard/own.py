"""A company's own words, made ready to search. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from miaohui.guard.normalise import MASK, fold
from miaohui.guard.words import LONGEST_WORD, Found, Words
from miaohui.kit.errors import FieldError, Invalid

if TYPE_CHECKING:
    from collections.abc import Iterable

    from miaohui.guard.types import OwnWords, Replacement

MOST_BLOCKED = 2_000
MOST_REPLACED = 500
LONGEST_INSTEAD = 64
SHORTEST_BLOCKED = 2
"""A single character would stop half of what is written."""
CATEGORY = "company"

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_INSTEAD = "="
"""Begins the category of a word that another is said for: the rest is that other."""


class Own:
    """Compiled once for each version."""

    def __init__(self, words: OwnWords) -> None:
        self.version = words.version
        self.blocked = Words({CATEGORY: words.blocked})
        instead: dict[str, list[str]] = {}
        for one in words.replaced:
            instead.setdefault(_INSTEAD + one.by, []).append(one.word)
        self.spoken = Words({CATEGORY: words.blocked, **instead})


def instead_of(found: Found) -> str:
    """What is said for a word that was found."""
    return found.category[1:] if found.category.startswith(_INSTEAD) else MASK


def is_withheld(found: Found) -> bool:
    """Whether nothing of it may be said, rather than something else."""
    return not found.category.startswith(_INSTEAD)


def check_own(words: OwnWords) -> None:
    """Raises `Invalid`, naming every entry that is not in form."""
    errors = [
        *_unfit("$.blocked", words.blocked, SHORTEST_BLOCKED),
        *_unfit("$.replaced", (one.word for one in words.replaced), 1),
        *(
            FieldError(f"$.replaced[{place}].by", f"at most {LONGEST_INSTEAD} characters, on one line")
            for place, one in enumerate(words.replaced)
            if len(one.by) > LONGEST_INSTEAD or _CONTROL.search(one.by)
        ),
    ]
    if len(words.blocked) > MOST_BLOCKED:
        errors.append(FieldError("$.blocked", f"at most {MOST_BLOCKED} words"))
    if len(words.replaced) > MOST_REPLACED:
        errors.append(FieldError("$.replaced", f"at most {MOST_REPLACED} words"))
    if errors:
        raise Invalid("The words are not in form.", errors=errors[:100])


def without_twins(words: OwnWords) -> OwnWords:
    """The first of those that the filter takes for the same."""
    blocked: dict[str, str] = {}
    for word in words.blocked:
        blocked.setdefault(fold(word).text, word)
    replaced: dict[str, Replacement] = {}
    for one in words.replaced:
        replaced.setdefault(fold(one.word).text, one)
    return msgspec.structs.replace(words, blocked=tuple(blocked.values()), replaced=tuple(replaced.values()))


def _unfit(path: str, words: Iterable[str], shortest: int) -> list[FieldError]:
    """Words without anything to search for, and too long ones."""
    return [
        FieldError(f"{path}[{place}]", f"{shortest} to {LONGEST_WORD} letters or characters")
        for place, word in enumerate(words)
        if not shortest <= len(fold(word).text) <= LONGEST_WORD
    ]
