"""A restored backup tells receivers outside again only what it did not know to be told."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.support.opening import opened
from tests.webhooks.test_webhooks import House

from miaohui.kit.copies import copy_sqlite


async def test_what_was_delivered_before_the_backup_is_not_sent_again(sqlite_template: Path, tmp_path: Path) -> None:
    file, copy = tmp_path / "live" / "miaohui.db", tmp_path / "restored" / "miaohui.db"
    for folder in (file.parent, copy.parent):
        folder.mkdir()
    shutil.copy(sqlite_template, file)
    async with opened(f"sqlite:///{file}", file.parent) as database:
        house = House(database)
        await house.add("tnt_1", "https://a.example.com/")
        await house.post("before")
        await house.send()
        await house.post("waiting")
        copy_sqlite(file, copy)
        await house.send()
        await house.post("after")
        await house.send()
        assert house.receiver.told == ["before", "waiting", "after"]
        await house.sender.close()
    async with opened(f"sqlite:///{copy}", copy.parent) as database:
        again = House(database)
        await again.webhooks.refresh()
        await again.send()
        await again.sender.close()
    assert again.receiver.told == ["waiting"]
    assert again.receiver.got[0].event_id == house.receiver.got[1].event_id, "so that receivers drop the second"
