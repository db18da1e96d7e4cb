"""Trials by settings, over real sockets: the other engine is asked as the settings say, and nobody's answer suffers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.support import records
from tests.support.waiting import until

from miaohui.engines.ports import Engine
from miaohui.engines.types import ChatMessage, EngineRequest, Text
from miaohui.settings.types import Settings
from miaohui.testing.upstream import Upstream, UpstreamOptions
from miaohui.wiring import open_house


@pytest.fixture
async def other() -> AsyncIterator[Upstream]:
    provider = await Upstream(UpstreamOptions(chunks=2, gap_ms=1, first_ms=1, text="另一个答案。")).start()
    yield provider
    await provider.close()


async def said(engine: Engine, conversation: str = "conv_1") -> str:
    request = EngineRequest(
        turn_id="turn_1",
        tenant_id="tnt_1",
        question="如何退货?",
        messages=(ChatMessage("system", "你是客服"), ChatMessage("user", "如何退货?")),
        conversation_id=conversation,
    )
    return "".join([piece.text async for piece in engine.stream(request) if isinstance(piece, Text)])


def settings(data: Path, migrated: Path, upstream: Upstream, **more: object) -> Settings:
    data.mkdir()
    records.copy_sqlite(migrated, data / "miaohui.db")
    return Settings(data=data, engine_url=upstream.url, engine_model="sim", **more)  # type: ignore[arg-type]


async def test_a_share_of_conversations_is_answered_by_the_provider_on_trial(
    migrated: Path, tmp_path: Path, upstream: Upstream, other: Upstream
) -> None:
    chosen = settings(tmp_path / "data", migrated, upstream, grey_url=other.url, grey_model="new", grey_share=1)
    async with open_house(chosen) as house:
        assert await said(house.engine) == "另一个答案。"
        other.faults.append("500")
        assert (await said(house.engine)).startswith("您好")


async def test_the_shadow_is_asked_after_the_answer_even_when_that_came_from_the_cache(
    migrated: Path, tmp_path: Path, upstream: Upstream, other: Upstream
) -> None:
    chosen = settings(tmp_path / "data", migrated, upstream, shadow_url=other.url, shadow_model="new", shadow_share=1)
    async with open_house(chosen) as house:
        assert (await said(house.engine)).startswith("您好")
        await until(lambda: other.finished == 1)
        assert (await said(house.engine)).startswith("您好")
        await until(lambda: other.finished == 2)
        assert upstream.requests == 1
        assert other.bodies[-1]["model"] == "new"


async def test_no_trial_is_on_by_itself(migrated: Path, tmp_path: Path, upstream: Upstream, other: Upstream) -> None:
    chosen = settings(tmp_path / "data", migrated, upstream, grey_share=1, shadow_share=1)
    async with open_house(chosen) as house:
        assert (await said(house.engine)).startswith("您好")
    assert (upstream.requests, other.requests) == (1, 0)
