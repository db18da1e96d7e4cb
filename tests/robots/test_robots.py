"""Groups are told that somebody should look: once, signed, and no more often than their vendor allows."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiohttp import web
from tests.doors.building import Building, open_building
from tests.support.outside import listening
from tests.support.waiting import until

from miaohui.channels.robots.policy import call_of, error_of, words
from miaohui.channels.robots.types import Alert, Robot

SECRET = "SECabc"


class Groups:
    """Three vendors at one address; checks signatures as each documents it."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str]] = []

    async def answer(self, request: web.Request) -> web.Response:
        kind, body = request.match_info["kind"], await request.json()
        if not self.genuine(kind, request, body):
            return web.json_response({"errcode": 310000, "code": 19021})
        text = body["content"]["text"] if kind == "feishu" else body["text"]["content"]
        self.heard.append((kind, text))
        return web.json_response({"code": 0} if kind == "feishu" else {"errcode": 0})

    def genuine(self, kind: str, request: web.Request, body: Any) -> bool:
        if kind == "wecom":
            return request.query["key"] == "k"
        stamp = request.query["timestamp"] if kind == "dingtalk" else body["timestamp"]
        given = request.query["sign"] if kind == "dingtalk" else body["sign"]
        joined = f"{stamp}\n{SECRET}".encode()
        key, message = (SECRET.encode(), joined) if kind == "dingtalk" else (joined, b"")
        return given == base64.b64encode(hmac.new(key, message, hashlib.sha256).digest()).decode()


@pytest.fixture
async def groups() -> AsyncIterator[tuple[Groups, str]]:
    made = Groups()
    app = web.Application()
    app.router.add_post("/{kind}", made.answer)
    async with listening(app) as address:
        yield made, address


@pytest.fixture
async def building(migrated: Path, tmp_path: Path) -> AsyncIterator[Building]:
    async with open_building(migrated, tmp_path, webhook_private=True) as made:
        yield made


def forms(base: str) -> list[dict[str, Any]]:
    return [
        {"kind": "wecom", "name": "企微", "url": f"{base}/wecom?key=k", "codes": ["handoff_waiting"]},
        {"kind": "dingtalk", "name": "钉钉", "url": f"{base}/dingtalk?access_token=t", "secret": SECRET},
        {"kind": "feishu", "name": "飞书", "url": f"{base}/feishu", "secret": SECRET, "locale": "en"},
    ]


async def test_every_vendors_group_hears_who_waits_once(building: Building, groups: tuple[Groups, str]) -> None:
    heard, base = groups
    token = building.ours.agent
    for form in forms(base):
        made = await building.ask("POST", "/v1/alerts/robots", token=token, json=form)
        assert made.status == 201, made.body
        assert b"access_token" not in made.body
        assert SECRET.encode() not in made.body
    house = building.house
    agent = await house.identity.verify(token)
    waiting = await house.conversations.request_human(building.ours.conversation, agent)
    await until(lambda: len(heard.heard) == 3)
    assert {kind for kind, _ in heard.heard} == {"wecom", "dingtalk", "feishu"}
    assert all(waiting.id in text for _, text in heard.heard)
    house.doors.robots.conversation_changed(waiting)
    await house.doors.robots.ring(building.ours.tenant.id, "webhook_disabled", {"url": "https://x/", "reason": "gone"})
    await until(lambda: len(heard.heard) == 5)
    await asyncio.sleep(0.05)
    assert len(heard.heard) == 5
    assert "wecom" not in [kind for kind, _ in heard.heard[3:]]
    theirs = await house.identity.verify(building.theirs.agent)
    await house.conversations.request_human(building.theirs.conversation, theirs)
    await asyncio.sleep(0.05)
    assert len(heard.heard) == 5


async def test_a_robot_is_tried_and_taken_away(building: Building, groups: tuple[Groups, str]) -> None:
    heard, base = groups
    token = building.ours.agent
    right, wrong = forms(base)[1], {**forms(base)[1], "secret": "SECother"}
    ids = []
    for form in (right, wrong):
        made = await building.ask("POST", "/v1/alerts/robots", token=token, json=form)
        ids.append(made.json()["id"])
    tried = [(await building.ask("POST", f"/v1/alerts/robots/{one}/test", token=token)).json() for one in ids]
    assert tried == [{"told": True, "error": ""}, {"told": False, "error": "code_310000"}]
    listed = (await building.ask("GET", "/v1/alerts/robots", token=token)).json()["data"]
    assert [one["last_error"] for one in listed] == ["", "code_310000"]
    for _ in range(30):
        last = await building.ask("POST", f"/v1/alerts/robots/{ids[0]}/test", token=token)
    assert last.json()["error"] == "too_many"
    assert len(heard.heard) <= 36
    theirs = building.theirs.agent
    assert (await building.ask("DELETE", f"/v1/alerts/robots/{ids[0]}", token=theirs)).status == 404
    assert (await building.ask("DELETE", f"/v1/alerts/robots/{ids[0]}", token=token)).status == 204
    assert (await building.ask("POST", f"/v1/alerts/robots/{ids[0]}/test", token=token)).status == 404
    stored = b"".join(file.read_bytes() for file in building.house.settings.data.glob("miaohui.db*"))
    assert b"SECother" not in stored
    assert b"access_token=t" not in stored


async def test_an_address_inside_is_no_group(building: Building) -> None:
    again = building.again()
    again.house.doors.robots._allow_private = False
    form = forms("http://127.0.0.1:1")[0]
    refused = await building.ask("POST", "/v1/alerts/robots", token=building.ours.agent, json=form)
    assert refused.status == 422


def a_robot(kind: Any, secret: str = "") -> Robot:
    return Robot(id="rob_1", tenant_id="tnt_1", kind=kind, name="", url="https://x.example.com/?a=b", secret=secret)


def test_without_a_secret_nothing_is_signed() -> None:
    url, body = call_of(a_robot("dingtalk"), "x", 1)
    assert url == "https://x.example.com/?a=b"
    assert "sign" not in msgspec.json.decode(call_of(a_robot("feishu"), "x", 1)[1])
    assert msgspec.json.decode(body) == {"msgtype": "text", "text": {"content": "x"}}


def test_what_an_alert_says_is_bounded_and_takes_any_facts() -> None:
    facts = {"name": "{0.__class__}" + "x" * 5_000, "conversation": "conv_1"}
    said = words(Alert(code="handoff_waiting", subject="", facts=facts), "zh-CN")
    assert "{0.__class__}" in said
    assert len(said) < 1_500
    assert "原因: -" in said


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (200, b'{"errcode":0}', ""),
        (200, b'{"StatusCode":0}', ""),
        (200, b'{"code":19001}', "code_19001"),
        (200, b"<html>", "unreadable"),
        (404, b"", "http_404"),
    ],
)
def test_an_answer_says_whether_it_was_heard(status: int, body: bytes, error: str) -> None:
    assert error_of(status, body) == error


async def test_nobody_is_told_of_a_company_that_is_suspended(building: Building, groups: tuple[Groups, str]) -> None:
    heard, base = groups
    robots, standings = building.house.doors.robots, building.house.tenants.standings
    tenant_id = building.ours.tenant.id
    await building.ask("POST", "/v1/alerts/robots", token=building.ours.agent, json=forms(base)[1])
    await standings.change(tenant_id, "suspended")
    await robots.ring(tenant_id, "webhook_disabled", {"url": "https://x/", "reason": "gone"})
    assert heard.heard == []
    await standings.change(tenant_id, "active")
    await robots.ring(tenant_id, "webhook_disabled", {"url": "https://x/", "reason": "gone"})
    assert [kind for kind, _ in heard.heard] == ["dingtalk"]
