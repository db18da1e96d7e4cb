"""A secret and a phone number that were planted everywhere appear in no log, trace, metric or error."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from tests.conformance.client import Site, observing
from tests.conformance.house import Process, serving
from tests.support.servers import free_port

PHONE = "13812345678"
KEY = "sk-planted0123456789abcdef"
PASSWORD = "planted-password-4711"
QUESTION = f"怎么退货? 我的电话 {PHONE}, 钥匙 {KEY}"


class Spiteful:
    """A provider that tells in its errors everything it was told."""

    def __init__(self) -> None:
        self.seen = 0
        app = web.Application()
        app.router.add_post("/v1/chat/completions", self._answer)
        self.runner = web.AppRunner(app)

    async def _answer(self, request: web.Request) -> web.Response:
        self.seen += 1
        told = {"error": {"message": f"{request.headers['Authorization']} {await request.text()}", "code": KEY}}
        return web.Response(status=(500, 401, 429, 400)[self.seen % 4], text=json.dumps(told, ensure_ascii=False))


async def attack(node: Process, http: aiohttp.ClientSession) -> list[str]:
    """Say both in every place that takes words; every answer that is an error."""
    errors: list[str] = []

    async def tell(method: str, path: str, **arguments: Any) -> None:
        async with http.request(method, f"{node.base}{path}", **arguments) as answer:
            text = await answer.text()
            if answer.status >= 400:
                errors.append(text)

    key = {"authorization": f"Bearer {node.tenants[0].api_key}"}
    await tell("POST", "/v1/auth/login", json={"email": f"{PHONE}@example.com", "password": PASSWORD})
    await tell("POST", "/v1/auth/login", json={"email": node.tenants[0].email, "password": PASSWORD})
    await tell("POST", "/v1/auth/login", data=f'{{"email": "{PHONE}", "password": "{PASSWORD}"')
    await tell("GET", "/v1/conversations", headers={"authorization": f"Bearer {KEY}"})
    await tell("GET", "/v1/conversations", params={"cursor": KEY, "limit": PHONE}, headers=key)
    await tell("POST", "/v1/chat", json={"visitor_id": PHONE, "question": QUESTION, KEY: PASSWORD}, headers=key)
    await tell("POST", "/v1/chat", json={"visitor_id": "v1", "question": QUESTION}, headers=key)
    await tell("POST", "/v1/webhooks", json={"url": f"https://me:{PASSWORD}@127.0.0.1/{KEY}"}, headers=key)
    await tell("POST", "/v1/widget/session", json={"site_key": KEY})
    await tell("GET", f"/v1/conversations/{KEY}/messages", headers=key)
    return errors


@pytest.mark.slow
async def test_nothing_of_it_is_anywhere(tmp_path: Path) -> None:
    spiteful = Spiteful()
    await spiteful.runner.setup()
    await web.TCPSite(spiteful.runner, "127.0.0.1", 0).start()
    traces, admin = tmp_path / "traces.jsonl", free_port()
    options = {
        "engine_url": f"http://127.0.0.1:{spiteful.runner.addresses[0][1]}/v1", "engine_model": "m",
        "engine_key": KEY, "trace_file": str(traces), "admin_port": str(admin), "log_json": "true",
        "log_level": "debug", "answer_cache": "false",
        "alert_smtp_url": f"smtp://ops:{PASSWORD}@127.0.0.1:9", "alert_mail_from": "a@example.com",
        "alert_mail_to": "b@example.com", "alert_for_seconds": "0", "alert_disk_gigabytes": "1000000",
        "alert_group_seconds": "0",
    }  # fmt: skip
    async with serving(tmp_path / "data", **options) as node, aiohttp.ClientSession() as http:
        errors = await attack(node, http)
        body = {"site_key": node.tenants[0].site_key}
        async with http.post(f"{node.base}/v1/widget/session", json=body) as answer:
            site = Site(node.base, (await answer.json())["token"], http)
        conversation = await site.begin()
        for number in range(4):
            async with observing("websocket", site, conversation) as watching:
                await site.post(conversation, f"c{number}", QUESTION)
                await watching.until(lambda seen, wanted=2 * number + 2: len(seen.messages) >= wanted)  # type: ignore[misc]
        async with asyncio.timeout(10):
            while not any("alert.not_told" in line for line in node.output) or not traces.exists():  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        async with http.get(f"http://127.0.0.1:{admin}/metrics") as answer:
            metrics = await answer.text()
        await node.end()
    await spiteful.runner.cleanup()
    places = {"log": "".join(node.output), "trace": traces.read_text(), "metrics": metrics, "errors": "".join(errors)}
    assert spiteful.seen > 0
    assert len(errors) >= 7
    assert all(len(text) > 200 for text in places.values())
    found = [(place, what) for place, text in places.items() for what in (PHONE, KEY, PASSWORD) if what in text]
    assert found == [], [text for text in errors if KEY in text]
    lines = [json.loads(line) for line in node.output if line.startswith("{")]
    told = [line for line in lines if "turn" in line and "conversation" in line]
    assert told, "lines of a turn carry its ids"
    assert all(line["trace"] in places["trace"] for line in told if "trace" in line)
    assert any("trace" in line for line in told)
