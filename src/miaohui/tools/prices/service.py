"""Price lists of all tenants, at hand; and sums by them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone

from miaohui.kit.clock import Clock
from miaohui.kit.database import Database
from miaohui.kit.errors import FieldError, Invalid
from miaohui.kit.polling import keep_doing
from miaohui.tools.prices import policy, repository
from miaohui.tools.prices.reading import read_basket
from miaohui.tools.prices.types import Basket, PriceList, Quote
from miaohui.tools.prices.words import tell

MOST_PRODUCTS = 5_000
MOST_OFFERS = 200
_POLL_S = 2.0
_ZONE = timezone(timedelta(hours=8))
"""Where a shop's day begins."""


class PriceLists:
    """A change holds at once in this process, in others within two seconds."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock
        self._lists: Mapping[str, PriceList] = {}
        self._seen: tuple[int, int] | None = None

    def find(self, tenant_id: str) -> PriceList | None:
        """None for a tenant without one."""
        return self._lists.get(tenant_id)

    async def put(self, tenant_id: str, prices: PriceList) -> PriceList:
        """In place of the one before. Raises `Invalid`."""
        check_prices(prices)
        await self._db.write(lambda: repository.put(tenant_id, prices, self._clock.now_ms()), key="price_lists")
        await self.refresh()
        return prices

    def today(self) -> date:
        """At the shop."""
        return datetime.fromtimestamp(self._clock.now_ms() / 1000, UTC).astimezone(_ZONE).date()

    def read(self, tenant_id: str, question: str) -> tuple[PriceList, Basket] | None:
        """The basket that a question asks the price of; None when it asks for none, or does not say enough."""
        prices = self._lists.get(tenant_id)
        basket = read_basket(prices, question, self.today()) if prices else None
        return (prices, basket) if prices and basket else None

    def answer(self, tenant_id: str, question: str, locale: str) -> str:
        """The sum with its steps, in words; empty when the question asks for none."""
        found = self.read(tenant_id, question)
        if found is None:
            return ""
        prices, basket = found
        return tell(policy.quote(prices, basket), prices, basket, locale)

    def quote(self, tenant_id: str, basket: Basket) -> Quote:
        """What a basket comes to; by list prices alone for a tenant without offers."""
        return policy.quote(self._lists.get(tenant_id) or PriceList(), basket)

    async def refresh(self) -> None:
        """Read the lists again when any was written."""
        stamp = await repository.stamp(self._db)
        if stamp != self._seen:
            self._lists = await repository.list_all(self._db)
            self._seen = stamp

    async def run(self) -> None:
        """Keep reading, until cancelled."""
        await keep_doing(self.refresh, every_s=_POLL_S, failing="prices.unread")


def check_prices(prices: PriceList) -> None:
    """Raises `Invalid` for what cannot be counted by."""
    problems: list[FieldError] = []
    for name, most, ids in (
        ("products", MOST_PRODUCTS, [one.id for one in prices.products]),
        ("offers", MOST_OFFERS, [one.id for one in prices.offers]),
    ):
        if len(ids) > most:
            problems.append(FieldError(f"$.{name}", f"at most {most}"))
        if len(set(ids)) < len(ids):
            problems.append(FieldError(f"$.{name}", "ids of their own"))
    levels, regions = ({one.id for one in group} for group in (prices.levels, prices.regions))
    for place, offer in enumerate(prices.offers):
        if not set(offer.levels) <= levels:
            problems.append(FieldError(f"$.offers[{place}].levels", "levels of this list"))
        if offer.coupon and not offer.words:
            problems.append(FieldError(f"$.offers[{place}].words", "what people call the coupon"))
    for place, rule in enumerate(prices.delivery):
        if not set(rule.regions) <= regions or not set(rule.free_levels) <= levels:
            problems.append(FieldError(f"$.delivery[{place}]", "regions and levels of this list"))
    if problems:
        raise Invalid("Nothing can be counted by this price list.", errors=problems)
