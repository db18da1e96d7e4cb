"""A sum and its steps in words. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal

from miaohui.tools.prices.types import DELIVERY, GIFT_CARD, POINTS, Basket, Money, PriceList, Quote, Step

_SIGNS = {"CNY": ("", " 元"), "USD": ("$", ""), "EUR": ("€", ""), "GBP": ("£", "")}
_NAMES = {
    GIFT_CARD: ("礼品卡", "gift card"),
    DELIVERY: ("运费", "delivery"),
    POINTS: ("积分抵扣", "points"),
}


def format_money(amount: Money, prices: PriceList, locale: str = "zh-CN") -> str:
    """`1159.05 元`, `80 元`; with a sign where the currency has one before the number."""
    number = Decimal(amount).scaleb(-prices.decimals)
    text = f"{number:.{prices.decimals}f}" if amount % 10**prices.decimals else f"{number:.0f}"
    before, after = _SIGNS.get(prices.currency, ("", f" {prices.currency}"))
    if prices.currency == "CNY" and not locale.startswith("zh"):
        before, after = "¥", ""
    return f"-{before}{text[1:]}{after}" if text.startswith("-") else f"{before}{text}{after}"


def tell(quote: Quote, prices: PriceList, basket: Basket, locale: str) -> str:
    """The sum first, then every step, then what was taken for granted."""
    chinese = locale.startswith("zh")
    lines = [_conclude(quote, prices, basket, chinese=chinese)]
    lines += [f"{number}. {words}" for number, words in enumerate(_steps(quote, prices, basket, chinese=chinese), 1)]
    lines += _assumed(quote, prices, basket, chinese=chinese)
    return "\n".join(lines)


def _conclude(quote: Quote, prices: PriceList, basket: Basket, *, chinese: bool) -> str:
    locale = "zh-CN" if chinese else "en"
    total, refund = (format_money(sum_, prices, locale) for sum_ in (quote.total, quote.refund))
    if basket.returned:
        return f"这件退 {refund}。是这样算的：" if chinese else f"You get {refund} back. This is how it comes to that:"
    saved = format_money(quote.saved, prices, locale)
    if chinese:
        return f"实付 {total}" + (f"，共优惠 {saved}。" if quote.saved else "。") + "是这样算的："
    return f"You pay {total}" + (f" and save {saved}." if quote.saved else ".") + " This is how it comes to that:"


def _steps(quote: Quote, prices: PriceList, basket: Basket, *, chinese: bool) -> Iterator[str]:
    locale = "zh-CN" if chinese else "en"

    def money(amount: Money) -> str:
        return format_money(amount, prices, locale)

    goods = [
        (f"{line.name} " if line.name else "")
        + money(line.price)
        + (f" × {line.quantity}" if line.quantity > 1 else "")
        for line in basket.lines
    ]
    alone = len(goods) == 1 and basket.lines[0].quantity == 1
    sum_ = goods[0] if alone else f"{' + '.join(goods)} = {money(quote.goods)}"
    yield f"商品：{sum_}" if chinese else f"Goods: {sum_}"
    for step in quote.steps:
        yield _step(step, money, chinese=chinese)
    if basket.returned:
        place = basket.returned[0]
        line = basket.lines[place]
        share = line.price * line.quantity - quote.paid[place]
        yield (
            f"优惠按金额分摊，这件分到 {money(share)}：{money(line.price)} − {money(share)} = {money(quote.refund)}"
            if chinese
            else f"Its share of what was taken off is {money(share)}: {money(line.price)} − {money(share)} = "
            f"{money(quote.refund)}"
        )


def _step(step: Step, money: Callable[[Money], str], *, chinese: bool) -> str:
    name = _NAMES[step.name][not chinese] if step.name in _NAMES else step.name
    if not step.amount:
        return f"{name}：免" if chinese else f"{name}: free"
    signed = ("+" if step.amount > 0 else "−") + money(abs(step.amount))
    return f"{name}：{signed}，是 {money(step.left)}" if chinese else f"{name}: {signed}, leaves {money(step.left)}"


def _assumed(quote: Quote, prices: PriceList, basket: Basket, *, chinese: bool) -> Iterator[str]:
    level = next((one.label or one.names[0] for one in prices.levels if one.id == basket.level), "")
    if chinese:
        who = f"{level}会员" if level else "没有会员折扣"
        yield f"（按 {basket.day.isoformat()} 的优惠、{who}计算。）"
        if quote.unused:
            yield f"（{'、'.join(quote.unused)}在这一单用不上。）"
    else:
        who = f"as a {level} member" if level else "without a member discount"
        yield f"(By the offers of {basket.day.isoformat()}, {who}.)"
        if quote.unused:
            yield f"({', '.join(quote.unused)} cannot be used here.)"
