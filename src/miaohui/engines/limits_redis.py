"""Limits shared by all processes through Redis: one script, one round trip, on Redis's own clock.

When Redis does not answer, this process counts by itself with its share of each quota: no request waits for a counter
that is down, and none is refused because of it.
"""

from __future__ import annotations

import asyncio
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from miaohui.engines.limits import KEPT_S, SECOND_S, WINDOW_S, Quota, Room
from miaohui.engines.limits_memory import LimitsMemory
from miaohui.kit import metrics
from miaohui.kit.aio import launch
from miaohui.kit.clock import Clock
from miaohui.kit.telemetry import get_log

_PREFIX = "mh:engine:"
_ANSWER_S = 0.05
"""Redis may take so long; then this process counts."""
_PAUSE_S = 1.0
"""After a failure Redis is left alone for so long."""

_log = get_log(__name__)
_ALONE = metrics.counter(
    "miaohui_engine_limits_unshared_total", "Reservations counted by this process alone: Redis did not answer."
)

# KEYS: times of requests (a list, the latest first), the token bucket (a hash), the reservation. ARGV: rpm, requests a
# second, tpm, wanted tokens, window, second (both microseconds), life of a reservation (ms). Returns microseconds to
# wait. The list never holds more than `rpm` times, so the first that counts is always its last.
_RESERVE = """
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
local rpm, few, tpm, wanted = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local wait, tokens = 0, 0
if rpm > 0 then
  local first = redis.call('LINDEX', KEYS[1], rpm - 1)
  if first then wait = math.max(wait, tonumber(first) + tonumber(ARGV[5]) - now) end
  if few > 0 then
    local late = redis.call('LINDEX', KEYS[1], few - 1)
    if late then wait = math.max(wait, tonumber(late) + tonumber(ARGV[6]) - now) end
  end
end
if tpm > 0 then
  local held = redis.call('HMGET', KEYS[2], 'tokens', 'at')
  tokens = math.min(tpm, tonumber(held[1] or tpm) + (now - tonumber(held[2] or now)) * tpm / 60000000)
  wanted = math.min(wanted, tpm)
  wait = math.max(wait, (wanted - tokens) * 60000000 / tpm)
end
if wait > 0 then return math.ceil(wait) end
if rpm > 0 then
  redis.call('LPUSH', KEYS[1], string.format('%.0f', now))
  redis.call('LTRIM', KEYS[1], 0, rpm - 1)
  redis.call('PEXPIRE', KEYS[1], math.ceil(tonumber(ARGV[5]) / 1000))
end
if tpm > 0 then
  redis.call('HSET', KEYS[2], 'tokens', string.format('%.3f', tokens - wanted), 'at', string.format('%.0f', now))
  redis.call('PEXPIRE', KEYS[2], 120000)
  redis.call('SET', KEYS[3], wanted, 'PX', ARGV[7])
end
return 0
"""
# KEYS: the token bucket, the reservation. ARGV: tokens used. A reservation is taken away with its first settlement.
_SETTLE = """
local wanted = redis.call('GET', KEYS[2])
if not wanted then return 0 end
redis.call('DEL', KEYS[2])
if redis.call('EXISTS', KEYS[1]) == 1 then
  redis.call('HINCRBYFLOAT', KEYS[1], 'tokens', tonumber(wanted) - tonumber(ARGV[1]))
end
return 1
"""


class LimitsRedis:
    """The memory twin, with this process's share, does the counting while Redis is away."""

    def __init__(self, redis: Redis, clock: Clock, twin: LimitsMemory) -> None:
        self._redis = redis
        self._reserve = redis.register_script(_RESERVE)
        self._settle = redis.register_script(_SETTLE)
        self._clock = clock
        self._twin = twin
        self._away_until = 0.0

    async def reserve(self, quota: Quota, attempt_id: str, tokens: int) -> float:
        if not quota.rpm and not quota.tpm:
            return 0.0
        if self._clock.monotonic() >= self._away_until:
            try:
                async with asyncio.timeout(_ANSWER_S):
                    return await self._ask(quota, attempt_id, tokens)
            except (RedisError, OSError, TimeoutError) as error:
                self._leave(error)
        _ALONE.inc()
        return await self._twin.reserve(quota, attempt_id, tokens)

    async def _ask(self, quota: Quota, attempt_id: str, tokens: int) -> float:
        name = _PREFIX + quota.key
        keys = [f"{name}:requests", f"{name}:tokens", _PREFIX + attempt_id]
        window, second = round(WINDOW_S * 1_000_000), round(SECOND_S * 1_000_000)
        times = [quota.rpm, quota.per_second, quota.tpm, tokens, window, second, round(KEPT_S * 1000)]
        wait_us: Any = await self._reserve(keys=keys, args=times)
        return int(wait_us) / 1_000_000

    def _leave(self, error: Exception) -> None:
        self._away_until = self._clock.monotonic() + _PAUSE_S
        _log.warning("engine_limits.redis_away", error=type(error).__name__)

    def settle(self, quota: Quota, attempt_id: str, tokens: int) -> None:
        if not quota.tpm:
            return
        self._twin.settle(quota, attempt_id, tokens)
        if self._clock.monotonic() >= self._away_until:
            launch(self._give_back(quota, attempt_id, tokens), name="engine-settle")

    async def _give_back(self, quota: Quota, attempt_id: str, tokens: int) -> None:
        try:
            async with asyncio.timeout(_ANSWER_S * 10):
                await self._settle(keys=[f"{_PREFIX}{quota.key}:tokens", _PREFIX + attempt_id], args=[tokens])
        except (RedisError, OSError, TimeoutError) as error:
            self._leave(error)

    async def room(self, quota: Quota) -> Room:
        if self._clock.monotonic() < self._away_until:
            return await self._twin.room(quota)
        try:
            async with asyncio.timeout(_ANSWER_S * 10):
                return await self._look(quota)
        except (RedisError, OSError, TimeoutError) as error:
            self._leave(error)
            return await self._twin.room(quota)

    async def _look(self, quota: Quota) -> Room:
        name = _PREFIX + quota.key
        requests = tokens = None
        seconds, micros = await self._redis.time()
        now_us = seconds * 1_000_000 + micros
        if quota.rpm:
            at: list[Any] = await self._redis.lrange(f"{name}:requests", 0, -1)
            oldest = now_us - WINDOW_S * 1_000_000
            requests = max(0, quota.rpm - sum(1 for one in at if int(one) > oldest))
        if quota.tpm:
            held: list[Any] = await self._redis.hmget(f"{name}:tokens", ["tokens", "at"])
            full = held[0] is None
            grown = 0.0 if full else (now_us - int(held[1])) * quota.tpm / 60_000_000
            tokens = quota.tpm if full else int(max(0.0, min(quota.tpm, float(held[0]) + grown)))
        return Room(requests=requests, tokens=tokens)
