"""A built index outlives its process, and is never trusted blindly."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NoReturn

import msgspec
import numpy as np
import pytest

from miaohui.knowledge import policy
from miaohui.knowledge.image import FORMAT
from miaohui.knowledge.index import Index, build_index
from miaohui.knowledge.scope import within
from miaohui.knowledge.shelf import Shelf
from miaohui.knowledge.types import Chunk, Retrieval, Scope, Stamp

STAMP = Stamp(tenant_id="ten_a", version=3, articles=2, chunks=3, created_at_ms=1_700_000_000_000)
TEXTS = ("七天内可以退货，运费我们出。", "退款三天到账。", "The kettle YS-K210 has a two-year warranty.")


def _chunks() -> Iterator[Chunk]:
    for number, text in enumerate(TEXTS):
        yield Chunk(
            id=f"chunk_{number}",
            article_id=f"art_{number // 2}",
            ordinal=number,
            title=("如何退货", "Warranty")[number // 2],
            heading="退货 › 运费",
            text=text,
            start=0,
            end=len(text),
            locale=("zh-CN", "en")[number // 2],
            questions=("怎么退",),
        )


@pytest.fixture
def index() -> Index:
    return build_index(3, list(_chunks()))


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "knowledge")


def _ask(index: Index, question: str) -> Retrieval:
    return policy.search(index, question, locale="zh-CN", limit=5, threshold=0.35)


def _only_file(folder: Path) -> Path:
    (file,) = (folder / "knowledge").iterdir()
    return file


def test_what_is_taken_off_the_shelf_answers_as_what_was_put_there(shelf: Shelf, index: Index) -> None:
    shelf.put(index, STAMP)
    taken = shelf.take(STAMP)
    assert taken is not None
    for question in ("怎么退货", "退款多久到账", "k210 warranty", "火箭燃料"):
        assert _ask(taken, question) == _ask(index, question)
    assert list(taken.chunks) == list(_chunks())
    assert taken.chunks[1:] == list(_chunks())[1:]


def test_the_publication_before_is_the_newest_older_one_of_the_same_tenant(shelf: Shelf, index: Index) -> None:
    assert shelf.before(STAMP) is None
    older = msgspec.structs.replace(STAMP, version=2)
    shelf.put(index, older)
    shelf.put(index, msgspec.structs.replace(STAMP, tenant_id="ten_b", version=2, chunks=9))
    assert shelf.before(STAMP) == older
    assert shelf.before(older) is None


def test_a_file_of_another_form_is_no_publication_before(shelf: Shelf, index: Index, tmp_path: Path) -> None:
    shelf.put(index, msgspec.structs.replace(STAMP, version=2))
    _only_file(tmp_path).write_bytes(b"MHindex\n" + bytes(100))
    assert shelf.before(STAMP) is None


def test_an_index_without_chunks_is_kept_too(shelf: Shelf) -> None:
    empty = msgspec.structs.replace(STAMP, chunks=0)
    shelf.put(build_index(3, []), empty)
    taken = shelf.take(empty)
    assert taken is not None
    assert _ask(taken, "怎么退货").passages == ()


@pytest.mark.parametrize("change", [{"version": 4}, {"chunks": 4}, {"created_at_ms": 5}, {"tenant_id": "ten_b"}])
def test_an_index_of_another_publication_is_not_taken(
    shelf: Shelf, index: Index, tmp_path: Path, change: dict[str, int | str]
) -> None:
    shelf.put(index, STAMP)
    other = msgspec.structs.replace(STAMP, **change)
    file = _only_file(tmp_path)
    file.rename(file.with_name(f"{other.tenant_id}-{other.version}.index"))
    assert shelf.take(other) is None


def test_a_damaged_file_is_not_taken_wherever_it_is_damaged(shelf: Shelf, index: Index, tmp_path: Path) -> None:
    shelf.put(index, STAMP)
    file = _only_file(tmp_path)
    whole = file.read_bytes()
    for place in range(0, len(whole), 97):
        broken = bytearray(whole)
        broken[place] ^= 0x10
        file.write_bytes(broken)
        assert shelf.take(STAMP) is None, place
    for size in (0, 7, 39, 41, 200, len(whole) - 1):
        file.write_bytes(whole[:size])
        assert shelf.take(STAMP) is None, size
    file.write_bytes(whole)
    assert shelf.take(STAMP) is not None


def test_a_file_whose_checksum_was_made_to_fit_is_read_within_its_bounds(
    shelf: Shelf, index: Index, tmp_path: Path
) -> None:
    shelf.put(index, STAMP)
    file = _only_file(tmp_path)
    magic, rest = file.read_bytes()[:8], file.read_bytes()[40:]
    for body in (rest[:-64], rest[:10], b"\xff" * 200, b""):
        file.write_bytes(magic + hashlib.sha256(body).digest() + body)
        assert shelf.take(STAMP) is None


def test_a_newer_version_takes_the_place_of_older_ones_and_of_no_other_tenants(
    shelf: Shelf, index: Index, tmp_path: Path
) -> None:
    for tenant_id, version in (("ten_a", 9), ("ten_a", 10), ("ten_a_b", 1), ("ten_a", 11)):
        shelf.put(index, msgspec.structs.replace(STAMP, tenant_id=tenant_id, version=version))
    files = {file.name for file in (tmp_path / "knowledge").iterdir()}
    assert files == {"ten_a-11.index", "ten_a_b-1.index"}


def test_for_whom_an_article_is_lies_on_the_shelf_and_no_chunk_is_looked_at_for_it(shelf: Shelf) -> None:
    """The first turns after a publication must not wait until ten thousand chunks are read."""
    tags = (("audience:agents",), ("退货", "售后"), ())
    chunks = [msgspec.structs.replace(chunk, tags=tags[chunk.ordinal]) for chunk in _chunks()]
    shelf.put(build_index(3, chunks), STAMP)
    taken = shelf.take(STAMP)
    assert taken is not None
    unread = msgspec.structs.replace(taken, chunks=_Unread())

    def shown(scope: Scope) -> list[bool]:
        return [bool(share) for share in within(unread, scope).preference[1]]

    assert shown(Scope(audience="agents")) == [True, True, True]
    assert shown(Scope()) == [False, True, True]
    assert shown(Scope(tags=("售后",))) == [False, True, False]
    assert shown(Scope(locales=("en",))) == [False, False, True]


class _Unread(Sequence[Chunk]):
    def __len__(self) -> int:
        return 3

    def __getitem__(self, place: object) -> NoReturn:
        raise AssertionError(place)


def test_what_nobody_needs_is_removed_at_start(shelf: Shelf, index: Index, tmp_path: Path) -> None:
    for tenant_id in ("ten_a", "ten_b"):
        shelf.put(index, msgspec.structs.replace(STAMP, tenant_id=tenant_id))
    (tmp_path / "knowledge" / "ten_a-3.index.999999999").write_bytes(b"left by a crash")
    (tmp_path / "knowledge" / "notes.txt").write_text("not ours")
    shelf.keep_only(["ten_b"])
    assert {file.name for file in (tmp_path / "knowledge").iterdir()} == {"ten_b-3.index", "notes.txt"}


def test_a_name_that_is_none_of_ours_leads_nowhere_else(shelf: Shelf, index: Index, tmp_path: Path) -> None:
    odd = msgspec.structs.replace(STAMP, tenant_id="../../etc")
    shelf.put(index, odd)
    assert shelf.take(odd) is not None
    assert _only_file(tmp_path).name.endswith("-3.index")


def test_the_format_number_stands_for_this_way_of_building(index: Index) -> None:
    """When this fails, an index on disk is no longer what would be built: raise FORMAT, then write the new digest."""
    digest = hashlib.sha256("\n".join(index.terms).encode())
    slots, impacts = index.postings.entries[:, 0], index.postings.entries[:, 1].view(np.float32)
    for exact in (index.postings.bounds, slots, index.article_of_anchor):
        digest.update(exact.astype("<i4").tobytes())
    for measured in (index.vectors, impacts, index.postings.idf):
        digest.update((measured * 1000).round().astype("<i4").tobytes())
    assert (FORMAT, digest.hexdigest()[:16]) == (8, "94751ba778df511c")
