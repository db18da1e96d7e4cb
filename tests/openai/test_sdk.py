"""The official client finds here what it finds at OpenAI's."""

from __future__ import annotations

import asyncio
from typing import Any

import openai
import pytest
from openai.types.chat import ChatCompletionChunk
from tests.openai.conftest import ASKING, TEXT, Door, Opened
from tests.support.waiting import until

from miaohui.channels.openai.embeddings import BUILT_IN

TOOLS: list[Any] = [
    {
        "type": "function",
        "function": {
            "name": name,
            "description": "one of ours",
            "parameters": {"type": "object", "properties": {"order": {"type": "string"}}},
        },
    }
    for name in ("find_order", "now")
]
ANSWER = TEXT[:32]


async def chunks_of(door: Door, **more: Any) -> list[ChatCompletionChunk]:
    stream = await door.client.chat.completions.create(model="miaohui", messages=ASKING, stream=True, **more)
    return [chunk async for chunk in stream]


def text_of(chunks: list[ChatCompletionChunk]) -> str:
    return "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)


async def test_an_answer_comes_in_one_piece_with_its_usage(door: Door) -> None:
    answer = await door.client.chat.completions.create(model="miaohui", messages=ASKING)
    choice = answer.choices[0]
    assert (choice.message.content, choice.message.role, choice.finish_reason) == (ANSWER, "assistant", "stop")
    assert answer.usage is not None
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens, answer.usage.total_tokens) == (11, 8, 19)
    assert (answer.object, answer.model) == ("chat.completion", "miaohui")
    assert answer.id.startswith("chatcmpl_")


async def test_an_answer_comes_piece_by_piece(door: Door) -> None:
    chunks = await chunks_of(door)
    assert text_of(chunks) == ANSWER
    assert chunks[0].choices[0].delta.role == "assistant"
    assert [chunk.choices[0].finish_reason for chunk in chunks][-2:] == [None, "stop"]
    assert len({chunk.id for chunk in chunks}) == 1
    assert len(chunks) > 2
    assert all(chunk.usage is None for chunk in chunks)


async def test_a_stream_ends_with_its_usage_when_that_is_wanted(door: Door) -> None:
    *chunks, last = await chunks_of(door, stream_options={"include_usage": True})
    assert last.choices == []
    assert last.usage is not None
    assert last.usage.total_tokens == 19
    assert all(chunk.usage is None for chunk in chunks)


async def test_what_the_caller_chose_reaches_the_provider(door: Door) -> None:
    await door.client.chat.completions.create(
        model="miaohui",
        messages=[{"role": "developer", "content": "简短。"}, *ASKING],
        temperature=0.9,
        top_p=0.5,
        max_completion_tokens=77,
        stop=["。"],
        seed=7,
        presence_penalty=0.25,
        response_format={"type": "json_object"},
        tools=TOOLS,
        tool_choice="auto",
        parallel_tool_calls=False,
        extra_body={"unknown_to_us": 1},
    )
    asked = door.upstream.bodies[-1]
    assert [message["role"] for message in asked["messages"]] == ["system", "user"]
    assert asked["messages"][1] == {"role": "user", "content": "如何退货?"}
    assert (asked["temperature"], asked["top_p"], asked["max_tokens"], asked["stop"]) == (0.9, 0.5, 77, ["。"])
    assert (asked["seed"], asked["presence_penalty"], asked["response_format"]) == (7, 0.25, {"type": "json_object"})
    assert (asked["tools"], asked["tool_choice"], asked["parallel_tool_calls"]) == (TOOLS, "auto", False)
    assert asked["model"] == "sim"
    assert "unknown_to_us" not in asked


async def test_what_the_caller_left_open_stays_with_the_route(door: Door) -> None:
    await door.client.chat.completions.create(model="miaohui", messages=ASKING)
    asked = door.upstream.bodies[-1]
    assert asked["temperature"] == 0.2
    assert not {"top_p", "tools", "tool_choice", "stop", "seed", "response_format"} & asked.keys()


@pytest.mark.parametrize("script", ["tools", "tools-odd", "tools-plain"])
async def test_tool_calls_come_whole(door: Door, script: str) -> None:
    door.upstream.faults.append(script)
    answer = await door.client.chat.completions.create(model="miaohui", messages=ASKING, tools=TOOLS)
    choice = answer.choices[0]
    assert choice.finish_reason == "tool_calls"
    calls = [(call.id, call.function.name, call.function.arguments) for call in choice.message.tool_calls or ()]  # type: ignore[union-attr]
    assert calls[0] == ("call_a", "find_order", '{"order": "A1"}')
    assert calls[1:] == ([] if script == "tools-plain" else [("call_b", "now", "{}")])


@pytest.mark.parametrize("script", ["tools", "tools-odd"])
async def test_the_client_merges_streamed_tool_calls(door: Door, script: str) -> None:
    door.upstream.faults.append(script)
    async with door.client.chat.completions.stream(
        model="miaohui", messages=ASKING, tools=TOOLS, stream_options={"include_usage": True}
    ) as stream:
        events = [event.type async for event in stream]
        answer = await stream.get_final_completion()
    choice = answer.choices[0]
    calls = [(call.id, call.function.name, call.function.arguments) for call in choice.message.tool_calls or ()]
    assert calls == [("call_a", "find_order", '{"order": "A1"}'), ("call_b", "now", "{}")]
    assert choice.finish_reason == "tool_calls"
    assert "tool_calls.function.arguments.delta" in events
    assert answer.usage is not None


async def test_the_results_of_tools_go_back_beside_their_calls(door: Door) -> None:
    door.upstream.faults.append("tools")
    first = await door.client.chat.completions.create(model="miaohui", messages=ASKING, tools=TOOLS)
    said = first.choices[0].message
    results: list[Any] = [
        {"role": "tool", "tool_call_id": call.id, "content": '{"state": "已发货"}'} for call in said.tool_calls or ()
    ]
    messages: list[Any] = [*ASKING, said, *results]
    second = await door.client.chat.completions.create(model="miaohui", messages=messages, tools=TOOLS)
    assert second.choices[0].message.content == ANSWER
    assert door.upstream.bodies[-1]["messages"][1]["tool_calls"][0] == {
        "id": "call_a",
        "type": "function",
        "function": {"name": "find_order", "arguments": '{"order": "A1"}'},
    }
    assert door.upstream.bodies[-1]["messages"][2] == {
        "role": "tool",
        "content": '{"state": "已发货"}',
        "tool_call_id": "call_a",
    }


async def test_a_conversation_that_was_named_is_said_again(door: Door) -> None:
    answer = await door.client.chat.completions.create(
        model="miaohui", messages=ASKING, extra_body={"conversation_id": "shop-7"}
    )
    assert answer.model_extra is not None
    assert answer.model_extra["conversation_id"] == "shop-7"
    chunks = await chunks_of(door, extra_body={"conversation_id": "shop-7"})
    assert all((chunk.model_extra or {})["conversation_id"] == "shop-7" for chunk in chunks)


async def test_the_same_question_is_answered_from_the_cache_unless_that_is_refused(opened: Opened) -> None:
    async with opened(answer_cache=True) as door:
        first, again = [text_of(await chunks_of(door)) for _ in range(2)]
        assert first == again == ANSWER
        assert door.upstream.requests == 1
        await chunks_of(door, extra_headers={"cache-control": "no-cache"})
        assert door.upstream.requests == 2
        other = await door.with_key(door.admin_key).chat.completions.create(model="miaohui", messages=ASKING)
        assert other.choices[0].message.content == ANSWER
        assert door.upstream.requests == 3


async def test_models_are_listed_and_found(opened: Opened) -> None:
    async with opened(completion_models="miaohui, shop/fast") as door:
        models = [model.id async for model in door.client.models.list()]
        assert models == ["miaohui", "shop/fast", BUILT_IN]
        assert (await door.client.models.retrieve("shop/fast")).owned_by == "miaohui"
        with pytest.raises(openai.NotFoundError):
            await door.client.models.retrieve("gpt-9")
        answer = await door.client.chat.completions.create(model="shop/fast", messages=ASKING)
        assert answer.model == "shop/fast"


async def test_a_client_that_leaves_the_stream_closes_the_upstream(door: Door) -> None:
    door.upstream.faults.append("stall")
    stream = await door.client.chat.completions.create(model="miaohui", messages=ASKING, stream=True)
    async for chunk in stream:
        if chunk.choices[0].delta.content:
            break
    await stream.close()
    await until(lambda: door.upstream.aborted == 1, 1.0)
    await until(lambda: door.completions._running == 0, 1.0)
    assert door.upstream.stats()["open"] == 0


@pytest.mark.parametrize("stream", [True, False])
async def test_a_client_that_leaves_before_the_first_word_closes_the_upstream(door: Door, stream: bool) -> None:
    door.upstream.faults.append("silent")
    asking = asyncio.create_task(door.client.chat.completions.create(model="miaohui", messages=ASKING, stream=stream))
    await until(lambda: door.upstream.requests == 1)
    asking.cancel()
    await until(lambda: door.upstream.aborted == 1, 1.0)
    await until(lambda: door.completions._running == 0, 1.0)
    with pytest.raises(asyncio.CancelledError):
        await asking


async def test_after_many_were_left_nothing_is_left_over(door: Door) -> None:
    async def leave_after(pieces: int) -> None:
        stream = await door.client.chat.completions.create(model="miaohui", messages=ASKING, stream=True)
        async for _ in stream:
            pieces -= 1
            if pieces < 0:
                break
        await stream.close()

    before = len(asyncio.all_tasks())
    await asyncio.gather(*(leave_after(i % 6) for i in range(40)))
    await until(lambda: door.completions._running == 0, 2.0)
    stats = door.upstream.stats()
    assert stats["finished"] + stats["aborted"] == stats["requests"] == 40
    await until(lambda: len(asyncio.all_tasks()) <= before + 1, 2.0)
