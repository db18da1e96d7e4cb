"""The suite runs over each transport and each database, or against a server that is already there.

`MIAOHUI_CONFORMANCE_URL` and `MIAOHUI_CONFORMANCE_SITES` (two site keys with a comma between) name such a server, and
`MIAOHUI_CONFORMANCE_AGENT` (`email:password`) an agent of the first company. See `docs/how-to/prove-under-fault.md`.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
from tests.conformance.client import Site
from tests.conformance.house import Process, Tenant, serving
from tests.support import servers

Visitor = Callable[..., Awaitable[Site]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Each database in a process of its own, so that its servers are started once (`--dist loadgroup`)."""
    for item in items:
        kind = getattr(item, "callspec", None) and item.callspec.params.get("kind")  # type: ignore[attr-defined]
        if kind and Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.xdist_group(f"conformance-{kind}"))


@pytest.fixture(
    scope="session",
    params=[
        "sqlite",
        pytest.param("postgresql", marks=pytest.mark.pg),
        pytest.param("mariadb", marks=pytest.mark.maria),
    ],
)
def kind(request: pytest.FixtureRequest) -> str:
    """Which database."""
    return str(request.param)


@pytest.fixture(params=["websocket", "events", "poll"])
def transport(request: pytest.FixtureRequest) -> str:
    """Which door."""
    return str(request.param)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def server(
    kind: str, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> AsyncIterator[Process]:
    """One server for all tests that do not end it."""
    data = tmp_path_factory.mktemp("conformance") / "data"
    if url := os.environ.get("MIAOHUI_CONFORMANCE_URL"):
        if kind != "sqlite":
            pytest.skip("a server that is there has one database")
        sites = os.environ["MIAOHUI_CONFORMANCE_SITES"].split(",")
        email, _, password = os.environ.get("MIAOHUI_CONFORMANCE_AGENT", "").partition(":")
        yield Process(data, base=url.rstrip("/"), tenants=[Tenant("", site, "", email, password) for site in sites])
        return
    async with serving(data, **await database_options(kind, request)) as process:
        yield process


async def database_options(kind: str, request: pytest.FixtureRequest) -> dict[str, str]:
    """Settings that choose a new database of this kind."""
    if kind == "sqlite":
        return {}
    from tests.support.records import new_mariadb, run_postgres

    from miaohui.kit.ids import new_id

    name = new_id("conf").lower()
    if kind == "mariadb":
        return {"database_url": await new_mariadb(request.getfixturevalue("mariadb_server_url"), name)}
    server_url: str = request.getfixturevalue("postgres_server_url")
    await run_postgres(server_url, f"CREATE DATABASE {name}")
    return {"database_url": servers.database_at(server_url, name)}


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def mortal(
    kind: str, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> AsyncIterator[Process]:
    """One server for all tests that end it."""
    if os.environ.get("MIAOHUI_CONFORMANCE_URL"):
        pytest.skip("a server that is there is not ended")
    data = tmp_path_factory.mktemp("mortal") / "data"
    async with serving(data, hello_seconds="1", **await database_options(kind, request)) as process:
        yield process


@pytest_asyncio.fixture(loop_scope="session")
async def own_server(mortal: Process) -> AsyncIterator[Process]:
    """A server that the test may end, and that is up when it begins."""
    if not mortal.alive:
        await mortal.start()
    yield mortal


@pytest_asyncio.fixture(loop_scope="session")
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    """Connections enough for every observer of a test."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        yield session


@pytest.fixture
def visitor(http: aiohttp.ClientSession) -> Visitor:
    """A new visitor of a tenant of a server."""

    async def arrive(process: Process, tenant: int = 0) -> Site:
        body = {"site_key": process.tenants[tenant].site_key}
        async with http.post(f"{process.base}/v1/widget/session", json=body) as answer:
            assert answer.status == 200, await answer.text()
            return Site(process.base, (await answer.json())["token"], http)

    return arrive
