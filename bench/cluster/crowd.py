"""Visitors who come back: each keeps its messages until they are acked, over any number of connections."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import cast

import msgspec

from bench.client import now
from bench.wire import CLOSE, PING, PONG, FrameReader, client_frame, handshake
from miaohui.testing.history.types import Line, Visitor
from miaohui.testing.simulation.chance import Chance
from miaohui.testing.visiting import Visiting

_HANDSHAKE_S = 5.0
_ANSWER_S = 3.0
"""A message that is not answered for so long makes its client connect anew: behind a proxy nothing else may tell."""
_SILENCE_S = 40.0
"""Longer than a heartbeat takes."""
_HEARTBEAT = client_frame(b'{"t":"hb"}')


class _Socket(asyncio.Protocol):
    """One connection of a comer."""

    def __init__(self, comer: Comer) -> None:
        self._comer = comer
        self._reader = FrameReader()
        self._head = b""
        self._transport: asyncio.Transport | None = None
        self.gone = asyncio.Event()
        self.open = False
        self.welcome = False
        self.heard_at = now()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(handshake("cluster"))

    def data_received(self, data: bytes) -> None:
        self.heard_at = now()
        if not self.open:
            self._head += data
            head, blank, data = self._head.partition(b"\r\n\r\n")
            if not blank:
                return
            if b" 101 " not in head[:16]:
                self.drop()
                return
            self.open = True
            self._comer.opened(self)
        for opcode, payload in self._reader.feed(data):
            if opcode == PING:
                self.write(client_frame(payload, PONG))
            elif opcode == CLOSE:
                self.drop()
            else:
                self._comer.heard(self, payload)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self.gone.set()

    def say(self, frame: object) -> None:
        """A frame of ours."""
        self.write(client_frame(msgspec.json.encode(frame)))

    def write(self, data: bytes) -> None:
        """Bytes, while there is a connection."""
        if self._transport is not None:
            self._transport.write(data)

    def drop(self) -> None:
        """Break it off."""
        if self._transport is not None:
            self._transport.abort()


class Comer:
    """One visitor, and where it stands."""

    def __init__(self, visitor: Visitor, port: int, chance: Chance, source: str) -> None:
        self.visiting = Visiting(visitor)
        self.reconnects = 0
        self._port = port
        self._chance = chance
        self._source = source
        self._socket: _Socket | None = None
        self._asked_at: dict[str, float] = {}
        self._wait: tuple[float, float] = (0.05, 0.5)

    @property
    def line(self) -> Line:
        """What it saw."""
        return self.visiting.line

    @property
    def busy(self) -> bool:
        """Whether it waits for an ack or for the end of a turn."""
        return bool(self.visiting.unanswered or self.visiting.open_turns)

    async def stay(self) -> None:
        """Be connected until cancelled."""
        fails = 0
        while True:
            joined = await self._visit()
            fails = 0 if joined else fails + 1
            low, high = self._wait
            self._wait = (0.05, 1.0)
            await asyncio.sleep(self._chance.uniform(low, high * 2 ** min(fails, 3)))
            self.reconnects += 1

    async def _visit(self) -> bool:
        """One connection, to its end. False when it was never one."""
        loop = asyncio.get_running_loop()
        socket = _Socket(self)
        try:
            async with asyncio.timeout(_HANDSHAKE_S):
                await loop.create_connection(lambda: socket, "127.0.0.1", self._port, local_addr=(self._source, 0))
        except (OSError, TimeoutError):
            return False
        began = now()
        try:
            while not socket.gone.is_set():
                try:
                    await asyncio.wait_for(socket.gone.wait(), 0.5)
                except TimeoutError:
                    if self._is_dead(socket, began):
                        socket.drop()
        finally:
            socket.drop()
            if self._socket is socket:
                self._socket = None
                self.visiting.leave(now())
        return socket.welcome

    def _is_dead(self, socket: _Socket, began: float) -> bool:
        at = now()
        if not socket.open:
            return at - began > _HANDSHAKE_S
        waited = min(self._asked_at.values(), default=at)
        return at - waited > _ANSWER_S or at - socket.heard_at > _SILENCE_S

    def ask(self, cmid: str, text: str) -> None:
        """Say something, now or when there is a connection."""
        self.visiting.keep(cmid, text)
        self._ask_again(cmid)

    def _ask_again(self, cmid: str) -> None:
        if self._socket is not None and cmid in self.visiting.unanswered:
            self._asked_at[cmid] = now()
            self._socket.say(self.visiting.say(now(), cmid))

    def opened(self, socket: _Socket) -> None:
        """The upgrade was answered."""
        self._socket = socket
        self._asked_at = dict.fromkeys(self.visiting.unanswered, now())
        for frame in self.visiting.join(now()):
            socket.say(frame)

    def heard(self, socket: _Socket, payload: bytes) -> None:
        """A frame came."""
        if socket is not self._socket:
            return
        frame = self.visiting.take(now(), payload)
        kind = frame["t"]
        if kind == "hb":
            socket.write(_HEARTBEAT)
        elif kind == "ack":
            self._asked_at.pop(frame["cmid"], None)
        elif kind == "nack":
            self._asked_at.pop(frame["cmid"], None)
            if frame["retryable"]:
                wait_s = frame["retry_after_ms"] / 1000 * self._chance.uniform(0.5, 1.5)
                asyncio.get_running_loop().call_later(wait_s, self._ask_again, frame["cmid"])
        elif kind == "welcome":
            socket.welcome = True
        elif kind == "goaway":
            low_ms, high_ms = frame["reconnect_in_ms"]
            self._wait = (low_ms / 1000, high_ms / 1000)
        elif kind == "error":
            socket.drop()


class Comers:
    """All of them, and how often they speak."""

    def __init__(self, visitors: Sequence[Visitor], port: int, canaries: dict[str, str]) -> None:
        self._chance = Chance(1)
        self._canaries = canaries
        self.all = [
            Comer(visitor, port, self._chance, f"127.0.0.{2 + number // 100 % 16}")
            for number, visitor in enumerate(visitors)
        ]
        self.sent = 0

    async def stay(self) -> None:
        """Connect them, a hundred at a time, and keep them coming back until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for number, comer in enumerate(self.all):
                tasks.create_task(comer.stay())
                if number % 100 == 99:
                    await asyncio.sleep(0.5)

    async def talk(self, every_s: float, stop: Callable[[], bool]) -> None:
        """Each says something about every so many seconds, one message at a time, evenly over all."""
        gap_s, begin = every_s / len(self.all), now()
        while not stop():
            await asyncio.sleep(max(0.0, begin + self.sent * gap_s - now()))
            comer = self.all[self.sent % len(self.all)]
            self.sent += 1
            if not comer.visiting.unanswered:
                canary = self._canaries[comer.line.visitor.tenant]
                comer.ask(f"m{self.sent}", f"怎么退货? {canary} #{self.sent:07d}")

    async def settle(self, seconds: float) -> int:
        """Wait until nobody waits; how many still do."""
        until = now() + seconds
        while (left := sum(comer.busy for comer in self.all)) and now() < until:  # noqa: ASYNC110  (one waiter)
            await asyncio.sleep(0.2)
        return left
