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
_DIGITS = re.compile(r"\d+")
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
        self._read, self._above = normalise(text), normalise(headings)
        self.text = f"{self._above}\n{self._read}"
        self._amounts: frozenset[str] | None = None
        self._places: dict[str, list[Place]] | None = None

    def places_of(self, value: str) -> Sequence[Place]:
        """Where a number stands: what is said of it in one sentence says nothing of what another is about."""
        if self._places is None:
            if self._amounts is None:
                self._amounts = find_amounts(self._read)
            if value.partition(".")[0].partition(":")[0] not in self._amounts:
                return ()
            self._places = self._find_places()
        return self._places.get(value, ())

    def _find_places(self) -> dict[str, list[Place]]:
        places: dict[str, list[Place]] = {}
        for line in _LINE.split(self._read):
            for value, units in read_values(line).items():
                places.setdefault(value, []).append((units, f"{self._above}\n{line}"))
        return places


@lru_cache(_KEPT)
def read_passage(text: str, headings: str) -> Evidence:
    """What was found in the knowledge base."""
    return Evidence(text, headings, passage=True)


def read_told(text: str) -> Evidence:
    """What a tool or an earlier answer said."""
    return Evidence(text, passage=False)


def read_values(text: str) -> Values:
    """The numbers and codes of a normalised text."""
    values: Values = {}
    for claim in find_values(text):
        units = values.get(claim.value, ())
        if claim.unit not in units:
            values[claim.value] = (*units, claim.unit)
    return values


@lru_cache(_SUBJECTS)
def subject_of(text: str) -> Subject:
    """Numbers are no subject."""
    return Subject(read_pairs(_DIGITS.sub(" ", text)), _HAN.search(text) is not None)


def holds(evidence: Evidence, claim: Claim, subjects: Subjects) -> bool:
    """Whether it says what is claimed, of the same subject."""
    if claim.kind == "rule":
        return not evidence.passage or _is_about(evidence.text, subjects(), ALIKE_RULE)
    if claim.kind == "promise":
        said = says_promise(evidence.text, int(claim.value))
        return said and (not evidence.passage or _is_about(evidence.text, subjects(), ALIKE))
    if claim.kind == "code":
        return claim.value in evidence.text
    places = evidence.places_of(claim.value)
    return bool(places) and any(
        _fits(units, claim.unit, named=evidence.passage)
        and (not evidence.passage or _is_about(text, subjects(), ALIKE))
        for units, text in places
    )


def _is_about(text: str, subjects: Sequence[Subject], least: float) -> bool:
    """What is written in another script can only be compared by what is counted."""
    if not subjects:
        return True
    other = subject_of(text)
    return any(
        one.chinese != other.chinese or len(one.terms & other.terms) >= least * len(one.terms) for one in subjects
    )


def _fits(units: Sequence[str], unit: str, *, named: bool) -> bool:
    """A passage names its units; what a tool says often does not."""
    return not unit or unit in units or (not named and "" in units)
