"""One suite for every way to keep a provider's limits, and one against the other."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from itertools import count

import pytest
from redis.asyncio import Redis
from tests.support.clock import ManualClock
from tests.support.servers import RedisServer

from miaohui.engines import limits_memory, limits_redis
from miaohui.engines.limits import Limits, Quota, Room
from miaohui.engines.limits_memory import LimitsMemory
from miaohui.engines.limits_redis import LimitsRedis
from miaohui.kit.clock import SystemClock

_numbers = count()


@pytest.fixture(params=["memory", "redis"])
async def limits(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Limits]:
    for module in (limits_memory, limits_redis):
        monkeypatch.setattr(module, "WINDOW_S", 0.3)
        monkeypatch.setattr(module, "SECOND_S", 0.05)
    clock = SystemClock()
    if request.param == "memory":
        yield LimitsMemory(clock)
        return
    redis = Redis.from_url(request.getfixturevalue("redis_url"))
    await redis.ping()
    yield LimitsRedis(redis, clock, LimitsMemory(clock, share=0.01))
    await asyncio.sleep(0.02)
    await redis.aclose()


def quota(rpm: int = 0, tpm: int = 0, *, smooth: bool = False) -> Quota:
    return Quota(f"test:{time.monotonic_ns()}:{next(_numbers)}", rpm, tpm, smooth)


def attempt() -> str:
    return f"att_{time.monotonic_ns()}_{next(_numbers)}"


async def test_so_many_requests_as_allowed_pass_in_a_window_and_then_room_comes_back(limits: Limits) -> None:
    mine = quota(rpm=3)
    waits = [await limits.reserve(mine, attempt(), 0) for _ in range(4)]
    assert waits[:3] == [0, 0, 0]
    assert 0 < waits[3] <= 0.3
    await asyncio.sleep(waits[3] + 0.01)
    assert await limits.reserve(mine, attempt(), 0) == 0


async def test_what_is_not_limited_always_passes(limits: Limits) -> None:
    assert {await limits.reserve(quota(), attempt(), 10**9) for _ in range(5)} == {0}


async def test_quotas_do_not_mix(limits: Limits) -> None:
    one, other = quota(rpm=1), quota(rpm=1)
    assert await limits.reserve(one, attempt(), 0) == 0
    assert await limits.reserve(other, attempt(), 0) == 0
    assert await limits.reserve(one, attempt(), 0) > 0


async def test_tokens_are_taken_and_what_was_not_used_comes_back_once(limits: Limits) -> None:
    mine, first = quota(tpm=600), attempt()
    assert await limits.reserve(mine, first, 600) == 0
    wait = await limits.reserve(mine, attempt(), 100)
    assert 8 < wait <= 10
    for _ in range(2):
        limits.settle(mine, first, 300)
        await asyncio.sleep(0.02)
    room = await limits.room(mine)
    assert room.tokens is not None
    assert 300 <= room.tokens < 320


async def test_more_tokens_than_reserved_are_owed(limits: Limits) -> None:
    mine, first = quota(tpm=600), attempt()
    await limits.reserve(mine, first, 300)
    limits.settle(mine, first, 500)
    await asyncio.sleep(0.02)
    assert await limits.reserve(mine, attempt(), 200) > 5


async def test_a_request_larger_than_a_minute_takes_all_of_it_and_passes(limits: Limits) -> None:
    mine = quota(tpm=100)
    assert await limits.reserve(mine, attempt(), 10_000) == 0
    assert await limits.reserve(mine, attempt(), 1) > 0


async def test_a_refused_request_takes_nothing(limits: Limits) -> None:
    mine = quota(rpm=5, tpm=100)
    await limits.reserve(mine, attempt(), 100)
    for _ in range(6):
        assert await limits.reserve(mine, attempt(), 100) > 0
    assert (await limits.room(mine)).requests == 4


async def test_some_limits_hold_in_each_second_too(limits: Limits) -> None:
    mine = quota(rpm=120, smooth=True)
    waits = [await limits.reserve(mine, attempt(), 0) for _ in range(3)]
    assert waits[:2] == [0, 0]
    assert 0 < waits[2] <= 0.05
    await asyncio.sleep(0.06)
    assert await limits.reserve(mine, attempt(), 0) == 0


async def test_room_is_told_and_not_taken(limits: Limits) -> None:
    mine = quota(rpm=2, tpm=1000)
    assert await limits.room(mine) == Room(requests=2, tokens=1000)
    await limits.reserve(mine, attempt(), 400)
    room = await limits.room(mine)
    assert (room.requests, room.tokens is not None and 600 <= room.tokens < 620) == (1, True)
    assert await limits.room(quota()) == Room(requests=None, tokens=None)


async def test_in_no_window_more_pass_than_allowed(limits: Limits) -> None:
    mine, passed = quota(rpm=7), []
    until = time.monotonic() + 0.9
    while time.monotonic() < until:
        before = time.monotonic()
        if not await limits.reserve(mine, attempt(), 0):
            passed.append((before, time.monotonic()))
        await asyncio.sleep(0.004)
    assert 14 <= len(passed) <= 28
    spans = [passed[i + 7][1] - passed[i][0] for i in range(len(passed) - 7)]
    assert min(spans) >= 0.299


async def test_alone_a_process_uses_only_its_share() -> None:
    clock = ManualClock()
    limits = LimitsMemory(clock, share=0.25)
    mine = Quota("k", rpm=8, tpm=800)
    assert [await limits.reserve(mine, attempt(), 50) > 0 for _ in range(3)] == [False, False, True]
    assert await limits.room(mine) == Room(requests=0, tokens=100)


async def test_f44_redis_down_or_without_its_scripts_never_fails_a_request(redis_server: RedisServer) -> None:
    redis = Redis.from_url(redis_server.url, socket_connect_timeout=0.2)
    clock = ManualClock()
    limits = LimitsRedis(redis, clock, LimitsMemory(clock, share=0.5))
    mine = quota(rpm=4, tpm=10_000)
    assert await limits.reserve(mine, attempt(), 10) == 0
    await redis.script_flush()
    assert await limits.reserve(mine, attempt(), 10) == 0
    redis_server.kill()
    try:
        alone = [await limits.reserve(mine, attempt(), 10) > 0 for _ in range(3)]
        assert alone == [False, False, True]
        assert (await limits.room(mine)).requests == 0
        limits.settle(mine, "att_x", 1)
    finally:
        redis_server.start()
    clock.advance(2)
    assert await limits.reserve(mine, attempt(), 10) == 0
    await redis.aclose()


async def test_f44_a_redis_that_hangs_costs_one_short_wait_and_then_none() -> None:
    async def swallow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(swallow, "127.0.0.1", 0)
    redis = Redis.from_url(f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    limits = LimitsRedis(redis, SystemClock(), LimitsMemory(SystemClock()))
    began = time.monotonic()
    assert [await limits.reserve(quota(rpm=9), attempt(), 1) for _ in range(5)] == [0] * 5
    assert time.monotonic() - began < 0.3
    await redis.aclose()
    server.close()


async def test_f47_a_jump_of_the_wall_clock_changes_nothing() -> None:
    class Jumping(ManualClock):
        def now_ms(self) -> int:
            return super().now_ms() + (3_600_000 if self.monotonic() > 1_010 else -3_600_000)

    clock = Jumping()
    limits, mine = LimitsMemory(clock), Quota("k", rpm=1)
    assert await limits.reserve(mine, attempt(), 0) == 0
    clock.advance(20)
    assert 40 < await limits.reserve(mine, attempt(), 0) < 41
