"""Recall within a deadline, whatever the memories do."""

from __future__ import annotations

import asyncio
import time

from redis.asyncio import Redis

from miaohui.kit.clock import SystemClock
from miaohui.kit.errors import Unavailable
from miaohui.memory.service import Memory
from miaohui.memory.short_term_memory import ShortTermMemory
from miaohui.memory.short_term_redis import ShortTermRedis
from miaohui.memory.types import Exchange, Recollection

HELLO = Exchange("在吗", "在的")
RETURN = Exchange("怎么退货", "在订单里申请")


class Record:
    """The record of conversations, as slow or broken as a test wants it."""

    def __init__(self, *exchanges: Exchange, delay_s: float = 0.0, error: Exception | None = None) -> None:
        self.exchanges = list(exchanges)
        self.delay_s = delay_s
        self.error = error
        self.asked = 0

    async def last_exchanges(self, tenant_id: str, conversation_id: str, turns: int) -> list[Exchange]:
        self.asked += 1
        await asyncio.sleep(self.delay_s)
        if self.error:
            raise self.error
        return self.exchanges[-turns:]


def remembering(record: Record) -> Memory:
    return Memory(ShortTermMemory(SystemClock()), record, deadline_s=0.05)


async def test_the_record_is_read_once_and_remembered() -> None:
    record = Record(HELLO)
    memory = remembering(record)
    assert await memory.recall("ten", "conv", "cont") == Recollection(exchanges=(HELLO,))
    await memory.remember("conv", RETURN)
    assert await memory.recall("ten", "conv", "cont") == Recollection(exchanges=(HELLO, RETURN))
    assert record.asked == 1


async def test_what_was_forgotten_is_read_again() -> None:
    record = Record(HELLO)
    memory = remembering(record)
    await memory.recall("ten", "conv", "cont")
    await memory.forget("conv")
    await memory.recall("ten", "conv", "cont")
    assert record.asked == 2


async def test_a_slow_record_never_holds_the_turn_past_its_deadline() -> None:
    started = time.monotonic()
    recollection = await remembering(Record(HELLO, delay_s=5)).recall("ten", "conv", "cont")
    assert time.monotonic() - started < 1
    assert recollection == Recollection(missing=("short_term",))


async def test_a_broken_record_is_named_and_tried_again() -> None:
    record = Record(HELLO, error=Unavailable("The disk is full."))
    memory = remembering(record)
    assert (await memory.recall("ten", "conv", "cont")).missing == ("short_term",)
    record.error = None
    assert await memory.recall("ten", "conv", "cont") == Recollection(exchanges=(HELLO,))


async def test_without_redis_the_record_answers() -> None:
    redis = Redis.from_url("redis://127.0.0.1:1/0")
    memory = Memory(ShortTermRedis(redis), Record(HELLO))
    assert await memory.recall("ten", "conv", "cont") == Recollection(exchanges=(HELLO,))
    await memory.remember("conv", RETURN)
    await memory.forget("conv")
    await redis.aclose()


async def test_with_redis_another_process_remembers(redis_url: str) -> None:
    redis = Redis.from_url(redis_url)
    first, second = Record(HELLO), Record()
    await Memory(ShortTermRedis(redis), first).recall("ten", "conv_shared", "cont")
    assert await Memory(ShortTermRedis(redis), second).recall("ten", "conv_shared", "cont") == Recollection(
        exchanges=(HELLO,)
    )
    assert second.asked == 0
    await redis.aclose()
