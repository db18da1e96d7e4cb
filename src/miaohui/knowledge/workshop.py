"""Building a large index in a process of its own, from which only the finished file comes.

Ten thousand chunks take a few seconds and hundreds of megabytes of small objects, which a server that built them itself
would keep for good. Run as a program: an `Order` and pages of chunks on standard input, each in MessagePack after its
length; an empty page ends them. The index is put on the shelf. With a base in the order, the pages are what is new
since that publication: its index is taken off the shelf and revised.
"""

from __future__ import annotations

import asyncio
import contextlib
import struct
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import IO

import msgspec

from miaohui.kit.locks import lock_file
from miaohui.knowledge import apart
from miaohui.knowledge.index import Index, build_index
from miaohui.knowledge.rehearsal import calibrate
from miaohui.knowledge.revising import revise
from miaohui.knowledge.shelf import Shelf
from miaohui.knowledge.types import Chunk, Stamp

BUILD_SECONDS = 600
_LENGTH = struct.Struct("<I")
_encode = msgspec.msgpack.Encoder().encode
_chunks = msgspec.msgpack.Decoder(list[Chunk])


class Order(msgspec.Struct, frozen=True):
    """What to build, and where to put it."""

    folder: str
    stamp: Stamp
    base: Stamp | None = None
    """Publication from whose index this one is made; None to build it from all its chunks."""
    gone: Sequence[str] = ()
    """Articles of the base that are served no more, or not as they were."""


async def build(order: Order, pages: AsyncIterator[list[Chunk]]) -> None:
    """Have it built and put on the shelf. Raises `Failed`, also when something went wrong on the way there."""
    process = await asyncio.create_subprocess_exec(
        *apart.command("miaohui.knowledge.workshop", background=True),
        stdin=asyncio.subprocess.PIPE,
        env=apart.ENVIRONMENT,
    )
    try:
        async with asyncio.timeout(BUILD_SECONDS):
            if process.stdin is not None:
                await _hand_over(process.stdin, order, pages)
            code = await process.wait()
    except TimeoutError as error:
        raise apart.Failed(f"took more than {BUILD_SECONDS} seconds") from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if code:
        raise apart.Failed(apart.describe_end(code))


async def _hand_over(given: asyncio.StreamWriter, order: Order, pages: AsyncIterator[list[Chunk]]) -> None:
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # it found the work done, or died: its code says
        given.write(_frame(_encode(order)))
        async for page in pages:
            given.write(_frame(_encode(page)))
            await given.drain()
        given.write(_frame(_encode([])))
        await given.drain()
    given.close()


def main() -> None:
    """Take the order, build, end. One at a time in a folder: who comes second finds it done."""
    given = sys.stdin.buffer
    order = msgspec.msgpack.decode(_read_frame(given), type=Order)
    folder = Path(order.folder)
    folder.mkdir(parents=True, exist_ok=True)
    shelf = Shelf(folder)
    with (folder / "lock").open("wb") as file:
        lock_file(file, wait=True)
        if shelf.take(order.stamp) is None:
            shelf.put(_make(shelf, order, _read_chunks(given)), order.stamp)


def _make(shelf: Shelf, order: Order, chunks: list[Chunk]) -> Index:
    """Raises `EOFError` when there is no base to make it from, or it comes out as something else than was ordered."""
    version = order.stamp.version
    if order.base is None:
        return calibrate(build_index(version, chunks), chunks)
    base = shelf.take(order.base)
    if base is None:
        raise EOFError
    index = revise(base, version, frozenset(order.gone), chunks)
    if len(index.chunks) != order.stamp.chunks:
        raise EOFError
    return calibrate(index, index.chunks)


def _read_chunks(given: IO[bytes]) -> list[Chunk]:
    chunks: list[Chunk] = []
    while page := _chunks.decode(_read_frame(given)):
        chunks += page
    return chunks


def _frame(content: bytes) -> bytes:
    return _LENGTH.pack(len(content)) + content


def _read_frame(given: IO[bytes]) -> bytes:
    """Raises `EOFError` when who ordered it is gone."""
    head = given.read(_LENGTH.size)
    content = given.read(_LENGTH.unpack(head)[0]) if len(head) == _LENGTH.size else b""
    if not content:
        raise EOFError
    return content
