"""One cluster for all tests; whoever kills a part of it starts it again."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from tests.integration.cluster import Cluster, running
from tests.support import servers
from tests.support.records import new_mariadb, run_postgres

from miaohui.kit.ids import new_id


async def new_database(kind: str, request: pytest.FixtureRequest) -> str:
    """URL of one without tables."""
    name = new_id("cluster").lower()
    server_url: str = request.getfixturevalue(f"{kind}_server_url")
    if kind == "mariadb":
        return await new_mariadb(server_url, name)
    await run_postgres(server_url, f"CREATE DATABASE {name}")
    return servers.database_at(server_url, name)


@pytest_asyncio.fixture(
    scope="session",
    loop_scope="session",
    params=[
        pytest.param("postgres", marks=pytest.mark.pg, id="postgresql"),
        pytest.param("mariadb", marks=[pytest.mark.maria, pytest.mark.nightly]),
    ],
)
async def cluster(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Cluster]:
    """Two nodes that hear each other."""
    url = await new_database(request.param, request)
    data = tmp_path_factory.mktemp("cluster") / "data"
    async with running(data, url) as both:
        await both.connected()
        yield both
