"""Endpoints over REST, and the events of a whole conversation, through the application."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiohttp import web
from standardwebhooks import Webhook
from tests.doors.building import Building, open_building
from tests.support.outside import listening

from miaohui.identity.types import Principal
from miaohui.turns.types import Send
from miaohui.wiring.house import build_sender


class Site:
    """A real receiver on loopback."""

    def __init__(self) -> None:
        self.status = 200
        self.seen: list[tuple[dict[str, str], bytes]] = []

    async def answer(self, request: web.Request) -> web.Response:
        self.seen.append((dict(request.headers), await request.read()))
        return web.Response(status=self.status, body=b"what is inside")

    @property
    def events(self) -> list[tuple[str, Any]]:
        decoded = [msgspec.json.decode(body) for _, body in self.seen]
        return [(one["type"], one["data"]) for one in decoded]


@pytest.fixture
async def site() -> AsyncIterator[tuple[Site, str]]:
    made = Site()
    app = web.Application()
    app.router.add_post("/hook", made.answer)
    async with listening(app) as address:
        yield made, f"{address}/hook"


@pytest.fixture
async def building(migrated: Path, tmp_path: Path) -> AsyncIterator[Building]:
    async with open_building(migrated, tmp_path, webhook_private=True) as made:
        yield made


async def call(building: Building, method: str, path: str, json: Any = None, *, status: int = 200) -> Any:
    answer = await building.ask(method, f"/v1/webhooks{path}", token=building.ours.agent, json=json)
    assert answer.status == status, answer.body
    return answer.json() if answer.body else None


async def send_all(building: Building) -> None:
    """Beside the house's own sender, which looks around twice a second."""
    sender = build_sender(building.house)
    (endpoint,) = await building.house.webhooks.list_endpoints(building.ours.tenant.id)
    async with asyncio.timeout(10):
        while (await building.house.webhooks.standing(endpoint)).waiting:
            await sender.send_due()
            await asyncio.gather(*sender._tasks)
            await asyncio.sleep(0.01)
    await sender.close()


async def test_an_endpoint_lives_from_its_making_to_its_end(building: Building, site: tuple[Site, str]) -> None:
    receiver, url = site
    made = await call(building, "POST", "", {"url": url, "events": ["rating.created"]}, status=201)
    path = f"/{made['id']}"
    stored = b"".join(file.read_bytes() for file in (building.house.settings.data).glob("miaohui.db*"))
    assert made["secret"].encode() not in stored
    shown = await call(building, "GET", path)
    assert "secret" not in shown
    assert (shown["events"], shown["waiting"], shown["dead"]) == (["rating.created"], 0, 0)
    changed = await call(building, "PATCH", path, {"events": [], "description": "仓库"})
    assert (changed["url"], changed["events"], changed["description"]) == (url, [], "仓库")
    tried = await call(building, "POST", f"{path}/test")
    assert tried["arrived"]
    assert tried["status"] == "2xx"
    headers, body = receiver.seen[-1]
    assert Webhook(made["secret"]).verify(body, headers)["type"] == "webhook.test"
    rotated = await call(building, "POST", f"{path}/rotate")
    assert rotated["secret"] != made["secret"]
    await call(building, "POST", f"{path}/test")
    headers, body = receiver.seen[-1]
    for secret in (made["secret"], rotated["secret"]):
        Webhook(secret).verify(body, headers)
    await call(building, "DELETE", path, status=204)
    for method, tail in (("GET", ""), ("DELETE", ""), ("POST", "/test"), ("POST", "/rotate"), ("GET", "/deliveries")):
        await call(building, method, path + tail, status=404)


async def test_a_test_tells_the_kind_of_answer_and_nothing_of_it(building: Building, site: tuple[Site, str]) -> None:
    receiver, url = site
    made = await call(building, "POST", "", {"url": url}, status=201)
    receiver.status = 503
    tried = await call(building, "POST", f"/{made['id']}/test")
    assert (tried["arrived"], tried["status"], tried["error"]) == (False, "5xx", "")
    assert "inside" not in str(tried)
    await call(building, "PATCH", f"/{made['id']}", {"url": url.replace("/hook", ":1")}, status=422)
    await call(building, "PATCH", f"/{made['id']}", {"url": "http://127.0.0.1:1/"})
    tried = await call(building, "POST", f"/{made['id']}/test")
    assert (tried["arrived"], tried["status"], tried["error"]) == (False, "none", "unreachable")


async def test_what_an_older_version_left_in_plain_words_is_sealed(building: Building, site: tuple[Site, str]) -> None:
    from miaohui.webhooks import repository

    made = await call(building, "POST", "", {"url": site[1]}, status=201)
    plain = "whsec_" + "A" * 43 + "="
    await building.house.database.write(lambda: repository.seal(made["id"], plain))
    await building.house.webhooks.seal_plain_secrets()
    await building.house.webhooks.seal_plain_secrets()
    await call(building, "POST", f"/{made['id']}/test")
    headers, body = site[0].seen[-1]
    Webhook(plain).verify(body, headers)
    found = await building.house.webhooks._repository.list_plain()
    assert found == []


async def test_a_conversation_is_told_from_its_beginning_to_its_rating(
    building: Building, site: tuple[Site, str]
) -> None:
    receiver, url = site
    await call(building, "POST", "", {"url": url}, status=201)
    house, ours = building.house, building.ours
    visitor = Principal(tenant_id=ours.tenant.id, kind="visitor", id=ours.contact.id, inbox_id=ours.inbox.id)
    agent = await house.identity.verify(ours.agent)
    conversation = await house.conversations.start(ours.contact)
    accepted = await house.turns.accept(visitor, conversation, Send(cmid="c1", text="怎么退货?"))
    ended = await house.turns.follow(ours.tenant.id, accepted.turn.id)
    current = await house.conversations.request_human(await house.conversations.access(agent, conversation.id), agent)
    current = await house.conversations.take_over(current, agent)
    await house.conversations.say(current, agent, "内部", "c2", note=True)
    await house.conversations.say(current, agent, "您好", "c3")
    assert ended.message is not None
    await house.conversations.rate(visitor, ended.message.id, 1)
    await house.conversations.resolve(await house.conversations.access(agent, conversation.id), agent)
    await send_all(building)
    told = [name for name, _ in receiver.events if name != "conversation.updated"]
    assert told[:3] == ["conversation.created", "message.created", "message.created"]
    last = ["conversation.taken_over", "note.created", "message.created", "rating.created", "conversation.resolved"]
    assert told[-5:] == last
    assert told.count("handoff.requested") == 1
    words = [data["text"] for name, data in receiver.events if name == "message.created"]
    assert words[0] == "怎么退货?"
    assert "内部" not in words
    assert words[-1] == "您好"
    rated = next(data for name, data in receiver.events if name == "rating.created")
    assert rated == {
        "message_id": ended.message.id,
        "conversation_id": conversation.id,
        "turn_id": accepted.turn.id,
        "rating": 1,
    }


async def test_the_log_pages_from_the_newest_and_a_replay_asks_for_a_time(
    building: Building, site: tuple[Site, str]
) -> None:
    receiver, url = site
    made = await call(building, "POST", "", {"url": url}, status=201)
    for _ in range(5):
        await building.house.conversations.start(building.ours.contact)
    await send_all(building)
    path = f"/{made['id']}"
    first = await call(building, "GET", f"{path}/deliveries?limit=3")
    rest = await call(building, "GET", f"{path}/deliveries?limit=3&cursor={first['next_cursor']}")
    ids = [one["id"] for one in first["data"] + rest["data"]]
    assert len(set(ids)) == 5
    assert rest["next_cursor"] == ""
    assert {one["outcome"] for one in first["data"]} == {"sent"}
    before = len(receiver.seen)
    assert (await call(building, "POST", f"{path}/replay", {"since": "2020-02-31T00:00:00Z"})) == {"events": 0}
    all_of_it = {"since": "2020-01-01T00:00:00Z", "sent_too": True}
    assert (await call(building, "POST", f"{path}/replay", all_of_it)) == {"events": 5}
    await send_all(building)
    assert len(receiver.seen) == before + 5
    assert len({headers["webhook-id"] for headers, _ in receiver.seen}) == 5
    await call(building, "POST", f"{path}/replay", {"since": "yesterday"}, status=422)
