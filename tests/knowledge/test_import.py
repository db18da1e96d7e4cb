"""A folder becomes a version of the knowledge, all of it or nothing."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from miaohui.kit.clock import SystemClock
from miaohui.kit.database import Database
from miaohui.kit.errors import Conflict, Invalid, NotFound
from miaohui.knowledge import repository
from miaohui.knowledge.publishing import Changes, Publisher
from miaohui.knowledge.service import Knowledge

Write = Callable[[str, str], Path]
RETURN = """---
title: 如何退货
tags: [退货, 售后]
questions:
  - 怎么退
---
# 如何退货

七天内可以退货，运费我们出。
"""


async def _titles(knowledge: Knowledge, question: str) -> list[str]:
    found = await knowledge.retrieve("ten", question)
    return [passage.chunk.title for passage in found.passages]


async def test_every_kind_of_file_is_imported(knowledge: Knowledge, folder: Path, write: Write) -> None:
    write("zh/return.md", RETURN)
    write("faq.csv", "问题,答案,标签\n几点下班？,晚上九点。,客服\n")
    (folder / "gbk.txt").write_bytes("尺码表\n身高一米七穿 L 码。".encode("gbk"))
    book = openpyxl.Workbook()
    book.worksheets[0].append(["question", "answer", "title"])
    book.worksheets[0].append(["Do you gift-wrap?", "Yes, for 5 yuan.", "Gift wrapping"])
    packed = io.BytesIO()
    book.save(packed)
    (folder / "faq.xlsx").write_bytes(packed.getvalue())
    report = await knowledge.import_folder("ten", folder)
    assert (report.added, report.problems, report.version) == (4, (), 1)
    assert await _titles(knowledge, "怎么退货") == ["如何退货"]
    assert (await _titles(knowledge, "几点下班"))[0] == "几点下班？"
    assert (await _titles(knowledge, "一米七穿什么码"))[0] == "gbk"
    assert (await _titles(knowledge, "gift wrap"))[0] == "Gift wrapping"


async def test_front_matter_becomes_the_articles_fields(knowledge: Knowledge, folder: Path, write: Write) -> None:
    write("return.md", RETURN)
    await knowledge.import_folder("ten", folder)
    (article,) = await knowledge.list_articles("ten")
    assert (article.title, article.tags, article.questions) == ("如何退货", ("退货", "售后"), ("怎么退",))
    assert (article.locale, article.source) == ("zh-CN", "return.md")
    assert "title:" not in article.text


async def test_importing_again_changes_only_what_changed(each_db: Database, folder: Path, write: Write) -> None:
    knowledge = Knowledge(each_db, SystemClock())
    write("return.md", RETURN)
    write("gone.md", "# 旧活动\n\n已经结束的活动。")
    write("same.md", "# 门店\n\n门店在南京路。")
    await knowledge.import_folder("ten", folder)
    before = {article.source: article.id for article in await knowledge.list_articles("ten")}
    write("return.md", RETURN.replace("七天", "十五天"))
    (folder / "gone.md").unlink()
    write("new.md", "# 礼品卡\n\n礼品卡三年有效。")
    report = await knowledge.import_folder("ten", folder)
    assert (report.added, report.updated, report.unchanged, report.deleted, report.version) == (1, 1, 1, 1, 2)
    after = {article.source: article.id for article in await knowledge.list_articles("ten")}
    assert after.keys() == {"return.md", "same.md", "new.md"}
    assert (after["return.md"], after["same.md"]) == (before["return.md"], before["same.md"])
    found = await knowledge.retrieve("ten", "退货")
    assert "十五天" in found.passages[0].chunk.text
    assert found.version == 2


async def test_importing_the_same_again_publishes_nothing(knowledge: Knowledge, folder: Path, write: Write) -> None:
    write("return.md", RETURN)
    await knowledge.import_folder("ten", folder)
    report = await knowledge.import_folder("ten", folder)
    assert (report.unchanged, report.version) == (1, 1)


async def test_a_broken_file_is_reported_and_what_it_gave_before_stays(
    knowledge: Knowledge, folder: Path, write: Write
) -> None:
    write("return.md", RETURN)
    write("faq.csv", "question,answer\n几点下班？,九点。\n")
    await knowledge.import_folder("ten", folder)
    write("faq.csv", "just,some\nother,table\n")
    (folder / "return.md").write_bytes(b"\x00\x01\x02")
    (folder / "bad.xlsx").write_bytes(b"not a zip")
    write("empty.txt", "  \n")
    report = await knowledge.import_folder("ten", folder)
    assert {problem.source for problem in report.problems} == {"faq.csv", "return.md", "bad.xlsx", "empty.txt"}
    assert (report.deleted, report.version) == (0, 1)
    assert (await _titles(knowledge, "怎么退货"))[0] == "如何退货"


async def test_a_link_out_of_the_folder_is_not_followed(
    knowledge: Knowledge, folder: Path, write: Write, tmp_path: Path
) -> None:
    write("return.md", RETURN)
    secret = tmp_path / "secret.md"
    secret.write_text("# 密钥\n\n不能给人看。", encoding="utf-8")
    (folder / "link.md").symlink_to(secret)
    write(".hidden.md", "# 隐藏\n\n草稿。")
    assert (await knowledge.import_folder("ten", folder)).added == 1


async def test_a_folder_that_is_not_there_is_refused(knowledge: Knowledge, tmp_path: Path) -> None:
    with pytest.raises(Invalid):
        await knowledge.import_folder("ten", tmp_path / "nowhere")


async def test_progress_is_told_from_nothing_to_all(knowledge: Knowledge, folder: Path, write: Write) -> None:
    write("a.md", RETURN)
    write("b.md", "# 门店\n\n门店在南京路。")
    told: list[tuple[int, int, str]] = []
    await knowledge.import_folder("ten", folder, lambda *step: told.append(step))
    assert told == [(0, 2, "a.md"), (1, 2, "b.md"), (2, 2, "")]


async def test_one_tenants_knowledge_is_hidden_from_another(knowledge: Knowledge, folder: Path, write: Write) -> None:
    write("return.md", RETURN)
    await knowledge.import_folder("ten", folder)
    (passage,) = (await knowledge.retrieve("ten", "退货")).passages
    chunk, article = await knowledge.passage("ten", passage.chunk.id)
    assert article.text[chunk.start : chunk.end] == chunk.text
    other = await knowledge.retrieve("other", "退货")
    assert (other.passages, other.answerable, other.version) == ((), False, 0)
    with pytest.raises(NotFound):
        await knowledge.passage("other", passage.chunk.id)
    with pytest.raises(NotFound):
        await knowledge.get_article("other", article.id)


async def test_another_process_serves_what_is_published(each_db: Database, folder: Path, write: Write) -> None:
    here, there = Knowledge(each_db, SystemClock()), Knowledge(each_db, SystemClock())
    write("return.md", RETURN)
    await here.import_folder("ten", folder)
    assert (await there.retrieve("ten", "退货")).version == 0
    await there.load()
    assert (await there.retrieve("ten", "退货")).passages
    write("store.md", "# 门店\n\n门店在南京路。")
    await here.import_folder("ten", folder)
    assert await there.refresh("ten") == 2
    assert (await _titles(there, "门店"))[0] == "门店"


async def test_two_publications_from_one_version_cannot_both_succeed(each_db: Database) -> None:
    publisher = Publisher(each_db, SystemClock())
    assert await publisher.publish("ten", 0, "import", Changes()) == 1
    with pytest.raises(Conflict):
        await publisher.publish("ten", 0, "import", Changes())
    assert [stamp.version for stamp in await repository.list_served(each_db)] == [1]


async def test_questions_are_answered_while_an_import_runs(knowledge: Knowledge, folder: Path, write: Write) -> None:
    write("return.md", RETURN)
    await knowledge.import_folder("ten", folder)
    for number in range(50):
        write(f"more/{number}.md", f"# 商品 {number}\n\n" + "介绍文字。" * 50)
    running = asyncio.ensure_future(knowledge.import_folder("ten", folder))
    versions = set()
    while not running.done():
        found = await knowledge.retrieve("ten", "退货")
        assert found.passages[0].chunk.title == "如何退货"
        versions.add(found.version)
        await asyncio.sleep(0)
    assert (await running).version == 2
    assert versions <= {1, 2}
    assert 1 in versions
