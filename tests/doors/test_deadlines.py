"""A real server with short deadlines: who sends too slowly is sent away, and nobody else notices."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest
import pytest_asyncio
from tests.doors.building import Building
from tests.support.servers import free_port

from miaohui.channels.server import Server, bind

pytestmark = pytest.mark.asyncio(loop_scope="session")

HEAD = b"POST /v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 60\r\n"


class Port:
    """Where the doors are."""

    def __init__(self, address: str, admin: int) -> None:
        self.host, _, port = address.removeprefix("http://").partition(":")
        self.port = int(port)
        self.admin = admin

    @asynccontextmanager
    async def line(self, port: int = 0) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        reader, writer = await asyncio.open_connection(self.host, port or self.port)
        try:
            yield reader, writer
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def get(self, path: str, port: int = 0) -> tuple[int, bytes]:
        async with self.line(port) as (reader, writer):
            writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
            answer = await reader.read()
            return int(answer[9:12]), answer.partition(b"\r\n\r\n")[2]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def port(building: Building) -> AsyncIterator[Port]:
    admin = free_port()
    doors = building.again(header_seconds=0.4, body_seconds=0.6, hello_seconds=0.4, drain_seconds=0.1, admin_port=admin)
    listener = bind("127.0.0.1", 0)
    server = Server(doors.app, listener)
    ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(server.serve(ready.set_result))
    yield Port(await ready, admin)
    server.stop()
    async with asyncio.timeout(10):
        await task


async def drip(writer: asyncio.StreamWriter, data: bytes) -> None:
    """A byte now and then, as slowloris does: an idle timer would never fire."""
    with suppress(ConnectionError):
        for byte in data:
            writer.write(bytes((byte,)))
            await writer.drain()
            await asyncio.sleep(0.05)


async def told(reader: asyncio.StreamReader) -> bytes:
    """Everything that came, though the line broke while more was sent."""
    came = b""
    with suppress(ConnectionError):
        while piece := await reader.read(1024):
            came += piece
    return came


@pytest.mark.parametrize("part", ["nothing", "header", "body"])
async def test_who_sends_a_byte_now_and_then_is_sent_away_in_time(port: Port, part: str) -> None:
    async with port.line() as (reader, writer), asyncio.timeout(20):
        slowly = {"nothing": b"", "header": HEAD, "body": b'{"visitor_id": "'}[part]
        if part == "body":
            writer.write(HEAD + b"\r\n")
        dripping = asyncio.create_task(drip(writer, slowly))
        answer = await told(reader)
        await dripping
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["code"] == "request_timeout"


async def test_a_second_request_on_a_kept_connection_has_a_deadline_too(port: Port) -> None:
    async with port.line() as (reader, writer), asyncio.timeout(20):
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert (await reader.readuntil(b"}")).startswith(b"HTTP/1.1 200")
        await reader.readuntil(b"}")
        dripping = asyncio.create_task(drip(writer, HEAD))
        answer = await told(reader)
        await dripping
    assert answer.startswith(b"HTTP/1.1 408 ")


async def test_a_stream_outlives_every_deadline_of_a_request(port: Port, building: Building) -> None:
    token, conversation = await building.visitor()
    async with port.line() as (reader, writer), asyncio.timeout(20):
        path = f"/v1/conversations/{conversation.id}/stream"
        writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n".encode())
        await reader.readuntil(b"resumed")
        await asyncio.sleep(0.9)  # longer than every deadline of a request
        await building.house.conversations.request_human(
            conversation, await building.house.identity.verify(building.ours.agent)
        )
        assert b"handed_off" in await reader.readuntil(b"handed_off")


async def test_two_hundred_slow_clients_hold_nobody_up(port: Port) -> None:
    loop = asyncio.get_running_loop()
    lines = [await asyncio.open_connection(port.host, port.port) for _ in range(200)]
    dripping = [asyncio.create_task(drip(writer, HEAD[:30])) for _, writer in lines]
    reading = [asyncio.create_task(told(reader)) for reader, _ in lines]
    took = []
    for _ in range(10):
        began = loop.time()
        assert (await port.get("/healthz"))[0] == 200
        took.append(loop.time() - began)
    answers = await asyncio.gather(*reading)
    await asyncio.gather(*dripping)
    for _, writer in lines:
        writer.close()
    assert all(answer.startswith(b"HTTP/1.1 408 ") for answer in answers)
    assert sorted(took)[5] < 0.25


async def test_the_admin_port_tells_how_it_goes_and_the_public_one_does_not(port: Port) -> None:
    assert (await port.get("/metrics"))[0] == 404
    status, numbers = await port.get("/metrics", port.admin)
    assert (status, b"miaohui_http_requests_total" in numbers) == (200, True)
    assert (await port.get("/readyz", port.admin))[0] == (await port.get("/readyz"))[0] == 200
    assert (await port.get("/healthz", port.admin))[0] == 200
    assert (await port.get("/v1/me", port.admin))[0] == 404


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"NONSENSE\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /v1/chat HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 2_000_000 + b"\r\n\r\n",
        bytes(range(256)),
    ],
)
async def test_what_is_no_request_is_refused_and_the_server_goes_on(port: Port, request_bytes: bytes) -> None:
    async with port.line() as (reader, writer), asyncio.timeout(5):
        with suppress(ConnectionError):
            writer.write(request_bytes)
            answer = await reader.read(200)
            assert not answer or answer[9:10] == b"4"
    assert (await port.get("/healthz"))[0] == 200
