"""What lies between nodes, and between a client and its node: slow, lossy, cut at any moment."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable
from typing import TYPE_CHECKING

from miaohui.realtime.events import AnyEvent, Said, StreamDelta, StreamEnded, StreamOpened, StreamReset
from miaohui.testing.simulation.chance import Chance

if TYPE_CHECKING:
    from miaohui.realtime.ports import Receive

_OF_STREAM = (StreamOpened, StreamDelta, StreamReset, StreamEnded)
_STEP_S = 1e-6
"""Between two things in one order: timers of one moment ring in any."""
_HALF_OPEN_S = 33.0
"""Heartbeat and patience: then a node knows that nobody is there."""


class Bus:
    """What Redis is to nodes: it carries announcements, each with its own delay, and loses some."""

    def __init__(self, chance: Chance, loss: float) -> None:
        self.chance = chance
        self.loss = loss
        self.away = False
        self.ears: dict[str, NodeFanout] = {}
        self.streams: dict[str, list[AnyEvent]] = defaultdict(list)

    def carry(self, sender: NodeFanout, conversation_id: str, said: Said | int) -> None:
        """To every other node that listens."""
        if self.away:
            return
        if isinstance(said, _OF_STREAM):
            self.streams[said.stream].append(said)
        for ear in self.ears.values():
            if ear is not sender and self.chance.random() >= self.loss:
                ear.hear_later(conversation_id, said)

    def lose_all(self) -> None:
        """As FLUSHALL, or a start after a crash."""
        self.streams.clear()

    def come_back(self) -> None:
        """Nodes find it again one by one."""
        self.away = False
        for ear in self.ears.values():
            ear.reconnect()


class NodeFanout:
    """`realtime.ports.Fanout` of one node."""

    alone = False

    def __init__(self, bus: Bus, name: str) -> None:
        self._bus = bus
        self._name = name
        self._interests: set[str] = set()
        self._receive: Receive | None = None
        self._due = 0.0
        bus.ears[name] = self

    def listen(self, conversation_id: str) -> None:
        """See `Fanout`."""
        self._interests.add(conversation_id)

    async def joined(self, conversation_id: str) -> None:
        """See `Fanout`."""
        await asyncio.sleep(self._bus.chance.uniform(0.0, 0.003))

    def forget(self, conversation_id: str) -> None:
        """See `Fanout`."""
        self._interests.discard(conversation_id)

    def wake(self, conversation_id: str, seq: int) -> None:
        """See `Fanout`."""
        self._bus.carry(self, conversation_id, seq)

    def tell(self, conversation_id: str, event: Said) -> None:
        """See `Fanout`."""
        self._bus.carry(self, conversation_id, event)

    async def stream_so_far(self, stream_id: str) -> list[AnyEvent]:
        """See `Fanout`."""
        await asyncio.sleep(self._bus.chance.uniform(0.0005, 0.003))
        return [] if self._bus.away else list(self._bus.streams.get(stream_id, ()))

    async def run(self, receive: Receive) -> None:
        """See `Fanout`."""
        self._receive = receive
        await asyncio.Event().wait()

    def hear_later(self, conversation_id: str, said: Said | int) -> None:
        """One connection carries everything to one node, so it comes in order."""
        loop = asyncio.get_running_loop()
        self._due = max(self._due + _STEP_S, loop.time() + self._bus.chance.uniform(0.0005, 0.01))
        loop.call_at(self._due, self._hear, conversation_id, said)

    def _hear(self, conversation_id: str, said: Said | int) -> None:
        if self._receive is None or self._bus.ears.get(self._name) is not self:
            return
        if conversation_id not in self._interests:
            return
        if isinstance(said, int):
            self._receive.woken(conversation_id, said)
        else:
            self._receive.heard(conversation_id, said)

    def reconnect(self) -> None:
        """The bus is there again."""
        if self._receive is not None:
            asyncio.get_running_loop().call_later(self._bus.chance.uniform(0.01, 1.0), self._receive.reconnected)

    def kill(self) -> None:
        """The node is gone."""
        if self._bus.ears.get(self._name) is self:
            del self._bus.ears[self._name]


class Wire:
    """One connection, both ways. What is put in comes out in order, later, until it is cut."""

    def __init__(self, chance: Chance) -> None:
        self._chance = chance
        self._due = {"up": 0.0, "down": 0.0}
        self.up: Callable[[bytes], None] = lambda _: None
        self.down: Callable[[bytes], None] = lambda _: None
        self.on_cut: list[Callable[[], None]] = []
        self.whole = True
        self.silent = False
        """Half open: nothing comes through and nobody is told."""

    def send_up(self, frame: bytes) -> None:
        """From the client."""
        self._carry("up", frame)

    def send_down(self, frame: bytes) -> None:
        """From the node."""
        self._carry("down", frame)

    def cut(self) -> None:
        """Both sides notice; what was under way is gone."""
        if self.whole:
            self.whole = False
            for told in self.on_cut:
                told()

    def go_silent(self) -> None:
        """Nobody notices, for a while."""
        self.silent = True
        asyncio.get_running_loop().call_later(_HALF_OPEN_S, self.cut)

    def _carry(self, way: str, frame: bytes) -> None:
        loop = asyncio.get_running_loop()
        self._due[way] = max(self._due[way] + _STEP_S, loop.time() + self._chance.uniform(0.001, 0.03))
        loop.call_at(self._due[way], self._arrive, way, frame)

    def _arrive(self, way: str, frame: bytes) -> None:
        if self.whole and not self.silent:
            (self.up if way == "up" else self.down)(frame)
