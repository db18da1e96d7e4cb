from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import Any

import pytest
from tests.engines.routing import Stage, broken, catalog, described, keys, request
from tests.engines.streams import listen
from tests.support.clock import ManualClock

from miaohui.engines.breaker import Rules
from miaohui.engines.budget import Bounds
from miaohui.engines.classify import FailureClass
from miaohui.engines.types import ChatMessage, Restarted, Started, Text
from miaohui.testing.engine import FakeEngine


def down(kind: FailureClass = FailureClass.TRANSIENT) -> FakeEngine:
    return FakeEngine((broken(kind),))


async def route_of(stage: Stage, **changes: Any) -> str:
    told = await listen(stage.router, request(**changes))
    assert told.finished is not None
    return told.finished.route


async def test_a_turn_goes_to_a_route_and_into_the_ledger_once() -> None:
    stage = Stage([described("a", price_in=2_000_000, price_out=8_000_000, price_version="p1")], {})
    told = await listen(stage.router, request())
    assert (told.text, told.failure) == ("你好", None)
    (row,) = stage.entries.rows
    assert (row.route, row.outcome, row.number, row.turn_id, row.key_id) == ("a", "winner", 1, "turn_1", "none")
    assert (row.input_tokens, row.output_tokens, row.cost_micro, row.price_version) == (10, 5, 60, "p1")


async def test_without_routes_the_last_resort_answers() -> None:
    stage = Stage([], {})
    assert await route_of(stage) == "extractive"
    assert not stage.entries.rows


async def test_shares_are_those_of_the_weights() -> None:
    stage = Stage([described("a", weight=30), described("b", weight=40), described("c", weight=30)], {})
    for _ in range(100):
        await listen(stage.router, request())
    assert [abs(stage.asked(name) - share) <= 1 for name, share in (("a", 30), ("b", 40), ("c", 30))] == [True] * 3


async def test_turns_of_one_conversation_stay_on_one_route_and_others_make_up_for_it() -> None:
    stage = Stage([described("a"), described("b")], {})
    routes = {await route_of(stage, conversation_id="conv_1") for _ in range(10)}
    assert len(routes) == 1
    other = ({"a", "b"} - routes).pop()
    assert [await route_of(stage) for _ in range(5)] == [other] * 5


async def test_a_conversation_leaves_a_route_that_fails() -> None:
    stage = Stage([described("a"), described("b")], {})
    first = await route_of(stage, conversation_id="conv_1")
    stage.engines[first]._scripts = ((broken(),),)
    assert await route_of(stage, conversation_id="conv_1") != first


async def test_a_failure_before_the_first_word_is_not_seen_and_the_next_route_answers() -> None:
    stage = Stage([described("a", weight=1), described("b", weight=0)], {"a": down()})
    told = await listen(stage.router, request())
    assert told.text == "你好"
    starts = [piece for piece in told.pieces if isinstance(piece, Started)]
    assert starts == [Started(attempt=1, route="a"), Started(attempt=2, route="b")]
    assert not any(isinstance(piece, Restarted) for piece in told.pieces)
    assert stage.entries.outcomes() == [("a", "failed"), ("b", "winner")]


async def test_a_break_after_words_voids_them_and_another_route_answers_whole() -> None:
    stage = Stage([described("a", weight=1), described("b", weight=0)], {"a": FakeEngine(("半", "句", broken()))})
    told = await listen(stage.router, request())
    assert told.text == "你好"
    assert Restarted(reason="transient") in told.pieces


async def test_tiers_are_asked_in_order_and_the_last_resort_last() -> None:
    tiers = ["local", "primary", "fallback"]
    stage = Stage([described(tier, tier=tier) for tier in tiers], {tier: down() for tier in tiers})
    told = await listen(stage.router, request())
    starts = [piece.route for piece in told.pieces if isinstance(piece, Started)]
    assert starts == ["primary", "fallback", "local", "extractive"]
    assert told.finished is not None


async def test_no_more_providers_are_asked_than_allowed() -> None:
    names = "abcdef"
    stage = Stage([described(name) for name in names], {name: down() for name in names})
    assert await route_of(stage) == "extractive"
    assert sum(stage.asked(name) for name in names) == 3


@pytest.mark.parametrize("kind", [FailureClass.CONTENT, FailureClass.CALLER])
async def test_what_no_other_route_should_be_asked_ends_there(kind: FailureClass) -> None:
    stage = Stage([described("a", weight=1), described("b", weight=0)], {"a": down(kind)})
    told = await listen(stage.router, request())
    assert told.failure is not None
    assert told.failure.failure_class is kind
    assert stage.asked("b") == 0


async def test_without_a_last_resort_the_last_failure_is_told() -> None:
    stage = Stage([described("a"), described("b")], {name: down(FailureClass.TIMEOUT) for name in "ab"})
    stage.router._last_resort = None
    told = await listen(stage.router, request())
    assert told.failure is not None
    assert told.failure.failure_class is FailureClass.TIMEOUT


async def test_a_silent_route_gives_way_within_its_deadline() -> None:
    routes = [described("a", weight=1, first_content_ms=40), described("b", weight=0)]
    stage = Stage(routes, {"a": FakeEngine((30.0,))})
    began = asyncio.get_running_loop().time()
    assert await route_of(stage) == "b"
    assert asyncio.get_running_loop().time() - began < 1.5
    assert (stage.entries.rows[0].failure, stage.engines["a"].closed_early) == ("timeout", 1)


async def test_the_time_for_the_first_word_is_shared_by_all_attempts_and_some_is_kept_for_the_local_tier() -> None:
    slow = {name: FakeEngine((30.0,)) for name in "abc"}
    bounds = Bounds(first_content_s=0.2, kept_s=0.1, least_s=0.05)
    stage = Stage([*[described(name) for name in slow], described("local", tier="local")], slow, bounds=bounds)
    began = asyncio.get_running_loop().time()
    assert await route_of(stage) == "local"
    assert asyncio.get_running_loop().time() - began < 1.5
    assert sum(stage.asked(name) for name in slow) == 1


async def test_a_refused_key_costs_no_attempt_and_is_not_asked_again() -> None:
    engines = {f"a/{key}": down(FailureClass.CREDENTIAL) for key in ("k1", "k2")}
    stage = Stage([described("a", keys=keys("k1", "k2", "k3"))], engines, bounds=Bounds(attempts=1))
    assert await route_of(stage) == "a"
    assert await route_of(stage) == "a"
    assert [len(engine.requests) for engine in engines.values()] == [1, 1] or stage.asked("a") == 2
    assert max(len(engine.requests) for engine in engines.values()) == 1


async def test_a_key_without_credit_takes_its_account_along_and_comes_back_by_one_probe() -> None:
    clock = ManualClock()
    engines = {"a/k1": FakeEngine((broken(FailureClass.QUOTA),), ("好",)), "a/k2": FakeEngine(("好",))}
    routes = [described("a", weight=1, keys=keys("k1", "k2", account="acme")), described("b", weight=0)]
    stage = Stage(routes, engines, clock=clock)
    stage.router.fleet.lines()[0]._turn = 1
    assert await route_of(stage) == "b"
    assert await route_of(stage) == "b"
    assert len(engines["a/k2"].requests) == 0
    clock.advance(901)
    assert await route_of(stage) == "a"
    assert await route_of(stage) == "a"


async def test_a_throttled_key_rests_and_the_longer_rest_holds() -> None:
    clock = ManualClock()
    throttled = FakeEngine((broken(FailureClass.RATE_LIMIT, 30.0),), (broken(FailureClass.RATE_LIMIT, 1.0),), ("好",))
    stage = Stage([described("a", weight=1, keys=keys("k1")), described("b", weight=0)], {"a": throttled}, clock=clock)
    assert [await route_of(stage) for _ in range(2)] == ["b", "b"]
    assert len(throttled.requests) == 1
    clock.advance(29)
    assert await route_of(stage) == "b"
    clock.advance(1.1)
    assert await route_of(stage) == "b"
    clock.advance(1.1)
    assert await route_of(stage) == "a"


async def test_after_429_another_key_of_the_same_route_is_asked_first() -> None:
    engines = {"a/k1": down(FailureClass.RATE_LIMIT), "a/k2": down(FailureClass.RATE_LIMIT)}
    stage = Stage([described("a", keys=keys("k1", "k2", "k3"), weight=1), described("b", weight=0)], engines)
    assert await route_of(stage) == "a"
    assert stage.asked("b") == 0


async def test_a_gone_route_is_taken_out_at_once() -> None:
    stage = Stage([described("a", weight=1), described("b", weight=0)], {"a": down(FailureClass.ROUTE_GONE)})
    assert [await route_of(stage) for _ in range(3)] == ["b"] * 3
    assert stage.asked("a") == 1


async def test_five_failures_open_the_breaker_and_one_turn_at_a_time_probes() -> None:
    clock = ManualClock()
    stage = Stage([described("a", weight=1), described("b", weight=0)], {"a": down()}, clock=clock)
    for _ in range(8):
        await listen(stage.router, request())
    assert stage.asked("a") == 5
    gate = asyncio.Event()
    stage.engines["a"]._scripts = ((gate, "好"),)
    clock.advance(34)
    async with asyncio.TaskGroup() as group:
        turns = [group.create_task(route_of(stage)) for _ in range(5)]
        await asyncio.sleep(0.02)
        assert stage.asked("a") == 6
        gate.set()
    assert sorted(turn.result() for turn in turns) == ["a", "b", "b", "b", "b"]


async def test_only_routes_that_can_do_it_are_asked() -> None:
    routes = [described("a"), described("b", capabilities=["tools"])]
    stage = Stage(routes, {})
    assert {await route_of(stage, needs=("tools",)) for _ in range(3)} == {"b"}


async def test_a_prompt_goes_only_where_it_fits() -> None:
    long = (ChatMessage("user", "长" * 5000),)
    stage = Stage([described("a", window_tokens=4000), described("b", window_tokens=32_000)], {})
    assert {await route_of(stage, messages=long) for _ in range(3)} == {"b"}


async def test_a_prompt_that_was_too_long_goes_to_a_larger_window_and_not_to_one_of_the_same_size() -> None:
    names = {"a": 8000, "b": 8000, "c": 32_000}
    routes = [described(name, window_tokens=size, weight=4 - i) for i, (name, size) in enumerate(names.items())]
    stage = Stage(routes, {"a": down(FailureClass.CONTEXT), "b": down(FailureClass.CONTEXT)})
    assert await route_of(stage) == "c"
    assert stage.asked("a") + stage.asked("b") == 1


async def test_a_prompt_that_was_too_long_is_made_shorter_once_where_that_can_be_done() -> None:
    engine = FakeEngine((broken(FailureClass.CONTEXT),), ("好",))
    stage = Stage([described("a")], {"a": engine}, compress=lambda asked: request(question="短"))
    assert await route_of(stage) == "a"
    assert [asked.question for asked in engine.requests] == ["如何退货?", "短"]


async def test_the_only_route_is_asked_once_more_after_a_transient_failure() -> None:
    engine = FakeEngine((broken(),), ("好",))
    stage = Stage([described("a")], {"a": engine})
    assert await route_of(stage) == "a"
    assert len(engine.requests) == 2


async def test_retries_are_bounded_over_all_turns() -> None:
    bounds = Bounds(retry_capacity=2, retry_refill=0)
    stage = Stage([described("a")], {"a": down()}, bounds=bounds, rules=Rules(consecutive=0))
    for _ in range(4):
        assert await route_of(stage) == "extractive"
    assert stage.asked("a") == 6


async def test_a_full_route_is_passed_over_and_its_room_comes_back() -> None:
    stage = Stage([described("a", rpm=2, weight=5), described("b", weight=1)], {}, clock=(clock := ManualClock()))
    assert [await route_of(stage) for _ in range(4)].count("a") == 2
    clock.advance(61)
    assert await route_of(stage) == "a"


async def test_no_more_turns_are_sent_at_once_than_the_server_has_slots() -> None:
    gate = asyncio.Event()
    stage = Stage([described("a", slots=2, weight=5), described("b", weight=1)], {"a": FakeEngine((gate, "好"))})
    async with asyncio.TaskGroup() as group:
        turns = [group.create_task(route_of(stage)) for _ in range(4)]
        await asyncio.sleep(0.01)
        gate.set()
    assert sorted(turn.result() for turn in turns) == ["a", "a", "b", "b"]


async def test_leaving_early_closes_the_upstream_and_is_in_the_ledger_as_abandoned() -> None:
    engine = FakeEngine(("一", "二", "三"))
    stage = Stage([described("a")], {"a": engine})
    async with aclosing(stage.router.stream(request())) as pieces:
        async for piece in pieces:
            if isinstance(piece, Text):
                break
    assert engine.closed_early == 1
    assert stage.entries.outcomes() == [("a", "abandoned")]
    assert stage.router.fleet.lines()[0].in_flight == 0
    assert stage.entries.rows[0].source == "estimated"


async def test_a_cancelled_reader_is_not_served_by_another_route() -> None:
    stage = Stage([described("a", weight=1), described("b", weight=0)], {"a": FakeEngine((30.0,))})
    reader = asyncio.create_task(listen(stage.router, request()))
    await asyncio.sleep(0.01)
    reader.cancel()
    assert isinstance((await asyncio.gather(reader, return_exceptions=True))[0], asyncio.CancelledError)
    assert stage.entries.outcomes() == [("a", "abandoned")]
    assert stage.asked("b") == 0


async def test_too_many_timeouts_at_the_providers_start_new_turns_at_the_local_tier() -> None:
    clock = ManualClock()
    names = [f"p{i}" for i in range(8)]
    routes = [*[described(name) for name in names], described("local", tier="local")]
    stage = Stage(routes, {}, clock=clock)
    for turn in range(24):
        if turn == 20:
            for name in names:
                stage.engines[name]._scripts = ((broken(FailureClass.TIMEOUT),), (broken(FailureClass.TIMEOUT),))
        await listen(stage.router, request())
    assert await route_of(stage) == "local"
    assert stage.engines["local"].requests


async def test_tenants_have_their_own_routes() -> None:
    stage = Stage([], {})
    stage.router.adopt(
        catalog(
            described("a"),
            {"name": "b", "tenant": "tnt_2", **described("b")},
            {"name": "a", "tenant": "tnt_3", "enabled": False},
        )
    )
    assert await route_of(stage) == "a"
    assert {await route_of(stage, tenant_id="tnt_2") for _ in range(4)} == {"a", "b"}
    assert await route_of(stage, tenant_id="tnt_3") == "extractive"
