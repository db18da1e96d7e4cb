"""A trial costs no answer; a shadow touches nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
import pytest
from tests.support.waiting import until

from miaohui.engines.classify import Failure, FailureClass
from miaohui.engines.errors import EngineFailed, failed
from miaohui.engines.ports import Engine
from miaohui.engines.types import ChatMessage, EngineRequest, Parameters, Piece, Restarted, Started, Text
from miaohui.experiments.grey import Grey
from miaohui.experiments.shadow import Budget, Shadow
from miaohui.experiments.types import Comparison, Share, Verge
from miaohui.kit.aio import spawn, stop
from miaohui.kit.clock import SystemClock
from miaohui.testing.engine import FakeEngine

ALL, NONE = Share(salt="s", share=1), Share(salt="s", share=0)
BROKEN = failed(Failure(failure_class=FailureClass.TRANSIENT, code="boom", detail="no"))


def ask(conversation: str = "conv_1", *, grounded: bool = True) -> EngineRequest:
    return EngineRequest(
        turn_id="turn_1",
        tenant_id="tnt_1",
        question="?",
        messages=(ChatMessage("user", "?"),),
        conversation_id=conversation,
        grounded=grounded,
        needs=("tools",),
        parameters=Parameters(tools=(msgspec.Raw(b"{}"),)),
    )


async def told(engine: Engine, request: EngineRequest | None = None) -> list[Piece]:
    return [piece async for piece in engine.stream(request or ask())]


def text_of(pieces: list[Piece]) -> str:
    return "".join(piece.text for piece in pieces if isinstance(piece, Text))


async def test_a_conversation_in_the_share_is_answered_by_the_other_engine() -> None:
    usual, other = FakeEngine(["旧"]), FakeEngine(["新"])
    assert text_of(await told(Grey(usual, other, ALL))) == "新"
    assert text_of(await told(Grey(usual, other, NONE))) == "旧"
    assert text_of(await told(Grey(usual, other, ALL), ask(""))) == "旧"
    assert text_of(await told(Grey(usual, other, ALL), ask(grounded=False))) == "旧"


async def test_a_conversation_stays_on_its_side() -> None:
    grey = Grey(FakeEngine(["旧"]), FakeEngine(["新"]), Share(salt="s", share=0.5))
    for conversation in map(str, range(20)):
        assert len({text_of(await told(grey, ask(conversation))) for _ in range(3)}) == 1
    assert len({text_of(await told(grey, ask(str(i)))) for i in range(20)}) == 2


async def test_the_usual_engine_rescues_what_the_other_fails() -> None:
    pieces = await told(Grey(FakeEngine(["旧"]), FakeEngine([BROKEN]), ALL))
    assert text_of(pieces) == "旧"
    assert not [piece for piece in pieces if isinstance(piece, Restarted)]
    pieces = await told(Grey(FakeEngine(["旧"]), FakeEngine(["新", BROKEN]), ALL))
    assert [piece for piece in pieces if not isinstance(piece, Started)][:3] == [
        Text("新"),
        Restarted(reason="boom"),
        Text("旧"),
    ]


async def test_a_trial_that_fails_too_often_is_ended_and_stays_ended() -> None:
    other = FakeEngine([BROKEN])
    grey = Grey(FakeEngine(["旧"]), other, ALL, Verge(least=5))
    for _ in range(9):
        assert text_of(await told(grey)) == "旧"
    assert (grey.ended, len(other.requests)) == ("failures", 5)


async def test_failures_of_the_usual_side_end_no_trial() -> None:
    other = FakeEngine(["新"])
    grey = Grey(FakeEngine([BROKEN]), other, Share(salt="s", share=0.5), Verge(least=5))
    for conversation in map(str, range(40)):
        try:
            await told(grey, ask(conversation))
        except EngineFailed as failure:
            assert failure is BROKEN  # noqa: PT017  (which conversations are whose is the hash's business)
    assert not grey.ended
    assert len(other.requests) > 5


class Kept:
    def __init__(self) -> None:
        self.comparisons: list[Comparison] = []

    def note(self, comparison: Comparison) -> None:
        self.comparisons.append(comparison)


@asynccontextmanager
async def shadowing(
    usual: FakeEngine, other: FakeEngine, share: Share = ALL, budget: Budget | None = None
) -> AsyncIterator[tuple[Shadow, Kept]]:
    kept = Kept()
    shadow = Shadow(usual, other, share, SystemClock(), kept)
    shadow.budget = budget or shadow.budget
    running = spawn(shadow.run(), name="shadow")
    try:
        yield shadow, kept
    finally:
        await stop(running)


async def test_a_shadow_is_asked_after_the_answer_and_not_heard() -> None:
    usual, other = FakeEngine(["旧", 0.01, "的"], name="usual"), FakeEngine(["新"], name="other")
    async with shadowing(usual, other) as (shadow, kept):
        async for piece in shadow.stream(ask()):
            assert other.requests == []
            assert piece != Text("新")
        await until(lambda: kept.comparisons)
    found = kept.comparisons[0]
    assert (found.route, found.text, found.shadow_text, found.shadow_outcome) == ("usual", "旧的", "新", "finished")


async def test_a_shadow_has_no_tools_and_enters_no_cache() -> None:
    usual, other = FakeEngine(["旧"]), FakeEngine(["新"])
    async with shadowing(usual, other) as (shadow, kept):
        await told(shadow)
        await until(lambda: kept.comparisons)
    assert usual.requests == [ask()]
    asked = other.requests[0]
    assert (asked.parameters.tools, asked.needs, asked.personal) == ((), (), True)


async def test_outside_the_share_nothing_is_asked() -> None:
    usual, other = FakeEngine(["旧"]), FakeEngine(["新"])
    async with shadowing(usual, other, NONE) as (shadow, _):
        assert text_of(await told(shadow)) == "旧"
        await asyncio.sleep(0.01)
    async with shadowing(usual, other) as (shadow, _):
        await told(shadow, ask(grounded=False))
        await asyncio.sleep(0.01)
    assert other.requests == []


async def test_what_breaks_in_a_shadow_stays_there() -> None:
    usual, other = FakeEngine(["旧"]), FakeEngine([BROKEN], [asyncio.Event()], ["新"])
    async with shadowing(usual, other, budget=Budget(answer_s=0.02)) as (shadow, kept):
        for _ in range(3):
            assert text_of(await told(shadow)) == "旧"
        await until(lambda: len(kept.comparisons) == 3)
    assert [one.shadow_outcome for one in kept.comparisons] == ["boom", "out_of_time", "finished"]


@pytest.mark.parametrize("budget", [Budget(waiting=2), Budget(a_minute=2)])
async def test_over_the_budget_shadows_are_dropped_and_answers_are_not(budget: Budget) -> None:
    usual, other = FakeEngine(["旧"]), FakeEngine(["新"])
    shadow = Shadow(usual, other, ALL, SystemClock(), kept := Kept())
    shadow.budget = budget
    for _ in range(5):
        assert text_of(await told(shadow)) == "旧"
    running = spawn(shadow.run(), name="shadow")
    await until(lambda: len(kept.comparisons) == 2)
    await asyncio.sleep(0.01)
    await stop(running)
    assert len(kept.comparisons) == 2


async def test_an_answer_that_was_left_has_no_shadow() -> None:
    usual, other = FakeEngine(["旧", 5.0]), FakeEngine(["新"])
    async with shadowing(usual, other) as (shadow, _):
        stream = shadow.stream(ask())
        async for piece in stream:
            if isinstance(piece, Text):
                break
        await stream.aclose()
        await asyncio.sleep(0.01)
    assert (other.requests, usual.closed_early) == ([], 1)
