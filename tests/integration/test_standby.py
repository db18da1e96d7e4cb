"""A standby that has not heard everything takes over: another history, and every client is told so (D13)."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import aiohttp
import asyncpg
import pytest
from tests.conformance.client import Site, View, observing
from tests.conformance.house import serving
from tests.integration.own_postgres import OwnPostgres, own_postgres
from tests.support.records import run_postgres
from tests.support.servers import postgres_programs

from miaohui.testing.proxy import through

pytestmark = [pytest.mark.faults, pytest.mark.pg, pytest.mark.nightly, pytest.mark.xdist_group("own-database")]


def folder_of(url: str) -> str:
    """Where a server's socket is."""
    return parse_qs(urlsplit(url).query)["host"][0]


async def value(url: str, statement: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


def copy(primary: OwnPostgres, folder: Path) -> None:
    """A base backup that follows its primary, whoever its files belong to."""
    owner = Path(folder_of(primary.url), "PG_VERSION").stat()
    program = postgres_programs() / "pg_basebackup"
    command = [str(program), "-h", folder_of(primary.url), "-U", "postgres", "-D", str(folder), "-R", "-X", "stream"]
    subprocess.run([*command, "-c", "fast"], check=True, timeout=60)
    for path in (folder, *folder.rglob("*")):
        shutil.chown(path, owner.st_uid, owner.st_gid)
    for left in ("postmaster.pid", ".s.PGSQL.5432.lock", "log"):
        (folder / left).unlink(missing_ok=True)


@asynccontextmanager
async def standby_of(primary: OwnPostgres) -> AsyncIterator[OwnPostgres]:
    folder = Path(tempfile.mkdtemp(prefix="miaohui-standby-"), "data")
    await asyncio.to_thread(copy, primary, folder)
    folder.parent.chmod(0o755)
    standby = await asyncio.to_thread(OwnPostgres, folder)
    try:
        yield standby
    finally:
        await standby.close()
        shutil.rmtree(folder.parent, ignore_errors=True)


async def caught_up(primary: OwnPostgres, standby: OwnPostgres) -> None:
    there = await value(primary.url, "SELECT pg_current_wal_lsn()::text")
    async with asyncio.timeout(20):
        while not await value(standby.url, f"SELECT pg_last_wal_replay_lsn() >= '{there}'::pg_lsn"):  # noqa: ASYNC110
            await asyncio.sleep(0.1)


async def deafen(standby: OwnPostgres) -> None:
    """It hears its primary no more."""
    await run_postgres(standby.url, "ALTER SYSTEM SET primary_conninfo = ''", "SELECT pg_reload_conf()")
    async with asyncio.timeout(20):
        while await value(standby.url, "SELECT count(*) FROM pg_stat_wal_receiver"):  # noqa: ASYNC110
            await asyncio.sleep(0.1)


async def test_after_a_failover_that_lost_commits_clients_begin_anew(tmp_path: Path) -> None:
    async with own_postgres() as primary:
        await run_postgres(primary.url, "CREATE DATABASE failing_over")
        async with standby_of(primary) as standby, through(f"{folder_of(primary.url)}/.s.PGSQL.5432", 0) as proxy:
            user = urlsplit(primary.url).username
            url = f"postgresql://{user}@127.0.0.1:{proxy.port}/failing_over"
            async with serving(tmp_path / "data", database_url=url, turn_lease_s="2") as node:
                await caught_up(primary, standby)
                async with aiohttp.ClientSession() as http:
                    body = {"site_key": node.tenants[0].site_key}
                    async with http.post(f"{node.base}/v1/widget/session", json=body) as answer:
                        site = Site(node.base, (await answer.json())["token"], http)
                    conversation, view = await site.begin(), View()
                    async with observing("websocket", site, conversation, view) as inside:
                        await inside.send("kept", "怎么退货?")
                        await inside.until(lambda view: view.seq == 2)
                        await caught_up(primary, standby)
                        await deafen(standby)
                        assert (await inside.send("lost", "运费谁出?"))["seq"] == 3
                        await inside.until(lambda view: view.seq == 4)
                        before, lost = view.epoch, view.messages[3]["id"]
                        await primary.kill()
                        await run_postgres(standby.url, "SELECT pg_promote()")
                        proxy.lead_to(f"{folder_of(standby.url)}/.s.PGSQL.5432", 0)
                        proxy.cut()
                        await said(site, conversation, "new")
                        await inside.until(lambda _: inside.closed_with is not None or view.epoch != before)
                    async with observing("websocket", site, conversation, view) as again:
                        await again.until(lambda view: view.epoch != before)
                        await again.until(lambda view: view.seq >= 4)
                        assert view.recovered[-1] is False
                        assert [one["id"] for one in view.messages.values()].count(lost) == 0
                        ack = await again.send("lost", "运费谁出?")
                        assert (ack["dup"], ack["seq"] > 4) == (False, True)
                        await again.until(lambda view: view.seq >= ack["seq"] + 1)
                        assert view.violations == []
                    thread = await site.read(conversation)
                    assert [one["seq"] for one in thread] == list(range(1, len(thread) + 1))
                    assert [one["cmid"] for one in thread if one.get("cmid")] == ["kept", "new", "lost"]


async def said(site: Site, conversation: str, cmid: str) -> None:
    """Until it is taken: the way to the server heals by itself."""
    async with asyncio.timeout(20):
        while (await site.post(conversation, cmid, "还在吗?"))["t"] != "ack":  # noqa: ASYNC110
            await asyncio.sleep(0.2)
