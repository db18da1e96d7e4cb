"""A watched folder is what the articles are; half of a file and an absent disk are not."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from miaohui.kit.errors import Conflict, Unavailable
from miaohui.knowledge.importing import ImportReport
from miaohui.knowledge.service import Knowledge
from miaohui.knowledge.watching import FolderWatch

Write = Callable[[str, str], Path]


async def _ten() -> str:
    return "ten"


async def _titles(knowledge: Knowledge) -> set[str]:
    return {article.title for article in await knowledge.list_articles("ten")}


async def test_what_changes_in_the_folder_changes_in_the_knowledge(
    knowledge: Knowledge, folder: Path, write: Write
) -> None:
    write("return.md", "# 退货\n\n七天内可以退货。")
    write("shop.md", "# 门店\n\n门店在南京路。")
    watch = FolderWatch(knowledge, folder, _ten)
    assert [await watch.look() for _ in range(3)] == [False, True, False]
    assert await _titles(knowledge) == {"退货", "门店"}
    (folder / "shop.md").unlink()
    write("return.md", "# 退货\n\n十五天内可以退货了。")
    assert [await watch.look() for _ in range(3)] == [False, True, False]
    assert await _titles(knowledge) == {"退货"}
    assert "十五天" in (await knowledge.search("ten", "几天可以退货")).passages[0].chunk.text


async def test_a_file_that_still_grows_is_waited_for(knowledge: Knowledge, folder: Path, write: Write) -> None:
    watch = FolderWatch(knowledge, folder, _ten)
    for end in range(1, 5):
        write("return.md", "# 退货\n\n" + "七天内可以退货。" * end)
        assert not await watch.look()
    assert await watch.look()
    assert await _titles(knowledge) == {"退货"}


async def test_a_folder_whose_disk_is_gone_deletes_nothing(knowledge: Knowledge, folder: Path, write: Write) -> None:
    write("return.md", "# 退货\n\n七天内可以退货。")
    watch = FolderWatch(knowledge, folder, _ten)
    await watch.look()
    await watch.look()
    (folder / "return.md").unlink()
    assert [await watch.look() for _ in range(3)] == [False, False, False]
    shutil.rmtree(folder)
    assert [await watch.look() for _ in range(3)] == [False, False, False]
    assert await _titles(knowledge) == {"退货"}


async def test_nothing_is_imported_before_there_is_a_tenant(knowledge: Knowledge, folder: Path, write: Write) -> None:
    tenants = [""]

    async def find() -> str:
        return tenants[0]

    write("return.md", "# 退货\n\n七天内可以退货。")
    watch = FolderWatch(knowledge, folder, find)
    assert [await watch.look() for _ in range(3)] == [False, False, False]
    tenants[0] = "ten"
    assert await watch.look()


class _Failing:
    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.tries = 0

    async def import_folder(self, tenant_id: str, folder: Path) -> ImportReport:
        del tenant_id, folder
        self.tries += 1
        if self.errors:
            raise self.errors.pop(0)
        return ImportReport(added=1, updated=0, unchanged=0, deleted=0, problems=(), version=1)


async def test_an_import_that_failed_is_tried_again(folder: Path, write: Write) -> None:
    write("return.md", "# 退货\n\n七天内可以退货。")
    failing = _Failing(Conflict("changed meanwhile"), Unavailable("no records"))
    watch = FolderWatch(failing, folder, _ten)
    await watch.look()
    for error in (Conflict, Unavailable):
        with pytest.raises(error):
            await watch.look()
    assert (await watch.look(), await watch.look(), failing.tries) == (True, False, 3)
