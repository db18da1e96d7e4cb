"""`calculate_price`: for engines, so that none of them does the sum."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from miaohui.tools.errors import ToolRefused
from miaohui.tools.prices.policy import quote
from miaohui.tools.prices.service import PriceLists
from miaohui.tools.prices.types import Basket, Line, PriceList
from miaohui.tools.prices.words import tell
from miaohui.tools.toolbox import Tool
from miaohui.tools.types import Order

_FIRST_CJK = "\u2e80"
_WORD = {"type": "string", "minLength": 1, "maxLength": 64}
_ITEM = {
    "type": "object",
    "properties": {
        "product": {**_WORD, "description": "Id or name in the price list; its price is then known."},
        "price": {**_WORD, "description": "Of one, as a decimal, for what is not in the price list."},
        "quantity": {"type": "integer", "minimum": 1, "maximum": 999},
        "returned": {"type": "boolean", "description": "Whether it goes back afterwards."},
    },
}
_PARAMETERS = {
    "type": "object",
    "properties": {
        "items": {"type": "array", "minItems": 1, "maxItems": 50, "items": _ITEM},
        "level": {**_WORD, "description": "Member level."},
        "day": {**_WORD, "description": "Day of the purchase, such as 2026-11-11; today unless given."},
        "coupons": {"type": "array", "maxItems": 5, "items": _WORD, "description": "Names of coupons to be used."},
        "points": {"type": "integer", "minimum": 0, "maximum": 100_000_000},
        "gift_card": {**_WORD, "description": "What is on it, as a decimal."},
        "region": {**_WORD, "description": "Where it is sent."},
        "delivered": {"type": "boolean", "description": "Whether delivery is asked for."},
    },
    "required": ["items"],
}


def build_price_tool(lists: PriceLists) -> Tool:
    """The tool."""

    async def work(order: Order) -> object:
        prices = lists.find(order.tenant_id)
        if prices is None:
            raise ToolRefused("This company has no price list. Say so, and work nothing out yourself.")
        basket = _basket(prices, order.arguments, lists.today())
        told = quote(prices, basket)
        words = "".join(line.name for line in basket.lines)
        locale = "zh-CN" if prices.currency == "CNY" or any(char >= _FIRST_CJK for char in words) else "en"
        return {"say_exactly": tell(told, prices, basket, locale), "coupons_not_used": list(told.unused)}

    return Tool(
        name="calculate_price",
        description="What goods cost after all offers, coupons, points and delivery, with every step; and what is paid "
        "back for a return. Use it for every such question, and repeat its words exactly.",
        parameters=_PARAMETERS,
        risk="read",
        work=work,
    )


def _basket(prices: PriceList, told: Mapping[str, Any], today: date) -> Basket:
    lines = [_line(prices, item) for item in told["items"]]
    try:
        day = date.fromisoformat(told["day"]) if "day" in told else today
    except ValueError:
        raise ToolRefused("`day` is no date, such as 2026-11-11.") from None
    region = _id_of(prices.regions, told.get("region", ""))
    return Basket(
        lines=tuple(lines),
        day=day,
        level=_id_of(prices.levels, told.get("level", "")),
        coupons=tuple(_coupon(prices, name) for name in told.get("coupons", ())),
        points=told.get("points", 0),
        gift_card=_decimal(prices, told["gift_card"]) if "gift_card" in told else 0,
        region=region,
        delivered=told.get("delivered", bool(region)),
        returned=tuple(place for place, item in enumerate(told["items"]) if item.get("returned")),
    )


def _line(prices: PriceList, item: Mapping[str, Any]) -> Line:
    quantity = item.get("quantity", 1)
    name = item.get("product", "")
    for product in prices.products:
        if name and (name == product.id or name in product.names):
            return Line(price=product.price, quantity=quantity, name=name, product=product.id, tags=product.tags)
    if "price" not in item:
        raise ToolRefused(f"`{name}` is not in the price list; give its price, or ask which product is meant.")
    return Line(price=_decimal(prices, item["price"]), quantity=quantity, name=name)


def _id_of(all_: Any, name: str) -> str:
    if not name:
        return ""
    for one in all_:
        if name == one.id or name in one.names:
            return str(one.id)
    raise ToolRefused(f"There is no {name[:64]} here; there are {', '.join(one.id for one in all_) or 'none'}.")


def _coupon(prices: PriceList, name: str) -> str:
    for offer in prices.offers:
        if offer.coupon and name in {offer.id, offer.name, *offer.words}:
            return offer.id
    known = ", ".join(offer.name for offer in prices.offers if offer.coupon)
    raise ToolRefused(f"There is no coupon {name[:64]}; there are {known or 'none'}.")


def _decimal(prices: PriceList, text: str) -> int:
    try:
        value = Decimal(text)
        if not 0 <= value < 10**9:
            raise ToolRefused("A price is too large or negative.")
    except InvalidOperation:
        raise ToolRefused(f"`{text[:64]}` is no decimal.") from None
    return int(value.scaleb(prices.decimals).to_integral_value())
