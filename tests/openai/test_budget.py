"""A company whose budget is used up is told so as OpenAI tells it, and only where nothing free can answer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import openai
import pytest
from tests.engines.routing import PAID_ROUTE
from tests.openai.conftest import ASKING, Door, Opened

from miaohui.testing.upstream import Upstream

FREE = """
[[route]]
name = "free"
base_url = "{url}"
model = "sim"
tier = "fallback"
"""
EMBEDDING = """
[[route]]
name = "vectors"
base_url = "{url}"
model = "vec-1"
price_in = 1_000_000
capabilities = ["embeddings"]
"""


@pytest.fixture
def budgeted(opened: Opened, upstream: Upstream, tmp_path: Path) -> Any:
    """Opens a door where the first answer spends every budget."""

    @asynccontextmanager
    async def open_(*routes: str) -> AsyncIterator[Door]:
        file = tmp_path / "engines.toml"
        file.write_text("".join(routes).format(url=upstream.url), encoding="utf-8")
        async with opened(engine_url="", engines_file=file, tenant_cost_a_month=0.000_001) as door:
            yield door

    return open_


async def ask(door: Door, key: str = "", **more: Any) -> Any:
    asked = {"model": "miaohui", "messages": ASKING, **more}
    return await door.with_key(key or door.key).chat.completions.create(**asked)


@pytest.mark.parametrize("stream", [False, True])
async def test_a_used_up_budget_is_an_exhausted_quota_that_no_client_tries_again(budgeted: Any, stream: bool) -> None:
    async with budgeted(PAID_ROUTE) as door:
        assert (await ask(door)).choices[0].message.content
        asked = door.upstream.requests
        with pytest.raises(openai.RateLimitError) as caught:
            await door.client.with_options(max_retries=2).chat.completions.create(
                model="miaohui", messages=ASKING, stream=stream
            )
        error = caught.value
        assert (error.status_code, error.code, error.type) == (429, "insufficient_quota", "insufficient_quota")
        assert "budget" in str(error)
        assert error.response.headers["x-should-retry"] == "false"
        assert "retry-after" not in error.response.headers
        assert door.upstream.requests == asked, "no provider was asked"


async def test_another_company_has_its_own_budget(budgeted: Any) -> None:
    async with budgeted(PAID_ROUTE) as door:
        await ask(door)
        with pytest.raises(openai.RateLimitError):
            await ask(door)
        assert (await ask(door, door.admin_key)).choices[0].message.content


async def test_a_free_route_answers_in_place_of_a_refusal(budgeted: Any) -> None:
    async with budgeted(PAID_ROUTE, FREE) as door:
        for _ in range(3):
            assert (await ask(door)).choices[0].message.content
        assert door.upstream.requests == 3


async def test_vectors_that_cost_something_are_refused_in_the_same_way(budgeted: Any) -> None:
    async with budgeted(PAID_ROUTE, EMBEDDING) as door:
        await door.client.embeddings.create(model="vec-1", input="退货")
        with pytest.raises(openai.RateLimitError) as caught:
            await door.client.embeddings.create(model="vec-1", input="运费")
        assert caught.value.code == "insufficient_quota"
