from __future__ import annotations

import asyncio
from typing import Any

from tests.engines.routing import Stage, broken, described, request
from tests.engines.streams import Told, listen

from miaohui.engines.budget import Hedging
from miaohui.engines.types import Parameters, Started, Text
from miaohui.testing.engine import FakeEngine

SOON = Hedging(enabled=True, least_s=0.1, share=1.0)
ROUTES = (described("a", weight=1), described("b", weight=0, provider="deepseek"))


def stage(first: FakeEngine, second: FakeEngine, hedging: Hedging = SOON, **parts: Any) -> Stage:
    return Stage(ROUTES, {"a": first, "b": second}, hedging=hedging, **parts)


def starts(told: Told) -> list[str]:
    return [piece.route for piece in told.pieces if isinstance(piece, Started)]


async def test_the_quicker_of_two_speaks_and_the_other_is_closed_and_in_the_ledger() -> None:
    slow = FakeEngine((30.0, "晚了"))
    both = stage(slow, FakeEngine(("快",)))
    told = await listen(both.router, request())
    assert (told.text, starts(told)) == ("快", ["a", "b"])
    assert slow.closed_early == 1
    assert sorted(both.entries.outcomes()) == [("a", "hedge_loser"), ("b", "winner")]


async def test_a_route_that_speaks_in_time_is_not_hedged() -> None:
    both = stage(FakeEngine((0.005, "快")), FakeEngine())
    told = await listen(both.router, request())
    assert (told.text, starts(told), both.asked("b")) == ("快", ["a"], 0)


async def test_the_first_may_still_win_after_the_second_was_asked() -> None:
    second = FakeEngine((30.0,))
    both = stage(FakeEngine((0.25, "终于", "说了")), second)
    told = await listen(both.router, request())
    assert told.text == "终于说了"
    assert second.closed_early == 1
    assert sorted(both.entries.outcomes()) == [("a", "winner"), ("b", "hedge_loser")]


async def test_f48_both_speak_in_the_same_tick_and_exactly_one_stream_is_given() -> None:
    gate = asyncio.Event()
    both = stage(FakeEngine((gate, "一", "二")), FakeEngine((gate, "甲", "乙")))
    reader = asyncio.create_task(listen(both.router, request()))
    await asyncio.sleep(0.25)
    gate.set()
    told = await reader
    assert told.text in {"一二", "甲乙"}
    assert sorted(outcome for _, outcome in both.entries.outcomes()) == ["hedge_loser", "winner"]
    assert len([piece for piece in told.pieces if isinstance(piece, Text)]) == 2


async def test_when_the_first_of_two_fails_the_second_goes_on() -> None:
    both = stage(FakeEngine((0.25, broken())), FakeEngine((0.3, "好")))
    told = await listen(both.router, request())
    assert told.text == "好"
    assert both.entries.outcomes() == [("a", "failed"), ("b", "winner")]


async def test_when_both_fail_the_next_in_line_answers() -> None:
    both = stage(FakeEngine((0.2, broken())), FakeEngine((0.05, broken())))
    told = await listen(both.router, request())
    assert told.finished is not None
    assert told.finished.route == "extractive"
    assert [outcome for _, outcome in both.entries.outcomes()][:2] == ["failed", "failed"]


async def test_neither_what_may_do_something_twice_nor_the_same_provider_is_hedged() -> None:
    from msgspec import Raw

    both = stage(FakeEngine((0.25, "好")), FakeEngine())
    await listen(both.router, request(parameters=Parameters(tools=(Raw(b"{}"),))))
    assert both.asked("b") == 0
    same = Stage([described("a", weight=1), described("b", weight=0)], {"a": FakeEngine((0.25, "好"))}, hedging=SOON)
    await listen(same.router, request())
    assert same.asked("b") == 0


async def test_only_a_small_share_of_turns_is_hedged() -> None:
    both = stage(FakeEngine((0.02, "好")), FakeEngine((0.5, "晚")), Hedging(enabled=True, least_s=0.005, share=0.05))
    for _ in range(12):
        await listen(both.router, request())
    assert both.asked("b") == 1


async def test_it_is_off_unless_asked_for() -> None:
    both = Stage(ROUTES, {"a": FakeEngine((0.4, "好"))})
    assert (await listen(both.router, request())).text == "好"
    assert both.asked("b") == 0


async def test_leaving_a_race_closes_both() -> None:
    first, second = FakeEngine((30.0,)), FakeEngine((30.0,))
    both = stage(first, second)
    reader = asyncio.create_task(listen(both.router, request()))
    await asyncio.sleep(0.25)
    reader.cancel()
    await asyncio.gather(reader, return_exceptions=True)
    assert (first.closed_early, second.closed_early) == (1, 1)
    assert len(both.entries.rows) == 2
    assert {line.in_flight for line in both.router.fleet.lines()} == {0}
