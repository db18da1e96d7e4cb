"""A disk that is full, broken or slow: no ack without a commit, reads go on, and it is got over (D7, D8, D15)."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import random
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from time import monotonic
from typing import Any, NamedTuple

import aiohttp
import pytest
import pytest_asyncio
from tests.conformance.client import Site
from tests.conformance.house import Process, furnish
from tests.faults.visiting import LIFTED, arrive
from tests.integration.own_postgres import own_postgres
from tests.support.failing import Failing
from tests.support.records import run_postgres
from tests.support.servers import database_at

pytestmark = [pytest.mark.faults, pytest.mark.asyncio(loop_scope="module")]

VISITORS, EVERY_S, TIMES, ROUNDS = 220, 1.0, 8, 4
"""So many messages a second."""
STARVED = 0.1
"""A round in which the machine was busy with something else for so much of the time says nothing."""
LAG = re.compile(r"^miaohui_event_loop_lag_seconds (\S+)", re.MULTILINE)
LONG = "".join(map(chr, random.Random(7).choices(range(0x4E00, 0x9FA5), k=4_000)))
"""A server cannot make it much shorter."""


async def readiness(process: Process, http: aiohttp.ClientSession) -> tuple[int, dict[str, Any]]:
    async with http.get(f"{process.base}/readyz") as answer:
        return answer.status, (await answer.json())["checks"]


async def fill(site: Site, conversation: str, refusals: int) -> tuple[list[str], list[str]]:
    """Until so many are refused one after the other: a server's pages have room in them. What was taken, and not."""
    taken, refused, number = list[str](), list[str](), 0
    while len(refused) < refusals or {f"fill{number - n - 1}" for n in range(refusals)} - {*refused}:
        answer = await site.post(conversation, f"fill{number}", LONG)
        (taken if answer["t"] == "ack" else refused).append(f"fill{number}")
        assert answer["t"] == "ack" or answer["status"] == 503, answer
        number += 1
        assert number < 100, "it is never full"
    return taken, refused


async def said_in(site: Site, conversation: str) -> list[str]:
    return [one["cmid"] for one in await site.read(conversation) if one["sender"]["kind"] == "visitor"]


async def ready_again(process: Process, http: aiohttp.ClientSession) -> None:
    async with asyncio.timeout(15):
        while (await readiness(process, http))[0] != 200:  # noqa: ASYNC110  (the server has the news)
            await asyncio.sleep(0.1)


async def check_fails_closed(process: Process, failing: Failing, **wrong: int) -> None:
    """One message before, one while the disk fails, the same once more when it works again."""
    async with aiohttp.ClientSession() as http:
        site, conversation = await arrive(process, http)
        assert (await site.post(conversation, "before", "怎么退货"))["seq"] == 1
        async with asyncio.timeout(10):
            while len(await site.read(conversation)) < 2:  # noqa: ASYNC110  (answered, so that all is quiet)
                await asyncio.sleep(0.05)
        failing.now(**wrong)
        try:
            taken, refused = await fill(site, conversation, 3)
            assert await said_in(site, conversation) == ["before", *taken]
            status, checks = await readiness(process, http)
            assert checks["database"] == "ok"
            if not process.options.get("database_url"):  # what a server still has room for may be another table
                assert (taken, status, checks["storage"]) == ([], 503, "failing")
        finally:
            failing.now()
        await ready_again(process, http)
        for cmid in refused:
            async with asyncio.timeout(15):  # a busy machine refuses now and then
                while (ack := await site.post(conversation, cmid, LONG))["t"] != "ack":  # noqa: ASYNC110
                    await asyncio.sleep(0.2)
            assert ack["dup"] is False
        assert await said_in(site, conversation) == ["before", *taken, *refused]
        thread = await site.read(conversation)
        assert [one["seq"] for one in thread] == list(range(1, len(thread) + 1))
        assert process.alive
        assert any("records.write_failed" in line for line in process.output)


# SQLite


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def failing(tmp_path_factory: pytest.TempPathFactory) -> Failing:
    return Failing(tmp_path_factory.mktemp("failing"), "miaohui.db")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def process(failing: Failing) -> AsyncIterator[Process]:
    place = Process(failing.folder / "data", dict(LIFTED))
    place.tenants = await furnish(place)
    place.command = [*failing.command, sys.executable, "-m", "miaohui"]
    await place.start()
    yield place
    await place.end()


@pytest.mark.parametrize(
    "wrong",
    [{"fsync_errno": errno.EIO}, {"growth_errno": errno.ENOSPC}, {"fsync_errno": errno.EIO, "growth_errno": errno.EIO}],
    ids=["fsync fails", "full", "broken"],
)
async def test_a_failing_disk_acks_nothing_lets_reads_go_on_and_is_got_over(
    process: Process, failing: Failing, wrong: dict[str, int]
) -> None:
    await check_fails_closed(process, failing, **wrong)


class Round(NamedTuple):
    """What a crowd met with. Seconds."""

    per_s: float
    refused: int
    p99_s: float
    """Of the acks."""
    lag_s: float
    """How late the server's event loop was, in the middle."""
    starved: float
    """For which share of the time the server or the crowd was ready to run, and others had the cores."""

    def __str__(self) -> str:
        return (
            f"{self.per_s:.0f} messages/s, {self.refused} refused, P99 {self.p99_s:.3f} s, "
            f"loop {self.lag_s * 1000:.0f} ms late, {self.starved:.0%} starved"
        )

    @property
    def good(self) -> bool:
        return self.per_s >= 200 and not self.refused and self.p99_s <= 0.6 and self.lag_s <= 0.05


def waited_s(process: Process) -> float:
    """For a core, until now."""
    assert process.process is not None
    pids = (process.process.pid, os.getpid())
    return max(int(Path(f"/proc/{pid}/schedstat").read_text(encoding="ascii").split()[1]) / 1e9 for pid in pids)


async def latenesses(process: Process, http: aiohttp.ClientSession) -> list[float]:
    """Of the server's event loop, as it measures them itself; until cancelled."""
    found = list[float]()
    with contextlib.suppress(asyncio.CancelledError):
        while True:
            async with http.get(f"{process.base}/metrics") as answer:
                found += [float(value) for value in LAG.findall(await answer.text())]
            await asyncio.sleep(0.25)
    return found


async def crowded(
    process: Process, http: aiohttp.ClientSession, visitors: list[tuple[Site, str]], prefix: str
) -> Round:
    """Everybody asks something each second, and is answered."""
    took, taken, waited, began = list[float](), list[bool](), waited_s(process), monotonic()
    watching = asyncio.ensure_future(latenesses(process, http))

    async def talk(place: int, site: Site, conversation: str) -> None:
        for number in range(TIMES):
            due = began + (number + place / VISITORS) * EVERY_S
            await asyncio.sleep(max(0.0, due - monotonic()))
            ack = await site.post(conversation, f"{prefix}{number}", "怎么退货")
            assert ack["t"] == "ack" or ack["code"] == "overloaded", ack
            taken.append(ack["t"] == "ack")
            took.append(monotonic() - due)

    try:
        await asyncio.gather(*(talk(place, *one) for place, one in enumerate(visitors)))
        wall = monotonic() - began
    finally:
        watching.cancel()
    took.sort()
    late = sorted(await watching)
    starved = (waited_s(process) - waited) / wall
    return Round(sum(taken) / wall, taken.count(False), took[len(took) * 99 // 100], late[len(late) // 2], starved)


@pytest.mark.nightly
async def test_a_slow_disk_is_made_up_for_by_committing_together(process: Process, failing: Failing) -> None:
    """Answers take most of a core; where others take it, `test_slow_disk` shows what the disk alone does."""
    rounds = list[Round]()
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
        visitors = [await arrive(process, http) for _ in range(VISITORS)]
        failing.now(fsync_ms=200)
        try:
            while len(rounds) < ROUNDS and not any(one.good for one in rounds):
                rounds.append(await crowded(process, http, visitors, f"m{len(rounds)}-"))
        finally:
            failing.now()
    if rounds[-1].good:
        return
    said = "; ".join(map(str, rounds))
    if all(one.starved > STARVED for one in rounds):
        pytest.skip(f"others were busy on this machine: {said}")
    pytest.fail(said)


# PostgreSQL


@pytest.mark.pg
@pytest.mark.nightly
async def test_a_full_disk_of_the_server_is_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await asyncio.to_thread(tmp_path.chmod, 0o755)
    failing = Failing(tmp_path, "/base/")
    with monkeypatch.context() as patched:
        for name, value in failing.environment.items():
            patched.setenv(name, value)
        server = own_postgres()
        own = await server.__aenter__()
    try:
        await run_postgres(own.url, "CREATE DATABASE filled")
        place = Process(tmp_path / "data", {**LIFTED, "database_url": database_at(own.url, "filled")})
        place.tenants = await furnish(place)
        await place.start()
        try:
            await check_fails_closed(place, failing, growth_errno=errno.ENOSPC)
        finally:
            await place.end()
    finally:
        await server.__aexit__(None, None, None)
