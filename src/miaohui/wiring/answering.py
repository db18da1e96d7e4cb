"""What answers: routes, the cache before them, and engines on trial."""

from __future__ import annotations

import re
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from miaohui.engines.accounts import Accounts
from miaohui.engines.book import RouteBook
from miaohui.engines.budget import Bounds, Hedging
from miaohui.engines.cache import CachedEngine, CacheParts
from miaohui.engines.cache_memory import CacheMemory, MemoryBounds
from miaohui.engines.cache_routes import FirstChoice
from miaohui.engines.cache_semantic import SemanticAnswers
from miaohui.engines.coalesce import Flights
from miaohui.engines.connect import connect_openai
from miaohui.engines.extractive import Extractive
from miaohui.engines.ledger_records import RecordsLedger
from miaohui.engines.limits_memory import LimitsMemory as EngineLimitsMemory
from miaohui.engines.news import News, NoNews
from miaohui.engines.repository import EnginesRepository
from miaohui.engines.router import Router, RouterParts
from miaohui.engines.routes import EMBEDDINGS, read_route
from miaohui.engines.service import EngineRoutes
from miaohui.engines.spending import Spending
from miaohui.experiments.findings import Counted
from miaohui.experiments.grey import Grey
from miaohui.experiments.shadow import Budget, Shadow
from miaohui.experiments.types import Share
from miaohui.guard.service import Guard
from miaohui.kit.aio import spawn, stop
from miaohui.kit.clock import Clock
from miaohui.kit.database import Database
from miaohui.kit.ids import new_id
from miaohui.kit.sealed import Seal
from miaohui.knowledge.embedding import embed
from miaohui.prompts.fit import WHOLE, Economy
from miaohui.prompts.shorten import shorten
from miaohui.settings.service import secret_before_of, secret_of

if TYPE_CHECKING:
    from pydantic import SecretStr
    from redis.asyncio import Redis

    from miaohui.engines.cache_store import AnswerStore
    from miaohui.engines.limits import Limits as EngineLimits
    from miaohui.engines.ports import Engine
    from miaohui.settings.types import Settings


@dataclass(frozen=True, slots=True)
class EngineRoom:
    """What answers, and what is kept of it."""

    router: Router
    routes: EngineRoutes
    accounts: Accounts
    spending: Spending


async def build_engine(
    settings: Settings, clock: Clock, database: Database, redis: Redis | None, stack: AsyncExitStack
) -> EngineRoom:
    """Routes from the settings, a file and the records; the extractive engine, which needs nobody, always last."""
    node = new_id("node")
    ledger = RecordsLedger(database, node)
    stack.push_async_callback(ledger.close)
    records = EnginesRepository(database)
    spending = Spending(ledger, records, clock, node)
    connect = connect_openai(coalesce_ms=settings.engine_coalesce_ms)
    router = Router(
        RouterParts(
            clock=clock,
            limits=build_engine_limits(settings, clock, redis),
            connect=connect,
            last_resort=Extractive(pace_s=0.012),
            ledger=spending,
            purses=spending,
            news=build_news(clock, redis),
            compress=shorten,
            bounds=Bounds(
                first_content_s=max(8.0, settings.engine_first_content_ms / 1000 + 2),
                total_s=min(settings.engine_total_s, settings.turn_deadline_s - 5),
            ),
            hedging=Hedging(enabled=settings.engine_hedging),
        )
    )
    stack.push_async_callback(router.close)
    book = RouteBook(
        router.adopt,
        given=routes_given(settings),
        file=settings.engines_file,
        records=records,
        seal=Seal(secret_of(settings), "engines", secret_before_of(settings)),
    )
    await book.seal_plain(clock.now_ms())
    await book.load()
    accounts = Accounts(records, clock, keep_days=settings.engine_ledger_days)
    work = {
        "routes": book.run(),
        "routes-watch": router.run(),
        "engine-ledger": ledger.run(),
        "engine-accounts": accounts.run(),
        "engine-spending": spending.run(),
    }
    stack.push_async_callback(stop, *(spawn(run, name=name) for name, run in work.items()))
    routes = EngineRoutes(book, router, connect, clock, allow_private=settings.engine_private)
    return EngineRoom(router, routes, accounts, spending)


def build_trials(settings: Settings, engine: Engine, clock: Clock, stack: AsyncExitStack) -> Engine:
    """Another engine for a share of conversations, and one that nobody hears, each with connections of its own."""
    if settings.grey_url:
        other = build_provider(settings, (settings.grey_url, settings.grey_key, settings.grey_model))
        engine = Grey(engine, other, Share(salt=f"grey {other.name}", share=settings.grey_share))
    if settings.shadow_url:
        other = build_provider(settings, (settings.shadow_url, settings.shadow_key, settings.shadow_model))
        share = Share(salt=f"shadow {other.name}", share=settings.shadow_share)
        engine = shadow = Shadow(engine, other, share, clock, Counted())
        shadow.budget = Budget(a_minute=settings.shadow_a_minute)
        stack.push_async_callback(stop, spawn(shadow.run(), name="shadow"))
    return engine


def build_provider(settings: Settings, provider: tuple[str, SecretStr, str]) -> Engine:
    """One provider outside the routes, by its address, key and model."""
    route = read_route(describe_route(settings, *provider))
    return connect_openai(coalesce_ms=settings.engine_coalesce_ms)(route, route.keys[0])


def build_cache(settings: Settings, router: Router, guard: Guard, clock: Clock, redis: Redis | None) -> Engine:
    """What was answered of late, in front of the routes: here, then in Redis when there is one."""
    if not settings.answer_cache and not settings.shared_calls:
        return router
    stores: list[AnswerStore] = []
    if settings.answer_cache:
        size, keep_s = settings.answer_cache_megabytes * 1_048_576, settings.answer_cache_minutes * 60
        bounds = MemoryBounds(entries=settings.answer_cache_entries, total_bytes=size, keep_s=keep_s)
        stores.append(CacheMemory(clock, bounds))
    if settings.answer_cache and redis is not None:
        from miaohui.engines.cache_redis import CacheRedis  # noqa: PLC0415

        stores.append(CacheRedis(redis, clock, keep_s=settings.answer_cache_redis_minutes * 60))
    first = FirstChoice(router.fleet)
    parts = CacheParts(
        clock=clock,
        stores=tuple(stores),
        flights=Flights(most=settings.shared_calls) if settings.shared_calls else None,
        semantic=SemanticAnswers(embed, clock, first.answer_class) if settings.answer_semantic else None,
        answer_class=first.answer_class,
        may_keep=lambda request, route, text: (
            first.includes(request.tenant_id, route) and guard.judge(request.tenant_id, text).allowed
        ),
    )
    return CachedEngine(router, parts)


def build_engine_limits(settings: Settings, clock: Clock, redis: Redis | None) -> EngineLimits:
    """Limits of providers: shared over Redis when there is one, with a share of our own for when it is away."""
    if redis is None:
        return EngineLimitsMemory(clock)
    from miaohui.engines.limits_redis import LimitsRedis as EngineLimitsRedis  # noqa: PLC0415

    return EngineLimitsRedis(redis, clock, EngineLimitsMemory(clock, share=1 / settings.workers))


def build_news(clock: Clock, redis: Redis | None) -> News:
    """What other nodes find out of the routes, where there may be others."""
    if redis is None:
        return NoNews()
    from miaohui.engines.news_redis import RedisNews  # noqa: PLC0415

    return RedisNews(redis, clock, new_id("boot"))


def build_economy(settings: Settings) -> Economy:
    """What prompts leave out."""
    if settings.prompt_keep == 1 and not settings.prompt_whole_turns:
        return WHOLE
    return Economy(keep=settings.prompt_keep, whole_turns=settings.prompt_whole_turns)


def routes_given(settings: Settings) -> list[dict[str, object]]:
    """The routes that the settings name: to an engine, and to a provider of embeddings."""
    given: list[dict[str, object]] = []
    if settings.engine_url:
        given.append(describe_route(settings, settings.engine_url, settings.engine_key, settings.engine_model))
    if settings.embedding_url:
        described = describe_route(settings, settings.embedding_url, settings.embedding_key, settings.embedding_model)
        given.append(described | {"name": f"embeddings:{described['name']}"[:64], "capabilities": [EMBEDDINGS]})
    return given


def describe_route(settings: Settings, url: str, key: SecretStr, model: str) -> dict[str, object]:
    """A provider of the settings as a route, with the deadlines that they name."""
    return {
        "name": re.sub(r"[^\w.:/@+-]+", "-", model)[:64] or "engine",
        "base_url": url,
        "model": model or "default",
        "keys": [{"id": "settings", "secret": key.get_secret_value()}],
        "capabilities": ["tools"],
        "connect_ms": settings.engine_connect_ms,
        "first_content_ms": settings.engine_first_content_ms,
        "idle_ms": settings.engine_idle_ms,
        "total_ms": int(settings.engine_total_s * 1000),
    }
