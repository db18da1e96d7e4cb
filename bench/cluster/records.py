"""The records as they lie there when the nodes have gone, and the receiver of events."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from aiohttp import web

from bench.client import now
from miaohui.testing.history.cold import LAST_SEQS, MESSAGES, TURNS, cold_of
from miaohui.testing.history.types import Arrival, Cold

_OWED = (
    "SELECT (SELECT count(*) FROM turns WHERE state = 'running') + "
    "(SELECT count(*) FROM outbox WHERE state IN ('pending', 'sending'))"
)


async def read_postgres(url: str) -> Cold:
    """Everything the checker needs."""
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            return cold_of(*[await connection.fetch(query) for query in (MESSAGES, TURNS, LAST_SEQS)])
    finally:
        await connection.close()


async def count_owed(url: str) -> int:
    """Turns without an end, and events that did not arrive."""
    connection = await asyncpg.connect(url)
    try:
        return int(await connection.fetchval(_OWED))
    finally:
        await connection.close()


class Receiver:
    """Takes events of one endpoint."""

    def __init__(self) -> None:
        self.url = ""
        self.endpoint = ""
        self.arrivals: list[Arrival] = []

    async def take(self, request: web.Request) -> web.Response:
        """One event."""
        told = await request.json()
        data = told["data"]
        self.arrivals.append(
            Arrival(
                at=now(),
                endpoint=self.endpoint,
                id=request.headers["webhook-id"],
                conversation=data["conversation_id"],
                message=data["id"],
                seq=data["seq"],
            )
        )
        return web.Response(status=204)


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    """A receiver on a port of its own."""
    receiver = Receiver()
    app = web.Application()
    app.router.add_post("/", receiver.take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
    try:
        yield receiver
    finally:
        await runner.cleanup()
