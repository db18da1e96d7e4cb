"""The database restarts under the server: who was told nothing asks again; each message is stored and answered once."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import TypeAlias

import aiohttp
import pytest
import pytest_asyncio
from tests.conformance.client import Site, View, observing
from tests.conformance.house import Process, serving
from tests.integration.cluster import LEASE_S, finals
from tests.integration.own_mariadb import OwnMariadb, own_mariadb
from tests.integration.own_postgres import OwnPostgres, own_postgres
from tests.support.records import new_mariadb, run_postgres
from tests.support.servers import database_at

pytestmark = [
    pytest.mark.faults,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.xdist_group("own-database"),
]

Own: TypeAlias = OwnPostgres | OwnMariadb
QUESTION = "如何退货?"
VISITORS = 4


@pytest_asyncio.fixture(
    scope="module",
    loop_scope="session",
    params=[
        pytest.param("postgresql", marks=pytest.mark.pg),
        pytest.param("mariadb", marks=[pytest.mark.maria, pytest.mark.nightly]),
    ],
)
async def own(request: pytest.FixtureRequest) -> AsyncIterator[Own]:
    if request.param == "mariadb":
        async with own_mariadb() as mariadb:
            await new_mariadb(mariadb.url, "restarted")
            yield mariadb
    else:
        async with own_postgres() as postgres:
            await run_postgres(postgres.url, "CREATE DATABASE restarted")
            yield postgres


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def process(own: Own, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Process]:
    data = tmp_path_factory.mktemp("restarted") / "data"
    url = database_at(own.url, "restarted")
    async with serving(data, database_url=url, turn_lease_s=str(LEASE_S)) as served:
        yield served
        sys.stdout.writelines(served.output)


@dataclass
class Talker:
    """Sends by REST until each message is acked, with the same client id."""

    site: Site
    conversation: str
    acked_at: list[float] = field(default_factory=list)
    retried: int = 0
    seqs: dict[str, int] = field(default_factory=dict)

    async def talk(self, until: asyncio.Event) -> None:
        number = 0
        while not until.is_set():
            await self._send(f"m{number}")
            number += 1
            await asyncio.sleep(0.1)

    async def _send(self, cmid: str) -> None:
        async with asyncio.timeout(30):
            while True:
                with suppress(aiohttp.ClientError, TimeoutError):
                    answer = await self.site.post(self.conversation, cmid, f"{QUESTION} {cmid}")
                    if answer["t"] == "ack":
                        self.acked_at.append(monotonic())
                        self.seqs[cmid] = answer["seq"]
                        return
                    assert answer["status"] >= 500, answer
                self.retried += 1
                await asyncio.sleep(0.2)


async def arrive(process: Process, http: aiohttp.ClientSession) -> Talker:
    async with http.post(f"{process.base}/v1/widget/session", json={"site_key": process.tenants[0].site_key}) as answer:
        site = Site(process.base, (await answer.json())["token"], http)
    return Talker(site, await site.begin())


@pytest.mark.parametrize("how", ["stop", "kill"])
async def test_every_send_resolves_to_one_message_and_one_answer(process: Process, own: Own, how: str) -> None:
    async with aiohttp.ClientSession() as http:
        talkers = [await arrive(process, http) for _ in range(VISITORS)]
        view, enough = View(), asyncio.Event()
        async with observing("websocket", talkers[0].site, talkers[0].conversation, view) as watcher:
            async with asyncio.TaskGroup() as talking:
                for talker in talkers:
                    talking.create_task(talker.talk(enough))
                await asyncio.sleep(1)
                await getattr(own, how)()
                await asyncio.sleep(1)
                await own.start()
                back_at = monotonic()
                await asyncio.sleep(4)
                enough.set()
            assert sum(talker.retried for talker in talkers) > 0
            for talker in talkers:
                assert min(at for at in talker.acked_at if at > back_at) - back_at < 5
                await check_thread(talker)
            thread = await talkers[0].site.read(talkers[0].conversation)
            await watcher.until(lambda view: view.seq >= thread[-1]["seq"])
            assert view.violations == []
            assert view.order == [(message["seq"], message["id"]) for message in thread]


async def check_thread(talker: Talker) -> None:
    """Each client id is one message, at the place that was acked, and each has its one answer before long."""
    async with asyncio.timeout(LEASE_S * 3 + 10):
        while True:
            thread = await talker.site.read(talker.conversation)
            asked = [message for message in thread if message["sender"]["kind"] == "visitor"]
            answered = finals(thread)
            if len(answered) >= len(asked):
                break
            await asyncio.sleep(0.2)
    assert [message["seq"] for message in thread] == list(range(1, len(thread) + 1))
    assert {message["cmid"]: message["seq"] for message in asked} == talker.seqs
    assert sorted(answered) == sorted(message["turn"] for message in asked)


async def test_the_server_is_ready_again_by_itself(process: Process, own: Own, tmp_path: Path) -> None:
    async with aiohttp.ClientSession() as http:
        await own.stop()
        async with http.get(f"{process.base}/readyz") as answer:
            assert answer.status == 503
        await own.start()
        async with asyncio.timeout(5):
            while True:
                async with http.get(f"{process.base}/readyz") as answer:
                    if answer.status == 200:
                        break
                await asyncio.sleep(0.1)
        assert process.process is not None
        assert process.process.returncode is None
