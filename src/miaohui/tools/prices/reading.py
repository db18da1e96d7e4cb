"""A question for a price as a basket, when everything that the sum depends on is said in it. Pure.

What is not said plainly is not guessed: then there is no basket, and whoever answers must ask.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from miaohui.memory.entities import find_entities
from miaohui.memory.money import Amount, find_amounts
from miaohui.memory.numerals_zh import parse_zh
from miaohui.memory.spans import narrow
from miaohui.tools.prices.types import Basket, Line, Money, Named, Offer, PriceList, Product

MOST_CHARACTERS = 300
MOST_QUANTITY = 999
ORDINARY = "ordinary"
"""Id of a day on which no offer of a season holds."""
_LONGEST_SEASON = 366

_ASKS = re.compile(
    r"多少|几块|几元|怎么算|算一下|算算|帮.{0,3}算|实付|到手|应付|要付|总价|一共|合计|得付|能便宜|能省|减完|最后付|"
    r"how much|what.{0,20}\b(?:pay|total|cost|price)|total|come to|do i pay|work out"
)
_NOT_A_SUM = re.compile(r"还差|凑单|凑多少|再买多少|才能|门槛|upgrade|how much more|more to")
_MEASURED = re.compile(
    r"(?:重|容?量|尺寸|[长宽高厚深]度?|[直口]径|功率|电[压流]|噪音|续航|面积|[温湿速]度|转速|销量|库存|[型编]号|电话|号码|质保|保修)"
    r"(?:大概|大约|可以|[是有为能到])*多少(?!钱|元|块)"
    r"|多少(?:个?(?:天|日|年|月|星期|小时|分钟|人|种|款|颜色|层|档|地方|空间|尺寸)|千克|克|公斤|斤|磅|毫米|厘米|公分|米|寸|英寸|毫升|升|[度瓦伏安])"
    r"|how much (?:weight|space|room|water|power|noise|time|(?:does|can) [^?]* (?:weigh|hold|carry|bear|take|lift))"
)
"""What is asked for is no sum of money: `承重多少`, `多少公斤`."""
_DELIVERY = re.compile(r"运费|邮费|包邮|快递费|配送费|寄到|送到|发到|shipping|delivery|deliver|ship(?:ped)? to")
_COUNT = r"(?P<count>\d{1,3}|[一两二三四五六七八九十]{1,3}|\b(?:a|an|one|two|three|four|five|six|ten)\b)"
_MEASURE = r"(?:个|件|把|张|套|只|台|盒|条|瓶|双|本|份|包|床|副|pieces?|pcs|of|x|×)?"
_BEFORE = re.compile(_COUNT + r"\s*" + _MEASURE + r"\s*(?:单价|每[个件把张套]|各)?\s*$")
_AFTER = re.compile(
    r"^\s*(?:元|块)?(?:的)?[^\d，,。.;；和与加+]{0,8}?(?:买|要|拍|来|×|x|\*)\s*"
    + _COUNT
    + r"\s*(?:个|件|把|张|套|只|台|盒|条|瓶)?"
)
_EACH = re.compile(
    _COUNT
    + r"\s*(?:个|件|把|张|套|只|台|盒|条|瓶|items?|pieces?)[^\d]{0,8}"
    + r"(?:每[个件把张套只台盒条瓶]|单价|一[个件把]|各|at)\s*$"
)
_POINTS = re.compile(
    r"(?P<count>\d{1,7})\s*(?:个|点)?\s*(?:积分|points?)|(?:积分|points?)\s*(?P<more>\d{1,7})(?!\s*[元块])"
)
_ALL_POINTS = re.compile(
    r"积分.{0,6}(?:最多|用满|抵满|抵到最多|拉满|全用|都用)|(?:最多|用满|抵满|用最多的?)积分|(?:most|all|max\w*).{0,14}points"
)
_GIFT_CARD = re.compile(r"礼品卡|gift ?cards?")
_THRESHOLDS = re.compile(
    r"(?:每)?满\s*\d+\s*(?:元|块)?\s*减\s*\d+\s*(?:元|块)?(?:的)?|\d+\s*(?:元|块)?\s*off\s*\d+|spend.{0,12}save.{0,8}\d+"
)
_RETURNED = re.compile(r"(?:退|return)[^。？?]*")
_WORD_COUNTS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "ten": 10, "两": 2}
_OWN_PRICES = re.compile(r"秒杀|拼团|清仓|特价|flash sale|group price|clearance")


_Place = tuple[int, int, Product]
"""Where a product is named, and which."""


class _Read(NamedTuple):
    lines: list[Line]
    rest: str


def read_basket(prices: PriceList, question: str, today: date) -> Basket | None:
    """None for anything but a question for the price of goods that are named, by price or by name."""
    text = narrow(question[:MOST_CHARACTERS])
    others = (_NOT_A_SUM, _MEASURED, _OWN_PRICES)
    if len(question) > MOST_CHARACTERS or not _ASKS.search(text) or any(other.search(text) for other in others):
        return None
    level = _named(prices.levels, text)
    all_points = bool(_ALL_POINTS.search(text))
    points = _POINTS.search(text)
    day = _day(prices.days, prices.offers, text, today)
    coupons = _coupons(prices.offers, text, level)
    if coupons is None:
        return None
    text = _blank(text, [*_words_of(prices)], _POINTS)
    card, text = _gift_card(text)
    back = _RETURNED.search(text)
    returned = _returned_sum(prices, back[0]) if back else 0
    lines = _goods(prices, text[: back.start()] if back and returned else text)
    if not lines:
        return None
    places: tuple[int, ...] = ()
    if returned:
        lines, places = _part(lines, returned)
        if not places:
            return None
    region = _named(prices.regions, narrow(question))
    return Basket(
        lines=tuple(lines),
        day=day,
        level=level,
        coupons=coupons,
        points=int(points["count"] or points["more"]) if points else 0,
        all_points=all_points,
        gift_card=card,
        region=region,
        delivered=bool(region) or bool(_DELIVERY.search(narrow(question))),
        returned=places,
    )


def _named(all_: Sequence[Named], text: str) -> str:
    found = [(len(name), one.id) for one in all_ for name in one.names if narrow(name) in text]
    return max(found)[1] if found else ""


def _day(days: Sequence[Named], offers: Sequence[Offer], text: str, today: date) -> date:
    named = _named(days, text)
    if named == ORDINARY:
        return _ordinary_day(offers, today)
    if named.startswith("*-"):
        return today.replace(day=int(named[2:]))
    if named:
        month, day = (int(part) for part in named.split("-"))
        near = [date(year, month, day) for year in (today.year - 1, today.year, today.year + 1)]
        return min(near, key=lambda one: abs(one - today))
    said = next((one.value for one in find_entities(text, today) if one.kind == "date"), "")
    return date.fromisoformat(said) if said else today


def _ordinary_day(offers: Sequence[Offer], today: date) -> date:
    """Today, or the last day before on which no offer of a season held."""
    seasons = [season for offer in offers for season in offer.seasons]
    days = (today - timedelta(days=back) for back in range(_LONGEST_SEASON))
    return next((day for day in days if not any(season.holds(day) for season in seasons)), today)


def _coupons(offers: Iterable[Offer], text: str, level: str) -> tuple[str, ...] | None:
    """Ids of those named; None when it is not clear which is meant."""
    named = [
        (max(len(word) for word in offer.words if narrow(word) in text), offer)
        for offer in offers
        if offer.coupon and any(narrow(word) in text for word in offer.words)
    ]
    if not named:
        return () if not re.search(r"用.{0,6}券|coupon", text) else None
    fitting = [one for one in named if not one[1].levels or level in one[1].levels]
    if not fitting:
        return None
    longest = max(length for length, _ in fitting)
    return tuple(offer.id for length, offer in fitting if length == longest)


def _words_of(prices: PriceList) -> Iterable[str]:
    """What is no thing in the basket, though a number may stand in it."""
    yield from (word for offer in prices.offers for word in offer.words)
    yield from (name for group in (prices.days, prices.levels, prices.regions) for one in group for name in one.names)


def _blank(text: str, words: Iterable[str], *patterns: re.Pattern[str]) -> str:
    for word in sorted((narrow(word) for word in words), key=len, reverse=True):
        text = text.replace(word, "·" * len(word))
    for pattern in (*patterns, _THRESHOLDS):
        text = pattern.sub(lambda match: "·" * len(match[0]), text)
    return text


def _gift_card(text: str) -> tuple[Money, str]:
    """What it is worth, and the text without it."""
    named = _GIFT_CARD.search(text)
    if named is None:
        return 0, text
    near = [one for one in find_amounts(text) if 0 <= named.start() - one.end <= 3]
    if not near:
        return 0, text
    start = near[-1].start
    return _money(near[-1], 2), text[:start] + "·" * (named.end() - start) + text[named.end() :]


def _returned_sum(prices: PriceList, text: str) -> Money:
    amounts = find_amounts(text)
    if amounts:
        return _money(amounts[0], prices.decimals)
    products = _find_products(prices.products, text)
    return products[0][2].price if products else 0


def _goods(prices: PriceList, text: str) -> list[Line]:
    lines: list[Line] = []
    rest = text
    for start, end, product in _join_parts(_find_products(prices.products, text), text):
        line = Line(
            price=product.price,
            quantity=_count(rest, start, end),
            name=product.names[0] if product.names else product.id,
            product=product.id,
            tags=product.tags,
        )
        lines.append(line)
        # What the question says it costs is not what it costs.
        rest = (
            re.sub(r"[\d.]+\s*(?:元|块)(?:钱)?的?\s*$", lambda told: "·" * len(told[0]), rest[:start])
            + "·" * (end - start)
            + rest[end:]
        )
    for amount in find_amounts(rest):
        price = _money(amount, prices.decimals)
        if price <= 0:
            return []
        lines.append(Line(price=price, quantity=_count(rest, amount.start, amount.end)))
    return lines


def _find_products(products: Sequence[Product], text: str) -> list[_Place]:
    """Each where it is named, longest names first; no two share a character."""
    found: list[_Place] = []
    names = sorted(
        ((narrow(name), product) for product in products for name in (product.id, *product.names)),
        key=lambda one: -len(one[0]),
    )
    for name, product in names:
        at = text.find(name)
        while at >= 0:
            end = at + len(name)
            if all(end <= start or at >= stop for start, stop, _ in found):
                found.append((at, end, product))
            at = text.find(name, end)
    distinct: dict[str, _Place] = {}
    for one in sorted(found, key=lambda one: one[0]):
        if one[2].id in distinct and text[distinct[one[2].id][1] : one[0]].strip(" (（/·"):
            continue
        distinct.setdefault(one[2].id, one)
    return list(distinct.values())


def _join_parts(found: Iterable[_Place], text: str) -> list[_Place]:
    """`A460 的滤芯` is one thing, the filter, where that is called one of a purifier."""
    things: list[_Place] = []
    for start, end, product in found:
        owner = things.pop() if things and _owns(things[-1], start, product, text) else None
        things.append((owner[0] if owner else start, end, product))
    return things


def _owns(owner: _Place, start: int, product: Product, text: str) -> bool:
    if text[owner[1] : start].strip() not in {"", "的", "'s"}:
        return False
    kinds = {name[i : i + 2] for name in map(narrow, owner[2].names) for i in range(len(name) - 1)}
    return any(name[:2] in kinds for name in map(narrow, product.names))


def _count(text: str, start: int, end: int) -> int:
    """How many of what stands there."""
    before, after = text[max(0, start - 24) : start], text[end : end + 24]
    told = _EACH.search(before) or _BEFORE.search(before) or _AFTER.match(after)
    if told is None:
        return 1
    word = told["count"]
    value = Decimal(word) if word.isdecimal() else _WORD_COUNTS.get(word) or parse_zh(word) or 1
    return max(1, min(int(value), MOST_QUANTITY))


def _part(lines: list[Line], returned: Money) -> tuple[list[Line], tuple[int, ...]]:
    """The line that goes back, or the part of the only one that does."""
    for place, line in enumerate(lines):
        if line.price == returned and len(lines) + line.quantity > 2:
            if line.quantity == 1:
                return lines, (place,)
            kept = Line(price=line.price, quantity=line.quantity - 1, name=line.name, tags=line.tags)
            one = Line(price=line.price, name=line.name, product=line.product, tags=line.tags)
            return [*lines[:place], kept, *lines[place + 1 :], one], (len(lines),)
    if len(lines) == 1 and lines[0].quantity == 1 and lines[0].price > returned:
        return [Line(price=lines[0].price - returned), Line(price=returned)], (1,)
    return lines, ()


def _money(amount: Amount, decimals: int) -> Money:
    return int(amount.value.scaleb(decimals).to_integral_value())
