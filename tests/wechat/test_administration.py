"""An account from its setting up to its first answer, through the whole application."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
from tests.doors.building import Building, open_building
from tests.wechat.town import KEY

from miaohui.channels.rest.app_parts import build_api
from miaohui.channels.wechat import crypto, letters
from miaohui.channels.wechat.types import Account
from miaohui.kit.clock import SystemClock
from miaohui.migrations import migrate
from miaohui.testing.wechat import FakeWeChat

SET: dict[str, Any] = {
    "app_id": "wx1234567890",
    "original_id": "gh_1",
    "token": "atoken",
    "aes_key": KEY,
    "app_secret": "the-app-secret",
}


def with_outside(building: Building) -> Building:
    """The same house with its doors of others' make."""
    services = replace(building.services, wechat=building.house.doors.wechat)
    return replace(building, services=services, app=build_api(services))


async def test_an_account_is_set_up_answers_and_shows_no_secret(tmp_path: Path) -> None:
    template = tmp_path / "template.db"
    migrate(f"sqlite:///{template}")
    async with open_building(template, tmp_path, wechat_api_url="http://127.0.0.1:1") as plain:
        building = with_outside(plain)
        made = await building.ask(
            "POST", "/v1/inboxes", token=building.ours.agent, json={"name": "号", "channel": "wechat"}
        )
        assert made.status == 201
        path = f"/v1/inboxes/{made.json()['id']}/wechat"
        assert (await building.ask("GET", path, token=building.ours.agent)).status == 404
        assert (await building.ask("POST", path, token=building.theirs.agent, json=SET)).status == 404
        wrong = await building.ask("POST", path, token=building.ours.agent, json={**SET, "aes_key": "short"})
        assert [one["field"] for one in wrong.json()["errors"]] == ["$.aes_key"]
        shown = await building.ask("POST", path, token=building.ours.agent, json=SET)
        assert shown.status == 200
        for answer in (shown, await building.ask("GET", path, token=building.ours.agent)):
            assert not any(secret.encode() in answer.body for secret in ("atoken", KEY, "the-app-secret"))
        assert (await building.ask("GET", path, token=building.theirs.agent)).status == 404

        facts = {**SET, "inbox_id": made.json()["id"], "tenant_id": building.ours.tenant.id}
        wechat = FakeWeChat(msgspec.convert(facts, Account), SystemClock())

        async def node(query: str, body: bytes) -> tuple[int, bytes]:
            answer = await building.ask("POST", f"{shown.json()['callback']}?{query}", body=body)
            return answer.status, answer.body

        wechat.nodes = [node]
        await wechat.say("o_1", "怎么退货?", "1001")
        assert [one.how for one in wechat.shown] == ["passive"]
        stored = b"".join(file.read_bytes() for file in (tmp_path / "data").glob("miaohui.db*"))
        assert not any(secret.encode() in stored for secret in (KEY, "the-app-secret"))
        assert (await node("signature=x", letters.format_fields({})))[0] == crypto.NotGenuine.status
