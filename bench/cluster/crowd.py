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

_WELCOME_S = 8.0
_ANSWER_S = 10.0
"""A message that is not answered for so long makes its client connect anew: behind a proxy nothing else may tell."""
_SILENCE_S = 35.0
"""Longer than a heartbeat takes. These three, and how long is waited before coming back, are the widget's own
(`web/packages/conversation/src/client.ts`)."""
_BACK_OFF_S, _MOST_DOUBLINGS = 1.0, 4
_SWEEPS = 10
"""Clients are looked at in so many parts, each twice a second: no timer for each, and no burst."""
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
        self.made_at = self.heard_at = now()

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
        self.due: dict[str, float] = {}
        """When each message was meant to be said, whether or not there was a connection, by client id."""
        self.acked_at: dict[str, float] = {}
        self._port = port
        self._chance = chance
        self._source = source
        self._there: _Socket | None = None
        self._socket: _Socket | None = None
        """The same, once the server has taken it."""
        self._asked_at: dict[str, float] = {}
        self._hurry = asyncio.Event()
        self._wait_s = -1.0
        """What the server asked to wait before coming back; below zero: nothing."""

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
            fails = 0 if await self._visit() else fails
            wait_s, self._wait_s = self._wait_s, -1.0
            if wait_s < 0:
                wait_s = self._chance.uniform(0.0, _BACK_OFF_S * 2 ** min(fails, _MOST_DOUBLINGS))
            fails += 1
            await self._wait(wait_s)
            self.reconnects += 1

    async def _wait(self, seconds: float) -> None:
        """Before coming back; not as long when something is said meanwhile."""
        self._hurry.clear()
        try:
            async with asyncio.timeout(seconds):
                await self._hurry.wait()
        except TimeoutError:
            return

    async def _visit(self) -> bool:
        """One connection, to its end. False when it was never one."""
        loop = asyncio.get_running_loop()
        socket = _Socket(self)
        try:
            async with asyncio.timeout(_WELCOME_S):
                await loop.create_connection(lambda: socket, "127.0.0.1", self._port, local_addr=(self._source, 0))
        except (OSError, TimeoutError):
            return False
        self._there = socket
        try:
            await socket.gone.wait()
        finally:
            socket.drop()
            self._there = None
            if self._socket is socket:
                self._socket = None
                self.visiting.leave(now())
        return socket.welcome

    def look(self, at: float) -> None:
        """Give up a connection that must be dead."""
        socket = self._there
        if socket is not None and self._is_dead(socket, at):
            socket.drop()

    def _is_dead(self, socket: _Socket, at: float) -> bool:
        if not socket.welcome:
            return at - socket.made_at > _WELCOME_S
        waited = min(self._asked_at.values(), default=at)
        return at - waited > _ANSWER_S or at - socket.heard_at > _SILENCE_S

    def ask(self, cmid: str, text: str, due: float) -> None:
        """Say something that was meant to be said at `due`, now or when there is a connection."""
        self.due[cmid] = due
        self._hurry.set()
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
            self.acked_at.setdefault(frame["cmid"], now())
        elif kind == "nack":
            self._asked_at.pop(frame["cmid"], None)
            if frame["retryable"]:
                wait_s = frame["retry_after_ms"] / 1000 * self._chance.uniform(0.5, 1.5)
                asyncio.get_running_loop().call_later(wait_s, self._ask_again, frame["cmid"])
        elif kind == "welcome":
            socket.welcome = True
        elif kind == "goaway":
            low_ms, high_ms = frame["reconnect_in_ms"]
            self._wait_s = self._chance.uniform(low_ms / 1000, high_ms / 1000)
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
        self.passed_over = 0
        """Messages that were due while their visitor still waited for an ack."""

    async def stay(self) -> None:
        """Connect them, a hundred at a time, and keep them coming back until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._look_after())
            for number, comer in enumerate(self.all):
                tasks.create_task(comer.stay())
                if number % 100 == 99:
                    await asyncio.sleep(0.5)

    async def _look_after(self) -> None:
        while True:
            for part in range(_SWEEPS):
                await asyncio.sleep(0.5 / _SWEEPS)
                at = now()
                for comer in self.all[part::_SWEEPS]:
                    comer.look(at)

    async def talk(self, every_s: float, stop: Callable[[], bool]) -> None:
        """Each says something about every so many seconds, one message at a time, evenly over all.

        A message is due at its time even when this process comes round to it later.
        """
        gap_s, begin = every_s / len(self.all), now()
        while not stop():
            due = begin + self.sent * gap_s
            await asyncio.sleep(max(0.0, due - now()))
            comer = self.all[self.sent % len(self.all)]
            self.sent += 1
            if comer.visiting.unanswered:
                self.passed_over += 1
                continue
            canary = self._canaries[comer.line.visitor.tenant]
            comer.ask(f"m{self.sent}", f"怎么退货? {canary} #{self.sent:07d}", due)

    def waits(self) -> list[tuple[float, float]]:
        """When each message was due, and how long it then took to its ack; infinity without one."""
        return [
            (due, acked_at - due)
            for comer in self.all
            for cmid, due in comer.due.items()
            if (acked_at := comer.acked_at.get(cmid, float("inf")))
        ]

    async def settle(self, seconds: float) -> int:
        """Wait until nobody waits; how many still do."""
        until = now() + seconds
        while (left := sum(comer.busy for comer in self.all)) and now() < until:  # noqa: ASYNC110  (one waiter)
            await asyncio.sleep(0.2)
        return left
