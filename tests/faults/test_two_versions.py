"""A version and the one before it on the tables of the newer one, side by side and one after the other (G3)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from bench.client import now
from bench.cluster.crowd import Comers
from bench.cluster.records import read_postgres
from tests.conformance.client import Site, View, observing
from tests.conformance.house import Process
from tests.faults.before import NOW, Installation, Program, find_before, installed, make_after
from tests.support.records import run_postgres
from tests.support.servers import database_at

from miaohui.kit.aio import spawn, stop
from miaohui.kit.ids import new_id
from miaohui.testing.history.check import Report, check
from miaohui.testing.history.types import Bounds, Fault, History, Visitor
from miaohui.testing.proxy import Proxy, through

pytestmark = [
    pytest.mark.faults,
    pytest.mark.pg,
    pytest.mark.nightly,
    pytest.mark.asyncio(loop_scope="module"),
]

VISITORS, EVERY_S = 40, 4.0
PATIENCE_S = 60.0


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Program:
    program = find_before(tmp_path_factory.mktemp("before"))
    assert program.tables < NOW.tables
    return program


async def new_database(server_url: str) -> str:
    name = new_id("versions").lower()
    await run_postgres(server_url, f"CREATE DATABASE {name}")
    return database_at(server_url, name)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def place(
    before: Program, postgres_server_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Installation]:
    """Half way: new tables under a node that was there before, and beside it a new one."""
    data = tmp_path_factory.mktemp("versions") / "data"
    async with installed(before, data, await new_database(postgres_server_url)) as opened:
        await opened.start(before)
        await opened.migrate(NOW)
        await opened.start(NOW)
        yield opened


@pytest_asyncio.fixture(loop_scope="module")
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        yield session


async def readiness(node: Process, http: aiohttp.ClientSession) -> int:
    async with http.get(f"{node.base}/readyz") as answer:
        return answer.status


async def test_a_node_goes_on_when_its_tables_become_newer(place: Installation, http: aiohttp.ClientSession) -> None:
    assert [await readiness(node, http) for node in place.nodes] == [200, 200]


@pytest.mark.parametrize("which", [0, 1], ids=["before", "now"])
async def test_both_keep_the_contract_by_their_own_suite(place: Installation, before: Program, which: int) -> None:
    program, node = (before, NOW)[which], place.nodes[which]
    agent = place.tenants[0]
    given = {
        "URL": node.base,
        "SITES": ",".join(one.site_key for one in place.tenants),
        "AGENT": f"{agent.email}:{agent.password}",
    }
    words = [f"MIAOHUI_CONFORMANCE_{name}={value}" for name, value in given.items()]
    run = f"import os, sys; os.environ.update(one.split('=', 1) for one in {words!r}); import pytest; sys.exit("
    run += "pytest.main(['-q', '-n0', '-p', 'no:cacheprovider', '-k', 'not openapi', 'tests/conformance']))"
    code, said = await program.run("-c", run)
    assert code == 0, said[-20_000:]
    passed = re.search(r"(\d+) passed", said)
    assert passed is not None, said[-2_000:]
    assert int(passed[1]) >= 40


def finals(view: View) -> list[str]:
    """The turns that were answered."""
    return [message["turn"] for message in view.messages.values() if message.get("final")]


async def come(node: Process, http: aiohttp.ClientSession, tenant: int = 0) -> Site:
    body = {"site_key": node.tenants[tenant].site_key}
    async with http.post(f"{node.base}/v1/widget/session", json=body) as answer:
        return Site(node.base, (await answer.json())["token"], http)


async def log_in(node: Process, http: aiohttp.ClientSession) -> Site:
    body = {"email": node.tenants[0].email, "password": node.tenants[0].password}
    async with http.post(f"{node.base}/v1/auth/login", json=body) as answer:
        return Site(node.base, (await answer.json())["access_token"], http)


@pytest.mark.parametrize("which", [0, 1], ids=["said before", "said now"])
@pytest.mark.parametrize("transport", ["websocket", "events", "poll"])
async def test_who_speaks_at_one_and_who_watches_at_the_other_see_the_same_order(
    place: Installation, http: aiohttp.ClientSession, which: int, transport: str
) -> None:
    here, there = place.nodes[which], place.nodes[1 - which]
    site, agent = await come(here, http), await log_in(there, http)
    conversation = await site.begin()
    elsewhere = Site(there.base, site.token, http)
    async with (
        observing("websocket", site, conversation) as phone,
        observing(transport, elsewhere, conversation) as laptop,
        observing("websocket", agent, conversation) as console,
    ):
        everybody = (phone, laptop, console)
        for number in range(3):
            assert (await phone.send(f"m{number}", "怎么退货?"))["t"] == "ack"
            for one in everybody:
                await one.until(lambda view, number=number: len(finals(view)) == number + 1)  # type: ignore[misc]
        async with http.post(
            f"{agent.base}/v1/conversations/{conversation}/take-over", headers=agent.headers
        ) as answer:
            assert answer.status == 200, await answer.text()
        assert (await agent.post(conversation, "mine", "我来为您处理"))["t"] == "ack"
        last = await phone.send("thanks", "谢谢")
        await phone.until(lambda view: len(view.turns) == 4)
        assert list(phone.view.turns.values()) == ["answered"] * 3 + ["handed_off"]
        for one in everybody:
            await one.until(lambda view: view.seq >= last["seq"])
            assert one.view.violations == []
            assert one.view.turns.items() <= phone.view.turns.items()
        assert phone.view.order == laptop.view.order == console.view.order
    stored = [(one["seq"], one["id"]) for one in await site.read(conversation)]
    assert stored == phone.view.order
    assert stored == [(one["seq"], one["id"]) for one in await elsewhere.read(conversation)]


async def ask(http: aiohttp.ClientSession, who: Site, path: str, json: dict[str, Any]) -> Any:
    async with http.post(f"{who.base}/v1/{path}", json=json, headers=who.headers) as answer:
        assert answer.status < 300, await answer.text()
        return await answer.json()


@pytest.mark.parametrize("which", [0, 1], ids=["taught before", "taught now"])
async def test_what_is_taught_at_one_is_known_at_the_other(
    place: Installation, http: aiohttp.ClientSession, which: int
) -> None:
    teacher, reader = [await log_in(place.nodes[number], http) for number in (which, 1 - which)]
    thing = ("礼品卡", "会员卡")[which]
    words = {"title": f"{thing}的期限", "text": f"{thing}自购买之日起三年有效。", "questions": [f"{thing}能用多久"]}
    article = (await ask(http, teacher, "knowledge/drafts", words))["article_id"]
    await ask(http, teacher, "knowledge/publish", {"article_ids": [article]})
    known = list[str]()
    async with asyncio.timeout(30):
        while article not in known:
            found = await ask(http, reader, "articles/search", {"question": f"{thing}能用多久"})
            known = [hit["article_id"] for hit in found["data"]]
            await asyncio.sleep(0.2)
    assert known[0] == article


# One after the other


async def visitors_at(node: Process, http: aiohttp.ClientSession) -> list[Visitor]:
    """Half of each company's."""
    found = []
    for number in range(VISITORS):
        tenant = node.tenants[number % 2]
        async with http.post(f"{node.base}/v1/widget/session", json={"site_key": tenant.site_key}) as answer:
            session = await answer.json()
        conversation = await Site(node.base, session["token"], http).begin()
        found.append(
            Visitor(
                tenant=tenant.id, contact=session["contact"]["id"], conversation=conversation, token=session["token"]
            )
        )
    return found


async def replaced(place: Installation, doors: tuple[Proxy, Proxy], program: Program) -> None:
    """Each node in turn; meanwhile whoever comes to its door is led to the other one."""
    for mine in (0, 1):
        leaving, staying = place.nodes
        doors[mine].lead_to("127.0.0.1", staying.port)
        new = await place.replace(leaving, program)
        doors[mine].lead_to("127.0.0.1", new.port)
        await asyncio.sleep(3)


async def talked_through(place: Installation, http: aiohttp.ClientSession, *programs: Program) -> tuple[Report, int]:
    """Visitors who talk while the first of these programs migrates, and each replaces both nodes.

    What the checker says of it all, and how often a visitor came back at the most.
    """
    visitors = await visitors_at(place.nodes[0], http)
    canaries = {tenant.id: f"canary-{number}-7f3a" for number, tenant in enumerate(place.tenants)}
    first, second = place.nodes
    async with through("127.0.0.1", first.port) as one, through("127.0.0.1", second.port) as other:
        crowds = [Comers(visitors[::2], one.port, canaries), Comers(visitors[1::2], other.port, canaries)]
        staying = [spawn(crowd.stay(), name="crowd") for crowd in crowds]
        done, begin = False, now()
        talking = [spawn(crowd.talk(EVERY_S / 2, lambda: done), name="talk") for crowd in crowds]
        await asyncio.sleep(3)
        await place.migrate(programs[0])
        await asyncio.sleep(3)
        for program in programs:
            await replaced(place, (one, other), program)
        done = True
        await asyncio.gather(*talking)
        left = [await crowd.settle(PATIENCE_S) for crowd in crowds]
        assert left == [0, 0]
        fault = Fault(name="upgrade", begin=begin, end=now())
        await asyncio.sleep(12)  # what was not announced is looked for
        await stop(*staying)
    comers = [comer for crowd in crowds for comer in crowd.all]
    for node in place.nodes:
        await node.end()
    history = History(
        lines=[comer.line for comer in comers],
        cold=await read_postgres(place.database_url),
        faults=[fault],
        bounds=Bounds(turn_s=PATIENCE_S),
        lossy=True,
        canaries=canaries,
    )
    return check(history), max(comer.reconnects for comer in comers)


async def test_a_rolling_upgrade_under_load_loses_nothing(
    before: Program, postgres_server_url: str, tmp_path: Path, http: aiohttp.ClientSession
) -> None:
    database_url = await new_database(postgres_server_url)
    async with installed(before, tmp_path / "data", database_url) as place:
        for _ in range(2):
            await place.start(before)
        report, reconnects = await talked_through(place, http, NOW)
    assert report.violations == ()
    assert report.acked >= VISITORS * 2
    assert report.finals >= VISITORS
    assert reconnects <= 4


async def test_an_upgrade_may_go_back_while_its_tables_stay(
    postgres_server_url: str, tmp_path: Path, http: aiohttp.ClientSession
) -> None:
    after = await asyncio.to_thread(make_after, tmp_path / "after")
    async with installed(NOW, tmp_path / "data", await new_database(postgres_server_url)) as place:
        for _ in range(2):
            await place.start(NOW)
        report, reconnects = await talked_through(place, http, after, NOW)
    assert report.violations == ()
    assert report.acked >= VISITORS * 2
    assert reconnects <= 8
