"""Short-term memory in Redis, so that any process may take the next turn: one list per conversation, which expires."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import msgspec
from redis.asyncio import Redis
from redis.exceptions import RedisError

from miaohui.memory.types import Exchange

_PREFIX = "mh:turns:"
_NOTHING_YET = b""
"""First item of a list: Redis keeps no empty ones, and a new conversation must be told from one not kept."""

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(tuple[str, str]).decode


class ShortTermRedis:
    """Each call is one round trip. Raises what the client raises; the caller has a deadline and another source."""

    failures: ClassVar[tuple[type[Exception], ...]] = (RedisError,)
    local: ClassVar[bool] = False

    def __init__(self, redis: Redis, *, turns: int = 10, idle_s: float = 1_800.0) -> None:
        self._redis = redis
        self._turns = turns
        self._idle_ms = max(1, int(idle_s * 1000))

    async def find(self, conversation_id: str) -> tuple[Exchange, ...] | None:
        key = _PREFIX + conversation_id
        async with self._pipeline(transaction=False) as pipe:
            pipe.lrange(key, 0, -1)
            pipe.pexpire(key, self._idle_ms)
            items: list[bytes] = (await pipe.execute())[0]
        if not items:
            return None
        return tuple(Exchange(*_decode(item)) for item in items if item != _NOTHING_YET)

    async def fill(self, conversation_id: str, exchanges: Sequence[Exchange]) -> None:
        key = _PREFIX + conversation_id
        items: list[Any] = [_NOTHING_YET, *map(_encode_exchange, exchanges)]
        async with self._pipeline(transaction=True) as pipe:
            pipe.delete(key)
            pipe.rpush(key, *items)
            self._trim(pipe, key)
            await pipe.execute()

    async def append(self, conversation_id: str, exchange: Exchange) -> None:
        key = _PREFIX + conversation_id
        async with self._pipeline(transaction=True) as pipe:
            pipe.rpushx(key, _encode_exchange(exchange))
            self._trim(pipe, key)
            await pipe.execute()

    async def forget(self, conversation_id: str) -> None:
        await self._redis.delete(_PREFIX + conversation_id)

    async def sweep(self) -> int:
        """Redis forgets by itself."""
        return 0

    def _pipeline(self, *, transaction: bool) -> Any:
        """Any, because redis-py types a queued command as if it were awaited."""
        return self._redis.pipeline(transaction=transaction)

    def _trim(self, pipe: Any, key: str) -> None:
        pipe.ltrim(key, -self._turns, -1)
        pipe.pexpire(key, self._idle_ms)


def _encode_exchange(exchange: Exchange) -> bytes:
    return _encode((exchange.question, exchange.answer))
