"""A backup holds everything, and what comes out of it is another history of the same things."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import tarfile
from contextlib import closing
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from click.testing import CliRunner, Result
from tests.conformance.client import Site, View, observing
from tests.conformance.house import Process, serving
from tests.support.records import new_mariadb, run_postgres
from tests.support.servers import database_at, find_mariadb, postgres_programs

from miaohui.cli import main
from miaohui.kit.copies import load_mariadb
from miaohui.kit.errors import Invalid
from miaohui.kit.ids import new_id
from miaohui.migrations import check_version
from miaohui.settings.types import Settings
from miaohui.wiring import open_house

SECRET = bytes(range(32)).hex()


def call(*words: str | Path) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def done(*words: str | Path) -> dict[str, Any]:
    said = call(*words, "--json")
    assert said.exit_code == 0, said.output
    facts: dict[str, Any] = json.loads(said.output)
    return facts


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    done("tenant", "create", "acme", "--data", folder)
    (folder / "secret").write_text(SECRET, encoding="ascii")
    return folder


def tenants(data: Path) -> list[str]:
    return [one["slug"] for one in json.loads(call("tenant", "list", "--data", data, "--json").output)]


def epoch(database: Path) -> str:
    with closing(sqlite3.connect(database)) as connection:
        return str(connection.execute("SELECT value FROM meta WHERE key = 'epoch'").fetchone()[0])


def test_what_was_kept_comes_back_in_a_fresh_folder_as_another_history(data: Path, tmp_path: Path) -> None:
    file, fresh = tmp_path / "today.backup", tmp_path / "fresh"
    assert done("backup", file, "--data", data)["holds"] == "miaohui.db secret"
    assert file.stat().st_mode & 0o777 == 0o600
    done("restore", file, "--data", fresh)
    assert tenants(fresh) == ["acme"]
    assert (fresh / "secret").read_text(encoding="ascii") == SECRET
    assert epoch(fresh / "miaohui.db") != epoch(data / "miaohui.db")


def test_what_is_there_is_neither_written_over_nor_lost(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "today.backup"
    done("backup", file, "--data", data)
    assert "never written over" in call("backup", file, "--data", data).output
    done("tenant", "create", "later", "--data", data)
    assert "is there already" in call("restore", file, "--data", data).output
    assert tenants(data) == ["acme", "later"]
    aside = Path(done("restore", file, "--data", data, "--replace")["former files"])
    assert tenants(data) == ["acme"]
    assert (aside / "miaohui.db").is_file()


def test_files_that_the_settings_name_come_along(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words = tmp_path / "mine.txt"
    words.write_text("暗号\n", encoding="utf-8")
    monkeypatch.setenv("MIAOHUI_WORDS_FILE", str(words))
    done("backup", tmp_path / "b", "--data", data)
    facts = done("restore", tmp_path / "b", "--data", tmp_path / "fresh")
    assert facts["start it"] == f"miaohui serve --data {tmp_path / 'fresh'}", "its configuration names another folder"
    assert facts["set MIAOHUI_WORDS_FILE"] == str(tmp_path / "fresh" / "words.txt")
    words.unlink()
    assert "is not there" in call("backup", tmp_path / "c", "--data", data).output


def test_a_secret_from_outside_is_not_forgotten_silently(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MIAOHUI_SECRET", "0123456789abcdef" * 4)
    assert "MIAOHUI_SECRET" in done("backup", tmp_path / "b", "--data", data)["not in it"]


@pytest.mark.parametrize("harm", ["cut", "turned", "foreign", "other", "escaping"])
def test_a_backup_that_is_not_whole_changes_nothing(data: Path, tmp_path: Path, harm: str) -> None:
    file, fresh = tmp_path / "b", tmp_path / "fresh"
    done("backup", file, "--data", data)
    HARMS[harm](file)
    said = call("restore", file, "--data", fresh)
    assert said.exit_code == 1
    assert "Traceback" not in said.output
    assert [path.name for path in fresh.iterdir()] == ["lock"]


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-2_000])


def turned(file: Path) -> None:
    """The secret is another, the manifest the same."""
    repack(file, {"secret": b"00" * 32})


def foreign(file: Path) -> None:
    file.write_bytes(b"PK\x03\x04" + bytes(500))


def other(file: Path) -> None:
    """A tar of something else."""
    with tarfile.open(file, "w:gz") as tar:
        tar.add(Path(__file__), "notes.txt")


def escaping(file: Path) -> None:
    repack(file, {"../outside": b"x"})


HARMS = {"cut": cut, "turned": turned, "foreign": foreign, "other": other, "escaping": escaping}


def repack(file: Path, changes: dict[str, bytes]) -> None:
    import io

    with tarfile.open(file) as tar:
        parts = {one.name: tar.extractfile(one).read() for one in tar}  # type: ignore[union-attr]
    with tarfile.open(file, "w:gz") as tar:
        for name, body in (parts | changes).items():
            head = tarfile.TarInfo(name)
            head.size = len(body)
            tar.addfile(head, io.BytesIO(body))


def test_nothing_is_restored_under_a_running_server(data: Path, tmp_path: Path) -> None:
    from miaohui.kit.locks import lock_file

    done("backup", tmp_path / "b", "--data", data)
    with (data / "lock").open("a+") as lock:
        lock_file(lock)
        assert "stop it first" in call("restore", tmp_path / "b", "--data", data, "--replace").output


@pytest.mark.slow
async def test_after_a_restore_clients_start_from_a_snapshot_and_nothing_is_doubled(tmp_path: Path) -> None:
    """Backed up under a running server; what was said after it is gone, may be sent again, and is there once."""
    async with serving(tmp_path / "data") as node:
        async with aiohttp.ClientSession() as http:
            site, conversation = await a_visitor(node, http)
            before = await said(site, conversation, "c1", "怎么退货?")
        run_cli("backup", tmp_path / "b", "--data", node.data)
        async with aiohttp.ClientSession() as http:
            lost = await said(Site(node.base, site.token, http), conversation, "c2", "多久退款?", whole=4)
    assert (before.seq, lost.seq) == (2, 4)
    run_cli("restore", tmp_path / "b", "--data", tmp_path / "fresh")
    again = Process(tmp_path / "fresh", node.options)
    await again.start()
    try:
        async with aiohttp.ClientSession() as http:
            site = Site(again.base, site.token, http)
            view = lost
            async with observing("websocket", site, conversation, view) as watching:
                await site.post(conversation, "c1", "怎么退货?")  # known: it is older than the backup
                await site.post(conversation, "c2", "多久退款?")  # not known any more
                await watching.until(lambda seen: len(seen.messages) == 4 and not seen.streams)
            thread = await site.read(conversation)
    finally:
        await again.end()
    assert view.recovered[-1] is False
    assert view.violations == []
    assert [one["seq"] for one in thread] == [1, 2, 3, 4]
    assert [one["text"] for one in thread[::2]] == ["怎么退货?", "多久退款?"]


async def a_visitor(node: Process, http: aiohttp.ClientSession) -> tuple[Site, str]:
    body = {"site_key": node.tenants[0].site_key}
    async with http.post(f"{node.base}/v1/widget/session", json=body) as answer:
        assert answer.status == 200, await answer.text()
        site = Site(node.base, (await answer.json())["token"], http)
    return site, await site.begin()


async def said(site: Site, conversation: str, cmid: str, text: str, *, whole: int = 2) -> View:
    """A view of the thread after this and its answer, when it has `whole` messages."""
    view = View()
    async with observing("websocket", site, conversation, view) as watching:
        await site.post(conversation, cmid, text)
        await watching.until(lambda seen: seen.seq == whole and not seen.streams)
    return view


def run_cli(*words: str | Path) -> None:
    """As an operator beside the server, whose settings are in its environment."""
    command = [sys.executable, "-m", "miaohui", *map(str, words)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr


def look_at(url: str, data: Path) -> None:
    """As who asks the doctor first: it leaves the database as good as empty, and finds that it does not sync."""
    command = [sys.executable, "-m", "miaohui", "doctor", "--data", str(data), "--database", url]
    assert "was acked may be lost" in subprocess.run(command, capture_output=True, text=True, check=False).stdout


# PostgreSQL


@pytest.fixture
def programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """`pg_dump` of the same version as the server."""
    monkeypatch.setenv("PATH", f"{postgres_programs()}{os.pathsep}{os.environ['PATH']}")


@pytest.mark.pg
@pytest.mark.usefixtures("programs")
async def test_postgresql_comes_back_in_an_empty_database_with_another_epoch(
    postgres_server_url: str, empty_postgres_url: str, tmp_path: Path
) -> None:
    await run_postgres(postgres_server_url, f"CREATE DATABASE {(other := new_id('kept').lower())}")
    kept = database_at(postgres_server_url, other)
    first = Settings(data=tmp_path / "one", database_url=kept)
    async with open_house(first, background=False) as house:
        await house.tenants.create("Acme", "acme")
        epoch_before = house.database.epoch
    run_cli("backup", tmp_path / "b", "--data", first.data, "--database", kept)
    look_at(empty_postgres_url, tmp_path / "two")
    run_cli("restore", tmp_path / "b", "--data", tmp_path / "two", "--database", empty_postgres_url)
    second = Settings(data=tmp_path / "two", database_url=empty_postgres_url)
    async with open_house(second, background=False) as house:
        assert [one.slug for one in await house.tenants.list_()] == ["acme"]
        assert house.database.epoch != epoch_before
    again = call("restore", tmp_path / "b", "--data", tmp_path / "three", "--database", empty_postgres_url)
    assert again.exit_code == 1
    assert "is not empty" in again.output


@pytest.mark.pg
@pytest.mark.usefixtures("programs")
async def test_records_of_one_kind_are_not_put_into_the_other(
    data: Path, empty_postgres_url: str, tmp_path: Path
) -> None:
    done("backup", tmp_path / "b", "--data", data)
    said = call("restore", tmp_path / "b", "--data", tmp_path / "x", "--database", empty_postgres_url)
    assert "of SQLite" in said.output
    await run_postgres(empty_postgres_url, "CREATE TABLE meta (key text, value text)")
    done("backup", tmp_path / "p", "--data", tmp_path / "x", "--database", empty_postgres_url)
    assert "of PostgreSQL" in call("restore", tmp_path / "p", "--data", tmp_path / "y").output


# MariaDB


@pytest.mark.maria
async def test_mariadb_comes_back_in_an_empty_database_with_another_epoch(
    mariadb_server_url: str, empty_mariadb_url: str, tmp_path: Path
) -> None:
    find_mariadb("mariadb-dump")
    kept = await new_mariadb(mariadb_server_url, new_id("kept").lower())
    first = Settings(data=tmp_path / "one", database_url=kept)
    async with open_house(first, background=False) as house:
        await house.tenants.create("汇丰 'Acme' \\ 😀", "acme")
        epoch_before = house.database.epoch
    run_cli("backup", tmp_path / "b", "--data", first.data, "--database", kept)
    look_at(empty_mariadb_url, tmp_path / "two")
    run_cli("restore", tmp_path / "b", "--data", tmp_path / "two", "--database", empty_mariadb_url)
    second = Settings(data=tmp_path / "two", database_url=empty_mariadb_url)
    async with open_house(second, background=False) as house:
        assert [one.name for one in await house.tenants.list_()] == ["汇丰 'Acme' \\ 😀"]
        assert house.database.epoch != epoch_before
        await check_version(house.database)
    again = call("restore", tmp_path / "b", "--data", tmp_path / "three", "--database", empty_mariadb_url)
    assert again.exit_code == 1
    assert "is not empty" in again.output
    async with open_house(second, background=False) as house:
        assert len(await house.tenants.list_()) == 1
    other = call("restore", tmp_path / "b", "--data", tmp_path / "four", "--database", "postgresql://a@b/c")
    assert "of MariaDB" in other.output


@pytest.mark.maria
def test_what_fails_half_way_leaves_mariadb_as_empty_as_it_was(empty_mariadb_url: str, tmp_path: Path) -> None:
    find_mariadb("mariadb")
    source = tmp_path / "half.sql"
    made = "CREATE TABLE `one``s` (id INT PRIMARY KEY);\n"
    made += "CREATE TABLE two (id INT, FOREIGN KEY (id) REFERENCES `one``s` (id));"
    source.write_text(f"{made}\nINSERT INTO nowhere VALUES (1);\n", encoding="utf-8")
    with pytest.raises(Invalid, match="nowhere"):
        load_mariadb(empty_mariadb_url, source)
    source.write_text(f"{made}\nINSERT INTO two VALUES (NULL);\n", encoding="utf-8")
    load_mariadb(empty_mariadb_url, source)
    with pytest.raises(Invalid, match="is not empty: it holds one`s and 1 more tables"):
        load_mariadb(empty_mariadb_url, source)


def test_a_missing_program_is_named(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    for kind, program in (("postgresql", "pg_dump"), ("mariadb", "mariadb-dump")):
        url = f"{kind}://miaohui:{new_id('pw')}@127.0.0.1:9/none"
        said = call("backup", tmp_path / "b", "--data", data, "--database", url)
        assert said.exit_code == 1
        assert f"{program} is not here" in said.output
