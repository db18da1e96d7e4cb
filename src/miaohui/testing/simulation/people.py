"""Who uses the nodes: visitors with several devices, somebody who is too curious, a receiver of events."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import msgspec

from miaohui.identity.types import Principal
from miaohui.kit.errors import MiaohuiError
from miaohui.testing.history.types import Arrival, Line, Read, Visitor
from miaohui.testing.simulation.network import Wire
from miaohui.testing.visiting import Visiting
from miaohui.webhooks.types import Answer, Delivery

if TYPE_CHECKING:
    from collections.abc import Callable

    from miaohui.testing.simulation.chance import Chance
    from miaohui.testing.simulation.node import Node

_PATIENCE_S = 40.0
"""After this without a word a client takes its connection for dead."""


class Device:
    """One client of a visitor: connects to any node, says its messages, comes back after every cut."""

    def __init__(self, visitor: Visitor, nodes: Callable[[], list[Node]], chance: Chance) -> None:
        self.visiting = Visiting(visitor)
        self.principal = Principal(tenant_id=visitor.tenant, kind="visitor", id=visitor.contact)
        self.wire: Wire | None = None
        self._nodes = nodes
        self._chance = chance
        self._loop = asyncio.get_running_loop()
        self._heard_at = 0.0

    @property
    def line(self) -> Line:
        """What it saw."""
        return self.visiting.line

    async def stay(self) -> None:
        """Be connected, for ever."""
        while True:
            nodes = self._nodes()
            if nodes:
                await self._visit(self._chance.choice(nodes))
            await asyncio.sleep(self._chance.uniform(0.05, 1.0))

    async def _visit(self, node: Node) -> None:
        wire = Wire(self._chance)
        gone = asyncio.Event()
        wire.down = self._take
        node.open(self.principal, wire)
        wire.on_cut.append(gone.set)
        self.wire, self._heard_at = wire, self._loop.time()
        hello, *again = self.visiting.join(self._loop.time())
        for resume in hello["resume"]:
            self._say(wire, {"t": "watch", **resume})
        for frame in again:
            self._say(wire, frame)
        while not gone.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(5.0):
                    await gone.wait()
            if self.visiting.unanswered and self._loop.time() - self._heard_at > _PATIENCE_S:
                wire.cut()
        self.wire = None
        self.visiting.leave(self._loop.time())

    def tell(self, cmid: str, text: str) -> None:
        """Say something, now or later."""
        self.visiting.keep(cmid, text)
        self._tell_again(cmid)

    def _tell_again(self, cmid: str) -> None:
        if self.wire is not None and self.wire.whole and cmid in self.visiting.unanswered:
            self._say(self.wire, self.visiting.say(self._loop.time(), cmid))

    def _say(self, wire: Wire, frame: dict[str, Any]) -> None:
        wire.send_up(msgspec.json.encode(frame))

    def _take(self, raw: bytes) -> None:
        self._heard_at = self._loop.time()
        frame = self.visiting.take(self._heard_at, raw)
        if frame["t"] == "nack" and frame["retryable"]:
            wait_s = frame["retry_after_ms"] / 1000 * self._chance.uniform(1.0, 2.0)
            self._loop.call_later(wait_s, self._tell_again, frame["cmid"])
        elif frame["t"] == "error":
            # It could not be followed just now; a new connection asks again.
            self._loop.call_later(1.0, self._give_up, self.wire)

    def _give_up(self, wire: Wire | None) -> None:
        if wire is not None:
            wire.cut()

    async def read(self) -> None:
        """Ask for a page, and perhaps not wait for it."""
        nodes = self._nodes()
        if nodes:
            await read_page(self._chance.choice(nodes), self.principal, self.line, self._chance)


class Curious:
    """An agent of one company who tries to read another's conversations."""

    def __init__(self, visitor: Visitor, chance: Chance) -> None:
        self.visiting = Visiting(visitor)
        self.line = self.visiting.line
        self.line.whole = False
        self.principal = Principal(tenant_id=visitor.tenant, kind="agent", id="pers_curious", role="admin")
        self._chance = chance

    async def pry(self, node: Node, conversation: str) -> None:
        """Follow it for a while, and ask for a page."""
        loop = asyncio.get_running_loop()
        wire = Wire(self._chance)
        wire.down = lambda raw: _hear(self.visiting, loop.time(), raw)
        node.open(self.principal, wire)
        self.visiting.join(loop.time())
        wire.send_up(msgspec.json.encode({"t": "watch", "conv": conversation}))
        await read_page(node, self.principal, self.line, self._chance, conversation)
        await asyncio.sleep(self._chance.uniform(0.1, 3.0))
        wire.cut()
        self.visiting.leave(loop.time())


def _hear(visiting: Visiting, at: float, raw: bytes) -> None:
    visiting.take(at, raw)


async def read_page(node: Node, principal: Principal, line: Line, chance: Chance, conversation: str = "") -> None:
    """A page of messages as REST gives it; a third of those who ask do not wait for it."""
    wanted = conversation or line.visitor.conversation
    loop = asyncio.get_running_loop()
    since = loop.time()

    async def ask() -> None:
        with suppress(MiaohuiError):
            found = await node.conversations.access(principal, wanted)
            page = await node.conversations.messages_after(found, 0, 300)
            if node.alive:
                shown = tuple((one.seq, one.id, one.text) for one in page)
                name = page[0].conversation_id if page else wanted
                line.events.append(Read(loop.time(), name, 0, shown, since))

    asking = node.spawn(ask())
    with suppress(TimeoutError):
        async with asyncio.timeout(chance.uniform(0.001, 0.004) if chance.random() < 0.33 else 5.0):
            await asyncio.wait([asking])
    asking.cancel()
    await asyncio.wait([asking])


class Receiver:
    """Takes events; while `rough`, refuses a third of them, and takes some without saying so."""

    def __init__(self, chance: Chance) -> None:
        self.arrivals: list[Arrival] = []
        self.rough = True
        self._chance = chance

    async def post(self, delivery: Delivery, now_ms: int) -> Answer:
        """See `webhooks.ports.Post`."""
        loop = asyncio.get_running_loop()
        await asyncio.sleep(self._chance.uniform(0.005, 0.2))
        dice = self._chance.random()
        if self.rough and dice < 0.3:
            return Answer(status=503)
        self._take(delivery, loop.time())
        await asyncio.sleep(self._chance.uniform(0.005, 0.2))
        return Answer(error="timeout") if self.rough and dice < 0.4 else Answer(status=200)

    def _take(self, delivery: Delivery, at: float) -> None:
        told = msgspec.json.decode(delivery.payload)
        data, about = told["data"], told["type"] == "message.created"
        self.arrivals.append(
            Arrival(
                at=at,
                endpoint=delivery.endpoint_id,
                id=delivery.event_id,
                conversation=data.get("conversation_id", data["id"]),
                message=data["id"] if about else "",
                seq=data["seq"] if about else 0,
            )
        )
