"""What visitors may send beside words: pictures by their bytes, where the inbox takes them, so many a minute."""

from __future__ import annotations

import asyncio
import base64
from pathlib import Path
from typing import Any

import pytest
from tests.doors.building import Answer, Building, open_building

session_loop = pytest.mark.asyncio(loop_scope="session")

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
CORPUS = (
    "<script>hit=1</script>",
    "<img src=x onerror=hit=1>",
    '"><svg/onload=hit=1>',
    "](javascript:hit=1)[x",
    "x](https://evil.example/?q=1)![y",
    "..\\..\\etc\\passwd",
    "\u202egnp.exe",
)


def data(body: bytes) -> dict[str, str]:
    return {"data": base64.b64encode(body).decode()}


async def send(building: Building, token: str, body: bytes = PNG, key: str = "") -> Answer:
    headers = {"idempotency-key": key} if key else {}
    return await building.ask("POST", "/v1/media", token=token, json=data(body), headers=headers)


@session_loop
async def test_a_visitor_s_picture_stands_in_the_conversation_and_agents_see_it(building: Building) -> None:
    token, conversation = await building.visitor()
    sent = await send(building, token)
    assert (sent.status, sent.json()["type"]) == (201, "image/png"), sent.body
    url = sent.json()["url"]
    path = f"/v1/conversations/{conversation.id}/messages"
    said = await building.ask("POST", path, token=token, json={"text": f"屏幕坏了\n![屏幕.png]({url})"})
    assert said.status == 201
    seen = await building.ask("GET", path, token=building.ours.agent)
    assert seen.json()["data"][0]["text"].endswith(f"]({url})")
    shown = await building.ask("GET", url)
    assert (shown.status, shown.body) == (200, PNG)
    assert shown.headers["content-type"] == "image/png"
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert shown.headers["content-security-policy"] == "default-src 'none'; sandbox"
    kept = await building.services.media.store.find(sent.json()["id"])  # type: ignore[union-attr]
    assert kept is not None
    assert (kept.tenant_id, kept.inbox_id) == (building.ours.tenant.id, building.ours.inbox.id)


@session_loop
@pytest.mark.parametrize(
    "body",
    [b"<svg onload=hit=1>", b"%PDF-1.7", b"MZ", b"<html><script>hit=1</script>", b"PK\x03\x04", b"", b"\xff\xd8"],
)
async def test_what_is_no_picture_by_its_bytes_is_refused(building: Building, body: bytes) -> None:
    token, _ = await building.visitor()
    assert (await send(building, token, body)).status == 422


@session_loop
async def test_a_picture_that_is_too_large_is_refused(building: Building) -> None:
    token, _ = await building.visitor()
    assert (await send(building, token, PNG + bytes(750_000))).status == 422
    assert (await send(building, token, PNG + bytes(1_100_000))).status == 413
    assert (await send(building, token, PNG + bytes(740_000))).status == 201


@session_loop
async def test_the_same_upload_again_is_the_same_picture(building: Building) -> None:
    token, _ = await building.visitor()
    first, again = [await send(building, token, key="pic-1") for _ in range(2)]
    assert first.json() == again.json()
    assert (await send(building, token, PNG + b"other", key="pic-1")).json()["code"] == "idempotency_key_reused"
    assert (await send(building, token, key="pic-2")).json()["id"] != first.json()["id"]


@session_loop
async def test_an_inbox_that_takes_none_says_so_and_its_agents_still_may(building: Building) -> None:
    made = await building.ask("POST", "/v1/inboxes", token=building.ours.agent, json={"name": "无图", "channel": "web"})
    path = f"/v1/inboxes/{made.json()['id']}"
    assert (await building.ask("GET", path, token=building.ours.agent)).json()["pictures"] is True
    off = await building.ask("PATCH", path, token=building.ours.agent, json={"pictures": False})
    assert off.json()["pictures"] is False
    renamed = await building.ask("PATCH", path, token=building.ours.agent, json={"name": "没有图"})
    assert renamed.json()["pictures"] is False
    inbox = await building.house.inboxes.get(building.ours.tenant.id, made.json()["id"])
    token, _ = await building.visitor(inbox)
    refused = await send(building, token)
    assert (refused.status, refused.json()["code"]) == (403, "pictures_off")
    body = {"site_key": inbox.site_key}
    session = await building.ask("POST", "/v1/widget/session", json=body)
    assert session.json()["inbox"]["pictures"] is False
    assert (await send(building, building.ours.agent)).status == 201
    other = await building.ask("POST", "/v1/widget/session", json={"site_key": building.ours.inbox.site_key})
    assert other.json()["inbox"]["pictures"] is True


async def test_one_visitor_sends_so_many_a_minute_and_the_next_may_still(migrated: Path, tmp_path: Path) -> None:
    async with open_building(
        migrated, tmp_path, visitor_pictures_per_minute=2, tenant_pictures_per_minute=4
    ) as building:
        ann, ben, cid = [(await building.visitor())[0] for _ in range(3)]
        assert [(await send(building, ann)).status for _ in range(2)] == [201, 201]
        refused = await send(building, ann, key="third")
        assert (refused.status, refused.json()["code"]) == (429, "throttled")
        assert int(refused.headers["retry-after"]) > 0
        assert [(await send(building, ben)).status for _ in range(2)] == [201, 201]
        assert (await send(building, cid)).status == 429, "all visitors together"
        assert (await send(building, building.ours.agent)).status == 201
        assert (await send(building, building.theirs.visitor)).status == 201


@session_loop
@pytest.mark.parametrize("name", CORPUS)
async def test_a_file_name_is_only_words_of_a_message(building: Building, name: str) -> None:
    token, conversation = await building.visitor()
    url = (await send(building, token)).json()["url"]
    path = f"/v1/conversations/{conversation.id}/messages"
    text = f"![{name}]({url})"
    assert (await building.ask("POST", path, token=token, json={"text": text})).status == 201
    seen = await building.ask("GET", path, token=building.ours.agent)
    assert seen.json()["data"][0]["text"] == text
    shown = await building.ask("GET", url)
    assert shown.headers["content-disposition"] == "inline", "nothing that anybody wrote is in a header"


@session_loop
async def test_a_picture_alone_is_answered_honestly_and_asks_no_engine(building: Building) -> None:
    token, conversation = await building.visitor()
    url = (await send(building, token)).json()["url"]
    said = await _talk(building, token, conversation.id, f"![图片]({url})")
    assert "我看不了" in said
    assert "转人工" in said


async def _talk(building: Building, token: str, conversation: str, text: str) -> str:
    path = f"/v1/conversations/{conversation}/messages"
    assert (await building.ask("POST", path, token=token, json={"text": text})).status == 201
    async with asyncio.timeout(10):
        while True:
            said: list[dict[str, Any]] = (await building.ask("GET", path, token=token)).json()["data"]
            if said[-1]["sender"]["kind"] == "assistant":
                return str(said[-1]["text"])
            await asyncio.sleep(0.02)
