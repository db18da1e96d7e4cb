"""One cluster for all tests; whoever kills a part of it starts it again."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from tests.integration.cluster import Cluster, running
from tests.support import servers
from tests.support.records import run_postgres

from miaohui.kit.ids import new_id


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def cluster(postgres_server_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Cluster]:
    """Two nodes that hear each other."""
    name = new_id("cluster").lower()
    await run_postgres(postgres_server_url, f"CREATE DATABASE {name}")
    data = tmp_path_factory.mktemp("cluster") / "data"
    async with running(data, servers.database_at(postgres_server_url, name)) as both:
        await both.connected()
        yield both
