"""Orders are told to who made them, and to nobody else in any way."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiohttp import web
from tests.support.outside import listening

from miaohui.kit.errors import Invalid, Unavailable
from miaohui.kit.fetch import Fetcher
from miaohui.knowledge.types import Chunk, Passage, Retrieval
from miaohui.tools.errors import ToolRefused
from miaohui.tools.orders_file import FileOrders
from miaohui.tools.orders_http import HttpOrders
from miaohui.tools.ports import Orders
from miaohui.tools.search import build_search
from miaohui.tools.shop import build_orders
from miaohui.tools.types import Order

MINE: dict[str, Any] = {
    "id": "MH-1/2",
    "owner": "mei",
    "made_at": "2026-11-01",
    "paid": "199.00",
    "logistics": {"carrier": "顺丰", "state": "在途", "inner_note": "x"},
}
OTHERS: dict[str, Any] = {"id": "MH-9", "owner": "bob", "made_at": "2026-11-02"}
OLDER: dict[str, Any] = {"id": "MH-0", "owner": "mei", "made_at": "2026-10-01"}


class People:
    """Knows who is logged in."""

    def __init__(self, owner: str) -> None:
        self.owner = owner

    async def find_owner(self, tenant_id: str, conversation_id: str) -> str:
        return self.owner


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "orders.json"
    path.write_text(json.dumps({"orders": [MINE, OTHERS, OLDER]}), encoding="utf-8")
    return path


class Server:
    """The shop's own server; `careless` gives anybody everything."""

    careless = False
    broken = False

    def __init__(self) -> None:
        self.seen: list[str] = []

    async def one(self, request: web.Request) -> web.Response:
        self.seen.append(request.headers.get("authorization", ""))
        if self.broken:
            return web.Response(status=500)
        for order in (MINE, OTHERS, OLDER):
            if order["id"] == request.match_info["id"] and (self.careless or order["owner"] == request.query["owner"]):
                return web.json_response(order)
        return web.Response(status=404)

    async def many(self, request: web.Request) -> web.Response:
        orders = [one for one in (OTHERS, MINE, OLDER) if self.careless or one["owner"] == request.query["owner"]]
        return web.json_response({"orders": orders})


@pytest.fixture
async def server() -> AsyncIterator[tuple[Server, Orders]]:
    shop = Server()
    app = web.Application()
    app.router.add_get("/orders/{id}", shop.one)
    app.router.add_get("/orders", shop.many)
    async with listening(app) as address, Fetcher(allow_private=True) as fetcher:
        yield shop, HttpOrders(fetcher, f"{address}/", "shop-key")


@pytest.fixture(params=["file", "http"])
def orders(request: pytest.FixtureRequest, file: Path, server: tuple[Server, Orders]) -> Orders:
    return FileOrders(file) if request.param == "file" else server[1]


def order(**arguments: str) -> Order:
    return Order(tenant_id="tnt_1", conversation_id="conv_1", turn_id="turn_1", key="turn_1:1", arguments=arguments)


async def test_the_order_of_who_is_logged_in_is_told_without_whose_it_is(orders: Orders) -> None:
    get_order, get_logistics = build_orders(orders, People("mei"))
    assert await get_order.work(order(order_id=" MH-1/2 ")) == {
        "id": "MH-1/2",
        "made_at": "2026-11-01",
        "paid": "199.00",
    }
    assert await get_logistics.work(order(order_id="MH-1/2")) == {"carrier": "顺丰", "state": "在途"}
    assert await get_logistics.work(order(order_id="MH-0")) == {"state": "not sent yet"}
    listed: Any = await get_order.work(order())
    assert [one["id"] for one in listed["orders"]] == ["MH-1/2", "MH-0"]


@pytest.mark.parametrize("wanted", ["MH-9", "MH-404", "mh-9", "..", "MH-9?owner=bob", "../orders/MH-9"])
async def test_somebody_elses_order_and_none_at_all_are_refused_in_the_same_words(orders: Orders, wanted: str) -> None:
    for tool in build_orders(orders, People("mei")):
        with pytest.raises(ToolRefused) as refused:
            await tool.work(order(order_id=wanted))
        assert str(refused.value).startswith("This person has no such order.")


async def test_who_is_not_logged_in_is_told_nothing(orders: Orders) -> None:
    for tool in build_orders(orders, People("")):
        with pytest.raises(ToolRefused, match="Nobody is logged in"):
            await tool.work(order(order_id="MH-1/2"))


async def test_a_careless_shop_server_cannot_make_us_tell_another_ones_order(server: tuple[Server, Orders]) -> None:
    shop, asked = server
    shop.careless = True
    assert await asked.find("tnt_1", "mei", "MH-9") is None
    assert [one["id"] for one in await asked.latest("tnt_1", "mei", 5)] == ["MH-1/2", "MH-0"]
    assert shop.seen == ["Bearer shop-key"]
    shop.broken = True
    with pytest.raises(Unavailable):
        await asked.find("tnt_1", "mei", "MH-9")


@pytest.mark.parametrize(
    "content", ["", "[]", '{"orders": 1}', '{"orders": [{"id": "a"}]}', '{"orders": [{"id": "", "owner": "x"}]}']
)
def test_a_file_that_holds_no_orders_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "orders.json"
    path.write_text(content)
    with pytest.raises(Invalid):
        FileOrders(path)


class Articles:
    """One article."""

    async def retrieve(self, tenant_id: str, question: str, *, locale: str, limit: int) -> Retrieval:
        assert (tenant_id, locale, limit) == ("tnt_1", "zh-CN", 4)
        chunk = Chunk(
            id="c", article_id="a", ordinal=0, title="退货", heading="运费", text="买家" * 900, start=0, end=1
        )
        return Retrieval(
            passages=(Passage(chunk=chunk, score=1, bm25=1, cosine=1),), answerability=1, answerable=True, version=1
        )


async def test_a_search_gives_passages_of_bounded_length() -> None:
    told: Any = await build_search(Articles()).work(order(query="退货运费"))
    (passage,) = told["passages"]
    assert (passage["title"], len(passage["text"]), told["likely_answered"]) == ("退货", 1_200, True)
    assert msgspec.json.encode(told)
