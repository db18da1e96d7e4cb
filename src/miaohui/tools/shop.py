"""Orders and where they are: told to the person who made them and to nobody else.

Whose order it is goes by who is logged in, as a signed token or the tenant's own server says; what the visitor or the
engine claims counts for nothing. An order of somebody else is refused in the same words as one that does not exist.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from miaohui.tools.errors import ToolRefused
from miaohui.tools.ports import Orders, People
from miaohui.tools.toolbox import Tool
from miaohui.tools.types import Order

_LATEST = 5
_NOBODY = "Nobody is logged in here. Ask the visitor to log in to the shop and to ask again; never ask for passwords."
_NONE = "This person has no such order. Ask them to check the number; say nothing about whose it might be."
_PARCELS = ("carrier", "tracking_number", "state", "events", "expected_at")


def build_orders(orders: Orders, people: People) -> tuple[Tool, ...]:
    """`get_order` and `get_logistics`."""

    async def owner_of(order: Order) -> str:
        owner = await people.find_owner(order.tenant_id, order.conversation_id)
        if not owner:
            raise ToolRefused(_NOBODY)
        return owner

    async def find(order: Order) -> Mapping[str, Any]:
        found = await orders.find(order.tenant_id, await owner_of(order), order.arguments["order_id"].strip())
        if found is None:
            raise ToolRefused(_NONE)
        return found

    async def get_order(order: Order) -> object:
        if "order_id" in order.arguments:
            return without(await find(order), "logistics")
        latest = await orders.latest(order.tenant_id, await owner_of(order), _LATEST)
        return {"orders": [without(one, "logistics") for one in latest]}

    async def get_logistics(order: Order) -> object:
        parcels = (await find(order)).get("logistics") or {}
        return {name: parcels[name] for name in _PARCELS if name in parcels} or {"state": "not sent yet"}

    number = {"type": "string", "description": "As the visitor wrote it.", "minLength": 1, "maxLength": 64}
    return (
        Tool(
            name="get_order",
            description="One order of the person who is logged in, with goods, amounts and state; without a number, "
            "their last orders.",
            parameters={"type": "object", "properties": {"order_id": number}},
            risk="read",
            work=get_order,
        ),
        Tool(
            name="get_logistics",
            description="Where the parcel of an order is, of the person who is logged in.",
            parameters={"type": "object", "properties": {"order_id": number}, "required": ["order_id"]},
            risk="read",
            work=get_logistics,
        ),
    )


def without(order: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """The order, but for some of it; whose it is stays here."""
    return {name: value for name, value in order.items() if name not in {*names, "owner"}}
