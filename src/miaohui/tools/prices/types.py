"""Prices, offers and what they come to. Money is counted in minor units, such as cents or fen."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal, TypeAlias

import msgspec

Money: TypeAlias = int
"""Minor units."""


class Product(msgspec.Struct, frozen=True, kw_only=True):
    """Something that has a price."""

    id: str
    price: Money
    names: tuple[str, ...] = ()
    """What people call it."""
    tags: tuple[str, ...] = ()


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """So many of one thing in a basket."""

    price: Money
    """Of one."""
    quantity: int = 1
    name: str = ""
    product: str = ""
    """Id in the price list; empty for a bare amount."""
    tags: tuple[str, ...] = ()
    floor: Money = 0
    """No offer makes one cheaper than this."""
    reduced: bool = False
    """Its price is an offer already."""


class Cut(msgspec.Struct, frozen=True, kw_only=True):
    """What an offer takes off."""

    of: Literal["order", "unit", "delivery"] = "order"
    amount: Money = 0
    share: Decimal = Decimal(0)
    """Part of the price, from 0 to 1."""
    each: Money = 0
    """The amount is taken off once for every so much; 0: once."""
    tags: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    price_from: Money = 0
    price_to: Money = 0
    """Only units of such a price; 0: of any."""


class Span(msgspec.Struct, frozen=True):
    """Days from the first to the last, both included: `2026-11-11`, or `11-11` of every year."""

    first: str
    last: str

    def holds(self, day: date) -> bool:
        """Whether the day lies in it."""
        text = day.isoformat()
        return (not self.first or text[-len(self.first) :] >= self.first) and (
            not self.last or text[-len(self.last) :] <= self.last
        )


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """A promotion. Those with a higher priority come first; each sees what those before it left."""

    id: str
    name: str
    cuts: tuple[Cut, ...]
    priority: int = 0
    exclusive: bool = False
    """Where it holds, no other does; of several such the first."""
    coupon: bool = False
    """Only for who has it and uses it."""
    words: tuple[str, ...] = ()
    """What people call the coupon."""
    least_total: Money = 0
    least_quantity: int = 0
    levels: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    seasons: tuple[Span, ...] = ()
    """When it holds; none: always."""
    pauses: tuple[Span, ...] = ()
    skips_reduced: bool = False
    skips_tags: tuple[str, ...] = ()


class Points(msgspec.Struct, frozen=True, kw_only=True):
    """How points pay."""

    per_unit: int
    """So many are worth one unit of the currency."""
    least: int = 1
    most_share: Decimal = Decimal(1)
    """Of what is left to pay."""
    name: str = "points"


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """What delivery costs; the first rule that fits a line holds for it."""

    fee: Money
    free_from: Money = 0
    """Of the goods after offers; 0: never free."""
    regions: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    free_levels: tuple[str, ...] = ()


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """A level, a region or a day, and what people call it."""

    id: str
    names: tuple[str, ...]
    label: str = ""


class PriceList(msgspec.Struct, frozen=True, kw_only=True):
    """What a company's calculator knows."""

    currency: str = "CNY"
    decimals: int = 2
    products: tuple[Product, ...] = ()
    offers: tuple[Offer, ...] = ()
    coupons: int = 1
    """How many may be used together."""
    points: Points | None = None
    delivery: tuple[Delivery, ...] = ()
    levels: tuple[Named, ...] = ()
    regions: tuple[Named, ...] = ()
    days: tuple[Named, ...] = ()
    """Ids are days: `11-11`, `*-18` for that day of this month, or `ordinary` for one without a season."""


class Basket(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be paid for, by whom, and when."""

    lines: tuple[Line, ...]
    day: date
    level: str = ""
    channel: str = ""
    coupons: tuple[str, ...] = ()
    points: int = 0
    all_points: bool = False
    """As many as may be used."""
    gift_card: Money = 0
    region: str = ""
    delivered: bool = False
    """Whether delivery is asked for."""
    returned: tuple[int, ...] = ()
    """Places of lines that go back afterwards."""


class Step(msgspec.Struct, frozen=True):
    """What was done to the sum, and what was left."""

    name: str
    amount: Money
    """Negative: taken off."""
    left: Money


class Quote(msgspec.Struct, frozen=True, kw_only=True):
    """What it comes to."""

    goods: Money
    steps: tuple[Step, ...]
    paid: tuple[Money, ...]
    """Of each line, after offers."""
    delivery: Money
    total: Money
    """To be paid, delivery included."""
    refund: Money = 0
    """For what goes back."""
    unused: tuple[str, ...] = ()
    """Names of coupons that do not hold here."""

    @property
    def saved(self) -> Money:
        """By offers, coupons, points: all but the gift card, which was paid for."""
        return -sum(step.amount for step in self.steps if step.amount < 0 and step.name != GIFT_CARD)


GIFT_CARD = "gift card"
DELIVERY = "delivery"
POINTS = "points"
