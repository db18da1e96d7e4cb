"""Table F of the faults that webhooks must survive, F11 to F14, in virtual time."""

from __future__ import annotations

import asyncio
import gc
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import msgspec
import pytest
from aiohttp import web
from standardwebhooks import Webhook, WebhookVerificationError
from tests.support.outside import listening
from tests.support.records import copy_sqlite

from miaohui.kit.aio import spawn, stop
from miaohui.kit.clock import SystemClock
from miaohui.kit.database import Database
from miaohui.kit.records import RecordsOptions, open_database
from miaohui.kit.sealed import Seal
from miaohui.testing.virtual import CountedDatabase, VirtualClock, counted, run_virtually
from miaohui.webhooks.posting import Poster
from miaohui.webhooks.repository import Span
from miaohui.webhooks.service import Webhooks
from miaohui.webhooks.tasks import Sender, SenderOptions
from miaohui.webhooks.types import Answer, Delivery, Endpoint, Wish

HOUR = 3600.0
TENANT = "tnt_1"


@dataclass
class Got:
    """One delivery, as the receiver saw it."""

    at_s: float
    endpoint: str
    event: str
    conversation: str
    number: int
    answered: int


@dataclass
class World:
    """Receivers by address, and when each is up; the sender in front of them; and alarms."""

    clock: VirtualClock
    database: Database
    webhooks: Webhooks
    got: list[Got] = field(default_factory=list)
    rung: list[tuple[str, str]] = field(default_factory=list)
    answers: Callable[[str, float], Awaitable[Answer]] | None = None
    poisoned: bool = False
    suspended: set[str] = field(default_factory=set)
    said: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    async def post(self, delivery: Delivery, now_ms: int) -> Answer:
        data = msgspec.json.decode(delivery.payload)["data"]
        now = self.clock.monotonic()
        assert self.answers is not None
        answer = await self.answers(delivery.url, now)
        seen = Got(now, delivery.url, delivery.event_id, data.get("conversation", ""), data.get("n", 0), answer.status)
        self.got.append(seen)
        return answer

    async def ring(self, tenant_id: str, code: str, facts: Mapping[str, str]) -> None:
        self.rung.append((tenant_id, f"{code}:{facts['reason']}"))

    async def happen(self, conversation: str, tenant: str = TENANT) -> None:
        self.said[conversation] += 1
        n = self.said[conversation]
        data = {"conversation": conversation, "n": n}
        await self.database.write(lambda: self.webhooks.enqueue(tenant, conversation, "message.created", data))

    async def add(self, url: str = "https://a.example.com/", tenant: str = TENANT) -> Endpoint:
        return (await self.webhooks.create_endpoint(tenant, Wish(url=url)))[0]

    def arrived(self) -> dict[str, list[int]]:
        """Numbers by conversation, in the order in which they arrived."""
        order: dict[str, list[int]] = defaultdict(list)
        for one in self.got:
            if one.answered == 200:
                order[one.conversation].append(one.number)
        return order


@pytest.fixture
def live(sqlite_template: Path, tmp_path: Path) -> Callable[..., None]:
    """Live a story in virtual time, looking at the outbox every `poll_s`."""

    def lived(story: Callable[[World], Awaitable[None]], poll_s: float = 60.0) -> None:
        async def work() -> None:
            url = copy_sqlite(sqlite_template, tmp_path / "world.db")
            options = RecordsOptions(group_wait_ms=0, readers=1)
            inner = await counted(open_database(url, clock=SystemClock(), data_dir=tmp_path, options=options))
            database, clock = cast("Database", CountedDatabase(inner)), VirtualClock()
            world = World(clock, database, Webhooks(database, clock, vault=Seal(b"0" * 32)))
            bounds = SenderOptions(poll_s=poll_s, refresh_s=HOUR, tidy_s=HOUR)
            sender = Sender(database, clock, world.webhooks, world, bounds)
            sender.ring_at(world)
            sender.serves = lambda tenant_id: tenant_id not in world.suspended
            running = spawn(sender.run(), name="sender")
            try:
                await story(world)
            finally:
                await stop(running)
                await database.close()

        run_virtually(work())

    return lived


def up_after(hours: float) -> Callable[[str, float], Awaitable[Answer]]:
    async def answer(url: str, now: float) -> Answer:
        return Answer(status=200) if now >= hours * HOUR else Answer(error="unreachable")

    return answer


def test_f11_a_lone_event_follows_the_schedule_until_the_receiver_is_back(live: Callable[..., None]) -> None:
    async def story(world: World) -> None:
        world.answers = up_after(24)
        await world.add()
        await world.happen("conv_1")
        await asyncio.sleep(32 * HOUR)
        tries = [round(one.at_s / 60) for one in world.got]
        expected = [0, 0, 5, 35, 155, 455, 1055, 1895]
        assert all(abs(there - here) <= 8 for there, here in zip(tries, expected, strict=True)), tries
        assert world.arrived() == {"conv_1": [1]}
        assert len({one.event for one in world.got}) == 1

    live(story)


def test_f11_the_first_success_pulls_the_backlog_forward_in_its_order(live: Callable[..., None]) -> None:
    async def story(world: World) -> None:
        world.answers = up_after(24)
        await world.add()
        for hour in range(25):
            for conversation in range(10):
                await world.happen(f"conv_{conversation}")
            await world.happen(f"conv_of_hour_{hour}")
            await asyncio.sleep(0.5 * HOUR)
            tasks = len(asyncio.all_tasks())
            assert tasks < 12, (hour, tasks)
            await asyncio.sleep(0.5 * HOUR)
        arrived = world.arrived()
        assert {f"conv_{one}": arrived.pop(f"conv_{one}") for one in range(10)} == {
            f"conv_{one}": list(range(1, 26)) for one in range(10)
        }
        assert arrived == {f"conv_of_hour_{hour}": [1] for hour in range(25)}
        last = max(one.at_s for one in world.got if one.answered == 200)
        assert last - 24 * HOUR < 10 * 60
        assert world.rung == []

    live(story)


def test_nothing_is_sent_of_a_company_that_is_suspended_and_all_of_it_afterwards(live: Callable[..., None]) -> None:
    async def story(world: World) -> None:
        world.answers = up_after(0)
        await world.add()
        await world.add("https://b.example.com/", "tnt_2")
        world.suspended.add(TENANT)
        for _ in range(3):
            await world.happen("conv_1")
        await world.happen("conv_2", "tnt_2")
        await asyncio.sleep(100 * HOUR)
        assert world.arrived() == {"conv_2": [1]}
        world.suspended.clear()
        await asyncio.sleep(0.5 * HOUR)
        assert world.arrived() == {"conv_1": [1, 2, 3], "conv_2": [1]}
        assert world.rung == [], "to wait is no failure"

    live(story)


def test_f11_what_waits_takes_no_memory(live: Callable[..., None]) -> None:
    async def story(world: World) -> None:
        world.answers = up_after(1000)
        await world.add()
        sizes = []
        for hour in range(16):
            for conversation in range(6):
                await world.happen(f"conv_{hour}_{conversation}")
            await asyncio.sleep(HOUR)
            world.got.clear()
            gc.collect()
            sizes.append(sum(issubclass(type(one), (Delivery, asyncio.Task)) for one in gc.get_objects()))
        assert max(sizes[8:]) <= max(sizes[:8]) + 10

    live(story, poll_s=600)


def test_f12_after_eighty_hours_it_is_switched_off_and_replayed_once(live: Callable[..., None]) -> None:
    async def story(world: World) -> None:
        world.answers = up_after(80)
        endpoint = await world.add()
        await world.happen("conv_1")
        await world.happen("conv_1")
        await asyncio.sleep(79 * HOUR)
        assert len(world.got) == 10
        (off,) = await world.webhooks.list_endpoints(TENANT)
        assert (off.enabled, off.disabled_reason) == (False, "failing")
        assert world.rung == [(TENANT, "webhook_disabled:failing")]
        await asyncio.sleep(2 * HOUR)
        assert world.arrived() == {}
        assert await world.webhooks.standing(off) == await world.webhooks.standing(endpoint)
        span = Span(since_ms=0, until_ms=world.clock.now_ms())
        assert await world.webhooks.replay(TENANT, endpoint.id, span) == 1
        assert await world.webhooks.replay(TENANT, endpoint.id, span) == 0
        await world.webhooks.switch_endpoint(TENANT, endpoint.id, enabled=True)
        await asyncio.sleep(HOUR)
        assert world.arrived() == {"conv_1": [1, 2]}
        standing = await world.webhooks.standing(endpoint)
        assert (standing.waiting, standing.dead) == (0, 0)

    live(story, poll_s=120)


def test_one_event_that_is_always_refused_neither_stops_the_others_nor_the_endpoint(live: Callable[..., None]) -> None:
    async def story(world: World) -> None:
        async def answer(url: str, now: float) -> Answer:
            return Answer(status=500 if world.poisoned else 200)

        world.answers = answer
        await world.add()
        world.poisoned = True
        await world.happen("conv_bad")
        await asyncio.sleep(60)
        world.poisoned = False
        await world.happen("conv_good")
        await asyncio.sleep(120)
        assert world.arrived()["conv_good"] == [1]
        (on,) = await world.webhooks.list_endpoints(TENANT)
        assert on.enabled
        assert world.rung == []

    live(story, poll_s=5)


def test_f13_a_wish_to_wait_is_kept_and_410_ends_it(live: Callable[..., None]) -> None:
    async def story(world: World) -> None:
        answers = [Answer(status=429, retry_after_s=3600), Answer(status=302), Answer(status=410)]

        async def answer(url: str, now: float) -> Answer:
            return answers.pop(0)

        world.answers = answer
        await world.add()
        await world.happen("conv_1")
        await world.happen("conv_1")
        await asyncio.sleep(5 * HOUR)
        at = [one.at_s for one in world.got]
        assert [one.answered for one in world.got] == [429, 302, 410]
        assert 3600 <= at[1] - at[0] <= 3700
        assert 300 <= at[2] - at[1] <= 400
        (off,) = await world.webhooks.list_endpoints(TENANT)
        assert (off.enabled, off.disabled_reason) == (False, "gone")

    live(story)


def test_f14_one_dead_endpoint_does_not_delay_ninety_nine_good_ones(live: Callable[..., None]) -> None:
    async def story(world: World) -> None:
        async def answer(url: str, now: float) -> Answer:
            if "dead" not in url:
                await asyncio.sleep(0.05)
                return Answer(status=200)
            await asyncio.sleep(20)
            return Answer(error="timeout")

        world.answers = answer
        await world.add("https://dead.example.com/", "tnt_0")
        for one in range(1, 100):
            await world.add(f"https://good{one}.example.com/", f"tnt_{one}")
        happened: dict[tuple[str, int], float] = {}
        for second in range(8):
            for one in range(100):
                conversation = f"conv_{one}_{second % 3}"
                await world.happen(conversation, f"tnt_{one}")
                happened[conversation, world.said[conversation]] = world.clock.monotonic()
            await asyncio.sleep(1)
        await asyncio.sleep(10)
        good = [one for one in world.got if one.answered == 200]
        assert len(good) == 99 * 8
        delays = sorted(one.at_s - happened[one.conversation, one.number] for one in good)
        assert delays[round(len(delays) * 0.99)] <= 5

    live(story, poll_s=0.5)


@pytest.mark.parametrize("manner", ["late", "hangs", "drip", "redirect", "gone", "busy"])
async def test_f13_every_manner_of_a_receiver_is_an_answer(manner: str) -> None:
    """Over real sockets, with a shorter deadline than the twenty seconds that are usual."""
    asked: list[str] = []

    async def receive(request: web.Request) -> web.StreamResponse:
        asked.append(request.path)
        if manner in {"late", "hangs"}:
            await asyncio.sleep(5)
        if manner == "drip":
            response = web.StreamResponse()
            await response.prepare(request)
            for _ in range(100):
                await response.write(b".")
                await asyncio.sleep(0.05)
            return response
        status = {"redirect": 302, "gone": 410, "busy": 429}.get(manner, 200)
        return web.Response(status=status, headers={"Location": "/elsewhere", "Retry-After": "7"})

    async with receiving(receive) as url:
        poster = Poster(allow_private=True, timeout_s=0.2)
        answer = await poster.post(a_delivery(url), SystemClock().now_ms())
        await poster.close()
    expected = {"redirect": (302, "HTTP 302"), "gone": (410, "HTTP 410"), "busy": (429, "HTTP 429")}
    assert (answer.status, answer.error) == expected.get(manner, (0, "timeout"))
    assert asked == ["/hook"]
    assert (answer.retry_after_s == 7) == (manner in expected)


async def test_during_a_rotation_both_secrets_verify_and_another_does_not() -> None:
    seen: list[tuple[dict[str, str], bytes]] = []

    async def receive(request: web.Request) -> web.Response:
        seen.append((dict(request.headers), await request.read()))
        return web.Response()

    new, old, other = ("whsec_" + letter * 32 for letter in "ABC")
    async with receiving(receive) as url:
        poster = Poster(allow_private=True)
        await poster.post(msgspec.structs.replace(a_delivery(url), secrets=(new, old)), SystemClock().now_ms())
        await poster.close()
    headers, body = seen[0]
    for secret in (new, old):
        assert Webhook(secret).verify(body, headers) == {"a": 1}
    with pytest.raises(WebhookVerificationError):
        Webhook(other).verify(body, headers)


def a_delivery(url: str) -> Delivery:
    secrets = ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",)
    return Delivery(id=1, event_id="evt_1", endpoint_id="wh_1", url=url, secrets=secrets, payload='{"a":1}', attempts=0)


@asynccontextmanager
async def receiving(answer: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> AsyncIterator[str]:
    """A real receiver on loopback."""
    app = web.Application()
    app.router.add_post("/{path:.*}", answer)
    async with listening(app) as address:
        yield f"{address}/hook"
