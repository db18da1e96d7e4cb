"""What every test may ask for: a database of each kind, the servers behind them, a clock."""

from __future__ import annotations

import asyncio
import functools
import gc
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from _pytest.nodeid import NodeId
from argon2 import PasswordHasher
from tests.support import records, servers
from tests.support.opening import opened
from tests.support.reports import Reports

from miaohui.identity import passwords
from miaohui.kit.database import Database
from miaohui.kit.ids import new_id
from miaohui.migrations import migrate


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--nightly", action="store_true", help="also what takes too long for every commit")


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Reports())


@pytest.hookimpl(tryfirst=True)
def pytest_itemcollected(item: pytest.Item) -> None:
    """What is for the night is skipped by day."""
    if item.get_closest_marker("nightly") and not item.config.getoption("--nightly"):
        item.add_marker(pytest.mark.skip(reason="for the night: --nightly"))


def shared_with(item: pytest.Item) -> list[str]:
    """The group of tests that share a fixture of their module with this one: it is made once for all of them."""
    fixtures = getattr(item, "_fixtureinfo").name2fixturedefs.values()  # noqa: B009  (of functions, not of all items)
    if not any(one[-1].scope == "module" and one[-1].baseid.startswith("tests/") for one in fixtures):
        return []
    return [re.sub(r"\W", "-", item.nodeid.partition("::")[0])]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests of one `xdist_group` go to one process (`--dist loadgroup`), so that its servers are started once.

    Groups with a slow test are begun before the others (with `--no-loadscope-reorder`), so that no process is left
    with a long one at the end.

    pytest-xdist 3.8 writes the group into `_nodeid`, which pytest 9.2 does not read any more; then no group holds.
    """
    if not getattr(config.option, "loadgroup", False):
        return
    slow: set[str] = set()
    of: dict[pytest.Item, str] = {}
    for item in items:
        groups = sorted({str(mark.args[0]) for mark in item.iter_markers("xdist_group")}) or shared_with(item)
        if groups and not item.nodeid.endswith(f"@{'_'.join(groups)}"):
            item._id = NodeId.parse(f"{item.nodeid}@{'_'.join(groups)}")
        of[item] = "_".join(groups) or item.nodeid
        if item.get_closest_marker("slow") and not item.get_closest_marker("skip"):
            slow.add(of[item])
    items.sort(key=lambda item: of[item] not in slow)


def pytest_collection_finish() -> None:
    """What was imported stays to the end: who looks for garbage need not look through it every time."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def postgres_server_url() -> Iterator[str]:
    """The server's own `postgres` database."""
    with servers.postgres_server() as url:
        yield url


@pytest.fixture(scope="session")
def postgres(postgres_server_url: str) -> records.Postgres:
    """A database with every table, used by one test after the other."""
    template = new_id("template").lower()
    asyncio.run(records.make_postgres_template(postgres_server_url, template))
    return records.Postgres(postgres_server_url, template)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with every table, to copy from."""
    file = tmp_path_factory.mktemp("template") / "miaohui.db"
    records.make_sqlite_template(file)
    return file


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file as the first start leaves it, to copy from."""
    file = tmp_path_factory.mktemp("migrated") / "miaohui.db"
    migrate(f"sqlite:///{file}")
    return file


@pytest.fixture
def data_folder(migrated: Path, tmp_path: Path) -> Path:
    """A new one, with its database as the first start leaves it."""
    folder = tmp_path / "data"
    folder.mkdir()
    records.copy_sqlite(migrated, folder / "miaohui.db")
    return folder


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> Iterator[None]:
    """What costs a thief time costs every test that logs somebody in as much."""
    cheap = functools.partial(PasswordHasher, time_cost=1, memory_cost=8, parallelism=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "PasswordHasher", cheap)
        yield


@pytest.fixture
async def postgres_url(postgres: records.Postgres) -> str:
    """A PostgreSQL database with every table and no rows."""
    return await postgres.take()


@pytest.fixture(scope="session")
def mariadb_server_url() -> Iterator[str]:
    """A server of this process's own."""
    with servers.mariadb_server() as url:
        yield url


@pytest.fixture(scope="session")
def mariadb_template(mariadb_server_url: str) -> str:
    """URL of a database with every table, used by one test after the other."""
    return asyncio.run(records.make_mariadb_template(mariadb_server_url, new_id("test").lower()))


@pytest.fixture
async def mariadb_url(mariadb_template: str) -> str:
    """A MariaDB database with every table and no rows."""
    return await records.empty_mariadb(mariadb_template)


@pytest.fixture(
    params=[
        pytest.param("postgres", marks=pytest.mark.pg, id="postgresql"),
        pytest.param("mariadb", marks=pytest.mark.maria),
    ]
)
def server_url(request: pytest.FixtureRequest) -> str:
    """A database with every table and no rows, on a server of each kind."""
    found: str = request.getfixturevalue(f"{request.param}_url")
    return found


@pytest.fixture
async def empty_mariadb_url(mariadb_server_url: str) -> str:
    """A new MariaDB database without tables, for migrations."""
    return await records.new_mariadb(mariadb_server_url, new_id("empty").lower())


@pytest.fixture
async def empty_postgres_url(postgres_server_url: str) -> str:
    """A new PostgreSQL database without tables, for migrations."""
    name = new_id("empty").lower()
    await records.run_postgres(postgres_server_url, f"CREATE DATABASE {name}")
    return servers.database_at(postgres_server_url, name)


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A new SQLite file with every table and no rows."""
    return records.copy_sqlite(sqlite_template, tmp_path / "miaohui.db")


@pytest.fixture(
    params=[
        "sqlite",
        pytest.param("postgres", marks=pytest.mark.pg, id="postgresql"),
        pytest.param("mariadb", marks=pytest.mark.maria),
    ]
)
def database_url(request: pytest.FixtureRequest) -> str:
    """Each kind of database in turn, with every table and no rows."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
async def database(database_url: str, tmp_path: Path) -> AsyncIterator[Database]:
    """Each kind of database in turn, open."""
    async with opened(database_url, tmp_path, lanes=2, readers=2) as database:
        yield database


@pytest.fixture
async def sqlite_database(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Database]:
    """SQLite only: for tests whose subject is not the database."""
    async with opened(sqlite_url, tmp_path) as database:
        yield database


@pytest.fixture(scope="session")
def redis_server() -> Iterator[servers.RedisServer]:
    """A real Redis; a test that kills it starts it again."""
    server = servers.RedisServer()
    server.start()
    yield server
    server.kill()


@pytest.fixture
def redis_url(redis_server: servers.RedisServer) -> str:
    """URL of a real Redis, shared by this worker's tests: use keys of your own."""
    return redis_server.url
