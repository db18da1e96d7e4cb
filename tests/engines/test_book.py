from __future__ import annotations

import os
from pathlib import Path

import pytest

from miaohui.engines.book import RouteBook
from miaohui.engines.repository import EnginesRepository
from miaohui.engines.routes import Catalog, build_catalog
from miaohui.kit.database import Database
from miaohui.kit.errors import Invalid

ROUTE = """
[[route]]
name = "official"
base_url = "https://api.example.com/v1"
model = "large"
weight = 30
price_in = 150_000
keys = [{ id = "a", secret = "sk-1" }]
"""


class Held:
    def __init__(self) -> None:
        self.catalogs: list[Catalog] = []

    def adopt(self, catalog: Catalog) -> None:
        self.catalogs.append(catalog)

    def names(self, tenant: str = "") -> list[tuple[str, int]]:
        return [(route.name, route.weight) for route in self.catalogs[-1].routes_for(tenant)]


def write(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")
    later = file.stat().st_mtime_ns + 1_000_000 * len(text)
    os.utime(file, ns=(later, later))


async def test_a_change_of_the_file_holds_and_no_change_is_no_work(tmp_path: Path) -> None:
    file, held = tmp_path / "engines.toml", Held()
    write(file, ROUTE)
    book = RouteBook(held.adopt, file=file)
    await book.load()
    assert held.names() == [("official", 30)]
    assert not await book.refresh()
    write(file, ROUTE.replace("30", "50"))
    assert await book.refresh()
    assert held.names() == [("official", 50)]


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        ("[[route", "not TOML"),
        ("[route]\nname='x'", "[[route]]"),
        (ROUTE + "\ncolour = 'red'", "colour"),
        (ROUTE.replace("30", "-1"), "weight"),
        (ROUTE.replace('model = "large"', ""), "model"),
        (ROUTE.replace('"sk-1"', "7"), "secret"),
        (ROUTE.replace('id = "a", secret = "sk-1"', 'id = "a", secret_file = "/nowhere"'), "/nowhere"),
    ],
)
async def test_a_wrong_file_is_refused_with_a_hint_and_the_former_routes_stay(
    tmp_path: Path, wrong: str, hint: str
) -> None:
    file, held = tmp_path / "engines.toml", Held()
    write(file, ROUTE)
    book = RouteBook(held.adopt, file=file)
    await book.load()
    write(file, wrong)
    assert not await book.refresh()
    assert len(held.catalogs) == 1
    with pytest.raises(Invalid) as refused:
        await RouteBook(held.adopt, file=file).load()
    assert hint in refused.value.detail
    assert "sk-1" not in refused.value.detail
    write(file, ROUTE + "# mended")
    assert await book.refresh()


async def test_a_secret_may_stand_in_a_file_of_its_own_and_a_change_of_it_holds(tmp_path: Path) -> None:
    secret, file, held = tmp_path / "secret", tmp_path / "engines.toml", Held()
    write(secret, "sk-first\n")
    write(file, ROUTE.replace('secret = "sk-1"', f'secret_file = "{secret}"'))
    book = RouteBook(held.adopt, file=file)
    await book.load()
    assert held.catalogs[-1].shared[0].keys[0].secret == "sk-first"
    assert not await book.refresh()
    write(secret, "sk-second-and-longer\n")
    assert await book.refresh()
    assert held.catalogs[-1].shared[0].keys[0].secret == "sk-second-and-longer"


async def test_what_is_kept_in_the_records_holds_over_the_file_for_all_or_for_one_tenant(
    database: Database, tmp_path: Path
) -> None:
    file, held = tmp_path / "engines.toml", Held()
    write(file, ROUTE)
    records = EnginesRepository(database)
    book = RouteBook(held.adopt, file=file, records=records)
    await book.load()
    await records.put("", {"name": "official", "weight": 7}, 1)
    assert await book.refresh()
    assert held.names() == [("official", 7)]
    await book.put("tnt_1", {"name": "official", "weight": 9}, 2)
    own = {"name": "own", "base_url": "http://h/v1", "model": "m"}
    await book.put("tnt_1", own, 3)
    assert sorted(held.names("tnt_1")) == [("official", 9), ("own", 1)]
    assert held.names("tnt_2") == [("official", 7)]
    await records.put("tnt_1", {"name": "official", "enabled": False}, 4)
    assert await book.refresh()
    assert held.names("tnt_1") == [("own", 1)]
    assert await records.drop("tnt_1", "own") == 5
    assert await records.drop("tnt_1", "own") == 0
    assert await records.version() == 5
    assert await book.refresh()
    assert held.names("tnt_1") == []


async def test_a_wrong_route_is_not_kept(database: Database) -> None:
    held, records = Held(), EnginesRepository(database)
    book = RouteBook(held.adopt, records=records)
    with pytest.raises(Invalid, match="weight"):
        await book.put("", {"name": "x", "base_url": "http://h/v1", "model": "m", "weight": "heavy"}, 1)
    assert await records.version() == 0


def test_a_route_is_shown_without_its_keys() -> None:
    catalog = build_catalog(
        "1", [[{"name": "x", "base_url": "http://h/v1", "model": "m", "keys": [{"id": "a", "secret": "sk-9"}]}]]
    )
    assert "sk-9" not in repr(catalog)


def test_two_keys_of_one_id_are_refused() -> None:
    keys = [{"id": "a"}, {"id": "a"}]
    with pytest.raises(Invalid, match="id of its own"):
        build_catalog("1", [[{"name": "x", "base_url": "http://h/v1", "model": "m", "keys": keys}]])
