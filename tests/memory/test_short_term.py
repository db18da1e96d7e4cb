"""One suite for every short-term memory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import count

import pytest
from redis.asyncio import Redis
from tests.support.clock import ManualClock

from miaohui.kit.clock import SystemClock
from miaohui.kit.ids import new_id
from miaohui.memory.short_term import ShortTerm
from miaohui.memory.short_term_memory import ShortTermMemory
from miaohui.memory.short_term_redis import ShortTermRedis
from miaohui.memory.types import Exchange

IDLE_S = 60.0
Age = Callable[[str, float], Awaitable[None]]
"""Lets so many seconds pass for a conversation."""

_numbers = count()


def said(number: int) -> Exchange:
    return Exchange(f"问 {number}", f"答 {number}")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture(params=["memory", "redis"])
async def aged(request: pytest.FixtureRequest, clock: ManualClock) -> AsyncIterator[tuple[ShortTerm, Age]]:
    async def pass_here(_: str, seconds: float) -> None:
        clock.advance(seconds)

    if request.param == "memory":
        yield ShortTermMemory(clock, turns=3, idle_s=IDLE_S), pass_here
        return
    redis: Redis = Redis.from_url(request.getfixturevalue("redis_url"))

    async def pass_there(conversation: str, seconds: float) -> None:
        (key,) = await redis.keys(f"*{conversation}")
        await redis.pexpire(key, await redis.pttl(key) - int(seconds * 1000))

    yield ShortTermRedis(redis, turns=3, idle_s=IDLE_S), pass_there
    await redis.aclose()


@pytest.fixture
def short_term(aged: tuple[ShortTerm, Age]) -> ShortTerm:
    return aged[0]


async def test_an_unknown_conversation_is_not_an_empty_one(short_term: ShortTerm) -> None:
    known, unknown = new_id("conv"), new_id("conv")
    await short_term.fill(known, [])
    assert await short_term.find(known) == ()
    assert await short_term.find(unknown) is None


async def test_exchanges_come_back_oldest_first(short_term: ShortTerm) -> None:
    conversation = new_id("conv")
    await short_term.fill(conversation, [said(1)])
    await short_term.append(conversation, said(2))
    assert await short_term.find(conversation) == (said(1), said(2))


async def test_only_the_last_turns_are_kept(short_term: ShortTerm) -> None:
    conversation = new_id("conv")
    await short_term.fill(conversation, [])
    for number in range(5):
        await short_term.append(conversation, said(number))
    assert await short_term.find(conversation) == (said(2), said(3), said(4))


async def test_filling_keeps_only_the_last_turns_and_replaces(short_term: ShortTerm) -> None:
    conversation = new_id("conv")
    await short_term.fill(conversation, [said(9)])
    await short_term.fill(conversation, [said(number) for number in range(5)])
    assert await short_term.find(conversation) == (said(2), said(3), said(4))


async def test_one_exchange_is_not_taken_for_all_that_was_said(short_term: ShortTerm) -> None:
    conversation = new_id("conv")
    await short_term.append(conversation, said(1))
    assert await short_term.find(conversation) is None


async def test_an_idle_conversation_is_forgotten(aged: tuple[ShortTerm, Age]) -> None:
    (short_term, age), conversation = aged, new_id("conv")
    await short_term.fill(conversation, [said(1)])
    await age(conversation, IDLE_S * 1.5)
    assert await short_term.find(conversation) is None


async def test_use_keeps_a_conversation_from_being_idle(aged: tuple[ShortTerm, Age]) -> None:
    (short_term, age), conversation = aged, new_id("conv")
    await short_term.fill(conversation, [said(1)])
    for _ in range(4):
        await age(conversation, IDLE_S / 2)
        assert await short_term.find(conversation) == (said(1),)


async def test_a_forgotten_conversation_is_gone(short_term: ShortTerm) -> None:
    conversation = new_id("conv")
    await short_term.fill(conversation, [said(1)])
    await short_term.forget(conversation)
    assert await short_term.find(conversation) is None


async def test_conversations_do_not_mix(short_term: ShortTerm) -> None:
    one, other = new_id("conv"), new_id("conv")
    await short_term.fill(one, [said(1)])
    await short_term.fill(other, [said(2)])
    assert await short_term.find(one) == (said(1),)


async def test_over_its_bound_the_least_recently_used_goes() -> None:
    short_term = ShortTermMemory(SystemClock(), most=2)
    for name in ("a", "b"):
        await short_term.fill(name, [])
    await short_term.find("a")
    await short_term.fill("c", [])
    assert [await short_term.find(name) for name in ("a", "b", "c")] == [(), None, ()]


async def test_a_sweep_forgets_the_idle_and_no_other(clock: ManualClock) -> None:
    short_term = ShortTermMemory(clock, idle_s=IDLE_S)
    await short_term.fill("old", [])
    clock.advance(IDLE_S * 1.2)
    await short_term.fill("new", [])
    assert await short_term.sweep() == 1
    assert await short_term.find("new") == ()
