"""Answers kept in Redis, for all processes and over restarts. While Redis is away, nothing was kept and nothing is."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from hashlib import blake2b
from typing import TypeVar

import msgspec
from redis.asyncio import Redis
from redis.exceptions import RedisError

from miaohui.engines.cache_store import Kept
from miaohui.kit import metrics
from miaohui.kit.clock import Clock
from miaohui.kit.telemetry import get_log

T = TypeVar("T")

_PREFIX = "mh:answer:"
_PAUSE_S = 1.0
"""After a failure Redis is left alone for so long."""
_LARGEST = 262_144
_DIGEST_BYTES = 8
_SPREAD = 0.1

_log = get_log(__name__)
_FAILED = metrics.counter(
    "miaohui_answer_cache_away_total", "Answers neither looked for nor kept in Redis, because it did not answer."
)
_encode = msgspec.msgpack.Encoder().encode
_decoder = msgspec.msgpack.Decoder(Kept)


class CacheRedis:
    """See `engines.cache_store.AnswerStore`."""

    name = "redis"

    def __init__(self, redis: Redis, clock: Clock, *, keep_s: float = 3_600.0, answer_s: float = 0.05) -> None:
        """`answer_s`: Redis may take so long; asking the provider takes ten times that."""
        self._redis = redis
        self._clock = clock
        self._keep_s = keep_s
        self._answer_s = answer_s
        self._away_until = 0.0

    async def find(self, key: str) -> Kept | None:
        value = await self._ask(self._redis.get(_PREFIX + key))
        if not isinstance(value, bytes):
            return None
        kept = _read(value)
        if kept is None:
            _log.warning("answer_cache.damaged", key=key)
            await self._ask(self._redis.delete(_PREFIX + key))
        return kept

    async def keep(self, key: str, kept: Kept) -> None:
        body = _encode(kept)
        if len(body) <= _LARGEST:
            await self._ask(self._redis.set(_PREFIX + key, _digest(body) + body, px=self._lifetime_ms(key)))

    def _lifetime_ms(self, key: str) -> int:
        """Within a tenth of the setting, by the key: what was kept at once does not expire at once."""
        part = int.from_bytes(blake2b(key.encode(), digest_size=4).digest(), "big") / 0xFFFFFFFF
        return max(1, round(self._keep_s * 1000 * (1 - _SPREAD + 2 * _SPREAD * part)))

    async def _ask(self, command: Awaitable[T]) -> T | None:
        if self._clock.monotonic() >= self._away_until:
            try:
                async with asyncio.timeout(self._answer_s):
                    return await command
            except (RedisError, OSError, TimeoutError) as error:
                self._away_until = self._clock.monotonic() + _PAUSE_S
                _log.warning("answer_cache.redis_away", error=type(error).__name__)
        elif asyncio.iscoroutine(command):
            command.close()
        _FAILED.inc()
        return None


def _read(value: bytes) -> Kept | None:
    """None when it is not what was written."""
    body = value[_DIGEST_BYTES:]
    if value[:_DIGEST_BYTES] != _digest(body):
        return None
    try:
        return _decoder.decode(body)
    except msgspec.DecodeError:
        return None


def _digest(body: bytes) -> bytes:
    return blake2b(body, digest_size=_DIGEST_BYTES).digest()
