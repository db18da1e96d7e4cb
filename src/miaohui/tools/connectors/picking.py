"""Which of a visitor's own things a question means: “尾号 3921”, “第一个订单”, “上次那个便宜的”, the chair's. Pure.

Nothing is hidden that may be meant: what names none of them, or names what none of them has, leaves all of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias

Thing: TypeAlias = dict[str, Any]

_TAIL = re.compile(
    r"(?:尾号|尾数|(?:最?后|末尾?)(?:面)?(?:[三四五六3-6]位)?(?:数字?|号码?)?)(?:是|为|[:：])?\s*(\d{3,8})(?!\d)"
    r"|\b(?:ends?|ending) (?:in|with) (\d{3,8})\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"(?<![A-Za-z\d])[A-Za-z]{0,4}\d{6,}(?!\d)")
_NTH = re.compile(r"(倒数)?第\s*([一二两三四五六七八九十]|\d{1,2})\s*(?:个|笔|单|次|份)")
_NTH_EN = re.compile(r"\b(second|third|fourth|fifth|2nd|3rd|4th|5th)\b", re.IGNORECASE)
_FIRST = re.compile(r"最早|最开始|最先|头一[个笔单次]|\b(?:first|oldest|earliest)\b", re.IGNORECASE)
_LAST = re.compile(
    r"最近|最新|最后[一那][个笔单次]|上一?[个笔单次]|刚(?:刚|才)?(?:买|下|拍)"
    r"|\b(?:last|latest|newest|most recent)\b",
    re.IGNORECASE,
)
_CHEAP = re.compile(r"便宜|\bcheap(?:er|est)?\b", re.IGNORECASE)
_DEAR = re.compile(r"最?贵的|\b(?:most expensive|priciest|dearest)\b", re.IGNORECASE)
_DIGITS = {**{digit: place for place, digit in enumerate("一二三四五六七八九十", 1)}, "两": 2}
_WORDS_EN = {"second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4, "fifth": 5, "5th": 5}
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_SUM = re.compile(r"total|amount|paid|sum|price|金额|总|价|实付", re.IGNORECASE)
_HAN = re.compile(r"[\u3400-\u9fff]{2,}")
_LATIN = re.compile(r"[a-z]{4,}")
_COMMON = frozenset(
    {"订单", "快递", "物流", "发货", "退货", "退款", "包裹", "商品", "东西", "order", "orders", "parcel"}
)
"""What every one of them is called says nothing about which."""


def pick(things: Sequence[Thing], question: str) -> list[Thing]:
    """Those that are meant, in their order; all of them when the question does not tell them apart."""
    for choose in (_by_number, _by_goods):
        meant = choose(things, question)
        if meant is not None:
            things = meant
    place = _by_place(things, question)
    return list(things) if place is None else [place]


def _by_number(things: Sequence[Thing], question: str) -> list[Thing] | None:
    """By a number as a whole, or by how it ends."""
    whole = {number.upper() for number in _NUMBER.findall(question)}
    tails = tuple(tail for told in _TAIL.findall(question) for tail in told if tail)
    meant = [
        thing
        for thing in things
        if any(text.upper() in whole or (tails and _is_id(text) and text.endswith(tails)) for text in _texts_of(thing))
    ]
    return meant or None


def _is_id(text: str) -> bool:
    return len(re.findall(r"\d", text)) >= 6 and " " not in text and not _DAY.match(text)


def _by_goods(things: Sequence[Thing], question: str) -> list[Thing] | None:
    """By words of theirs that the question says, as far as these tell them apart."""
    asked = question.lower()
    said = [sum(len(word) for word in _words_of(thing) if word in asked) for thing in things]
    best = max(said, default=0)
    meant = [thing for thing, length in zip(things, said, strict=True) if length == best]
    return meant if best and len(meant) < len(things) else None


def _words_of(thing: Thing) -> set[str]:
    words: set[str] = set()
    for text in _texts_of(thing):
        for run in _HAN.findall(text):
            words.update(run[start : start + 2] for start in range(len(run) - 1))
        words.update(_LATIN.findall(text.lower()))
    return words - _COMMON


def _by_place(things: Sequence[Thing], question: str) -> Thing | None:
    """By when it was, or by what it cost."""
    if len(things) < 2:
        return None
    for pattern, order in ((_CHEAP, min), (_DEAR, max)):
        priced = [(cost, place) for place, thing in enumerate(things) if (cost := _cost_of(thing)) is not None]
        if pattern.search(question) and priced:
            return things[order(priced)[1]]
    oldest_first = _in_time(things)
    if (match := _NTH.search(question)) is not None:
        nth = _DIGITS.get(match[2]) or int(match[2])
        return oldest_first[-nth if match[1] else nth - 1] if 0 < nth <= len(things) else None
    if (match := _NTH_EN.search(question)) is not None:
        nth = _WORDS_EN[match[1].lower()]
        return oldest_first[nth - 1] if nth <= len(things) else None
    if _FIRST.search(question):
        return oldest_first[0]
    return oldest_first[-1] if _LAST.search(question) else None


def _in_time(things: Sequence[Thing]) -> list[Thing]:
    """The oldest first; systems tell the newest first where nothing says when."""
    days = [_first(_day_of, thing.values()) for thing in things]
    if any(day is None for day in days):
        return list(reversed(things))
    # Of two of the same moment the one that was told first is the newer one.
    return [thing for _, _, thing in sorted(zip(days, range(0, -len(things), -1), things, strict=True), key=_moment)]


def _moment(told: tuple[Any, int, Thing]) -> tuple[str, int]:
    return str(told[0]), told[1]


def _day_of(value: Any) -> str | None:
    return value if isinstance(value, str) and _DAY.match(value) else None


def _cost_of(thing: Thing) -> float | None:
    cost: float | None = _first(_number, [value for name, value in thing.items() if _SUM.search(name)])
    return cost


def _number(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _first(read: Callable[[Any], Any], values: Iterable[Any]) -> Any:
    return next((told for value in values if (told := read(value)) is not None), None)


def _texts_of(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for inner in value.values() for text in _texts_of(inner)]
    if isinstance(value, list):
        return [text for inner in value for text in _texts_of(inner)]
    return [value] if isinstance(value, str) else [str(value)] if isinstance(value, int) else []
