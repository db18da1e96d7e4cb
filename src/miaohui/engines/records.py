"""What the company's own systems say of a visitor who was verified, in words, where no provider finds some. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

_NUMBER = re.compile(r"[A-Za-z]{0,4}\d{6,}")
_MOST = 5
_ONE = ("This is what your records say:", "您的记录里查到：")
_SEVERAL = (
    "This is what your records say. If you mean one of them, tell me its number or the last digits:",
    "您的记录里查到这些。想细问哪一笔，告诉我订单号或尾号就行：",
)
_CALLED = {
    "待付款": "pending_payment unpaid",
    "待处理": "pending",
    "已下单": "created placed",
    "已付款": "paid",
    "已确认": "confirmed",
    "处理中": "processing",
    "备货中": "preparing",
    "已打包": "packed",
    "待取货": "ready",
    "待发货": "awaiting_shipment unshipped",
    "已发货": "shipped dispatched",
    "运输中": "in_transit",
    "运输延误": "delayed",
    "派送中": "out_for_delivery",
    "已签收": "delivered received",
    "已完成": "completed done finished",
    "已关闭": "closed",
    "已取消": "cancelled canceled",
    "已过期": "expired",
    "失败": "failed",
    "已丢失": "lost",
    "退货中": "returning",
    "验货中": "inspecting",
    "已退货": "returned",
    "退款中": "refunding",
    "已退款": "refunded",
    "已换货": "exchanged",
    "暂缓处理": "on_hold",
}
"""States of orders and parcels, and what systems name them."""
_STATES = {name: chinese for chinese, names in _CALLED.items() for name in names.split()}
_ENGLISH = {chinese: names.split()[0].replace("_", " ") for chinese, names in _CALLED.items()}


def tell_records(records: Sequence[str], question: str, locale: str) -> str:
    """A list of the records that the question names by number, or else of all; empty when there are none."""
    things = [values for record in records if (values := list(_values_of(record)))]
    numbers = set(_NUMBER.findall(question))
    named = [values for values in things if numbers & set(values)]
    if not things or (numbers and not named):
        return ""
    told = (named or things)[:_MOST]
    chinese = locale.startswith("zh")
    lead = _SEVERAL[chinese] if len(told) > 1 and not named else _ONE[chinese]
    return "\n".join([lead, *(f"- {' · '.join(_word(value, chinese=chinese) for value in one)}" for one in told)])


def _word(value: str, *, chinese: bool) -> str:
    """A state in the visitor's language; anything else, and a state that nobody foresaw, as it stands."""
    if chinese:
        return _STATES.get(value.strip().lower().replace(" ", "_").replace("-", "_"), value)
    return value.replace("_", " ") if value in _STATES else _ENGLISH.get(value, value)


def _values_of(record: str) -> Iterator[str]:
    """What stands in a record, `name: {…}`, without the names of its fields; nothing of what was cut off."""
    try:
        thing = msgspec.json.decode(record.partition(": ")[2])
    except msgspec.DecodeError:
        return
    for value in thing.values() if isinstance(thing, dict) else ():
        if text := _say(value):
            yield text


def _say(value: Any) -> str:
    if isinstance(value, list):
        return "、".join(filter(None, map(_say, value)))
    if isinstance(value, dict):
        return " ".join(filter(None, map(_say, value.values())))
    return "" if value is None or isinstance(value, bool) else str(value)
