"""A turn's trace shows every stage, on whatever way it leaves, and nothing of what was said."""

from __future__ import annotations

import asyncio
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from google.protobuf import json_format
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from tests.conformance.client import Site, observing
from tests.conformance.house import Process, serving

from miaohui.kit.tracing import FileExporter, HttpExporter, Span, Traces, format_document, span_of, trace_of
from miaohui.testing.upstream import Upstream, UpstreamOptions

STAGES = ["turn", "accept", "guard", "recall_and_retrieve", "compose", "ask", "engine", "conclude", "attempt 1"]


def a_span(**changes: Any) -> Span:
    facts: dict[str, Any] = {"text": "打 13800138000", "count": 3, "share": 0.5, "yes": True}
    ids: dict[str, Any] = {"trace": trace_of("turn_1"), "id": span_of("turn_1")}
    return Span(**ids, name="turn", began_ms=1, took_ms=2.5, facts=facts, **changes)


def read(document: bytes) -> ExportTraceServiceRequest:
    """With OpenTelemetry's own schema; an unknown field is an error. Ids are hexadecimal there, base 64 here."""
    import base64

    plain = json.loads(document)
    for one in spans_in(plain):
        for name in ("traceId", "spanId", "parentSpanId"):
            one[name] = base64.b64encode(bytes.fromhex(one[name])).decode()
    return json_format.ParseDict(plain, ExportTraceServiceRequest())


def spans_in(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        span for resource in document["resourceSpans"] for scope in resource["scopeSpans"] for span in scope["spans"]
    ]


def test_a_document_is_in_opentelemetrys_form_and_masks_what_it_is_told() -> None:
    read_back = read(format_document([a_span(failed=True)], {"attributes": []}))
    span = read_back.resource_spans[0].scope_spans[0].spans[0]
    assert span.end_time_unix_nano - span.start_time_unix_nano == 2_500_000
    values = {one.key: one.value for one in span.attributes}
    assert values["text"].string_value == "打 ***8000"
    assert (values["count"].int_value, values["share"].double_value, values["yes"].bool_value) == (3, 0.5, True)
    assert span.status.code == 2


async def test_nothing_is_kept_while_it_is_off_and_a_share_is_the_same_everywhere(tmp_path: Path) -> None:
    off, half, also_half = Traces(), Traces(), Traces()
    for one in (half, also_half):
        one.begin([FileExporter(tmp_path / "x")], share=0.5, resource={})
    turns = [f"turn_{number}" for number in range(400)]
    assert not any(off.header(turn, turn) for turn in turns)
    traced = [turn for turn in turns if half.header(turn, turn)]
    assert 140 < len(traced) < 260
    assert traced == [turn for turn in turns if also_half.header(turn, turn)]
    off.note([a_span()])
    await off.flush()
    assert not (tmp_path / "x").exists()


async def test_what_nobody_takes_is_dropped_and_nothing_breaks(tmp_path: Path) -> None:
    traces = Traces()
    traces.begin([HttpExporter("http://127.0.0.1:9"), FileExporter(tmp_path / "x")], share=1, resource={})
    for _ in range(10_000):
        traces.note([a_span()])
    await traces.flush()
    lines = (tmp_path / "x").read_bytes().splitlines()
    assert sum(len(spans_in(json.loads(line))) for line in lines) == 8_192


@contextmanager
def a_collector() -> Iterator[tuple[str, list[tuple[str, bytes]]]]:
    """Takes what a collector takes."""
    heard: list[tuple[str, bytes]] = []

    class Takes(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard.append((self.path, self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = HTTPServer(("127.0.0.1", 0), Takes)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}", heard
    server.shutdown()
    server.server_close()


async def test_a_collector_is_told_over_http() -> None:
    with a_collector() as (url, heard):
        traces = Traces()
        traces.begin([HttpExporter(url)], share=1, resource={"service.name": "miaohui"})
        traces.note([a_span()])
        await traces.flush()
    path, document = heard[0]
    assert path == "/v1/traces"
    assert read(document).resource_spans[0].resource.attributes[0].value.string_value == "miaohui"


@pytest.mark.slow
async def test_a_turns_trace_shows_every_stage_and_goes_on_in_the_provider_and_the_webhook(tmp_path: Path) -> None:
    upstream = await Upstream(UpstreamOptions(chunks=5, gap_ms=5, first_ms=20)).start()
    file = tmp_path / "traces.jsonl"
    options = {"engine_url": upstream.url, "engine_model": "chunks:5", "trace_file": str(file), "webhook_private": "1"}
    async with serving(tmp_path / "data", **options) as node, aiohttp.ClientSession() as http:
        hooks = await a_receiver(node, http)
        await ask(node, http, "怎么退货? 我的电话 13800138000")
        async with asyncio.timeout(10):
            while not hooks.came or not file.exists() or b'"conclude"' not in file.read_bytes():  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        await node.end()
        await hooks.close()
    await upstream.close()
    spans = [span for line in file.read_text().splitlines() for span in spans_in(json.loads(line))]
    root = next(span for span in spans if span["name"] == "turn")
    ours = [span for span in spans if span["traceId"] == root["traceId"]]
    assert [name for name in STAGES if name not in {span["name"] for span in ours}] == []
    ids = {span["spanId"] for span in ours}
    assert all(span["parentSpanId"] in ids for span in ours if span is not root)
    assert all(int(one["startTimeUnixNano"]) >= int(root["startTimeUnixNano"]) - 2_000_000 for one in ours)
    asked = re.findall(rb"traceparent: (\S+)", upstream.heads[-1])[0].decode().split("-")
    assert asked[1] == root["traceId"]
    assert asked[2] == next(span["spanId"] for span in ours if span["name"] == "engine")
    assert root["traceId"] in {hook.split("-")[1] for hook in hooks.came}
    assert "13800138000" not in file.read_text()


async def ask(node: Process, http: aiohttp.ClientSession, text: str) -> None:
    async with http.post(f"{node.base}/v1/widget/session", json={"site_key": node.tenants[0].site_key}) as answer:
        site = Site(node.base, (await answer.json())["token"], http)
    conversation = await site.begin()
    async with observing("websocket", site, conversation) as watching:
        await site.post(conversation, "c1", text)
        await watching.until(lambda seen: any(one.get("final") for one in seen.messages.values()))


class Receiver:
    """An endpoint for webhooks; the `traceparent`s that came."""

    def __init__(self) -> None:
        self.came: list[str] = []
        app = web.Application()
        app.router.add_post("/", self.take)
        self._runner = web.AppRunner(app)

    async def take(self, request: web.Request) -> web.Response:
        self.came.append(request.headers.get("traceparent", "--"))
        return web.Response()

    async def start(self) -> str:
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{self._runner.addresses[0][1]}/"

    async def close(self) -> None:
        await self._runner.cleanup()


async def a_receiver(node: Process, http: aiohttp.ClientSession) -> Receiver:
    receiver = Receiver()
    headers = {"authorization": f"Bearer {node.tenants[0].api_key}"}
    body = {"url": await receiver.start(), "events": ["message.created"]}
    async with http.post(f"{node.base}/v1/webhooks", json=body, headers=headers) as answer:
        assert answer.status == 201, await answer.text()
    return receiver
