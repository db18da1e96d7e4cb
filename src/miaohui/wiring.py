"""The composition root: the only place that names implementations, and the list of who listens to whom.

Read it from top to bottom: records, people, rooms around the story, the story, then what runs in the background.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from miaohui.contacts.service import Contacts
from miaohui.conversations.repository import ConversationsRepository
from miaohui.conversations.service import Conversations
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
from miaohui.engines.repository import EnginesRepository
from miaohui.engines.router import Router, RouterParts
from miaohui.engines.routes import read_route
from miaohui.experiments.findings import Counted
from miaohui.experiments.grey import Grey
from miaohui.experiments.shadow import Budget, Shadow
from miaohui.experiments.types import Share
from miaohui.guard.limits_memory import LimitsMemory
from miaohui.guard.service import Guard, GuardOptions
from miaohui.guard.words import read_words
from miaohui.identity.service import Identity, IdentityOptions
from miaohui.inboxes.service import Inboxes
from miaohui.journal.service import Journal
from miaohui.kit.aio import spawn, stop
from miaohui.kit.clock import Clock, SystemClock
from miaohui.kit.database import Database
from miaohui.kit.ids import new_id
from miaohui.kit.metrics import LoopWatch
from miaohui.kit.records import open_database, sqlite_file
from miaohui.knowledge.embedding import embed
from miaohui.knowledge.service import Knowledge
from miaohui.memory.service import Memory
from miaohui.memory.short_term_memory import ShortTermMemory
from miaohui.memory.types import Exchange
from miaohui.migrations import migrate
from miaohui.prompts.shorten import shorten
from miaohui.realtime.fanout_memory import MemoryFanout
from miaohui.realtime.service import Realtime
from miaohui.settings.service import secret_of
from miaohui.tenants.service import Tenants
from miaohui.turns.bounds import TurnBounds
from miaohui.turns.profiles import TenantProfiles
from miaohui.turns.records import TurnRecords
from miaohui.turns.service import Turns
from miaohui.turns.stages import Stages
from miaohui.webhooks.service import Webhooks
from miaohui.webhooks.tasks import Sender, SenderOptions

if TYPE_CHECKING:
    from pydantic import SecretStr
    from redis.asyncio import Redis

    from miaohui.engines.cache_store import AnswerStore
    from miaohui.engines.limits import Limits as EngineLimits
    from miaohui.engines.ports import Engine
    from miaohui.guard.limits import Limits
    from miaohui.memory.short_term import ShortTerm
    from miaohui.realtime.ports import Fanout
    from miaohui.settings.types import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """Every room, put together."""

    settings: Settings
    clock: Clock
    database: Database
    tenants: Tenants
    identity: Identity
    inboxes: Inboxes
    contacts: Contacts
    journal: Journal
    conversations: Conversations
    knowledge: Knowledge
    guard: Guard
    memory: Memory
    engine: Engine
    router: Router
    realtime: Realtime
    webhooks: Webhooks
    turns: Turns
    loop_watch: LoopWatch


@asynccontextmanager
async def open_house(settings: Settings, *, background: bool = True) -> AsyncIterator[House]:
    """Migrate, open, connect; on leaving, close in the opposite order.

    `background` starts what runs beside requests: recovery of turns, fan-out, webhooks, sweeps. Raises `DataInUse`,
    `DataDamaged`, `Invalid`, `Unavailable`, each with a sentence on what to do.
    """
    clock = SystemClock()
    async with AsyncExitStack() as stack:
        database = await _open_records(settings, clock, stack)
        house = await _furnish(settings, clock, database, stack)
        await house.knowledge.load()
        await house.webhooks.refresh()
        if background:
            tasks = [
                spawn(house.turns.run(), name="turns"),
                spawn(house.realtime.run(), name="realtime"),
                spawn(build_sender(house).run(), name="webhooks"),
                spawn(_sweep(house.memory), name="memory-sweep"),
                spawn(house.loop_watch.run(), name="loop-lag"),
            ]
            if sqlite_file(settings.records_url) is None:
                tasks.append(spawn(house.knowledge.run(), name="knowledge"))
            stack.push_async_callback(stop, *tasks)
        yield house


async def _open_records(settings: Settings, clock: Clock, stack: AsyncExitStack) -> Database:
    settings.data.mkdir(parents=True, exist_ok=True)
    await asyncio.to_thread(migrate, settings.records_url)
    database = await open_database(settings.records_url, clock=clock, data_dir=settings.data)
    stack.push_async_callback(database.close)
    return database


async def _furnish(settings: Settings, clock: Clock, database: Database, stack: AsyncExitStack) -> House:
    tenants = Tenants(database, clock)
    inboxes = Inboxes(database, clock)
    node = new_id("boot")
    history = ConversationsRepository(database)
    realtime = Realtime(history, build_fanout(settings, node), database.epoch)
    conversations = Conversations(database, clock, realtime, message_bytes=settings.message_chars)
    knowledge = Knowledge(database, clock, threshold=settings.answer_threshold, folder=settings.data / "knowledge")
    stack.push_async_callback(knowledge.close)
    redis = open_redis(settings, stack)
    guard = build_guard(settings, clock, redis)
    memory = build_memory(settings, clock, ConversationHistory(conversations), redis)
    router = await build_engine(settings, clock, database, redis, stack)
    engine = build_trials(settings, build_cache(settings, router, guard, clock, redis), clock, stack)
    stack.push_async_callback(engine.close)
    webhooks = Webhooks(database, clock, allow_private=settings.webhook_private)
    loop_watch = LoopWatch()
    stages = Stages(
        lag_s=lambda: loop_watch.lag_s,
        guard=guard,
        memory=memory,
        knowledge=knowledge,
        engine=engine,
        profiles=TenantProfiles(tenants, inboxes),
        passages=settings.retrieval_passages,
        max_output_tokens=settings.engine_max_output_tokens,
    )
    bounds = build_bounds(settings)
    alone = sqlite_file(settings.records_url) is not None
    records = TurnRecords(database, webhooks, owner=node, lease_ms=bounds.lease_ms, alone=alone)
    turns = Turns(records, realtime, stages, clock, bounds)

    # Who listens to whom. `conversations` and `turns` publish to `realtime`; `realtime` calls back before any watcher.
    realtime.on_change(turns.conversation_changed)

    return House(
        settings=settings,
        clock=clock,
        database=database,
        tenants=tenants,
        identity=Identity(
            database,
            clock,
            secret_of(settings),
            IdentityOptions(login_attempts_per_minute=settings.login_attempts_per_minute),
        ),
        inboxes=inboxes,
        contacts=Contacts(database, clock),
        journal=Journal(database, clock),
        conversations=conversations,
        knowledge=knowledge,
        guard=guard,
        memory=memory,
        engine=engine,
        router=router,
        realtime=realtime,
        webhooks=webhooks,
        turns=turns,
        loop_watch=loop_watch,
    )


def build_fanout(settings: Settings, node: str) -> Fanout:
    """Redis reaches other nodes; without it this is the only one."""
    if not settings.redis_url:
        return MemoryFanout()
    from miaohui.realtime.fanout_redis import RedisFanout  # noqa: PLC0415

    return RedisFanout(settings.redis_url, node)


def build_guard(settings: Settings, clock: Clock, redis: Redis | None) -> Guard:
    """Limits shared over Redis when there is one, and the words of the operator's file or our own few."""
    options = GuardOptions(
        visitor_messages_per_minute=settings.visitor_messages_per_minute,
        visitor_burst=settings.visitor_burst,
        tenant_messages_per_minute=settings.tenant_messages_per_minute,
        tenant_burst=settings.tenant_burst,
        message_bytes=settings.message_chars,
    )
    limits: Limits = LimitsMemory(clock)
    if redis is not None:
        from miaohui.guard.limits_redis import LimitsRedis  # noqa: PLC0415

        limits = LimitsRedis(redis, clock, LimitsMemory(clock))
    return Guard(limits, read_words(settings.words_file), options)


def build_memory(settings: Settings, clock: Clock, history: ConversationHistory, redis: Redis | None) -> Memory:
    """Short-term memory in this process, or shared over Redis."""
    turns, idle_s = settings.memory_turns, settings.memory_idle_minutes * 60
    short_term: ShortTerm = ShortTermMemory(clock, turns=turns, idle_s=idle_s)
    if redis is not None:
        from miaohui.memory.short_term_redis import ShortTermRedis  # noqa: PLC0415

        short_term = ShortTermRedis(redis, turns=turns, idle_s=idle_s)
    return Memory(short_term, history, turns=turns, deadline_s=settings.recall_deadline_ms / 1000)


def open_redis(settings: Settings, stack: AsyncExitStack) -> Redis | None:
    """The connection pool for limits and memory, when there is a Redis."""
    if not settings.redis_url:
        return None
    from redis.asyncio import Redis  # noqa: PLC0415  (a third of a second, for those who need it)

    redis: Redis = Redis.from_url(settings.redis_url, socket_timeout=1.0, socket_connect_timeout=1.0)
    stack.push_async_callback(redis.aclose)
    return redis


class ConversationHistory:
    """The record of conversations, as memory reads it."""

    def __init__(self, conversations: Conversations) -> None:
        self._conversations = conversations

    async def last_exchanges(self, tenant_id: str, conversation_id: str, turns: int) -> list[Exchange]:
        """The last answered turns, oldest first."""
        pairs = await self._conversations.last_exchanges(tenant_id, conversation_id, turns)
        return [Exchange(question, answer) for question, answer in pairs]


async def build_engine(
    settings: Settings, clock: Clock, database: Database, redis: Redis | None, stack: AsyncExitStack
) -> Router:
    """Routes from the settings, a file and the records; the extractive engine, which needs nobody, always last."""
    ledger = RecordsLedger(database)
    stack.push_async_callback(ledger.close)
    router = Router(
        RouterParts(
            clock=clock,
            limits=build_engine_limits(settings, clock, redis),
            connect=connect_openai(coalesce_ms=settings.engine_coalesce_ms),
            last_resort=Extractive(pace_s=0.012),
            ledger=ledger,
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
        router.adopt, given=routes_given(settings), file=settings.engines_file, records=EnginesRepository(database)
    )
    await book.load()
    work = {"routes": book.run(), "routes-watch": router.run(), "engine-ledger": ledger.run()}
    stack.push_async_callback(stop, *(spawn(run, name=name) for name, run in work.items()))
    return router


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


def routes_given(settings: Settings) -> list[dict[str, object]]:
    """The one route that the settings name, if any."""
    if not settings.engine_url:
        return []
    return [describe_route(settings, settings.engine_url, settings.engine_key, settings.engine_model)]


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


def build_sender(house: House) -> Sender:
    """Sends what the outbox holds."""
    settings = house.settings
    options = SenderOptions(alone=sqlite_file(settings.records_url) is not None, allow_private=settings.webhook_private)
    return Sender(house.database, house.clock, house.webhooks, options)


def build_bounds(settings: Settings) -> TurnBounds:
    """The bounds of turns."""
    return TurnBounds(
        message_bytes=settings.message_chars,
        running=settings.running_turns,
        backlog=settings.conversation_backlog,
        turn_s=settings.turn_deadline_s,
        lease_ms=round(settings.turn_lease_s * 1000),
    )


def static_folder(name: str) -> Path:
    """Built web pages inside the package."""
    return Path(__file__).parent / "static" / name


async def _sweep(memory: Memory) -> None:
    """Forget idle conversations, every minute."""
    while True:
        await asyncio.sleep(60)
        await memory.sweep()
