"""News of routes through Redis, on Redis's own clock."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Literal, cast

from redis.asyncio import Redis
from redis.exceptions import RedisError

from miaohui.engines.news import RouteNews
from miaohui.kit.aio import launch
from miaohui.kit.clock import Clock
from miaohui.kit.telemetry import get_log

_PREFIX = "mh:route:"
_ANSWER_S = 0.25
_PAUSE_S = 1.0
"""After a failure Redis is left alone for so long."""
_KEPT_MS = 60_000
"""So long after the rest is over the news is still told."""

_log = get_log(__name__)

# KEYS: the route, the counter of versions. ARGV: phase, rest (ms), openings, how long it is kept (ms).
_TELL = """
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local version = redis.call('INCR', KEYS[2])
redis.call('HSET', KEYS[1], 'phase', ARGV[1], 'until', now + ARGV[2], 'openings', ARGV[3], 'version', version)
redis.call('PEXPIRE', KEYS[1], ARGV[2] + ARGV[4])
return version
"""
# KEYS: routes. Returns for each that has news: its place, phase, rest (ms), openings, version.
_LOOK = """
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local found = {}
for i, key in ipairs(KEYS) do
  local held = redis.call('HMGET', key, 'phase', 'until', 'openings', 'version')
  if held[1] then
    found[#found + 1] = {i, held[1], math.max(0, held[2] - now), tonumber(held[3]), tonumber(held[4])}
  end
end
return found
"""
# KEYS: the probe's lease. ARGV: node, how long (ms). Who has it may have it again: two probes in a row must pass.
_LEASE = """
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
"""


class RedisNews:
    """`node` is this start of this process."""

    def __init__(self, redis: Redis, clock: Clock, node: str) -> None:
        self._clock = clock
        self._node = node
        self._tell = redis.register_script(_TELL)
        self._look = redis.register_script(_LOOK)
        self._lease = redis.register_script(_LEASE)
        self._away_until = 0.0

    def tell(self, news: RouteNews) -> None:
        launch(self._put(news), name="engine-news")

    async def _put(self, news: RouteNews) -> None:
        arguments = [news.phase, round(news.rests_s * 1000), news.openings, _KEPT_MS]
        try:
            async with asyncio.timeout(_ANSWER_S * 4):
                await self._tell(keys=[_PREFIX + news.route, _PREFIX + "version"], args=arguments)
        except (RedisError, OSError, TimeoutError) as error:
            self._leave(error)

    async def look(self, routes: Sequence[str]) -> Sequence[RouteNews]:
        if not routes or self._clock.monotonic() < self._away_until:
            return ()
        try:
            async with asyncio.timeout(_ANSWER_S):
                found: Any = await self._look(keys=[_PREFIX + route for route in routes])
        except (RedisError, OSError, TimeoutError) as error:
            self._leave(error)
            return ()
        return [_read(routes, row) for row in found]

    async def lease(self, route: str, seconds: float) -> bool:
        if self._clock.monotonic() < self._away_until:
            return True
        try:
            async with asyncio.timeout(_ANSWER_S):
                key = f"{_PREFIX}{route}:probe"
                mine = await self._lease(keys=[key], args=[self._node, round(seconds * 1000)])
        except (RedisError, OSError, TimeoutError) as error:
            self._leave(error)
            return True
        return bool(mine)

    def _leave(self, error: Exception) -> None:
        self._away_until = self._clock.monotonic() + _PAUSE_S
        _log.warning("engine_news.redis_away", error=type(error).__name__)


def _read(routes: Sequence[str], row: Sequence[Any]) -> RouteNews:
    place, phase, rests_ms, openings, version = row
    return RouteNews(
        route=routes[place - 1],
        phase=cast("Literal['open', 'ramp']", phase.decode()),
        rests_s=rests_ms / 1000,
        openings=openings,
        version=version,
    )
