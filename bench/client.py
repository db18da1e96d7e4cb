"""Visitors as load: one small protocol object each, thousands in one process."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from typing import cast

import msgspec

from bench.histogram import Histogram
from bench.wire import CLOSE, PING, PONG, FrameReader, client_frame, handshake
from miaohui.testing.history.types import Got, Line, Sent, Visitor

_HEARTBEAT = client_frame(b'{"t":"hb"}')
_SOURCES = 16
"""Addresses 127.0.0.2 and on that connections come from: each has 28,000 ports of its own."""
now = time.perf_counter


class Asked(msgspec.Struct):
    """A message that is owed an answer."""

    cmid: str
    due: float
    """When it was meant to be sent; latencies count from here."""
    first_s: float
    """How long the upstream takes to its first word, and to the last."""
    whole_s: float
    begun: bool = False


class Figures(msgspec.Struct):
    """What was measured; seconds. `first` and `whole` are what was added to the upstream's own time."""

    ack: Histogram = msgspec.field(default_factory=Histogram)
    first: Histogram = msgspec.field(default_factory=Histogram)
    whole: Histogram = msgspec.field(default_factory=Histogram)
    answered: int = 0
    other_ends: int = 0
    refused: int = 0
    lost: int = 0
    """Connections that broke."""
    overdue: int = 0
    """Messages without an end when nobody waited any longer."""


class Client(asyncio.Protocol):
    """One visitor on one WebSocket."""

    __slots__ = ("_crowd", "_reader", "_transport", "_upgraded", "asked", "line", "on_end", "visitor")

    def __init__(self, crowd: Crowd, visitor: Visitor) -> None:
        self.visitor = visitor
        self.line = Line(visitor=visitor)
        self.asked: deque[Asked] = deque()
        self.on_end: Callable[[Client], None] | None = None
        self._crowd = crowd
        self._reader = FrameReader()
        self._upgraded = False
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(handshake(self._crowd.host))

    def data_received(self, data: bytes) -> None:
        if not self._upgraded:
            head, blank, data = data.partition(b"\r\n\r\n")
            if not blank or b" 101 " not in head[:16]:
                self._crowd.told(head)
                self.drop()
                return
            self._upgraded = True
            self._crowd.upgraded(self)
        at = now()
        for opcode, payload in self._reader.feed(data):
            if opcode == PING:
                self._write(client_frame(payload, PONG))
            elif opcode == CLOSE:
                self._crowd.told(payload)
            else:
                self._take(at, payload)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._crowd.gone(self)

    def hello(self, *, follow: bool) -> None:
        """Say who this is; `follow` its conversation from the beginning."""
        visitor = self.visitor
        resume = [{"conv": visitor.conversation, "epoch": "", "seq": 0}] if follow else []
        self._say({"t": "hello", "v": 1, "token": visitor.token, "resume": resume})

    def watch(self) -> None:
        """Follow the conversation from now on."""
        self._say({"t": "watch", "conv": self.visitor.conversation, "epoch": "", "seq": 0})

    def ask(self, text: str, asked: Asked) -> None:
        """Send a message."""
        self.asked.append(asked)
        self.line.events.append(Sent(now(), asked.cmid, text))
        self._say({"t": "send", "conv": self.visitor.conversation, "cmid": asked.cmid, "body": {"text": text}})

    def drop(self) -> None:
        """Break the connection."""
        if self._transport is not None:
            self._transport.abort()

    def close(self) -> None:
        """Leave; what was seen so far is whole unless something was still due."""
        self.line.whole = self.there and not self.asked
        transport, self._transport = self._transport, None
        if transport is not None:
            transport.abort()

    @property
    def there(self) -> bool:
        """Whether the connection stands."""
        return self._transport is not None

    def _say(self, frame: dict[str, object]) -> None:
        self._write(client_frame(msgspec.json.encode(frame)))

    def _write(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(data)

    def _take(self, at: float, raw: bytes) -> None:
        kind = raw[6 : raw.index(b'"', 6)]  # every frame begins with {"t":"
        if kind == b"hb":
            self._crowd.beats += 1
            self._write(_HEARTBEAT)
            return
        self.line.events.append(Got(at, raw))
        if kind == b"stream.delta":
            self._begin(at)
        elif kind == b"turn.end":
            self._end(at, raw)
        elif kind == b"ack":
            self._acked(at, raw)
        elif kind == b"nack":
            self._refused(raw)
        elif kind in (b"welcome", b"resumed"):
            self._crowd.heard(kind)

    def _acked(self, at: float, raw: bytes) -> None:
        cmid = msgspec.json.decode(raw)["cmid"]
        for asked in self.asked:
            if asked.cmid == cmid:
                self._crowd.figures.ack.add(at - asked.due)

    def _refused(self, raw: bytes) -> None:
        cmid = msgspec.json.decode(raw)["cmid"]
        self.asked = deque(asked for asked in self.asked if asked.cmid != cmid)
        self._crowd.figures.refused += 1
        self._crowd.done(self)

    def _begin(self, at: float) -> None:
        """Turns of one conversation run one after another: what streams belongs to the oldest."""
        if self.asked and not self.asked[0].begun:
            asked = self.asked[0]
            asked.begun = True
            self._crowd.figures.first.add(at - asked.due - asked.first_s)

    def _end(self, at: float, raw: bytes) -> None:
        if not self.asked:
            return
        asked = self.asked.popleft()
        figures = self._crowd.figures
        if b'"state":"answered"' in raw:
            figures.answered += 1
            figures.whole.add(at - asked.due - asked.whole_s)
        else:
            figures.other_ends += 1
        self._crowd.done(self)


class Crowd:
    """All visitors of one measurement."""

    def __init__(self, port: int, *, source: int = 2) -> None:
        self.port = port
        self._source = source
        """The last part of the first address that connections come from."""
        self.host = f"127.0.0.1:{port}"
        self.clients: list[Client] = []
        self.figures = Figures()
        self.beats = 0
        self._heard = {b"welcome": 0, b"resumed": 0}
        self._numbers = count(1)
        self._follow = True
        self._leaving = False
        self._last_words = b""

    async def join(self, visitors: Sequence[Visitor], *, follow: bool = True, at_once: int = 100) -> None:
        """Connect, say hello, and return when all were welcomed. Raises `TimeoutError` after a minute without one."""
        self._follow = follow
        for first in range(0, len(visitors), at_once):
            part = visitors[first : first + at_once]
            self.clients += await asyncio.gather(*(self._connect(visitor) for visitor in part))
            await self._wait(b"welcome", len(self.clients))
        if follow:
            await self._wait(b"resumed", len(self.clients))

    async def follow_all(self, at_once: int = 200) -> None:
        """Let everybody who does not yet follow their conversation do so."""
        for first in range(0, len(self.clients), at_once):
            for client in self.clients[first : first + at_once]:
                client.watch()
            await self._wait(b"resumed", min(first + at_once, len(self.clients)))

    def ask(self, client: Client, text: str, asked: Asked) -> None:
        """Send one message for a visitor."""
        client.ask(text, asked)

    def number(self) -> int:
        """The next message's."""
        return next(self._numbers)

    @property
    def open_turns(self) -> int:
        """Messages that wait for the end of their turn."""
        return sum(len(client.asked) for client in self.clients)

    async def settle(self, seconds: float) -> None:
        """Wait until every message has met its end, but not for ever: the checker names what is missing."""
        until = now() + seconds
        while self.open_turns and now() < until:  # noqa: ASYNC110  (one waiter)
            await asyncio.sleep(0.05)
        self.figures.overdue = self.open_turns
        await asyncio.sleep(0.3)

    def leave(self) -> None:
        """Close all connections."""
        self._leaving = True
        for client in self.clients:
            client.close()

    def lines(self) -> Iterator[Line]:
        """What everybody saw."""
        return (client.line for client in self.clients)

    # Told by clients

    def upgraded(self, client: Client) -> None:
        """The server took the WebSocket."""
        client.hello(follow=self._follow)

    def heard(self, kind: bytes) -> None:
        """A frame of the beginning came."""
        self._heard[kind] += 1

    def told(self, last_words: bytes) -> None:
        """Why the server closes a connection or does not take it."""
        self._last_words = last_words[:300]

    def done(self, client: Client) -> None:
        """A message met its end."""
        if client.on_end is not None:
            client.on_end(client)

    def gone(self, client: Client) -> None:
        """A connection broke, or was closed by us."""
        if not self._leaving:
            client.line.whole = False
            self.figures.lost += 1

    async def _connect(self, visitor: Visitor) -> Client:
        source = f"127.0.0.{self._source + len(self.clients) // 100 % _SOURCES}"
        _, client = await asyncio.get_running_loop().create_connection(
            lambda: Client(self, visitor), "127.0.0.1", self.port, local_addr=(source, 0)
        )
        return client

    async def _wait(self, kind: bytes, number: int) -> None:
        async with asyncio.timeout(60):
            while self._heard[kind] < number:
                if self.figures.lost:
                    raise ConnectionError(f"a connection was lost, with {self._last_words!r}")
                await asyncio.sleep(0.005)
