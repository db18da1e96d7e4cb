"""The loop between an engine that calls and tools that answer, fail, or take too long."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from miaohui.engines.errors import EngineFailed
from miaohui.engines.types import (
    CalledFunction,
    ChatMessage,
    EngineRequest,
    Finished,
    Piece,
    Restarted,
    Text,
    ToolCall,
    ToolCalls,
    ToolUsed,
    Usage,
)
from miaohui.kit.clock import SystemClock
from miaohui.kit.errors import Invalid
from miaohui.testing.engine import Act, FakeEngine, finished
from miaohui.tools.errors import ToolRefused
from miaohui.tools.human import REQUEST_HUMAN
from miaohui.tools.loop import ToolLoop, distinct
from miaohui.tools.running import RESULT_BYTES, ToolOptions
from miaohui.tools.toolbox import Tool, ToolBox
from miaohui.tools.types import Order, Risk

REQUEST = EngineRequest(
    turn_id="turn_1",
    tenant_id="tnt_1",
    question="到哪了?",
    messages=(ChatMessage("system", "你是客服"), ChatMessage("user", "到哪了?")),
)


class Shop:
    """Tools that remember who called them."""

    def __init__(self) -> None:
        self.orders: list[tuple[str, Order]] = []
        self.running = 0
        self.most_running = 0
        self.wait_s: dict[str, float] = {}
        self.broken: set[str] = set()
        self.result: object = {"state": "已发货"}

    def tool(self, name: str, risk: Risk = "read") -> Tool:
        async def work(order: Order) -> object:
            self.orders.append((name, order))
            self.running += 1
            self.most_running = max(self.most_running, self.running)
            try:
                await asyncio.sleep(self.wait_s.get(name, 0.001))
            finally:
                self.running -= 1
            if name in self.broken:
                raise ValueError("boom")
            if order.arguments["id"] == "none":
                raise ToolRefused("no such order")
            return self.result

        parameters = {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]}
        return Tool(name=name, description="one of ours", parameters=parameters, risk=risk, work=work)

    def keys(self) -> list[str]:
        return [order.key for _, order in self.orders]


@pytest.fixture
def shop() -> Shop:
    return Shop()


def call(name: str, arguments: Any = None, call_id: str = "") -> ToolCall:
    text = arguments if isinstance(arguments, str) else msgspec.json.encode(arguments or {"id": "A1"}).decode()
    return ToolCall(call_id or f"id_{name}", CalledFunction(name, text))


def calls(*asked: ToolCall) -> list[Act]:
    return [ToolCalls(asked), msgspec.structs.replace(finished(), reason="tool_calls")]


def loop_over(shop: Shop, *scripts: Sequence[Act], **options: Any) -> tuple[ToolLoop, FakeEngine]:
    engine = FakeEngine(*scripts)
    box = ToolBox(
        [
            shop.tool("find"),
            shop.tool("look"),
            shop.tool("refund", "low_impact_write"),
            shop.tool("cancel", "low_impact_write"),
        ]
    )
    return ToolLoop(engine, box, SystemClock(), ToolOptions(**options)), engine


async def told(loop: ToolLoop, request: EngineRequest = REQUEST) -> list[Piece]:
    return [piece async for piece in loop.stream(request)]


def text_of(pieces: Sequence[Piece]) -> str:
    said: list[str] = []
    for piece in pieces:
        if isinstance(piece, Restarted):
            said.clear()
        elif isinstance(piece, Text):
            said.append(piece.text)
    return "".join(said)


def results(engine: FakeEngine, number: int = -1) -> list[Any]:
    messages = engine.requests[number].messages
    return [msgspec.json.decode(message.content) for message in messages if message.role == "tool"]


def code(result: Any) -> str:
    return str(result["error"]["code"])


async def test_the_engine_is_told_the_result_and_answers(shop: Shop) -> None:
    loop, engine = loop_over(shop, ["我查一下。", *calls(call("find"))], ["已经发货。"])
    pieces = await told(loop)
    assert text_of(pieces) == "我查一下。已经发货。"
    assert not [piece for piece in pieces if isinstance(piece, ToolCalls)]
    assert [type(piece) for piece in pieces].count(Finished) == 1
    end = pieces[-1]
    assert isinstance(end, Finished)
    assert (end.reason, end.usage) == ("stop", Usage(input_tokens=20, output_tokens=10, estimated=True))
    *_, asked, result = engine.requests[1].messages
    assert (asked.role, asked.content, asked.tool_calls) == ("assistant", "我查一下。", (call("find"),))
    assert (result.tool_call_id, result.content) == ("id_find", '{"state":"已发货"}')
    assert engine.requests[0].needs == ("tools",)
    assert [msgspec.json.decode(tool)["function"]["name"] for tool in engine.requests[0].parameters.tools] == [
        "find", "look", "refund", "cancel",
    ]  # fmt: skip
    assert shop.orders[0][1].tenant_id == "tnt_1"


async def test_without_calls_the_answer_goes_through(shop: Shop) -> None:
    loop, engine = loop_over(shop, ["您好"])
    assert text_of(await told(loop)) == "您好"
    assert len(engine.requests) == 1


async def test_a_callers_own_tools_are_none_of_ours(shop: Shop) -> None:
    loop, engine = loop_over(shop, calls(call("find")))
    request = msgspec.structs.replace(REQUEST, grounded=False)
    pieces = await told(loop, request)
    assert ToolCalls((call("find"),)) in pieces
    assert (shop.orders, engine.requests) == ([], [request])


async def test_reads_run_together_and_writes_alone_in_their_order(shop: Shop) -> None:
    asked = [call("find"), call("look"), call("refund"), call("cancel"), call("find", {"id": "B2"}, "other")]
    loop, engine = loop_over(shop, calls(*asked), ["好了。"])
    shop.wait_s = dict.fromkeys(("find", "look", "refund", "cancel"), 0.02)
    await told(loop)
    assert [name for name, _ in shop.orders] == ["find", "look", "refund", "cancel", "find"]
    assert shop.most_running == 2
    assert shop.keys() == [f"turn_1:{step}" for step in range(1, 6)]
    assert [message.tool_call_id for message in engine.requests[1].messages[3:]] == [one.id for one in asked]


async def test_a_turn_that_is_begun_again_calls_under_the_same_keys(shop: Shop) -> None:
    for _ in range(2):
        loop, _ = loop_over(shop, calls(call("refund")), ["好了。"])
        await told(loop)
    assert shop.keys() == ["turn_1:1", "turn_1:1"]


@pytest.mark.parametrize("call_id", ["id_refund", "another"])
async def test_f18_a_write_that_is_called_twice_runs_once(shop: Shop, call_id: str) -> None:
    same = call("refund", '{"id" : "A1"}', call_id)
    loop, engine = loop_over(shop, calls(call("refund"), same), calls(call("refund")), ["好了。"])
    await told(loop)
    assert len(shop.orders) == 1
    assert {msgspec.json.encode(result) for result in results(engine)} == {'{"state":"已发货"}'.encode()}


async def test_f18_one_id_for_two_calls_becomes_two() -> None:
    asked = (call("a", call_id="x"), call("a", call_id="x"), call("b", call_id="x"), call("c", call_id="x"))
    assert [(one.id, one.function.name) for one in distinct(asked)] == [("x", "a"), ("x_2", "b"), ("x_3", "c")]


@pytest.mark.parametrize("wrong", ['{"id": ', "[]", '{"id": 7}', "{}", '{"id":"A1","more":1}', '{"id":"\\ud800"}'])
async def test_f18_wrong_arguments_may_be_mended_once(shop: Shop, wrong: str) -> None:
    loop, engine = loop_over(shop, calls(call("find", wrong)), calls(call("find", wrong)), ["不行。"])
    await told(loop)
    assert shop.orders == []
    first, second = results(engine)
    assert (code(first), first["error"]["retry"]) == ("invalid_arguments", True)
    assert (code(second), second["error"]["retry"]) == ("invalid_arguments", False)

    loop, engine = loop_over(shop, calls(call("find", wrong)), calls(call("find")), ["好了。"])
    await told(loop)
    assert results(engine)[-1] == {"state": "已发货"}


async def test_f18_an_unknown_tool_is_told_to_the_engine(shop: Shop) -> None:
    loop, engine = loop_over(shop, calls(call("fly")), ["不行。"])
    assert text_of(await told(loop)) == "不行。"
    assert code(results(engine)[0]) == "unknown_tool"
    assert "refund" in results(engine)[0]["error"]["message"]


async def test_a_tool_that_takes_too_long_is_given_up_and_the_visitor_hears_nothing_of_it(shop: Shop) -> None:
    shop.wait_s = {"find": 5, "refund": 5}
    loop, engine = loop_over(shop, calls(call("find"), call("refund")), ["查不到。"], call_s=0.03)
    assert text_of(await told(loop)) == "查不到。"
    assert [code(result) for result in results(engine)] == ["timeout", "timeout"]
    assert "may have been done" in results(engine)[1]["error"]["message"]
    assert "may have been done" not in results(engine)[0]["error"]["message"]
    assert shop.running == 0


async def test_a_tool_that_breaks_or_says_no_is_told_to_the_engine(shop: Shop) -> None:
    shop.broken = {"look"}
    loop, engine = loop_over(shop, calls(call("find", {"id": "none"}), call("look")), ["不行。"])
    await told(loop)
    assert [code(result) for result in results(engine)] == ["refused", "tool_failed"]
    assert "boom" not in str(results(engine))


async def test_a_tool_that_fails_again_and_again_is_not_called_for_a_while(shop: Shop) -> None:
    shop.broken = {"find"}
    loop, engine = loop_over(shop, *[part for _ in range(6) for part in (calls(call("find")), ["不行。"])])
    for _ in range(6):
        await told(loop)
    assert len(shop.orders) == 5
    assert code(results(engine)[0]) == "tool_unavailable"
    await told(ToolLoop(FakeEngine(calls(call("look")), ["好。"]), loop._shelf, SystemClock()))
    assert shop.orders[-1][0] == "look"


async def test_refusals_do_not_count_against_a_tool(shop: Shop) -> None:
    loop, engine = loop_over(
        shop, *[part for _ in range(7) for part in (calls(call("find", {"id": "none"})), ["没有。"])]
    )
    for _ in range(7):
        await told(loop)
    assert len(shop.orders) == 7
    assert code(results(engine)[0]) == "refused"


async def test_after_so_many_rounds_the_engine_must_answer(shop: Shop) -> None:
    rounds = [calls(call("find", {"id": str(i)})) for i in range(5)]
    loop, engine = loop_over(shop, *rounds, ["就这些。"])
    assert text_of(await told(loop)) == "就这些。"
    assert len(engine.requests) == 6
    assert [request.parameters.tool_choice for request in engine.requests] == [None] * 5 + [msgspec.Raw(b'"none"')]


async def test_an_engine_that_calls_without_end_fails(shop: Shop) -> None:
    loop, engine = loop_over(shop, calls(call("refund")))
    with pytest.raises(EngineFailed) as caught:
        await told(loop)
    assert caught.value.code == "tool_rounds"
    assert (len(engine.requests), len(shop.orders)) == (6, 1)


async def test_too_many_calls_at_once_are_not_all_made(shop: Shop) -> None:
    asked = [call("find", {"id": str(i)}, f"id{i}") for i in range(4)]
    loop, engine = loop_over(shop, calls(*asked), ["好。"], calls=3)
    await told(loop)
    assert len(shop.orders) == 3
    assert code(results(engine)[3]) == "too_many_calls"


async def test_a_long_result_is_cut_and_says_so(shop: Shop) -> None:
    shop.result = {"text": '长"' * RESULT_BYTES}
    loop, engine = loop_over(shop, calls(call("find")), ["好。"])
    await told(loop)
    content = engine.requests[1].messages[-1].content
    assert len(content.encode()) <= RESULT_BYTES
    assert results(engine)[0]["truncated"] is True
    assert len(content.encode()) > RESULT_BYTES * 0.8


async def test_calls_that_were_cut_off_are_not_made(shop: Shop) -> None:
    cut: list[Act] = [ToolCalls((call("refund"),)), msgspec.structs.replace(finished(), reason="length")]
    loop, _ = loop_over(shop, ["半句", *cut])
    end = (await told(loop))[-1]
    assert isinstance(end, Finished)
    assert (end.reason, shop.orders) == ("length", [])


async def test_a_second_round_that_is_begun_anew_keeps_what_the_first_said(shop: Shop) -> None:
    loop, engine = loop_over(
        shop, ["我查一下。", *calls(call("find"))], ["已", Restarted(reason="cut_off"), "没发货。"]
    )
    assert text_of(await told(loop)) == "我查一下。没发货。"
    assert len(engine.requests) == 2


async def test_an_attempt_that_is_void_calls_nothing(shop: Shop) -> None:
    loop, _ = loop_over(shop, [ToolCalls((call("refund"),)), Restarted(reason="cut_off"), "您好"])
    assert text_of(await told(loop)) == "您好"
    assert shop.orders == []


async def test_who_leaves_while_a_tool_runs_stops_it(shop: Shop) -> None:
    shop.wait_s = {"find": 5}
    loop, _ = loop_over(shop, calls(call("find")), ["好。"])
    listening = asyncio.create_task(told(loop))
    while not shop.running:  # noqa: ASYNC110
        await asyncio.sleep(0.001)
    listening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await listening
    assert shop.running == 0


@pytest.mark.parametrize("name", ["", "a b", "查", "x" * 65])
def test_a_tool_needs_a_name_that_engines_take(shop: Shop, name: str) -> None:
    with pytest.raises(Invalid):
        ToolBox([shop.tool(name)])
    with pytest.raises(Invalid):
        ToolBox([shop.tool("find"), shop.tool("find")])


def used(pieces: Sequence[Piece]) -> list[tuple[str, str]]:
    return [(piece.name, piece.outcome) for piece in pieces if isinstance(piece, ToolUsed)]


async def test_which_tools_were_used_and_how_it_ended_is_told_in_their_order(shop: Shop) -> None:
    shop.broken = {"look"}
    asked = (call("find"), call("look"), call("fly"), call("refund"))
    loop, _ = loop_over(shop, calls(*asked), calls(call("refund")), ["好了。"])
    pieces = await told(loop)
    assert sorted(used(pieces)[:3]) == [("find", "done"), ("fly", "unknown"), ("look", "failed")]
    assert used(pieces)[3:] == [("refund", "done"), ("refund", "repeated")]
    assert all(piece.took_ms > 0 for piece in pieces if isinstance(piece, ToolUsed) and piece.outcome == "done")


async def test_without_calls_nothing_is_said_of_tools(shop: Shop) -> None:
    loop, engine = loop_over(shop, ["您好。"])
    assert used(await told(loop)) == []
    assert len(engine.requests[0].parameters.tools) == 4
    assert "工具" in engine.requests[0].messages[0].content


async def test_a_request_that_has_no_tools_is_passed_on_as_it_is(shop: Shop) -> None:
    engine = FakeEngine(["您好。"], ["您好。"])
    await told(ToolLoop(engine, ToolBox([]), SystemClock()))
    assert engine.requests[0] is REQUEST
    own = msgspec.structs.replace(REQUEST, grounded=False)
    await told(ToolLoop(engine, ToolBox([shop.tool("find")]), SystemClock()), own)
    assert engine.requests[1] is own


async def test_asking_for_a_human_says_why_and_a_refused_call_does_not() -> None:
    engine = FakeEngine(calls(call("request_human", {"reason": "sentiment"})), ["马上有同事来。"])
    pieces = await told(ToolLoop(engine, ToolBox([REQUEST_HUMAN]), SystemClock()))
    assert [piece.handoff for piece in pieces if isinstance(piece, ToolUsed)] == ["sentiment"]
    engine = FakeEngine(calls(call("request_human", {"reason": "boredom"})), ["好。"])
    pieces = await told(ToolLoop(engine, ToolBox([REQUEST_HUMAN]), SystemClock()))
    assert [(piece.outcome, piece.handoff) for piece in pieces if isinstance(piece, ToolUsed)] == [("invalid", None)]
