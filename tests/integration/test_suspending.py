"""A company is suspended from the terminal while its people are connected to two nodes (G11)."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import monotonic

import aiohttp
import asyncpg
import pytest
from tests.conformance.client import Site, SocketObserver, observing
from tests.conformance.house import Process
from tests.integration.cluster import LONG, Cluster, joined, streamed
from tests.support.nursery import nursery

from miaohui.settings.types import Settings
from miaohui.wiring import open_house

pytestmark = [pytest.mark.pg, pytest.mark.asyncio(loop_scope="session"), pytest.mark.xdist_group("cluster")]

PROMISED_S = 5.0
ACKED_S = 2.0
"""On a machine with much else to do; a portion takes milliseconds."""
STUCK_S = 60.0
THEIRS = 1
QUESTION = "如何退货?"


async def command(node: Process, *words: str) -> str:
    """`miaohui`, in a process of its own on the same records."""
    born = await nursery().start(words, node.environment)
    said = (await born.stdout.read()).decode()
    assert await born.wait() == 0, said
    return said


@asynccontextmanager
async def suspended(node: Process, slug: str) -> AsyncIterator[float]:
    """For a block; when the command began."""
    began = monotonic()
    await command(node, "tenant", "suspend", slug)
    try:
        yield began
    finally:
        await command(node, "tenant", "resume", slug)


async def closed(observer: SocketObserver) -> float:
    """When the socket was closed, with the code that says not to come back."""
    await observer.until(lambda _: observer.closed_with is not None)
    assert observer.closed_with == 4507
    return monotonic()


@asynccontextmanager
async def asking(cluster: Cluster) -> AsyncIterator[aiohttp.ClientResponse]:
    """A program whose answer of half a minute has begun, at node B."""
    headers = {"authorization": f"Bearer {cluster.a.tenants[THEIRS].api_key}"}
    form = {"model": "miaohui", "stream": True, "messages": [{"role": "user", "content": QUESTION}]}
    url = f"{cluster.b.base}/v1/chat/completions"
    async with cluster.http.post(url, headers=headers, json=form) as answer:
        assert answer.status == 200, await answer.text()
        assert await answer.content.readany()
        yield answer


async def ended(answer: aiohttp.ClientResponse) -> None:
    """Broken off, without the word that it is whole."""
    said = b""
    with contextlib.suppress(aiohttp.ClientError):
        async for piece in answer.content.iter_any():
            said += piece
    assert b"[DONE]" not in said


async def test_sockets_at_both_nodes_are_closed_in_time_and_the_answer_stops(cluster: Cluster) -> None:
    cluster.upstream.faults += [LONG, LONG]
    site = await cluster.visitor(cluster.a, THEIRS)
    conversation = await site.begin()
    neighbour = await cluster.visitor(cluster.b)
    theirs = await neighbour.begin()
    async with (
        observing("websocket", site, conversation) as phone,
        observing("websocket", cluster.at(cluster.b, site), conversation) as laptop,
        observing("websocket", neighbour, theirs) as other,
        asking(cluster) as program,
    ):
        assert isinstance(phone, SocketObserver)
        assert isinstance(laptop, SocketObserver)
        await joined(phone, laptop, other)
        await phone.send("one", QUESTION)
        await laptop.until(lambda view: len(streamed(view)) > 10)
        async with suspended(cluster.a, "theirs"):
            known = monotonic()
            await asyncio.gather(closed(phone), closed(laptop), ended(program))
            assert monotonic() - known < PROMISED_S
            told = len(phone.view.frames), len(laptop.view.frames)
            for node in (cluster.a, cluster.b):
                body = {"site_key": node.tenants[THEIRS].site_key} if node.tenants else {}
                async with cluster.http.post(f"{node.base}/v1/widget/session", json=body) as answer:
                    assert (answer.status, (await answer.json())["code"]) == (403, "tenant_suspended")
            await other.send("one", QUESTION)
            await other.until(lambda view: "answered" in view.turns.values())
            assert (len(phone.view.frames), len(laptop.view.frames)) == told, "nothing further is delivered"
    await _served_again(cluster, site, conversation)


async def furnished(cluster: Cluster, slug: str) -> tuple[str, Site, str]:
    """A company of the test's own with some thousand messages, and a visitor of it."""
    settings = Settings(data=cluster.a.data, **cluster.a.options)  # type: ignore[arg-type]
    async with open_house(settings, background=False) as house:
        tenant = await house.tenants.create("Leaving", slug)
        contact = await house.contacts.create_visitor(await house.inboxes.create(tenant.id, "web"))
        conversation = await house.conversations.start(contact)
        token = house.identity.issue_visitor(contact)
    return tenant.id, Site(cluster.a.base, token, cluster.http), conversation.id


_TALK = """
INSERT INTO messages (id, tenant_id, conversation_id, seq, sender, sender_id, kind, text, created_at_ms)
SELECT 'msg_' || n, $1, 'conv_' || n / 20, n % 20, 'visitor', 'cont_1', 'text', 'x', 1 FROM generate_series(1, 5000) n
"""
_LEFT = "SELECT count(*) FROM messages WHERE tenant_id = $1"


async def talking(observer: SocketObserver) -> list[float]:
    """How long each ack took, until cancelled."""
    waits: list[float] = []
    with contextlib.suppress(asyncio.CancelledError):
        while True:
            began = monotonic()
            await observer.send(f"n{len(waits)}", "谢谢")
            waits.append(monotonic() - began)
            await asyncio.sleep(0.05)
    return waits


async def state_of(node: Process, slug: str) -> str:
    """As the terminal lists it; empty for one that is not there."""
    said = await command(node, "tenant", "list", "--json")
    return next((one["state"] for one in json.loads(said) if one["slug"] == slug), "")


@pytest.mark.slow
async def test_a_deletion_killed_half_way_is_ended_by_the_next_and_nobody_waits(cluster: Cluster) -> None:
    url = cluster.a.options["database_url"]
    if not url.startswith("postgres"):
        pytest.skip("held up by a lock of PostgreSQL's")
    tenant_id, site, conversation = await furnished(cluster, "leaving")
    neighbour = await cluster.visitor(cluster.b)
    theirs = await neighbour.begin()
    records = await asyncpg.connect(url)
    try:
        await records.execute(_TALK, tenant_id)
        async with (
            asyncio.timeout(STUCK_S),
            observing("websocket", cluster.at(cluster.b, site), conversation) as phone,
            observing("websocket", neighbour, theirs) as other,
        ):
            assert isinstance(phone, SocketObserver)
            assert isinstance(other, SocketObserver)
            await joined(phone, other)
            talk = asyncio.create_task(talking(other))
            async with records.transaction():
                await records.execute("SELECT id FROM inboxes WHERE tenant_id = $1 FOR UPDATE", tenant_id)
                first = await nursery().start(["tenant", "delete", "leaving", "--yes"], cluster.a.environment)
                await closed(phone)
                while await records.fetchval(_LEFT, tenant_id):  # noqa: ASYNC110  (another process's doing)
                    await asyncio.sleep(0.05)
                first.send_signal(signal.SIGKILL)
                assert await first.wait() == -signal.SIGKILL
            assert await state_of(cluster.a, "leaving") == "leaving"
            await command(cluster.a, "tenant", "delete", "leaving", "--yes")
            talk.cancel()
            waits = sorted(await talk)
        assert await state_of(cluster.a, "leaving") == ""
        assert len(waits) > 20
        assert waits[-1] < ACKED_S
        named = "SELECT table_name FROM information_schema.columns WHERE column_name = 'tenant_id' ORDER BY table_name"
        tables = [row["table_name"] for row in await records.fetch(named)]
        assert len(tables) > 50
        counts = {
            one: await records.fetchval(f"SELECT count(*) FROM {one} WHERE tenant_id = $1", tenant_id) for one in tables
        }
        assert {name: count for name, count in counts.items() if count} == {"tenant_standings": 1}
    finally:
        await records.close()


async def _served_again(cluster: Cluster, site: Site, conversation: str) -> None:
    """At both nodes, with the token from before; the question is there, and not a word of its answer."""
    for node in (cluster.a, cluster.b):
        here = cluster.at(node, site)
        async with asyncio.timeout(PROMISED_S):
            while True:
                async with cluster.http.get(
                    f"{node.base}/v1/conversations/{conversation}/messages", headers=here.headers
                ) as answer:
                    if answer.status == 200:
                        thread = (await answer.json())["data"]
                        break
                await asyncio.sleep(0.1)
        assert [message["text"] for message in thread] == [QUESTION]
