"""One HTTP/1.1 connection to an upstream, read in batches.

After the first content the socket is left alone for `coalesce_s` at a time, so that one wake-up carries several chunks;
before it nothing is held back. What is not fetched is not read either, so a slow reader costs no memory.
"""

from __future__ import annotations

import asyncio
import zlib
from typing import cast

import httptools

from miaohui.engines.classify import Failure, FailureClass
from miaohui.engines.errors import EngineFailed, failed
from miaohui.engines.wheel import Wheel

MAX_HEAD_BYTES = 64 * 1024
_MAX_BACKLOG_BYTES = 1024 * 1024
_MAX_INFLATED_BYTES = 16 * 1024 * 1024
_FIRST_S = 0.01
_NONE = -1


class Connection(asyncio.Protocol):
    """Carries one exchange at a time: `begin`, `head`, `read` until `complete`; then it may be used again."""

    def __init__(self, loop: asyncio.AbstractEventLoop, wheel: Wheel) -> None:
        self._loop = loop
        self._wheel = wheel
        self._transport: asyncio.Transport
        self.lost = True
        self._waiter: asyncio.Future[None] | None = None
        self._slot = _NONE
        self._busy = False
        self._paused = False
        self.used = False
        """It has carried an exchange before, so the other side may have closed it unnoticed."""
        self.idle_since = 0.0
        self._body: list[bytes] = []
        self.on_body = self._body.append
        """What the parser calls for each chunk: there are many."""
        self._parser = httptools.HttpResponseParser(self)
        """Only a whole response is followed by another, so it begins anew by itself."""
        self._reset()

    def _reset(self) -> None:
        self._body.clear()
        self._backlog = 0
        self._head_bytes = 0
        self._inflater: zlib._Decompress | None = None
        self._failure: EngineFailed | None = None
        self._coalesce_s = 0.0
        self._glances = False
        """What comes next is waited for in case it is the end already."""
        self._withholds = False
        """It was not, and gathers with what follows."""
        self._delimited = False
        self.status = 0
        self.headers: dict[str, str] = {}
        self.answered = False
        """At least one byte came back."""
        self.has_head = False
        self.complete = False
        self._reusable = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self.lost = False

    def begin(self, request: bytes) -> None:
        """Send a whole request."""
        if self.used:
            self._reset()
        self._busy = True
        self._transport.write(request)

    async def head(self) -> None:
        """Wait for the status line and the headers. Raises `EngineFailed`."""
        while not self.has_head:
            self._check()
            await self._wait()

    async def read(self) -> bytes:
        """The next batch of the body, inflated; empty when `complete`. Raises `EngineFailed` when cut off."""
        while not self._body and not self.complete:
            self._check()
            await self._wait()
        data = b"".join(self._body)
        self._body.clear()
        self._backlog = 0
        self._withholds = False
        if self._paused and self._slot == _NONE:
            self._resume()
        return data if self._inflater is None else _inflate(self._inflater, data)

    def coalesce(self, seconds: float) -> None:
        """From now on, let chunks gather for so long before each wake-up.

        Only a moment at first: the end of a short answer comes right behind its first words.
        """
        self._coalesce_s = seconds
        if seconds and not self.complete:
            self._glances = True
            self._pause(min(_FIRST_S, seconds))

    def fail(self, failure: Failure) -> None:
        """End the exchange: whoever waits on it gets `failure`."""
        self._failure = failed(failure)
        self.abort()
        self._wake()

    def release(self, now: float) -> bool:
        """The exchange is over; whether the connection is fit for another."""
        self._slot = _NONE
        self._busy = False
        self.used = True
        self.idle_since = now
        if not self._reusable or self.is_closed:
            self.abort()
            return False
        if self._paused:
            self._resume()
        return not self.is_closed

    def abort(self) -> None:
        """Close the socket at once."""
        self._slot = _NONE
        self._transport.abort()

    @property
    def was_stale(self) -> bool:
        """The other side had closed this kept connection before it answered a byte."""
        return self.used and self.lost and not self.answered and self._failure is None

    @property
    def peer(self) -> str:
        """The IP address of the other side."""
        return str(self._transport.get_extra_info("peername")[0])

    @property
    def is_closed(self) -> bool:
        """No more bytes will travel."""
        return self.lost or self._transport.is_closing()

    # -- what the transport calls

    def data_received(self, data: bytes) -> None:
        if not self._busy:
            self.abort()
            return
        self.answered = True
        if not self.has_head:
            self._head_bytes += len(data)
        self._backlog += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self.fail(_NOT_HTTP)
            return
        if not self.has_head:
            if self._head_bytes > MAX_HEAD_BYTES:
                self.fail(_NOT_HTTP)
            return
        if not self.complete and (self._coalesce_s or self._backlog > _MAX_BACKLOG_BYTES):
            if self._withholds:
                self._slot = _NONE
            self._pause(self._coalesce_s)
            if self._glances:
                self._glances, self._withholds = False, True
                return
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = True
        self._slot = _NONE
        if self.has_head and not self._delimited and exc is None:
            self.complete = True
        self._wake()

    # -- what the parser calls

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers[name.decode("latin-1").lower()] = value.decode("latin-1").strip()

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        if status < 200:
            self.headers = {}
            return
        self.status = status
        headers = self.headers
        self._delimited = (
            "content-length" in headers or "chunked" in headers.get("transfer-encoding", "") or status in {204, 304}
        )
        if headers.get("content-encoding", "").lower() in {"gzip", "x-gzip", "deflate"}:
            self._inflater = zlib.decompressobj(wbits=47)
        self.has_head = True

    def on_message_complete(self) -> None:
        if self.has_head:
            self.complete = True
            # Asked here: the parser forgets it when the next message may begin.
            self._reusable = self._delimited and self._parser.should_keep_alive()

    # -- the rest

    def _pause(self, seconds: float) -> None:
        if not self._paused and not self._transport.is_closing():
            self._transport.pause_reading()
            self._paused = True
        if seconds and self._slot == _NONE:
            self._slot = self._wheel.put(self, seconds)

    def due(self, slot: int) -> None:
        """The chunks had their time to gather; what was not fetched yet is fetched before more is read."""
        if slot == self._slot:
            self._slot = _NONE
            if not self._body:
                self._resume()
            elif self._withholds and self._paused:
                self._resume()
                self._slot = self._wheel.put(self, 0.0)
            elif self._withholds:
                self._wake()

    def _resume(self) -> None:
        if self._paused:
            self._paused = False
            if not self._transport.is_closing():
                self._transport.resume_reading()

    async def _wait(self) -> None:
        self._waiter = self._loop.create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _check(self) -> None:
        if self._failure is not None:
            raise self._failure
        if self.lost:
            raise failed(_CUT_OFF)


def _inflate(inflater: zlib._Decompress, data: bytes) -> bytes:
    try:
        plain = inflater.decompress(data, _MAX_INFLATED_BYTES)
    except zlib.error:
        raise failed(_NOT_HTTP) from None
    if inflater.unconsumed_tail:
        raise failed(_NOT_HTTP)
    return plain


_NOT_HTTP = Failure(failure_class=FailureClass.TRANSIENT, code="not_http", detail="the answer could not be read")
_CUT_OFF = Failure(failure_class=FailureClass.TRANSIENT, code="cut_off", detail="the connection was cut")
