"""Twelve bugs that such systems have had. Each is one part of a node, made wrongly; the product has none of them."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar

import msgspec
from sqlalchemy.sql import Executable

from miaohui.conversations import statements as sql
from miaohui.conversations.repository import ConversationsRepository
from miaohui.conversations.service import Conversations
from miaohui.conversations.types import Accepted, Conversation, Draft, Position
from miaohui.identity.types import Principal
from miaohui.kit.agreed_clock import AgreedClock
from miaohui.kit.database import Database, Operation, Params, Row
from miaohui.kit.errors import NotFound
from miaohui.kit.ids import new_id
from miaohui.realtime.events import AnyEvent, StreamDelta, StreamEnded, StreamOpened, StreamReset
from miaohui.realtime.service import Realtime, Watch
from miaohui.testing.simulation.disk import NodeRecords
from miaohui.testing.simulation.network import NodeFanout
from miaohui.testing.simulation.node import NodeClock, Parts
from miaohui.testing.simulation.world import TENANTS
from miaohui.turns.records import TurnRecords
from miaohui.webhooks import repository
from miaohui.webhooks.ports import Post
from miaohui.webhooks.service import Webhooks
from miaohui.webhooks.tasks import Sender, SenderOptions
from miaohui.webhooks.types import Answer, Attempt, Delivery, Settling

T = TypeVar("T")
LATE_S = 0.6
"""How long a bug leaves open what should be closed."""


class Planted(NamedTuple):
    """A bug, and the invariants that break by it."""

    parts: type[Parts]
    breaks: frozenset[int]
    settle_s: float = 900.0
    """How long it is waited for; a house that never comes to rest needs no long wait."""


# 1, 8: what is told before it is durable


class TellsFirst(NodeRecords):
    """Runs an operation to know what it will say, says it, and commits a while later."""

    answers_too = True

    async def write(
        self,
        operation: Callable[[], Operation[T]],
        *,
        key: str = "",
        announce: Callable[[T], None] | None = None,
        patient: bool = False,
    ) -> T:
        loop = asyncio.get_running_loop()
        await self._pause(0.001, 0.005)
        said = self._rehearse(operation)
        if announce is not None:
            announce(said)
        later = loop.create_future()
        loop.call_later(LATE_S, self._commit_later, operation, later)
        return said if self.answers_too else await later

    def _rehearse(self, operation: Callable[[], Operation[T]]) -> T:
        self._disk.connection.execute("BEGIN IMMEDIATE")
        try:
            return self._disk.drive(operation)
        finally:
            self._disk.connection.execute("ROLLBACK")

    def _commit_later(self, operation: Callable[[], Operation[Any]], later: asyncio.Future[Any]) -> None:
        if not self.alive:
            return
        self._disk.connection.execute("BEGIN IMMEDIATE")
        try:
            done = self._disk.drive(operation)
        except Exception as error:  # noqa: BLE001  (told to who waits, as the true one does)
            self._disk.connection.execute("ROLLBACK")
            if not later.done():
                later.set_exception(error)
                later.exception()
            return
        self._disk.connection.execute("COMMIT")
        if not later.done():
            later.set_result(done)


class AnnouncesFirst(TellsFirst):
    """Only watchers hear of it before it is durable."""

    answers_too = False


class AckBeforeCommit(Parts):
    def records(self) -> NodeRecords:
        return TellsFirst(self.setting.disk, self.setting.chance)


class FanOutBeforeCommit(Parts):
    def records(self) -> NodeRecords:
        return AnnouncesFirst(self.setting.disk, self.setting.chance)


# 2: what was sent before is known to one process only


class ForgetfulRecords(TurnRecords):
    """Its key holds for as long as the process does."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._boot = new_id("boot")

    async def accept(self, draft: Draft, announce: Callable[[Accepted], None]) -> Accepted:
        mine = msgspec.structs.replace(draft, principal=f"{draft.principal} {self._boot}"[:128])
        return await super().accept(mine, announce)


class DedupeInMemory(Parts):
    def turn_records(self, records: Database, webhooks: Webhooks, name: str) -> TurnRecords:
        return ForgetfulRecords(records, webhooks, owner=name, lease_ms=6_000, alone=False)


# 3, 11: the outbox


class CursorSender(Sender):
    """Remembers how far it has read, not what has arrived."""

    async def _send_some(self, endpoint_id: str, now_ms: int, limit: int) -> int:
        deliveries = await self._database.write(lambda: repository.claim(endpoint_id, now_ms, limit))
        for delivery in deliveries:
            settling = Settling(
                state="sent", outcome="sent", answer=Answer(status=200), due_at_ms=now_ms, took_ms=0, now_ms=now_ms
            )
            attempt = Attempt(
                id=new_id("att"), event_id=delivery.event_id, type=delivery.type, attempt=1, outcome="sent", status=200,
                error="", took_ms=0, at_ms=now_ms,
            )  # fmt: skip
            await self._database.write(
                lambda one=delivery, how=settling, try_=attempt: repository.settle(one, how, try_)  # type: ignore[misc]
            )
            await self._ask(delivery)
        return len(deliveries)


class CursorOutbox(Parts):
    def sender(self, records: Database, clock: AgreedClock, webhooks: Webhooks) -> Sender:
        return CursorSender(records, clock, webhooks, self.post(), SenderOptions(alone=False, poll_s=1.0))


class Rekeying:
    """Gives every attempt an id of its own."""

    def __init__(self, post: Post) -> None:
        self._post = post

    async def post(self, delivery: Delivery, now_ms: int) -> Answer:
        return await self._post.post(msgspec.structs.replace(delivery, event_id=new_id("evt")), now_ms)


class RetryWithoutKey(Parts):
    def post(self) -> Post:
        return Rekeying(super().post())


# 4, 5, 10: fan-out and resume


class SkippingRealtime(Realtime):
    """Takes the position of a client for the next one that it wants."""

    async def watch(self, conversation: Conversation, watcher: Any, **options: Any) -> Watch:
        position = options.get("position")
        if position is not None and position.seq:
            options["position"] = Position(epoch=position.epoch, seq=position.seq + 1)
        return await super().watch(conversation, watcher, **options)


class JoiningRealtime(Realtime):
    """Goes on with another attempt where the one before broke off."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._pieces: dict[str, int] = {}

    def publish(self, tenant_id: str, conversation_id: str, event: AnyEvent) -> None:
        match event:
            case StreamReset():
                return
            case StreamOpened():
                event = msgspec.structs.replace(event, attempt=1)
            case StreamDelta(stream=stream):
                self._pieces[stream] = self._pieces.get(stream, 0) + 1
                event = msgspec.structs.replace(event, attempt=1, i=self._pieces[stream])
            case StreamEnded(stream=stream):
                event = msgspec.structs.replace(event, attempt=1, n=self._pieces.get(stream, 0))
            case _:
                pass
        super().publish(tenant_id, conversation_id, event)


class TrustingRealtime(Realtime):
    """Believes that every announcement arrives."""

    async def _position(self) -> None:
        return None


class ResumeOffByOne(Parts):
    def realtime(self, records: Database, fanout: NodeFanout) -> Realtime:
        return SkippingRealtime(ConversationsRepository(records), fanout, records.epoch)


class AttemptsJoined(Parts):
    def realtime(self, records: Database, fanout: NodeFanout) -> Realtime:
        return JoiningRealtime(ConversationsRepository(records), fanout, records.epoch)


class NoPositioning(Parts):
    def realtime(self, records: Database, fanout: NodeFanout) -> Realtime:
        return TrustingRealtime(ConversationsRepository(records), fanout, records.epoch)


# 6, 7, 12: whose data it is


class SharedConnection(NodeRecords):
    """One connection for each kind of question; who was cancelled leaves their answer there for the next."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._connections: defaultdict[int, tuple[asyncio.Lock, deque[Sequence[Row]]]] = defaultdict(
            lambda: (asyncio.Lock(), deque())
        )

    async def read(self, statement: Executable, params: Params | None = None) -> Sequence[Row]:
        lock, answers = self._connections[id(statement)]
        async with lock:
            answers.append(self._disk.rows(statement, params or {}))
            await self._pause(0.0005, 0.004)
            return answers.popleft()


class PooledAfterCancel(Parts):
    def records(self) -> NodeRecords:
        return SharedConnection(self.setting.disk, self.setting.chance)


class OpenConversations(Conversations):
    """Looks a conversation up by its id alone."""

    async def access(self, principal: Principal, conversation_id: str) -> Conversation:
        for tenant in TENANTS:
            found = await self.find(tenant, conversation_id)
            if found is not None:
                return found
        raise NotFound("There is no conversation of that id.")


class NoTenantFilter(Parts):
    def conversations(
        self, records: Database, clock: NodeClock, realtime: Realtime, webhooks: Webhooks
    ) -> Conversations:
        return OpenConversations(records, clock, realtime, webhooks)


class SessionTenant(NodeRecords):
    """A tenant is set once on a connection of the pool, and stays set for whoever is given it next."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._set = [""] * 2
        self._next = 0

    async def read(self, statement: Executable, params: Params | None = None) -> Sequence[Row]:
        given = dict(params or {})
        if "tenant_id" in given:
            self._next = (self._next + 1) % len(self._set)
            # Every third request forgets to set it.
            if self._chance.random() > 0.33 or not self._set[self._next]:
                self._set[self._next] = given["tenant_id"]
            given["tenant_id"] = self._set[self._next]
        return await super().read(statement, given)


class SessionLevelTenant(Parts):
    def records(self) -> NodeRecords:
        return SessionTenant(self.setting.disk, self.setting.chance)


# 9: numbers from the clock


class ClockNumbered(NodeRecords):
    """Numbers messages by the time."""

    async def write(
        self,
        operation: Callable[[], Operation[T]],
        *,
        key: str = "",
        announce: Callable[[T], None] | None = None,
        patient: bool = False,
    ) -> T:
        return await super().write(lambda: _numbered(operation()), key=key, announce=announce, patient=patient)


def _numbered(steps: Operation[T]) -> Operation[T]:
    now_ms = round(asyncio.get_running_loop().time() * 1000)
    try:
        statement, params = next(steps)
        while True:
            if statement is sql.INSERT_MESSAGE:
                params = {**params, "seq": now_ms}
            rows = yield statement, params
            statement, params = steps.send(rows)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]


class SeqFromTime(Parts):
    def records(self) -> NodeRecords:
        return ClockNumbered(self.setting.disk, self.setting.chance)


BUGS: dict[str, Planted] = {
    "ack before commit": Planted(AckBeforeCommit, frozenset({1}), 60.0),
    "dedupe in memory only": Planted(DedupeInMemory, frozenset({2})),
    "cursor outbox": Planted(CursorOutbox, frozenset({9})),
    "resume off by one": Planted(ResumeOffByOne, frozenset({6})),
    "join of two attempts": Planted(AttemptsJoined, frozenset({8})),
    "pooled connection used again after a cancel": Planted(PooledAfterCancel, frozenset({10})),
    "missing tenant filter": Planted(NoTenantFilter, frozenset({10})),
    "fan-out before commit": Planted(FanOutBeforeCommit, frozenset({5}), 60.0),
    "seq from time": Planted(SeqFromTime, frozenset({3})),
    "lost wake-up without positioning": Planted(NoPositioning, frozenset({6})),
    "retry without key": Planted(RetryWithoutKey, frozenset({9})),
    "session-level tenant": Planted(SessionLevelTenant, frozenset({10})),
}
