"""What a message names: order numbers, parcels, phones, amounts, dates, products, addresses of mail; each normalised.

Pure: the day on which it is said is an argument. What could be two things is the more particular one: a mobile number
is no order number, an amount no product.
"""

from __future__ import annotations

import re
from calendar import month_name
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Literal, TypeAlias

import msgspec

from miaohui.memory.money import find_amounts
from miaohui.memory.numerals_zh import parse_zh
from miaohui.memory.spans import narrow

Kind: TypeAlias = Literal["email", "phone", "parcel", "order", "amount", "date", "product"]
MOST_CHARACTERS = 1_000
MOST_CARRIED = 20


class Entity(msgspec.Struct, frozen=True):
    """One thing named; `text` is how it was written, `value` how anything else would be looked up."""

    kind: Kind
    text: str
    value: str
    start: int
    end: int


_EMAIL = re.compile(r"[a-z0-9._%+-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,4}")
_MOBILE = re.compile(r"(?<![\da-z])(?:(?:\+|00)?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)")
_SERVICE = re.compile(r"(?<![\d-])[48]00[- ]?\d{3}[- ]?\d{4}(?!\d)")
_LANDLINE = re.compile(r"(?<!\d)(?:\(0\d{2,3}\)|0\d{2,3}-)[ ]?\d{7,8}(?!\d)")
_ABROAD = re.compile(r"(?<![\d+])\+(?!86)\d{1,3}(?:[- ]?\(?\d{2,4}\)?){2,4}(?!\d)")
_PARCEL = re.compile(
    r"(?<![a-z\d])(?:sf|yt|zto|sto|jd|jdv[abcd]?|ems|yd|dpk|1z)\d{9,16}(?!\d)"
    r"|(?:快递|运|物流|快遞|運)(?:单|單)?(?:号|號)(?:码)?[ 是为:：#]{0,3}(?P<number>[a-z]{0,5}\d{8,20})"
    r"|tracking (?:number|no\.?|id)[ is:#]{0,5}(?P<tracked>[a-z]{0,5}\d{8,20})"
)
_ORDER = re.compile(
    r"(?:订单|訂單|单|單)(?:编)?(?:号|號)?(?:码)?[ 是为:：#]{0,3}"
    r"(?P<zh>[a-z]{0,4}-?\d{5,24}[a-z]?(?:-\d{1,6})?)(?![\d元块])"
    r"|(?:order|purchase)(?: (?:number|no\.?|id|reference))?[ is:]{0,5}#?[ ]?(?P<en>[a-z]{0,4}-?\d{5,24})(?!\d)"
    r"|#(?P<hash>[a-z]{0,3}\d{4,24})(?!\d)"
    r"|(?<![a-z\d.¥$-])(?P<bare>[a-z]{1,3}\d{8,20}|\d{11,24})(?![\d.元块%])"
)
_PRODUCT = re.compile(r"(?<![a-z\d-])(?:[a-z]{2,4}-)?[a-z]{1,2}-?\d{2,4}[a-z]?(?![a-z\d年月日元块%])")
_NOT_PRODUCTS = re.compile(r"(?:e|v|q|h|a)\d$|covid-?19|(?:mp|usb|win|ios|gb|no)-?\d+")

_DAY = r"(?P<d>3[01]|[12]\d|0?[1-9])"
_MONTH = r"(?P<m>1[0-2]|0?[1-9])"
_YEAR = r"(?P<y>(?:19|20)\d\d)"
_ZH_NUMBER = r"[一二三四五六七八九十]{1,3}"
_ISO = re.compile(rf"(?<!\d){_YEAR}[-/.]{_MONTH}[-/.]{_DAY}(?!\d)")
_ZH_DATE = re.compile(rf"(?<!\d)(?:{_YEAR}年)?{_MONTH}月{_DAY}[日号號]?(?!\d)")
_ZH_SPELLED = re.compile(rf"(?P<m>{_ZH_NUMBER})月(?P<d>{_ZH_NUMBER})[日号號]")
_MONTHS = tuple(name.lower() for name in month_name[1:])
_EN_MONTH = "|".join(f"{name}|{name[:3]}\\.?" for name in _MONTHS)
_EN_DATE = re.compile(
    rf"(?<![a-z])(?P<mn>{_EN_MONTH}) (?P<d1>3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?(?:,? (?P<y1>20\d\d))?(?!\d)"
    rf"|(?<!\d)(?P<d2>3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)? (?:of )?(?P<mn2>{_EN_MONTH})(?![a-z])(?: (?P<y2>20\d\d))?"
)
_RELATIVE = {
    **dict.fromkeys(("大前天",), -3),
    **dict.fromkeys(("前天", "the day before yesterday"), -2),
    **dict.fromkeys(("昨天", "昨日", "昨晚", "yesterday", "last night"), -1),
    **dict.fromkeys(("今天", "今日", "今晚", "今早", "today", "tonight"), 0),
    **dict.fromkeys(("明天", "明日", "明早", "明晚", "tomorrow"), 1),
    **dict.fromkeys(("后天", "後天", "the day after tomorrow"), 2),
    **dict.fromkeys(("大后天",), 3),
}
_RELATIVE_WORDS = re.compile("|".join(sorted(map(re.escape, _RELATIVE), key=len, reverse=True)))
_WEEKDAYS = dict(zip("一二三四五六日天", (0, 1, 2, 3, 4, 5, 6, 6), strict=True))
_WEEKDAY = re.compile(r"(?P<week>上上|上|这|這|本|下)?(?:个|個)?(?:星期|[周週]|礼拜|禮拜)(?P<day>[一二三四五六日天])")
_AGO = re.compile(r"(?P<n>\d{1,3}|[一二两三四五六七八九十]{1,3}) ?(?:天|日)(?P<way>之?前|以前|之?后|以后|後)")
_AGO_EN = re.compile(r"(?P<n>\d{1,3}) days? ago|in (?P<in>\d{1,3}) days?")


def find_entities(text: str, today: date) -> list[Entity]:
    """In the order of the text; no two share a character."""
    original = text[:MOST_CHARACTERS]
    read = narrow(original)
    taken: list[Entity] = []
    for found in (_emails, _phones, _parcels, _orders, _dates, _amounts, _products):
        for kind, start, end, value in found(read, today):
            if value and all(end <= other.start or start >= other.end for other in taken):
                taken.append(Entity(kind, original[start:end], value, start, end))
    return sorted(taken, key=lambda one: one.start)


def carry(known: Sequence[Entity], found: Iterable[Entity]) -> tuple[Entity, ...]:
    """What a conversation has named so far, the last named last; each once, and no more than is useful."""
    by_value = {(one.kind, one.value): one for one in known}
    for one in found:
        by_value.pop((one.kind, one.value), None)
        by_value[one.kind, one.value] = one
    return tuple(by_value.values())[-MOST_CARRIED:]


Found: TypeAlias = Iterator[tuple[Kind, int, int, str]]


def _emails(read: str, _: date) -> Found:
    for match in _EMAIL.finditer(read):
        yield "email", match.start(), match.end(), match[0].rstrip(".-")


def _phones(read: str, _: date) -> Found:
    for match in _MOBILE.finditer(read):
        yield "phone", match.start(), match.end(), "+86" + re.sub(r"\D", "", match[0])[-11:]
    for pattern in (_SERVICE, _LANDLINE):
        for match in pattern.finditer(read):
            yield "phone", match.start(), match.end(), re.sub(r"\D", "", match[0])
    for match in _ABROAD.finditer(read):
        yield "phone", match.start(), match.end(), "+" + re.sub(r"\D", "", match[0])


def _parcels(read: str, _: date) -> Found:
    for match in _PARCEL.finditer(read):
        group = "number" if match["number"] else "tracked" if match["tracked"] else 0
        yield "parcel", match.start(group), match.end(group), match[group].upper()


def _orders(read: str, _: date) -> Found:
    for match in _ORDER.finditer(read):
        group = match.lastgroup or "bare"
        yield "order", match.start(group), match.end(group), match[group].upper()


def _amounts(read: str, _: date) -> Found:
    for amount in find_amounts(read):
        value = format(amount.value.normalize(), "f")
        yield "amount", amount.start, amount.end, f"{value} {amount.currency}"


def _products(read: str, _: date) -> Found:
    for match in _PRODUCT.finditer(read):
        if not _NOT_PRODUCTS.search(match[0]):
            yield "product", match.start(), match.end(), match[0].upper()


def _dates(read: str, today: date) -> Found:
    for pattern in (_ISO, _ZH_DATE, _ZH_SPELLED):
        for match in pattern.finditer(read):
            parts = match.groupdict()
            yield "date", match.start(), match.end(), _date(parts.get("y"), parts["m"], parts["d"], today)
    for match in _EN_DATE.finditer(read):
        month = str(
            _MONTHS.index(next(name for name in _MONTHS if name.startswith((match["mn"] or match["mn2"])[:3]))) + 1
        )
        day, year = match["d1"] or match["d2"], match["y1"] or match["y2"]
        yield "date", match.start(), match.end(), _date(year, month, day, today)
    for match in _RELATIVE_WORDS.finditer(read):
        yield "date", match.start(), match.end(), (today + timedelta(days=_RELATIVE[match[0]])).isoformat()
    for match in _WEEKDAY.finditer(read):
        weeks = {"上上": -2, "上": -1, "下": 1}.get(match["week"] or "", 0)
        shift = _WEEKDAYS[match["day"]] - today.weekday() + 7 * weeks
        yield "date", match.start(), match.end(), (today + timedelta(days=shift)).isoformat()
    yield from _counted_days(read, today)


def _counted_days(read: str, today: date) -> Found:
    for match in _AGO.finditer(read):
        count = parse_zh(match["n"])
        if count is not None:
            days = int(count) if "后" in match["way"] or "後" in match["way"] else -int(count)
            yield "date", match.start(), match.end(), (today + timedelta(days=days)).isoformat()
    for match in _AGO_EN.finditer(read):
        days = -int(match["n"]) if match["n"] else int(match["in"])
        yield "date", match.start(), match.end(), (today + timedelta(days=days)).isoformat()


def _date(year: str | None, month: str, day: str, today: date) -> str:
    """Without a year, the day of that name that is nearest; empty for a day that no calendar has."""
    numbers = [_count(part) for part in (month, day)]
    years = [int(year)] if year else [today.year - 1, today.year, today.year + 1]
    days: list[date] = []
    for one in years:
        try:
            days.append(date(one, *numbers))
        except ValueError:
            continue
    return min(days, key=lambda one: abs(one - today)).isoformat() if days else ""


def _count(part: str) -> int:
    if part.isdecimal():
        return int(part)
    value = parse_zh(part)
    return int(value) if value is not None else 0
