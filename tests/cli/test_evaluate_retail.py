"""The measurement of a shop's actions, on a small shop of our own in the form of the public set."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from miaohui.cli.evaluate_retail import Action, holds_exactly, measure_tasks
from miaohui.cli.evaluate_shop import Database

ADDRESS = {"address1": "1 Elm St", "address2": "", "city": "Austin", "state": "TX", "country": "USA", "zip": "78701"}


def _user(first: str, zip_: str, card: float) -> dict[str, Any]:
    return {
        "name": {"first_name": first, "last_name": "Li"},
        "email": f"{first}@shop.example",
        "address": ADDRESS | {"zip": zip_},
        "payment_methods": {f"gift_{first}": {"source": "gift_card", "balance": card}},
    }


def _order(user: str, status: str) -> dict[str, Any]:
    return {
        "user_id": user,
        "status": status,
        "address": ADDRESS,
        "items": [{"item_id": "red", "product_id": "cup", "price": 10.0, "options": {}}],
        "payment_history": [{"transaction_type": "payment", "amount": 10.0, "payment_method_id": f"gift_{user}"}],
    }


def _variant(item: str, price: float) -> dict[str, Any]:
    return {"item_id": item, "price": price, "options": {}, "available": True}


@pytest.fixture
def shop() -> Database:
    return {
        "users": {"mei": _user("mei", "78701", 5.0), "bob": _user("bob", "10001", 0.0)},
        "orders": {"#W1": _order("mei", "pending"), "#W2": _order("bob", "delivered")},
        "products": {"cup": {"variants": {"red": _variant("red", 10.0), "blue": _variant("blue", 12.0)}}},
    }


FIND: Action = ("find_user_id_by_name_zip", {"first_name": "Mei", "last_name": "Li", "zip": "78701"})
CANCEL: Action = ("cancel_pending_order", {"order_id": "#W1", "reason": "no longer needed"})
SWAP: Action = (
    "modify_pending_order_items",
    {"order_id": "#W1", "item_ids": ["red"], "new_item_ids": ["blue"], "payment_method_id": "gift_mei"},
)


@pytest.mark.parametrize("actions", [[FIND, CANCEL], [FIND, SWAP]])
async def test_a_task_is_done_exactly_and_refused_to_another(shop: Database, actions: list[Action]) -> None:
    done, refused = await measure_tasks(shop, [actions])
    assert (done.figure, refused.figure) == (1.0, 1.0)


async def test_a_task_that_the_shop_refuses_is_not_done(shop: Database) -> None:
    return_: Action = (
        "return_delivered_order_items",
        {"order_id": "#W1", "item_ids": ["red"], "payment_method_id": "gift_mei"},
    )
    done, _ = await measure_tasks(shop, [[FIND, return_]])
    assert done.figure == 0.0


async def test_what_a_gift_card_does_not_cover_changes_nothing(shop: Database) -> None:
    shop["users"]["mei"]["payment_methods"]["gift_mei"]["balance"] = 1.0
    done, _ = await measure_tasks(shop, [[FIND, SWAP]])
    assert done.figure == 1.0
    assert shop["orders"]["#W1"]["status"] == "pending"


def test_a_change_that_nobody_ordered_is_noticed(shop: Database) -> None:
    after = copy.deepcopy(shop)
    assert holds_exactly(shop, after, [FIND])
    after["orders"]["#W2"]["status"] = "cancelled"
    assert not holds_exactly(shop, after, [FIND])
