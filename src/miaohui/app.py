"""The server: a house with its doors open."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from miaohui.channels.rest.app_parts import build_api
from miaohui.channels.rest.edge import complete_all
from miaohui.channels.server import Server, bind
from miaohui.channels.services import Check, Degraded, Services, StaticFolders
from miaohui.kit import fetch, garbage, meta, metrics, telemetry
from miaohui.kit.aio import launch
from miaohui.kit.errors import Unavailable
from miaohui.migrations import check_version
from miaohui.wiring import House, open_house, static_folder

if TYPE_CHECKING:
    import socket
    from pathlib import Path

    from fastapi import FastAPI

    from miaohui.settings.types import Settings

Prepare = Callable[[House, "Settings"], Awaitable[None]]
"""What is done before the first request, such as setting up the sample shop."""


def serve(
    settings: Settings, *, prepare: Prepare | None = None, shop: Path | None = None, shared: bool = False
) -> None:
    """Serve until SIGTERM or SIGINT, then drain. `shared` lets other worker processes listen on the same port.

    Raises `DataInUse`, `DataDamaged`, `Invalid`, `Unavailable` when it cannot start, `OSError` when the port is taken.
    """
    garbage.set_aside()  # the modules: some 300,000 objects
    telemetry.setup(settings.log_level, json=settings.log_json)
    with bind(settings.host, settings.port, shared=shared) as listener:
        work = _serve(settings, listener, prepare, shop)
        with asyncio.Runner(loop_factory=_new_loop) as runner:
            runner.run(work)


async def _serve(settings: Settings, listener: socket.socket, prepare: Prepare | None, shop: Path | None) -> None:
    async with open_house(settings) as house:
        prepared = asyncio.Event()
        app = build_app(house, shop=shop, prepared=prepared)
        server = Server(app, listener)
        chosen = settings.model_copy(update={"port": listener.getsockname()[1]})

        async def ready(_address: str) -> None:
            if prepare is not None:
                await prepare(house, chosen)
            garbage.settle()
            prepared.set()
            launch(_load_rest(app), name="load-rest")

        await server.serve(ready)


async def _load_rest(app: FastAPI) -> None:
    """What a start does not wait for: nor does whoever needs it first, who comes later than this."""
    await asyncio.to_thread(fetch.load)
    await complete_all(app.routes)


def build_app(house: House, *, shop: Path | None = None, prepared: asyncio.Event | None = None) -> FastAPI:
    """The ASGI application over a house; `shop` is the sample shop's folder. It is not ready before it is `prepared`.

    Requests are taken meanwhile: whoever knows the address already need not wait for the sample shop.
    """
    static = StaticFolders(
        widget=static_folder("widget"), console=static_folder("console"), demo=shop or static_folder("demo")
    )
    checks = readiness(house)
    return build_api(
        services_of(house, static, checks if prepared is None else {**checks, "prepared": _when(prepared)})
    )


def services_of(house: House, static: StaticFolders, checks: dict[str, Check]) -> Services:
    """What the doors need of a house."""
    return Services(
        settings=house.settings,
        clock=house.clock,
        database=house.database,
        identity=house.identity,
        tenants=house.tenants,
        inboxes=house.inboxes,
        contacts=house.contacts,
        conversations=house.conversations,
        turns=house.turns,
        rehearsal=house.rehearsal,
        realtime=house.realtime,
        knowledge=house.knowledge,
        long_term=house.long_term,
        journal=house.journal,
        search=house.around.search,
        desk=house.around.desk,
        tickets=house.around.tickets,
        insight=house.around.insight,
        webhooks=house.webhooks,
        guard=house.guard,
        engine=house.engine,
        routes=house.answering.room.routes,
        accounts=house.answering.room.accounts,
        spending=house.answering.room.spending,
        grants=house.answering.grants,
        prices=house.answering.prices,
        connectors=house.answering.company.connectors,
        static=static,
        wechat=house.doors.wechat,
        wecom=house.doors.wecom,
        telegram=house.doors.telegram,
        postman=house.doors.postman,
        robots=house.doors.robots,
        threads=house.doors.threads,
        media=house.doors.media,
        link=house.doors.link,
        checks=checks,
        alerts=house.watch.alerts,
    )


def readiness(house: House) -> dict[str, Check]:
    """What must work for this node to take requests. Without Redis nothing is lost, so that only shows."""
    failures = 0.0

    async def database() -> None:
        await house.tenants.list_()

    async def storage() -> None:
        nonlocal failures
        failed = metrics.REGISTRY.get_sample_value("miaohui_records_failures_total", {"reason": "storage"}) or 0.0
        if failed > failures:  # nothing else may ever write again where nobody is sent any more
            await house.database.write(meta.touch)
            failures = failed

    async def migrations() -> None:
        await check_version(house.database)

    async def bus() -> None:
        if not metrics.REGISTRY.get_sample_value("miaohui_fanout_connected"):
            raise Degraded

    checks: dict[str, Check] = {"database": database, "storage": storage, "migrations": migrations}
    return checks | {"bus": bus} if house.settings.redis_url else checks


def _when(prepared: asyncio.Event) -> Check:
    async def check() -> None:
        if not prepared.is_set():
            raise Unavailable("What is done before the first request is under way.", code="preparing")

    return check


def _new_loop() -> asyncio.AbstractEventLoop:
    try:
        import uvloop  # noqa: PLC0415  (absent on Windows)
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()
