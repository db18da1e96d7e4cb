"""The records as they lie there when the nodes have gone, and the receiver of events."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from aiohttp import web

from bench.client import now
from miaohui.testing.history.types import Arrival, Cold, Stored, StoredTurn

_MESSAGES = (
    "SELECT id, tenant_id, conversation_id, seq, sender, text, turn_id, final, cmid, principal, body_hash FROM messages"
)
_TURNS = "SELECT id, message_id, state, created_at_ms, ended_at_ms FROM turns"
_LAST = "SELECT id, last_seq FROM conversations WHERE last_seq > 0"
_OWED = (
    "SELECT (SELECT count(*) FROM turns WHERE state = 'running') + "
    "(SELECT count(*) FROM outbox WHERE state IN ('pending', 'sending'))"
)


async def read_postgres(url: str) -> Cold:
    """Everything the checker needs."""
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            messages = await connection.fetch(_MESSAGES)
            turns = await connection.fetch(_TURNS)
            last = await connection.fetch(_LAST)
    finally:
        await connection.close()
    return Cold(
        tuple(
            Stored(
                id=row[0],
                tenant=row[1],
                conversation=row[2],
                seq=row[3],
                sender=row[4],
                text=row[5],
                turn=row[6],
                final=bool(row[7]),
                cmid=row[8] or "",
                principal=row[9] or "",
                body_hash=row[10] or "",
            )
            for row in messages
        ),
        tuple(
            StoredTurn(id=row[0], message=row[1], state=row[2], created_at_ms=row[3], ended_at_ms=row[4])
            for row in turns
        ),
        {row[0]: row[1] for row in last},
    )


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
