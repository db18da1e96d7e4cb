"""The processes: PostgreSQL, Redis, a scripted provider, nodes, and nginx before them."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
from tests.integration.own_postgres import OwnPostgres, own_postgres
from tests.support.records import run_postgres
from tests.support.servers import RedisServer, database_at

from bench.cluster.usage import family
from bench.processes import LIFTED, Child, Cores, free_port, start_upstream, wait_ready
from bench.upstream import Pace
from miaohui.settings.service import load
from miaohui.testing.history.types import Sample, Visitor
from miaohui.webhooks.types import Wish
from miaohui.wiring import House, open_house

PACE = Pace(chunks=10, gap_ms=60.0, first_ms=300.0, first_ms_max=300.0)
ANYWHERE = Cores(frozenset(), frozenset())
_NGINX = """
worker_processes 1; daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log;
worker_rlimit_nofile 20000;
events {{ worker_connections 9000; }}
http {{
  access_log off; client_body_temp_path {folder}; proxy_temp_path {folder};
  fastcgi_temp_path {folder}; uwsgi_temp_path {folder}; scgi_temp_path {folder};
  upstream miaohui {{ {servers} keepalive 64; }}
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    proxy_http_version 1.1;
    proxy_set_header Host $host; proxy_set_header X-Forwarded-For $remote_addr;
    proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;
    proxy_next_upstream error timeout http_503; proxy_connect_timeout 2s; proxy_read_timeout 75s;
    location / {{ proxy_pass http://miaohui; proxy_buffering off; }}
  }}
}}
"""


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in the records before the first node starts."""

    visitors: tuple[Visitor, ...]
    endpoint: str
    tenants: tuple[str, str]


class Node:
    """One server process, always on the same port."""

    def __init__(self, name: str, data: Path, settings: dict[str, str]) -> None:
        self.name = name
        self.port = free_port()
        self.child: Child | None = None
        self._data = data
        self._settings = settings

    @property
    def url(self) -> str:
        """Where it answers itself."""
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Returns when it is ready."""
        command = [sys.executable, "-m", "miaohui", "serve", "--port", str(self.port), "--data", str(self._data)]
        self.child = Child(command, frozenset(), {**LIFTED, **self._settings})
        # Seldom asked: the thread that asks takes its time from the crowd's loop.
        await asyncio.to_thread(wait_ready, self.child, f"{self.url}/readyz", every_s=0.1, within_s=180)

    async def stop(self) -> None:
        """SIGTERM, and wait until it has drained."""
        if self.child is not None:
            await asyncio.to_thread(self.child.stop)
            self.child = None

    def send(self, number: signal.Signals) -> None:
        """A signal."""
        if self.child is not None:
            self.child.signal(number)

    def sample(self, at: float) -> Sample | None:
        """What it holds now."""
        if self.child is None or not self.child.alive:
            return None
        values = {"rss_bytes": float(self.child.rss_bytes()), "files": float(self.child.files())}
        return Sample(at=at, process=f"{self.name}:{self.child.pid}", values=values)


class Site:
    """Everything that runs."""

    def __init__(self, postgres: OwnPostgres, redis: RedisServer, nodes: list[Node], made: Made) -> None:
        self.postgres = postgres
        self.redis = redis
        self.nodes = nodes
        self.made = made
        self.port = 0
        """nginx's."""
        self.database_url = ""
        self.nginx_pid = 0
        self.provider_pid = 0

    def processes(self) -> dict[str, list[int]]:
        """Who is alive now, by what they are."""
        return {
            "nodes": [node.child.pid for node in self.nodes if node.child is not None],
            "postgresql": family(self.postgres.pid),
            "redis": [self.redis.pid] if self.redis.pid else [],
            "nginx": family(self.nginx_pid),
            "provider": [self.provider_pid],
        }


@asynccontextmanager
async def open_site(work: Path, clients: int, receiver_url: str, count: int = 3) -> AsyncIterator[Site]:
    """All of it, ready; ended when the block is left."""
    for folder in ("data", "nginx"):
        shutil.rmtree(work / folder, ignore_errors=True)
        os.makedirs(work / folder)  # noqa: PTH103  (nobody else waits for this loop yet)
    async with AsyncExitStack() as stack:
        postgres = await stack.enter_async_context(own_postgres())
        await run_postgres(postgres.url, "CREATE DATABASE cluster")
        redis = RedisServer()
        redis.start()
        stack.callback(redis.kill)
        provider, upstream = stack.enter_context(start_upstream(PACE, ANYWHERE))
        settings = {
            "MIAOHUI_DATABASE_URL": database_at(postgres.url, "cluster"),
            "MIAOHUI_REDIS_URL": redis.url,
            "MIAOHUI_ENGINE_URL": f"http://127.0.0.1:{upstream}/v1",
            "MIAOHUI_ENGINE_MODEL": "sim",
            "MIAOHUI_WEBHOOK_PRIVATE": "true",
            "MIAOHUI_DRAIN_SECONDS": "10",
        }
        made = await _furnish(work / "data", settings, clients, receiver_url)
        nodes = [Node(f"node-{number}", work / "data", settings) for number in range(1, count + 1)]
        site = Site(postgres, redis, nodes, made)
        site.database_url, site.provider_pid = settings["MIAOHUI_DATABASE_URL"], provider.pid
        for node in nodes:
            await node.start()
            stack.push_async_callback(node.stop)
        site.port, site.nginx_pid = await _start_nginx(work / "nginx", nodes, stack)
        yield site


async def _furnish(data: Path, settings: dict[str, str], clients: int, receiver_url: str) -> Made:
    chosen: Any = {name.removeprefix("MIAOHUI_").lower(): value for name, value in settings.items()}
    chosen |= {"redis_url": "", "engine_url": ""}
    async with open_house(load(data=data, **chosen), background=False) as house:
        visitors: list[Visitor] = []
        tenants = [await house.tenants.create(name.title(), name) for name in ("first", "second")]
        for tenant, share in zip(tenants, (clients - clients // 10, clients // 10), strict=True):
            inbox = await house.inboxes.create(tenant.id, "Web")
            for begin in range(0, share, 100):
                made = (_make_visitor(house, inbox) for _ in range(min(100, share - begin)))
                visitors += await asyncio.gather(*made)
        wish = Wish(url=receiver_url, events=("message.created",))
        # The smaller company's: one endpoint is told of fifty events a second at the most.
        endpoint, _ = await house.webhooks.create_endpoint(tenants[1].id, wish)
        return Made(visitors=tuple(visitors), endpoint=endpoint.id, tenants=(tenants[0].id, tenants[1].id))


async def _make_visitor(house: House, inbox: Any) -> Visitor:
    contact = await house.contacts.create_visitor(inbox)
    conversation = await house.conversations.start(contact)
    token = house.identity.issue_visitor(contact)
    return Visitor(tenant=inbox.tenant_id, contact=contact.id, conversation=conversation.id, token=token)


async def _start_nginx(folder: Path, nodes: list[Node], stack: AsyncExitStack) -> tuple[int, int]:
    """Its port and its process. Raises `RuntimeError` where there is none."""
    program = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
    if program is None:
        raise RuntimeError("nginx is not here: install it, or give --url of a site that runs")
    port = free_port()
    servers = " ".join(f"server 127.0.0.1:{node.port} max_fails=0;" for node in nodes)
    config = folder / "nginx.conf"
    config.write_text(_NGINX.format(folder=folder, servers=servers, port=port))
    child = Child([program, "-p", str(folder), "-e", str(folder / "error.log"), "-c", str(config)], frozenset(), {})
    stack.callback(child.stop)
    await asyncio.to_thread(wait_ready, child, f"http://127.0.0.1:{port}/readyz")
    return port, child.pid
