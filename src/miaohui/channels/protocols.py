"""uvicorn's protocols with what they lack: a deadline for receiving a request, and a way to drop a dead socket.

uvicorn's own keep-alive timer is reset by every byte, so a client that sends one byte a second could hold a connection
for ever (https://github.com/encode/uvicorn/issues/157).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from miaohui.channels.frames import BEAT

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

    def data_received(self, data: bytes) -> None:
        """Httptools knows no bound: without one a header would fill the memory until its deadline."""
        if self._parting:
            return
        super().data_received(data)
        if self._header_bytes is not None:
            self._header_bytes += len(data)
            if self._header_bytes > HEADER_BYTES and not self.transport.is_closing():
                self._part(_TOO_LARGE)

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

    def on_message_complete(self) -> None:
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
        if seconds is not None:
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


class ChunkWriter:
    """Writes parts of a chunked answer whose head is out, without a coroutine for each layer in between."""

    __slots__ = ("_cycle",)

    def __init__(self, cycle: Any) -> None:
        self._cycle = cycle

    def write(self, body: bytes) -> bool:
        """False when it cannot be done now, or not this way: then `send` it."""
        cycle = self._cycle
        ready = cycle.response_started and not cycle.response_complete and cycle.chunked_encoding
        if not ready or not body or cycle.disconnected or cycle.flow.write_paused:
            return False
        cycle.transport.write(b"%x\r\n%b\r\n" % (len(body), body))
        return True


class MiaohuiWebSocket(WebSocketsSansIOProtocol):
    """A WebSocket that its door can write to, listen to and drop without a task or a coroutine in between."""

    on_beat: Callable[[], None] | None = None
    """Called for a heartbeat's answer, which then goes no further."""

    def handle_connect(self, event: Any) -> None:
        super().handle_connect(event)
        scope = getattr(self, "scope", None)
        if scope is not None:
            scope["extensions"]["miaohui.socket"] = self

    def handle_text(self, event: Any) -> None:
        if event.data == BEAT and event.fin and self.on_beat is not None:
            self.on_beat()
        else:
            super().handle_text(event)

    def write_text(self, frame: bytes) -> bool:
        """Write one text frame now. False when the peer reads too slowly, or is gone: then wait with `send`.

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
        self.transport.write(head + frame)
        return True

    def drop(self) -> None:
        """End the connection without a word."""
        self.transport.abort()
