"""Another wording of a question that was answered: off unless an operator asks for it.

Two questions are taken for one only when everything says so: their vectors nearly coincide, they share most of their
words, their numbers, names, negations and what they ask for (when, how much, where) are the same, and the knowledge
base found the very same passages for both, in the same order. Only single questions are compared, never a conversation,
and only within one tenant, knowledge version, locale and prompt.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

import msgspec

from miaohui.engines.cache_key import answer_key, canonical, digest
from miaohui.engines.cache_store import Kept
from miaohui.engines.terms import read_terms
from miaohui.engines.types import EngineRequest
from miaohui.kit.clock import Clock
from miaohui.kit.width import narrow

Embed: TypeAlias = Callable[[str], Any]
"""A unit vector of a normalised text."""

_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*|[零〇一二三四五六七八九十百千万亿两半]+")
_NAME = re.compile(
    r"(?<![a-z0-9.+\-])[a-z][a-z0-9.+\-]{0,64}\d[a-z0-9.+\-]*|《[^《》]+》|“[^“”]+”|「[^「」]+」|\"[^\"]+\""
)
_NEGATION = re.compile(
    r"不|没|无|非(?!常)|未|别(?!的)|勿|拒|免|除了|禁|停|取消|\b(?:no|not|never|none|without|except|cannot|cancel)\b|n['’]t\b"
)
_ASKED = re.compile(
    r"什么时候|何时|几点|几天|多久|多长时间|多少|多大|几个|哪里|哪儿|在哪|哪些|哪个|谁|为什么|为何|怎么|怎样|如何|能不能|可以|可否|"
    r"\b(?:when|how long|how much|how many|where|who|why|which|how|can|what)\b"
)
_LIKE = 0.95
_SHARED = 0.5


class SemanticBounds(msgspec.Struct, frozen=True, kw_only=True):
    """How much is compared."""

    partitions: int = 256
    entries: int = 256
    """Of one partition; the oldest goes first."""
    keep_s: float = 300.0


class Meaning(NamedTuple):
    """What must be the same for two questions to be one."""

    numbers: tuple[str, ...]
    names: tuple[str, ...]
    negations: tuple[str, ...]
    asked: tuple[str, ...]


class _Entry(NamedTuple):
    vector: Any
    meaning: Meaning
    terms: frozenset[str]
    passages: str
    kept: Kept
    until: float


class SemanticAnswers:
    """Answers by the meaning of their question, in this process."""

    def __init__(
        self, embed: Embed, clock: Clock, answer_class: Callable[[str], str], bounds: SemanticBounds | None = None
    ) -> None:
        self._embed = embed
        self._clock = clock
        self._answer_class = answer_class
        self._bounds = bounds or SemanticBounds()
        self._partitions: OrderedDict[str, list[_Entry]] = OrderedDict()

    def find(self, request: EngineRequest) -> Kept | None:
        """The answer to a question that means the same; None when nothing is that sure."""
        if not _is_single(request):
            return None
        entries = self._partitions.get(self._partition_of(request), ())
        now = self._clock.monotonic()
        text = _normalise(request.question)
        meaning, terms, passages = read_meaning(text), read_terms(text), _digest_passages(request)
        alike = [
            entry
            for entry in entries
            if entry.until > now
            and entry.meaning == meaning
            and entry.passages == passages
            and overlap(terms, entry.terms) >= _SHARED
        ]
        if not alike:
            return None
        vector = self._embed(text)
        likeness = [float(vector @ entry.vector) for entry in alike]
        best = max(likeness)
        return alike[likeness.index(best)].kept if best >= _LIKE else None

    def keep(self, request: EngineRequest, kept: Kept) -> None:
        """It may be told to those who ask the same in other words."""
        if not _is_single(request):
            return
        text = _normalise(request.question)
        until = self._clock.monotonic() + self._bounds.keep_s
        entry = _Entry(self._embed(text), read_meaning(text), read_terms(text), _digest_passages(request), kept, until)
        partition = self._partition_of(request)
        entries = self._partitions.setdefault(partition, [])
        self._partitions.move_to_end(partition)
        entries.append(entry)
        del entries[: -self._bounds.entries]
        if len(self._partitions) > self._bounds.partitions:
            self._partitions.popitem(last=False)

    def _partition_of(self, request: EngineRequest) -> str:
        """Everything of the exact key but the question."""
        alone = msgspec.structs.replace(request, question="", messages=request.messages[:-1])
        return answer_key(alone, self._answer_class(request.tenant_id))


def read_meaning(normalised: str) -> Meaning:
    """The parts of a question that no likeness of the rest makes up for."""
    return Meaning(
        *(tuple(sorted(pattern.findall(normalised))) for pattern in (_NUMBER, _NAME, _NEGATION, _ASKED)),
    )


def overlap(one: frozenset[str], other: frozenset[str]) -> float:
    """Terms in common, as a share of all terms of both."""
    return len(one & other) / len(one | other) if one or other else 0.0


def _is_single(request: EngineRequest) -> bool:
    return request.grounded and [message.role for message in request.messages] == ["system", "user"]


def _normalise(text: str) -> str:
    return " ".join(narrow(text).lower().split())


def _digest_passages(request: EngineRequest) -> str:
    """The marks of an answer, such as `[1]`, mean passages by their place."""
    return digest([[source.n, canonical(source.title), canonical(source.text)] for source in request.sources])
