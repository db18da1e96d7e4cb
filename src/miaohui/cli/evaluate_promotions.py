"""`miaohui eval promotions`: a shop system's promotion scenarios, to the cent."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import click

from miaohui.cli.evaluate_data import data_folder, found, watched
from miaohui.cli.evaluate_table import Measured, share, show
from miaohui.cli.output import as_json

if TYPE_CHECKING:
    from miaohui.tools.prices.types import Quote

_TODAY = date(2026, 11, 21)
Rule: TypeAlias = tuple[re.Pattern[str], Callable[..., bool | None]]
"""A sentence, and what it does; what it does is false when it says what is not so."""


@click.command()
@data_folder
@as_json
def promotions(*, data: Path, as_json: bool) -> None:
    """Run a shop system's promotion scenarios through the calculator. DATA holds sylius_promotions/."""
    with gzip.open(found(data / "sylius_promotions" / "receiving_discount.jsonl.gz"), "rt", encoding="utf-8") as lines:
        scenarios = [json.loads(line) for line in lines]
    with watched(hidden=as_json) as watch:
        line = measure_scenarios(watch(scenarios, "promotions"))
    show([line], as_json=as_json)


def measure_scenarios(scenarios: Iterable[Mapping[str, Any]]) -> Measured:
    """A scenario holds when every sentence of it is understood and every sum is exact."""
    held = [Scenario().plays([*one["background"], *one["steps"]]) for one in scenarios]
    return Measured("promotions", "exact to the cent", share(held), len(held), 1.0)


def _money(text: str) -> int:
    return int(Decimal(re.sub(r"[^\d.]", "", text)) * 100)


class Scenario:
    """One shop, one basket, as its sentences say."""

    def __init__(self) -> None:
        self._channel = ""
        self._prices: dict[str, dict[str, int]] = {}
        self._tags: dict[str, str] = {}
        self._floors: dict[str, int] = {}
        self._reduced: set[str] = set()
        self._offers: list[dict[str, Any]] = []
        self._fee = 0
        self._basket: dict[str, int] = {}
        self._product = ""
        self._variants: dict[str, str] = {}
        """A variant's price is its product's."""

    def plays(self, sentences: Iterable[str]) -> bool:
        """Whether everything it says is so."""
        for sentence in sentences:
            words = re.sub(r"^(?:Given|When|Then|And|But) ", "", sentence)
            told = next(((said, act) for pattern, act in _RULES if (said := pattern.fullmatch(words))), None)
            if told is None or told[1](self, **told[0].groupdict()) is False:
                return False
        return True

    def _quote(self) -> Quote:
        from miaohui.tools.prices.policy import quote
        from miaohui.tools.prices.types import Basket, Cut, Delivery, Line, Offer, PriceList

        prices = PriceList(
            offers=tuple(
                Offer(**{**offer, "cuts": tuple(Cut(**self._here(cut)) for cut in offer["cuts"])})
                for offer in self._offers
            ),
            delivery=(Delivery(fee=self._fee),),
        )
        lines = tuple(
            Line(
                price=self._price(name),
                quantity=quantity,
                product=name,
                tags=(self._tags[name],) if name in self._tags else (),
                floor=self._floors.get(name, 0),
                reduced=name in self._reduced,
            )
            for name, quantity in self._basket.items()
        )
        return quote(prices, Basket(lines=lines, day=_TODAY, channel=self._channel, delivered=True))

    def _here(self, cut: dict[str, Any]) -> dict[str, Any]:
        """The amount of this channel."""
        amounts = cut.get("amount")
        return cut | {"amount": amounts.get(self._channel, 0)} if isinstance(amounts, dict) else cut

    def _price(self, name: str) -> int:
        prices = self._prices[name]
        return prices.get(self._channel) or prices[""]

    def sells(self, name: str, price: str, channel: str | None = None) -> None:
        """Another product."""
        self._product = name
        self._prices[name] = {channel or "": _money(price)}

    def also_sells(self, price: str, channel: str) -> None:
        """The same elsewhere."""
        self._prices[self._product][channel] = _money(price)

    def tags(self, tag: str) -> None:
        """The product's kind."""
        self._tags[self._product] = tag

    def varies(self, name: str, price: str) -> None:
        """A variant."""
        self._variants[name] = self._product
        self._prices[self._product] = {"": _money(price)}

    def configurable(self, name: str) -> None:
        """A product whose variants have prices."""
        self._product = name

    def floor(self, name: str, price: str) -> None:
        """Never cheaper than that."""
        self._floors[self._variants.get(name, name)] = _money(price)

    def reduces(self, share: str, name: str) -> None:
        """A price in the catalogue is lower already."""
        self._prices[name] = {key: int(price * (1 - _part(share))) for key, price in self._prices[name].items()}
        self._reduced.add(name)

    def ships(self, fee: str) -> None:
        """For a fee."""
        self._fee = _money(fee)

    def promotes(self, name: str, kind: str | None = None, priority: str | None = None, skips: str = "") -> None:
        """Another promotion."""
        self._offers.append(
            {
                "id": name,
                "name": name,
                "cuts": [],
                "priority": int(priority or 0),
                "exclusive": kind is not None,
                "skips_reduced": skips == "does not apply",
            }
        )

    def gives(self, off: str, **more: Any) -> None:
        """What it takes off."""
        worth = {"share": _part(off)} if off.endswith("%") else {"amount": _money(off)}
        self._offers[-1]["cuts"].append(worth | more)

    def gives_units(self, off: str, **where: str | None) -> None:
        """From some products."""
        told = {name: value for name, value in where.items() if value}
        more: dict[str, Any] = {"of": "unit"}
        for name in ("tags", "products"):
            if name in told:
                more[name] = (told[name],)
        for name in ("price_from", "price_to"):
            if name in told:
                more[name] = _money(told[name])
        self.gives(off, **more)

    def gives_by_channel(self, one: str, here: str, other: str, there: str) -> None:
        """Another amount in each."""
        self._offers[-1]["cuts"].append({"amount": {here: _money(one), there: _money(other)}})

    def gives_delivery(self, off: str = "100%", least: str | None = None) -> None:
        """Cheaper or free."""
        self._offers[-1]["least_total"] = _money(least) if least else 0
        self.gives(off, of="delivery")

    def gives_when(self, off: str, quantity: str | None = None, total: str | None = None) -> None:
        """From so many or so much on."""
        self._offers[-1] |= {"least_quantity": int(quantity or 0), "least_total": _money(total) if total else 0}
        self.gives(off)

    def dated(self, how: str) -> None:
        """When it holds."""
        from miaohui.tools.prices.types import Span

        yesterday, tomorrow = ((_TODAY + timedelta(days=days)).isoformat() for days in (-1, 1))
        spans = {
            "is valid until tomorrow": Span("", tomorrow),
            "has already expired": Span("", yesterday),
            "started yesterday": Span(yesterday, ""),
            "starts tomorrow": Span(tomorrow, ""),
        }
        self._offers[-1]["seasons"] = (spans[how],)

    def disables(self, channel: str) -> None:
        """Not in the only channel."""
        del channel
        self._offers[-1]["channels"] = ("nowhere",)

    def enters(self, channel: str) -> None:
        """Buys there."""
        self._channel = channel

    def adds(self, name: str, count: str | None = None) -> None:
        """Into the basket."""
        self._product = name
        self._basket[name] = self._basket.get(name, 0) + int(count or 1)

    def changes(self, name: str, count: str) -> None:
        """So many from now on."""
        self._basket[name] = int(count)

    def removes(self, name: str) -> None:
        """Out of the basket."""
        del self._basket[name]

    def total_is(self, sum_: str) -> bool:
        """All together."""
        return self._quote().total == _money(sum_)

    def delivery_is(self, sum_: str) -> bool:
        """Of delivery."""
        return self._quote().delivery == _money(sum_)

    def discount_is(self, sum_: str = "0") -> bool:
        """Off the goods."""
        told = self._quote()
        return told.goods - sum(told.paid) == _money(sum_)

    def fell_by(self, name: str = "", sum_: str = "0") -> bool:
        """Off one product."""
        name = name or self._product
        return self._basket[name] * self._price(name) - self._paid(name) == _money(sum_)

    def costs(self, name: str, sum_: str) -> bool:
        """One product, all of it or each."""
        return self._paid(name) in {_money(sum_), _money(sum_) * self._basket[name]}

    def _paid(self, name: str) -> int:
        return self._quote().paid[list(self._basket).index(name)]

    def nothing(self, **_: str) -> None:
        """Of no consequence here."""


def _part(text: str) -> Decimal:
    return Decimal(text.rstrip("%")) / 100


_IT = r"(?:it|this promotion|the promotion) gives (?:another )?"
_OFF = r'"(?P<off>[^"]+)"'
_NAME = r'"(?P<name>[^"]+)"'
_TO_ALL = "discount to every order in the"
_SUM = r'"-?(?P<sum_>[^"]+)"'
_SENTENCES: tuple[tuple[str, Callable[..., bool | None]], ...] = (
    (
        rf'the store has a product {_NAME} priced at "(?P<price>[^"]+)"(?: in "(?P<channel>[^"]+)" channel)?',
        Scenario.sells,
    ),
    (r'this product is also priced at "(?P<price>[^"]+)" in "(?P<channel>[^"]+)" channel', Scenario.also_sells),
    (rf"the store has a {_NAME} configurable product", Scenario.configurable),
    (rf'this product has {_NAME} variant priced at "(?P<price>[^"]+)"', Scenario.varies),
    (rf'the {_NAME} variant has minimum price of "(?P<price>[^"]+)" in the "[^"]+" channel', Scenario.floor),
    (r'it belongs to "(?P<tag>[^"]+)"', Scenario.tags),
    (r'the store has "[^"]+" shipping method with "(?P<fee>[^"]+)" fee', Scenario.ships),
    (
        rf'there is a catalog promotion "[^"]+" that reduces price by "(?P<share>.+?)" and applies on {_NAME} product',
        Scenario.reduces,
    ),
    (rf"there is an? (?P<kind>exclusive )?promotion {_NAME}(?: with priority (?P<priority>\d+))?", Scenario.promotes),
    (
        rf"there is a promotion {_NAME} that (?P<skips>does not apply|applies) to discounted products",
        Scenario.promotes,
    ),
    (rf"{_IT}{_OFF} discount to every order", Scenario.gives),
    (
        rf'{_IT}"(?P<one>.+?)" {_TO_ALL} "(?P<here>.+?)" channel and "(?P<other>.+?)" {_TO_ALL} "(?P<there>.+?)" .*',
        Scenario.gives_by_channel,
    ),
    (rf"{_IT}{_OFF} discount to every order with quantity at least (?P<quantity>\d+)", Scenario.gives_when),
    (rf'{_IT}{_OFF} discount to every order with items total at least "(?P<total>[^"]+)"', Scenario.gives_when),
    (rf'{_IT}{_OFF} off on a "(?P<products>[^"]+)" product', Scenario.gives_units),
    (rf'{_IT}{_OFF} off (?:on )?every product classified as "(?P<tags>[^"]+)"', Scenario.gives_units),
    (
        rf'{_IT}{_OFF} off on every product priced between "(?P<price_from>[^"]+)" and "(?P<price_to>[^"]+)"',
        Scenario.gives_units,
    ),
    (rf'{_IT}{_OFF} off on every product with minimum price at "(?P<price_from>[^"]+)"', Scenario.gives_units),
    (rf'{_IT}{_OFF} off on every product with maximum price at "(?P<price_to>[^"]+)"', Scenario.gives_units),
    (rf'{_IT}free shipping to every order(?: over "(?P<least>[^"]+)")?', Scenario.gives_delivery),
    (rf"{_IT}{_OFF} discount on shipping to every order", Scenario.gives_delivery),
    (
        r"this promotion (?P<how>is valid until tomorrow|has already expired|started yesterday|starts tomorrow)",
        Scenario.dated,
    ),
    (r'the promotion was disabled for the channel "(?P<channel>[^"]+)"', Scenario.disables),
    (r'I change my current channel to "(?P<channel>[^"]+)"', Scenario.enters),
    (rf"I add (?:the )?product {_NAME} to the cart", Scenario.adds),
    (rf"I add (?P<count>\d+) products {_NAME} to the cart", Scenario.adds),
    (rf"the customer adds {_NAME} product to the cart", Scenario.adds),
    (rf"I change product {_NAME} quantity to (?P<count>\d+) in my cart", Scenario.changes),
    (rf"I remove product {_NAME} from the cart", Scenario.removes),
    (rf"(?:my|the) cart total should be {_SUM}", Scenario.total_is),
    (rf"my cart shipping total should be {_SUM}", Scenario.delivery_is),
    (rf"my discount should be {_SUM}", Scenario.discount_is),
    (r"there should be no discount applied", Scenario.discount_is),
    (rf"(?:its|theirs) price should be decreased by {_SUM}", Scenario.fell_by),
    (rf"product {_NAME} price should be decreased by {_SUM}", Scenario.fell_by),
    (rf"product {_NAME} price should not be decreased", Scenario.fell_by),
    (rf"the product {_NAME} should have (?:discounted unit|total) price {_SUM} in the cart", Scenario.costs),
    (r"the store (?:operates on|ships everywhere|allows paying|classifies its products).*", Scenario.nothing),
    (r"I am a logged in customer|I addressed it|I proceed with selecting .* shipping method", Scenario.nothing),
)
_RULES: tuple[Rule, ...] = tuple((re.compile(words), act) for words, act in _SENTENCES)

COMMANDS = (promotions,)
