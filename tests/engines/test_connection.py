from __future__ import annotations

import asyncio

from miaohui.engines.connection import Connection
from miaohui.engines.wheel import Wheel

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
END = b"0\r\n\r\n"
WINDOW_S = 0.1


def chunk(text: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(text), text)


class Socket(asyncio.Transport):
    """Gives a connection what was sent to it while it reads."""

    def __init__(self) -> None:
        super().__init__()
        self.connection = Connection(loop := asyncio.get_running_loop(), Wheel(loop))
        self._pending = b""
        self._reading = True
        self._closing = False
        self.connection.connection_made(self)

    def send(self, data: bytes) -> None:
        self._pending += data
        if self._reading:
            data, self._pending = self._pending, b""
            self.connection.data_received(data)

    def pause_reading(self) -> None:
        self._reading = False

    def resume_reading(self) -> None:
        self._reading = True
        asyncio.get_running_loop().call_soon(self._poll)

    def _poll(self) -> None:
        if self._pending and self._reading:
            self.send(b"")

    def write(self, data: bytes | bytearray | memoryview) -> None:
        pass

    def is_closing(self) -> bool:
        return self._closing

    def abort(self) -> None:
        self._closing = True


async def begin() -> Socket:
    """The first words were read, and from now on chunks gather."""
    sock = Socket()
    sock.connection.begin(b"")
    sock.send(HEAD + chunk(b"first"))
    await sock.connection.head()
    assert await sock.connection.read() == b"first"
    sock.connection.coalesce(WINDOW_S)
    return sock


async def read_timed(sock: Socket) -> tuple[bytes, float]:
    loop = asyncio.get_running_loop()
    began = loop.time()
    return await asyncio.wait_for(sock.connection.read(), 5), loop.time() - began


async def read_two() -> tuple[Socket, tuple[bytes, float]]:
    """What a reader is told who waits while two chunks come behind the first words, and after how long."""
    sock = await begin()
    sock.send(chunk(b"second "))
    reading = asyncio.create_task(read_timed(sock))
    await asyncio.sleep(WINDOW_S / 2)
    sock.send(chunk(b"third"))
    return sock, await reading


async def test_an_end_right_behind_the_first_words_is_told_at_once() -> None:
    sock = await begin()
    sock.send(chunk(b"last") + END)
    data, seconds = await read_timed(sock)
    assert (data, sock.connection.complete) == (b"last", True)
    assert seconds < WINDOW_S / 2


async def test_what_follows_the_first_words_is_told_with_what_gathers_after_it() -> None:
    _, (data, seconds) = await read_two()
    assert data == b"second third"
    assert WINDOW_S <= seconds < 3 * WINDOW_S


async def test_what_was_withheld_is_told_when_nothing_follows() -> None:
    sock = await begin()
    sock.send(chunk(b"second"))
    data, seconds = await read_timed(sock)
    assert data == b"second"
    assert WINDOW_S <= seconds < 3 * WINDOW_S
    sock.send(chunk(b"third"))
    assert (await read_timed(sock))[0] == b"third"


async def test_each_batch_after_that_waits_for_its_window() -> None:
    sock, _ = await read_two()
    sock.send(chunk(b"fourth"))
    data, seconds = await read_timed(sock)
    assert data == b"fourth"
    assert seconds >= WINDOW_S / 2


async def test_a_kept_connection_reads_the_next_response_anew() -> None:
    sock = await begin()
    sock.send(chunk(b"last") + END)
    await read_timed(sock)
    connection = sock.connection
    assert connection.release(0.0)
    connection.begin(b"")
    sock.send(b"HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\nnone")
    await connection.head()
    assert (connection.status, connection.headers.get("transfer-encoding")) == (404, None)
    assert await connection.read() == b"none"
    assert connection.complete
