"""What a basket comes to. Pure; whole minor units, halves are rounded up."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from miaohui.tools.prices.types import (
    DELIVERY,
    GIFT_CARD,
    POINTS,
    Basket,
    Cut,
    Delivery,
    Line,
    Money,
    Offer,
    PriceList,
    Quote,
    Step,
)


def quote(prices: PriceList, basket: Basket) -> Quote:
    """Offers by priority, then points, then the gift card, then delivery; each step sees what those before it left."""
    counting = _Counting(prices, basket)
    counting.apply_offers()
    offered = sum(counting.left)
    counting.charge_delivery(offered)
    counting.use_points()
    counting.use_gift_card()
    goods = sum(line.price * line.quantity for line in basket.lines)
    return Quote(
        goods=goods,
        steps=tuple(counting.steps),
        paid=tuple(counting.left),
        delivery=counting.fee,
        total=counting.due + counting.fee,
        refund=sum(counting.left[place] for place in set(basket.returned)),
        unused=tuple(counting.unused()),
    )


class _Counting:
    """One basket on its way to a sum."""

    def __init__(self, prices: PriceList, basket: Basket) -> None:
        self._prices = prices
        self._basket = basket
        self.left = [line.price * line.quantity for line in basket.lines]
        self.due = sum(self.left)
        self.fee = self._fee_before()
        self.steps: list[Step] = []
        self._used: set[str] = set()

    def apply_offers(self) -> None:
        """Those that hold."""
        offers = sorted(self._prices.offers, key=lambda offer: -offer.priority)
        alone = next((offer for offer in offers if offer.exclusive and self._holds(offer)), None)
        for offer in [alone] if alone else [one for one in offers if not one.exclusive]:
            if self._holds(offer):
                self._apply(offer)

    def _holds(self, offer: Offer) -> bool:
        basket = self._basket
        eligible = self._eligible(offer)
        return (
            (not offer.coupon or (offer.id in basket.coupons and self._may_use_coupon()))
            and (not offer.levels or basket.level in offer.levels)
            and (not offer.channels or basket.channel in offer.channels)
            and (not offer.seasons or any(span.holds(basket.day) for span in offer.seasons))
            and not any(span.holds(basket.day) for span in offer.pauses)
            and sum(self.left[place] for place in eligible) >= offer.least_total
            and sum(basket.lines[place].quantity for place in eligible) >= offer.least_quantity
        )

    def _may_use_coupon(self) -> bool:
        return len(self._used) < self._prices.coupons

    def _eligible(self, offer: Offer) -> list[int]:
        return [
            place
            for place, line in enumerate(self._basket.lines)
            if not (offer.skips_reduced and line.reduced) and not set(offer.skips_tags) & set(line.tags)
        ]

    def _apply(self, offer: Offer) -> None:
        before = self.due + self.fee
        for cut in offer.cuts:
            places = [place for place in self._eligible(offer) if _fits(cut, self._basket.lines[place])]
            if cut.of == "delivery":
                self.fee -= min(self.fee, cut.amount or _share_of(self.fee, cut.share))
            elif cut.of == "unit":
                self._cut_units(cut, places)
            else:
                self._cut_order(cut, places)
        self.due = sum(self.left)
        taken = before - self.due - self.fee
        if offer.coupon and taken:
            self._used.add(offer.id)
        if taken:
            self.steps.append(Step(offer.name, -taken, self.due))

    def _cut_units(self, cut: Cut, places: Sequence[int]) -> None:
        for place in places:
            line = self._basket.lines[place]
            wanted = cut.amount or _share_of(line.price, cut.share)
            room = max(self.left[place] - line.floor * line.quantity, 0)
            self.left[place] -= min(wanted * line.quantity, room)

    def _cut_order(self, cut: Cut, places: Sequence[int]) -> None:
        base = sum(self.left[place] for place in places)
        wanted = cut.amount * (base // cut.each if cut.each else 1) or _share_of(base, cut.share)
        rooms = [max(self.left[place] - self._floor(place), 0) for place in places]
        shares = spread(min(wanted, base), [self.left[place] for place in places], rooms)
        for place, share in zip(places, shares, strict=True):
            self.left[place] -= share

    def _floor(self, place: int) -> Money:
        line = self._basket.lines[place]
        return line.floor * line.quantity

    def _fee_before(self) -> Money:
        if not self._basket.delivered:
            return 0
        return sum(rule.fee for rule, _ in self._delivered())

    def _delivered(self) -> list[tuple[Delivery, list[int]]]:
        """Rules that hold, and the lines that each holds for."""
        groups: dict[int, list[int]] = {}
        for place, line in enumerate(self._basket.lines):
            number = next((n for n, rule in enumerate(self._prices.delivery) if self._covers(rule, line)), None)
            if number is not None:
                groups.setdefault(number, []).append(place)
        return [(self._prices.delivery[number], places) for number, places in groups.items()]

    def _covers(self, rule: Delivery, line: Line) -> bool:
        return (not rule.regions or self._basket.region in rule.regions) and (
            not rule.tags or bool(set(rule.tags) & set(line.tags))
        )

    def charge_delivery(self, offered: Money) -> None:
        """Of what is not free by its sum or the buyer's level."""
        if not self._basket.delivered:
            return
        for rule, places in self._delivered():
            sum_ = sum(self.left[place] for place in places)
            if self._basket.level in rule.free_levels or (rule.free_from and sum_ >= rule.free_from):
                self.fee -= min(self.fee, rule.fee)
        if self._prices.delivery:
            self.steps.append(Step(DELIVERY, self.fee, offered + self.fee))

    def use_points(self) -> None:
        """As many as the rules allow; never for delivery."""
        rules, basket = self._prices.points, self._basket
        if rules is None or not (basket.all_points or basket.points >= rules.least):
            return
        unit = 10**self._prices.decimals
        most = int(self.due * rules.most_share)
        worth = most if basket.all_points else min(most, basket.points * unit // rules.per_unit)
        self.due -= worth
        self.steps.append(Step(POINTS, -worth, self.due + self.fee))

    def use_gift_card(self) -> None:
        """It pays what is left of the goods; delivery it does not."""
        worth = min(self._basket.gift_card, self.due)
        if worth:
            self.due -= worth
            self.steps.append(Step(GIFT_CARD, -worth, self.due + self.fee))

    def unused(self) -> list[str]:
        """Coupons that were named and took nothing off."""
        return [
            offer.name
            for offer in self._prices.offers
            if offer.id in self._basket.coupons and offer.id not in self._used
        ]


def _fits(cut: Cut, line: Line) -> bool:
    return (
        (not cut.tags or bool(set(cut.tags) & set(line.tags)))
        and (not cut.products or line.product in cut.products)
        and line.price >= cut.price_from
        and (not cut.price_to or line.price <= cut.price_to)
    )


def _share_of(amount: Money, share: Decimal) -> Money:
    return int((amount * share).quantize(Decimal(1), ROUND_HALF_UP))


def spread(amount: Money, weights: Sequence[Money], rooms: Sequence[Money]) -> list[Money]:
    """A sum over several in proportion to their weights, none over its room: what does not fit goes to the others.

    Whole units: the largest remainders get one more. Less is given out when there is less room.
    """
    given = [0] * len(weights)
    left = min(amount, sum(rooms))
    while left > 0:
        open_ = [place for place in range(len(weights)) if given[place] < rooms[place]]
        total = sum(weights[place] for place in open_) or len(open_)
        parts = {place: divmod(left * (weights[place] or (total == len(open_))), total) for place in open_}
        shares = {place: whole for place, (whole, _) in parts.items()}
        for place in sorted(open_, key=lambda place: -parts[place][1])[: left - sum(shares.values())]:
            shares[place] += 1
        for place, share in shares.items():
            taken = min(share, rooms[place] - given[place])
            given[place] += taken
            left -= taken
    return given
