"""`miaohui eval tools`: a shop's actions through our tool layer, and what it refuses."""

from __future__ import annotations

import asyncio
import copy
import gzip
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from miaohui.cli.evaluate_data import data_folder, found, watched
from miaohui.cli.evaluate_shop import ADDRESS, WRITES, Database, Shop, money
from miaohui.cli.evaluate_table import Measured, share, show
from miaohui.cli.output import as_json

Action = tuple[str, Mapping[str, Any]]


@click.command("tools")
@data_folder
@as_json
def tools(*, data: Path, as_json: bool) -> None:
    """Run a shop's gold actions through the tool layer, then the same for another customer. DATA holds tau2/retail/."""
    folder = data / "tau2" / "retail"
    with gzip.open(found(folder / "db.json.gz"), "rt", encoding="utf-8") as stream:
        data_: Database = json.load(stream)
    with gzip.open(found(folder / "tasks_train.json.gz"), "rt", encoding="utf-8") as stream:
        tasks = [_actions(task) for task in json.load(stream)]
    with watched(hidden=as_json) as watch:
        lines = asyncio.run(measure_tasks(data_, watch(tasks, "tasks")))
    show(lines, as_json=as_json)


def _actions(task: Mapping[str, Any]) -> list[Action]:
    return [(one["name"], one["arguments"]) for one in task["evaluation_criteria"]["actions"]]


async def measure_tasks(data: Database, tasks: Iterable[list[Action]]) -> list[Measured]:
    """A task is done when no call was refused and the database holds exactly what its actions say."""
    done: list[bool] = []
    kept: list[bool] = []
    for actions in tasks:
        mine = copy.deepcopy(data)
        shop = Shop(mine)
        shop.who = _whose(data, actions)
        await _run(shop, actions)
        done.append(holds_exactly(data, mine, actions))
        if any(name in WRITES and "order_id" in arguments for name, arguments in actions):
            kept.append(await _refuses_another(data, actions))
    return [
        Measured("shop tasks", "done exactly", share(done), len(done), 1.0),
        Measured("another customer's", "refused", share(kept), len(kept), 1.0),
    ]


def _whose(data: Database, actions: Sequence[Action]) -> str:
    """Whose session it is, where the actions do not begin with finding that out: a signed token would say."""
    for name, told in actions:
        if name in WRITES and "order_id" in told:
            owner: str = data["orders"][told["order_id"]]["user_id"]
            return owner
    return next((told["user_id"] for _, told in actions if "user_id" in told), "")


async def _run(shop: Shop, actions: Iterable[Action]) -> None:
    """One call after the other, as an engine would."""
    from miaohui.engines.types import CalledFunction, EngineRequest, ToolCall
    from miaohui.kit.clock import SystemClock
    from miaohui.tools.calculate import CALCULATE
    from miaohui.tools.running import Breakers, Running, ToolOptions
    from miaohui.tools.toolbox import ToolBox

    request = EngineRequest(turn_id="turn", tenant_id="ten", question="", messages=())
    running = Running(ToolBox([*shop.tools(), CALCULATE]), Breakers(SystemClock()), ToolOptions(), request)
    for number, (name, arguments) in enumerate(actions):
        call = ToolCall(id=f"call_{number}", function=CalledFunction(name=name, arguments=json.dumps(dict(arguments))))
        await running.run([call])


async def _refuses_another(data: Database, actions: Sequence[Action]) -> bool:
    """The same calls in the session of somebody else change nothing."""
    mine = copy.deepcopy(data)
    shop = Shop(mine)
    owner = _whose(data, actions)
    shop.who = next(name for name in data["users"] if name != owner)
    await _run(shop, [one for one in actions if not one[0].startswith("find_user")])
    return mine == data


def holds_exactly(before: Database, after: Database, actions: Sequence[Action]) -> bool:
    """Worked out from the actions alone, by other means than `Shop`: states, goods, addresses, money; nothing else."""
    changed_orders = {key for key in before["orders"] if before["orders"][key] != after["orders"][key]}
    changed_users = {key for key in before["users"] if before["users"][key] != after["users"][key]}
    writes = [(name, told) for name, told in actions if name in WRITES]
    named = {told["order_id"] for _, told in writes if "order_id" in told}
    owners = {before["orders"][key]["user_id"] for key in named} | {
        told["user_id"] for name, told in writes if name == "modify_user_address"
    }
    return (
        before["products"] == after["products"]
        and changed_orders <= named
        and changed_users <= owners
        and all(_holds(before, after, name, told) for name, told in _last_of_each(writes))
        and all(_balance(before, key, writes) == _cards(after, key) for key in owners)
    )


def _last_of_each(writes: Sequence[Action]) -> list[Action]:
    """Of several changes of one address the last one stands."""
    return list({(name, told.get("order_id", told.get("user_id"))): (name, told) for name, told in writes}.values())


_STATES = {
    "cancel_pending_order": "cancelled",
    "modify_pending_order_items": "pending (item modified)",
    "return_delivered_order_items": "return requested",
    "exchange_delivered_order_items": "exchange requested",
}


def _holds(before: Database, after: Database, name: str, told: Mapping[str, Any]) -> bool:
    if name == "transfer_to_human_agents":
        return True
    if name.endswith("address"):
        kind, key = ("orders", "order_id") if "order_id" in told else ("users", "user_id")
        return _place(after[kind][told[key]]["address"]) == _place(told)
    old, new = before["orders"][told["order_id"]], after["orders"][told["order_id"]]
    if not _is_covered(before, told):
        return bool(old == new)
    later = name == "modify_pending_order_items" and new["status"] == "cancelled"
    return (new["status"] == _STATES[name] or later) and _holds_inside(before, new, name, told)


def _holds_inside(before: Database, new: Mapping[str, Any], name: str, told: Mapping[str, Any]) -> bool:
    old = before["orders"][told["order_id"]]
    match name:
        case "modify_pending_order_items":
            goods = Counter(item["item_id"] for item in old["items"])
            goods.subtract(told["item_ids"])
            goods.update(told["new_item_ids"])
            return +goods == Counter(item["item_id"] for item in new["items"])
        case "return_delivered_order_items":
            return bool(new["return_items"] == sorted(told["item_ids"]))
        case "exchange_delivered_order_items":
            return money(new["exchange_price_difference"]) == _difference(before, told)
        case _:
            return bool(new["cancel_reason"] == told["reason"])


def _is_covered(before: Database, told: Mapping[str, Any]) -> bool:
    """By the gift card that is to pay for it; otherwise the shop refuses, and nothing changes."""
    if "new_item_ids" not in told:
        return True
    cards = _cards(before, before["orders"][told["order_id"]]["user_id"])
    return _difference(before, told) <= cards.get(told["payment_method_id"], Decimal("Infinity"))


def _difference(data: Database, told: Mapping[str, Any]) -> Decimal:
    prices = {key: one["price"] for product in data["products"].values() for key, one in product["variants"].items()}
    paid = {item["item_id"]: item["price"] for item in data["orders"][told["order_id"]]["items"]}
    new = sum((money(prices[key]) for key in told["new_item_ids"]), Decimal(0))
    return new - sum((money(paid[key]) for key in told["item_ids"]), Decimal(0))


def _cards(data: Database, user: str) -> dict[str, Decimal]:
    methods = data["users"][user]["payment_methods"]
    return {key: money(method["balance"]) for key, method in methods.items() if "balance" in method}


def _balance(before: Database, user: str, writes: Sequence[Action]) -> dict[str, Decimal]:
    """What each gift card should hold."""
    cards = _cards(before, user)
    for name, told in writes:
        order = before["orders"].get(told.get("order_id", ""))
        if order is None or order["user_id"] != user:
            continue
        if name == "cancel_pending_order":
            for paid in order["payment_history"]:
                if paid["payment_method_id"] in cards:
                    cards[paid["payment_method_id"]] += money(paid["amount"])
        elif name == "modify_pending_order_items" and told["payment_method_id"] in cards and _is_covered(before, told):
            cards[told["payment_method_id"]] -= _difference(before, told)
    return cards


def _place(address: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(address[part] for part in ADDRESS)


COMMANDS = (tools,)
