"""One suite for every place where answers are kept, then what is particular to each."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from itertools import count

import msgspec
import pytest
from redis.asyncio import Redis
from tests.support.servers import RedisServer, free_port

from miaohui.engines.cache_memory import CacheMemory, MemoryBounds
from miaohui.engines.cache_redis import CacheRedis
from miaohui.engines.cache_store import AnswerStore, Kept
from miaohui.kit.clock import SystemClock
from miaohui.testing.clock import FakeClock

_numbers = count()
KEPT = Kept(text="签收后七天内可以退货。[1] 😀", route="sim", output_tokens=9, knowledge_version=3, kept_at_ms=1_000)


def new_key() -> str:
    return f"{time.monotonic_ns()}-{next(_numbers)}"


@pytest.fixture(params=["memory", "redis"])
async def store(request: pytest.FixtureRequest) -> AsyncIterator[AnswerStore]:
    if request.param == "memory":
        yield CacheMemory(SystemClock(), MemoryBounds(keep_s=0.05))
        return
    redis = Redis.from_url(request.getfixturevalue("redis_url"))
    yield CacheRedis(redis, SystemClock(), keep_s=0.05, answer_s=5)
    await redis.aclose()


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    client = Redis.from_url(redis_url)
    yield client
    await client.aclose()


async def test_what_was_kept_is_found_whole_and_under_its_own_key_only(store: AnswerStore) -> None:
    key = new_key()
    await store.keep(key, KEPT)
    assert await store.find(key) == KEPT
    assert await store.find(new_key()) is None


async def test_a_newer_answer_takes_the_place_of_the_older(store: AnswerStore) -> None:
    key, newer = new_key(), msgspec.structs.replace(KEPT, text="八天。")
    await store.keep(key, KEPT)
    await store.keep(key, newer)
    assert await store.find(key) == newer


async def test_an_answer_is_gone_when_its_time_is_over(store: AnswerStore) -> None:
    key = new_key()
    await store.keep(key, KEPT)
    time.sleep(0.06)  # noqa: ASYNC251 -- both clocks are real here
    assert await store.find(key) is None


async def test_time_is_counted_from_keeping_and_not_from_finding() -> None:
    clock = FakeClock()
    memory = CacheMemory(clock, MemoryBounds(keep_s=300))
    await memory.keep("a", KEPT)
    clock.advance(299)
    assert await memory.find("a") == KEPT
    clock.advance(1)
    assert await memory.find("a") is None
    assert (len(memory), memory.bytes) == (0, 0)


async def test_the_least_recently_used_goes_first() -> None:
    memory = CacheMemory(FakeClock(), MemoryBounds(entries=2))
    await memory.keep("a", KEPT)
    await memory.keep("b", KEPT)
    assert await memory.find("a")
    await memory.keep("c", KEPT)
    assert [await memory.find(key) is not None for key in "abc"] == [True, False, True]


async def test_bytes_are_bounded_whatever_the_number_of_answers() -> None:
    memory = CacheMemory(FakeClock(), MemoryBounds(total_bytes=10_000))
    for n in range(50):
        await memory.keep(str(n), msgspec.structs.replace(KEPT, text="长" * 500))
        assert memory.bytes <= 10_000
    assert 3 <= len(memory) <= 10
    await memory.keep("huge", msgspec.structs.replace(KEPT, text="长" * 6_000))
    assert await memory.find("huge") is None
    assert len(memory) >= 3


async def test_replacing_an_answer_does_not_count_it_twice() -> None:
    memory = CacheMemory(FakeClock())
    await memory.keep("a", KEPT)
    once = memory.bytes
    await memory.keep("a", KEPT)
    assert (len(memory), memory.bytes) == (1, once)


async def test_lifetimes_in_redis_lie_within_a_tenth_and_differ(redis: Redis) -> None:
    store = CacheRedis(redis, SystemClock(), answer_s=5)
    keys = [new_key() for _ in range(40)]
    for key in keys:
        await store.keep(key, KEPT)
    lives = [await redis.pttl("mh:answer:" + key) for key in keys]
    assert all(3_230_000 <= life <= 3_960_000 for life in lives)
    assert max(lives) - min(lives) > 200_000


@pytest.mark.parametrize("damage", [b"", b"\0" * 40, b"half"])
async def test_a_damaged_value_is_a_miss_and_is_removed(redis: Redis, damage: bytes) -> None:
    store, key = CacheRedis(redis, SystemClock(), answer_s=5), new_key()
    await store.keep(key, KEPT)
    assert await store.find(key) == KEPT
    await redis.set("mh:answer:" + key, damage)
    assert await store.find(key) is None
    assert not await redis.exists("mh:answer:" + key)


async def test_one_flipped_bit_is_noticed(redis: Redis) -> None:
    store, key = CacheRedis(redis, SystemClock(), answer_s=5), new_key()
    await store.keep(key, KEPT)
    written = await redis.get("mh:answer:" + key)
    assert isinstance(written, bytes)
    value = bytearray(written)
    value[-3] ^= 1
    await redis.set("mh:answer:" + key, bytes(value))
    assert await store.find(key) is None


async def test_a_value_of_another_form_is_a_miss(redis: Redis) -> None:
    from miaohui.engines import cache_redis

    body = msgspec.msgpack.encode({"text": 5})
    store, key = CacheRedis(redis, SystemClock(), answer_s=5), new_key()
    await redis.set("mh:answer:" + key, cache_redis._digest(body) + body)
    assert await store.find(key) is None


async def test_without_redis_everything_is_a_miss_and_nothing_waits_twice() -> None:
    redis = Redis.from_url(f"redis://127.0.0.1:{free_port()}/0", socket_connect_timeout=0.05)
    clock = FakeClock()
    store = CacheRedis(redis, clock)
    await store.keep("a", KEPT)
    began = time.perf_counter()
    for _ in range(100):
        assert await store.find("a") is None
    assert time.perf_counter() - began < 0.05
    await redis.aclose()


async def test_redis_is_used_again_when_it_is_back() -> None:
    server = RedisServer()
    redis = Redis.from_url(server.url, socket_connect_timeout=0.05)
    clock = FakeClock()
    store = CacheRedis(redis, clock, answer_s=5)
    assert await store.find("a") is None
    server.start()
    try:
        await store.keep("a", KEPT)
        assert await store.find("a") is None
        clock.advance(1.1)
        await store.keep("a", KEPT)
        assert await store.find("a") == KEPT
    finally:
        server.kill()
        await redis.aclose()
