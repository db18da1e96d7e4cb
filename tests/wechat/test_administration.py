"""An account from its setting up to its first answer, through the whole application."""

from __future__ import annotations

import asyncio
import base64
import io
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
from tests.doors.building import Building, open_building
from tests.media.samples import AMR, DOCX
from tests.support.outside import listening
from tests.support.waiting import until
from tests.wechat.town import KEY, PNG

from miaohui.channels.media.types import Sender, mention, named_in, path_of
from miaohui.channels.rest.app_parts import build_api
from miaohui.channels.wechat import crypto, letters
from miaohui.channels.wechat.types import Account
from miaohui.kit.clock import SystemClock
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


async def test_an_account_is_set_up_answers_and_shows_no_secret(migrated: Path, tmp_path: Path) -> None:
    async with open_building(migrated, tmp_path, wechat_api_url="http://127.0.0.1:1") as plain:
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


@asynccontextmanager
async def at_work(migrated: Path, tmp_path: Path, **settings: Any) -> AsyncIterator[tuple[Building, FakeWeChat, str]]:
    """A house, the vendor behind a real socket, and the path of an account that was set up."""
    wechat = FakeWeChat(msgspec.convert({**SET, "inbox_id": "", "tenant_id": ""}, Account), SystemClock(), call_s=0)
    async with (
        listening(wechat.application()) as address,
        open_building(migrated, tmp_path, wechat_api_url=address, **settings) as building,
    ):
        inbox = {"name": "号", "channel": "wechat"}
        made = await building.ask("POST", "/v1/inboxes", token=building.ours.agent, json=inbox)
        path = f"/v1/inboxes/{made.json()['id']}/wechat"
        answer = await building.ask("POST", path, token=building.ours.agent, json=SET)
        facts = {**SET, "inbox_id": made.json()["id"], "tenant_id": building.ours.tenant.id}
        wechat.account = msgspec.convert(facts, Account)

        async def node(query: str, body: bytes) -> tuple[int, bytes]:
            said = await building.ask("POST", f"{answer.json()['callback']}?{query}", body=body)
            return said.status, said.body

        wechat.nodes = [node]
        yield building, wechat, path


ASKS: dict[str, object] = {"name": "问", "question": "在吗?"}
WRONG_MENUS: tuple[list[dict[str, object]], ...] = (
    [{"name": "空"}],
    [{"name": "两", "question": "一", "url": "https://x.example.com/"}],
    [{"name": "", "question": "一"}],
    [{"name": "字" * 21, "question": "一"}],
    [{"name": "长", "question": "问" * 121}],
    [{"name": "坏", "url": "javascript:alert(1)"}],
    [{"name": "坏", "url": "https://店.example.com/"}],
    [{"name": "坏", "url": "https://x.example.com/a b"}],
    [{"name": "深", "question": "一", "items": [ASKS]}],
    [{"name": "多", "items": [ASKS] * 6}],
    [{"name": "内", "items": [{"name": "空"}]}],
    [{"name": "更深", "items": [{**ASKS, "items": [ASKS]}]}],
    [ASKS] * 4,
)
MENU = [
    {"name": "退货", "question": "怎么退货?"},
    {"name": "更多", "items": [{"name": "商城", "url": "https://shop.example.com/"}]},
]


async def test_a_menu_is_shown_at_wechat_and_a_wrong_one_is_not(migrated: Path, tmp_path: Path) -> None:
    async with at_work(migrated, tmp_path) as (building, wechat, path):
        token = building.ours.agent
        set_ = await building.ask("POST", f"{path}/menu", token=token, json={"buttons": MENU})
        assert set_.status == 200, set_.body
        assert wechat.menu["button"][0] == {"type": "click", "name": "退货", "key": "ask:怎么退货?"}
        assert wechat.menu["button"][1]["sub_button"][0]["type"] == "view"
        shown = await building.ask("GET", f"{path}/menu", token=token)
        assert [one["name"] for one in shown.json()["buttons"]] == ["退货", "更多"]
        again = await building.ask("POST", path, token=token, json={**SET, "welcome": "欢迎!"})
        assert again.status == 200
        assert (await building.ask("GET", f"{path}/menu", token=token)).json() == shown.json()
        before = wechat.menu
        for wrong in WRONG_MENUS:
            refused = await building.ask("POST", f"{path}/menu", token=token, json={"buttons": wrong})
            assert (refused.status, wechat.menu) == (422, before), wrong
        assert (await building.ask("GET", f"{path}/menu", token=token)).json() == shown.json()
        theirs = await building.ask("POST", f"{path}/menu", token=building.theirs.agent, json={"buttons": MENU})
        assert theirs.status == 404
        gone = await building.ask("POST", f"{path}/menu", token=token, json={"buttons": []})
        assert (gone.status, wechat.menu) == (200, None)


async def test_a_picture_goes_both_ways(migrated: Path, tmp_path: Path) -> None:
    async with at_work(migrated, tmp_path, webhook_private=True) as (building, wechat, _):
        house, token = building.house, building.ours.agent
        wechat.files["voice-1"] = b"#!AMR" + bytes(20)
        await wechat.deliver("o_1", {"MsgType": "voice", "MediaId": "voice-1", "MsgId": "1"})
        thread = await house.doors.threads.repository.find(wechat.account.inbox_id, "o_1")
        assert thread is not None
        agent = await house.identity.verify(token)
        conversation = await house.conversations.access(agent, thread.conversation_id)
        (heard, *_) = await house.conversations.messages_after(conversation, 0, 10)
        path = heard.text.removeprefix("[语音](").removesuffix(")")
        async with asyncio.timeout(5):
            while (kept := await building.ask("GET", path)).status != 200:  # noqa: ASYNC110 -- a request is asked again
                await asyncio.sleep(0.01)
        assert kept.body == wechat.files["voice-1"]
        assert kept.headers["content-disposition"].startswith("attachment")
        assert (await building.ask("GET", path[:-1] + "x")).status == 404

        data = base64.b64encode(PNG).decode()
        taken = await building.ask("POST", "/v1/media", token=token, json={"data": data})
        assert taken.status == 201
        others = await building.ask("POST", "/v1/media", token=building.theirs.agent, json={"data": data})
        assert (await building.ask("POST", "/v1/media", token=token, json={"data": "AAAA"})).status == 422
        words = f"请看图 ![示意图]({taken.json()['url']})\n![别家的]({others.json()['url']})"
        await house.conversations.say(conversation, agent, words, "c1")
        await until(lambda: len([one for one in wechat.shown if one.how == "api"]) >= 3)
        sent = [one for one in wechat.shown if one.how == "api"]
        assert [one.picture for one in sent] == [b"", PNG, b""]
        assert sent[0].text == "请看图"
        shown = await building.ask("GET", taken.json()["url"])
        assert (shown.body, shown.headers["content-type"]) == (PNG, "image/png")


async def test_voices_go_both_ways_and_documents_by_their_link(migrated: Path, tmp_path: Path) -> None:
    base = "https://help.example.com"
    async with at_work(migrated, tmp_path, public_url=base) as (building, wechat, _):
        house, token, store = building.house, building.ours.agent, building.house.doors.media.store
        wechat.files["voice-1"] = AMR
        spoken = {"MsgType": "voice", "MediaId": "voice-1", "Recognition": "怎么退货?", "MsgId": "1"}
        await wechat.deliver("o_1", spoken)
        thread = await house.doors.threads.repository.find(wechat.account.inbox_id, "o_1")
        assert thread is not None
        agent = await house.identity.verify(token)
        conversation = await house.conversations.access(agent, thread.conversation_id)
        (heard, *_) = await house.conversations.messages_after(conversation, 0, 10)
        (media_id,) = named_in(heard.text)
        assert heard.text == f"怎么退货?\n[语音]({path_of(media_id)})"
        sender = Sender(tenant_id=building.ours.tenant.id)
        voice, document = [await store.put(sender, await store.judge(body), body) for body in (AMR, DOCX)]
        words = f"{mention(voice.name, voice.id)}\n{mention('说明.docx', document.id)}"
        await house.conversations.say(conversation, agent, words, "c1")
        await until(lambda: len([one for one in wechat.shown if one.how == "api"]) >= 2)
        sent = [one for one in wechat.shown if one.how == "api"]
        assert [(one.text, one.picture) for one in sent] == [
            ("", AMR),
            (f"说明.docx {base}{path_of(document.id)}", b""),
        ]


async def test_a_link_in_wechat_says_who_follows_it_for_a_while(migrated: Path, tmp_path: Path) -> None:
    base = "https://help.example.com"
    async with at_work(migrated, tmp_path, public_url=base) as (building, wechat, _):
        house, token = building.house, building.ours.agent
        await wechat.say("o_1", "怎么退货?", "1001")
        inbox = await house.inboxes.get(building.ours.tenant.id, wechat.account.inbox_id)
        thread = await house.doors.threads.repository.find(inbox.id, "o_1")
        assert thread is not None
        agent = await house.identity.verify(token)
        conversation = await house.conversations.access(agent, thread.conversation_id)
        page = f"/c/{inbox.site_key}"
        await house.conversations.say(conversation, agent, f"请打开 {base}{page} 继续", "c1")
        await until(lambda: "ticket=" in wechat.shown[-1].text)
        link = wechat.shown[-1].text.split()[1]
        opened = await building.ask("GET", link.removeprefix(base))
        assert opened.status == 200
        identity = re.search(rb'"token": "([^"]+)"', opened.body)
        assert identity is not None
        form = {"site_key": inbox.site_key, "identity_token": identity[1].decode()}
        session = await building.ask("POST", "/v1/widget/session", json=form)
        assert session.json()["conversation"]["id"] == conversation.id
        for _ in range(2):
            assert b'"identify"' in (await building.ask("GET", link.removeprefix(base))).body
        for address in (link.removeprefix(base), f"{page}?ticket=s1.forged", page):
            assert b'"identify"' not in (await building.ask("GET", address)).body
        other = f"/c/{building.ours.inbox.site_key}"
        assert b'"identify"' not in (await building.ask("GET", other + link.removeprefix(base + page))).body


async def test_a_plain_page_and_its_code_open_the_conversation(migrated: Path, tmp_path: Path) -> None:
    async with at_work(migrated, tmp_path, public_url="https://help.example.com") as (building, _, _):
        page = f"/c/{building.ours.inbox.site_key}"
        shown = await building.ask("GET", page)
        policy = shown.headers["content-security-policy"]
        nonce = re.search(r"'nonce-([\w-]+)'", policy)
        assert nonce is not None
        assert "unsafe-inline" not in policy.partition("script-src")[2].partition(";")[0]
        assert shown.body.count(f'nonce="{nonce[1]}"'.encode()) == 2
        assert shown.headers["referrer-policy"] == "no-referrer"
        code = await building.ask("GET", f"{page}/qr.svg")
        assert code.headers["content-type"] == "image/svg+xml"
        assert code.body == qr_of(f"https://help.example.com{page}")
        for missing in ("/c/site_nothing", "/c/site_nothing/qr.svg"):
            assert (await building.ask("GET", missing)).status == 404


def qr_of(text: str) -> bytes:
    import segno

    drawn = io.BytesIO()
    segno.make(text, error="m").save(drawn, kind="svg", scale=8, border=4, light="#fff")
    return drawn.getvalue()
