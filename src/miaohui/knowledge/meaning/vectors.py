"""Vectors of texts by the texts' digests, in memory and in a file beside the indexes: each text is paid for once."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

from miaohui.knowledge.types import Chunk

Floats = npt.NDArray[np.float32]
_SUFFIX = ".meaning"


class _Kept(msgspec.Struct, array_like=True):
    model: str
    digests: list[bytes]
    size: int
    """Numbers of each vector."""
    vectors: bytes
    """Halves, little-endian: a likeness needs no more."""


_decode = msgspec.msgpack.Decoder(_Kept).decode


def name_of(tenant_id: str) -> str:
    """A tenant's file; whatever its id, a name."""
    return hashlib.sha256(tenant_id.encode()).hexdigest()[:32] + _SUFFIX


def digest_of(text: str) -> bytes:
    """What stands for a text."""
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=16).digest()


def text_of(chunk: Chunk) -> str:
    """What of a chunk is given to the model."""
    return "\n".join(dict.fromkeys(part for part in (chunk.title, chunk.heading, chunk.text) if part))


def read_vector(vector: bytes) -> Floats:
    """As a unit vector; zeros stay zeros."""
    floats = np.frombuffer(vector, "<f4").astype(np.float32)
    norm = float(np.sqrt(floats @ floats))
    return floats / np.float32(norm) if norm else floats


def load(file: Path, model: str) -> dict[bytes, Floats]:
    """What was kept of this model; nothing of another, or of a file that is damaged or not there."""
    try:
        kept = _decode(file.read_bytes())
        rows = np.frombuffer(kept.vectors, "<f2").astype(np.float32).reshape(len(kept.digests), kept.size)
    except (OSError, msgspec.DecodeError, ValueError):
        return {}
    return dict(zip(kept.digests, rows, strict=True)) if kept.model == model else {}


def save(file: Path, model: str, vectors: Mapping[bytes, Floats]) -> None:
    """Keep these and no others. Raises `OSError`."""
    file.parent.mkdir(parents=True, exist_ok=True)
    size = len(next(iter(vectors.values()))) if vectors else 0
    packed = b"".join(vector.astype("<f2").tobytes() for vector in vectors.values())
    draft = file.with_name(f"{file.name}.{os.getpid()}")
    try:
        with draft.open("wb") as written:
            draft.chmod(0o600)
            written.write(msgspec.msgpack.encode(_Kept(model, list(vectors), size, packed)))
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)


def stack(digests: Sequence[bytes], vectors: Mapping[bytes, Floats]) -> Floats:
    """A row for each digest."""
    return np.stack([vectors[digest] for digest in digests])
