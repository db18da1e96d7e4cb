from __future__ import annotations

import jwt
import msgspec
import pytest
from tests.support.clock import ManualClock

from miaohui.inboxes.service import Inboxes
from miaohui.inboxes.types import Assistant
from miaohui.kit.database import Database
from miaohui.kit.errors import Invalid, NotFound, Unauthenticated

LATER = 4_000_000_000


async def test_an_inbox_comes_back_whole(database: Database) -> None:
    inboxes = Inboxes(database, ManualClock())
    assistant = Assistant(name="小秒", greeting={"zh-CN": "您好"}, quick_questions={"en": ("Where is my order?",)})
    inbox = await inboxes.create("ten_1", "Web", assistant=assistant, locale="en")
    fresh = Inboxes(database, ManualClock())
    assert await fresh.get("ten_1", inbox.id) == inbox
    assert await fresh.find_by_site_key(inbox.site_key) == inbox
    assert await fresh.list_("ten_1") == [inbox]


async def test_another_tenants_inbox_is_not_there(database: Database) -> None:
    inboxes = Inboxes(database, ManualClock())
    inbox = await inboxes.create("ten_1", "Web")
    await inboxes.get("ten_1", inbox.id)
    for attempt in (
        inboxes.get("ten_2", inbox.id),
        inboxes.identity_secret("ten_2", inbox.id),
        inboxes.change(msgspec.structs.replace(inbox, tenant_id="ten_2", name="Mine")),
    ):
        with pytest.raises(NotFound):
            await attempt
    assert await inboxes.list_("ten_2") == []
    assert await inboxes.find_by_site_key("site_unknown") is None


async def test_a_change_shows_at_once_and_elsewhere_within_seconds(database: Database) -> None:
    clock = ManualClock()
    inboxes, elsewhere = Inboxes(database, clock), Inboxes(database, clock)
    inbox = await inboxes.create("ten_1", "Web")
    await elsewhere.get("ten_1", inbox.id)
    changed = await inboxes.change(msgspec.structs.replace(inbox, allowed_origins=("https://shop.example",)))
    assert await inboxes.get("ten_1", inbox.id) == changed
    assert await inboxes.find_by_site_key(inbox.site_key) == changed
    clock.advance(11)
    assert await elsewhere.get("ten_1", inbox.id) == changed


async def test_an_inbox_needs_a_name(sqlite_database: Database) -> None:
    with pytest.raises(Invalid):
        await Inboxes(sqlite_database, ManualClock()).create("ten_1", " ")


async def test_a_signed_identity_is_read_and_a_forged_one_is_not(sqlite_database: Database) -> None:
    inboxes = Inboxes(sqlite_database, ManualClock())
    inbox, other = await inboxes.create("ten_1", "Web"), await inboxes.create("ten_1", "Other")
    secret = await inboxes.identity_secret("ten_1", inbox.id)
    claims = {"sub": "u-7", "exp": LATER, "name": "小王", "attributes": {"level": 3}}
    identity = await inboxes.verify_identity(inbox.id, jwt.encode(claims, secret, "HS256"))
    assert identity == {"external_id": "u-7", "name": "小王", "attributes": {"level": "3"}}

    other_secret = await inboxes.identity_secret("ten_1", other.id)
    without_end = {"sub": "u-7"}
    for forged in (
        "",
        jwt.encode(claims, other_secret, "HS256"),
        jwt.encode(claims, "", "none"),
        jwt.encode(without_end, secret, "HS256"),
        jwt.encode(claims | {"exp": 1}, secret, "HS256"),
        jwt.encode(claims | {"sub": ""}, secret, "HS256"),
        jwt.encode(claims | {"name": {"$ne": 1}}, secret, "HS256"),
    ):
        with pytest.raises(Unauthenticated):
            await inboxes.verify_identity(inbox.id, forged)
    with pytest.raises(Unauthenticated):
        await inboxes.verify_identity("inb_none", jwt.encode(claims, secret, "HS256"))
