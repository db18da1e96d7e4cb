from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import pytest
from tests.engines.streams import ask

from miaohui.engines.classify import Failure, FailureClass
from miaohui.engines.coalesce import NOTHING, Flights
from miaohui.engines.errors import EngineFailed, failed
from miaohui.engines.types import Finished, Piece, Restarted, Started, Text
from miaohui.testing.engine import Act, FakeEngine

BROKEN = failed(Failure(failure_class=FailureClass.TRANSIENT, code="cut_off", detail="it broke"))


class Line:
    """One upstream, and the flights in front of it."""

    def __init__(self, *scripts: list[Act], most: int = 100) -> None:
        self.engine = FakeEngine(*scripts)
        self.flights = Flights(most=most)

    def follow(self, key: str = "k") -> AsyncGenerator[Piece, None]:
        return self.flights.follow(key, lambda: self.engine.stream(ask()))

    async def listen(self, key: str = "k") -> list[Piece]:
        return [piece async for piece in self.follow(key)]


def words(pieces: list[Piece]) -> str:
    return "".join(piece.text for piece in pieces if isinstance(piece, Text))


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_three_hundred_who_ask_at_once_share_one_call_and_each_hears_all() -> None:
    gate = asyncio.Event()
    line = Line(["您", gate, "好", "。"])
    tasks = [asyncio.create_task(line.listen()) for _ in range(300)]
    await settle()
    gate.set()
    heard = await asyncio.gather(*tasks)
    assert len(line.engine.requests) == 1
    assert {words(pieces) for pieces in heard} == {"您好。"}
    assert all(isinstance(pieces[0], Started) and isinstance(pieces[-1], Finished) for pieces in heard)
    assert len(line.flights) == 0


async def test_only_the_first_pays() -> None:
    gate = asyncio.Event()
    line = Line([gate, "好"])
    tasks = [asyncio.create_task(line.listen()) for _ in range(3)]
    await settle()
    gate.set()
    ends = [pieces[-1] for pieces in await asyncio.gather(*tasks)]
    assert [end.route for end in ends if isinstance(end, Finished)] == ["fake", "shared:fake", "shared:fake"]
    assert [end.usage == NOTHING for end in ends if isinstance(end, Finished)] == [False, True, True]


async def test_a_late_one_hears_it_from_the_start() -> None:
    gate = asyncio.Event()
    line = Line(["一", "二", gate, "三"])
    first = asyncio.create_task(line.listen())
    await settle()
    late = asyncio.create_task(line.listen())
    await settle()
    gate.set()
    assert words(await late) == words(await first) == "一二三"
    assert len(line.engine.requests) == 1


async def test_a_late_one_hears_nothing_of_a_void_attempt() -> None:
    gate = asyncio.Event()
    line = Line(["坏", Restarted(reason="cut_off"), "好", gate])
    first = asyncio.create_task(line.listen())
    await settle()
    late = asyncio.create_task(line.listen())
    await settle()
    gate.set()
    assert words(await late) == "好"
    assert words(await first) == "坏好"


async def test_who_asks_after_the_end_asks_anew() -> None:
    line = Line(["好"])
    await line.listen()
    await line.listen()
    assert len(line.engine.requests) == 2


async def test_other_keys_are_other_calls() -> None:
    line = Line([0.001, "好"])
    await asyncio.gather(line.listen("a"), line.listen("b"))
    assert len(line.engine.requests) == 2


async def test_f49_the_first_one_cancelled_takes_nothing_from_the_others() -> None:
    gate = asyncio.Event()
    line = Line(["您", gate, "好"])
    first, *others = [asyncio.create_task(line.listen()) for _ in range(5)]
    await settle()
    first.cancel()
    await settle()
    gate.set()
    assert [words(pieces) for pieces in await asyncio.gather(*others)] == ["您好"] * 4
    assert line.engine.closed_early == 0
    assert first.cancelled()


async def test_the_last_to_leave_closes_the_upstream() -> None:
    line = Line(["您", asyncio.Event()])
    tasks = [asyncio.create_task(line.listen()) for _ in range(3)]
    await settle()
    for task in tasks[:2]:
        task.cancel()
    await settle()
    assert line.engine.closed_early == 0
    tasks[2].cancel()
    await settle()
    assert line.engine.closed_early == 1
    assert len(line.flights) == 0


async def test_who_comes_after_the_last_left_asks_anew() -> None:
    line = Line(["您", asyncio.Event()], ["好"])
    first = asyncio.create_task(line.listen())
    await settle()
    first.cancel()
    await asyncio.wait([first])
    assert words(await line.listen()) == "好"


async def test_what_is_more_than_half_said_is_finished_for_the_next() -> None:
    gate = asyncio.Event()
    line = Line(["12345678"], ["12345", gate, "678"])
    await line.listen()
    leaver = asyncio.create_task(line.listen())
    await settle()
    leaver.cancel()
    await settle()
    assert line.engine.closed_early == 0
    late = asyncio.create_task(line.listen())
    await settle()
    gate.set()
    assert words(await late) == "12345678"
    assert len(line.engine.requests) == 2


async def test_what_is_less_than_half_said_is_cut_off() -> None:
    line = Line(["12345678"], ["123", asyncio.Event()])
    await line.listen()
    leaver = asyncio.create_task(line.listen())
    await settle()
    leaver.cancel()
    await settle()
    assert line.engine.closed_early == 1


@pytest.mark.parametrize("script", [[0.001, BROKEN], ["您", 0.001, BROKEN]])
async def test_a_failure_is_told_to_all_alike_and_nobody_asks_again(script: list[Act]) -> None:
    line = Line(script)
    ends = await asyncio.gather(*(line.listen() for _ in range(20)), return_exceptions=True)
    assert all(isinstance(end, EngineFailed) and end.code == "cut_off" for end in ends)
    assert len({id(end) for end in ends}) == 20
    assert len(line.engine.requests) == 1


async def test_the_unexpected_is_told_too() -> None:
    async def burst() -> AsyncGenerator[Piece, None]:
        yield Text("您")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        async for _ in Flights().follow("k", burst):
            pass


async def test_over_the_bound_each_asks_alone() -> None:
    gate = asyncio.Event()
    line = Line([gate, "好"], most=1)
    tasks = [asyncio.create_task(line.listen(key)) for key in "abb"]
    await settle()
    assert (len(line.flights), len(line.engine.requests)) == (1, 3)
    gate.set()
    assert [words(pieces) for pieces in await asyncio.gather(*tasks)] == ["好"] * 3


async def test_closing_ends_what_is_under_way_and_says_so() -> None:
    line = Line(["您", asyncio.Event()])
    task = asyncio.create_task(line.listen())
    await settle()
    await line.flights.close()
    with pytest.raises(EngineFailed):
        await task
    assert line.engine.closed_early == 1


async def test_a_slow_reader_holds_nobody_up() -> None:
    line = Line(["一", 0.001, "二", "三"])
    slow = line.follow()
    await anext(slow)
    assert words(await line.listen()) == "一二三"
    assert words([piece async for piece in slow]) == "一二三"
    assert len(line.engine.requests) == 1
