"""Amounts of money, with the currency's code where the words say which: 99元, ￥300, $1.2 million, 5块3毛, 20 euros."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal

import msgspec

from miaohui.memory.numerals_en import find_numbers_en
from miaohui.memory.numerals_zh import find_numbers_zh
from miaohui.memory.spans import Number, narrow, without_overlaps


class Amount(msgspec.Struct, frozen=True):
    """An amount as it was written."""

    start: int
    end: int
    value: Decimal
    currency: str
    """ISO 4217, or what it is called where several currencies are called so: `dollar`."""


_ZH: Mapping[str, str] = {
    **dict.fromkeys(("元人民币", "元", "块钱", "块", "圆", "人民币", "塊錢", "塊"), "CNY"),
    **dict.fromkeys(("美元", "美金", "美圆", "美刀", "美圓"), "USD"),
    **dict.fromkeys(("港元", "港币", "港幣", "港纸"), "HKD"),
    **dict.fromkeys(("新台币", "新臺幣", "台币", "台幣", "臺幣"), "TWD"),
    **dict.fromkeys(("日元", "日圆", "日圓"), "JPY"),
    **dict.fromkeys(("欧元", "歐元"), "EUR"),
    **dict.fromkeys(("英镑", "英鎊"), "GBP"),
    **dict.fromkeys(("韩元", "韓元", "韩圆"), "KRW"),
    "瑞士法郎": "CHF",
    "澳元": "AUD",
    "澳门元": "MOP",
    "加元": "CAD",
    "新加坡元": "SGD",
    "新元": "SGD",
    "泰铢": "THB",
    "卢布": "RUB",
    "奈拉": "NGN",
    **dict.fromkeys(("个比特币", "比特币"), "bitcoin"),
}
_ZH_PARTS: Mapping[str, Decimal] = {
    **dict.fromkeys(("角", "毛", "毛钱"), Decimal("0.1")),
    **dict.fromkeys(("分", "分钱", "美分", "日本銭", "日本钱"), Decimal("0.01")),
}
_EN_WORDS: Mapping[str, str] = {
    **dict.fromkeys(("us dollars", "us dollar", "u.s. dollars", "u.s. dollar", "usd"), "USD"),
    **dict.fromkeys(("chinese yuan", "yuan", "rmb", "cny", "kuai", "renminbi", "元"), "CNY"),
    **dict.fromkeys(("hong kong dollars", "hong kong dollar", "hkd"), "HKD"),
    **dict.fromkeys(("australian dollars", "australian dollar", "aud"), "AUD"),
    **dict.fromkeys(("canadian dollars", "canadian dollar", "cad"), "CAD"),
    **dict.fromkeys(("singapore dollars", "singapore dollar", "sgd"), "SGD"),
    **dict.fromkeys(("yens", "yen", "jpy"), "JPY"),
    **dict.fromkeys(("euros", "euro", "eur"), "EUR"),
    **dict.fromkeys(("swiss francs", "swiss franc", "chf"), "CHF"),
    "gbp": "GBP",
    **dict.fromkeys(("finnish markka", "finnish markkas"), "markka"),
    **dict.fromkeys(("dutch guilders", "dutch guilder"), "guilder"),
    **dict.fromkeys(("dollars", "dollar", "bucks"), "dollar"),
    **dict.fromkeys(("pounds", "pound"), "pound"),
    **dict.fromkeys(("francs", "franc"), "franc"),
    **dict.fromkeys(("rupees", "rupee"), "rupee"),
    **dict.fromkeys(("pesetas", "peseta"), "peseta"),
    **dict.fromkeys(("cents", "cent"), "cent"),
    "pence": "pence",
    "penny": "penny",
    "₡": "CRC",
    "₾": "GEL",
    "₭": "LAK",
    "ரூ": "LKR",
    "€": "EUR",
    "£": "pound",
    "¥": "CNY",
}
_EN_SIGNS: Mapping[str, str] = {
    **dict.fromkeys(("us$", "us $", "u.s $", "u.s. $"), "USD"),
    **dict.fromkeys(("c$", "c $", "ca$"), "CAD"),
    **dict.fromkeys(("hk$", "hk $"), "HKD"),
    **dict.fromkeys(("nt$", "nt $"), "TWD"),
    **dict.fromkeys(("a$", "au$"), "AUD"),
    **dict.fromkeys(("rmb", "cny", "¥"), "CNY"),
    "mex$": "MXN",
    "$": "dollar",
    "€": "EUR",
    "£": "pound",
    "₩": "KRW",
    "sen": "sen",
}
_EN_PARTS: Mapping[str, Decimal] = {
    **dict.fromkeys(("cents", "cent", "pence", "fen"), Decimal("0.01")),
    **dict.fromkeys(("mao", "jiao"), Decimal("0.1")),
}


def _any_of(words: Mapping[str, object]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


_HUNDREDTH = Decimal("0.01")
_SIGN = re.compile(rf"(?<![a-z$])(?:{_any_of(_EN_SIGNS)})[ ]*$")
_EN_UNIT = re.compile(rf"[ -]{{0,2}}(?P<unit>{_any_of(_EN_WORDS)})(?![a-z])")
_ZH_UNIT = re.compile(rf"[ ]*(?P<unit>{_any_of(_ZH)})(?![首音件角])")
_ZH_PART = re.compile(rf"(?:又|零)?[ ]*(?P<unit>{_any_of(_ZH_PARTS)})(?!之)")
_EN_PART = re.compile(rf"[ ]*(?P<unit>{_any_of(_EN_PARTS)})(?![a-z])")
_FRACTION_WORDS = re.compile(r"[ ]*(?:and[ ]+)?")


def find_amounts(text: str) -> list[Amount]:
    """In the order of the text."""
    read = narrow(text)
    found = [*_chinese(read), *_english(read)]
    kept = without_overlaps(Number(one.start, one.end, one.value) for one in found)
    places = {(one.start, one.end) for one in kept}
    unique = {(one.start, one.end): one for one in reversed(found) if (one.start, one.end) in places}
    return sorted(unique.values(), key=lambda one: one.start)


def _chinese(read: str) -> Iterator[Amount]:
    numbers = find_numbers_zh(re.sub(r"美元|美金|美刀|美圆", "＄＄", read))
    ends: dict[int, Amount] = {}
    for number in numbers:
        unit = _ZH_UNIT.match(read, number.end)
        part = _ZH_PART.match(read, number.end)
        before = next((ends[at] for at in (number.start, number.start - 1) if at in ends), None)
        if unit:
            end = unit.end()
            ends[end] = Amount(number.start, end, number.value, _ZH[unit["unit"]])
        elif part and before:
            value = before.value + number.value * _ZH_PARTS[part["unit"]]
            ends.pop(before.end)
            ends[part.end()] = Amount(before.start, part.end(), value, before.currency)
        elif before and before.end == number.start and number.value < 10 and read[number.start - 1] in "块塊毛":
            tenth = Decimal("0.1") if read[number.start - 1] in "块塊" else Decimal("0.01")
            ends.pop(before.end)
            ends[number.end] = Amount(before.start, number.end, before.value + number.value * tenth, before.currency)
    yield from ends.values()


def _english(read: str) -> Iterator[Amount]:
    numbers = find_numbers_en(read)
    taken: set[int] = set()
    for place, number in enumerate(numbers):
        if place in taken:
            continue
        sign = _SIGN.search(read, 0, number.start)
        unit = _EN_UNIT.match(read, number.end)
        if sign:
            value, end, used = _continue(read, numbers, place, number.value, number.end)
            taken.update(used)
            yield Amount(sign.start(), end, value, _EN_SIGNS[sign[0].strip()])
        elif unit:
            value, end, used = _continue(read, numbers, place, number.value, unit.end())
            taken.update(used)
            yield Amount(number.start, end, value, _EN_WORDS[unit["unit"]])


def _continue(read: str, numbers: list[Number], place: int, value: Decimal, end: int) -> tuple[Decimal, int, set[int]]:
    """`13 dollars and 45 cents`, `thirteen dollars forty five`: parts that belong to the same amount."""
    used: set[int] = set()
    for after in range(place + 1, len(numbers)):
        number = numbers[after]
        gap = _FRACTION_WORDS.fullmatch(read, end, number.start)
        if gap is None:
            break
        part = _EN_PART.match(read, number.end)
        bare = number.value == int(number.value) and 0 < number.value < 100 and _spelled(read, number)
        if part:
            value, end = value + number.value * _EN_PARTS[part["unit"]], part.end()
        elif bare and not _EN_UNIT.match(read, number.end):
            used.add(after)
            return value + number.value * _HUNDREDTH, number.end, used
        else:
            break
        used.add(after)
    return value, end, used


def _spelled(read: str, number: Number) -> bool:
    return read[number.start].isalpha() and not read.startswith(("a ", "half "), number.start)
