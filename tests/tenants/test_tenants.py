from __future__ import annotations

import pytest

from miaohui.kit.database import Database
from miaohui.kit.errors import Conflict, Invalid, NotFound
from miaohui.tenants.service import Tenants


async def test_a_tenant_is_found_by_id_and_by_slug(database: Database) -> None:
    tenants = Tenants(database)
    shop = await tenants.create(" 秒选商城 ", "shop")
    assert shop.name == "秒选商城"
    assert await tenants.get(shop.id) == shop
    assert await tenants.find_by_slug("shop") == shop
    assert await tenants.list_() == [shop]


async def test_what_is_not_there_is_not_found(database: Database) -> None:
    tenants = Tenants(database)
    assert await tenants.find_by_slug("shop") is None
    with pytest.raises(NotFound):
        await tenants.get("ten_none")


async def test_a_slug_is_taken_once(database: Database) -> None:
    tenants = Tenants(database)
    await tenants.create("One", "shop")
    with pytest.raises(Conflict, match="shop"):
        await tenants.create("Two", "shop")


@pytest.mark.parametrize(("name", "slug"), [("", "shop"), ("Shop", ""), ("Shop", "Shop"), ("Shop", "a b"), ("S", "-a")])
async def test_a_bad_name_or_slug_is_refused(sqlite_database: Database, name: str, slug: str) -> None:
    with pytest.raises(Invalid):
        await Tenants(sqlite_database).create(name, slug)
