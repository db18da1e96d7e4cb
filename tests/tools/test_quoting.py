"""Prices are told by the calculator before any engine is asked; what it cannot read goes to the engine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from miaohui.engines.types import ChatMessage, EngineRequest, Finished, Piece, Text, ToolUsed
from miaohui.identity.types import Principal
from miaohui.kit.clock import SystemClock
from miaohui.kit.database import Database
from miaohui.kit.errors import Invalid
from miaohui.kit.ids import new_id
from miaohui.settings.types import Settings
from miaohui.testing.engine import FakeEngine
from miaohui.tools.errors import ToolRefused
from miaohui.tools.prices.service import PriceLists
from miaohui.tools.prices.tool import build_price_tool
from miaohui.tools.prices.types import Offer, PriceList, Product
from miaohui.tools.quoting import Quoting
from miaohui.tools.types import Order
from miaohui.turns.types import Send
from miaohui.wiring import open_house

SHOP = msgspec.json.decode((Path(__file__).parents[2] / "demo" / "prices.json").read_bytes(), type=PriceList)


@pytest.fixture
async def lists(sqlite_database: Database) -> PriceLists:
    lists = PriceLists(sqlite_database, SystemClock())
    await lists.put("ten", SHOP)
    return lists


async def hear(engine: Quoting, question: str, tenant: str = "ten", *, grounded: bool = True) -> list[Piece]:
    request = EngineRequest(turn_id="t", tenant_id=tenant, question=question, messages=(), grounded=grounded)
    return [piece async for piece in engine.stream(request)]


async def test_a_price_is_told_by_the_calculator_and_no_engine_is_asked(lists: PriceLists) -> None:
    engine = FakeEngine(["我猜是 500 元。"])
    pieces = await hear(Quoting(engine, lists), "双11买650元实付多少？")
    assert engine.requests == []
    (text,) = [piece.text for piece in pieces if isinstance(piece, Text)]
    assert text.startswith("实付 570 元")
    assert [piece.name for piece in pieces if isinstance(piece, ToolUsed)] == ["calculate_price"]
    assert isinstance(pieces[-1], Finished)


@pytest.mark.parametrize(
    ("question", "tenant", "grounded"),
    [("怎么退货？", "ten", True), ("双11买650元实付多少？", "other", True), ("双11买650元实付多少？", "ten", False)],
)
async def test_everything_else_goes_to_the_engine(
    lists: PriceLists, question: str, tenant: str, grounded: bool
) -> None:
    engine = FakeEngine(["好的"])
    await hear(Quoting(engine, lists), question, tenant, grounded=grounded)
    assert len(engine.requests) == 1


async def test_a_price_list_that_cannot_be_counted_by_is_refused(lists: PriceLists) -> None:
    cup = Product(id="cup", price=100)
    with pytest.raises(Invalid, match="counted"):
        await lists.put("ten", PriceList(products=(cup, cup)))
    with pytest.raises(Invalid, match="counted"):
        await lists.put("ten", PriceList(offers=(Offer(id="o", name="券", cuts=(), coupon=True),)))
    assert lists.find("ten") == SHOP


async def test_another_process_learns_of_a_new_list(lists: PriceLists, sqlite_database: Database) -> None:
    other = PriceLists(sqlite_database, SystemClock())
    assert other.find("ten") is None
    await other.refresh()
    assert other.find("ten") == SHOP


def order(**arguments: Any) -> Order:
    return Order(tenant_id="ten", conversation_id="conv", turn_id="turn", key="turn:1", arguments=arguments)


async def test_an_engine_asks_the_same_calculator(lists: PriceLists) -> None:
    tool = build_price_tool(lists)
    items = [{"product": "C700"}]
    told: Any = await tool.work(order(items=items, level="金杉", coupons=["60元生日券"], day="2026-06-01"))
    assert told["say_exactly"].startswith("实付 1159.05 元")
    refund: Any = await tool.work(order(items=[{"price": "520"}, {"price": "130", "returned": True}], day="2026-11-11"))
    assert refund["say_exactly"].startswith("这件退 114 元")


@pytest.mark.parametrize(
    "arguments",
    [
        {"items": [{"product": "飞船"}]},
        {"items": [{"price": "many"}]},
        {"items": [{"price": "-1"}]},
        {"items": [{"price": "1"}], "level": "钻石"},
        {"items": [{"price": "1"}], "coupons": ["不存在的券"]},
        {"items": [{"price": "1"}], "day": "昨天"},
    ],
)
async def test_what_the_calculator_does_not_know_it_says(lists: PriceLists, arguments: dict[str, Any]) -> None:
    with pytest.raises(ToolRefused):
        await build_price_tool(lists).work(order(**arguments))


async def test_a_visitor_is_told_the_sum_with_its_steps(data_folder: Path) -> None:
    async with open_house(Settings(data=data_folder)) as house:
        tenant = await house.tenants.create("Shop", "shop")
        await house.answering.prices.put(tenant.id, SHOP)
        contact = await house.contacts.create_visitor(await house.inboxes.create(tenant.id, "web"))
        conversation = await house.conversations.start(contact)
        visitor = Principal(tenant_id=tenant.id, kind="visitor", id=contact.id, inbox_id=contact.inbox_id)
        asked = Send(cmid=new_id("cmid"), text="双11买650元，退掉一件130元的退多少？")
        accepted = await house.turns.accept(visitor, conversation, asked)
        told = await house.turns.follow(tenant.id, accepted.turn.id)
        assert told.message is not None
        assert told.message.text.startswith("这件退 114 元。是这样算的：\n1. 商品：520 元 + 130 元 = 650 元")
        page = await house.journal.find_turn(tenant.id, accepted.turn.id)
        assert page is not None
        assert page.route == "calculator"


@pytest.mark.parametrize(("question", "sum_"), [("三个呢", "417"), ("那买两个多少钱", "278"), ("要三个", "417")])
async def test_how_many_of_what_was_priced_before_is_counted(lists: PriceLists, question: str, sum_: str) -> None:
    messages = (
        ChatMessage("user", "保温杯多少钱"),
        ChatMessage("assistant", "实付 139 元。"),
        ChatMessage("user", f"{question}\n片段：无"),
    )
    request = EngineRequest(turn_id="t", tenant_id="ten", question=question, messages=messages)
    engine = FakeEngine(["好的"])
    told = [piece.text async for piece in Quoting(engine, lists).stream(request) if isinstance(piece, Text)]
    assert engine.requests == []
    assert f"= {sum_} 元" in told[0]


async def test_how_many_of_what_has_no_price_goes_to_the_engine(lists: PriceLists) -> None:
    messages = (ChatMessage("user", "怎么退货"), ChatMessage("assistant", "七天内。"), ChatMessage("user", "三个呢"))
    engine = FakeEngine(["好的"])
    request = EngineRequest(turn_id="t", tenant_id="ten", question="三个呢", messages=messages)
    told = [piece async for piece in Quoting(engine, lists).stream(request)]
    assert len(engine.requests) == 1
    assert not [piece for piece in told if isinstance(piece, ToolUsed)]
