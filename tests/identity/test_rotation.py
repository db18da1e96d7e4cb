"""The house's secret is replaced: who holds a token goes on, and what is new is signed with the new one (G10)."""

from __future__ import annotations

from pathlib import Path

import pytest

from miaohui.identity.types import Principal
from miaohui.inboxes.types import Inbox
from miaohui.kit.errors import Unauthenticated
from miaohui.settings.types import Settings
from miaohui.wiring import House, open_house

FIRST, SECOND, THIRD = ("".join(chr(97 + (n * step) % 25) for n in range(48)) for step in (7, 11, 3))


async def token_of(house: House, inbox: Inbox) -> str:
    return house.identity.issue_visitor(await house.contacts.create_visitor(inbox))


async def who(folder: Path, token: str, **secrets: str) -> Principal:
    """Whom a house of these secrets sees behind a token."""
    async with open_house(Settings(data=folder, **secrets), background=False) as house:  # type: ignore[arg-type]
        return await house.identity.verify(token)


async def test_in_the_overlap_both_verify_and_after_it_only_the_new_one(data_folder: Path) -> None:
    async with open_house(Settings(data=data_folder, secret=FIRST), background=False) as house:
        tenant = await house.tenants.create("Ours", "ours")
        inbox = await house.inboxes.create(tenant.id, "web")
        old = await token_of(house, inbox)
    rotated = Settings(data=data_folder, secret=SECOND, secret_before=FIRST)
    async with open_house(rotated, background=False) as house:
        new = await token_of(house, inbox)
        assert (await house.identity.verify(old)).tenant_id == tenant.id
        assert (await house.identity.verify(new)).tenant_id == tenant.id
    assert (await who(data_folder, new, secret=SECOND)).tenant_id == tenant.id
    for secrets in ({"secret": SECOND}, {"secret": THIRD, "secret_before": SECOND}):
        with pytest.raises(Unauthenticated):
            await who(data_folder, old, **secrets)


async def test_a_secret_of_the_data_folder_is_replaced_by_renaming_it(data_folder: Path) -> None:
    async with open_house(Settings(data=data_folder), background=False) as house:
        tenant = await house.tenants.create("Ours", "ours")
        old = await token_of(house, await house.inboxes.create(tenant.id, "web"))
    (data_folder / "secret").rename(data_folder / "secret_before")
    assert (await who(data_folder, old)).tenant_id == tenant.id
    (data_folder / "secret_before").unlink()
    with pytest.raises(Unauthenticated):
        await who(data_folder, old)
