"""Who is served sooner is found among very many, by what their attributes say, and conversations with them are."""

from __future__ import annotations

import pytest
from tests.desk.place import TENANT, Place
from tests.support.clock import ManualClock

from miaohui.contacts.policy import is_vip
from miaohui.conversations.types import Filter
from miaohui.kit.database import Database


@pytest.mark.parametrize(
    ("value", "expected"),
    [("yes", True), ("gold", True), ("1", True), ("", False), ("No", False), ("0", False), ("FALSE", False)],
)
def test_any_value_but_a_no_is_a_yes(value: str, expected: bool) -> None:
    assert is_vip({"vip": value}) is expected
    assert not is_vip({"city": value})


async def test_they_are_listed_and_filtered_as_their_attributes_change(database: Database) -> None:
    place = Place(database, ManualClock())
    agent = await place.hire("甲", online=False)
    dear, other = await place.queued(vip=True), await place.queued()

    async def found() -> list[str]:
        page = await place.conversations.list_(agent, Filter(vip=True))
        return [one.id for one in page.data]

    assert await place.contacts.list_vips(TENANT) == [dear.contact_id]
    assert await found() == [dear.id]
    await place.contacts.update_attributes(TENANT, other.contact_id, {"vip": "gold"})
    await place.contacts.update_attributes(TENANT, dear.contact_id, {"vip": "no"})
    assert await place.contacts.list_vips(TENANT) == [other.contact_id]
    assert await found() == [other.id]
    assert await place.contacts.list_vips("ten_2") == []
    await place.contacts.erase(TENANT, other.contact_id)
    assert await place.contacts.list_vips(TENANT) == []
