"""A world of nodes and people, the trouble it goes through, and the history it leaves."""

from __future__ import annotations

import asyncio
import hashlib
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, TypeAlias

import msgspec

from miaohui.contacts.types import Contact
from miaohui.identity.types import Principal
from miaohui.kit.errors import MiaohuiError
from miaohui.testing.history.check import Report, check
from miaohui.testing.history.types import History, Visitor
from miaohui.testing.simulation.chance import Chance, seeded_ids
from miaohui.testing.simulation.disk import Disk
from miaohui.testing.simulation.network import Bus
from miaohui.testing.simulation.node import Node, NodeClock, Parts, Setting, own_tasks
from miaohui.testing.simulation.people import Curious, Device, Receiver
from miaohui.testing.virtual import run_virtually
from miaohui.webhooks.types import Wish

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any

MakeParts: TypeAlias = "Callable[[Setting], Parts]"
TENANTS = ("ten_one", "ten_two")


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """How much of everything. Seconds are virtual."""

    seconds: float = 45.0
    """How long there is trouble."""
    settle_s: float = 900.0
    """How long all may take to come to rest after it."""
    nodes: int = 3
    conversations: int = 4
    messages: int = 6
    """Of each conversation."""
    loss: float = 0.1
    """Of announcements between nodes."""
    skews_ms: tuple[int, ...] = (0, 0, -25_000, 25_000)
    """By how much a node's clock is wrong: one of these."""
    jumps_ms: tuple[int, ...] = ()
    """By how much clocks jump while a node runs."""
    kills: bool = True
    storage: bool = True
    wires: bool = True


class World:
    """One run."""

    def __init__(self, file: Path, seed: int, plan: Plan, make_parts: MakeParts) -> None:
        self.chance = Chance(seed)
        self.plan = plan
        self.words = {tenant: f"only-for-{tenant}" for tenant in TENANTS}
        self.bus = Bus(self.chance, plan.loss)
        self.disk = Disk(file, NodeClock().now_ms)
        self.receiver = Receiver(self.chance)
        self.setting = Setting(
            disk=self.disk, bus=self.bus, chance=self.chance, words=self.words, receiver=self.receiver
        )
        self.nodes: dict[str, Node] = {}
        self.devices: list[Device] = []
        self.endpoints: dict[str, str] = {}
        self._make_parts = make_parts
        self._dead: list[Node] = []
        self._starts = 0

    def up(self) -> list[Node]:
        """Nodes that take connections."""
        return [node for node in self.nodes.values() if node.alive]

    async def live(self) -> History:
        """Through the trouble, to rest."""
        for number in range(self.plan.nodes):
            await self._start_node(f"n{number}")
        await self._furnish()
        staying = [asyncio.create_task(device.stay()) for device in self.devices]  # noqa: TID251
        async with asyncio.TaskGroup() as acts:
            for device in self.devices:
                acts.create_task(self._talk(device))
            for trouble in self._troubles():
                acts.create_task(trouble)
        await self._calm_down()
        await self._come_to_rest()
        for device in self.devices:
            device.line.whole = device.line.whole and not device.visiting.unanswered
        await self._end(staying)
        return self._history()

    async def _start_node(self, name: str) -> None:
        self._starts += 1
        skew_ms = self.chance.choice(self.plan.skews_ms)
        node = Node(f"{name}.{self._starts}", self._make_parts(self.setting), skew_ms)
        self.nodes[name] = node
        await node.start()

    async def _furnish(self) -> None:
        node = self.up()[0]
        endpoint, _ = await node.webhooks.create_endpoint(TENANTS[0], Wish(url="https://a.example.com/"))
        self.endpoints = {endpoint.id: TENANTS[0]}
        for other in self.up():
            await other.webhooks.refresh()
        for number in range(self.plan.conversations):
            tenant = TENANTS[number % len(TENANTS)]
            contact = Contact(id=f"cont_{number}", tenant_id=tenant, inbox_id="inb_1", name="访客")
            started = await node.conversations.start(contact)
            visitor = Visitor(tenant=tenant, contact=contact.id, conversation=started.id)
            for _ in range(self.chance.choice((1, 2, 3))):
                self.devices.append(Device(visitor, self.up, self.chance))
        self.curious = Curious(
            Visitor(tenant=TENANTS[1], contact="", conversation=self.devices[-1].line.visitor.conversation), self.chance
        )

    # What people do

    async def _talk(self, device: Device) -> None:
        visitor = device.line.visitor
        same = [one for one in self.devices if one.line.visitor == visitor]
        number, end = same.index(device), self._now() + self.plan.seconds
        for n in range(self.plan.messages // len(same) + 1):
            await asyncio.sleep(self.chance.uniform(0.05, 2 * self.plan.seconds / self.plan.messages))
            if self._now() > end:
                break
            cmid, text = f"d{number}-{n}", f"{self.words[visitor.tenant]} {number} {n}"
            device.tell(cmid, text)
            if self.chance.random() < 0.2:
                self.chance.choice(same).tell(cmid, text)
            if self.chance.random() < 0.4:
                await device.read()

    def _troubles(self) -> list[Coroutine[Any, Any, None]]:
        troubles = [self._every(4.0, self._pry), self._every(15.0, self._take_over), self._every(12.0, self._lose_bus)]
        if self.plan.kills:
            troubles.append(self._every(9.0, self._kill))
        if self.plan.wires:
            troubles.append(self._every(1.5, self._cut))
        if self.plan.jumps_ms:
            troubles.append(self._every(3.0, self._jump))
        if self.plan.storage:
            troubles.append(self._every(11.0, self._break_disk))
        return troubles

    async def _every(self, seconds: float, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        end = self._now() + self.plan.seconds
        while True:
            await asyncio.sleep(self.chance.uniform(0.2, 2.0) * seconds)
            if self._now() > end:
                return
            await work()

    async def _pry(self) -> None:
        others = [one.line.visitor.conversation for one in self.devices if one.line.visitor.tenant == TENANTS[0]]
        if nodes := self.up():
            await self.curious.pry(self.chance.choice(nodes), self.chance.choice(others))

    async def _take_over(self) -> None:
        device, nodes = self.chance.choice(self.devices), self.up()
        agent = Principal(tenant_id=device.line.visitor.tenant, kind="agent", id="pers_1", name="小李", role="agent")
        if not nodes:
            return
        first, second = self.chance.choice(nodes), self.chance.choice(nodes)
        await self._act(first, agent, device, back=False)
        await asyncio.sleep(self.chance.uniform(0.1, 5.0))
        await self._act(second, agent, device, back=True)

    async def _act(self, node: Node, agent: Principal, device: Device, *, back: bool) -> None:
        async def work() -> None:
            with suppress(MiaohuiError):
                conversation = await node.conversations.access(agent, device.line.visitor.conversation)
                do = node.conversations.hand_back if back else node.conversations.take_over
                await do(conversation, agent)

        if node.alive:
            await asyncio.wait([node.spawn(work())], timeout=10.0)

    async def _kill(self) -> None:
        name = self.chance.choice(sorted(self.nodes))
        node = self.nodes[name]
        if node.alive:
            node.kill()
            self._dead.append(node)
            await asyncio.sleep(self.chance.uniform(0.1, 8.0))
            await self._start_node(name)

    async def _jump(self) -> None:
        if nodes := self.up():
            self.chance.choice(nodes).clock.skew_ms += self.chance.choice(self.plan.jumps_ms)

    async def _cut(self) -> None:
        device = self.chance.choice(self.devices)
        if device.wire is not None:
            if self.chance.random() < 0.15:
                device.wire.go_silent()
            else:
                device.wire.cut()

    async def _lose_bus(self) -> None:
        self.bus.away = True
        await asyncio.sleep(self.chance.uniform(0.5, 6.0))
        if self.chance.random() < 0.5:
            self.bus.lose_all()
        self.bus.come_back()

    async def _break_disk(self) -> None:
        self.disk.deaf = 0.3
        await asyncio.sleep(self.chance.uniform(0.5, 3.0))
        self.disk.deaf = 0.0
        self.disk.away = True
        await asyncio.sleep(self.chance.uniform(0.1, 2.0))
        self.disk.away = False

    # How it ends

    async def _calm_down(self) -> None:
        self.disk.deaf, self.disk.away = 0.0, False
        self.receiver.rough = False
        self.bus.come_back()
        for name, node in sorted(self.nodes.items()):
            if not node.alive:
                await self._start_node(name)

    async def _come_to_rest(self) -> None:
        """Until nobody waits for anything, but not for ever: the checker names what is missing."""
        end = self._now() + self.plan.settle_s
        while self._now() < end and self._busy():  # noqa: ASYNC110  (one waiter)
            await asyncio.sleep(5.0)
        await asyncio.sleep(45.0)  # positioning, half-open wires, late announcements

    def _busy(self) -> bool:
        running = self.disk.connection.execute("SELECT count(*) FROM turns WHERE state = 'running'").fetchone()[0]
        waiting = self.disk.connection.execute("SELECT count(*) FROM outbox WHERE state IN ('pending', 'sending')")
        return bool(running or waiting.fetchone()[0] or any(one.visiting.unanswered for one in self.devices))

    async def _end(self, staying: list[asyncio.Task[None]]) -> None:
        for node in (*self.nodes.values(), *self._dead):
            node.kill()
        tasks = [*staying, *(task for node in (*self.nodes.values(), *self._dead) for task in node.tasks)]
        for _ in range(5):
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks, timeout=1.0)

    def _history(self) -> History:
        return History(
            lines=[*(device.line for device in self.devices), self.curious.line],
            cold=self.disk.cold(),
            endpoints=self.endpoints,
            arrivals=self.receiver.arrivals,
            canaries=self.words,
            lossy=True,
        )

    def _now(self) -> float:
        return asyncio.get_running_loop().time()


def simulate(template: Path, seed: int, plan: Plan | None = None, make_parts: MakeParts = Parts) -> History:
    """One run in a copy of an empty database with every table."""

    async def work(file: Path) -> History:
        own_tasks(asyncio.get_running_loop())
        world = World(file, seed, plan or Plan(), make_parts)
        try:
            return await world.live()
        finally:
            world.disk.connection.close()

    with TemporaryDirectory() as folder, seeded_ids(seed):
        copy = Path(folder) / "miaohui.db"
        copy.write_bytes(template.read_bytes())
        return run_virtually(work(copy))


def judge(template: Path, seed: int, plan: Plan | None = None, make_parts: MakeParts = Parts) -> Report:
    """The checker's verdict on one run."""
    return check(simulate(template, seed, plan, make_parts))


def digest(history: History) -> str:
    """The same for the same history."""
    return hashlib.sha256(msgspec.json.encode(history.lines)).hexdigest()[:16]
