"""Keys that change and readers that leave, over real sockets: nothing fails, nothing stays open, all is written."""

from __future__ import annotations

import asyncio
import random
from contextlib import aclosing
from typing import Any

import pytest
from tests.engines.routing import described, keys, over_sockets, request
from tests.engines.streams import Told, listen
from tests.support.waiting import until

from miaohui.engines.router import Router
from miaohui.engines.routes import Catalog, build_catalog
from miaohui.testing.upstream import Upstream, UpstreamOptions


def published(upstream: Upstream, version: int, *given: dict[str, str]) -> Catalog:
    route = described("first", base_url=upstream.url, model="sim", keys=list(given), key_version=version)
    return build_catalog(str(version), [[route]])


async def hand_over(router: Router, catalog: Catalog) -> None:
    """Publish an old key that drains beside a new one, and wait until the new one does all the work."""
    router.adopt(catalog)
    old, new = router.fleet.lines()[0].wires
    await until(lambda: new.in_flight and not old.in_flight, 30)


async def test_keys_rotated_ten_times_under_load_fail_no_turn() -> None:
    upstream = await Upstream(UpstreamOptions(chunks=6, gap_ms=4, first_ms=8)).start()
    upstream.accepts = {"sk-k1"}
    router, entries = over_sockets([("first", upstream, {})])
    told: list[Told] = []
    over = False

    async def talk(number: int) -> None:
        while not over:
            told.append(await listen(router, request(f"turn_{number}_{len(told)}")))

    talkers = [asyncio.create_task(talk(number)) for number in range(20)]
    await until(lambda: entries.rows)
    for rotation in range(10):
        old, new = keys(f"k{rotation + 1}")[0], keys(f"k{rotation + 2}")[0]
        upstream.accepts.add(new["secret"])
        await hand_over(router, published(upstream, 2 * rotation, {**old, "state": "draining"}, new))
        upstream.accepts.discard(old["secret"])
        router.adopt(published(upstream, 2 * rotation + 1, new))
        await asyncio.sleep(0.01)
    over = True
    await asyncio.gather(*talkers)
    assert len(told) > 100
    assert {one.failure for one in told} == {None}
    assert {row.outcome for row in entries.rows} == {"winner"}
    assert {row.key_id for row in entries.rows} == {f"k{number}" for number in range(1, 12)}
    router.fleet.sweep(router._clock.monotonic())
    assert router.fleet.retired == 0
    await router.close()
    await upstream.close()


async def test_a_revoked_key_is_noticed() -> None:
    upstream = await Upstream(UpstreamOptions(chunks=1, gap_ms=1, first_ms=1)).start()
    upstream.accepts = {"sk-other"}
    router, entries = over_sockets([("first", upstream, {})])
    await listen(router, request())
    assert entries.rows[0].failure == "credential"
    await router.close()
    await upstream.close()


async def test_what_a_draining_key_began_it_may_finish_for_ten_minutes() -> None:
    upstream = await Upstream(UpstreamOptions(chunks=40, gap_ms=5, first_ms=5)).start()
    router, _ = over_sockets([("first", upstream, {})])
    reader = asyncio.create_task(listen(router, request()))
    await asyncio.sleep(0.05)
    router.adopt(published(upstream, 1, keys("k2")[0]))
    now = router._clock.monotonic()
    router.fleet.sweep(now)
    assert router.fleet.retired == 1
    told = await reader
    assert told.failure is None
    router.fleet.sweep(now)
    assert router.fleet.retired == 0
    await router.close()
    await upstream.close()


async def check_leaving_at_random(count: int, at_once: int) -> None:
    """Streams that are left at random points; everything is closed and counted afterwards."""
    chance = random.Random(11)
    upstream = await Upstream(UpstreamOptions(chunks=6, gap_ms=3, first_ms=5)).start()
    wide: dict[str, Any] = {"connect_ms": 5000, "first_content_ms": 20_000, "idle_ms": 20_000, "total_ms": 60_000}
    router, entries = over_sockets([("first", upstream, wide)], last_resort=None)
    before = len(asyncio.all_tasks())
    places = asyncio.Semaphore(at_once)
    whole = 0

    async def turn(number: int) -> None:
        nonlocal whole
        async with places:
            asked = asyncio.create_task(listen(router, request(f"turn_{number}")))
            await asyncio.wait({asked}, timeout=chance.random() * 0.3)
            asked.cancel()
            await asyncio.wait({asked})
            whole += not asked.cancelled() and asked.result().finished is not None

    for start in range(0, count, 1000):
        await asyncio.gather(*(turn(number) for number in range(start, min(start + 1000, count))))
    await until(lambda: upstream.finished + upstream.aborted == upstream.requests)

    assert 0 < whole < count
    assert {row.outcome for row in entries.rows} <= {"winner", "abandoned"}
    assert len({row.id for row in entries.rows}) == len(entries.rows) == upstream.requests
    won = [row for row in entries.rows if row.outcome == "winner"]
    assert whole <= len(won) <= upstream.finished
    assert sum(row.input_tokens for row in won) == 11 * len(won)
    assert sum(row.output_tokens for row in won) == 6 * len(won)
    assert len(asyncio.all_tasks()) <= before
    assert {line.in_flight for line in router.fleet.lines()} == {0}
    await router.close()
    await until(lambda: upstream.stats()["open"] == 0)
    await upstream.close()


async def test_two_thousand_streams_left_at_random_leave_nothing_open_and_are_all_counted() -> None:
    await check_leaving_at_random(2_000, 200)


@pytest.mark.nightly
async def test_twenty_thousand_streams_left_at_random_leave_nothing_open_and_are_all_counted() -> None:
    await check_leaving_at_random(20_000, 200)


async def test_leaving_a_stream_through_its_generator_counts_too() -> None:
    upstream = await Upstream(UpstreamOptions(chunks=50, gap_ms=5, first_ms=5)).start()
    router, entries = over_sockets([("first", upstream, {})])
    async with aclosing(router.stream(request())) as pieces:
        await anext(pieces)
    await asyncio.sleep(0.05)
    assert len(entries.rows) == upstream.requests == upstream.aborted == 1
    await router.close()
    await upstream.close()
