"""The official client, a door on a real socket, and the scripted provider behind it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from openai import AsyncOpenAI
from tests.doors.building import services_in
from tests.support import records
from tests.support.waiting import until

from miaohui.channels.openai.completions import Completions
from miaohui.channels.rest.app_parts import build_api
from miaohui.channels.server import Server, _Uvicorn, address_of, bind
from miaohui.settings.types import Settings
from miaohui.testing.upstream import Upstream, UpstreamOptions
from miaohui.wiring import open_house

ASKING: list[Any] = [{"role": "user", "content": "如何退货?"}]
TEXT = "您好，商品签收后七天内可以申请退货，请在订单页点击申请售后。"


@dataclass(frozen=True, kw_only=True)
class Door:
    """Everything a test of the door may want."""

    base: str
    key: str
    """With the scope `completions` and no other."""
    old_key: str
    """With scopes that there were before."""
    admin_key: str
    """Of another tenant, with the scope `admin`."""
    visitor: str
    """A visitor's token."""
    app: FastAPI
    upstream: Upstream
    client: AsyncOpenAI

    @property
    def completions(self) -> Completions:
        found: Completions = self.app.state.completions
        return found

    def with_key(self, key: str) -> AsyncOpenAI:
        return self.client.with_options(api_key=key)


Opened = Callable[..., AbstractAsyncContextManager[Door]]


@pytest.fixture
async def upstream() -> AsyncIterator[Upstream]:
    provider = await Upstream(UpstreamOptions(chunks=8, gap_ms=2, first_ms=5, text=TEXT)).start()
    yield provider
    await provider.close()


@pytest.fixture
def opened(migrated: Path, tmp_path: Path, upstream: Upstream) -> Opened:
    """Opens a door, with settings of the test's own."""

    @asynccontextmanager
    async def open_(**settings: Any) -> AsyncIterator[Door]:
        settings = {
            "engine_url": upstream.url,
            "engine_model": "sim",
            "engine_coalesce_ms": 5,
            "answer_cache": False,
            "shared_calls": 0,
            **settings,
        }
        data = tmp_path / "data"
        data.mkdir(exist_ok=True)
        records.copy_sqlite(migrated, data / "miaohui.db")
        async with open_house(Settings(data=data, **settings)) as house:
            app = build_api(services_in(house, tmp_path / "static"))
            ours = await house.tenants.create("Ours", "ours")
            theirs = await house.tenants.create("Theirs", "theirs")
            inbox = await house.inboxes.create(ours.id, "web")
            contact = await house.contacts.create_visitor(inbox)
            keys = [
                (await house.identity.create_key(tenant.id, "test", scopes))[1]
                for tenant, scopes in ((ours, ["completions"]), (ours, ["chat", "knowledge:read"]), (theirs, ["admin"]))
            ]
            async with serving(app) as base, AsyncOpenAI(base_url=f"{base}/v1", api_key=keys[0], max_retries=0) as sdk:
                yield Door(
                    base=base,
                    key=keys[0],
                    old_key=keys[1],
                    admin_key=keys[2],
                    visitor=house.identity.issue_visitor(contact),
                    app=app,
                    upstream=upstream,
                    client=sdk,
                )

    return open_


@asynccontextmanager
async def serving(app: FastAPI) -> AsyncIterator[str]:
    """The application on a socket, as `miaohui serve` configures it."""
    with bind("127.0.0.1", 0) as listener:
        server = _Uvicorn(Server(app, listener)._config())
        running = asyncio.create_task(server.serve(sockets=[listener]))
        await until(lambda: server.started)
        yield address_of(listener)
        server.should_exit = True
        await running


@pytest.fixture
async def door(opened: Opened) -> AsyncIterator[Door]:
    async with opened() as one:
        yield one
