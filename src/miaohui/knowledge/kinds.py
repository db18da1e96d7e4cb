"""The few kinds of articles there are, by tags and language, so that nobody looks at every chunk to see for whom it is.

Pure.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
import numpy as np
import numpy.typing as npt

from miaohui.knowledge.types import Chunk


class Kind(msgspec.Struct, frozen=True, array_like=True):
    """What decides for whom an article is."""

    tags: tuple[str, ...]
    language: str
    """Such as `zh`."""


class Kinds(msgspec.Struct, frozen=True, gc=False):
    """Those of one version."""

    distinct: tuple[Kind, ...]
    of_chunk: npt.NDArray[np.int32]
    """Which of them each chunk is of."""


def sort_kinds(chunks: Iterable[Chunk]) -> Kinds:
    """The kinds of these chunks."""
    numbers: dict[Kind, int] = {}
    of_chunk = [numbers.setdefault(_kind(chunk), len(numbers)) for chunk in chunks]
    return Kinds(tuple(numbers), np.array(of_chunk, np.int32))


def _kind(chunk: Chunk) -> Kind:
    return Kind(chunk.tags, chunk.locale.partition("-")[0])
