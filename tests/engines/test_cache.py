from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest
from tests.engines.streams import Told, ask, client, listen, listen_once

from miaohui.engines.cache import CachedEngine, CacheParts
from miaohui.engines.cache_memory import CacheMemory
from miaohui.engines.cache_store import Kept
from miaohui.engines.classify import Failure, FailureClass
from miaohui.engines.coalesce import NOTHING, Flights
from miaohui.engines.errors import failed
from miaohui.engines.types import (
    CalledFunction,
    ChatMessage,
    EngineRequest,
    Finished,
    Restarted,
    Started,
    Text,
    ToolCall,
    ToolCalls,
)
from miaohui.testing.clock import FakeClock
from miaohui.testing.engine import Act, FakeEngine
from miaohui.testing.engine import finished as whole
from miaohui.testing.upstream import Upstream


class FarAway:
    """A store that takes a turn of the loop, as one over the network."""

    name = "redis"

    def __init__(self) -> None:
        self.kept: dict[str, Kept] = {}
        self.asked = 0

    async def find(self, key: str) -> Kept | None:
        self.asked += 1
        await asyncio.sleep(0)
        return self.kept.get(key)

    async def keep(self, key: str, kept: Kept) -> None:
        await asyncio.sleep(0)
        self.kept[key] = kept


class Room:
    """A cached engine, and everything behind it."""

    def __init__(self, *scripts: list[Act], **parts: Any) -> None:
        self.clock = FakeClock()
        self.engine = FakeEngine(*scripts)
        self.near, self.far = CacheMemory(self.clock), FarAway()
        self.cached = CachedEngine(
            self.engine,
            CacheParts(clock=self.clock, stores=(self.near, self.far), flights=Flights(), **parts),
        )

    @property
    def asked(self) -> int:
        return len(self.engine.requests)

    async def ask(self, question: str = "如何退货?", **fields: object) -> Told:
        told = await listen(self.cached, msgspec.structs.replace(ask(question), **fields))
        for _ in range(5):
            await asyncio.sleep(0)  # it is put away after the visitor has it
        return told


async def test_the_second_who_asks_is_answered_without_the_engine() -> None:
    room = Room(["签收后", "七天内。[1]"])
    first, second = await room.ask(), await room.ask(turn_id="turn_2", conversation_id="conv_2")
    assert room.asked == 1
    assert second.text == first.text == "签收后七天内。[1]"


async def test_a_kept_answer_is_told_as_a_stream_of_the_same_shape() -> None:
    room = Room(["长" * 30, "短" * 30])
    await room.ask()
    pieces = (await room.ask()).pieces
    assert isinstance(pieces[0], Started)
    assert all(isinstance(piece, Text) for piece in pieces[1:-1])
    assert 2 <= len(pieces[1:-1]) <= 6
    end = pieces[-1]
    assert isinstance(end, Finished)
    assert (end.route, end.reason, end.usage) == ("cache:fake", "stop", NOTHING)


@pytest.mark.parametrize("text", ["好", "好的", "a" * 1_000])
async def test_any_answer_comes_back_letter_by_letter(text: str) -> None:
    room = Room([text])
    await room.ask()
    assert (await room.ask()).text == text


async def test_three_hundred_identical_questions_are_one_call_and_three_hundred_answers(upstream: Upstream) -> None:
    alone = await listen_once(client(upstream.url))
    clock = FakeClock()
    cached = CachedEngine(
        client(upstream.url), CacheParts(clock=clock, stores=(CacheMemory(clock),), flights=Flights())
    )
    told = await asyncio.gather(*(listen(cached) for _ in range(300)))
    assert upstream.requests == 2
    assert {one.text for one in told} == {alone.text}
    assert all(one.finished is not None and one.failure is None for one in told)
    await listen(cached)
    assert upstream.requests == 2
    await cached.close()


async def test_two_tenants_never_share_even_when_they_ask_at_once() -> None:
    gate = asyncio.Event()
    room = Room([gate, "甲的暗号"], [gate, "乙的暗号"])
    asked = [asyncio.create_task(room.ask(tenant_id=tenant)) for tenant in ("tnt_a", "tnt_b") for _ in range(20)]
    await asyncio.sleep(0.001)
    gate.set()
    told = [(await task).text for task in asked]
    assert told == ["甲的暗号"] * 20 + ["乙的暗号"] * 20
    assert [(await room.ask(tenant_id=tenant)).text for tenant in ("tnt_b", "tnt_a")] == ["乙的暗号", "甲的暗号"]
    assert room.asked == 2


async def test_after_the_knowledge_changed_nothing_older_is_told() -> None:
    room = Room(["七天"], ["八天"])
    assert (await room.ask(knowledge_version=1)).text == "七天"
    assert (await room.ask(knowledge_version=2)).text == "八天"
    assert (await room.ask(knowledge_version=2)).text == "八天"
    assert room.asked == 2


async def test_f50_an_answer_begun_before_the_change_is_not_told_after_it() -> None:
    gate = asyncio.Event()
    room = Room(["七", gate, "天"], ["八天"])
    before = asyncio.create_task(room.ask(knowledge_version=1))
    await asyncio.sleep(0.001)
    assert (await room.ask(knowledge_version=2)).text == "八天"
    gate.set()
    assert (await before).text == "七天"
    assert (await room.ask(knowledge_version=2)).text == "八天"
    assert {kept.knowledge_version: kept.text for kept in room.far.kept.values()} == {1: "七天", 2: "八天"}


@pytest.mark.parametrize(
    "script",
    [
        ["半", msgspec.structs.replace(whole(), reason="length")],
        ["不知道", msgspec.structs.replace(whole(), reason="unknown_answer")],
        ["查", ToolCalls((ToolCall("1", CalledFunction("f", "{}")),)), msgspec.structs.replace(whole(), reason="stop")],
        ["查", msgspec.structs.replace(whole(), reason="tool_calls")],
        ["  \n"],
        ["已经存过", whole("cache:other")],
    ],
)
async def test_what_is_not_a_whole_answer_for_anybody_is_not_kept(script: list[Act]) -> None:
    room = Room(script)
    await room.ask()
    await room.ask()
    assert room.asked == 2
    assert not room.far.kept


async def test_a_failed_answer_is_not_kept() -> None:
    room = Room(["半", failed(Failure(failure_class=FailureClass.TRANSIENT, code="cut_off", detail="x"))], ["好"])
    assert (await room.ask()).failure is not None
    assert (await room.ask()).text == "好"
    assert [kept.text for kept in room.far.kept.values()] == ["好"]


async def test_of_a_restarted_answer_only_the_last_attempt_is_kept() -> None:
    room = Room(["坏", Restarted(reason="cut_off"), "好"])
    await room.ask()
    assert (await room.ask()).text == "好"


async def test_what_may_not_be_kept_is_told_once_only() -> None:
    def may_keep(request: EngineRequest, route: str, text: str) -> bool:
        return "脏话" not in text and route != "extractive"

    listed = Room(["脏", "话"], may_keep=may_keep)
    degraded = Room(["摘录", whole("extractive")], may_keep=may_keep)
    fit = Room(["好"], may_keep=may_keep)
    for room, asked in ((listed, 2), (degraded, 2), (fit, 1)):
        await room.ask()
        await room.ask()
        assert room.asked == asked


async def test_a_personal_question_goes_by_as_if_there_were_no_cache() -> None:
    room = Room(["已发货"])
    for _ in range(2):
        told = await room.ask("订单 20240815001 到哪了?")
        assert told.finished is not None
        assert told.finished.route == "fake"
    assert (room.asked, room.far.asked) == (2, 0)
    await asyncio.gather(room.ask("订单 20240815001 到哪了?"), room.ask("订单 20240815001 到哪了?"))
    assert room.asked == 4


async def test_the_same_question_after_another_is_another_question() -> None:
    room = Room(["好"])
    system, now = ChatMessage("system", "你是客服"), ChatMessage("user", "那运费呢?")
    after_one = (system, ChatMessage("user", "怎么退货"), ChatMessage("assistant", "七天内"), now)
    after_other = (system, ChatMessage("user", "怎么换货"), ChatMessage("assistant", "七天内"), now)
    await room.ask("那运费呢?", messages=after_one)
    await room.ask("那运费呢?", messages=after_other)
    assert room.asked == 2
    await room.ask("那运费呢?", messages=after_one)
    assert room.asked == 2


async def test_what_another_process_kept_is_found_once_and_is_near_from_then_on() -> None:
    room, other = Room(["好"]), Room(["不问"])
    await room.ask()
    other.far.kept = dict(room.far.kept)
    told = [await other.ask() for _ in range(3)]
    assert [one.text for one in told] == ["好"] * 3
    assert (other.asked, other.far.asked) == (0, 1)


async def test_those_who_ask_at_once_look_far_away_once() -> None:
    room = Room(["好"])
    await asyncio.gather(*(room.ask() for _ in range(50)))
    assert (room.asked, room.far.asked) == (1, 1)


async def test_another_model_is_asked_for_itself() -> None:
    model = "qwen"
    room = Room(["甲"], ["乙"], answer_class=lambda _tenant: model)
    assert (await room.ask()).text == "甲"
    model = "glm"
    assert (await room.ask()).text == "乙"


async def test_leaving_early_closes_the_upstream_and_keeps_nothing() -> None:
    room = Room(["半", asyncio.Event()])
    stream: Any = room.cached.stream(ask())
    assert isinstance(await anext(stream), Started)
    await stream.aclose()
    for _ in range(5):
        await asyncio.sleep(0)
    assert room.engine.closed_early == 1
    assert not room.far.kept


async def test_without_flights_and_stores_it_is_the_engine_itself() -> None:
    engine = FakeEngine(["好"])
    cached = CachedEngine(engine, CacheParts(clock=FakeClock()))
    told = [await listen(cached) for _ in range(2)]
    assert [one.finished.route for one in told if one.finished] == ["fake", "fake"]
    assert len(engine.requests) == 2
