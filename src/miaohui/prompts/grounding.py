"""An answer on its way out: what it claims must stand in what was found, in what tools said, or it is not said. Pure.

Words flow on until a claim begins. From there the sentence is held to its end and looked at: every number with its
unit, every code, promise and rule in it must be found in a passage, a tool's result or an earlier answer; a passage
must be about the same. A sentence that is not supported ends with one that says so; what it claimed is not shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from miaohui.engines.types import EngineRequest
from miaohui.prompts.claims import MARK, PROMISES, Claim, find_claims, find_values, normalise, says_promise
from miaohui.prompts.compress import read_pairs

OWN_WORDS = frozenset({"extractive", "calculator"})
"""Routes that say only what stands somewhere."""
ALIKE = 0.25
"""Least share of a sentence's terms that a passage has which is about the same."""
ALIKE_RULE = 0.3
"""As much for a rule, where no number ties the two together."""
_END = re.compile(r"[。！？!?；;\n]+[”’\"'）)]*(?:\s*[\[【［]\^?\d{1,2}[^\]】］\n]{0,12}[\]】］])*|\.(?=\s)")
_MARK_BEGUN = re.compile(r"\s*(?:[\[【［]\^?(?:\d{1,2}[^\]】］\n]{0,12})?)?")
"""Behind a sentence's end: nothing yet, or what may become a citation that belongs to it."""
_MAY_END = re.compile(r"[。！？!?；;\n.]")
"""A sentence may be over here: what follows says."""
_MOST_HELD = 600
"""Characters of a sentence that is held; a longer one is looked at in parts."""
_BEGINNINGS = tuple(
    sorted(
        {word for group in PROMISES for word in group}
        | {"可以", "能", "支持", "必须", "需要", "不能", "can", "may", "must", "will"}
    )
)
_CLAIM = re.compile(
    r"[\d０-９¥￥$€£\[【［①-⑳]|[一二两三四五六七八九十百千万半](?=个?(?:工|小|分|星|月|年|天|日|周|元|块|折|倍|成|次|件|期|十|百|千|万))|"
    + "|".join(map(re.escape, _BEGINNINGS)),
    re.IGNORECASE,
)
_TAILS = frozenset(word[:size] for word in _BEGINNINGS for size in range(1, len(word))) | frozenset(
    "一二两三四五六七八九十百千万半"
)
_LONGEST_TAIL = max(map(len, _TAILS))
_HAN_TAIL = re.compile(r"[一二两三四五六七八九十百千万半]+个?$")
_CLAUSE = re.compile(r"[，,：:、]")
_DIGITS = re.compile(r"\d+")
_HAN = re.compile("[\u3400-\u9fff]")
_LINE = re.compile(r"[。！？!?；;\n]+|\.(?=\s)")
_KEPT, _SUBJECTS = 4_000, 1_000
"""Read passages and subjects that are kept, some 4 and 10 KB each: most questions are about the same few."""
_NOTICE = {
    "zh": "（这一点我没有找到依据，请以人工同事的答复为准。）",
    "en": " (I found no source for this; please ask a colleague.)",
}

Values: TypeAlias = dict[str, tuple[str, ...]]
"""Of each number, the units that it stands with."""


class _Subject(NamedTuple):
    """What a text is about."""

    terms: frozenset[str]
    chinese: bool


class _Line(NamedTuple):
    values: Values
    text: str
    """Its own, and the headings above it."""


class _Evidence(NamedTuple):
    text: str
    lines: tuple[_Line, ...]
    """Sentences and rows: a number in one of them says nothing of what another is about."""
    passage: bool
    """Whether it must be about the same; what a tool said is, because it was asked for."""


class Grounding:
    """One answer."""

    def __init__(self, request: EngineRequest) -> None:
        self._request = request
        self._told: list[str] = []
        self._evidence: list[_Evidence] | None = None
        self._question: Values = {}
        self._sentence = ""
        """What of the sentence has gone out."""
        self._held = ""
        self._claimed = False
        """What is held begins with a claim: until the sentence is over there is nothing to decide."""
        self._before = ""
        """The last character that was fed."""
        self._trusted = False
        self.withheld: list[str] = []
        """Sentences that were not supported."""

    def begin(self, route: str) -> None:
        """From now on this route speaks."""
        self._trusted = route in OWN_WORDS

    def restart(self) -> None:
        """What was said is void."""
        self._sentence = self._held = self._before = ""
        self._claimed = False
        self.withheld.clear()

    def learn(self, told: str) -> None:
        """What a tool said."""
        if told:
            self._told.append(told)
            self._evidence = None

    def feed(self, piece: str) -> str:
        """Take a piece; give what may leave now."""
        if self._trusted:
            return piece
        self._held += piece
        if self._claimed and len(self._held) <= _MOST_HELD and not _MAY_END.search(self._before + piece):
            self._before = piece[-1:]
            return ""
        self._before = piece[-1:]
        return self._release(whole=False)

    def close(self) -> str:
        """The rest."""
        return self._release(whole=True)

    def _release(self, *, whole: bool) -> str:
        out: list[str] = []
        while self._held:
            end = _END.search(self._held)
            if end and (whole or not _MARK_BEGUN.fullmatch(self._held, end.end())):
                out.append(self._judge(end.end()))
            elif whole or len(self._held) > _MOST_HELD:
                out.append(self._judge(len(self._held)))
            else:
                out.append(self._flow(end.start() if end else len(self._held)))
                break
        return "".join(out)

    def _flow(self, most: int) -> str:
        """Words before the first claim of a sentence that is not over."""
        claim = _find_claim(self._held)
        until = min(most, claim.start() if claim else most)
        if until == len(self._held):
            until -= _begun(self._held)
            if _MAY_END.search(self._held, max(0, until - 1), until):
                until -= 1
        free, self._held = self._held[:until], self._held[until:]
        self._sentence += free
        self._claimed = claim is not None and claim.start() == until
        return free

    def _judge(self, end: int) -> str:
        """One sentence, whole; what came before its first claim has gone out, or may."""
        rest, self._held = self._held[:end], self._held[end:]
        self._claimed = False
        sentence, claim = self._sentence + rest, _find_claim(rest)
        free = rest[: claim.start()] if claim else rest
        begun = bool((self._sentence + free).strip())
        self._sentence = ""
        if claim is None or self._supports(sentence):
            return rest
        self.withheld.append(sentence.strip())
        tail = "\n" if rest.endswith("\n") else ""
        language = "zh" if self._request.locale.startswith("zh") else "en"
        notice = _NOTICE[language] if len(self.withheld) == 1 else ""
        return free + ("……" if begun else "") + notice + tail

    def _supports(self, sentence: str) -> bool:
        text = normalise(MARK.sub(" ", sentence))
        claims = find_claims(text)
        if not claims:
            return True
        if self._evidence is None:
            self._gather()
        asked = [claim for claim in claims if not self._is_echo(claim)]
        return not asked or self._are_found(asked, text)

    def _are_found(self, asked: list[Claim], text: str) -> bool:
        subjects = _subjects(text)
        return all(any(_holds(one, claim, subjects) for one in self._evidence or ()) for claim in asked)

    def _is_echo(self, claim: Claim) -> bool:
        """What the visitor said themselves, and nobody promises: an order's number, how many they bought."""
        if claim.kind == "code":
            return claim.value in self._question
        return claim.kind == "number" and not claim.unit and claim.value in self._question

    def _gather(self) -> None:
        request = self._request
        earlier = (message.content for message in request.messages[1:-1] if message.role == "assistant")
        self._evidence = [
            *(_read_passage(source.text, f"{source.title}\n{source.heading}") for source in request.sources),
            *(_read(told, passage=False) for told in (*request.records, *self._told, *earlier)),
        ]
        self._question = _values(normalise(request.question))


def _begun(text: str) -> int:
    """How many characters at the end may be the beginning of a claim."""
    lowered = text[-_LONGEST_TAIL:].lower()
    number = _HAN_TAIL.search(text)
    word = max((size for size in range(1, len(lowered) + 1) if lowered[-size:] in _TAILS), default=0)
    return max(word, len(number[0]) if number else 0)


def _find_claim(text: str) -> re.Match[str] | None:
    """The first place where something may be claimed; a citation claims nothing."""
    at = 0
    while (found := _CLAIM.search(text, at)) is not None:
        mark = MARK.match(text, found.start())
        if mark is None:
            return found
        at = mark.end()
    return None


def _subjects(text: str) -> list[_Subject]:
    """Of a sentence, and of each clause in which something is claimed: courtesies are about nothing."""
    clauses = [clause for clause in _CLAUSE.split(text) if _find_claim(clause)]
    return [subject for part in (text, *clauses) if (subject := _subject(part)).terms]


@lru_cache(_SUBJECTS)
def _subject(text: str) -> _Subject:
    return _Subject(read_pairs(_DIGITS.sub(" ", text)), _HAN.search(text) is not None)


def _is_about(text: str, subjects: list[_Subject], least: float) -> bool:
    """What is written in another script can only be compared by what is counted."""
    if not subjects:
        return True
    other = _subject(text)
    return any(
        one.chinese != other.chinese or len(one.terms & other.terms) >= least * len(one.terms) for one in subjects
    )


@lru_cache(_KEPT)
def _read_passage(text: str, headings: str) -> _Evidence:
    return _read(text, headings, passage=True)


def _read(text: str, headings: str = "", *, passage: bool) -> _Evidence:
    read, above = normalise(text), normalise(headings)
    lines = tuple(_Line(values, f"{above}\n{line}") for line in _LINE.split(read) if (values := _values(line)))
    return _Evidence(f"{above}\n{read}", lines, passage)


def _values(text: str) -> Values:
    values: Values = {}
    for claim in find_values(text):
        units = values.get(claim.value, ())
        if claim.unit not in units:
            values[claim.value] = (*units, claim.unit)
    return values


def _holds(evidence: _Evidence, claim: Claim, subjects: list[_Subject]) -> bool:
    if claim.kind == "rule":
        return not evidence.passage or _is_about(evidence.text, subjects, ALIKE_RULE)
    if claim.kind == "promise":
        said = says_promise(evidence.text, int(claim.value))
        return said and (not evidence.passage or _is_about(evidence.text, subjects, ALIKE))
    if claim.kind == "code" and claim.value in evidence.text:
        return True
    return any(
        _fits(units, claim.unit, named=evidence.passage)
        and (not evidence.passage or _is_about(line.text, subjects, ALIKE))
        for line in evidence.lines
        if (units := line.values.get(claim.value)) is not None
    )


def _fits(units: Iterable[str], unit: str, *, named: bool) -> bool:
    """A passage names its units; what a tool says often does not."""
    return any(not unit or one == unit or (not one and not named) for one in units)
