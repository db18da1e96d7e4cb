from __future__ import annotations

from typing import Any

import msgspec
import pytest

from miaohui.channels.openai.asking import MOST_OUTPUT_TOKENS, build_request, read_ask
from miaohui.engines.types import NO_PARAMETERS, EngineRequest
from miaohui.kit.errors import Invalid


def request(tenant: str = "tnt_1", **fields: Any) -> EngineRequest:
    asked = {"model": "miaohui", "messages": [{"role": "user", "content": "你好"}], **fields}
    return build_request(read_ask(msgspec.json.encode(asked)), "chatcmpl_1", tenant)


def test_two_tenants_may_name_a_conversation_alike() -> None:
    ours, theirs = (request(tenant, conversation_id="c1").conversation_id for tenant in ("tnt_1", "tnt_2"))
    assert ours != theirs
    assert request().conversation_id == ""


def test_the_request_is_not_answered_from_knowledge() -> None:
    assert not request().grounded
    assert request().sources == ()


def test_nothing_chosen_is_nothing_sent() -> None:
    assert request(temperature=None, stop=[], tool_choice=None, response_format=None).parameters is NO_PARAMETERS
    assert request(temperature=0).parameters.temperature == 0


@pytest.mark.parametrize(
    ("fields", "tokens"),
    [
        ({}, 4096),
        ({"max_tokens": 5}, 5),
        ({"max_tokens": 5, "max_completion_tokens": 7}, 7),
        ({"max_tokens": 10**9}, MOST_OUTPUT_TOKENS),
    ],
)
def test_the_longest_answer_is_what_was_asked_within_bounds(fields: dict[str, Any], tokens: int) -> None:
    assert request(**fields).max_output_tokens == tokens


def test_text_parts_are_one_text() -> None:
    parts = [{"type": "text", "text": "你"}, {"type": "text", "text": "好"}]
    assert request(messages=[{"role": "user", "content": parts}]).question == "你好"


def test_the_question_is_the_last_thing_the_caller_said() -> None:
    messages = [{"role": "user", "content": "一"}, {"role": "user", "content": "二"}]
    assert request(messages=[*messages, {"role": "assistant", "content": "三"}]).question == "二"


def test_tools_ask_for_a_route_that_can() -> None:
    assert request(tools=[{"type": "function", "function": {"name": "f"}}]).needs == ("tools",)
    assert request(tools=[]).needs == ()


def test_only_the_assistant_calls_tools() -> None:
    call = {"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    assert request(messages=[{"role": "assistant", "content": None, "tool_calls": [call]}]).messages[0].tool_calls
    with pytest.raises(Invalid, match="tool_calls"):
        request(messages=[{"role": "user", "content": "x", "tool_calls": [call]}])
