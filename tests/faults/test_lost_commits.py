"""The connection is cut between a COMMIT and its answer: the client's retry finds what was stored (D12)."""

from __future__ import annotations

import asyncio
from pathlib import Path
from urllib.parse import SplitResult, parse_qs, urlsplit

import pytest
from tests.conversations.test_operations import begin, send
from tests.support.opening import opened

from miaohui.conversations.types import Accepted, Conversation
from miaohui.kit.database import Database
from miaohui.kit.errors import Unavailable
from miaohui.testing.proxy import through

pytestmark = pytest.mark.faults


@pytest.fixture
def direct(server_url: str) -> SplitResult:
    """A database on a server, of each kind."""
    return urlsplit(server_url)


async def test_a_commit_whose_answer_was_cut_off_is_found_by_its_client_id(direct: SplitResult, tmp_path: Path) -> None:
    async with through(*address_of(direct)) as proxy:
        url = f"{direct.scheme}://{direct.username}@127.0.0.1:{proxy.port}{direct.path}"
        async with opened(url, tmp_path) as database:
            conversation = await begin(database)
            proxy.toxics.cut_after = b"COMMIT"
            with pytest.raises(Unavailable):
                await send(database, conversation, "怎么退货", "c1")
            again = await _send_until_taken(database, conversation)
            assert (again.dup, again.message.seq) == (True, 1)
            after = await send(database, conversation, "还有呢", "c2")
            assert (after.dup, after.message.seq) == (False, 2)


async def _send_until_taken(database: Database, conversation: Conversation) -> Accepted:
    async with asyncio.timeout(10):
        while True:
            try:
                return await send(database, conversation, "怎么退货", "c1")
            except Unavailable:
                await asyncio.sleep(0.1)


def address_of(url: SplitResult) -> tuple[str, int]:
    """Where the server itself listens: a file and 0, or a host and a port."""
    query = parse_qs(url.query)
    if socket := query.get("unix_socket"):
        return socket[0], 0
    if folder := query.get("host"):
        return f"{folder[0]}/.s.PGSQL.{url.port or 5432}", 0
    return url.hostname or "127.0.0.1", url.port or 5432
