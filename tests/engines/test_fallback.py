from __future__ import annotations

import asyncio
from contextlib import aclosing

import pytest
from tests.engines.streams import ask, client, listen, listen_once

from miaohui.engines.classify import Failure, FailureClass
from miaohui.engines.errors import EngineFailed, failed
from miaohui.engines.extractive import Extractive
from miaohui.engines.fallback import Fallback, FallbackOptions
from miaohui.engines.types import Restarted, Started, Text
from miaohui.testing.engine import FakeEngine
from miaohui.testing.upstream import Upstream


def broken(failure_class: FailureClass = FailureClass.TRANSIENT) -> EngineFailed:
    return failed(Failure(failure_class=failure_class, code="broken", detail="it broke"))


async def test_the_first_engine_answers_when_it_can() -> None:
    second = FakeEngine(name="second")
    told = await listen(Fallback([FakeEngine(("你", "好"), name="first"), second]))
    assert told.text == "你好"
    assert told.finished is not None
    assert told.finished.route == "first"
    assert not second.requests


async def test_a_failure_before_the_first_word_is_not_seen() -> None:
    told = await listen(Fallback([FakeEngine((broken(),), name="a"), FakeEngine(("好",), name="b")]))
    assert told.text == "好"
    assert [piece for piece in told.pieces if isinstance(piece, Started)] == [
        Started(attempt=1, route="a"),
        Started(attempt=2, route="b"),
    ]
    assert not any(isinstance(piece, Restarted) for piece in told.pieces)


async def test_a_failure_after_words_voids_them_and_begins_anew() -> None:
    told = await listen(Fallback([FakeEngine(("半", "句", broken())), FakeEngine(("整句",))]))
    kinds = [type(piece).__name__ for piece in told.pieces]
    assert kinds == ["Started", "Text", "Text", "Restarted", "Started", "Text", "Finished"]
    assert told.text == "整句"
    assert Restarted(reason="broken") in told.pieces


@pytest.mark.parametrize("failure_class", [FailureClass.CONTENT, FailureClass.CALLER])
async def test_some_failures_are_not_taken_to_another_engine(failure_class: FailureClass) -> None:
    second = FakeEngine()
    told = await listen(Fallback([FakeEngine((broken(failure_class),)), second]))
    assert told.failure is not None
    assert told.failure.failure_class is failure_class
    assert not second.requests


async def test_the_last_failure_is_told_when_all_fail() -> None:
    told = await listen(Fallback([FakeEngine((broken(),)), FakeEngine((broken(FailureClass.QUOTA),))]))
    assert told.failure is not None
    assert told.failure.failure_class is FailureClass.QUOTA


async def test_no_more_attempts_are_made_than_allowed_and_the_last_resort_is_among_them() -> None:
    engines = [FakeEngine((broken(),), name=str(i)) for i in range(5)]
    told = await listen(Fallback([*engines, Extractive()]))
    assert told.finished is not None
    assert told.finished.route == "extractive"
    assert [len(engine.requests) for engine in engines] == [1, 1, 0, 0, 0]


async def test_a_silent_engine_gives_way_when_the_time_for_the_first_word_is_over() -> None:
    slow, spare = FakeEngine((30.0, "晚了")), FakeEngine(("没轮到",))
    options = FallbackOptions(first_content_s=0.05)
    told = await listen(Fallback([slow, spare, FakeEngine(("好",))], options))
    assert told.text == "好"
    assert slow.closed_early == 1
    assert not spare.requests


async def test_an_engine_that_began_in_time_may_go_on_until_the_whole_time_is_over() -> None:
    options = FallbackOptions(first_content_s=0.05, total_s=0.2)
    steady = await listen(Fallback([FakeEngine(("一", 0.1, "二")), FakeEngine(("好",))], options))
    assert steady.text == "一二"
    endless = await listen(Fallback([FakeEngine(("一", 30.0, "二")), FakeEngine(("好",))], options))
    assert endless.text == "好"
    assert Restarted(reason="out_of_time") in endless.pieces


async def test_leaving_early_closes_the_engine_that_speaks() -> None:
    engine = FakeEngine(("一", "二", "三"))
    async with aclosing(Fallback([engine, Extractive()]).stream(ask())) as pieces:
        async for piece in pieces:
            if isinstance(piece, Text):
                break
    assert engine.closed_early == 1


async def test_a_cancelled_reader_is_cancelled_and_not_served_by_the_next_engine() -> None:
    slow, spare = FakeEngine((30.0,)), FakeEngine()
    async with asyncio.TaskGroup() as group:
        reader = group.create_task(listen(Fallback([slow, spare])))
        await asyncio.sleep(0.01)
        reader.cancel()
    assert reader.cancelled()
    assert slow.closed_early == 1
    assert not spare.requests


async def test_with_the_provider_down_the_knowledge_base_still_answers(upstream: Upstream) -> None:
    upstream.faults.extend(["500"])
    told = await listen_once(Fallback([client(upstream.url), Extractive()]), ask(answerable=False))
    assert told.finished is not None
    assert told.finished.route == "extractive"
    assert told.finished.reason == "unknown_answer"


async def test_a_provider_that_breaks_in_the_answer_is_replaced(upstream: Upstream) -> None:
    told = await listen_once(Fallback([client(upstream.url, "cut"), FakeEngine(("整句",))]))
    assert told.text == "整句"
    assert any(isinstance(piece, Restarted) for piece in told.pieces)
