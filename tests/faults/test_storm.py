"""A crowd loses its server and comes back at once: all are in before long, and who stayed is not disturbed (E2, E3)."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from urllib.parse import urlsplit

import aiohttp
import msgspec
import pytest
import pytest_asyncio
from tests.conformance.client import Site, observing
from tests.conformance.house import Process, furnish
from tests.faults.test_lost_commits import address_of
from tests.faults.visiting import LIFTED
from tests.support.records import run_postgres
from tests.support.servers import database_at, free_port

from miaohui.settings.types import Settings
from miaohui.testing.proxy import Toxics, through
from miaohui.wiring import open_house

pytestmark = [pytest.mark.faults, pytest.mark.asyncio(loop_scope="module")]

FEW = {"newcomers_per_second": "60", "newcomers_burst": "60", "newcomers_at_once": "16"}


@dataclass
class Person:
    """A visitor with a conversation, and a socket that comes back as it is told to."""

    token: str
    conversation: str
    resumed_s: float = 0.0
    """Since the storm began."""
    told: list[tuple[int, int]] = field(default_factory=list)
    """When to come back, each time that they were not let in."""


async def furnish_crowd(process: Process, size: int) -> list[Person]:
    """Visitors who have each said something, written past the doors."""
    async with open_house(Settings(data=process.data, **process.options), background=False) as house:  # type: ignore[arg-type]
        inbox = await house.inboxes.find_by_site_key(process.tenants[0].site_key)
        assert inbox is not None

        async def one() -> Person:
            contact = await house.contacts.create_visitor(inbox)
            conversation = await house.conversations.start(contact)
            return Person(house.identity.issue_visitor(contact), conversation.id)

        return [person for _ in range(0, size, 50) for person in await asyncio.gather(*(one() for _ in range(50)))]


async def come_back(http: aiohttp.ClientSession, base: str, person: Person, began: float, jitter_s: float) -> None:
    """Hello and resume, until let in."""
    chance = random.Random(person.conversation)
    await asyncio.sleep(chance.uniform(0, jitter_s))
    resume = [{"conv": person.conversation, "epoch": "", "seq": 0, "streams": []}]
    while True:
        async with http.ws_connect(f"{base}/v1/ws", protocols=["miaohui.v1+json"], max_msg_size=0) as socket:
            await socket.send_json({"t": "hello", "v": 1, "token": person.token, "device": "d", "resume": resume})
            async for message in socket:
                frame = msgspec.json.decode(message.data)
                if frame["t"] == "resumed":
                    person.resumed_s = monotonic() - began
                    return
                if frame["t"] == "hb":
                    await socket.send_json(frame)
                if frame["t"] == "goaway":
                    person.told.append(tuple(frame["reconnect_in_ms"]))
            assert socket.close_code == 4013, socket.close_code
        least, most = person.told[-1]
        await asyncio.sleep(chance.uniform(least, most) / 1000)


async def talk_through(site: Site, conversation: str, over: asyncio.Event, took: list[float]) -> None:
    """Who stayed inside says something twice a second."""
    async with observing("websocket", site, conversation) as inside:
        while not over.is_set():
            began = monotonic()
            while (ack := await inside.send(f"c{len(took)}", "怎么退货?"))["t"] == "nack":
                assert ack["retryable"], ack
                await asyncio.sleep(ack["retry_after_ms"] / 1000)
            took.append(monotonic() - began)
            await asyncio.sleep(0.5)
        assert inside.closed_with is None


async def storm(process: Process, crowd: list[Person], jitter_s: float) -> list[float]:
    """All of them at once; how long the acks of somebody who stayed took meanwhile."""
    took, over = list[float](), asyncio.Event()
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
        stayed = Site(process.base, crowd[0].token, http)
        talking = asyncio.ensure_future(talk_through(stayed, crowd[0].conversation, over, took))
        await asyncio.sleep(1.2)
        began = monotonic()
        async with asyncio.timeout(150), asyncio.TaskGroup() as coming:
            for one in crowd[1:]:
                coming.create_task(come_back(http, process.base, one, began, jitter_s))
        async with http.get(f"{process.base}/readyz") as answer:
            assert answer.status == 200
        over.set()
        await talking
    return took


@pytest_asyncio.fixture(loop_scope="module")
async def process(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[tuple[Process, list[Person]]]:
    options, size = request.param
    place = Process(tmp_path / "data", {**LIFTED, **options})
    place.tenants = await furnish(place)
    crowd = await furnish_crowd(place, size)
    await place.start()
    yield place, crowd
    await place.end()


@pytest.mark.parametrize("process", [(FEW, 250)], indirect=True)
async def test_a_storm_is_spread_over_the_time_that_it_takes(process: tuple[Process, list[Person]]) -> None:
    place, crowd = process
    took = await storm(place, crowd, 0.0)
    came = sorted(one.resumed_s for one in crowd[1:])
    assert sum(1 for one in crowd if one.told) > 100, "nobody had to wait"
    within = [sum(1 for at in came if start <= at < start + 1) for start in range(int(came[-1]) + 1)]
    assert max(within) <= 2 * 60 + 20, within
    assert 2.5 < came[-1] < 25, came[-1]
    assert max(took) < 3


@pytest.mark.nightly
@pytest.mark.parametrize("process", [({"hello_seconds": "60"}, 5_000)], indirect=True)
async def test_five_thousand_come_back_within_half_a_minute(process: tuple[Process, list[Person]]) -> None:
    place, crowd = process
    took = await storm(place, crowd, 8.0)
    came, took = sorted(one.resumed_s for one in crowd[1:]), sorted(took)
    assert came[-1] <= 30, f"the last of {len(came)} after {came[-1]:.1f} s, P99 {came[len(came) * 99 // 100]:.1f} s"
    assert took[len(took) * 99 // 100] <= 1.0, took


@pytest.mark.nightly
@pytest.mark.pg
async def test_a_storm_meets_a_slow_database_and_who_is_inside_goes_on(
    postgres_server_url: str, tmp_path: Path
) -> None:
    name = f"storm{free_port()}"
    await run_postgres(postgres_server_url, f"CREATE DATABASE {name}")
    direct = urlsplit(database_at(postgres_server_url, name))
    async with through(*address_of(direct)) as proxy:
        url = f"{direct.scheme}://{direct.username}@127.0.0.1:{proxy.port}{direct.path}"
        place = Process(tmp_path / "data", {**LIFTED, "database_url": url})
        place.tenants = await furnish(place)
        crowd = await furnish_crowd(place, 250)
        await place.start()
        try:
            proxy.toxics = Toxics(delay_s=0.1)  # there and back: 0.2 s
            took = await storm(place, crowd, 2.0)
        finally:
            proxy.toxics = Toxics()
            await place.end()
    assert sum(1 for one in crowd if one.told) > 50, "nobody had to wait"
    took.sort()
    assert (took[len(took) // 2] < 4.0, took[-1] < 10.0) == (True, True), took
