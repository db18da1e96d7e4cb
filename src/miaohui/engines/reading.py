"""From one response to pieces of text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from miaohui.engines import sse
from miaohui.engines.assembly import split_plain
from miaohui.engines.classify import Failure, FailureClass, classify_response, find_error
from miaohui.engines.errors import EngineFailed, failed

if TYPE_CHECKING:
    from miaohui.engines.assembly import Assembly
    from miaohui.engines.connection import Connection
    from miaohui.engines.watch import Watchdog
    from miaohui.kit.clock import Clock

_MAX_PLAIN_BYTES = 1024 * 1024
_OK = 200
_USAGE_LINGER_S = 0.5
"""Usage comes after the finish reason; some providers never send it nor close."""
_DONE_LINGER_S = 0.05
"""Until the response's own end, so that the connection can be kept."""


class Reader:
    """Reads one response: an event stream, or a JSON body in its place."""

    __slots__ = ("_assembly", "_calling", "_clock", "_connection", "_decoder", "_over", "_started", "_watchdog")

    def __init__(self, connection: Connection, watchdog: Watchdog, assembly: Assembly, clock: Clock) -> None:
        self._connection = connection
        self._watchdog = watchdog
        self._assembly = assembly
        self._clock = clock
        self._decoder = sse.Decoder()
        self._started = False
        self._over = False
        self._calling = False

    async def next_text(self) -> str | None:
        """What the next batch adds to the answer; empty when a tool call begins, None at the end.

        Raises `EngineFailed`.
        """
        if not self._started:
            self._started = True
            if not self._is_stream():
                self._over = True
                return await self._read_plain() or None
        while not self._over:
            text = await self._next_batch()
            self._look_ahead(text)
            if text or (self._assembly.called and not self._calling):
                self._calling = self._calling or self._assembly.called
                return text
        return None

    def _is_stream(self) -> bool:
        """Some proxies send a stream under another text type; JSON and HTML are something else."""
        kind = self._connection.headers.get("content-type", "")
        return self._connection.status == _OK and "json" not in kind and "html" not in kind

    async def _read_plain(self) -> str:
        """The answer in one piece, from a provider that does not stream; any other body is a failure."""
        connection = self._connection
        parts: list[bytes] = []
        size = 0
        while size <= _MAX_PLAIN_BYTES:
            parts.append(await connection.read())
            size += len(parts[-1])
            if connection.complete:
                break
        body = b"".join(parts).strip()
        if connection.status != _OK or not _holds_answer(body):
            now_s = self._clock.now_ms() / 1000
            codes = self._assembly.codes
            raise failed(classify_response(connection.status, connection.headers, body, now_s, codes))
        return self._assembly.take([sse.ServerEvent(body)])

    async def _next_batch(self) -> str:
        """What the next bytes add to the answer."""
        connection, assembly = self._connection, self._assembly
        try:
            data = await connection.read()
        except EngineFailed:
            # What breaks after the finish reason breaks nothing.
            if not assembly.is_whole:
                raise
            self._over = True
            return ""
        before = ""
        if self._decoder.is_between:
            plain, rest = split_plain(data)
            text = assembly.take_plain(plain)
            if text is not None:
                if not rest and not connection.complete:
                    return text
                before, data = text, rest
        return before + assembly.take(self._decode(data))

    def _decode(self, data: bytes) -> list[sse.ServerEvent]:
        try:
            events = self._decoder.feed(data)
        except sse.TooLong:
            raise failed(_TOO_LONG) from None
        if self._connection.complete:
            self._over = True
            events += self._decoder.flush()
        return events

    def _look_ahead(self, text: str) -> None:
        assembly = self._assembly
        if assembly.cut:
            self._over = True
        elif self._over:
            return
        elif assembly.ended:
            self._watchdog.linger(_DONE_LINGER_S)
        elif assembly.finish:
            self._watchdog.linger(_USAGE_LINGER_S)
        elif text or assembly.called or (assembly.reasoned and (assembly.has_content or self._calling)):
            self._watchdog.saw_content()


def _holds_answer(body: bytes) -> bool:
    try:
        payload: Any = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False
    return isinstance(payload, dict) and bool(payload.get("choices")) and find_error(payload) is None


_TOO_LONG = Failure(failure_class=FailureClass.TRANSIENT, code="event_too_long", detail="an event exceeds the bound")
