"""The connection is cut between a COMMIT and its answer: the client's retry finds what was stored (D12)."""

from __future__ import annotations

import asyncio
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.conversations.test_operations import begin, send

from miaohui.conversations.types import Accepted, Conversation
from miaohui.kit.clock import SystemClock
from miaohui.kit.database import Database
from miaohui.kit.errors import Unavailable
from miaohui.kit.records import RecordsOptions, open_database
from miaohui.testing.proxy import through

pytestmark = [pytest.mark.faults, pytest.mark.pg]


async def test_a_commit_whose_answer_was_cut_off_is_found_by_its_client_id(postgres_url: str, tmp_path: Path) -> None:
    async with through(*_address(postgres_url)) as proxy:
        path = urlsplit(postgres_url).path
        url = f"postgresql://postgres@127.0.0.1:{proxy.port}{path}"
        options = RecordsOptions(lanes=1, readers=1)
        database = await open_database(url, clock=SystemClock(), data_dir=tmp_path, options=options)
        conversation = await begin(database)
        proxy.toxics.cut_after = b"COMMIT"
        with pytest.raises(Unavailable):
            await send(database, conversation, "怎么退货", "c1")
        again = await _send_until_taken(database, conversation)
        assert (again.dup, again.message.seq) == (True, 1)
        after = await send(database, conversation, "还有呢", "c2")
        assert (after.dup, after.message.seq) == (False, 2)
        await database.close()


async def _send_until_taken(database: Database, conversation: Conversation) -> Accepted:
    async with asyncio.timeout(10):
        while True:
            try:
                return await send(database, conversation, "怎么退货", "c1")
            except Unavailable:
                await asyncio.sleep(0.1)


def _address(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    if folder := parse_qs(parts.query).get("host"):
        return f"{folder[0]}/.s.PGSQL.{parts.port or 5432}", 0
    return parts.hostname or "127.0.0.1", parts.port or 5432
