"""Bounds and walls: slow readers, other tenants, floods, and a server that is told to stop (P10, P12)."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import aiohttp
import pytest
from tests.conformance.client import Site, SocketObserver, View, observing
from tests.conformance.conftest import Visitor
from tests.conformance.house import Process

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_another_tenants_conversation_does_not_exist(server: Process, visitor: Visitor, transport: str) -> None:
    ours, theirs = await visitor(server, 0), await visitor(server, 1)
    conversation = await ours.begin()
    await ours.post(conversation, "canary", "canary-7f3a")
    if transport == "websocket":
        async with observing("websocket", theirs, conversation) as observer:
            await observer.until(lambda view: any(frame["t"] == "error" for frame in view.frames))
            assert observer.view.messages == {}
            refused = await observer.send("in", "hello")
            assert (refused["t"], refused["code"]) == ("nack", "not_found")
            assert "canary-7f3a" not in json.dumps(observer.view.frames)
    else:
        path = "stream" if transport == "events" else "events"
        url = f"{theirs.base}/v1/conversations/{conversation}/{path}"
        async with theirs.http.get(url, headers=theirs.headers) as answer:
            assert (answer.status, (await answer.json())["code"]) == (404, "not_found")
        assert (await theirs.post(conversation, "in", "hello"))["status"] == 404
    assert [one["text"] for one in await ours.read(conversation) if one["sender"]["kind"] == "visitor"] == [
        "canary-7f3a"
    ]


async def test_a_reader_who_does_not_read_is_cut_and_misses_nothing(server: Process, visitor: Visitor) -> None:
    site = await visitor(server)
    conversation = await site.begin()
    agent = await _log_in(server, site)
    view = View()
    async with observing("websocket", site, conversation, view) as quick, _silent(site, conversation) as silent:
        posted = 0
        for _ in range(300):
            answer = await agent.post(conversation, f"flood{posted}", f"{posted} {'长' * 5000}")
            assert answer["t"] == "ack"
            posted += 1
        assert await silent.cut(), "the silent reader was never cut"
        await quick.until(lambda view: sum(one["kind"] == "text" for one in view.messages.values()) == posted, 60)
        assert view.violations == []
    late = View(epoch=view.epoch, seq=1)
    async with observing("websocket", site, conversation, late) as back:
        await back.until(lambda late: late.seq == view.seq, 60)
        assert late.violations == []


async def _log_in(server: Process, site: Site) -> Site:
    if not server.tenants[0].email:
        pytest.skip("no agent of this server is known")
    body = {"email": server.tenants[0].email, "password": server.tenants[0].password}
    async with site.http.post(f"{site.base}/v1/auth/login", json=body) as answer:
        assert answer.status == 200, await answer.text()
        return Site(site.base, (await answer.json())["access_token"], site.http)


class Silent:
    """A WebSocket that said hello and reads nothing more."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    async def cut(self) -> bool:
        """Whether the server drops the connection: then a ping finds nobody."""
        for _ in range(60):
            try:
                self._connection.send(b"\x89\x80" + bytes(4))
            except (BrokenPipeError, ConnectionResetError):
                return True
            await asyncio.sleep(0.25)
        return False


@asynccontextmanager
async def _silent(site: Site, conversation: str) -> AsyncIterator[Silent]:
    host, _, port = site.base.removeprefix("http://").partition(":")
    loop = asyncio.get_running_loop()
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.setblocking(False)
        await loop.sock_connect(connection, (host, int(port)))
        upgrade = (
            f"GET /v1/ws HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
        await loop.sock_sendall(connection, upgrade.encode())
        await loop.sock_recv(connection, 512)
        hello = json.dumps({"t": "hello", "v": 1, "token": site.token, "resume": [{"conv": conversation}]}).encode()
        await loop.sock_sendall(
            connection, b"\x81" + bytes([0x80 | 126]) + len(hello).to_bytes(2, "big") + bytes(4) + hello
        )
        yield Silent(connection)


async def test_a_drain_says_goodbye_and_loses_nothing(own_server: Process, visitor: Visitor) -> None:
    site = await visitor(own_server)
    conversation = await site.begin()
    view = View()
    async with observing("websocket", site, conversation, view) as observer:
        assert isinstance(observer, SocketObserver)
        await observer.send("last", "如何退货?")
        assert await own_server.end(signal.SIGTERM) == 0
        await observer.until(lambda _: observer.closed_with is not None)
        assert observer.closed_with == 4001
        assert "goaway" in [frame["t"] for frame in view.frames]
    await own_server.start()
    async with observing("websocket", site, conversation, view) as observer:
        await observer.until(lambda view: view.seq == 2 and len(view.recovered) == 2)
        assert view.recovered[-1] is True
        assert view.violations == []
    assert len([one for one in await site.read(conversation) if one.get("final")]) == 1


async def test_who_says_nothing_at_first_is_sent_away(own_server: Process, http: aiohttp.ClientSession) -> None:
    async with http.ws_connect(f"{own_server.base}/v1/ws") as socket, asyncio.timeout(8):
        assert (await socket.receive()).type in {aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED}
        assert socket.close_code == 4502


@pytest.mark.parametrize(
    ("first", "code"),
    [
        ('{"t":"hello","v":1,"token":"nonsense"}', 4500),
        ("not json", 4501),
        ('{"t":"unheard-of"}', 4501),
        ('{"t":"hello","v":1,"token":"x","more":1}', 4501),
        ('{"t":"hello","v":1,"token":7}', 4501),
        ("[" * 60_000, 4501),
        ('{"t":"hb"}', 4502),
    ],
)
async def test_a_bad_first_frame_is_told_apart(
    server: Process, http: aiohttp.ClientSession, first: str, code: int
) -> None:
    async with http.ws_connect(f"{server.base}/v1/ws") as socket, asyncio.timeout(8):
        await socket.send_str(first)
        await socket.receive()
        assert socket.close_code == code


@pytest.mark.parametrize("form", ["text", "binary", "split code point"])
async def test_a_frame_that_is_no_frame_closes_the_socket(
    server: Process, http: aiohttp.ClientSession, form: str
) -> None:
    async with http.ws_connect(f"{server.base}/v1/ws") as socket, asyncio.timeout(8):
        if form == "text":
            await socket.send_str("x" * 70_000)
        elif form == "binary":
            await socket.send_bytes(b"{}")
        else:
            await socket._writer.send_frame(b"\xe4\xbd", aiohttp.WSMsgType.TEXT)
        await socket.receive()
        assert socket.close_code == {"text": 1009, "binary": 4501, "split code point": 1007}[form]


async def test_a_flood_of_frames_is_cut(server: Process, visitor: Visitor) -> None:
    site = await visitor(server)
    conversation = await site.begin()
    async with observing("websocket", site, conversation) as observer:
        assert isinstance(observer, SocketObserver)
        for _ in range(1000):
            with suppress(ConnectionError):
                await observer.say({"t": "hb"})
        await observer.until(lambda _: observer.closed_with is not None)
        assert observer.closed_with == 4013
