"""An index as bytes, and back: flat arrays, a vocabulary in UTF-8, chunks in MessagePack. Nothing in it is code.

Eight bytes of magic, 32 of SHA-256 over all that follows, then a length, a header in MessagePack and the blocks that it
lists, each at a multiple of 64. Reading copies nothing but the vocabulary: an index that lies in a file is searched
there, by as many processes as like, and the system may drop and fetch its pages as it sees fit.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate, islice
from typing import overload

import msgspec
import numpy as np
import numpy.typing as npt

from miaohui.knowledge.certainty import Certainty
from miaohui.knowledge.counting import FIELDS
from miaohui.knowledge.embedding import DIMENSIONS
from miaohui.knowledge.index import Index, Postings, number_anchors, prefer
from miaohui.knowledge.kinds import Kind, Kinds
from miaohui.knowledge.learning import BUCKETS, Learned
from miaohui.knowledge.types import Chunk, Stamp

FORMAT = 8
"""To be raised when an index would be built differently from the same chunks."""
MAGIC = b"MHindex\n"
DIGEST_BYTES = 32
_ALIGNMENT = 64
_LENGTH = struct.Struct("<I")
_TERMS_AT_ONCE = 10_000
_MADE = 4096
"""Chunks that are kept once made."""

_encode = msgspec.msgpack.Encoder().encode
_chunk = msgspec.msgpack.Decoder(Chunk)


class ForeignImage(Exception):
    """These bytes are not an index that this version understands, or not the one sought."""


class _Block(msgspec.Struct, frozen=True, array_like=True):
    name: str
    dtype: str
    start: int
    """Bytes after the header's end."""
    size: int
    """Bytes."""


class _Header(msgspec.Struct, frozen=True, kw_only=True):
    format: int
    stamp: Stamp
    blocks: tuple[_Block, ...]
    highest: tuple[float, float, float]
    anchor_count: int
    certainty: Certainty
    kinds: tuple[Kind, ...]


_header = msgspec.msgpack.Decoder(_Header)


class ChunkTable(Sequence[Chunk]):
    """Chunks that are made when they are asked for; a search shows five of them, and some it shows again and again."""

    def __init__(self, packed: memoryview, starts: npt.NDArray[np.int64]) -> None:
        self._packed = packed
        self._starts = starts
        self._made: dict[int, Chunk] = {}

    def __len__(self) -> int:
        return len(self._starts) - 1

    @overload
    def __getitem__(self, place: int) -> Chunk: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Chunk]: ...
    def __getitem__(self, place: int | slice) -> Chunk | Sequence[Chunk]:
        if isinstance(place, slice):
            return [self[i] for i in range(*place.indices(len(self)))]
        if place < 0:
            raise IndexError(place)
        chunk = self._made.get(place)
        if chunk is None:
            if len(self._made) >= _MADE:
                self._made.pop(next(iter(self._made)), None)
            packed = self._packed[int(self._starts[place]) : int(self._starts[place + 1])]
            chunk = self._made[place] = _chunk.decode(packed)
        return chunk


def pack(index: Index, stamp: Stamp) -> Iterator[bytes | memoryview]:
    """The image, in parts to be written one after another."""
    packed = [_encode(chunk) for chunk in index.chunks]
    arrays: dict[str, npt.NDArray[np.generic]] = {
        "chunk_starts": np.fromiter(accumulate(map(len, packed), initial=0), np.int64, len(packed) + 1),
        "anchor_starts": index.anchor_starts,
        "article_of": index.article_of.astype(np.int64),
        "chinese": index.chinese.astype(np.uint8),
        "kind_of": index.kinds.of_chunk,
        "vectors": index.vectors,
        "bounds": index.postings.bounds,
        "entries": index.postings.entries,
        "idf": index.postings.idf,
        "doubles": index.postings.doubles,
    }
    if index.learned is not None:
        arrays["learned_weights"] = index.learned.weights
        arrays["learned_rarity"] = index.learned.rarity
        arrays["learned_articles"] = index.learned.articles.astype(np.int64)
    if index.validity is not None:
        arrays["validity"] = index.validity
    contents: list[tuple[str, str, bytes | memoryview]] = [
        ("terms", "", "\n".join(index.terms).encode()),
        ("chunks", "", b"".join(packed)),
        *((name, array.dtype.newbyteorder("<").str, _bytes_of(array)) for name, array in arrays.items()),
    ]
    header = _Header(
        format=FORMAT,
        stamp=stamp,
        blocks=tuple(_lay_out(contents)),
        highest=index.postings.highest,
        anchor_count=index.anchor_count,
        certainty=index.certainty,
        kinds=index.kinds.distinct,
    )
    parts = [*_pad(_begin(_encode(header)))]
    for _, _, content in contents:
        parts += _pad([content])
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    yield MAGIC + digest.digest()
    yield from parts


def unpack(image: memoryview, stamp: Stamp) -> Index:
    """The index of this publication. Raises `ForeignImage` for any other; its digest is the caller's to check."""
    try:
        header, data = _read_header(image)
        if header.format != FORMAT or header.stamp != stamp:
            raise ForeignImage("another publication, or another version of this software")
        return _unpack(header, {block.name: (block, _slice(data, block)) for block in header.blocks})
    except (KeyError, ValueError, TypeError, struct.error) as error:
        raise ForeignImage(str(error)) from error


def read_stamp(image: memoryview) -> Stamp:
    """Of which publication an image is. Raises `ForeignImage` for what another version of this software made."""
    try:
        header, _ = _read_header(image)
    except (ValueError, TypeError, struct.error) as error:
        raise ForeignImage(str(error)) from error
    if header.format != FORMAT:
        raise ForeignImage("another version of this software")
    return header.stamp


def _unpack(header: _Header, blocks: dict[str, tuple[_Block, memoryview]]) -> Index:
    def array(name: str) -> npt.NDArray[np.generic]:
        block, content = blocks[name]
        return np.frombuffer(content, np.dtype(block.dtype))

    chinese = array("chinese").astype(np.bool_)
    anchor_starts = array("anchor_starts").astype(np.int32)
    article_of = array("article_of").astype(np.intp)
    entries = array("entries").astype(np.int32, copy=False)
    return Index(
        version=header.stamp.version,
        chunks=ChunkTable(blocks["chunks"][1], array("chunk_starts").astype(np.int64)),
        terms=_number_terms(blocks["terms"][1]),
        postings=Postings(
            bounds=array("bounds").astype(np.int32, copy=False).reshape(-1, FIELDS + 1),
            entries=entries.reshape(-1, 2),
            pairs=entries.view(np.int64),
            idf=array("idf").astype(np.float32, copy=False).reshape(-1, FIELDS),
            highest=header.highest,
            doubles=array("doubles").astype(np.uint16, copy=False),
        ),
        anchor_starts=anchor_starts,
        anchor_count=header.anchor_count,
        article_of=article_of,
        chunk_counts=np.bincount(article_of, minlength=len(anchor_starts)),
        article_of_anchor=number_anchors(anchor_starts, header.anchor_count),
        vectors=array("vectors").astype(np.float32, copy=False).reshape(len(chinese), DIMENSIONS),
        chinese=chinese,
        kinds=_unpack_kinds(header, array("kind_of").astype(np.int32, copy=False), len(chinese)),
        preference=prefer(chinese),
        learned=_unpack_learned(array) if "learned_weights" in blocks else None,
        certainty=header.certainty,
        validity=array("validity").astype(np.int64).reshape(-1, 2) if "validity" in blocks else None,
    )


def _unpack_kinds(header: _Header, of_chunk: npt.NDArray[np.int32], chunks: int) -> Kinds:
    if len(of_chunk) != chunks or not ((of_chunk >= 0) & (of_chunk < len(header.kinds))).all():
        raise ForeignImage("chunks of no kind")
    return Kinds(header.kinds, of_chunk)


def _unpack_learned(array: Callable[[str], npt.NDArray[np.generic]]) -> Learned:
    return Learned(
        weights=array("learned_weights").astype(np.float32, copy=False).reshape(BUCKETS, -1),
        rarity=array("learned_rarity").astype(np.float32, copy=False),
        articles=array("learned_articles").astype(np.intp),
    )


def _number_terms(content: memoryview) -> dict[str, int]:
    """A little at a time: one call of the interpreter may not be interrupted by the event loop's thread."""
    terms: dict[str, int] = {}
    names = iter(bytes(content).decode().split("\n") if len(content) else ())
    while some := list(islice(names, _TERMS_AT_ONCE)):
        terms.update(zip(some, range(len(terms), len(terms) + len(some)), strict=True))
    return terms


def _read_header(image: memoryview) -> tuple[_Header, memoryview]:
    if bytes(image[: len(MAGIC)]) != MAGIC:
        raise ForeignImage("not an index")
    at = len(MAGIC) + DIGEST_BYTES
    (length,) = _LENGTH.unpack_from(image, at)
    end = at + _LENGTH.size + length
    if end > len(image):
        raise ForeignImage("cut off")
    return _header.decode(image[at + _LENGTH.size : end]), image[at + _aligned(_LENGTH.size + length) :]


def _slice(data: memoryview, block: _Block) -> memoryview:
    if not 0 <= block.start <= block.start + block.size <= len(data):
        raise ForeignImage("cut off")
    return data[block.start : block.start + block.size]


def _lay_out(contents: Sequence[tuple[str, str, bytes | memoryview]]) -> Iterator[_Block]:
    at = 0
    for name, dtype, content in contents:
        yield _Block(name, dtype, at, len(content))
        at += _aligned(len(content))


def _begin(header: bytes) -> list[bytes | memoryview]:
    return [_LENGTH.pack(len(header)) + header]


def _pad(parts: list[bytes | memoryview]) -> list[bytes | memoryview]:
    size = sum(map(len, parts))
    return [*parts, bytes(_aligned(size) - size)]


def _aligned(size: int) -> int:
    return -(-size // _ALIGNMENT) * _ALIGNMENT


def _bytes_of(array: npt.NDArray[np.generic]) -> memoryview:
    little = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
    return little.data.cast("B") if little.size else memoryview(b"")
