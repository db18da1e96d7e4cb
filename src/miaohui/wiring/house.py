"""The composition root: every room put together, and the list of who listens to whom.

Read it from top to bottom: records, people, rooms around the story, the story, then what runs in the background.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from miaohui.contacts.service import Contacts
from miaohui.conversations.repository import ConversationsRepository
from miaohui.conversations.service import Conversations
from miaohui.desk.front import Neighbours
from miaohui.engines.router import Router
from miaohui.guard.service import Guard
from miaohui.identity.service import Identity, IdentityOptions
from miaohui.inboxes.service import Inboxes
from miaohui.journal.service import Journal
from miaohui.kit.agreed_clock import AgreedClock
from miaohui.kit.aio import spawn, stop
from miaohui.kit.clock import Clock, SystemClock
from miaohui.kit.database import Database
from miaohui.kit.ids import new_id
from miaohui.kit.metrics import LoopWatch
from miaohui.kit.polling import keep_doing
from miaohui.kit.records import open_database, sqlite_file
from miaohui.kit.stall import StallWatch
from miaohui.kit.tracing import TRACES
from miaohui.knowledge.service import Knowledge
from miaohui.memory.long_term import LongTerm
from miaohui.memory.service import Memory
from miaohui.migrations import migrate
from miaohui.realtime.service import Realtime
from miaohui.settings.service import secret_before_of, secret_of
from miaohui.turns.profiles import TenantProfiles
from miaohui.turns.records import TurnRecords
from miaohui.turns.rehearsal import Rehearsal
from miaohui.turns.service import Turns
from miaohui.webhooks.tasks import Sender, SenderOptions
from miaohui.wiring.around import Around, build_around
from miaohui.wiring.company import TicketDesk
from miaohui.wiring.doors import Doors, Rooms, build_doors
from miaohui.wiring.remembering import Learning
from miaohui.wiring.rooms import (
    build_bounds,
    build_fanout,
    build_guard,
    build_knowledge,
    build_memory,
    build_tenants,
    build_webhooks,
    open_redis,
)
from miaohui.wiring.seeing import Spenders, Watch, begin_traces, build_strain, build_watch
from miaohui.wiring.tooling import Answering, Bench, build_answering, build_stages
from miaohui.wiring.watching import watch_folder

if TYPE_CHECKING:
    from miaohui.engines.ports import Engine
    from miaohui.insight.strain import StrainWatch
    from miaohui.settings.types import Settings
    from miaohui.tenants.service import Tenants
    from miaohui.tenants.standings import Standings
    from miaohui.webhooks.posting import Poster
    from miaohui.webhooks.service import Webhooks


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """Every room, put together."""

    settings: Settings
    clock: Clock
    agreed: AgreedClock
    database: Database
    tenants: Tenants
    identity: Identity
    inboxes: Inboxes
    contacts: Contacts
    journal: Journal
    conversations: Conversations
    around: Around
    knowledge: Knowledge
    guard: Guard
    memory: Memory
    long_term: LongTerm
    engine: Engine
    router: Router
    answering: Answering
    realtime: Realtime
    webhooks: Webhooks
    poster: Poster
    turns: Turns
    rehearsal: Rehearsal
    doors: Doors
    watch: Watch
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
        agreed = AgreedClock(database, clock)
        await agreed.adjust()
        house = await _furnish(settings, agreed, database, stack)
        strain = _join_up(house)
        await house.answering.room.spending.refresh()
        await house.knowledge.load()
        await house.long_term.refresh()
        house.realtime.on_change(Learning(house.long_term).conversation_changed)
        await house.webhooks.refresh()
        if background:
            tasks = [
                spawn(agreed.run(), name="agreed-clock"),
                spawn(house.turns.run(), name="turns"),
                spawn(house.realtime.run(), name="realtime"),
                spawn(house.around.desk.dispatch.run(), name="desk"),
                spawn(_sweep(house.memory), name="memory-sweep"),
                spawn(house.loop_watch.run(), name="loop-lag"),
                spawn(strain.run(), name="strain"),
                spawn(StallWatch().run(), name="stall-watch"),
                spawn(house.knowledge.run(), name="knowledge"),
                spawn(house.watch.alerts.run(), name="alerts"),
                spawn(
                    watch_folder(settings, database, agreed, house.tenants, house.knowledge), name="knowledge-folder"
                ),
            ]
            if settings.jobs == "here":
                tasks += [
                    spawn(house.around.tickets.run(), name="tickets"),
                    spawn(build_sender(house).run(), name="webhooks"),
                    spawn(house.doors.courier.run(), name="courier"),
                    spawn(house.doors.media.store.run(), name="media"),
                    spawn(house.doors.postman.run(settings.mail_poll_seconds), name="mail"),
                    spawn(house.doors.wecom.puller.run(), name="wecom"),
                    spawn(house.watch.audits.run(), name="audit"),
                    spawn(house.watch.keeping.run(), name="keeping"),
                ]
            else:
                tasks.append(spawn(_keep_fresh(house.webhooks), name="webhooks-refresh"))
            if begin_traces(settings, new_id("node")):
                tasks.append(spawn(TRACES.run(), name="traces"))
            stack.push_async_callback(stop, *tasks)
        yield house


async def _open_records(settings: Settings, clock: Clock, stack: AsyncExitStack) -> Database:
    settings.data.mkdir(parents=True, exist_ok=True)
    await asyncio.to_thread(migrate, settings.records_url)
    database = await open_database(settings.records_url, clock=clock, data_dir=settings.data)
    stack.push_async_callback(database.close)
    return database


async def _furnish(settings: Settings, agreed: AgreedClock, database: Database, stack: AsyncExitStack) -> House:
    """`agreed` is the clock of what is due or leased, `clock` that of what happens."""
    clock = SystemClock()
    tenants = await build_tenants(settings, clock, database, stack)
    inboxes = Inboxes(database, clock, tenants.standings)
    node = new_id("boot")
    realtime = Realtime(ConversationsRepository(database), build_fanout(settings, node), database.epoch)
    webhooks, poster = build_webhooks(settings, agreed, database, stack)
    conversations = Conversations(database, clock, realtime, webhooks, message_bytes=settings.message_chars)
    knowledge = build_knowledge(settings, agreed, database)
    stack.push_async_callback(knowledge.close)
    redis = open_redis(settings, stack)
    guard = await build_guard(settings, clock, redis, database, stack)
    memory, long_term = build_memory(settings, clock, conversations, redis, database)
    contacts = Contacts(database, clock)
    bench = Bench(settings, clock, database, redis, contacts, knowledge, guard, memory)
    answering = await build_answering(bench, stack)
    loop_watch = LoopWatch()
    stages = build_stages(bench, answering, TenantProfiles(tenants, inboxes), loop_watch)
    bounds = build_bounds(settings)
    alone = sqlite_file(settings.records_url) is not None
    records = TurnRecords(database, webhooks, owner=node, lease_ms=bounds.lease_ms, alone=alone)
    turns = Turns(records, realtime, stages, clock, bounds)
    rehearsal = Rehearsal(database, clock, conversations, replace(stages, engine=answering.room.router), knowledge)
    identity = _build_identity(settings, database, clock)
    neighbours = Neighbours(conversations, realtime, identity, inboxes)
    around = build_around(settings, clock, database, neighbours, answering.room.router)
    answering.desk.desk = TicketDesk(around.tickets, conversations)
    stack.push_async_callback(around.desk.settle)
    rooms = Rooms(settings, database, agreed, inboxes, contacts, conversations, turns)
    doors = build_doors(rooms, stack)
    _listen(realtime, turns, around, doors)
    return House(
        settings=settings,
        clock=clock,
        agreed=agreed,
        database=database,
        tenants=tenants,
        identity=identity,
        inboxes=inboxes,
        contacts=contacts,
        journal=Journal(database, clock),
        conversations=conversations,
        around=around,
        knowledge=knowledge,
        guard=guard,
        memory=memory,
        long_term=long_term,
        engine=answering.engine,
        router=answering.room.router,
        answering=answering,
        realtime=realtime,
        webhooks=webhooks,
        poster=poster,
        turns=turns,
        rehearsal=rehearsal,
        doors=doors,
        watch=build_watch(settings, agreed, database, loop_watch, stack),
        loop_watch=loop_watch,
    )


def _join_up(house: House) -> StrainWatch:
    """What rooms know of one another once all are there: companies' limits, history begun anew, how much is asked."""
    house.database.when_rewritten(house.realtime.begin_anew)
    house.guard.companies = house.around.desk.escalation.companies = house.tenants.limits
    _heed(house, house.tenants.standings)
    house.answering.room.spending.companies = house.tenants.limits
    house.watch.alerts.companies = Spenders(house.answering.room.spending, house.tenants).shares
    house.around.insight.strain = build_strain(house.turns, house.agreed, house.database, new_id("node"))
    return house.around.insight.strain


def _heed(house: House, standings: Standings) -> None:
    """Who is not served is let in nowhere, answered nothing and told nothing, from this moment on."""
    house.identity.check_served = standings.check
    house.turns.standings = standings
    house.doors.robots.serves = standings.serves
    standings.on_shut(house.turns.show_out)
    standings.on_change(house.knowledge.tenant_changed)


def _listen(realtime: Realtime, turns: Turns, around: Around, doors: Doors) -> None:
    """Who listens to whom.

    `conversations` and `turns` publish to `realtime`; `realtime` calls back before any watcher.
    """
    realtime.on_change(turns.conversation_changed)
    realtime.on_stop(turns.stop)
    turns.on_end = lambda work, page: around.desk.escalation.turn_ended(work.conversation, work.turn.question, page)
    realtime.on_change(around.desk.conversation_changed)
    realtime.on_change(around.tickets.conversation_changed)
    realtime.on_change(doors.robots.conversation_changed)
    realtime.on_change(doors.wecom.puller.transfers.conversation_changed)


def _build_identity(settings: Settings, database: Database, clock: Clock) -> Identity:
    options = IdentityOptions(
        login_attempts_per_minute=settings.login_attempts_per_minute, secret_before=secret_before_of(settings)
    )
    return Identity(database, clock, secret_of(settings), options)


def build_sender(house: House) -> Sender:
    """Sends what the outbox holds."""
    settings = house.settings
    lease_s = settings.webhook_lease_s
    alone = sqlite_file(settings.records_url) is not None
    options = SenderOptions(lease_s=lease_s, refresh_s=min(10.0, lease_s / 3), alone=alone)
    sender = Sender(house.database, house.agreed, house.webhooks, house.poster, options)
    sender.ring_at(house.doors.robots)
    sender.serves = house.tenants.standings.serves
    return sender


async def _sweep(memory: Memory) -> None:
    """Forget idle conversations, every minute."""
    while True:
        await asyncio.sleep(60)
        await memory.sweep()


async def _keep_fresh(webhooks: Webhooks) -> None:
    """Who is told, as other nodes changed it; where nothing is sent, that is all there is to do."""
    await keep_doing(webhooks.refresh, every_s=10, failing="webhooks.endpoints_unread")
