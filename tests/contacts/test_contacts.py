from __future__ import annotations

import asyncio

import pytest
from tests.support.clock import ManualClock

from miaohui.contacts.service import Contacts
from miaohui.inboxes.types import Inbox
from miaohui.kit.database import Database
from miaohui.kit.errors import Invalid, NotFound

INBOX = Inbox(id="inb_1", tenant_id="ten_1", channel="web", name="Web", site_key="site_1")


@pytest.fixture
def contacts(database: Database) -> Contacts:
    return Contacts(database, ManualClock())


async def test_visitors_are_strangers_to_each_other(contacts: Contacts) -> None:
    one, two = await contacts.create_visitor(INBOX), await contacts.create_visitor(INBOX)
    assert one.id != two.id
    assert not one.verified
    assert await contacts.access("ten_1", one.id) == one


async def test_one_external_id_is_one_contact_even_when_met_at_once(contacts: Contacts) -> None:
    met = await asyncio.gather(*(contacts.find_or_create("ten_1", "inb_1", "u-7", "小王") for _ in range(8)))
    assert len({contact.id for contact in met}) == 1
    assert (await contacts.find_or_create("ten_1", "inb_1", "u-7")).name == "小王"


async def test_the_same_id_in_another_inbox_or_tenant_is_somebody_else(contacts: Contacts) -> None:
    ids = {
        (await contacts.find_or_create(tenant_id, inbox_id, "u-7")).id
        for tenant_id, inbox_id in (("ten_1", "inb_1"), ("ten_1", "inb_2"), ("ten_2", "inb_1"))
    }
    assert len(ids) == 3


async def test_only_a_verified_source_changes_a_name(contacts: Contacts) -> None:
    await contacts.find_or_create("ten_1", "inb_1", "u-7", "小王")
    assert (await contacts.find_or_create("ten_1", "inb_1", "u-7", "骗子", verified=False)).name == "小王"
    assert (await contacts.find_or_create("ten_1", "inb_1", "u-7", "王先生")).name == "王先生"
    await contacts.find_or_create("ten_1", "inb_1", "u-8", "X", verified=False)
    assert (await contacts.find_or_create("ten_1", "inb_1", "u-8")).verified


async def test_attributes_merge_and_an_empty_one_goes(contacts: Contacts) -> None:
    contact = await contacts.create_visitor(INBOX)
    await contacts.update_attributes("ten_1", contact.id, {"level": "3", "city": "杭州"})
    changed = await contacts.update_attributes("ten_1", contact.id, {"level": "", "lang": "zh"}, name="小王")
    assert changed.attributes == {"city": "杭州", "lang": "zh"}
    assert changed.name == "小王"
    assert await contacts.access("ten_1", contact.id) == changed


async def test_another_tenants_contact_is_not_there(contacts: Contacts) -> None:
    contact = await contacts.create_visitor(INBOX)
    with pytest.raises(NotFound):
        await contacts.access("ten_2", contact.id)
    with pytest.raises(NotFound):
        await contacts.update_attributes("ten_2", contact.id, {"a": "b"})


@pytest.mark.parametrize("external_id", ["", "x" * 129])
async def test_an_id_out_of_form_is_refused(sqlite_database: Database, external_id: str) -> None:
    with pytest.raises(Invalid):
        await Contacts(sqlite_database, ManualClock()).find_or_create("ten_1", "inb_1", external_id)


async def test_too_many_or_too_long_attributes_are_refused(sqlite_database: Database) -> None:
    contacts = Contacts(sqlite_database, ManualClock())
    contact = await contacts.create_visitor(INBOX)
    for changes in ({str(n): "v" for n in range(33)}, {"k" * 65: "v"}, {"k": "v" * 257}):
        with pytest.raises(Invalid):
            await contacts.update_attributes("ten_1", contact.id, changes)


async def test_when_a_contact_was_here_last_is_known(sqlite_database: Database) -> None:
    clock = ManualClock()
    contacts = Contacts(sqlite_database, clock)
    contact = await contacts.create_visitor(INBOX)
    clock.advance(60)
    await contacts.touch(contact)
    assert (await contacts.access("ten_1", contact.id)).last_seen_at_ms == contact.created_at_ms + 60_000
