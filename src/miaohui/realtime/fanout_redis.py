"""Other nodes, reached over Redis pub/sub. What is lost here is found again in the database.

One channel per conversation that has watchers. What is said goes out in pipelines: everything that came up while the
last one was on its way. The buffer is bounded; when Redis is away the oldest go first.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Any

import msgspec
from redis.asyncio import Redis
from redis.exceptions import RedisError

from miaohui.kit import metrics
from miaohui.kit.telemetry import get_log
from miaohui.realtime.events import AnyEvent, StreamDelta, StreamOpened, StreamReset

if TYPE_CHECKING:
    from miaohui.realtime.ports import Receive

BUFFER = 10_000
STREAM_TTL_S = 600
STREAM_EVENTS = 4_000
TIMEOUT_S = 1.0
PAUSE_S = 1.0

DROPPED = metrics.counter("miaohui_fanout_dropped_total", "Announcements to other nodes given up while Redis was away.")
CONNECTED = metrics.gauge("miaohui_fanout_connected", "1 while the fan-out hears the other nodes.")

_log = get_log(__name__)


class _Wake(msgspec.Struct, frozen=True, tag="wake", tag_field="t"):
    seq: int


class _Envelope(msgspec.Struct, frozen=True, array_like=True):
    node: str
    body: msgspec.Raw


_encoder = msgspec.msgpack.Encoder()
_envelopes = msgspec.msgpack.Decoder(_Envelope)
_bodies: msgspec.msgpack.Decoder[Any] = msgspec.msgpack.Decoder(AnyEvent | _Wake)
_events: msgspec.msgpack.Decoder[Any] = msgspec.msgpack.Decoder(AnyEvent)

_OF_STREAM = (StreamOpened, StreamDelta, StreamReset)


class RedisFanout:
    """Announces to, and hears from, every node on the same Redis."""

    alone = False

    def __init__(self, url: str, node: str) -> None:
        self._node = node
        self._redis = Redis.from_url(
            url, socket_timeout=None, socket_connect_timeout=TIMEOUT_S, max_connections=16, health_check_interval=5
        )
        self._wanted: set[str] = set()
        self._outgoing: deque[tuple[str, bytes, str]] = deque()
        self._something = asyncio.Event()
        self._changed = asyncio.Event()

    def listen(self, conversation_id: str) -> None:
        """Hear of this conversation from now on."""
        self._wanted.add(conversation_id)
        self._changed.set()

    def forget(self, conversation_id: str) -> None:
        """No longer."""
        self._wanted.discard(conversation_id)
        self._changed.set()

    def wake(self, conversation_id: str, seq: int) -> None:
        """A message was committed here."""
        self._say(conversation_id, _encoder.encode(_Wake(seq)), "")

    def tell(self, conversation_id: str, event: AnyEvent) -> None:
        """Something transient happened here."""
        stream = event.stream if isinstance(event, _OF_STREAM) else ""
        self._say(conversation_id, _encoder.encode(event), stream)

    async def stream_so_far(self, stream_id: str) -> list[AnyEvent]:
        """Everything told of a stream; empty when Redis does not know or does not answer."""
        try:
            async with asyncio.timeout(TIMEOUT_S):
                rows: Any = await self._redis.lrange(_stream_key(stream_id), 0, -1)
        except (RedisError, OSError, TimeoutError):
            return []
        return [_events.decode(row) for row in rows]

    async def run(self, receive: Receive) -> None:
        """Speak and hear until cancelled."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._speak())
                tasks.create_task(self._hear(receive))
        finally:
            await self._redis.aclose()

    def _say(self, conversation_id: str, body: bytes, stream: str) -> None:
        if len(self._outgoing) >= BUFFER:
            self._outgoing.popleft()
            DROPPED.inc()
        self._outgoing.append((conversation_id, body, stream))
        self._something.set()

    async def _speak(self) -> None:
        while True:
            await self._something.wait()
            self._something.clear()
            batch = [self._outgoing.popleft() for _ in range(min(len(self._outgoing), 512))]
            if self._outgoing:
                self._something.set()
            try:
                async with asyncio.timeout(TIMEOUT_S):
                    await self._send(batch)
            except (RedisError, OSError, TimeoutError):
                DROPPED.inc(len(batch))
                await asyncio.sleep(PAUSE_S)

    async def _send(self, batch: list[tuple[str, bytes, str]]) -> None:
        # Typed as unknown: a pipeline's commands only queue, though redis-py declares them awaitable.
        pipe: Any = self._redis.pipeline(transaction=False)
        for conversation_id, body, stream in batch:
            if stream:
                key = _stream_key(stream)
                pipe.rpush(key, body)
                pipe.ltrim(key, -STREAM_EVENTS, -1)
                pipe.expire(key, STREAM_TTL_S)
            pipe.publish(_channel(conversation_id), _encoder.encode(_Envelope(self._node, msgspec.Raw(body))))
        await pipe.execute()

    async def _hear(self, receive: Receive) -> None:
        while True:
            try:
                await self._hear_until_cut(receive)
            except (RedisError, OSError, TimeoutError) as error:
                CONNECTED.set(0)
                _log.warning("fanout.lost", reason=type(error).__name__)
                await asyncio.sleep(PAUSE_S)

    async def _hear_until_cut(self, receive: Receive) -> None:
        async with self._redis.pubsub() as pubsub:
            async with asyncio.timeout(TIMEOUT_S * 2):
                await pubsub.subscribe("mh:nodes", *(_channel(c) for c in self._wanted))
            heard_of = set(self._wanted)
            CONNECTED.set(1)
            receive.reconnected()
            async with asyncio.TaskGroup() as tasks:
                follower = tasks.create_task(self._follow(pubsub, heard_of))
                try:
                    async for message in pubsub.listen():
                        if message["type"] == "message":
                            self._take(message["channel"], message["data"], receive)
                finally:
                    follower.cancel()

    async def _follow(self, pubsub: Any, heard_of: set[str]) -> None:
        """Keep the subscriptions in step with what is watched here."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            fresh, stale = self._wanted - heard_of, heard_of - self._wanted
            if fresh:
                await pubsub.subscribe(*(_channel(c) for c in fresh))
            if stale:
                await pubsub.unsubscribe(*(_channel(c) for c in stale))
            heard_of |= fresh
            heard_of -= stale

    def _take(self, channel: bytes, data: bytes, receive: Receive) -> None:
        envelope = _envelopes.decode(data)
        if envelope.node == self._node:
            return
        conversation_id = channel.decode().removeprefix("mh:c:")
        body = _bodies.decode(envelope.body)
        if isinstance(body, _Wake):
            receive.woken(conversation_id, body.seq)
        else:
            receive.heard(conversation_id, body)


def _channel(conversation_id: str) -> str:
    return f"mh:c:{conversation_id}"


def _stream_key(stream_id: str) -> str:
    return f"mh:s:{stream_id}"
