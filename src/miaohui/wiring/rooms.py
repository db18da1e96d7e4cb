"""Small rooms from their settings: limits and words, memory, fan-out, the bounds of turns."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from miaohui.conversations.service import Conversations
from miaohui.guard.limits_memory import LimitsMemory
from miaohui.guard.lists import OwnLists
from miaohui.guard.repository import OwnWordsRepository
from miaohui.guard.service import Guard, GuardOptions
from miaohui.guard.words import read_words
from miaohui.kit.aio import spawn, stop
from miaohui.kit.clock import Clock
from miaohui.kit.database import Database
from miaohui.kit.errors import FieldError, Invalid
from miaohui.kit.sealed import Seal
from miaohui.knowledge.server.service import ServerIndex
from miaohui.knowledge.service import Knowledge
from miaohui.memory.long_term import LongTerm
from miaohui.memory.server.service import ServerFacts
from miaohui.memory.service import Memory
from miaohui.memory.short_term_memory import ShortTermMemory
from miaohui.memory.types import Exchange
from miaohui.realtime.fanout_memory import MemoryFanout
from miaohui.settings.service import secret_before_of, secret_of
from miaohui.tenants.limits import CompanyLimits
from miaohui.tenants.repository import LimitsRepository
from miaohui.tenants.service import Tenants
from miaohui.tenants.types import OwnLimits
from miaohui.turns.bounds import TurnBounds
from miaohui.webhooks.posting import Poster
from miaohui.webhooks.service import Webhooks
from miaohui.wiring.remembering import ContactWords, FactFinder

if TYPE_CHECKING:
    from redis.asyncio import Redis

    from miaohui.guard.limits import Limits
    from miaohui.memory.short_term import ShortTerm
    from miaohui.realtime.ports import Fanout
    from miaohui.settings.types import Settings


_IN_TIME = 0.9
"""Of the deadline, after which memories are given up: the turn is to have begun when it is over."""


def build_fanout(settings: Settings, node: str) -> Fanout:
    """Redis reaches other nodes; without it this is the only one."""
    if not settings.redis_url:
        return MemoryFanout()
    from miaohui.realtime.fanout_redis import RedisFanout  # noqa: PLC0415

    return RedisFanout(settings.redis_url, node)


async def build_guard(
    settings: Settings, clock: Clock, redis: Redis | None, database: Database, stack: AsyncExitStack
) -> Guard:
    """Limits shared over Redis when there is one, and words: the operator's file or our own few, and companies' own."""
    options = GuardOptions(
        visitor_messages_per_minute=settings.visitor_messages_per_minute,
        visitor_burst=settings.visitor_burst,
        tenant_messages_per_minute=settings.tenant_messages_per_minute,
        tenant_burst=settings.tenant_burst,
        visitor_pictures_per_minute=settings.visitor_pictures_per_minute,
        tenant_pictures_per_minute=settings.tenant_pictures_per_minute,
        message_bytes=settings.message_chars,
    )
    limits: Limits = LimitsMemory(clock)
    if redis is not None:
        from miaohui.guard.limits_redis import LimitsRedis  # noqa: PLC0415

        limits = LimitsRedis(redis, clock, LimitsMemory(clock))
    own = OwnLists(OwnWordsRepository(database), clock)
    await own.refresh()
    stack.push_async_callback(stop, spawn(own.run(), name="guard-words"))
    return Guard(limits, read_words(settings.words_file), options, own)


async def build_tenants(settings: Settings, clock: Clock, database: Database, stack: AsyncExitStack) -> Tenants:
    """Companies, and what each sets for itself within the installation's limits."""
    installation = OwnLimits(
        visitor_messages_per_minute=settings.visitor_messages_per_minute,
        visitor_burst=settings.visitor_burst,
        visitor_pictures_per_minute=settings.visitor_pictures_per_minute,
        tenant_messages_per_minute=settings.tenant_messages_per_minute,
        tenant_burst=settings.tenant_burst,
        tenant_pictures_per_minute=settings.tenant_pictures_per_minute,
        message_bytes=settings.message_chars,
        handoff_unanswered=settings.handoff_unanswered,
        handoff_upset=settings.handoff_upset,
        handoff_turns=settings.handoff_turns,
        handoff_tool_failure=settings.handoff_tool_failure,
        cost_day_micro=round(settings.tenant_cost_a_day * 1_000_000),
        cost_month_micro=round(settings.tenant_cost_a_month * 1_000_000),
    )
    limits = CompanyLimits(LimitsRepository(database), clock, installation)
    await limits.refresh()
    stack.push_async_callback(stop, spawn(limits.run(), name="company-limits"))
    tenants = Tenants(database, clock, limits)
    await tenants.standings.refresh()
    stack.push_async_callback(stop, spawn(tenants.standings.run(), name="tenant-standings"))
    return tenants


def build_knowledge(settings: Settings, clock: Clock, database: Database) -> Knowledge:
    """Searched in this process, or in the server that the records are in. Raises `Invalid` where that cannot be."""
    threshold, server = settings.answer_threshold, None
    if settings.knowledge_index == "server":
        if not settings.records_url.startswith("postgres"):
            field = FieldError("knowledge_index", "process, unless the records are in PostgreSQL")
            raise Invalid("Articles cannot be searched in this database.", errors=[field])
        server = ServerIndex(database, clock, threshold=threshold)
    return Knowledge(database, clock, threshold=threshold, folder=settings.data / "knowledge", server=server)


def build_memory(
    settings: Settings, clock: Clock, conversations: Conversations, redis: Redis | None, database: Database
) -> tuple[Memory, LongTerm]:
    """Short-term memory in this process, or shared over Redis; what is known of contacts in the records."""
    turns, idle_s = settings.memory_turns, settings.memory_idle_minutes * 60
    short_term: ShortTerm = ShortTermMemory(clock, turns=turns, idle_s=idle_s)
    if redis is not None:
        from miaohui.memory.short_term_redis import ShortTermRedis  # noqa: PLC0415

        short_term = ShortTermRedis(redis, turns=turns, idle_s=idle_s)
    history = ConversationHistory(conversations)
    on_postgres = settings.records_url.startswith(("postgresql://", "postgres://"))
    server = ServerFacts(database) if on_postgres else None
    long_term = LongTerm(database, ContactWords(conversations), FactFinder(), server)
    deadline_s = settings.recall_deadline_ms / 1000 * _IN_TIME
    return Memory(short_term, history, long_term=long_term, turns=turns, deadline_s=deadline_s), long_term


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


def build_webhooks(
    settings: Settings, clock: Clock, database: Database, stack: AsyncExitStack
) -> tuple[Webhooks, Poster]:
    """Who is told outside, and who carries it there."""
    poster = Poster(allow_private=settings.webhook_private)
    stack.push_async_callback(poster.close)
    seal = Seal(secret_of(settings), before=secret_before_of(settings))
    return Webhooks(database, clock, poster, seal, allow_private=settings.webhook_private), poster


def build_bounds(settings: Settings) -> TurnBounds:
    """The bounds of turns."""
    return TurnBounds(
        message_bytes=settings.message_chars,
        running=settings.running_turns,
        backlog=settings.conversation_backlog,
        turn_s=settings.turn_deadline_s,
        lease_ms=round(settings.turn_lease_s * 1000),
    )
