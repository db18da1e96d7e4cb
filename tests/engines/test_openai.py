from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

import pytest
from tests.engines.streams import KEY, Told, ask, client, listen, listen_once

from miaohui.engines.classify import FailureClass
from miaohui.engines.openai import OpenAICompatible, OpenAIOptions
from miaohui.engines.types import Started, Text
from miaohui.kit.errors import Invalid
from miaohui.testing.upstream import Upstream, UpstreamOptions


async def told(upstream: Upstream, fault: str, **limits: float) -> Told:
    return await listen_once(client(upstream.url, fault, **limits))


async def test_an_answer_comes_whole_with_usage_and_timing(upstream: Upstream) -> None:
    seen = await listen_once(client(upstream.url))
    assert seen.failure is None
    assert seen.text == "您好，关于您的问题：商品签收后七天内可以申请退货，请在订单页点击申请售后并选择退"
    assert isinstance(seen.pieces[0], Started)
    assert seen.finished is not None
    assert (seen.finished.reason, seen.finished.usage.input_tokens, seen.finished.usage.estimated) == (
        "stop",
        11,
        False,
    )
    assert 0 < seen.finished.first_content_ms < 200


async def test_the_request_is_in_the_vendors_form(upstream: Upstream) -> None:
    await listen_once(client(upstream.url))
    body, head = upstream.bodies[-1], upstream.heads[-1].decode()
    assert head.startswith("POST /v1/chat/completions HTTP/1.1\r\n")
    assert f"Authorization: Bearer {KEY}" in head
    assert body["stream"] is True
    assert body["stream_options"] == {"include_usage": True}
    assert body["messages"][-1] == {"role": "user", "content": "如何退货?"}
    assert body["max_tokens"] == 800


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        ("split-utf8", "您好😀世界"),
        ("one-byte", "您好世界"),
        ("crlf", "您好世界"),
        ("bare-data", "您好"),
        ("gzip", "您好世界"),
        ("huge-line", "您好"),
        ("azure", "您好"),
        ("no-done", "您好"),
        ("after-done", "您好"),
        ("eof-whole", "您好"),
        ("two-choices", "您好"),
        ("usage-everywhere", "您好世界"),
        ("plain", "您好世界"),
        ("hang-after-finish", "您好"),
        ("then-close", "您好"),
    ],
)
async def test_an_odd_but_whole_answer_is_an_answer(upstream: Upstream, fault: str, text: str) -> None:
    seen = await told(upstream, fault)
    assert seen.failure is None
    assert seen.text == text
    assert seen.finished is not None
    assert seen.finished.reason == "stop"


@pytest.mark.parametrize(
    ("fault", "failure_class", "code"),
    [
        ("no-finish", FailureClass.TRANSIENT, "truncated"),
        ("eof", FailureClass.TRANSIENT, "truncated"),
        ("done-only", FailureClass.TRANSIENT, "truncated"),
        ("cut", FailureClass.TRANSIENT, "cut_off"),
        ("cut-in-chunk", FailureClass.TRANSIENT, "cut_off"),
        ("reset", FailureClass.TRANSIENT, "cut_off"),
        ("malformed", FailureClass.TRANSIENT, "malformed_chunk"),
        ("error-after", FailureClass.TRANSIENT, "server_error"),
        ("sensitive", FailureClass.CONTENT, "sensitive"),
        ("out-of-capacity", FailureClass.TRANSIENT, "insufficient_system_resource"),
        ("stall", FailureClass.TIMEOUT, "idle_timeout"),
    ],
)
async def test_a_break_after_content_is_a_failure_and_not_an_end(
    upstream: Upstream, fault: str, failure_class: FailureClass, code: str
) -> None:
    seen = await told(upstream, fault)
    assert seen.finished is None
    assert seen.failure is not None
    assert (seen.failure.failure_class, seen.failure.code) == (failure_class, code)


@pytest.mark.parametrize(
    ("fault", "failure_class", "code"),
    [
        ("html", FailureClass.TRANSIENT, "http_200"),
        ("json-error", FailureClass.TRANSIENT, "server_error"),
        ("qianfan-rate", FailureClass.RATE_LIMIT, "rpm_rate_limit_exceeded"),
        ("first-error", FailureClass.TRANSIENT, "server_error"),
        ("first-error-context", FailureClass.CONTEXT, "400"),
        ("named-error", FailureClass.TRANSIENT, "overloaded_error"),
        ("reasoning-only", FailureClass.TRANSIENT, "empty_answer"),
        ("reset-at-once", FailureClass.TRANSIENT, "cut_off"),
        ("reset-after-head", FailureClass.TRANSIENT, "cut_off"),
        ("not-http", FailureClass.TRANSIENT, "not_http"),
        ("too-huge-line", FailureClass.TRANSIENT, "event_too_long"),
        ("redirect", FailureClass.TRANSIENT, "http_307"),
        ("silent", FailureClass.TIMEOUT, "first_content_timeout"),
        ("head-only", FailureClass.TIMEOUT, "first_content_timeout"),
        ("comments", FailureClass.TIMEOUT, "first_content_timeout"),
        ("role-only", FailureClass.TIMEOUT, "first_content_timeout"),
        ("slow-loris", FailureClass.TIMEOUT, "first_content_timeout"),
        ("429", FailureClass.RATE_LIMIT, "rate_limit_exceeded"),
        ("429-balance", FailureClass.QUOTA, "1113"),
        ("400-context", FailureClass.CONTEXT, "context_length_exceeded"),
        ("400-content", FailureClass.CONTENT, "content_filter"),
        ("400", FailureClass.CALLER, "bad"),
        ("401", FailureClass.CREDENTIAL, "invalid_api_key"),
        ("404", FailureClass.ROUTE_GONE, "model_not_found"),
        ("500", FailureClass.TRANSIENT, "oops"),
        ("529", FailureClass.TRANSIENT, "http_529"),
        ("504-html", FailureClass.TRANSIENT, "http_504"),
    ],
)
async def test_a_failure_before_content_gives_no_words(
    upstream: Upstream, fault: str, failure_class: FailureClass, code: str
) -> None:
    # Seventeen megabytes take their time on a busy machine.
    seen = await told(upstream, fault, **({"first_content_ms": 5000} if fault == "too-huge-line" else {}))
    assert seen.text == ""
    assert seen.failure is not None
    assert (seen.failure.failure_class, seen.failure.code) == (failure_class, code)
    assert KEY not in f"{seen.failure!r} {seen.failure} {seen.failure.failure}"
    assert upstream.requests == 1


async def test_a_stream_that_never_pauses_long_enough_still_ends_at_its_total(upstream: Upstream) -> None:
    seen = await told(upstream, "chunks:500", total_s=0.3, first_content_ms=3000, idle_ms=3000)
    assert seen.failure is None or seen.failure.code == "total_timeout"
    upstream.options = UpstreamOptions(chunks=10, gap_ms=100, first_ms=5)
    upstream._scripts.clear()
    late = await told(upstream, "", total_s=0.3, first_content_ms=3000, idle_ms=3000)
    assert late.text
    assert late.failure is not None
    assert late.failure.code == "total_timeout"


async def test_done_without_a_finish_reason_suffices_where_that_is_the_providers_way(upstream: Upstream) -> None:
    options = OpenAIOptions(url=upstream.url, model="fault:done-only", done_suffices=True)
    seen = await listen_once(OpenAICompatible(options))
    assert (seen.failure, seen.text) == (None, "您好")


@pytest.mark.parametrize(
    ("fault", "usage"), [("usage-everywhere", (9, 2)), ("usage-in-choice", (3, 4)), ("usage-last", (11, 5))]
)
async def test_the_last_usage_counts(upstream: Upstream, fault: str, usage: tuple[int, int]) -> None:
    seen = await told(upstream, fault)
    assert seen.finished is not None
    assert (seen.finished.usage.input_tokens, seen.finished.usage.output_tokens) == usage
    assert not seen.finished.usage.estimated


async def test_usage_that_is_not_reported_is_estimated_and_marked(upstream: Upstream) -> None:
    seen = await told(upstream, "no-usage")
    assert seen.finished is not None
    assert seen.finished.usage.estimated
    assert seen.finished.usage.output_tokens == 2
    assert seen.finished.usage.input_tokens == 8


@pytest.mark.parametrize("fault", ["loop", "length", "endless"])
async def test_an_answer_that_will_not_end_is_cut_and_marked(upstream: Upstream, fault: str) -> None:
    seen = await told(upstream, fault)
    assert seen.failure is None
    assert seen.finished is not None
    assert seen.finished.reason == "length"
    assert len(seen.text.encode()) <= 64 * 1024
    assert fault != "endless" or len(seen.text) == 64 * 1024


async def test_chunks_gather_after_the_first_and_the_first_does_not_wait() -> None:
    upstream = await Upstream(UpstreamOptions(chunks=20, gap_ms=10, first_ms=5)).start()
    seen = await listen_once(client(upstream.url, coalesce_ms=60))
    texts = [piece.text for piece in seen.pieces if isinstance(piece, Text)]
    assert texts[0] == "您好，关"
    assert 3 <= len(texts) <= 8
    assert seen.finished is not None
    assert seen.finished.first_content_ms < 50
    await upstream.close()


async def test_the_end_of_a_short_answer_does_not_wait_for_more(upstream: Upstream) -> None:
    upstream.options = UpstreamOptions(chunks=1, gap_ms=2, first_ms=5)
    async with asyncio.timeout(5):
        seen = await listen_once(client(upstream.url, coalesce_ms=60_000, idle_ms=90_000, total_s=100.0))
    assert seen.finished is not None


async def test_a_connection_is_used_again(upstream: Upstream) -> None:
    engine = client(upstream.url)
    for _ in range(3):
        assert (await listen(engine)).failure is None
    await engine.close()
    assert (upstream.requests, upstream.connections) == (3, 1)


async def test_a_failed_status_leaves_the_connection_usable(upstream: Upstream) -> None:
    upstream.faults.extend(["500", "ok"])
    engine = client(upstream.url)
    assert (await listen(engine)).failure is not None
    assert (await listen(engine)).failure is None
    await engine.close()
    assert upstream.connections == 1


async def test_a_kept_connection_that_was_closed_meanwhile_is_replaced_once(upstream: Upstream) -> None:
    engine = client(upstream.url)
    assert (await listen(engine)).failure is None
    upstream.faults.extend(["reset-at-once", "ok"])
    assert (await listen(engine)).failure is None
    upstream.faults.extend(["reset-at-once", "reset-at-once", "ok"])
    assert (await listen(engine)).failure is not None
    await engine.close()
    assert upstream.requests == 5


@pytest.mark.parametrize("fault", ["stall", "chunks:400"])
async def test_leaving_mid_stream_closes_the_upstream_at_once(upstream: Upstream, fault: str) -> None:
    engine = client(upstream.url, fault, idle_ms=5000)
    pieces = engine.stream(ask())
    async for piece in pieces:
        if isinstance(piece, Text):
            break
    await pieces.aclose()
    await until(lambda: not upstream.stats()["open"])
    assert upstream.aborted == 1


async def test_a_cancelled_turn_closes_the_upstream_at_once(upstream: Upstream) -> None:
    engine = client(upstream.url, "silent", first_content_ms=5000)
    async with asyncio.TaskGroup() as group:
        turn = group.create_task(listen(engine))
        await until(lambda: upstream.requests > 0)
        turn.cancel()
    await until(lambda: not upstream.stats()["open"])
    assert upstream.aborted == 1


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(1):
        while not condition():  # noqa: ASYNC110 -- the other side of a socket has no event to wait for
            await asyncio.sleep(0.005)


async def test_an_upstream_that_refuses_fails_at_once() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        began = asyncio.get_running_loop().time()
        seen = await listen_once(client(f"http://127.0.0.1:{taken.getsockname()[1]}/v1"))
    assert seen.failure is not None
    assert seen.failure.code == "unreachable"
    assert asyncio.get_running_loop().time() - began < 0.1


async def test_a_server_without_tls_fails_an_https_client_quickly(upstream: Upstream) -> None:
    seen = await listen_once(client(upstream.url.replace("http:", "https:")))
    assert seen.failure is not None
    assert seen.failure.failure_class in {FailureClass.TRANSIENT, FailureClass.TIMEOUT}


async def test_a_full_pool_waits_a_little_and_then_fails_over(upstream: Upstream) -> None:
    engine = client(upstream.url, "stall", connections=1, connect_ms=50, idle_ms=5000)
    holder = engine.stream(ask())
    await anext(holder)
    await anext(holder)
    seen = await listen(engine)
    assert seen.failure is not None
    assert seen.failure.code == "pool_exhausted"
    await holder.aclose()
    assert (await listen(client(upstream.url))).failure is None


async def test_many_streams_at_once_are_all_whole(upstream: Upstream) -> None:
    engine = client(upstream.url, first_content_ms=3000, idle_ms=3000)
    seen = await asyncio.gather(*[listen(engine) for _ in range(60)])
    await engine.close()
    assert {one.failure for one in seen} == {None}
    assert len({one.text for one in seen}) == 1


@pytest.mark.parametrize(
    "url", ["", "ftp://x/v1", "http://", "http://a b/v1", "http://u:p@host/v1", "http://h/v1?key=1", "http://h:99999/"]
)
def test_a_url_that_cannot_be_called_is_refused(url: str) -> None:
    with pytest.raises(Invalid):
        OpenAICompatible(OpenAIOptions(url=url, model="m"))


@pytest.mark.parametrize("key", ["two\r\nX: lines", "密钥"])
def test_a_key_that_would_break_the_header_is_refused(key: str) -> None:
    with pytest.raises(Invalid) as caught:
        OpenAICompatible(OpenAIOptions(url="http://h/v1", model="m", key=key))
    assert key not in str(caught.value)


def test_the_key_is_not_shown() -> None:
    options = OpenAIOptions(url="http://h/v1", model="m", key=KEY)
    assert KEY not in repr(options)
    assert KEY not in repr(OpenAICompatible(options))
