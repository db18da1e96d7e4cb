"""Where one answer goes: piece by piece as events, or in one piece when it is whole."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from miaohui.channels.openai import faults
from miaohui.channels.openai.encoding import PING, Chunks, Envelope, encode_error_event, encode_whole
from miaohui.engines.classify import Failure, FailureClass
from miaohui.engines.errors import failed

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Scope, Send

    from miaohui.channels.protocols import ChunkWriter
    from miaohui.engines.types import Finished, ToolCall
    from miaohui.kit.errors import MiaohuiError

QUIET_SECONDS = 7.5
"""After so long without a word, and before 10 s, the stream shows that it lives."""
SLOW_SECONDS = 5.0
"""A client that takes nothing for so long is cut off: its slowness must not look like a provider's that has stalled."""


class Wire:
    """One ASGI exchange: its head goes out with its first bytes."""

    __slots__ = ("_chunks", "_headers", "_loop", "_receive", "_scope", "_send", "_writing", "_wrote_at", "started")

    def __init__(self, exchange: tuple[Scope, Receive, Send], headers: Mapping[str, str]) -> None:
        self._scope, self._receive, self._send = exchange
        self._headers = headers
        self._chunks: ChunkWriter | None = self._scope.get("extensions", {}).get("miaohui.chunks")
        self._loop = asyncio.get_running_loop()
        self._wrote_at = self._loop.time()
        self._writing = False
        self.started = False

    async def write(self, body: bytes, kind: bytes, *, last: bool = False) -> None:
        """Send `body`; `kind` is the media type, of which the first one counts."""
        self._wrote_at = self._loop.time()
        if not self.started:
            self.started = True
            headers = [(name.encode(), value.encode("latin-1")) for name, value in self._headers.items()]
            if last:
                headers.append((b"content-length", b"%d" % len(body)))
            headers.append((b"content-type", kind))
            if not last and self._open(headers, body):
                return
            await self._put({"type": "http.response.start", "status": 200, "headers": headers})
        elif self._chunks is not None and self._chunks.write(body, last=last):
            return
        await self._put({"type": "http.response.body", "body": body, "more_body": not last})

    def _open(self, headers: Sequence[tuple[bytes, bytes]], body: bytes) -> bool:
        """Head and first part in one go, where the layers in between can be asked what they add."""
        begin = getattr(self._send, "begin", None)
        return begin is not None and self._chunks is not None and self._chunks.open(begin, headers, body)

    async def _put(self, message: Message) -> None:
        self._writing = True
        await self._send(message)
        self._writing = False

    def on_gone(self, leave: Callable[[], None] | None) -> bool:
        """Call `leave` when the connection is lost, at once if it is; False when the server does not tell."""
        if self._chunks is None:
            return False
        self._chunks.watch(leave)
        return True

    @property
    def is_due(self) -> bool:
        """Whether there is something to tend: a client that is slow, or one that has heard nothing for long."""
        quiet_s = self._loop.time() - self._wrote_at
        return quiet_s >= (SLOW_SECONDS if self._writing else QUIET_SECONDS)

    async def tend(self, sign: bytes, kind: bytes) -> bool:
        """Send `sign` where it has been quiet; False when the client takes nothing."""
        quiet_s = self._loop.time() - self._wrote_at
        if self._writing:
            return quiet_s < SLOW_SECONDS
        if sign and quiet_s >= QUIET_SECONDS:
            try:
                async with asyncio.timeout(SLOW_SECONDS):
                    await self.write(sign, kind)
            except TimeoutError:
                return False
        return True

    async def refuse(self, error: MiaohuiError) -> None:
        """The whole answer is an error."""
        self.started = True
        await faults.respond(error, dict(self._headers))(self._scope, self._receive, self._send)


class Outlet(Protocol):
    """What takes an answer."""

    async def say(self, text: str) -> None:
        """More of it; never empty."""
        ...

    def restart(self) -> None:
        """What was said is void. Raises `EngineFailed` when it cannot be taken back."""
        ...

    def call(self, calls: tuple[ToolCall, ...]) -> None:
        """The tool calls, which go out with the end."""
        ...

    async def end(self, rest: str, finished: Finished) -> None:
        """It is whole."""
        ...

    async def fail(self, error: MiaohuiError) -> None:
        """There will be no whole answer."""
        ...

    def on_gone(self, leave: Callable[[], None] | None) -> bool:
        """See `Wire.on_gone`."""
        ...

    @property
    def is_due(self) -> bool:
        """See `Wire.is_due`."""
        ...

    async def tend(self) -> bool:
        """Look after it when it is due; False when nobody takes the answer."""
        ...


class _Wired:
    """What does not depend on the form of the answer."""

    _wire: Wire

    def on_gone(self, leave: Callable[[], None] | None) -> bool:
        return self._wire.on_gone(leave)

    @property
    def is_due(self) -> bool:
        return self._wire.is_due


class Streamed(_Wired):
    """Server-sent events. The head waits for the first words, so that an early failure still has its status."""

    def __init__(self, wire: Wire, envelope: Envelope, *, usage: bool) -> None:
        self._wire = wire
        self._chunks = Chunks(envelope, usage=usage)
        self._calls: tuple[ToolCall, ...] = ()
        self._spoken = False

    async def say(self, text: str) -> None:
        await self._wire.write(self._opening() + self._chunks.text(text), _EVENTS)

    def _opening(self) -> bytes:
        if self._spoken:
            return b""
        self._spoken = True
        return self._chunks.opening()

    def restart(self) -> None:
        self._calls = ()
        if self._spoken:
            raise failed(_BROKE_OFF)

    def call(self, calls: tuple[ToolCall, ...]) -> None:
        self._calls = calls

    async def end(self, rest: str, finished: Finished) -> None:
        said = self._opening() + (self._chunks.text(rest) if rest else b"") + self._chunks.calls(self._calls)
        await self._wire.write(said + self._chunks.end(finished), _EVENTS, last=True)

    async def fail(self, error: MiaohuiError) -> None:
        if self._wire.started:
            await self._wire.write(encode_error_event(faults.broken(error)), _EVENTS, last=True)
        else:
            await self._wire.refuse(error)

    async def tend(self) -> bool:
        return await self._wire.tend(PING, _EVENTS)


class Whole(_Wired):
    """One JSON object."""

    def __init__(self, wire: Wire, envelope: Envelope) -> None:
        self._wire = wire
        self._envelope = envelope
        self._said: list[str] = []
        self._calls: tuple[ToolCall, ...] = ()

    async def say(self, text: str) -> None:
        self._said.append(text)

    def restart(self) -> None:
        self._said.clear()
        self._calls = ()

    def call(self, calls: tuple[ToolCall, ...]) -> None:
        self._calls = calls

    async def end(self, rest: str, finished: Finished) -> None:
        text = "".join((*self._said, rest))
        await self._wire.write(encode_whole(self._envelope, text, self._calls, finished), _JSON, last=True)

    async def fail(self, error: MiaohuiError) -> None:
        await self._wire.refuse(error)

    async def tend(self) -> bool:
        """Nothing can be said before the end."""
        return await self._wire.tend(b"", _JSON)


_EVENTS = b"text/event-stream; charset=utf-8"
_JSON = b"application/json"
_BROKE_OFF = Failure(failure_class=FailureClass.TRANSIENT, code="broke_off", detail="the engine broke off the answer")
