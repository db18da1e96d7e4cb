"""A start waits for no index, and a question for its own tenant's only."""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import msgspec
import pytest

from miaohui.kit.clock import SystemClock
from miaohui.kit.database import Database
from miaohui.kit.errors import Unavailable
from miaohui.knowledge import loading, workshop
from miaohui.knowledge.index import Index, build_index
from miaohui.knowledge.service import Knowledge
from miaohui.knowledge.shelf import Shelf
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


def _write_goods(write: Write, count: int) -> Path:
    """The folder that they lie in."""
    for number in range(count):
        folder = write(
            f"{number}.md", f"# 商品 {number}\n\n第 {number} 号商品的介绍。\n\n## 尺寸\n\n" + "长宽高。" * 90
        ).parent
    return folder


@pytest.fixture
def orders(monkeypatch: pytest.MonkeyPatch) -> list[workshop.Order]:
    """Those that are given to a process; even a small index is built by one."""
    monkeypatch.setattr(loading, "SMALL", 1)
    given: list[workshop.Order] = []
    build = workshop.build

    async def note(order: workshop.Order, pages: AsyncIterator[list[Chunk]]) -> None:
        given.append(order)
        await build(order, pages)

    monkeypatch.setattr(workshop, "build", note)
    return given


async def test_what_changed_is_all_that_is_read_and_the_outcome_is_the_same(
    each_db: Database, shelf: Path, folder: Path, write: Write, orders: list[workshop.Order]
) -> None:
    _write_goods(write, 6)
    write("return.md", RETURN)
    knowledge = Knowledge(each_db, SystemClock(), folder=shelf)
    await knowledge.import_folder("ten", folder)
    write("return.md", RETURN.replace("七天", "十五天"))
    (folder / "0.md").unlink()
    write("new.md", "# 发票\n\n发票随货寄出。\n")
    await knowledge.import_folder("ten", folder)
    assert [(order.base.version if order.base else 0, len(order.gone)) for order in orders] == [(0, 0), (1, 2)]
    built = Knowledge(each_db, SystemClock())
    await built.load()
    for question in ("几天内可以退货", "发票", "第 0 号商品", "第 3 号商品多大", "退货 尺寸"):
        assert await knowledge.retrieve("ten", question) == await built.retrieve("ten", question)
    assert "十五天" in (await knowledge.retrieve("ten", "几天内可以退货")).passages[0].chunk.text


@pytest.mark.parametrize("harm", ["damaged", "of another history"])
async def test_an_index_before_that_is_not_what_it_says_is_not_revised(
    db: Database, shelf: Path, write: Write, orders: list[workshop.Order], harm: str
) -> None:
    folder = _write_goods(write, 3)
    await _import(db, shelf, folder)
    (file,) = _files(shelf)
    if harm == "damaged":
        whole = file.read_bytes()
        file.write_bytes(whole[:-1] + b"?")
    else:
        taken = Shelf(shelf).before(Stamp(tenant_id="ten", version=2, articles=0, chunks=0, created_at_ms=0))
        assert taken is not None
        foreign = msgspec.structs.replace(taken, created_at_ms=5)
        Shelf(shelf).put(build_index(1, []), foreign)
    write("return.md", RETURN)
    knowledge = Knowledge(db, SystemClock(), folder=shelf)
    await knowledge.import_folder("ten", folder)
    assert (await knowledge.retrieve("ten", "怎么退货")).passages[0].chunk.title == "如何退货"
    assert (await knowledge.retrieve("ten", "第 2 号商品")).passages
    assert [order.base is None for order in orders] == ([True, False, True] if harm == "damaged" else [True, True])


async def test_when_most_has_changed_all_of_it_is_read(
    db: Database, shelf: Path, folder: Path, write: Write, orders: list[workshop.Order]
) -> None:
    _write_goods(write, 3)
    await _import(db, shelf, folder)
    for number in range(2):
        write(f"{number}.md", "# 商品\n\n不再供应。\n")
    await _import(db, shelf, folder)
    assert [order.base is None for order in orders] == [True, True]


async def test_a_version_that_is_shown_no_more_is_let_go(db: Database, shelf: Path, folder: Path, write: Write) -> None:
    write("return.md", RETURN)
    knowledge = Knowledge(db, SystemClock(), folder=shelf)
    await knowledge.import_folder("ten", folder)
    await knowledge.retrieve("ten", "退货")
    gone = weakref.ref(knowledge._snapshots["ten"].vectors)
    assert gone() is not None
    write("new.md", "# 发票\n\n发票随货寄出。\n")
    await knowledge.import_folder("ten", folder)
    for _ in range(100):
        if gone() is None:
            break
        await asyncio.sleep(0.01)
    assert gone() is None


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
