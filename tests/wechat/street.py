"""Real server processes of ours with WeChat in front, all on sockets; they answer within one and a half seconds."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
from tests.conformance.house import PASSWORD, Process, furnish
from tests.support.outside import listening
from tests.support.servers import RedisServer, free_port
from tests.wechat.town import KEY

from miaohui.channels.wechat.types import Account
from miaohui.kit.clock import SystemClock
from miaohui.testing.upstream import Upstream, UpstreamOptions
from miaohui.testing.wechat import FakeWeChat, http_node

ANSWER_MS = 1500
HURRIED_S = 2.5
FREE = {
    "visitor_messages_per_minute": "600000",
    "visitor_burst": "100000",
    "tenant_burst": "100000",
    "tenant_messages_per_minute": "6000000",
}
ACCOUNT: dict[str, Any] = {
    "app_id": "wx1234567890",
    "original_id": "gh_1",
    "token": "atoken",
    "aes_key": KEY,
    "app_secret": "the-app-secret",
    "welcome": "欢迎!",
}


@dataclass
class Street:
    """The vendor, our nodes, and the provider behind them."""

    wechat: FakeWeChat
    nodes: list[Process]
    upstream: Upstream
    http: aiohttp.ClientSession
    token: str
    """Of the company's owner."""
    path: str

    @contextmanager
    def in_a_hurry(self) -> Iterator[None]:
        """What is lost is delivered again sooner than by the real one, which waits five seconds each time."""
        usual, self.wechat.hangs_up_s = self.wechat.hangs_up_s, HURRIED_S
        yield
        self.wechat.hangs_up_s = usual

    def thinks(self, seconds: float) -> None:
        """How long the provider is silent before it speaks."""
        self.upstream.options = msgspec.structs.replace(self.upstream.options, first_ms=seconds * 1000)

    def revive(self) -> None:
        """The last token holds again, whatever another test did to it."""
        for token in self.wechat.tokens[-1:]:
            token.until_ms = self.wechat.clock.now_ms() + 7_200_000

    def shown_to(self, openid: str) -> list[tuple[str, str]]:
        return [(one.how, one.text) for one in self.wechat.shown if one.openid == openid]

    async def ask(self, method: str, path: str, json: Any = None, node: int = 0) -> Any:
        headers = {"authorization": f"Bearer {self.token}"}
        async with self.http.request(method, self.nodes[node].base + path, json=json, headers=headers) as answer:
            assert answer.status < 300, await answer.text()
            return await answer.json()

    async def conversation(self, openid: str) -> str:
        """Of who wrote; told apart by the first words, which hold the name."""
        listed = await self.ask("GET", "/v1/conversations?limit=200")
        for one in listed["data"]:
            thread = await self.messages(one["id"])
            if thread and openid in thread[0]["text"].split():
                return str(one["id"])
        raise AssertionError(openid)

    async def messages(self, conversation: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self.ask("GET", f"/v1/conversations/{conversation}/messages"))["data"]
        return found

    async def sendings(self, conversation: str) -> list[tuple[str, str]]:
        listed = await self.ask("GET", f"/v1/conversations/{conversation}/sendings")
        return [(one["state"], one["detail"]) for one in reversed(listed["data"])]

    def nodes_of_wechat(self, *processes: Process) -> None:
        self.wechat.nodes = [http_node(self.http, one.base + self.path) for one in processes]


@asynccontextmanager
async def open_street(folder: Path, database_url: str = "") -> AsyncIterator[Street]:
    """One node on SQLite, or two on PostgreSQL and Redis."""
    async with AsyncExitStack() as stack:
        wechat = FakeWeChat(msgspec.convert({**ACCOUNT, "inbox_id": "", "tenant_id": ""}, Account), SystemClock())
        wechat.call_s = 0.0
        address = await stack.enter_async_context(listening(wechat.application()))
        upstream = await Upstream(UpstreamOptions(chunks=4, gap_ms=5, first_ms=20)).start()
        stack.push_async_callback(upstream.close)
        options = {
            "wechat_api_url": address,
            "wechat_answer_ms": str(ANSWER_MS),
            "engine_url": upstream.url,
            "engine_model": "chunks:4",
            "engine_coalesce_ms": "10",
            "answer_cache": "false",
            "shared_calls": "0",
            "conversation_backlog": "50",
            "drain_seconds": "1",
        }
        if database_url:
            redis = RedisServer()
            redis.start()
            stack.callback(redis.kill)
            options |= {"database_url": database_url, "redis_url": redis.url, "turn_lease_s": "2"}
        http = await stack.enter_async_context(aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)))
        first = Process(folder / "data", {**FREE, **options})
        first.tenants = await furnish(first)
        nodes = [await stack.enter_async_context(started(first))]
        if database_url:
            nodes.append(await stack.enter_async_context(another(first)))
        login = {"email": nodes[0].tenants[0].email, "password": PASSWORD}
        async with http.post(f"{nodes[0].base}/v1/auth/login", json=login) as answer:
            token = (await answer.json())["access_token"]
        street = Street(wechat, nodes, upstream, http, token, "")
        inbox = await street.ask("POST", "/v1/inboxes", {"name": "公众号", "channel": "wechat"})
        set_ = await street.ask("POST", f"/v1/inboxes/{inbox['id']}/wechat", ACCOUNT)
        street.path = set_["callback"]
        facts = {**ACCOUNT, "inbox_id": inbox["id"], "tenant_id": nodes[0].tenants[0].id}
        wechat.account = msgspec.convert(facts, Account)
        street.nodes_of_wechat(*nodes)
        yield street


@asynccontextmanager
async def another(first: Process, **environment: str) -> AsyncIterator[Process]:
    """One more node on the same records."""
    async with started(Process(first.data, {**first.options, **environment}, tenants=first.tenants)) as node:
        yield node


@asynccontextmanager
async def started(node: Process) -> AsyncIterator[Process]:
    """All say that they are the first; each is reached under its own address."""
    port = node.port = free_port()
    node.options = {"public_url": f"http://127.0.0.1:{port}", **node.options}
    await node.start()
    node.base = f"http://127.0.0.1:{port}"
    try:
        yield node
    finally:
        if node.alive:
            await node.end(signal.SIGKILL)


async def settled(street: Street, openid: str, count: int, seconds: float = 15.0) -> None:
    """Wait until so much was shown, and a moment more, in which nothing else may come."""
    async with asyncio.timeout(seconds):
        while len(street.shown_to(openid)) < count:  # noqa: ASYNC110 -- the vendor has no event
            await asyncio.sleep(0.02)
    await asyncio.sleep(0.6)
