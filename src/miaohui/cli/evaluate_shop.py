"""A shop's policy, as its tools keep it: what a customer may do to an order, and what it does to their money."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from miaohui.tools.toolbox import Tool

Database: TypeAlias = dict[str, dict[str, Any]]

ADDRESS = ("address1", "address2", "city", "state", "country", "zip")
_REASONS = ("no longer needed", "ordered by mistake")
_TEXT = {"type": "string", "maxLength": 2_000}
_LIST = {"type": "array", "items": {"type": "string", "maxLength": 64}, "maxItems": 50}


class Shop:
    """The set's shop, kept as its policy says; whose order it is goes by who was identified in this session."""

    def __init__(self, data: Database) -> None:
        self.data = data
        self.who = ""
        """The customer of this session; empty before they were identified."""

    def tools(self) -> list[Tool]:
        """One for each action, as the shop would declare them."""
        from miaohui.tools.toolbox import Tool

        return [
            Tool(
                name=name,
                description=name.replace("_", " "),
                parameters={"type": "object", "properties": dict(takes), "required": list(takes)},
                risk="low_impact_write" if name in WRITES else "read",
                work=self._doing(work),
            )
            for name, (takes, work) in self._actions().items()
        ]

    def _actions(self) -> dict[str, tuple[Mapping[str, Any], Callable[..., object]]]:
        order, items = {"order_id": _TEXT}, {"order_id": _TEXT, "item_ids": _LIST}
        swap = items | {"new_item_ids": _LIST, "payment_method_id": _TEXT}
        place = dict.fromkeys(ADDRESS, _TEXT)
        return {
            "find_user_id_by_name_zip": (dict.fromkeys(("first_name", "last_name", "zip"), _TEXT), self.find_by_name),
            "find_user_id_by_email": ({"email": _TEXT}, self.find_by_email),
            "get_user_details": ({"user_id": _TEXT}, self.user),
            "get_order_details": (order, self.order),
            "get_product_details": ({"product_id": _TEXT}, lambda product_id: self.data["products"][product_id]),
            "get_item_details": ({"item_id": _TEXT}, self.item),
            "cancel_pending_order": (order | {"reason": _TEXT | {"enum": list(_REASONS)}}, self.cancel),
            "modify_pending_order_items": (swap, self.modify_items),
            "modify_pending_order_address": (order | place, self.modify_address),
            "modify_user_address": ({"user_id": _TEXT} | place, self.modify_user_address),
            "return_delivered_order_items": (items | {"payment_method_id": _TEXT}, self.return_items),
            "exchange_delivered_order_items": (swap, self.exchange_items),
            "transfer_to_human_agents": ({"summary": _TEXT}, lambda summary: "transferred"),  # noqa: ARG005
        }

    @staticmethod
    def _doing(work: Callable[..., object]) -> Any:
        from miaohui.tools.errors import ToolRefused

        async def run(order: Any) -> object:
            await asyncio.sleep(0)
            try:
                return work(**order.arguments)
            except (KeyError, StopIteration) as error:
                raise ToolRefused("There is no such thing.") from error

        return run

    def find_by_name(self, first_name: str, last_name: str, zip: str) -> str:  # noqa: A002  (the set's own word)
        """Identifies the session's customer."""
        name = (first_name.casefold(), last_name.casefold(), zip)
        return self._identify(
            lambda user: (
                (
                    user["name"]["first_name"].casefold(),
                    user["name"]["last_name"].casefold(),
                    user["address"]["zip"],
                )
                == name
            )
        )

    def find_by_email(self, email: str) -> str:
        """Identifies the session's customer."""
        return self._identify(lambda user: user["email"].casefold() == email.casefold())

    def _identify(self, fits: Callable[[Mapping[str, Any]], bool]) -> str:
        found_ = next(name for name, user in self.data["users"].items() if fits(user))
        _check(self.who in {"", found_}, "Only one customer is helped in a conversation.")
        self.who = found_
        return found_

    def user(self, user_id: str) -> Any:
        """Their own only."""
        _check(bool(self.who) and user_id == self.who, "This is not theirs.")
        return self.data["users"][user_id]

    def order(self, order_id: str) -> Any:
        """Their own only; of another's order nothing is said."""
        found_ = self.data["orders"].get(order_id)
        _check(found_ is not None and bool(self.who) and found_["user_id"] == self.who, "There is no such order.")
        return found_

    def item(self, item_id: str) -> Any:
        """Anybody may look at what is sold."""
        return next(one["variants"][item_id] for one in self.data["products"].values() if item_id in one["variants"])

    def cancel(self, order_id: str, reason: str) -> Any:
        """Pending orders; what was paid goes back the way it came."""
        order = self._in_state(order_id, "pending")
        refunds = [dict(paid, transaction_type="refund") for paid in order["payment_history"]]
        for refund in refunds:
            self._credit(refund["payment_method_id"], money(refund["amount"]))
        order["payment_history"] += refunds
        order.update(status="cancelled", cancel_reason=reason)
        return order

    def modify_items(self, order_id: str, item_ids: list[str], new_item_ids: list[str], payment_method_id: str) -> Any:
        """Other variants of the same products, once; the difference is paid or returned at once."""
        order = self._in_state(order_id, "pending")
        chosen = self._swap(order, item_ids, new_item_ids)
        difference = sum((money(new["price"]) - money(old["price"]) for old, new in chosen), Decimal(0))
        self._afford(payment_method_id, difference)
        self._credit(payment_method_id, -difference)
        order["payment_history"].append(
            {
                "transaction_type": "payment" if difference > 0 else "refund",
                "amount": float(abs(difference)),
                "payment_method_id": payment_method_id,
            }
        )
        for old, new in chosen:
            old.update(item_id=new["item_id"], price=new["price"], options=new["options"])
        order["status"] = "pending (item modified)"
        return order

    def modify_address(self, order_id: str, **address: str) -> Any:
        """Pending orders, those with modified goods too."""
        order = self.order(order_id)
        _check(order["status"].startswith("pending"), "This order is on its way.")
        order["address"] = dict(address)
        return order

    def modify_user_address(self, user_id: str, **address: str) -> Any:
        """Their own."""
        user = self.user(user_id)
        user["address"] = dict(address)
        return user

    def return_items(self, order_id: str, item_ids: list[str], payment_method_id: str) -> Any:
        """Delivered orders; the money goes back the way it came, or onto a gift card."""
        order = self._in_state(order_id, "delivered")
        self._choose(order, item_ids)
        paid = order["payment_history"][0]["payment_method_id"]
        method = self.data["users"][self.who]["payment_methods"][payment_method_id]
        _check(payment_method_id == paid or method["source"] == "gift_card", "Not to this payment method.")
        order.update(
            status="return requested", return_items=sorted(item_ids), return_payment_method_id=payment_method_id
        )
        return order

    def exchange_items(
        self, order_id: str, item_ids: list[str], new_item_ids: list[str], payment_method_id: str
    ) -> Any:
        """Delivered orders, for other variants of the same products."""
        order = self._in_state(order_id, "delivered")
        chosen = self._swap(order, item_ids, new_item_ids)
        difference = sum((money(new["price"]) - money(old["price"]) for old, new in chosen), Decimal(0))
        self._afford(payment_method_id, difference)
        order.update(
            status="exchange requested",
            exchange_items=sorted(item_ids),
            exchange_new_items=sorted(new_item_ids),
            exchange_payment_method_id=payment_method_id,
            exchange_price_difference=float(difference),
        )
        return order

    def _in_state(self, order_id: str, state: str) -> Any:
        order = self.order(order_id)
        _check(order["status"] == state, f"This is for {state} orders.")
        return order

    def _choose(self, order: Any, item_ids: Sequence[str]) -> list[Any]:
        """As many of each as are named, and there are."""
        left = list(order["items"])
        chosen = []
        for item_id in item_ids:
            one = next((item for item in left if item["item_id"] == item_id), None)
            _check(one is not None, "This order has no such item.")
            left.remove(one)
            chosen.append(one)
        return chosen

    def _swap(self, order: Any, item_ids: Sequence[str], new_item_ids: Sequence[str]) -> list[tuple[Any, Any]]:
        _check(len(item_ids) == len(new_item_ids), "Name one new item for each.")
        pairs = []
        for old, new_id in zip(self._choose(order, item_ids), new_item_ids, strict=True):
            new = self.data["products"][old["product_id"]]["variants"].get(new_id)
            _check(new is not None and new["available"], "That is not to be had of the same product.")
            pairs.append((old, new))
        return pairs

    def _afford(self, payment_method_id: str, amount: Decimal) -> None:
        method = self.data["users"][self.who]["payment_methods"][payment_method_id]
        _check("balance" not in method or money(method["balance"]) >= amount, "The gift card does not cover it.")

    def _credit(self, payment_method_id: str, amount: Decimal) -> None:
        """A gift card at once; the others when the bank does it."""
        method = self.data["users"][self.who]["payment_methods"][payment_method_id]
        if "balance" in method:
            method["balance"] = float(money(method["balance"]) + amount)


WRITES = frozenset(
    [
        *("cancel_pending_order", "modify_pending_order_items", "modify_pending_order_address", "modify_user_address"),
        *("return_delivered_order_items", "exchange_delivered_order_items", "transfer_to_human_agents"),
    ]
)


def money(amount: float) -> Decimal:
    """To the cent."""
    return Decimal(str(amount)).quantize(Decimal("0.01"))


def _check(holds: bool, words: str) -> None:
    from miaohui.tools.errors import ToolRefused

    if not holds:
        raise ToolRefused(words)
