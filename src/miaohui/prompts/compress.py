"""Less of a text, with what matters in it, in its order; and of what goes, what must not be lost.

With a question whole sentences are chosen: by the rare terms they share with it (BM25's idf, without its length term:
an answer does not get worse by standing in a long sentence), by their place, and by what is counted in them when a
number is asked for. A sentence that says what a chosen one said is rated down (maximal marginal relevance). Without a
question clauses are chosen, by how much they say for their length: a paragraph says first what it is about, names and
figures say more than particles, brackets say least. Pure and deterministic.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Sequence
from operator import add

import msgspec

from miaohui.prompts.essentials import GAP, gist_of

_SENTENCE = re.compile(r"[^。！？!?；;\n]*?(?:[。！？!?；;]+[”」』）)\"']*|\.(?=\s)\s*|\n+|$)")
_CLAUSE = re.compile(
    r"[（(][^（）()\n]*[）)][，,。！？!?；;\n]*|(?:[^，,。！？!?；;\n（(.]|\.(?!\s))+[，,。！？!?；;\n.]*[”」』）)]*\s*|[（(.]\s*"
)
_SENTENCE_ENDS = tuple("。！？!?；;\n")
_RUN = re.compile(r"[\u3400-\u9fff]+|[a-z0-9]+")
_WORDS = re.compile(r"[\u3400-\u9fff]{2,}|[a-z]{2,}")
_ASKS_NUMBER = re.compile(
    r"多少|几|多[久长大]|何时|什么时候|哪一?年|\b(?:how (?:many|much|long)|when)\b", re.IGNORECASE
)
_PARTICLES = frozenset(
    "的了在是和与及或为被于以之其也都而并由从对将把到等有这那他她它们个一不没就还又更很最中上下后前时"
)
_JOINING = re.compile(
    r"但|因此|所以|而|同时|此外|然而|于是|其中|另外|不过|虽然|如果|由于|因为|(?:however|also|so|but)\b", re.IGNORECASE
)
_DEFINING = re.compile(r"位于|成立|出生|建于|名为|称为|属于|担任|获得|因为|由于|原因|包括|分为|创立")
_DENYING = re.compile(r"[不没无未非]")
_NAMED = re.compile(r"[《“「『]")
_LATIN = re.compile(r"[A-Za-z]{2}")
_DIGIT = re.compile(r"\d")
_MOST_UNITS = 400
"""A text in more pieces is taken apart less finely, so that choosing among them stays quick whatever it is made of."""
_ROUNDS = 3
"""Each fills what the marks of gaps did not take after all."""
_WORTH_OF_PLACE = 0.01
_WORTH_OF_NUMBER = 0.15
_WORTH_OF_NEIGHBOUR = 0.15
"""Of what stands beside: an answer often follows the sentence that names what was asked for."""
_SAME = 0.85
"""Share of a sentence's terms that a chosen one has, from which on it adds little; and how much it is rated down."""
_NEARLY_WHOLE = 0.8
"""Of what would keep so much of itself anyway the rest stays too."""


class _Unit(msgspec.Struct, frozen=True):
    text: str
    gist: str
    """What stays of it when it goes."""
    sentence: int
    """Its sentence's number in the paragraph."""
    sentences: int
    """How many the paragraph has."""


def compress(text: str, room: int, question: str = "", size: Callable[[str], int] = len) -> str:
    """The text in at most `room`, as `size` counts; characters unless told otherwise.

    Numbers, dates, amounts, ids and denials stay, all of them, even when they alone take more than the room.
    """
    if size(text) <= room:
        return text
    asked = bool(question.strip())
    units = _read(text, _SENTENCE if asked else _CLAUSE)
    bags = [read_terms(unit.text) for unit in units] if asked else []
    worth = _judge_for(question, units, bags) if asked else _judge_alone(text, units)
    kept = [unit.gist == unit.text for unit in units]
    mark = GAP if asked else ""
    costs = [size(unit.text) + size(mark) - (size(unit.gist) if unit.gist else 0) for unit in units]
    for _ in range(_ROUNDS):
        left = room - size(_join(units, kept, mark))
        if not _choose(kept, costs, left, list(worth), bags):
            break
    return _join(units, kept, mark)


def _choose(kept: list[bool], costs: list[int], left: int, worth: list[float], bags: list[frozenset[str]]) -> bool:
    """Keep the best of those that fit; what says the same as one that is kept is worth less from then on.

    Whether any was kept.
    """
    rest = {i for i, whole in enumerate(kept) if not whole and costs[i] <= left}
    any_ = bool(rest)
    while rest:
        best = min(rest, key=lambda i: (-worth[i], i))
        rest.discard(best)
        if costs[best] > left:
            continue
        kept[best] = True
        left -= costs[best]
        if bags:
            for i in rest:
                if bags[i] and len(bags[i] & bags[best]) >= _SAME * len(bags[i]):
                    worth[i] -= _SAME
    return any_


def read_terms(text: str) -> frozenset[str]:
    """Characters and pairs of them for Chinese, words for the rest."""
    terms: set[str] = set()
    for run in _RUN.findall(text.lower()):
        if run[0] >= "\u3400":
            terms.update(run)
            terms.update(run[i : i + 2] for i in range(len(run) - 1))
        else:
            terms.add(run)
    return frozenset(terms)


def read_pairs(text: str) -> frozenset[str]:
    """The same without single characters and numbers, of a text in lower case."""
    terms: list[str] = []
    for run in _WORDS.findall(text):
        if run[0] >= "\u3400":
            terms += map(add, run, run[1:])
        else:
            terms.append(run)
    return frozenset(terms)


def rate(bags: Sequence[frozenset[str]], question: str) -> list[float]:
    """How much each shares with the question, 0 to 1; a term that few have counts more."""
    wanted = read_terms(question)
    count = len(bags)
    spread = Counter(term for bag in bags for term in bag & wanted)
    weight = {term: math.log(1 + (count - spread[term] + 0.5) / (spread[term] + 0.5)) for term in wanted}
    shared = [math.fsum(sorted(weight[term] for term in bag & wanted)) for bag in bags]
    scale = max(shared, default=0.0) or 1.0
    return [worth / scale for worth in shared]


def _read(text: str, pattern: re.Pattern[str]) -> list[_Unit]:
    units: list[_Unit] = []
    for paragraph in text.splitlines(keepends=True):
        parts = [match[0] for match in pattern.finditer(paragraph) if match[0]]
        numbers = [0]
        for part in parts:
            numbers.append(numbers[-1] + part.endswith(_SENTENCE_ENDS))
        for part, number in zip(parts, numbers, strict=False):
            gist = gist_of(part)
            whole = len(gist) >= _NEARLY_WHOLE * len(part)
            units.append(_Unit(part, part if whole else gist, number, max(numbers[-1], 1)))
    return units if len(units) <= _MOST_UNITS else _merge(units)


def _merge(units: list[_Unit]) -> list[_Unit]:
    size = -(-len(units) // _MOST_UNITS)
    groups = [units[i : i + size] for i in range(0, len(units), size)]
    return [
        _Unit(
            "".join(unit.text for unit in group),
            "".join(unit.gist for unit in group),
            group[0].sentence,
            group[0].sentences,
        )
        for group in groups
    ]


def _judge_for(question: str, units: list[_Unit], bags: list[frozenset[str]]) -> list[float]:
    """How likely each sentence answers."""
    counted = bool(_ASKS_NUMBER.search(question))
    ratings = rate(bags, question)
    beside = [max(before, after / 2) for before, after in zip([0.0, *ratings], [*ratings[1:], 0.0], strict=False)]
    return [
        rating
        + _WORTH_OF_NEIGHBOUR * near
        + _WORTH_OF_NUMBER * (counted and bool(unit.gist))
        - _WORTH_OF_PLACE * unit.sentence / unit.sentences
        for rating, near, unit in zip(ratings, beside, units, strict=True)
    ]


def _judge_alone(text: str, units: list[_Unit]) -> list[float]:
    """How much each clause says for its length."""
    often = {char for char, count in Counter(text).items() if count > 2}
    worth = []
    for unit in units:
        length = len(unit.text)
        worth.append(_density(unit, often) * length / max(1, length - len(unit.gist)))
    return worth


def _density(unit: _Unit, often: set[str]) -> float:
    """Answers to expect in a character of a clause, on no particular scale."""
    text, length = unit.text, len(unit.text)
    return math.exp(
        -0.9 * math.log1p(unit.sentence)
        + 1.0 * unit.sentence / unit.sentences
        - 0.8 * length / 50
        - 0.3 * sum(char in often for char in text) / length
        - 1.0 * sum(char in _PARTICLES for char in text) / length
        - 0.4 * bool(_JOINING.match(text))
        - 0.4 * bool(_LATIN.search(text))
        + 0.9 * bool(_NAMED.search(text))
        + 0.3 * ("是" in text)
        - 0.2 * bool(_DENYING.search(text))
        + 0.2 * bool(_DEFINING.search(text))
        + 0.2 * bool(_DIGIT.search(text))
        - 0.9 * (text[0] in "（(")
    )


def _join(units: list[_Unit], kept: list[bool], mark: str) -> str:
    """`mark` also ends a gap, so that no sentence seems to go on from what stayed of another."""
    parts: list[str] = []
    open_ = False
    for unit, whole in zip(units, kept, strict=True):
        if whole:
            parts += [mark] * open_ + [unit.text]
            open_ = False
        elif unit.gist:
            parts.append(unit.gist)
            open_ = True
    return "".join(parts) + mark * open_
