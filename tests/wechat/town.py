"""Two nodes of ours over one database, and WeChat in front of them; only the engine and the vendor are played."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import msgspec
from starlette.requests import Request
from tests.support.records import copy_sqlite

from miaohui.channels.link.tickets import Tickets
from miaohui.channels.media.files import Files
from miaohui.channels.media.service import MediaStore
from miaohui.channels.media.types import Media
from miaohui.channels.threads.account_door import AccountDoor
from miaohui.channels.threads.courier import Courier, Outward
from miaohui.channels.threads.service import Threads
from miaohui.channels.wechat.accounts import Accounts
from miaohui.channels.wechat.door import WeChatDoor
from miaohui.channels.wechat.sending import Sending
from miaohui.channels.wechat.service import Listener
from miaohui.channels.wechat.tokens import AccessTokens
from miaohui.channels.wechat.types import Account
from miaohui.contacts.service import Contacts
from miaohui.conversations.repository import ConversationsRepository
from miaohui.conversations.service import Conversations
from miaohui.conversations.types import Conversation, Message
from miaohui.guard.limits_memory import LimitsMemory
from miaohui.guard.service import Guard, GuardOptions
from miaohui.guard.words import Words
from miaohui.identity.types import Principal
from miaohui.inboxes.service import Inboxes
from miaohui.inboxes.types import Assistant
from miaohui.kit.aio import spawn, stop
from miaohui.kit.clock import SystemClock
from miaohui.kit.database import Database
from miaohui.kit.errors import MiaohuiError
from miaohui.kit.fetch import Ask, Fetched, Limits, Unreachable
from miaohui.kit.ids import new_id
from miaohui.kit.records import RecordsOptions, open_database
from miaohui.kit.sealed import Seal
from miaohui.knowledge.types import Retrieval, Scope
from miaohui.memory.service import Memory
from miaohui.memory.short_term_memory import ShortTermMemory
from miaohui.memory.types import Exchange
from miaohui.realtime.fanout_memory import MemoryFanout
from miaohui.realtime.service import Realtime
from miaohui.tenants.repository import StandingsRepository
from miaohui.tenants.standings import Standings
from miaohui.tenants.types import State
from miaohui.testing.engine import Act, FakeEngine
from miaohui.testing.virtual import CountedDatabase, VirtualClock, counted
from miaohui.testing.wechat import FakeWeChat
from miaohui.turns.bounds import TurnBounds
from miaohui.turns.records import TurnRecords
from miaohui.turns.service import Turns
from miaohui.turns.stages import Stages
from miaohui.turns.types import Profile
from miaohui.webhooks.service import Webhooks

TENANT = "tnt_1"
KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
AGENT = Principal(tenant_id=TENANT, kind="agent", id="pers_1", name="小李", role="agent")


class Nothing:
    """Knowledge and history without content."""

    local = True

    async def retrieve(
        self, tenant_id: str, question: str, *, locale: str, limit: int, scope: Scope, before: str
    ) -> Retrieval:
        return Retrieval(passages=(), answerability=0.9, answerable=True, version=1)

    async def last_exchanges(self, tenant_id: str, conversation_id: str, turns: int) -> list[Exchange]:
        return []

    async def profile_of(self, conversation: Conversation) -> Profile:
        return Profile(company="云杉商城", assistant=Assistant(), locale="zh-CN")


PNG = b"\x89PNG\r\n\x1a\n" + bytes(50)


class Outside:
    """Where pictures are fetched from: one address has one."""

    async def fetch(self, ask: Ask, limits: Limits | None = None) -> Fetched:
        if ask.url != "https://pictures.example.com/a.png":
            raise Unreachable("The address did not answer in time.", code="timeout")
        return Fetched(status=200, headers={}, body=PNG, url=ask.url)


class Node:
    """One process of ours."""

    def __init__(self, database: Database, engine: FakeEngine, wechat: FakeWeChat) -> None:
        clock = VirtualClock()
        self.wechat = wechat
        self.database = database
        repository = ConversationsRepository(database)
        realtime = self.realtime = Realtime(repository, MemoryFanout(), database.epoch)
        self.conversations = Conversations(database, clock, realtime)
        guard = Guard(LimitsMemory(clock), Words({}), GuardOptions(visitor_burst=100))
        nothing = Nothing()
        stages = Stages(
            guard=guard,
            memory=Memory(ShortTermMemory(clock), nothing),
            knowledge=nothing,
            engine=engine,
            profiles=nothing,
        )
        records = TurnRecords(database, Webhooks(database, clock), owner=new_id("boot"), lease_ms=15_000, alone=False)
        self.turns = Turns(records, realtime, stages, clock, TurnBounds(turn_s=60, backlog=50))
        realtime.on_change(self.turns.conversation_changed)
        seal = Seal(b"0" * 32)
        self.standings = self.turns.standings = Standings(StandingsRepository(database), clock)
        self.inboxes = Inboxes(database, clock, self.standings)
        self.accounts = Accounts(database, clock, seal, self.inboxes)
        self.tokens = AccessTokens(database, clock, seal, wechat)
        self.store = MediaStore(database, clock, b"0" * 32)
        self.tickets = Tickets(database, clock, seal, self.inboxes, "https://help.example.com")
        self.files = Files(self.store, cast("Any", Outside()))
        self.sending = Sending(wechat, self.tokens, self.files, self.tickets)
        self.store.learn("wechat", self._bring)
        self.threads = Threads(database, clock, Contacts(database, clock), self.conversations)
        self.door = WeChatDoor(self.accounts, Listener(self.threads, self.turns, self.sending, clock), clock)
        self.courier = Courier(self.threads, database, clock, self._outward)
        self.down = False
        self.others: list[Outward] = []
        """Inboxes of other channels that speak too."""

    async def _bring(self, media: Media) -> bytes:
        return await self.sending.bring(self.wechat.account, media.source)

    async def _outward(self) -> list[Outward]:
        followed: list[Outward] = [
            AccountDoor("wechat", one, self.sending) for one in await self.accounts.list_() if one.can_send
        ]
        return followed + self.others

    async def call(self, query: str, body: bytes, method: str = "POST") -> tuple[int, bytes]:
        """A request, through the door."""
        if self.down:
            raise ConnectionResetError
        request = _request(self.wechat.account.inbox_id, query, body, method)
        try:
            response = await (self.door.hear(request) if method == "POST" else self.door.verify(request))
        except MiaohuiError as error:
            return error.status, b""
        return response.status_code, bytes(response.body)


def _request(inbox_id: str, query: str, body: bytes, method: str) -> Request:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    scope = {
        "type": "http",
        "method": method,
        "path": f"/v1/channels/wechat/{inbox_id}",
        "query_string": query.encode(),
        "headers": [],
        "path_params": {"inbox_id": inbox_id},
    }
    return Request(scope, receive)


class Town:
    """Everything, with two nodes."""

    def __init__(self, nodes: list[Node], wechat: FakeWeChat, engine: FakeEngine) -> None:
        self.nodes = nodes
        self.wechat = wechat
        self.engine = engine
        self.said = 0
        """By agents, so far."""

    async def stand(self, state: State) -> None:
        """The company is served or not from now on, and both nodes know."""
        await self.nodes[0].standings.change(TENANT, state)
        await self.nodes[1].standings.refresh()

    @property
    def shown(self) -> list[tuple[str, str]]:
        return [(one.how, one.text) for one in self.wechat.shown]

    async def conversation(self, openid: str = "o_1") -> Conversation:
        thread = await self.nodes[0].threads.repository.find(self.wechat.account.inbox_id, openid)
        assert thread is not None
        _, conversation = await self.nodes[0].threads.conversation_of(thread)
        return conversation

    async def messages(self, openid: str = "o_1") -> list[Message]:
        return await self.nodes[0].conversations.messages_after(await self.conversation(openid), 0, 200)

    async def sendings(self, openid: str = "o_1") -> list[tuple[str, str]]:
        conversation = await self.conversation(openid)
        rows = await self.nodes[0].threads.repository.list_sendings(TENANT, conversation.id)
        return [(row["state"], row["detail"]) for row in reversed(rows)]


@asynccontextmanager
async def open_town(template: Path, folder: Path, *script: list[Act], **account: Any) -> AsyncIterator[Town]:
    """Inside a virtual loop."""
    url = copy_sqlite(template, folder / "town.db")
    clock = VirtualClock()
    options = RecordsOptions(group_wait_ms=0, readers=1)
    inner = await counted(open_database(url, clock=SystemClock(), data_dir=folder, options=options))
    database = cast("Database", CountedDatabase(inner))
    inbox = await Inboxes(database, clock).create(TENANT, "公众号", channel="wechat")
    facts: dict[str, Any] = {
        "inbox_id": inbox.id,
        "tenant_id": TENANT,
        "app_id": "wx1234567890",
        "original_id": "gh_1",
        "token": "atoken",
        "aes_key": KEY,
        "app_secret": "the-app-secret",
    }
    wechat = FakeWeChat(msgspec.convert({**facts, **account}, Account), clock)
    engine = FakeEngine(*script)
    nodes = [Node(database, engine, wechat) for _ in range(2)]
    await nodes[0].accounts.put(wechat.account)
    wechat.nodes = [node.call for node in nodes]
    tasks = [spawn(node.courier.run(), name="courier") for node in nodes]
    try:
        yield Town(nodes, wechat, engine)
    finally:
        await stop(*tasks)
        await database.close()
