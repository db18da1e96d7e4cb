"""Other nodes, reached over Redis pub/sub. What is lost here is found again in the database.

One channel per conversation that is of interest here. What is said goes out in pipelines: everything that came up while
the last one was on its way. The buffer is bounded; when Redis is away the oldest go first.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import msgspec
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from miaohui.kit import metrics
from miaohui.kit.telemetry import get_log
from miaohui.realtime.events import AnyEvent, Said, StreamDelta, StreamEnded, StreamOpened, StreamReset

if TYPE_CHECKING:
    from collections.abc import Callable

    from miaohui.realtime.ports import Receive

BUFFER = 10_000
STREAM_TTL_S = 600
STREAM_EVENTS = 4_000
TIMEOUT_S = 1.0
PAUSE_S = 1.0
SILENCE_S = 2.0
"""A connection that is silent for so long is asked whether it lives, and given up when it is silent once more."""
JOIN_S = 0.2
"""Longest wait until Redis has taken a subscription; past that, positioning finds what was missed."""

DROPPED = metrics.counter("miaohui_fanout_dropped_total", "Announcements to other nodes given up while Redis was away.")
UNREAD = metrics.counter("miaohui_fanout_unread_total", "Announcements of other nodes that could not be understood.")
CONNECTED = metrics.gauge("miaohui_fanout_connected", "1 while the fan-out hears the other nodes.")

_log = get_log(__name__)


class _Wake(msgspec.Struct, frozen=True, tag="wake", tag_field="t"):
    seq: int


class _Envelope(msgspec.Struct, frozen=True, array_like=True):
    node: str
    body: msgspec.Raw


_encoder = msgspec.msgpack.Encoder()
_envelopes = msgspec.msgpack.Decoder(_Envelope)
_bodies: msgspec.msgpack.Decoder[Any] = msgspec.msgpack.Decoder(Said | _Wake)
_events: msgspec.msgpack.Decoder[Any] = msgspec.msgpack.Decoder(AnyEvent)

_OF_STREAM = (StreamOpened, StreamDelta, StreamReset, StreamEnded)
_FAILURES = (RedisError, OSError, TimeoutError)
_ALL_NODES = "mh:nodes"


class _Once(Retry):
    """The client neither retries nor reconnects: a connection that comes back unnoticed hides what was missed."""

    async def call_with_retry(self, do: Any, fail: Any, *_: Any, **__: Any) -> Any:
        return await do()


class RedisFanout:
    """Announces to, and hears from, every node on the same Redis."""

    alone = False

    def __init__(self, url: str, node: str) -> None:
        self._node = node
        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=16,
            timeout=TIMEOUT_S,
            socket_timeout=None,
            socket_connect_timeout=TIMEOUT_S,
            retry=_Once(NoBackoff(), 0),
        )
        self._redis = Redis.from_pool(pool)
        self._ears = _Ears(self._redis, self._take)
        self._outgoing: deque[tuple[str, bytes, str]] = deque()
        self._something = asyncio.Event()

    def listen(self, conversation_id: str) -> None:
        """Hear of this conversation from now on."""
        self._ears.want(_channel(conversation_id))

    async def joined(self, conversation_id: str) -> None:
        """Wait until everything that is said of it from now on is heard; not long, and not while Redis is away."""
        with suppress(TimeoutError):
            async with asyncio.timeout(JOIN_S):
                await self._ears.heard_of(_channel(conversation_id))

    def forget(self, conversation_id: str) -> None:
        """No longer."""
        self._ears.unwant(_channel(conversation_id))

    def wake(self, conversation_id: str, seq: int) -> None:
        """A message was committed here."""
        self._say(conversation_id, _encoder.encode(_Wake(seq)), "")

    def tell(self, conversation_id: str, event: Said) -> None:
        """Something transient happened here."""
        stream = event.stream if isinstance(event, _OF_STREAM) else ""
        self._say(conversation_id, _encoder.encode(event), stream)

    async def stream_so_far(self, stream_id: str) -> list[AnyEvent]:
        """Everything told of a stream; empty when Redis does not know or does not answer."""
        try:
            async with asyncio.timeout(TIMEOUT_S):
                rows: Any = await self._redis.lrange(_stream_key(stream_id), 0, -1)
            return [_events.decode(row) for row in rows]
        except (*_FAILURES, msgspec.MsgspecError):
            return []

    async def run(self, receive: Receive) -> None:
        """Speak and hear until cancelled."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._speak())
                tasks.create_task(self._ears.run(receive))
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
            except Exception:  # noqa: BLE001  (whatever it was, the next batch may do better)
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

    def _take(self, channel: bytes, data: bytes, receive: Receive) -> None:
        try:
            envelope = _envelopes.decode(data)
            if envelope.node == self._node:
                return
            body = _bodies.decode(envelope.body)
        except msgspec.MsgspecError:
            UNREAD.inc()  # a node of another version; what matters is in the database too
            return
        conversation_id = channel.decode().removeprefix("mh:c:")
        try:
            if isinstance(body, _Wake):
                receive.woken(conversation_id, body.seq)
            else:
                receive.heard(conversation_id, body)
        except Exception:  # noqa: BLE001  (one bad announcement must not silence all others)
            _log.exception("fanout.not_received", conversation=conversation_id)


class _Ears:
    """The one connection that hears, over all its lives. Knows which channels Redis has confirmed."""

    def __init__(self, redis: Redis, take: Callable[[bytes, bytes, Receive], None]) -> None:
        self._redis = redis
        self._take = take
        self._wanted = {_ALL_NODES}
        self._touched: set[str] = set()
        """Wanted or no longer wanted since the subscriptions were last looked at."""
        self._asked: set[str] = set()
        """What this connection has asked for."""
        self._open: Counter[str] = Counter()
        """Requests that Redis has not confirmed yet."""
        self._changed = asyncio.Event()
        self._waiting: dict[str, asyncio.Future[None]] = {}
        self._connected = False

    def want(self, channel: str) -> None:
        """From now on."""
        self._wanted.add(channel)
        self._touched.add(channel)
        self._changed.set()

    def unwant(self, channel: str) -> None:
        """No longer."""
        self._wanted.discard(channel)
        self._touched.add(channel)
        self._changed.set()
        self._let_go(channel)

    async def heard_of(self, channel: str) -> None:
        """Return when Redis has confirmed the channel, or when it is away, or nobody wants it any more."""
        if not self._connected or channel not in self._wanted:
            return
        if channel in self._asked and not self._open[channel]:
            return
        waiting = self._waiting.get(channel)
        if waiting is None:
            waiting = self._waiting[channel] = asyncio.get_running_loop().create_future()
        await asyncio.wait([waiting])

    async def run(self, receive: Receive) -> None:
        """Connect, hear until cut, and again, until cancelled."""
        while True:
            try:
                await self._hear_until_cut(receive)
            except* Exception as errors:  # noqa: BLE001  (whatever it was, the next connection may do better)
                _log.warning("fanout.lost", reason=repr(errors.exceptions[0]))
            finally:
                self._forget_connection()
            await asyncio.sleep(PAUSE_S)

    def _forget_connection(self) -> None:
        CONNECTED.set(0)
        self._connected = False
        self._asked.clear()
        self._open.clear()
        waiting, self._waiting = self._waiting, {}
        for future in waiting.values():
            future.cancel()

    async def _hear_until_cut(self, receive: Receive) -> None:
        async with self._redis.pubsub() as pubsub:
            self._touched = set(self._wanted)
            await self._follow_once(pubsub)
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._follow(pubsub))
                await self._hear(pubsub, receive)

    async def _follow(self, pubsub: Any) -> None:
        """Keep the subscriptions in step with what is wanted here."""
        while True:
            await self._changed.wait()
            await self._follow_once(pubsub)

    async def _follow_once(self, pubsub: Any) -> None:
        self._changed.clear()
        touched, self._touched = self._touched, set()
        fresh = (touched & self._wanted) - self._asked
        stale = (touched & self._asked) - self._wanted
        self._asked |= fresh
        self._asked -= stale
        self._open.update(fresh)
        async with asyncio.timeout(TIMEOUT_S * 2):
            if fresh:
                await pubsub.subscribe(*fresh)
            if stale:
                await pubsub.unsubscribe(*stale)

    async def _hear(self, pubsub: Any, receive: Receive) -> None:
        silent = False
        while True:
            message = await pubsub.get_message(timeout=SILENCE_S)
            if message is not None:
                silent = False
                self._sort(message, receive)
            elif silent:
                raise TimeoutError
            else:
                silent = True
                async with asyncio.timeout(TIMEOUT_S):
                    await pubsub.ping()

    def _sort(self, message: dict[str, Any], receive: Receive) -> None:
        if message["type"] == "message":
            self._take(message["channel"], message["data"], receive)
        elif message["type"] == "subscribe":
            self._confirm(message["channel"].decode(), receive)

    def _confirm(self, channel: str, receive: Receive) -> None:
        self._open[channel] -= 1
        if self._open[channel] <= 0:
            del self._open[channel]
            self._let_go(channel)
        if not self._connected and not self._open:
            self._connected = True
            CONNECTED.set(1)
            receive.reconnected()

    def _let_go(self, channel: str) -> None:
        if waiting := self._waiting.pop(channel, None):
            waiting.cancel()


def _channel(conversation_id: str) -> str:
    return f"mh:c:{conversation_id}"


def _stream_key(stream_id: str) -> str:
    return f"mh:s:{stream_id}"
