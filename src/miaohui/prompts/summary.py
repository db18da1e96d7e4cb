"""What was said earlier, in few words: the visitor's own, for nobody else can say them again. Pure and deterministic.

A line for each turn, oldest first: what the visitor said, without courtesies, then what was answered as far as there is
room. Numbers, dates, amounts, ids and denials of the visitor stay, all of them. An answer came from the knowledge base
and can be found there again; of it the numbers come first, then whole sentences, the latest turns before the earlier.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from miaohui.memory.types import Exchange
from miaohui.prompts.compress import compress, read_terms
from miaohui.prompts.essentials import GAP, gist_of

ANSWERED = " → "
"""Between what was asked and what was answered."""
_LEAST_ANSWER = 6
_RECENT = 3
"""Of answers before so many only the numbers are looked for, which takes a tenth of the time."""
_ANSWER_CHARS = 600
"""Of an earlier answer only so much is read: the conclusion comes first."""
_CLAUSE = re.compile(r"[^，,。！？!?；;\n]+[，,。！？!?；;\n]*")
_ENDS = "，,。！!；;\n ~～"
_OPENING = re.compile(
    r"^(?:你好|您好|好的|好吧|好滴|那好吧?|嗯+|哦+|噢|行吧?|可以的?|是的|对了|请问(?:一下)?|麻烦(?:你|您)?|那么?|然后|谢谢|谢了|"
    r"ok|okay|hi|hello|well|thanks?|please)(?:你|您)?(?:啊|呀|哈|了|啦)?[，,。!！~～\s]*",
    re.IGNORECASE,
)
_COURTESY = re.compile(
    r"(?:真的?)?(?:非常|太|多|万分)?(?:感谢|谢谢|谢|麻烦)(?:你|您|了|啦|啊|呀|帮忙|的帮助)*|再见|拜拜|祝你?.{0,6}|记下了|知道了|"
    r"(?:我)?(?:明白|了解|清楚|收到)了?|没问题|好(?:的|嘞|啊|呀)?|不错|不客气|辛苦了?|(?:你|请|帮|给|替|麻烦)*(?:我|忙)?"
    r"(?:推荐|介绍|看看|找找|查查|查|找)(?:一)?(?:下|家|个|间|款)?(?:吧|呗|呀|好吗|可以吗)*|可以吗|好吗|行吗|怎么样|是吗|对吗|"
    r"(?:请)?发给我一下?|thank you.*|thanks.*|bye|got it|great|sounds good",
    re.IGNORECASE,
)
_ASKS = re.compile(r"吗|呢|哪|什么|多少|几|怎么|[?？]")


class _Clause(NamedTuple):
    turn: int
    text: str
    gist: str
    worth: float


def summarise(exchanges: Sequence[Exchange], room: int, size: Callable[[str], int] = len) -> str:
    """These turns, oldest first, in at most `room`, as `size` counts; longer only by what may not be lost."""
    clauses = [clause for turn in range(len(exchanges)) for clause in _read(turn, exchanges)]
    said = _choose(clauses, room - len(exchanges), size)
    lines = [_join(turn, clauses, said) for turn in range(len(exchanges))]
    left = room - sum(size(line) + 1 for line in lines if line)
    answers = _answer(exchanges, lines, left, size)
    return "\n".join(line + answer for line, answer in zip(lines, answers, strict=True) if line or answer)


def _read(turn: int, exchanges: Sequence[Exchange]) -> Iterator[_Clause]:
    """What the visitor said in this turn, without openings and courtesies; what was said before counts less."""
    before = read_terms("\n".join(one.question for one in exchanges[:turn]))
    for match in _CLAUSE.finditer(exchanges[turn].question):
        text = _strip_openings(match[0])
        bare = text.strip(_ENDS + "？?")
        if not bare or _COURTESY.fullmatch(bare):
            continue
        gist = gist_of(text)
        terms = read_terms(bare)
        news = len(terms - before) / max(len(terms), 1)
        worth = news - 0.4 * bool(_ASKS.search(text)) + 0.5 * bool(gist) + 0.01 * turn
        yield _Clause(turn, text, gist if len(gist) < len(text) else text, worth)


def _strip_openings(text: str) -> str:
    while match := _OPENING.match(text):
        text = text[match.end() :]
    return text


def _choose(clauses: list[_Clause], room: int, size: Callable[[str], int]) -> set[int]:
    """Indexes of those that are said in full."""
    left = room - sum(size(clause.gist) for clause in clauses)
    chosen: set[int] = set()
    for i in sorted(range(len(clauses)), key=lambda i: -clauses[i].worth):
        cost = size(clauses[i].text) - size(clauses[i].gist)
        if cost <= left:
            chosen.add(i)
            left -= cost
    return chosen


def _join(turn: int, clauses: list[_Clause], said: set[int]) -> str:
    parts = [clause.text if i in said else clause.gist for i, clause in enumerate(clauses) if clause.turn == turn]
    return "".join(parts).strip(_ENDS)


def _answer(exchanges: Sequence[Exchange], lines: list[str], left: int, size: Callable[[str], int]) -> list[str]:
    """What was answered: the latest turn has half of the room, the one before half of the rest."""
    answers = [""] * len(exchanges)
    for turn in range(len(exchanges) - 1, -1, -1):
        share = (left // 2 if turn else left) - size(ANSWERED)
        if share < _LEAST_ANSWER or not exchanges[turn].answer:
            continue
        text = compress(exchanges[turn].answer[:_ANSWER_CHARS], share, exchanges[turn].question, size).strip(
            _ENDS + GAP
        )
        if text and size(text) <= share:
            answers[turn] = (ANSWERED if lines[turn] else ANSWERED.lstrip()) + " ".join(text.split())
            left -= size(answers[turn])
    return answers
