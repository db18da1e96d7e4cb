"""The loop over a real socket: a provider that streams its calls, well and oddly, and tools of ours."""

from __future__ import annotations

from collections.abc import AsyncIterator

import msgspec
import pytest

from miaohui.engines.openai import OpenAICompatible, OpenAIOptions
from miaohui.engines.types import ChatMessage, EngineRequest, Text
from miaohui.kit.clock import SystemClock
from miaohui.testing.upstream import Upstream, UpstreamOptions
from miaohui.tools.loop import ToolLoop
from miaohui.tools.now import build_now
from miaohui.tools.toolbox import Tool, ToolBox
from miaohui.tools.types import Order

REQUEST = EngineRequest(
    turn_id="turn_1",
    tenant_id="tnt_1",
    question="到哪了?",
    messages=(ChatMessage("system", "你是客服"), ChatMessage("user", "到哪了?")),
)


@pytest.fixture
async def upstream() -> AsyncIterator[Upstream]:
    provider = await Upstream(UpstreamOptions(chunks=2, gap_ms=1, first_ms=1, text="已经发货。")).start()
    yield provider
    await provider.close()


def find_order(seen: list[Order]) -> Tool:
    async def work(order: Order) -> object:
        seen.append(order)
        return {"state": "已发货"}

    parameters = {"type": "object", "properties": {"order": {"type": "string"}}, "required": ["order"]}
    return Tool(
        name="find_order", description="an order's state", parameters=parameters, risk="low_impact_write", work=work
    )


@pytest.mark.parametrize("script", ["tools", "tools-odd", "tools-plain"])
async def test_f17_calls_that_come_oddly_are_made_as_they_were_meant(upstream: Upstream, script: str) -> None:
    seen: list[Order] = []
    upstream.faults.append(script)
    engine = OpenAICompatible(OpenAIOptions(url=upstream.url, model="sim", coalesce_ms=1))
    loop = ToolLoop(engine, ToolBox([find_order(seen), build_now(SystemClock())]), SystemClock())
    said = "".join([piece.text async for piece in loop.stream(REQUEST) if isinstance(piece, Text)])
    await loop.close()
    assert said.endswith("已经发货。")
    assert [(order.key, order.arguments) for order in seen] == [("turn_1:1", {"order": "A1"})]
    first, second = upstream.bodies
    assert [tool["function"]["name"] for tool in first["tools"]] == ["find_order", "now"]
    _, _, asked, *results = second["messages"]
    assert [call["id"] for call in asked["tool_calls"]] == [result["tool_call_id"] for result in results]
    assert msgspec.json.decode(results[0]["content"]) == {"state": "已发货"}
