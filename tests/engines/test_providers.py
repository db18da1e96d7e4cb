"""Every quirk in the table, against what the provider is known to say."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from tests.engines.routing import described, keys
from tests.engines.streams import Told, ask, listen_once

from miaohui.engines.connect import connect_openai
from miaohui.engines.providers import PROVIDERS, get_provider
from miaohui.engines.routes import read_route
from miaohui.kit.errors import Invalid
from miaohui.testing.upstream import Upstream
from miaohui.testing.vendors import VENDORS

TIMES = {"connect_ms": 300, "first_content_ms": 500, "idle_ms": 500, "total_ms": 2000}


async def told(upstream: Upstream, provider: str, model: str = "sim", **fields: Any) -> Told:
    route = read_route(
        described("r", base_url=upstream.url, model=model, provider=provider, keys=keys("k"), **{**TIMES, **fields})
    )
    return await listen_once(connect_openai(coalesce_ms=10)(route, route.keys[0]), ask())


@pytest.mark.parametrize(
    ("fixture", "failure"),
    [
        ("azure:busy", "rate_limit"),
        ("azure:content", "content"),
        ("azure:gone", "route_gone"),
        ("deepseek:no-capacity", "transient"),
        ("deepseek:balance", "quota"),
        ("dashscope:burst", "rate_limit"),
        ("dashscope:rate", "rate_limit"),
        ("dashscope:arrears", "quota"),
        ("dashscope:inspection", "content"),
        ("qianfan:rate-in-200", "rate_limit"),
        ("qianfan:old-rate", "rate_limit"),
        ("qianfan:old-credential", "credential"),
        ("qianfan:too-long", "context"),
        ("qianfan:credential", "credential"),
        ("qianfan:balance", "quota"),
        ("zhipu:balance", "quota"),
        ("zhipu:locked", "quota"),
        ("zhipu:rate", "rate_limit"),
        ("zhipu:sensitive", "content"),
        ("zhipu:credential", "credential"),
        ("zhipu:too-long", "context"),
        ("zhipu:withheld", "content"),
        ("zhipu:network", "transient"),
        ("moonshot:overloaded", "transient"),
        ("moonshot:quota", "quota"),
        ("moonshot:rate", "rate_limit"),
        ("moonshot:too-long", "context"),
        ("ark:closed", "route_gone"),
        ("ark:not-open", "route_gone"),
        ("ark:overdue", "quota"),
        ("ark:rate", "rate_limit"),
        ("ark:overloaded", "transient"),
        ("ark:quota", "quota"),
        ("ark:sensitive", "content"),
        ("openrouter:broken-off", "transient"),
        ("openrouter:credit", "quota"),
        ("vllm:overlong", "context"),
        ("vllm:gone", "route_gone"),
        ("sglang:overlong", "context"),
        ("ollama:gone", "route_gone"),
        ("llamacpp:overlong", "context"),
        ("llamacpp:loading", "transient"),
        ("openai:quota", "quota"),
        ("openai:rate", "rate_limit"),
    ],
)
async def test_what_a_provider_says_is_understood(upstream: Upstream, fixture: str, failure: str) -> None:
    seen = await told(upstream, fixture.partition(":")[0], fixture)
    assert seen.finished is None
    assert seen.failure is not None
    assert seen.failure.failure_class.value == failure


@pytest.mark.parametrize(
    ("fixture", "usage"),
    [
        ("azure:filter-results", None),
        ("deepseek:waiting", None),
        ("deepseek:thinking", (120, 8, 64, 5)),
        ("dashscope:usage-last", (120, 8, 64, 0)),
        ("moonshot:usage-in-choice", (120, 8, 32, 0)),
        ("openrouter:waiting", None),
        ("sglang:null-names", None),
        ("llamacpp:cached", (120, 8, 96, 0)),
        ("lmstudio:done-only", None),
        ("openai:cached", (120, 8, 96, 0)),
    ],
)
async def test_an_answer_in_a_providers_own_shape_is_whole(
    upstream: Upstream, fixture: str, usage: tuple[int, int, int, int] | None
) -> None:
    seen = await told(upstream, fixture.partition(":")[0], fixture)
    assert (seen.failure, seen.text) == (None, "您好")
    assert seen.finished is not None
    used = seen.finished.usage
    assert used.estimated is (usage is None)
    if usage is not None:
        assert (used.input_tokens, used.output_tokens, used.cached_tokens, used.reasoning_tokens) == usage


def test_every_fixture_is_checked_above() -> None:
    import ast
    from pathlib import Path

    text = {node.value for node in ast.walk(ast.parse(Path(__file__).read_text())) if isinstance(node, ast.Constant)}
    assert set(VENDORS) - text == set()


async def test_done_alone_ends_an_answer_only_where_that_is_the_providers_way(upstream: Upstream) -> None:
    assert (await told(upstream, "openai", "lmstudio:done-only")).failure is not None


@pytest.mark.parametrize(
    ("provider", "fields", "sent"),
    [
        ("openai", {}, {"temperature": 0.2, "stream_options": {"include_usage": True}}),
        ("openai", {"temperature": None}, {"temperature": None}),
        ("moonshot", {"temperature": 1.8}, {"temperature": 1.0, "stream_options": None}),
        ("zhipu", {"temperature": 0}, {"temperature": 0.01, "thinking": {"type": "disabled"}, "stream_options": None}),
        ("qianfan", {"temperature": 0}, {"temperature": 0.01}),
        ("dashscope", {"temperature": 2}, {"temperature": 1.99, "enable_thinking": False}),
        ("ark", {}, {"thinking": {"type": "disabled"}}),
        ("vllm", {}, {"chat_template_kwargs": {"enable_thinking": False}}),
        ("sglang", {}, {"chat_template_kwargs": {"enable_thinking": False}}),
        ("llamacpp", {}, {"cache_prompt": True}),
    ],
)
async def test_a_request_is_in_the_form_that_the_provider_takes(
    upstream: Upstream, provider: str, fields: dict[str, Any], sent: dict[str, Any]
) -> None:
    await told(upstream, provider, **fields)
    body = upstream.bodies[-1]
    assert {name: body.get(name) for name in sent} == sent
    assert (body["model"], body["stream"], body["max_tokens"]) == ("sim", True, 800)


async def test_azure_is_addressed_by_version_and_key(upstream: Upstream) -> None:
    await told(upstream, "azure", api_version="2024-10-21")
    head = upstream.heads[-1].decode()
    assert head.startswith("POST /v1/chat/completions?api-version=2024-10-21 HTTP/1.1\r\n")
    assert "\r\napi-key: sk-k\r\n" in head
    assert "Authorization" not in head


async def test_others_are_addressed_with_a_bearer_token(upstream: Upstream) -> None:
    await told(upstream, "openai")
    assert "\r\nAuthorization: Bearer sk-k\r\n" in upstream.heads[-1].decode()


def test_the_table_names_every_provider_that_is_promised() -> None:
    promised = (
        "openai azure deepseek dashscope qianfan zhipu moonshot ark openrouter vllm ollama llamacpp lmstudio sglang"
    )
    assert set(promised.split()) == set(PROVIDERS)
    with pytest.raises(Invalid, match="deepseek"):
        get_provider("deepsek")


def test_codes_are_written_as_they_are_looked_up() -> None:
    assert [code for one in PROVIDERS.values() for code in one.codes if code != code.lower()] == []
    assert msgspec.json.encode(PROVIDERS["dashscope"].extras) == b'{"enable_thinking":false}'
