"""Somebody else holds a row, or a table: who needs it is told to come again, and nobody else waits long (D4, D5)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from time import monotonic
from typing import Any

import asyncmy
import asyncpg
import pytest
from tests.conversations.test_operations import begin, send
from tests.support.opening import opened

from miaohui.conversations.types import Conversation
from miaohui.kit.database import Database
from miaohui.kit.errors import Unavailable
from miaohui.kit.mariadb_words import parse_address

pytestmark = [pytest.mark.faults]


@asynccontextmanager
async def holding(url: str, statement: str) -> AsyncIterator[None]:
    """A transaction that has done this and goes no further."""
    if url.startswith("postgres"):
        connection = await asyncpg.connect(url)
        try:
            async with connection.transaction():
                await connection.execute(statement)
                yield
        finally:
            await connection.close()
        return
    other: Any = await asyncmy.connect(**parse_address(url))
    try:
        await other.query("BEGIN")
        await other.query(statement)
        yield
    finally:
        await other.rollback()
        await other.ensure_closed()


async def timed(database: Database, conversation: Conversation, cmid: str) -> tuple[bool, float]:
    """Whether it was taken, and how long that took."""
    began = monotonic()
    try:
        await send(database, conversation, "怎么退货", cmid)
    except Unavailable:
        return False, monotonic() - began
    return True, monotonic() - began


async def test_a_held_row_refuses_its_own_conversation_and_no_other(server_url: str, tmp_path: Path) -> None:
    async with opened(server_url, tmp_path) as database:
        held, others = await begin(database), [await begin(database) for _ in range(20)]
        async with holding(server_url, f"SELECT 1 FROM conversations WHERE id = '{held.id}' FOR UPDATE"):
            waiting = [asyncio.ensure_future(timed(database, held, f"h{n}")) for n in range(2)]
            asked = await asyncio.gather(*(timed(database, one, "c1") for one in others))
            assert [taken for taken, _ in asked] == [True] * len(others)
            assert max(seconds for _, seconds in asked) < 5.0
            assert [taken for taken, _ in await asyncio.gather(*waiting)] == [False, False]
        assert (await timed(database, held, "h0"))[0]
        assert (await send(database, held, "怎么退货", "h1")).message.seq == 2


@pytest.mark.pg
async def test_a_held_table_refuses_everybody_in_time_and_is_got_over(postgres_url: str, tmp_path: Path) -> None:
    async with opened(postgres_url, tmp_path, lanes=2) as database:
        all_of_them = [await begin(database) for _ in range(20)]
        async with holding(postgres_url, "LOCK TABLE messages IN ACCESS EXCLUSIVE MODE"):
            asked = await asyncio.gather(*(timed(database, one, "c1") for one in all_of_them))
            assert [taken for taken, _ in asked] == [False] * len(all_of_them)
            assert max(seconds for _, seconds in asked) < 12.0
        again = [await send(database, one, "怎么退货", "c1") for one in all_of_them]
        assert [(one.dup, one.message.seq) for one in again] == [(False, 1)] * len(all_of_them)
