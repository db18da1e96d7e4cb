"""Jobs beside the serving nodes: by a worker of ours, or through Celery with a real broker, under the same names."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from celery.exceptions import TimeoutError as NobodyDid
from click.testing import CliRunner
from tests.conformance.client import Site
from tests.conformance.house import Process, serving
from tests.support.outside import listening
from tests.support.servers import RedisServer

from miaohui.cli import main
from miaohui.cli.celery_bridge import PREFIX, build_celery
from miaohui.wiring.jobs import JOBS, find_job

SECRET = bytes(range(32)).hex()


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    server = RedisServer()
    server.start()
    yield server
    server.kill()


class Receiver:
    """An endpoint that keeps the ids of what came."""

    def __init__(self) -> None:
        self.came: list[str] = []
        app = web.Application()
        app.router.add_post("/", self._take)
        self.app = app

    async def _take(self, request: web.Request) -> web.Response:
        self.came.append(request.headers["webhook-id"])
        return web.Response()


@asynccontextmanager
async def receiving() -> AsyncIterator[tuple[str, Receiver]]:
    receiver = Receiver()
    async with listening(receiver.app) as address:
        yield f"{address}/", receiver


@asynccontextmanager
async def working(node: Process, *words: str) -> AsyncIterator[asyncio.subprocess.Process]:
    worker = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "miaohui", "worker", *words, env=node.environment, stdout=asyncio.subprocess.PIPE
    )
    assert worker.stdout is not None
    async with asyncio.timeout(60):
        while b"is at work" not in (line := await worker.stdout.readline()):
            assert line, "the worker ended"
    try:
        yield worker
    finally:
        worker.send_signal(signal.SIGTERM)
        async with asyncio.timeout(30):
            assert await worker.wait() == 0


async def say_something(node: Process, url: str) -> None:
    """With an endpoint that wants to be told."""
    headers = {"authorization": f"Bearer {node.tenants[0].api_key}"}
    async with aiohttp.ClientSession() as http:
        body = {"url": url, "events": ["conversation.created"]}
        async with http.post(f"{node.base}/v1/webhooks", json=body, headers=headers) as answer:
            assert answer.status == 201, await answer.text()
        async with http.post(f"{node.base}/v1/widget/session", json={"site_key": node.tenants[0].site_key}) as answer:
            token = (await answer.json())["token"]
        await Site(node.base, token, http).begin()


def options(url: str, redis: RedisServer) -> dict[str, str]:
    return {"database_url": url, "redis_url": redis.url, "secret": SECRET, "jobs": "elsewhere", "webhook_private": "1"}


def test_every_job_has_a_name_of_its_own_and_celery_knows_it() -> None:
    names = [job.name for job in JOBS]
    assert len(set(names)) == len(names)
    app = build_celery("memory://")
    assert {PREFIX + name for name in names} <= set(app.tasks)
    assert find_job("audit.seal").every_s == 60
    with pytest.raises(LookupError):
        find_job("nothing.at_all")


def test_a_worker_on_sqlite_is_refused(tmp_path: Path) -> None:
    said = CliRunner().invoke(main, ["worker", "--data", str(tmp_path)])
    assert said.exit_code == 1
    assert "needs PostgreSQL or MariaDB" in said.output


@pytest.mark.pg
@pytest.mark.slow
async def test_where_jobs_are_done_elsewhere_a_worker_sends_what_the_node_leaves(
    empty_postgres_url: str, redis: RedisServer, tmp_path: Path
) -> None:
    async with receiving() as (url, receiver), serving(tmp_path / "d", **options(empty_postgres_url, redis)) as node:
        await say_something(node, url)
        await asyncio.sleep(1.5)
        assert receiver.came == []
        async with working(node):
            await until_told(receiver)
    assert len(receiver.came) == 1


async def until_told(receiver: Receiver) -> None:
    async with asyncio.timeout(20):
        while not receiver.came:  # noqa: ASYNC110  (another process's doing)
            await asyncio.sleep(0.05)


@pytest.mark.pg
@pytest.mark.slow
async def test_celery_does_the_same_jobs_through_a_real_broker(
    empty_postgres_url: str, redis: RedisServer, tmp_path: Path
) -> None:
    app = build_celery(redis.url)
    async with receiving() as (url, receiver), serving(tmp_path / "d", **options(empty_postgres_url, redis)) as node:
        await say_something(node, url)
        waiting = await asyncio.to_thread(app.send_task, PREFIX + "webhooks.refresh")
        with pytest.raises(NobodyDid):
            await asyncio.to_thread(waiting.get, timeout=0.5)
        async with working(node, "--celery", "--no-beat"):
            assert await asyncio.to_thread(waiting.get, timeout=20) == 0
            sent = await asyncio.to_thread(app.send_task, PREFIX + "webhooks.send")
            assert await asyncio.to_thread(sent.get, timeout=20) == 1
            await until_told(receiver)
        async with working(node, "--celery"):
            await say_something_more(node)
            async with asyncio.timeout(20):
                while len(receiver.came) < 2:  # noqa: ASYNC110  (another process's doing)
                    await asyncio.sleep(0.05)
    assert len(set(receiver.came)) == len(receiver.came) == 2


async def say_something_more(node: Process) -> None:
    async with aiohttp.ClientSession() as http:
        async with http.post(f"{node.base}/v1/widget/session", json={"site_key": node.tenants[0].site_key}) as answer:
            token = (await answer.json())["token"]
        await Site(node.base, token, http).begin()
