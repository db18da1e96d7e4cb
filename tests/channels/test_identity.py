"""What a company's server says of a visitor, in the token that it signs, is known of the contact."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import jwt
from tests.doors.building import Building, open_building


async def come(building: Building, claims: dict[str, Any]) -> Any:
    inbox = building.ours.inbox
    secret = await building.house.inboxes.identity_secret(inbox.tenant_id, inbox.id)
    token = jwt.encode({"sub": "u_4711", "exp": int(time.time()) + 60, **claims}, secret, algorithm="HS256")
    form = {"site_key": inbox.site_key, "identity_token": token}
    return await building.ask("POST", "/v1/widget/session", json=form)


async def self_of(building: Building, attributes: dict[str, str]) -> dict[str, str]:
    """The contact's attributes after that."""
    came = await come(building, {"attributes": attributes})
    contact = await building.house.contacts.access(building.ours.tenant.id, came.json()["contact"]["id"])
    return contact.attributes


async def test_attributes_of_the_signed_token_are_kept_and_changed(migrated: Path, tmp_path: Path) -> None:
    async with open_building(migrated, tmp_path) as building:
        first = await come(building, {"name": "小梅", "attributes": {"email": "mei@example.org", "level": "gold"}})
        assert first.status == 200, first.body
        contact_id = first.json()["contact"]["id"]
        again = await come(building, {"name": "小梅", "attributes": {"email": "mei@example.com"}})
        assert again.json()["contact"]["id"] == contact_id
        contact = await building.house.contacts.access(building.ours.tenant.id, contact_id)
        assert contact.attributes == {"email": "mei@example.com", "level": "gold"}
        plain = await come(building, {})
        assert plain.json()["contact"]["id"] == contact_id
        assert (
            await building.house.contacts.access(building.ours.tenant.id, contact_id)
        ).attributes == contact.attributes


async def test_too_many_or_too_long_ones_lock_nobody_out(migrated: Path, tmp_path: Path) -> None:
    async with open_building(migrated, tmp_path) as building:
        for batch in range(4):
            many = {f"k{batch}_{at}": "v" * 40 for at in range(40)}
            assert (await come(building, {"attributes": many})).status == 200
        contact_id = (await come(building, {})).json()["contact"]["id"]
        kept = (await building.house.contacts.access(building.ours.tenant.id, contact_id)).attributes
        assert len(kept) == 64
        assert len(next(iter((await self_of(building, {"k0_0": "w" * 300})).values()))) == 256
        assert (await come(building, {"attributes": "none"})).status == 401
