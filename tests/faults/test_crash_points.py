"""`kill -9` at every registered place of a turn, a restart, a retry: nothing acked is lost, nothing is doubled."""

from __future__ import annotations

import asyncio
import contextlib
import math
import shutil
import signal
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web
from tests.conformance.client import Site, SocketObserver, View, observing
from tests.conformance.house import Process, furnish
from tests.faults.points import PIECES, POINTS
from tests.support.outside import listening
from tests.support.records import copy_mariadb, new_mariadb, run_postgres
from tests.support.servers import database_at
from tests.support.waiting import until

from miaohui.kit import crash
from miaohui.kit.ids import new_id
from miaohui.settings.types import Settings
from miaohui.testing.upstream import Upstream, UpstreamOptions
from miaohui.webhooks.types import Wish
from miaohui.wiring import open_house

pytestmark = [pytest.mark.faults, pytest.mark.asyncio(loop_scope="session")]

LEASE_S = 1.5
"""On a server a dead node's turn is taken over when its lease is over, and so is an event that it was to send."""
TEXT = "签收后七天内可以退货。[1]运费由买家承担。退款原路退回。[1]"
"""With every mark that belongs there, so that it is shown as it came."""


@dataclass
class Receiver:
    """Outside: counts the events that arrived, by their stable id."""

    url: str = ""
    arrived: Counter[str] = field(default_factory=Counter)

    async def take(self, request: web.Request) -> web.Response:
        self.arrived[request.headers["webhook-id"]] += 1
        return web.Response(status=204)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def outside() -> AsyncIterator[Receiver]:
    one = Receiver()
    app = web.Application()
    app.router.add_post("/", one.take)
    async with listening(app) as address:
        one.url = f"{address}/"
        yield one


@pytest.fixture
def receiver(outside: Receiver) -> Receiver:
    outside.arrived.clear()
    return outside


@pytest_asyncio.fixture(loop_scope="session")
async def upstream() -> AsyncIterator[Upstream]:
    provider = Upstream(UpstreamOptions(text=TEXT, chunks=math.ceil(len(TEXT) / 4), gap_ms=120, first_ms=20))
    await provider.start()
    yield provider
    await provider.close()


@pytest.fixture(
    scope="session",
    params=[
        "sqlite",
        pytest.param("postgresql", marks=[pytest.mark.pg, pytest.mark.nightly]),
        pytest.param("mariadb", marks=[pytest.mark.maria, pytest.mark.nightly]),
    ],
)
def kind(request: pytest.FixtureRequest) -> str:
    """Which database."""
    return str(request.param)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def furnished(
    kind: str, tmp_path_factory: pytest.TempPathFactory, outside: Receiver, request: pytest.FixtureRequest
) -> Process:
    """A data folder, or a database, with two tenants, the first of which tells the outside; to be copied."""
    options = {
        "engine_model": "sim",
        "engine_coalesce_ms": "30",
        "webhook_private": "true",
        "visitor_burst": "1000",
        "log_level": "warning",
        **(await _new_database(request, kind) if kind != "sqlite" else {}),
    }
    place = Process(tmp_path_factory.mktemp("furnished") / "data", options)
    place.tenants = await furnish(place)
    async with open_house(Settings(data=place.data, **options), background=False) as house:  # type: ignore[arg-type]
        await house.webhooks.create_endpoint(place.tenants[0].id, Wish(url=outside.url, events=("message.created",)))
    return place


async def _new_database(request: pytest.FixtureRequest, kind: str, copied_from: str = "") -> dict[str, str]:
    name = new_id("crash").lower()
    leases = {"turn_lease_s": str(LEASE_S), "webhook_lease_s": str(LEASE_S)}
    if kind == "mariadb":
        url = await new_mariadb(request.getfixturevalue("mariadb_server_url"), name)
        if copied_from:
            await asyncio.to_thread(copy_mariadb, copied_from, url)
        return {"database_url": url, **leases}
    server_url: str = request.getfixturevalue("postgres_server_url")
    template = f" TEMPLATE {urlsplit(copied_from).path[1:]}" if copied_from else ""
    await run_postgres(server_url, f"CREATE DATABASE {name}{template}")
    return {"database_url": database_at(server_url, name), **leases}


@pytest_asyncio.fixture(loop_scope="session")
async def process(
    kind: str, furnished: Process, tmp_path: Path, upstream: Upstream, request: pytest.FixtureRequest
) -> AsyncIterator[Process]:
    shutil.copytree(furnished.data, tmp_path / "data")
    options = {**furnished.options, "engine_url": upstream.url}
    if url := furnished.options.get("database_url"):
        options |= await _new_database(request, kind, url)
    one = Process(tmp_path / "data", options, tenants=furnished.tenants)
    yield one
    await one.end(signal.SIGKILL)


@dataclass
class Visit:
    """One visitor with one question, before and after the crash."""

    process: Process
    http: aiohttp.ClientSession
    armed: Path
    token: str = ""
    conversation: str = ""
    view: View = field(default_factory=View)
    acked_seq: int = 0

    @property
    def site(self) -> Site:
        return Site(self.process.base, self.token, self.http)

    async def arrive(self) -> None:
        body = {"site_key": self.process.tenants[0].site_key}
        async with self.http.post(f"{self.process.base}/v1/widget/session", json=body) as answer:
            self.token = (await answer.json())["token"]
        self.conversation = await self.site.begin()

    async def ask_until_the_crash(self) -> None:
        async with observing("websocket", self.site, self.conversation, self.view) as observer:
            assert isinstance(observer, SocketObserver)
            self.armed.touch()
            try:
                self.acked_seq = (await observer.send("c1", "怎么退货"))["seq"]
                await observer.until(lambda _: observer.closed_with is not None)
            except (ConnectionError, aiohttp.ClientError):
                pass

    async def ask_again_and_see_the_end(self) -> None:
        async with observing("websocket", self.site, self.conversation, self.view) as observer:
            ack = await observer.send("c1", "怎么退货")
            if self.acked_seq:
                assert (ack["dup"], ack["seq"]) == (True, self.acked_seq)
            await observer.until(lambda view: any(m.get("final") for m in view.messages.values()))


async def crash_at(process: Process, place: str, armed: Path) -> None:
    process.options = {**process.options, "crash_at": place, "crash_armed": str(armed)}
    await process.start()


async def was_killed(process: Process) -> bool:
    assert process.process is not None
    async with asyncio.timeout(20):
        return await process.process.wait() == -signal.SIGKILL


async def dies_at_boot(process: Process, point: str, armed: Path) -> bool:
    """Started over what was left behind, the process is killed while it recovers, or just after it is up."""
    with contextlib.suppress(AssertionError):
        await crash_at(process, f"{point}:1", armed)
    return await was_killed(process)


async def restart(process: Process) -> None:
    await process.end()
    for name in ("crash_at", "crash_armed"):
        process.options.pop(name, None)
    await process.start()


async def test_the_sweep_knows_every_registered_point() -> None:
    assert set(crash.POINTS) == set(POINTS)


@pytest.mark.parametrize("place", [f"{point}:{nth}" for point in sorted(POINTS) for nth in PIECES.get(point, (1,))])
async def test_a_crash_there_loses_nothing_and_doubles_nothing(
    process: Process, upstream: Upstream, receiver: Receiver, tmp_path: Path, place: str
) -> None:
    point = place.partition(":")[0]
    async with aiohttp.ClientSession() as http:
        visit = Visit(process, http, tmp_path / "armed")
        await crash_at(process, place, visit.armed)
        await visit.arrive()
        await visit.ask_until_the_crash()
        assert await was_killed(process), f"{place} was not reached"
        await restart(process)
        await visit.ask_again_and_see_the_end()
        thread = await visit.site.read(visit.conversation)
        assert [(m["seq"], m["sender"]["kind"]) for m in thread] == [(1, "visitor"), (2, "assistant")]
        assert thread[1]["text"] == TEXT
        assert visit.view.violations == []
        assert {seq: m["id"] for seq, m in visit.view.messages.items()} == {m["seq"]: m["id"] for m in thread}
        assert upstream.stats()["requests"] <= POINTS[point].most_calls
        await until(lambda: len(receiver.arrived) >= 2, seconds=15)
        assert len(receiver.arrived) == 2


async def test_crashes_during_recovery_are_recovered_from(process: Process, upstream: Upstream, tmp_path: Path) -> None:
    async with aiohttp.ClientSession() as http:
        visit = Visit(process, http, tmp_path / "armed")
        await crash_at(process, "turn.claimed:1", visit.armed)
        await visit.arrive()
        await visit.ask_until_the_crash()
        assert await was_killed(process)
        for point in ("records.before_commit", "records.before_commit", "turn.claimed"):
            await process.end()
            assert await dies_at_boot(process, point, visit.armed)
        await restart(process)
        await visit.ask_again_and_see_the_end()
        thread = await visit.site.read(visit.conversation)
        assert [m["sender"]["kind"] for m in thread] == ["visitor", "assistant"]
        assert visit.view.violations == []
