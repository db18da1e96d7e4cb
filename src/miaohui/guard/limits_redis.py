"""Limits shared by all processes through Redis: one script, one round trip, on Redis's own clock.

When Redis does not answer, this process counts by itself: limits then hold per process, and nobody is turned away
because a counter is down.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from miaohui.guard.limits import Bucket, stand
from miaohui.guard.limits_memory import LimitsMemory
from miaohui.guard.types import Limit
from miaohui.kit import metrics
from miaohui.kit.clock import Clock
from miaohui.kit.telemetry import get_log

_PREFIX = "mh:limit:"
_ANSWER_S = 0.05
"""Redis may take so long; then this process counts."""
_PAUSE_S = 1.0
"""After a failure Redis is left alone for so long."""

_log = get_log(__name__)
_FAILED = metrics.counter(
    "miaohui_limits_unshared_total", "Limit checks that this process counted alone because Redis did not answer."
)

# ARGV: 1 to charge or 0 to look; then interval and capacity (microseconds) of each key. Returns, for each key, whether
# it has room and the microseconds until it is full. Redis numbers are doubles: microseconds since 1970 fit exactly.
_SCRIPT = """
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
local out, waits, all = {}, {}, true
for i, key in ipairs(KEYS) do
  local interval, capacity = tonumber(ARGV[2 * i]), tonumber(ARGV[2 * i + 1])
  local wait = math.max(0, tonumber(redis.call('GET', key) or 0) - now)
  local room = wait + interval <= capacity + 1
  waits[i] = wait
  out[2 * i - 1] = room and 1 or 0
  out[2 * i] = wait
  all = all and room
end
if all and ARGV[1] == '1' then
  for i, key in ipairs(KEYS) do
    local later = waits[i] + tonumber(ARGV[2 * i])
    redis.call('SET', key, string.format('%.0f', now + later), 'PX', math.ceil(later / 1000) + 1)
    out[2 * i] = later
  end
end
return out
"""


class LimitsRedis:
    """The memory twin does the counting while Redis is away."""

    def __init__(self, redis: Redis, clock: Clock, twin: LimitsMemory) -> None:
        self._script = redis.register_script(_SCRIPT)
        self._clock = clock
        self._twin = twin
        self._away_until = 0.0

    async def take(self, buckets: Sequence[Bucket]) -> list[Limit]:
        return await self._ask(buckets, charge=True)

    async def peek(self, buckets: Sequence[Bucket]) -> list[Limit]:
        return await self._ask(buckets, charge=False)

    async def _ask(self, buckets: Sequence[Bucket], *, charge: bool) -> list[Limit]:
        if self._clock.monotonic() >= self._away_until:
            try:
                async with asyncio.timeout(_ANSWER_S):
                    return await self._run(buckets, charge=charge)
            except (RedisError, OSError, TimeoutError) as error:
                self._away_until = self._clock.monotonic() + _PAUSE_S
                _log.warning("limits.redis_away", error=type(error).__name__)
        _FAILED.inc()
        return await (self._twin.take(buckets) if charge else self._twin.peek(buckets))

    async def _run(self, buckets: Sequence[Bucket], *, charge: bool) -> list[Limit]:
        intervals = [round(bucket.window_s / bucket.limit * 1_000_000) for bucket in buckets]
        arguments: list[int] = [int(charge)]
        for bucket, interval in zip(buckets, intervals, strict=True):
            arguments += [interval, interval * bucket.burst]
        answer: list[Any] = await self._script(keys=[_PREFIX + bucket.key for bucket in buckets], args=arguments)
        rooms, waits = answer[::2], answer[1::2]
        charged = charge and all(rooms)
        return [
            stand(bucket, wait / 1_000_000, allowed=charged or bool(room))
            for bucket, room, wait in zip(buckets, rooms, waits, strict=True)
        ]
