"""A server that is told of a folder serves what lies in it, and what changes there, without a word from anybody."""

from __future__ import annotations

import asyncio
from pathlib import Path

from miaohui.settings.types import Settings
from miaohui.wiring import open_house


async def test_a_running_house_serves_what_changes_in_its_folder(tmp_path: Path) -> None:
    folder = tmp_path / "kb"
    folder.mkdir()
    (folder / "return.md").write_text("# 退货\n\n七天内可以退货。", encoding="utf-8")
    settings = Settings(
        data=tmp_path / "data",
        knowledge_folder=folder,
        knowledge_folder_tenant="shop",
        knowledge_folder_seconds=0.5,
    )
    async with open_house(settings) as house:
        await house.tenants.create("Other", "other")
        shop = await house.tenants.create("Shop", "shop")

        async def told(words: str) -> None:
            async with asyncio.timeout(8):
                while True:
                    found = await house.knowledge.search(shop.id, "几天可以退货")
                    if found.passages and words in found.passages[0].chunk.text:
                        return
                    await asyncio.sleep(0.05)

        await told("七天")
        (folder / "return.md").write_text("# 退货\n\n十五天内可以退货了。", encoding="utf-8")
        await told("十五天")
        assert [tenant.slug for tenant in await house.tenants.list_()] == ["other", "shop"]
