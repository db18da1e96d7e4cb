"""An answer on its way out: what it claims must stand in what was found, in what tools said, or it is not said. Pure.

Words flow on until a claim begins. From there the sentence is held to its end and looked at: every number with its
unit, every code, promise and rule in it must be found in a passage, a tool's result or an earlier answer; a passage
must be about the same. A sentence that is not supported ends with one that says so; what it claimed is not shown.
One that rests on a passage and does not say on which is given its mark.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache, partial

from miaohui.engines.types import EngineRequest
from miaohui.prompts.claims import MARK, PROMISES, Claim, find_claims, normalise
from miaohui.prompts.evidence import (
    Evidence,
    Subject,
    Subjects,
    Values,
    holds,
    read_answer,
    read_passage,
    read_subject,
    read_told,
    read_values,
)

OWN_WORDS = frozenset({"extractive", "calculator"})
"""Routes that say only what stands somewhere."""
_END = re.compile(r"[。！？!?；;\n]+[”’\"'）)]*(?:\s*[\[【［]\^?\d{1,2}[^\]】］\n]{0,12}[\]】］])*|\.(?=\s)")
_MARK_BEGUN = re.compile(r"\s*(?:[\[【［]\^?(?:\d{1,2}[^\]】］\n]{0,12})?)?")
"""Behind a sentence's end: nothing yet, or what may become a citation that belongs to it."""
_ENDINGS = "。！？!?；;\n."
_MAY_END = re.compile(f"[{_ENDINGS}]")
"""A sentence may be over here: what follows says."""
_MOST_HELD = 600
"""Characters of a sentence that is held; a longer one is looked at in parts."""
_BEGINNINGS = tuple(
    sorted(
        {word for group in PROMISES for word in group}
        | {"可以", "能", "支持", "必须", "需要", "不能", "can", "may", "must", "will"}
    )
)
_HAN_DIGITS = "一二两三四五六七八九十百千万半"
_SIGNS = r"\d¥￥$€£\[【［①-⑳"
_FIRSTS = _SIGNS + _HAN_DIGITS + "".join(sorted({one for word in _BEGINNINGS for one in word[0] + word[0].upper()}))
_CLAIM = re.compile(
    # Most characters begin nothing, and one set of them is looked through ten times faster than all these words.
    rf"(?=[{_FIRSTS}])(?:[{_SIGNS}]"
    rf"|[{_HAN_DIGITS}](?=个?(?:工|小|分|星|月|年|天|日|周|元|块|折|倍|成|次|件|期|十|百|千|万))"
    rf"|(?i:{'|'.join(map(re.escape, _BEGINNINGS))}))"
)
_STIRS = re.compile(f"[{_FIRSTS}{_ENDINGS}]")
"""Words without any of these neither claim anything nor end it."""
_TAILS = frozenset(word[:size] for word in _BEGINNINGS for size in range(1, len(word))) | frozenset(_HAN_DIGITS)
_LONGEST_TAIL = max(map(len, _TAILS))
_TAILS_BY_END = {
    last: tuple(sorted((tail for tail in _TAILS if tail[-1] == last), key=len, reverse=True))
    for last in {tail[-1] for tail in _TAILS}
}
_HAN_TAIL = re.compile(rf"[{_HAN_DIGITS}]+个?$")
_MAY_END_NUMBER = _HAN_DIGITS + "个"
_CLAUSE = re.compile(r"[，,：:、]")
_WIDE = "\u2e80"
"""Writing from here on needs no space before a mark."""
_SENTENCES = 200
"""Whose subjects are kept, some 10 KB each: an answer asks for them once for each place with the number it claims."""
_NOTICE = {
    "zh": "（这一点我没有找到依据，请以人工同事的答复为准。）",
    "en": " (I found no source for this; please ask a colleague.)",
}


class Grounding:
    """One answer."""

    def __init__(self, request: EngineRequest) -> None:
        self._request = request
        self._told: list[str] = []
        self._evidence: list[Evidence] | None = None
        self._question: Values | None = None
        self._sentence = ""
        """What of the sentence has gone out."""
        self._held = ""
        self._claimed = False
        """What is held begins with a claim: until the sentence is over there is nothing to decide."""
        self._before = ""
        """The last character that was fed."""
        self._trusted = False
        self._rests_on = 0
        """The number of the passage that supports the sentence looked at last; 0 for none."""
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
        if not self._held and len(piece) <= _MOST_HELD and not _STIRS.search(piece):
            self._sentence += piece
            self._before = piece[-1:]
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
            end = _find_end(self._held)
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
            if until and self._held[until - 1] in _ENDINGS:
                until -= 1
        free, self._held = self._held[:until], self._held[until:]
        self._sentence += free
        self._claimed = claim is not None and claim.start() == until
        return free

    def _judge(self, end: int) -> str:
        """One sentence, whole; what came before its first claim has gone out, or may."""
        rest, self._held = self._held[:end], self._held[end:]
        before, self._sentence = self._sentence, ""
        self._claimed = False
        claim = _find_claim(rest)
        if claim is None:
            return rest
        sentence = before + rest
        if self._supports(sentence):
            return _cited(rest, self._rests_on) if self._rests_on and _may_be_cited(sentence) else rest
        self.withheld.append(sentence.strip())
        free = rest[: claim.start()]
        begun = bool((before + free).strip())
        tail = "\n" if rest.endswith("\n") else ""
        language = "zh" if self._request.locale.startswith("zh") else "en"
        notice = _NOTICE[language] if len(self.withheld) == 1 else ""
        return free + ("……" if begun else "") + notice + tail

    def _supports(self, sentence: str) -> bool:
        self._rests_on = 0
        text = normalise(MARK.sub(" ", sentence))
        asked = [claim for claim in find_claims(text) if not self._is_echo(claim)]
        return not asked or self._are_found(asked, text)

    def _are_found(self, asked: list[Claim], text: str) -> bool:
        """Whether every claim stands somewhere; where the first one does is kept."""
        subjects = partial(_subjects_of, text)
        if self._evidence is None:
            self._evidence = self._gather()
        for claim in asked:
            place = _find(claim, self._evidence, subjects)
            if place is None:
                return False
            if claim is asked[0] and place < len(self._request.sources):
                self._rests_on = self._request.sources[place].n
        return True

    def _is_echo(self, claim: Claim) -> bool:
        """What the visitor said themselves, and nobody promises: an order's number, how many they bought."""
        if claim.kind != "code" and (claim.kind != "number" or claim.unit):
            return False
        if self._question is None:
            self._question = read_values(normalise(self._request.question))
        return claim.value in self._question

    def _gather(self) -> list[Evidence]:
        request = self._request
        return [
            *(read_passage(source.text, source.title, source.heading) for source in request.sources),
            *map(read_told, (*request.records, *self._told)),
            *(read_answer(message.content) for message in request.messages[1:-1] if message.role == "assistant"),
        ]


def _may_be_cited(sentence: str) -> bool:
    """One that has a mark needs none, and a table's row or a piece of code would break; a long one is not over yet."""
    return (
        len(sentence) <= _MOST_HELD
        and not MARK.search(sentence)
        and "`" not in sentence
        and not sentence.lstrip().startswith("|")
    )


def _cited(text: str, number: int) -> str:
    """With a mark at its end, before the white space that parts it from the next."""
    body = text.rstrip()
    space = "" if body[-1] >= _WIDE else " "
    return f"{body}{space}[{number}]{text[len(body) :]}"


def _begun(text: str) -> int:
    """How many characters at the end may be the beginning of a claim."""
    number = _HAN_TAIL.search(text) if text[-1] in _MAY_END_NUMBER else None
    if number:
        return len(number[0])
    lowered = text[-_LONGEST_TAIL:].lower()
    return next((len(tail) for tail in _TAILS_BY_END.get(lowered[-1], ()) if lowered.endswith(tail)), 0)


def _find_end(text: str) -> re.Match[str] | None:
    """The end of the first sentence."""
    at = _MAY_END.search(text)
    return _END.search(text, at.start()) if at else None


def _find_claim(text: str) -> re.Match[str] | None:
    """The first place where something may be claimed; a citation claims nothing."""
    at = 0
    while (found := _CLAIM.search(text, at)) is not None:
        mark = MARK.match(text, found.start())
        if mark is None:
            return found
        at = mark.end()
    return None


def _find(claim: Claim, evidence: Sequence[Evidence], subjects: Subjects) -> int | None:
    """Where it stands first."""
    for place, one in enumerate(evidence):
        if holds(one, claim, subjects):
            return place
    return None


@lru_cache(_SENTENCES)
def _subjects_of(text: str) -> tuple[Subject, ...]:
    """Of a whole sentence, and of each clause in which something is claimed: courtesies are about nothing."""
    clauses = [clause for clause in _CLAUSE.split(text) if _find_claim(clause)]
    return tuple(subject for part in (text, *clauses) if (subject := read_subject(part)).terms)
