"""What goes wrong is told in the form in which these clients expect it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import openai
import pytest
from tests.openai.conftest import ASKING, Door, Opened

LONG = "x" * 1_100_000


async def ask(door: Door, **more: Any) -> Any:
    return await door.client.chat.completions.create(**{"model": "miaohui", "messages": ASKING, **more})


def body_of(error: openai.APIStatusError) -> Mapping[str, Any]:
    assert isinstance(error.body, dict)
    return error.body


async def test_a_key_that_does_not_hold_is_an_authentication_error(door: Door) -> None:
    with pytest.raises(openai.AuthenticationError) as caught:
        await door.with_key("mh_live_wrong").chat.completions.create(model="miaohui", messages=ASKING)
    assert body_of(caught.value)["type"] == "authentication_error"
    assert caught.value.code == "invalid_api_key"
    assert door.upstream.requests == 0


async def test_a_key_of_another_scope_has_no_permission(door: Door) -> None:
    with pytest.raises(openai.PermissionDeniedError) as caught:
        await door.with_key(door.old_key).chat.completions.create(model="miaohui", messages=ASKING)
    assert body_of(caught.value)["type"] == "permission_error"
    with pytest.raises(openai.PermissionDeniedError):
        await door.with_key(door.old_key).models.retrieve("miaohui")
    assert door.upstream.requests == 0


async def test_a_visitor_has_no_permission_and_an_admin_key_has(door: Door) -> None:
    with pytest.raises(openai.PermissionDeniedError):
        await door.with_key(door.visitor).chat.completions.create(model="miaohui", messages=ASKING)
    answer = await door.with_key(door.admin_key).chat.completions.create(model="miaohui", messages=ASKING)
    assert answer.choices[0].message.content


async def test_an_unknown_model_is_not_found(door: Door) -> None:
    with pytest.raises(openai.NotFoundError) as caught:
        await ask(door, model="gpt-9")
    assert (caught.value.code, caught.value.param) == ("model_not_found", "model")
    assert body_of(caught.value)["type"] == "invalid_request_error"
    assert door.upstream.requests == 0


@pytest.mark.parametrize(
    ("wrong", "param"),
    [
        ({"messages": []}, "messages"),
        ({"messages": [{"role": "wizard", "content": "x"}]}, "messages[0].role"),
        ({"messages": [{"role": "user"}]}, "messages[0].content"),
        ({"messages": [{"role": "tool", "content": "x"}]}, "messages[0].tool_call_id"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {}}]}]}, "messages[0].content"),
        ({"temperature": 3}, "temperature"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"n": 2}, "n"),
        ({"tools": [{"type": "function"}]}, "tools[0]"),
        ({"extra_body": {"conversation_id": "a b"}}, "conversation_id"),
    ],
)
async def test_a_wrong_field_is_named(door: Door, wrong: dict[str, Any], param: str) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        await ask(door, **wrong)
    assert caught.value.param == param
    assert body_of(caught.value)["type"] == "invalid_request_error"
    assert door.upstream.requests == 0


async def test_a_body_over_the_bound_is_refused(door: Door) -> None:
    with pytest.raises(openai.APIStatusError) as caught:
        await ask(door, messages=[{"role": "user", "content": LONG}])
    assert caught.value.status_code == 413
    assert body_of(caught.value)["type"] == "invalid_request_error"


async def test_over_the_tenants_limit_is_a_rate_limit_error(opened: Opened) -> None:
    async with opened(tenant_messages_per_minute=1, tenant_burst=2) as door:
        for _ in range(2):
            await ask(door)
        with pytest.raises(openai.RateLimitError) as caught:
            await ask(door)
        assert body_of(caught.value)["type"] == "rate_limit_error"
        assert 1 <= int(caught.value.response.headers["retry-after"]) <= 60
        assert caught.value.response.headers["x-ratelimit-remaining"] == "0"
        other = door.with_key(door.admin_key)
        assert await other.chat.completions.create(model="miaohui", messages=ASKING)


@pytest.mark.parametrize(
    ("fault", "code"), [("400-context", "context_length_exceeded"), ("400-content", "content_filter")]
)
@pytest.mark.parametrize("stream", [False, True])
async def test_what_the_provider_refuses_for_the_callers_sake_is_a_bad_request(
    door: Door, fault: str, code: str, stream: bool
) -> None:
    door.upstream.faults.append(fault)
    with pytest.raises(openai.BadRequestError) as caught:
        await ask(door, stream=stream)
    assert caught.value.code == code


@pytest.mark.parametrize("fault", ["500", "429", "401", "reset-at-once", "reasoning-only"])
@pytest.mark.parametrize("stream", [False, True])
async def test_a_provider_that_is_down_is_a_server_error_that_may_be_tried_again(
    door: Door, fault: str, stream: bool
) -> None:
    door.upstream.faults.extend([fault] * 5)
    with pytest.raises(openai.InternalServerError) as caught:
        await ask(door, stream=stream)
    assert caught.value.status_code == 503
    assert int(caught.value.response.headers["retry-after"]) >= 1
    assert body_of(caught.value)["type"] == "api_error"
    assert caught.value.code == "engines_unavailable"


async def test_without_any_provider_nothing_is_made_up(opened: Opened) -> None:
    async with opened(engine_url="") as door:
        with pytest.raises(openai.InternalServerError) as caught:
            await ask(door)
        assert caught.value.code == "engines_unavailable"


@pytest.mark.parametrize("fault", ["error-after", "cut", "malformed", "no-finish"])
async def test_a_stream_that_breaks_after_content_ends_with_an_error(door: Door, fault: str) -> None:
    door.upstream.faults.extend([fault] * 5)
    seen: list[str] = []

    async def read() -> None:
        async for chunk in await ask(door, stream=True):
            assert chunk.choices[0].finish_reason is None
            seen.append(chunk.choices[0].delta.content or "")

    with pytest.raises(openai.APIError) as caught:
        await read()
    assert "".join(seen) == "半句"
    assert isinstance(caught.value.body, dict)
    assert (caught.value.body["partial"], caught.value.body["retryable"]) == (True, True)


async def test_an_answer_in_one_piece_is_begun_anew_when_it_breaks(door: Door) -> None:
    door.upstream.faults.append("error-after")
    answer = await ask(door)
    assert "半句" not in (answer.choices[0].message.content or "")
    assert door.upstream.requests == 2


@pytest.mark.parametrize("stream", [False, True])
async def test_a_tool_call_that_breaks_off_is_asked_for_again(door: Door, stream: bool) -> None:
    door.upstream.faults.extend(["tools-cut", "tools"])
    tools = [{"type": "function", "function": {"name": "find_order"}}]
    answer = await ask(door, stream=stream, tools=tools)
    if not stream:
        assert answer.choices[0].finish_reason == "tool_calls"
        assert len(answer.choices[0].message.tool_calls) == 2
    else:
        calls = [call for chunk in [c async for c in answer] for call in chunk.choices[0].delta.tool_calls or ()]
        assert {call.id for call in calls if call.id} == {"call_a", "call_b"}


async def test_tool_calls_without_end_are_a_server_error(door: Door) -> None:
    door.upstream.faults.extend(["tools-endless"] * 5)
    with pytest.raises(openai.InternalServerError):
        await ask(door, tools=[{"type": "function", "function": {"name": "find_order"}}])
