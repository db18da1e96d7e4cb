"""WeCom in front of real processes of ours: one that dies in the middle of its log, and two that share one."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest
from tests.conformance.house import PASSWORD, Process, furnish
from tests.support import servers
from tests.support.outside import listening
from tests.support.records import run_postgres
from tests.wechat.street import FREE, started
from tests.wecom.counter import FACTS

from miaohui.channels.wecom.types import NEW, Account
from miaohui.kit.clock import SystemClock
from miaohui.kit.ids import new_id
from miaohui.testing.upstream import Upstream, UpstreamOptions
from miaohui.testing.wechat import http_node
from miaohui.testing.wecom import FakeWeCom

pytestmark = pytest.mark.slow
WORDS = [f"m{at} 怎么退货?" for at in range(12)]


class Counter:
    """The vendor, our processes, and the owner's token."""

    def __init__(self, wecom: FakeWeCom, http: aiohttp.ClientSession, first: Process) -> None:
        self.wecom = wecom
        self.http = http
        self.first = first
        self.token = ""
        self.path = ""

    async def ask(self, base: str, method: str, path: str, json: Any = None) -> Any:
        headers = {"authorization": f"Bearer {self.token}"}
        async with self.http.request(method, base + path, json=json, headers=headers) as answer:
            assert answer.status < 300, await answer.text()
            return await answer.json()

    async def set_up(self, base: str) -> None:
        login = {"email": self.first.tenants[0].email, "password": PASSWORD}
        async with self.http.post(f"{base}/v1/auth/login", json=login) as answer:
            self.token = (await answer.json())["access_token"]
        inbox = await self.ask(base, "POST", "/v1/inboxes", {"name": "微信客服", "channel": "wecom"})
        self.path = (await self.ask(base, "POST", f"/v1/inboxes/{inbox['id']}/wecom", FACTS))["callback"]

    def calls(self, *processes: Process) -> None:
        self.wecom.nodes = [http_node(self.http, one.base + self.path) for one in processes]

    def write(self) -> None:
        """Everybody writes; nobody is called yet."""
        for at, text in enumerate(WORDS):
            person = f"p{at}"
            session = self.wecom.sessions[person]
            session.state, session.left, session.until_ms = NEW, 5, 2**60
            self.wecom.put(person, 3, f"k{at}", msgtype="text", text={"content": text})

    async def answered(self, base: str) -> list[list[str]]:
        """What each read, once all were answered; then who spoke in each conversation."""
        async with asyncio.timeout(30):
            while any(not self.wecom.shown[f"p{at}"] for at in range(len(WORDS))):  # noqa: ASYNC110 -- no event there
                await asyncio.sleep(0.05)
        await asyncio.sleep(1.0)
        listed = (await self.ask(base, "GET", "/v1/conversations?limit=200"))["data"]
        threads = [
            (await self.ask(base, "GET", f"/v1/conversations/{one['id']}/messages"))["data"]
            for one in listed
            if one["inbox_id"] in self.path
        ]
        assert sorted(thread[0]["text"] for thread in threads) == sorted(WORDS)
        return [[one["sender"]["kind"] for one in thread] for thread in threads]


@asynccontextmanager
async def open_counter(folder: Path, database_url: str = "") -> AsyncIterator[Counter]:
    async with AsyncExitStack() as stack:
        wecom = FakeWeCom(msgspec.convert({**FACTS, "inbox_id": "", "tenant_id": ""}, Account), SystemClock(), page=5)
        address = await stack.enter_async_context(listening(wecom.application()))
        upstream = await Upstream(UpstreamOptions(chunks=3, gap_ms=5, first_ms=20)).start()
        stack.push_async_callback(upstream.close)
        options = {
            **FREE,
            "wecom_api_url": address,
            "engine_url": upstream.url,
            "engine_model": "chunks:3",
            "answer_cache": "false",
            "shared_calls": "0",
            "turn_lease_s": "2",
        }
        if database_url:
            redis = servers.RedisServer()
            redis.start()
            stack.callback(redis.kill)
            options |= {"database_url": database_url, "redis_url": redis.url}
        first = Process(folder / "data", options)
        first.tenants = await furnish(first)
        http = await stack.enter_async_context(aiohttp.ClientSession())
        yield Counter(wecom, http, first)


async def test_a_process_that_dies_in_the_middle_of_the_log_loses_and_doubles_nothing(tmp_path: Path) -> None:
    async with open_counter(tmp_path) as counter:
        async with started(counter.first) as node:
            await counter.set_up(node.base)
            await node.end(signal.SIGKILL)
        dying = Process(counter.first.data, {**counter.first.options, "crash_at": "accept.committed:7"})
        async with started(dying) as node:
            counter.write()
            counter.calls(node)
            assert (await counter.wecom.tell())[0] in {0, 200}
            async with asyncio.timeout(20):
                while node.alive:  # noqa: ASYNC110 -- the process has no event here
                    await asyncio.sleep(0.02)
        async with started(Process(counter.first.data, counter.first.options)) as node:
            speakers = await counter.answered(node.base)
    assert speakers == [["visitor", "assistant"]] * len(WORDS)
    assert all(len(counter.wecom.shown[f"p{at}"]) == 1 for at in range(len(WORDS)))


@pytest.mark.pg
async def test_two_processes_that_are_called_at_once_answer_everybody_once(
    tmp_path: Path, postgres_server_url: str
) -> None:
    name = new_id("counter").lower()
    await run_postgres(postgres_server_url, f"CREATE DATABASE {name}")
    async with open_counter(tmp_path, servers.database_at(postgres_server_url, name)) as counter:
        second = Process(counter.first.data, counter.first.options)
        async with started(counter.first) as one:
            await counter.set_up(one.base)
            async with started(second) as other:
                counter.write()
                counter.calls(one, other)
                await asyncio.gather(*(node(*counter.wecom.call_for()) for node in counter.wecom.nodes))
                speakers = await counter.answered(other.base)
    assert speakers == [["visitor", "assistant"]] * len(WORDS)
    assert all(len(counter.wecom.shown[f"p{at}"]) == 1 for at in range(len(WORDS)))
