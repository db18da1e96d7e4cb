"""A start waits for no index, and a question for its own tenant's only."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from miaohui.kit.clock import SystemClock
from miaohui.kit.database import Database
from miaohui.kit.errors import Unavailable
from miaohui.knowledge import loading
from miaohui.knowledge.index import Index, build_index
from miaohui.knowledge.service import Knowledge
from miaohui.knowledge.types import Chunk, Stamp

Write = Callable[[str, str], Path]
RETURN = "# 如何退货\n\n七天内可以退货，运费我们出。\n"


class Builder:
    """Builds when it is let."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.built = 0
        monkeypatch.setattr(loading, "build_index", self)

    def __call__(self, version: int, chunks: list[Chunk]) -> Index:
        self.built += 1
        return build_index(version, chunks)


@pytest.fixture
def builder(monkeypatch: pytest.MonkeyPatch) -> Builder:
    return Builder(monkeypatch)


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    return tmp_path / "data" / "knowledge"


def _files(shelf: Path) -> list[Path]:
    return sorted(shelf.glob("*.index*"))


async def _import(db: Database, shelf: Path, folder: Path, tenant_id: str = "ten") -> None:
    await Knowledge(db, SystemClock(), folder=shelf).import_folder(tenant_id, folder)


async def test_the_next_start_reads_what_was_built(
    db: Database, shelf: Path, folder: Path, write: Write, builder: Builder
) -> None:
    write("return.md", RETURN)
    await _import(db, shelf, folder)
    assert builder.built == 1
    again = Knowledge(db, SystemClock(), folder=shelf)
    await again.load()
    assert (await again.retrieve("ten", "退货")).passages[0].chunk.title == "如何退货"
    assert builder.built == 1


async def test_a_damaged_index_is_built_again_and_replaced(
    db: Database, shelf: Path, folder: Path, write: Write, builder: Builder
) -> None:
    write("return.md", RETURN)
    await _import(db, shelf, folder)
    (file,) = _files(shelf)
    whole = file.read_bytes()
    file.unlink()
    file.write_bytes(whole[:-1] + b"?")
    again = Knowledge(db, SystemClock(), folder=shelf)
    await again.load()
    assert (await again.retrieve("ten", "退货")).passages
    assert (builder.built, file.read_bytes() == whole) == (2, True)


async def test_a_folder_that_cannot_be_written_costs_only_the_next_start(
    db: Database, tmp_path: Path, folder: Path, write: Write
) -> None:
    write("return.md", RETURN)
    (tmp_path / "file").write_text("in the way")
    knowledge = Knowledge(db, SystemClock(), folder=tmp_path / "file" / "knowledge")
    await knowledge.import_folder("ten", folder)
    assert (await knowledge.retrieve("ten", "退货")).passages


async def test_a_question_waits_for_its_own_tenant_and_is_never_told_that_nothing_is_known(
    db: Database, shelf: Path, folder: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("return.md", RETURN)
    await _import(db, shelf, folder, "ten_slow")
    await _import(db, shelf, folder, "ten_quick")
    let = asyncio.Event()
    load = loading.Loader.load

    async def slowly(self: loading.Loader, stamp: Stamp) -> Index | None:
        if stamp.tenant_id == "ten_slow":
            await let.wait()
        return await load(self, stamp)

    monkeypatch.setattr(loading.Loader, "load", slowly)
    knowledge = Knowledge(db, SystemClock(), folder=shelf)
    await knowledge.load()
    async with asyncio.TaskGroup() as group:
        waiting = [group.create_task(knowledge.retrieve("ten_slow", "退货")) for _ in range(3)]
        assert (await knowledge.retrieve("ten_quick", "退货")).passages
        assert (await knowledge.retrieve("ten_none", "退货")).version == 0
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(knowledge.retrieve("ten_slow", "退货"), 0.01)
        assert not any(task.done() for task in waiting)
        let.set()
    assert all(task.result().passages for task in waiting)


async def test_a_large_index_is_built_by_another_process(
    each_db: Database, shelf: Path, write: Write, builder: Builder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "SMALL", 1)
    monkeypatch.setattr("miaohui.knowledge.repository.REVISIONS_AT_ONCE", 2)
    for number in range(5):
        write(f"{number}.md", f"# 商品 {number}\n\n第 {number} 号商品的介绍。\n\n## 尺寸\n\n" + "长宽高。" * 90)
    await _import(each_db, shelf, write("return.md", RETURN).parent)
    assert builder.built == 0
    again = Knowledge(each_db, SystemClock(), folder=shelf)
    await again.load()
    assert (await again.retrieve("ten", "怎么退货")).passages[0].chunk.title == "如何退货"
    assert [file.name for file in _files(shelf)] == ["ten-1.index"]


async def test_when_that_process_dies_the_index_is_built_here(
    db: Database, shelf: Path, write: Write, builder: Builder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "SMALL", 0)
    monkeypatch.setattr("miaohui.knowledge.apart._BEGIN", "import os; os.kill(os.getpid(), 9)")
    knowledge = Knowledge(db, SystemClock(), folder=shelf)
    await knowledge.import_folder("ten", write("return.md", RETURN).parent)
    assert (await knowledge.retrieve("ten", "退货")).passages
    assert builder.built == 1


async def test_a_question_is_told_when_the_knowledge_cannot_be_had_and_the_next_one_tries_again(
    db: Database, shelf: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _import(db, shelf, write("return.md", RETURN).parent)
    load = loading.Loader.load

    async def fail(self: loading.Loader, stamp: Stamp) -> Index | None:
        raise Unavailable("The disk is away.")

    monkeypatch.setattr(loading.Loader, "load", fail)
    knowledge = Knowledge(db, SystemClock(), folder=shelf)
    await knowledge.load()
    with pytest.raises(Unavailable):
        await knowledge.retrieve("ten", "退货")
    monkeypatch.setattr(loading.Loader, "load", load)
    assert (await knowledge.retrieve("ten", "退货")).passages
    await knowledge.close()
