"""An answer on its way out: what it claims must stand in what was found, in what tools said, or it is not said. Pure.

Words flow on until a claim begins. From there the sentence is held to its end and looked at: every number with its
unit, every code, promise and rule in it must be found in a passage, a tool's result or an earlier answer; a passage
must be about the same. A sentence that is not supported ends with one that says so; what it claimed is not shown.
One that rests on a passage and does not say on which is given its mark.
"""

from __future__ import annotations

import re

from miaohui.engines.types import EngineRequest
from miaohui.prompts.claims import MARK, PROMISES, Claim, find_claims, normalise
from miaohui.prompts.evidence import Evidence, Subject, Values, holds, read_passage, read_told, read_values, subject_of

OWN_WORDS = frozenset({"extractive", "calculator"})
"""Routes that say only what stands somewhere."""
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
_WIDE = "\u2e80"
"""Writing from here on needs no space before a mark."""
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
        self._question: Values = {}
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
        if claim is None:
            return rest
        if self._supports(sentence):
            return _cited(rest, self._rests_on) if self._rests_on and _may_be_cited(sentence) else rest
        self.withheld.append(sentence.strip())
        tail = "\n" if rest.endswith("\n") else ""
        language = "zh" if self._request.locale.startswith("zh") else "en"
        notice = _NOTICE[language] if len(self.withheld) == 1 else ""
        return free + ("……" if begun else "") + notice + tail

    def _supports(self, sentence: str) -> bool:
        self._rests_on = 0
        text = normalise(MARK.sub(" ", sentence))
        claims = find_claims(text)
        if not claims:
            return True
        if self._evidence is None:
            self._gather()
        asked = [claim for claim in claims if not self._is_echo(claim)]
        return not asked or self._are_found(asked, text)

    def _are_found(self, asked: list[Claim], text: str) -> bool:
        """Whether every claim stands somewhere; where the first one does is kept."""
        subjects = _Sentence(text).subjects
        evidence = self._evidence or []
        for claim in asked:
            place = next((place for place, one in enumerate(evidence) if holds(one, claim, subjects)), None)
            if place is None:
                return False
            if claim is asked[0] and place < len(self._request.sources):
                self._rests_on = self._request.sources[place].n
        return True

    def _is_echo(self, claim: Claim) -> bool:
        """What the visitor said themselves, and nobody promises: an order's number, how many they bought."""
        if claim.kind == "code":
            return claim.value in self._question
        return claim.kind == "number" and not claim.unit and claim.value in self._question

    def _gather(self) -> None:
        request = self._request
        earlier = (message.content for message in request.messages[1:-1] if message.role == "assistant")
        self._evidence = [
            *(read_passage(source.text, f"{source.title}\n{source.heading}") for source in request.sources),
            *(read_told(told) for told in (*request.records, *self._told, *earlier)),
        ]
        self._question = read_values(normalise(request.question))


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


class _Sentence:
    """What is claimed in, and what it is about."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._subjects: list[Subject] | None = None

    def subjects(self) -> list[Subject]:
        """Of the whole, and of each clause in which something is claimed: courtesies are about nothing."""
        if self._subjects is None:
            clauses = [clause for clause in _CLAUSE.split(self._text) if _find_claim(clause)]
            self._subjects = [subject for part in (self._text, *clauses) if (subject := subject_of(part)).terms]
        return self._subjects
