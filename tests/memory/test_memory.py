"""Recall within a deadline, whatever the memories do."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from redis.asyncio import Redis

from miaohui.conversations.types import Turn
from miaohui.kit.clock import SystemClock
from miaohui.kit.errors import Unavailable
from miaohui.knowledge.policy import NO_KNOWLEDGE
from miaohui.memory.service import Memory
from miaohui.memory.short_term_memory import ShortTermMemory
from miaohui.memory.short_term_redis import ShortTermRedis
from miaohui.memory.types import Exchange, Fact, Recollection
from miaohui.turns.entry import Entry
from miaohui.turns.types import Informed

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


class Stalled:
    """A memory that never answers, or breaks."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error

    async def refresh(self) -> None:
        await asyncio.sleep(0)

    def at_hand(self, tenant_id: str, contact_id: str, question: str) -> tuple[Any, ...] | None:
        return None

    async def recall(self, tenant_id: str, contact_id: str, question: str) -> tuple[Any, ...]:
        if self.error:
            raise self.error
        await asyncio.sleep(60)
        return ()


class Knows:
    """A memory that answers."""

    def __init__(self, *told: Any) -> None:
        self.told = told

    async def refresh(self) -> None:
        await asyncio.sleep(0)

    def at_hand(self, tenant_id: str, contact_id: str, question: str) -> tuple[Any, ...] | None:
        return self.told

    async def recall(self, tenant_id: str, contact_id: str, question: str) -> tuple[Any, ...]:
        return self.told


FACT = Fact(id="fact_1", tenant_id="ten", contact_id="cont", text="我有一只猫。")


async def test_all_three_memories_are_asked_and_answer() -> None:
    memory = Memory(
        ShortTermMemory(SystemClock()), Record(HELLO), long_term=Knows(FACT), business=Knows("订单 1 已发货")
    )
    recalled = await memory.recall("ten", "conv", "cont", "我的猫")
    assert recalled == Recollection(exchanges=(HELLO,), facts=(FACT,), business=("订单 1 已发货",))


@pytest.mark.parametrize("stalled", ["short_term", "long_term", "business"])
async def test_one_stalled_memory_costs_only_its_own_share_and_is_named(stalled: str) -> None:
    record = Record(HELLO, delay_s=60 if stalled == "short_term" else 0)
    memory = Memory(
        ShortTermMemory(SystemClock()),
        record,
        long_term=Stalled() if stalled == "long_term" else Knows(FACT),
        business=Stalled() if stalled == "business" else Knows("订单 1 已发货"),
    )
    started = time.monotonic()
    recalled = await memory.recall("ten", "conv", "cont", "我的猫")
    assert 0.15 < time.monotonic() - started < 0.3
    assert recalled.missing == (stalled,)
    there = {"short_term": recalled.exchanges, "long_term": recalled.facts, "business": recalled.business}
    assert {name for name, one in there.items() if one} == {"short_term", "long_term", "business"} - {stalled}


async def test_a_broken_memory_is_named_at_once() -> None:
    memory = Memory(ShortTermMemory(SystemClock()), Record(HELLO), long_term=Stalled(Unavailable("The disk is full.")))
    assert (await memory.recall("ten", "conv", "cont", "我的猫")).missing == ("long_term",)


async def test_the_journal_names_the_memory_that_was_missing() -> None:
    memory = Memory(
        ShortTermMemory(SystemClock()), Record(HELLO), long_term=Stalled(), business=Knows("订单 1"), deadline_s=0.02
    )
    recollection = await memory.recall("ten", "conv", "cont", "我的猫")
    turn = Turn(
        id="turn_1",
        tenant_id="ten",
        conversation_id="conv",
        message_id="msg_1",
        question="我的猫",
        state="running",
        ownership_epoch=1,
        attempt=1,
        created_at_ms=0,
    )
    entry = Entry(turn, SystemClock())
    entry.informed(Informed(recollection, NO_KNOWLEDGE))
    (stage,) = entry.close("answered", "").stages
    assert stage.facts["missing"] == ["long_term"]
    assert stage.facts["exchanges"] == 1
