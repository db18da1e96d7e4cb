"""Everything that answers: routes, the cache before them, tools, trials, and the stages that a turn passes through."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from miaohui.engines.abilities import Abilities
from miaohui.kit.aio import spawn, stop
from miaohui.kit.fetch import Fetcher, Limits
from miaohui.tools.calculate import CALCULATE
from miaohui.tools.grants import Grants
from miaohui.tools.human import REQUEST_HUMAN
from miaohui.tools.loop import ToolLoop
from miaohui.tools.now import build_now
from miaohui.tools.orders_file import FileOrders
from miaohui.tools.orders_http import HttpOrders
from miaohui.tools.prices.service import PriceLists
from miaohui.tools.prices.tool import build_price_tool
from miaohui.tools.quoting import Quoting
from miaohui.tools.repository import GrantsRepository
from miaohui.tools.search import build_search
from miaohui.tools.shop import build_orders
from miaohui.tools.ticketing import LateDesk, build_ticket_tool
from miaohui.tools.verifying.service import build_verifying
from miaohui.turns.stages import Stages
from miaohui.wiring.answering import EngineRoom, build_cache, build_economy, build_engine, build_trials
from miaohui.wiring.company import BusinessRecords, Company, build_company
from miaohui.wiring.meaning import build_meaning

if TYPE_CHECKING:
    from redis.asyncio import Redis

    from miaohui.contacts.service import Contacts
    from miaohui.engines.ports import Engine
    from miaohui.engines.router import Router
    from miaohui.guard.service import Guard
    from miaohui.kit.clock import Clock
    from miaohui.kit.database import Database
    from miaohui.kit.metrics import LoopWatch
    from miaohui.knowledge.service import Knowledge
    from miaohui.memory.service import Memory
    from miaohui.settings.types import Settings
    from miaohui.tools.ports import Orders
    from miaohui.tools.toolbox import Tool
    from miaohui.turns.ports import Profiles

_LIMITS = Limits(total_s=15.0, answer_bytes=262_144)


@dataclass(frozen=True, slots=True)
class Bench:
    """What answering is made of."""

    settings: Settings
    clock: Clock
    database: Database
    redis: Redis | None
    contacts: Contacts
    knowledge: Knowledge
    guard: Guard
    memory: Memory


@dataclass(frozen=True, slots=True, kw_only=True)
class Answering:
    """What answers, all of it."""

    engine: Engine
    """The calculator before trials around tools around the cache around the routes."""
    room: EngineRoom
    grants: Grants
    prices: PriceLists
    company: Company
    desk: LateDesk


async def build_answering(bench: Bench, stack: AsyncExitStack) -> Answering:
    """Routes, the cache before them, tools, and engines on trial. Raises `Invalid` for what cannot be used."""
    settings, clock, redis = bench.settings, bench.clock, bench.redis
    room = await build_engine(settings, clock, bench.database, redis, stack)
    bench.knowledge.meaning = build_meaning(settings, room.router)
    prices = await build_prices(bench, stack)
    company = await build_company(settings, clock, bench.database, bench.contacts, stack)
    bench.memory.consult(BusinessRecords(company))
    desk = LateDesk()
    tools = [*build_tools(bench, prices, company, stack), build_ticket_tool(desk)]
    grants = await build_grants(bench, room.router, tools, stack)
    grants.own_tools = company.connectors.tools_of
    tooled = ToolLoop(build_cache(settings, room.router, bench.guard, clock, redis), grants, clock)
    engine = Quoting(build_trials(settings, tooled, clock, stack), prices)
    stack.push_async_callback(engine.close)
    return Answering(engine=engine, room=room, grants=grants, prices=prices, company=company, desk=desk)


def build_stages(bench: Bench, answering: Answering, profiles: Profiles, loop_watch: LoopWatch) -> Stages:
    """The rooms that a turn passes through."""
    settings = bench.settings
    return Stages(
        lag_s=lambda: loop_watch.lag_s,
        guard=bench.guard,
        memory=bench.memory,
        knowledge=bench.knowledge,
        engine=answering.engine,
        profiles=profiles,
        small_route=settings.strained_route,
        passages=settings.retrieval_passages,
        max_output_tokens=settings.engine_max_output_tokens,
        economy=build_economy(settings),
        prompt_room=Abilities(answering.room.router.fleet).prompt_room,
    )


async def build_prices(bench: Bench, stack: AsyncExitStack) -> PriceLists:
    """What calculators know, read again when it changes."""
    prices = PriceLists(bench.database, bench.clock)
    await prices.refresh()
    stack.push_async_callback(stop, spawn(prices.run(), name="price-lists"))
    return prices


def build_tools(bench: Bench, prices: PriceLists, company: Company, stack: AsyncExitStack) -> list[Tool]:
    """Every tool of the house's own. Raises `Invalid` for orders that cannot be used."""
    orders = build_shop(bench.settings, stack)
    return [
        build_search(bench.knowledge),
        REQUEST_HUMAN,
        CALCULATE,
        build_price_tool(prices),
        build_now(bench.clock),
        *build_verifying(company.verifying),
        *(build_orders(orders, company.people) if orders is not None else ()),
    ]


async def build_grants(bench: Bench, router: Router, tools: list[Tool], stack: AsyncExitStack) -> Grants:
    """Which tools for whom. Raises `Invalid` for a setting that cannot be used."""
    usual = [name.strip() for name in bench.settings.tools.split(",") if name.strip()]
    grants = Grants(tools, bench.clock, GrantsRepository(bench.database), usual=usual)
    grants.may_call = Abilities(router.fleet).speak_tools
    await grants.refresh()
    stack.push_async_callback(stop, spawn(grants.run(), name="tool-grants"))
    return grants


def build_shop(settings: Settings, stack: AsyncExitStack) -> Orders | None:
    """Where orders are asked for, if anywhere."""
    if settings.orders_url:
        fetcher = Fetcher(allow_private=True, limits=_LIMITS)  # to the server that the operator named
        stack.push_async_callback(fetcher.close)
        return HttpOrders(fetcher, settings.orders_url, settings.orders_key.get_secret_value())
    return FileOrders(settings.orders_file) if settings.orders_file is not None else None
