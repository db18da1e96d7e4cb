"""uvicorn's protocols with what they lack: a deadline for receiving a request, and a way to drop a dead socket.

uvicorn's own keep-alive timer is reset by every byte, so a client that sends one byte a second could hold a connection
for ever (https://github.com/encode/uvicorn/issues/157).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, TypeAlias

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.frames import Frame, Opcode
from websockets.protocol import State

from miaohui.channels.frames import BEAT
from miaohui.channels.socket_state import Arrivals, Gate

try:
    from websockets.speedups import apply_mask
except ImportError:
    from websockets.utils import apply_mask

_TIMEOUT = (
    b"HTTP/1.1 408 Request Timeout\r\ncontent-type: application/problem+json\r\nconnection: close\r\n"
    b"content-length: %d\r\n\r\n%b"
)
_PROBLEM = (
    b'{"type":"urn:miaohui:problem:request_timeout","title":"Request Timeout","status":408,'
    b'"detail":"The request did not arrive in time.","instance":"","code":"request_timeout","errors":[],'
    b'"request_id":""}'
)


HEADER_BYTES = 65_536
"""Longest header of a request; one that comes in a single piece may be four times as long."""
_STEP_BYTES = 1_048_576
"""Of a long body, what may take `body_seconds`."""
TOGETHER_BYTES = 32_768
"""Of frames written in the same moment; more does not wait for its end."""
LINGER_SECONDS = 1.0
"""How long what still comes in is read and thrown away, after the last word to a client that is sent away."""
_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class DeadlineHttp(HttpToolsProtocol):
    """HTTP/1.1 whose header and body must arrive in time."""

    header_seconds = 10.0
    body_seconds = 30.0

    _deadline: asyncio.TimerHandle | None = None
    _header_bytes: int | None = 0
    """Of the header that is coming in; None while none is."""
    _body_bytes = 0
    _reading = False
    _awaited: float | None = None
    """Of the part that is awaited when what came in is read."""
    _parting = False
    """The last word is written: nothing that comes in is read any more."""

    @classmethod
    def with_deadlines(cls, header_seconds: float, body_seconds: float) -> type[DeadlineHttp]:
        """The class that keeps these."""
        return type("DeadlineHttp", (cls,), {"header_seconds": header_seconds, "body_seconds": body_seconds})

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._expect(self.header_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        self._expect(None)
        super().connection_lost(exc)
        cycle: Any = self.cycle
        if cycle is not None and cycle.disconnected:
            chunks = cycle.scope.get("extensions", {}).get("miaohui.chunks")
            if chunks is not None:
                chunks.lost()

    def data_received(self, data: bytes) -> None:
        """Httptools knows no bound: without one a header would fill the memory until its deadline."""
        if self._parting:
            return
        self._reading = True
        try:
            super().data_received(data)
        finally:
            self._reading = False
        if self._header_bytes is not None:
            self._header_bytes += len(data)
            if self._header_bytes > HEADER_BYTES and not self.transport.is_closing():
                self._part(_TOO_LARGE)
        if self._awaited is not None and not self._parting:
            self._expect(self._awaited)
            self._awaited = None

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._header_bytes = 0
        self._expect(self.header_seconds)

    def on_headers_complete(self) -> None:
        self._header_bytes = None
        self._expect(self.body_seconds)
        super().on_headers_complete()
        cycle: Any = self.cycle
        if cycle is not None and cycle.scope is self.scope:
            self.scope.setdefault("extensions", {})["miaohui.chunks"] = ChunkWriter(cycle)

    def on_body(self, body: bytes) -> None:
        super().on_body(body)
        self._body_bytes += len(body)
        if self._body_bytes >= _STEP_BYTES:
            # A long body is given its time anew for each step that it has come.
            self._body_bytes = 0
            self._expect(self.body_seconds)

    def on_message_complete(self) -> None:
        self._body_bytes = 0
        self._expect(None)
        super().on_message_complete()

    def handle_websocket_upgrade(self) -> None:
        self._expect(None)
        super().handle_websocket_upgrade()

    def _expect(self, seconds: float | None) -> None:
        """The next part within so many seconds; None: nothing is awaited."""
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        if self._reading:
            # What comes whole in one piece, as nearly all does, needs no timer.
            self._awaited = seconds
        elif seconds is not None:
            self._deadline = self.loop.call_later(seconds, self._too_late)

    def _too_late(self) -> None:
        if self.transport.is_closing() or self._parting:
            return
        cycle: Any = self.cycle
        if cycle is None or not cycle.response_started or cycle.response_complete:
            self._part(_TIMEOUT % (len(_PROBLEM), _PROBLEM))
        else:
            self.transport.close()

    def _part(self, word: bytes) -> None:
        """Write a last word and see it read: closing over bytes that nobody read would reset the connection.

        A reset may reach the client before the word does (RFC 9112 §9.6).
        """
        self._parting = True
        self._expect(None)
        self.transport.write(word)
        cycle: Any = self.cycle
        if cycle is not None:
            cycle.disconnected = True
            cycle.message_event.set()
        if self.transport.can_write_eof():
            self.transport.write_eof()
            self.loop.call_later(LINGER_SECONDS, self.transport.close)
        else:
            self.transport.close()


Headers: TypeAlias = Sequence[tuple[bytes, bytes]]
Begin: TypeAlias = Callable[[int, Headers], Headers]


class ChunkWriter:
    """One exchange without the layers in between: its body, a chunked answer in parts, and whether its client is lost.

    Everything is done at once, with no coroutine and no task; what cannot be is refused, and then goes the long way.
    """

    __slots__ = ("_cycle", "_leave")

    def __init__(self, cycle: Any) -> None:
        self._cycle = cycle
        self._leave: Callable[[], None] | None = None

    def watch(self, leave: Callable[[], None] | None) -> None:
        """Call `leave` when the connection is lost, at once if it was already; None: no longer."""
        self._leave = leave
        if leave is not None:
            # Only who reads learns of an end.
            self._cycle.flow.resume_reading()
            if self._cycle.disconnected:
                leave()

    def lost(self) -> None:
        """The connection is lost."""
        if self._leave is not None:
            self._leave()

    def read(self) -> bytes | None:
        """The body of the request; None while not all of it is here: then `receive` it."""
        cycle = self._cycle
        if cycle.more_body or cycle.waiting_for_100_continue or cycle.disconnected:
            return None
        body, cycle.body = bytes(cycle.body), bytearray()
        return body

    def open(self, begin: Begin, headers: Headers, body: bytes) -> bool:
        """Write the head of a good answer, which `begin` completes, and its first part. False: then `send` them."""
        cycle = self._cycle
        if cycle.response_started or cycle.disconnected or cycle.flow.write_paused:
            return False
        if cycle.scope["http_version"] != "1.1" or any(b"\r" in value or b"\n" in value for _, value in headers):
            return False
        cycle.response_started = cycle.chunked_encoding = True
        cycle.waiting_for_100_continue = False
        lines = [_line(header) for header in (*cycle.default_headers, *begin(200, headers))]
        if not cycle.keep_alive:
            lines.append(b"connection: close\r\n")
        head = b"HTTP/1.1 200 OK\r\n%btransfer-encoding: chunked\r\n\r\n" % b"".join(lines)
        cycle.transport.write(head + _chunk(body))
        return True

    def write(self, body: bytes, *, last: bool = False) -> bool:
        """Write another part. False when it cannot be done now, or not this way: then `send` it."""
        cycle = self._cycle
        ready = cycle.response_started and not cycle.response_complete and cycle.chunked_encoding
        if not ready or not body or cycle.disconnected or cycle.flow.write_paused:
            return False
        if not last:
            cycle.transport.write(_chunk(body))
            return True
        cycle.transport.write(_chunk(body) + b"0\r\n\r\n")
        cycle.response_complete = True
        cycle.message_event.set()
        if not cycle.keep_alive:
            cycle.transport.close()
        cycle.on_response()
        return True


@lru_cache(64)
def _known_line(header: tuple[bytes, bytes]) -> bytes:
    return b"%b: %b\r\n" % header


def _line(header: tuple[bytes, bytes]) -> bytes:
    """One id is never asked for twice; all else is the same for every answer, or for every one of a second."""
    return b"%b: %b\r\n" % header if header[0] == b"x-request-id" else _known_line(header)


def _chunk(body: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(body), body)


class MiaohuiWebSocket(WebSocketsSansIOProtocol):
    """A WebSocket that its door can write to, listen to and drop without a task or a coroutine in between.

    The library's own attributes have places here, too: as a dictionary of that many names no two instances share, they
    would take 1.2 KB more. One that is missing in the list is kept as before.
    """

    __slots__ = (
        "_unsent", "_unsent_bytes", "app", "app_state", "asgi_version", "client", "close_sent", "close_timeout",
        "close_timer", "config", "conn", "connections", "curr_msg_data_type", "default_headers", "disconnected",
        "frames", "handshake_complete", "handshake_initiated", "initial_response", "last_ping_rtt", "logger", "loop",
        "on_beat", "on_text", "pending_ping_payload", "ping_interval", "ping_sent_at", "ping_timeout", "ping_timer",
        "pong_timer", "queue", "read_paused", "request", "response", "root_path", "scheme", "scope", "server", "tasks",
        "transport", "writable",
    )  # fmt: skip

    def __init__(self, config: Config, server_state: ServerState, app_state: dict[str, Any], _loop: Any = None) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.queue: Any = Arrivals()
        self.writable: Any = Gate()
        self.on_beat: Callable[[], None] | None = None
        """Called for a heartbeat's answer, which then goes no further."""
        self.on_text: Callable[[str], bool] | None = None
        """Offered every whole text while `receive` waits and nothing is before it; False: it goes there."""
        self._unsent: list[bytes] | None = None
        """Frames of this moment, which go out together."""
        self._unsent_bytes = 0

    def settle(self) -> None:
        """The handshake is over, and nobody asks for its headers any more: they are most of what a request is."""
        self.scope["headers"] = []
        del self.request, self.response

    # In

    def data_received(self, data: bytes) -> None:
        """Nearly all that ever comes is one short text in one piece; anything else is for the library's parser."""
        payload = self._read_short_text(data)
        if payload is None:
            super().data_received(data)
        elif not self._take(payload):
            self.handle_text(Frame(Opcode.TEXT, payload))

    def _read_short_text(self, data: bytes) -> bytes | None:
        """The payload of a single, unfragmented, masked text frame (RFC 6455 §5.2); None for all else."""
        if len(data) < 6 or data[0] != 0x81 or not self.handshake_complete or self.close_sent:
            return None
        conn = self.conn
        if conn.state is not State.OPEN or conn.current_size is not None or conn.reader.buffer or conn.extensions:
            return None
        size, start = data[1] - 0x80, 2
        if size == 126:
            size, start = int.from_bytes(data[2:4], "big"), 4
        elif not 0 <= size < 126:
            return None
        return apply_mask(data[start + 4 :], data[start : start + 4]) if start + 4 + size == len(data) else None

    def handle_connect(self, event: Any) -> None:
        super().handle_connect(event)
        scope = getattr(self, "scope", None)
        if scope is not None:
            scope["extensions"]["miaohui.socket"] = self

    def handle_text(self, event: Any) -> None:
        if not event.fin or not self._take(event.data):
            super().handle_text(event)

    def _take(self, payload: bytes) -> bool:
        if payload == BEAT and self.on_beat is not None:
            self.on_beat()
            return True
        if self.on_text is None or not self.queue.empty():
            return False
        try:
            return self.on_text(payload.decode())
        except UnicodeDecodeError:
            return False

    # Out

    def write_text(self, frame: bytes) -> bool:
        """Write one text frame. False when the peer reads too slowly, or is gone: then wait with `send`.

        The header is RFC 6455 §5.2: FIN and text, no mask, 7, 16 or 64 bits of length.
        """
        if not self.handshake_complete or self.close_sent or self.disconnected or not self.writable.is_set():
            return False
        size = len(frame)
        if size < 126:
            head = bytes((0x81, size))
        elif size < 65_536:
            head = b"\x81\x7e" + size.to_bytes(2, "big")
        else:
            head = b"\x81\x7f" + size.to_bytes(8, "big")
        if self._unsent is None:
            self._unsent = [head, frame]
            self.loop.call_soon(self._await_more)
        else:
            self._unsent += (head, frame)
        self._unsent_bytes += size
        if self._unsent_bytes > TOGETHER_BYTES:
            self.flush()
        return True

    def _await_more(self) -> None:
        """A commit's announcement and what the tasks that it wakes have to say belong together."""
        if self._unsent is not None:
            self.loop.call_soon(self.flush)

    def flush(self) -> None:
        """Hand what was written to the transport: several frames for the price of one."""
        unsent, self._unsent, self._unsent_bytes = self._unsent, None, 0
        if unsent is not None and not self.disconnected:
            self.transport.write(b"".join(unsent))

    async def send(self, message: Any) -> None:
        self.flush()
        await super().send(message)

    def handle_close(self, event: Any) -> None:
        self.flush()
        super().handle_close(event)

    def shutdown(self) -> None:
        self.flush()
        super().shutdown()

    def drop(self) -> None:
        """End the connection without a word."""
        self._unsent = None
        self.transport.abort()
