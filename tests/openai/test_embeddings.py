"""The official client gets vectors here as it does at OpenAI's; none of one model stands in for another's."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import openai
import pytest
from sqlalchemy import text
from tests.openai.conftest import ASKING, Door, Opened
from tests.support.waiting import until

from miaohui.channels.openai.embeddings import BUILT_IN, MOST_TEXTS
from miaohui.knowledge.editing.types import Content
from miaohui.testing.upstream import Upstream

_SPENT = text("SELECT model, input_tokens, output_tokens FROM engine_attempts")
TEXTS = ["如何退货", "运费多少", "How do I return it?"]


def by(upstream: Upstream, **more: Any) -> dict[str, Any]:
    return {"embedding_url": upstream.url, "embedding_model": "vec-1", **more}


async def test_each_text_comes_back_as_its_vector_with_the_usage(opened: Opened, upstream: Upstream) -> None:
    async with opened(**by(upstream)) as door:
        whole = await door.client.embeddings.create(model="vec-1", input=TEXTS, encoding_format="float")
        assert [one.index for one in whole.data] == [0, 1, 2]
        assert len({tuple(one.embedding) for one in whole.data}) == 3
        assert (whole.model, whole.usage.prompt_tokens, whole.usage.total_tokens) == ("vec-1", 27, 27)
        alone = await door.client.embeddings.create(model="vec-1", input=TEXTS[1], encoding_format="float")
        assert alone.data[0].embedding == whole.data[1].embedding
        assert upstream.bodies[-1] == {"model": "vec-1", "input": [TEXTS[1]]}


async def test_base64_holds_the_same_numbers_as_floats(opened: Opened, upstream: Upstream) -> None:
    """The client asks for it by itself, and gives back floats."""
    async with opened(**by(upstream)) as door:
        floats = await door.client.embeddings.create(model="vec-1", input=TEXTS, encoding_format="float")
        packed = await door.client.embeddings.create(model="vec-1", input=TEXTS)
        for one, other in zip(floats.data, packed.data, strict=True):
            assert one.embedding == pytest.approx(other.embedding, abs=1e-7)
        raw = await door.client.embeddings.with_raw_response.create(
            model="vec-1", input="退货", encoding_format="base64"
        )
        assert isinstance(raw.http_response.json()["data"][0]["embedding"], str)


async def test_many_texts_are_sent_in_batches_and_come_back_in_order(opened: Opened, upstream: Upstream) -> None:
    async with opened(**by(upstream, embedding_batch=10)) as door:
        texts = [f"第{number}条" for number in range(25)]
        whole = await door.client.embeddings.create(model="vec-1", input=texts, encoding_format="float")
        assert [len(body["input"]) for body in upstream.bodies] == [10, 10, 5]
        last = await door.client.embeddings.create(model="vec-1", input=texts[24], encoding_format="float")
        assert (len(whole.data), whole.data[24].embedding) == (25, last.data[0].embedding)
        assert whole.usage.prompt_tokens == sum(map(len, texts))


async def test_dimensions_reach_the_provider(opened: Opened, upstream: Upstream) -> None:
    async with opened(**by(upstream)) as door:
        made = await door.client.embeddings.create(model="vec-1", input="退货", dimensions=3)
        assert (len(made.data[0].embedding), upstream.bodies[-1]["dimensions"]) == (3, 3)


async def test_what_is_built_in_needs_nobody_and_likens_what_is_spelled_alike(door: Door) -> None:
    made = await door.client.embeddings.create(model=BUILT_IN, input=["如何退货", "怎样退货", "warranty"])
    first, alike, other = (one.embedding for one in made.data)

    def cosine(one: list[float]) -> float:
        return sum(a * b for a, b in zip(first, one, strict=True))

    assert (len(first), made.usage.prompt_tokens > 0) == (256, True)
    assert cosine(alike) > cosine(other)
    with pytest.raises(openai.BadRequestError, match="256"):
        await door.client.embeddings.create(model=BUILT_IN, input="退货", dimensions=3)


async def test_a_failing_route_is_passed_over_for_another_to_the_same_model_only(
    opened: Opened, upstream: Upstream, tmp_path: Any
) -> None:
    file = tmp_path / "routes.toml"
    route = '[[route]]\nname = "{}"\nbase_url = "{}"\nmodel = "{}"\ncapabilities = ["embeddings"]\n'
    file.write_text(
        route.format("one", upstream.url, "vec-1")
        + route.format("two", upstream.url, "vec-1")
        + route.format("other", upstream.url, "vec-2")
    )
    async with opened(engines_file=file) as door:
        upstream.faults.extend(["500"])
        made = await door.client.embeddings.create(model="vec-1", input="退货")
        assert len(made.data) == 1
        assert [body["model"] for body in upstream.bodies] == ["vec-1", "vec-1"]
        upstream.faults.extend(["500"] * 8)
        with pytest.raises(openai.InternalServerError) as failed:
            await door.client.embeddings.create(model="vec-1", input="退货")
        assert (failed.value.status_code, "vec-2" in [body["model"] for body in upstream.bodies]) == (503, False)
        upstream.faults.clear()
        models = [model.id async for model in await door.client.models.list()]
        assert models == ["miaohui", "vec-1", "vec-2", BUILT_IN]
        assert (await door.client.models.retrieve("vec-2")).id == "vec-2"


async def test_no_answer_is_ever_asked_of_a_route_that_gives_vectors(opened: Opened, upstream: Upstream) -> None:
    async with opened(**by(upstream)) as door:
        for _ in range(6):
            await door.client.chat.completions.create(model="miaohui", messages=ASKING)
        assert {body["model"] for body in upstream.bodies} == {"sim"}
        with pytest.raises(openai.NotFoundError):
            await door.client.chat.completions.create(model="vec-1", messages=ASKING)


async def test_what_it_cost_stands_in_the_ledger_of_who_asked(opened: Opened, upstream: Upstream) -> None:
    async with opened(**by(upstream)) as door:
        await door.client.embeddings.create(model="vec-1", input=TEXTS)
        spent: list[Any] = []
        async with asyncio.timeout(5):
            while not spent:
                spent = list(await door.app.state.services.database.read(_SPENT))
        assert [tuple(row) for row in spent] == [("vec-1", 27, 0)]


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"model": "vec-1", "input": ""}, "input"),
        ({"model": "vec-1", "input": []}, "input"),
        ({"model": "vec-1", "input": ["退货", ""]}, "input[1]"),
        ({"model": "vec-1", "input": [1, 2, 3]}, "input[0]"),
        ({"model": "vec-1", "input": [[1, 2]]}, "input[0]"),
        ({"model": "vec-1", "input": "字" * 40_000}, "input"),
        ({"model": "vec-1", "input": ["a"] * (MOST_TEXTS + 1)}, "input"),
        ({"model": "vec-1", "input": "退货", "encoding_format": "int8"}, "encoding_format"),
        ({"model": "vec-1", "input": "退货", "dimensions": 0}, "dimensions"),
        ({"input": "退货"}, None),
    ],
)
async def test_a_wrong_form_is_named_and_asks_nobody(
    opened: Opened, upstream: Upstream, body: dict[str, Any], param: str | None
) -> None:
    async with opened(**by(upstream)) as door, aiohttp.ClientSession() as http:
        headers = {"authorization": f"Bearer {door.key}"}
        async with http.post(f"{door.base}/v1/embeddings", json=body, headers=headers) as answer:
            error = (await answer.json())["error"]
        assert (answer.status, error["type"], error["param"]) == (400, "invalid_request_error", param)
        assert upstream.requests == 0


async def test_a_key_without_the_right_gets_no_vectors(opened: Opened, upstream: Upstream) -> None:
    async with opened(**by(upstream)) as door:
        with pytest.raises(openai.PermissionDeniedError):
            await door.with_key(door.old_key).embeddings.create(model="vec-1", input="退货")
        with pytest.raises(openai.AuthenticationError):
            await door.with_key("mh_live_wrong").embeddings.create(model="vec-1", input="退货")
        assert upstream.requests == 0


async def test_a_tenant_over_its_limit_waits(opened: Opened, upstream: Upstream) -> None:
    async with opened(**by(upstream, tenant_messages_per_minute=60, tenant_burst=2)) as door:
        for _ in range(2):
            await door.client.embeddings.create(model="vec-1", input="退货")
        with pytest.raises(openai.RateLimitError) as refused:
            await door.client.embeddings.create(model="vec-1", input="退货")
        assert int(refused.value.response.headers["retry-after"]) >= 1
        assert upstream.requests == 2


async def test_half_an_answer_is_none(opened: Opened, upstream: Upstream) -> None:
    """A provider that gives fewer vectors than texts has failed, whatever its status says."""
    async with opened(**by(upstream)) as door:
        upstream.short_by = 1
        with pytest.raises(openai.InternalServerError):
            await door.client.embeddings.create(model="vec-1", input=TEXTS)
        await until(lambda: upstream.requests >= 1)


async def test_articles_are_made_comparable_through_the_same_routes(opened: Opened, upstream: Upstream) -> None:
    """Once an article is served; and then a question that words do not answer."""
    named = by(upstream, knowledge_embedding="vec-1", knowledge_embedding_sure=0.0, knowledge_embedding_ms=5000)
    async with opened(**named) as door:
        knowledge = door.app.state.services.knowledge
        await knowledge.editor.save("ten", "agent", Content(title="退货", text="七天内可以退货。"))
        await knowledge.editor.publish("ten")
        await until(lambda: upstream.requests == 1)
        assert upstream.bodies[0] == {"model": "vec-1", "input": ["退货\n七天内可以退货。"]}
        await until(lambda: not knowledge.meaning._making)
        found = await knowledge.search("ten", "Can I send it back?")
        assert (found.answerable, found.passages[0].chunk.title) == (True, "退货")
        assert upstream.bodies[1]["input"] == ["Can I send it back?"]
