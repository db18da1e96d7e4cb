"""One node: the real rooms of the story, with simulated borders, and a way to kill it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, TypeVar, cast

import msgspec

from miaohui.channels.bounds import Bounds
from miaohui.channels.frames import Send as SendFrame
from miaohui.channels.frames import parse_frame
from miaohui.channels.session import Session
from miaohui.conversations.repository import ConversationsRepository
from miaohui.conversations.service import Conversations
from miaohui.engines.classify import Failure, FailureClass
from miaohui.engines.errors import failed
from miaohui.engines.types import EngineRequest, Finished, Piece, Restarted, Started, Text, Usage
from miaohui.guard.limits_memory import LimitsMemory
from miaohui.guard.service import Guard, GuardOptions
from miaohui.guard.words import Words
from miaohui.inboxes.types import Assistant
from miaohui.kit.agreed_clock import AgreedClock
from miaohui.kit.sealed import Seal
from miaohui.knowledge.types import Retrieval, Scope
from miaohui.memory.service import Memory
from miaohui.memory.short_term_memory import ShortTermMemory
from miaohui.memory.types import Exchange
from miaohui.realtime.service import Realtime
from miaohui.testing.simulation.disk import Disk, NodeRecords
from miaohui.testing.simulation.network import Bus, NodeFanout, Wire
from miaohui.turns.bounds import TurnBounds
from miaohui.turns.records import TurnRecords
from miaohui.turns.service import Turns
from miaohui.turns.stages import Stages
from miaohui.turns.types import Profile
from miaohui.webhooks.service import Webhooks
from miaohui.webhooks.tasks import Sender, SenderOptions

if TYPE_CHECKING:
    from miaohui.channels.services import Services
    from miaohui.conversations.types import Conversation
    from miaohui.identity.types import Principal
    from miaohui.kit.database import Database
    from miaohui.testing.simulation.chance import Chance
    from miaohui.webhooks.ports import Post

T = TypeVar("T")
LEASE_S = 6.0
_here: ContextVar[Node | None] = ContextVar("node", default=None)
_SEALED_WITH = b"0" * 32
_BOUNDS = Bounds(queue_frames=10_000, queue_bytes=100_000_000)
_BROKEN = Failure(failure_class=FailureClass.TRANSIENT, code="simulated", detail="The provider is away.")


class NodeClock:
    """What a node believes the time is."""

    def __init__(self, skew_ms: int = 0) -> None:
        self._loop = asyncio.get_running_loop()
        self.skew_ms = skew_ms

    def now_ms(self) -> int:
        """See `kit.clock.Clock`."""
        return 1_750_000_000_000 + round(self._loop.time() * 1000) + self.skew_ms

    def monotonic(self) -> float:
        """See `kit.clock.Clock`."""
        return self._loop.time()


class Engine:
    """Answers in pieces, at its own pace; breaks off and begins again, or gives up, as chance has it."""

    name = "simulated"

    def __init__(self, chance: Chance, words: dict[str, str]) -> None:
        self._chance = chance
        self._words = words
        """By tenant: what every answer says, so that one that goes astray is known."""

    async def stream(self, request: EngineRequest) -> AsyncGenerator[Piece, None]:
        """See `engines.ports.Engine`."""
        chance = self._chance
        attempt = 1
        yield Started(attempt=attempt, route=self.name)
        while True:
            await asyncio.sleep(chance.uniform(0.05, 1.5))
            if chance.random() < 0.04:
                raise failed(_BROKEN)
            for i in range(chance.randrange(1, 12)):
                yield Text(f"{self._words[request.tenant_id]} {attempt}.{i} ")
                await asyncio.sleep(chance.uniform(0.01, 0.3))
            if chance.random() > 0.2 or attempt > 3:
                break
            attempt += 1
            yield Restarted(reason="cut")
            yield Started(attempt=attempt, route=self.name)
        usage = Usage(input_tokens=1, output_tokens=1, estimated=True)
        yield Finished(route=self.name, reason="stop", usage=usage, first_content_ms=1.0)

    async def close(self) -> None:
        """Nothing is open."""


class Silence:
    """A knowledge base that knows nothing."""

    local = True

    async def retrieve(  # noqa: PLR0913  (a port's)
        self, tenant_id: str, question: str, *, locale: str, limit: int, scope: Scope, before: str
    ) -> Retrieval:
        """See `turns.ports.Knowledge`."""
        return Retrieval(passages=(), answerability=0.0, answerable=False, version=1)


class SameProfile:
    """Everybody's assistant is the same."""

    async def profile_of(self, conversation: Conversation) -> Profile:
        """See `turns.ports.Profiles`."""
        return Profile(company="云杉商城", assistant=Assistant(), locale="zh-CN")


class PastExchanges:
    """What memory reads of the records."""

    def __init__(self, conversations: Conversations) -> None:
        self._conversations = conversations

    async def last_exchanges(self, tenant_id: str, conversation_id: str, turns: int) -> list[Exchange]:
        """See `memory.ports`."""
        pairs = await self._conversations.last_exchanges(tenant_id, conversation_id, turns)
        return [Exchange(question, answer) for question, answer in pairs]


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """What all nodes of a world share."""

    disk: Disk
    bus: Bus
    chance: Any
    words: dict[str, str]
    receiver: Any


class Parts:
    """Makes a node's parts. A test that plants a bug makes one of them otherwise."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting

    def records(self) -> NodeRecords:
        """The database as the node has it."""
        return NodeRecords(self.setting.disk, self.setting.chance)

    def realtime(self, records: Database, fanout: NodeFanout) -> Realtime:
        """Fan-out and resume."""
        return Realtime(ConversationsRepository(records), fanout, records.epoch)

    def conversations(
        self, records: Database, clock: NodeClock, realtime: Realtime, webhooks: Webhooks
    ) -> Conversations:
        """Verbs of conversations."""
        return Conversations(records, clock, realtime, webhooks)

    def turn_records(self, records: Database, webhooks: Webhooks, name: str) -> TurnRecords:
        """The two transactions of a turn."""
        return TurnRecords(records, webhooks, owner=name, lease_ms=round(LEASE_S * 1000), alone=False)

    def post(self) -> Post:
        """Who carries events outside."""
        return cast("Post", self.setting.receiver)

    def sender(self, records: Database, clock: AgreedClock, webhooks: Webhooks) -> Sender:
        """Who empties the outbox."""
        options = SenderOptions(alone=False, poll_s=1.0, refresh_s=5.0, lease_s=40.0)
        return Sender(records, clock, webhooks, self.post(), options)


class Node:
    """One process, as far as anybody outside can tell."""

    def __init__(self, name: str, parts: Parts, skew_ms: int = 0) -> None:
        setting = parts.setting
        self.name = name
        self.alive = True
        self.tasks: dict[asyncio.Task[Any], None] = {}
        """In the order in which they began: nothing here may depend on addresses in memory."""
        self.background: list[asyncio.Task[None]] = []
        self.wires: dict[Wire, None] = {}
        self.clock = clock = NodeClock(skew_ms)
        self.records = records = parts.records()
        self.fanout = NodeFanout(setting.bus, name)
        self.realtime = parts.realtime(records, self.fanout)
        self.agreed = AgreedClock(records, clock)
        self.webhooks = Webhooks(records, self.agreed, parts.post(), Seal(_SEALED_WITH))
        self.conversations = parts.conversations(records, clock, self.realtime, self.webhooks)
        guard = Guard(LimitsMemory(clock), Words({}), GuardOptions(visitor_burst=10_000, tenant_burst=100_000))
        stages = Stages(
            guard=guard,
            memory=Memory(ShortTermMemory(clock), PastExchanges(self.conversations)),
            knowledge=Silence(),
            engine=Engine(setting.chance, setting.words),
            profiles=SameProfile(),
        )
        turn_records = parts.turn_records(records, self.webhooks, name)
        bounds = TurnBounds(turn_s=30.0, lease_ms=round(LEASE_S * 1000))
        self.turns = Turns(turn_records, self.realtime, stages, clock, bounds)
        self.realtime.on_change(self.turns.conversation_changed)
        self.realtime.on_stop(self.turns.stop)
        self.sender = parts.sender(records, self.agreed, self.webhooks)

    async def start(self) -> None:
        """Begin what runs beside requests."""
        await self.agreed.adjust()
        await self.webhooks.refresh()
        with self.entered():
            for work in (self.turns.run(), self.realtime.run(), self.sender.run(), self.agreed.run()):
                self.background.append(self.spawn(work))

    def spawn(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """A task that dies with the node."""
        with self.entered():
            return asyncio.get_running_loop().create_task(work)

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Whatever is started in here belongs to the node."""
        token = _here.set(self)
        try:
            yield
        finally:
            _here.reset(token)

    def open(self, principal: Principal, wire: Wire) -> Door:
        """A client connects."""
        door = Door(self, principal, wire)
        self.wires[wire] = None
        wire.on_cut.append(lambda: self.wires.pop(wire, None))
        return door

    def kill(self) -> None:
        """As `kill -9`: from here on nothing of it reaches anything."""
        self.alive = False
        self.records.kill()
        self.fanout.kill()
        for wire in tuple(self.wires):
            wire.cut()
        for task in tuple(self.tasks):
            task.cancel()


class Door:
    """The end of a wire at a node: `channels.session.Door` around a real session."""

    def __init__(self, node: Node, principal: Principal, wire: Wire) -> None:
        self._node = node
        self._wire = wire
        services = _Services(node)
        with node.entered():
            self.session = Session(cast("Services", services), principal, self, _BOUNDS)
        wire.up = self.take
        wire.on_cut.append(self.session.close)

    def put(self, frame: bytes) -> bool:
        """See `channels.session.Door`."""
        if self._node.alive:
            self._wire.send_down(frame)
        return True

    def wake(self) -> None:
        """Everything is put at once, so nothing waits."""
        while self.session.outgoing:
            frame, _ = self.session.take()
            self.put(frame)

    def cut(self, code: int, reason: str) -> None:
        """See `channels.session.Door`."""
        self._wire.cut()

    def take(self, raw: bytes) -> None:
        """A frame from the client."""
        if not self._node.alive:
            return
        with self._node.entered():
            frame = parse_frame(raw)
            if isinstance(frame, SendFrame):
                self.session.submit(frame)
            else:
                self.session.ask(cast("Any", frame))


class _Services:
    """What a session asks for."""

    def __init__(self, node: Node) -> None:
        self.conversations = node.conversations
        self.turns = node.turns
        self.realtime = node.realtime
        self.database = node.records


def own_tasks(loop: asyncio.AbstractEventLoop) -> None:
    """Let every task of a loop be known to the node that began it."""

    def make(loop: asyncio.AbstractEventLoop, work: Any, **options: Any) -> asyncio.Task[Any]:
        task: asyncio.Task[Any] = asyncio.Task(work, loop=loop, **options)
        node = _here.get()
        if node is not None:
            node.tasks[task] = None
            task.add_done_callback(lambda task: node.tasks.pop(task, None))
            if not node.alive:
                task.cancel()
        return task

    loop.set_task_factory(cast("Callable[..., Any]", make))
