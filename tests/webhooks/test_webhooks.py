from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import msgspec
import pytest
from aiohttp import web
from sqlalchemy import select
from standardwebhooks import Webhook
from tests.support.outside import listening

from miaohui.kit.clock import SystemClock
from miaohui.kit.database import Database
from miaohui.kit.errors import Invalid, NotFound
from miaohui.kit.sealed import Seal
from miaohui.testing.clock import FakeClock
from miaohui.webhooks import repository
from miaohui.webhooks.posting import Poster
from miaohui.webhooks.repository import Span
from miaohui.webhooks.service import Webhooks
from miaohui.webhooks.tables import outbox
from miaohui.webhooks.tasks import Sender, SenderOptions
from miaohui.webhooks.types import Answer, Delivery, Endpoint, Wish

_ROWS = select(outbox).order_by(outbox.c.id)


class Receiver:
    """Those outside: answers by script, remembers what it got."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.got: list[Delivery] = []
        self.open = asyncio.Event()
        self.open.set()

    async def post(self, delivery: Delivery, now_ms: int) -> Answer:
        self.got.append(delivery)
        await self.open.wait()
        return self.answers.pop(0) if self.answers else Answer(status=200)

    async def close(self) -> None:
        pass

    @property
    def told(self) -> list[str]:
        return [msgspec.json.decode(one.payload)["data"]["text"] for one in self.got]


class House:
    """Webhooks and their sender over a real database and a clock that is moved by hand."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.clock = FakeClock()
        self.receiver = Receiver()
        self.webhooks = Webhooks(db, self.clock, self.receiver, Seal(b"0" * 32))
        self.sender = Sender(db, self.clock, self.webhooks, self.receiver, SenderOptions())

    async def add(self, tenant_id: str, url: str, events: tuple[str, ...] = ()) -> tuple[Endpoint, str]:
        return await self.webhooks.create_endpoint(tenant_id, Wish(url=url, events=events))

    async def post(self, *texts: str, conversation: str = "conv_1", tenant: str = "tnt_1") -> None:
        for text in texts:
            await self.db.write(
                lambda text=text: self.webhooks.enqueue(tenant, conversation, "message.created", {"text": text})  # type: ignore[misc]
            )

    async def send(self) -> None:
        """Send until nothing more is due."""
        while await self.sender.send_due():
            await asyncio.gather(*self.sender._tasks)

    async def rows(self) -> list[tuple[str, int, str]]:
        return [(row["state"], row["attempts"], row["last_error"]) for row in await self.db.read(_ROWS)]


@pytest.fixture
async def house(db: Database) -> AsyncIterator[House]:
    made = House(db)
    yield made
    await made.sender.close()


async def test_an_event_reaches_every_endpoint_that_wants_it_and_no_other(house: House) -> None:
    await house.add("tnt_1", "https://a.example.com/")
    await house.add("tnt_1", "https://b.example.com/", ("message.created", "turn.ended"))
    await house.add("tnt_1", "https://c.example.com/", ("conversation.resolved",))
    await house.add("tnt_2", "https://d.example.com/")
    await house.post("你好")
    await house.send()
    assert sorted(one.url for one in house.receiver.got) == ["https://a.example.com/", "https://b.example.com/"]
    assert len({one.event_id for one in house.receiver.got}) == 1
    payload = msgspec.json.decode(house.receiver.got[0].payload)
    assert payload == {"type": "message.created", "timestamp": "2025-06-15T15:06:40.000Z", "data": {"text": "你好"}}
    assert await house.rows() == [("sent", 1, ""), ("sent", 1, "")]


async def test_a_tenant_without_endpoints_costs_nothing(house: House) -> None:
    assert not house.webhooks.has_endpoints("tnt_1")
    await house.post("你好")
    assert await house.rows() == []
    endpoint, _ = await house.add("tnt_1", "https://a.example.com/")
    assert house.webhooks.has_endpoints("tnt_1")
    await house.webhooks.switch_endpoint("tnt_1", endpoint.id, enabled=False)
    assert not house.webhooks.has_endpoints("tnt_1")


async def test_the_order_in_a_conversation_is_kept_while_another_goes_on(house: House) -> None:
    await house.add("tnt_1", "https://a.example.com/")
    await house.post("一", "二", "三")
    await house.post("别的", conversation="conv_2")
    house.receiver.answers = [Answer(status=500, error="HTTP 500")]
    await house.send()
    assert house.receiver.told == ["一", "别的"]
    house.clock.advance(5)
    await house.send()
    assert [text for text in house.receiver.told if text != "别的"] == ["一", "一", "二", "三"]
    assert house.receiver.got[0].event_id == house.receiver.got[2].event_id


async def test_what_a_node_with_a_wrong_clock_put_down_is_sent_by_another_at_once(house: House) -> None:
    await house.add("tnt_1", "https://a.example.com/")
    house.clock.jump(3600)
    await house.post("一")
    house.clock.jump(-3600)
    await house.send()
    assert house.receiver.told == ["一"]


async def test_what_a_dead_sender_claimed_is_taken_back_when_its_lease_is_over(house: House) -> None:
    endpoint, _ = await house.add("tnt_1", "https://a.example.com/")
    await house.post("一")
    now_ms = house.clock.now_ms()
    assert len(await house.db.write(lambda: repository.claim(endpoint.id, now_ms, 1))) == 1
    house.clock.advance(59)
    assert await house.sender.take_back() == 0
    house.clock.advance(1)
    assert await house.sender.take_back() == 1
    await house.send()
    assert house.receiver.told == ["一"]


async def test_attempts_follow_the_schedule_and_end(house: House) -> None:
    endpoint, _ = await house.add("tnt_1", "https://a.example.com/")
    await house.post("一")
    house.receiver.answers = [Answer(error="timeout")] * 10
    for wait_s in (0, 5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400):
        house.clock.advance(wait_s - 1 if wait_s else 0)
        before = len(house.receiver.got)
        if wait_s:
            await house.send()
            assert len(house.receiver.got) == before
            house.clock.advance(1)
        await house.send()
        assert len(house.receiver.got) == before + 1
    assert await house.rows() == [("dead", 10, "timeout")]
    span = Span(since_ms=0, until_ms=house.clock.now_ms())
    with pytest.raises(NotFound):
        await house.webhooks.replay("tnt_2", endpoint.id, span)
    assert await house.webhooks.replay("tnt_1", endpoint.id, span) == 1
    await house.webhooks.switch_endpoint("tnt_1", endpoint.id, enabled=True)
    await house.send()
    assert (await house.rows())[0][0] == "sent"


async def test_a_recovered_endpoint_gets_what_waits_at_once(house: House) -> None:
    await house.add("tnt_1", "https://a.example.com/")
    for i in range(3):
        await house.post(str(i), conversation=f"conv_{i}")
    house.receiver.answers = [Answer(status=503)] * 6
    await house.send()
    house.clock.advance(5)
    await house.send()
    await house.post("new", conversation="conv_9")
    await house.send()
    assert house.receiver.told[-1] == "new"
    house.clock.advance(300)
    await house.send()
    assert [state for state, *_ in await house.rows()] == ["sent"] * 4


async def test_an_endpoint_that_is_gone_is_switched_off_and_told_nothing_more(house: House) -> None:
    await house.add("tnt_1", "https://a.example.com/")
    await house.post("一", "二")
    house.receiver.answers = [Answer(status=410)]
    await house.send()
    assert house.receiver.told == ["一"]
    (endpoint,) = await house.webhooks.list_endpoints("tnt_1")
    assert (endpoint.enabled, endpoint.disabled_reason) == (False, "gone")
    assert not house.webhooks.has_endpoints("tnt_1")


async def test_a_slow_endpoint_does_not_hold_up_another(house: House) -> None:
    slow, _ = await house.add("tnt_1", "https://slow.example.com/")
    for i in range(10):
        await house.post(str(i), conversation=f"conv_{i}")
    house.receiver.open.clear()
    assert await house.sender.send_due() == 4
    await house.add("tnt_2", "https://fast.example.com/")
    await house.post("quick", tenant="tnt_2")
    assert await house.sender.send_due() == 1
    await asyncio.sleep(0)
    assert house.receiver.told.count("quick") == 1
    assert [one.endpoint_id for one in house.receiver.got].count(slow.id) == 4
    house.receiver.open.set()
    await asyncio.gather(*house.sender._tasks)


async def test_what_a_dead_sender_had_claimed_is_sent_again_under_the_same_id(house: House) -> None:
    endpoint, _ = await house.add("tnt_1", "https://a.example.com/")
    await house.post("一", "二")
    (lost,) = await house.db.write(lambda: repository.claim(endpoint.id, house.clock.now_ms(), 10))
    await house.send()
    assert house.receiver.got == []
    async with asyncio.TaskGroup() as group:
        running = group.create_task(house.sender.run())
        await until(lambda: len(house.receiver.got) >= 1)
        running.cancel()
    assert house.receiver.got[0].event_id == lost.event_id


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 -- the sender has no event to wait for
            await asyncio.sleep(0.01)


async def test_an_endpoint_is_only_its_tenants(house: House) -> None:
    endpoint, secret = await house.add("tnt_1", "https://a.example.com/")
    assert secret.startswith("whsec_")
    assert await house.webhooks.list_endpoints("tnt_2") == []
    with pytest.raises(NotFound):
        await house.webhooks.switch_endpoint("tnt_2", endpoint.id, enabled=False)
    with pytest.raises(Invalid):
        await house.add("tnt_1", "http://127.0.0.1/")


class Site:
    """A real receiver on loopback."""

    def __init__(self) -> None:
        self.seen: list[tuple[dict[str, str], bytes]] = []
        self.status = 200

    async def answer(self, request: web.Request) -> web.Response:
        self.seen.append((dict(request.headers), await request.read()))
        return web.Response(status=self.status, headers={"Location": "/other", "Retry-After": "7"})


@pytest.fixture
async def site() -> AsyncIterator[tuple[Site, str]]:
    made = Site()
    app = web.Application()
    app.router.add_post("/{path:.*}", made.answer)
    async with listening(app) as address:
        yield made, f"{address}/hook"


def delivery(url: str) -> Delivery:
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    return Delivery(
        id=1, event_id="evt_1", endpoint_id="wh_1", url=url, secrets=(secret,), payload='{"a":1}', attempts=0
    )


async def test_a_delivery_is_posted_with_a_signature_that_holds(site: tuple[Site, str]) -> None:
    receiver, url = site
    poster = Poster(allow_private=True)
    answer = await poster.post(delivery(url), SystemClock().now_ms())
    await poster.close()
    headers, body = receiver.seen[0]
    assert answer.status == 200
    assert body == b'{"a":1}'
    assert headers["webhook-id"] == "evt_1"
    assert Webhook(delivery(url).secrets[0]).verify(body, headers) == {"a": 1}


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "localhost."])
async def test_an_address_inside_is_not_called_even_when_it_is_on_record(site: tuple[Site, str], host: str) -> None:
    receiver, url = site
    poster = Poster()
    answer = await poster.post(delivery(url.replace("127.0.0.1", host)), 0)
    await poster.close()
    assert answer.status == 0
    assert receiver.seen == []
