"""One suite for every way to count limits."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from itertools import count

import pytest
from redis.asyncio import Redis

from miaohui.guard.limits import Bucket, Limits
from miaohui.guard.limits_memory import LimitsMemory
from miaohui.guard.limits_redis import LimitsRedis
from miaohui.kit.clock import SystemClock

_numbers = count()


class StoppedClock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def now_ms(self) -> int:
        return int(self.now * 1000)

    def monotonic(self) -> float:
        return self.now


@pytest.fixture(params=["memory", "redis"])
async def limits(request: pytest.FixtureRequest) -> AsyncIterator[Limits]:
    clock = SystemClock()
    if request.param == "memory":
        yield LimitsMemory(clock)
        return
    redis = Redis.from_url(request.getfixturevalue("redis_url"))
    yield LimitsRedis(redis, clock, LimitsMemory(clock, most=0))
    await redis.aclose()


def bucket(name: str = "visitor", limit: int = 60, burst: int = 3, window_s: int = 60) -> Bucket:
    return Bucket(name, f"{name}:{time.monotonic_ns()}:{next(_numbers)}", limit, burst, window_s)


async def test_a_burst_passes_and_the_next_is_told_when_to_come_back(limits: Limits) -> None:
    mine = bucket(limit=60, burst=3)
    standings = [(await limits.take([mine]))[0] for _ in range(4)]
    assert [standing.allowed for standing in standings] == [True, True, True, False]
    assert [standing.remaining for standing in standings] == [2, 1, 0, 0]
    assert 0.5 < standings[3].retry_after_s <= 1.0
    assert standings[0].retry_after_s == 0.0
    assert (standings[0].limit, standings[0].window_s, standings[0].name) == (60, 60, "visitor")


async def test_room_comes_back_at_the_rate_of_the_limit(limits: Limits) -> None:
    mine = bucket(limit=200, burst=1)
    assert (await limits.take([mine]))[0].allowed
    assert not (await limits.take([mine]))[0].allowed
    await asyncio.sleep((await limits.peek([mine]))[0].retry_after_s + 0.01)
    assert (await limits.take([mine]))[0].allowed


async def test_when_one_bucket_refuses_none_is_charged(limits: Limits) -> None:
    mine, tenants = bucket(burst=1), bucket("tenant", burst=5)
    await limits.take([mine, tenants])
    refused = await limits.take([mine, tenants])
    assert [standing.allowed for standing in refused] == [False, True]
    assert (await limits.peek([tenants]))[0].remaining == 4


async def test_a_look_charges_nothing(limits: Limits) -> None:
    mine = bucket(burst=1)
    for _ in range(3):
        assert (await limits.peek([mine]))[0].allowed
    assert (await limits.take([mine]))[0].allowed
    assert not (await limits.peek([mine]))[0].allowed


async def test_one_visitors_limit_is_not_anothers(limits: Limits) -> None:
    one, other = bucket(burst=1), bucket(burst=1)
    assert (await limits.take([one]))[0].allowed
    assert (await limits.take([other]))[0].allowed


async def test_memory_is_bounded_and_lets_go_of_full_buckets_first() -> None:
    clock = StoppedClock()
    limits = LimitsMemory(clock, most=4)
    used = bucket(limit=1, burst=2)
    await limits.take([used])
    for _ in range(3):
        await limits.take([bucket(limit=6_000)])
    clock.now += 1
    for _ in range(3):
        await limits.take([bucket(limit=6_000)])
    assert len(limits._full_at) <= 4
    assert (await limits.peek([used]))[0].remaining == 1


async def test_without_redis_this_process_counts_alone() -> None:
    redis = Redis.from_url("redis://127.0.0.1:1/0")
    limits = LimitsRedis(redis, SystemClock(), LimitsMemory(SystemClock()))
    mine = bucket(burst=2)
    assert [(await limits.take([mine]))[0].allowed for _ in range(3)] == [True, True, False]
    await redis.aclose()
