"""What an answer may rest on: passages, tools' results, earlier answers, and what stands in them. Pure.

Most of what is found is never asked for its numbers: it is read as far as a claim needs, and a passage once for all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from miaohui.prompts.claims import Claim, find_amounts, find_values, normalise, says_promise
from miaohui.prompts.compress import read_pairs

ALIKE = 0.25
"""Least share of a sentence's terms that a passage has which is about the same."""
ALIKE_RULE = 0.3
"""As much for a rule, where no number ties the two together."""
_KEPT, _SUBJECTS = 4_000, 1_000
"""Passages and subjects that are kept, some 4 and 10 KB each when they are read whole: most questions are about the
same few."""
_ANSWERS = 2_000
"""Earlier answers that are kept, some 2 KB each."""
_HAN = re.compile("[\u3400-\u9fff]")
_LINE = re.compile(r"[。！？!?；;\n]+|\.(?=\s)")

Values: TypeAlias = dict[str, tuple[str, ...]]
"""Of each number, the units that it stands with."""


class Subject(NamedTuple):
    """What a text is about."""

    terms: frozenset[str]
    chinese: bool


Subjects: TypeAlias = Callable[[], Sequence[Subject]]
"""Of a sentence; worked out when it has to be compared."""


Place: TypeAlias = tuple[tuple[str, ...], str]
"""Where a number stands: its units there, and the sentence or row with the headings above it."""


class Evidence:
    """One passage, or one thing that was said."""

    def __init__(self, text: str, headings: str = "", *, passage: bool) -> None:
        self.passage = passage
        """Whether it must be about the same; what a tool said is, because it was asked for."""
        self._read, self._headings = normalise(text), headings
        self._text = ""
        self._amounts: set[str] | None = None
        self._unread: dict[str, set[str]] | None = None
        """By the whole part of a number, the sentences and rows that may have it and were not read yet."""
        self._places: dict[str, list[Place]] = {}

    @property
    def text(self) -> str:
        """Below its headings, normalised."""
        self._text = self._text or self._below(self._read)
        return self._text

    def places_of(self, value: str) -> Sequence[Place]:
        """Where a number stands: what is said of it in one sentence says nothing of what another is about."""
        if self._amounts is None:
            self._amounts = find_amounts(self._read)
        amount = value.partition(".")[0].partition(":")[0]
        if amount not in self._amounts:
            return ()
        if self._unread is None:
            self._unread = self._find_lines()
        for line in self._unread.pop(amount, ()):
            self._read_line(line, self._unread)
        return self._places.get(value, ())

    def _find_lines(self) -> dict[str, set[str]]:
        lines: dict[str, set[str]] = {}
        for line in _LINE.split(self._read):
            for amount in find_amounts(line):
                lines.setdefault(amount, set()).add(line)
        return lines

    def _read_line(self, line: str, unread: dict[str, set[str]]) -> None:
        for lines in unread.values():
            lines.discard(line)
        place = self._below(line)
        for value, units in read_values(line).items():
            self._places.setdefault(value, []).append((units, place))

    def _below(self, text: str) -> str:
        return f"{normalise(self._headings)}\n{text}"


@lru_cache(_KEPT)
def read_passage(text: str, title: str, heading: str) -> Evidence:
    """What was found in the knowledge base."""
    return Evidence(text, f"{title}\n{heading}", passage=True)


@lru_cache(_ANSWERS)
def read_answer(text: str) -> Evidence:
    """What an earlier answer said; it comes back with every later one of its conversation."""
    return Evidence(text, passage=False)


def read_told(text: str) -> Evidence:
    """What a tool said."""
    return Evidence(text, passage=False)


def read_values(text: str) -> Values:
    """The numbers and codes of a normalised text."""
    values: Values = {}
    for claim in find_values(text):
        units = values.get(claim.value, ())
        if claim.unit not in units:
            values[claim.value] = (*units, claim.unit)
    return values


def read_subject(text: str) -> Subject:
    """Numbers are no subject."""
    return Subject(read_pairs(text), _HAN.search(text) is not None)


_subject_of_found = lru_cache(_SUBJECTS)(read_subject)
"""Of a passage or a place in one. Sentences are kept elsewhere: one that an engine says is seldom said again, and would
push these out."""


def holds(evidence: Evidence, claim: Claim, subjects: Subjects) -> bool:
    """Whether it says what is claimed, of the same subject."""
    if claim.kind == "number":
        return _counts(evidence, claim, subjects)
    if claim.kind == "code":
        return claim.value in evidence.text
    least = ALIKE_RULE
    if claim.kind == "promise":
        if not says_promise(evidence.text, int(claim.value)):
            return False
        least = ALIKE
    return not evidence.passage or _is_about(evidence.text, subjects(), least)


def _counts(evidence: Evidence, claim: Claim, subjects: Subjects) -> bool:
    named = evidence.passage
    for units, text in evidence.places_of(claim.value):
        if _fits(units, claim.unit, named=named) and (not named or _is_about(text, subjects(), ALIKE)):
            return True
    return False


def _is_about(text: str, subjects: Sequence[Subject], least: float) -> bool:
    """What is written in another script can only be compared by what is counted."""
    if not subjects:
        return True
    other = _subject_of_found(text)
    for one in subjects:
        if one.chinese != other.chinese or len(one.terms & other.terms) >= least * len(one.terms):
            return True
    return False


def _fits(units: Sequence[str], unit: str, *, named: bool) -> bool:
    """A passage names its units; what a tool says often does not."""
    return not unit or unit in units or (not named and "" in units)
